"""A fourth application to judge: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "A worked application"


QUESTION = predict(
    "SELECT 'a' AS answer",
    ("a", "b", "c"),
    name="q8",
    title="Application D",
    lesson=LESSON,
    heading=HEADING,
    because="Who went to university is in HESA alone, and the self-employed have no pay from employment: "
    "without these the comparison is another one.",
    otherwise="Go through the words of the question: which table has each of them?",
    hints=(
        "How would you find those who did not go to university?",
        "And what of somebody who works for themselves?",
        "Two tables are missing from the request.",
    ),
    misconceptions=(
        wrong(
            "no-apprentices",
            "Apprenticeships are there",
            "They are in the individualised learner record.",
            "SELECT 'b' AS answer",
            HEADING,
        ),
        wrong("may-not", "They may be compared", "That is what LEO links them for.", "SELECT 'c' AS answer", HEADING),
    ),
)
