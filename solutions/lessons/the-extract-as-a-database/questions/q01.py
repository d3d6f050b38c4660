"""A full name of a view: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, NAMES, YEAR, wrong

QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q1",
    title="A name in three parts",
    lesson=LESSON,
    heading=NAMES,
    because="Database, schema, view, and the view is named after the year in which the academic year ends.",
    otherwise="Look at the order of the three parts, and at the year.",
    hints=(
        "Which of the three parts is the number of the project?",
        "The database comes first, and the view last.",
        "2011/12 ends in 2012.",
    ),
    misconceptions=(
        wrong("turned", "Parts in another order", "The database comes first, then the schema, then the view.",
              "SELECT 'a' AS answer", NAMES),
        wrong("year-begins", "The year in which it begins", "That view holds 2010/11: the name has the year in which "
              "the academic year ends.", "SELECT 'c' AS answer", YEAR),
    ),
)  # fmt: skip
