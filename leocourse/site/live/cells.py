"""The SQL of lesson cells and of questions, as text that can run without Python.

A cell that is tagged ``sql`` wraps its SQL in Python: ``con.sql("...").df()``. In the page only the
SQL inside runs. Where Python puts the SQL together, the cell is run once on empty tables to see what it
asks for. A small pandas table that SQL reads, and that does not come from the extract, is written into the page as SQL.
"""

from __future__ import annotations

import ast
import io
import json
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _sends(node)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    found = []
    for call in calls:
        first = call.args[0] if len(call.args) == 1 and not call.keywords else None
        text = texts.get(first.id) if isinstance(first, ast.Name) else _literal(first)
        if text is None:
            return None
        found.append(_tidy(text))
    return ";\n\n".join(found) or None


def _sends(call: ast.Call) -> bool:
    """Whether a call in a cell sends SQL to the lesson's connection."""
    to = call.func
    return isinstance(to, ast.Attribute) and to.attr in RUNS and isinstance(to.value, ast.Name) and to.value.id == "con"


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


ASK = "_leo_ask"
"""What a call that sends SQL becomes while a cell is recorded."""


class _Asks(ast.NodeTransformer):
    """Turns each call in a cell that sends SQL, ``con.sql(...)`` and the like, into one of :data:`ASK`.

    So what the cell itself asks is told from what a measure or a check asks of the same connection.
    """

    def visit_Call(self, node: ast.Call) -> ast.Call:
        """One call, with those in its arguments."""
        self.generic_visit(node)
        if _sends(node):
            node.func = ast.copy_location(ast.Name(ASK, ast.Load()), node.func)
        return node


@dataclass
class _Record:
    """The SQL of one cell, noted while it runs on empty tables."""

    con: duckdb.DuckDBPyConnection
    asked: list[str] = field(default_factory=list)
    foreign: bool = False
    """Whether some of it cannot be bound without what Python has made."""

    def ask(self, text: str, *others: Any, **named: Any) -> Any:
        """Note the text, and answer from the empty tables."""
        if others or named:  # values for a prepared statement are not part of the text
            self.foreign = True
        self.asked.append(_tidy(text))
        try:
            return self.con.sql(text)
        except duckdb.Error:
            self.foreign = True
            raise


def steps(page: Path, stub: Stub) -> list[Step]:
    """What the cells of a lesson do in SQL: the tagged ones, and the others that make tables for them.

    Each is bound in the page's order, and what does not bind (it reads what Python makes of the extract) has no SQL.
    """
    stub.forget_tables()
    with _unseen_figures():
        found = _steps(cells(page.read_text(encoding="utf-8")), stub)
    stub.forget_tables()
    return found


def _steps(written: list[Cell], stub: Stub) -> list[Step]:
    found = []
    names: dict[str, Any] = {}
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
    return found


@contextmanager
def _unseen_figures() -> Iterator[None]:
    """What cells draw opens no window, and neither figures nor styles are left of it."""
    import matplotlib
    from matplotlib import pyplot

    with matplotlib.rc_context():
        matplotlib.use("Agg")
        try:
            yield
        finally:
            pyplot.close("all")


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

    What stops there does not matter, measures and the truth among it, which need an extract: the SQL before it has
    been noted. Nothing that it prints is shown.
    """
    record, before = _Record(stub.con), stub.made()
    try:
        body = _Asks().visit(ast.parse(code)).body
    except SyntaxError:
        return None
    for statement in body:
        if _opens(statement):
            continue
        names.update({"con": stub.con, ASK: record.ask})
        try:
            with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                exec(compile(ast.Module([statement], []), "<cell>", "exec"), names)
        except Exception:  # empty tables stop many a cell
            continue
    stub.forget_tables(but=before)  # it is bound once more, in its place
    return None if record.foreign else ";\n\n".join(record.asked) or None


def _opens(statement: ast.stmt) -> bool:
    """Whether a statement opens the lesson's connection: here it has one to empty tables."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)] == ["con"]


def sql_questions(assignment: Assignment) -> list[Question]:
    """The questions of an assignment that are answered in SQL, with the worked example if it is one."""
    return [question for question in assignment.with_worked if question.kind == "sql"]


def question_texts(question: Question) -> Iterable[str]:
    """All SQL text that belongs to a question: right answers, slips, and who could be missing."""
    answers = [question.reference_sql, *question.alternatives, *(slip.answer for slip in question.misconceptions)]
    yield from (answer for answer in answers if isinstance(answer, str))
    if question.universe:
        yield question.universe
