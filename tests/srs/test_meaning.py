"""What expressions of T-SQL mean: each beside the value that SQL Server's documentation gives it."""

from __future__ import annotations

import datetime as dt
import decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leocourse.core.errors import LeoError

VALUES = [
    # whole numbers stay whole, and fractions are cut off
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("7 % 3", 1),
    ("-7 % 3", -1),
    ("7 / 2.0", 3.5),
    ("7 / 2e0", 3.5),
    ("2.0 / 3", 0.666666),
    ("cast(2.7 as int)", 2),
    ("cast(-2.7 as int)", -2),
    ("cast(2.7e0 as int)", 2),
    ("convert(int, 9.99)", 9),
    ("cast(2.555 as decimal(9, 2))", 2.56),
    ("cast(5 as bit)", 1),
    ("round(2.5, 0)", 3),
    ("round(-2.567, 2)", -2.57),
    ("round(2.567, 2, 1)", 2.56),
    ("round(1234, -2)", 1200),
    ("ceiling(-1.5)", -1),
    ("floor(-1.5)", -2),
    ("power(2, 3)", 8),
    ("power(2.0, 3)", 8),
    ("square(3)", 9),
    ("sign(-4)", -1),
    ("abs(-3)", 3),
    ("log(exp(1))", 1),
    ("log(8, 2)", 3),
    ("5 & 3 | 8", 9),
    ("5 ^ 3", 6),
    ("0x7F + 0", 127),
    # text
    ("'a' + 'b'", "ab"),
    ("'a' + null", None),
    ("concat('a', null, 1)", "a1"),
    ("concat_ws('-', 'a', null, 'b')", "a-b"),
    ("'5' + 1", 6),
    ("cast(5 as varchar) + '1'", "51"),
    ("len('ab   ')", 2),
    ("datalength('ab   ')", 5),
    ("len('  ab')", 4),
    ("left('abcdef', 2)", "ab"),
    ("right('abcdef', 2)", "ef"),
    ("left(201819, 4) + 1", 2019),
    ("substring('abcdef', 2, 3)", "bcd"),
    ("substring('abcdef', 0, 3)", "ab"),
    ("stuff('abcdef', 2, 3, 'X')", "aXef"),
    ("replace('aBcb', 'b', 'x')", "axcx"),
    ("charindex('C', 'abc')", 3),
    ("charindex('a', 'banana', 3)", 4),
    ("charindex('z', 'abc')", 0),
    ("patindex('%[0-9]%', 'ab3d')", 3),
    ("patindex('%[0-9]%', 'abd')", 0),
    ("replicate('ab', 2)", "abab"),
    ("right('0' + cast(7 as varchar(2)), 2)", "07"),
    ("upper(reverse('abc'))", "CBA"),
    ("ltrim(rtrim('  a '))", "a"),
    ("str(3.14159, 6, 2)", "  3.14"),
    ("char(65)", "A"),
    ("ascii('A')", 65),
    ("quotename('a]b')", "[a]]b]"),
    ("cast('abcdef' as varchar(3))", "abc"),
    ("cast('ab' as char(4)) + 'x'", "ab  x"),
    ("isnumeric('12.5')", 1),
    ("isnumeric('x')", 0),
    ("format(1234.5, 'N2')", "1,234.50"),
    ("format(cast('2010-08-31' as date), 'dd/MM/yyyy')", "31/08/2010"),
    # missing values and choices
    ("isnull(null, 3)", 3),
    ("coalesce(null, null, 'x')", "x"),
    ("nullif(1, 1)", None),
    ("nullif('', '')", None),
    ("iif(1 > 2, 'a', 'b')", "b"),
    ("choose(2, 'a', 'b')", "b"),
    ("case when null = null then 1 else 0 end", 0),
    ("case 'p' when 'P' then 1 else 0 end", 1),
    ("case 1 when isnumeric('5') then 'n' end", "n"),
    ("cast('' as int)", 0),
    ("try_cast('x' as int)", None),
    ("try_convert(date, 'x')", None),
    ("case when 'abc' = 'ABC' then 1 else 0 end", 1),
    ("case when 'abc' = 'ABC' collate Latin1_General_BIN then 1 else 0 end", 0),
    ("case when 'abc ' = 'abc' then 1 else 0 end", 1),
    ("case when 'a1' like '[a-c][0-9]' then 1 else 0 end", 1),
    ("case when 'a1' like '[^a-c]%' then 1 else 0 end", 0),
    ("case when 'ABC' like 'a%' then 1 else 0 end", 1),
    ("case when '5%' like '5!%' escape '!' then 1 else 0 end", 1),
    ("case when '10' = 10 then 1 else 0 end", 1),
    # dates
    ("datediff(month, '2010-01-31', '2010-02-01')", 1),
    ("datediff(m, '20250131', '20250301')", 2),
    ("datediff(year, '2010-12-31', '2011-01-01')", 1),
    ("datediff(dd, '2010-01-01', '2010-01-31')", 30),
    ("datediff(\"d\", '2010-01-01', '2010-01-31')", 30),
    ("datediff(week, '2010-01-02', '2010-01-03')", 1),
    ("datediff(wk, '2010-01-03', '2010-01-09')", 0),
    ("datediff(qq, '2010-03-31', '2010-04-01')", 1),
    ("datediff(hour, '2010-01-01', '2010-01-02')", 24),
    ("datediff(day, 0, '19000111')", 10),
    ("dateadd(month, 1, cast('2010-01-31' as date))", dt.date(2010, 2, 28)),
    ("dateadd(yy, -1, cast('2012-02-29' as date))", dt.date(2011, 2, 28)),
    ("dateadd(d, 1.9, cast('2010-01-01' as date))", dt.date(2010, 1, 2)),
    ("dateadd(month, datediff(month, 0, '2010-05-06'), 0)", dt.datetime(2010, 5, 1)),
    ("datefromparts(2010, 8, 31)", dt.date(2010, 8, 31)),
    ("eomonth('2012-02-10')", dt.date(2012, 2, 29)),
    ("eomonth('2012-02-10', 1)", dt.date(2012, 3, 31)),
    ("datename(month, '2010-08-31')", "August"),
    ("datename(dw, '2010-08-31')", "Tuesday"),
    ("datepart(dw, '2010-08-29')", 1),
    ("datepart(week, '2010-01-03')", 2),
    ("datepart(iso_week, '2010-01-03')", 53),
    ("datepart(dayofyear, '2010-02-01')", 32),
    ("year('31 August 2010')", 2010),
    ("month('20100831') + day('20100831')", 39),
    ("convert(varchar(10), cast('2010-08-31' as date), 103)", "31/08/2010"),
    ("convert(char(8), cast('2010-08-31' as date), 112)", "20100831"),
    ("convert(varchar(7), cast('2010-08-31' as date), 120)", "2010-08"),
    ("convert(date, '31/08/2010', 103)", dt.date(2010, 8, 31)),
    ("convert(date, '08/31/2010', 101)", dt.date(2010, 8, 31)),
    ("cast('20100831' as date)", dt.date(2010, 8, 31)),
    ("cast(cast('2010-08-31' as date) as varchar(max)) + '!'", "2010-08-31!"),
    ("cast('' as date)", dt.date(1900, 1, 1)),
    ("case when cast('2010-08-31' as date) > '20100830' then 1 else 0 end", 1),
    ("cast('2010-08-31' as datetime) + 1", dt.datetime(2010, 9, 1)),
]


def value(tsql, expression):
    """The one value of an expression, as plain Python."""
    got = tsql(f"select {expression} as x").frame["x"][0]
    if pd.isna(got):
        return None
    if isinstance(got, pd.Timestamp):
        return got.to_pydatetime()
    return float(got) if isinstance(got, decimal.Decimal) else got


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[each for each, _ in VALUES])
def test_value(tsql, expression, expected):
    got = value(tsql, expression)
    if isinstance(expected, dt.date) and not isinstance(expected, dt.datetime):
        assert got == dt.datetime.combine(expected, dt.time())
    elif isinstance(expected, float):
        assert got == pytest.approx(expected, abs=1e-9)
    else:
        assert got == expected


ERRORS = [
    ("1 / 0", "Divide by zero"),
    ("1.5 / 0", "Divide by zero"),
    ("cast('x' as int)", "Conversion failed|meets a number"),
    ("cast('31/31/2010' as date)", "not a date"),
    ("case when 'x' = 1 then 1 end", "Conversion failed"),
    ("datediff(fortnight, '2010-01-01', '2010-01-02')", "no part of a date"),
    ("left('a')", "takes 2 arguments"),
    ("@nothing + 1", "was not declared"),
    ("sum('a')", "CAST it to a number"),
]


@pytest.mark.parametrize(("expression", "message"), ERRORS, ids=[each for each, _ in ERRORS])
def test_error(tsql, expression, message):
    with pytest.raises(LeoError, match=message) as caught:
        tsql(f"select\n {expression}")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("line ")


def truncated(a: int, b: int) -> int:
    """Division that cuts the fraction off, by whole numbers alone."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(a=st.integers(-(10**6), 10**6), b=st.integers(-1000, 1000).filter(bool))
def test_whole_numbers_divide_to_whole_numbers(tsql, a, b):
    frame = tsql(f"select ({a}) / ({b}) q, ({a}) % ({b}) r").frame
    assert (frame["q"][0], frame["r"][0]) == (truncated(a, b), a - truncated(a, b) * b)


@QUICK
@given(whole=st.integers(-(10**6), 10**6), part=st.integers(0, 99))
def test_a_cast_to_int_cuts_the_fraction_off(tsql, whole, part):
    sign = "-" if whole < 0 else ""
    assert value(tsql, f"cast({sign}{abs(whole)}.{part:02d} as int)") == whole


letters = st.text(st.sampled_from("abXY 'é%_[-"), max_size=6)


@QUICK
@given(a=st.none() | letters, b=st.none() | letters)
def test_plus_joins_text_and_loses_it_to_null(tsql, a, b):
    first, second = ("null" if each is None else "'" + each.replace("'", "''") + "'" for each in (a, b))
    expected = None if a is None or b is None else a + b
    assert value(tsql, f"cast({first} as varchar(9)) + cast({second} as varchar(9))") == expected


@QUICK
@given(a=letters, b=letters)
def test_text_is_compared_without_case_and_trailing_blanks(tsql, a, b):
    first, second = ("'" + each.replace("'", "''") + "'" for each in (a, b))
    same = a.rstrip(" ").lower() == b.rstrip(" ").lower()
    assert value(tsql, f"case when {first} = {second} then 1 else 0 end") == int(same)
