"""What the exercises of this lesson share."""

from __future__ import annotations

from leocourse.authoring.question import Misconception

LESSON = "The extract as a database"
NAMES, ROWS, COUNTS, YEAR, FIND = (
    "Databases, schemas, views, columns", "Choose rows and sort them", "How many?", "A view for a year",
    "How to find a variable",
)  # fmt: skip
"""Headings of the lesson."""


def wrong(name: str, title: str, message: str, answer: str, heading: str = "") -> Misconception:
    """A slip of this lesson alone, which the catalogue has not."""
    return Misconception(name, title, message, LESSON, answer, heading)
