"""What the exercises of this lesson share."""

from __future__ import annotations

from leocourse.authoring.question import Misconception

LESSON = "Describing gaps"


def wrong(name: str, title: str, message: str, answer: str, heading: str = "") -> Misconception:
    """A slip of this lesson alone, which the catalogue has not."""
    return Misconception(name, title, message, LESSON, answer, heading)
