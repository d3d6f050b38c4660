"""The page that a learner gets: marks and messages, never the key or the source of a test."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment, PackageLoader

from leocourse.checks.result import MARKS, Result

PRINTED_LIMIT = 4_000
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
"""Terminal colours and control characters, which no page needs."""


def feedback_page(
    title: str,
    student: str,
    results: list[Result],
    notes: list[str],
    to_read: list[str],
    outcome: dict[str, Any],
    marked_on: str = "",
) -> str:
    """One self-contained HTML page. Everything in it is escaped, and it can load nothing."""
    printed = str(outcome.get("printed", "")).strip()
    if len(printed) > PRINTED_LIMIT:
        printed = printed[:PRINTED_LIMIT] + "\n(the rest is cut off)"
    return _pages.get_template("feedback.html").render(
        title=title,
        student=student,
        results=results,
        score=sum(result.score for result in results),
        points=sum(result.points for result in results),
        notes=notes,
        to_read=to_read,
        errors=outcome.get("errors", []),
        printed=printed,
        marks=MARKS,
        marked_on=marked_on,
    )


def clean(text: str) -> str:
    """Text without terminal colours, control characters and halves of characters that cannot be written."""
    return CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


_pages = Environment(
    loader=PackageLoader("leocourse.grading"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: clean(value) if type(value) is str else value,
)
