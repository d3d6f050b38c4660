"""Queries like those that projects publish give the same rows as the same question in DuckDB's SQL."""

from __future__ import annotations

import pandas as pd
import pytest
from published_scripts import BANK, VIEWS

from leocourse.core.errors import LeoError
from tests.srs.test_queries import plain


@pytest.mark.parametrize("name", BANK)
def test_the_same_rows(tsql, locked, name):
    service, ours = BANK[name]
    for short, view in VIEWS.items():
        ours = ours.replace(f"{{{short}}}", view)
    expected = locked.execute(ours).fetchall()
    assert expected
    assert plain(tsql(service).frame.itertuples(index=False)) == plain(expected)


SHARES = (
    "select taxyear, main_section, round(100.0 * sum(cast(earnings as bigint)) / sum(sum(cast(earnings as bigint))) "
    "over (partition by taxyear), 4) p from leo_i2.x.leo_earnings group by taxyear, main_section"
)


def test_shares_of_a_total_add_up(tsql):
    """A sum of sums over a partition: one of DuckDB's optimizers fails on it, and is left out."""
    shares = tsql(SHARES).frame
    totals = shares.assign(p=shares["p"].astype(float)).groupby("taxyear")["p"].sum()
    assert totals.between(99.99, 100.01).all()


@pytest.mark.parametrize(
    "sql",
    [
        "select number from master..spt_values where type = 'P' and number between 1 and 12",
        "select top 12 row_number() over (order by (select null)) n from sys.all_objects a cross join sys.all_objects b",
    ],
)
def test_rows_that_are_only_counted(tsql, sql):
    assert sorted(tsql(sql).frame.iloc[:, 0]) == list(range(1, 13))


def test_a_code_meets_a_column_of_numbers(tsql):
    """Columns that hold codes in the real extract may hold numbers here: compared as text, and noted."""
    assert (
        "Conversion failed"
        in tsql("select 1 a from npd_i2.x.spring_census_2011 where fsmeligible_spr11 = 'Y'").notes[0]
    )
    both = "select count(*) n from leo_i2.x.leo_benefit where out_of_work_benefit = {}"
    assert tsql(both.format("'true'")).frame["n"][0] == tsql(both.format("1")).frame["n"][0] > 0


STOPS = [
    ("select 1 a\nthrow 50001, 'no rows', 1;\nselect 2 b", r"^line 2: THROW stopped the script: no rows$"),
    ("raiserror('%d rows in %s', 16, 1, 5, 'x') with nowait", r"^line 1: RAISERROR stopped the script: 5 rows in x$"),
    ("if 1 = 1\n  raiserror(N'stop', 11, 1)", r"^line 2: RAISERROR stopped the script: stop$"),
    ("select 1 a; throw;", "THROW alone stands only in a CATCH block"),
    ("begin try select 1 / 0 a end try begin catch print 'x'; throw; end catch select 1", "Divide by zero"),
    ("raiserror('a')", "takes a message, a severity and a state"),
    ("while 1 = 1 begin try throw 50000, 'a', 1 end try begin catch print 'b' end catch", "a loop may not end"),
]


@pytest.mark.parametrize(("sql", "message"), STOPS, ids=[each[0][:40] for each in STOPS])
def test_a_script_stops_itself(tsql, sql, message):
    with pytest.raises(LeoError, match=message) as caught:
        tsql(sql)
    assert "\n" not in str(caught.value)


def test_a_script_that_never_comes_to_the_throw(tsql):
    assert tsql("if 1 = 0 throw 50001, 'no', 1; raiserror('on the way', 10, 1) select 3 a").printed == ["on the way"]


def test_what_was_caught(tsql):
    sql = (
        "begin try\n throw 50001, 'no rows', 1\nend try\nbegin catch\n select error_message() m, error_line() l\n"
        "end catch\nbegin try select 1 a into #fine end try begin catch select 'never' m end catch"
    )
    assert tsql(sql).frame.to_dict("records") == [{"m": "no rows", "l": 2}]
    assert pd.isna(tsql("select error_message() m").frame["m"][0])
