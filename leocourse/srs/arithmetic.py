"""Arithmetic of SQL Server in DuckDB's SQL: whole numbers stay whole, decimals keep SQL Server's precision."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sqlglot import exp

from leocourse.srs import functions as f
from leocourse.srs import types as t
from leocourse.srs.scope import Scope
from leocourse.srs.types import Type
from leocourse.srs.values import Value, coerce, text


class Arithmetic(ABC):
    """The part of :class:`leocourse.srs.expressions.Expressions` that calculates."""

    guarded = 0  # inside WHERE, ON and HAVING a division by zero is unknown, for DuckDB may try it on rows left out

    @abstractmethod
    def expr(self, node: exp.Expression, scope: Scope) -> Value:
        """Translate any expression."""

    @abstractmethod
    def note(self, message: str) -> None:
        """Keep something the reader should know."""

    def add(self, node: exp.Add, scope: Scope) -> Value:
        """``+``, which joins text and adds numbers."""
        left, right = self.expr(node.this, scope), self.expr(node.expression, scope)
        kinds = {left.type.kind, right.type.kind}
        if kinds <= {*t.TEXTS, "null", "unknown"} and kinds & set(t.TEXTS):
            binary = left.type.binary or right.type.binary
            return Value(f"({text(left).sql} || {text(right).sql})", Type("varchar", binary=binary))
        return self.arithmetic(left, right, "+")

    def arithmetic(self, left: Value, right: Value, sign: str) -> Value:
        """``+``, ``-``, ``*`` and ``%`` of numbers, or of a date and a number."""
        if "date" in (left.type.kind, right.type.kind) or "datetime" in (left.type.kind, right.type.kind):
            return self.shift(left, right, sign)
        left, right = (f.number(each, right.type if each is left else left.type) for each in (left, right))
        left, right = (f.number(each, t.INT) if each.type.kind in t.TEXTS else each for each in (left, right))
        kinds = (left.type.kind, right.type.kind)
        if all(kind in (*t.INTEGERS, "null", "unknown") for kind in kinds):
            kind = t.BIGINT if "bigint" in kinds else t.INT
            return Value(f"({wide(left)} {sign} {wide(right)})", kind)
        if set(kinds) & set(t.FLOATS) or not set(kinds) <= {*t.INTEGERS, "decimal"}:
            return Value(f"({_double(left)} {sign} {_double(right)})", t.FLOAT)
        return self.exact(left, right, sign)

    def exact(self, left: Value, right: Value, sign: str) -> Value:
        """Arithmetic with decimals: their precision is SQL Server's."""
        (p1, s1), (p2, s2) = t.precision(_digits(left)), t.precision(_digits(right))
        if sign == "*":
            size, scale = p1 + p2 + 1, s1 + s2
        else:
            scale = max(s1, s2)
            size = max(p1 - s1, p2 - s2) + scale + 1
        if size > 38:
            return Value(f"({_double(left)} {sign} {_double(right)})", Type("decimal", 38, min(scale, 6)))
        return Value(f"({left.sql} {sign} {right.sql})", Type("decimal", size, scale))

    def shift(self, left: Value, right: Value, sign: str) -> Value:
        """A date moved by days, or the days between two."""
        if left.type.kind in t.DATES and right.type.kind in t.DATES:
            self.note("SQL Server refuses date - date: write DATEDIFF(day, first, last).")
            return Value(f"date_diff('day', CAST({right.sql} AS DATE), CAST({left.sql} AS DATE))", t.INT)
        moment, amount = (left, right) if left.type.kind in t.DATES else (right, left)
        if moment.type.kind == "date":
            self.note("SQL Server refuses date + number: write DATEADD(day, n, date).")
        days = f.number(amount, t.FLOAT).sql
        made = f"(CAST({moment.sql} AS TIMESTAMP) {sign} to_microseconds(CAST(({days}) * 86400000000 AS BIGINT)))"
        return Value(f"CAST({made} AS {t.duckdb_type(moment.type).sql('duckdb')})", moment.type)

    def divide(self, node: exp.Div, scope: Scope) -> Value:
        """Division: whole numbers give a whole number."""
        left, right = (f.number(self.expr(each, scope)) for each in (node.this, node.expression))
        kinds = (left.type.kind, right.type.kind)
        under = f"nullif({right.sql}, 0)" if self.guarded else right.sql
        if all(kind in t.INTEGERS for kind in kinds):
            kind = t.BIGINT if "bigint" in kinds else t.INT
            return Value(f"tsql_divide_whole({wide(left)}, {under})", kind)
        if set(kinds) <= {*t.INTEGERS, "decimal"}:
            kind = t.quotient(_digits(left), _digits(right))
            made = f"tsql_divide_exact({left.sql}, {under}, {kind.scale})"
            return Value(f"CAST({made} AS {t.duckdb_type(kind).sql('duckdb')})", kind)
        return Value(f"tsql_divide({_double(left)}, CAST({under} AS DOUBLE))", t.FLOAT)

    def bits(self, node: exp.Binary, scope: Scope) -> Value:
        """``&``, ``|`` and ``^``."""
        left, right = (coerce(self.expr(each, scope), t.INT) for each in (node.this, node.expression))
        first, second = (f"CAST({each.sql} AS BIGINT)" for each in (left, right))
        kind = t.BIGINT if "bigint" in (left.type.kind, right.type.kind) else t.INT
        if isinstance(node, exp.BitwiseXor):
            return Value(f"xor({first}, {second})", kind)
        return Value(f"({first} {'&' if isinstance(node, exp.BitwiseAnd) else '|'} {second})", kind)


def wide(value: Value) -> str:
    """A whole number wide enough to calculate with."""
    return f"CAST({value.sql} AS INTEGER)" if value.type.kind in ("bit", "tinyint", "smallint") else value.sql


def _digits(value: Value) -> Type:
    """The type of a number among decimals: a whole literal has as many digits as it is written with."""
    return Type("decimal", len(value.sql), 0) if value.sql.isdigit() else value.type


def _double(value: Value) -> str:
    return value.sql if value.type.kind == "float" else f"CAST({value.sql} AS DOUBLE)"
