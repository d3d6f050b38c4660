"""What a learner gets: marks, messages and what to do next, never the key or the source of a test.

One page of HTML and the same as Markdown for an e-mail. Whatever a submission had a hand in (names, messages,
errors, output) is hostile: it is shown as text, on the page under a policy that lets nothing run or load.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from leocourse.checks import reading
from leocourse.checks.comparison import DIFFERS, as_text
from leocourse.checks.result import MARKS, NOT_ATTEMPTED, PARTLY, STOPPED, WRONG, Result
from leocourse.checks.words import say
from leocourse.core.plain import clean
from leocourse.grading.harmless import fenced, plain_markdown

PRINTED_LIMIT, ITEMS_LIMIT = 4_000, 30
"""Characters of output, and items of a list, that a page shows."""
CUT = "(the rest is cut off)"
ADVICE = {
    NOT_ATTEMPTED: "Put an answer into the cell, run the check below it, and hand in again.",
    STOPPED: "Restart the kernel, run all cells from the top, mend the first one that stops, and hand in again.",
    WRONG: "Change your answer, run the check below it until it says right, and hand in again.",
    PARTLY: "Part of this is right: keep it. Change the rest, run the check below it, and hand in again.",
}
"""What to do next, by the status of a question."""

Hints = Mapping[str, Sequence[str]]
"""The hints of each question, by its name."""


def feedback_page(
    title: str,
    student: str,
    results: list[Result],
    notes: list[str],
    to_read: list[str],
    outcome: dict[str, Any],
    marked_on: str = "",
    hints: Hints | None = None,
) -> str:
    """One self-contained HTML page. Everything in it is escaped, nothing in it can run, and it loads nothing.

    ``outcome`` holds ``printed`` (text) and ``errors`` (each with ``cell`` and ``error``) of the submission.
    """
    told = _told(title, student, results, notes, to_read, outcome, marked_on, hints)
    return pages.get_template("feedback.html").render(told, style=STYLE, style_hash=STYLE_HASH)


def feedback_mail(
    title: str,
    student: str,
    results: list[Result],
    notes: list[str],
    to_read: list[str],
    outcome: dict[str, Any],
    marked_on: str = "",
    hints: Hints | None = None,
) -> str:
    """The same as Markdown for an e-mail. Text of a submission forms no link, image, heading or HTML in it."""
    told = _told(title, student, results, notes, to_read, outcome, marked_on, hints)
    return _mails.get_template("feedback.md").render(told).strip() + "\n"


def _told(
    title: str, student: str, results: list[Result], notes: list[str], to_read: list[str], outcome: dict[str, Any],
    marked_on: str, hints: Hints | None,
) -> dict[str, Any]:  # fmt: skip
    printed = str(outcome.get("printed", "")).strip()
    if len(printed) > PRINTED_LIMIT:
        printed = f"{printed[:PRINTED_LIMIT]}\n{CUT}"
    errors = [f"{str(each['cell']).capitalize()}: {each['error']}" for each in outcome.get("errors", [])]
    return {
        "title": title,
        "student": student,
        "results": results,
        "score": sum(result.score for result in results),
        "points": sum(result.points for result in results),
        "notes": _shortened(notes),
        "to_read": to_read,
        "errors": _shortened(errors),
        "printed": printed,
        "marks": MARKS,
        "marked_on": marked_on,
        "advice": ADVICE,
        "reading": [reading.words(each.lesson, each.heading) for each in results],
        "links": [reading.in_book(each.lesson, each.heading) for each in results],
        "tables": ["\n".join(as_text(each.table)) for each in results],
        "table_caption": say("table"),
        "differs": DIFFERS,
        "shown": (WRONG, PARTLY),
        "hints": {name: list(each)[:1] for name, each in (hints or {}).items()},
    }


def _shortened(items: list[str]) -> list[str]:
    return items if len(items) <= ITEMS_LIMIT else [*items[:ITEMS_LIMIT], CUT]


pages = Environment(
    loader=PackageLoader("leocourse.grading.books"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: clean(value) if type(value) is str else value,
)
"""Makes pages: everything that is put into one is escaped and cleaned."""
_mails = Environment(loader=PackageLoader("leocourse.grading.books"), trim_blocks=True, lstrip_blocks=True)
_mails.filters |= {"plain": plain_markdown, "fenced": fenced}
STYLE = Markup(pages.loader.get_source(pages, "page.css")[0])  # our own file
"""The style sheet of every page that marking writes."""
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""What the page's policy names, so that no other style counts."""
