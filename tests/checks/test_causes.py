"""Every slip is recognised in its parts, in every form and beside a rule; answers that are only near are not."""

from __future__ import annotations

from contextlib import nullcontext

import matplotlib
import near
import pytest

from leocourse.authoring.question import assignments
from leocourse.checks.answer import Answer
from leocourse.checks.assignment import run_calls
from leocourse.checks.fingerprint import value_columns
from leocourse.checks.judge import judge
from leocourse.checks.rules import FEW
from leocourse.core.paths import course_root

matplotlib.use("Agg")

COURSE = {each.name: each for each in assignments(course_root())}
QUESTIONS = [(name, question) for name, course in COURSE.items() for question in course.with_worked]
LABELS = {"title": "Simulated data", "x label": "Tax year", "y label": "%"}


def label(case):
    return f"{case[0][:2]}-{case[1].name}"


def few_calls(entry):
    """Specification and key with the first calls only, as many as show every slip: a domain has many alike."""
    calls = entry["calls"]
    seen, wanted = set(), {name for call in calls for name, made in call["misconceptions"].items() if made}
    for number, call in enumerate(calls, 1):
        seen |= {name for name, made in call["misconceptions"].items() if made}
        if seen == wanted and number > 1:
            break
    return {**entry["specification"], "calls": entry["specification"]["calls"][:number]}, calls[:number]


@pytest.mark.parametrize("case", QUESTIONS, ids=label)
def test_a_slip_is_named_in_every_form_and_never_without_evidence(case, keys, con):
    name, question = case
    entry = keys[name, question.name]
    specification, key = few_calls(entry)

    def answers(given):
        found = run_calls(specification, given, lambda: nullcontext(con))
        return [Answer(each.columns, LABELS) for each in found]

    def named(given):
        return judge(specification, given, key).misconception

    right = answers(question.reference_sql)
    of_slips = {slip.name: answers(slip.answer) for slip in question.misconceptions}
    assert named(near.some_dropped(right, of_slips.values())) is None
    for column in value_columns(specification):
        assert named(near.one_column_noised(right, column)) is None
    for turn, (name, own) in enumerate(of_slips.items()):
        assert named(list(near.in_other_forms(own, specification["ordered"]))) == name
        assert named(near.beyond_recognition(specification, own, right, key)) != name
        for column in near.numbers(specification):
            check_rules(specification, key, name, column, of_slips, right, turn)


def check_rules(specification, key, name, column, of_slips, right, turn):
    """A slip and a rule on top: the slip is named, or another that the answer shows, or the rule that hides it.

    Each slip has two of the rules, in turn, so that all are tried.
    """
    own, changes = of_slips[name], list(near.FORWARD.values())
    for change in (changes[(2 * turn) % len(changes)], changes[(2 * turn + 1) % len(changes)]):
        both = near.by_rule(own, column, change)
        result = judge(specification, both, key)
        if result.status == "right":
            continue  # the rule undoes the slip: a day too few, and one more
        before, now = near.parts_of(specification, own, key), near.parts_of(specification, both, key)
        kept = all(first.names and first.names <= second.names for first, second in zip(before, now, strict=True))
        many = all(len(rows) >= FEW for each in before for rows in [*each.people.values(), *each.columns.values()])
        named = result.misconception
        if kept and many and column not in specification["tolerance"] and named not in (name, None):
            assert near.shows(both, of_slips[named], right, specification["identity"]), (name, column, str(result))


def test_people_are_counted_alike_in_the_sentences_of_one_message(small):
    """Who has two rows is one of them, whatever else is said of these rows."""
    rows = [*range(40), *range(30, 40)]
    twice = only(rows, changed(share=[-1.5] * 40))
    message = judge(SPECIFICATION, [twice], small).message
    assert "10 sexes have more than one row" in message, message
    assert "All 10 sexes that have more than one row have 31 or more in ae_id; of 30 others none do." in message


def test_what_all_but_one_have_in_common_is_not_said(small):
    one_right = changed(days=[50 + each if row else each for row, each in enumerate(RIGHT.columns["days"])])
    assert "others" not in judge(SPECIFICATION, [one_right], small).message
    few_right = changed(days=[50 + each if row > 4 else each for row, each in enumerate(RIGHT.columns["days"])])
    assert "of 5 others none do" in judge(SPECIFICATION, [few_right], small).message


SPECIFICATION = {
    "name": "q", "title": "Shares", "answer_name": "q", "kind": "sql", "points": 2.0,
    "columns": {"ae_id": "number", "share": "number", "days": "number"}, "identity": ["ae_id"], "unit": "sex",
    "plural": "sexes", "people": True, "ordered": False, "tolerance": {"share": 0.01}, "calls": [{}],
    "universe": None, "labels": {}, "lesson": "Measuring earnings", "hints": [], "misconceptions": {
        "late": {"title": "Late.", "message": "You began late.", "lesson": "A"},
        "twice": {"title": "Twice.", "message": "You counted twice.", "lesson": "B"},
    },
}  # fmt: skip
RIGHT = Answer({"ae_id": list(range(1, 41)), "share": [10.375 + each for each in range(40)], "days": [each % 7 for each in range(40)]})  # fmt: skip


def changed(**columns):
    return Answer({**RIGHT.columns, **columns})


def only(rows, answer=RIGHT):
    return Answer({name: [values[row] for row in rows] for name, values in answer.columns.items()})


LATE = only(range(6, 40))
TWICE = changed(days=[2 * each for each in RIGHT.columns["days"]])


@pytest.fixture(scope="module")
def small():
    from leocourse.authoring.keys import call_key

    return [call_key(SPECIFICATION, 0, RIGHT, {"late": LATE, "twice": TWICE})[0]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (changed(share=[each / 100 for each in RIGHT.columns["share"]]), "share is a hundredth of what it should be"),
        (changed(share=[each * 100 for each in RIGHT.columns["share"]]), "share is a hundred times too large"),
        (changed(share=[100 - each for each in RIGHT.columns["share"]]), "share is 100 less the right value"),
        (changed(share=[-each for each in RIGHT.columns["share"]]), "share has the wrong sign in all 40 wrong rows"),
        (changed(share=[float(int(each)) for each in RIGHT.columns["share"]]), "share is rounded to whole numbers"),
        (changed(share=[round(each, 1) for each in RIGHT.columns["share"]]), "share is rounded to one decimal place"),
        (changed(days=[each + 1 for each in RIGHT.columns["days"]]), "days is one too many in all 40 wrong rows."),
        (changed(days=[None] * 40), "days holds no value at all: is what you read empty in these records"),
        (changed(days=[1 if each == 0 else each for each in RIGHT.columns["days"]]), "days is 1 in all 6 wrong rows, where 0 is right."),
        (changed(days=[0 if each == 1 else each for each in RIGHT.columns["days"]]), "days is 0 in all 6 wrong rows, where 1 is right."),
        (changed(days=[each or None for each in RIGHT.columns["days"]]), "days is missing in all 6 wrong rows, where 0"),
        (changed(share=RIGHT.columns["days"], days=RIGHT.columns["share"]), "share holds what belongs into days"),
        (only([]), "Your answer has no rows. Expected are 40 sexes, such as ae_id"),
        (changed(ae_id=list(range(101, 141))), "None of the 40 sexes that are expected is there"),
        (changed(ae_id=[*range(1, 31), *range(101, 111)]), "10 sexes should not be there, such as ae_id 101; ae_id 102; ae_id 103, and as many are missing"),
        (changed(days=[each + 50 if row > 30 else each for row, each in enumerate(RIGHT.columns["days"])]), "have 32 or more in ae_id; of 31 others none do."),
    ],
)  # fmt: skip
def test_the_cause_is_said_with_its_evidence(answer, words, small):
    result = judge(SPECIFICATION, [answer], small)
    assert words in result.message, result.message
    assert result.misconception is None and result.findings


def test_two_slips_are_both_named_each_with_its_own_rows(small):
    result = judge(SPECIFICATION, [only(range(6, 40), TWICE)], small)
    lines = result.message.splitlines()
    assert lines[0].startswith("You began late. (6 sexes are missing")
    assert lines[1].startswith("You counted twice. (days is wrong for")
    assert [each.part for each in result.findings] == ["missing", "days"]


def test_a_slip_is_named_in_a_part_and_the_rest_gets_a_line(small):
    answer = only(range(6, 40), changed(days=[None] * 40))
    result = judge(SPECIFICATION, [answer], small)
    assert result.misconception == "late" and "days is wrong for" in result.message.splitlines()[1]


def test_half_of_a_slip_is_not_the_slip(small):
    assert judge(SPECIFICATION, [only(range(3, 40))], small).misconception is None
    half = [2 * each if row % 2 else each for row, each in enumerate(RIGHT.columns["days"])]
    assert judge(SPECIFICATION, [changed(days=half)], small).misconception is None


def test_a_repeated_row_whose_values_differ_is_recognised():
    from leocourse.authoring.keys import call_key

    both = Answer({name: [*RIGHT.columns[name], *TWICE.columns[name]] for name in RIGHT.columns})
    key = [call_key(SPECIFICATION, 0, RIGHT, {"twice": both})[0]]
    back = Answer({name: values[::-1] for name, values in both.columns.items()})
    assert judge(SPECIFICATION, [both], key).misconception == judge(SPECIFICATION, [back], key).misconception == "twice"


def test_what_differs_in_the_third_place_is_shown_so(small):
    from leocourse.authoring.keys import call_key

    exact = {**SPECIFICATION, "tolerance": {}}
    key = [call_key(exact, 0, RIGHT, {})[0]]
    place = key[0]["right"]["examples"][0]["ae_id"] - 1
    near_by = [round(each, 2) if row == place else each for row, each in enumerate(RIGHT.columns["share"])]
    right = RIGHT.columns["share"][place]
    assert f"expected {right}, got {right:.2f}" in judge(exact, [changed(share=near_by)], key).message


@pytest.mark.parametrize(("digits", "words"), [(0, "rounded to whole numbers"), (1, "rounded to one decimal place")])
def test_rounding_is_recognised_however_small_the_tolerance_is(digits, words):
    from leocourse.authoring.keys import call_key

    strict = {**SPECIFICATION, "tolerance": {"share": 0.000001}}
    right = changed(share=[10.3172931 + 1.4139 * each for each in range(40)])
    key = [call_key(strict, 0, right, {})[0]]
    rounded = changed(share=[round(each, digits) for each in right.columns["share"]])
    assert words in judge(strict, [rounded], key).message
    other = changed(share=[round(each * 1.07, digits) for each in right.columns["share"]])
    assert "rounded" not in judge(strict, [other], key).message


def test_two_rows_of_one_person_prove_no_slip_that_repeats_nobody():
    from leocourse.authoring.keys import call_key

    slip = changed(days=[each + 3 if row < 5 else each for row, each in enumerate(RIGHT.columns["days"])])
    key = [call_key(SPECIFICATION, 0, RIGHT, {"late": slip})[0]]
    assert judge(SPECIFICATION, [slip], key).misconception == "late"
    twice = Answer({name: [*values, *slip.columns[name][:5]] for name, values in RIGHT.columns.items()})
    assert judge(SPECIFICATION, [twice], key).misconception is None


def test_one_number_that_shrinks_into_the_tolerance_of_nought_proves_no_rule():
    from leocourse.authoring.keys import call_key

    right = changed(share=[float(each % 2) for each in range(40)])
    key = [call_key(SPECIFICATION, 0, right, {})[0]]
    one = changed(share=[0.4375, *right.columns["share"][1:]])
    assert "too large" not in judge(SPECIFICATION, [one], key).message
