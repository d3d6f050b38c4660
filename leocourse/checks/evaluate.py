"""Runs what a learner wrote: SQL text, a function of the connection, or a value. Gives plain values, or words."""

from __future__ import annotations

import contextlib
import dis
import inspect
import io
import sys
import time
import types
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import duckdb

from leocourse.checks.answer import STUB, Answer, Late, NotAttempted, Stopped
from leocourse.checks.errors import describe, sentence, strange
from leocourse.checks.limit import limited
from leocourse.checks.plan import reason
from leocourse.checks.shapes import not_called
from leocourse.checks.tables import fetched, held, table_of
from leocourse.checks.words import say

THE_CONNECTION = (
    "Your answer is the connection itself, which `con.execute(...)` gives back: what was checked are the rows of "
    "whatever it executed last, and they can be read only once. Use `con.sql(...)`."
)
EMPTY = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP", "CACHE"}
"""All that Python makes of a function without a statement that does anything."""


def evaluate(given: Any, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any] | None = None) -> Answer:
    """Run what the learner gave on an extract.

    ``given`` is SQL text, a function called as ``given(con, **arguments)``, or a value.
    Raises NotAttempted if there is no answer yet, Stopped if it cannot be run or is no table.
    """
    if given is ...:
        raise NotAttempted
    if given is None:
        raise NotAttempted("what was handed over is None, which is nothing")
    if isinstance(given, str):
        return _run_sql(given, con)
    if callable(given) and not not_called(given):
        return _call(given, con, arguments or {})
    if isinstance(given, duckdb.DuckDBPyConnection):
        rows = held(given)
        return replace(table_of(given if rows is None else rows), caution=THE_CONNECTION)
    return table_of(given)


class Clock:
    """The seconds that an answer may take, over all of its calls."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until = seconds, time.monotonic() + seconds

    def evaluate(self, given: Any, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any]) -> Answer:
        """As :func:`evaluate`, but also raises Late when the time is up, and KeyboardInterrupt if a person stops it."""
        try:
            with limited(self._until - time.monotonic(), con, self._seconds):
                return evaluate(given, con, arguments)
        except Late as late:
            why = reason(con, given) if late.sql else ""
            raise Late(f"{late} {why}".strip(), late.sql) from None


def _call(function: Callable[..., Any], con: duckdb.DuckDBPyConnection, arguments: dict[str, Any]) -> Answer:
    heard = _Heard(sys.stdout)
    try:
        with contextlib.redirect_stdout(heard):
            value = function(con, **arguments)
        if value is None:
            raise NotAttempted if _does_nothing(function) else Stopped(_nothing(function, heard.anything))
        if isinstance(value, str):  # SQL that a function put together
            return _run_sql(value, con)
        return table_of(value)
    except (NotAttempted, Stopped):
        raise
    except NotImplementedError as error:
        raise NotAttempted from error
    except Exception as error:
        raise Stopped(describe(error)) from error


def _run_sql(text: str, con: duckdb.DuckDBPyConnection) -> Answer:
    code = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("--")]
    if all(line.strip() == STUB for line in code):
        raise NotAttempted
    try:
        statements = con.extract_statements(text)
        if not statements:
            raise NotAttempted
        *before, last = statements
        for statement in before:
            con.execute(statement)
        if last.expected_result_type == [duckdb.ExpectedResultType.QUERY_RESULT]:
            return fetched(con.execute(last))  # a relation would be bound three times
        relation = con.sql(last.query)  # a change with RETURNING has rows, one without it has none
        if relation is None or _says_only_that_it_was_done(relation, last.query):
            raise Stopped(say("no_rows"))
        return table_of(relation)
    except duckdb.Error as error:
        lines = [line for line in str(error).strip().splitlines() if line.strip()]
        odd = strange(text, lines[0] if lines else "")
        words = say("sql_stopped", reason=" ".join(lines[:4])[:400])
        raise Stopped(f"{sentence(words)} {odd}" if odd else words) from error


def _says_only_that_it_was_done(relation: duckdb.DuckDBPyRelation, sql: str) -> bool:
    """Whether a statement that asks for nothing gave no rows of its own: DuckDB 2 tells how many it changed."""
    return relation.columns in (["Count"], ["Success"]) and "returning" not in sql.lower()


class _Heard(io.TextIOBase):
    """Passes on what is printed, and remembers whether anything was."""

    def __init__(self, to: Any) -> None:
        self._to, self.anything = to, False

    def write(self, text: str) -> int:
        """Print it where it would have been printed."""
        self.anything |= bool(text.strip())
        self._to.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what waits."""
        self._to.flush()


def _code(function: Any) -> types.CodeType | None:
    try:
        return getattr(inspect.unwrap(function), "__code__", None)
    except ValueError:  # wrapped in itself
        return None


def _does_nothing(function: Any) -> bool:
    """Whether a function has no statement but ``...``, ``pass``, text or ``return None``, as it was handed out."""
    code = _code(function)
    return code is not None and {each.opname for each in dis.get_instructions(code)} <= EMPTY


def _nothing(function: Any, printed: bool) -> str:
    """What is said of a function that gave None back, from its own code and from what it printed."""
    code = _code(function)
    if code is None or not _returns(code):
        text = "Your function returned nothing: did you forget `return`?"
    else:
        text = (
            "Your function returned nothing: it ended without reaching its `return`, "
            "or what stands after `return` is None."
        )
    if printed:
        text += " It printed something: what is printed is seen, but not handed back."
    elif code is not None and "display" in code.co_names:
        text += " It uses `display`: what is displayed is seen, but not handed back."
    if code is not None and _shows_figure(code):
        text += " `plt.show()` shows a figure and gives nothing back: return the Axes."
    return text


def _shows_figure(code: types.CodeType) -> bool:
    named = [each.argval for each in dis.get_instructions(code) if each.opname.startswith(("LOAD_", "PUSH"))]
    return ("plt", "show") in pairwise(each for each in named if each is not None)


def _returns(code: types.CodeType) -> bool:
    """Whether a function's code returns anything but None."""
    before = None
    for each in dis.get_instructions(code):
        if each.opname == "RETURN_CONST" and each.argval is not None:
            return True
        if each.opname == "RETURN_VALUE" and not (before and before.opname == "LOAD_CONST" and before.argval is None):
            return True
        before = each
    return False
