"""Run a T-SQL script against an extract, in memory and with no way out of it.

Statements run in order. What a script creates lives in one schema in memory. Nothing reaches DuckDB but text that
:mod:`leocourse.srs.queries` wrote: a name is a view of the extract or a table of the script, and a function one that
:mod:`leocourse.srs.functions` knows. DuckDB itself may read the extract's folder and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd
from sqlglot import exp

from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import extract_folder
from leocourse.srs import types as t
from leocourse.srs.bounds import bounded
from leocourse.srs.catalog import Catalog, catalog, reference_relations, reference_tables
from leocourse.srs.dialect import parse, place
from leocourse.srs.queries import Queries, Query
from leocourse.srs.scope import Scope
from leocourse.srs.script import Statement, statements
from leocourse.srs.tables import Tables, explained, scratch
from leocourse.srs.types import Type
from leocourse.srs.values import MACROS, Value, cast, name, quote

MOST_STEPS = 3_000
MEMORY = "4GB"
"""What a script may hold in memory, and on disk when that is full."""
IGNORED = {"GO", "GRANT", "RETURN", "BEGIN TRAN", "COMMIT", "ROLLBACK", "WAITFOR"}
BIGGEST_INT = 2**31 - 1


@dataclass
class Result:
    """What a script gave: the rows of its last SELECT, else of the last table it filled; messages; notes on meaning."""

    frame: pd.DataFrame | None = None
    table: str | None = None
    printed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Leave(Exception):
    """A loop or the script is left."""


class Raised(LeoError):
    """The script stopped itself with THROW or RAISERROR."""

    def __init__(self, how: str, message: object) -> None:
        super().__init__(f"{how} stopped the script: {message}")
        self.message = str(message)


class Endless(LeoError):
    """The script went on for too long: no CATCH block may go on from here."""


def run(sql: str, extract: str | Path | None = None) -> Result:
    """Run a T-SQL script written for the real extract against a simulated one.

    ``extract`` is the folder of an extract (default: as for :func:`leocourse.core.connect.connect`).
    Raises LeoError, in one line with the line of the script, for what cannot run, and for a script that takes longer
    than :func:`leocourse.srs.bounds.seconds`, more memory than :data:`MEMORY`, or is nested too deeply.
    """
    with sandbox(extract, re.findall(r"\breference\W{1,4}(\w+)", sql, re.IGNORECASE)) as con, bounded(con):
        return Runner(con).run(sql)


def sandbox(extract: str | Path | None = None, references: Iterable[str] = ()) -> duckdb.DuckDBPyConnection:
    """A connection that can read the extract's folder and nothing else, and whose settings are locked.

    ``references`` names public reference tables of the course that are copied into it first.
    """
    folder = extract_folder(extract)
    con = connect(folder)
    con.execute("CREATE SCHEMA reference")
    wanted = {each.lower() for each in references}
    for table, (file, columns) in reference_tables().items() if wanted else ():
        if table.lower() in wanted:
            read = f"read_csv({quote(file.as_posix())}, header = true, columns = {columns})"
            con.execute(f"CREATE TABLE memory.reference.{name(table)} AS FROM {read}")
    con.execute(MACROS)
    con.execute("CREATE SCHEMA scratch")
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.execute(f"SET max_temp_directory_size = '{MEMORY}'")
    con.execute(f"SET allowed_directories = [{quote(folder.resolve().as_posix() + '/')}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET python_enable_replacements = false")
    con.execute("SET lock_configuration = true")
    return con


class Runner(Tables):
    """Runs statements one after the other; holds variables, the script's tables and the last result."""

    def __init__(self, con: duckdb.DuckDBPyConnection, known: Catalog | None = None) -> None:
        self.con = con
        self.catalog = Catalog(known.views) if known else catalog(con)
        made = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'reference'").fetchall()
        known = reference_relations() if made else {}
        self.references = {f"reference.{table}" for (table,) in made}
        self.catalog.scratch.update({key: known[key] for key in self.references})
        self.queries = Queries(self.catalog)
        self.queries.variables = {"@@rowcount": (0, t.INT), "@@error": (0, t.INT), "@@trancount": (0, t.INT)}
        self.queries.variables["@@datefirst"] = (7, t.INT)
        self.result = Result(notes=self.catalog.notes)
        self.steps = 0
        self.caught: LeoError | None = None  # what the CATCH block that is running caught
        self.last_table: str | None = None
        self.run_word = {
            "SELECT": self._select,
            "(": self._select,
            "THROW": self._throw,
            "RAISERROR": self._raise_error,
            "WITH": self._with,
            "INSERT": self._insert,
            "UPDATE": self._update,
            "DELETE": self._delete,
            "CREATE": self._create,
            "DROP": self._drop,
            "TRUNCATE": self._truncate,
            "ALTER": self._alter,
            "DECLARE": self._declare,
            "SET": self._set,
            "PRINT": self._print,
            "EXEC": self._execute,
            "EXECUTE": self._execute,
            "USE": self._use,
        }

    def run(self, sql: str) -> Result:
        """Run a whole script."""
        found = statements(sql)
        if not found:
            raise LeoError("The file has no SQL statement.")
        try:
            self._all(found)
        except Leave as left:
            if str(left) != "RETURN":
                raise LeoError(f"{left} stands outside a loop.") from None
        if self.result.frame is None and self.last_table:
            relation = self.catalog.scratch.get(self.last_table)
            if relation:
                self.result.frame = self.con.execute(f"SELECT * FROM {relation.sql}").df()
                self.result.table = self.last_table
        return self.result

    def _all(self, found: list[Statement]) -> None:
        caught = None
        for each in found:
            if each.word == "BEGIN TRY":
                caught = self._tried(each)
            elif each.word != "BEGIN CATCH":
                self._one(each)
            elif caught:
                self._catch(each, caught)

    def _tried(self, statement: Statement) -> LeoError | None:
        """Run a TRY block. The error that ended it, if one did."""
        try:
            self._all(statement.body)
        except Endless:
            raise
        except LeoError as error:
            return error
        return None

    def _catch(self, statement: Statement, error: LeoError) -> None:
        """Run a CATCH block, in which ERROR_MESSAGE() and its like say what went wrong."""
        self.catalog.note(f"the CATCH block ran: {error}")
        line = re.match(r"line (\d+)[^ ]*: ", str(error))
        message = error.message if isinstance(error, Raised) else str(error)[line.end() if line else 0 :]
        found = {"ERROR_MESSAGE": message, "ERROR_LINE": line and int(line[1])}
        found |= {"ERROR_NUMBER": 50000, "ERROR_SEVERITY": 16, "ERROR_STATE": 1}
        before, self.caught = self.caught, error
        held = dict(self.queries.variables)
        self.queries.variables |= {key: (value, t.CAUGHT[key]) for key, value in found.items()}
        try:
            self._all(statement.body)
        finally:
            self.caught = before
            for key in t.CAUGHT:
                self.queries.variables.pop(key, None)
            self.queries.variables |= {key: held[key] for key in t.CAUGHT if key in held}

    def _one(self, statement: Statement) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Endless(
                f"{place(statement.line)}the script went on for {MOST_STEPS:,} statements: a loop may not end."
            )
        word = statement.word
        if word in ("BEGIN", "BEGIN CATCH"):
            self._all(statement.body)
        elif word == "IF":
            self._all(statement.body if self._true(statement) else statement.otherwise)
        elif word == "WHILE":
            self._while(statement)
        elif word in ("BREAK", "CONTINUE", "RETURN"):
            raise Leave(word)
        elif word in self.run_word:
            try:
                self.run_word[word](statement)
            except LeoError as error:
                raise _at(error, statement) from None
            except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                raise LeoError(f"{place(statement.line)}this {word} is written in a way that cannot be read.") from None
        elif word not in IGNORED:
            raise LeoError(
                f"{place(statement.line)}{word} is not allowed: only what reads the extract and makes own tables."
            )

    def _while(self, statement: Statement) -> None:
        while self._true(statement):
            self.steps += 1
            try:
                self._all(statement.body)
            except Leave as left:
                if str(left) == "BREAK":
                    return
                if str(left) == "RETURN":
                    raise

    def _true(self, statement: Statement) -> bool:
        try:
            lines = len(statement.text) - len(statement.text.lstrip("\n"))
            tree = parse("\n" * lines + "SELECT 1 WHERE " + statement.text.lstrip("\n"))
            condition = self.queries.condition(tree.args["where"].this, Scope())
            return bool(self._fetch(f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END")[0][0])
        except LeoError as error:
            raise _at(error, statement) from None

    def _select(self, statement: Statement) -> None:
        self._query(parse(statement.text))

    def _with(self, statement: Statement) -> None:
        tree = parse(statement.text)
        kinds = {exp.Insert: self._inserted, exp.Update: self._updated, exp.Delete: self._deleted}
        kinds.get(type(tree), self._query)(tree)

    def _query(self, tree: exp.Expression) -> None:
        into = tree.find(exp.Into)
        if into is not None:
            target = into.this
            into.pop()
            self._store(target, self.queries.query(tree))
            return
        assigned = isinstance(tree, exp.Select) and any(
            isinstance(each, exp.EQ) and isinstance(each.this, exp.Parameter) for each in tree.expressions
        )
        query = self.queries.query(tree)
        if assigned:
            self._assign(query)
            return
        try:
            frame = self._do(query.sql).df()
        except duckdb.Error as error:
            raise LeoError(explained(error)) from None
        self._rowcount(len(frame))
        self._warn_of_overflow(query, frame)
        self.result.frame, self.result.table = frame, None

    def _warn_of_overflow(self, query: Query, frame: pd.DataFrame) -> None:
        for place_, (column, kind) in enumerate(query.columns):
            values = frame.iloc[:, place_].dropna()
            whole = kind.kind == "int" and pd.api.types.is_integer_dtype(values)
            if whole and len(values) and values.abs().max() > BIGGEST_INT:
                self.catalog.note(
                    f"{column} passes 2,147,483,647: SQL Server stops with an overflow. Write SUM(CAST(x AS bigint))."
                )

    def _assign(self, query: Query) -> None:
        rows = self._fetch(query.sql)
        self._rowcount(len(rows))
        for place_, (column, kind) in enumerate(query.columns):
            key = column.lower()
            if key not in self.queries.variables:
                raise LeoError(f"{column} was not declared.")
            if rows:
                self._give(key, Value(_literal(rows[-1][place_], kind), kind))

    def _give(self, key: str, value: Value) -> None:
        kind = self.queries.variables[key][1]
        self.queries.variables[key] = (self._fetch(f"SELECT {cast(value, kind).sql}")[0][0], kind)

    def _declare(self, statement: Statement) -> None:
        table = re.match(r"\s*declare\s+(@\w+)\s+(?:as\s+)?table\s*(\(.*)$", statement.text, re.I | re.S)
        if table:
            tree = parse(f"CREATE TABLE {table[1].replace('@', '#')} {table[2]}")
            target = exp.Table(this=exp.Parameter(this=exp.Var(this=table[1][1:])))
            self.catalog.scratch.pop(table[1].lower(), None)
            self._do(f"DROP TABLE IF EXISTS {scratch(table[1].lower())}")
            self._make(target, tree.this.expressions)
            return
        tree = parse(statement.text)
        if not isinstance(tree, exp.Declare):
            raise LeoError(
                "this DECLARE cannot run here: variables and table variables can be declared, cursors cannot."
            )
        for each in tree.expressions:
            kind = t.declared(each.args["kind"])
            default = each.args.get("default")
            for variable in each.this if isinstance(each.this, list) else [each.this]:
                key = f"@{variable.name}".lower()
                self.queries.variables[key] = (None, kind)
                if default:
                    self._give(key, self.queries.expr(default, Scope()))

    def _set(self, statement: Statement) -> None:
        match = re.match(r"\s*set\s+(@\w+)\s*([-+*/%]?)=(.*)$", statement.text, re.I | re.S)
        if not match:
            if re.match(r"\s*set\s+datefirst\b", statement.text, re.I) and not re.search(r"\b7\b", statement.text):
                raise LeoError("SET DATEFIRST: here the week begins on Sunday, as SQL Server's default has it.")
            return
        key, sign, rest = match.groups()
        if key.lower() not in self.queries.variables:
            raise LeoError(f"{key} was not declared.")
        lines = statement.text[: match.start(3)].count("\n")
        tree = parse("\n" * lines + f"SELECT {key} {sign} ({rest})" if sign else "\n" * lines + f"SELECT {rest}")
        self._give(key.lower(), self.queries.expr(tree.expressions[0], Scope()))

    def _print(self, statement: Statement) -> None:
        value = self.queries.expr(
            parse("SELECT " + re.sub(r"^\s*print\s*", "", statement.text, flags=re.I)).expressions[0], Scope()
        )
        self.result.printed.append(str(self._fetch(f"SELECT {cast(value, t.TEXT).sql}")[0][0]))

    def _throw(self, statement: Statement) -> None:
        """THROW number, message, state; alone, in a CATCH block, the error that was caught goes on."""
        given = self._listed(statement, "throw")
        if not given:
            raise self.caught or LeoError("THROW alone stands only in a CATCH block.")
        if len(given) != 3:
            raise LeoError("THROW takes a number, a message and a state.")
        raise Raised("THROW", given[1])

    def _raise_error(self, statement: Statement) -> None:
        """RAISERROR: a message up to severity 10, from 11 the end of the script or of the TRY block."""
        given = self._listed(statement, "raiserror")
        if len(given) < 3:
            raise LeoError("RAISERROR takes a message, a severity and a state.")
        filled = iter(given[3:])
        message = re.sub(r"%[-+ #0-9.*]*[dioxXus]", lambda found: str(next(filled, "(null)")), str(given[0]))
        if int(given[1]) >= 11:
            raise Raised("RAISERROR", message)
        self.result.printed.append(message)

    def _listed(self, statement: Statement, word: str) -> list[object]:
        """The values of the expressions that follow the first word of a statement."""
        lines = "\n" * (len(statement.text) - len(statement.text.lstrip("\n")))
        rest = re.sub(
            r"\bwith\s+(?:nowait|log|seterror)\b.*$", "", statement.text.strip()[len(word) :], flags=re.I | re.S
        )
        rest = rest.strip()
        if not rest:
            return []
        tree = parse(f"{lines}SELECT {rest}").expressions
        if len(tree) == 1 and isinstance(tree[0], exp.Tuple):
            tree = tree[0].expressions
        made = [self.queries.expr(each, Scope()).sql for each in tree]
        return list(self._fetch(f"SELECT {', '.join(made)}")[0])

    def _execute(self, statement: Statement) -> None:
        """EXEC of text, written out or joined from variables: its statements run under the same rules."""
        match = re.match(
            r"\s*exec(?:ute)?\s*(?:\((.*)\)|(?:\w+\.)*sp_executesql\s+([^,]*))\s*$", statement.text, re.I | re.S
        )
        if not match:
            called = " ".join(statement.text.split()[1:2])
            raise LeoError(f"EXEC {called} is not allowed: procedures of the server cannot run here.")
        joined = parse(f"SELECT {match[1] or match[2]}").expressions[0]
        parts = [joined]
        while isinstance(parts[0], exp.Add):
            parts[:1] = [parts[0].this, parts[0].expression]
        made = [cast(self.queries.expr(each, Scope()), t.TEXT).sql for each in parts]
        self._all(statements(str(self._fetch(f"SELECT concat({', '.join(made)})")[0][0])))

    def _use(self, statement: Statement) -> None:
        wanted = statement.text.split()[1].strip('[]";').lower()
        found = [each for each in self.catalog.views if each.split("_")[0] == wanted.split("_")[0]]
        self.catalog.database = found[0] if found else None


def _literal(value: object, kind: Type) -> str:
    if value is None:
        return "NULL"
    return quote(str(value)) if kind.kind in (*t.TEXTS, *t.DATES, "time", "unknown") else f"({value})"


def _at(error: LeoError, statement: Statement) -> LeoError:
    """The error with the line of its statement, if it has no line yet."""
    if not str(error).startswith("line "):
        error.args = (f"{place(statement.line)}{error}",)
    return error
