"""What a question is: its specification, which travels with the key, and its reference answers, which do not.

Also where the questions of an assignment are read from.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError

Reference = str | Callable[..., Any]
"""SQL, or a function of the connection."""


@dataclass(frozen=True)
class Misconception:
    """A slip that has a name: an answer that somebody gives who holds it, and what to tell them."""

    name: str
    title: str
    message: str
    lesson: str
    answer: Reference
    """What such a person would write. Course side only."""


@dataclass(frozen=True)
class Question:
    """One autograded question of an assignment.

    ``identity`` names the columns that say whom or what a row is about; ``unit`` is the word for it
    in messages. ``people`` says that a row is a person, so that the right people earn part of the marks.
    ``tolerance`` gives, by column, how far a number may be off. ``calls`` are the arguments with which
    a function is called, one check a call. ``universe`` is SQL for the identities that could be missing.
    """

    name: str
    title: str
    answer_name: str
    kind: str
    points: float
    columns: dict[str, str]
    identity: tuple[str, ...]
    unit: str
    lesson: str
    reference_sql: Reference
    reference_pandas: Reference
    people: bool = False
    ordered: bool = False
    tolerance: dict[str, float] = field(default_factory=dict)
    calls: tuple[dict[str, Any], ...] = ({},)
    universe: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    alternatives: tuple[Reference, ...] = ()
    """Other right answers, written differently. Course side only, for the tests."""

    def specification(self) -> dict[str, Any]:
        """What a check needs to know and may be seen: everything but the answers."""
        return {
            "name": self.name,
            "title": self.title,
            "answer_name": self.answer_name,
            "kind": self.kind,
            "points": self.points,
            "columns": self.columns,
            "identity": list(self.identity),
            "unit": self.unit,
            "people": self.people,
            "ordered": self.ordered,
            "tolerance": self.tolerance,
            "calls": list(self.calls),
            "universe": self.universe,
            "labels": self.labels,
            "lesson": self.lesson,
            "hints": list(self.hints),
            "misconceptions": {
                each.name: {"title": each.title, "message": each.message, "lesson": each.lesson}
                for each in self.misconceptions
            },
        }


@dataclass(frozen=True)
class About:
    """What marking needs of an assignment beside its key; the key holds it too (:func:`about_key`)."""

    title: str
    written: dict[str, float]
    """Points of each manually marked question, by name."""
    hints: dict[str, Sequence[str]]
    """Hints of each question, by name."""


def about_key(key: dict[str, Any]) -> About:
    """The same as :meth:`Assignment.about`, from a key (see :func:`leocourse.authoring.keys.assignment_key`)."""
    specifications = [entry["specification"] for entry in key["questions"]]
    return About(key["title"], key["written"], {each["name"]: each["hints"] for each in specifications})


@dataclass(frozen=True)
class Assignment:
    """An assignment on the course side: its questions and the manually marked cells."""

    name: str
    title: str
    questions: tuple[Question, ...]
    written: dict[str, float] = field(default_factory=dict)
    """Points of each manually marked question, by name."""
    worked: Question | None = None
    """The example that comes with its answer, to run and to read. It has no points and is never marked."""
    people: int = 4_000
    """People in an extract to mark on: enough that a misconception is seldom like the right answer there."""

    @property
    def with_worked(self) -> tuple[Question, ...]:
        """All that a learner can check: the worked example, then the questions."""
        return (*((self.worked,) if self.worked else ()), *self.questions)

    def about(self) -> About:
        """What marking needs of it beside its key."""
        return About(self.title, self.written, {each.name: each.hints for each in self.questions})


def load_assignment(folder: Path) -> Assignment:
    """Read ``questions.py`` in an assignment's folder in ``solutions/``. Raises LeoError if there is none."""
    path = folder / "questions.py"
    if not path.is_file():
        raise LeoError(f"No questions for '{folder.name}': {path} does not exist.")
    spec = importlib.util.spec_from_file_location(f"questions_{folder.name.replace('-', '_')}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.ASSIGNMENT


def assignments(root: Path) -> list[Path]:
    """The folders of all assignments in ``solutions/``, in order."""
    return sorted(path.parent for path in (root / "solutions").glob("*/questions.py"))


def notebook_of(folder: Path) -> str:
    """The name of the one notebook of an assignment. Raises LeoError if there is not exactly one."""
    found = sorted(path.stem for path in folder.glob("*.ipynb"))
    if len(found) != 1:
        raise LeoError(f"{folder} must hold exactly one notebook, and holds {len(found)}.")
    return found[0]
