"""What a comparison does with NULL: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 2 AS answer",
    name="q2",
    title="Not equal to 1",
    lesson=LESSON,
    heading="NULL",
    because="Only the two zeros: for NULL the condition is unknown, and WHERE keeps what is true.",
    otherwise="Go through the values one by one. WHERE keeps a row only if the condition is true of it.",
    hints=(
        "Look the condition up in the table above, column by column.",
        "Unknown is not true.",
        "Count the values of which it is certain that they are another number than 1.",
    ),
    misconceptions=(
        wrong("null-is-different", "NULL taken for another value", "You counted the missing one. Whether it is 1 "
              "cannot be known, so the condition is unknown, and the row goes.", "SELECT 3 AS answer", "NULL"),
        wrong("null-alone", "Only the missing one", "Two values are known to be another number than 1; the missing "
              "one is not known to be anything.", "SELECT 1 AS answer", "NULL"),
    ),
)  # fmt: skip
