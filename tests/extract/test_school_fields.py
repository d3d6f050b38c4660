"""The fields of the school tables beyond the core: sums, agreement between tables, years, codes, independence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.extract import block
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import attendance, conduct, pathways, schooling
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import absence, reasons
from leocourse.extract.records.characteristics import AREAS_2001, AREAS_2011, deciles, ranks
from leocourse.extract.records.pupils import Pupils
from leocourse.schema import load_schema

SEED, PEOPLE = 11, 5_000
TABLES = ["school_census", "absence", "exclusions", "exclusions_enrolment", "ap_census", "pru_census", "cin", "cla",
          "nccis", "plams"]  # fmt: skip
PUPIL = "pupilmatchingrefanonymous"


def frames(seed, people, without, names):
    """Tables of a block as they are stored."""
    tables, _ = block.block(seed, people, Faults(seed, without))
    found = {}
    for name in names:
        arrow = to_table(stored(load_schema()[name], tables[name]))
        texts = [arrow[c].cast(pa.string()) if pa.types.is_dictionary(arrow[c].type) else arrow[c]
                 for c in arrow.column_names]  # fmt: skip
        found[name] = pa.table(texts, names=arrow.column_names).to_pandas()
    return found


@pytest.fixture(scope="module")
def clean():
    return frames(SEED, np.arange(PEOPLE), tuple(FAULTS), [*TABLES, "ks5_exam", "leo_geography"])


@pytest.fixture(scope="module")
def faulty():
    return frames(SEED, np.arange(PEOPLE), (), ["school_census", "absence"])


def summed(rows, letters, term):
    columns = [f"termlyreason{letter}_{term}" for letter in letters]
    return rows[[column for column in columns if column in rows]].fillna(0).sum(axis=1)


def check_sums(rows):
    """The reasons of each term add up to its totals, in every record."""
    listed = rows[rows.collection_year >= reasons.FIRST_YEAR]
    for term in attendance.SESSIONS:
        held = listed[listed[f"overallabsence_{term}"].notna()]
        assert (summed(held, reasons.AUTHORISED, term) == held[f"authorisedabsence_{term}"]).all()
        assert (summed(held, reasons.UNAUTHORISED, term) == held[f"unauthorisedabsence_{term}"]).all()
        assert held[f"termlyreasoni_{term}"].notna().all()
        gone = listed[listed[f"overallabsence_{term}"].isna()]
        assert (
            gone[[f"termlyreason{each}_{term}" for each in reasons.AUTHORISED + reasons.UNAUTHORISED]]
            .isna()
            .all(axis=None)
        )
    letters = (*reasons.PRESENT, *reasons.PRESENT_IN_SUMMER)
    for term in ("autumn", "summer"):
        now = rows[rows.collection_year == reasons.PRESENT_YEAR]
        attended = now[f"sessionspossible_{term}"] - now[f"overallabsence_{term}"]
        assert len(now) and (summed(now, letters, term) == attended).all()
    columns = [column for column in rows if column.startswith("termlyreason")]
    assert (rows[columns].fillna(0) >= 0).all(axis=None)


# absence -------------------------------------------------------------------------------------------


def test_reasons_add_up(clean):
    check_sums(clean["absence"])


def test_reasons_add_up_in_second_records_too(faulty):
    second = faulty["absence"][faulty["absence"].mainrecord == 0]
    assert len(second) > 50 and second.termlyreasoni_autumn.sum() > 0
    check_sums(faulty["absence"])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**40), first=st.integers(0, 10**9))
def test_reasons_add_up_whatever_the_seed(seed, first):
    people = population(seed, np.arange(first, first + 60))
    pupils = Pupils(people, Keys(seed))
    rows = absence.absence(pupils)
    found = reasons.with_reasons(rows, pupils)
    for term in attendance.SESSIONS:
        for kind, letters in (("authorised", reasons.AUTHORISED), ("unauthorised", reasons.UNAUTHORISED)):
            parts = [found[f"termlyreason{letter}_{term}"].values.astype(int) for letter in letters]
            assert (np.sum(parts, axis=0) == rows[f"{kind}absence_{term}"].values).all()
            assert np.min(parts) >= 0


def test_every_reason_occurs_in_its_time_and_pupils(clean):
    rows = clean["absence"]
    gone = (rows.collection_year < 2007) | (rows.collection_year > 2014) | rows.sessionspossible_autumn.isna()
    assert rows.termlyreasonf_autumn.isna().equals(gone)
    holidays = rows.groupby(rows.collection_year >= reasons.STRICT_YEAR)[
        ["termlyreasonh_autumn", "termlyreasong_autumn"]
    ]
    mean = holidays.mean()
    assert mean.loc[True, "termlyreasonh_autumn"] < mean.loc[False, "termlyreasonh_autumn"] / 2
    assert mean.loc[True, "termlyreasong_autumn"] > mean.loc[False, "termlyreasong_autumn"]
    assert set(rows.ethnicity[rows.termlyreasont_autumn > 0]) <= set(reasons.TRAVELLERS)
    assert set(rows.ethnicity[rows.termlyreasonr_autumn > 0]) == set(reasons.RELIGIOUS)
    assert set(rows.ncyearactual[rows.termlyreasons_summer > 0]) <= {"11", "X"}
    ill = rows.termlyreasoni_autumn.sum() / rows.overallabsence_autumn[rows.termlyreasoni_autumn.notna()].sum()
    assert 0.4 < ill < 0.7


def test_sessions_lost_by_exclusion_are_those_of_the_exclusions(clean):
    fixed = clean["exclusions"][clean["exclusions"].category == "FIXD"]
    fixed = fixed.assign(lost=fixed.sessions.clip(upper=conduct.WITHOUT_PROVISION))
    rows = clean["absence"][clean["absence"].collection_year.between(2007, 2019)]
    for term in ("autumn", "spring", "summer"):
        lost = fixed[fixed.term == term.title()].groupby([PUPIL, "collection_year"]).lost.sum()
        expected = lost.reindex(pd.MultiIndex.from_frame(rows[[PUPIL, "collection_year"]])).fillna(0).to_numpy()
        assert expected.any()
        held = rows[f"sessionspossible_{term}"].notna().to_numpy()
        capped = np.minimum(expected, rows[f"sessionspossible_{term}"])
        assert (rows[f"termlyreasone_{term}"].to_numpy() == capped)[held].all()
        assert (rows[f"authorisedabsence_{term}"] >= rows[f"termlyreasone_{term}"])[held].all()


@pytest.mark.parametrize("percent", [10, 15])
@pytest.mark.parametrize("halves", [5, 6])
def test_persistent_absence_follows_from_the_sessions(clean, percent, halves):
    rows = clean["absence"]
    rows = rows[rows[f"pa{percent}_exact_{halves}halfterms"].notna()]
    missed, possible = rows[f"overallabsence_{halves}halfterms"], rows[f"sessionspossible_{halves}halfterms"]
    assert rows.collection_year.between(2014, 2016).all() and len(rows) > 500
    assert (rows[f"pa{percent}_exact_{halves}halfterms"] == (missed / possible >= percent / 100)).all()
    standard = {(10, 6): 38, (15, 6): 57, (10, 5): 31, (15, 5): 47}[percent, halves]
    given_ = rows[f"pa{percent}_threshold_{halves}halfterms"]
    assert ((given_ == 1) == (missed >= standard))[given_.notna()].all() and given_.notna().any()


def test_absence_describes_pupils_as_the_census_of_the_year_does(clean):
    census = clean["school_census"][clean["school_census"].collection_term == "spr"]
    both = clean["absence"].merge(census, on=[PUPIL, "collection_year"], suffixes=("", "_census"))
    assert len(both) > 0.995 * len(clean["absence"])  # a few are in a school in another term alone
    shared = ["ethnicity", "ethnicgroup", "ethnicitysource", "language", "languagegroup", "languagegroupminor",
              "gandtindicator", "servicechild", "servicechildsource", "entrydate", "parttime",
              "senprovision", "senprovisionmajor", "primarysentype", "secondarysentype", "senunitindicator",
              "resourcedprovisionindicator", "fsmeligible", "everfsm_6", "lsoa11", "phase", "yssa", "modeoftravel",
              "monthpartofageatstartofacademicyear"]  # fmt: skip
    for name in shared:
        one, other = both[name], both[f"{name}_census"]
        known = one.notna() & other.notna()
        assert known.any() and (one[known] == other[known]).all(), name
    scores = both.idaci_s.notna() & both.idaciscore.notna()
    assert scores.any() and (both.idaci_s == both.idaciscore)[scores].all()


def test_a_school_has_one_area(clean):
    rows = clean["absence"]
    for name in ("idaci_s_school", "idaci_r_school", "idaci_d_school", "rurality_school"):
        found = rows[rows[name].notna()].groupby("laestab_anon")[name].nunique()
        assert len(found) > 100 and (found == 1).all(), name


# census --------------------------------------------------------------------------------------------


def test_lasting_characteristics_of_a_pupil_do_not_change(clean):
    rows = clean["school_census"]
    for name in ("ethnicity", "language", "servicechild", "gandtindicator", "homela_anon", "ethnicgroup"):
        found = rows[rows[name].notna()].groupby(PUPIL)[name].nunique()
        assert len(found) and (found == 1).all(), name
    for index in (rows["collection_year"] < 2017, rows["collection_year"] >= 2017):  # of 2010 and of 2015
        found = rows[index & rows["idacirank"].notna()].groupby(PUPIL)["idacirank"].nunique()
        assert len(found) and (found == 1).all()


def test_language_agrees_with_its_groups(clean):
    rows = clean["school_census"]
    english = rows.firstlanguage == "ENG"
    for name in ("language", "languagegroup", "languagegroupminor"):
        known = rows[name].notna()
        assert ((rows[name] == "ENG") == english)[known].all()
    assert ((rows.languagegroupmajor == "1_ENG") == english)[rows.languagegroupmajor.notna()].all()
    assert rows.language.nunique() > 10


def test_types_of_need_come_with_provision_and_their_time(clean):
    rows = clean["school_census"]
    spring = rows[(rows.collection_term == "spr") & (rows.collection_year >= 2004)]
    recorded = spring.senprovision.isin(["P", "S", "K", "E"])
    assert (spring.primarysentype.notna() == recorded).all()
    assert (spring.secondarysentype != spring.primarysentype)[spring.secondarysentype.notna()].all()
    assert set(spring.collection_year[spring.primarysentype == "BESD"]) == set(range(2004, 2015))
    assert set(spring.collection_year[spring.primarysentype == "SEMH"]) == set(range(2015, 2022))
    assert set(spring.senprovision[spring.primarysentype == "NSA"]) <= {"K"}
    for name in ("specialprovisionindicator", "senunitindicator", "resourcedprovisionindicator", "topupfunding"):
        assert set(rows.senprovision[rows[name] == 1]) <= {"S", "E"} and (rows[name] == 1).any(), name


def test_terms_and_off_roll_records_hold_what_they_collect(faulty):
    rows = faulty["school_census"]
    for item in load_schema()["school_census"].fields:
        if item.name in rows and item.terms:
            there = {(year, term) for year in range(2002, 2022) for term in ("spr", "aut", "sum")
                     if item.available(year, year, term)}  # fmt: skip
            pairs = pd.MultiIndex.from_frame(rows[["collection_year", "collection_term"]])
            assert rows[item.name][~pairs.isin(there)].isna().all(), item.name
    off = rows[rows.onroll == 0]
    assert len(off) and off[["primarysentype", "senunitindicator", "distcurrsch"]].isna().all(axis=None)


def test_boarders_alone_do_not_travel(clean):
    rows = clean["school_census"]
    known = rows.modeoftravel.notna() & rows.boarder.notna()
    assert (rows.boarder.isin(["6", "7"]) == (rows.modeoftravel == "BDR"))[known].all()
    assert rows.ncyearactual[rows.boarder.isin(["6", "7"])].astype(int).min() >= 7
    walk = rows[rows.modeoftravel.notna() & rows.distcurrsch.notna()]
    far = walk.distcurrsch.astype(float) > 3
    on_foot = walk.modeoftravel == "WLK"
    assert on_foot[far].mean() < 0.1 and on_foot[~far].mean() > 0.5


def test_sixth_form_study_is_of_sixth_forms(clean):
    rows = clean["school_census"]
    sixth = rows.ncyearactual.isin(["12", "13", "14"])
    autumn = (rows.collection_term == "aut") & sixth & (rows.collection_year >= 2016)
    for name in ("mathsgcsepriorattainmentyear11", "qualhrs", "nonqualhrs", "alevel", "ftemp"):
        assert rows[name].notna().any() and sixth[rows[name].notna()].all(), name
    assert rows.qualhrs[autumn].notna().all() and rows.mathsgcsepriorattainmentyear11[autumn].notna().mean() > 0.9
    good = ["A*", "A", "B", "C", *"987654"]
    for subject in ("maths", "english"):
        known = rows[rows[f"{subject}gcsepriorattainmentyear11"].notna()]
        passed = known[f"{subject}gcsehighestpriorattainmentpreviousyear"].isin(good)
        assert (passed == (known[f"{subject}gcsepriorattainmentyear11"] == 1)).all()
    hours = rows[rows.qualhrs.notna()].set_index([PUPIL, "collection_year"]).qualhrs
    before = rows[rows.qualhrspreviousyear.notna()].set_index([PUPIL, "collection_year"]).qualhrspreviousyear
    earlier = hours.reindex([(pupil, year - 1) for pupil, year in before.index])
    assert len(before) and (earlier.to_numpy() == before.to_numpy()).all()


def test_ranks_and_deciles_fall_with_deprivation():
    for last in (AREAS_2001, AREAS_2011):
        found = ranks(last)[1:]
        assert (np.diff(found) <= 0).all() and found.min() == 1 and found.max() <= last
    assert sorted(set(deciles()[1:])) == list(range(1, 11))


# exclusions, care, after 16 ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [3, 23, 77])
def test_nobody_is_excluded_twice_on_a_day(seed):
    every = schooling.schooling(population(seed, np.arange(30_000))).excluded
    pairs = every.i.astype(np.int64) * 100_000 + every.start
    assert len(np.unique(pairs)) == len(pairs) > 10_000
    same = (every.i[1:] == every.i[:-1]) & (every.year[1:] == every.year[:-1])
    assert (every.start[1:] > every.start[:-1])[same].all()


def test_equal_dates_move_to_the_next_school_day():
    friday = (np.datetime64("2010-10-01") - np.datetime64("1970-01-01")).astype(int)
    dates = np.array([[friday, friday, friday, 10**6, 10**6]])
    moved = conduct.apart(dates.copy(), dates < 10**6)[0]
    assert [str(np.datetime64(int(day), "D")) for day in moved[:3]] == ["2010-10-01", "2010-10-04", "2010-10-05"]
    assert (moved[3:] == 10**6).all()


def test_reasons_of_an_exclusion_differ(clean):
    rows = clean["exclusions"]
    assert rows.reason_b.notna().any()
    assert (rows.reason_b != rows.reason_a)[rows.reason_b.notna()].all()
    third = rows[rows.reason_c.notna()]
    assert (third.reason_c != third.reason_b).all() and (third.reason_c != third.reason_a).all()
    assert set(rows.collection_year[rows.reason_b.notna()]) == {2021}


def test_the_enrolment_table_names_the_school_of_each_exclusion(clean):
    one, two = clean["exclusions"], clean["exclusions_enrolment"]
    first = one.sort_values("startdate").groupby([PUPIL, "collection_year"]).first()
    joined = two.set_index([PUPIL, "collection_year"]).join(first, rsuffix="_one")
    for column, other in (("urn_1_anon", "urn_anon"), ("la_1", "la_anon"), ("senprovision_1", "senprovision")):
        assert (joined[column] == joined[other]).all()
    assert two.urn_2_anon.notna().equals(two.startdate_2.notna())


def test_cases_of_need_agree_with_their_dates(clean):
    rows = clean["cin"]
    closed = pd.to_datetime(rows.cin_cinclosuredate)
    known = closed.notna()
    assert (closed.dt.month == rows.cin_monthofclosure)[known].all()
    assert (closed.dt.year == rows.cin_yearofclosure)[known].all()
    assert ((rows.cin_disability_type != "NONE") == (rows.cin_disability == 1)).all()
    age = rows[rows.cin_ageendofcinperiod.notna()]
    assert (age.cin_ageendofcinperiod >= age.cin_agestartofcinperiod).all() and age.cin_agestartofcinperiod.min() >= 4
    assert rows.cin_ethnicity[rows.collection_year == 2009].str.match("^[A-E][1-5]$").all()
    later = rows[rows.collection_year > 2009]
    assert (later.cin_ethnicity == later.cin_ethnicgroupminor).all()


def test_the_adopted_left_care_before(clean):
    adopted = clean["cla"][clean["cla"].cla_rec == "E11"].groupby("cla_pupilmatchingrefanonymous").collection_year.max()
    told = clean["absence"][clean["absence"].plaa == "A"]
    since = told.groupby(PUPIL).collection_year.min()
    assert (adopted.reindex(since.index).dropna() <= since[adopted.reindex(since.index).notna()] + 1).all()
    assert clean["absence"].plaa.dropna().isin(["N", "A"]).all()


def test_grades_of_aims_are_those_of_key_stage_5(clean):
    aims, exams = clean["plams"], clean["ks5_exam"]
    found = aims[aims.pl_grade_att.notna()]
    a_levels = exams[exams.ks5_sublevno == "111"]
    both = found.merge(a_levels, left_on=["pl_" + PUPIL, "pl_disc_code", "collection_year"],
                       right_on=["ks5_" + PUPIL, "ks5_mapping", "collection_year"])  # fmt: skip
    assert len(both) and (both.pl_grade_att == both.ks5_grade).all()
    assert (both.pl_gradepassfail == "P").equals(both.ks5_grade != "U")
    assert len(both) == (found.pl_disc_code.notna()).sum()
    assert set(found.pl_ncyear) == {13}


def test_the_caseload_follows_from_the_activity(clean):
    rows = clean["nccis"]
    learns = rows.nccis_current_activity_code < 300
    assert rows.nccis_lea_code_currently_educated_anon.notna().equals(learns)
    assert (rows.nccis_current_activity_verification_date >= rows.nccis_current_activity_recorded).all()
    assert (rows.nccis_current_activity_review_date > rows.nccis_current_activity_verification_date).all()
    ends = rows[rows.nccis_expected_course_end_date.notna()]
    assert (ends.nccis_expected_course_end_date > ends.nccis_current_activity_start_date).all()
    assert rows.nccis_year_11_offer.notna().equals(rows.collection_year <= 2016)


def test_intended_destinations_are_where_sixth_formers_went(clean):
    rows = clean["nccis"]
    sixth = rows[rows.nccis_current_activity_code == 210]
    assert set(sixth.nccis_year_11_intended_destination) == {"110"}


# all tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_fields_keep_to_their_years_and_codes(clean, name):
    table = load_schema()[name]
    for item in table.fields:
        if item.name not in clean[name]:
            continue
        column = clean[name][item.name]
        known = clean[name].collection_year[column.notna()]
        inside = [known.between(first, last) for first, last in item.reach]
        assert np.any(inside, axis=0).all() if len(known) else True, item.name
        if item.categories and not item.name.endswith(("recordstatus", "_ethnic_code")):
            listed = {str(value) for value, _ in item.categories}
            found = {str(int(v)) if isinstance(v, float) else str(v) for v in column.dropna().unique()}
            assert found <= listed, (item.name, found - listed)


@pytest.mark.parametrize(("name", "least"), [("absence", 140), ("school_census", 75), ("plams", 50), ("nccis", 28)])
def test_most_fields_hold_something(clean, name, least):
    assert clean[name].drop(columns="collection_year").notna().any().sum() >= least


def test_new_fields_do_not_depend_on_the_other_people():
    alone = frames(9, np.arange(300, 400), (), TABLES)
    among = frames(9, np.arange(0, 900), (), TABLES)
    for name in TABLES:
        key = next(column for column in alone[name] if column.endswith(PUPIL))
        named = alone[name][alone[name][key].notna()]  # young children have no reference to find them by
        theirs = among[name][among[name][key].isin(named[key])].reset_index(drop=True)
        pd.testing.assert_frame_equal(named.reset_index(drop=True), theirs, check_dtype=False)


def test_paths_and_tables_share_their_sixth_forms():
    people = population(SEED, np.arange(800))
    sixth = pathways.pathways(people).sixth_form
    rows = frames(SEED, np.arange(800), tuple(FAULTS), ["school_census"])["school_census"]
    pupils = set(rows[PUPIL][rows.qualhrs.notna()])
    keys = {key.decode() for key in Keys(SEED).pmr(people.person[sixth])}
    assert pupils and pupils <= keys
