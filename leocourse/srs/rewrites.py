"""What is changed in a DuckDB tree before it is written as T-SQL, in the order of ``REWRITES``."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp, transforms

from leocourse.core.errors import LeoError
from leocourse.srs.dialect import line_of, place


def _on(
    kind: type, change: Callable[[exp.Expression], exp.Expression | None]
) -> tuple[type, Callable[[exp.Expression], exp.Expression]]:
    """A kind of node, and a rewrite of every node of that kind, from the inside out."""

    def rewrite(tree: exp.Expression) -> exp.Expression:
        for node in reversed(list(tree.find_all(kind))):
            new = change(node)
            if new is not None and new is not node:
                if node is tree:
                    tree = new
                else:
                    node.replace(new)
        return tree

    return kind, rewrite


def _refuse(message: str) -> Callable[[exp.Expression], None]:
    def change(node: exp.Expression) -> None:
        raise LeoError(f"{place(line_of(node))}{message}")

    return change


def _when(*cases: tuple[exp.Expression, exp.Expression], default: exp.Expression | None = None) -> exp.Case:
    return exp.Case(ifs=[exp.If(this=test, true=result) for test, result in cases], default=default)


def _number(value: int) -> exp.Literal:
    return exp.Literal.number(value)


def _filter(node: exp.Filter) -> exp.Expression:
    call, test = node.this, node.expression.this
    inner = call.this
    if isinstance(call, exp.Count) and isinstance(inner, exp.Star):
        call.set("this", _when((test, _number(1))))
        return call
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [_when((test, each.copy())) for each in inner.expressions])
        return call
    if not isinstance(call, exp.AggFunc) or inner is None:
        raise LeoError(f"{place(line_of(node))}FILTER on {call.sql('duckdb')}: write CASE WHEN inside the aggregate.")
    call.set("this", _when((test, inner.copy())))
    return call


def _distinct_from(node: exp.Binary) -> exp.Expression:
    a, b = node.this, node.expression
    same = exp.or_(
        exp.EQ(this=a.copy(), expression=b.copy()),
        exp.and_(exp.Is(this=a.copy(), expression=exp.Null()), exp.Is(this=b.copy(), expression=exp.Null())),
    )
    wanted = 1 if isinstance(node, exp.NullSafeEQ) else 0
    return exp.EQ(this=_when((same, _number(1)), default=_number(0)), expression=_number(wanted))


def _extreme(node: exp.Greatest | exp.Least) -> exp.Expression:
    """GREATEST and LEAST, which leave out missing values, as CASE: SQL Server allows no subquery in an aggregate."""
    made, *others = [node.this, *node.expressions]
    compare = exp.GTE if isinstance(node, exp.Greatest) else exp.LTE
    for each in others:
        test = exp.or_(
            compare(this=made.copy(), expression=each.copy()), exp.Is(this=each.copy(), expression=exp.Null())
        )
        made = _when((test, made.copy()), default=each.copy())
    return made


def _group(node: exp.Group) -> None:
    """GROUP BY ALL, ordinals and names given in the same SELECT, which SQL Server does not know."""
    select = node.parent
    if not isinstance(select, exp.Select):
        return
    plain = [each.unalias() for each in select.expressions]
    if node.args.get("all"):
        node.set("all", None)
        node.set("expressions", [each.copy() for each in plain if not each.find(exp.AggFunc)])
        return
    aliases = {each.alias.lower(): each.this for each in select.expressions if isinstance(each, exp.Alias)}
    made = []
    for each in node.expressions:
        if isinstance(each, exp.Literal) and not each.is_string:
            made.append(plain[int(each.name) - 1].copy())
        elif isinstance(each, exp.Column) and not each.table and each.name.lower() in aliases:
            target = aliases[each.name.lower()]
            made.append(each if target.find(exp.AggFunc) else target.copy())
        else:
            made.append(each)
    constants = [each for each in made if isinstance(each, exp.Literal)]
    node.set("expressions", [each for each in made if each not in constants])


def _using(join: exp.Join) -> None:
    columns = join.args.get("using")
    if not columns:
        if (join.method or "").upper() in ("NATURAL", "ASOF", "POSITIONAL"):
            raise LeoError(f"{place(line_of(join))}{join.method.upper()} JOIN: write JOIN ... ON with the columns.")
        return
    select = join.parent
    joins = select.args.get("joins") or []
    left = select.args["from_"].this.alias_or_name
    right = join.this.alias_or_name
    full = (join.side or "").upper() == "FULL"
    tests = []
    for each in columns:
        first = exp.column(each.name, table=left)
        tests.append(exp.EQ(this=first, expression=exp.column(each.name, table=right)))
        merged = exp.Coalesce(this=first.copy(), expressions=[exp.column(each.name, table=right)]) if full else first
        for column in list(select.find_all(exp.Column)):
            if (
                column.name.lower() == each.name.lower()
                and not column.table
                and column.find_ancestor(exp.Select) is select
            ):
                new = merged.copy()
                column.replace(exp.alias_(new, column.name) if column.parent is select and full else new)
    join.set("using", None)
    join.set("on", exp.and_(*tests))
    select.set("joins", joins)


def _lateral(join: exp.Join) -> exp.Expression | None:
    if not isinstance(join.this, exp.Lateral):
        return None
    inner = join.this.copy()
    inner.set("cross_apply", (join.side or "").upper() != "LEFT")
    return exp.Join(this=inner)


def _unordered(node: exp.Order) -> None:
    """ORDER BY in a subquery orders nothing, and SQL Server refuses it there without TOP."""
    query = node.parent
    if (
        isinstance(query, exp.Query)
        and query.parent is not None
        and not query.args.get("limit")
        and not query.args.get("offset")
    ):
        node.pop()


def _division(node: exp.Div) -> exp.Expression:
    """DuckDB divides whole numbers into a fraction, SQL Server cuts it off; nought under the line becomes NULL."""
    under = node.expression
    if not (isinstance(under, exp.Literal) and float(under.name or 0)):
        under = exp.Nullif(this=under.unnest().copy(), expression=_number(0))
    above = exp.cast(node.this.copy(), "DOUBLE", dialect="duckdb")
    return exp.Div(this=above, expression=under.copy(), typed=True, safe=False)


def _whole_division(node: exp.IntDiv) -> exp.Expression:
    under = node.expression
    if not (isinstance(under, exp.Literal) and float(under.name or 0)):
        under = exp.Nullif(this=under.copy(), expression=_number(0))
    return exp.Div(this=node.this.copy(), expression=under.copy(), typed=True)


def _text_join(node: exp.DPipe) -> exp.Expression:
    def text(each: exp.Expression) -> exp.Expression:
        plain = each.unnest()
        known = plain.is_string or isinstance(plain, (exp.Add, exp.DPipe))
        return each.copy() if known else exp.cast(each.copy(), "VARCHAR(8000)")

    return exp.Add(this=text(node.this), expression=text(node.expression))


def _average(node: exp.Avg) -> None:
    inner = node.this
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [exp.cast(each.copy(), "DOUBLE", dialect="duckdb") for each in inner.expressions])
    else:
        node.set("this", exp.cast(inner.copy(), "DOUBLE", dialect="duckdb"))


def _data_type(node: exp.DataType) -> None:
    if node.this in (exp.DType.VARCHAR, exp.DType.TEXT) and not node.expressions:
        node.replace(exp.DataType.build("VARCHAR(MAX)", dialect="tsql"))
    elif node.this == exp.DType.INT128:
        node.replace(exp.DataType.build("DECIMAL(38, 0)"))


def _values_cte(node: exp.CTE) -> None:
    if isinstance(node.this, exp.Values):
        rows = node.this
        width = len(rows.expressions[0].expressions)
        columns = node.args["alias"].columns or [exp.to_identifier(f"col{i}") for i in range(width)]
        rows.set("alias", exp.TableAlias(this=exp.to_identifier("listed"), columns=[each.copy() for each in columns]))
        node.set("this", exp.select("*").from_(rows))


def _predicate(node: exp.Predicate) -> exp.Expression | None:
    """A condition that is used as a value becomes 1, 0 or NULL."""
    parent, key = node.parent, node.arg_key
    holder = parent
    while isinstance(holder, exp.Paren):
        key, holder = holder.arg_key, holder.parent
    is_test = isinstance(holder, (exp.Where, exp.Having, exp.Qualify, exp.Connector, exp.Not)) or (
        (isinstance(holder, exp.If) and key == "this") or (isinstance(holder, exp.Join) and key == "on")
    )
    if is_test or holder is None or isinstance(node, exp.SubqueryPredicate):
        return None
    return _when((node.copy(), _number(1)), (exp.not_(node.copy()), _number(0)))


def _truth(node: exp.Column) -> exp.Expression | None:
    """A column that stands where a condition must."""
    parent = node.parent
    is_test = isinstance(parent, (exp.Where, exp.Having, exp.Not, exp.Connector)) or (
        isinstance(parent, exp.If)
        and node.arg_key == "this"
        and not (isinstance(parent.parent, exp.Case) and parent.parent.this)
    )
    return exp.EQ(this=node.copy(), expression=_number(1)) if is_test else None


def _quantiles(select: exp.Select) -> None:
    """median and quantile_cont of a group: SQL Server has them with OVER only, so they go one SELECT down."""
    found = [
        each
        for each in select.find_all(exp.Median, exp.Quantile, exp.PercentileCont)
        if each.find_ancestor(exp.Select) is select and not isinstance(each.parent, (exp.Window, exp.WithinGroup))
    ]
    if not found:
        return
    group = select.args.get("group")
    keys = [each.copy() for each in group.expressions] if group else []
    names = _columns_outside(select)
    inner = _rows_of(select)
    for column, name in names.values():
        inner.append("expressions", exp.alias_(column.copy(), name))
    for number, each in enumerate(found, 1):
        inner.append("expressions", exp.alias_(_over_groups(each, keys), f"quantile_{number}"))
        each.replace(exp.Max(this=exp.column(f"quantile_{number}", table="grouped")))
    _read_from_grouped(select, names)
    select.set("joins", None)
    select.set("where", None)
    grouped = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("grouped")))
    select.set("from_", exp.From(this=grouped))


def _columns_outside(select: exp.Select) -> dict[str, tuple[exp.Column, str]]:
    """The columns that a SELECT reads after its rows are found, by their SQL, each with a short name."""
    parts = [
        *select.expressions,
        *(select.args[part] for part in ("group", "having", "order") if select.args.get(part)),
    ]
    names: dict[str, tuple[exp.Column, str]] = {}
    for column in (column for part in parts for column in part.find_all(exp.Column)):
        names.setdefault(column.sql("duckdb").lower(), (column, f"c{len(names) + 1}"))
    return names


def _rows_of(select: exp.Select) -> exp.Select:
    """A SELECT over the same rows, of nothing yet."""
    inner = exp.Select()
    for part in ("from_", "where"):
        if select.args.get(part):
            inner.set(part, select.args[part].copy())
    if select.args.get("joins"):
        inner.set("joins", [each.copy() for each in select.args["joins"]])
    return inner


def _over_groups(quantile: exp.Expression, keys: list[exp.Expression]) -> exp.Window:
    """A quantile of a group as SQL Server writes it: the same in every row of the group."""
    share = quantile.args.get("quantile") or quantile.args.get("expression") or exp.Literal.number("0.5")
    value = exp.cast(quantile.this.copy(), "DOUBLE", dialect="duckdb")
    return exp.Window(
        this=exp.WithinGroup(
            this=exp.Anonymous(this="PERCENTILE_CONT", expressions=[share.copy()]),
            expression=exp.Order(expressions=[exp.Ordered(this=value, nulls_first=True)]),
        ),
        partition_by=[key.copy() for key in keys],
        over="OVER",
    )


def _read_from_grouped(select: exp.Select, names: dict[str, tuple[exp.Column, str]]) -> None:
    """Let a SELECT read its columns from the one below it, which is called ``grouped``."""
    for column in list(select.find_all(exp.Column)):
        key = column.sql("duckdb").lower()
        if (
            key in names
            and column.find_ancestor(exp.Select) is select
            and not column.find_ancestor(exp.From, exp.Join, exp.Where)
        ):
            new = exp.column(names[key][1], table="grouped")
            column.replace(exp.alias_(new, column.name) if column.parent is select else new)


def _renamed(node: exp.Expression) -> exp.Expression | None:
    """Functions that SQL Server calls otherwise, and that sqlglot leaves as they are."""
    make = CALLS.get(type(node))
    return make(node) if make else None


def call(name: str, *arguments: exp.Expression | None) -> exp.Anonymous:
    """A function of SQL Server, called by name."""
    return exp.Anonymous(this=name, expressions=[each.copy() for each in arguments if each is not None])


def _trunc_date(node: exp.Expression) -> exp.Expression:
    unit, day = node.args["unit"].name.lower(), node.this
    year, month = call("YEAR", day), call("MONTH", day)
    one = _number(1)
    if unit == "year":
        return call("DATEFROMPARTS", year, one, one)
    if unit == "month":
        return call("DATEFROMPARTS", year, month, one)
    if unit == "day":
        return exp.cast(day.copy(), "DATE")
    raise LeoError(
        f"{place(line_of(node))}date_trunc('{unit}', ...): SQL Server 2019 has no DATETRUNC; use DATEADD and DATEDIFF."
    )


def _shift(node: exp.Add | exp.Sub) -> exp.Expression | None:
    """A date plus or minus an interval."""
    gap = node.expression
    if not isinstance(gap, exp.Interval):
        return None
    unit = (gap.args.get("unit").name if gap.args.get("unit") else "day").lower().rstrip("s")
    amount = gap.this.copy()
    if isinstance(amount, exp.Literal) and amount.is_string:
        amount = exp.Literal.number(amount.name)
    if isinstance(node, exp.Sub):
        amount = exp.Neg(this=amount)
    moved = call("DATEADD", exp.var(unit), amount, node.this)
    return moved


def _count_if(node: exp.CountIf) -> exp.Expression:
    return exp.Sum(this=_when((node.this.copy(), _number(1)), default=_number(0)))


def _logical(node: exp.LogicalOr | exp.LogicalAnd) -> exp.Expression:
    call = exp.Max if isinstance(node, exp.LogicalOr) else exp.Min
    return call(this=_when((node.this.copy(), _number(1)), (exp.not_(node.this.copy()), _number(0))))


def _ordinals(node: exp.Order) -> None:
    """ORDER BY 2 becomes ORDER BY the second column: SQL Server needs a name to put missing values last."""
    query = node.parent
    if not isinstance(query, exp.Query):
        return
    columns = query.selects
    for each in node.expressions:
        if isinstance(each.this, exp.Literal) and not each.this.is_string and int(each.this.name) <= len(columns):
            chosen = columns[int(each.this.name) - 1]
            plain = isinstance(query, exp.Select) and not isinstance(chosen, exp.Alias)
            if not isinstance(chosen, exp.Star):
                each.set("this", chosen.copy() if plain else exp.column(chosen.alias_or_name))


def _nulls(node: exp.Order) -> None:
    """DuckDB puts missing values last, SQL Server first: a second key says so, but not in DISTINCT and UNION.

    There ORDER BY may name only what is selected, so missing values stay first.
    """
    query = node.parent
    free = isinstance(query, exp.Window) or (isinstance(query, exp.Select) and not query.args.get("distinct"))
    aliases = {}
    if isinstance(query, exp.Select):
        aliases = {each.alias.lower(): each.this for each in query.expressions if isinstance(each, exp.Alias)}
    made = []
    for each in node.expressions:
        desc = bool(each.args.get("desc"))
        other = bool(each.args.get("nulls_first")) == desc
        constant = isinstance(each.this, (exp.Literal, exp.Subquery))
        if free and other and not constant:
            plain = isinstance(each.this, exp.Column) and not each.this.table
            value = aliases.get(each.this.name.lower(), each.this) if plain else each.this
            first, last = (0, 1) if desc else (1, 0)
            test = exp.Is(this=value.copy(), expression=exp.Null())
            made.append(exp.Ordered(this=_when((test, _number(first)), default=_number(last)), nulls_first=True))
        each.set("nulls_first", not desc)
        made.append(each)
    node.set("expressions", made)


def _outside_order(select: exp.Select, inner: Callable[[exp.Expression], exp.Expression], keep: bool) -> exp.Expression:
    """Wrap a SELECT that becomes a subquery, and put its ORDER BY and LIMIT round the whole."""
    modifiers = {part: select.args[part].copy() for part in ("order", "limit", "offset") if select.args.get(part)}
    with_ = select.args.get("with_")
    for part in ("limit", "offset", "with_", *(() if keep else ("order",))):
        select.set(part, None)
    names = {each.unalias().sql("duckdb").lower(): each.alias_or_name for each in select.selects}
    names |= {each.alias_or_name.lower(): each.alias_or_name for each in select.selects}
    made = inner(select)
    made.set("order", None)
    for part, value in modifiers.items():
        if part == "order":
            kept = [each for each in value.expressions if each.this.sql("duckdb").lower() in names]
            if len(kept) < len(value.expressions) and not keep:
                raise LeoError(f"{place(line_of(value))}ORDER BY after QUALIFY: put the column into the SELECT.")
            for each in kept:
                each.set("this", exp.column(names[each.this.sql("duckdb").lower()]))
            value.set("expressions", kept)
        made.set(part, value)
    if with_:
        made.set("with_", with_)
    return made


def _qualify(select: exp.Select) -> exp.Expression | None:
    if select.args.get("qualify"):
        return _outside_order(select, transforms.eliminate_qualify, keep=False)
    distinct = select.args.get("distinct")
    if distinct and distinct.args.get("on"):
        return _outside_order(select, transforms.eliminate_distinct_on, keep=True)
    return None


def _star(node: exp.Star) -> None:
    if any(node.args.get(each) for each in ("except_", "replace", "rename")):
        raise LeoError("SELECT * EXCLUDE or REPLACE: SQL Server has only *, so name the columns.")


def _part(node: exp.Extract) -> exp.Expression:
    word = node.name.lower()
    known = {"dow": "weekday", "dayofweek": "weekday", "doy": "dayofyear", "week": "iso_week", "weekofyear": "iso_week"}
    made = call("DATEPART", exp.var(known.get(word, word)), node.expression)
    return exp.Paren(this=exp.Sub(this=made, expression=_number(1))) if known.get(word) == "weekday" else made


CALLS: dict[type, Callable[[exp.Expression], exp.Expression]] = {
    exp.CountIf: _count_if,
    exp.LogicalOr: _logical,
    exp.LogicalAnd: _logical,
    exp.AnyValue: lambda n: exp.Min(this=n.this.copy()),
    exp.TimestampTrunc: _trunc_date,
    exp.DateTrunc: _trunc_date,
    exp.DateFromParts: lambda n: call("DATEFROMPARTS", n.args.get("year"), n.args.get("month"), n.args.get("day")),
    exp.LastDay: lambda n: call("EOMONTH", n.this),
    exp.Year: lambda n: call("YEAR", n.this),
    exp.Month: lambda n: call("MONTH", n.this),
    exp.Day: lambda n: call("DAY", n.this),
    exp.Length: lambda n: call("LEN", n.this),
    exp.Left: lambda n: call("LEFT", n.this, n.expression),
    exp.Right: lambda n: call("RIGHT", n.this, n.expression),
    exp.Ceil: lambda n: call("CEILING", n.this),
    exp.Ln: lambda n: call("LOG", n.this),
    exp.Trunc: lambda n: call("ROUND", n.this, n.args.get("decimals") or _number(0), _number(1)),
    exp.StddevSamp: lambda n: call("STDEV", n.this),
    exp.Stddev: lambda n: call("STDEV", n.this),
    exp.StddevPop: lambda n: call("STDEVP", n.this),
    exp.Variance: lambda n: call("VAR", n.this),
    exp.VariancePop: lambda n: call("VARP", n.this),
    exp.StartsWith: lambda n: exp.EQ(
        this=call("LEFT", n.this, call("LEN", n.expression)), expression=n.expression.copy()
    ),
    exp.Contains: lambda n: exp.GT(this=call("CHARINDEX", n.expression, n.this), expression=_number(0)),
    exp.CurrentDate: lambda n: exp.cast(call("GETDATE"), "DATE"),
    exp.DateDiff: lambda n: call(
        "DATEDIFF", exp.var((n.args.get("unit") or exp.var("day")).name.lower()), n.expression, n.this
    ),
    exp.Substring: lambda n: call("SUBSTRING", n.this, n.args.get("start"), n.args.get("length") or _number(8000)),
    exp.Extract: _part,
    exp.ILike: lambda n: exp.Like(this=n.this.copy(), expression=n.expression.copy()),
    exp.IgnoreNulls: lambda n: n.this.copy(),
    exp.Pow: lambda n: call("POWER", exp.cast(n.this.copy(), "DOUBLE", dialect="duckdb"), n.expression),
}

REWRITES: list[tuple[type, Callable[[exp.Expression], exp.Expression]]] = [
    _on(exp.Star, _star),
    _on(exp.Order, _ordinals),
    _on(exp.Select, _qualify),
    _on(exp.Order, _nulls),
    _on(exp.IgnoreNulls, _renamed),
    _on(exp.ILike, _renamed),
    _on(exp.Join, _using),
    _on(exp.Join, _lateral),
    _on(exp.Group, _group),
    _on(exp.Select, _quantiles),
    _on(exp.Filter, _filter),
    _on(exp.Order, _unordered),
    _on(exp.CTE, _values_cte),
    _on(exp.NullSafeEQ, _distinct_from),
    _on(exp.NullSafeNEQ, _distinct_from),
    _on(exp.Greatest, _extreme),
    _on(exp.Least, _extreme),
    _on(exp.Avg, _average),
    _on(exp.Div, _division),
    _on(exp.IntDiv, _whole_division),
    _on(exp.DPipe, _text_join),
    _on(exp.Add, _shift),
    _on(exp.Sub, _shift),
    _on(exp.Func, _renamed),
    _on(exp.Column, _truth),
    _on(exp.Predicate, _predicate),
    _on(exp.DataType, _data_type),
    _on(exp.RegexpLike, _refuse("SQL Server 2019 has no regular expressions: use LIKE with [...] sets.")),
    _on(exp.Explode, _refuse("SQL Server has no lists: write the values as (VALUES (1), (2)) AS t(n).")),
    _on(exp.Unnest, _refuse("SQL Server has no lists: write the values as (VALUES (1), (2)) AS t(n).")),
]
