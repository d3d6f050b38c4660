"""Fields that no step uses: mend a list."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "A worked application"


def answer(where: str = "WHERE used_in IS NOT NULL") -> str:
    return f"""
SELECT field
FROM (VALUES ('fsmeligible', 'compares groups'), ('gender', 'compares groups'), ('postcode_district', NULL),
             ('ks4_ptscnewe', 'holds results equal'), ('language', NULL)) AS wanted (field, used_in)
{where}
"""


def with_pandas(con):
    return pd.DataFrame({"field": ["fsmeligible", "gender", "ks4_ptscnewe"]})


QUESTION = exercise(
    "mend",
    name="q3",
    title="Ask for what you use",
    columns={"field": "text"},
    identity=("field",),
    unit="field",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Where no step uses a field, the second column is missing.",
        "What is missing is found with IS.",
        "Keep the rows in which it is there.",
    ),
    misconceptions=(
        wrong(
            "everything",
            "Everything",
            "You ask for everything that somebody thought of. A request for more than is used is refused.",
            answer(""),
            HEADING,
        ),
        wrong(
            "unused",
            "The unused ones",
            "These are the fields that no step uses.",
            answer("WHERE used_in IS NULL"),
            HEADING,
        ),
        wrong(
            "one-use",
            "One use alone",
            "A field that holds results equal is used too.",
            answer("WHERE used_in = 'compares groups'"),
            HEADING,
        ),
    ),
    alternatives=(answer("WHERE LENGTH(used_in) > 0"),),
)
