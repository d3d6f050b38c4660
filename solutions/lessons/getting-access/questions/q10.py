"""Tables that no step uses: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "A worked application"


def answer(where: str = "u.table_name IS NULL", join: str = "LEFT") -> str:
    return f"""
SELECT a.table_name
FROM (VALUES ('school_census'), ('ks4_pupil'), ('cin'), ('aims')) AS a (table_name)
{join} JOIN (SELECT DISTINCT table_name FROM (VALUES ('school_census'), ('aims'), ('ks4_pupil'), ('ks4_pupil'))
             AS used (table_name)) AS u ON u.table_name = a.table_name
WHERE {where}
"""


def with_pandas(con):
    return pd.DataFrame({"table_name": ["cin"]})


QUESTION = exercise(
    "write",
    name="q10",
    title="A list to check before you send it",
    columns={"table_name": "text"},
    identity=("table_name",),
    unit="table",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Keep every table that is asked for, whether a step uses it or not.",
        "Which join keeps rows without a partner?",
        "A row without a partner has a missing value on the right.",
    ),
    misconceptions=(
        wrong(
            "used",
            "The used ones",
            "These are the tables that a step uses.",
            answer("u.table_name IS NOT NULL"),
            HEADING,
        ),
        wrong(
            "everything",
            "Every table",
            "You list every table that is asked for.",
            answer("a.table_name IS NOT NULL"),
            HEADING,
        ),
        wrong(
            "inner",
            "Nothing is left",
            "An inner join keeps only what is in both lists, so nothing without a partner is left.",
            answer("u.table_name IS NULL", "INNER"),
            HEADING,
        ),
    ),
    alternatives=(answer("u.table_name IS NULL AND a.table_name <> ''"),),
)
