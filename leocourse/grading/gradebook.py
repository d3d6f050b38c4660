"""Records marks in nbgrader's gradebook, through nbgrader's own interface."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning

from leocourse.checks.result import Result
from leocourse.errors import LeoError
from leocourse.grading.notebook import Notebook, source
from leocourse.release import tool_environment


class Marks:
    """A gradebook open for recording. Use as a context manager."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> Marks:
        os.environ["PATH"] = tool_environment()["PATH"]  # nbgrader calls alembic by name to make a new gradebook
        try:
            self.gradebook = Gradebook(self.url, course_id="leo-course")
        except Exception as error:  # SQLAlchemy raises many kinds; none of them is for the user to read
            raise LeoError(f"Cannot open the gradebook {self.url}: {str(error).splitlines()[0]}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    def define(self, assignment: str, notebook: str, source_notebook: Path) -> None:
        """Make sure that the gradebook knows the assignment's cells and points, as nbgrader would."""
        try:
            self.gradebook.find_notebook(notebook, assignment)
            return
        except MissingEntry:
            pass
        self.gradebook.update_or_create_assignment(assignment)
        nb = nbformat.read(source_notebook, as_version=4)
        resources = {"nbgrader": {"db_url": self.url, "notebook": notebook, "assignment": assignment, "student": "."}}
        preprocessor = SaveCells()
        preprocessor.preprocess(nb, resources)
        self.gradebook.db.expire_all()

    def record(
        self,
        student: str,
        assignment: str,
        notebook: str,
        results: list[Result],
        submitted: Notebook,
        timestamp: str = "",
    ) -> None:
        """Record the marks of one submission. Manual marks stay as they are.

        ``timestamp`` is when it was handed in, as nbgrader writes it; without one the gradebook has none,
        so nobody is late because of the day of marking. Raises ValueError if it is no time.
        """
        book = self.gradebook
        with warnings.catch_warnings():  # nbgrader adds its rows in an order that SQLAlchemy remarks upon
            warnings.simplefilter("ignore", SAWarning)
            book.update_or_create_student(student)
            submission = book.update_or_create_submission(assignment, student)
        if timestamp:
            submission.timestamp = parse_utc(timestamp)
        for result in results:
            grade = book.find_grade(f"{result.question}-check", notebook, assignment, student)
            grade.auto_score, grade.needs_manual_grade = result.score, False
        for name, text in submitted.written.items():
            grade = book.find_grade(name, notebook, assignment, student)
            if text:
                grade.auto_score = None
                grade.needs_manual_grade = grade.manual_score is None
            else:  # left as it was: nothing to read
                grade.auto_score, grade.needs_manual_grade = 0.0, False
        book.db.commit()


def marked_copy(submitted: Notebook, released: Path, results: list[Result]) -> dict[str, Any]:
    """The notebook that the formgrader shows: the released cells, with the learner's text in the answer
    cells, everything else of theirs after it, and the result of each check as its output."""
    release = json.loads(released.read_text(encoding="utf-8"))
    theirs: dict[str, dict[str, Any]] = {}
    others = []
    known = {_id(cell) for cell in release["cells"]}
    for cell in submitted.raw["cells"]:
        if _id(cell) in known and _id(cell):
            theirs[_id(cell)] = cell
        else:
            others.append(cell)
    by_check = {f"{result.question}-check": result for result in results}
    cells = []
    for cell in release["cells"]:
        name = _id(cell)
        locked = cell.get("metadata", {}).get("nbgrader", {}).get("locked", True)
        text = source(theirs[name]) if name in theirs and not locked else source(cell)
        cell["source"] = text
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = None, []
            if name in by_check:
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": str(by_check[name])}]
        cells.append(cell)
    for number, cell in enumerate(others):
        plain = {"cell_type": "raw", "id": f"other-{number}", "metadata": {}, "source": source(cell)[:20_000]}
        cells.append(plain)
    return {**release, "cells": cells}


def _id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else ""
