"""What COUNT of a column counts: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import COUNTS, LESSON, wrong

QUESTION = predict(
    "SELECT 960 AS answer",
    name="q3",
    title="Values that are there",
    lesson=LESSON,
    heading=COUNTS,
    because="It counts the rows in which the value is there: 1,000 less 40.",
    otherwise="Which rows does COUNT of a column leave out?",
    hints=(
        "It looks at rows, not at pupils.",
        "It leaves out rows in which the column is missing.",
        "How many rows are left?",
    ),
    misconceptions=(
        wrong("rows", "Every row", "That is COUNT(*), which counts every row.", "SELECT 1000 AS answer", COUNTS),
        wrong("pupils", "Pupils", "That is how many pupils there are, which COUNT(DISTINCT) of their key gives.",
              "SELECT 990 AS answer", COUNTS),
        wrong("pupils-less", "Pupils less missing", "It counts rows. You took the missing values from the pupils.",
              "SELECT 950 AS answer", COUNTS),
    ),
)  # fmt: skip
