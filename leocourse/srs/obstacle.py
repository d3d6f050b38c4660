"""Something that will not run on SQL Server 2019, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.tokens import Token


@dataclass(frozen=True, order=True)
class Obstacle:
    """Something that will not run there (or, if not ``fails``, will mean something else)."""

    line: int
    column: int
    what: str
    instead: str
    fails: bool = True

    def __str__(self) -> str:
        kind = "" if self.fails else "note: "
        return f"{self.line}:{self.column}: {kind}{self.what}. Write {self.instead}."


def at_token(token: Token, what: str, instead: str, fails: bool = True) -> Obstacle:
    """An obstacle at a token."""
    return Obstacle(token.line, max(token.col - (token.end - token.start), 1), what, instead, fails)


def at_node(node: exp.Expression, what: str, instead: str, fails: bool = True) -> Obstacle:
    """An obstacle at the first name or literal of a node that knows its place."""
    for part in node.walk(bfs=False):
        if "line" in part.meta:
            meta = part.meta
            return Obstacle(meta["line"], max(meta["col"] - (meta["end"] - meta["start"]), 1), what, instead, fails)
    return Obstacle(1, 1, what, instead, fails)
