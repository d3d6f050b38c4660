"""The extract: a function of seed and person, whole or not there, and true to the lives it was made from."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import is_dataclass

import duckdb
import numpy as np
import pytest
import rules

import leocourse as leo
from leocourse.core.connect import FAULTY_OPTIMIZERS
from leocourse.core.errors import LeoError
from leocourse.core.paths import ADVANCED_EXTRACT, course_root
from leocourse.extract import FAULTS, generate, is_current, truth_folder
from leocourse.extract.base.columns import select, text_of
from leocourse.extract.block import block
from leocourse.extract.faults import Faults
from leocourse.extract.generate import content_hashes
from leocourse.schema import load_schema
from leocourse.validation.validate import validate


def as_text(rows, person_limit=10**9):
    """Every row as text, for people below a number, in a fixed order."""
    kept = select(rows, np.flatnonzero(rows["person"] < person_limit))
    everything = np.arange(len(kept["person"]))
    columns = [text_of(column, everything) for column in kept.values()]
    return sorted(zip(*columns, strict=True), key=str)


def same(rows, others):
    """Whether two tables have the same rows: what is equal as it is stored is not made text first."""
    return stored(rows) == stored(others) or as_text(rows) == as_text(others)


def stored(rows):
    """The bytes of every column, and the texts that its codes number."""
    parts = {name: vars(column) if is_dataclass(column) else {"values": column} for name, column in rows.items()}
    return {
        (name, part): (value.dtype.str, value.tobytes()) if isinstance(value, np.ndarray) else value
        for name, column in parts.items()
        for part, value in column.items()
    }


def records(people, seed=11, without=()):
    return block(seed, np.arange(people), Faults(seed, without))[0]


def test_a_person_does_not_depend_on_how_many_there_are():
    few, many = records(300), records(900)
    for table in few:
        assert as_text(few[table]) == as_text(many[table], 300), table


def test_another_seed_gives_other_data():
    assert as_text(records(50, 11)["leo_earnings"]) != as_text(records(50, 12)["leo_earnings"])


LINKS = {"two_ae_ids", "two_edukeys", "edukeys_side_by_side", "no_edukey", "key_not_in_lookup"}
OUTCOMES = {"learner_ae_id_to_pmr_lookup", "learner_ae_id_to_edukey_lookup"}


@pytest.fixture(scope="module")
def whole():
    """Records of some people with every fault, and the ledger."""
    switches = Faults(11)
    return block(11, np.arange(1_500), switches)[0], switches.ledger


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_switching_one_fault_off_changes_only_the_tables_that_it_strikes(fault, whole):
    everything, ledger = whole
    without = records(1_500, without=(fault,))
    changed = {table for table in everything if not same(everything[table], without[table])}
    struck = {table for name, table, *_ in ledger if name == fault}
    assert list(rules.struck([fault], ledger)) == []
    if fault in LINKS:  # a person's key changes in every table of outcomes
        assert all(table in OUTCOMES or table.startswith("leo_") for table in changed)
        assert struck <= changed or fault == "key_not_in_lookup"  # its line says which key the lookup lacks
    else:
        assert changed == struck


def test_the_lesson_extract_is_the_one_that_was_recorded(lesson):
    manifest = json.loads((lesson / "manifest.json").read_text())
    recorded = json.loads((course_root() / "data" / "lesson-hashes.json").read_text())
    assert content_hashes(manifest) == recorded, (
        "The data changed. If that was meant, record them with 'leo extract --record'."
    )


def test_the_lesson_extract_is_small(lesson):
    tables = [path.stat().st_size for path in lesson.rglob("*") if path.is_file() and "keys" not in path.parts]
    assert 10e6 < sum(tables) <= 30e6


def test_every_view_opens_under_its_real_name(con):
    views = {(view.database, view.name) for view in load_schema().views()}
    opened = set(con.execute("SELECT database_name, view_name FROM duckdb_views() WHERE NOT internal").fetchall())
    assert views <= opened
    for database in load_schema().databases:
        name = next(view.name for view in load_schema().views() if view.database == database)
        con.execute(f'SELECT * FROM {database.upper()}."2005003".{name.upper()} LIMIT 1')  # case does not matter


def test_another_project_number(lesson):
    with leo.connect(lesson, project="1001234") as con:
        assert con.execute('SELECT count(*) FROM leo_i2."1001234".leo_earnings').fetchone()[0] > 0


def number_or_text(value):
    try:
        return float(value)
    except ValueError:
        return value


@pytest.mark.parametrize(
    ("setting", "value"),
    [("parquet_metadata_cache", True), ("disabled_optimizers", set(FAULTY_OPTIMIZERS))],
)
def test_what_a_connection_sets_holds_for_its_cursors(lesson, setting, value):
    """Answers are checked through a cursor: it must neither read every file anew nor meet DuckDB's faults."""
    with leo.connect(lesson) as con, con.cursor() as cursor:
        for each in (con, cursor):
            found = each.execute(f"SELECT current_setting('{setting}')").fetchone()[0]
            assert (set(found.split(",")) if isinstance(found, str) else found) == value


def test_codes_are_those_of_the_schema(con):
    """Every value of a field with a code list is on the list."""
    checked = 0
    for table in load_schema().tables.values():
        view = table.views[-1]
        for field in table.fields:
            if not field.categories or not field.available(view.first, view.last, view.term):
                continue
            column = field.column_in(view)
            values = con.execute(
                f'SELECT DISTINCT CAST("{column}" AS VARCHAR) FROM {view.database}."2005003"."{view.name}" '
                f'WHERE "{column}" IS NOT NULL LIMIT 200'
            ).fetchall()
            known = {number_or_text(value) for value, _ in field.categories}
            unknown = {number_or_text(value) for (value,) in values} - known
            assert not unknown, f"{table.name}.{field.name}: {unknown}"
            checked += bool(values)
    assert checked > 20


def truth(folder):
    con = leo.connect(folder)
    leo.attach_truth(con)
    return con


def test_without_faults_the_records_tell_the_truth(clean_extract):
    con = truth(clean_extract)
    days = """
        WITH recorded AS (
            SELECT k.ae_id, y.label, sum(least(e.enddate, y.last) - greatest(e.startdate, y.first) + 1) AS days
            FROM leo_i2."2005003".leo_employment e
            JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup k USING (edukey)
            JOIN (SELECT (n - 1) * 100 + n % 100 AS label, make_date(n - 1, 4, 6) AS first, make_date(n, 4, 5) AS last
                  FROM range(2003, 2022) r(n)) y ON e.startdate <= y.last AND e.enddate >= y.first
            GROUP BY ALL
        )
        SELECT count(*), sum((r.days IS DISTINCT FROM t.days_in_work)::INT)
        FROM truth.working_years t JOIN truth.lives l USING (person_number)
        FULL JOIN recorded r ON r.ae_id = l.ae_id AND r.label = t.tax_year
    """
    rows, wrong = con.execute(days).fetchone()
    assert rows > 5_000 and wrong == 0
    pay = """
        SELECT count(*), sum((e.earnings IS DISTINCT FROM t.earnings)::INT)
        FROM truth.working_years t JOIN truth.lives l USING (person_number)
        JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup k USING (ae_id)
        LEFT JOIN leo_i2."2005003".leo_earnings e ON e.edukey = k.edukey AND e.taxyear = t.tax_year
        WHERE t.tax_year >= 200304 AND t.earnings > 0
    """
    rows, wrong = con.execute(pay).fetchone()
    assert rows > 5_000 and wrong == 0


def test_without_faults_a_pupil_has_one_record_a_census(clean_extract):
    con = leo.connect(clean_extract)
    for year in (2003, 2011, 2021):
        name = f"plasc_{year}" if year < 2006 else f"spring_census_{year}"
        pmr = f"pupilmatchingrefanonymous_{'spr' if year > 2005 else ''}{year % 100:02d}"
        rows, pupils = con.execute(f'SELECT count(*), count(DISTINCT {pmr}) FROM npd_i2."2005003".{name}').fetchone()
        assert rows == pupils > 0


def test_cohorts_are_in_the_year_group_of_the_academic_year_rule(con):
    for year in (2006, 2011, 2021):
        suffix = f"spr{year % 100:02d}"
        wrong = con.execute(f"""
            SELECT count(*) FROM npd_i2."2005003".spring_census_{year}
            WHERE CASE ncyearactual_{suffix} WHEN 'R' THEN 0 ELSE TRY_CAST(ncyearactual_{suffix} AS INT) END
               <> {year} - 6 - (yearofbirth_{suffix} - CASE WHEN monthofbirth_{suffix} < 9 THEN 1 ELSE 0 END)
        """).fetchone()[0]
        assert wrong == 0


def test_the_main_record_is_unique_however_many_there_are(con):
    worst = con.execute("""
        SELECT max(n) FROM (SELECT count(*) AS n FROM npd_i2."2005003".spring_census_2011
        WHERE recordstatus_spr11 < 100 GROUP BY pupilmatchingrefanonymous_spr11)
    """).fetchone()[0]
    assert worst == 1


def test_the_ledger_counts_what_was_planted(con):
    leo.attach_truth(con)
    ledger = dict(con.execute("SELECT fault, count(*) FROM truth.ledger GROUP BY 1").fetchall())
    dual = con.execute(
        "SELECT count(*) FROM truth.ledger WHERE fault = 'census_dual_registration' AND row_key LIKE '%collection_term=spr'"
    ).fetchone()[0]
    duplicates = sum(
        con.execute(
            f"SELECT count(*) - count(DISTINCT pupilmatchingrefanonymous_{'spr' if y > 2005 else ''}{y % 100:02d}) "
            f'FROM npd_i2."2005003".{"plasc" if y < 2006 else "spring_census"}_{y}'
        ).fetchone()[0]
        for y in range(2002, 2022)
    )
    assert dual + ledger["census_off_roll"] == duplicates
    zeros = con.execute('SELECT count(*) FROM leo_i2."2005003".leo_earnings WHERE earnings = 0').fetchone()[0]
    assert 0 <= ledger["negative_pay"] - zeros <= 0.08 * ledger["negative_pay"]  # the unlinked have no rows
    flagged = con.execute('SELECT count(*) FROM leo_i2."2005003".leo_employment WHERE uncertainenddate = 1').fetchone()[
        0
    ]
    assert 0.7 * ledger["uncertain_end"] < flagged <= ledger["uncertain_end"]  # some were merged away


def test_linkage_fails_more_often_for_minority_ethnic_groups(con):
    leo.attach_truth(con)
    white, other = con.execute("""
        SELECT avg(1 - linked) FILTER (ethnic_group_minor LIKE 'W%'), avg(1 - linked) FILTER (ethnic_group_minor NOT LIKE 'W%')
        FROM truth.lives
    """).fetchone()
    assert 0.02 < white < 0.06 and other > white + 0.01


def test_marking_extracts_carry_no_truth(lesson, tmp_path):
    generate(tmp_path / "extract", 50, 1)
    with leo.connect(tmp_path / "extract") as con:
        leo.attach_truth(con)
    for file in truth_folder(tmp_path / "extract").rglob("*.parquet"):
        file.unlink()
    (truth_folder(tmp_path / "extract") / "manifest.json").unlink()
    with leo.connect(tmp_path / "extract") as con, pytest.raises(LeoError, match="No truth beside the extract"):
        leo.attach_truth(con)


def test_the_truth_of_another_extract_is_not_shown_and_the_same_command_makes_both_again(tmp_path):
    """As after a crash between putting the one in place and the other."""
    generate(tmp_path / "extract", 50, 1)
    generate(tmp_path / "other", 50, 2)
    shutil.rmtree(truth_folder(tmp_path / "extract"))
    truth_folder(tmp_path / "other").rename(truth_folder(tmp_path / "extract"))
    with leo.connect(tmp_path / "extract") as con, pytest.raises(LeoError, match="that of another extract"):
        leo.attach_truth(con)
    assert not is_current(tmp_path / "extract", 50, 1)
    generate(tmp_path / "extract", 50, 1)
    assert is_current(tmp_path / "extract", 50, 1)


@pytest.mark.parametrize(
    ("people", "seed", "without", "words"),
    [(0, 1, (), "--people"), (-5, 1, (), "--people"), (10**9, 1, (), "--people"), (10, -1, (), "--seed"),
     (10, 2**70, (), "--seed"), (10, 1, ("gremlins",), "Unknown fault 'gremlins'")],
)  # fmt: skip
def test_what_cannot_be_made_is_one_clear_line(tmp_path, people, seed, without, words):
    with pytest.raises(LeoError, match=words):
        generate(tmp_path / "extract", people, seed, without)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("my only copy")
    with pytest.raises(LeoError, match="something other than an extract"):
        generate(tmp_path, 10, 1)
    assert (tmp_path / "thesis.docx").read_text() == "my only copy"


def test_an_interrupted_run_leaves_the_former_extract(tmp_path):
    generate(tmp_path / "extract", 10, 1)
    before = (tmp_path / "extract" / "manifest.json").read_text()

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "extract", 20, 2, progress=interrupt)
    assert (tmp_path / "extract" / "manifest.json").read_text() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extract", "extract-truth"]
    with leo.connect(tmp_path / "extract") as con:  # what is there is still the former one, whole
        assert con.execute('SELECT count(*) FROM leo_i2."2005003".leo_earnings').fetchone()[0] > 0


def test_no_extract_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEO_EXTRACT", raising=False)
    with pytest.raises(LeoError, match="No extract found"):
        leo.connect()
    with pytest.raises(LeoError, match="is not an extract"):
        leo.connect(tmp_path)
    with pytest.raises(LeoError, match="project number"):
        (tmp_path / "manifest.json").write_text('{"format": 2}')
        leo.connect(tmp_path, project='x"; DROP')


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small extract with its truth, to damage copies of."""
    folder = tmp_path_factory.mktemp("small") / "extract"
    generate(folder, 40, 3)
    return folder


def remove_a_table(folder):
    shutil.rmtree(folder / "leo_earnings")


def cut_a_table(folder):
    part = next((folder / "leo_earnings").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-100])


def manifest(text):
    return lambda folder: (folder / "manifest.json").write_text(text)


DAMAGE = {
    "a table is gone": (remove_a_table, "is not a whole extract"),
    "a table is cut off": (cut_a_table, "is not a whole extract|Cannot read table"),
    "the views are gone": (lambda folder: (folder / "views.sql").unlink(), "is not a whole extract .views.sql"),
    "an old manifest": (manifest('{\n "format": 1,\n "tables": {}}'), "another version of the course .*has format 1"),
    "no manifest at all": (manifest("[]"), "is not a whole extract .manifest.json"),
    "half a manifest": (manifest('{"form'), "is not a whole extract .manifest.json"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_extract_is_one_clear_line_and_the_same_command_makes_it_again(small, tmp_path, damage, words):
    folder = tmp_path / "extract"
    shutil.copytree(small, folder)
    shutil.copytree(truth_folder(small), truth_folder(folder))
    assert is_current(folder, 40, 3)
    damage(folder)
    with pytest.raises(LeoError, match=words) as raised:
        leo.connect(folder).execute('SELECT count(*) FROM leo_i2."2005003".leo_earnings')
    assert re.fullmatch(".*: make (it again|one) with .leo extract.\\.", str(raised.value))
    assert not is_current(folder, 40, 3)
    generate(folder, 40, 3)
    with leo.connect(folder) as con:
        assert con.execute('SELECT count(*) FROM leo_i2."2005003".leo_earnings').fetchone()[0] > 0


@pytest.mark.parametrize("damage", [each for name, (each, _) in DAMAGE.items() if "views" not in name])
def test_validation_of_a_damaged_extract_is_one_clear_line(small, tmp_path, damage):
    shutil.copytree(small, tmp_path / "extract")
    damage(tmp_path / "extract")
    with pytest.raises(LeoError) as raised:
        validate(tmp_path / "extract")
    assert "\n" not in str(raised.value)


def test_an_unknown_view_names_the_problem(con):
    with pytest.raises(duckdb.CatalogException, match="leo_pay"):
        con.execute('SELECT * FROM leo_i2."2005003".leo_pay')


def test_an_extract_of_some_tables_has_their_rows_and_no_others(tmp_path):
    whole = generate(tmp_path / "whole", 300, 4, workers=1)
    some = generate(tmp_path / "some", 300, 4, workers=1, only=("hesa", "leo_earnings"))
    assert set(some["tables"]) == {"hesa", "leo_earnings"}
    for name, entry in some["tables"].items():
        assert entry["sha256"] == whole["tables"][name]["sha256"]
    assert is_current(tmp_path / "some", 300, 4, only=("leo_earnings", "hesa"))
    assert not is_current(tmp_path / "some", 300, 4) and not is_current(tmp_path / "whole", 300, 4, only=("hesa",))
    with leo.connect(tmp_path / "some") as con:
        assert con.sql('FROM leo_i2."2005003".leo_earnings').aggregate("count(*)").fetchone()[0] > 0
        leo.attach_truth(con)
        assert con.sql("FROM truth.lives").aggregate("count(*)").fetchone()[0] >= 300
    with pytest.raises(LeoError, match="no table 'leo_wages'"):
        generate(tmp_path / "none", 300, 4, only=("leo_wages",))


def test_the_advanced_extract_is_found_by_its_name_from_any_folder_of_the_course(tmp_path, monkeypatch):
    monkeypatch.delenv("LEO_EXTRACT", raising=False)
    (tmp_path / "book" / "advanced").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "book" / "advanced")
    with pytest.raises(LeoError, match="Make it with 'leo extract --advanced'"):
        leo.connect("advanced")
    generate(tmp_path / ADVANCED_EXTRACT, 50, 4, workers=1, only=("hesa",))
    with leo.connect("advanced") as con:
        assert con.sql("SELECT folder FROM course.extract").fetchone()[0] == str(tmp_path / ADVANCED_EXTRACT)
