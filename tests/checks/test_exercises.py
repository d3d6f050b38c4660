"""Every exercise of every lesson: its answers, what is given, its slips and its hints, as a notebook checks them."""

from __future__ import annotations

import json
import re

import pytest
from test_hints import TOLD, answers_of, longest_in, words

from leocourse.authoring.exercise import BLANK, exercise_folders, given_in, load_exercises, page_of
from leocourse.authoring.question import load_question
from leocourse.checks.evaluate import evaluate
from leocourse.checks.result import RIGHT
from leocourse.core import progress
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.lesson import Exercises, exercises

ROOT = course_root()
LESSONS = {folder.name: load_exercises(ROOT, folder) for folder in exercise_folders(ROOT)}
CASES = [pytest.param(name, each, id=f"{name}-{each.name}") for name, of in LESSONS.items() for each in of.questions]
CELL = '```{{code-cell}} ipython3\n:tags: [{tags}]\n\n{name} = {given}\ncheck("q1", {name})\n```\n'


@pytest.fixture
def check(lesson, monkeypatch):
    """The check of a lesson's exercises, made as its notebook makes it."""
    monkeypatch.chdir(ROOT)
    return exercises


def answer(question, sql, con):
    """What a learner would hand over: the SQL itself, or the number or choice that it comes to."""
    return evaluate(sql, con).columns["answer"][0] if question.guessed else sql


@pytest.mark.parametrize(("name", "question"), CASES)
def test_references_and_other_right_answers_are_right_and_say_why(name, question, check, con):
    told = check(name)
    right = [question.reference_sql, *question.alternatives]
    if not question.guessed:
        right.append(question.reference_pandas)
    for given in right:
        result = told(question.name, answer(question, given, con))
        assert result.status == RIGHT and result.message == question.because, str(result)
        assert result.points == 0 and "points" not in result.html()
    assert question.because or not question.guessed


@pytest.mark.parametrize(("name", "question"), CASES)
def test_every_slip_gets_its_own_message(name, question, check, con):
    told = check(name)
    assert len(question.misconceptions) >= 2
    for slip in question.misconceptions:
        given = slip.answer if question.guessed else slip.answer + "\n-- not as it was given"
        result = told(question.name, answer(question, given, con))
        assert result.status != RIGHT and result.misconception == slip.name, str(result)
        assert slip.message in result.message and result.misconception_title == slip.title
        if question.guessed:
            assert not result.table, "nobody is shown what is right before it was found"


@pytest.mark.parametrize(("name", "question"), CASES)
def test_what_is_given_is_quiet_as_it_is_and_not_right_when_it_is_run(name, question, check):
    told = check(name)
    text = str(told(question.name, f"\n{question.given}\n" if question.given else ...))
    assert question.name in text and "\n" not in text
    if question.given:
        assert told(question.name, question.given + "\n-- as it was").status != RIGHT
    if question.form == "order":
        lines = [line.strip() for line in question.given.splitlines()]
        right = [line.strip() for line in question.reference_sql.strip().splitlines()]
        assert sorted(lines) == sorted(right) and lines != right
    if question.form == "mend":
        sames = [slip.name for slip in question.misconceptions if slip.answer.split() == question.given.split()]
        assert len(sames) == 1, "the fault that is given is one of the slips"
    if question.form == "complete":
        parts = [re.escape("".join(part.split())) for part in question.given.split(BLANK)]
        assert re.fullmatch(".+".join(parts), "".join(question.reference_sql.split()))


@pytest.mark.parametrize(("name", "question"), CASES)
def test_three_hints_point_and_do_not_tell(name, question):
    assert len(set(question.hints)) == 3
    for hint in question.hints:
        assert "SELECT" not in hint and len(hint) < 200
        assert longest_in(words(hint), list(answers_of(question))) < TOLD, hint
    if question.guessed:
        told = re.findall(r"\d+", question.reference_sql)
        assert not [each for each in told if re.search(rf"\b{each}\b", " ".join(question.hints))]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_five_exercises_or_more_from_faded_to_free_in_its_order(name):
    forms = [each.form for each in LESSONS[name].questions]
    page = page_of(ROOT, ROOT / "solutions" / "lessons" / name)
    text = page.read_text(encoding="utf-8")
    assert len(forms) >= 5 and {"mend", "complete", "order", "write", "predict"} <= set(forms)
    assert (
        forms.index("complete") < forms.index("write") == len(forms) - forms[::-1].index("write") - forms.count("write")
    )
    assert forms[-1] == "write", "the last one is written freely"
    assert list(given_in(text)) == [each.name for each in LESSONS[name].questions]
    assert f'check = exercises("{name}")' in text
    before = text.split(":tags: [exercise", 1)[0].split("\n---\n", 1)[1]
    prose = re.sub(r"^```.*?^```$", "", before, flags=re.MULTILINE | re.DOTALL)
    assert len(prose.split()) < 5 * 200, "the first exercise comes within five minutes of reading"


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_that_is_released_holds_an_answer(name, lesson):
    key = json.loads((lesson / "keys" / f"{name}.json").read_text(encoding="utf-8"))
    text = json.dumps(key)
    assert {each["specification"]["name"] for each in key["questions"]} == {q.name for q in LESSONS[name].questions}
    page = page_of(ROOT, ROOT / "solutions" / "lessons" / name).read_text(encoding="utf-8")
    given = json.dumps([each.given for each in LESSONS[name].questions])
    for question in LESSONS[name].questions:
        assert json.dumps(question.reference_sql)[1:-1] not in text
        assert question.reference_sql.strip() not in page and question.reference_sql.strip() not in given
        for slip in question.misconceptions:
            assert question.form == "mend" or json.dumps(slip.answer.strip())[1:-1] not in text
        if question.guessed:
            (entry,) = [each for each in key["questions"] if each["specification"]["name"] == question.name]
            assert entry["calls"][0]["right"]["examples"] == [] and not entry["calls"][0]["changes"]


def test_a_wrong_number_is_told_why_and_not_what_is_right(check):
    result = check("sql-for-linked-records")("q6", 12345)
    assert result.misconception is None and "in turn" in result.message and "980" not in str(result)
    assert check("building-a-cohort")("q5", "none of these").status != RIGHT


def test_every_folder_of_exercises_has_its_lesson_and_a_course_without_the_book_has_none(tmp_path):
    folders = [path.name for path in (ROOT / "solutions" / "lessons").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted(LESSONS) and len(folders) >= 2
    (tmp_path / "solutions" / "lessons" / "one" / "questions").mkdir(parents=True)
    assert exercise_folders(tmp_path) == []


def test_a_right_answer_is_in_the_learners_progress(check, con, monkeypatch, tmp_path):
    monkeypatch.setenv("LEO_PROGRESS", str(tmp_path))
    progress.switch(True)
    check("building-a-cohort")("q1", 2011)
    assert progress.read()["questions"]["building-a-cohort"]["q1"]["solved"]


def test_without_keys_nothing_stops_and_a_line_says_what_to_do():
    assert "leo release" in str(Exercises("building-a-cohort", {})("q1", "SELECT 1"))


def test_an_unknown_exercise_is_one_clear_line(check):
    with pytest.raises(LeoError, match="Unknown question 'q99'"):
        check("building-a-cohort")("q99", "SELECT 1")


@pytest.mark.parametrize(
    ("tags", "name", "given"),
    [("exercise", "q1", '"""SELECT 1"""'), ("exercise, remove-output", "mine", "..."),
     ("exercise, remove-output", "q2", "..."), ("exercise, remove-output", "q1", "3"),
     ("exercise, remove-output", "q1", '"""SELECT')],
)  # fmt: skip
def test_a_cell_that_is_not_of_the_form_is_named(tags, name, given):
    with pytest.raises(LeoError, match="must have the tags exercise and remove-output"):
        given_in(CELL.format(tags=tags, name=name, given=given), "lesson.md")


def test_a_file_without_a_cell_and_a_cell_without_a_file_are_named(tmp_path):
    folder = tmp_path / "solutions" / "lessons" / "one"
    (folder / "questions").mkdir(parents=True)
    page = page_of(tmp_path, folder)
    page.parent.mkdir(parents=True)
    page.write_text("# One\n\n" + CELL.format(tags="exercise, remove-output", name="q1", given="..."), encoding="utf-8")
    with pytest.raises(LeoError, match="one.md: the cell of q1 has no exercise"):
        load_exercises(tmp_path, folder)
    made = ROOT / "solutions" / "lessons" / "building-a-cohort" / "questions" / "q01.py"
    text = made.read_text(encoding="utf-8").replace("from .shared import LESSON, wrong", "LESSON, wrong = 'One', None")
    text = re.sub(r"misconceptions=\(.*\n    \),\n\)", "misconceptions=(),\n)", text, flags=re.DOTALL)
    (folder / "questions" / "q01.py").write_text(text, encoding="utf-8")
    assert [each.name for each in load_exercises(tmp_path, folder).questions] == ["q1"]
    page.write_text("# One\n", encoding="utf-8")
    with pytest.raises(LeoError, match="the lesson has no cell for q1"):
        load_exercises(tmp_path, folder)
    assert load_question(folder / "questions" / "q01.py").name == "q1"


def test_nbgrader_lists_no_exercises_among_its_assignments(monkeypatch):
    from nbgrader.apps import NbGraderAPI
    from nbgrader.apps.baseapp import NbGrader

    monkeypatch.chdir(ROOT)
    app = NbGrader()
    app.initialize([])
    listed = NbGraderAPI(config=app.config).get_source_assignments()
    assert {"01-first-queries-and-linking", "06-table-for-release"} <= listed
    assert "lessons" not in listed and not listed & set(LESSONS)
