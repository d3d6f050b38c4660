"""What a spell is: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Spells are not jobs"


QUESTION = predict(
    "SELECT 2 AS answer",
    name="q1",
    title="Jobs and spells",
    lesson=LESSON,
    heading=HEADING,
    because="The first two overlap and become one; between them and the third there is a gap.",
    otherwise="Which of them overlap or touch?",
    hints=(
        "Spells of one key that overlap are made into one.",
        "Look at May and June.",
        "September is a gap.",
    ),
    misconceptions=(
        wrong(
            "jobs", "One for each job", "Jobs that overlap are merged into one spell.", "SELECT 3 AS answer", HEADING
        ),
        wrong(
            "all-merged",
            "Everything merged",
            "September lies between, and nothing bridges it.",
            "SELECT 1 AS answer",
            HEADING,
        ),
    ),
)
