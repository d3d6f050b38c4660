"""The SQL of lesson cells and of questions, as text that can run without Python.

A cell that is tagged ``sql`` wraps its SQL in Python: ``con.sql("...").df()``. In the page only the
SQL inside runs. Where Python puts the SQL together, the cell is run once on empty tables to see what it
asks for. A small pandas table that SQL reads, and that does not come from the extract, is written into the page as SQL.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import duckdb
import pandas as pd

from leocourse.authoring.lessons import read_myst
from leocourse.authoring.question import Assignment, Question
from leocourse.measures import measure
from leocourse.measures.run import SCHEMA as MEASURES
from leocourse.schema.ddl import quoted

FRAME_ROWS = 10_000
"""The most rows of a pandas table that is written into a page."""
RUNS = ("sql", "execute", "query")
"""Methods of a connection that take SQL."""
CREATES = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?(?:TABLE|VIEW|MACRO|SEQUENCE)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r'"?(?P<name>\w+)"?',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson: its tags and its Python."""

    tags: tuple[str, ...]
    code: str


@dataclass
class Step:
    """What a cell does in SQL. ``sql`` is None if the cell cannot run in a page."""

    tagged: bool
    sql: str | None
    creates: list[str] = field(default_factory=list)


class Stub:
    """Every view as an empty table: enough to bind a query and see which columns it reads, without a row of data.

    Only the optimizer that drops unused columns is on, so that a plan names every column that matters.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, measured: Iterable[str] = ()) -> None:
        """``con`` is open on an extract; ``measured`` names measures that lessons read as tables."""
        self.con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
        self.needed: dict[tuple[str, str, str], set[str]] = {}
        """The columns read so far, by database, schema and view."""
        rows = con.execute("""
            SELECT c.database_name, c.schema_name, c.table_name, c.column_name, c.data_type
            FROM duckdb_columns() AS c
            JOIN duckdb_views() AS v ON v.database_name = c.database_name AND v.schema_name = c.schema_name
                                    AND v.view_name = c.table_name
            WHERE NOT c.internal AND NOT v.internal ORDER BY c.database_name, c.table_name, c.column_index
        """).fetchall()
        self.views: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        for database, schema, view, column, kind in rows:
            self.views.setdefault((database, schema, view), []).append((column, kind))
        for name in measured:
            relation = measure(con, name)
            self.views["memory", MEASURES, name] = list(zip(relation.columns, map(str, relation.types), strict=True))
        places = {(database, schema) for database, schema, _ in self.views}
        for database in sorted({database for database, _ in places} - {"memory"}):
            self.con.execute(f"ATTACH ':memory:' AS {quoted(database)}")
        for database, schema in sorted(places):
            self.con.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(database)}.{quoted(schema)}")
        for (database, schema, view), columns in self.views.items():
            listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
            self.con.execute(f"CREATE TABLE {quoted(database)}.{quoted(schema)}.{quoted(view)} ({listed})")
        names = [name for (name,) in self.con.execute("SELECT name FROM duckdb_optimizers()").fetchall()]
        off = ",".join(name for name in names if name != "unused_columns")
        self.con.execute(f"SET disabled_optimizers = '{off}'")
        self._names = {f"{d}.{s}.{v}".lower(): (d, s, v) for d, s, v in self.views}

    def learn(self, sql: str) -> bool:
        """Note the columns that a script reads. Says whether every statement of it can be bound."""
        found: dict[tuple[str, str, str], set[str]] = {}
        try:
            for statement in self.con.extract_statements(sql):
                if statement.type in (duckdb.StatementType.SELECT, duckdb.StatementType.CREATE):
                    for _, plan in self.con.execute(f"EXPLAIN (FORMAT json) {statement.query}").fetchall():
                        self._read(json.loads(plan), found)
                if statement.type != duckdb.StatementType.SELECT:  # later statements read what it makes
                    self.con.execute(statement)
        except duckdb.Error:
            return False
        for view, columns in found.items():
            self.needed.setdefault(view, set()).update(columns)
        return True

    def _read(self, nodes: list[dict], found: dict[tuple[str, str, str], set[str]]) -> None:
        for node in nodes:
            info = node.get("extra_info") or {}
            table = str(info.get("Table", "")).replace('"', "").lower()
            view = self._names.get(table) or self._names.get(f"memory.{table}")
            if view:
                read = info.get("Projections") or []
                known = {name for name, _ in self.views[view]}
                found.setdefault(view, set()).update({read} if isinstance(read, str) else read)
                found[view] &= known
            self._read(node.get("children") or [], found)

    def made(self) -> set[tuple[str, ...]]:
        """What cells made so far: kind and name of each table and view."""
        return set(
            self.con.execute("""
                SELECT 'TABLE', database_name, schema_name, table_name FROM duckdb_tables()
                WHERE database_name = 'memory' AND schema_name = 'main'
                UNION ALL
                SELECT 'VIEW', database_name, schema_name, view_name FROM duckdb_views()
                WHERE database_name = 'memory' AND schema_name = 'main' AND NOT internal
            """).fetchall()
        )

    def forget_tables(self, but: Iterable[tuple[str, ...]] = ()) -> None:
        """Drop what cells made, as a page that is opened anew has nothing of it."""
        for kind, *names in self.made() - set(but):
            self.con.execute(f"DROP {kind} IF EXISTS {'.'.join(map(quoted, names))} CASCADE")


def cells(text: str) -> list[Cell]:
    """The code cells of a lesson in its order."""
    return [
        Cell(tuple(each.metadata.get("tags", ())), each.source.strip("\n"))
        for each in read_myst(text).cells if each.cell_type == "code"
    ]  # fmt: skip


def sql_of(code: str) -> str | None:
    """The SQL in a cell's Python as one script, or None if it has none or Python puts it together."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    texts = {
        node.targets[0].id: _literal(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in RUNS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "con"
    ]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    found = []
    for call in calls:
        first = call.args[0] if len(call.args) == 1 and not call.keywords else None
        text = texts.get(first.id) if isinstance(first, ast.Name) else _literal(first)
        if text is None:
            return None
        found.append(_tidy(text))
    return ";\n\n".join(found) or None


def _tidy(sql: str) -> str:
    """SQL without the margin that it has inside Python, and without a closing semicolon."""
    first, _, rest = sql.strip("\n").partition("\n")
    if first.startswith(" ") or not rest:
        return textwrap.dedent(sql.strip("\n")).strip().rstrip(";")
    return f"{first}\n{textwrap.dedent(rest)}".strip().rstrip(";")  # the text begins beside the quotes


def _literal(node: ast.expr | None) -> str | None:
    """The text of a string, also of an f-string without anything to fill in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
        return "".join(str(part.value) for part in node.values)
    return None


class _Recorder:
    """Stands for ``con`` while a cell runs on empty tables: keeps the SQL that it is given."""

    def __init__(self, stub: Stub) -> None:
        self._stub, self.asked, self.foreign = stub, [], False

    def sql(self, text: str, *others: Any, **named: Any) -> Any:
        """Note the text, and answer from the empty tables."""
        if others or named:  # values for a prepared statement are not part of the text
            self.foreign = True
        self.asked.append(_tidy(text))
        try:
            return self._stub.con.sql(text)
        except duckdb.Error:
            self.foreign = True
            raise

    execute = query = sql

    def register(self, *_: Any) -> None:
        """A pandas table is not in the page."""


def steps(page: Path, stub: Stub) -> list[Step]:
    """What the cells of a lesson do in SQL: the tagged ones, and the others that make tables for them.

    Each is bound in the page's order, and what does not bind (it reads what Python makes of the extract) has no SQL.
    """
    stub.forget_tables()
    found = []
    names: dict[str, Any] = {}
    written = cells(page.read_text(encoding="utf-8"))
    read = set(re.findall(r"\w+", " ".join(cell.code for cell in written if "sql" in cell.tags)))
    for cell in written:
        recorded = _record(cell.code, names, stub)
        sql = sql_of(cell.code) or recorded
        makes = [match["name"].lower() for match in CREATES.finditer(sql or "")]
        tagged = "sql" in cell.tags
        if not tagged and not makes:
            continue
        works = sql is not None and stub.learn(sql)
        if sql and not works:
            there = {name for step in found for name in step.creates}
            for name, frame in _frames(names, sql, there):
                made = table_sql(name, frame, stub.con, read)
                stub.learn(made)
                found.append(Step(False, made, [name]))
            works = stub.learn(sql)
        found.append(Step(tagged, sql if works else None, makes if works else []))
    stub.forget_tables()
    return found


def _frames(names: dict[str, Any], sql: str, there: set[str]) -> list[tuple[str, pd.DataFrame]]:
    """The pandas tables that a script reads by name, and that are not there yet.

    One that comes from the extract is empty here: it is none.
    """
    words = set(re.findall(r"\w+", sql)) - there
    return [(name, each) for name, each in names.items()
            if name in words and isinstance(each, pd.DataFrame) and 0 < len(each) <= FRAME_ROWS]  # fmt: skip


def table_sql(name: str, frame: pd.DataFrame, con: duckdb.DuckDBPyConnection, wanted: set[str]) -> str:
    """SQL that makes a pandas table, with those of its columns that are wanted."""
    relation = con.from_df(frame[[column for column in frame.columns if column in wanted]])
    columns = [quoted(column) for column in relation.columns]
    kinds = zip(columns, relation.types, strict=True)
    typed = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in kinds)
    rows = ",\n".join(f"({', '.join(map(_sql_literal, row))})" for row in relation.fetchall())
    made = f"SELECT {typed}\nFROM (VALUES {rows}) AS given ({', '.join(columns)})"
    return f"CREATE OR REPLACE TABLE {quoted(name)} AS\n{made}"


def _sql_literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return repr(value) if isinstance(value, (bool, int, float)) else "'" + str(value).replace("'", "''") + "'"


def _record(code: str, names: dict[str, Any], stub: Stub) -> str | None:
    """Run a cell on empty tables, and return the SQL that it asked for, or None if some of it needs Python.

    What stops on empty tables does not matter: the SQL before it has been noted. Nothing is drawn or shown.
    """
    recorder, before = _Recorder(stub), stub.made()
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return None
    for statement in body:
        names.update(con=recorder, show=MagicMock(), agree=MagicMock(), print=MagicMock(), leo=MagicMock())
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            module = str(statement.module if isinstance(statement, ast.ImportFrom) else statement.names[0].name)
            if module in ("leocourse", "leocourse.lesson") or module.startswith(("seaborn", "matplotlib")):
                names.update({(each.asname or each.name).split(".")[0]: MagicMock() for each in statement.names})
                continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(compile(ast.Module([statement], []), "<cell>", "exec"), names)
        except Exception:  # empty tables stop many a cell
            continue
    stub.forget_tables(but=before)  # it is bound once more, in its place
    return None if recorder.foreign else ";\n\n".join(recorder.asked) or None


def sql_questions(assignment: Assignment) -> list[Question]:
    """The questions of an assignment that are answered in SQL, with the worked example if it is one."""
    return [question for question in assignment.with_worked if question.kind == "sql"]


def question_texts(question: Question) -> Iterable[str]:
    """All SQL text that belongs to a question: right answers, slips, and who could be missing."""
    answers = [question.reference_sql, *question.alternatives, *(slip.answer for slip in question.misconceptions)]
    yield from (answer for answer in answers if isinstance(answer, str))
    if question.universe:
        yield question.universe
