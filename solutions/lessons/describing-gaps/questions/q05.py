"""A word that claims too much: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Words for a gap"


QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q5",
    title="Which sentence?",
    lesson=LESSON,
    heading=HEADING,
    because="It names what was counted, and no reason for it.",
    otherwise="Which of them speaks of a life that nobody lived?",
    hints=(
        "A median describes a group.",
        "A reason needs a comparison that a table of groups has not.",
        "Look for the sentence that could be checked with the table alone.",
    ),
    misconceptions=(
        wrong("cost", "A cause", "That claims that the meals did it.", "SELECT 'a' AS answer", HEADING),
        wrong(
            "otherwise",
            "A life that nobody lived",
            "What somebody would have earned otherwise is not in the table.",
            "SELECT 'c' AS answer",
            HEADING,
        ),
    ),
)
