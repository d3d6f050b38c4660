"""A third application to judge: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "A worked application"


QUESTION = predict(
    "SELECT 'c' AS answer",
    ("a", "b", "c"),
    name="q7",
    title="Application C",
    lesson=LESSON,
    heading=HEADING,
    because="LEO has pay of a tax year and no hours, and no household: the question needs other data.",
    otherwise="Could the data answer the question at all?",
    hints=(
        "Which of the words in the question has no field?",
        "Pay is there, by tax year.",
        "What would you divide it by, and how would you know of the child?",
    ),
    misconceptions=(
        wrong(
            "sensitive",
            "Pay is released",
            "Pay in a tax year is one of the tables for which projects apply.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "no-year",
            "A year can be added",
            "That could be mended in a line. The question cannot be answered whatever the year.",
            "SELECT 'b' AS answer",
            HEADING,
        ),
    ),
)
