"""A fifth application to judge: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "What may leave"


QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q9",
    title="Application E",
    lesson=LESSON,
    heading=HEADING,
    because="A project that promises outputs that may never leave promises what it cannot keep.",
    otherwise="How many pupils would be in one cell of that table?",
    hints=(
        "A school excludes few pupils for good.",
        "Divide them by ethnic group, sex and needs.",
        "Think of the threshold.",
    ),
    misconceptions=(
        wrong(
            "never-granted",
            "It can be granted",
            "Ethnic group is by request, with a reason.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong("by-year", "They have dates", "That is not what stands in the way.", "SELECT 'c' AS answer", HEADING),
    ),
)
