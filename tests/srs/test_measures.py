"""Every measure as T-SQL: it parses, asks for nothing that SQL Server lacks, and read back it has the same rows."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re

import kept
import pandas as pd
import pytest
import sqlglot
from sqlglot import exp

import leocourse as leo
from leocourse.measures import measure, names
from leocourse.srs import measure_tsql
from leocourse.srs.catalog import catalog, reference_tables
from leocourse.srs.checking import INSTEAD, check
from leocourse.srs.run import Runner, sandbox

PEOPLE = 2_000


@pytest.fixture(scope="module")
def small():
    """A small extract with all its faults."""
    return kept.extract("srs", PEOPLE, 11)


@pytest.fixture(scope="module")
def here(small):
    """A connection on which each measure is computed once."""
    with leo.connect(small) as con:
        yield con


@pytest.fixture(scope="module")
def there(small):
    """Runs T-SQL on the same extract, with every reference table."""
    with sandbox(small, reference_tables()) as con:
        views = catalog(con)
        yield lambda sql: Runner(con, views).run(sql).frame


def plain(value):
    """A value as both sides can hold it: numbers as floats, times of midnight as dates."""
    if pd.isna(value):
        return None
    if isinstance(value, (int, float, decimal.Decimal)) or hasattr(value, "dtype"):
        return float(value)
    return value.date() if isinstance(value, dt.datetime) else value


def order(row):
    """A key that sorts rows alike on both sides, whose floats differ by next to nothing."""
    return [str(round(value, 6) + 0.0) if isinstance(value, float) else str(value) for value in row]


def rows(frame):
    """The rows of a frame in an order of their own."""
    columns = [[plain(value) for value in frame.iloc[:, place]] for place in range(frame.shape[1])]
    return sorted(zip(*columns, strict=True), key=order)


def close(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


@pytest.mark.parametrize("name", names())
def test_measure(here, there, name):
    written = measure_tsql(name, project="1234567")
    assert "2005003" not in written
    assert "#" not in written
    assert isinstance(sqlglot.parse_one(re.sub(r"(?m)^--.*$", "", written), dialect="tsql"), exp.Query)
    assert not {called.upper() for called in re.findall(r"\b(\w+)\(", written)} & set(INSTEAD)
    assert [str(each) for each in check(written) if each.fails] == []
    expected, got = measure(here, name).df(), there(written)
    assert [column.lower() for column in got.columns] == [column.lower() for column in expected.columns]
    assert len(got) == len(expected)
    for wanted, read in zip(rows(expected), rows(got), strict=True):
        assert all(map(close, wanted, read)), (wanted, read)


def test_some_measures_have_rows(here):
    """The comparison above would say nothing about measures without rows."""
    empty = [name for name in names() if not measure(here, name).limit(1).fetchall()]
    assert len(empty) < len(names()) / 10, empty
