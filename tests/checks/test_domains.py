"""Every question states for what arguments it is asked, and an answer that is right for some of them is refused."""

from __future__ import annotations

import inspect
import json
import random
from contextlib import nullcontext
from dataclasses import replace
from itertools import product

import kept
import matplotlib
import pytest

from leocourse.authoring.keys import question_key
from leocourse.authoring.question import assignments
from leocourse.checks.answer import Answer
from leocourse.checks.assignment import run_calls
from leocourse.checks.judge import judge
from leocourse.core.connect import connect
from leocourse.core.paths import course_root

matplotlib.use("Agg")

COURSE = {each.name: each for each in assignments(course_root())}
QUESTIONS = [(name, question) for name, course in COURSE.items() for question in course.questions]
FUNCTIONS = [case for case in QUESTIONS if case[1].kind == "function"]
SIDES = [
    (name, question, argument, each, side)
    for name, question in FUNCTIONS
    for argument, values in question.boundaries.items()
    for each in values
    for side in ("before", "after")
]
WHOLE = [case for case in FUNCTIONS if case[1].quick and case[1].domain]
LABELS = {"title": "Simulated data", "x label": "Tax year", "y label": "%"}


def label(case):
    return "-".join([case[0][:2], case[1].name, *map(str, case[2:])])


@pytest.fixture(scope="module")
def unseen():
    """An extract that no learner has, with its faults, as those to mark on."""
    with connect(kept.extract("unseen", 2_000, 11)) as opened:
        yield opened


def labelled(answers):
    return [Answer(each.columns, LABELS) if isinstance(each, Answer) else each for each in answers]


@pytest.mark.parametrize("case", FUNCTIONS, ids=label)
def test_a_function_is_asked_for_a_domain_with_its_ends_and_both_sides_of_each_boundary(case):
    _, question = case
    taken = list(inspect.signature(question.reference_sql).parameters)[1:]
    assert question.domain, "say as data for which arguments the function is asked for"
    assert set(question.domain) <= set(taken)
    for argument, values in question.domain.items():
        called = {call[argument] for call in question.calls}
        wanted = {values[0], values[-1]}
        for each in question.boundaries.get(argument, ()):
            wanted |= {each, values[list(values).index(each) - 1]}
        assert wanted <= called, f"{argument} is not asked for {sorted(wanted - called)}"


@pytest.mark.parametrize("case", FUNCTIONS, ids=label)
def test_every_call_lies_in_the_domain(case):
    _, question = case
    for draw in range(5):
        calls = question.marked(random.Random(draw)).calls
        assert len({json.dumps(call, default=str) for call in calls}) == len(calls)
        for call in calls:
            assert all(call[argument] in question.domain[argument] for argument in question.domain)
            assert question.possible is None or question.possible(**call)


@pytest.mark.parametrize("case", SIDES, ids=label)
def test_a_function_that_is_wrong_on_one_side_of_a_boundary_is_refused(case, keys, con):
    name, question, argument, boundary, side = case
    entry = keys[name, question.name]

    def mutant(con, **arguments):
        if (arguments[argument] < boundary) == (side == "before"):
            raise ValueError(f"nothing is known of {arguments[argument]}")
        return question.reference_sql(con, **arguments)

    answers = run_calls(entry["specification"], mutant, lambda: nullcontext(con))
    assert judge(entry["specification"], labelled(answers), entry["calls"]).status != "right"


@pytest.mark.parametrize("case", WHOLE, ids=label)
def test_marking_asks_these_questions_for_the_whole_domain(case):
    """So a function that is wrong for a single argument is refused there: these are the questions for which it is."""
    _, question = case
    everything = [dict(zip(question.domain, each, strict=True)) for each in product(*question.domain.values())]
    possible = [each for each in everything if question.possible is None or question.possible(**each)]
    called = question.marked(random.Random(1)).calls
    assert all(each in called for each in possible)


def test_some_questions_are_asked_for_the_whole_domain_in_marking():
    assert len(WHOLE) >= 4


@pytest.mark.parametrize("case", [each for each in FUNCTIONS if each not in WHOLE], ids=label)
def test_marking_asks_the_others_for_arguments_that_nobody_can_foresee(case):
    _, question = case
    drawn = [question.marked(random.Random(draw)).calls[len(question.calls) :] for draw in range(12)]
    assert all(drawn) and any(each != drawn[0] for each in drawn)


def as_constants(question, public):
    """A function, or SQL, that gives the public answer whatever it is asked for: the nearest call that it knows."""

    def answer(con, **arguments):
        known = next((at for at, call in enumerate(question.calls) if call == arguments), 0)
        return dict(public[known].columns)

    return answer


@pytest.mark.parametrize("case", QUESTIONS, ids=label)
def test_the_public_answer_written_as_constants_fails_on_an_extract_to_mark_on(case, con, unseen):
    _, question = case
    specification = question.specification()
    public = run_calls(specification, question.reference_sql, lambda: nullcontext(con))
    marked = replace(question.marked(random.Random(5)), misconceptions=(), make=None, attributes={})
    key = question_key(marked, unseen, alike=set())
    given = run_calls(marked.specification(), as_constants(question, public), lambda: nullcontext(unseen))
    assert judge(marked.specification(), labelled(given), key).status != "right"
