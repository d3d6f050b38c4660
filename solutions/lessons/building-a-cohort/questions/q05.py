"""What missing free school meals do to a percentage: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 'b' AS answer",
    choices=("a", "b", "c"),
    name="q5",
    title="Missing counted as not eligible",
    lesson=LESSON,
    heading="Two sources, two denominators",
    because="The same pupils are eligible, among more pupils: people whom nobody asked are now in the denominator.",
    otherwise="That is none of the choices.",
    hints=(
        "A percentage has a number above the line and one below it. Which of the two changes?",
        "COALESCE(fsm, 0) turns a missing value into one that says no.",
        "Does anybody become eligible by it? Does anybody enter the denominator?",
    ),
    misconceptions=(
        wrong("percentage-rises", "More eligible", "Nobody becomes eligible by it: those who are missing become "
              "pupils who are not.", "SELECT 'a' AS answer", "Two sources, two denominators"),
        wrong("percentage-stays", "The same", "The number of eligible pupils stays, and the number of pupils by which "
              "it is divided does not.", "SELECT 'c' AS answer", "Two sources, two denominators"),
    ),
)  # fmt: skip
