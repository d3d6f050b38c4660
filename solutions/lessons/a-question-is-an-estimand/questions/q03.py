"""The average over those who were not treated: mend a comparison of two groups."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise

from .shared import LESSON, effect, lives, lives_frame, wrong

DIFFERENCE = "AVG(with_it - without_it)"
GROUPS = "AVG(CASE WHEN completed = 1 THEN with_it END) - AVG(CASE WHEN completed = 0 THEN without_it END)"


def with_pandas(con):
    people = lives_frame()
    others = people[people["completed"] == 0]
    return effect((others["with_it"] - others["without_it"]).mean())


QUESTION = exercise(
    "mend",
    "q3",
    title="The effect on the others",
    columns={"effect": "number"},
    identity=(),
    unit="effect",
    lesson=LESSON,
    heading="Two lives of the same people",
    reference_sql=lives(DIFFERENCE, "WHERE completed = 0"),
    reference_pandas=with_pandas,
    hints=(
        "An effect compares two lives of one person, never two people.",
        "Take both columns of pay from the same rows.",
        "Which rows are those of people who did not complete one?",
    ),
    misconceptions=(
        wrong("two-groups", "Two groups instead of two lives", "You compare the pay of two groups of people. An effect "
              "compares the two lives of each person.", lives(GROUPS), "Two lives of the same people"),
        wrong("treated", "The effect on the treated", "That is the average over those who completed one. Here the "
              "others are asked for.", lives(DIFFERENCE, "WHERE completed = 1"), "Four parts of an estimand"),
        wrong("everybody", "The effect on everybody", "That averages over all six.", lives(DIFFERENCE),
              "Four parts of an estimand"),
        wrong("sign", "The wrong way round", "The sign is turned: it is the life with it, less the life without it.",
              lives("AVG(without_it - with_it)", "WHERE completed = 0"), "Two lives of the same people"),
    ),
    alternatives=(lives("AVG(CASE WHEN completed = 0 THEN with_it - without_it END)"),),
)  # fmt: skip
