"""The assignment of which samples are marked, what it is worth, and the cells of its notebook."""

from __future__ import annotations

from pathlib import Path

from leocourse.authoring.question import load_assignment

ASSIGNMENT = "06-table-for-release"
NOTEBOOK = "table-for-release"
COURSE = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / ASSIGNMENT)
QUESTIONS = {question.name: question.points for question in COURSE.questions}
"""The points of each question that is marked by the checks."""
POINTS = sum(QUESTIONS.values())
WITH_WRITTEN = POINTS + sum(COURSE.written.values())


def cell(data, grade_id):
    """The cell of a notebook with a grade id."""
    return next(c for c in data["cells"] if c.get("metadata", {}).get("nbgrader", {}).get("grade_id") == grade_id)
