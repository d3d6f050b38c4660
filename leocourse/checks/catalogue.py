"""The catalogue of misconceptions: what each is called, how it shows, and how a teacher explains it.

Course side. ``solutions/misconceptions.toml`` holds one table a misconception; questions refer to it by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from leocourse.checks.question import Misconception, Reference, assignments, load_assignment
from leocourse.errors import LeoError
from leocourse.schema.dictionary import NOTICE

FILE = "misconceptions.toml"
Slip = Callable[[str, str, Reference], Misconception]
"""Makes the misconception of a question from its name, the message to a learner and the answer it leads to."""


@dataclass(frozen=True)
class Entry:
    """One misconception, as a teacher sees it."""

    name: str
    title: str
    """One line, said to the learner too."""
    shows: str
    """How it shows in an answer."""
    explain: str
    """What to say or draw when explaining it."""
    lesson: str
    """Title of the lesson that explains it."""


def read_catalogue(path: Path) -> dict[str, Entry]:
    """The catalogue by name, in the order of the file. Raises LeoError naming an entry that is not whole."""
    found = {}
    for name, fields in tomllib.loads(path.read_text(encoding="utf-8")).items():
        wanted = {"title", "shows", "explain", "lesson"}
        if not isinstance(fields, dict) or set(fields) != wanted or not all(fields.values()):
            raise LeoError(f"{path.name}: [{name}] needs exactly {', '.join(sorted(wanted))}.")
        found[name] = Entry(name, **{field: " ".join(text.split()) for field, text in fields.items()})
    return found


def slips(questions: str) -> Slip:
    """``slip = slips(__file__)`` in a ``questions.py``: then ``slip(name, message, answer)``.

    Raises LeoError for a name that is not in the catalogue.
    """
    path = Path(questions).resolve().parents[1] / FILE
    entries = read_catalogue(path)

    def slip(name: str, message: str, answer: Reference) -> Misconception:
        if name not in entries:
            raise LeoError(f"The misconception '{name}' is not in {path}: add it there.")
        return Misconception(name, entries[name].title, message, entries[name].lesson, answer)

    return slip


def catalogue_page(root: Path) -> str:
    """The page for teachers, as Markdown: every misconception by lesson, how it shows and which questions catch it."""
    entries = read_catalogue(root / "solutions" / FILE)
    caught: dict[str, list[str]] = {name: [] for name in entries}
    for folder in assignments(root):
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
