"""The page of the catalogue of misconceptions."""

from __future__ import annotations

import re
from pathlib import Path

from leocourse.authoring.catalogue import FILE, read_catalogue
from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.site.pages.markup import NOTICE


def catalogue_page(root: Path) -> str:
    """The page for teachers, as Markdown: every misconception by lesson, how it shows and which questions catch it."""
    entries = read_catalogue(root / "solutions" / FILE)
    caught: dict[str, list[str]] = {name: [] for name in entries}
    for folder in assignment_folders(root):
        for question in load_assignment(folder).with_worked:
            for slip in question.misconceptions:
                caught[slip.name].append(f"{folder.name[:2]} {question.name}")
    lessons = dict.fromkeys(entry.lesson for entry in entries.values())
    parts = [
        "# Misconceptions",
        "For teachers: what goes wrong, how it shows, which questions catch it, and what helps.\n"
        "Learners read the title and a message made for the question; `leo report` counts who has which.\n"
        f"There are {len(entries)}.\nA question is named by the number of its assignment and its own.",
        NOTICE,
    ]
    for lesson in lessons:
        parts.append(f"## {lesson}")
        for entry in entries.values():
            if entry.lesson == lesson:
                questions = ", ".join(caught[entry.name])
                parts.append(
                    f"### {entry.title}\n\n`{entry.name}`\n\n"
                    f"How it shows\n: {_lines(entry.shows)}\n\nWhat helps\n: {_lines(entry.explain)}\n\n"
                    f"Caught by\n: {questions}"
                )
    return "\n\n".join(parts) + "\n"


def _lines(text: str) -> str:
    """One sentence a line, inside an entry of a definition list."""
    return re.sub(r"(?<=[.?!]) (?=[A-Z])", "\n  ", text)
