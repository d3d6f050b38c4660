"""One locked connection to the lesson extract for all tests that run T-SQL."""

from __future__ import annotations

import sys

import pytest

from leocourse.srs.catalog import catalog
from leocourse.srs.run import Runner, sandbox


@pytest.fixture(scope="package")
def locked(lesson):
    """A sandbox on the lesson extract. Scripts share it, so each test names its own tables."""
    with sandbox(lesson) as con:
        yield con


@pytest.fixture(scope="package")
def views(locked):
    """The views of the lesson extract: read once, for it takes a while."""
    return catalog(locked)


@pytest.fixture
def tsql(locked, views, monkeypatch):
    """Runs a T-SQL script and gives its result. Loops that do not end are stopped early, to save time."""
    monkeypatch.setattr(sys.modules[Runner.__module__], "MOST_STEPS", 300)

    def run(sql: str):
        for kind, table in locked.execute(
            "SELECT table_type, table_name FROM information_schema.tables WHERE table_schema = 'scratch'"
        ).fetchall():
            quoted = table.replace('"', '""')
            locked.execute(f'DROP {"VIEW" if kind == "VIEW" else "TABLE"} memory.scratch."{quoted}"')
        return Runner(locked, views).run(sql)

    return run
