"""What a script makes and changes: its own tables and views, all of them in one schema in memory."""

from __future__ import annotations

import re

import duckdb
from sqlglot import exp

from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.catalog import Catalog, Relation
from leocourse.srs.dialect import parse
from leocourse.srs.queries import ROW, Queries, Query, table_parts
from leocourse.srs.scope import Scope
from leocourse.srs.script import Statement
from leocourse.srs.types import Type
from leocourse.srs.values import Value, cast, name, quote


class Tables:
    """The statements of :class:`leocourse.srs.run.Runner` that make, fill, change and drop tables."""

    con: duckdb.DuckDBPyConnection
    catalog: Catalog
    queries: Queries
    references: set[str]
    steps: int
    last_table: str | None

    def _do(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.con.execute(sql)
        except duckdb.Error as error:
            raise LeoError(explained(error)) from None
        except RecursionError:
            raise LeoError("the statement is nested too deeply.") from None

    def _fetch(self, sql: str) -> list[tuple]:
        cursor = self._do(sql)
        try:
            return cursor.fetchall()
        except duckdb.Error as error:
            raise LeoError(explained(error)) from None

    def _change(self, sql: str, key: str | None = None) -> None:
        """Run a statement that changes rows, and keep how many."""
        rows = self._fetch(sql)
        self._rowcount(rows[0][0] if rows and isinstance(rows[0][0], int) else 0)
        if key:
            self.last_table = key

    def _rowcount(self, rows: int) -> None:
        self.queries.variables["@@rowcount"] = (rows, t.INT)

    def _store(self, target: exp.Table, query: Query) -> None:
        key = self.catalog.own(table_parts(target))
        if key in self.catalog.scratch:
            raise LeoError(f"there is already a table '{target.name}': DROP it first.")
        relation = Relation(scratch(key), {column.lower(): (column, kind) for column, kind in query.columns})
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
        hint = r"^(\s*insert\s+(?:into\s+)?\S+)\s+with\s*\([^)]*\)"
        self._inserted(parse(re.sub(hint, r"\1", statement.text, flags=re.I)))

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
        if re.match(r"\s*update\s+statistics\b", statement.text, re.I):
            return
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
                self._do(f"DROP {'VIEW' if is_view else 'TABLE'} {scratch(key)}")
            elif not tree.args.get("exists"):
                raise LeoError(f"there is no table '{each.name}' to drop: only tables of this script can be dropped.")

    def _create(self, statement: Statement) -> None:
        words = re.sub(r"^(\s*create)\s+or\s+alter\b", r"\1", statement.text, flags=re.I).split()
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
        again = re.match(r"\s*create\s+or\s+alter\b", statement.text, re.I)
        tree = parse(re.sub(r"\bor\s+alter\b", "", statement.text, count=1, flags=re.I) if again else statement.text)
        schema = tree.this
        names = [each.name for each in schema.expressions] if isinstance(schema, exp.Schema) else []
        table = schema.this if isinstance(schema, exp.Schema) else schema
        query = self.queries.query(tree.expression)
        made = names + [column for column, _ in query.columns][len(names) :]
        key = self.catalog.own(table_parts(table))
        create = "CREATE OR REPLACE VIEW" if again else "CREATE VIEW"
        self._do(f"{create} {scratch(key)}({', '.join(map(name, made))}) AS {query.sql}")
        columns = {each.lower(): (each, kind) for each, (_, kind) in zip(made, query.columns, strict=True)}
        self.catalog.scratch[key] = Relation(scratch(key), columns, view="own")

    def _make(self, table: exp.Table, definitions: list[exp.Expression]) -> None:
        """Make an empty table. Keys and NOT NULL are not enforced; a computed column is one."""
        key = self.catalog.own(table_parts(table))
        if key in self.catalog.scratch:
            raise LeoError(f"there is already a table '{table.name}': DROP it first.")
        columns: dict[str, tuple[str, Type]] = {}
        parts, computed = [], set()
        plain = [
            each
            for each in definitions
            if isinstance(each, exp.ColumnDef) and (each.name.lower() != "index" or each.this.args.get("quoted"))
        ]
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
        self._do(f"CREATE TABLE {scratch(key)} ({', '.join(made[each] for each in order_)})")
        self.catalog.scratch[key] = Relation(scratch(key), {each.lower(): columns[each.lower()] for each in order_})
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
            if each.args.get("kind") is None:
                raise LeoError(
                    f"ALTER TABLE ... ADD {each.name}: give it a type; computed columns go into CREATE TABLE."
                )
            kind = t.declared(each.args["kind"])
            self._do(f"ALTER TABLE {relation.sql} ADD COLUMN {name(each.name)} {t.duckdb_type(kind).sql('duckdb')}")
            relation.columns[each.name.lower()] = (each.name, kind)


def _computed(column: exp.ColumnDef) -> exp.Expression | None:
    found = column.find(exp.ComputedColumnConstraint)
    return found.this if found else None


def scratch(key: str) -> str:
    """How DuckDB calls a table of the script."""
    return f"memory.scratch.{name(key)}"


def explained(error: duckdb.Error) -> str:
    """What DuckDB says, in one line, without its own line numbers."""
    first = str(error).split("\n")[0]
    first = re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", first)
    return first if len(first) < 300 else first[:297] + "..."
