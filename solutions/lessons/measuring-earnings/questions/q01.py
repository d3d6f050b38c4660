"""Who is in a median of pay: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Pay: zero is not missing"


QUESTION = predict(
    "SELECT 'c' AS answer",
    ("a", "b", "c"),
    name="q1",
    title="No row and a row of nought",
    lesson=LESSON,
    heading=HEADING,
    because="Self-employment, work abroad, an unlinked key and no work at all look alike.",
    otherwise="Which kinds of work does the view not see?",
    hints=(
        "The view holds pay that employers reported.",
        "Who works for themselves has no row there.",
        "Only one of the three is sure.",
    ),
    misconceptions=(
        wrong(
            "nought",
            "A missing row is no nought",
            "Filling with 0 pulls a median down with people of whom nothing is known.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "no-work",
            "Not seen is not out of work",
            "Self-employed people and those abroad work, and have no row.",
            "SELECT 'b' AS answer",
            HEADING,
        ),
    ),
)
