"""Pieces of translated SQL with their types, and how a value of one type becomes one of another.

Everything here writes DuckDB text for what SQL Server does: text that is cast to a number may be blank,
a float that is cast to int loses its fraction, a text is compared without regard to case or trailing blanks.
"""

from __future__ import annotations

from dataclasses import dataclass

from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.types import Type


@dataclass(frozen=True)
class Value:
    """An expression in DuckDB's SQL, its type in SQL Server, and its text if it is a literal.

    ``outside`` is what belongs round the whole of an aggregate, after OVER: ``CAST({} AS BIGINT)``.
    """

    sql: str
    type: Type
    literal: str | None = None
    column: bool = False
    outside: str = "{}"

    def closed(self) -> Value:
        """The same with what belongs outside put round it."""
        if self.outside == "{}":
            return self
        return Value(self.outside.replace("{}", self.sql), self.type)


def quote(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """An identifier, quoted."""
    return '"' + text.replace('"', '""') + '"'


def text(value: Value) -> Value:
    """The value as text, as SQL Server's CAST(x AS varchar) writes it."""
    kind = value.type.kind
    if kind in t.TEXTS:
        return value
    if kind in ("null", "unknown"):
        return Value(f"CAST({value.sql} AS VARCHAR)", t.TEXT)
    if kind in t.FLOATS:
        return Value(f"tsql_float_text({value.sql})", t.TEXT)
    if kind == "datetime":
        return Value(f"tsql_datetime_text({value.sql})", t.TEXT)
    return Value(f"CAST({value.sql} AS VARCHAR)", t.TEXT)


def cast(value: Value, to: Type, safe: bool = False) -> Value:
    """CAST, or TRY_CAST if ``safe``: the value as ``to``, by SQL Server's rules."""
    have, want = value.type.kind, to.kind
    if want in t.TEXTS:
        return _to_text(value, to)
    target = t.duckdb_type(to).sql("duckdb")
    try_ = "TRY_CAST" if safe else "CAST"
    if have == "null":
        return Value(f"CAST(NULL AS {target})", to)
    if have in t.TEXTS and want in t.DATES:
        return Value(f"CAST({_date_from_text(value, safe)} AS {target})", to)
    if have in t.TEXTS and want == "bit":
        return Value(f"tsql_bit_text({value.sql})", to)
    if have in t.TEXTS and want in t.NUMBERS:
        macro = "tsql_try_number" if safe else "tsql_number"
        if want in t.INTEGERS:
            return Value(f"{try_}({'tsql_try_whole' if safe else 'tsql_whole'}({value.sql}) AS {target})", to)
        return Value(f"{try_}({macro}({value.sql}) AS {target})", to)
    if want == "bit":
        return Value(f"CAST(({value.sql}) <> 0 AS UTINYINT)", to)
    if have in (*t.FLOATS, "decimal") and want in t.INTEGERS:
        return Value(f"{try_}(trunc({value.sql}) AS {target})", to)
    if have in t.NUMBERS and want in t.DATES:
        return Value(f"CAST(tsql_day_number({value.sql}) AS {target})", to)
    if have in t.DATES and want in t.NUMBERS:
        return Value(f"{try_}(tsql_days_since_1900({value.sql}) AS {target})", to)
    return Value(f"{try_}({value.sql} AS {target})", to)


def _to_text(value: Value, to: Type) -> Value:
    inner = text(value).sql
    size = 30 if to.size == 0 else to.size
    if to.kind == "char" and size:
        return Value(f"rpad({inner}, {size}, ' ')", Type("char", size))
    if size and not (value.type.kind in t.TEXTS and value.type.size and value.type.size <= size):
        inner = f"left({inner}, {size})"
    return Value(inner, Type("varchar", size, binary=value.type.binary), value.literal)


def _date_from_text(value: Value, safe: bool) -> str:
    if value.literal is None:
        return f"{'tsql_try_date' if safe else 'tsql_date'}({value.sql})"
    read = t.read_date(value.literal)
    if read is None:
        if safe:
            return "NULL"
        raise LeoError(f"'{value.literal}' is not a date: write '2010-08-31' or '20100831'.")
    return quote(read[0].isoformat(sep=" "))


def meet(left: Value, right: Value) -> tuple[Value, Value]:
    """Two values as they are compared: the lower type becomes the higher one."""
    to = t.higher(left.type, right.type)
    return coerce(left, to), coerce(right, to)


def coerce(value: Value, to: Type) -> Value:
    """The value as it is converted when it meets ``to`` without a CAST."""
    have, want = value.type.kind, to.kind
    if have == want or "unknown" in (have, want) or have == "null":
        return value
    if have in t.NUMBERS and want in t.NUMBERS:
        return value  # DuckDB compares and combines numbers of different width as SQL Server does
    if have in t.TEXTS and want in t.TEXTS:
        return value
    if have in t.DATES and want in t.DATES:
        return cast(value, to)
    if have in t.TEXTS and want in t.NUMBERS:
        return _number(value, to)
    return cast(value, to)


def _number(value: Value, to: Type) -> Value:
    """Text that meets a number. A column is tried: it may well be a number in the real extract."""
    if value.literal is not None:
        try:
            float(value.literal.strip() or "0")
        except ValueError:
            raise LeoError(
                f"'{value.literal}' meets a number and is none: SQL Server would stop with 'Conversion failed'."
            ) from None
        return Value(value.literal.strip() or "0", to)
    wide = t.BIGINT if to.kind in t.INTEGERS else t.FLOAT
    return cast(value, wide, safe=True)


def comparable(left: Value, right: Value) -> tuple[str, str]:
    """Both sides of a comparison. Text is compared without case unless either side has a binary collation."""
    left, right = meet(left, right)
    if left.type.kind not in t.TEXTS or right.type.kind not in t.TEXTS:
        return left.sql, right.sql
    first, second = _trimmed(left), _trimmed(right)
    if left.type.binary or right.type.binary or not any(map(_has_letters, (left, right))):
        return first, second
    return f"{first} COLLATE NOCASE", second


def caseless(values: list[Value]) -> bool:
    """Whether these texts are compared without regard to case."""
    return all(each.type.kind in t.TEXTS for each in values) and not any(each.type.binary for each in values)


def _trimmed(value: Value) -> str:
    if value.literal is not None:
        return quote(value.literal.rstrip(" "))
    return value.sql if value.column else f"rtrim({value.sql})"


def _has_letters(value: Value) -> bool:
    """Whether case can matter. A literal without letters, such as '01', is compared as it is."""
    return value.literal is None or any(letter.isalpha() for letter in value.literal)


# What SQL Server does and DuckDB has no function for.
MACROS = r"""
CREATE MACRO tsql_len(x) AS length(rtrim(x, ' '));
CREATE MACRO tsql_number(x) AS CASE WHEN trim(x) = '' THEN 0 ELSE CAST(replace(trim(x), ',', '') AS DOUBLE) END;
CREATE MACRO tsql_try_number(x) AS CASE WHEN trim(x) = '' THEN 0 ELSE TRY_CAST(replace(trim(x), ',', '') AS DOUBLE) END;
CREATE MACRO tsql_whole(x) AS CASE WHEN trim(x) = '' THEN 0
    WHEN NOT regexp_full_match(trim(x), '[+-]?\d+')
    THEN error('Conversion failed when converting the varchar value ''' || x || ''' to data type int.')
    ELSE CAST(trim(x) AS BIGINT) END;
CREATE MACRO tsql_try_whole(x) AS CASE WHEN trim(x) = '' THEN 0
    WHEN regexp_full_match(trim(x), '[+-]?\d+') THEN TRY_CAST(trim(x) AS BIGINT) END;
CREATE MACRO tsql_bit_text(x) AS CASE lower(trim(x)) WHEN 'true' THEN 1 WHEN 'false' THEN 0 WHEN '' THEN 0
    ELSE CAST(TRY_CAST(trim(x) AS BIGINT) <> 0 AS UTINYINT) END;
CREATE MACRO tsql_try_date(x) AS CASE WHEN trim(x) = '' THEN TIMESTAMP '1900-01-01' ELSE coalesce(
    TRY_CAST(trim(x) AS TIMESTAMP), try_strptime(trim(x), ['%Y%m%d', '%Y%m%d %H:%M:%S', '%d/%m/%Y', '%m/%d/%Y',
    '%d-%m-%Y', '%d.%m.%Y', '%d %b %Y', '%d %B %Y', '%b %d %Y', '%B %d %Y', '%b %d, %Y', '%B %d, %Y'])) END;
CREATE MACRO tsql_date(x) AS CASE WHEN x IS NOT NULL AND tsql_try_date(x) IS NULL
    THEN error('Conversion failed when converting date and/or time from character string ''' || x || '''.')
    ELSE tsql_try_date(x) END;
CREATE MACRO tsql_day_number(n) AS TIMESTAMP '1900-01-01' + to_microseconds(CAST(n * 86400000000 AS BIGINT));
CREATE MACRO tsql_days_since_1900(d) AS epoch_us(CAST(d AS TIMESTAMP) - TIMESTAMP '1900-01-01') / 86400000000;
CREATE MACRO tsql_float_text(x) AS CASE WHEN x = trunc(x) AND abs(x) < 1000000 THEN CAST(CAST(x AS BIGINT) AS VARCHAR)
    ELSE printf('%.6g', CAST(x AS DOUBLE)) END;
CREATE MACRO tsql_datetime_text(d) AS strftime(d, '%b ') || lpad(CAST(day(d) AS VARCHAR), 2, ' ')
    || strftime(d, ' %Y ') || lpad(CAST(CAST(strftime(d, '%I') AS INTEGER) AS VARCHAR), 2, ' ') || strftime(d, ':%M%p');
CREATE MACRO tsql_divide(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL
    THEN error('Divide by zero error encountered.') ELSE a / b END;
CREATE MACRO tsql_divide_whole(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL
    THEN error('Divide by zero error encountered.') ELSE a // b END;
CREATE MACRO tsql_divide_exact(a, b, scale) AS CASE WHEN b = 0 AND a IS NOT NULL
    THEN error('Divide by zero error encountered.')
    ELSE trunc(round(CAST(a AS DOUBLE) / CAST(b AS DOUBLE) * pow(10, scale), 2)) / pow(10, scale) END;
CREATE MACRO tsql_weekday(d) AS dayofweek(d) + 1;
CREATE MACRO tsql_week(d) AS (dayofyear(d) + dayofweek(date_trunc('year', d)) - 1) // 7 + 1;
CREATE MACRO tsql_weeks(d) AS CAST(floor((date_diff('day', DATE '1899-12-31', CAST(d AS DATE))) / 7) AS BIGINT);
CREATE MACRO tsql_stuff(s, i, n, new) AS CASE WHEN i < 1 OR i > length(s) OR n < 0 THEN NULL
    ELSE left(s, i - 1) || coalesce(new, '') || substring(s, i + n) END;
CREATE MACRO tsql_find(sub, s, i) AS CASE WHEN strpos(substring(s, greatest(i, 1)), sub) = 0 THEN 0
    ELSE strpos(substring(s, greatest(i, 1)), sub) + greatest(i, 1) - 1 END;
CREATE MACRO tsql_substring(s, i, n) AS CASE WHEN n < 0
    THEN error('Invalid length parameter passed to the LEFT or SUBSTRING function.')
    ELSE substring(s, greatest(i, 1), greatest(n + least(i, 1) - 1, 0)) END;
CREATE MACRO tsql_round(x, n) AS CASE WHEN n >= 0 THEN round(x, n) ELSE round(x / pow(10, -n)) * pow(10, -n) END;
CREATE MACRO tsql_truncate(x, n) AS trunc(round(x * pow(10, n), 6)) / pow(10, n);
CREATE MACRO tsql_numeric(x) AS
    CAST(x IS NOT NULL AND (TRY_CAST(replace(x, ',', '') AS DOUBLE) IS NOT NULL) AS INTEGER);
"""
