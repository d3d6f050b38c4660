"""Key stage 2 with its traps: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Key stages 2 and 5"


def answer(where: str = "AND ks2_natres = 1 AND ks2_matfine > 0") -> str:
    return f"""
SELECT COUNT(*) AS pupils, AVG(CAST(ks2_matfine AS double)) AS level
FROM npd_i2."2005003".ks2pupil_1996_to_2016
WHERE ks2_acadyr = '2013/2014' {where}
"""


def with_pandas(con):
    ks2 = con.sql("""
        SELECT ks2_natres, CAST(ks2_matfine AS double) AS level FROM npd_i2."2005003".ks2pupil_1996_to_2016
        WHERE ks2_acadyr = '2013/2014'
    """).df()
    ks2 = ks2[(ks2["ks2_natres"] == 1) & (ks2["level"] > 0)]
    return pd.DataFrame({"pupils": [len(ks2)], "level": [ks2["level"].mean()]})


QUESTION = exercise(
    "write",
    name="q6",
    title="Levels that are levels",
    columns={"pupils": "number", "level": "number"},
    identity=(),
    unit="row",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Three conditions: the year, the national results, and what a level is.",
        "Which values of the column are no levels?",
        "Only values above nought are levels.",
    ),
    misconceptions=(
        wrong(
            "no-levels",
            "Values that are no levels",
            "-10, -1 and 0 are in your mean. They say that there is no level.",
            answer("AND ks2_natres = 1"),
            HEADING,
        ),
        wrong(
            "every-record",
            "Records beside the national results",
            "A pupil can have a second record that does not count in national results.",
            answer("AND ks2_matfine > 0"),
            HEADING,
        ),
        wrong(
            "neither",
            "Neither is left out",
            "Your mean holds values that are no levels, and second records.",
            answer(""),
            HEADING,
        ),
    ),
    alternatives=(answer("AND ks2_natres = 1 AND ks2_matfine >= 0.01"),),
)
