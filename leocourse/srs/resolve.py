"""Which tables and columns a query names: those of the schema, and those that the query itself makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from leocourse.core.errors import LeoError
from leocourse.srs.catalog import DATABASES, SERVERS_OWN, Catalog, Relation, column_here, nearest, schema_catalog
from leocourse.srs.obstacle import Obstacle, at_node
from leocourse.srs.server import COURSE_ONLY, DATE_PARTS, NILADIC
from leocourse.srs.shapes import called, own, projected, total

CLAUSES = {"where": "WHERE", "group": "GROUP BY", "having": "HAVING"}


@dataclass
class Resolver:
    """Looks the names of a tree up. ``unknown`` collects tables of which nothing is known here."""

    sql: str
    unknown: set[str] = field(default_factory=set)
    catalog: Catalog = field(default_factory=schema_catalog)

    def findings(self, tree: exp.Expression) -> Iterator[Obstacle]:
        """Every finding about names in a tree."""
        self.known: dict[int, Relation] = {}
        self._looked: dict[int, dict[str, dict | None]] = {}
        heads = {each.alias.lower() for each in tree.find_all(exp.CTE)}
        for table in tree.find_all(exp.Table):
            yield from self._table(table, heads)
        for query in tree.find_all(exp.Query):
            if isinstance(query, exp.Subquery) or query.find_ancestor(exp.Query) is not None:
                continue
            try:
                scopes = traverse_scope(query)
            except Exception:  # sqlglot cannot follow it: then the columns are not looked at
                self.unknown.add("a query whose columns could not be followed")
                continue
            for scope in scopes:
                if isinstance(scope.expression, exp.Select):
                    yield from self._select(scope)

    def _table(self, table: exp.Table, heads: set[str]) -> Iterator[Obstacle]:
        parts = [each.name for each in table.parts] if table.this else []
        names = [each.lower() for each in parts]
        if not isinstance(table.this, (exp.Identifier, exp.Dot)):
            return
        written = ".".join(parts)
        if len(parts) > 3:
            fails = bool(DATABASES.match(parts[0]))
            yield at_node(table, f"four parts make '{parts[0]}' a server", "database.schema.view", fails)
        elif COURSE_ONLY & set(names[:-1]):
            own_ = next(each for each in names if each in COURSE_ONLY)
            instead = f"the T-SQL that leo srs {parts[-1]} writes" if own_ == "measures" else "a view of your project"
            yield at_node(table, f"no server has '{written}': {own_} is of this course alone", instead)
        elif len(parts) == 3 and names[1] in SERVERS_OWN:  # in every database of every server
            self.unknown.add(f"table {written}")
        elif len(parts) == 3 and DATABASES.match(parts[0]):
            try:
                self.known[id(table)] = self.catalog.find(parts)
            except LeoError as error:
                views = [each for found in self.catalog.views.values() for each in found]
                near = nearest(table.name, views)
                yield at_node(table, f"{error}".split(". Near")[0].rstrip("."), near or "a view of the schema")
        elif not (len(parts) == 1 and names[0] in heads) and not _temporary(table):
            self.unknown.add(f"table {written}")
        elif _temporary(table):
            self.unknown.add(f"table #{table.name}")

    # Columns -------------------------------------------------------------------------------------

    def _select(self, scope: Scope) -> Iterator[Obstacle]:
        select = scope.expression
        sources = self._sources(scope)
        chain = [sources]
        while scope.parent is not None:
            if scope.is_subquery or scope.is_udtf or self._applied(scope):
                chain.append(self._sources(scope.parent))
            elif not scope.is_set_operation:
                break
            scope = scope.parent
        aliases = {name.lower() for name in projected(select) if name}
        if not select.args.get("from_") and len(chain) == 1:
            chain = [{}]
        for column in own(select, exp.Column, select):
            if not isinstance(column.this, exp.Star) and not _no_column(column):
                yield from self._column(column, select, chain, aliases)
        yield from self._ungrouped(select, sources, len(chain) == 1)

    @staticmethod
    def _applied(scope: Scope) -> bool:
        """Whether a derived table stands in APPLY, so that it sees the tables before it."""
        return isinstance(scope.expression.parent, exp.Subquery) and isinstance(
            scope.expression.parent.parent, exp.Lateral
        )

    def _sources(self, scope: Scope) -> dict[str, dict | None]:
        """The tables of a query by alias: their columns by name in small letters, or None if they are not known."""
        if id(scope) not in self._looked:
            self._looked[id(scope)] = self._look_for_sources(scope)
        return self._looked[id(scope)]

    def _look_for_sources(self, scope: Scope) -> dict[str, dict | None]:
        select, found = scope.expression, {}
        if select.find(exp.Pivot) and any(True for _ in own(select, exp.Pivot, select)):
            return {"": None}
        inside = {name.lower() for name, _ in scope.references}
        # Common table expressions are sources of every query below them: only those in FROM count.
        for alias, source in scope.sources.items():
            if alias.lower() not in inside:
                continue
            if isinstance(source, exp.Table):
                found[alias.lower()] = self._of_table(source)
            else:
                found[alias.lower()] = self._of_scope(source)
        for lateral in own(select, exp.Lateral, select):
            found.setdefault(lateral.alias.lower(), None)
        return found

    def _of_table(self, table: exp.Table) -> dict | None:
        relation = self.known.get(id(table))
        return None if relation is None else {key: relation for key in relation.columns}

    def _of_scope(self, scope: Scope) -> dict | None:
        query = scope.expression
        around = query.parent
        alias = around.args.get("alias") if around is not None else None
        listed = [each.name.lower() for each in alias.args.get("columns") or []] if alias else []
        if listed:
            return dict.fromkeys(listed)
        names = []
        inner = scope
        while isinstance(inner.expression, exp.SetOperation) and inner.set_operation_scopes:
            inner = inner.set_operation_scopes[0]
        if not isinstance(inner.expression, exp.Select):
            return None
        for each in inner.expression.expressions:
            star = isinstance(each, exp.Star) or (isinstance(each, exp.Column) and isinstance(each.this, exp.Star))
            if not star:
                names += [name.lower() for name in projected(exp.Select(expressions=[each.copy()])) if name]
                continue
            sources = self._sources(inner)
            wanted = each.table.lower() if isinstance(each, exp.Column) else ""
            chosen = [columns for alias_, columns in sources.items() if wanted in ("", alias_)]
            if not chosen or any(columns is None for columns in chosen):
                return None
            names += [name for columns in chosen for name in columns]
        return dict.fromkeys(names)

    def _column(self, column: exp.Column, select: exp.Select, chain: list, aliases: set[str]) -> Iterator[Obstacle]:
        name, table = column.name.lower(), column.table.lower()
        clause = _clause(column, select)
        for sources in chain:
            if table and table not in sources:
                if "" in sources:
                    return
                continue
            looked = {table: sources[table]} if table else sources
            having = [alias for alias, columns in looked.items() if columns is not None and name in columns]
            if len(having) > 1 and not any(join.args.get("using") for join in select.args.get("joins") or []):
                if clause != "order" or name not in aliases:
                    both = " and ".join(having[:2])
                    yield at_node(
                        column, f"'{column.name}' is ambiguous: {both} both have it", f"{having[0]}.{column.name}"
                    )
                return
            if having:
                return
            if any(columns is None for columns in looked.values()):
                if not table and clause in CLAUSES and name in aliases and not _of_source(name, select):
                    what = (
                        f"'{column.name}' is named in the same SELECT: {CLAUSES[clause]} knows only columns of tables"
                    )
                    yield at_node(column, what, "the expression again", fails=False)
                return
            if table:
                yield from self._missing(column, looked[table])
                return
        if table:
            yield at_node(column, f"there is no table or alias '{column.table}' in this query", "an alias from FROM")
        elif clause == "order" and name in aliases:
            return
        elif clause in CLAUSES and name in aliases:
            what = f"'{column.name}' is named in the same SELECT, so {CLAUSES[clause]} does not know it"
            yield at_node(column, what, "the expression again")
        else:
            yield from self._missing(
                column,
                {key: value for sources in chain for each in sources.values() for key, value in (each or {}).items()},
            )

    def _missing(self, column: exp.Column, known: dict[str, Relation | None]) -> Iterator[Obstacle]:
        relations = {id(each): each for each in known.values() if each is not None}.values()
        for relation in relations:
            other = column_here(column.name, relation)
            if other:
                near = other[0] or "nothing: the year of this view does not have it"
                yield at_node(column, f"this view calls '{column.name}' otherwise", near, fails=False)
                return
        start = column.this.meta.get("start")
        if column.this.args.get("quoted") and not column.table and start is not None and self.sql[start] == '"':
            what = f"double quotes make '{column.name}' a column, and there is none"
            yield at_node(column, what, f"'{column.name}'")
            return
        if not known:
            yield at_node(column, f"'{column.name}' is a column, and there is no FROM", "FROM, or a value")
            return
        near = nearest(column.name, list(known))
        yield at_node(column, f"there is no column '{column.name}'", near or "a column of the view")

    # Groups --------------------------------------------------------------------------------------

    def _ungrouped(self, select: exp.Select, sources: dict, alone: bool) -> Iterator[Obstacle]:
        """Columns that are neither grouped nor in an aggregate, where rows are grouped."""
        group = select.args.get("group")
        grouped = _grouped(group) if group else []
        totals = any(
            total(each)
            for part in [*select.expressions, select.args.get("having"), select.args.get("order")]
            if part is not None
            for each in own(part, (exp.Anonymous, exp.AggFunc), select)
        )
        if (group is None and not totals and select.args.get("having") is None) or "" in sources:
            return
        if group is not None and group.args.get("all"):
            return
        aliases = {name.lower() for name in projected(select) if name}
        for part in [*select.expressions, select.args.get("having"), select.args.get("order")]:
            for column in _loose(part, grouped, select) if part is not None else ():
                named = isinstance(part, exp.Order) and not column.table and column.name.lower() in aliases
                ours = (
                    column.table.lower() in sources
                    if column.table
                    else alone or any(columns and column.name.lower() in columns for columns in sources.values())
                )
                if ours and not named and not _no_column(column) and not isinstance(column.this, exp.Star):
                    what = f"'{column.name}' is neither in GROUP BY nor in an aggregate"
                    yield at_node(column, what, f"MIN({column.name}), or {column.name} in GROUP BY")


def _grouped(group: exp.Group) -> list[exp.Expression]:
    """The expressions that GROUP BY names, also those in ROLLUP, CUBE and GROUPING SETS."""
    found = []
    parts = [*group.expressions]
    for which in ("rollup", "cube", "grouping_sets"):
        parts += group.args.get(which) or []
    while parts:
        each = parts.pop()
        if isinstance(each, (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple)):
            parts += each.expressions
        elif isinstance(each, exp.Paren):
            parts.append(each.this)
        elif isinstance(each, exp.Expression):
            found.append(each)
    return found


def _loose(node: exp.Expression, grouped: list[exp.Expression], select: exp.Select) -> Iterator[exp.Column]:
    """The columns below a node that no group and no aggregate covers."""
    if any(_same(node, each) for each in grouped) or isinstance(node, exp.Query):
        return
    if isinstance(node, exp.Column):
        yield node
        return
    if isinstance(node, (exp.Anonymous, exp.AggFunc)) and total(node):
        return
    if isinstance(node, (exp.WithinGroup, exp.Filter)) and total(_innermost(node)):
        return
    if isinstance(node, exp.EQ) and isinstance(node.parent, exp.Select):  # name = expression
        yield from _loose(node.expression, grouped, select)
        return
    for each in node.iter_expressions():
        yield from _loose(each, grouped, select)


def _innermost(node: exp.Expression) -> exp.Expression:
    while isinstance(node, (exp.WithinGroup, exp.Filter)):
        node = node.this
    return node


def _same(one: exp.Expression, other: exp.Expression) -> bool:
    """Whether two expressions are the same, up to case, brackets and a qualifier that only one of them has."""
    if type(one.unnest()) is not type(other.unnest()):
        return False
    full, other_full = _plain(one, True), _plain(other, True)
    if full == other_full:
        return True
    part = any(not each.table for node in (one, other) for each in node.find_all(exp.Column))
    return part and _plain(one, False) == _plain(other, False)


def _plain(node: exp.Expression, qualified: bool) -> str:
    node = node.copy().unnest()
    for each in node.find_all(exp.Column):
        each.set("db", None)
        each.set("catalog", None)
        if not qualified:
            each.set("table", None)
    for each in node.find_all(exp.Identifier):
        each.set("quoted", False)
    return node.sql(comments=False).lower()


def _clause(column: exp.Column, select: exp.Select) -> str:
    """The part of a SELECT in which a column stands."""
    node: exp.Expression = column
    while node.parent is not None and node.parent is not select:
        node = node.parent
    return node.arg_key or ""


def _of_source(name: str, select: exp.Select) -> bool:
    """Whether the list of columns itself reads a column of this name from a table."""
    return any(
        each.name.lower() == name and not (isinstance(each.parent, exp.EQ) and each.parent.parent is select)
        for part in select.expressions
        for each in part.find_all(exp.Column)
    )


def _no_column(column: exp.Column) -> bool:
    """What only looks like a column: a part of a date, the name in ``name = value``, a word that is a value."""
    around = column.parent
    if called(around) in DATE_PARTS and around.expressions and around.expressions[0] is column:
        return True
    named = isinstance(around, exp.EQ) and isinstance(around.parent, exp.Select) and around.this is column
    quoted = column.this.args.get("quoted")
    word = (
        not column.table
        and not quoted
        and column.name.upper() in NILADIC | {"TRUE", "FALSE", "CURRENT_DATE", "DEFAULT"}
    )
    return (named and around.arg_key == "expressions") or word or column.name.startswith("$")


def _temporary(table: exp.Table) -> bool:
    return bool(table.this.args.get("temporary") or table.this.args.get("global_"))
