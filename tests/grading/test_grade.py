"""Marking from files to marks: the samples, hard-coded answers, hostile code and the gradebook."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sample import ASSIGNMENT, COURSE, NOTEBOOK, POINTS, QUESTIONS, WITH_WRITTEN, cell

from leocourse.authoring.release import tool_environment
from leocourse.checks.assignment import assignment
from leocourse.checks.result import Result
from leocourse.core.errors import LeoError
from leocourse.grading import grade as grading
from leocourse.grading.books.record import Record
from leocourse.grading.books.tables import marks_csv
from leocourse.grading.grade import grade


def by_question(graded):
    return {result.question: result for result in graded.results}


def test_the_right_sample_gets_full_marks(marked):
    done, _ = marked
    assert done["right"].score == done["right"].points == POINTS
    assert done["right"].to_read == ["q8"]


def test_nothing_is_said_to_have_stopped_in_a_notebook_that_runs(marked):
    for student in ("right", "empty"):
        text = marked[0][student].feedback.with_suffix(".md").read_text(encoding="utf-8")
        assert "Right: " in text or "not attempted" in text.lower()
        assert "Cells that stopped" not in text and "Error" not in text
        assert marked[0][student].notes == []


def test_the_sample_with_slips_gets_part_of_the_marks_and_the_slips_are_named(marked):
    done, _ = marked
    named = {name: result.misconception for name, result in by_question(done["slips"]).items()}
    assert named["q1"] == "distinct" and named["q2"] == "inner-join"
    assert named["q4"] == "last-day-lost" and named["q5"] == "all-six"
    assert 0 < done["slips"].score < POINTS


def test_the_empty_sample_gets_nothing_and_is_not_called_wrong(marked):
    done, _ = marked
    assert done["empty"].score == 0 and done["empty"].to_read == []
    assert {result.status for result in done["empty"].results} == {"not attempted"}


def test_a_hard_coded_answer_passes_in_the_notebook_and_fails_in_marking(marked, samples, con):
    source = "".join(cell(json.loads((samples / "slips" / f"{ASSIGNMENT}.ipynb").read_text()), "q3")["source"])
    space: dict = {}
    exec("import pandas as pd\n" + source, space)
    assert assignment(ASSIGNMENT)("q3", space["birth_cohorts"]).status == "right"
    assert by_question(marked[0]["slips"])["q3"].status == "not right yet"


def test_marks_land_in_the_gradebook_that_nbgrader_reads(marked):
    _, output = marked
    with Gradebook(f"sqlite:///{output / 'gradebook.db'}", course_id="leo-course") as book:
        scores = {student.id: student for student in book.students}
        assert set(scores) == {"right", "slips", "empty"}
        right = book.find_submission(ASSIGNMENT, "right")
        assert right.score == POINTS and right.max_score == WITH_WRITTEN and right.needs_manual_grade
        empty = book.find_submission(ASSIGNMENT, "empty")
        assert empty.score == 0 and not empty.needs_manual_grade


def test_nobody_is_late_because_of_the_day_of_marking(root, edit, tmp_path, same_unseen):
    folder = edit()
    (folder / "eve" / ASSIGNMENT).mkdir(parents=True)
    (folder / "ada" / f"{ASSIGNMENT}.ipynb").rename(folder / "eve" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
    (folder / "eve" / ASSIGNMENT / "timestamp.txt").write_text("2026-11-20 09:30:00 UTC")
    edit(student="ada", folder=folder)
    grade(folder, root, tmp_path / "out")
    with Gradebook(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}", course_id="leo-course") as book:
        assert book.find_submission(ASSIGNMENT, "ada").timestamp is None
        assert str(book.find_submission(ASSIGNMENT, "eve").timestamp) == "2026-11-20 09:30:00"


def test_nbgrader_goes_on_from_where_marking_ends(root, marked, tmp_path):
    """Its feedback and export read what marking wrote: gradebook, submitted and autograded notebooks."""
    course = tmp_path / "course"
    shutil.copytree(marked[1], course)
    for name in ("solutions", "exercises", "nbgrader_config.py"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, course / name)
    for command in (["generate_feedback", ASSIGNMENT, "--force"], ["export"]):
        done = subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=course, env=tool_environment(),
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
    page = (course / "feedback" / "slips" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text(encoding="utf-8")
    assert "DISTINCT removes equal rows" in page
    with (course / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores["right"] == POINTS and scores["slips"] == marked[0]["slips"].score


def test_marks_are_written_as_csv(marked):
    _, output = marked
    with (output / "marks" / "marks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_hand = [row for row in rows if row["status"] == "to be marked by a person"]
    assert [(row["student"], row["question"], row["score"]) for row in by_hand] == [
        ("right", "q8", ""),
        ("slips", "q8", ""),
    ]
    assert len(rows) == 3 * len(QUESTIONS) + len(by_hand)
    assert sum(float(row["score"] or 0) for row in rows if row["student"] == "right") == POINTS


def test_feedback_shows_messages_and_neither_key_nor_source(marked, course):
    done, _ = marked
    page = done["slips"].feedback.read_text(encoding="utf-8")
    assert "DISTINCT removes equal rows" in page and "Not right yet" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    for question in course[ASSIGNMENT].questions:
        if isinstance(question.reference_sql, str):
            assert question.reference_sql.strip()[:60] not in page
    assert "recordstatus_spr11 &lt; 100" not in page and '"who"' not in page


def test_manual_marks_and_comments_survive_a_second_marking(root, edit, tmp_path, same_unseen):
    folder, output = edit(), tmp_path / "out"
    grade(folder, root, output)
    url = f"sqlite:///{output / 'gradebook.db'}"
    with Gradebook(url, course_id="leo-course") as book:
        book.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").manual_score = 3.0
        book.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").needs_manual_grade = False
        book.find_comment("q8", NOTEBOOK, ASSIGNMENT, "ada").manual_comment = "Well argued."
        book.db.commit()
    grade(folder, root, output)
    with Gradebook(url, course_id="leo-course") as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == POINTS + 3
        assert not book.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").needs_manual_grade
        assert book.find_comment("q8", NOTEBOOK, ASSIGNMENT, "ada").comment == "Well argued."


def add_code(text, before="q1"):
    def change(data):
        at = data["cells"].index(cell(data, before))
        new = {
            "cell_type": "code",
            "id": "mine",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        data["cells"].insert(at, new)

    return change


def run(root, edit, tmp_path, change, sample="right"):
    return grade(edit(change=change, sample=sample), root, tmp_path / "out")[0]


def test_an_error_in_one_question_costs_that_question_only(root, edit, tmp_path, same_unseen):
    def change(data):
        cell(data, "q4")["source"] = "def days_in_work(con, tax_year):\n    return con.sql('SELEC 1')"
        cell(data, "q5")["source"] = "def sustained(con, tax_year:"

    graded = run(root, edit, tmp_path, change)
    results = by_question(graded)
    assert results["q4"].status == "stopped" and "Parser Error" in results["q4"].message
    assert results["q5"].status == "stopped"
    assert "did not run to its end. SyntaxError: " in results["q5"].message and "(line 1 of" in results["q5"].message
    assert graded.score == POINTS - QUESTIONS["q4"] - QUESTIONS["q5"]
    assert "The cell of q5: SyntaxError" in graded.feedback.read_text()


def test_points_come_from_the_course_and_not_from_the_submission(root, edit, tmp_path, same_unseen):
    def change(data):
        cell(data, "q1-check")["metadata"]["nbgrader"]["points"] = 1000
        data["cells"].remove(cell(data, "q2-check"))

    graded = run(root, edit, tmp_path, change)
    assert graded.score == POINTS and graded.points == POINTS


@pytest.mark.parametrize("text", ["=1+1", "@x", "-2", " =1", "\n+1", "＝1"])
def test_a_spreadsheet_takes_no_cell_of_the_marks_for_a_formula(text):
    """Not behind a blank or in its wide form either, and however often a cell is written it has one mark."""
    result = Result("q1", "", "stopped", 0.0, 2.0, text)
    written = marks_csv([
        Record(text, text, "", "", [], "bubblewrap", results=[result]), Record("ada", "a", "", "", [], "", text),
    ])  # fmt: skip
    said = {row["student"]: row for row in csv.DictReader(io.StringIO(written, newline=""))}
    harmless = "'" + text
    assert said.keys() == {harmless, "ada"} and said["ada"]["message"] == harmless
    assert [said[harmless][name] for name in ("assignment", "message", "score")] == [harmless, harmless, "0.0"]


def test_each_step_of_marking_touches_what_it_says(root, edit, tmp_path, same_unseen, monkeypatch):
    """The list of steps is the documentation, so it has to be true: nothing else of the run is read or made."""
    touched = {}

    class Watched(grading.Run):
        def __getattribute__(self, name):
            touched.setdefault(watching[0], (set(), set()))[0].add(name)
            return super().__getattribute__(name)

        def __setattr__(self, name, value):
            touched.setdefault(watching[0], (set(), set()))[1].add(name)
            super().__setattr__(name, value)

    watching = ["before"]

    def watched(step):
        def do(run):
            watching[0] = step.name
            step.do(run)
            watching[0] = "after"

        return replace(step, do=do)

    monkeypatch.setattr(grading, "Run", Watched)
    monkeypatch.setattr(grading, "STEPS", tuple(map(watched, grading.STEPS)))
    source = edit()
    shutil.copytree(source / "ada", source / "bob")
    (source / "bob" / f"{ASSIGNMENT}.ipynb").rename(source / "bob" / "of-no-assignment.ipynb").write_text("{}")
    done = grade(source, root, tmp_path / "out", progress=lambda *_: None)
    assert [bool(each.problem) for each in done] == [False, True] and done[0].score == POINTS
    monkeypatch.undo()
    for step in grading.STEPS:
        read, made = touched[step.name]
        read -= {"asked", "stack", "tell", "__class__", "__dict__"}
        assert made <= step.makes and step.reads <= read <= step.reads | step.makes, step.name
        assert step.do.__doc__


def test_what_a_step_reads_an_earlier_one_has_made():
    made = {"done"}
    for step in grading.STEPS:
        assert step.reads <= made, step.name
        made |= step.makes


def test_a_marker_knows_from_the_keys_what_the_questions_say(marker):
    known, asked = marker[0].about(ASSIGNMENT), COURSE.about()
    assert (known.title, known.written) == (asked.title, asked.written)
    assert {name: tuple(hints) for name, hints in known.hints.items()} == asked.hints


def test_a_second_hand_in_keeps_the_first_where_nothing_marks_it_again(root, edit, tmp_path, same_unseen, capsys):
    output = tmp_path / "out"
    handed_in = Path(ASSIGNMENT) / f"{NOTEBOOK}.ipynb"
    for sample in ("right", "right", "slips", "slips", "right"):  # the same again changes nothing
        folder = edit("zoë", sample)
        grade(folder, root, output, force=True)
    now = (folder / "zoë" / f"{ASSIGNMENT}.ipynb").read_bytes()
    assert (output / "submitted" / "zoë" / handed_in).read_bytes() == now
    assert [path.name for path in (output / "submitted" / "zoë" / ASSIGNMENT).iterdir()] == [f"{NOTEBOOK}.ipynb"]
    earlier = sorted((output / "earlier" / "zoë" / ASSIGNMENT).iterdir())
    assert len(earlier) == 2 and earlier[0].read_bytes() == now != earlier[1].read_bytes()
    line = f"Handed in again: 1. What was handed in before is kept in {output / 'earlier'}."
    assert capsys.readouterr().err.splitlines() == [line] * 2
    again = grade(output / "submitted", root, output)
    assert [each.again for each in again] == [True]


def test_marking_again_keeps_what_somebody_changed_and_replaces_its_own(root, edit, tmp_path, same_unseen, capsys):
    output, folder = tmp_path / "out", edit()
    grade(folder, root, output)
    mine = {
        "marks/marks.csv": "marks, and a column of mine",
        f"feedback/ada/{ASSIGNMENT}/feedback.html": "feedback, and a word of mine",
        f"autograded/ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb": "notebook, and a remark of mine",
    }
    for name, text in mine.items():
        (output / name).write_text(text)
    (output / "marks" / "notes.txt").write_text("my notes")
    edit(sample="slips")
    grade(folder, root, output)
    assert len([line for line in capsys.readouterr().err.splitlines() if "is kept as" in line]) == 3
    files = {path.read_text(errors="replace") for path in output.rglob("*") if path.is_file()}
    assert {*mine.values(), "my notes"} <= files
    assert (output / "marks" / "marks.csv").read_text().startswith("student,assignment")
    edit(sample="right")
    grade(folder, root, output)
    assert "is kept as" not in capsys.readouterr().err, "what it wrote itself it replaces"


@pytest.mark.parametrize("part", ["", "submitted", "autograded", "feedback", "marks", "earlier"])
def test_a_file_in_the_place_of_a_folder_is_one_line_before_anything_is_marked(root, edit, tmp_path, part):
    output, folder = tmp_path / "out", edit()
    (output / part).parent.mkdir(exist_ok=True)
    (output / part).write_text("mine")
    with pytest.raises(LeoError, match="is not a folder, and one is needed there"):
        grade(folder, root, output)
    assert (output / part).read_text() == "mine" and not (output / "gradebook.db").exists()
