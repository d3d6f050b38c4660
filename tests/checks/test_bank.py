"""The bank: every question with its right answers in every form, and every misconception."""

from __future__ import annotations

import json
import random
from contextlib import nullcontext

import duckdb
import matplotlib
import pandas as pd
import pyarrow as pa
import pytest
import rules
from bank import ByAssignment, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.authoring.catalogue import FILE, read_catalogue
from leocourse.authoring.question import assignments
from leocourse.checks.answer import Answer
from leocourse.checks.assignment import assignment, run_calls
from leocourse.checks.fingerprint import EXAMPLES
from leocourse.checks.judge import judge
from leocourse.core.paths import course_root

matplotlib.use("Agg")

COURSE = {each.name: each for each in assignments(course_root())}
QUESTIONS = [(name, question) for name, course in COURSE.items() for question in course.with_worked]
SLIPS = [(name, question, slip) for name, question in QUESTIONS for slip in question.misconceptions]
ALTERNATIVES = [
    (name, question, number) for name, question in QUESTIONS for number in range(len(question.alternatives))
]
LABELS = {"title": "Simulated data", "x label": "Tax year", "y label": "%"}


def label(case):
    return "-".join([case[0][:2], case[1].name, *(part.name for part in case[2:])])


@pytest.fixture(scope="module")
def right_answers(keys, con):
    """The right answers, computed once."""

    def make(name):
        return {
            (name, question.name): run_calls(
                keys[name, question.name]["specification"], question.reference_sql, lambda: nullcontext(con)
            )
            for question in COURSE[name].with_worked
        }

    return ByAssignment(make)


def labelled(answers):
    """Points of a figure with the labels that a figure needs."""
    return [Answer(each.columns, LABELS) if isinstance(each, Answer) else each for each in answers]


def check(entry, given, con):
    return judge(
        entry["specification"],
        labelled(run_calls(entry["specification"], given, lambda: nullcontext(con))),
        entry["calls"],
    )


@pytest.mark.parametrize("case", QUESTIONS, ids=label)
@pytest.mark.parametrize("form", ["reference_sql", "reference_pandas"])
def test_the_reference_answers_are_right_in_sql_and_in_pandas(case, form, keys, right_answers, con):
    name, question = case
    entry = keys[name, question.name]
    if form == "reference_sql":
        result = judge(entry["specification"], labelled(right_answers[name, question.name]), entry["calls"])
    else:
        result = check(entry, question.reference_pandas, con)
    assert result.status == "right" and result.score == question.points, str(result)


@pytest.mark.parametrize("case", SLIPS, ids=label)
def test_every_misconception_gets_its_own_message(case, keys, con):
    name, question, slip = case
    result = check(keys[name, question.name], slip.answer, con)
    assert result.misconception == slip.name, str(result)
    assert slip.message in result.message and result.misconception_title == slip.title
    assert result.credit < 1 and result.lesson == slip.lesson


@pytest.mark.parametrize("case", ALTERNATIVES, ids=lambda case: f"{label(case[:2])}-{case[2]}")
def test_right_answers_written_differently_are_right(case, keys, con):
    name, question, number = case
    result = check(keys[name, question.name], question.alternatives[number], con)
    assert result.status == "right", str(result)


@pytest.mark.parametrize("name", COURSE)
def test_an_assignment_has_a_worked_example_and_ten_questions_with_misconceptions_hints_and_other_answers(name):
    assert COURSE[name].worked is not None and COURSE[name].worked.points == 0
    assert len(COURSE[name].questions) >= 10 and COURSE[name].written
    assert {question.kind for question in COURSE[name].questions} >= {"sql", "function"}
    assert list(rules.questions(COURSE[name])) == []


def test_the_catalogue_has_eighty_misconceptions_and_each_lesson_exists():
    catalogue = read_catalogue(course_root() / "solutions" / FILE)
    assert len(catalogue) >= 80
    pages = (course_root() / "book" / "intro").glob("*.md")
    titles = {
        line.removeprefix("# ").strip()
        for page in pages
        for line in page.read_text().splitlines()
        if line.startswith("# ")
    }
    assert {entry.lesson for entry in catalogue.values()} | {question.lesson for _, question in QUESTIONS} <= titles


def test_the_catalogue_holds_every_misconception_and_no_other():
    assert list(rules.catalogue(course_root(), COURSE.values())) == []


@pytest.mark.parametrize("case", QUESTIONS, ids=label)
def test_hints_point_and_do_not_tell(case):
    _, question = case
    assert 1 <= len(question.hints) <= 3
    for text in question.hints:
        assert "SELECT" not in text and len(text) < 200


FORMS = {
    "frame": lambda frame: frame,
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "relation": duckdb.from_df,
    "indexed": lambda frame: frame.set_index(list(frame.columns[:1])),
    "float": lambda frame: frame.astype({c: float for c in frame.select_dtypes("number").columns}),
    "text as object": lambda frame: frame.astype(object),
    "upper-case names": lambda frame: frame.rename(columns=str.upper),
    "an extra column": lambda frame: frame.assign(note="mine"),
}


@pytest.mark.parametrize(
    "case",
    sample(
        [(*case, form) for case in QUESTIONS if case[1].kind != "figure" for form in FORMS],
        lambda case: f"{label(case[:2])}-{case[2]}",
    ),
)
def test_right_is_right_in_every_form(case, keys, right_answers, con):
    """Each question in two or three of the forms, and each form of a third of the questions."""
    name, question, form = case
    entry = keys[name, question.name]
    answers = iter(right_answers[name, question.name])

    def given(con, **arguments):
        answer = next(answers)
        shuffle = random.Random(form).shuffle
        rows, names = list(range(answer.rows)), list(answer.columns)
        shuffle(rows)
        shuffle(names)
        return FORMS[form](pd.DataFrame({name: [answer.columns[name][row] for row in rows] for name in names}))

    result = check(entry, given, con)
    assert result.status == "right", str(result)


@settings(max_examples=6, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("case", QUESTIONS, ids=label)
def test_a_small_corruption_is_never_right(case, keys, right_answers, data):
    name, question = case
    entry = keys[name, question.name]
    answers = list(right_answers[name, question.name])
    call = data.draw(st.integers(0, len(answers) - 1))
    columns = {name: list(values) for name, values in answers[call].columns.items()}
    rows = answers[call].rows
    row = data.draw(st.integers(0, rows - 1))
    kind = data.draw(st.sampled_from(["drop", "repeat", "change", "blank", "stranger"]))
    value = data.draw(st.sampled_from([c for c in columns if c not in question.identity]))
    if kind == "drop":
        columns = {name: values[:row] + values[row + 1 :] for name, values in columns.items()}
    elif kind == "repeat":
        columns = {name: [*values, values[row]] for name, values in columns.items()}
    elif kind == "change":
        far = 1 + 2 * question.tolerance.get(value, 0)
        old = columns[value][row]
        columns[value][row] = f"{old} not" if question.columns[value] != "number" else (old or 0) + far
    elif kind == "blank":
        columns[value][row] = 999_999 if columns[value][row] is None else None
    else:
        name = question.identity[0]
        columns[name][row] = "nobody" if isinstance(columns[name][row], str) else -1
    answers[call] = Answer(columns)
    result = judge(entry["specification"], labelled(answers), entry["calls"])
    assert result.status != "right", f"{kind} in row {row} went unnoticed"


@pytest.mark.parametrize("case", [case for case in QUESTIONS if case[1].people], ids=label)
def test_the_key_holds_few_of_the_right_people_and_no_answer(case, keys, right_answers):
    name, question = case
    text = json.dumps(keys[name, question.name]["calls"])
    right = right_answers[name, question.name][0]
    shown = sum(f'"{value}"' in text for value in right.columns[question.identity[0]])
    assert shown <= EXAMPLES * len(question.calls) * (1 + len(question.misconceptions))
    assert "SELECT" not in text


def test_check_in_a_notebook(lesson, monkeypatch):
    monkeypatch.chdir(course_root())
    check = assignment("06-table-for-release")
    right = check("q1", COURSE["06-table-for-release"].questions[0].reference_sql)
    assert right.status == "right"
    bundle = right._repr_mimebundle_()
    assert float(bundle["text/plain"]) == 2.0  # what nbgrader reads as the points earned
    assert 'role="status"' in bundle["text/html"]
