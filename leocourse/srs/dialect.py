"""T-SQL as written for the service: sqlglot's dialect, with every function left as it was written.

sqlglot turns many functions into nodes of its own, which lose what matters here (the type of an argument,
a part of a date such as ``dw``). So this parser keeps all but CAST and CONVERT as plain calls, and
:mod:`leocourse.srs.functions` says what each one means.
"""

from __future__ import annotations

import logging

from sqlglot import Dialect, exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.tsql import TSQLParser
from sqlglot.tokens import Token, TokenType

from leocourse.core.errors import LeoError

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it cannot read is said by us, in a line


class ServiceSQL(TSQL):
    """SQL Server's dialect, functions untouched."""

    class Tokenizer(TSQL.Tokenizer):
        """Every word is a token: no statement is kept as raw text."""

        COMMANDS: set = set()
        KEYWORDS = {**TSQL.Tokenizer.KEYWORDS, "!<": TokenType.GTE, "!>": TokenType.LTE}
        KEYWORDS.pop("UPDATE STATISTICS", None)

    class Parser(TSQLParser):
        """T-SQL with plain function calls."""

        FUNCTIONS: dict = {}
        NO_PAREN_FUNCTIONS: dict = {}
        FUNCTION_PARSERS = {
            name: TSQLParser.FUNCTION_PARSERS[name] for name in ("CAST", "CONVERT", "TRY_CAST", "TRY_CONVERT")
        } | {
            "PARSE": TSQLParser.FUNCTION_PARSERS["CAST"],
            "TRY_PARSE": TSQLParser.FUNCTION_PARSERS["TRY_CAST"],
            "TRIM": lambda self: self._parse_trim(),
        }


def tokens(sql: str, dialect: type[Dialect] = ServiceSQL) -> list[Token]:
    """The tokens of ``sql`` without comments. Raises LeoError for a quote or bracket that never closes."""
    try:
        return dialect().tokenize(sql)
    except TokenError as error:
        raise LeoError(
            f"The SQL cannot be read: a quote, bracket or comment is not closed ({_first(error)})."
        ) from None


def parse(sql: str, dialect: type[Dialect] = ServiceSQL) -> exp.Expression:
    """The tree of one statement. Raises LeoError, in one line, for a syntax error."""
    found = parse_all(sql, dialect)
    if len(found) != 1:
        raise LeoError("One statement was expected.")
    return found[0]


def parse_all(sql: str, dialect: type[Dialect] = ServiceSQL) -> list[exp.Expression]:
    """The trees of several statements. Raises LeoError, in one line, for a syntax error."""
    try:
        return [each for each in dialect().parse(sql) if each is not None]
    except TokenError as error:
        raise LeoError(
            f"The SQL cannot be read: a quote, bracket or comment is not closed ({_first(error)})."
        ) from None
    except ParseError as error:
        first = error.errors[0]
        near = " ".join(f"{first.get('highlight') or ''}".split())[:40]
        raise LeoError(f"{place(first.get('line'), first.get('col'))}syntax error near '{near}'.") from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # sqlglot's own parser fell over
        raise LeoError("The SQL cannot be read: a name or a value is missing between signs.") from None
    except RecursionError:
        raise LeoError("The SQL is nested too deeply to be read: split it into steps.") from None


def duckdb(tree: exp.Expression) -> str:
    """The text of a translated tree. Every name is quoted: what T-SQL allows as a name may be a word of DuckDB."""
    return tree.sql(dialect=DuckDB, identify=True, comments=False)


def place(line: int | None, column: int | None = None) -> str:
    """How a message begins: ``line 3:7: ``, or nothing if the place is unknown."""
    if line is None:
        return ""
    return f"line {line}: " if column is None else f"line {line}:{column}: "


def line_of(node: exp.Expression | None) -> int | None:
    """The line on which a node stands, found from the first name or literal in it that knows its own."""
    if node is None:
        return None
    for part in node.walk():
        if "line" in part.meta:
            return part.meta["line"]
    return None


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:80]
