"""SELECT in T-SQL as SELECT in DuckDB: tables, joins, APPLY, PIVOT, TOP, FOR XML PATH, common table expressions."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlglot import exp

from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.aggregates import AGGREGATES
from leocourse.srs.catalog import Catalog, Columns, Relation
from leocourse.srs.dialect import line_of, place
from leocourse.srs.expressions import Expressions
from leocourse.srs.functions import coerce_result, together
from leocourse.srs.scope import Scope
from leocourse.srs.types import Type
from leocourse.srs.values import Value, name, quote, text

ROW = "row of the table"  # the hidden column by which UPDATE and DELETE find the rows of a table


class Query(NamedTuple):
    """A translated SELECT and its columns."""

    sql: str
    columns: list[tuple[str, Type]]


class Queries(Expressions):
    """Translates queries against a catalog. ``variables`` are those of the script so far."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.variables: dict[str, tuple[Any, Type]] = {}
        self.ctes: list[dict[str, Relation]] = [{}]
        self.row_of: str | None = None  # the derived table whose rows UPDATE or DELETE must find again

    def note(self, message: str) -> None:
        """Keep something the reader should know."""
        self.catalog.note(message)

    def object_exists(self, written: str) -> bool:
        """Whether a view of the extract or a table of the script is called so."""
        parts = _parts(written)
        try:
            self.catalog.find(parts[1:] if parts[0].lower() == "tempdb" else parts)
        except LeoError:
            return False
        return True

    def query(self, node: exp.Expression, outer: Scope | None = None) -> Query:
        """Translate a query. Raises LeoError, with its line, for what has no equal in DuckDB."""
        with_ = node.args.get("with_")
        if not with_:
            return self._body(node, outer)
        self.ctes.append({})
        try:
            heads = [self._cte(each, outer) for each in with_.expressions]
            body = self._body(node, outer)
        finally:
            self.ctes.pop()
        recursive = "RECURSIVE " if any(again for _, again in heads) else ""
        return Query(f"WITH {recursive}{', '.join(head for head, _ in heads)} {body.sql}", body.columns)

    def _cte(self, cte: exp.CTE, outer: Scope | None) -> tuple[str, bool]:
        alias, names = cte.alias, [each.name for each in cte.args["alias"].columns]
        again = isinstance(cte.this, exp.SetOperation) and any(
            table.name.lower() == alias.lower() and not table.db for table in cte.this.expression.find_all(exp.Table)
        )
        if again:
            first = self.query(_leftmost(cte.this), outer)
            self.ctes[-1][alias.lower()] = Relation(name(alias), _columns(first.columns, names))
        was, self.row_of = self.row_of, None
        inner = self._with_row(cte.this, outer) if was == alias.lower() else self.query(cte.this, outer)
        self.row_of = was
        columns = inner.columns
        self.ctes[-1][alias.lower()] = Relation(name(alias), _columns(columns, names))
        made = names + [column for column, _ in columns][len(names) :]
        return f"{name(alias)}({', '.join(map(name, made))}) AS ({inner.sql})", again

    def _with_row(self, node: exp.Expression, outer: Scope | None) -> Query:
        """A simple SELECT with the hidden row of its first table as one more column."""
        if not isinstance(node, exp.Select) or node.args.get("group") or node.args.get("distinct"):
            raise LeoError(f"{place(line_of(node))}rows of a grouped or combined query cannot be changed.")
        return self._select(node, outer, row=True)

    def _body(self, node: exp.Expression, outer: Scope | None) -> Query:
        if isinstance(node, exp.Select):
            return self._select(node, outer)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, outer)
        if isinstance(node, exp.Values):
            return self._values(node, outer or Scope())
        if isinstance(node, exp.Subquery):
            inner = self.query(node.this, outer)
            aliases = {column.lower(): name(column) for column, _ in inner.columns}
            return Query(f"SELECT * FROM ({inner.sql}){self._tail(node, Scope(outer), aliases)}", inner.columns)
        raise LeoError(f"{place(line_of(node))}a query was expected, not {type(node).__name__.upper()}.")

    def _set_operation(self, node: exp.SetOperation, outer: Scope | None) -> Query:
        word = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}[type(node)]
        left, right = self.query(node.this, outer), self.query(node.expression, outer)
        if len(left.columns) != len(right.columns):
            raise LeoError(f"{place(line_of(node.expression))}both sides of {word} need as many columns.")
        columns, changed = [], False
        for (column, first), (_, second) in zip(left.columns, right.columns, strict=True):
            kind = t.higher(first, second)
            changed |= _differs(first, kind) or _differs(second, kind)
            columns.append((column, kind))
        sides = [_as_kinds(side, columns) if changed else side.sql for side in (left, right)]
        all_ = "" if node.args.get("distinct") else " ALL"
        aliases = {column.lower(): name(column) for column, _ in columns}
        tail = self._tail(node, Scope(), aliases)
        return Query(f"({sides[0]}) {word}{all_} ({sides[1]}){tail}", columns)

    def _tail(self, node: exp.Expression, scope: Scope, aliases: dict[str, str]) -> str:
        order = self.ordering(node.args.get("order"), scope, aliases)
        limit = node.args.get("limit")
        made = f" {order}" if order else ""
        if limit is not None:
            made += f" LIMIT {self.expr(limit.args.get('count') or limit.expression, Scope()).sql}"
        if node.args.get("offset"):
            made += f" OFFSET {self.expr(node.args['offset'].expression, Scope()).sql}"
        return made

    def _values(self, node: exp.Values, scope: Scope) -> Query:
        rows = [[self.expr(each, scope) for each in row.expressions] for row in node.expressions]
        by_column = [together(list(column)) for column in zip(*rows, strict=True)]
        made = zip(*(column for column, _ in by_column), strict=True)
        sql = ", ".join(f"({', '.join(each.sql for each in row)})" for row in made)
        return Query(f"VALUES {sql}", [(f"column{i}", kind) for i, (_, kind) in enumerate(by_column, 1)])

    def _select(self, node: exp.Select, outer: Scope | None, row: bool = False) -> Query:
        if node.args.get("for_"):
            return self._xml(node, outer)
        scope = Scope(outer)
        source = self._from(node, scope)
        where, group, having = (node.args.get(part) for part in ("where", "group", "having"))
        listed = [pair for each in node.expressions for pair in self._projection(each, scope)]
        names = [written or f"column{place_}" for place_, (written, _) in enumerate(listed, 1)]
        made = [f"{value.sql} AS {name(written)}" for written, (_, value) in zip(names, listed, strict=True)]
        columns = [(written, value.type) for written, (_, value) in zip(names, listed, strict=True)]
        if row:
            made.append(f"{name(next(iter(scope.sources.values()))[0])}.rowid AS {name(ROW)}")
            columns.append((ROW, t.BIGINT))
        sql = source and f" FROM {source}"
        if where:
            sql += f" WHERE {self.condition(where.this, scope)}"
        if group:
            sql += f" GROUP BY {self._group(group, scope)}"
        if having:
            sql += f" HAVING {self.condition(having.this, scope)}"
        distinct = "DISTINCT " if node.args.get("distinct") else ""
        limit = node.args.get("limit")
        options = limit.args.get("limit_options") if limit is not None else None
        if options and (options.args.get("with_ties") or options.args.get("percent")):
            by_value = {written.lower(): value.sql for written, value in listed if written}
            keys = self.sort_keys(node.args.get("order"), scope, by_value)
            inner = f"SELECT {distinct}{', '.join([*made, *(key for key, _ in keys)])}{sql}"
            return Query(self._top(limit, inner, columns, [way for _, way in keys]), columns)
        given = {written.lower(): name(written) for written, _ in listed if written}
        return Query(f"SELECT {distinct}{', '.join(made)}{sql}{self._tail(node, scope, given)}", columns)

    def _top(self, limit: exp.Limit, inner: str, columns: list[tuple[str, Type]], ways: list[str]) -> str:
        """TOP ... PERCENT and WITH TIES: rows counted in a window over ``inner``, whose last columns are sorted by."""
        options = limit.args["limit_options"]
        count = self.expr(limit.args.get("count") or limit.expression, Scope()).sql
        if options.args.get("percent"):
            count = f"ceil({count} / 100.0 * count(*) OVER ())"
        shown = [f"c{place_}" for place_ in range(len(columns))]
        keys = [f"k{place_}" for place_ in range(len(ways))]
        order = ", ".join(f"{key} {way}" for key, way in zip(keys, ways, strict=True))
        order = order and f"ORDER BY {order}"
        made = ", ".join(f"{each} AS {name(column)}" for each, (column, _) in zip(shown, columns, strict=True))
        rank = "rank" if options.args.get("with_ties") else "row_number"
        return (
            f"SELECT {made} FROM ({inner}) AS top({', '.join([*shown, *keys])}) "
            f"QUALIFY {rank}() OVER ({order}) <= {count} {order}"
        )

    def _projection(self, node: exp.Expression, scope: Scope) -> list[tuple[str, Value]]:
        """A column of the result, by name and value; ``*`` gives several."""
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            table = node.table.lower() if isinstance(node, exp.Column) else None
            if table and table not in scope.sources:
                raise LeoError(f"{place(line_of(node))}there is no table or alias '{node.table}' in this query.")
            return [
                (written, Value(f"{name(alias)}.{name(written)}", kind, column=True))
                for key, (alias, relation) in scope.sources.items()
                if table in (None, key)
                for written, kind in relation.columns.values()
                if written != ROW
            ]
        if isinstance(node, exp.Alias):
            return [(node.alias, self.expr(node.this, scope))]
        if isinstance(node, exp.EQ):  # 'alias' = expression, or @variable = expression
            target = node.this
            written = f"@{target.name}" if isinstance(target, exp.Parameter) else target.name
            return [(written, self.expr(node.expression, scope))]
        value = self.expr(node, scope)
        inner = node.unnest() if isinstance(node, exp.Paren) else node
        inner = inner.this if isinstance(inner, exp.Collate) else inner
        return [(inner.name if isinstance(inner, exp.Column) else "", value)]

    def _group(self, group: exp.Group, scope: Scope) -> str:
        parts = [self._group_item(each, scope) for each in group.expressions]
        for which in ("rollup", "cube"):
            for each in group.args.get(which) or []:
                if not each.expressions:
                    return f"{which.upper()} ({', '.join(parts)})"
                parts.append(self._group_item(each, scope))
        parts += [self._group_item(each, scope) for each in group.args.get("grouping_sets") or []]
        return ", ".join(parts)

    def _group_item(self, node: exp.Expression, scope: Scope) -> str:
        words = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE", exp.GroupingSets: "GROUPING SETS", exp.Tuple: ""}
        if type(node) in words:
            return f"{words[type(node)]} ({', '.join(self._group_item(each, scope) for each in node.expressions)})"
        return self.expr(node, scope).sql

    def _from(self, node: exp.Select, scope: Scope) -> str:
        first = node.args.get("from_")
        if not first:
            return ""
        sql = self._joined(first.this, scope)
        for join in node.args.get("joins") or []:
            sql += self._join(join, scope)
        for lateral in node.args.get("laterals") or []:
            sql += self._apply(lateral, scope)
        return sql

    def _joined(self, node: exp.Expression, scope: Scope) -> str:
        """A table with the joins that the parser hung on it."""
        return self._source(node, scope) + "".join(self._join(each, scope) for each in node.args.get("joins") or [])

    def _join(self, join: exp.Join, scope: Scope) -> str:
        if isinstance(join.this, exp.Lateral):
            return self._apply(join.this, scope)
        nested = self._source(join.this, scope)
        inner = "".join(self._join(each, scope) for each in join.this.args.get("joins") or [])
        nested = f"({nested}{inner})" if inner else nested
        on = join.args.get("on")
        if not on:
            return f" CROSS JOIN {nested}"
        side = (join.side or "INNER").upper()
        return f" {side} JOIN {nested} ON {self.condition(on, scope)}"

    def _apply(self, node: exp.Lateral, scope: Scope) -> str:
        """CROSS APPLY and OUTER APPLY."""
        outer = not node.args.get("cross_apply")
        alias = node.args.get("alias")
        made = self._derived(node.this, alias, scope, scope)
        return f" LEFT JOIN LATERAL {made} ON TRUE" if outer else f" CROSS JOIN LATERAL {made}"

    def _source(self, node: exp.Expression, scope: Scope) -> str:
        """A table, view or subquery in FROM, known from here on under its alias."""
        alias = node.args.get("alias")
        pivots = node.args.get("pivots") or []
        if node.args.get("sample"):
            raise LeoError(f"{place(line_of(node))}TABLESAMPLE draws pages of a disk: use TOP ... ORDER BY NEWID().")
        if isinstance(node, exp.Table) and not pivots:
            return self._table(node, alias, scope)
        if pivots:
            plain = node.copy()
            plain.set("pivots", None)
            return self._pivot(plain, pivots[0], scope)
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            return f"({self._joined(node.this, scope)})"
        return self._derived(node, alias, scope, scope.outer)

    def _derived(self, node: exp.Expression, alias: exp.TableAlias | None, scope: Scope, outer: Scope | None) -> str:
        inner = node.this if isinstance(node, exp.Subquery) else node
        written = alias.name if alias and alias.name else f"derived{len(scope.sources) + 1}"
        names = [each.name for each in alias.columns] if alias else []
        if isinstance(inner, exp.Anonymous):
            made = self._table_function(inner, outer or Scope())
        elif self.row_of == written.lower():
            made = self._with_row(inner, outer)
        else:
            made = self.query(inner, outer)
        columns = names + [column for column, _ in made.columns][len(names) :]
        scope.add(written, Relation(written, _columns(made.columns, names)))
        return f"({made.sql}) AS {name(written)}({', '.join(map(name, columns))})"

    def _table_function(self, node: exp.Anonymous, scope: Scope) -> Query:
        if node.name.upper() != "STRING_SPLIT":
            raise LeoError(
                f"{place(line_of(node))}{node.name} reads from outside the database, or is no table: only views of the "
                "extract and tables made in the script can be read."
            )
        whole, mark = (text(self.expr(each, scope)).sql for each in node.expressions[:2])
        return Query(f"SELECT unnest(string_split({whole}, {mark})) AS value", [("value", t.TEXT)])

    def _table(self, node: exp.Table, alias: exp.TableAlias | None, scope: Scope) -> str:
        if isinstance(node.this, exp.Anonymous):
            return self._derived(node.this, alias, scope, scope.outer)
        parts = table_parts(node)
        relation = self._cte_named(parts) or self.catalog.find(parts, place(line_of(node)))
        written = alias.name if alias and alias.name else parts[-1].lstrip("#@")
        scope.add(written, relation)
        return f"{relation.sql} AS {name(written)}"

    def _cte_named(self, parts: list[str]) -> Relation | None:
        if len(parts) > 1:
            return None
        return next((frame[parts[0].lower()] for frame in reversed(self.ctes) if parts[0].lower() in frame), None)

    def _pivot(self, table: exp.Expression, pivot: exp.Pivot, scope: Scope) -> str:
        """PIVOT as one aggregate a column, UNPIVOT as one row a column: DuckDB's own group differently."""
        inside = Scope(scope.outer)
        source = self._source(table, inside)
        (alias, relation), *_ = inside.sources.values()
        columns = relation.columns
        field = pivot.args["fields"][0]
        listed = [each.alias_or_name for each in field.expressions]
        if pivot.args.get("unpivot"):
            sql, made = self._unpivot(source, alias, columns, pivot.expressions[0].name, field.this.name, listed)
        else:
            sql, made = self._pivoted(source, alias, columns, pivot.expressions[0], field.this.name, listed, inside)
        written = pivot.alias or "pivoted"
        scope.add(written, Relation(written, _columns(made, [])))
        return f"({sql}) AS {name(written)}"

    def _pivoted(
        self, source: str, alias: str, columns: Columns, call: exp.Anonymous, by: str, listed: list[str], scope: Scope
    ) -> tuple[str, list[tuple[str, Type]]]:
        value = self.expr(call.expressions[0], scope)
        used = {by.lower(), *(column.name.lower() for column in call.find_all(exp.Column))}
        rest = [(written, kind) for key, (written, kind) in columns.items() if key not in used]
        made, kinds = [f"{name(alias)}.{name(written)}" for written, _ in rest], list(rest)
        column = text(scope.column(by, None, self.note) or Value(name(by), t.TEXT)).sql
        for each in listed:
            chosen = f"CASE WHEN {column} = {quote(each)} THEN {value.sql} END"
            total = self._pivot_total(call.name.upper(), Value(chosen, value.type))
            made.append(f"{total.sql} AS {name(each)}")
            kinds.append((each, total.type))
        group = f" GROUP BY {', '.join(made[: len(rest)])}" if rest else ""
        return f"SELECT {', '.join(made)} FROM {source}{group}", kinds

    def _pivot_total(self, called: str, value: Value) -> Value:
        if called not in AGGREGATES:
            raise LeoError(f"PIVOT needs an aggregate such as SUM or MAX, not {called}.")
        return AGGREGATES[called]([value], False, "").closed()

    def _unpivot(
        self, source: str, alias: str, columns: Columns, value: str, by: str, listed: list[str]
    ) -> tuple[str, list[tuple[str, Type]]]:
        chosen = {each.lower() for each in listed}
        missing = [each for each in listed if each.lower() not in columns]
        if missing:
            raise LeoError(f"UNPIVOT: there is no column '{missing[0]}'.")
        rest = [(written, kind) for key, (written, kind) in columns.items() if key not in chosen]
        kind = columns[listed[0].lower()][1]
        rows = ", ".join(f"({quote(each)}, {name(alias)}.{name(columns[each.lower()][0])})" for each in listed)
        made = [f"{name(alias)}.{name(written)}" for written, _ in rest] + [f"u.{name(by)}", f"u.{name(value)}"]
        sql = (
            f"SELECT {', '.join(made)} FROM {source} "
            f"CROSS JOIN LATERAL (VALUES {rows}) AS u({name(by)}, {name(value)}) "
            f"WHERE u.{name(value)} IS NOT NULL"
        )
        return sql, [*rest, (by, t.TEXT), (value, kind)]

    def _xml(self, node: exp.Select, outer: Scope | None) -> Query:
        """``FOR XML PATH('')``: the old way of joining text from several rows."""
        clause = node.args["for_"]
        path = next((each.this for each in clause.expressions if isinstance(each.this, exp.XMLKeyValueOption)), None)
        empty = (
            path is not None
            and path.name.lower() == "path"
            and path.expression is not None
            and not path.expression.name
        )
        if clause.args.get("kind") != "XML" or not empty or len(node.expressions) != 1:
            raise LeoError(f"{place(line_of(node))}FOR {clause.args.get('kind')} cannot be translated: use STRING_AGG.")
        plain = node.copy()
        plain.set("for_", None)
        simple = not any(plain.args.get(each) for each in ("distinct", "group", "limit"))
        if simple:
            scope = Scope(outer)
            sources = self._from(plain, scope)
            value = self._projection(plain.expressions[0], scope)[0][1]
            where = plain.args.get("where")
            order = self.ordering(plain.args.get("order"), scope)
            tail = f" WHERE {self.condition(where.this, scope)}" if where else ""
            joined = f"string_agg({text(value).sql}, ''{' ' + order if order else ''})"
            return Query(f"SELECT {joined} AS x FROM {sources}{tail}", [("x", t.TEXT)])
        ordered = plain.args.get("order")
        inner = self.query(plain, outer)
        column = name(inner.columns[0][0])
        order = f" ORDER BY {column}" if plain.args.get("distinct") and not ordered else ""
        return Query(
            f"SELECT string_agg(CAST({column} AS VARCHAR), ''{order}) AS x FROM ({inner.sql})", [("x", t.TEXT)]
        )


def table_parts(node: exp.Table) -> list[str]:
    """The parts of a table's name as written; ``#`` and ``@`` mark temporary tables and table variables."""
    if isinstance(node.this, exp.Parameter):
        return [f"@{node.this.name}"]
    mark = "##" if node.this.args.get("global_") else "#" if node.this.args.get("temporary") else ""
    parts = [each for each in (node.catalog, node.db) if each]
    if mark and parts and parts[0].lower() == "tempdb":
        parts = []
    return [*parts, mark + node.name]


def _parts(written: str) -> list[str]:
    """The parts of a name given as text, as OBJECT_ID takes it."""
    return [part.strip().strip('[]"') for part in written.split(".") if part.strip()] or [""]


def _leftmost(node: exp.Expression) -> exp.Expression:
    return node.this if isinstance(node, exp.SetOperation) else node


def _columns(columns: list[tuple[str, Type]], names: list[str]) -> Columns:
    written = names + [column for column, _ in columns][len(names) :]
    return {each.lower(): (each, kind) for each, (_, kind) in zip(written, columns, strict=False)}


def _differs(kind: Type, common: Type) -> bool:
    return kind.kind not in (common.kind, "null") and (
        (kind.kind in t.TEXTS) != (common.kind in t.TEXTS) or (kind.kind in t.DATES) != (common.kind in t.DATES)
    )


def _as_kinds(query: Query, columns: list[tuple[str, Type]]) -> str:
    names = [f"c{place_}" for place_ in range(len(columns))]
    made = [
        f"{coerce_result(Value(each, have), want).sql} AS {name(column)}"
        for each, (_, have), (column, want) in zip(names, query.columns, columns, strict=True)
    ]
    return f"SELECT {', '.join(made)} FROM ({query.sql}) AS side({', '.join(names)})"
