"""Answers that were written from the exercises alone, without the solutions: ``tests/bank``.

Every right one is right, no wrong one is, and none gets the name of a slip that its author says it is not. A sample in
each run of the tests, all of them among the slow ones. ``python benchmarks/diagnosis.py tests/bank`` prints what is said.
"""

from __future__ import annotations

import importlib.util
import random
from contextlib import nullcontext

import matplotlib
import pytest

from leocourse.authoring.question import assignments
from leocourse.checks.assignment import run_calls
from leocourse.checks.judge import judge
from leocourse.core.paths import course_root

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_file = course_root() / "benchmarks" / "diagnosis.py"
_made = importlib.util.spec_from_file_location("diagnosis", _file)
diagnosis = importlib.util.module_from_spec(_made)
_made.loader.exec_module(diagnosis)

COURSE = {each.name: each for each in assignments(course_root())}
BANK = diagnosis.read_bank(course_root() / "tests" / "bank")
RUNS_LONG = 600
"""Seconds that an answer may take here: whether it is quick enough for a notebook is not the question."""


def label(each):
    kind = "right" if each.get("right") else f"{each['slip'][:40]}"
    return f"{each['assignment'][:2]}-{each['question']}-{kind}-{each['form']}"


def sample():
    """One right answer and one wrong one of each question, the same in every run."""
    draw, groups = random.Random(24), {}
    for each in BANK:
        groups.setdefault((each["assignment"], each["question"], bool(each.get("right"))), []).append(each)
    return [draw.choice(group) for group in groups.values()]


SAMPLE = sample()


def check_one(each, keys, con):
    entry = keys[each["assignment"], each["question"]]
    specification = entry["specification"]
    given = diagnosis.given(each, specification["answer_name"])
    result = judge(specification, run_calls(specification, given, lambda: nullcontext(con), RUNS_LONG), entry["calls"])
    plt.close("all")
    assert (result.status == "right") == bool(each.get("right")), f"{each['slip']}\n{each['answer']}\n{result}"
    assert result.misconception not in each.get("never", ()), f"{each['slip']}\n{result}"


@pytest.mark.parametrize("each", SAMPLE, ids=label)
def test_a_sample_of_answers_is_judged_as_its_author_meant(each, keys, con):
    check_one(each, keys, con)


@pytest.mark.slow
@pytest.mark.parametrize("each", BANK, ids=label)
def test_every_answer_is_judged_as_its_author_meant(each, keys, con):
    check_one(each, keys, con)


def test_each_question_in_the_bank_has_a_right_answer_and_ten_wrong_ones():
    known = {(name, question.name) for name, course in COURSE.items() for question in course.questions}
    slips, right = {}, set()
    for each in BANK:
        case = each["assignment"], each["question"]
        slips.setdefault(case, set()).add(each["slip"])
        right |= {case} if each.get("right") else set()
    assert right == slips.keys() and right <= known and len(right) >= 69
    assert all(len(each - {""}) >= 10 for each in slips.values())
