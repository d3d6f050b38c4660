"""A standardised score by hand: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "One score across the reforms"


QUESTION = predict(
    "SELECT 0.5 AS answer",
    name="q4",
    title="Two years, one scale",
    lesson=LESSON,
    heading=HEADING,
    because="50 above the mean is half of a standard deviation.",
    otherwise="Take the mean away first, then divide by the spread.",
    hints=(
        "How far is the pupil above the mean?",
        "How many standard deviations is that?",
        "It is less than one.",
    ),
    misconceptions=(
        wrong(
            "not-divided",
            "Points above the mean",
            "That is the distance in points. Divide it by the standard deviation.",
            "SELECT 50 AS answer",
            HEADING,
        ),
        wrong(
            "ratio",
            "A ratio",
            "You divided points by the spread, and did not take the mean away.",
            "SELECT 3.5 AS answer",
            HEADING,
        ),
        wrong(
            "turned",
            "The wrong way round",
            "The pupil is above the mean, so the score is above 0.",
            "SELECT -0.5 AS answer",
            HEADING,
        ),
    ),
)
