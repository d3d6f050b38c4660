"""What to read again: a lesson and a heading in it, in words and as a link from where somebody is."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

LESSONS: dict[str, str] = json.loads(Path(__file__).with_name("lessons.json").read_text(encoding="utf-8"))
"""The page of each lesson by its title, seen from the folder of the book. The pages of the book read it too."""
BOOK = "LEO_BOOK_URL"
"""Where the book is served, if it is."""


def words(lesson: str, heading: str = "") -> str:
    """Lesson and heading, as a message names them."""
    return f"{lesson}: {heading}" if heading else lesson


def anchor(heading: str) -> str:
    """The id of a heading in a page of the book, and in a lesson that is open as a notebook."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def in_book(lesson: str, heading: str = "") -> str:
    """The address in the book that is served at ``$LEO_BOOK_URL``; empty if there is none."""
    base = os.environ.get(BOOK, "").strip()
    if lesson not in LESSONS or not base.startswith(("https://", "http://")):
        return ""
    return f"{base.rstrip('/')}/book/{LESSONS[lesson]}.html{_at(heading)}"


def beside(lesson: str, heading: str = "", here: Path | None = None) -> str:
    """A link for a notebook in the folder ``here``: to the lesson among the learner's own, else into the book."""
    if lesson not in LESSONS:
        return ""
    here = (here or Path.cwd()).resolve()
    for folder in (here, *here.parents[:3]):
        page = folder / "lessons" / f"{LESSONS[lesson].rsplit('/', 1)[-1]}.ipynb"
        if page.is_file():
            return Path(os.path.relpath(page, here)).as_posix() + _at(heading)
    return in_book(lesson, heading)


def _at(heading: str) -> str:
    return f"#{anchor(heading)}" if heading else ""
