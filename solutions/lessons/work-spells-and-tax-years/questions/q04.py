"""Days of a spell in a year: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Days in work"


QUESTION = predict(
    "SELECT 30 AS answer",
    name="q4",
    title="Days with both ends",
    lesson=LESSON,
    heading=HEADING,
    because="Both ends count: the difference of the dates, and one more.",
    otherwise="Count the days on your fingers for a spell of two days first.",
    hints=(
        "A spell from one day to the same day is one day.",
        "Subtracting two dates leaves one of them out.",
        "June has as many days.",
    ),
    misconceptions=(
        wrong(
            "difference",
            "The difference of the dates",
            "Subtracting leaves one of the two ends out, and both were worked.",
            "SELECT 29 AS answer",
            HEADING,
        ),
        wrong("one-more", "One too many", "You counted a day beyond the end.", "SELECT 31 AS answer", HEADING),
    ),
)
