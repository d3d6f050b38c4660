"""What the tree of a query shows to be no T-SQL: conditions and values, groups and totals, order, derived tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from leocourse.srs.obstacle import Obstacle, at_node
from leocourse.srs.server import DUCKDB_TOTALS, INSTEAD, ORDERED, PREDICATES, SERVER, TOTALS

CONDITIONS = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like, exp.ILike, exp.Is, exp.Not,
    exp.Connector, exp.Exists, exp.NullSafeEQ, exp.NullSafeNEQ, exp.SimilarTo, exp.RegexpLike, exp.RegexpFullMatch,
)  # fmt: skip
VALUES = (
    exp.Column,
    exp.Literal,
    exp.Anonymous,
    exp.Case,
    exp.Cast,
    exp.Parameter,
    exp.Binary,
    exp.Neg,
    exp.Null,
    exp.Window,
)
XML_METHODS = {"VALUE", "QUERY", "NODES", "EXIST", "MODIFY"}
INSIDE = (exp.Subquery, exp.CTE, exp.In, exp.Exists, exp.Any, exp.All)
# What only a node shows: its kind, what it is, what to write, and whether SQL Server refuses it.
SHAPES: list[tuple[type, str, str, bool]] = [
    (exp.Pow, "^ is the bitwise XOR there, and ** is unknown", "POWER(x, y)", True),
    (exp.BitwiseXor, "^ is the bitwise XOR there", "POWER(x, y) for a power", False),
    (exp.RegexpLike, "a regular expression is not T-SQL", "LIKE with [...] sets", True),
    (exp.RegexpFullMatch, "a regular expression is not T-SQL", "LIKE with [...] sets", True),
    (exp.Bracket, "a list, or a part of text in brackets, is not T-SQL", "SUBSTRING(x, start, length), or rows", True),
]


def called(node: exp.Expression | None) -> str:
    """The name of a function in capitals; empty if a node is no call."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper()
    return node.sql_name().upper() if isinstance(node, exp.Func) and not isinstance(node, (exp.Cast, exp.Case)) else ""


def total(node: exp.Expression) -> bool:
    """Whether a node is an aggregate over the rows of a group: not one with OVER."""
    aggregate = isinstance(node, exp.AggFunc) or called(node) in TOTALS | DUCKDB_TOTALS
    around = node.parent
    while isinstance(around, (exp.WithinGroup, exp.Filter, exp.IgnoreNulls)):
        node, around = around, around.parent
    return aggregate and not (isinstance(around, exp.Window) and around.this is node)


def own(node: exp.Expression, kind: type | tuple[type, ...], select: exp.Expression) -> Iterator[exp.Expression]:
    """The nodes of a kind below ``node`` that belong to ``select`` itself and to no query inside it."""
    return (each for each in node.find_all(kind) if each.find_ancestor(exp.Select) is select)


def shapes(tree: exp.Expression, top: bool) -> Iterator[Obstacle]:
    """Every finding of a tree. ``top`` says whether TOP is in its text, which looks as LIMIT does in the tree."""
    for kind, what, instead, fails in SHAPES:
        yield from (at_node(each, what, instead, fails) for each in tree.find_all(kind))
    yield from _conditions(tree)
    yield from _calls(tree)
    yield from _derived(tree)
    for select in tree.find_all(exp.Select):
        yield from _places(select)
        yield from _positions(select)
        yield from _distinct(select)
        yield from _twice(select)
        yield from _ties(select)
        if top and isinstance(select.args.get("limit"), exp.Limit) and select.args.get("offset"):
            yield at_node(select.args["offset"], "TOP and OFFSET in one query are refused", "FETCH NEXT n ROWS ONLY")
    for query in tree.find_all(exp.Query):
        yield from _order(query)
        yield from _width(query)
        yield from _order_of(query)
    for each in tree.find_all(exp.Insert):
        yield from _inserted(each)
    for each in tree.find_all(exp.Window):
        yield from _window(each)
    for each in tree.find_all(exp.Div):
        if not any(
            (part.find(exp.Cast, exp.Literal) and "." in part.sql()) or part.find(exp.Cast)
            for part in (each.this, each.expression)
        ):
            yield at_node(each, "whole numbers divide to a whole number there", "CAST(a AS float) / b", fails=False)


# Conditions and values -----------------------------------------------------------------------------


def _outside(node: exp.Expression) -> exp.Expression:
    """A node with the round brackets and ESCAPE about it."""
    while isinstance(node.parent, (exp.Paren, exp.Escape)) and node.arg_key == "this":
        node = node.parent
    return node


def condition_place(node: exp.Expression) -> bool:
    """Whether a node stands where T-SQL wants a condition."""
    node = _outside(node)
    around, key = node.parent, node.arg_key
    if isinstance(around, (exp.Where, exp.Having, exp.Not, exp.Connector, exp.Qualify)):
        return True
    if isinstance(around, (exp.Join, exp.Merge)):
        return key == "on"
    if isinstance(around, exp.When):
        return key == "condition"
    if isinstance(around, exp.If):
        return key == "this" and not (isinstance(around.parent, exp.Case) and around.parent.this)
    return isinstance(around, exp.Anonymous) and called(around) in ("IIF", "IF") and node is around.expressions[0]


def _named_value(node: exp.Expression) -> bool:
    """``name = value`` in a list of columns, which names it, and in SET, which sets it."""
    if not isinstance(node, exp.EQ):
        return False
    if isinstance(node.parent, (exp.Update, exp.Set, exp.SetItem, exp.Declare, exp.DeclareItem)):
        return True
    target = node.this
    plain = (isinstance(target, exp.Column) and not target.table) or isinstance(target, exp.Parameter)
    text = isinstance(target, exp.Literal) and target.is_string
    return isinstance(node.parent, exp.Select) and node.arg_key == "expressions" and (plain or text)


def _conditions(tree: exp.Expression) -> Iterator[Obstacle]:
    """Conditions where a value has to stand, and values where a condition has to."""
    for node in tree.find_all(*CONDITIONS):
        where = _outside(node).parent
        inside = node.find_ancestor(exp.Query, exp.Update, exp.Delete, exp.Merge)
        if inside is None or condition_place(node) or _named_value(node) or isinstance(where, (exp.Pivot, exp.Table)):
            continue
        if isinstance(node, exp.Is) and isinstance(where, exp.Is):
            continue
        yield at_node(node, "a condition is not a value", "CASE WHEN ... THEN 1 ELSE 0 END")
    for node in tree.find_all(*VALUES):
        if isinstance(node, (*CONDITIONS, exp.Escape)) or not condition_place(node) or called(node) in PREDICATES:
            continue
        if isinstance(node, exp.Column) and not node.table and node.name.lower() in ("true", "false"):
            continue
        said = f"'{node.name}'" if isinstance(node, exp.Column) else "a value"
        write = f"{node.name} = 1" if isinstance(node, exp.Column) else "x = 1"
        yield at_node(node, f"{said} alone is not a condition", write)
    for each in tree.find_all(exp.In):
        if isinstance(each.this, exp.Tuple):
            yield at_node(each, "IN with several columns is not T-SQL", "EXISTS with one comparison a column")


# Calls ---------------------------------------------------------------------------------------------


def _calls(tree: exp.Expression) -> Iterator[Obstacle]:
    """Functions with other arguments than SQL Server takes."""
    for node in tree.find_all(exp.Anonymous, exp.Func):
        name, given = called(node), node.expressions
        single = isinstance(node, exp.Round) and not node.args.get("decimals")
        if single or (isinstance(node, exp.Anonymous) and name == "ROUND" and len(given) == 1):
            yield at_node(node, "ROUND with one argument is not T-SQL", "ROUND(x, 0)")
        short = isinstance(node, exp.Substring) and not node.args.get("length")
        if short or (isinstance(node, exp.Anonymous) and name == "SUBSTRING" and len(given) == 2):
            yield at_node(node, "SUBSTRING without a length is not T-SQL", "SUBSTRING(x, start, 8000)")
        if isinstance(node, exp.Anonymous) and name == "STRING_AGG" and len(given) == 1:
            yield at_node(node, "STRING_AGG without a separator is refused", "STRING_AGG(x, ',')")
        if name == "LOG":
            yield at_node(node, "LOG is the natural logarithm there, and to base 10 here", "LOG10(x)", False)
        if name == "COUNT" and any(
            isinstance(each, exp.Distinct) and len(each.expressions) > 1
            for each in [*given, node.this]
            if isinstance(each, exp.Expression)
        ):
            yield at_node(
                node, "COUNT(DISTINCT ...) of several columns is refused", "COUNT(*) of a subquery with DISTINCT"
            )
        window = node.find_ancestor(exp.Window)
        over = isinstance(node.parent, (exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls))
        if name in ORDERED and not over:
            yield at_node(node, f"{name} without OVER is refused", f"{name}(...) OVER (ORDER BY x)")
        elif name in ORDERED and window is not None and not window.args.get("order") and not window.args.get("alias"):
            yield at_node(window, f"{name} needs an ORDER BY in its OVER", "OVER (ORDER BY x)")
        within = isinstance(node.parent, exp.WithinGroup) and isinstance(node.parent.parent, exp.Window)
        if name in ("PERCENTILE_CONT", "PERCENTILE_DISC") and isinstance(node, exp.Anonymous) and not within:
            write = f"{name}(p) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY ...)"
            yield at_node(node, f"{name} is no aggregate there", write)
        if (
            isinstance(node.parent, exp.Window)
            and node.parent.this is node
            and any(isinstance(each, exp.Distinct) for each in given)
        ):
            yield at_node(
                node, "DISTINCT in an aggregate with OVER is refused", "the aggregate in a subquery with GROUP BY"
            )
    for each in tree.find_all(exp.Dot):
        name = called(each.expression)
        whose = each.this.name.lower() if isinstance(each.this, exp.Identifier) else ""
        built_in = name in SERVER or name in INSTEAD
        if name and name not in XML_METHODS and (not whose or (built_in and whose not in ("dbo", "sys"))):
            yield at_node(each, "a function after a dot is not T-SQL", "UPPER(x)")


def _places(select: exp.Select) -> Iterator[Obstacle]:
    """Aggregates and windows where no rows are grouped yet, and aggregates of aggregates."""
    windows = (exp.Window,)
    for part in ("where", "group", "having"):
        clause = select.args.get(part)
        if clause is None:
            continue
        for each in own(clause, windows, select):
            yield at_node(
                each, f"a window function in {part.upper()} is refused", "it in a subquery, and WHERE outside"
            )
        for each in own(clause, (exp.Anonymous, exp.AggFunc), select) if part != "having" else ():
            if total(each):
                yield at_node(each, f"an aggregate in {part.upper()} is refused", "HAVING, or a subquery")
    for join in select.args.get("joins") or []:
        for each in own(join.args["on"], (exp.Anonymous, exp.AggFunc), select) if join.args.get("on") else ():
            if total(each):
                yield at_node(each, "an aggregate in ON is refused", "it in a subquery")
    for each in own(select, (exp.Anonymous, exp.AggFunc), select):
        if not total(each):
            continue
        inner = [below for below in each.walk() if below is not each]
        if any(
            isinstance(below, (exp.Anonymous, exp.AggFunc))
            and total(below)
            and below.find_ancestor(exp.Select) is select
            for below in inner
        ):
            yield at_node(each, "an aggregate of an aggregate is refused", "the inner one in a subquery")
        elif any(isinstance(below, exp.Query) for below in inner):
            yield at_node(each, "an aggregate of a subquery is refused", "the subquery joined, or in OUTER APPLY")


def _positions(select: exp.Select) -> Iterator[Obstacle]:
    """Columns by their place in GROUP BY, and constants in it."""
    group = select.args.get("group")
    for each in group.expressions if group else []:
        if isinstance(each, exp.Literal) and not each.is_string:
            yield at_node(each, "GROUP BY with a number", "the column by name")
        elif isinstance(each, exp.Literal):
            yield at_node(each, "GROUP BY with a constant is refused", "a column, or nothing")


# Queries inside queries ----------------------------------------------------------------------------


def _order(query: exp.Query) -> Iterator[Obstacle]:
    order, around = query.args.get("order"), query.parent
    kind = around.args.get("kind", "").upper() if isinstance(around, exp.Create) else ""
    inside = isinstance(around, INSIDE) or kind in ("VIEW", "FUNCTION")
    allowed = query.args.get("limit") or query.args.get("offset") or query.args.get("for_")
    if order is not None and inside and not allowed:
        yield at_node(order, "ORDER BY in a subquery without TOP is refused", "ORDER BY in the outermost SELECT only")
    if query.args.get("offset") and order is None and isinstance(query, exp.Select):
        yield at_node(query.args["offset"], "OFFSET without ORDER BY is refused", "ORDER BY x OFFSET n ROWS")


def _order_of(query: exp.Query) -> Iterator[Obstacle]:
    """What an ORDER BY of a whole query may not name: a place that there is not, or what a UNION does not give."""
    order, union = query.args.get("order"), isinstance(query, exp.SetOperation)
    if order is None:
        return
    if isinstance(query.parent, exp.SetOperation):
        yield at_node(order, "ORDER BY before a UNION is refused", "one ORDER BY, after the last SELECT")
        return
    first: exp.Expression = query
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    names = projected(first)
    for each in order.expressions:
        value = each.this
        if isinstance(value, exp.Literal) and value.is_string:
            yield at_node(value, "ORDER BY with a constant is refused", "a column")
        elif isinstance(value, exp.Literal) and None not in names and not 1 <= int(float(value.name)) <= len(names):
            yield at_node(value, f"ORDER BY {value.name}: there is no such column in the SELECT", "a column by name")
        elif union and None not in names and not isinstance(value, exp.Literal):
            known = isinstance(value, exp.Column) and value.name.lower() in {str(name).lower() for name in names}
            if not known:
                what = "ORDER BY of a UNION knows only the columns of its first SELECT"
                yield at_node(value, what, "one of these, by name")


def _window(window: exp.Window) -> Iterator[Obstacle]:
    """A frame without an order, and an order by place."""
    order = window.args.get("order")
    if window.args.get("spec") and order is None:
        yield at_node(window, "ROWS or RANGE without ORDER BY is refused", "OVER (... ORDER BY x ROWS ...)")
    for each in order.expressions if order else []:
        if isinstance(each.this, exp.Literal):
            yield at_node(each.this, "a constant in the ORDER BY of OVER is refused", "a column, or (SELECT NULL)")


def _inserted(insert: exp.Insert) -> Iterator[Obstacle]:
    """An INSERT with another number of columns than it names."""
    named, query = insert.this, insert.expression
    if not isinstance(named, exp.Schema) or not isinstance(query, exp.Query):
        return
    first: exp.Expression = query
    while isinstance(first, (exp.SetOperation, exp.Subquery)):
        first = first.this
    given = projected(first)
    if given and None not in given and len(given) != len(named.expressions):
        what = f"INSERT names {len(named.expressions)} columns, and its SELECT has {len(given)}"
        yield at_node(query, what, "as many columns")


def _twice(select: exp.Select) -> Iterator[Obstacle]:
    """One name for two tables of a FROM."""
    seen: set[str] = set()
    parts = [select.args.get("from_") or select.args.get("from"), *(select.args.get("joins") or [])]
    for part in parts:
        table = part.this if isinstance(part, (exp.From, exp.Join)) else None
        if not isinstance(table, (exp.Table, exp.Subquery)):
            continue
        name = (table.alias or (table.sql() if isinstance(table, exp.Table) else "")).lower()
        if name and name in seen:
            yield at_node(table, f"two tables of one FROM are called '{table.alias_or_name}'", "an alias for each")
        seen.add(name)


def _ties(select: exp.Select) -> Iterator[Obstacle]:
    """WITH TIES without an order."""
    options = (select.args.get("limit") or select).args.get("limit_options")
    if options is not None and options.args.get("with_ties") and select.args.get("order") is None:
        yield at_node(select, "TOP WITH TIES without ORDER BY is refused", "ORDER BY x")


def _width(query: exp.Query) -> Iterator[Obstacle]:
    """Queries with another number of columns than their place has room for."""
    if isinstance(query, exp.SetOperation):
        left, right = projected(query.this), projected(query.expression)
        if left and right and None not in (*left, *right) and len(left) != len(right):
            yield at_node(
                query.expression, "both sides of a UNION need as many columns", "as many columns on both sides"
            )
    elif isinstance(query, exp.Select) and len(query.expressions) > 1 and _is_value(query):
        yield at_node(query, "a subquery that is a value has one column", "one column")


def _is_value(query: exp.Expression) -> bool:
    """Whether a query in brackets stands where one value, or a list of them, has to."""
    around = query.parent
    if isinstance(around, exp.In):
        return True
    tables = (exp.From, exp.Join, exp.Lateral, exp.SetOperation, exp.Exists, exp.Subquery, exp.Merge)
    inside = isinstance(around, exp.Subquery) and not isinstance(around.parent, tables)
    return inside and around.find_ancestor(exp.Select) is not None


def _distinct(select: exp.Select) -> Iterator[Obstacle]:
    """Columns in ORDER BY that SELECT DISTINCT does not list."""
    order, names = select.args.get("order"), projected(select)
    if order is None or select.args.get("distinct") is None or None in names:
        return
    values = [part.unalias() for part in select.expressions]
    listed = {
        name.lower() for name in [*names, *(each.name for each in values if isinstance(each, exp.Column))] if name
    }
    for each in order.expressions:
        if isinstance(each.this, exp.Column) and each.this.name.lower() not in listed:
            what = f"ORDER BY '{each.this.name}', which SELECT DISTINCT does not list, is refused"
            yield at_node(each.this, what, "it in the SELECT too")


def _derived(tree: exp.Expression) -> Iterator[Obstacle]:
    """Subqueries in FROM without a name, and columns of theirs without one or with the same."""
    for each in tree.find_all(exp.Values):
        alias = each.args.get("alias")
        if isinstance(each.parent, (exp.From, exp.Join)) and not (alias and alias.name and alias.columns):
            yield at_node(each, "VALUES in FROM needs names", "(VALUES (1), (2)) AS t(n)")
    for each in tree.find_all(exp.Subquery, exp.CTE):
        table = isinstance(each, exp.Subquery) and isinstance(each.parent, (exp.From, exp.Join, exp.Lateral))
        if not isinstance(each.this, exp.Query) or not (table or isinstance(each, exp.CTE)):
            continue
        alias = each.args.get("alias") or (
            each.parent.args.get("alias") if isinstance(each.parent, exp.Lateral) else None
        )
        if not (alias and alias.name) and not each.args.get("pivots"):
            yield at_node(each, "a subquery in FROM needs a name", "(SELECT ...) AS t")
            continue
        names = [] if alias is None or alias.args.get("columns") else projected(each.this)
        listed = each.this
        while isinstance(listed, exp.SetOperation):
            listed = listed.this
        for place, name in enumerate(names):
            if name == "":
                yield at_node(listed.expressions[place], "a column of a subquery needs a name", "expression AS x")
            elif name is not None and name.lower() in [each_.lower() for each_ in names[:place] if each_]:
                yield at_node(
                    listed.expressions[place], f"two columns of a subquery are called '{name}'", "another name"
                )


def projected(query: exp.Expression) -> list[str | None]:
    """The names of the columns of a query as they stand: ``""`` for none, None for a star."""
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    return [_name(each) for each in query.expressions] if isinstance(query, exp.Select) else []


def _name(node: exp.Expression) -> str | None:
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        return None
    if isinstance(node, exp.EQ) and _named_value(node):
        return node.this.name
    if isinstance(node, exp.Alias):
        return node.alias
    inner = node.unnest() if isinstance(node, exp.Paren) else node
    inner = inner.this if isinstance(inner, exp.Collate) else inner
    return inner.name if isinstance(inner, (exp.Column, exp.Dot)) else ""
