"""What learners receive: current, and free of answers. And nbgrader's own commands on this course."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys

import nbformat
import pytest
import rules

from leocourse.authoring.release import MADE, generate, put_in_place, tool_environment
from leocourse.core.keep import RECORD
from leocourse.grading.samples import write_samples

ASSIGNMENT, NOTEBOOK = "06-table-for-release", "table-for-release"


@pytest.fixture(scope="module")
def copy(root, tmp_path_factory, lesson):
    """A copy of the course to run nbgrader in, so that nobody's gradebook is touched."""
    target = tmp_path_factory.mktemp("course") / "course"
    target.mkdir()
    for name in ("solutions", "exercises", "data"):
        shutil.copytree(root / name, target / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for name in ("nbgrader_config.py", "_toc.yml"):
        shutil.copy(root / name, target / name)
    return target


def nbgrader(copy, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=copy, env=tool_environment(), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_exercises_are_what_solutions_generate(copy, root):
    lines = []
    committed = exercises_of(root)
    (copy / MADE).mkdir(parents=True, exist_ok=True)
    (copy / MADE / "notes.txt").write_text("mine")
    put_in_place(copy, generate(copy), lines.append)
    assert committed and exercises_of(copy) == committed, "exercises/ is stale: run 'leo release' and commit it."
    assert not lines, lines
    assert [path.read_text() for path in (copy / MADE).parent.glob("release.kept-*/notes.txt")] == ["mine"]


def exercises_of(folder):
    files = [p for p in (folder / "exercises").rglob("*") if p.is_file() and ".ipynb_checkpoints" not in p.parts]
    return {p.relative_to(folder): p.read_bytes() for p in files}


def test_a_release_with_answers_in_exercises_keeps_them_and_hands_out_what_it_did(copy, root):
    put_in_place(copy, copy / MADE if (copy / MADE).is_dir() else generate(copy))
    pristine = exercises_of(copy)
    path = copy / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    book = nbformat.read(path, as_version=4)
    next(cell for cell in book.cells if cell.id == "q1").source = "q1 = 'mine'"
    nbformat.write(book, path)
    answered = path.read_bytes()
    lines = []
    put_in_place(copy, copy / MADE, lines.append)
    assert exercises_of(copy) == pristine
    assert (copy / "work" / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_bytes() == answered
    assert len(lines) == 1 and "it is kept as work/exercises/" in lines[0]
    nbgrader(copy, "generate_assignment", ASSIGNMENT, "--force")  # as the formgrader's button does
    assert path.read_bytes() != pristine[path.relative_to(copy)]
    put_in_place(copy, copy / MADE, lines.append)
    assert exercises_of(copy) == pristine and len(lines) == 1, "that is no change of a learner's"


def test_no_answer_reaches_learners(root):
    for path in (root / "exercises").rglob("*"):
        if path.is_file() and ".ipynb_checkpoints" not in path.parts and path.name != RECORD:
            text = path.read_text(encoding="utf-8")
            assert path.suffix == ".ipynb"
            for word in ("BEGIN SOLUTION", "recordstatus_spr11 < 100", "count(DISTINCT", "least(", "A full answer"):
                assert word not in text, f"{path}: {word}"


def test_source_notebooks_hold_no_outputs_and_pair_every_question_with_its_check(root, course):
    for name, assignment in course.items():
        (path,) = (root / "solutions" / name).glob("*.ipynb")
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
        cells = {c.metadata.nbgrader.grade_id: c for c in book.cells if "nbgrader" in c.metadata}
        kinds = ("grade", "solution", "locked", "task")  # autograding fails on a cell that nbgrader does not keep
        assert all(any(c.metadata.nbgrader[kind] for kind in kinds) for c in cells.values())
        assert all(not c.get("outputs") and c.get("execution_count") is None for c in book.cells)
        assert list(rules.cells(path.parent, assignment)) == []


def test_nbgrader_takes_the_course_from_validation_to_export(copy, root, course):
    assignment = course[ASSIGNMENT]
    points = sum(question.points for question in assignment.questions)
    whole = points + sum(assignment.written.values())
    put_in_place(copy, generate(copy))
    samples = write_samples(root, copy / "samples", ASSIGNMENT)
    for student in ("right", "slips", "empty"):
        folder = copy / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        shutil.copy(samples / student / f"{ASSIGNMENT}.ipynb", folder / f"{NOTEBOOK}.ipynb")
    code, text = nbgrader(copy, "validate", f"submitted/right/{ASSIGNMENT}/{NOTEBOOK}.ipynb")
    assert code == 0 and "Success! Your notebook passes all the tests." in text, text[-2000:]
    code, text = nbgrader(copy, "validate", f"exercises/{ASSIGNMENT}/{NOTEBOOK}.ipynb")
    failing = len(assignment.questions) + len(assignment.written)
    assert f"VALIDATION FAILED ON {failing} CELL(S)!" in text, text[-2000:]
    for command in ("autograde", "generate_feedback"):
        code, text = nbgrader(copy, command, ASSIGNMENT)
        assert code == 0, text[-2000:]
    code, text = nbgrader(copy, "export")
    assert code == 0, text[-2000:]
    with (copy / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert scores["right"] == (points, whole) and scores["empty"] == (0.0, whole)
    assert 0 < scores["slips"][0] < points
    feedback = (copy / "feedback" / "slips" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text(encoding="utf-8")
    assert "DISTINCT removes equal rows" in feedback
    assert json.loads((copy / "autograded" / "slips" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())
