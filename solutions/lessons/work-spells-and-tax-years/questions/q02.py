"""Open spells: complete a date."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Open ends"


def answer(where: str = "enddate = '9999-12-31'") -> str:
    return f"""
SELECT COUNT(*) AS open_spells
FROM leo_i2."2005003".leo_employment
WHERE {where}
"""


def with_pandas(con):
    spells = con.sql('SELECT YEAR(enddate) AS year FROM leo_i2."2005003".leo_employment').df()
    return pd.DataFrame({"open_spells": [int((spells["year"] == 9999).sum())]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="Still at work",
    columns={"open_spells": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "An open spell has an end far in the future.",
        "The year is 9999.",
        "It is the last day of that year, as text in single quotation marks.",
    ),
    misconceptions=(
        wrong(
            "null",
            "No end is not missing",
            "Nothing equals NULL, and the end of an open spell is not missing: it is a date far in the future.",
            answer("enddate = NULL"),
            HEADING,
        ),
        wrong(
            "data-end",
            "The last day of the data",
            "Those spells ended on the last day of the data, or their end is not known better.",
            answer("enddate = '2021-04-05'"),
            HEADING,
        ),
    ),
    alternatives=(
        answer("YEAR(enddate) = 9999"),
        answer("enddate > '2100-01-01'"),
    ),
)
