"""School and social care: records against lives, the structure of the tables, rates, dates and faults."""

from __future__ import annotations

import numpy as np
import pytest

from leocourse.extract import block, school_tables
from leocourse.extract.base.columns import Coded, Nullable, count, select, text_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.faults import school as faults_school
from leocourse.extract.faults import values as values_faults
from leocourse.extract.faults.planting import Fault
from leocourse.extract.lives import attendance, pathways
from leocourse.extract.lives import results as at_16
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import absence, exclusions, ks4, schools
from leocourse.extract.records.pupils import Pupils
from leocourse.schema import load_schema

SEED, PEOPLE, FEWER = 4, 6_000, 1_500
TABLES = [
    "school_census", "eyfsp", "ks1", "ks2_pupil", "ks3_candidate", "ks3_indicator", "ks3_result", "ks4_exam",
    "ks4_pupil", "ks5_exam", "ks5_student", "absence", "exclusions_to_2005", "exclusions",
    "exclusions_enrolment", "ap_census", "pru_census", "cin", "cla",
]  # fmt: skip
OURS = [each.name for each in vars(faults_school).values() if isinstance(each, Fault)]
"""The faults that are declared beside what plants them in these tables."""


def school(seed, people, without=()):
    """Tables, truth and ledger of the school stage."""
    switches, lives = Faults(seed, without), population(seed, np.arange(people))
    tables, truth, _ = school_tables.school_tables(Pupils(lives, Keys(seed)), pathways.pathways(lives), switches)
    return tables, truth, switches.ledger


@pytest.fixture(scope="session")
def people():
    return population(SEED, np.arange(PEOPLE))


@pytest.fixture(scope="session")
def faulty():
    return school(SEED, PEOPLE)


@pytest.fixture(scope="session")
def fewer():
    """With every fault too."""
    return school(SEED, FEWER)


@pytest.fixture(scope="session")
def tables(faulty):
    return faulty[0]


@pytest.fixture(scope="session")
def truth(faulty):
    return faulty[1]["schooling"]


@pytest.fixture(scope="session")
def clean():
    return school(SEED, PEOPLE, tuple(FAULTS))[0]


def values(column):
    return column.codes if isinstance(column, Coded) else column.values if isinstance(column, Nullable) else column


def missing(column):
    if isinstance(column, Coded):
        return column.codes < 0
    return column.missing if isinstance(column, Nullable) else np.zeros(len(column), dtype=bool)


def same(one, other):
    if isinstance(one, Coded) and one.labels != other.labels:  # lists of pupil references differ with the block
        every = np.ones(len(one), dtype=bool)
        return text_of(one, every) == text_of(other, every)
    gap = missing(one)
    return len(one) == len(other) and (gap == missing(other)).all() and (values(one)[~gap] == values(other)[~gap]).all()


def near(successes, trials, published, tolerance):
    """Within the tolerance of a published share, allowing three binomial standard errors."""
    spread = 3 * (published * (1 - published) / trials) ** 0.5
    assert abs(successes / trials - published) < tolerance + spread, (successes / trials, published)


# structure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_fields_and_codes_are_listed(tables, name):
    table = load_schema()[name]
    arrow = to_table(stored(table, tables[name]))
    assert arrow.num_rows > 0
    for item in table.fields:
        if item.categories and item.name in arrow.column_names:
            listed = {str(value) for value, _ in item.categories}
            found = {str(value) for value in arrow[item.name].unique().to_pylist() if value is not None}
            if item.name in ("ncyearactual", "senprovision"):  # which a fault writes untidily
                found = {value.strip().upper() for value in found}
            if item.name not in (
                "recordstatus",
                "pru_recordstatus",
                "senprovision",
            ):  # 0, and K and E, are not listed
                assert found <= listed, (item.name, found - listed)


def test_the_block_holds_every_school_table():
    assert set(TABLES) <= set(block.block(1, np.arange(300), Faults(1))[0])


def test_academic_year_has_both_calendar_years(tables):
    for name, column in (
        ("ks4_pupil", "ks4_acadyr"),
        ("absence", "academicyear"),
        ("school_census", "academicyear"),
        ("cin", "cin_acadyr"),
    ):
        rows = tables[name]
        texts = text_of(rows[column], np.arange(0, count(rows), 50))
        years = rows["collection_year"][::50]
        assert texts == [f"{year - 1}/{year}" for year in years]


@pytest.mark.parametrize("name", TABLES)
def test_people_do_not_depend_on_the_number_of_people(name):
    small = _block(500)[name]
    large = _block(1_000)[name]
    first = select(large, large["person"] < 500)
    assert all(same(small[column], first[column]) for column in small)


_BLOCKS: dict[int, dict] = {}


def _block(size):
    if size not in _BLOCKS:
        _BLOCKS[size] = school(9, size)[0]
    return _BLOCKS[size]


# faults --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_a_fault_that_is_switched_off_leaves_a_row_as_it_was_for_each_line_of_the_ledger(name, fewer, faulty):
    struck = any(line[0] == name for line in fewer[2])  # else perhaps in one authority only
    people, (tables, _, ledger) = (FEWER, fewer) if struck else (PEOPLE, faulty)
    without, *_ = school(SEED, people, (name,))
    touched = {line[1] for line in ledger if line[0] == name}
    assert touched and touched <= {shows.table for shows in FAULTS[name].shows}
    for table in TABLES:
        lines = sum(line[:2] == (name, table) for line in ledger)
        assert different(tables[table], without[table]) == lines, table


def different(rows, others):
    """How many rows one table has more than the other; if both have as many, how many of them differ."""
    if count(rows) != count(others):
        return abs(count(rows) - count(others))
    found = np.zeros(count(rows), dtype=bool)
    for name, column in rows.items():
        if not same(column, others[name]):
            gap, other = missing(column), missing(others[name])
            found |= (gap != other) | (~gap & ~other & (values(column) != values(others[name])))
    return found.sum()


def test_leaving_before_entry_is_a_fault_alone(tables, clean):
    def wrong(rows):
        left = ~missing(rows["leavingdate"])
        return (values(rows["leavingdate"]) < rows["entrydate"])[left].sum()

    assert wrong(tables["school_census"]) > 0
    assert wrong(clean["school_census"]) == 0


def test_one_authority_records_too_few_free_meals(tables):
    authority = faults_school.under_recording_authority(Faults(SEED)) + 1000
    rows, other = tables["school_census"], school(SEED, PEOPLE, ("fsm_under_recorded",))[0]["school_census"]
    differs = values(rows["fsmeligible"]) != values(other["fsmeligible"])
    assert set(rows["la_anon"][differs]) == {authority}


# census --------------------------------------------------------------------------------------------


def test_terms_have_their_years_and_one_main_record(clean):
    rows = clean["school_census"]
    term, year = rows["collection_term"].codes, rows["collection_year"]
    assert set(year[term == 1]) == set(range(2007, 2022))
    assert set(year[term == 2]) == set(range(2006, 2022)) - {2020}
    main = rows["recordstatus"] < 100
    place = (rows["person"] * 10_000 + year) * 3 + term
    assert len(np.unique(place[main])) == main.sum() == len(np.unique(place))


def test_lasting_characteristics_are_equal_in_all_terms(clean):
    rows = clean["school_census"]
    place = rows["person"] * 10_000 + rows["collection_year"]
    main = rows["recordstatus"] < 100
    for name in (
        "gender",
        "yearofbirth",
        "monthofbirth",
        "ncyearactual",
        "languagegroupmajor",
    ):
        pairs = np.unique(np.stack([place[main], values(rows[name])[main]]), axis=1)
        assert pairs.shape[1] == len(np.unique(place[main])), name
    asked = np.isin(rows["collection_year"], [2009, 2010, 2011, 2021])  # by published scripts, in autumn and summer
    assert missing(rows["ethnicgroupminor"])[(rows["collection_term"].codes > 0) & ~asked].all()


def test_ever_fsm_is_what_the_censuses_recorded(clean):
    rows = clean["school_census"]
    spring = (rows["collection_term"].codes == 0) & (rows["recordstatus"] < 100)
    person, year = rows["person"], rows["collection_year"]
    now = values(rows["fsmeligible"]) == 1
    seen: dict[int, int] = {}
    for p, y, f in sorted(zip(person[spring], year[spring], now[spring], strict=True)):
        if f:
            seen.setdefault(p, y)
    ever = values(rows["everfsm_all"])
    assert missing(rows["everfsm_all"])[rows["onroll"] == 0].all()
    expected = np.array([p in seen and seen[p] <= y for p, y in zip(person[spring], year[spring], strict=True)])
    assert (ever[spring] == expected).all()
    assert (values(rows["everfsm_3"])[spring] <= values(rows["everfsm_6"])[spring]).all()
    assert (now[spring] <= (values(rows["everfsm_3"])[spring] == 1)).all()


# key stages ----------------------------------------------------------------------------------------


def test_no_key_stage_2_after_2016_and_measures_by_year(tables):
    table = to_table(stored(load_schema()["ks2_pupil"], tables["ks2_pupil"])).to_pandas()
    table = table[~table.ks2_matlev.isin(values_faults.NO_LEVEL) & ~table.ks2_matoutcome.isin(values_faults.NO_SCORE)]
    assert table.collection_year.max() == 2016
    assert table.ks2_readscore.notna().equals(table.collection_year == 2016)
    assert table.ks2_matfine.notna().equals(table.collection_year.between(2006, 2015))
    level = table.ks2_matlev.dropna().astype(str).astype(int)
    fine = table.ks2_matfine.astype(float)
    both = fine.notna()
    assert (level[both] == fine[both].astype(int)).all()


def test_exam_rows_add_up_to_the_pupil_measures(clean):
    exams = to_table(stored(load_schema()["ks4_exam"], clean["ks4_exam"])).to_pandas()
    pupils = to_table(stored(load_schema()["ks4_pupil"], clean["ks4_pupil"])).to_pandas()
    key = "ks4_pupilmatchingrefanonymous"
    counting = exams[exams.ks4_disc3 == 0]
    old = pupils[pupils.collection_year.between(2004, 2013)].set_index(key)
    level2 = counting.assign(lev2=counting.ks4_lev2.astype(float)).groupby(key).lev2.sum().reindex(old.index).fillna(0)
    assert ((level2 > 0.99).astype(int) == old.ks4_level2).all()
    total = counting.assign(points=counting.ks4_points.astype(float)).groupby(key).points.sum()
    assert np.allclose(total.reindex(old.index).fillna(0), old.ks4_ptstnewe.astype(float))
    assert (old.ks4_ptscnewe <= old.ks4_ptstnewe).all()
    new = pupils[pupils.collection_year >= 2017]
    maths = exams[(exams.ks4_mapping == "2210") & (exams.collection_year >= 2017)].set_index(key).ks4_grade
    passed = new[new.ks4_l2basics_94 == 1].set_index(key)
    assert (maths.reindex(passed.index).astype(str).astype(int) >= 4).all()
    assert (new.ks4_l2basics_95 <= new.ks4_l2basics_94).all() and (new.ks4_ebacc_94 <= new.ks4_l2basics_94).all()


def test_grades_follow_the_reform(clean):
    exams = to_table(stored(load_schema()["ks4_exam"], clean["ks4_exam"])).to_pandas()
    numbered = exams.ks4_grade.str.match(r"^[1-9]")
    assert not numbered[exams.collection_year <= 2016].any()
    core = exams.ks4_mapping.isin(["2210", "5030", "5110"])
    letters = exams.ks4_grade.str.match(r"^([A-G]\*?){1,2}$")
    assert set(exams.ks4_mapping[numbered & (exams.collection_year == 2017)]) == {"2210", "5030", "5110"}
    assert not letters[core & (exams.collection_year >= 2017)].any()
    assert not letters[exams.collection_year >= 2019].any()
    assert exams.ks4_teacher_assessed_flag.eq(1).equals(exams.collection_year >= 2020)
    assert 7.5 < len(exams) / count(clean["ks4_pupil"]) < 9


def test_key_stage_4_rates_are_near_published_ones():
    person = np.arange(60_000)
    pupils = Pupils(population(17, person), Keys(17))
    results = ks4.results(pupils)
    measures = ks4._measures(results)
    state = ~pupils.people.independent[results.i]
    for year, name, published in (
        (2002, "ks4_level2_em", 0.404), (2007, "ks4_level2_em", 0.491), (2011, "ks4_level2_em", 0.60),
        (2016, "ks4_l2basics_94", 0.63), (2019, "ks4_l2basics_95", 0.432), (2021, "ks4_l2basics_94", 0.722),
    ):  # fmt: skip
        chosen = measures[name][state & (results.year == year)]
        near(chosen.sum(), len(chosen), published, 0.015)
    points = measures["ks4_att8"][state & np.isin(results.year, (2017, 2018, 2019))] / 100
    assert 44 < points.mean() < 47 and 18.5 < points.std() < 21.5
    before = measures["ks4_level2_em"][state & np.isin(results.year, (2012, 2013))].mean()
    after = measures["ks4_level2_em"][state & (results.year == 2014)].mean()
    assert 0.015 < before - after < 0.065  # 3.8 points nationally, with the error of 3,000 pupils a year


def test_progress_8_is_about_nothing_on_average(tables):
    rows = tables["ks4_pupil"]
    score, gap, year = values(rows["ks4_p8score"]), missing(rows["ks4_p8score"]), rows["collection_year"]
    for each in range(2016, 2020):
        chosen = (year == each) & ~gap
        assert abs(score[chosen].mean()) < 25  # hundredths; a standard error is about 8
        assert 90 < score[chosen].std() < 145
    assert gap[(year < 2016) | (year > 2019)].sum() >= (year > 2019).sum()


def test_independent_schools_have_results_but_no_characteristics(tables, people):
    private = np.isin(tables["ks4_pupil"]["person"], people.person[people.independent])
    assert private.any() and missing(tables["ks4_pupil"]["ks4_fsm"])[private].all()
    assert (tables["ks4_pupil"]["ks4_new_type"][private] == 5).all()
    for name in ("school_census", "absence", "ks2_pupil", "exclusions"):
        assert not people.independent[tables[name]["person"]].any()


def test_a_level_points_and_flags(tables):
    rows = tables["ks5_student"]
    assert (rows["ks5_passes_ga"] <= rows["ks5_entry_ga"]).all() and (
        rows["ks5_gradea_ga"] <= rows["ks5_passes_ga"]
    ).all()
    exams = to_table(stored(load_schema()["ks5_exam"], tables["ks5_exam"])).to_pandas()
    a_levels = exams[exams.ks5_sublevno == "111"]
    assert (a_levels[a_levels.collection_year < 2010].ks5_grade != "A*").all()
    assert not a_levels.duplicated(["ks5_pupilmatchingrefanonymous", "ks5_mapping"]).any()


# absence -------------------------------------------------------------------------------------------


def test_absence_adds_up(clean):
    rows = clean["absence"]
    year = rows["collection_year"]
    for term in attendance.SESSIONS:
        possible, missed = values(rows[f"sessionspossible_{term}"]), values(rows[f"overallabsence_{term}"])
        parts = values(rows[f"authorisedabsence_{term}"]) + values(rows[f"unauthorisedabsence_{term}"])
        assert (parts == missed).all() and (missed <= possible).all() and (missed >= 0).all()
    assert missing(rows["sessionspossible_spring"])[year == 2020].all()
    assert (rows["mainrecord"] == 1).all()


def test_absence_is_the_true_rate_to_the_session(clean, truth):
    rows = clean["absence"]
    chosen = (rows["ncyearactual"].codes == 11) & (rows["collection_year"] != 2020)
    rate = dict(zip(truth["person"], truth["absence_in_year_11"], strict=True))
    true = np.array([rate[person] for person in rows["person"][chosen]])
    missed, possible = rows["overallabsence_3term"][chosen], rows["sessionspossible_3term"][chosen]
    assert (abs(missed - true * possible / 10_000) < 20).all()
    assert abs((missed - true * possible / 10_000).mean()) < 0.3


def test_persistent_absence_is_near_published(people):
    rows = absence.absence(Pupils(population(21, np.arange(40_000)), Keys(21)))
    secondary = rows["ncyearactual"].codes >= 7
    for year, published in ((2009, 0.102), (2013, 0.064)):
        chosen = secondary & (rows["collection_year"] == year)
        flag = rows["overallabsence_3term"][chosen] * 20 >= 3 * rows["sessionspossible_3term"][chosen]
        near(flag.sum(), chosen.sum(), published, 0.012)


def test_the_planted_effect_of_absence(truth):
    slope, centre = attendance.ABSENCE_EFFECTS.values()
    design = np.column_stack([np.ones(count(truth)), truth["attainment"], truth["absence_in_year_11"] / 100])
    left = truth["ks4_result"] - truth["planted_at_school_on_ks4"]
    fitted, *_ = np.linalg.lstsq(design, left, rcond=None)
    error = at_16.ERROR / (design[:, 2].std() * 0.9 * len(design) ** 0.5)
    assert abs(fitted[2] - slope) < 4 * error
    assert (truth["absence_effect_on_ks4"] == slope * (truth["absence_in_year_11"] - centre) // 100).all()


# exclusions and care -------------------------------------------------------------------------------


def test_exclusion_rates_and_order():
    pupils = Pupils(population(23, np.arange(40_000)), Keys(23))
    every = exclusions.reported(pupils, np.zeros(len(pupils), dtype=bool))
    group = pupils.group(every.i, every.year)
    years = np.arange(2010, 2020)
    here = np.isin(every.year, years) & (group >= 7)
    people = pupils.people
    at_school = [schools.year_group(people, year) for year in years]
    present = [(g >= np.maximum(people.arrival, 7)) & (g <= 11) & ~people.independent for g in at_school]
    trials = np.sum(present)
    once = len(np.unique(every.i[here & ~every.permanent] * 10_000 + every.year[here & ~every.permanent]))
    near(once, trials, 0.0462, 0.006)
    near((here & every.permanent).sum(), trials, 0.0020, 0.0004)
    boys = pupils.people.male[every.i]
    assert 1.5 < (here & boys).sum() / (here & ~boys).sum() < 3.5
    permanent, first = every.i[every.permanent] * 10_000 + every.year[every.permanent], every.year[every.permanent]
    assert len(np.unique(permanent)) == len(permanent)  # once a year at most
    assert len(np.unique(every.i[every.permanent])) < len(first)  # but again in a later one
    ends = (every.year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + 7
    assert (every.start.astype("datetime64[D]") < ends).all()
    assert ((every.start + 3) % 7 < 5).all()  # never on a weekend
    shares = np.bincount(group[~every.permanent], minlength=12)[7:12]
    assert np.argmax(shares) in (2, 3)  # years 9 and 10


def test_the_two_exclusion_tables_agree(tables):
    one, two = tables["exclusions"], tables["exclusions_enrolment"]
    one = select(one, one["perm_duplicate"] == 0)  # reported a second time, in this table alone
    fixed = one["category"].codes == 0
    assert two["totalfixedexclusions"].sum() == fixed.sum()
    assert two["permanentexclusioncount"].sum() == (~fixed).sum()
    assert (values(one["reportingacademicyear"]) >= values(one["academicyear"])).all()
    for k in range(1, 5):
        later = ~missing(two[f"startdate_{k + 1}"])
        assert (values(two[f"startdate_{k + 1}"])[later] >= values(two[f"startdate_{k}"])[later]).all()


def test_units_list_who_is_there_by_census_day(tables):
    pru = tables["pru_census"]
    assert (pru["pru_entrydate"] <= pru["pru_censusdate"]).all()
    assert set(pru["collection_year"]) <= set(range(2010, 2014))


def test_care_dates_are_in_order(tables, people):
    cla, cin = tables["cla"], tables["cin"]
    assert (cla["cla_poc_start"] <= cla["cla_date_epi_comm"]).all()
    ended = ~missing(cla["cla_date_epi_ceased"])
    assert (cla["cla_date_epi_comm"] <= values(cla["cla_date_epi_ceased"]))[ended].all()
    closed = ~missing(cin["cin_cinclosuredate"])
    assert (cin["cin_cinreferraldate"] <= values(cin["cin_cinclosuredate"]))[closed].all()
    planned = ~missing(cin["cin_cppenddate"])
    assert (values(cin["cin_cppstartdate"]) < values(cin["cin_cppenddate"]))[planned].all()
    assert (cin["cin_cinreferraldate"][planned] < values(cin["cin_cppstartdate"])[planned]).all()
    assert not np.unique(cla["person"] * 10_000 + cla["collection_year"], return_counts=True)[1].max() > 1
    assert 0.01 < len(np.unique(cla["person"])) / len(people) < 0.04
    assert set(cla["person"][cla["collection_year"] >= 2009]) <= set(cin["person"])
