"""Pay added over keys: complete a sum."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Pay: zero is not missing"


def answer(pay: str = "SUM(earnings)", where: str = "") -> str:
    return f"""
SELECT person, {pay} AS pay
FROM (VALUES (1, 'A', 8000), (1, 'B', 5000), (2, 'C', 21000), (3, 'D', 0))
     AS rows (person, edukey, earnings)
{where}
GROUP BY person
"""


def with_pandas(con):
    return pd.DataFrame({"person": [1, 2, 3], "pay": [13_000, 21_000, 0]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="Pay of a person",
    columns={"person": "number", "pay": "number"},
    identity=("person",),
    unit="person",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Person 1 has pay under two keys in the same year.",
        "Both were paid.",
        "One word with the name of the column in brackets.",
    ),
    misconceptions=(
        wrong(
            "larger",
            "The larger amount",
            "You kept the larger of two amounts. Both are pay of that person.",
            answer("MAX(earnings)"),
            HEADING,
        ),
        wrong(
            "mean",
            "The mean",
            "You took the mean of two amounts. Both were paid, so they are added.",
            answer("AVG(earnings)"),
            HEADING,
        ),
        wrong(
            "smaller", "The smaller amount", "You kept the smaller of two amounts.", answer("MIN(earnings)"), HEADING
        ),
    ),
    alternatives=(answer("SUM(1.0 * earnings)"),),
)
