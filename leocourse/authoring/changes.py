"""What comes out if one thing in a question's reference is changed: a condition left out, another year, another join.

Nobody writes these down: they are read off the SQL of the reference. A wrong answer that is wrong in the same rows and
values is told what gives them, which is true of its rows however it was written. Course side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from leocourse.authoring.question import Question, Reference
from leocourse.checks.words import say

LONGEST = 60
"""Conditions longer than this are no words for a sentence."""
ITEMS = 8
"""Lists of values up to so many are tried with each of them left out."""
EDGES: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.GTE, exp.GTE: exp.GT, exp.LT: exp.LTE, exp.LTE: exp.LT,
}  # fmt: skip
OTHERS: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.Min: exp.Max, exp.Max: exp.Min, exp.Sum: exp.Avg, exp.Avg: exp.Median, exp.Median: exp.Avg,
    exp.StddevPop: exp.StddevSamp, exp.StddevSamp: exp.StddevPop,
}  # fmt: skip
OPPOSITE: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.LTE, exp.GTE: exp.LT, exp.LT: exp.GTE, exp.LTE: exp.GT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
}  # fmt: skip
SMALL = re.compile(r"\d{1,3}")
"""A number to which one more or one less is the next: an age, a month, a year group. Years: :func:`_another_year`."""
YEAR, TAX_YEAR, ACADEMIC = re.compile(r"(?:19|20)\d\d"), re.compile(r"20(\d\d)(\d\d)"), re.compile(r"(20\d\d)/(20\d\d)")

SUFFIX = re.compile(r"_(?:spr|ab)\d\d\b")
CENSUS, VIEW = re.compile(r"spring_census_20(\d\d)"), re.compile(r"\b[a-z]+(?:_[a-z]+)*_(20\d\d)\b(?!_to_)")


@dataclass(frozen=True)
class Change:
    """A change, in words, and the SQL with it; or other arguments for the reference."""

    words: str
    sql: str = ""
    arguments: dict[str, Any] | None = None


class _Listening:
    """A connection that remembers what is asked through it."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con, self.heard = con, []

    def sql(self, text: str) -> duckdb.DuckDBPyRelation:
        """Pass it on."""
        self.heard.append(text)
        return self._con.sql(text)


def sql_of(reference: Reference, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any]) -> str:
    """The one query by which a reference answers a call; empty if it is not one query."""
    if isinstance(reference, str):
        return reference
    listening = _Listening(con)
    try:
        given = reference(listening, **arguments)
    except AttributeError:  # it asks in another way
        return ""
    return listening.heard[0] if len(listening.heard) == 1 and isinstance(given, duckdb.DuckDBPyRelation) else ""


def changes(question: Question, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any]) -> list[Change]:
    """The changes of a call, the likely ones first: none if the reference is not one query that can be read."""
    found = list(_of_arguments(question, arguments))
    text = sql_of(question.reference_sql, con, arguments)
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb") if text else None
    except SqlglotError:
        tree = None
    if tree is not None:
        found += [*_of_views(text), *_of_tree(tree)]
    return list({each.words: each for each in reversed(found)}.values())[::-1]


def _of_tree(tree: exp.Expression) -> Iterator[Change]:
    """A change at each place of the query where one of the kinds fits; at all places at once that differ in the year.

    A query of several censuses says the same for each of them.
    """
    places = list(tree.walk())
    for kind in (_left_out, _joined, _counted, _otherwise, _edge, _shifted, _opposite, _next, _shorter, _added):
        alike: dict[str, list[tuple[int, str, Callable[[Any], None]]]] = {}
        for at, node in enumerate(places):
            for words, alter in kind(node):
                alike.setdefault(SUFFIX.sub("", words), []).append((at, words, alter))
        for general, made in alike.items():
            words = {each for _, each, _ in made}
            yield Change(words.pop() if len(words) == 1 else general, _altered(tree, made))
            for one in made if len(made) > 1 else ():
                if where := _place(places[one[0]]):
                    yield Change(say("change_in", how=one[1], where=where), _altered(tree, [one]))
    years = [at for at, node in enumerate(places) if isinstance(node, exp.Literal) and _another_year(node.name, 1)]
    for step in (-1, 1) if len({places[at].name for at in years}) > 1 else ():
        made = [(at, "", _writer(_another_year(places[at].name, step))) for at in years]
        yield Change(say("change_years_before" if step < 0 else "change_years_after"), _altered(tree, made))


def _altered(tree: exp.Expression, made: list[tuple[int, str, Callable[[Any], None]]]) -> str:
    """The query with these of its nodes altered."""
    copy = tree.copy()
    nodes = list(copy.walk())
    for at, _, alter in made:
        alter(nodes[at])
    return copy.sql(dialect="duckdb")


def _place(node: exp.Expression) -> str:
    """Where a node stands: the column of the answer that it makes, or the view whose column it is compared with."""
    column = node.find_ancestor(exp.Alias)
    if column is not None and not isinstance(column.this, exp.Subquery) and column.alias:
        return column.alias
    compared = node.parent.find(exp.Column) if isinstance(node.parent, exp.Binary) else None
    tables = node.parent_select.find_all(exp.Table) if compared is not None and node.parent_select else ()
    return next((each.name for each in tables if each.alias_or_name == compared.table), "")


Kind = Iterator[tuple[str, Callable[[Any], None]]]
"""Words, and what is done to the node in a copy of the query."""


def _said(node: exp.Expression) -> str:
    """A piece of the query without the short names of tables; empty if it is too long, or a query itself."""
    copy = node.copy()
    for column in list(copy.find_all(exp.Column)):
        column.set("table", None)
    text = copy.sql(dialect="duckdb")
    return text if len(text) <= LONGEST and "SELECT" not in text else ""


def _left_out(node: exp.Expression) -> Kind:
    """Each condition of a WHERE, a HAVING and an ON left out; not the one by which two tables are joined."""
    if isinstance(node, exp.And) and not isinstance(node.parent, exp.And) and node.find_ancestor(exp.Case) is None:
        for each in node.flatten():
            if not _joins_tables(each) and _said(each):
                yield say("change_without", what=_said(each)), _dropper(_said(each))
    elif isinstance(node, exp.Where | exp.Having) and not isinstance(node.this, exp.And) and _said(node.this):
        yield say("change_without", what=_said(node.this)), lambda mine: mine.pop()


def _dropper(said: str) -> Callable[[Any], None]:
    def drop(node: exp.Expression) -> None:
        kept = [each.copy() for each in node.flatten() if _said(each) != said]
        node.replace(exp.and_(*kept))

    return drop


def _joins_tables(node: exp.Expression) -> bool:
    return isinstance(node, exp.EQ) and isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Column)


def _joined(node: exp.Expression) -> Kind:
    """A join that keeps everybody made one that does not."""
    if isinstance(node, exp.Join) and node.side == "LEFT":
        table = node.this.name or node.this.alias or "it"
        yield say("change_inner", what=table), lambda mine: mine.set("side", None)


def _counted(node: exp.Expression) -> Kind:
    """Rows counted for different values."""
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        inside = node.this.expressions[0]
        if _said(inside):
            yield (
                say("change_instead", new=f"COUNT({_said(inside)})", old=_said(node)),
                lambda mine: mine.set("this", mine.this.expressions[0].copy()),
            )
    table = getattr(getattr(node.parent_select, "args", {}).get("from_"), "this", None)
    if (
        isinstance(node, exp.Count)
        and isinstance(node.this, exp.Star)
        and (census := CENSUS.fullmatch(getattr(table, "name", "")))
    ):
        new = f"COUNT(DISTINCT pupilmatchingrefanonymous_spr{census[1]})"
        yield say("change_instead", new=new, old="COUNT(*)"), lambda mine: mine.replace(sqlglot.parse_one(new))
    if isinstance(node, exp.Count) and not isinstance(node.this, exp.Star | exp.Distinct) and _said(node):
        yield say("change_instead", new="COUNT(*)", old=_said(node)), lambda mine: mine.set("this", exp.Star())


def _otherwise(node: exp.Expression) -> Kind:
    """Another aggregate: the smallest for the largest, a mean for a sum or a median."""
    other = OTHERS.get(type(node))
    if other and _said(node):
        new = other(this=node.this.copy())
        yield say("change_instead", new=_said(new), old=_said(node)), lambda mine: mine.replace(other(this=mine.this))


def _edge(node: exp.Expression) -> Kind:
    """At the threshold: more than for at least."""
    other = EDGES.get(type(node))
    if other and _said(node):
        new = other(this=node.this.copy(), expression=node.expression.copy())
        yield (
            say("change_instead", new=_said(new), old=_said(node)),
            lambda mine: mine.replace(other(this=mine.this, expression=mine.expression)),
        )


def _shifted(node: exp.Expression) -> Kind:
    """A year, a tax year or an academic year one earlier or later."""
    if isinstance(node, exp.Literal):
        for step in (-1, 1):
            new = _another_year(node.name, step)
            if new:
                yield say("change_instead", new=new, old=node.name), _writer(new)


def _opposite(node: exp.Expression) -> Kind:
    """Those taken who should be left: the opposite of a condition that compares with a value."""
    other = OPPOSITE.get(type(node))
    if other and _said(node) and _with_value(node) and node.find_ancestor(exp.Where, exp.Having):
        new = other(this=node.this.copy(), expression=node.expression.copy())
        yield (
            say("change_instead", new=_said(new), old=_said(node)),
            lambda mine: mine.replace(other(this=mine.this, expression=mine.expression)),
        )


def _next(node: exp.Expression) -> Kind:
    """One more or one less than a small number beside a column: the year group before, the month after."""
    if (
        isinstance(node, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE)
        and _with_value(node)
        and _said(node)
        and SMALL.fullmatch(node.expression.name)
    ):
        for step in (-1, 1):
            new = str(int(node.expression.name) + step)
            if not new.startswith("-"):
                copy = node.copy()
                copy.expression.set("this", new)
                yield say("change_instead", new=_said(copy), old=_said(node)), _neighbour(new)


def _neighbour(new: str) -> Callable[[Any], None]:
    return lambda mine: mine.expression.set("this", new)


def _with_value(node: exp.Expression) -> bool:
    return isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Literal)


def _writer(new: str) -> Callable[[Any], None]:
    return lambda mine: mine.set("this", new)


def _another_year(text: str, step: int) -> str:
    if (found := TAX_YEAR.fullmatch(text)) and (int(found[1]) + 1) % 100 == int(found[2]):
        return f"20{int(found[1]) + step:02}{int(found[2]) + step:02}"
    if found := ACADEMIC.fullmatch(text):
        return f"{int(found[1]) + step}/{int(found[2]) + step}"
    return str(int(text) + step) if YEAR.fullmatch(text) else ""


def _shorter(node: exp.Expression) -> Kind:
    """A list without one of its values, and a range without its first or last."""
    if isinstance(node, exp.In) and 1 < len(node.expressions) <= ITEMS and _said(node.this):
        for at, each in enumerate(node.expressions):
            yield say("change_lacking", what=_said(each), where=_said(node.this)), _taker(at)
    if isinstance(node, exp.Between) and all(isinstance(node.args[each], exp.Literal) for each in ("low", "high")):
        low, high = node.args["low"], node.args["high"]
        if low.is_int and high.is_int and _said(node.this):
            yield say("change_lacking", what=low.name, where=_said(node.this)), _bounded("low", int(low.name) + 1)
            yield say("change_lacking", what=high.name, where=_said(node.this)), _bounded("high", int(high.name) - 1)


def _taker(at: int) -> Callable[[Any], None]:
    return lambda mine: mine.set("expressions", [each for n, each in enumerate(mine.expressions) if n != at])


def _bounded(side: str, value: int) -> Callable[[Any], None]:
    return lambda mine: mine.set(side, exp.Literal.number(value))


def _added(node: exp.Expression) -> Kind:
    """A condition more: main records alone, or rows alone in which a column that is read is not missing."""
    if not isinstance(node, exp.Select) or not isinstance(
        table := getattr(node.args.get("from_"), "this", None), exp.Table
    ):
        return
    where = node.args["where"].sql() if node.args.get("where") else ""
    short = f"{table.alias}." if table.alias else ""
    if (census := CENSUS.fullmatch(table.name)) and "recordstatus" not in where:
        yield _only(f"{short}recordstatus_spr{census[1]} < 100")
    own = [each for one in node.expressions for each in one.find_all(exp.Column) if each.table == table.alias]
    for name in list(dict.fromkeys(each.name for each in own))[:ITEMS]:
        if name not in where:
            yield _only(f"{short}{name} IS NOT NULL")


def _only(condition: str) -> tuple[str, Callable[[Any], None]]:
    words = say("change_only", what=condition.rpartition(".")[2])
    return words, lambda mine: mine.where(condition, copy=False, dialect="duckdb")


def _of_views(text: str) -> Iterator[Change]:
    """Each view of the year before, and after."""
    years = sorted(set(VIEW.findall(text)), key=int)
    for step in (-1, 1) if years else ():
        sql = VIEW.sub(lambda found, step=step: found[0].removesuffix(found[1]) + str(int(found[1]) + step), text)
        sql = SUFFIX.sub(lambda found, step=step: f"{found[0][:-2]}{(int(found[0][-2:]) + step) % 100:02}", sql)
        if len(years) == 1:
            yield Change(say("change_view", new=int(years[0]) + step, old=years[0]), sql)
        else:
            yield Change(say("change_views_before" if step < 0 else "change_views_after"), sql)


def _of_arguments(question: Question, arguments: dict[str, Any]) -> Iterator[Change]:
    """The answer for the year before and for the year after."""
    for (name, value), step in chain.from_iterable(((each, -1), (each, 1)) for each in arguments.items()):
        if isinstance(value, int):
            other = int(_another_year(str(value), step) or value + step)
            yield Change(say("change_argument", name=name, new=other, old=value), arguments={**arguments, name: other})


def run(question: Question, con: duckdb.DuckDBPyConnection, change: Change) -> Reference:
    """What gives the changed answer: SQL, or the reference with other arguments."""
    if change.arguments is None:
        return change.sql
    return lambda con: question.reference_sql(con, **change.arguments)
