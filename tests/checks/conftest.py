"""The lesson extract and its keys, as a notebook has them."""

from __future__ import annotations

import json

import pytest
from bank import ByAssignment

from leocourse.core.connect import connect


@pytest.fixture(scope="module")
def con(lesson):
    """One connection for all: an answer only reads."""
    with connect(lesson) as opened:
        yield opened


@pytest.fixture(scope="module")
def keys(lesson):
    """The keys beside the lesson extract, as a notebook reads them."""

    def make(name):
        key = json.loads((lesson / "keys" / f"{name}.json").read_text(encoding="utf-8"))
        return {(name, each["specification"]["name"]): each for each in [*key["worked"], *key["questions"]]}

    return ByAssignment(make)
