"""Expressions of T-SQL as DuckDB text, with their types. Whatever is not listed here is refused."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from leocourse.core.errors import LeoError
from leocourse.srs import functions as f
from leocourse.srs import types as t
from leocourse.srs.aggregates import AGGREGATES, RANKINGS
from leocourse.srs.arithmetic import Arithmetic, wide
from leocourse.srs.catalog import nearest
from leocourse.srs.dialect import line_of, place
from leocourse.srs.scope import Scope
from leocourse.srs.types import Type
from leocourse.srs.values import Value, caseless, cast, coerce, comparable, meet, quote, text

COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}


class Expressions(Arithmetic):
    """Translates expressions. :class:`leocourse.srs.queries.Queries` adds SELECT, and a script adds variables."""

    variables: dict[str, tuple[Any, Type]]

    @abstractmethod
    def query(self, node: exp.Expression, outer: Scope | None) -> Any:
        """Translate a SELECT."""

    @abstractmethod
    def object_exists(self, written: str) -> bool:
        """Whether OBJECT_ID finds something."""

    def expr(self, node: exp.Expression, scope: Scope) -> Value:
        """The expression in DuckDB's SQL. Raises LeoError, with its line, for what has no equal."""
        for kind in type(node).__mro__:
            translate = RULES.get(kind)
            if translate:
                try:
                    return translate(self, node, scope).closed()
                except LeoError as error:
                    raise _placed(error, node) from None
        raise LeoError(f"{place(line_of(node))}{_shown(node)} cannot be translated.")

    def condition(self, node: exp.Expression, scope: Scope) -> str:
        """A condition, in which division by zero is unknown instead of an error."""
        self.guarded += 1
        try:
            return self.expr(node, scope).sql
        finally:
            self.guarded -= 1

    def column(self, node: exp.Column, scope: Scope) -> Value:
        """A column, or the empty binary ``0x``."""
        if node.name.lower() == "0x" or (node.name.lower().startswith("0x") and not node.table):
            return Value("0", t.INT)
        if re.fullmatch(r"\$\d+(\.\d*)?", node.name) and not node.table:
            return cast(Value(node.name[1:], t.FLOAT), t.MONEY)
        if node.name.lower() == "current_timestamp" and not node.table:
            return f.FUNCTIONS["CURRENT_TIMESTAMP"][0]([])
        found = scope.column(node.name, node.table or None, self.note)
        if found:
            return found
        if node.table and not any(node.table.lower() in each.sources for each in _chain(scope)):
            raise LeoError(f"there is no table or alias '{node.table}' in this query.")
        near = nearest(node.name, scope.names())
        raise LeoError(f"there is no column '{node.name}'.{f' Near it: {near}.' if near else ''}")

    def literal(self, node: exp.Literal, scope: Scope) -> Value:
        """A number or text."""
        if node.is_string:
            return Value(quote(node.this), Type("varchar", len(node.this) or 1), literal=node.this)
        written = node.this.lower()
        if "e" in written:
            mantissa, _, exponent = written.partition("e")
            return Value(f"CAST({mantissa}e{exponent or '0'} AS DOUBLE)", t.FLOAT)
        if "." in written:
            whole, _, part = written.partition(".")
            return Value(
                f"{whole or '0'}.{part or '0'}", Type("decimal", len(whole.lstrip("0")) + len(part) or 1, len(part))
            )
        size = int(written)
        kind = t.INT if size <= 2**31 - 1 else Type("decimal", len(written), 0)
        return Value(written, kind)

    def variable(self, node: exp.Parameter, scope: Scope) -> Value:
        """A variable of the script, as its value."""
        system = isinstance(node.this, exp.Parameter)
        key = f"@@{node.this.name}".lower() if system else f"@{node.name}".lower()
        if key not in self.variables:
            if system:
                raise LeoError(f"{key} has no equal here.")
            raise LeoError(f"{key} was not declared: write 'DECLARE {key} int = ...' before it.")
        return self.held(key)

    def held(self, key: str) -> Value:
        """What a variable holds, as a literal."""
        value, kind = self.variables[key]
        if value is None:
            return Value(f"CAST(NULL AS {t.duckdb_type(kind).sql('duckdb')})", kind)
        if kind.kind in t.TEXTS:
            return Value(quote(str(value)), kind, literal=str(value))
        made = quote(str(value)) if kind.kind in (*t.DATES, "time") else str(value)
        return Value(f"CAST({made} AS {t.duckdb_type(kind).sql('duckdb')})", kind)

    def call(self, node: exp.Anonymous, scope: Scope) -> Value:
        """A call of a function."""
        called = node.name.upper()
        arguments = node.expressions
        if called in AGGREGATES:
            return self.aggregate(called, arguments, scope)
        if called in RANKINGS:
            raise LeoError(f"{called} needs OVER (...).")
        if called in t.CAUGHT:
            return self.held(called) if called in self.variables else Value("NULL", t.CAUGHT[called])
        if called == "IIF":
            return self.iif(arguments, scope)
        if called in ("DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME"):
            return self.date_call(called, arguments, scope)
        if called in ("OBJECT_ID", "SCHEMA_ID", "TYPE_ID"):
            written = arguments[0].name if arguments and arguments[0].is_string else ""
            exists = called == "SCHEMA_ID" or self.object_exists(written)
            return Value("1" if exists else "CAST(NULL AS INTEGER)", t.INT)
        if called not in f.FUNCTIONS:
            near = nearest(called.lower(), [each.lower() for each in f.FUNCTIONS])
            raise LeoError(
                f"{called} is not a function of SQL Server 2019 that runs here."
                f"{f' Near it: {near.upper()}.' if near else ''}"
            )
        translate, least, most = f.FUNCTIONS[called]
        if not least <= len(arguments) <= most:
            raise LeoError(
                f"{called} takes {least if least == most else f'{least} to {most}'} arguments, not {len(arguments)}."
            )
        return translate([self.expr(each, scope) for each in arguments])

    def date_call(self, called: str, arguments: list[exp.Expression], scope: Scope) -> Value:
        """A function whose first argument is a part of a date."""
        wanted = 3 if called.startswith(("DATEADD", "DATEDIFF")) else 2
        if len(arguments) != wanted:
            raise LeoError(f"{called} takes {wanted} arguments, not {len(arguments)}.")
        part = f.part_named(arguments[0].name)
        values = [self.expr(each, scope) for each in arguments[1:]]
        if called == "DATEADD":
            return f.date_add(part, *values)
        if called == "DATEPART":
            return f.date_part(part, *values)
        if called == "DATENAME":
            return f.date_name(part, *values)
        return f.date_diff(part, *values, big=called == "DATEDIFF_BIG")

    def iif(self, arguments: list[exp.Expression], scope: Scope) -> Value:
        """IIF(condition, a, b)."""
        if len(arguments) != 3:
            raise LeoError(f"IIF takes 3 arguments, not {len(arguments)}.")
        (yes, no), kind = f.together([self.expr(each, scope) for each in arguments[1:]])
        return Value(f"(CASE WHEN {self.condition(arguments[0], scope)} THEN {yes.sql} ELSE {no.sql} END)", kind)

    def aggregate(self, called: str, arguments: list[exp.Expression], scope: Scope, order: str = "") -> Value:
        """An aggregate, with DISTINCT if it has one."""
        distinct = bool(arguments) and isinstance(arguments[0], exp.Distinct)
        if distinct:
            arguments = [*arguments[0].expressions, *arguments[1:]]
        star = bool(arguments) and isinstance(arguments[0], exp.Star)
        values = [] if star else [self.expr(each, scope) for each in arguments]
        return AGGREGATES[called](values, distinct, order)

    def within_group(self, node: exp.WithinGroup, scope: Scope) -> Value:
        """An aggregate over sorted values."""
        called, arguments = node.this.name.upper(), node.this.expressions
        ordered = node.expression.expressions
        if called in ("PERCENTILE_CONT", "PERCENTILE_DISC"):
            share, value = self.expr(arguments[0], scope), self.expr(ordered[0].this, scope)
            if ordered[0].args.get("desc"):
                share = Value(f"1 - {share.sql}", share.type)
            return AGGREGATES[called]([value, share], False, "")
        return self.aggregate(called, arguments, scope, self.ordering(node.expression, scope))

    def window(self, node: exp.Window, scope: Scope) -> Value:
        """An aggregate or ranking with OVER."""
        inner = node.this
        if isinstance(inner, exp.WithinGroup):
            value = self.within_group(inner, scope)
        elif isinstance(inner, exp.Anonymous) and inner.name.upper() in RANKINGS:
            arguments = [self.expr(each, scope) for each in inner.expressions]
            value = RANKINGS[inner.name.upper()](arguments)
        elif isinstance(inner, exp.Anonymous) and inner.name.upper() in AGGREGATES:
            value = self.aggregate(inner.name.upper(), inner.expressions, scope)
        else:
            raise LeoError(f"{_shown(inner)} cannot stand before OVER.")
        parts = []
        if node.args.get("partition_by"):
            parts.append("PARTITION BY " + ", ".join(self.expr(e, scope).sql for e in node.args["partition_by"]))
        order = self.ordering(node.args.get("order"), scope)
        if order:
            parts.append(order)
        spec = node.args.get("spec")
        if spec:
            parts.append(self.frame(spec))
        return Value(f"{value.sql} OVER ({' '.join(parts)})", value.type, outside=value.outside)

    def frame(self, spec: exp.WindowSpec) -> str:
        """ROWS BETWEEN ... AND ..."""

        def edge(which: str) -> str:
            end = spec.args.get(which)
            side = spec.args.get(f"{which}_side") or ""
            return f"{end if isinstance(end, str) else int(end.name)} {side}".strip()

        end = edge("end") if spec.args.get("end") else "CURRENT ROW"
        return f"{spec.args['kind']} BETWEEN {edge('start')} AND {end}".upper()

    def ordering(self, order: exp.Order | None, scope: Scope, aliases: dict[str, str] | None = None) -> str:
        """ORDER BY, with missing values first as SQL Server sorts them. A constant orders nothing."""
        made = [f"{sql} {way}" for sql, way in self.sort_keys(order, scope, aliases)]
        return f"ORDER BY {', '.join(made)}" if made else ""

    def sort_keys(
        self, order: exp.Order | None, scope: Scope, aliases: dict[str, str] | None = None
    ) -> list[tuple[str, str]]:
        """What ORDER BY sorts by, and which way. ``aliases`` are the names that the SELECT gives, lower case."""
        made = []
        for each in order.expressions if order else []:
            what, desc = each.this, bool(each.args.get("desc"))
            if isinstance(what, exp.Subquery) and not what.find(exp.From):
                continue
            if aliases is not None and isinstance(what, exp.Column) and not what.table and what.name.lower() in aliases:
                sql = aliases[what.name.lower()]
            elif aliases is not None and isinstance(what, exp.Literal) and not what.is_string:
                sql = what.name
            else:
                sql = self.expr(what, scope).sql
            made.append((sql, "DESC NULLS LAST" if desc else "NULLS FIRST"))
        return made

    def compare(self, node: exp.Binary, scope: Scope) -> Value:
        """A comparison, also with ANY and ALL."""
        other = node.expression
        if isinstance(other, (exp.Any, exp.All)):
            left = self.expr(node.this, scope)
            inner = self.query(other.this.unnest(), scope)
            sql = f"{left.sql} {COMPARISONS[type(node)]} {type(other).__name__.upper()} ({inner.sql})"
            return Value(sql, t.UNKNOWN)
        left, right = self.comparable(self.expr(node.this, scope), self.expr(other, scope))
        return Value(f"{left} {COMPARISONS[type(node)]} {right}", t.UNKNOWN)

    def comparable(self, left: Value, right: Value) -> tuple[str, str]:
        """Both sides of a comparison. A column of numbers that meets a code such as 'Y' is compared as text.

        It may well be text in the real extract; that SQL Server stops if it is a number is noted.
        """
        for one, other in ((left, right), (right, left)):
            written = other.literal.strip().lower() if other.literal is not None else ""
            if not one.column or one.type.kind not in t.NUMBERS or _is_number(written):
                continue
            if one.type.kind in t.INTEGERS and written in ("true", "false"):
                number = str(int(written == "true"))
                return (one.sql, number) if one is left else (number, one.sql)
            column = one.sql.split(".")[-1].strip('"')
            self.note(
                f"{column} holds numbers here, and '{written}' is none: if it holds numbers in the service too, "
                "SQL Server stops with 'Conversion failed'."
            )
            left, right = (text(each) if each is one else each for each in (left, right))
            break
        return comparable(left, right)

    def inside(self, node: exp.In, scope: Scope) -> Value:
        """IN with a list or a query."""
        value = self.expr(node.this, scope)
        if node.args.get("query"):
            inner = self.query(node.args["query"].unnest(), scope)
            (_, kind), *_ = inner.columns
            left, right = meet(value, Value("each.x", kind, column=True))
            sub = inner.sql if right.sql == "each.x" else f"SELECT {right.sql} FROM ({inner.sql}) AS each(x)"
            if caseless([left, right]):
                return Value(f"lower({left.sql}) IN (SELECT lower(y) FROM ({sub}) AS lowered(y))", t.UNKNOWN)
            return Value(f"{left.sql} IN ({sub})", t.UNKNOWN)
        others = [self.expr(each, scope) for each in node.expressions]
        pairs = [self.comparable(value, each) for each in others]
        if len({left for left, _ in pairs}) == 1:
            return Value(f"{pairs[0][0]} IN ({', '.join(right for _, right in pairs)})", t.UNKNOWN)
        return Value(f"({' OR '.join(f'{left} = {right}' for left, right in pairs)})", t.UNKNOWN)

    def like(self, node: exp.Like, scope: Scope, escape: str | None = None) -> Value:
        """LIKE; sets in brackets become a regular expression."""
        subject, pattern = self.expr(node.this, scope), self.expr(node.expression, scope)
        binary = subject.type.binary or pattern.type.binary
        if pattern.literal is not None and ("[" in pattern.literal or escape):
            made = quote(f"^{f.like_regex(pattern.literal, escape)}$")
            return Value(f"regexp_matches({text(subject).sql}, {made}, '{'s' if binary else 'is'}')", t.UNKNOWN)
        return Value(f"{text(subject).sql} {'LIKE' if binary else 'ILIKE'} {text(pattern).sql}", t.UNKNOWN)

    def case(self, node: exp.Case, scope: Scope) -> Value:
        """CASE in both forms."""
        operand = self.expr(node.this, scope) if node.this else None
        tests, results = [], []
        for each in node.args["ifs"]:
            if operand is None:
                tests.append(self.condition(each.this, scope))
            else:
                tests.append(" = ".join(self.comparable(operand, self.expr(each.this, scope))))
            results.append(self.expr(each.args["true"], scope))
        if node.args.get("default"):
            results.append(self.expr(node.args["default"], scope))
        made, kind = f.together(results)
        cases = " ".join(f"WHEN {test} THEN {result.sql}" for test, result in zip(tests, made, strict=False))
        default = f" ELSE {made[-1].sql}" if node.args.get("default") else ""
        return Value(f"(CASE {cases}{default} END)", kind)

    def convert(self, node: exp.Convert, scope: Scope) -> Value:
        """CONVERT, with the style of a date."""
        to, value = t.declared(node.this), self.expr(node.expression, scope)
        safe, style = bool(node.args.get("safe")), node.args.get("style")
        number = int(style.name) if style is not None and style.name.isdigit() else 0
        form = t.STYLES.get(number)
        if form and to.kind in t.TEXTS and value.type.kind in t.DATES:
            return cast(Value(f"strftime({value.sql}, '{form}')", t.TEXT), to)
        if form and number < 111 and to.kind in t.DATES and value.type.kind in t.TEXTS:
            blank = f"CASE WHEN trim({value.sql}) = '' THEN TIMESTAMP '1900-01-01' ELSE "
            parsed = f"{'try_' if safe else ''}strptime(trim({value.sql}), '{form}') END"
            return Value(f"CAST({blank}{parsed} AS {t.duckdb_type(to).sql('duckdb')})", to)
        return cast(value, to, safe)

    def collate(self, node: exp.Collate, scope: Scope) -> Value:
        """COLLATE: a binary or case-sensitive order counts."""
        value, order = self.expr(node.this, scope), node.expression.name.upper()
        binary = "_BIN" in order or "_CS" in order
        return Value(value.sql, value.type._replace(binary=binary), value.literal, column=value.column)


def _is_number(literal: str) -> bool:
    try:
        float(literal.strip() or "0")
    except ValueError:
        return False
    return True


def _chain(scope: Scope | None) -> list[Scope]:
    return [] if scope is None else [scope, *_chain(scope.outer)]


def _shown(node: exp.Expression) -> str:
    shown = " ".join(node.sql("tsql", comments=False).split())
    return shown if len(shown) <= 50 else shown[:47] + "..."


def _placed(error: LeoError, node: exp.Expression) -> LeoError:
    """The error with the line of the innermost expression whose line is known."""
    return error if str(error).startswith("line ") else LeoError(f"{place(line_of(node))}{error}")


def _binary(sign: str) -> Callable[[Expressions, exp.Binary, Scope], Value]:
    return lambda s, n, c: s.arithmetic(s.expr(n.this, c), s.expr(n.expression, c), sign)


def _joined(word: str) -> Callable[[Expressions, exp.Connector, Scope], Value]:
    return lambda s, n, c: Value(f"({s.expr(n.this, c).sql} {word} {s.expr(n.expression, c).sql})", t.UNKNOWN)


def _between(self: Expressions, node: exp.Between, scope: Scope) -> Value:
    value = self.expr(node.this, scope)
    low, high = (self.expr(node.args[edge], scope) for edge in ("low", "high"))
    return Value(
        f"({' >= '.join(self.comparable(value, low))} AND {' <= '.join(self.comparable(value, high))})", t.UNKNOWN
    )


def _scalar(self: Expressions, node: exp.Subquery, scope: Scope) -> Value:
    inner = self.query(node.unnest(), scope)
    return Value(f"({inner.sql})", inner.columns[0][1])


def _negative(self: Expressions, node: exp.Neg, scope: Scope) -> Value:
    value = f.number(self.expr(node.this, scope))
    return Value(f"(-{wide(value)})", value.type)


def _inverted(self: Expressions, node: exp.BitwiseNot, scope: Scope) -> Value:
    value = coerce(self.expr(node.this, scope), t.INT)
    if value.type.kind == "bit":
        return Value(f"(1 - {value.sql})", value.type)
    return Value(f"(~CAST({value.sql} AS BIGINT))", value.type)


def _trim(self: Expressions, node: exp.Trim, scope: Scope) -> Value:
    letters = text(self.expr(node.expression, scope)).sql if node.expression else "' '"
    return Value(f"trim({text(self.expr(node.this, scope)).sql}, {letters})", t.TEXT)


def _paren(self: Expressions, node: exp.Paren, scope: Scope) -> Value:
    value = self.expr(node.this, scope)
    return Value(f"({value.sql})", value.type, value.literal)


def _dot(self: Expressions, node: exp.Dot, scope: Scope) -> Value:
    if isinstance(node.expression, exp.Anonymous) and node.expression.name.lower() == "value":
        return self.expr(node.this, scope)
    if isinstance(node.this, exp.Identifier) and isinstance(node.expression, exp.Identifier):
        return self.column(exp.column(node.expression.name, table=node.this.name), scope)
    raise LeoError(f"{_shown(node)} cannot be translated.")


RULES: dict[type, Callable[[Expressions, Any, Scope], Value]] = {
    exp.Column: Expressions.column,
    exp.Identifier: lambda s, n, c: s.column(exp.column(n.name), c),
    exp.Literal: Expressions.literal,
    exp.National: lambda s, n, c: Value(quote(n.name), Type("varchar", len(n.name) or 1), literal=n.name),
    exp.HexString: lambda s, n, c: Value(str(int(n.name, 16)), t.INT if int(n.name, 16) < 2**31 else t.BIGINT),
    exp.Null: lambda s, n, c: Value("NULL", t.NULL),
    exp.Date: lambda s, n, c: cast(s.expr(n.this, c), t.DATE),
    exp.Timestamp: lambda s, n, c: cast(s.expr(n.this, c), t.DATETIME),
    exp.Parameter: Expressions.variable,
    exp.Paren: _paren,
    exp.And: _joined("AND"),
    exp.Or: _joined("OR"),
    exp.Not: lambda s, n, c: Value(f"NOT ({s.expr(n.this, c).sql})", t.UNKNOWN),
    exp.Neg: _negative,
    **dict.fromkeys(COMPARISONS, Expressions.compare),
    exp.Is: lambda s, n, c: Value(f"{s.expr(n.this, c).sql} IS {s.expr(n.expression, c).sql}", t.UNKNOWN),
    exp.In: Expressions.inside,
    exp.Between: _between,
    exp.Like: Expressions.like,
    exp.Escape: lambda s, n, c: s.like(n.this, c, n.expression.name),
    exp.Exists: lambda s, n, c: Value(f"EXISTS ({s.query(n.this.unnest(), c).sql})", t.UNKNOWN),
    exp.Subquery: _scalar,
    exp.Case: Expressions.case,
    exp.Add: Expressions.add,
    exp.Sub: _binary("-"),
    exp.Mul: _binary("*"),
    exp.Mod: _binary("%"),
    exp.Div: Expressions.divide,
    exp.BitwiseAnd: Expressions.bits,
    exp.BitwiseOr: Expressions.bits,
    exp.BitwiseXor: Expressions.bits,
    exp.BitwiseNot: _inverted,
    exp.Cast: lambda s, n, c: cast(s.expr(n.this, c), t.declared(n.to), isinstance(n, exp.TryCast)),
    exp.Convert: Expressions.convert,
    exp.Collate: Expressions.collate,
    exp.Trim: _trim,
    exp.Window: Expressions.window,
    exp.WithinGroup: Expressions.within_group,
    exp.Anonymous: Expressions.call,
    exp.Dot: _dot,
}
