"""The column of a year: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "What was measured when"


QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q1",
    title="A column for 2013/14",
    lesson=LESSON,
    heading=HEADING,
    because="2013/14 stands apart: its columns end in _PTQ.",
    otherwise="Look for 2013/14 in the picture of the measures.",
    hints=(
        "Summer 2014 is the academic year 2013/14.",
        "Both policies of that year came with a suffix of its own.",
        "The grades 9 to 1 came later.",
    ),
    misconceptions=(
        wrong(
            "before-reform",
            "The column of the years before",
            "That column ends with 2012/13.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "after-reform",
            "The column of the years after",
            "That one begins with 2014/15.",
            "SELECT 'c' AS answer",
            HEADING,
        ),
    ),
)
