"""Gap between two medians: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Like with like"


def answer(average: str = "MEDIAN", first: int = 1, pay: str = "pay") -> str:
    return f"""
SELECT {average}(CASE WHEN fsm = {first} THEN {pay} END) - {average}(CASE WHEN fsm = {1 - first} THEN {pay} END) AS gap
FROM (VALUES (1, 14000), (1, 20000), (1, NULL), (0, 20000), (0, 24000), (0, 33000), (0, NULL)) AS people (fsm, pay)
"""


def with_pandas(con):
    return pd.DataFrame({"gap": [-7_000.0]})


QUESTION = exercise(
    "write",
    name="q6",
    title="A gap in medians",
    columns={"gap": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "MEDIAN leaves missing values out by itself.",
        "CASE without ELSE gives a missing value to everybody else.",
        "Eligible people come first, so the gap is below nought.",
    ),
    misconceptions=(
        wrong(
            "turned",
            "The wrong way round",
            "The sign is turned: eligible people less the others.",
            answer(first=0),
            HEADING,
        ),
        wrong("mean", "Means", "You took means. Medians are asked for.", answer("AVG"), HEADING),
        wrong(
            "noughts",
            "Missing pay as nought",
            "You put 0 in the place of missing pay.",
            answer(pay="COALESCE(pay, 0)"),
            HEADING,
        ),
    ),
    alternatives=(answer(pay="1.0 * pay"),),
)
