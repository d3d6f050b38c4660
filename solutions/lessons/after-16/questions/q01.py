"""Three ways of naming a year: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Five kinds of record"


QUESTION = predict(
    "SELECT 2014 AS answer",
    name="q1",
    title="A year in three records",
    lesson=LESSON,
    heading=HEADING,
    because="The ILR names an academic year by the calendar year in which it starts.",
    otherwise="Which of the two calendar years does this source take?",
    hints=(
        "A census view would be named 2015.",
        "The ILR does otherwise than census and HESA.",
        "It takes the first of the two.",
    ),
    misconceptions=(
        wrong(
            "ends",
            "The year in which it ends",
            "That is how census and HESA views are named. The ILR takes the year in which the academic year starts.",
            "SELECT 2015 AS answer",
            HEADING,
        ),
        wrong("before", "A year too early", "That would be 2013/14.", "SELECT 2013 AS answer", HEADING),
    ),
)
