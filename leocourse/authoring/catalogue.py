"""The catalogue of misconceptions: what each is called, how it shows, and how a teacher explains it.

Course side. ``solutions/misconceptions.toml`` holds one table a misconception; questions refer to it by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leocourse.authoring.question import Misconception, Reference
from leocourse.core.errors import LeoError

FILE = "misconceptions.toml"
Slip = Callable[..., Misconception]
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
    heading: str = ""
    """The heading in it under which that stands, if there is one."""
    says: str = ""
    """What the learner is told where a question does not say it in words of its own."""


def read_catalogue(path: Path) -> dict[str, Entry]:
    """The catalogue by name, in the order of the file. Raises LeoError naming an entry that is not whole."""
    found = {}
    for name, fields in tomllib.loads(path.read_text(encoding="utf-8")).items():
        wanted = {"title", "shows", "explain", "lesson"}
        if not isinstance(fields, dict) or set(fields) - {"heading", "says"} != wanted or not all(fields.values()):
            needs = f"needs {', '.join(sorted(wanted))}, may have heading and says, and no other"
            raise LeoError(f"{path.name}: [{name}] {needs}.")
        found[name] = Entry(name, **{field: " ".join(text.split()) for field, text in fields.items()})
    return found


def slips(questions: str) -> Slip:
    """``slip = slips(__file__)`` in a file of a folder ``questions``: then ``slip(name, message, answer)``, or
    ``slip(name, message, at_least=6)`` with what it changes in the ``make`` of its question. Without a message it is
    told in the catalogue's own words.

    Raises LeoError for a name that is not in the catalogue, and for a slip that has no words.
    """
    folders = Path(questions).resolve().parents
    path = next((each / FILE for each in folders[2:4] if (each / FILE).is_file()), folders[2] / FILE)
    entries = read_catalogue(path)

    def slip(name: str, message: str = "", answer: Reference = "", **changes: Any) -> Misconception:
        if name not in entries:
            raise LeoError(f"The misconception '{name}' is not in {path}: add it there.")
        entry = entries[name]
        if not (message or entry.says):
            raise LeoError(f"The slip '{name}' has no message, and [{name}] in {path} has no says: give one.")
        return Misconception(name, entry.title, message or entry.says, entry.lesson, answer, entry.heading, changes)

    return slip
