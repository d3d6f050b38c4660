"""The tables of a run beside its gradebook: ``marks.csv`` and ``files.csv``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leocourse.core.plain import clean
from leocourse.grading.books.record import Graded, Record
from leocourse.grading.harmless import write_csv
from leocourse.grading.intake.model import MARK, Intake

BY_HAND = "to be marked by a person"
"""The status of a question that no machine marks."""


def marks_csv(records: Iterable[Record]) -> str:
    """``marks.csv``: one row a submission and question, and one for each submission that was not marked.

    A question that a person marks has no score here; the gradebook gets it.

    Holds all that the gradebook holds, other runs' submissions too.
    """
    header = ["student", "assignment", "question", "status", "score", "points", "misconception", "message", "isolation"]
    rows: list[list[Any]] = []
    for each in records:
        who = [each.student, each.assignment]
        if each.problem:
            rows.append([*who, "", "not marked", "", "", "", each.problem, each.isolation])
        for result in each.results:
            line = [result.question, result.status, result.score, result.points, result.misconception or ""]
            rows.append([*who, *line, result.message, each.isolation])
        rows += [[*who, question, BY_HAND, "", "", "", "", each.isolation] for question in each.to_read]
    return write_csv([header, *sorted(rows, key=lambda row: (row[0], row[1]))])


def files_csv(intake: Intake, done: list[Graded]) -> str:
    """``files.csv``: what became of every file of this run's folder or zip."""
    graded = {each.name: each for each in done}
    became = {
        name: ("not marked" if graded[name].problem else "marked", graded[name].problem)
        for name, (what, _) in intake.files.items() if what == MARK and name in graded
    }  # fmt: skip
    rows = [[clean(name), *map(clean, said)] for name, said in sorted((intake.files | became).items())]
    return write_csv([["file", "what", "why"], *rows])
