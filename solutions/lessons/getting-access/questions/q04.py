"""Who decides at which stage: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Who may apply"


def answer(where: str = "WHERE stage = 2") -> str:
    return f"""
SELECT who
FROM (VALUES (1, 'Accreditation Service'), (2, 'DfE'), (2, 'HMRC'), (2, 'DWP'), (3, 'Accreditation Panel'))
     AS path (stage, who)
{where}
"""


def with_pandas(con):
    return pd.DataFrame({"who": ["DfE", "HMRC", "DWP"]})


QUESTION = exercise(
    "order",
    name="q4",
    title="The second stage",
    columns={"who": "text"},
    identity=("who",),
    unit="body",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first.",
        "The table of stages is two lines long.",
        "The condition comes last.",
    ),
    misconceptions=(
        wrong("every-stage", "Every stage", "You list everybody who decides at any stage.", answer(""), HEADING),
        wrong("third", "The third stage", "That is the last stage.", answer("WHERE stage = 3"), HEADING),
        wrong(
            "first",
            "The first stage",
            "That is where the application is received and checked.",
            answer("WHERE stage = 1"),
            HEADING,
        ),
    ),
    alternatives=(answer("WHERE stage BETWEEN 2 AND 2"),),
)
