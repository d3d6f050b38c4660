"""What the exercises of this lesson share."""

from __future__ import annotations

from leocourse.authoring.catalogue import slips
from leocourse.authoring.question import Misconception

slip = slips(__file__)

LESSON = "What LEO is"
FIRST, LINKED, FIND, COVERED = (
    "One question, two answers", "What is linked", "How the sources find each other", "Who is covered, and when",
)  # fmt: skip
"""Headings of the lesson."""
LEO = 'leo_i2."2005003"'


def wrong(name: str, title: str, message: str, answer: str, heading: str = "") -> Misconception:
    """A slip of this lesson alone, which the catalogue has not."""
    return Misconception(name, title, message, LESSON, answer, heading)
