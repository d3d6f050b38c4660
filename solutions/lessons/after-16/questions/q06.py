"""Entrants in one view: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "University: applying and studying"


def answer(
    what: str = "COUNT(DISTINCT he_pupilmatchingrefanonymous)", where: str = "he_xpsr01 = 1 AND he_xlev501 = 3"
) -> str:
    return f"""
SELECT {what} AS students
FROM hesa_i2."2005003".hesa_2015
WHERE {where}
"""


def with_pandas(con):
    rows = con.sql("""
        SELECT he_pupilmatchingrefanonymous AS pmr, he_xpsr01, he_xlev501 FROM hesa_i2."2005003".hesa_2015
    """).df()
    rows = rows[(rows["he_xpsr01"].astype(int) == 1) & (rows["he_xlev501"].astype(int) == 3)]
    return pd.DataFrame({"students": [rows["pmr"].nunique()]})


QUESTION = exercise(
    "write",
    name="q6",
    title="Students on a first degree",
    columns={"students": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Two conditions, joined with AND.",
        "A person may have two courses in a year.",
        "Count the key of the person, each once.",
    ),
    misconceptions=(
        wrong(
            "every-level", "Every level", "You counted students of every level.", answer(where="he_xpsr01 = 1"), HEADING
        ),
        wrong(
            "others",
            "Another level",
            "These are not first degrees.",
            answer(where="he_xpsr01 = 1 AND he_xlev501 <> 3"),
            HEADING,
        ),
    ),
)
