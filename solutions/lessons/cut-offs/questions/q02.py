"""The distance of a month from the line: complete a remainder."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, OLDEST, wrong


def months(older: str = "(8 - monthofbirth_spr12 + 12) % 12") -> str:
    return f"""
SELECT monthofbirth_spr12 AS month, {older} AS older, COUNT(*) AS pupils
FROM {NPD}.spring_census_2012
WHERE ncyearactual_spr12 = '11' AND recordstatus_spr12 < 100
GROUP BY monthofbirth_spr12
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT monthofbirth_spr12 AS month FROM {NPD}.spring_census_2012
        WHERE ncyearactual_spr12 = '11' AND recordstatus_spr12 < 100
    """).df()
    census["older"] = (20 - census["month"]) % 12
    return census.groupby(["month", "older"], as_index=False).agg(pupils=("month", "size"))


QUESTION = exercise(
    "complete",
    "q2",
    title="Months past the line",
    columns={"month": "number", "older": "number", "pupils": "number"},
    identity=("month",),
    unit="month",
    lesson=LESSON,
    heading=OLDEST,
    reference_sql=months(),
    reference_pandas=with_pandas,
    hints=(
        "August has to come out as 0 and September as the largest.",
        "A year has so many months that the count begins anew after them.",
        "Try it for September in your head: 8 less 9, and then what brings it into the range?",
    ),
    misconceptions=(
        wrong("eleven", "A remainder by eleven", "Divided by 11, two months get the same distance: the largest "
              "distance is 11, so the remainder has to be by one more.",
              months("(8 - monthofbirth_spr12 + 12) % 11"), OLDEST),
        wrong("never-again", "No remainder is taken", "The number is so large that nothing is taken off, and July "
              "comes out behind September.", months("(8 - monthofbirth_spr12 + 12) % 100"), OLDEST),
        wrong("six", "A remainder by six", "Divided by 6, months half a year apart get the same distance.",
              months("(8 - monthofbirth_spr12 + 12) % 6"), OLDEST),
    ),
    alternatives=(months("CASE WHEN monthofbirth_spr12 <= 8 THEN 8 - monthofbirth_spr12 "
                         "ELSE 20 - monthofbirth_spr12 END"),),
)  # fmt: skip
