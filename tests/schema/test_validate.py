"""Validation: a sound extract passes, planted faults are explained by the ledger, and corruption is caught by its rule."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import kept
import pytest
import rules
from typer.testing import CliRunner

from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.extract import FAULTS
from leocourse.schema import load_schema
from leocourse.validation.package import export
from leocourse.validation.validate import check, validate

SCHEMA = load_schema()
TABLES = SCHEMA.tables.values()


@pytest.fixture(scope="session")
def faulty() -> Path:
    """A small extract with every fault, and its truth beside it."""
    return kept.extract("faulty", 300, 11)


@pytest.fixture
def copy(faulty, tmp_path) -> Path:
    """A copy of it that a test may corrupt."""
    for suffix in ("", "-truth"):
        shutil.copytree(faulty.with_name(f"extract{suffix}"), tmp_path / f"extract{suffix}")
    return tmp_path / "extract"


def change(folder: Path, table: str, select: str) -> None:
    """Write a table again as a query of its rows ``t`` has it, and the manifest with its number of rows."""
    files = sorted((folder / table).glob("*.parquet"))
    new = folder / table / "new"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t AS FROM read_parquet('{(folder / table / '*.parquet').as_posix()}')")
        con.execute(f"COPY ({select}) TO '{new.as_posix()}' (FORMAT parquet)")
        rows = con.execute(f"SELECT count(*) FROM read_parquet('{new.as_posix()}')").fetchone()[0]
    for file in files:
        file.unlink()
    new.rename(files[0])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"][table]["rows"] = rows
    (folder / "manifest.json").write_text(json.dumps(manifest))


def broken(folder: Path, *tables: str) -> dict[tuple[str, str], int]:
    """The rules that rows of tables (default: all) break without a planted fault, and how many rows."""
    return {(o.table, o.rule): o.unexplained for o in check(folder, only=tables).findings if o.unexplained}


def test_the_lesson_extract_has_the_planted_faults_and_no_other(lesson):
    report = check(lesson)
    assert report.with_truth
    assert [str(outcome) for outcome in report.findings if outcome.unexplained] == []
    planted = {fault for outcome in report.findings for fault in outcome.faults}
    assert {"census_dual_registration", "ks4_two_records", "two_ae_ids", "no_edukey", "aim_end_missing"} <= planted


def test_an_extract_without_faults_breaks_no_rule(clean_extract):
    assert [str(outcome) for outcome in validate(clean_extract)] == []


def test_without_the_truth_faults_are_reported_unexplained(copy):
    shutil.rmtree(copy.with_name("extract-truth"))
    report = check(copy, only=["school_census", "hesa"])
    assert not report.with_truth and not report.explained
    assert ("school_census", "primary key") in broken(copy, "school_census")


FIRST = "row_number() OVER () = 1"
CORRUPTIONS = [
    ("hesa", "FROM t UNION ALL (FROM t LIMIT 1)", "primary key"),
    ("learners", "SELECT * REPLACE (if(row_number() OVER () = 1, NULL, external_id) AS external_id) FROM t", "primary key"),
    ("leo_cjrs", f"SELECT * REPLACE (if({FIRST}, 'EK000000000000', edukey) AS edukey) FROM t", "foreign key edukey"),
    ("aims", f"SELECT * REPLACE (if({FIRST}, 'X000000X', learning_aim_id) AS learning_aim_id) FROM t",
     "foreign key learning_aim_id, year"),
    ("leo_earnings", f"SELECT * REPLACE (if({FIRST}, 'E0', main_enterprise) AS main_enterprise) FROM t",
     "foreign key main_enterprise"),
    ("school_census", f"SELECT * REPLACE (if({FIRST}, 'X', senprovision) AS senprovision) FROM t", "codes senprovision"),
    ("learners", f"SELECT * REPLACE (if({FIRST}, 3, lldd) AS lldd) FROM t", "codes lldd"),
    ("leo_employment", f"SELECT * REPLACE (if({FIRST} AND startdate < enddate, enddate, startdate) AS startdate, "
     f"if({FIRST}, startdate, enddate) AS enddate) FROM t", "dates startdate, enddate"),
    ("aims", f"SELECT * REPLACE (if({FIRST}, DATE '1999-01-01', end_date) AS end_date) FROM t ORDER BY start_date",
     "dates start_date, end_date"),
    ("ks4_pupil", "SELECT * REPLACE (if(collection_year = 2010, 1, ks4_att8) AS ks4_att8) FROM t", "years ks4_att8"),
    ("aims", "SELECT * REPLACE (if(year < 2010, 1, cl) AS cl) FROM t", "years cl"),
    ("school_census", "SELECT * REPLACE (if(collection_year = 2020, 'sum', collection_term) AS collection_term) FROM t",
     "rows of a collection that was taken"),
    ("leo_geography", "SELECT * REPLACE (CAST(taxyear AS BIGINT) AS taxyear) FROM t", "type taxyear"),
    ("ucas", "SELECT *, 1 AS shoe_size FROM t", "type shoe_size"),
    ("leo_earnings", "SELECT * REPLACE (-earnings AS earnings) FROM t", "there is pay"),
    ("leo_employment", "FROM t WHERE edukey <> (SELECT min(edukey) FROM leo)", "pay comes with employment"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "select", "rule"), CORRUPTIONS, ids=[f"{t}: {r}" for t, _, r in CORRUPTIONS])
def test_corruption_is_caught_by_its_rule(copy, table, select, rule):
    earnings = (copy / "leo_earnings" / "*.parquet").as_posix()
    change(copy, table, select.replace("FROM leo)", f"FROM read_parquet('{earnings}'))"))
    assert rule in {name for _, name in broken(copy, table, "leo_earnings")}


def test_one_row_too_many_is_one_violation_with_its_key(copy):
    before = {(o.table, o.rule): o.rows for o in check(copy, only=["school_census"]).outcomes}
    change(copy, "school_census", "FROM t UNION ALL (FROM t ORDER BY ALL LIMIT 1)")
    found = next(o for o in check(copy, only=["school_census"]).findings if o.rule == "primary key")
    assert found.rows == before["school_census", "primary key"] + 1
    assert found.unexplained == 1
    assert found.example.startswith("pupilmatchingrefanonymous=PM") and "collection_year=" in found.example


LOST_LINES = [
    ("ucas_age_zero", "ucas", "SELECT * REPLACE (18 AS applicant_age) FROM t"),
    ("aim_end_missing", "aims", "SELECT * REPLACE (if(end_date = DATE '1900-01-01', NULL, end_date) AS end_date) FROM t"),
    ("census_off_roll", "school_census", "FROM t WHERE recordstatus <> 101"),
    ("ks4_two_records", "ks4_pupil", "FROM t QUALIFY row_number() OVER (PARTITION BY ks4_pupilmatchingrefanonymous) = 1"),
    ("negative_pay", "leo_earnings", "SELECT * REPLACE (greatest(earnings, 1) AS earnings) FROM t"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "table", "repair"), LOST_LINES, ids=[fault for fault, *_ in LOST_LINES])
def test_a_line_of_the_ledger_that_does_not_show_is_a_finding(copy, fault, table, repair):
    change(copy, table, repair)
    assert (table, f"ledger {fault}") in broken(copy, table)


def test_a_fault_that_is_not_in_the_ledger_is_not_explained(copy):
    ledger = next((copy.with_name("extract-truth") / "ledger").glob("*.parquet"))
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE l AS FROM read_parquet('{ledger.as_posix()}')")
        con.execute(f"COPY (FROM l WHERE fault <> 'absence_two_records') TO '{ledger.as_posix()}' (FORMAT parquet)")
    assert set(broken(copy, "absence", "hesa")) == {("absence", "primary key")}


def test_a_lost_row_is_missed_in_the_manifest(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["tables"]["hesa"]["rows"] += 1
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert broken(copy, "hesa") == {("hesa", "rows as in the manifest"): 1}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_and_rules_name_fields_that_exist(table):
    names, descriptor = (
        {field.name for field in table.fields} | {"collection_year", "collection_term"},
        table.descriptor,
    )
    keys = [descriptor.get("primaryKey", []), descriptor.get("leo:primaryKey", []), *descriptor.get("leo:dates", ())]
    keys += [*descriptor.get("uniqueKeys", ()), *descriptor.get("leo:uniqueKeys", ())]
    assert names.issuperset(name for key in keys for name in key)
    for entry in descriptor.get("foreignKeys", ()):
        target = entry["reference"]
        assert names.issuperset(entry["fields"])
        assert {field.name for field in SCHEMA[target["resource"]].fields} | {"collection_year"} >= set(
            target["fields"]
        )
        assert len(entry["fields"]) == len(target["fields"])


@pytest.fixture(scope="module")
def rules_of(faulty):
    """The names of the rules of each table."""
    names = {}
    for outcome in check(faulty).outcomes:
        names.setdefault(outcome.table, set()).add(outcome.rule)
    return names


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_what_a_fault_says_of_how_it_shows_names_columns_rules_and_faults_that_there_are(fault, rules_of):
    assert list(rules.shown(fault, SCHEMA)) == []
    for shows in fault.shows:
        assert set(shows.unless) <= set(FAULTS) - {fault.name}
        assert rules_of[shows.table].issuperset(shows.breaks)
        assert shows.breaks or shows.seen or shows.rows is not None  # else validation would learn nothing from it
        if shows.ledger:
            assert any(other.table == shows.ledger and not other.ledger for other in fault.shows)


def test_a_data_package_says_how_faults_show(faulty, tmp_path):
    folder = shutil.copytree(faulty, tmp_path / "extract")
    resources = {each["name"]: each["schema"] for each in json.loads(export(folder).read_text())["resources"]}
    told = {(name, line["fault"]) for name, schema in resources.items() for line in schema.get("leo:faults", ())}
    assert told == {(shows.table, fault.name) for fault in FAULTS.values() for shows in fault.shows}
    age = next(line for line in resources["ucas"]["leo:faults"] if line["fault"] == "ucas_age_zero")
    assert age["seen"] == "r.applicant_age = 0" and age["breaks"] == ["the age is known"] and "rows" not in age


def test_the_command_tells_whether_all_is_explained(faulty, copy):
    done = CliRunner().invoke(app, ["validate", str(faulty)])
    assert done.exit_code == 0, done.output
    assert "all is explained" in done.output and "school_census" in done.output
    change(copy, "hesa", "FROM t UNION ALL (FROM t LIMIT 1)")
    done = CliRunner().invoke(app, ["validate", str(copy)])
    assert done.exit_code == 1
    assert "hesa: primary key: 1 rows" in done.output and "not all is explained" in done.output


def test_what_is_no_whole_extract_is_one_clear_line(copy, tmp_path):
    with pytest.raises(LeoError, match=r"is not an extract \(it has no manifest.json"):
        validate(tmp_path)
    shutil.rmtree(copy / "hesa")
    with pytest.raises(LeoError, match="no Parquet of table 'hesa'"):
        validate(copy)
