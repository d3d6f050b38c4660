"""What in somebody's own SQL will not run on SQL Server 2019, where, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokens import Token, TokenType

from leocourse.core.errors import LeoError
from leocourse.srs.catalog import Relation, nearest
from leocourse.srs.dialect import ServiceSQL, parse_all, tokens
from leocourse.srs.obstacle import Obstacle, at_node, at_token
from leocourse.srs.origins import Origins
from leocourse.srs.resolve import Resolver
from leocourse.srs.script import Statement, statements
from leocourse.srs.server import INSTEAD, RESERVED, SERVER
from leocourse.srs.shapes import called, shapes
from leocourse.srs.words import words

ALWAYS = (
    "permissions, and which views and years your project has",
    "types of values in comparisons, conversions and joins, but for columns of views",
    "collations: whether capitals count, and how text is put in order",
    "rows that are equal in an ORDER BY, of which any may come first",
    "what only the data show, such as a division by zero or a text that is no number",
)
"""What no check looks at."""
QUERIES = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "FROM", "("}


@dataclass(frozen=True)
class Checked:
    """What was found in some SQL, and what was not looked at."""

    findings: tuple[Obstacle, ...]
    unseen: tuple[str, ...]

    @property
    def fails(self) -> bool:
        """Whether SQL Server will refuse something."""
        return any(each.fails for each in self.findings)

    @property
    def verdict(self) -> str:
        """One sentence, or two: what was found, and what was not looked at."""
        if self.fails:
            return "SQL Server 2019 will refuse this."
        return f"nothing was found that SQL Server 2019 would refuse. Not looked at: {'; '.join(self.unseen)}."


def check(sql: str) -> list[Obstacle]:
    """What in ``sql``, written here for DuckDB or there in T-SQL, SQL Server 2019 will refuse, in order of place.

    Names of views and columns are those of the schema. Raises LeoError if the text is no SQL at all.
    """
    return list(look(sql).findings)


def look(sql: str) -> Checked:
    """What SQL Server 2019 will refuse in ``sql``, and what was not looked at. Raises LeoError as ``check``."""
    read = tokens(sql)
    trees, unread, error = _trees(sql)
    found = {*words(sql, read)}
    resolver, origins = Resolver(sql), Origins()
    top = any(token.text.upper() == "TOP" for token in read)
    unseen = [*ALWAYS, *unread]
    for tree in trees:
        if not isinstance(tree, (exp.Query, exp.DML, exp.Create)) or not tree.find(exp.Query, exp.DML):
            word = str(tree.this) if isinstance(tree, exp.Command) else tree.key
            unseen.append(f"{word.upper()}, but for its words: it could not be read as a query")
            continue
        if isinstance(tree, (exp.Update, exp.Delete, exp.Merge)):
            unseen.append(f"the columns of {tree.key.upper()}")
        new = {*shapes(tree, top), *resolver.findings(tree), *_typed(tree, resolver.known)}
        new |= {*origins.findings(tree, resolver.known)}
        taken = {(each.line, each.column) for each in found if each.fails}
        found |= {each for each in new if (each.fails and (each.line, each.column) not in taken) or not each.fails}
    functions, foreign = _functions(sql, read, trees)
    found |= functions
    if error is not None:
        if not trees and not any(each.fails for each in found):
            raise error
        if not any(each.fails for each in found):
            line = re.match(r"line (\d+)(?::(\d+))?: (.*)", str(error))
            place = (int(line[1]), int(line[2] or 1)) if line else (1, 1)
            found.add(Obstacle(*place, (line[3] if line else str(error)).rstrip("."), "it as SQL Server reads it"))
    unseen += [f"the columns of {each}" for each in sorted(resolver.unknown)]
    unseen += [f"the function {each}, which is none of SQL Server's own" for each in sorted(foreign)]
    return Checked(tuple(sorted(found)), tuple(dict.fromkeys(unseen)))


# Reading -------------------------------------------------------------------------------------------


def _trees(sql: str) -> tuple[list[exp.Expression], list[str], LeoError | None]:
    """The trees of a text, what of it was not read, and why a query in it could not be."""
    first: LeoError | None = None
    for dialect in (ServiceSQL, DuckDB):
        try:
            return parse_all(sql, dialect), [], None
        except LeoError as error:
            first = first or error
    try:
        parts = list(_flat(statements(sql)))
    except LeoError:
        return [], [], first
    found: list[exp.Expression] = []
    unread: list[str] = []
    wrong: LeoError | None = None
    after = 0
    for part in parts:
        text = part.text.lstrip("\n")
        if not text.strip():
            continue
        after = max(sql.find(text, after), after)
        padded = "\n" * sql.count("\n", 0, after) + " " * (after - sql.rfind("\n", 0, after) - 1) + text
        try:
            found += _parsed(padded)
        except LeoError as error:
            if part.word in QUERIES:
                wrong = wrong or error
            unread.append(f"{part.word} in line {part.line}, which could not be read")
    return found, unread, wrong if found or wrong is None else first


def _parsed(text: str) -> list[exp.Expression]:
    try:
        return parse_all(text)
    except LeoError as error:
        try:
            return parse_all(text, DuckDB)
        except LeoError:
            raise error from None


def _flat(found: list[Statement]) -> Iterator[Statement]:
    """Plain statements in order; the conditions of IF and WHILE are left out."""
    for each in found:
        if each.body or each.otherwise:
            yield from _flat(each.body)
            yield from _flat(each.otherwise)
        elif each.word not in ("GO", "BEGIN", "BEGIN TRY", "BEGIN CATCH", "BEGIN TRAN"):
            yield each


# Functions -----------------------------------------------------------------------------------------


def _functions(sql: str, read: list[Token], trees: list[exp.Expression]) -> tuple[set[Obstacle], set[str]]:
    """Calls of functions that SQL Server 2019 does not have, and names of functions that a project may have made."""
    calls = {called(each) for tree in trees for each in tree.find_all(exp.Anonymous)}
    found, foreign = set(), set()
    for at, token in enumerate(read[:-1]):
        name = token.text.upper()
        if read[at + 1].token_type != TokenType.L_PAREN or name in SERVER or token.token_type == TokenType.STRING:
            continue
        before = read[at - 1] if at else None
        if before is not None and before.token_type == TokenType.DOT:
            if (
                not any(other.token_type == TokenType.DOT for other in read[max(at - 2, 0) : at - 1])
                and name in calls
                and name not in INSTEAD
            ):
                foreign.add(f"{read[at - 2].text}.{token.text}")
            continue
        quoted = token.token_type == TokenType.IDENTIFIER
        word = before.text.upper() if before is not None else ""
        if (
            word in ("AS", "TABLE", "INTO", "WITH", "RECURSIVE", "MACRO", "FUNCTION", "INDEX", "ON")
            and name not in INSTEAD
        ):
            continue
        if name in INSTEAD and not quoted and (name in calls or not _names_columns(read, at)):
            found.add(at_token(token, f"{name} is not a function of SQL Server 2019", INSTEAD[name]))
        elif name in calls and name not in RESERVED:
            near = nearest(name.lower(), [each.lower() for each in SERVER]).upper()
            what = f"{name} is not a function of SQL Server 2019"
            found.add(at_token(token, what, near or "it with functions of SQL Server"))
    return found, foreign


def _names_columns(read: list[Token], at: int) -> bool:
    """Whether the name here begins a common table expression or a derived table with column names."""
    depth = 0
    if at and read[at - 1].token_type == TokenType.R_PAREN:
        return True
    for place in range(at + 1, len(read) - 2):
        depth += (read[place].token_type == TokenType.L_PAREN) - (read[place].token_type == TokenType.R_PAREN)
        if depth == 0:
            return read[place + 1].text.upper() == "AS" and read[place + 2].token_type == TokenType.L_PAREN
    return False


# Types ---------------------------------------------------------------------------------------------


def _typed(tree: exp.Expression, known: dict[int, Relation]) -> Iterator[Obstacle]:
    """What the type of a column of a view makes wrong: arithmetic with dates, sums of whole numbers."""
    for select in tree.find_all(exp.Select):
        tables = [each for each in select.find_all(exp.Table) if each.find_ancestor(exp.Select) is select]
        relations = [(each.alias_or_name.lower(), known[id(each)]) for each in tables if id(each) in known]
        for column in select.find_all(exp.Column):
            if column.find_ancestor(exp.Select) is select:
                kinds = {
                    relation.columns[column.name.lower()][1].kind
                    for alias, relation in relations
                    if column.table.lower() in ("", alias) and column.name.lower() in relation.columns
                }
                yield from _of_kind(column, kinds)


def _of_kind(column: exp.Column, kinds: set[str]) -> Iterator[Obstacle]:
    around = column.parent
    if kinds == {"date"} and isinstance(around, (exp.Add, exp.Sub)):
        other = around.expression if around.this is column else around.this
        if isinstance(other, exp.Literal):
            yield at_node(column, "a date and a number cannot be added there", "DATEADD(day, n, x)")
        elif isinstance(around, exp.Sub) and around.this is column and isinstance(other, exp.Column):
            yield at_node(column, "one date less another is refused there", "DATEDIFF(day, first, last)")
    if kinds == {"int"} and called(around) == "SUM":
        yield at_node(column, "SUM overflows past 2,147,483,647 there", "SUM(CAST(x AS bigint))", fails=False)
