"""Profit and loss: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Self-employment"


def answer(losses: str = "SUM(CASE WHEN profit < 0 THEN 1 ELSE 0 END)", where: str = "WHERE taxyear = 201819") -> str:
    return f"""
SELECT COUNT(*) AS returns, {losses} AS losses
FROM (VALUES (201819, 12000), (201819, -800), (201718, -50), (201819, 0), (201819, 3000)) AS rows (taxyear, profit)
{where}
"""


def with_pandas(con):
    return pd.DataFrame({"returns": [4], "losses": [1]})


QUESTION = exercise(
    "write",
    name="q6",
    title="Losses count",
    columns={"returns": "number", "losses": "number"},
    identity=(),
    unit="row",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A loss is a profit below nought.",
        "CASE makes 1 of a loss, and a sum counts them.",
        "One year is asked for.",
    ),
    misconceptions=(
        wrong(
            "nought",
            "A nought is no loss",
            "You counted the return with a profit of 0 among the losses.",
            answer("SUM(CASE WHEN profit <= 0 THEN 1 ELSE 0 END)"),
            HEADING,
        ),
        wrong("every-year", "Every year", "A return of another year is in your counts.", answer(where=""), HEADING),
        wrong(
            "amount",
            "An amount",
            "You added the losses up. How many there are is asked for.",
            answer("SUM(CASE WHEN profit < 0 THEN profit ELSE 0 END)"),
            HEADING,
        ),
    ),
    alternatives=(answer("COUNT(CASE WHEN profit < 0 THEN 1 END)"),),
)
