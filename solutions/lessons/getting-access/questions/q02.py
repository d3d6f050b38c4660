"""Fields by request: complete a count."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "The variable request form"


def answer(where: str = "request = 'by request'") -> str:
    return f"""
SELECT COUNT(*) AS fields
FROM (VALUES ('gender', 'by request'), ('ks4_ptscnewe', 'default'), ('fsmeligible', 'by request'),
             ('recordstatus', 'default'), ('monthofbirth', 'by request')) AS asked (field, request)
WHERE {where}
"""


def with_pandas(con):
    return pd.DataFrame({"fields": [3]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="Count what must be justified",
    columns={"fields": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Which of the two marks asks for a reason?",
        "The value is text: put it in single quotation marks.",
        "It is written as in the table.",
    ),
    misconceptions=(
        wrong(
            "default",
            "The others",
            "These come with their table, without a reason for each.",
            answer("request = 'default'"),
            HEADING,
        ),
        wrong("every-field", "Every field", "You counted every field.", answer("request IS NOT NULL"), HEADING),
    ),
    alternatives=(answer("request <> 'default'"),),
)
