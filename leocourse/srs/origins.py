"""Where the values of a query come from, and what SQL Server makes of them for that: text of two databases, text
that is read as a number, averages of whole numbers, and temporary tables that lost their ``#``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from leocourse.schema import load_schema
from leocourse.srs.catalog import Relation
from leocourse.srs.obstacle import Obstacle, at_node
from leocourse.srs.shapes import called
from leocourse.srs.types import INTEGERS, NUMBERS, TEXTS, Type

COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
SHOWN = 4
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$")


class Origin(NamedTuple):
    """The column of a view from which a value comes unchanged."""

    database: str
    view: str
    column: str
    type: Type


@dataclass
class Origins:
    """Follows values through the statements of one script, in their order."""

    made: dict[str, dict[str, Origin | None]] = field(default_factory=dict)
    """The script's temporary tables, by name without ``#``, and where their columns come from."""
    others: set[str] = field(default_factory=set)
    """Names of one part that are tables of their own: read or made before there was a temporary one of the name."""

    def findings(self, tree: exp.Expression, known: dict[int, Relation]) -> Iterator[Obstacle]:
        """What a statement does with values, by what they are. ``known`` has its views, by the node that names one."""
        self._known = known
        yield from self._without_sign(tree)
        for query in tree.find_all(exp.Query):
            if isinstance(query, exp.Subquery) or query.find_ancestor(exp.Query) is not None:
                continue
            try:
                scopes = traverse_scope(query)
            except Exception:  # sqlglot cannot follow it: nothing is said of its values
                continue
            for scope in scopes:
                if isinstance(scope.expression, exp.Select):
                    yield from self._select(scope)
            self._make(tree, scopes[-1] if scopes else None)

    # Temporary tables ----------------------------------------------------------------------------

    def _without_sign(self, tree: exp.Expression) -> Iterator[Obstacle]:
        """Tables named without the ``#`` with which the script made them."""
        heads = {each.alias.lower() for each in tree.find_all(exp.CTE)}
        made = _target(tree)
        for table in tree.find_all(exp.Table):
            name = table.name.lower()
            if (
                len(table.parts) != 1
                or name in heads
                or _temporary(table)
                or not isinstance(table.this, exp.Identifier)
            ):
                continue
            if name in self.made and name not in self.others and table is not made:
                what = f"the script made #{table.name}, and '{table.name}' is another table"
                yield at_node(table, what, f"#{table.name}")
            else:
                self.others.add(name)

    def _make(self, tree: exp.Expression, scope: Scope | None) -> None:
        target = _target(tree)
        if target is None or not _temporary(target):
            return
        while scope is not None and isinstance(scope.expression, exp.SetOperation) and scope.set_operation_scopes:
            scope = scope.set_operation_scopes[0]
        columns: dict[str, Origin | None] = {}
        if scope is not None and isinstance(scope.expression, exp.Select):
            columns = {
                each.alias_or_name.lower(): self._origin(each.unalias(), scope) for each in scope.expression.expressions
            }
        self.made[target.name.lower()] = columns

    # Values --------------------------------------------------------------------------------------

    def _select(self, scope: Scope) -> Iterator[Obstacle]:
        for node in scope.expression.walk():
            if node.find_ancestor(exp.Select) is not scope.expression:
                continue
            if isinstance(node, COMPARED):
                yield from self._compared(node, [self._origin(each, scope) for each in (node.this, node.expression)])
            elif isinstance(node, exp.In) and node.args.get("query") is not None:
                inner = next(
                    (each for each in scope.subquery_scopes if each.expression is node.args["query"].unnest()), None
                )
                given = inner.expression.expressions if inner and isinstance(inner.expression, exp.Select) else []
                if len(given) == 1:
                    sides = [self._origin(node.this, scope), self._origin(given[0], inner)]
                    yield from self._compared(node, sides)
            elif isinstance(node, (exp.Cast, exp.Convert)) and not isinstance(node, exp.TryCast):
                yield from self._cast(node, scope)
            elif called(node) == "AVG":
                value = node.expressions[0] if isinstance(node, exp.Anonymous) and node.expressions else node.this
                if isinstance(value, exp.Expression) and self._whole(value, scope):
                    yield at_node(
                        node, "the average of whole numbers is cut off there", "AVG(CAST(x AS float))", fails=False
                    )

    def _compared(self, node: exp.Expression, sides: list[Origin | None]) -> Iterator[Obstacle]:
        if all(each is not None and each.type.kind in TEXTS for each in sides):
            if sides[0].database != sides[1].database and not node.find(exp.Collate):
                both = " and ".join(each.database for each in sides)
                what = f"text of {both} meets here, and databases can have different collations, which stops a query"
                yield at_node(node, what, "COLLATE Latin1_General_BIN after one side", fails=False)
            return
        for side, other in ((sides[0], node.args.get("expression")), (sides[1], node.this)):
            number = isinstance(other, exp.Literal) and not other.is_string
            if side is not None and side.type.kind in TEXTS and number:
                yield from _no_number(node, side, f"'{other.name}', or TRY_CAST(x AS int)")

    def _cast(self, node: exp.Expression, scope: Scope) -> Iterator[Obstacle]:
        to, value = (node.this, node.expression) if isinstance(node, exp.Convert) else (node.args.get("to"), node.this)
        origin = self._origin(value, scope) if isinstance(value, exp.Expression) else None
        kind = to.this.name.lower() if isinstance(to, exp.DataType) else ""
        if origin is not None and origin.type.kind in TEXTS and kind in (*NUMBERS, "integer", "double"):
            yield from _no_number(node, origin, f"TRY_CAST(x AS {kind})")

    def _whole(self, node: exp.Expression, scope: Scope) -> bool:
        """Whether a value is certainly a whole number: SQL Server then averages in whole numbers."""
        if isinstance(node, exp.Literal):
            return not node.is_string and node.name.isdigit()
        if isinstance(node, exp.Column):
            origin = self._origin(node, scope)
            if origin is not None:
                return origin.type.kind in INTEGERS
            below = self._below(node, scope)
            return below is not None and self._whole(*below)
        if isinstance(node, (exp.Paren, exp.Neg)):
            return self._whole(node.this, scope)
        if isinstance(node, exp.Case):
            results = [each.args["true"] for each in node.args["ifs"]] + [node.args.get("default") or exp.null()]
            results = [each for each in results if not isinstance(each, exp.Null)]
            return bool(results) and all(self._whole(each, scope) for each in results)
        if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
            return self._whole(node.this, scope) and self._whole(node.expression, scope)
        return called(node) in ("COUNT", "DATEDIFF", "LEN", "YEAR", "MONTH", "DAY")

    # Following -----------------------------------------------------------------------------------

    def _origin(self, node: exp.Expression, scope: Scope) -> Origin | None:
        """The column of a view that a value is, through brackets, subqueries and temporary tables."""
        if isinstance(node, (exp.Paren, exp.Alias)):
            return self._origin(node.this, scope)
        if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
            return None
        name = node.name.lower()
        found = {
            origin
            for alias, source in scope.sources.items()
            if node.table.lower() in ("", alias.lower()) and isinstance(source, exp.Table)
            for origin in [self._of_table(source, name)]
            if origin is not None
        }
        if found:
            return found.pop() if len(found) == 1 else None
        below = self._below(node, scope)
        if below is not None:
            return self._origin(*below)
        return self._origin(node, scope.parent) if scope.is_subquery and scope.parent is not None else None

    def _of_table(self, table: exp.Table, name: str) -> Origin | None:
        relation = self._known.get(id(table))
        if relation is not None and name in relation.columns:
            return Origin(table.catalog.lower(), relation.view or "", name, relation.columns[name][1])
        return self.made.get(table.name.lower(), {}).get(name) if _temporary(table) else None

    def _below(self, node: exp.Column, scope: Scope) -> tuple[exp.Expression, Scope] | None:
        """The expression of a subquery that a column of it names, and where this is to be read."""
        for alias, source in scope.sources.items():
            if not isinstance(source, Scope) or node.table.lower() not in ("", alias.lower()):
                continue
            inner = source
            while isinstance(inner.expression, exp.SetOperation) and inner.set_operation_scopes:
                inner = inner.set_operation_scopes[0]
            if inner is scope or not isinstance(inner.expression, exp.Select):
                continue
            for each in inner.expression.expressions:
                if each.alias_or_name.lower() == node.name.lower():
                    return each.unalias(), inner
        return None


def _no_number(node: exp.Expression, origin: Origin, instead: str) -> Iterator[Obstacle]:
    """Text that is read as a number, unless every code of its column is one."""
    codes = _codes(origin.view, origin.column)
    other = [each for each in codes if not _NUMBER.match(each)]
    if codes and not other:
        return
    such = f" such as {', '.join(other[:SHOWN])}" if other else ""
    what = f"'{origin.column}' is text: the query stops at the first value{such} that is no number"
    yield at_node(node, what, instead, fails=False)


@lru_cache(maxsize=256)
def _codes(view: str, column: str) -> tuple[str, ...]:
    """The codes of a column, as the schema lists them; none if it lists none."""
    schema = load_schema()
    found = next((each for each in schema.views() if each.name.lower() == view), None)
    for each in schema[found.table].fields if found is not None else ():
        if each.available(found.first, found.last, found.term) and each.column_in(found).lower() == column:
            return tuple(code for code, _ in each.categories)
    return ()


def _target(tree: exp.Expression) -> exp.Table | None:
    """The table that a statement makes or fills."""
    if isinstance(tree, (exp.Create, exp.Insert)):
        made = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        return made if isinstance(made, exp.Table) else None
    into = next(tree.find_all(exp.Into), None)
    return into.this if into is not None else None


def _temporary(table: exp.Table) -> bool:
    name = table.this
    return isinstance(name, exp.Identifier) and bool(name.args.get("temporary") or name.args.get("global_"))
