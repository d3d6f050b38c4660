"""A second application to judge: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "The variable request form"


QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q6",
    title="Application B",
    lesson=LESSON,
    heading=HEADING,
    because="Each field by request needs a reason of its own, and a request for everything is refused.",
    otherwise="What does the form want for each field?",
    hints=(
        "Read the reason that is given once more.",
        "The question is narrow, and the request is not.",
        "Exclusions have tables of their own.",
    ),
    misconceptions=(
        wrong(
            "not-recorded",
            "Suspensions are recorded",
            "They are, in the tables of exclusions.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "birth",
            "No date of birth is needed",
            "Nobody gets a date of birth, and colleges are found by a key.",
            "SELECT 'c' AS answer",
            HEADING,
        ),
    ),
)
