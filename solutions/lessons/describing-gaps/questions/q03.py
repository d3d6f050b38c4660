"""A gap in percentage points: mend its sign and its base."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Who is in the base"
ELIGIBLE, OTHERS = (f"AVG(CASE WHEN fsm = {each} THEN 1.0 * sustained END)" for each in (1, 0))
PER_CENT, PER_CENT_OTHERS = (f"AVG(CASE WHEN fsm = {each} THEN 100.0 * sustained END)" for each in (1, 0))


def answer(gap: str = f"100 * ({ELIGIBLE} - {OTHERS})") -> str:
    return f"""
SELECT {gap} AS gap
FROM (VALUES (1, 1), (1, 0), (0, 1), (0, 1), (0, 1), (0, 0)) AS people (fsm, sustained)
"""


def with_pandas(con):
    return pd.DataFrame({"gap": [-25.0]})


QUESTION = exercise(
    "mend",
    name="q3",
    title="A gap that reads as it should",
    columns={"gap": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "The group that the sentence is about comes first.",
        "Percentage points are a hundred times a share.",
        "Fewer means below nought.",
    ),
    misconceptions=(
        wrong(
            "turned",
            "The wrong way round",
            "The sign is turned: eligible people less the others.",
            answer(f"100 * ({OTHERS} - {ELIGIBLE})"),
            HEADING,
        ),
        wrong(
            "as-given",
            "A share, the wrong way round",
            "It is still a share between -1 and 1, and the others less the eligible people.",
            answer(f"{OTHERS} - {ELIGIBLE}"),
            HEADING,
        ),
        wrong(
            "share",
            "A share",
            "That is a share between -1 and 1. Percentage points are a hundred times as much.",
            answer(f"{ELIGIBLE} - {OTHERS}"),
            HEADING,
        ),
        wrong(
            "per-cent",
            "Per cent of the others",
            "You divided by the share of the others: that is per cent, not percentage points.",
            answer(f"100 * ({ELIGIBLE} / {OTHERS} - 1)"),
            HEADING,
        ),
    ),
    alternatives=(answer(f"{PER_CENT} - {PER_CENT_OTHERS}"),),
)
