"""Hints go one further each time, point, and never give the answer or say the question again."""

from __future__ import annotations

import inspect
import json
import re

import pytest

from leocourse.authoring.question import assignments
from leocourse.checks.assignment import Check
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root

CASES = [(course.name, each) for course in assignments(course_root()) for each in course.questions]
TOLD, REPEATED = 8, 0.5
"""So many words and signs of an answer in a row are too many, and such a share of the words as the question says them."""


def texts(name):
    """The text of every question of an assignment, by its name."""
    (path,) = (course_root() / "solutions" / name).glob("*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["metadata"]["nbgrader"]["grade_id"].removesuffix("-text"): "".join(cell["source"])
            for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id", "").endswith("-text")}  # fmt: skip


def words(text):
    return re.findall(r"\w+|[^\w\s]", text.lower().replace("`", "").replace("*", " * "))


def runs(found, length):
    return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)}


def longest_in(hint, answers):
    return max((n for n in range(1, 40) if any(runs(hint, n) & runs(answer, n) for answer in answers)), default=0)


def answers_of(question):
    for each in (question.reference_sql, question.reference_pandas, *question.alternatives):
        yield words(inspect.getsource(each) if callable(each) else each)


def repeated(hint, question):
    three = runs(words(hint), 3)
    return len(three & runs(words(question), 3)) / max(1, len(three))


@pytest.mark.parametrize(("name", "question"), CASES, ids=lambda case: getattr(case, "name", case))
def test_no_hint_is_a_stretch_of_the_answer_or_of_the_question(name, question):
    asked, answers = texts(name)[question.name], list(answers_of(question))
    for hint in question.hints:
        assert longest_in(words(hint), answers) < TOLD, hint
        assert repeated(hint, asked) < REPEATED, hint
    assert len(set(question.hints)) == 3


def test_the_rules_see_a_hint_that_gives_the_answer_or_says_the_question_again():
    given = "COUNT(DISTINCT CASE WHEN edukey IS NOT NULL THEN pmr END) is the number of linked pupils."
    answer = words("SELECT count(DISTINCT CASE WHEN edukey IS NOT NULL THEN pmr END) FROM pupils")
    assert longest_in(words(given), [answer]) >= TOLD
    again = "The threshold depends on the year: 15 per cent to 2014/15, 10 per cent from 2015/16."
    assert (
        repeated(again, "the threshold of the year as a share: 15 per cent to 2014/15, 10 per cent from 2015/16") > 0.5
    )


def check(*hints):
    specifications = [{"name": name, "hints": list(each)} for name, each in zip(("q1", "q2"), hints, strict=False)]
    return Check("one", {"questions": [{"specification": each, "calls": []} for each in specifications]})


def test_each_time_the_next_hint_comes_and_the_last_one_stays():
    asked = check(("One.", "Two.", "Three."), ("Other.", "More.", "Most."))
    got = [asked.hint("q1") for _ in range(4)]
    assert got == [
        "Hint 1 of 3: One.", "Hint 2 of 3: Two.", "Hint 3 of 3, the last: Three.", "Hint 3 of 3, the last: Three.",
    ]  # fmt: skip
    assert asked.hint("q2") == "Hint 1 of 3: Other."  # each question counts for itself
    assert asked.hint("q1", 1) == "Hint 1 of 3: One." and asked.hint("q1") == "Hint 2 of 3: Two."


def test_a_notebook_shows_a_hint_as_text_without_quotation_marks():
    from IPython.core.formatters import PlainTextFormatter

    given = check(('It\'s "one".',)).hint("q1")
    assert PlainTextFormatter()(given) == f"{given}" == 'Hint 1 of 1: It\'s "one".'


@pytest.mark.parametrize("number", [0, 4, -1, True, "2"])
def test_a_hint_that_there_is_not_is_one_clear_line(number):
    with pytest.raises(LeoError, match="Question q1 has hints 1 to 3: got"):
        check(("One.", "Two.", "Three.")).hint("q1", number)


def test_a_question_without_hints_says_so_and_marking_has_none():
    assert check(()).hint("q1") == Check("one", None).hint("q1") == "There is no hint for this question."
