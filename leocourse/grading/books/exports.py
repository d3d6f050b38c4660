"""Marks as files that other systems read: Canvas, Moodle, Blackboard, and nbgrader's own export.

Each file has the columns that the system's help says it matches by. None of those systems runs in our tests; try an
upload with one student first.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leocourse.grading.harmless import write_csv


@dataclass(frozen=True)
class Line:
    """A student's marks for an assignment, as the gradebook holds them. ``None`` is nothing handed in."""

    student: str
    first_name: str
    last_name: str
    email: str
    assignment: str
    duedate: str
    timestamp: str
    raw_score: float | None
    penalty: float
    max_score: float
    to_read: bool = False
    """Whether a person has still to mark part of it."""
    unmarked: bool = False
    """Whether it could not be marked by machine, and no person has marked it yet."""

    @property
    def has_mark(self) -> bool:
        """Whether something was handed in and marked."""
        return self.raw_score is not None and not self.unmarked

    @property
    def score(self) -> float:
        """Points with what was taken off for being late; nothing handed in gives 0, as in nbgrader."""
        return max(0.0, (self.raw_score or 0.0) - self.penalty)


NBGRADER = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
            "late_submission_penalty", "score", "max_score")  # fmt: skip
"""The columns of ``nbgrader export``."""


def exports(lines: Sequence[Line]) -> dict[str, str]:
    """The files for other systems by name: ``canvas.csv``, ``moodle.csv``, ``blackboard.csv`` and ``nbgrader.csv``."""
    return {
        "canvas.csv": write_csv(_canvas(lines)),
        "moodle.csv": write_csv(_moodle(lines)),
        "blackboard.csv": write_csv(_blackboard(lines), csv.QUOTE_ALL),
        "nbgrader.csv": write_csv([NBGRADER, *map(_nbgrader, lines)]),
    }


def _students(lines: Sequence[Line]) -> dict[str, dict[str, Line]]:
    found: dict[str, dict[str, Line]] = {}
    for line in lines:
        found.setdefault(line.student, {})[line.assignment] = line
    return found


def _tops(lines: Sequence[Line]) -> dict[str, float]:
    return {line.assignment: line.max_score for line in lines}


def _grades(of: dict[str, Line], tops: dict[str, float]) -> list[Any]:
    """Blank where nothing was handed in or marked: an empty cell changes nothing there, a 0 would."""
    return [of[name].score if name in of and of[name].has_mark else "" for name in tops]


def _person(of: dict[str, Line]) -> Line:
    return next(iter(of.values()))


def _canvas(lines: Sequence[Line]) -> list[list[Any]]:
    """Canvas matches by ID, SIS User ID or SIS Login ID; its own ID is not known here and stays empty.

    The row after the names of the columns gives the points possible.
    """
    tops, rows = _tops(lines), []
    for student, of in _students(lines).items():
        who = _person(of)
        name = f"{who.last_name}, {who.first_name}" if who.last_name or who.first_name else student
        rows.append([name, "", "", student, "", *_grades(of, tops)])
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *tops]
    return [head, ["    Points Possible", "", "", "", "", *tops.values()], *rows]


def _moodle(lines: Sequence[Line]) -> list[list[Any]]:
    """Moodle asks at the upload which column says who it is and which column goes where."""
    tops = _tops(lines)
    rows = [[student, _person(of).email, _person(of).first_name, _person(of).last_name, *_grades(of, tops)]
            for student, of in _students(lines).items()]  # fmt: skip
    return [["ID number", "Email address", "First name", "Last name", *tops], *rows]


def _blackboard(lines: Sequence[Line]) -> list[list[Any]]:
    """Blackboard matches students by Username; a column without the number that it gives makes a new column."""
    tops = _tops(lines)
    rows = [[_person(of).last_name, _person(of).first_name, student, *_grades(of, tops)]
            for student, of in _students(lines).items()]  # fmt: skip
    return [["Last Name", "First Name", "Username", *tops], *rows]


def _nbgrader(line: Line) -> list[Any]:
    return [line.assignment, line.duedate, line.timestamp, line.student, line.last_name, line.first_name, line.email,
            line.raw_score or 0.0, line.penalty, line.score, line.max_score]  # fmt: skip
