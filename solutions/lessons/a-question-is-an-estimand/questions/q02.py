"""The average over those who were treated: complete a condition."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise

from .shared import LESSON, effect, lives, lives_frame, wrong

DIFFERENCE = "AVG(with_it - without_it)"


def with_pandas(con):
    people = lives_frame()
    treated = people[people["completed"] == 1]
    return effect((treated["with_it"] - treated["without_it"]).mean())


QUESTION = exercise(
    "complete",
    "q2",
    title="The effect on the treated",
    columns={"effect": "number"},
    identity=(),
    unit="effect",
    lesson=LESSON,
    heading="Four parts of an estimand",
    reference_sql=lives(DIFFERENCE, "WHERE completed = 1"),
    reference_pandas=with_pandas,
    hints=(
        "Whose lives is this average about?",
        "Three of the six completed one.",
        "The column completed is 1 for them: keep their rows alone.",
    ),
    misconceptions=(
        wrong("untreated", "The effect on the others", "That is the average over those who did not complete one: what "
              "they would have gained. The treated are the others.", lives(DIFFERENCE, "WHERE completed = 0"),
              "Four parts of an estimand"),
        wrong("everybody", "The effect on everybody", "That averages over all six, had all of them completed one. It "
              "is an estimand too, and not this one.", lives(DIFFERENCE, "WHERE completed IN (0, 1)"),
              "Four parts of an estimand"),
        wrong("gainers", "Only those who gained", "You left out the person whose pay was the same in both lives. An "
              "effect of nothing is an effect, and counts.", lives(DIFFERENCE, "WHERE completed = 1 AND with_it > "
              "without_it"), "Two lives of the same people"),
    ),
    alternatives=(
        lives(DIFFERENCE, "WHERE person <= 3"),
        lives("AVG(with_it) - AVG(without_it)", "WHERE completed = 1"),
    ),
)  # fmt: skip
