"""Real terms: mend a deflator that is upside down."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Real terms"


def answer(real: str = "pay * 100.0 / prices") -> str:
    return f"""
SELECT taxyear, {real} AS real_pay
FROM (VALUES (201314, 18000, 90), (201819, 21000, 100)) AS years (taxyear, pay, prices)
"""


def with_pandas(con):
    return pd.DataFrame({"taxyear": [201314, 201819], "real_pay": [20_000.0, 21_000.0]})


QUESTION = exercise(
    "mend",
    name="q5",
    title="In prices of one year",
    columns={"taxyear": "number", "real_pay": "number"},
    identity=("taxyear",),
    unit="tax year",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Was money worth more or less in the earlier year?",
        "Pay of the earlier year has to become larger.",
        "Divide by the prices of its own year.",
    ),
    misconceptions=(
        wrong(
            "upside-down",
            "Upside down",
            "Prices rose, so the earlier pay has to become larger, and yours became smaller.",
            answer("pay * prices / 100.0"),
            HEADING,
        ),
        wrong(
            "nominal", "Not adjusted", "These are amounts of each year as they were paid.", answer("1.0 * pay"), HEADING
        ),
        wrong(
            "other-year",
            "In prices of the earlier year",
            "These are prices of 2013/14. Those of 2018/19 are asked for.",
            answer("pay * 90.0 / prices"),
            HEADING,
        ),
    ),
    alternatives=(answer("pay / (prices / 100.0)"),),
)
