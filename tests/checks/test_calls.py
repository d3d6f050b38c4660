"""A function is called several times: what is said where it stops in one call and runs in another."""

from __future__ import annotations

import inspect
from contextlib import nullcontext

import pytest

from leocourse.authoring.question import assignments
from leocourse.checks.assignment import run_calls
from leocourse.checks.judge import judge
from leocourse.core.paths import course_root

FUNCTIONS = [
    (course.name, question)
    for course in assignments(course_root())
    for question in course.questions
    if question.kind == "function" and len(question.calls) > 1
][::3]


def stops_first(function, question):
    """The function, but in its first call it stops."""
    first = question.calls[0]

    def answer(con, **arguments):
        if arguments == first:
            raise ValueError("no such year")
        return function(con, **arguments)

    answer.__signature__ = inspect.signature(function)
    return answer


def check(given, entry, con):
    return judge(
        entry["specification"], run_calls(entry["specification"], given, lambda: nullcontext(con)), entry["calls"]
    )


@pytest.mark.parametrize(("name", "question"), FUNCTIONS, ids=lambda each: getattr(each, "name", each))
def test_it_stops_in_one_call_and_what_is_wrong_in_another_is_said_too(name, question, keys, con):
    entry = keys[name, question.name]
    right = check(stops_first(question.reference_sql, question), entry, con)
    assert right.status == "stopped" and right.score == 0 and right.misconception is None
    assert right.message.splitlines()[-1] == "Wherever it did not stop its answer is right."
    told = set()
    for slip in question.misconceptions:
        if not callable(slip.answer):
            continue
        alone, both = check(slip.answer, entry, con), check(stops_first(slip.answer, question), entry, con)
        assert both.status == "stopped" and both.score == 0 and "no such year" in both.message.splitlines()[0]
        assert both.misconception in (None, alone.misconception, slip.name), f"{slip.name}: {both}"
        assert not both.table
        told.add(both.misconception)
    assert told - {None}, "no slip was named although the other calls show it"
