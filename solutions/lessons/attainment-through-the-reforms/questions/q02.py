"""One name for a measure of two rules: complete COALESCE."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "One row a pupil, all years"


def answer(value: str = "COALESCE(ks4_level2_em, ks4_level2_em_ptq)") -> str:
    return f"""
SELECT ks4_acadyr, COUNT({value}) AS records
FROM npd_i2."2005003".ks4pupil_2002_to_2014
WHERE ks4_acadyr IN ('2012/2013', '2013/2014')
GROUP BY ks4_acadyr
"""


def with_pandas(con):
    results = con.sql("""
        SELECT ks4_acadyr, ks4_level2_em, ks4_level2_em_ptq FROM npd_i2."2005003".ks4pupil_2002_to_2014
        WHERE ks4_acadyr IN ('2012/2013', '2013/2014')
    """).df()
    results["value"] = results["ks4_level2_em"].fillna(results["ks4_level2_em_ptq"])
    return results.groupby("ks4_acadyr", as_index=False).agg(records=("value", "count"))


QUESTION = exercise(
    "complete",
    name="q2",
    title="One name for two columns",
    columns={"ks4_acadyr": "text", "records": "number"},
    identity=("ks4_acadyr",),
    unit="year",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "COALESCE takes the first of its arguments that is there.",
        "The second argument is the column of the other year.",
        "Its suffix is that of 2013/14.",
    ),
    misconceptions=(
        wrong(
            "nothing",
            "Nothing in its place",
            "With nothing new as the second argument the year of the other column stays empty.",
            answer("ks4_level2_em"),
            HEADING,
        ),
        wrong(
            "other-alone",
            "One of the two alone",
            "With that column alone 2012/13 stays empty.",
            answer("ks4_level2_em_ptq"),
            HEADING,
        ),
    ),
    alternatives=(answer("CASE WHEN ks4_acadyr = '2013/2014' THEN ks4_level2_em_ptq ELSE ks4_level2_em END"),),
)
