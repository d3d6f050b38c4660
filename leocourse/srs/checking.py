"""What in somebody's own SQL will not run on SQL Server 2019, where, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokens import Token, TokenType

from leocourse.core.errors import LeoError
from leocourse.srs.aggregates import AGGREGATES, RANKINGS
from leocourse.srs.catalog import Catalog, Relation, nearest, schema_catalog
from leocourse.srs.dialect import parse, parse_all, tokens
from leocourse.srs.functions import FUNCTIONS
from leocourse.srs.script import statements
from leocourse.srs.writing import Typing

SPECIAL = [
    "IIF",
    "DATEADD",
    "DATEDIFF",
    "DATEDIFF_BIG",
    "DATEPART",
    "DATENAME",
    "CAST",
    "CONVERT",
    "TRY_CAST",
    "TRY_CONVERT",
    "OBJECT_ID",
    "SCHEMA_ID",
]
KNOWN = {*FUNCTIONS, *AGGREGATES, *RANKINGS, *SPECIAL, "STRING_SPLIT"}
CONDITIONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like, exp.ILike, exp.Is)

# Functions of DuckDB that learners use, and what SQL Server has in their place.
INSTEAD = {
    "GREATEST": "(SELECT MAX(v) FROM (VALUES (a), (b)) AS t(v))",
    "LEAST": "(SELECT MIN(v) FROM (VALUES (a), (b)) AS t(v))",
    "MEDIAN": "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY ...)",
    "QUANTILE": "PERCENTILE_CONT(p) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY ...)",
    "QUANTILE_CONT": "PERCENTILE_CONT(p) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY ...)",
    "QUANTILE_DISC": "PERCENTILE_DISC(p) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY ...)",
    "LENGTH": "LEN(x), which leaves out trailing blanks",
    "STRLEN": "LEN(x)",
    "SUBSTR": "SUBSTRING(x, start, length)",
    "STRPOS": "CHARINDEX(what, x)",
    "INSTR": "CHARINDEX(what, x)",
    "CONTAINS": "CHARINDEX(what, x) > 0",
    "STARTS_WITH": "x LIKE 'what%'",
    "ENDS_WITH": "x LIKE '%what'",
    "LPAD": "RIGHT(REPLICATE('0', n) + x, n)",
    "RPAD": "LEFT(x + REPLICATE(' ', n), n)",
    "REPEAT": "REPLICATE(x, n)",
    "SPLIT_PART": "SUBSTRING with CHARINDEX",
    "PRINTF": "FORMAT or CONCAT",
    "REGEXP_MATCHES": "LIKE with [...] sets: SQL Server has no regular expressions",
    "REGEXP_REPLACE": "REPLACE or TRANSLATE: SQL Server has no regular expressions",
    "REGEXP_EXTRACT": "SUBSTRING with PATINDEX: SQL Server has no regular expressions",
    "REGEXP_FULL_MATCH": "LIKE with [...] sets: SQL Server has no regular expressions",
    "DATE_DIFF": "DATEDIFF(day, first, last), the part without quotes",
    "DATE_SUB": "DATEDIFF, which counts boundaries and not whole parts",
    "DATE_ADD": "DATEADD(day, n, x)",
    "DATE_TRUNC": "DATEFROMPARTS(YEAR(x), MONTH(x), 1)",
    "DATE_PART": "DATEPART(part, x)",
    "EXTRACT": "DATEPART(part, x)",
    "MAKE_DATE": "DATEFROMPARTS(year, month, day)",
    "LAST_DAY": "EOMONTH(x)",
    "STRFTIME": "CONVERT(varchar(10), x, 23) or FORMAT(x, 'yyyy-MM')",
    "STRPTIME": "CONVERT(date, x, 103)",
    "MONTHNAME": "DATENAME(month, x)",
    "DAYNAME": "DATENAME(weekday, x)",
    "DAYOFWEEK": "DATEPART(weekday, x) - 1",
    "NOW": "GETDATE()",
    "TODAY": "CAST(GETDATE() AS date)",
    "IFNULL": "ISNULL(x, y)",
    "IF": "IIF(condition, a, b) or CASE",
    "CEIL": "CEILING(x)",
    "LN": "LOG(x)",
    "TRUNC": "ROUND(x, 0, 1)",
    "POW": "POWER(x, y)",
    "MOD": "x % y",
    "STDDEV": "STDEV(x)",
    "STDDEV_SAMP": "STDEV(x)",
    "STDDEV_POP": "STDEVP(x)",
    "VARIANCE": "VAR(x)",
    "VAR_SAMP": "VAR(x)",
    "VAR_POP": "VARP(x)",
    "BOOL_OR": "MAX(CASE WHEN ... THEN 1 ELSE 0 END)",
    "BOOL_AND": "MIN(CASE WHEN ... THEN 1 ELSE 0 END)",
    "COUNT_IF": "SUM(CASE WHEN ... THEN 1 ELSE 0 END)",
    "ANY_VALUE": "MIN(x)",
    "ARG_MAX": "ROW_NUMBER() OVER (... ORDER BY ... DESC) in a subquery, and keep row 1",
    "ARG_MIN": "ROW_NUMBER() OVER (... ORDER BY ...) in a subquery, and keep row 1",
    "FIRST": "MIN, or ROW_NUMBER() in a subquery",
    "LAST": "MAX, or ROW_NUMBER() in a subquery",
    "MODE": "COUNT(*) and ROW_NUMBER() in subqueries",
    "LIST": "STRING_AGG(x, ',')",
    "ARRAY_AGG": "STRING_AGG(x, ',')",
    "GROUP_CONCAT": "STRING_AGG(x, ',')",
    "UNNEST": "(VALUES (1), (2)) AS t(n)",
    "GENERATE_SERIES": "a recursive common table expression, or (VALUES ...) AS t(n)",
    "RANGE": "a recursive common table expression, or (VALUES ...) AS t(n)",
    "READ_CSV": "a view of your project: files cannot be read there",
    "READ_PARQUET": "a view of your project: files cannot be read there",
    "COLUMNS": "the columns by name",
    "STRUCT_PACK": "one column a field",
    "LIST_TRANSFORM": "rows: SQL Server has no lists",
    "LIST_VALUE": "(VALUES (1), (2)) AS t(n)",
    "ISODOW": "(DATEPART(weekday, x) + 5) % 7 + 1",
    "QUARTER": "DATEPART(quarter, x)",
    "WEEK": "DATEPART(iso_week, x)",
    "HOUR": "DATEPART(hour, x)",
    "AGE": "DATEDIFF(day, x, GETDATE())",
    "EPOCH": "DATEDIFF(second, '1970-01-01', x)",
    "HISTOGRAM": "COUNT(*) with GROUP BY",
    "MAX_BY": "ROW_NUMBER() OVER (... ORDER BY ... DESC) in a subquery, and keep row 1",
    "MIN_BY": "ROW_NUMBER() OVER (... ORDER BY ...) in a subquery, and keep row 1",
    "SUM_IF": "SUM(CASE WHEN ... THEN x ELSE 0 END)",
    "PRODUCT": "EXP(SUM(LOG(x)))",
    "NVL": "ISNULL(x, y)",
    "TO_CHAR": "FORMAT(x, 'yyyy-MM')",
    "TO_DAYS": "DATEADD(day, n, x)",
    "TYPEOF": "nothing: the type is in the data dictionary",
    "GEN_RANDOM_UUID": "NEWID()",
    "UUID": "NEWID()",
    "CORR": "the sums of products written out",
    "RANDOM": "RAND(), or CHECKSUM(NEWID()) for a value a row",
    "HASH": "CHECKSUM(x)",
}

# Words of DuckDB that SQL Server does not have: a pattern over the words, what it is, and what to write.
WORDS: list[tuple[str, str, str]] = [
    (r"LIMIT", "LIMIT", "SELECT TOP (n) ..., or ORDER BY ... OFFSET 0 ROWS FETCH NEXT n ROWS ONLY"),
    (r"QUALIFY", "QUALIFY", "the window function in a subquery, and WHERE outside"),
    (r"USING \(", "JOIN ... USING", "ON a.key = b.key"),
    (r"::", "x::type", "CAST(x AS type)"),
    (r"\|\|", "||", "+ (CAST numbers to varchar first) or CONCAT, which takes NULL as ''"),
    (r"FILTER \(", "FILTER", "CASE WHEN ... THEN x END inside the aggregate"),
    (r"ILIKE", "ILIKE", "LIKE, which ignores case there"),
    (r"SIMILAR TO", "SIMILAR TO", "LIKE with [...] sets"),
    (r"GLOB", "GLOB", "LIKE"),
    (r"DISTINCT ON", "DISTINCT ON", "ROW_NUMBER() in a subquery, and keep row 1"),
    (r"GROUP BY ALL", "GROUP BY ALL", "the columns by name"),
    (r"ORDER BY ALL", "ORDER BY ALL", "the columns by name"),
    (r"EXCLUDE \(?", "* EXCLUDE", "the columns by name"),
    (r"(?:TRUE|FALSE)", "TRUE and FALSE", "1 and 0"),
    (r"INTERVAL", "INTERVAL", "DATEADD(month, n, x)"),
    (r"//", "//", "/ between whole numbers"),
    (r"NULLS (?:FIRST|LAST)", "NULLS FIRST and NULLS LAST", "ORDER BY CASE WHEN x IS NULL THEN 1 ELSE 0 END, x"),
    (r"IS (?:NOT )?DISTINCT FROM", "IS DISTINCT FROM", "a = b OR (a IS NULL AND b IS NULL)"),
    (r"(?:NATURAL|ASOF|POSITIONAL|SEMI|ANTI) (?:LEFT )?JOIN", "this kind of JOIN", "JOIN ... ON, EXISTS or NOT EXISTS"),
    (r"LATERAL", "LATERAL", "CROSS APPLY or OUTER APPLY"),
    (r"WITH RECURSIVE", "WITH RECURSIVE", "WITH alone"),
    (r"(?:EXCEPT|INTERSECT) ALL", "EXCEPT ALL and INTERSECT ALL", "EXCEPT or INTERSECT on ROW_NUMBER()"),
    (r"(?:USING SAMPLE|TABLESAMPLE)", "a sample", "TOP (n) ... ORDER BY NEWID()"),
    (r"CREATE OR REPLACE (?:TEMP )?TABLE", "CREATE OR REPLACE", "DROP TABLE IF EXISTS #t and SELECT ... INTO #t"),
    (r"CREATE TEMP(?:ORARY)? TABLE", "CREATE TEMP TABLE", "SELECT ... INTO #t"),
    (r"CREATE TABLE \w+ AS", "CREATE TABLE AS", "SELECT ... INTO t"),
    (r"(?:DATE|TIMESTAMP) '", "a typed literal", "CAST('2010-08-31' AS date)"),
    (
        r"AS (?:DOUBLE|BOOLEAN|BOOL|HUGEINT|STRING|UTINYINT|UINTEGER|INT8|LOGICAL)\b",
        "this type",
        "float, bit, decimal(38, 0), varchar(n)",
    ),
    (r"(?:SUMMARIZE|DESCRIBE|PRAGMA|ATTACH|COPY|INSTALL|LOAD)", "a command of DuckDB", "a SELECT"),
    (r"== ", "==", "="),
    (r"(?:^|(?<=; )|(?<=\( ))FROM", "FROM before SELECT", "SELECT * FROM t"),
    (
        r"(?:^|(?<=; )|(?<=\( ))(?:UN)?PIVOT",
        "PIVOT as a statement",
        "SELECT ... FROM t PIVOT (SUM(x) FOR y IN ([a], [b])) AS p",
    ),
    (r"\* REPLACE", "* REPLACE", "the columns by name"),
    (r"(?:UNION|UNION ALL) BY NAME", "UNION BY NAME", "the columns of both sides in the same order"),
    (r", (?=FROM|WHERE|GROUP|ORDER|\))", "a comma after the last item", "the list without it"),
    (r"WINDOW \w+ AS", "WINDOW", "the window in each OVER (...)"),
    (r"(?<!LIMIT \d )OFFSET \S+ (?!ROWS?\b)", "OFFSET without ROWS", "ORDER BY ... OFFSET n ROWS"),
    (r"IN \[", "IN with a list", "IN ('a', 'b')"),
    (r"FROM 'x'", "a file in FROM", "a view of your project: files cannot be read there"),
    (r"CURRENT_DATE", "CURRENT_DATE", "CAST(GETDATE() AS date)"),
    (r"IGNORE NULLS", "IGNORE NULLS", "OUTER APPLY (SELECT TOP 1 ... WHERE x IS NOT NULL ORDER BY ...)"),
    (r"STRING_AGG \([^()]* ORDER BY", "ORDER BY inside STRING_AGG", "STRING_AGG(x, ',') WITHIN GROUP (ORDER BY x)"),
    (r"(?:DATEDIFF|DATEADD|DATEPART|DATENAME) \( 'x'", "a part of a date in quotes", "DATEDIFF(day, first, last)"),
    (r"(?:ISNULL|NOTNULL)(?! \()", "ISNULL after a value", "x IS NULL or x IS NOT NULL"),
    (
        r"CREATE (?:OR REPLACE )?(?:TEMP )?(?:MACRO|FUNCTION|SEQUENCE|TYPE)",
        "CREATE MACRO",
        "the expression where it is used",
    ),
    (r"(?:->|\{|\[ ?\d)", "a list, struct or lambda", "rows: SQL Server has none of them"),
]


# What only a node of the tree shows: its kind, what it is, what to write, and whether SQL Server refuses it.
SHAPES: list[tuple[type, str, str, bool]] = [
    (exp.Dot, "a function after a dot is not T-SQL", "UPPER(x)", True),
    (exp.Pow, "^ is the bitwise XOR there, and ** is unknown", "POWER(x, y)", True),
    (exp.RegexpLike, "a regular expression is not T-SQL", "LIKE with [...] sets", True),
    (exp.RegexpFullMatch, "a regular expression is not T-SQL", "LIKE with [...] sets", True),
    (exp.Bracket, "a list, or a part of text in brackets, is not T-SQL", "SUBSTRING(x, start, length), or rows", True),
    (exp.Log, "LOG is the natural logarithm there, and to base 10 here", "LOG10(x)", False),
]


@dataclass(frozen=True, order=True)
class Finding:
    """Something that will not run there (or, if not ``fails``, will mean something else)."""

    line: int
    column: int
    what: str
    instead: str
    fails: bool = True

    def __str__(self) -> str:
        kind = "" if self.fails else "note: "
        return f"{self.line}:{self.column}: {kind}{self.what}. Write {self.instead}."


def check(sql: str) -> list[Finding]:
    """What in ``sql``, written here for DuckDB or there in T-SQL, SQL Server 2019 will refuse, in order of place.

    Names of views and columns are those of the schema. Raises LeoError if the text is no SQL at all.
    """
    read = tokens(sql, DuckDB)
    try:
        trees = parse_all(sql, DuckDB)
    except LeoError as error:
        return _service_sql(sql, error)
    found = {*_words(sql, read), *_functions(read)}
    for tree in trees:
        known = {(each.line, each.column) for each in found}
        found |= {each for each in _shapes(tree) if (each.line, each.column) not in known}
        found |= {*_tree(tree), *_names(tree)}
    return sorted(found)


def _service_sql(sql: str, error: LeoError) -> list[Finding]:
    """Text that DuckDB cannot read may be T-SQL already: then each query is read as such."""
    found = []
    try:
        for each in statements(sql):
            found += _service_statement(each.word, each.text)
    except LeoError:
        raise error from None
    return sorted(found)


def _service_statement(word: str, text: str) -> list[Finding]:
    if word not in ("SELECT", "WITH"):
        return []
    tree = parse(text)
    if tree.find(exp.Parameter) or any(
        each.this.args.get("temporary") for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier)
    ):
        return []
    found = _functions(tokens(text))
    try:
        Typing().query(tree)
    except LeoError as error:
        place_ = re.match(r"line (\d+)(?::(\d+))?: (.*)", str(error))
        line, column, what = (int(place_[1]), int(place_[2] or 1), place_[3]) if place_ else (1, 1, str(error))
        if not found:
            found.append(Finding(line, column, what.rstrip("."), "what the message says"))
    return found


def _words(sql: str, read: list[Token]) -> list[Finding]:
    """Words and signs that SQL Server does not have, found in the row of tokens."""
    text, starts = "", []
    for token in read:
        starts.append(len(text))
        quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
        shown = "'x'" if token.token_type == TokenType.STRING else "name" if quoted else token.text.upper()
        text += (shown or sql[token.start : token.end + 1]) + " "
    found = []
    for pattern, what, instead in WORDS:
        edge = r"(?<![\w.])" if pattern[0].isalpha() or pattern.startswith("(?:") else ""
        for match in re.finditer(edge + pattern, text):
            end = match.end()
            if pattern[-1].isalpha() and end < len(text) and text[end].isalnum():
                continue
            token = read[max(i for i, start in enumerate(starts) if start <= match.start())]
            verb = "are" if " and " in what else "is"
            found.append(_finding(token, f"{what} {verb} not T-SQL", instead))
    return found


def _functions(read: list[Token]) -> list[Finding]:
    """Calls of functions that SQL Server 2019 does not have."""
    found = []
    plain = {TokenType.VAR, TokenType.IDENTIFIER}
    for at, (before, token, after) in enumerate(zip([None, *read], read, [*read[1:], None], strict=False)):
        called = token.text.upper()
        if after is None or after.token_type != TokenType.L_PAREN or called in KNOWN:
            continue
        if (
            before is not None
            and before.text.upper() in ("AS", "TABLE", "INTO", "JOIN", "FROM", "WITH", "RECURSIVE", "MACRO", "FUNCTION")
            and called not in INSTEAD
        ) or _heads_expression(read, at):
            continue
        if called in INSTEAD:
            found.append(_finding(token, f"{called} is not a function of SQL Server 2019", INSTEAD[called]))
        elif token.token_type in plain and (before is None or before.token_type != TokenType.R_PAREN):
            near = nearest(called.lower(), [each.lower() for each in KNOWN]).upper()
            found.append(
                _finding(
                    token, f"{called} is not a function of SQL Server 2019", near or "it with functions of SQL Server"
                )
            )
    return found


def _heads_expression(read: list[Token], at: int) -> bool:
    """Whether the name here begins a common table expression with column names: ``name (a, b) AS (``."""
    depth = 0
    for place_ in range(at + 1, len(read) - 2):
        depth += (read[place_].token_type == TokenType.L_PAREN) - (read[place_].token_type == TokenType.R_PAREN)
        if depth == 0:
            return read[place_ + 1].text.upper() == "AS" and read[place_ + 2].token_type == TokenType.L_PAREN
    return False


def _tree(tree: exp.Expression) -> list[Finding]:
    """What only the tree shows: sorting inside, names used where they are not known yet, whole numbers divided."""
    found = []
    for order in tree.find_all(exp.Order):
        query = order.parent
        inside = (
            isinstance(query, exp.Query) and query.parent is not None and not isinstance(query.parent, exp.SetOperation)
        )
        if inside and not query.args.get("limit"):
            found.append(
                _at(order, "ORDER BY in a subquery without TOP is refused", "ORDER BY in the outermost SELECT only")
            )
    for select in tree.find_all(exp.Select):
        aliases = {each.alias.lower(): each.this for each in select.expressions if isinstance(each, exp.Alias)}
        for part in ("where", "group", "having"):
            clause = select.args.get(part)
            for column in clause.find_all(exp.Column) if clause else []:
                inner = aliases.get(column.name.lower())
                own = isinstance(inner, exp.Column) and inner.name.lower() == column.name.lower()
                if inner is not None and not own and not column.table and column.find_ancestor(exp.Select) is select:
                    found.append(
                        _at(
                            column,
                            f"'{column.name}' is named in the same SELECT, so {part.upper()} does not know it",
                            "the expression again",
                        )
                    )
        for each in select.args["group"].expressions if select.args.get("group") else []:
            if isinstance(each, exp.Literal) and not each.is_string:
                found.append(_at(each, "GROUP BY with a number", "the column by name"))
        for projection in select.expressions:
            value = projection.unalias()
            if isinstance(
                value,
                (*CONDITIONS, exp.Connector, exp.Not),
            ):
                found.append(_at(value, "a condition is not a value", "CASE WHEN ... THEN 1 ELSE 0 END"))
    for each in tree.find_all(exp.Div):
        if not any(
            (part.find(exp.Cast, exp.Literal) and "." in part.sql()) or part.find(exp.Cast)
            for part in (each.this, each.expression)
        ):
            found.append(_at(each, "whole numbers divide to a whole number there", "CAST(a AS float) / b", fails=False))
    for each in tree.find_all(exp.Column):
        tested = isinstance(each.parent, (exp.Where, exp.Having, exp.Not, exp.Connector)) or (
            isinstance(each.parent, exp.If) and each.arg_key == "this" and not each.parent.find_ancestor(exp.Case).this
        )
        if tested and each.name.lower() not in ("true", "false"):
            found.append(_at(each, f"'{each.name}' alone is not a condition", f"{each.name} = 1"))
    for each in tree.find_all(exp.In):
        if isinstance(each.this, exp.Tuple):
            found.append(_at(each, "IN with several columns is not T-SQL", "EXISTS with one comparison a column"))
    for each in tree.find_all(exp.Round):
        if not each.args.get("decimals"):
            found.append(_at(each, "ROUND with one argument is not T-SQL", "ROUND(x, 0)"))
    for each in tree.find_all(exp.Substring):
        if not each.args.get("length"):
            found.append(_at(each, "SUBSTRING without a length is not T-SQL", "SUBSTRING(x, start, 8000)"))
    return found


def _shapes(tree: exp.Expression) -> list[Finding]:
    return [_at(each, what, instead, fails) for kind, what, instead, fails in SHAPES for each in tree.find_all(kind)]


def _names(tree: exp.Expression) -> list[Finding]:
    """Views and columns that the schema does not have."""
    catalog = schema_catalog()
    found, known = [], {}
    for table in tree.find_all(exp.Table):
        if not table.catalog:
            continue
        try:
            known[id(table)] = catalog.find([table.catalog, table.db, table.name])
        except LeoError as error:
            found.append(
                _at(
                    table,
                    str(error).split(". Near")[0].rstrip("."),
                    _near(table.name, catalog) or "a view of the schema",
                )
            )
    try:
        scopes = traverse_scope(tree) if isinstance(tree, exp.Query) else []
    except Exception:
        return found
    for scope in scopes:
        sources = {
            alias.lower(): known.get(id(source))
            for alias, source in scope.sources.items()
            if isinstance(source, exp.Table)
        }
        complete = len(sources) == len(scope.sources) and all(sources.values()) and not scope.is_subquery
        for column in scope.columns:
            found += _column(column, scope.expression, sources, complete)
            found += _typed(column, sources)
    return found


def _typed(column: exp.Column, sources: dict[str, Relation | None]) -> list[Finding]:
    """What the type of a column of a view makes wrong: arithmetic with dates, sums and averages of whole numbers."""
    relations = [each for alias, each in sources.items() if each and column.table.lower() in ("", alias)]
    kinds = {each.columns[column.name.lower()][1].kind for each in relations if column.name.lower() in each.columns}
    around = column.parent
    if kinds == {"date"} and isinstance(around, (exp.Add, exp.Sub)):
        other = around.expression if around.this is column else around.this
        if isinstance(other, exp.Literal):
            return [_at(column, "a date and a number cannot be added there", "DATEADD(day, n, x)")]
        if isinstance(around, exp.Sub) and around.this is column and isinstance(other, exp.Column):
            return [_at(column, "one date less another is refused there", "DATEDIFF(day, first, last)")]
    if kinds and kinds <= {"int", "smallint", "tinyint", "bit"} and isinstance(around, exp.Avg):
        return [_at(column, "the average of whole numbers is cut off there", "AVG(CAST(x AS float))", fails=False)]
    if kinds == {"int"} and isinstance(around, exp.Sum):
        return [_at(column, "SUM overflows past 2,147,483,647 there", "SUM(CAST(x AS bigint))", fails=False)]
    return []


def _column(
    column: exp.Column, select: exp.Expression, sources: dict[str, Relation | None], complete: bool
) -> list[Finding]:
    if isinstance(column.this, exp.Star):
        return []
    if column.table:
        relations = [sources[column.table.lower()]] if sources.get(column.table.lower()) else []
    else:
        relations = list(sources.values()) if complete else []
        if column.name.lower() in {each.alias.lower() for each in select.find_all(exp.Alias)}:
            return []
    if not relations or any(column.name.lower() in each.columns for each in relations):
        return []
    if column.this.args.get("quoted") and not column.table:
        return [_at(column, f"double quotes make '{column.name}' a column, and there is none", f"'{column.name}'")]
    near = nearest(column.name, [each for relation in relations for each in relation.columns])
    return [_at(column, f"there is no column '{column.name}'", near or "a column of the view")]


def _near(view: str, catalog: Catalog) -> str:
    return nearest(view, [each for views in catalog.views.values() for each in views])


def _finding(token: Token, what: str, instead: str) -> Finding:
    return Finding(token.line, max(token.col - (token.end - token.start), 1), what, instead)


def _at(node: exp.Expression, what: str, instead: str, fails: bool = True) -> Finding:
    for part in node.walk(bfs=False):
        if "line" in part.meta:
            meta = part.meta
            return Finding(meta["line"], max(meta["col"] - (meta["end"] - meta["start"]), 1), what, instead, fails)
    return Finding(1, 1, what, instead, fails)
