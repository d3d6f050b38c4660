"""Three sample submissions of each assignment: right, with slips, and empty. To try marking out."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import duckdb
import nbformat

from leocourse.authoring.handout import pristine
from leocourse.authoring.notebook import fill
from leocourse.authoring.question import assignment_folders, load_assignment, notebook_of
from leocourse.authoring.release import solution_cells
from leocourse.core.connect import connect
from leocourse.core.paths import LESSON_EXTRACT

STUDENTS = ("right", "slips", "empty")


def write_samples(root: Path, folder: Path, only: str = "") -> Path:
    """Write ``<student>/<assignment>.ipynb`` for each sample student, of all assignments or ``only`` one.

    Returns the folder.
    """
    for solution in assignment_folders(root):
        if only not in ("", solution.name):
            continue
        notebook = notebook_of(solution)
        source = nbformat.read(solution / f"{notebook}.ipynb", as_version=4)
        right = fill(source, load_assignment(solution))
        for cell in right.cells:
            cell.source = solution_cells(cell.source)
        released = pristine(root, root / "exercises" / solution.name / f"{notebook}.ipynb")
        empty = nbformat.read(released, as_version=4)
        slips = nbformat.from_dict(right)
        with connect(root / LESSON_EXTRACT) as con:
            answers = _answers(solution / "sample.py", con)
        for student, book in zip(STUDENTS, (right, _with(slips, answers), empty), strict=True):
            path = folder / student / f"{solution.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(book, path)
    return folder


def _with(notebook: nbformat.NotebookNode, answers: dict[str, str]) -> nbformat.NotebookNode:
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return copy


def _answers(path: Path, con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the sample submission with slips says, by grade id. It may copy numbers from the lesson extract."""
    spec = importlib.util.spec_from_file_location("sample", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.answers(con)
