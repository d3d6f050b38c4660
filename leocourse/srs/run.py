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

from leocourse.connect import connect
from leocourse.errors import LeoError
from leocourse.paths import extract_folder
from leocourse.srs import types as t
from leocourse.srs.catalog import Catalog, Relation, catalog, reference_relations, reference_tables
from leocourse.srs.dialect import parse, place
from leocourse.srs.expressions import Scope
from leocourse.srs.queries import ROW, Queries, Query, table_parts
from leocourse.srs.script import Statement, statements
from leocourse.srs.types import Type
from leocourse.srs.values import MACROS, Value, cast, name, quote

MOST_STEPS = 3_000
IGNORED = {"GO", "GRANT", "RETURN", "BEGIN TRAN", "COMMIT", "ROLLBACK", "WAITFOR", "RAISERROR", "THROW"}
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


def run(sql: str, extract: str | Path | None = None) -> Result:
    """Run a T-SQL script written for the real extract against a simulated one.

    ``extract`` is the folder of an extract (default: as for :func:`leocourse.connect.connect`).
    Raises LeoError, in one line with the line of the script, for what cannot run.
    """
    with sandbox(extract, re.findall(r"\breference\W{1,4}(\w+)", sql, re.IGNORECASE)) as con:
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
    con.execute(f"SET allowed_directories = [{quote(folder.resolve().as_posix() + '/')}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET python_enable_replacements = false")
    con.execute("SET lock_configuration = true")
    return con


class Runner:
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
        self.result = Result(notes=self.catalog.notes)
        self.steps = 0
        self.last_table: str | None = None
        self.run_word = {
            "SELECT": self._select,
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
        skip_catch = True
        for each in found:
            if each.word == "BEGIN CATCH" and skip_catch:
                continue
            if each.word != "BEGIN TRY":
                self._one(each)
                continue
            try:
                self._all(each.body)
            except LeoError as error:
                self.catalog.note(f"the CATCH block ran: {error}")
                skip_catch = False

    def _one(self, statement: Statement) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise LeoError(
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

    def _do(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.con.execute(sql)
        except duckdb.Error as error:
            raise LeoError(_explained(error)) from None
        except RecursionError:
            raise LeoError("the statement is nested too deeply.") from None

    def _fetch(self, sql: str) -> list[tuple]:
        cursor = self._do(sql)
        try:
            return cursor.fetchall()
        except duckdb.Error as error:
            raise LeoError(_explained(error)) from None

    def _change(self, sql: str, key: str | None = None) -> None:
        """Run a statement that changes rows, and keep how many."""
        rows = self._fetch(sql)
        self._rowcount(rows[0][0] if rows and isinstance(rows[0][0], int) else 0)
        if key:
            self.last_table = key

    def _rowcount(self, rows: int) -> None:
        self.queries.variables["@@rowcount"] = (rows, t.INT)

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
            raise LeoError(_explained(error)) from None
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

    def _store(self, target: exp.Table, query: Query) -> None:
        key = self.catalog.own(table_parts(target))
        if key in self.catalog.scratch:
            raise LeoError(f"there is already a table '{target.name}': DROP it first.")
        relation = Relation(_scratch(key), {column.lower(): (column, kind) for column, kind in query.columns})
        rows = self._do(f"CREATE TABLE {relation.sql} AS {query.sql}").fetchall()
        self.catalog.scratch[key] = relation
        self._rowcount(rows[0][0] if rows else 0)
        self.last_table = key

    def _own(self, node: exp.Table, verb: str) -> tuple[str, Relation]:
        """The script's own table that a statement changes."""
        key = self.catalog.own(table_parts(node))
        if key not in self.catalog.scratch or key in self.references:
            raise LeoError(f"{verb} {node.name}: only tables that this script made can be changed.")
        return key, self.catalog.scratch[key]

    def _insert(self, statement: Statement) -> None:
        self._inserted(parse(statement.text))

    def _inserted(self, tree: exp.Insert) -> None:
        if not isinstance(tree, exp.Insert):
            raise LeoError("this INSERT cannot be read.")
        schema = tree.this
        table = schema.this if isinstance(schema, exp.Schema) else schema
        key, relation = self._own(table, "INSERT INTO")
        given = [each.name.lower() for each in schema.expressions] if isinstance(schema, exp.Schema) else None
        computed = self.computed(key)
        wanted = given or [each for each in relation.columns if each not in computed]
        unknown = [each for each in wanted if each not in relation.columns]
        if unknown:
            raise LeoError(f"{table.name} has no column '{unknown[0]}'.")
        source = tree.expression.copy()
        if tree.args.get("with_") and not source.args.get("with_"):
            source.set("with_", tree.args["with_"].copy())
        query = self.queries.query(source)
        if len(query.columns) != len(wanted):
            raise LeoError(
                f"INSERT INTO {table.name} fills {len(wanted)} columns, and the query gives {len(query.columns)}."
            )
        made = [
            cast(Value(f"c{place_}", kind), relation.columns[each][1]).sql
            for place_, ((_, kind), each) in enumerate(zip(query.columns, wanted, strict=True))
        ]
        names = ", ".join(name(relation.columns[each][0]) for each in wanted)
        renamed = ", ".join(f"c{place_}" for place_ in range(len(made)))
        self._change(
            f"INSERT INTO {relation.sql} ({names}) SELECT {', '.join(made)} FROM ({query.sql}) AS s({renamed})", key
        )

    def computed(self, key: str) -> set[str]:
        """The columns of a table of the script that fill themselves."""
        return self.catalog.computed.get(key, set())

    def _rows_of(self, tree: exp.Expression, target: exp.Table) -> tuple[str, Relation, str, Scope]:
        """The table that UPDATE or DELETE changes, the FROM clause, and the expression of its row."""
        first = tree.args.get("from_")
        source = first.this if first else (tree.this if tree.args.get("tables") and tree.this else target)
        if tree.args.get("with_"):
            self.queries.ctes.append({})
        scope = Scope()
        wanted = target.alias_or_name.lower()
        base = self._base(tree, source, target)
        self.queries.row_of = wanted
        try:
            head = ""
            if tree.args.get("with_"):
                head = (
                    "WITH "
                    + ", ".join(self.queries._cte(each, None)[0] for each in tree.args["with_"].expressions)
                    + " "
                )
            sql = self.queries._joined(source, scope)
            for join in tree.args.get("joins") or []:
                sql += self.queries._join(join, scope)
        finally:
            self.queries.row_of = None
        alias = next((each for each in (wanted, source.alias_or_name.lower()) if each in scope.sources), None)
        if alias is None:
            raise LeoError(f"there is no table or alias '{target.name}' in FROM.")
        shown, relation = scope.sources[alias]
        row = f"{name(shown)}.{name(ROW) if ROW in relation.columns else 'rowid'}"
        return base, Relation(head, {}), f"{row} AS rid\x00{sql}", scope

    def _base(self, tree: exp.Expression, source: exp.Expression, target: exp.Table) -> str:
        """The key of the table behind the target, which may be an alias, a subquery or a common table expression."""
        wanted = target.alias_or_name.lower()
        derived = [
            each for each in [source, *source.find_all(exp.Subquery, exp.Table)] if each.alias_or_name.lower() == wanted
        ]
        ctes = [each for each in tree.find_all(exp.CTE) if each.alias.lower() == wanted]
        inner: exp.Expression = ctes[0].this if ctes else (derived[0] if derived else target)
        while not isinstance(inner, exp.Table):
            inner = inner.this if isinstance(inner, exp.Subquery) else inner.args["from_"].this
        return self._own(inner, "UPDATE or DELETE")[0]

    def _update(self, statement: Statement) -> None:
        self._updated(parse(statement.text))

    def _updated(self, tree: exp.Update) -> None:
        depth = len(self.queries.ctes)
        try:
            key, head, parts, scope = self._rows_of(tree, tree.this)
            row, source = parts.split("\x00", 1)
            relation = self.catalog.scratch[key]
            sets, values = [], []
            for place_, each in enumerate(tree.expressions):
                column = each.this.name.lower()
                if column not in relation.columns:
                    raise LeoError(f"{key} has no column '{each.this.name}'.")
                written, kind = relation.columns[column]
                values.append(f"{cast(self.queries.expr(each.expression, scope), kind).sql} AS v{place_}")
                sets.append(f"{name(written)} = s.v{place_}")
            where = tree.args.get("where")
            condition = f" WHERE {self.queries.condition(where.this, scope)}" if where else ""
        finally:
            del self.queries.ctes[depth:]
        rows = f"{head.sql}SELECT {row}, {', '.join(values)} FROM {source}{condition}"
        self._change(
            f"UPDATE {relation.sql} AS target SET {', '.join(sets)} "
            f"FROM (SELECT DISTINCT ON (rid) * FROM ({rows})) AS s "
            "WHERE target.rowid = s.rid",
            key,
        )

    def _delete(self, statement: Statement) -> None:
        self._deleted(parse(statement.text))

    def _deleted(self, tree: exp.Delete) -> None:
        depth = len(self.queries.ctes)
        targets = tree.args.get("tables") or []
        try:
            key, head, parts, scope = self._rows_of(tree, targets[0] if targets else tree.this)
            row, source = parts.split("\x00", 1)
            where = tree.args.get("where")
            condition = f" WHERE {self.queries.condition(where.this, scope)}" if where else ""
        finally:
            del self.queries.ctes[depth:]
        rows = f"{head.sql}SELECT {row} FROM {source}{condition}"
        self._change(f"DELETE FROM {self.catalog.scratch[key].sql} WHERE rowid IN (SELECT rid FROM ({rows}))", key)

    def _truncate(self, statement: Statement) -> None:
        for each in parse(statement.text).find_all(exp.Table):
            self._change(f"DELETE FROM {self._own(each, 'TRUNCATE TABLE')[1].sql}")

    def _drop(self, statement: Statement) -> None:
        tree = parse(statement.text)
        kind = (tree.args.get("kind") or "").upper() if isinstance(tree, exp.Drop) else ""
        if kind in ("INDEX", "STATISTICS", "SCHEMA"):
            return
        for each in tree.find_all(exp.Table):
            key = self.catalog.own(table_parts(each))
            if key in self.catalog.scratch and key not in self.references:
                is_view = self.catalog.scratch.pop(key).view == "own"
                self._do(f"DROP {'VIEW' if is_view else 'TABLE'} {_scratch(key)}")
            elif not tree.args.get("exists"):
                raise LeoError(f"there is no table '{each.name}' to drop: only tables of this script can be dropped.")

    def _create(self, statement: Statement) -> None:
        words = statement.text.split()
        kind = " ".join(words[1:3]).upper()
        if re.match(r"(UNIQUE |CLUSTERED |NONCLUSTERED |STATISTICS|INDEX|SCHEMA)", kind + " "):
            return
        if kind.split()[0] == "VIEW":
            self._create_view(statement)
            return
        if kind.split()[0] != "TABLE":
            raise LeoError(f"CREATE {words[1].upper()} cannot run here: only tables and views can be made.")
        tree = parse(statement.text)
        if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
            raise LeoError("this CREATE TABLE cannot be read.")
        self._make(tree.this.this, tree.this.expressions)

    def _create_view(self, statement: Statement) -> None:
        tree = parse(statement.text)
        schema = tree.this
        names = [each.name for each in schema.expressions] if isinstance(schema, exp.Schema) else []
        table = schema.this if isinstance(schema, exp.Schema) else schema
        query = self.queries.query(tree.expression)
        made = names + [column for column, _ in query.columns][len(names) :]
        key = self.catalog.own(table_parts(table))
        self._do(f"CREATE VIEW {_scratch(key)}({', '.join(map(name, made))}) AS {query.sql}")
        columns = {each.lower(): (each, kind) for each, (_, kind) in zip(made, query.columns, strict=True)}
        self.catalog.scratch[key] = Relation(_scratch(key), columns, view="own")

    def _make(self, table: exp.Table, definitions: list[exp.Expression]) -> None:
        """Make an empty table. Keys and NOT NULL are not enforced; a computed column is one."""
        key = self.catalog.own(table_parts(table))
        if key in self.catalog.scratch:
            raise LeoError(f"there is already a table '{table.name}': DROP it first.")
        columns: dict[str, tuple[str, Type]] = {}
        parts, computed = [], set()
        plain = [each for each in definitions if isinstance(each, exp.ColumnDef)]
        for each in sorted(plain, key=lambda column: _computed(column) is not None):
            formula = _computed(each)
            if formula is None:
                if each.args.get("kind") is None:
                    raise LeoError(f"column {each.name} needs a type.")
                kind = t.declared(each.args["kind"])
                order = each.find(exp.CollateColumnConstraint)
                binary = order is not None and re.search(r"_BIN|_CS", order.this.name, re.IGNORECASE) is not None
                columns[each.name.lower()] = (each.name, kind._replace(binary=binary))
                parts.append(
                    (each.name, f"{name(each.name)} {t.duckdb_type(kind).sql('duckdb')}{self._default(each, key)}")
                )
                if each.find(exp.GeneratedAsIdentityColumnConstraint, exp.AutoIncrementColumnConstraint):
                    computed.add(each.name.lower())
                continue
            scope = Scope()
            scope.add(table.name, Relation(table.name, dict(columns)))
            value = self.queries.expr(formula, scope)
            columns[each.name.lower()] = (each.name, value.type)
            computed.add(each.name.lower())
            sql = value.sql.replace(f"{name(table.name)}.", "")
            parts.append((each.name, f"{name(each.name)} GENERATED ALWAYS AS ({sql}) VIRTUAL"))
        order_ = [each.name for each in plain]
        made = dict(parts)
        self._do(f"CREATE TABLE {_scratch(key)} ({', '.join(made[each] for each in order_)})")
        self.catalog.scratch[key] = Relation(_scratch(key), {each.lower(): columns[each.lower()] for each in order_})
        self.catalog.computed[key] = computed
        self.last_table = key

    def _default(self, column: exp.ColumnDef, key: str) -> str:
        if column.find(exp.GeneratedAsIdentityColumnConstraint, exp.AutoIncrementColumnConstraint):
            sequence = f"scratch.{name(f'{key}.{column.name}.{self.steps}')}"
            self._do(f"CREATE SEQUENCE {sequence}")
            return f" DEFAULT nextval({quote(sequence)})"
        default = column.find(exp.DefaultColumnConstraint)
        return f" DEFAULT {self.queries.expr(default.this, Scope()).sql}" if default else ""

    def _alter(self, statement: Statement) -> None:
        """ALTER TABLE t ADD column type. Everything else changes storage, not rows."""
        match = re.match(
            r"\s*alter\s+table\s+(.+?)\s+add\s+(?!constraint\b|primary\b)(.+)$", statement.text, re.I | re.S
        )
        if not match:
            return
        tree = parse(f"CREATE TABLE {match[1]} ({match[2]})")
        _, relation = self._own(tree.this.this, "ALTER TABLE")
        for each in tree.this.expressions:
            kind = t.declared(each.args["kind"])
            self._do(f"ALTER TABLE {relation.sql} ADD COLUMN {name(each.name)} {t.duckdb_type(kind).sql('duckdb')}")
            relation.columns[each.name.lower()] = (each.name, kind)

    def _declare(self, statement: Statement) -> None:
        table = re.match(r"\s*declare\s+(@\w+)\s+(?:as\s+)?table\s*(\(.*)$", statement.text, re.I | re.S)
        if table:
            tree = parse(f"CREATE TABLE {table[1].replace('@', '#')} {table[2]}")
            target = exp.Table(this=exp.Parameter(this=exp.Var(this=table[1][1:])))
            self.catalog.scratch.pop(table[1].lower(), None)
            self._do(f"DROP TABLE IF EXISTS {_scratch(table[1].lower())}")
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

    def _execute(self, statement: Statement) -> None:
        """EXEC of text that is written out: its statements run under the same rules."""
        match = re.match(
            r"\s*exec(?:ute)?\s*(?:\(|sp_executesql\s)\s*N?'((?:[^']|'')*)'\s*\)?\s*$", statement.text, re.I | re.S
        )
        if not match:
            called = " ".join(statement.text.split()[1:2])
            raise LeoError(f"EXEC {called} is not allowed: procedures of the server cannot run here.")
        self._all(statements(match[1].replace("''", "'")))

    def _use(self, statement: Statement) -> None:
        wanted = statement.text.split()[1].strip('[]";').lower()
        found = [each for each in self.catalog.views if each.split("_")[0] == wanted.split("_")[0]]
        self.catalog.database = found[0] if found else None


def _computed(column: exp.ColumnDef) -> exp.Expression | None:
    found = column.find(exp.ComputedColumnConstraint)
    return found.this if found else None


def _scratch(key: str) -> str:
    return f"memory.scratch.{name(key)}"


def _literal(value: object, kind: Type) -> str:
    if value is None:
        return "NULL"
    return quote(str(value)) if kind.kind in (*t.TEXTS, *t.DATES, "time", "unknown") else f"({value})"


def _explained(error: duckdb.Error) -> str:
    """What DuckDB says, in one line, without its own line numbers."""
    first = str(error).split("\n")[0]
    first = re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", first)
    return first if len(first) < 300 else first[:297] + "..."


def _at(error: LeoError, statement: Statement) -> LeoError:
    return error if str(error).startswith("line ") else LeoError(f"{place(statement.line)}{error}")
