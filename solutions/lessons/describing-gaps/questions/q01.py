"""Who is in the base: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Who is in the base"


QUESTION = predict(
    "SELECT 80 AS answer",
    name="q1",
    title="A percentage and its base",
    lesson=LESSON,
    heading=HEADING,
    because="72 of 90: nobody knows what the ten did.",
    otherwise="By how many people do you divide?",
    hints=(
        "The people who were not linked leave the base.",
        "How many are left?",
        "72 of them.",
    ),
    misconceptions=(
        wrong(
            "everybody",
            "Everybody in the base",
            "You divided by everybody. Those who were not linked then count as not in work.",
            "SELECT 72 AS answer",
            HEADING,
        ),
        wrong(
            "lost-added",
            "Those lost counted as in work",
            "You counted the people who were not linked as in work.",
            "SELECT 82 AS answer",
            HEADING,
        ),
    ),
)
