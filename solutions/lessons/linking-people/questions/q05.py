"""A match rate by group: put the lines of a query in order."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Who is not linked"


def answer(share: str = "AVG(CASE WHEN edukey IS NULL THEN 0.0 ELSE 1.0 END)", where: str = "") -> str:
    return f"""
SELECT sex, {share} AS linked
FROM (VALUES ('F', 'A'), ('F', NULL), ('M', 'B'), ('M', 'C'), ('M', NULL), ('M', 'D'))
     AS people (sex, edukey){where}
GROUP BY sex
"""


def with_pandas(con):
    return pd.DataFrame({"sex": ["F", "M"], "linked": [0.5, 0.75]})


QUESTION = exercise(
    "order",
    name="q5",
    title="Linked, by group",
    columns={"sex": "text", "linked": "number"},
    identity=("sex",),
    unit="group",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first.",
        "The table of people is two lines long, and the second names it.",
        "The grouping comes last.",
    ),
    misconceptions=(
        wrong(
            "rows",
            "Rows instead of a share",
            "You counted those with a key. A share divides them by everybody in the group.",
            answer("COUNT(edukey)"),
            HEADING,
        ),
        wrong(
            "unlinked-out",
            "Those without a key are out",
            "People without a key are not in your base, so everybody who is left is linked.",
            answer(where="\nWHERE edukey IS NOT NULL"),
            HEADING,
        ),
        wrong(
            "unlinked",
            "The share that is not linked",
            "That is the share without a key.",
            answer("AVG(CASE WHEN edukey IS NULL THEN 1.0 ELSE 0.0 END)"),
            HEADING,
        ),
    ),
    alternatives=(answer("COUNT(edukey) / CAST(COUNT(*) AS double)"),),
)
