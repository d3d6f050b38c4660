"""What every measure must be: described, typed, unique in its grain, portable; and how measures are computed."""

from __future__ import annotations

import re
import shutil

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

import leocourse as leo
from leocourse.core.errors import LeoError
from leocourse.measures import load, names, plan, render
from leocourse.measures import model as framework
from leocourse.measures.run import SCHEMA, load_public
from leocourse.schema.model import DUCKDB_TYPES

NOT_IN_SQL_SERVER = (
    r"\bqualify\b", r"\busing\s*\(", r"::", r"\bfilter\s*\(", r"\blimit\b", r"\bgroup by all\b", r"\border by all\b",
    r"\bunnest\b", r"\bgenerate_series\b", r"\brange\s*\(", r"\bgreatest\b", r"\bleast\b", r"\bbool_or\b",
    r"\bbool_and\b", r"\bmedian\b", r"\barg_m(in|ax)\b", r"\blist\w*\s*\(", r"\bexclude\b", r"\btrue\b", r"\bfalse\b",
    r"\bilike\b", r"\bregexp_\w+", r"\bsplit_part\b", r"\bstrptime\b", r"\bdate_trunc\b", r"\bextract\s*\(",
    r"\|\|", r"\banti join\b", r"\bsemi join\b", r"\basof\b", r"\btry_cast\b", r"\bdouble\b(?! precision)",
    r"\bis not distinct from\b", r"\bboolean\b", r"\bhugeint\b", r"//", r"\bas float\)", r"\border by \w+ nulls\b",
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(make_extract):
    """One extract, on a connection of this module's own."""
    with leo.connect(make_extract(3)) as con:
        yield con


def duckdb_type(sql_server: str) -> str:
    base, _, rest = sql_server.partition("(")
    return f"DECIMAL({rest.replace(' ', '')}" if base == "decimal" else DUCKDB_TYPES.get(base, "VARCHAR")


@pytest.mark.parametrize("name", names())
def test_front_matter_is_complete(name):
    measure = load(name)
    texts = ("title", "definition", "grain", "source", "years", "lost")
    assert [field for field in texts if len(getattr(measure, field)) <= 2] == []
    assert measure.grain.startswith("one row per ")
    assert measure.traps
    columns = [column.name for column in measure.columns]
    assert set(measure.key) <= set(columns)
    assert measure.key
    assert set(measure.group_by) <= set(columns)
    assert [each.name for each in (*measure.columns, *measure.parameters) if not each.description.strip()] == []
    fractions = [column for column in measure.columns if column.type.startswith(("float", "decimal"))]
    assert [column.name for column in fractions if not column.unit] == []
    if measure.other_rule:
        other = measure.values({measure.other_rule["parameter"]: measure.other_rule["value"]})
        assert other != measure.values()


@pytest.mark.parametrize("name", names())
def test_columns_types_and_grain_are_as_declared(name, opened):
    measure, rows = load(name), leo.measure(opened, name)
    assert rows.columns == [column.name for column in measure.columns]
    assert [str(kind) for kind in rows.types] == [duckdb_type(column.type) for column in measure.columns]
    key = ", ".join(measure.key)
    assert rows.aggregate(f"count(*) - count(DISTINCT ({key}))").fetchall()[0] == (0,), "the grain is not unique"
    assert rows.filter(" OR ".join(f"{column} IS NULL" for column in measure.key)).fetchall() == []
    assert rows.aggregate("count(*)").fetchall()[0][0] > 0


@pytest.mark.parametrize("name", names())
def test_the_sql_is_one_select_without_what_sql_server_lacks(name):
    sql = render(name)
    code = re.sub(r"'[^']*'", "''", framework.COMMENT.sub("", sql)).lower()
    for pattern in NOT_IN_SQL_SERVER:
        assert not re.search(pattern, code), f"{pattern} in {name}"
    statements = sqlglot.parse(sql, read="duckdb")
    assert len(statements) == 1
    assert isinstance(statements[0], sqlglot.exp.Query)


@pytest.mark.parametrize("name", names())
def test_years_read_at_once_give_the_rows_of_the_views(name, opened):
    """The text that a learner reads names the yearly views; here they are read in one pass over the table."""
    if "--|" not in load(name).sql:
        assert framework.REPEATED.search(load(name).sql) is None
        return
    leo.measure(opened, name)
    step, values, tables = plan(name)[-1]
    for public in step.public:
        load_public(opened, public)
    sql = render(step, values, tables={used: f"{SCHEMA}.{table}" for used, table in tables.items()})
    fast = leo.measure(opened, name)
    assert opened.sql(sql).types == fast.types
    key = ", ".join(load(name).key)
    pd.testing.assert_frame_equal(opened.sql(sql).order(key).df(), fast.order(key).df(), rtol=1e-9)


def test_a_view_that_was_replaced_is_read_as_it_is(make_extract):
    with leo.connect(make_extract(3)) as con:
        name = 'npd_i2."2005003".spring_census_2010'
        con.execute(f"CREATE TABLE census AS FROM {name} LIMIT 0")
        con.execute(f"CREATE OR REPLACE VIEW {name} AS FROM memory.main.census")
        rows = leo.measure(con, "coverage").filter("school_year = 2010")
        assert rows.aggregate("sum(census_records)").fetchall()[0] == (0,)
        assert (
            leo.measure(con, "coverage").aggregate("min(census_records) FILTER (school_year = 2009)").fetchall()[0][0]
            > 0
        )


# How measures are computed ---------------------------------------------------------------------------


def test_a_measure_is_computed_once_on_a_connection(make_extract):
    with leo.connect(make_extract(3)) as con:
        first = leo.measure(con, "sex")
        made = con.sql("SELECT table_name, table_oid FROM duckdb_tables() WHERE schema_name = 'measures'").fetchall()
        assert {name for name, _ in made} == {"same_person", "pmr_person", "sex"}
        again = leo.measure(con, "sex", rule="latest")
        assert (
            con.sql("SELECT table_name, table_oid FROM duckdb_tables() WHERE schema_name = 'measures'").fetchall()
            == made
        )
        assert first.order("ae_id").fetchall() == again.order("ae_id").fetchall()
        leo.measure(con, "sex", rule="most frequent")
        now = con.sql("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'measures'").fetchall()
        assert len(now) == 4
        assert len([name for (name,) in now if re.fullmatch(r"sex_[0-9a-f]{8}", name)]) == 1


def test_a_relation_can_be_composed_and_fetched(opened):
    sex = leo.measure(opened, "sex")
    women = sex.filter("sex = 'F'").aggregate("count(*)").fetchall()[0][0]
    assert (sex.df().sex == "F").sum() == women
    assert sex.arrow().read_all().num_rows == len(sex)
    joined = opened.sql("SELECT count(*) FROM measures.sex JOIN measures.person USING (ae_id)").fetchall()[0][0]
    assert joined == len(sex)


def test_a_parameter_is_passed_on_to_the_measures_that_have_it():
    steps = {
        step.name: values for step, values, _ in plan("ks4_attainment", {"record": "fewer points", "schools": "all"})
    }
    assert steps["ks4_record"] == {"record": "fewer points"}
    assert steps["ks4_cohort"]["schools"] == "all"
    assert list(steps)[-1] == "ks4_attainment"


def test_another_project_number(make_extract):
    with leo.connect(make_extract(3), project="1234567") as con:
        assert len(leo.measure(con, "sex")) > 1_000


def test_every_measure_is_listed():
    listed = leo.measures()
    assert listed.columns.tolist() == ["name", "title", "group"]
    assert listed.name.tolist() == names()
    assert set(listed.group) <= set(framework.GROUPS.values())


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("sx", {}, ["There is no measure 'sx'", "Did you mean 'sex'"]),
        ("sex", {"rules": "latest"}, ["'sex'", "no parameter 'rules'", "it has rule", "Did you mean 'rule'"]),
        ("person", {"rule": "latest"}, ["'person'", "it has none"]),
        ("sex", {"rule": "last"}, ["'sex'", "'rule'", "'latest', 'most frequent', 'year 11'", "Did you mean 'latest'"]),
        ("level_by_age", {"age": 12}, ["'level_by_age'", "'age'", "12", "16 to 21"]),
        ("level_by_age", {"age": "19"}, ["'age'", "a whole number from 16 to 21"]),
        ("level_by_age", {"age": True}, ["'age'", "True"]),
    ],
)
def test_errors_name_measure_parameter_and_valid_values(opened, name, parameters, words):
    with pytest.raises(LeoError) as error:
        leo.measure(opened, name, **parameters)
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_a_connection_of_another_kind_is_refused():
    with duckdb.connect() as con, pytest.raises(LeoError, match=r"leo\.connect\(\)"):
        leo.measure(con, "sex")


def test_lists_of_numbers():
    years = framework.Parameter("years", (1, 3), "Years.", type="int list", minimum=1, maximum=15)
    assert years.check("x", [5, 1, 5]) == (1, 5)
    assert years.check("x", 3) == (3,)
    assert years.parse("x", "10,2") == (2, 10)
    for wrong in ([], [0], [1.5], ["a"], "1"):
        with pytest.raises(LeoError, match="whole numbers from 1 to 15"):
            years.check("x", wrong)
    with pytest.raises(LeoError, match="'years' cannot be 'one'"):
        years.parse("x", "one")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place for measures of a test's own."""
    monkeypatch.setattr(framework, "FOLDER", tmp_path)
    framework._files.cache_clear()
    framework.load.cache_clear()
    (tmp_path / "people").mkdir()
    yield tmp_path / "people"
    framework._files.cache_clear()
    framework.load.cache_clear()


FRONT = """/*---
title = "T"
definition = "D."
grain = "one row per year"
key = ["year"]
columns = [ { name = "year", type = "int", description = "Year." } ]
source = "S"
years = "Y"
lost = "L"
traps = ["T"]
%s
---*/
%s
"""


def test_a_block_is_repeated_for_the_years_and_terms_that_have_views(folder):
    block = """--| for year 2006 to 2008 except 2007 term spring summer
SELECT {yyyy} AS year, s.fsmeligible_{trm}{yy} FROM npd_i2."2005003".{term}_census_{yyyy} AS s
--| end
"""
    (folder / "repeated.sql").write_text(FRONT % ("", block))
    lines = [line for line in render("repeated", project="7").splitlines() if line != "UNION ALL"]
    assert lines == [
        f'SELECT {year} AS year, s.fsmeligible_{short}{year % 100:02d} FROM npd_i2."7".{term}_census_{year} AS s'
        for term, short in (("spring", "spr"), ("summer", "sum"))
        for year in (2006, 2008)
    ]
    (folder / "none.sql").write_text(FRONT % ("", block.replace("2006 to 2008 except 2007", "2020 to 2020")))
    framework._files.cache_clear()
    assert "summer_census_2020" not in render("none")  # there was no census in May 2020


def test_a_name_may_change_from_a_year_on(folder):
    block = """--| for year 2004 to 2006
SELECT s.{freeschoolmeals 2003 fsmeligible}_{ 2006 spr}{yy}
FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
--| end
"""
    (folder / "renamed.sql").write_text(FRONT % ("", block))
    assert [line for line in render("renamed").splitlines() if line != "UNION ALL"] == [
        "SELECT s.fsmeligible_04", 'FROM npd_i2."2005003".plasc_2004 AS s',
        "SELECT s.fsmeligible_05", 'FROM npd_i2."2005003".plasc_2005 AS s',
        "SELECT s.fsmeligible_spr06", 'FROM npd_i2."2005003".spring_census_2006 AS s',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("front", "sql", "message"),
    [
        ("", "SELECT $rule AS year", r"\$rule is not among its parameters"),
        ("colour = 1", "SELECT 1 AS year", "front matter cannot be read"),
        ("x = ", "SELECT 1 AS year", "front matter cannot be read"),
    ],
)
def test_a_broken_file_is_named(folder, front, sql, message):
    (folder / "broken.sql").write_text(FRONT % (front, sql))
    with pytest.raises(LeoError, match=f"Measure 'broken': .*{message}"):
        load("broken")


def test_a_measure_that_reads_itself_is_refused(folder):
    for name, other in (("one", "two"), ("two", "one")):
        (folder / f"{name}.sql").write_text(FRONT % ("", f"SELECT year FROM measures.{other}"))
    with pytest.raises(LeoError, match="one > two > one"):
        plan("one")


# Results that must not change ------------------------------------------------------------------------


def rows(con, name) -> pd.DataFrame:
    return leo.measure(con, name).order(", ".join(load(name).key)).df()


@pytest.fixture(scope="module")
def original(make_extract):
    with leo.connect(make_extract(14)) as con:
        yield con


@pytest.fixture(scope="module")
def other_blocks(make_extract):
    with leo.connect(make_extract(14, name="blocks", unit=250, block_size=500)) as con:
        yield con


def changed(source, folder, change):
    """A copy of an extract with every stored table changed."""
    for path in source.rglob("*"):
        target = folder / path.relative_to(source)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.suffix == ".parquet":
            target.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(change(path.parent.name, pq.read_table(path)), target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


@pytest.fixture(scope="module")
def shuffled(make_extract, tmp_path_factory):
    """The same rows in another order."""

    def change(name: str, table: pa.Table) -> pa.Table:
        order = sorted(range(len(table)), key=lambda row: (row * 2_654_435_761) % 4_294_967_291)
        return table.take(pa.array(order))

    with leo.connect(changed(make_extract(14), tmp_path_factory.mktemp("shuffled") / "extract", change)) as con:
        yield con


@pytest.fixture(scope="module")
def doubled(make_extract, tmp_path_factory):
    """Every row of the lookups twice: the form says one record for each key, and users report more."""

    def change(name: str, table: pa.Table) -> pa.Table:
        return pa.concat_tables([table, table]) if "lookup" in name and "idbr" not in name else table

    with leo.connect(changed(make_extract(14), tmp_path_factory.mktemp("doubled") / "extract", change)) as con:
        yield con


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("other", ["shuffled", "doubled", "other_blocks"])
def test_neither_order_nor_doubled_keys_nor_blocks_change_a_measure(name, other, original, request):
    # sums of fractions differ in their last digits with the order in which they are added
    pd.testing.assert_frame_equal(rows(request.getfixturevalue(other), name), rows(original, name), rtol=1e-9)


def test_steps_in_common_stand_in_the_text_that_is_shown():
    assert "by_person AS (" in framework.load("sex").sql and "--| use" not in framework.load("sex").sql


def test_steps_that_do_not_exist_are_one_line(folder):
    (folder / "broken.sql").write_text(FRONT % ("", "--| use nothing\nSELECT 1 AS year"))
    with pytest.raises(LeoError, match="'broken': there are no steps called 'nothing'"):
        framework.load("broken")
