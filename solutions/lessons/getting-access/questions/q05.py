"""A first application to judge: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Who may apply"


QUESTION = predict(
    "SELECT 'a' AS answer",
    ("a", "b", "c"),
    name="q5",
    title="Application A",
    lesson=LESSON,
    heading=HEADING,
    because="A project must show a clear public good and commit itself to publish.",
    otherwise="What must every project show, and what must it promise?",
    hints=(
        "Who gains from the answer?",
        "What is said about publishing?",
        "Results are in the data, and nothing on this page says where a researcher has to be employed.",
    ),
    misconceptions=(
        wrong(
            "no-results",
            "Results are there",
            "Results at key stage 4 are in the school tables.",
            "SELECT 'b' AS answer",
            HEADING,
        ),
        wrong(
            "employer",
            "The employer is not the fault",
            "Nothing on this page says so; what is missing is a use for the public.",
            "SELECT 'c' AS answer",
            HEADING,
        ),
    ),
)
