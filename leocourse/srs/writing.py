"""DuckDB's SQL as T-SQL for SQL Server 2019.

What sqlglot does not change itself is changed before (:mod:`leocourse.srs.rewrites`). The text is then read back by
the same code that runs T-SQL here: it knows the types, so it says where a sum needs bigint and a join a collation,
and it refuses whatever SQL Server does not have. So nothing is written that could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.tsql import TSQL

from leocourse.core.connect import PROJECT
from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.catalog import schema_catalog
from leocourse.srs.dialect import ServiceSQL, parse
from leocourse.srs.queries import Queries
from leocourse.srs.rewrites import REWRITES, call
from leocourse.srs.scope import Scope
from leocourse.srs.values import Value

NAMES = {"npd_i2": "NPD_i2", "lilr_i2": "LILR_i2", "hesa_i2": "HESA_i2", "ucas_i2": "UCAS_i2", "leo_i2": "LEO_i2"}
COLLATION = "Latin1_General_BIN"


def to_tsql(sql: str, project: str = PROJECT) -> str:
    """One DuckDB SELECT as one T-SQL SELECT for SQL Server 2019.

    Views keep their three-part names, with ``project`` as the schema. Raises LeoError, with the line, for what
    SQL Server has no way to say.
    """
    tree = parse(sql, DuckDB)
    if not isinstance(tree, exp.Query):
        raise LeoError("Only a SELECT can be written as T-SQL.")
    return _written(tree, project)


def _written(tree: exp.Expression, project: str) -> str:
    """The T-SQL of a tree of DuckDB's SQL, which is changed."""
    kinds = {type(node) for node in tree.walk()}
    for kind, rewrite in REWRITES:
        if any(issubclass(each, kind) for each in kinds):
            tree = rewrite(tree)
            kinds = {type(node) for node in tree.walk()}
    for table in tree.find_all(exp.Table):
        if table.catalog.lower() in NAMES:
            table.set("catalog", exp.to_identifier(NAMES[table.catalog.lower()]))
            table.set("db", exp.to_identifier(project))
    return _typed(tree.sql(dialect=TSQL, identify=True, comments=False))


def measure_tsql(name: str, values: Mapping[str, object] | None = None, project: str = PROJECT) -> str:
    """A measure as one WITH ... SELECT: each measure that it reads comes first, as a common table expression.

    ``values`` are the measure's parameters. Raises LeoError for an unknown measure or a value that is not valid.
    """
    from leocourse.measures import plan, render

    heads: list[exp.CTE] = []
    steps = plan(name, values)
    for place_, (measure, given, tables) in enumerate(steps):
        table = measure.table(given)
        body = parse(render(measure, given, tables={each: _flat(called) for each, called in tables.items()}), DuckDB)
        heads += _hoisted(body, _flat(table))
        if place_ < len(steps) - 1:
            heads.append(exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(_flat(table)))))
    if heads:
        body.set("with_", exp.With(expressions=heads))
    return _written(body, project)


def _flat(table: str) -> str:
    """The name of a measure's table as the name of a common table expression."""
    return re.sub(r"\W+", "_", table).strip("_")


def _hoisted(body: exp.Expression, prefix: str) -> list[exp.CTE]:
    """A measure's own common table expressions, taken out of it and named after it: T-SQL does not nest WITH."""
    with_ = body.args.get("with_")
    if not with_:
        return []
    new = {each.alias.lower(): f"{prefix}_{each.alias}" for each in with_.expressions}
    for table in body.find_all(exp.Table):
        if not table.db and table.name.lower() in new:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(new[table.name.lower()]))
    for each in with_.expressions:
        each.args["alias"].set("this", exp.to_identifier(new[each.alias.lower()]))
    with_.pop()
    return with_.expressions


class Typing(Queries):
    """Reads T-SQL to learn the types of arguments: which sums may overflow, which casts round, which keys collate."""

    def __init__(self) -> None:
        super().__init__(schema_catalog())
        self.found: dict[int, t.Type] = {}

    def expr(self, node: exp.Expression, scope: Scope) -> Value:
        """The expression, whose type is kept."""
        value = super().expr(node, scope)
        self.found[id(node)] = value.type
        return value


def _typed(sql: str) -> str:
    """The T-SQL with what depends on types: sums in bigint, casts that round, collations on keys."""
    tree = parse(sql)
    reader = Typing()
    try:
        reader.query(tree)
    except LeoError as error:
        raise LeoError(re.sub(r"^line \d+(:\d+)?: ", "", f"{error}")) from None
    for node in list(tree.find_all(exp.Anonymous)):
        if node.name.upper() == "SUM" and node.expressions and not isinstance(node.expressions[0], exp.Distinct):
            _sum(node, reader.found)
    for node in list(tree.find_all(exp.Cast)):
        have = reader.found.get(id(node.this))
        if have and have.kind in (*t.FLOATS, "decimal") and t.declared(node.to).kind in t.INTEGERS:
            node.set("this", call("ROUND", node.this, exp.Literal.number(0)))
    for node in list(tree.find_all(exp.EQ)):
        sides = (node.this, node.expression)
        if all(isinstance(each, exp.Column) and reader.found.get(id(each), t.NULL).binary for each in sides):
            for each in sides:
                each.replace(exp.Collate(this=each.copy(), expression=exp.var(COLLATION)))
    needed = {each.name for each in tree.find_all(exp.Table) if each.db.lower() == "reference"}
    notes = [
        f"-- Bring in the public table data/reference/{each}.csv as reference.{each}.\n" for each in sorted(needed)
    ]
    return "".join(notes) + tree.sql(dialect=ServiceSQL, identify=True, pretty=True) + "\n"


def _sum(node: exp.Anonymous, found: dict[int, t.Type]) -> None:
    argument = node.expressions[0]
    constant = isinstance(argument, exp.Case) and all(
        isinstance(each, (exp.Literal, exp.Null))
        for each in [*(i.args["true"] for i in argument.args["ifs"]), argument.args.get("default") or exp.Null()]
    )
    if not constant and found.get(id(argument), t.UNKNOWN).kind in t.INTEGERS:
        node.set("expressions", [exp.cast(argument.copy(), "BIGINT")])
