"""What a script of T-SQL may take: time, and depth. It comes from anybody, so it ends in one line whatever it holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from leocourse.checks.answer import Late
from leocourse.checks.limit import VARIABLE, limited, seconds_allowed
from leocourse.core.errors import LeoError

SECONDS = 120.0
"""How long a script may run or be looked at, if ``$LEO_CHECK_SECONDS`` does not say otherwise."""


def seconds() -> float:
    """How long a script may take. Raises LeoError if ``$LEO_CHECK_SECONDS`` is no number above 0."""
    return seconds_allowed() if os.environ.get(VARIABLE) else SECONDS


@contextmanager
def bounded(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run a block that reads or runs a script, and say in one LeoError what of it was too much."""
    allowed = seconds()
    try:
        with limited(allowed, con):
            yield
    except Late:
        raise LeoError(
            f"The script was stopped after {allowed:g} seconds: is a join condition missing, or does a recursion never "
            f"end? ${VARIABLE} is how long it may take."
        ) from None
    except RecursionError:
        raise LeoError(
            "The script is nested too deeply, or one of its statements has too many terms, to be read: split it into "
            "steps."
        ) from None
