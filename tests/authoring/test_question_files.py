"""The notebook takes headings and points from the questions; what is released holds none of their answers."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from leocourse.authoring.notebook import fill
from leocourse.authoring.question import Assignment, Question, assignment_folders, load_assignment, notebook_of
from leocourse.authoring.release import generate
from leocourse.core.errors import LeoError
from leocourse.core.keep import RECORD

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 170
"""Lines that a question's file may have; about 150 are meant. What is longer goes into a file beside it."""
FOLDERS = assignment_folders(ROOT)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("solutions/*/questions/*.py")), ids=lambda path: f"{path.parts[-3][:2]}-{path.stem}"
)
def test_a_file_of_questions_is_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, (
        f"{path.relative_to(ROOT)} has {lines} lines: move its other answers into {path.stem}_alternatives.py."
    )


def question(**changes):
    fields = {
        "name": "q1", "title": "Counting shoes", "answer_name": "q1", "kind": "sql", "points": 2, "columns": {"a": "number"},
        "identity": (), "unit": "row", "lesson": "L", "reference_sql": "SELECT 1 AS a", "reference_pandas": "SELECT 1 AS a",
    }  # fmt: skip
    return Question(**fields | changes)


def cell(grade_id, text, grade=False, code=False, points=0):
    meta = {"grade": grade, "grade_id": grade_id, "locked": True, "solution": False, "schema_version": 3, "task": False}
    make = nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell
    return make(text, metadata={"nbgrader": meta | ({"points": points} if grade else {})})


@pytest.mark.parametrize(
    ("changes", "heading"),
    [
        ({}, "## Question 1: counting shoes (SQL, 2 points)"),
        ({"points": 1, "kind": "function"}, "## Question 1: counting shoes (a function, 1 point)"),
        ({"points": 0.5, "kind": "figure"}, "## Question 1: counting shoes (a figure, 0.5 points)"),
        ({"title": "EDUKEYs of one person"}, "## Question 1: EDUKEYs of one person (SQL, 2 points)"),
        ({"title": r"A \1 and \g<0>"}, r"## Question 1: a \1 and \g<0> (SQL, 2 points)"),
        ({"title": "Été"}, "## Question 1: été (SQL, 2 points)"),
    ],
)
def test_heading_and_points_come_from_the_question(changes, heading):
    asked = question(**changes)
    book = nbformat.v4.new_notebook(cells=[
        cell("q1-text", "## Question 1\n\nCount.\n\n## Question 1\n"), cell("q1-check", "check()", True, True, 9),
        cell("q2-text", "## Question 2\n\nSay why."), cell("q2", "Because", True), nbformat.v4.new_markdown_cell("## Question 1"),
    ])  # fmt: skip
    fill(book, Assignment("01-a", "A", (asked,), {"q2": 4}))
    assert book.cells[0].source == f"{heading}\n\nCount.\n\n## Question 1\n"
    assert book.cells[1].metadata.nbgrader.points == asked.points
    assert book.cells[2].source == "## Question 2: in words (marked by a person, 4 points)\n\nSay why."
    assert book.cells[3].metadata.nbgrader.points == 4 and book.cells[4].source == "## Question 1"


def test_a_heading_of_another_number_is_left_alone():
    book = nbformat.v4.new_notebook(cells=[cell("q1-text", "## Question 12\n")])
    fill(book, Assignment("01-a", "A", (question(),)))
    assert book.cells[0].source == "## Question 12\n"


def test_a_cell_that_is_marked_and_of_no_question_is_named():
    book = nbformat.v4.new_notebook(cells=[cell("q7-check", "check()", True, True)])
    with pytest.raises(LeoError, match="01-a marks the cell q7-check"):
        fill(book, Assignment("01-a", "A", (question(),)))


def squeezed(text):
    """Text with single spaces."""
    return re.sub(r"\s+", " ", text)


def tells(answer):
    """Lines of an answer that nobody writes by chance: long, and no comment."""
    text = answer if isinstance(answer, str) else inspect.getsource(answer)
    lines = {squeezed(line).strip() for line in text.splitlines()}
    return {line for line in lines if len(line) >= 40 and not line.startswith(("#", '"""', "--", "def "))}


def worked_example(source):
    """The text of the worked example in a source notebook, which is handed out with its answer."""
    cells = nbformat.read(source / f"{notebook_of(source)}.ipynb", as_version=4).cells
    named = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
    return squeezed(" ".join(cell.source for cell in cells[named.index("q0-text") : named.index("q0-check") + 1]))


def leaks(folder):
    """Lines of answers that a released folder holds, and files that have no business there."""
    found = []
    for source in FOLDERS:
        assignment, shown = load_assignment(source), worked_example(source)
        lines = set()
        for each in assignment.questions:
            slips = [slip.answer for slip in each.misconceptions]
            for answer in (each.reference_sql, each.reference_pandas, *each.alternatives, *slips):
                lines |= {line for line in tells(answer) if line not in shown}
        assert len(lines) > 100
        for path in sorted(path for path in (folder / source.name).rglob("*") if path.is_file()):
            text = squeezed(path.read_bytes().decode("utf-8", "replace").replace('\\"', '"').replace("\\n", " "))
            found += [f"{path.name}: {line}" for line in lines if line in text]
            if path.suffix != ".ipynb":
                found.append(f"{path} was released")
    return found


def test_no_answer_of_a_question_is_in_what_was_released():
    assert leaks(ROOT / "exercises") == []


def test_the_search_for_answers_finds_one(tmp_path):
    name = FOLDERS[0].name
    (tmp_path / name).mkdir()
    book = nbformat.read(FOLDERS[0] / f"{notebook_of(FOLDERS[0])}.ipynb", as_version=4)
    for other in FOLDERS[1:]:
        (tmp_path / other.name).mkdir()
    nbformat.write(book, tmp_path / name / "source.ipynb")  # a source has answers
    assert leaks(tmp_path)


def test_a_release_leaves_out_questions_and_what_else_only_the_course_has(tmp_path):
    """In a course of one assignment, with files that somebody left in its folder."""
    source = tmp_path / "solutions" / FOLDERS[0].name
    shutil.copytree(FOLDERS[0], source)
    shutil.copy(ROOT / "solutions" / "misconceptions.toml", tmp_path / "solutions")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (source / "questions" / "q12_notes.txt").write_text("the answer is 42")
    asked = source / "questions" / "q05.py"
    text = asked.read_text(encoding="utf-8")
    asked.write_text(
        re.sub(r'title="[^"]+"', 'title="Who is left"', text).replace("points=2", "points=7"), encoding="utf-8"
    )
    made = generate(tmp_path)
    files = [path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file() and path.name != RECORD]
    assert files == [f"{source.name}/{notebook_of(source)}.ipynb"]
    book = nbformat.read(made / files[0], as_version=4)
    cells = {each.metadata.nbgrader.grade_id: each for each in book.cells if "nbgrader" in each.metadata}
    assert cells["q5-text"].source.startswith("## Question 5: who is left (SQL, 7 points)\n")
    assert cells["q5-check"].metadata.nbgrader.points == 7
    asked.unlink()
    with pytest.raises(LeoError, match="marks the cell q5-check"):
        generate(tmp_path)


def test_what_nbgrader_refuses_is_one_line_that_names_the_assignment(tmp_path):
    for folder in FOLDERS[:2]:
        shutil.copytree(folder, tmp_path / "solutions" / folder.name)
    for name in ("solutions/misconceptions.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    source = tmp_path / "solutions" / FOLDERS[1].name / f"{notebook_of(FOLDERS[1])}.ipynb"
    book = nbformat.read(source, as_version=4)
    book.cells.append(next(each for each in book.cells if each.metadata.get("nbgrader", {}).get("grade_id") == "q1"))
    nbformat.write(book, source)
    with pytest.raises(
        LeoError, match=rf"^nbgrader could not release {FOLDERS[1].name}: .*Duplicate grade id: q1"
    ) as raised:
        generate(tmp_path)
    assert "\n" not in str(raised.value)
