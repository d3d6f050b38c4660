"""Words and signs that SQL Server 2019 does not have, found in the row of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot.tokens import Token, TokenType

from leocourse.srs.obstacle import Obstacle, at_token
from leocourse.srs.server import NO_TYPES, RESERVED

START = r"(?:^|(?<=; )|(?<=\( ))"
# A pattern over the words, what it is, and what to write.
WORDS: list[tuple[str, str, str]] = [
    (r"LIMIT (?=[\d(?@$]|ALL\b)", "LIMIT", "SELECT TOP (n) ..., or ORDER BY ... OFFSET 0 ROWS FETCH NEXT n ROWS ONLY"),
    (r"QUALIFY (?![,.)=;]|FROM\b)", "QUALIFY", "the window function in a subquery, and WHERE outside"),
    (r"USING \(", "JOIN ... USING", "ON a.key = b.key"),
    (r"::", "x::type", "CAST(x AS type)"),
    (r"\|\|", "||", "+ (CAST numbers to varchar first) or CONCAT, which takes NULL as ''"),
    (r"(?<=\) )FILTER \(", "FILTER", "CASE WHEN ... THEN x END inside the aggregate"),
    (r"ILIKE", "ILIKE", "LIKE, which ignores case there"),
    (r"SIMILAR TO", "SIMILAR TO", "LIKE with [...] sets"),
    (r"GLOB (?='x')", "GLOB", "LIKE"),
    (r"(?:! )?~ (?='x')", "a regular expression", "LIKE with [...] sets"),
    (r"DISTINCT ON", "DISTINCT ON", "ROW_NUMBER() in a subquery, and keep row 1"),
    (r"GROUP BY ALL (?=$|[;)]|ORDER\b|HAVING\b|UNION\b|LIMIT\b|QUALIFY\b)", "GROUP BY ALL", "the columns by name"),
    (r"ORDER BY ALL", "ORDER BY ALL", "the columns by name"),
    (r"\* EXCLUDE \(?", "* EXCLUDE", "the columns by name"),
    (r"\* REPLACE \(", "* REPLACE", "the columns by name"),
    (r"(?<!\. )(?:TRUE|FALSE)", "TRUE and FALSE", "1 and 0"),
    (r"INTERVAL (?=\d|'x'|\()", "INTERVAL", "DATEADD(month, n, x)"),
    (r"/ /", "//", "/ between whole numbers"),
    (r"\* \*", "**", "POWER(x, y)"),
    (r"NULLS (?:FIRST|LAST)", "NULLS FIRST and NULLS LAST", "ORDER BY CASE WHEN x IS NULL THEN 1 ELSE 0 END, x"),
    (r"IS (?:NOT )?DISTINCT FROM", "IS DISTINCT FROM", "a = b OR (a IS NULL AND b IS NULL)"),
    (
        r"(?:NATURAL|ASOF|POSITIONAL|SEMI|ANTI) (?:LEFT |RIGHT |FULL |INNER |OUTER )*JOIN",
        "this kind of JOIN",
        "JOIN ... ON, EXISTS or NOT EXISTS",
    ),
    (r"LATERAL (?=\(|[A-Z])", "LATERAL", "CROSS APPLY or OUTER APPLY"),
    (r"WITH RECURSIVE", "WITH RECURSIVE", "WITH alone"),
    (r"(?:EXCEPT|INTERSECT) (?:ALL|DISTINCT)", "EXCEPT ALL and INTERSECT ALL", "EXCEPT or INTERSECT on ROW_NUMBER()"),
    (r"UNION DISTINCT", "UNION DISTINCT", "UNION"),
    (r"(?:UNION|UNION ALL) BY NAME", "UNION BY NAME", "the columns of both sides in the same order"),
    (r"USING SAMPLE", "a sample", "TOP (n) ... ORDER BY NEWID()"),
    (r"TABLESAMPLE", "a sample of a view", "TOP (n) ... ORDER BY NEWID()"),
    (
        r"CREATE OR REPLACE",
        "CREATE OR REPLACE",
        "DROP TABLE IF EXISTS #t and SELECT ... INTO #t, or CREATE OR ALTER VIEW",
    ),
    (r"CREATE TEMP(?:ORARY)?", "CREATE TEMP TABLE", "SELECT ... INTO #t"),
    (
        r"CREATE (?:TABLE|SCHEMA|VIEW) IF NOT EXISTS",
        "CREATE ... IF NOT EXISTS",
        "IF OBJECT_ID('t') IS NULL CREATE TABLE t ...",
    ),
    (r"CREATE TABLE \S+ (?:\. \S+ )*AS", "CREATE TABLE AS", "SELECT ... INTO t"),
    (r"INSERT OR (?:REPLACE|IGNORE)", "INSERT OR REPLACE", "MERGE"),
    (r"ON CONFLICT", "ON CONFLICT", "MERGE"),
    (r"RETURNING (?=\*|[A-Z])", "RETURNING", "OUTPUT inserted.x"),
    (r"(?:DATE|TIMESTAMP|TIME) (?='x')", "a typed literal", "CAST('2010-08-31' AS date)"),
    (
        r"(?:^|(?<=; ))(?:SUMMARIZE|DESCRIBE|PRAGMA|ATTACH|COPY|INSTALL|LOAD|SHOW|EXPLAIN|EXPORT|IMPORT|VACUUM|CALL)",
        "a command of DuckDB",
        "a SELECT",
    ),
    (r"==", "==", "="),
    (START + r"FROM", "FROM before SELECT", "SELECT * FROM t"),
    (
        START + r"(?:UN)?PIVOT",
        "PIVOT as a statement",
        "SELECT ... FROM t PIVOT (SUM(x) FOR y IN ([a], [b])) AS p",
    ),
    (r"(?:^|(?<=; ))VALUES", "VALUES as a query", "SELECT ... FROM (VALUES (1), (2)) AS t(n)"),
    (r", (?=(?:FROM|WHERE|GROUP BY|ORDER BY)\b|\)|;|$)", "a comma after the last item", "the list without it"),
    (r"WINDOW \w+ AS \(", "WINDOW", "the window in each OVER (...)"),
    (r"OFFSET \d+ (?!ROWS?\b)", "OFFSET without ROWS", "ORDER BY ... OFFSET n ROWS"),
    (
        r"(?<!ROWS )(?<!ROW )FETCH (?:FIRST|NEXT) (?=[\d(@]|ROWS?\b)",
        "FETCH without OFFSET",
        "OFFSET 0 ROWS FETCH NEXT n ROWS ONLY",
    ),
    (r"(?:FROM|JOIN) (?='x')", "a file in FROM", "a view of your project: files cannot be read there"),
    (r"CURRENT_DATE", "CURRENT_DATE", "CAST(GETDATE() AS date)"),
    (r"(?:CURRENT_TIME|LOCALTIME|LOCALTIMESTAMP)", "this name of the time", "GETDATE()"),
    (r"(?:IGNORE|RESPECT) NULLS", "IGNORE NULLS", "OUTER APPLY (SELECT TOP 1 ... WHERE x IS NOT NULL ORDER BY ...)"),
    (r"(?:DATEDIFF|DATEADD|DATEPART|DATENAME) \( (?='x')", "a part of a date in quotes", "DATEDIFF(day, first, last)"),
    (r"(?:ISNULL|NOTNULL)(?! \()", "ISNULL after a value", "x IS NULL or x IS NOT NULL"),
    (r"TRIM \( (?:BOTH|LEADING|TRAILING)\b", "TRIM(BOTH ...)", "LTRIM(RTRIM(x))"),
    (r"(?<=SELECT )\w+ : ", "a name before a colon", "expression AS name"),
    (r"COUNT \( \)", "COUNT()", "COUNT(*)"),
    (r"BETWEEN (?:A?SYMMETRIC)", "BETWEEN SYMMETRIC", "x BETWEEN a AND b, with a the smaller"),
    (r"RANGE BETWEEN (?:\d|INTERVAL)", "RANGE with a number", "ROWS BETWEEN n PRECEDING AND CURRENT ROW"),
    (r"GROUPS BETWEEN", "GROUPS", "ROWS or RANGE"),
    (
        r"CREATE (?:OR REPLACE )?(?:TEMP )?MACRO",
        "CREATE MACRO",
        "the expression where it is used",
    ),
    (r"(?:->>?|\{ (?!(?:D|T|TS|FN|ESCAPE|GUID)\b))", "a list, struct or lambda", "rows: SQL Server has none of them"),
    (r"AS (?:NOT )?MATERIALIZED", "MATERIALIZED", "SELECT ... INTO #t first"),
    (r"DELETE FROM (?:[#\w.]+ ){1,8}?USING", "DELETE ... USING", "DELETE t FROM t JOIN u ON ..."),
    (r"CURRENT_TIMESTAMP \(", "CURRENT_TIMESTAMP with brackets", "CURRENT_TIMESTAMP, or GETDATE()"),
    (
        r"(?:WHERE|AND|OR|ON|HAVING|WHEN|NOT) (?:\w+ \. )*\w+ NOT NULL",
        "NOT NULL after a value",
        "x IS NOT NULL",
    ),
    (r"IN \( \)", "IN with an empty list", "a condition that is never met, such as 1 = 0"),
    (r"\* EXCEPT \( (?!SELECT\b|WITH\b|\()", "* EXCEPT", "the columns by name"),
    (r"COALESCE \( NULL (?:, NULL )*\)", "COALESCE of nothing but NULL", "CAST(NULL AS type)"),
    (r"LAMBDA \w+ :", "a list, struct or lambda", "rows: SQL Server has none of them"),
]
LIST = re.compile(r"\s*(?:(?:-?[\d.]+|'[^']*')\s*(?:,\s*(?:-?[\d.]+|'[^']*')\s*)+|'[^']*'\s*)?")
"""What stands between brackets that hold a list and no name."""
PLAIN_AS = {
    "SELECT",
    "WITH",
    "BEGIN",
    "INSERT",
    "UPDATE",
    "DELETE",
    "SET",
    "DECLARE",
    "IF",
    "EXEC",
    "EXECUTE",
    "RETURN",
} | {
    "EXTERNAL",
    "CASE",
    "TABLE",
    "MERGE",
    "USER",
    "OWNER",
    "WHILE",
    "PRINT",
}
"""Words that may follow AS where it names nothing: the body of a view or procedure, ``@t AS TABLE``."""
ENDS_FROM = {"WHERE", "GROUP BY", "ORDER BY", "HAVING", "UNION", "EXCEPT", "INTERSECT", "SELECT", "OPTION"}
ARGUMENTS = {
    "CONCAT": (2, 254), "CONCAT_WS": (3, 254), "COALESCE": (2, 999), "NULLIF": (2, 2), "ISNULL": (2, 2),
    "LEFT": (2, 2), "RIGHT": (2, 2), "REPLACE": (3, 3), "STUFF": (4, 4), "CHARINDEX": (2, 3), "PATINDEX": (2, 2),
    "DATEDIFF": (3, 3), "DATEADD": (3, 3), "DATEPART": (2, 2), "DATENAME": (2, 2), "DATEFROMPARTS": (3, 3),
    "EOMONTH": (1, 2), "POWER": (2, 2), "IIF": (3, 3), "LEN": (1, 1), "UPPER": (1, 1), "LOWER": (1, 1),
    "LTRIM": (1, 1), "RTRIM": (1, 1), "ABS": (1, 1), "FLOOR": (1, 1), "CEILING": (1, 1), "SQRT": (1, 1),
    "YEAR": (1, 1), "MONTH": (1, 1), "DAY": (1, 1), "GETDATE": (0, 0), "REPLICATE": (2, 2), "REVERSE": (1, 1),
    "LAG": (1, 3), "LEAD": (1, 3), "NTILE": (1, 1), "ROW_NUMBER": (0, 0), "RANK": (0, 0), "DENSE_RANK": (0, 0),
}  # fmt: skip
"""How many arguments functions of SQL Server 2019 take: from and to."""
SIZES = {
    "VARCHAR": 8000, "CHAR": 8000, "VARBINARY": 8000, "BINARY": 8000, "NVARCHAR": 4000, "NCHAR": 4000, "DECIMAL": 38,
    "NUMERIC": 38, "DEC": 38, "FLOAT": 53, "DATETIME2": 7, "TIME": 7, "DATETIMEOFFSET": 7,
}  # fmt: skip
"""The largest number that may stand in the brackets of a type."""
MODULE_OPTIONS = {"SCHEMABINDING", "ENCRYPTION", "RECOMPILE", "EXECUTE", "VIEW_METADATA", "NATIVE_COMPILATION"}


def words(sql: str, read: list[Token]) -> Iterator[Obstacle]:
    """Every finding that the row of tokens shows."""
    text, starts = "", []
    for token in read:
        starts.append(len(text))
        text += _shown(token, sql) + " "
    for pattern, what, instead in WORDS:
        edge = r"(?<![\w.@#])" if pattern[0].isalpha() or (pattern.startswith("(?:") and pattern[3].isalpha()) else ""
        for match in re.finditer(edge + pattern, text):
            end = match.end()
            if text[end - 1 : end].isalnum() and end < len(text) and (text[end].isalnum() or text[end] == "_"):
                continue
            if what == "JOIN ... USING" and text.rfind("MERGE ", 0, end) > text.rfind("; ", 0, end):
                continue
            token = read[max(i for i, start in enumerate(starts) if start <= match.start())]
            verb = "are" if " and " in what else "is"
            yield at_token(token, f"{what} {verb} not T-SQL", instead)
    yield from _brackets(sql, read)
    yield from _in_calls(read)
    yield from _arguments(read)
    yield from _sizes(sql, read)
    yield from _reserved(read)
    yield from _with(sql, read)
    yield from _joins(read)


def _shown(token: Token, sql: str) -> str:
    if token.token_type in (TokenType.STRING, TokenType.NATIONAL_STRING):
        return "'x'"
    if token.token_type == TokenType.IDENTIFIER:
        return "name"
    return token.text.upper() or sql[token.start : token.end + 1]


def _brackets(sql: str, read: list[Token]) -> Iterator[Obstacle]:
    """Brackets that hold a list or a place in one, and not a name."""
    for before, token in zip([None, *read], read, strict=False):
        if token.token_type != TokenType.IDENTIFIER or sql[token.start] != "[":
            continue
        after_dot = before is not None and before.token_type in (TokenType.DOT, TokenType.ALIAS)
        close = (
            before is not None
            and before.end + 1 == token.start
            and (sql[before.end].isalnum() or sql[before.end] in '_)]"')
        )
        if close and not after_dot and re.fullmatch(r"\s*-?\d*\s*(?::\s*-?\d*)?\s*", token.text):
            yield at_token(
                before, "a list, or a part of text in brackets, is not T-SQL", "SUBSTRING(x, start, length), or rows"
            )
        elif not after_dot and LIST.fullmatch(token.text):
            yield at_token(token, "a list, struct or lambda is not T-SQL", "rows: SQL Server has none of them")


def _in_calls(read: list[Token]) -> Iterator[Obstacle]:
    """What stands wrongly between the brackets of a call: types that there are not, ORDER BY in an aggregate."""
    stack: list[list] = []  # of each open bracket: the token before it, and whether it holds a query
    for place, token in enumerate(read):
        word = token.text.upper()
        if token.token_type == TokenType.L_PAREN:
            stack.append([read[place - 1] if place else None, False])
        elif token.token_type == TokenType.R_PAREN:
            del stack[-1:]
        if not stack or stack[-1][0] is None:
            continue
        head = stack[-1][0]
        name = head.text.upper()
        if word in ("SELECT", "FROM", "WITH") and token.token_type != TokenType.IDENTIFIER:
            stack[-1][1] = True
        elif word in ("ORDER BY", "ORDER") and not stack[-1][1] and _calls(head) and name not in ("OVER", "GROUP"):
            yield at_token(head, f"ORDER BY inside {name} is not T-SQL", "STRING_AGG(x, ',') WITHIN GROUP (ORDER BY x)")
        elif word == "AS" and name in ("CAST", "TRY_CAST") and place + 1 < len(read):
            kind, after = read[place + 1], read[place + 2] if place + 2 < len(read) else None
            precise = kind.text.upper() == "DOUBLE" and after is not None and after.text.upper() == "PRECISION"
            if kind.text.upper() in NO_TYPES and not precise and kind.token_type != TokenType.IDENTIFIER:
                yield at_token(token, "this type is not T-SQL", "float, bit, decimal(38, 0), varchar(n)")


def _arguments(read: list[Token]) -> Iterator[Obstacle]:
    """Calls with fewer or more arguments than SQL Server takes."""
    for place, token in enumerate(read[:-1]):
        name = token.text.upper()
        plain = token.token_type not in (TokenType.IDENTIFIER, TokenType.STRING)
        after_dot = place > 0 and read[place - 1].token_type == TokenType.DOT
        if name not in ARGUMENTS or not plain or after_dot or read[place + 1].token_type != TokenType.L_PAREN:
            continue
        given = _count(read, place + 1)
        least, most = ARGUMENTS[name]
        if given is not None and not least <= given <= most:
            wanted = f"{least}" if least == most else f"{least} or more" if most > 9 else f"{least} to {most}"
            number = f"{given} argument{'' if given == 1 else 's'}"
            yield at_token(token, f"{name} with {number} is refused", f"{wanted} argument{'' if most == 1 else 's'}")


def _count(read: list[Token], opening: int) -> int | None:
    """How many parts with commas between them stand in the brackets that begin here; None if they never end."""
    depth, commas = 0, 0
    for place in range(opening, len(read)):
        kind = read[place].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        commas += depth == 1 and kind == TokenType.COMMA
        if depth == 0:
            return 0 if place == opening + 1 else commas + 1
    return None


def _sizes(sql: str, read: list[Token]) -> Iterator[Obstacle]:
    """Types with a larger size than there is, and text between dollar signs."""
    for token, bracket, size in zip(read, read[1:], read[2:], strict=False):
        most = SIZES.get(token.text.upper())
        if most and bracket.token_type == TokenType.L_PAREN and size.text.isdecimal() and int(size.text) > most:
            yield at_token(
                token, f"{token.text}({size.text}) is larger than a type may be", f"{most}, or (max) for text"
            )
    for token in read:
        if (
            sql[token.start : token.start + 1] == "$"
            and sql[token.end : token.end + 1] == "$"
            and token.end > token.start
        ):
            yield at_token(token, "text between dollar signs is not T-SQL", "'text'")


def _calls(token: Token) -> bool:
    word = token.text.upper()
    return bool(re.fullmatch(r"[A-Z_]\w*", word)) and word not in RESERVED | {"OVER", "APPLY", "AS", "BY"}


def _reserved(read: list[Token]) -> Iterator[Obstacle]:
    """Reserved words as names, without brackets: after AS, and after the dot of a name."""
    depth_of_types: list[bool] = []
    for before, token, after in zip([None, *read], read, [*read[1:], None], strict=False):
        if token.token_type == TokenType.L_PAREN:
            depth_of_types.append(
                before is not None and before.text.upper() in ("CAST", "TRY_CAST", "PARSE", "TRY_PARSE")
            )
        elif token.token_type == TokenType.R_PAREN:
            del depth_of_types[-1:]
        word = token.text.upper()
        if before is None or token.token_type in (TokenType.IDENTIFIER, TokenType.STRING) or word not in RESERVED:
            continue
        named = (
            before.token_type == TokenType.ALIAS
            and word not in PLAIN_AS
            and not (depth_of_types and depth_of_types[-1])
        )
        dotted = before.token_type == TokenType.DOT and not (
            after is not None and after.token_type == TokenType.L_PAREN
        )
        if named or dotted:
            yield at_token(token, f"{word} is a reserved word, and no name without brackets", f"[{token.text}]")


def _joins(read: list[Token]) -> Iterator[Obstacle]:
    """JOINs without ON: in each FROM there are as many of the one as of the other."""
    hints: list[int] = []  # how deep the brackets of OPTION are, in which joins are hints
    joins: list[list[Token]] = [[]]  # of each open bracket, those that still wait for their ON
    for before, token in zip([None, *read], read, strict=False):
        word = token.text.upper() if token.token_type not in (TokenType.IDENTIFIER, TokenType.STRING) else ""
        if token.token_type == TokenType.L_PAREN:
            joins.append([])
            hints += [len(joins)] if before is not None and before.text.upper() == "OPTION" else []
        elif (
            word == "JOIN"
            and not hints
            and before is not None
            and before.text.upper() not in ("CROSS", "NATURAL", "POSITIONAL")
        ):
            joins[-1].append(token)
        elif word in ("ON", "USING") and joins[-1]:
            joins[-1].pop()
        ends = token.token_type in (TokenType.R_PAREN, TokenType.SEMICOLON) or word in ENDS_FROM or token is read[-1]
        if ends and joins[-1]:
            yield at_token(joins[-1].pop(), "JOIN without ON is refused", "JOIN t ON a.key = t.key, or CROSS JOIN")
            joins[-1].clear()
        if token.token_type == TokenType.R_PAREN and len(joins) > 1:
            if hints and hints[-1] == len(joins):
                hints.pop()
            joins.pop()


def _with(sql: str, read: list[Token]) -> Iterator[Obstacle]:
    """Common table expressions where none may begin: after a statement without a semicolon, and inside another."""
    for place, token in enumerate(read):
        if token.text.upper() != "WITH" or token.token_type == TokenType.IDENTIFIER or not _begins_cte(read, place):
            continue
        before = read[place - 1] if place else None
        name = before is not None and before.token_type == TokenType.IDENTIFIER
        word = "name" if name else ";" if before is None else before.text.upper()
        if word in (";", "GO", "BEGIN", "AS", "FOR"):
            continue
        if word == "(":
            if place < 2 or read[place - 2].text.upper() != "RETURN":
                yield at_token(
                    token, "WITH inside a query is refused", "all common table expressions first, in one WITH"
                )
        elif _of_insert(read, place):
            yield at_token(token, "WITH between INSERT and its SELECT is refused", "WITH ... INSERT INTO t SELECT ...")
        else:
            yield at_token(token, "WITH after a statement that no semicolon ends is refused", "; before WITH")


def _begins_cte(read: list[Token], place: int) -> bool:
    """Whether ``WITH`` here is followed by ``name AS (`` or ``name (columns) AS (``."""
    at = place + 1
    if at < len(read) and read[at].text.upper() == "RECURSIVE":
        at += 1
    if at + 2 >= len(read) or read[at].text.upper() in MODULE_OPTIONS or read[at].token_type == TokenType.L_PAREN:
        return False
    at += 1
    if read[at].token_type == TokenType.L_PAREN:
        depth = 0
        while at < len(read):
            depth += (read[at].token_type == TokenType.L_PAREN) - (read[at].token_type == TokenType.R_PAREN)
            at += 1
            if depth == 0:
                break
    return at + 1 < len(read) and read[at].text.upper() == "AS" and read[at + 1].token_type == TokenType.L_PAREN


def _of_insert(read: list[Token], place: int) -> bool:
    """Whether only the table and its columns stand between INSERT and here."""
    depth = 0
    for token in reversed(read[:place]):
        depth += (token.token_type == TokenType.R_PAREN) - (token.token_type == TokenType.L_PAREN)
        word = token.text.upper()
        if depth == 0 and word in ("INSERT", "SELECT", "VALUES", ";"):
            return word == "INSERT"
    return False
