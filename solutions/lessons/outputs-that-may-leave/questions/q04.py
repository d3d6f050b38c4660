"""What a median rests on: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Percentages, medians and extremes"


QUESTION = predict(
    "SELECT 'c' AS answer",
    ("a", "b", "c"),
    name="q4",
    title="Whose median is it?",
    lesson=LESSON,
    heading=HEADING,
    because="What counts is how many people have pay, and that number has to be in your table when you check it.",
    otherwise="How many values is the median taken from?",
    hints=(
        "MEDIAN leaves missing values out.",
        "Twelve less five.",
        "Compare that with the threshold.",
    ),
    misconceptions=(
        wrong(
            "base",
            "Another base",
            "The twelve are not the people whose pay is in the median.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "names-nobody",
            "It names nobody",
            "The threshold holds for statistics as it does for counts.",
            "SELECT 'b' AS answer",
            HEADING,
        ),
    ),
)
