"""An answer: a table of plain values, or the reason why there is none. Nothing here knows what is right.

:mod:`leocourse.checks.evaluate` makes one of whatever a learner wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from leocourse.checks.words import LADDER

STUB = "...  # YOUR ANSWER HERE"
"""What stands in a released notebook where the answer goes."""
ROW_LIMIT: int = LADDER["row_limit"]
"""The most rows of an answer."""


class NotAttempted(Exception):
    """There is no answer yet. That is different from a wrong one."""


class Stopped(Exception):
    """The answer could not be run. The message is for the learner."""


class Late(Stopped):
    """The answer took longer than it may. ``sql`` says that DuckDB was at work when it was stopped."""

    def __init__(self, message: str, sql: bool = False) -> None:
        super().__init__(message)
        self.sql = sql


@dataclass(frozen=True)
class Answer:
    """A table of plain values: numbers, text, ISO dates and None. Column names are lower case."""

    columns: dict[str, list]
    labels: dict[str, str] = field(default_factory=dict)
    """Title and axis labels, if the answer is a figure."""
    caution: str = ""
    """What makes it doubtful that these are the rows that were meant. Said if they are not right."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), []))

    @cached_property
    def families(self) -> dict[str, str]:
        """What each column holds: number, date, text, missing (nothing but missing values) or mixed."""
        return {name: _family_of(values) for name, values in self.columns.items()}


def _family_of(values: list) -> str:
    types = set(map(type, values)) - {type(None)}
    if types == {str} and all(_is_iso_date(value) for value in values if value is not None):
        return "date"
    kinds = {"number" if issubclass(kind, (int, float)) else "text" for kind in types}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "missing"


def _is_iso_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
