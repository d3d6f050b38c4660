"""``leo check-question``: one question by itself, with everything that can be wrong in its file."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leocourse.authoring.check_question import check_question, question_name
from leocourse.authoring.question import find_assignment
from leocourse.cli import app
from leocourse.core.errors import LeoError

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "01-first-queries-and-linking"
FILE = f"solutions/{ASSIGNMENT}/questions/q03.py"


@pytest.fixture
def copy(tmp_path):
    """A copy of the assignment's sources, to spoil."""
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, tmp_path / "solutions" / ASSIGNMENT)
    shutil.copy(ROOT / "solutions" / "misconceptions.toml", tmp_path / "solutions")
    return tmp_path


def spoil(copy, code):
    """Change the question after it was made: ``old`` is the question, and ``slips`` its misconceptions."""
    slips = "[replace(each, changes={}) for each in QUESTION.misconceptions]"
    before = f"\nfrom dataclasses import replace\nold, slips = QUESTION, {slips}\n"
    with (copy / FILE).open("a", encoding="utf-8") as file:
        file.write(f"{before}{code}\n")


def look(copy, lesson):
    return list(check_question(copy, lesson, copy / "solutions" / ASSIGNMENT, "q3"))


def wrong(copy, lesson):
    return [line.text for line in look(copy, lesson) if line.fine is False]


def test_a_sound_question_is_shown_with_title_points_answers_slips_and_hints(copy, lesson):
    lines = look(copy, lesson)
    assert not [line.text for line in lines if line.fine is False]
    text = "\n".join(line.text for line in lines)
    assert lines[0].text == f"{ASSIGNMENT} q3: Decode and count (SQL, 2 points)" and lines[1].text == FILE
    for part in ("reference_sql: right", "reference_pandas: right", "alternative 3", "hint 3: "):
        assert part in text
    assert len(re.findall(r"^slip [\w-]+: its own message, [\d.]+ of 2 points\. \w", text, re.M)) >= 3


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("QUESTION = replace(old, reference_pandas=slips[0].answer)", "reference_pandas: "),
        ("QUESTION = replace(old, reference_pandas='SELECT')", "reference_pandas: stopped"),
        ("QUESTION = replace(old, reference_sql='SELECT nothing')", "reference_sql: stopped"),
        ("QUESTION = replace(old, reference_sql='SELECT 1 AS one')", "reference_sql: it has no column"),
        ("QUESTION = replace(old, alternatives=(*old.alternatives, slips[0].answer))", "alternative 4"),
        ("QUESTION = replace(old, misconceptions=(replace(slips[0], answer=old.reference_sql), *slips[1:]))",
         "gives the right answer on this extract"),
        ("QUESTION = replace(old, misconceptions=(replace(slips[0], answer='SELECT nothing'), *slips[1:]))", "stopped"),
        ("QUESTION = replace(old, misconceptions=(replace(slips[0], answer='SELECT 1 AS one'), *slips[1:]))",
         "it has no column"),
        ("QUESTION = replace(old, answer_name='elsewhere')", "does not define elsewhere"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_part_that_is_wrong_and_of_no_other(copy, lesson, code, said):
    spoil(copy, code)
    found = wrong(copy, lesson)
    assert len(found) == 1 and said in found[0], found


def test_of_two_slips_that_are_one_neither_is_recognised(copy, lesson):
    spoil(copy, "QUESTION = replace(old, misconceptions=(*slips, replace(slips[0], name='the-same')))")
    found = wrong(copy, lesson)
    assert [line.split(":")[0] for line in found] == ["slip old-codes-only", "slip the-same"], found
    assert all("is not recognised" in line for line in found)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "does not load: ZeroDivisionError"),
        ("def (", "does not load: SyntaxError"),
        ("from .nowhere import x", "does not load: ModuleNotFoundError"),
        ("slip('no-such', 'm', 'SELECT 1')", "does not load: The misconception 'no-such' is not in"),
        ("QUESTION = replace(old, name='q4')", "must hold QUESTION = Question(name='q3'"),
        ("QUESTION = replace(old, kind='quiz')", "kind is 'quiz'"),
        ("QUESTION = replace(old, points='two')", "points is 'two'"),
        ("QUESTION = replace(old, identity=('nobody',))", "identity names 'nobody'"),
        ("QUESTION = replace(old, misconceptions=(*slips, slips[0]))", "there more than once"),
        ("QUESTION = None", "must hold QUESTION"),
    ],
)
def test_a_file_that_does_not_load_is_one_line_that_names_it(copy, lesson, code, said):
    spoil(copy, code)
    with pytest.raises(LeoError) as raised:
        look(copy, lesson)
    assert str(raised.value).startswith(f"{ASSIGNMENT}/questions/q03.py") and said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_assignments_and_questions_are_found_by_number_and_by_name():
    for text in ("02", "2", "02-cohort-construction"):
        assert find_assignment(ROOT, text).name == "02-cohort-construction"
    folder = find_assignment(ROOT, "02")
    assert [question_name(folder, text) for text in ("q5", "5", "q05", "Q5", "q13")] == ["q5"] * 4 + ["q13"]
    for text in ("", "cohort", "7", "²", "02-cohort-construction/questions", "[red]", "../solutions"):
        with pytest.raises(LeoError, match="there are 01-first-queries"):
            find_assignment(ROOT, text)
    for text in ("", "q", "q99", "q٣", "../q05", "q5.py", "q-1"):
        with pytest.raises(LeoError, match=r"it has q0, q1.*q13"):
            question_name(folder, text)


def test_the_command_ends_with_1_for_what_is_wrong_and_with_0_for_what_is_right(copy, lesson, monkeypatch):
    (copy / "data" / "extract").mkdir(parents=True)
    (copy / "data" / "extract" / "lesson").symlink_to(lesson)
    monkeypatch.setattr("leocourse.cli.terminal.course_root", lambda: copy)
    monkeypatch.chdir(copy)
    run = CliRunner()
    done = run.invoke(app, ["check-question", "01", "q3"])
    assert done.exit_code == 0 and "q3: all is right, in" in done.output, done.output
    done = run.invoke(app, ["check-question", "01", "q13"])
    assert done.exit_code == 0 and "## Question 13: in words (marked by a person, 4 points)" in done.output
    spoil(copy, "QUESTION = replace(old, reference_pandas=slips[0].answer)")
    done = run.invoke(app, ["check-question", "01", "q3"])
    assert done.exit_code == 1 and "✗ reference_pandas" in done.output and "1 thing is wrong" in done.output
    spoil(copy, "1 / 0")
    done = run.invoke(app, ["check-question", "01", "q3"])
    assert done.exit_code == 1 and len(done.stderr.splitlines()) == 1 and "ZeroDivisionError" in done.stderr


def test_the_command_only_reads_the_extract(copy, lesson):
    before = {path: path.stat().st_mtime_ns for path in lesson.rglob("*")}
    look(copy, lesson)
    assert {path: path.stat().st_mtime_ns for path in lesson.rglob("*")} == before
