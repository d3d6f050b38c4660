"""A gap in a line with a total: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "A threshold"


QUESTION = predict(
    "SELECT 7 AS answer",
    name="q1",
    title="Total less the rest",
    lesson=LESSON,
    heading=HEADING,
    because="A single gap in a line with a total is no gap.",
    otherwise="What is left of the total?",
    hints=(
        "The total and the other cell are both shown.",
        "Subtract.",
        "It is below the threshold.",
    ),
    misconceptions=(
        wrong(
            "threshold",
            "The threshold",
            "That is the threshold. The number can be found exactly.",
            "SELECT 10 AS answer",
            HEADING,
        ),
        wrong("total", "The total", "That is everybody in the line.", "SELECT 50 AS answer", HEADING),
    ),
)
