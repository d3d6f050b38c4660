"""Two flags in one row: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Uncertain dates"


def answer(starts: str = "SUM(CAST(uncertainstartdate AS int))", where: str = "WHERE startdate >= '2010-01-01'") -> str:
    return f"""
SELECT {starts} AS starts, SUM(CAST(uncertainenddate AS int)) AS ends
FROM leo_i2."2005003".leo_employment
{where}
"""


def with_pandas(con):
    spells = con.sql("""
        SELECT YEAR(startdate) AS year, CAST(uncertainstartdate AS int) AS starts, CAST(uncertainenddate AS int) AS ends
        FROM leo_i2."2005003".leo_employment
    """).df()
    spells = spells[spells["year"] >= 2010]
    return pd.DataFrame({"starts": [spells["starts"].sum()], "ends": [spells["ends"].sum()]})


QUESTION = exercise(
    "write",
    name="q6",
    title="Uncertain starts and ends",
    columns={"starts": "number", "ends": "number"},
    identity=(),
    unit="row",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A sum of a column of 0 and 1 counts the ones.",
        "The flags are bits: cast them to int before you add.",
        "One condition keeps the spells from 2010 on.",
    ),
    misconceptions=(
        wrong(
            "counted",
            "Every spell",
            "COUNT of a flag counts every spell, because 0 is a value too.",
            answer("COUNT(uncertainstartdate)"),
            HEADING,
        ),
        wrong("every-year", "Every year", "Spells that began before 2010 are in your sums.", answer(where=""), HEADING),
    ),
    alternatives=(answer("COUNT(CASE WHEN CAST(uncertainstartdate AS int) = 1 THEN 1 END)"),),
)
