"""Pairs of a person with two keys of each kind: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Two EDUKEYs of one person"


QUESTION = predict(
    "SELECT 4 AS answer",
    name="q3",
    title="Rows before DISTINCT",
    lesson=LESSON,
    heading=HEADING,
    because="Two AE_IDs times two EDUKEYs: each pay would be counted twice.",
    otherwise="Write the rows down: which AE_ID with which EDUKEY?",
    hints=(
        "A join gives a row for each pair that fits.",
        "Take the first AE_ID: how many rows does it give?",
        "The second gives as many.",
    ),
    misconceptions=(
        wrong(
            "pairs",
            "After DISTINCT",
            "That is what is left after DISTINCT: each EDUKEY once. Before it every pair is there.",
            "SELECT 2 AS answer",
            HEADING,
        ),
        wrong(
            "sum-of-keys",
            "A column too few",
            "You counted a pair less than there are: each of the two AE_IDs meets both EDUKEYs.",
            "SELECT 3 AS answer",
            HEADING,
        ),
        wrong(
            "both-ways",
            "Every pair twice",
            "A join gives each pair once, not once in each direction.",
            "SELECT 8 AS answer",
            HEADING,
        ),
    ),
)
