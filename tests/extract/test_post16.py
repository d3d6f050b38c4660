"""Education after 16: structure, agreement of the records with each other, planted effects and faults."""

import json

import numpy as np
import pyarrow as pa
import pytest

from leocourse.core.paths import course_root
from leocourse.extract import block
from leocourse.extract.base.columns import Coded, Nullable
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import pathways, subjects
from leocourse.extract.lives.applications import CONTEXTUAL, area_score, entitled
from leocourse.extract.lives.pathways import (
    ACCESS_CENTRE,
    APPRENTICESHIP_ACCESS,
    APPRENTICESHIP_PAY,
    KNOWN_MINORITY,
    NEVER,
)
from leocourse.extract.lives.population import population
from leocourse.extract.lives.results import result
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import further_education
from leocourse.schema import load_schema

SEED, PEOPLE, MANY = 7, 3_000, 60_000
MINE = [
    "plams", "nccis", "ypmad_chronological", "ypmad_snapshot", "ucas", "hesa", "learners", "aims",
]  # fmt: skip
BESIDE_THE_LIST = {  # the form cuts these lists off: see the modules
    "nccis_current_activity_code": {"810"},
    "ssatier2": {"10.4", "11.1", "11.2", "12.1", "12.2", "13.2", "14.1", "15.3"},
    "sectorsubjectareat2": {"10.1", "10.4", "11.1", "11.2", "12.1", "12.2", "13.2", "14.1", "15.3"},
}


def frame(name, rows):
    table = to_table(stored(load_schema()[name], rows))  # two codes may have one text, which pandas refuses
    texts = [pa.string() if pa.types.is_dictionary(item.type) else item.type for item in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, texts, strict=True)))).to_pandas()


@pytest.fixture(scope="session")
def faulty():
    switches = Faults(SEED)
    return block.block(SEED, np.arange(PEOPLE), switches)[0], switches


@pytest.fixture(scope="session")
def clean():
    return block.block(SEED, np.arange(PEOPLE), Faults(SEED, tuple(FAULTS)))


@pytest.fixture(scope="session")
def frames(clean):
    names = [*MINE, "school_census", "ks4_pupil", "ks5_student", "ks5_exam"]
    return {name: frame(name, clean[0][name]) for name in names}


@pytest.fixture(scope="session")
def many():
    people = population(SEED, np.arange(MANY))
    return people, pathways.pathways(people)


def values(column):
    if isinstance(column, Coded):
        return [column.labels[code] if code >= 0 else None for code in column.codes]
    if isinstance(column, Nullable):
        return [None if m else v for v, m in zip(column.values.tolist(), column.missing, strict=True)]
    return column.tolist()


@pytest.mark.parametrize("name", [*MINE, "lars"])
def test_values_lie_in_the_lists_and_widths_of_the_schema(name, clean):
    rows = further_education.lars() if name == "lars" else clean[0][name]
    table = to_table(stored(load_schema()[name], rows))
    listed = json.loads((course_root() / f"data/schema/tables/{name}.json").read_text("utf-8"))["fields"]
    for item in listed:
        if item["name"] not in table.column_names:
            continue
        seen = {str(value) for value in set(table[item["name"]].to_pylist()) if value is not None}
        if item.get("categories"):
            known = {str(each["value"]) for each in item["categories"]}
            known |= BESIDE_THE_LIST.get(item["name"], set())
            assert {_short(value) for value in seen} <= {_short(value) for value in known}, item["name"]
        kind = item["leo:sql_type"]
        if kind.startswith(("varchar", "nvarchar")) and "MAX" not in kind:
            assert max(map(len, seen), default=0) <= int(kind.split("(")[1].rstrip(")")), item["name"]


def _short(value):
    return value.rstrip("0").rstrip(".") if "." in value else value


def test_rows_are_unique_by_their_keys(frames):
    keys = {
        "plams": ["pl_pupilmatchingrefanonymous", "pl_acadyr", "pl_title_ref"],
        "nccis": ["nccis_pupilmatchingrefanonymous", "nccis_acadyr", "nccis_monthno"],
        "ypmad_chronological": ["ypmad_pupilmatchingrefanonymous", "ypmad_ac_year"],
        "ypmad_snapshot": ["ypmad_pupilmatchingrefanonymous"],
        "ucas": ["unique_application_id_cycle"],
        "hesa": ["he_pupilmatchingrefanonymous", "collection_year", "he_xlev501"],
        "learners": ["recordid"],
        "aims": ["external_id", "sequence_index"],
    }
    for name, key in keys.items():
        assert not frames[name].duplicated(key).any(), name


def test_a_person_number_does_not_depend_on_how_many_people_there_are(clean):
    few = block.block(SEED, np.arange(500), Faults(SEED))[0]
    more = block.block(SEED, np.arange(1_000), Faults(SEED))[0]
    for name in MINE:
        first = frame(name, few[name])
        kept = np.flatnonzero(more[name]["person"] < 500)
        second = frame(name, {k: column[kept] for k, column in more[name].items()})
        assert first.equals(second), name


# UCAS and HESA


def test_applications_offers_and_replies(frames):
    ucas = frames["ucas"]
    by = ucas.groupby("unique_id_cycle")
    assert (by["applicant_flag"].sum() == 1).all()
    assert (by["main_scheme_application_flag"].sum() <= 5).all()
    assert (by["accept_flag"].sum() <= 1).all()
    assert (by["unique_application_id_cycle"].count() <= 6).all()
    assert ucas["applicant_age"].eq(18).all()
    offered = ucas["provider_decision_june30"].isin(["Conditional offer", "Unconditional offer"])
    assert (ucas["app_response_june30"].notna() == offered).all()
    for reply in ("Firm", "Insurance"):
        assert (ucas[ucas["app_response_june30"] == reply].groupby("unique_id_cycle").size() == 1).all()
    assert ((ucas["accept_flag"] == 1) == ucas["acceptance_route"].notna()).all()
    accepted = ucas[ucas["accept_flag"] == 1]
    firm = accepted["acceptance_route"] == "Firm choice"
    assert (accepted.loc[firm, "app_response_june30"] == "Firm").all()
    assert (
        accepted.loc[~firm & (accepted["application_route"] == "Main scheme"), "app_response_june30"] == "Insurance"
    ).all()
    assert 0.6 < offered[ucas["main_scheme_application_flag"] == 1].mean() < 0.85


def test_entry_to_university_follows_from_an_accepted_place(frames):
    ucas, hesa = frames["ucas"], frames["hesa"]
    entries = hesa[(hesa["he_yearprg"] == 1) & (hesa["he_xmode01"] == "1") & hesa["he_xlev501"].isin(["3", "4"])]
    applicants = ucas[ucas["collection_year"] <= 2018].groupby("pupilmatchingrefanonymous").agg(
        cycle=("collection_year", "first"), accepted=("accept_flag", "max")
    )  # fmt: skip
    first = entries.groupby("he_pupilmatchingrefanonymous")["collection_year"].min()
    applicants["entered"] = first.reindex(applicants.index)
    rejected = applicants[applicants["accepted"] == 0]
    assert not (rejected["entered"] == rejected["cycle"] + 1).any()
    accepted = applicants[applicants["accepted"] == 1]
    assert 0.93 < (accepted["entered"] - accepted["cycle"]).isin([1, 2]).mean() <= 1
    place = ucas[ucas["accept_flag"] == 1].set_index("pupilmatchingrefanonymous")[["entry_year", "course_identifier"]]
    joined = entries.set_index("he_pupilmatchingrefanonymous").join(place, how="inner")
    in_time = joined["entry_year"].str[:4].astype(int) + 1 == joined["collection_year"]
    joined = joined[in_time & joined["he_xinstid01__anon"].notna()]
    assert len(joined) > 200
    same = joined["course_identifier"].str.split("-").str[0] == joined["he_xinstid01__anon"]
    assert same.mean() > 0.98  # a few turn the place down and enter elsewhere a year later


def test_subject_codes_follow_the_coding_of_the_year(frames):
    hesa = frames["hesa"]
    year = hesa["collection_year"]
    for column, years in (
        ("he_sbjqa1", (2005, 2007)),
        ("he_xjacs01_1", (2005, 2019)),
        ("he_xcah01_1", (2020, 2020)),
    ):
        assert (hesa[column].notna() == year.between(*years)).all(), column
    computing = hesa["he_xjacs01_1"]
    assert set(year[computing == "G400"]) <= set(range(2005, 2013))
    assert set(year[computing == "I100"]) <= set(range(2013, 2020))


def test_shares_of_subjects_add_up_to_one_person(frames):
    hesa = frames["hesa"]
    total = sum(hesa[f"he_xfpe01_{number}"].astype(float).fillna(0) for number in range(1, 5))
    assert np.allclose(total, 1)
    assert 0.05 < hesa["he_xfpe01_2"].notna().mean() < 0.15


def test_a_degree_is_classified_once_and_only_if_obtained(frames):
    hesa = frames["hesa"]
    obtained = hesa["he_xpqual01"] == 1
    assert (hesa["he_xqobtn01"].notna() == obtained).all()
    assert (hesa["he_xclass01"].notna() == (obtained & (hesa["he_xlev501"] == "3"))).all()
    first = hesa[obtained & (hesa["he_xlev501"] == "3")]
    assert not first.duplicated("he_pupilmatchingrefanonymous").any()


def test_contextual_offers_only_ever_help_those_they_are_for(many):
    people, paths = many
    applied = paths.applications
    accepted = applied.provider >= 0
    assert (accepted >= applied.without_contextual).all()
    gained = accepted & ~applied.without_contextual
    assert gained.any() and applied.contextual[gained].any(axis=1).all()
    area = area_score(people)[applied.i] >= CONTEXTUAL["line"] - CONTEXTUAL["discretion below it"]
    eligible = (entitled(people)[applied.i] | area) & ~people.independent[applied.i]
    assert not applied.contextual[~eligible].any()
    eligible = entitled(people)[applied.i]
    # The comparison in the records is wrong: those with lower offers have lower results.
    recent = applied.cycle >= 2018
    assert accepted[recent & ~eligible].mean() < accepted[recent & eligible].mean() + 0.1
    assert 0.03 < gained[recent & eligible].mean() < 0.12


# the ILR


def test_aims_join_to_learners_and_to_the_reference_table(frames):
    aims, learners = frames["aims"], frames["learners"]
    joined = aims.merge(learners, on="external_id", suffixes=("", "_learner"), how="left")
    assert joined["recordid_learner"].notna().all()
    assert (joined["recordid"] == joined["recordid_learner"]).all()
    assert (joined["ukprn_anon"] == joined["ukprn_anon_learner"]).all()
    lars = frame("lars", further_education.lars())
    assert not lars.duplicated(["learnaimref", "year"]).any()
    known = set(zip(lars["learnaimref"], lars["year"], strict=True))
    assert set(zip(aims["learning_aim_id"], aims["year"], strict=True)) <= known


def test_dates_and_states_of_aims(frames):
    aims = frames["aims"]
    over = aims["end_date"].notna()
    assert (aims["end_date"] >= aims["start_date"])[over].all()
    assert (aims["end_date_expected"] >= aims["start_date"]).all()
    assert ((aims["compstatus"] == 1) == ~over).all()
    assert (aims["outcome"].notna() == (over & (aims["compstatus"] != 6))).all()
    assert (aims.loc[aims["achievement"] == 1, "compstatus"] == 2).all()
    assert (aims.loc[aims["compstatus"].isin([3, 4]), "outcome"] == 3).all()
    year = aims["end_date"][over].map(lambda each: each.year + (each.month >= 8))
    assert (year == aims["year"][over] + 1).all()


def test_an_apprenticeship_has_a_programme_aim_and_a_component(frames):
    aims = frames["aims"]
    levels = aims["leveloflearning"].astype(float).isin([7.5, 9.5, 10.1, 10.2, 10.3])
    apprentice = aims[levels & (aims["leveloflearning_desc"] != "Level 5")]  # a foundation degree has the same code
    kinds = apprentice.groupby(["recordid", "aimtype"]).size().unstack()
    assert (kinds[1] >= 1).all() and (kinds[3] >= kinds[1]).all()
    assert (kinds[1] <= 2).all() and (kinds[1] == 2).mean() < 0.02  # a break that ends in the same year
    assert (apprentice.loc[apprentice["notional_level_v2"] > 3, "year"] >= 2012).all()
    standards = apprentice["programme_type"] == 25
    assert (apprentice.loc[standards, "year"] >= 2015).all()


def test_ethnic_groups_are_coded_by_the_set_of_the_year(frames):
    learners = frames["learners"]
    year, code = learners["year"].astype(int), learners["ethnicity"]
    inside = code.where(~code.isin([98, 99]))
    assert inside[year >= 2011].dropna().between(31, 47).all()
    assert inside[(year >= 2003) & (year < 2011)].dropna().between(11, 25).all()
    assert inside[year < 2003].dropna().between(1, 9).all()


# agreement between the tables


def test_the_same_a_levels_in_the_autumn_census_and_at_key_stage_5(frames):
    last = frames["plams"]
    last = last[(last["pl_ncyear"] == 13) & (last["pl_qual_type_ref"] == "GCE A level")]
    begun = set(zip(last["pl_pupilmatchingrefanonymous"], last["pl_disc_code"], strict=True))
    exam = frames["ks5_exam"]
    exam = set(zip(exam["ks5_pupilmatchingrefanonymous"], exam["ks5_mapping"], strict=True))
    with_code = {pair for pair in begun if isinstance(pair[1], str)}
    assert with_code and with_code <= exam


def test_the_caseload_agrees_with_school_and_apprenticeships(frames, clean):
    nccis, census = frames["nccis"], frames["school_census"]
    year = nccis["nccis_acadyr"].str[5:].astype(int)
    pupil = set(zip(census["pupilmatchingrefanonymous"], census["collection_year"], strict=True))
    school = nccis["nccis_current_activity_code"] == 210
    pairs = set(zip(nccis["nccis_pupilmatchingrefanonymous"][school], year[school], strict=True))
    assert pairs and pairs <= pupil
    key = dict(zip(clean[1]["lives"]["ae_id"], values(clean[1]["lives"]["pupilmatchingrefanonymous"]), strict=True))
    person = dict(
        zip(
            clean[0]["education_records_lookup"]["recordid"],
            clean[0]["education_records_lookup"]["ae_id"],
            strict=True,
        )
    )
    aims = frames["aims"][frames["aims"]["app"] == 1]
    app = {(key[person[r]].decode(), y + 1) for r, y in zip(aims["recordid"], aims["year"], strict=True)}
    on = nccis["nccis_current_activity_code"] == 310
    pairs = set(zip(nccis["nccis_pupilmatchingrefanonymous"][on], year[on], strict=True))
    assert pairs and pairs <= app


def test_levels_by_age_never_fall_and_agree_with_key_stages(frames):
    snapshot = frames["ypmad_snapshot"].set_index("ypmad_pupilmatchingrefanonymous")
    for level in (1, 2, 3):
        at = snapshot[[f"ypmad_l{level}_at_{age}" for age in range(16, 22)]].astype(float)
        assert (at.diff(axis=1).iloc[:, 1:].fillna(0) >= 0).all().all()
        if level > 1:
            lower = snapshot[[f"ypmad_l{level - 1}_at_{age}" for age in range(16, 22)]].astype(float)
            assert (lower.to_numpy() >= at.to_numpy())[~at.isna().to_numpy()].all()
    ks5 = frames["ks5_student"]
    passed = ks5.loc[ks5["ks5_pass2lv3"] == 1, "ks5_pupilmatchingrefanonymous"]
    assert (snapshot.loc[passed, "ypmad_l3_at_18"] == 1).all() and len(passed) > 500
    ks4 = frames["ks4_pupil"].set_index("ks4_pupilmatchingrefanonymous")["ks4_level2"].dropna()
    assert (snapshot["ypmad_l2_at_16"].reindex(ks4.index) == ks4).all()
    chronological = frames["ypmad_chronological"]
    last = chronological.sort_values("ypmad_ac_year").groupby("ypmad_pupilmatchingrefanonymous").last()
    at_19 = snapshot["ypmad_l3_at_19"].dropna().index
    third = chronological[chronological["ypmad_ageatstartofacadyear"] == 18].set_index(
        "ypmad_pupilmatchingrefanonymous"
    )
    assert (third.loc[at_19, "ypmad_l3_overall"] == snapshot.loc[at_19, "ypmad_l3_at_19"]).all()
    assert len(last) == len(snapshot)


# lives


def test_participation_comes_near_the_published_rates(many):
    people, paths = many
    by_19, state = paths.university_year <= people.cohort + 21, ~people.independent
    fsm = people.fsm_in_year_11
    for cohorts, poor, others in (((1985, 1987), 142, 335), ((2000, 2002), 281, 468)):  # per thousand
        chosen = state & (people.cohort >= cohorts[0]) & (people.cohort <= cohorts[1])
        assert abs(1000 * by_19[chosen & fsm].mean() - poor) < 40
        assert abs(1000 * by_19[chosen & ~fsm].mean() - others) < 40
    assert by_19[~people.male].mean() > by_19[people.male].mean() + 0.06
    entered = paths.university_year < NEVER
    assert (paths.graduated <= entered).all()
    assert (paths.apprenticeship[entered] == 0).all()


def test_subjects_come_near_the_published_shares(many):
    _, paths = many
    shares = np.bincount(paths.subject[paths.graduated], minlength=len(subjects.SUBJECTS)) * 1000
    shares = shares // paths.graduated.sum()
    assert np.abs(shares - np.array(subjects.SHARES)).max() <= 8


def test_access_to_apprenticeships_is_as_planted_and_the_naive_gap_is_not(many):
    people, paths = many
    free = paths.university_year == NEVER
    started = (paths.apprenticeship > 0).astype(float)
    minority = KNOWN_MINORITY[people.minor]
    further = minority * (result(people) - ACCESS_CENTRE) / 1000
    columns = [np.ones(MANY), result(people) / 1000, minority, paths.difficulty, further]
    design = np.stack(columns, axis=1)[free].astype(float)
    beta = np.linalg.lstsq(design, started[free], rcond=None)[0]
    assert abs(beta[2] - APPRENTICESHIP_ACCESS["ethnic minority"] / 1e6) < 0.02
    assert abs(beta[3] - APPRENTICESHIP_ACCESS["learning difficulty"] / 1e6) < 0.02
    slope = APPRENTICESHIP_ACCESS["ethnic minority, a standard deviation of results"]
    assert abs(beta[4] - slope / 1e6) < 0.03
    naive = started[free & paths.difficulty].mean() - started[free & ~paths.difficulty].mean()
    assert naive < beta[3] - 0.01


def test_pay_steps_are_those_of_the_tables(many):
    people, paths = many
    both = pathways.apprenticeship_pay_steps(people, paths)
    steps, again = both[0], paths.apprenticeships.completed[1]
    assert (steps[~paths.completed] == 0).all()
    assert (both[1] == steps)[~again].all() and (both[1] >= steps)[again & (steps > 0)].all()
    sector, table = paths.apprenticeships.sector, APPRENTICESHIP_PAY
    plain = paths.completed & people.male & ~people.fsm_in_year_11 & ~paths.apprenticeships.standard[0]
    white = plain & (pathways.MAJOR[people.minor] == "W") & ~paths.difficulty & (paths.apprenticeship == 3)
    assert set(steps[white & (sector == 15)]) == {table["level 3"]}
    for name, area in pathways.SECTOR_NAMES.items():
        assert set(steps[white & (sector == area)]) == {table["level 3"] + table[name]}
    women = paths.completed & ~people.male & people.fsm_in_year_11 & ~paths.apprenticeships.standard[0] & (sector == 15)
    black = women & (pathways.MAJOR[people.minor] == "B") & paths.difficulty & (paths.apprenticeship == 2)
    lines = ("level 2", "Black or mixed", "learning difficulty", "women", "free school meals")
    assert set(steps[black]) <= {sum(table[name] for name in lines)}
    degree = pathways.subject_pay_steps(paths)
    assert (degree[~paths.graduated] == 0).all()
    attainment = people.attainment
    medics, artists = (
        paths.graduated & (paths.subject == subjects.SUBJECTS.index(name)) for name in ("medicine", "creative arts")
    )
    assert attainment[medics].mean() > attainment[artists].mean() + 500  # selection


# faults


@pytest.mark.parametrize(
    "fault, table, column",
    [
        ("ucas_age_zero", "ucas", "applicant_age"),
        ("nccis_contradicts", "nccis", "nccis_current_activity_code"),
    ],
)
def test_a_fault_can_be_switched_off_and_leaves_all_else(fault, table, column, faulty):
    tables, switches = faulty
    without = block.block(SEED, np.arange(PEOPLE), Faults(SEED, (fault,)))[0]
    for name in MINE:
        struck, spared = frame(name, tables[name]), frame(name, without[name])
        if name != table:
            assert struck.equals(spared), name
            continue
        changed = (struck[column] != spared[column]).sum()
        lines = [line for line in switches.ledger if line[0] == fault]
        assert changed == len(lines) > 0
    rows = tables[table]
    rate = FAULTS[fault].rate / 1e6
    can = (
        len(np.unique(rows["person"]))
        if fault == "ucas_age_zero"
        else (np.array(values(without[table][column])) < 320).sum()
    )
    hit = (
        len(np.unique(rows["person"][rows[column] == 0]))
        if fault == "ucas_age_zero"
        else changed_rows(faulty, without, table, column)
    )
    assert abs(hit - can * rate) < 4 * np.sqrt(can * rate) + 1


def changed_rows(faulty, without, table, column):
    return int((faulty[0][table][column] != without[table][column]).sum())
