"""Fields that follow from results: the pupil tables against the exam tables, and both against the lives."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.extract import FAULTS, block
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import Faults
from leocourse.extract.lives.pathways import pathways
from leocourse.extract.lives.places import places
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import further_education, higher_education
from leocourse.extract.records.ks4 import MATHS, VOCATIONS, counted, results
from leocourse.extract.records.ks4_fields import IN_EBACC, IN_ENGLISH, IN_MATHS, IN_OPEN, Slots, measures, spread
from leocourse.extract.records.pupils import Pupils
from leocourse.schema import load_schema

TABLES = ("ks2_exam", "ks2_pupil", "ks4_exam", "ks4_pupil", "ks5_exam", "ks5_student", "ypmad_chronological", "aims")
KEY = "USING (ks4_pupilmatchingrefanonymous, ks4_acadyr)"
LETTERS = {"astar": "A*", "a": "A", "b": "B", "c": "C", "d": "D", "e": "E", "f": "F", "g": "G", "u": "U"}


def database(seed, people, without=tuple(FAULTS)):
    """The tables of results as they are stored, in DuckDB."""
    tables, _ = block.block(seed, np.arange(people), Faults(seed, without))
    con = duckdb.connect()
    for name in TABLES:
        con.register(name, to_table(stored(load_schema()[name], tables[name])))
    return con


def wrong(con, sql):
    """Rows that a query finds: at most three, for the message."""
    return con.sql(f"{sql} LIMIT 3").fetchall()


def count(con, sql):
    return con.execute(f"SELECT count(*) FROM {sql}").fetchone()[0]


@pytest.fixture(scope="module")
def clean():
    return database(11, 3_000)


def letter_counts(con, name, grade):
    """Pupils whose count of a letter is not that of their results: a double award counts twice."""
    return wrong(con, f"""
        SELECT p.ks4_acadyr, p.ks4_gcse_{name}, n FROM ks4_pupil AS p JOIN (
            SELECT ks4_pupilmatchingrefanonymous, ks4_acadyr,
                coalesce(sum(ks4_gsize) FILTER (WHERE ks4_grade IN ('{grade}', '{grade}{grade}')
                    AND ks4_mapping IS NOT NULL AND ks4_disc3 = 0), 0) AS n
            FROM ks4_exam WHERE collection_year BETWEEN 2004 AND 2013 GROUP BY ALL) {KEY}
        WHERE p.ks4_gcse_{name} <> n""")  # fmt: skip


@pytest.mark.parametrize(("name", "grade"), LETTERS.items())
def test_letters_are_those_of_the_results(clean, name, grade):
    assert not letter_counts(clean, name, grade)
    assert count(clean, f"ks4_pupil WHERE ks4_gcse_{name} > 0") > 20


@pytest.mark.parametrize("grade", range(1, 10))
def test_numbers_are_those_of_the_results(clean, grade):
    double = f"(length(ks4_grade) = 2)::INT * ((ks4_grade[1] = '{grade}')::INT + (ks4_grade[2] = '{grade}')::INT)"
    assert not wrong(clean, f"""
        SELECT p.ks4_gcse_{grade}, n FROM ks4_pupil AS p JOIN (
            SELECT ks4_pupilmatchingrefanonymous, ks4_acadyr,
                sum((ks4_grade = '{grade}')::INT + {double}) AS n
            FROM ks4_exam WHERE collection_year = 2021 AND ks4_academic = 1 AND ks4_disc3_ptq_ee = 0 GROUP BY ALL) {KEY}
        WHERE p.ks4_gcse_{grade} <> n""")  # fmt: skip
    assert count(clean, f"ks4_pupil WHERE ks4_gcse_{grade} > 0") > 5


def test_entries_are_the_rows_of_the_exam_table(clean):
    assert not wrong(clean, f"""
        SELECT ks4_entries, n FROM ks4_pupil JOIN (
            SELECT ks4_pupilmatchingrefanonymous, ks4_acadyr, count(*) AS n FROM ks4_exam GROUP BY ALL) {KEY}
        WHERE ks4_entries <> n""")  # fmt: skip
    unexamined = f"ks4_pupil ANTI JOIN ks4_exam {KEY} WHERE ks4_entries > 0"
    assert count(clean, unexamined) == 0


@pytest.mark.parametrize(
    ("field", "code", "first", "last"),
    [
        ("ks4_apfre", "5650", 2002, 2013), ("ks4_aphis_ptq", "4010", 2014, 2014), ("ks4_apgeo_ptq_ee", "3910", 2015, 2017),
        ("ks4_apgeo_91", "3910", 2018, 2021), ("ks4_apbio", "1010", 2002, 2013), ("ks4_apart_91", "3510", 2018, 2021),
    ],
)  # fmt: skip
def test_a_subject_grade_is_the_one_awarded(clean, field, code, first, last):
    joined = f"""ks4_pupil AS p JOIN ks4_exam AS e {KEY}
        WHERE p.collection_year BETWEEN {first} AND {last} AND ks4_mapping = '{code}'"""
    assert count(clean, joined) > 20
    assert not wrong(clean, f"SELECT {field}, ks4_grade FROM {joined} "
                            f"AND {field} IS DISTINCT FROM replace(ks4_grade, 'A*', '*')")  # fmt: skip
    entered = f"SELECT 1 FROM ks4_pupil AS p ANTI JOIN (FROM ks4_exam WHERE ks4_mapping = '{code}') AS e {KEY}"
    assert not wrong(clean, f"{entered} WHERE {field} IS NOT NULL")


def slots_that_differ(con):
    """Pupils whose slots do not give their Attainment 8, or are not the points of their results."""
    slots = " + ".join(f"ks4_slot{name}" for name in ("1eng", "2mat", *("345"[k] + "ebac" for k in range(3)),
                                                      *("678"[k] + "open" for k in range(3))))  # fmt: skip
    return wrong(con, f"""
        SELECT p.ks4_acadyr, ks4_att8, {slots}, eng, mat, ebac, oth FROM ks4_pupil AS p JOIN (
            SELECT ks4_pupilmatchingrefanonymous, ks4_acadyr, sum(ks4_a8eng) AS eng, sum(ks4_a8mat) AS mat,
                sum(ks4_a8ebac) AS ebac, sum(ks4_a8oth) AS oth,
                1 + (count(DISTINCT ks4_mapping) FILTER (WHERE ks4_a8enteng = 1 AND ks4_a8disc = 0) = 2)::INT AS twice
            FROM ks4_exam WHERE collection_year >= 2016 GROUP BY ALL) {KEY}
        WHERE ks4_att8 <> {slots} OR ks4_slot1eng <> twice * eng OR ks4_slot2mat <> 2 * mat
            OR ks4_ebacscr <> ebac OR ks4_openscr <> oth OR ks4_att8 <> twice * eng + 2 * mat + ebac + oth""")  # fmt: skip


def test_slots_add_up_to_attainment_8_and_to_the_results(clean):
    assert count(clean, "ks4_pupil WHERE ks4_slot8open > 0") > 300
    assert not slots_that_differ(clean)


def test_slots_hold_one_english_three_ebacc_and_three_open_units():
    people = population(5, np.arange(2_000))
    pupils = Pupils(people, Keys(5))
    slots = Slots(results(pupils))
    for slot, most in ((IN_ENGLISH, 1), (IN_MATHS, 1), (IN_EBACC, 3), (IN_OPEN, 3)):
        assert (slots.slot == slot).sum(axis=1).max() == most
    assert not (slots.slot[:, 12:15] > 0).any()  # further units of a vocational qualification
    best = np.sort(slots.points[:, 3:8], axis=1)[:, -3:].sum(axis=1)
    assert (np.where(slots.slot == IN_EBACC, slots.points, 0).sum(axis=1) == best).all()


def test_pillars_agree_with_the_english_baccalaureate(clean):
    for suffix, years in (("", (2010, 2013)), ("_ptq", (2014, 2014)), ("_94", (2018, 2021)), ("_95", (2018, 2021))):
        parts = " * ".join(f"ks4_ebac{part}{suffix}" for part in ("eng", "mat", "2sci", "hum"))
        language = "" if suffix == "_95" else f" * ks4_ebaclan{suffix}"
        chosen = f"ks4_pupil WHERE collection_year BETWEEN {years[0]} AND {years[1]}"
        differs = f"< ks4_ebacc{suffix}" if suffix == "_95" else f"<> ks4_ebacc{suffix}"
        assert count(clean, f"{chosen} AND ks4_ebacc{suffix} = 1") > 10
        assert not wrong(clean, f"SELECT * FROM {chosen} AND {parts}{language} {differs}")
    entered = " + ".join(f"ks4_ebac{part}_e_ptq_ee" for part in ("eng", "mat", "2sci", "hum", "lan"))
    for k in range(5):
        assert not wrong(clean, f"SELECT 1 FROM ks4_pupil WHERE ks4_ebaccsubjent_{k} <> ({entered} = {k})::INT")


def test_thresholds_agree_with_counts(clean):
    for holds in (
        "ks4_fiveac = (ks4_pass_ac >= 5)::INT", "ks4_glevel2em <= ks4_glevel2", "ks4_glevel2 <= ks4_level2",
        "ks4_level2em_gcse = ks4_glevel2em", "ks4_lev2em = ks4_lev2eng * ks4_lev2mat", "ks4_lev2eng <= ks4_lev1eng",
        "ks4_lev2em_95 <= ks4_lev2em_94", "ks4_gcse_aa = ks4_gcse_astar + ks4_gcse_a", "ks4_l2basics_94 = ks4_lev2em_94",
        "ks4_l2basics_95 = ks4_lev2em_95", "(ks4_examcat IN (1, 2)) = (ks4_level2 = 1)",
        "ks4_gcse_91 >= ks4_gcse_94 AND ks4_gcse_94 >= ks4_gcse_95", "ks4_flag24engprg IS NULL OR ks4_ks2eng24p >= 2",
        "ks4_entry_e >= ks4_gcsefull", "ks4_entry_e >= ks4_pass_lev1 AND ks4_pass_lev1 >= ks4_pass_lev2",
    ):  # fmt: skip
        assert not wrong(clean, f"SELECT 1 FROM ks4_pupil WHERE NOT ({holds})"), holds


def test_dummies_say_what_the_fields_say(clean):
    for table, stage in (("ks4_pupil", "ks4"), ("ks2_pupil", "ks2")):
        assert not wrong(clean, f"SELECT 1 FROM {table} WHERE {stage}_female <> ({stage}_gender = 'F')::INT")
        assert not wrong(clean, f"SELECT 1 FROM {table} WHERE {stage}_fsm > {stage}_fsm6")
        assert count(clean, f"{table} WHERE {stage}_fsm6 > {stage}_fsm") > 20
    assert not wrong(clean, "SELECT 1 FROM ks4_pupil WHERE ks4_bcrb <> (ks4_ethnic = 'BCRB')::INT")
    assert not wrong(clean, "SELECT 1 FROM ks4_pupil WHERE (ks4_apkn = '1') <> (ks4_ethnic = 'APKN')")
    assert not wrong(clean, "SELECT 1 FROM ks4_pupil WHERE ks4_new_type = 5 AND ks4_bcrb IS NOT NULL")


def test_a_school_has_one_awarding_body_a_subject(clean):
    several = """SELECT ks4_laestab_anon, ks4_mapping FROM ks4_exam WHERE ks4_mapping IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT ks4_boardno) > 1"""
    assert not wrong(clean, several)
    assert clean.execute("SELECT count(DISTINCT ks4_boardno) FROM ks4_exam").fetchone()[0] == 4


def key_stage_2_differs(con):
    """Rows of the exam table that are not as the pupil's record has them."""
    fields = {  # code of the test: level, mark and fine level of the pupil table
        "9981": ("ks2_englev", "ks2_engtotmrk", "ks2_engfine"), "9982": ("ks2_matlev", "ks2_mattotmrk", "ks2_matfine"),
        "9983": ("ks2_scilev", "ks2_scitotmrk", "ks2_scifine"), "9984": ("ks2_readlev", "ks2_readmrk", "ks2_readfine"),
    }  # fmt: skip
    found = []
    for code, (level, mark, fine) in fields.items():
        found += wrong(con, f"""
            SELECT '{code}', e.collection_year, ks2_testlev, p.{level}, ks2_testmark, p.{mark}, ks2_fine, p.{fine}
            FROM ks2_exam AS e JOIN ks2_pupil AS p USING (ks2_pupilmatchingrefanonymous)
            WHERE ks2_leapcode = '{code}' AND e.collection_year BETWEEN 2007 AND 2015 AND (ks2_testlev <> p.{level}
                OR ks2_testmark <> p.{mark} OR ks2_fine <> p.{fine} OR ks2_points <> 6 * ks2_testlev::INT + 3)""")  # fmt: skip
    return found


def test_the_tests_of_key_stage_2_are_those_of_the_pupil(clean):
    assert not key_stage_2_differs(clean)
    unmarked = "collection_year BETWEEN 2007 AND 2015 AND (ks2_testmark IS NULL OR ks2_testlev IS NULL)"
    assert not wrong(clean, f"SELECT 1 FROM ks2_exam WHERE {unmarked}")
    tests = "SELECT collection_year, count(*) / count(DISTINCT ks2_pupilmatchingrefanonymous) FROM ks2_exam GROUP BY 1"
    a_pupil = dict(clean.sql(tests).fetchall())
    assert set(a_pupil) == set(range(1997, 2017))
    assert all(tests == (3 if year < 2010 or year > 2012 else 2) for year, tests in a_pupil.items())
    assert count(clean, "ks2_pupil ANTI JOIN ks2_exam USING (ks2_pupilmatchingrefanonymous)") == 0
    assert not wrong(
        clean,
        """SELECT 1 FROM ks2_exam AS e JOIN ks2_pupil AS p USING (ks2_pupilmatchingrefanonymous)
        WHERE ks2_leapcode = '9982' AND e.collection_year = 2016
            AND (ks2_score <> ks2_matscore OR ks2_testmrk <> ks2_matmrk OR ks2_testoutcome <> ks2_matoutcome)""",
    )


def test_marks_earn_the_level_and_papers_add_up(clean):
    lines = "CASE WHEN m >= 77 THEN 5 WHEN m >= 46 THEN 4 WHEN m >= 21 THEN 3 ELSE 2 END"
    assert not wrong(clean, f"""SELECT * FROM (
        SELECT ks2_matlev, ks2_mattotmrk::INT AS m FROM ks2_pupil WHERE collection_year < 2016)
        WHERE ks2_matlev::INT <> {lines}""")  # fmt: skip
    for parts, total in (
        (("mattestamrk", "mattestbmrk", "matarthmrk"), "mattotmrk"), (("scitestamrk", "scitestbmrk"), "scitotmrk"),
        (("readmrk", "engwritmrk"), "engtotmrk"), (("gpspaper1mrk", "gpspaper2mrk"), "gpsmrk"),
        (("matarithmrk", "matpaper2mrk", "matpaper3mrk"), "matmrk"),
    ):  # fmt: skip
        added = " + ".join(f"ks2_{part}::INT" for part in parts)
        assert count(clean, f"ks2_pupil WHERE {added} = ks2_{total}::INT") > 50
        assert not wrong(clean, f"SELECT 1 FROM ks2_pupil WHERE {added} <> ks2_{total}::INT")


def test_thresholds_of_key_stage_2_follow_the_levels(clean):
    for holds in (
        "ks2_levxmat = (ks2_matlev >= '4')::INT", "ks2_levaxeng = (ks2_englev = '5')::INT",
        "ks2_levxmatta = (ks2_matlevta >= '4')::INT", "ks2_levxengmat <= ks2_levxeng AND ks2_levxengmat <= ks2_levxmat",
        "ks2_rwmexp = ks2_readexp * ks2_matexp * ks2_writtaexp", "ks2_lev4bmat <= ks2_levxmat",
        "(ks2_scitaoutcome = 'EXS') = (ks2_scitaexp = 1)", "ks2_valmat <= ks2_eligmat",
    ):  # fmt: skip
        assert not wrong(clean, f"SELECT 1 FROM ks2_pupil WHERE NOT ({holds})"), holds


@pytest.mark.parametrize(
    ("table", "field", "first", "last"),
    [
        ("ks4_pupil", "ks4_gcse_9", 2021, 2021), ("ks4_pupil", "ks4_gcse_c_ptq", 2014, 2014),
        ("ks4_pupil", "ks4_slot1eng", 2016, 2021), ("ks4_exam", "ks4_a8eng", 2015, 2021),
        ("ks4_exam", "ks4_gfinal", 2002, 2005), ("ks2_exam", "ks2_testlev", 2007, 2016),
        ("ks2_pupil", "ks2_levxgps", 2013, 2016), ("ks5_exam", "ks5_disc_single", 2016, 2021),
    ],
)  # fmt: skip
def test_a_field_is_filled_in_the_years_in_which_it_was_collected(clean, table, field, first, last):
    years = clean.execute(f"SELECT min(collection_year), max(collection_year) FROM {table} WHERE {field} IS NOT NULL")
    least, most = years.fetchone()
    assert first <= least <= most <= last
    assert most >= min(last, 2015)


def test_young_people_have_what_their_results_say(clean):
    key = "ypmad_pupilmatchingrefanonymous"
    at_16 = f"ypmad_chronological AS y JOIN ks4_pupil AS p ON y.{key} = p.ks4_pupilmatchingrefanonymous"
    assert not wrong(clean, f"""SELECT ypmad_l2_gcsefull, ks4_gcse_ac FROM {at_16}
        WHERE p.collection_year BETWEEN 2004 AND 2013 AND ypmad_l2_gcsefull <> ks4_gcse_ac""")  # fmt: skip
    at_18 = f"ypmad_chronological AS y JOIN ks5_student AS s ON y.{key} = s.ks5_pupilmatchingrefanonymous"
    assert count(clean, f"{at_18} WHERE ypmad_l3_a_pass > 1") > 200
    assert not wrong(clean, f"""SELECT ypmad_l3_a_pass, ks5_passes_ga FROM {at_18}
        WHERE y.collection_year = s.collection_year AND ypmad_l3_a_pass <> ks5_passes_ga""")  # fmt: skip
    for name in ("l2_gcsefull", "l3_a_pass", "l2_total_fe_ilr", "l3_total_wbl_ilr", "l2_foundation_wbl_ilr"):
        falls = f"SELECT ypmad_{name} - lag(ypmad_{name}) OVER (PARTITION BY {key} ORDER BY collection_year) AS d"
        assert not wrong(clean, f"SELECT * FROM ({falls} FROM ypmad_chronological) WHERE d < 0")
        assert count(clean, f"ypmad_chronological WHERE ypmad_{name} > 0") > 10


def test_results_of_key_stage_5_are_not_set_aside(clean):
    assert not wrong(clean, "SELECT 1 FROM ks5_exam WHERE ks5_disc1 <> 0 OR ks5_disc_all <> 0 OR ks5_discb_0_2 <> 0")
    assert not wrong(clean, "SELECT 1 FROM ks5_exam WHERE ks5_gfinal <> ks5_grade OR ks5_asizegs <> ks5_asize")


def test_a_second_record_has_none_of_the_measures():
    con = database(3, 3_000, without=tuple(name for name in FAULTS if name != "ks4_two_records"))
    twice = """FROM ks4_pupil WHERE collection_year BETWEEN 2006 AND 2013
        QUALIFY count(*) OVER (PARTITION BY ks4_pupilmatchingrefanonymous) = 2"""
    filled, rows = con.execute(f"SELECT count(ks4_pass_lev1), count(*) FROM ({twice})").fetchone()
    assert rows > 20 and filled == rows // 2


def test_a_level_of_learning_has_its_title_and_its_years():
    people = population(2, np.arange(1_500))
    _, aims = further_education.ilr(people, pathways(people), Keys(2))
    codes, titles = aims["leveloflearning"], aims["leveloflearning_desc"]
    for code, title in further_education.LEARNING_TITLES.items():
        # A foundation degree of a college has the code of an apprenticeship at level 5, and a title of its own.
        allowed = {title, "Level 5"} if code == 1020 else {title}
        assert {titles.labels[at] for at in np.unique(titles.codes[codes == code])} <= allowed
    gained = aims["fl3achwidth"].values > 0
    assert (aims["achievement"][gained] == 1).all() and gained.any()
    assert aims["sfl_p"].missing[aims["year"] + 1 < 2009].all()


def test_ages_and_levels_of_students_agree():
    people = population(2, np.arange(2_000))
    rows = higher_education.hesa(people, pathways(people), Keys(2), places(people, pathways(people)))
    difference = rows["he_xagej01"] - rows["he_xagea01"]
    assert set(np.unique(difference)) <= {0, 1}
    twenty = rows["he_xagrpa01"].codes == 0
    assert rows["he_xagea01"][twenty].max() == 20 and rows["he_xagea01"][~twenty].min() == 21
    assert ((rows["he_xqlev601"].codes >= 0) == (rows["he_xpqual01"] == 1)).all()
    assert (rows["he_fundcomp"].codes[rows["he_xpqual01"] == 1] == 0).all()


def test_measures_have_the_names_of_the_form():
    flag = np.array([True, False])
    rows = spread({"lev2em": flag, "gcse_a": flag})
    assert set(rows) == {"ks4_lev2em", "ks4_lev2em_ptq", "ks4_lev2em_ptq_ee", "ks4_gcse_a", "ks4_gcse_a_ptq",
                         "ks4_gcse_a_ptq_ee"}  # fmt: skip
    assert rows["ks4_gcse_a"].tolist() == [100, 0]  # a decimal, in hundredths
    assert rows["ks4_lev2em"] is flag


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_counts_and_slots_hold_for_every_seed(seed):
    con = database(seed, 250)
    assert not slots_that_differ(con)
    assert not key_stage_2_differs(con)
    for name, grade in LETTERS.items():
        assert not letter_counts(con, name, grade)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 400))
def test_measures_depend_on_the_person_alone(seed, fewer):
    def of(people):
        pupils = Pupils(population(seed, np.arange(people)), Keys(seed))
        return measures(pupils, results(pupils)), results(pupils)

    (few, some), (many, every) = of(fewer), of(400)
    same = np.isin(every.i, some.i)
    for name, column in few.items():
        values, others = (getattr(each, "codes", getattr(each, "values", each)) for each in (column, many[name]))
        assert np.array_equal(values, others[same]), name


def test_the_better_or_the_first_try_counts_once():
    pupils = Pupils(population(8, np.arange(3_000)), Keys(8))
    of = results(pupils)
    tries = counted(of)[:, [MATHS, 15]].sum(axis=1)
    assert tries.max() == 1
    assert (
        measures(pupils, of)["ks4_gcsefull"] == counted(of).sum(axis=1) - counted(of)[:, VOCATIONS].sum(axis=1)
    ).all()
