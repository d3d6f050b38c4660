"""What the notebook of an assignment takes from its questions: the headings and the points.

In the source a question is headed ``## Question 5``, and its points are 0. A release has title, kind and points from
the question (:mod:`leocourse.authoring.preprocessor`), so they are said in one place only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from leocourse.authoring.question import KINDS, QUESTIONS, Assignment
from leocourse.core.errors import LeoError

if TYPE_CHECKING:
    from nbformat import NotebookNode

WRITTEN_TITLE, WRITTEN_KIND = "in words", "marked by a person"


def fill(notebook: NotebookNode, assignment: Assignment) -> NotebookNode:
    """Write headings and points of the questions into a notebook, which is returned.

    The worked example has a heading of its own and no points. Raises LeoError, naming the cell, for one that is
    marked and belongs to no question.
    """
    headings, points = _headings(assignment), _points(assignment)
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if not meta:
            continue
        cell_name = meta.get("grade_id", "")
        name = re.sub(r"-(text|check)$", "", cell_name)
        if name in headings and cell_name == f"{name}-text":
            bare = re.escape(bare_heading(name))
            cell.source = re.sub(rf"\A{bare}\b.*", lambda _, new=headings[name]: new, cell.source)
        if meta.get("grade"):
            if name not in points:
                raise LeoError(
                    f"The notebook of {assignment.name} marks the cell {cell_name}, and neither {QUESTIONS} nor "
                    "assignment.toml has such a question."
                )
            meta["points"] = points[name]
    return notebook


def bare_heading(name: str) -> str:
    """The heading of a question in the source: ``q5`` has ``## Question 5``."""
    return f"## Question {name.removeprefix('q')}"


def _headings(assignment: Assignment) -> dict[str, str]:
    """The heading of each question and written answer, by name."""
    told = {each.name: (each.title, KINDS[each.kind], each.points) for each in assignment.questions}
    told |= {name: (WRITTEN_TITLE, WRITTEN_KIND, points) for name, points in assignment.written.items()}
    return {
        name: f"{bare_heading(name)}: {_inside(title)} ({kind}, {points:g} point{'' if points == 1 else 's'})"
        for name, (title, kind, points) in told.items()
    }


def _points(assignment: Assignment) -> dict[str, Any]:
    """Points of each question and written answer, by name."""
    return {each.name: each.points for each in assignment.questions} | assignment.written


def _inside(title: str) -> str:
    """A title as it stands inside a line: it begins small, unless its first word is an abbreviation."""
    first = title.split(" ", 1)[0]
    return title if first[1:] != first[1:].lower() else title[:1].lower() + title[1:]
