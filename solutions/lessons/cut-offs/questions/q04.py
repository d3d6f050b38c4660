"""What too many on one side mean: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import BUNCHING, LESSON, wrong

QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q4",
    title="Too many on one side",
    lesson=LESSON,
    heading=BUNCHING,
    because="Just below and just above should be as many. Some families are below because it pays, and they are not "
    "those who stayed above.",
    otherwise="Ask what would have to be so if nobody had chosen.",
    hints=(
        "How many would you expect on each side of a line that nobody minds?",
        "Families can know the line, and some can earn a little less, or say so.",
        "The benefit is the reason to be on one side, not a result of it.",
    ),
    misconceptions=(
        wrong("by-size", "Sizes differ anyway", "Far from the line they may. Next to it, on both sides, there is no "
              "reason for more than twice as many.", "SELECT 'a' AS answer", BUNCHING),
        wrong("benefit-works", "A count is no effect", "How many are on a side says nothing of what the benefit does "
              "to them.", "SELECT 'c' AS answer", BUNCHING),
    ),
)  # fmt: skip
