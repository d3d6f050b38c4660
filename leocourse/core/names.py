"""Columns under the request form's names, where a view has the delivered ones.

A view shows each column under the name that projects received, and so does ``SELECT *``. A query that writes the
form's name is bound again with the delivered one, reference by reference, wherever DuckDB says that there is no such
column, so that aliases, subqueries and text keep their meaning. A result keeps the name that was written.
``course.other_names``, which ``views.sql`` of the extract makes, has the pairs: ``view``, ``form``, ``delivered``.

DuckDB's connection cannot be subclassed, so its methods that take SQL are wrapped, for connections that
:func:`accept_other_names` was told of; what users hold is DuckDB's own class. Not covered are the methods of
relations (``filter``, ``project``), which take expressions.
"""

from __future__ import annotations

import json
import re
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial, wraps
from types import FrameType
from typing import Any

import duckdb

TABLE = "course.other_names"
TOKEN = re.compile(
    r"""'(?:[^']|'')*'?|\$(\w*)\$.*?(?:\$\1\$|\Z)|--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<space>\s+)"""
    r"""|(?P<name>"(?:[^"]|"")*"|[^\W\d]\w*)|\d\w*|.""",
    re.DOTALL,
)
"""Text, dollar-quoted text and comments are passed over whole: a name in them is none."""
QUOTED = re.compile(r'\\?"(\w+)\\?"')
"""A name in one of DuckDB's messages."""
CLAUSES = frozenset("from where group having order limit qualify window union except intersect returning".split())  # noqa: SIM905
"""Words with which the list of a SELECT, or what follows it, ends."""
MOST = 500
"""No query has more references to columns than this that would have to be read anew."""
CALL = compile("__leo_call__()", "<frozen SQL>", "eval")
"""Runs in the caller's names. So called, it is a line of no learner, and an answer may be stopped in it."""
METHODS = ("execute", "sql", "query", "from_query")

_known: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, _Names] = weakref.WeakKeyDictionary()
_wrapped: list[str] = []


@dataclass
class _Names:
    """For each view the delivered name of each of the form's, and what was said already."""

    views: dict[str, dict[str, str]]
    said: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.forms = {form for names in self.views.values() for form in names}

    def written(self, text: str) -> dict[str, str]:
        """The form's names that a text may mean, with the delivered ones: those of the views that it mentions."""
        words = set(re.findall(r"\w+", text.lower()))
        if self.forms.isdisjoint(words):
            return {}
        found = {form: name for view in words & self.views.keys() for form, name in self.views[view].items()}
        return {form: name for form, name in found.items() if form in words}

    def say(self, written: str, delivered: str) -> None:
        """Say once what a column is called. To the error stream: standard output may be somebody's data."""
        if written not in self.said:
            self.said.add(written)
            print(f"{written} is the request form's name: the view has {delivered}.", file=sys.stderr)


def accept_other_names(con: duckdb.DuckDBPyConnection) -> None:
    """Accept the form's names of columns in SQL on a connection that has ``course.other_names``, and its cursors."""
    views: dict[str, dict[str, str]] = {}
    for view, form, name in con.execute(f"SELECT lower(view), lower(form), delivered FROM {TABLE}").fetchall():
        views.setdefault(view, {})[form] = name
    if views:
        _wrap()
        _known[con] = _Names(views)


def _wrap() -> None:
    if _wrapped:
        return
    for name in METHODS:
        _wrapped.append(name)
        setattr(duckdb.DuckDBPyConnection, name, _accepting(getattr(duckdb.DuckDBPyConnection, name)))
    for name in ("cursor", "duplicate"):
        setattr(duckdb.DuckDBPyConnection, name, _passing_on(getattr(duckdb.DuckDBPyConnection, name)))


def _accepting(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def method(con: duckdb.DuckDBPyConnection, *args: Any, **kwargs: Any) -> Any:
        caller, names = sys._getframe(1), _known.get(con)
        given = args[0] if args else kwargs.get("query")
        text = given if isinstance(given, str) else getattr(given, "query", None)
        delivered = names.written(text) if names and isinstance(text, str) else {}
        if not delivered:
            return _as_if_from(caller, partial(original, con, *args, **kwargs))
        others = {name: value for name, value in kwargs.items() if name != "query"}

        def run(sql: str) -> Any:
            return _as_if_from(caller, partial(original, con, sql, *args[1:], **others))

        result, used = _careful(con, text, delivered, run)
        for each in used:
            names.say(each, delivered[each])
        return result

    return method


def _passing_on(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def method(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        other = original(con)
        if con in _known:
            _known[other] = _known[con]
        return other

    return method


def _as_if_from(caller: FrameType, call: Callable[[], Any]) -> Any:
    """Call DuckDB so that it finds the variables of the caller: a query may name a DataFrame of theirs."""
    return eval(CALL, caller.f_globals, {**caller.f_locals, "__leo_call__": call})


def _careful(
    con: duckdb.DuckDBPyConnection, text: str, delivered: dict[str, str], run: Callable[[str], Any]
) -> tuple[Any, list[str]]:
    """Run a script, statement by statement: what is done is not done again if a later one has to be read anew."""
    try:
        *before, last = [each.query for each in con.extract_statements(text)]
        if not last:
            raise ValueError
    except (duckdb.Error, IndexError, ValueError):  # DuckDB makes several statements of a PIVOT, without their text
        before, last = [], text
    used: dict[str, None] = {}
    for statement in before:
        _bound(con, statement, delivered, con.execute, used)
    return _bound(con, last, delivered, run, used), list(used)


def _bound(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    delivered: dict[str, str],
    run: Callable[[str], Any],
    used: dict[str, None],
) -> Any:
    """Run a statement, with the delivered name in place of each of the form's that DuckDB does not find."""
    for _ in range(MOST):
        try:
            return run(sql)
        except duckdb.BinderException as error:
            wanted = _missing(str(error), delivered)
            other = wanted and renamed(sql, wanted, delivered[wanted], _position(con, sql))
            if not other or other == sql:
                raise
            sql = other
            used[wanted] = None
    return run(sql)


def _missing(message: str, delivered: dict[str, str]) -> str | None:
    """The form's name that DuckDB says does not exist. What it proposes instead is on later lines."""
    first = message.split("Candidate bindings", maxsplit=1)[0].split("Did you mean", maxsplit=1)[0]
    return next((name.lower() for name in QUOTED.findall(first) if name.lower() in delivered), None)


def _position(con: duckdb.DuckDBPyConnection, sql: str) -> int | None:
    """Where in a statement the reference stands that DuckDB does not find, where it says so."""
    execute = partial(getattr(duckdb.DuckDBPyConnection.execute, "__wrapped__", duckdb.DuckDBPyConnection.execute), con)
    asked = "EXPLAIN "
    execute("SET errors_as_json = true")
    try:
        execute(asked + sql)
    except duckdb.Error as error:
        found = re.search(r"\{.*\}", str(error), re.DOTALL)
        try:
            place = int(json.loads(found[0])["position"]) if found else None
        except (ValueError, KeyError):
            place = None
        return None if place is None else len((asked + sql).encode()[:place].decode(errors="ignore")) - len(asked)
    finally:
        execute("RESET errors_as_json")
    return None


def renamed(sql: str, wanted: str, delivered: str, position: int | None) -> str:
    """The statement with ``delivered`` in place of the reference to ``wanted`` at ``position``.

    A whole item of a SELECT list keeps the name that was written. Without a position every reference is renamed
    that is not an alias.
    """
    tokens = list(_tokens(sql))
    if position is not None:
        for at, each in enumerate(tokens):
            if each.start >= position and each.name == wanted:
                alias = f" AS {each.text}" if _whole_item(tokens, at) else ""
                return f"{sql[: each.start]}{delivered}{alias}{sql[each.start + len(each.text) :]}"
    parts, done = [], 0
    for before, each in zip([None, *tokens], tokens, strict=False):
        if each.name == wanted and not (before and before.name == "as"):
            parts += [sql[done : each.start], delivered]
            done = each.start + len(each.text)
    return "".join([*parts, sql[done:]])


@dataclass
class _Token:
    start: int
    text: str
    name: str | None
    """The name in small letters, without quotes."""
    listed: bool
    """Whether it stands in the list of a SELECT."""


def _tokens(sql: str) -> Iterator[_Token]:
    """What a statement is made of, without spaces and comments."""
    clauses = [False]
    for match in TOKEN.finditer(sql):
        text = match[0]
        if match["space"] or text.startswith(("--", "/*")):
            continue
        name = match["name"]
        word = name.lower() if name and not name.startswith('"') else ""
        if text == "(":
            clauses.append(False)
        elif text == ")" and len(clauses) > 1:
            clauses.pop()
        elif word == "select":
            clauses[-1] = True
        elif word in CLAUSES:
            clauses[-1] = False
        plain = name.strip('"').replace('""', '"').lower() if name else None
        yield _Token(match.start(), text, plain, clauses[-1])


def _whole_item(tokens: list[_Token], at: int) -> bool:
    """Whether the reference that ends with this token is a whole item of a SELECT list."""
    if not tokens[at].listed:
        return False
    first = at
    while first >= 2 and tokens[first - 1].text == ".":
        first -= 2
    before = tokens[first - 1] if first else None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    begins = before is not None and (before.text == "," or before.name in ("select", "distinct", "all"))
    ends = after is None or after.text in (",", ")", ";") or after.name in CLAUSES
    return begins and ends
