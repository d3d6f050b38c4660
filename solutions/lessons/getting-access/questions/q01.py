"""Which of the Five Safes: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Five Safes"


QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q1",
    title="Which safe?",
    lesson=LESSON,
    heading=HEADING,
    because="Is there no more in the data than needed? Here there is.",
    otherwise="Which of the five questions speaks of fields?",
    hints=(
        "The field is the trouble, not who asks for it.",
        "Each safe asks one question: read them again.",
        "It is about what the data hold.",
    ),
    misconceptions=(
        wrong(
            "people",
            "The researchers may be trusted",
            "Nothing is said against the researchers.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "settings", "The place may be secure", "Nothing is said about the place.", "SELECT 'c' AS answer", HEADING
        ),
    ),
)
