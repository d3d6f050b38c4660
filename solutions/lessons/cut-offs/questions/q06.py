"""Whether the two sides of the line are alike: a query of one's own."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import BUNCHING, LESSON, OLDEST, wrong

SIDE = "CASE WHEN monthofbirth_spr12 = 9 THEN 'September' ELSE 'August' END"


def sides(share: str = "AVG(1.0 * fsmeligible_spr12)", months: str = "monthofbirth_spr12 IN (8, 9)",
          main: str = " AND recordstatus_spr12 < 100", side: str = SIDE) -> str:  # fmt: skip
    return f"""
SELECT {side} AS side, {share} AS eligible
FROM {NPD}.spring_census_2012
WHERE ncyearactual_spr12 = '11' AND {months}{main}
GROUP BY {side}
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT monthofbirth_spr12 AS month, fsmeligible_spr12 AS eligible FROM {NPD}.spring_census_2012
        WHERE ncyearactual_spr12 = '11' AND recordstatus_spr12 < 100
    """).df()
    census = census[census["month"].isin([8, 9])]
    census["side"] = census["month"].map({8: "August", 9: "September"})
    return census.groupby("side", as_index=False)["eligible"].mean()


QUESTION = exercise(
    "write",
    "q6",
    title="Are the two sides alike?",
    columns={"side": "text", "eligible": "number"},
    identity=("side",),
    unit="side",
    lesson=LESSON,
    heading=BUNCHING,
    reference_sql=sides(),
    reference_pandas=with_pandas,
    hints=(
        "Two months, one row for each of them.",
        "The mean of a column of 0 and 1 is a share.",
        "Keep main records of the year group, name the sides with CASE, and group by that.",
    ),
    misconceptions=(
        wrong("per-cent", "Per cent instead of a share", "You gave per cent. A share is between 0 and 1.",
              sides("AVG(100.0 * fsmeligible_spr12)"), BUNCHING),
        wrong("number", "A number instead of a share", "You counted the eligible pupils. A share divides them by all "
              "pupils of the month.", sides("SUM(fsmeligible_spr12)"), BUNCHING),
        wrong("calendar", "All months", "You compare September and later months with all others. Next to the line "
              "there are two months.", sides(months="monthofbirth_spr12 BETWEEN 1 AND 12",
              side="CASE WHEN monthofbirth_spr12 >= 9 THEN 'September' ELSE 'August' END"), OLDEST),
    ),
    alternatives=(sides("SUM(fsmeligible_spr12) / CAST(COUNT(fsmeligible_spr12) AS double)"),),
)  # fmt: skip
