"""Aggregates and rankings of SQL Server in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Callable

from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.types import Type
from leocourse.srs.values import Value, caseless, cast, text

Aggregate = Callable[[list[Value], bool, str], Value]


def _of(values: list[Value], distinct: bool) -> str:
    return f"{'DISTINCT ' if distinct else ''}{', '.join(each.sql for each in values)}"


def _number(value: Value) -> Value:
    if value.type.kind in t.TEXTS:
        raise LeoError("a sum or average of text: SQL Server refuses it, so CAST it to a number first.")
    return value


def _count(kind: Type) -> Aggregate:
    def translate(values: list[Value], distinct: bool, order: str) -> Value:
        if not values:
            return Value("count(*)", kind)
        if not distinct:
            return Value(f"count({values[0].sql})", kind)
        counted = f"lower(rtrim({values[0].sql}))" if caseless(values[:1]) else values[0].sql
        return Value(f"count(DISTINCT {counted})", kind)

    return translate


def _sum(values: list[Value], distinct: bool, order: str) -> Value:
    value = _number(values[0])
    made = f"sum({_of([value], distinct)})"
    if value.type.kind in t.INTEGERS:
        return Value(made, t.BIGINT if value.type.kind == "bigint" else t.INT, outside="CAST({} AS BIGINT)")
    if value.type.kind == "decimal":
        return Value(made, Type("decimal", 38, value.type.scale))
    return Value(made, t.FLOAT)


def _average(values: list[Value], distinct: bool, order: str) -> Value:
    """AVG of whole numbers is a whole number: the fraction is cut off."""
    value = _number(values[0])
    made = f"avg({_of([value], distinct)})"
    if value.type.kind in t.INTEGERS:
        kind = t.BIGINT if value.type.kind == "bigint" else t.INT
        return Value(made, kind, outside="CAST(trunc({}) AS BIGINT)")
    if value.type.kind == "decimal":
        scale = max(value.type.scale or 0, 6)
        return Value(made, Type("decimal", 38, scale), outside=f"CAST({{}} AS DECIMAL(38,{scale}))")
    return Value(made, t.FLOAT)


def _extreme(which: str) -> Aggregate:
    return lambda values, distinct, order: Value(f"{which}({values[0].sql})", values[0].type)


def _spread(which: str) -> Aggregate:
    def translate(values: list[Value], distinct: bool, order: str) -> Value:
        value = _number(values[0])
        return Value(f"{which}({'DISTINCT ' if distinct else ''}CAST({value.sql} AS DOUBLE))", t.FLOAT)

    return translate


def _string_agg(values: list[Value], distinct: bool, order: str) -> Value:
    joined = f"string_agg({text(values[0]).sql}, {text(values[1]).sql}{' ' + order if order else ''})"
    return Value(joined, t.TEXT)


def _percentile(which: str) -> Aggregate:
    def translate(values: list[Value], distinct: bool, order: str) -> Value:
        value, share = values
        subject = cast(value, t.FLOAT) if which == "quantile_cont" else value
        return Value(f"{which}({subject.sql}, {share.sql})", subject.type)

    return translate


def _grouping(values: list[Value], distinct: bool, order: str) -> Value:
    return Value(f"grouping({_of(values, False)})", t.INT)


AGGREGATES: dict[str, Aggregate] = {
    "COUNT": _count(t.INT),
    "COUNT_BIG": _count(t.BIGINT),
    "APPROX_COUNT_DISTINCT": lambda values, distinct, order: _count(t.BIGINT)(values, True, order),
    "SUM": _sum,
    "AVG": _average,
    "MIN": _extreme("min"),
    "MAX": _extreme("max"),
    "STDEV": _spread("stddev_samp"),
    "STDEVP": _spread("stddev_pop"),
    "VAR": _spread("var_samp"),
    "VARP": _spread("var_pop"),
    "STRING_AGG": _string_agg,
    "PERCENTILE_CONT": _percentile("quantile_cont"),
    "PERCENTILE_DISC": _percentile("quantile_disc"),
    "GROUPING": _grouping,
    "GROUPING_ID": _grouping,
}


def _ranking(target: str, kind: Type) -> Callable[[list[Value]], Value]:
    return lambda values: Value(f"{target}({_of(values, False)})", kind)


def _shifted(target: str) -> Callable[[list[Value]], Value]:
    return lambda values: Value(f"{target}({_of(values, False)})", values[0].type)


RANKINGS: dict[str, Callable[[list[Value]], Value]] = {
    **{each: _ranking(each.lower(), t.BIGINT) for each in ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE")},
    **{each: _ranking(each.lower(), t.FLOAT) for each in ("PERCENT_RANK", "CUME_DIST")},
    **{each: _shifted(each.lower()) for each in ("LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE")},
}
