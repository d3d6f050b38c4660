"""The step between two cohorts: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LAW, LESSON, wrong

SHARES = """(VALUES ('F', 1995, 0.84), ('F', 1996, 0.89), ('M', 1995, 0.80), ('M', 1996, 0.87), ('M', 1990, 0.70))
     AS shares (sex, cohort, stays)"""
STEP = "MAX(CASE WHEN cohort = 1996 THEN stays END) - MAX(CASE WHEN cohort = 1995 THEN stays END)"


def steps(step: str = STEP, where: str = "WHERE cohort IN (1995, 1996)") -> str:
    return f"SELECT sex, {step} AS step\nFROM {SHARES}\n{where}\nGROUP BY sex"


def with_pandas(con):
    return pd.DataFrame({"sex": ["F", "M"], "step": [0.05, 0.07]})


QUESTION = exercise(
    "order",
    "q5",
    title="The step by sex",
    columns={"sex": "text", "step": "number"},
    identity=("sex",),
    unit="group",
    lesson=LESSON,
    heading=LAW,
    reference_sql=steps(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first, then where from.",
        "The table of shares is two lines long: its second line names it.",
        "Rows are filtered before they are grouped.",
    ),
    misconceptions=(
        wrong("range", "From the lowest to the highest", "That is the whole range of each group, and the cohort of "
              "1990 is far from the line.", steps("MAX(stays) - MIN(stays)", ""), LAW),
        wrong("turned", "The wrong way round", "The sign is turned: it is the cohort beyond the line, less the one "
              "before it.",
              steps("MAX(CASE WHEN cohort = 1995 THEN stays END) - MAX(CASE WHEN cohort = 1996 THEN stays END)"), LAW),
        wrong("level", "A level instead of a step", "That is the share beyond the line. A step is what is between the "
              "two sides.", steps("MAX(CASE WHEN cohort = 1996 THEN stays END)"), LAW),
    ),
    alternatives=(steps(where=""), steps("SUM(CASE WHEN cohort = 1996 THEN stays ELSE -stays END)")),
)  # fmt: skip
