"""A tolerance forgives how a number was computed, and never what was computed."""

from __future__ import annotations

from contextlib import nullcontext

import matplotlib
import pytest

from leocourse.authoring.check_question import TENTH, difference
from leocourse.authoring.question import assignments
from leocourse.checks.answer import Answer
from leocourse.checks.assignment import run_calls
from leocourse.core.paths import course_root

matplotlib.use("Agg")

QUESTIONS = [(course.name, question) for course in assignments(course_root()) for question in course.with_worked]
WITH_TOLERANCE = [case for case in QUESTIONS if case[1].tolerance]


def label(case):
    return f"{case[0][:2]}-{case[1].name}"


@pytest.mark.parametrize("case", WITH_TOLERANCE, ids=label)
def test_a_tolerance_is_at_most_a_tenth_of_what_the_smallest_slip_makes(case, con):
    _, question = case

    def run(given):
        return run_calls(question.specification(), given, lambda: nullcontext(con))

    right = run(question.reference_sql)
    made = {slip.name: run(slip.answer) for slip in question.misconceptions}
    for column, tolerance in question.tolerance.items():
        for name, answers in made.items():
            if not all(isinstance(each, Answer) and column in each.columns for each in answers):
                continue
            most = difference(question, column, right, answers)
            assert not most or tolerance <= most / TENTH, (
                f"{name} makes at most {most:.4g} in {column}: a tolerance of {tolerance:g} is too wide"
            )


@pytest.mark.parametrize("case", QUESTIONS, ids=label)
def test_only_numbers_have_a_tolerance_and_only_small_ones(case):
    _, question = case
    for column, tolerance in question.tolerance.items():
        assert question.columns[column] == "number" and column not in question.identity
        assert 0 < tolerance <= 0.02
