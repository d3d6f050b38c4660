"""Changes to the records that must not change a measure: order, keys, cuts in spells, blocks; and random spells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import kept
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lives import failing

import leocourse as leo
from leocourse.extract import generate
from leocourse.measures import load, names

SEED, PEOPLE = 2718, 1_000
GROUPS = ("pathways", "work", "benefits", "employer", "context")
OURS = [name for name in names() if load(name).group in GROUPS]
VIEWS = [
    ("leo_i2", name)
    for name in ("leo_employment", "leo_earnings", "leo_benefit", "leo_self_assessment", "leo_cjrs", "leo_seiss",
                 "leo_geography", "leo_idbr_lookup", "learner_ae_id_to_edukey_lookup", "learner_ae_id_to_pmr_lookup")
] + [("lilr_i2", "aims"), ("hesa_i2", "hesa_2013"), ("npd_i2", "nccis_2011_to_2021")]  # fmt: skip
OF_DAYS = ["employment_spells", "employment_months", "days_in_employment", "days_in_employment_academic",
           "months_in_employment"]  # fmt: skip
OF_BENEFITS = ["benefit_spells", "benefit_months"]
LAST_DAY = date(2021, 4, 5)


@pytest.fixture(scope="module")
def extract() -> Path:
    return kept.extract("changes", PEOPLE, SEED, workers=1)


@pytest.fixture(scope="module")
def plain(extract) -> Iterator[duckdb.DuckDBPyConnection]:
    """The measures of the extract as it is, computed once for all tests."""
    with leo.connect(extract) as con:
        yield con


@pytest.fixture
def changed(extract) -> Iterator[duckdb.DuckDBPyConnection]:
    with leo.connect(extract) as con:
        yield con


def replace(con: duckdb.DuckDBPyConnection, database: str, view: str, select: str) -> None:
    """Put the rows of ``select`` in the place of a view. ``{view}`` in it is the view as it was."""
    name = f'{database}."2005003".{view}'
    con.execute(f"CREATE TABLE memory.main.{view} AS {select.format(view=name)}")
    con.execute(f"CREATE OR REPLACE VIEW {name} AS FROM memory.main.{view}")


def frame(con: duckdb.DuckDBPyConnection, name: str, without: tuple[str, ...] = ()) -> pd.DataFrame:
    rows = leo.measure(con, name).df().drop(columns=list(without))
    return rows.sort_values(list(rows.columns), ignore_index=True)


def unchanged(plain: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection, measures: list[str],
              without: tuple[str, ...] = ()) -> None:  # fmt: skip
    for name in measures:
        has = {column.name for column in load(name).columns}
        left_out = tuple(column for column in without if column in has)
        pd.testing.assert_frame_equal(frame(plain, name, left_out), frame(con, name, left_out), obj=name)


def test_every_measure_has_its_columns_and_key(plain):
    types = {"int": "INTEGER", "bigint": "BIGINT", "date": "DATE", "float": "DOUBLE"}
    for name in OURS:
        measure, relation = load(name), leo.measure(plain, name)
        assert relation.columns == [column.name for column in measure.columns], name
        for column, found in zip(measure.columns, relation.types, strict=True):
            assert str(found) == types.get(column.type, "VARCHAR"), (name, column.name)
        rows = relation.df()
        assert len(rows) and not rows.duplicated(list(measure.key)).any(), name
        for column in measure.columns:
            if column.type.startswith("varchar("):
                longest = rows[column.name].dropna().str.len().max()
                assert longest <= int(column.type[8:-1]), (name, column.name)


def test_what_could_not_be_verified_is_off_unless_asked_for():
    unverified = {(name, p.name): p.default for name in OURS for p in load(name).parameters if p.unverified}
    assert ("graduate_outcomes", "april_if_not_march") in unverified
    assert ("graduate_outcomes", "self_assessed") not in unverified  # SFR60/2016 settles it
    assert {default for default in unverified.values() if isinstance(default, str)} == {"no"}  # a number is a choice


def test_the_order_of_rows_does_not_matter(plain, changed):
    for number, (database, view) in enumerate(VIEWS):
        columns = changed.sql(f'FROM {database}."2005003".{view} LIMIT 0').columns[:6]
        text = ", ".join(f'"{column}"' for column in columns)
        replace(changed, database, view, f"SELECT * FROM {{view}} ORDER BY hash({text}, {number})")
    first = [con.sql('FROM leo_i2."2005003".leo_earnings LIMIT 5').fetchall() for con in (plain, changed)]
    assert first[0] != first[1]
    unchanged(plain, changed, OURS)


def test_a_second_key_with_the_same_spells_changes_no_days(plain, changed):
    """As if every person had been linked twice, with the same records under both keys."""
    lookup = "learner_ae_id_to_edukey_lookup"
    replace(changed, "leo_i2", lookup, "FROM {view} UNION ALL SELECT ae_id, 'Z' || edukey[2:] FROM {view}")
    for view in ("leo_employment", "leo_benefit"):
        replace(changed, "leo_i2", view,
                "FROM {view} UNION ALL SELECT 'Z' || edukey[2:] AS edukey, * EXCLUDE (edukey) FROM {view}")  # fmt: skip
    keys = [leo.measure(con, "edukey_person").aggregate("count(*)").fetchall()[0][0] for con in (plain, changed)]
    assert keys[1] == 2 * keys[0]
    unchanged(plain, changed, OF_DAYS + OF_BENEFITS, without=("records",))
    unchanged(plain, changed, ["main_activity", "state_sequence", "sustained_employment", "graduate_outcomes"])
    doubled = frame(changed, "days_on_benefits")
    assert failing(doubled.days_added_up == 2 * frame(plain, "days_on_benefits").days_added_up) == []


def test_pay_in_two_parts_under_two_keys_is_the_same_pay(plain, changed):
    lookup = "learner_ae_id_to_edukey_lookup"
    replace(changed, "leo_i2", lookup, "FROM {view} UNION ALL SELECT ae_id, 'Z' || edukey[2:] FROM {view}")
    replace(
        changed, "leo_i2", "leo_earnings",
        "SELECT * REPLACE (earnings // 3 AS earnings, enterprise_earnings // 3 AS enterprise_earnings) FROM {view} "
        "UNION ALL "
        "SELECT * REPLACE ('Z' || edukey[2:] AS edukey, earnings - earnings // 3 AS earnings, "
        "enterprise_earnings - enterprise_earnings // 3 AS enterprise_earnings) FROM {view}",
    )  # fmt: skip
    unchanged(plain, changed, ["earnings", "combined_earnings", "main_employer", "employer_moves"])


def test_furlough_in_two_parts_under_two_keys_is_the_same_furlough(plain, changed):
    lookup = "learner_ae_id_to_edukey_lookup"
    replace(changed, "leo_i2", lookup, "FROM {view} UNION ALL SELECT ae_id, 'Z' || edukey[2:] FROM {view}")
    half = "left({c}, 6) || '000000' AS {c}", "left({c}, 2) || '0000' || right({c}, 6) AS {c}"
    parts = [", ".join(part.format(c=c) for c in ("cjrs_dtm_ind", "cjrs_eom_ind")) for part in half]
    replace(
        changed, "leo_i2", "leo_cjrs",
        f"SELECT * REPLACE (0 AS cjrs_tot_wks, {parts[0]}) FROM {{view}} UNION ALL "
        f"SELECT * REPLACE ('Z' || edukey[2:] AS edukey, {parts[1]}) FROM {{view}}",
    )  # fmt: skip
    unchanged(plain, changed, ["furlough"])


def test_grants_in_two_parts_under_two_keys_are_the_same_grants(plain, changed):
    lookup = "learner_ae_id_to_edukey_lookup"
    replace(changed, "leo_i2", lookup, "FROM {view} UNION ALL SELECT ae_id, 'Z' || edukey[2:] FROM {view}")
    replace(
        changed, "leo_i2", "leo_seiss",
        "SELECT * REPLACE (0 AS seiss_tot_wks, 0 AS seiss_tot_amt, left(seiss_dtm_ind, 6) || '000000' AS seiss_dtm_ind) "
        "FROM {view} UNION ALL SELECT * REPLACE ('Z' || edukey[2:] AS edukey, "
        "left(seiss_dtm_ind, 2) || '0000' || right(seiss_dtm_ind, 6) AS seiss_dtm_ind) FROM {view}",
    )  # fmt: skip
    unchanged(plain, changed, ["self_employment_grants"])


def test_a_spell_cut_in_two_is_the_same_spell(plain, changed):
    """Each spell that is long enough is cut at a day of its own; some of the parts overlap by a day or two."""
    for view in ("leo_employment", "leo_benefit"):
        cut = (
            "startdate + CAST(1 + hash(edukey, startdate) % (least(enddate, DATE '2021-04-05') - startdate - 2) AS int)"
        )
        long = "startdate + 4 < least(enddate, DATE '2021-04-05')"
        replace(
            changed, "leo_i2", view,
            f"FROM {{view}} WHERE NOT ({long}) "
            f"UNION ALL SELECT * REPLACE ({cut} AS enddate) FROM {{view}} WHERE {long} "
            f"UNION ALL SELECT * REPLACE ({cut} + CAST(1 - hash(startdate) % 2 AS int) AS startdate) FROM {{view}} "
            f"WHERE {long}",
        )  # fmt: skip
    spells = [
        con.sql('FROM leo_i2."2005003".leo_employment').aggregate("count(*)").fetchall()[0] for con in (plain, changed)
    ]
    assert spells[1][0] > 1.9 * spells[0][0]
    unchanged(plain, changed, OF_DAYS + OF_BENEFITS, without=("records",))
    unchanged(plain, changed, ["main_activity", "state_sequence", "graduate_outcomes"])


def test_blocks_of_another_size_give_the_same_measures(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    generate(whole, 600, SEED, workers=1, unit=100, block_size=600)
    generate(cut, 600, SEED, workers=1, unit=100, block_size=100)
    assert len(list((cut / "leo_employment").glob("*.parquet"))) == 6
    with leo.connect(whole) as one, leo.connect(cut) as other:
        unchanged(one, other, OURS)


# Random spells --------------------------------------------------------------------------------------

DAYS = st.integers(0, 900).map(lambda days: date(2018, 1, 1) + timedelta(days))
SPELLS = st.lists(st.tuples(st.sampled_from(["A1", "A2", "B1"]), DAYS, st.integers(-3, 500), st.booleans()), max_size=8)
OWNER = {"A1": 1, "A2": 1, "B1": 2}


@pytest.fixture(scope="module")
def bare() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two people, one with two keys, and the tables that measures of days read."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA course")
    con.execute("CREATE TABLE course.extract AS SELECT '' AS folder, '2005003' AS project")
    con.execute("ATTACH ':memory:' AS leo_i2")
    con.execute('CREATE SCHEMA leo_i2."2005003"')
    tables = {
        "learner_ae_id_to_pmr_lookup": "SELECT 1::BIGINT AS ae_id, 'P' AS pupilmatchingrefanonymous WHERE false",
        "education_records_lookup": "SELECT 1 AS recordid, 1::BIGINT AS ae_id WHERE false",
        "learner_ae_id_to_edukey_lookup": "SELECT UNNEST([1, 1, 2])::BIGINT AS ae_id, UNNEST(['A1', 'A2', 'B1']) AS edukey",
        "leo_employment": "SELECT '' AS edukey, DATE '2000-01-01' AS startdate, DATE '2000-01-01' AS enddate, "
        "0 AS uncertainstartdate, 0 AS uncertainenddate WHERE false",
    }  # fmt: skip
    for name, select in tables.items():
        con.execute(f'CREATE TABLE leo_i2."2005003".{name} AS {select}')
    yield con
    con.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SPELLS)
def test_days_and_months_of_random_spells(bare, spells):
    """Against sets of days, one by one: overlapping, touching, open and impossible spells under several keys."""
    rows = [
        (key, start, date(9999, 12, 31) if still_open else start + timedelta(length), 0, 0)
        for key, start, length, still_open in spells
    ]
    bare.execute('DELETE FROM leo_i2."2005003".leo_employment')
    if rows:
        bare.executemany('INSERT INTO leo_i2."2005003".leo_employment VALUES (?, ?, ?, ?, ?)', rows)
    bare.execute("DROP SCHEMA IF EXISTS measures CASCADE")
    days: dict[int, set[date]] = {1: set(), 2: set()}
    for key, start, end, *_ in rows:
        if start < end:
            stop = min(end, LAST_DAY)
            days[OWNER[key]] |= {start + timedelta(n) for n in range((stop - start).days + 1)}
    found = {(a, y): n for a, y, n, _ in leo.measure(bare, "days_in_employment").fetchall()}
    expected: dict[tuple[int, int], int] = {}
    months: dict[tuple[int, int], set[int]] = {}
    for person, worked in days.items():
        for day in worked:
            year = day.year - (day < date(day.year, 4, 6))
            label = year * 100 + (year + 1) % 100
            expected[person, label] = expected.get((person, label), 0) + 1
            april = day.year - (day.month < 4)
            if april < 2021:
                months.setdefault((person, april * 100 + (april + 1) % 100), set()).add(day.month)
    assert found == expected
    rows = leo.measure(bare, "months_in_employment").df().set_index(["ae_id", "tax_year"])
    assert rows.months.to_dict() == {key: len(of_year) for key, of_year in months.items()}
    winter = {key: len(of_year & {10, 11, 12, 1, 2, 3}) for key, of_year in months.items()}
    assert rows.october_to_march.to_dict() == winter
    spells_found = leo.measure(bare, "employment_spells").df()
    assert sum((spells_found.end_date - spells_found.start_date).dt.days + 1) == sum(map(len, days.values()))
