"""What the tests of intake share: the assignments, notebooks of several states, and folders and zips made of them."""

from __future__ import annotations

import copy
import functools
import io
import json
import zipfile
from pathlib import Path

from leocourse.grading.intake.signs import assignment_of
from leocourse.grading.notebook import grade_id_of, released_cells

ROOT = Path(__file__).resolve().parents[3]
FIRST, LAST = "01-first-queries-and-linking", "06-table-for-release"
NAMES = {FIRST: "first-queries-and-linking", LAST: "table-for-release"}
PATHS = {name: ROOT / "exercises" / name / f"{notebook}.ipynb" for name, notebook in NAMES.items()}


@functools.cache
def assignments():
    """Two assignments, as marking knows them."""
    return {name: assignment_of(name, NAMES[name], released_cells(path)) for name, path in PATHS.items()}


@functools.cache
def handed_out(name=LAST):
    return json.loads(PATHS[name].read_text(encoding="utf-8"))


def notebook(text="mine", name=LAST, change=None):
    """A notebook in which question 1 was answered with this text; untouched without one."""
    book = copy.deepcopy(handed_out(name))
    if text:
        next(cell for cell in book["cells"] if grade_id_of(cell) == "q1")["source"] = f"q1 = {text!r}"
    if change:
        change(book)
    return json.dumps(book).encode()


def put(folder, files):
    """Write files, by path; None is an empty folder."""
    for name, content in files.items():
        path = Path(folder) / name
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Path(folder)


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """A zip of files, by path, as bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}/" if content is None else name, content or b"")
    return made.getvalue()


def table(intake):
    """Who hands in what, as it will be marked: problem or time of each."""
    return {(each.student, each.assignment): each.problem or each.timestamp or "to mark" for each in intake.submissions}
