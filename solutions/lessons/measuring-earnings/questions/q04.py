"""A median by group: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Medians and percentiles"


def answer(average: str = "MEDIAN(pay)", where: str = "WHERE pay > 0") -> str:
    return f"""
SELECT sex, {average} AS median_pay
FROM (VALUES ('F', 0), ('F', 18000), ('F', 26000), ('M', 15000), ('M', 24000), ('M', 90000))
     AS people (sex, pay)
{where}
GROUP BY sex
"""


def with_pandas(con):
    return pd.DataFrame({"sex": ["F", "M"], "median_pay": [22_000.0, 24_000.0]})


QUESTION = exercise(
    "order",
    name="q4",
    title="A median of those with pay",
    columns={"sex": "text", "median_pay": "number"},
    identity=("sex",),
    unit="group",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first.",
        "The table of people is two lines long.",
        "Rows are filtered before they are grouped.",
    ),
    misconceptions=(
        wrong("mean", "The mean", "You took the mean, which one high pay pulls up.", answer("AVG(pay)"), HEADING),
        wrong("noughts", "Noughts are in", "Somebody with a pay of 0 is in your median.", answer(where=""), HEADING),
        wrong("largest", "The highest", "That is the highest pay of each group.", answer("MAX(pay)"), HEADING),
    ),
    alternatives=(answer("QUANTILE_CONT(pay, 0.5)"),),
)
