"""Put the lines of a query in order: pupils with two records of results."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, slip, wrong


def highest(best: str = "MAX", having: str = "HAVING COUNT(*) > 1") -> str:
    return f"""
SELECT ks4_pupilmatchingrefanonymous AS pmr, {best}(ks4_ptscnewe) AS points
FROM {NPD}.ks4pupil_2002_to_2014
WHERE ks4_acadyr = '2010/2011'
GROUP BY ks4_pupilmatchingrefanonymous
{having}
"""


def with_pandas(con):
    results = con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_ptscnewe AS points
        FROM {NPD}.ks4pupil_2002_to_2014 WHERE ks4_acadyr = '2010/2011'
    """).df()
    found = results.groupby("pmr", as_index=False).agg(points=("points", "max"), records=("points", "size"))
    return found[found["records"] > 1][["pmr", "points"]]


QUESTION = exercise(
    "order",
    "q4",
    title="Pupils with two results",
    columns={"pmr": "text", "points": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="One row a person",
    reference_sql=highest(),
    reference_pandas=with_pandas,
    universe=f"SELECT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2002_to_2014",
    hints=(
        "A query says what it wants first, then where from.",
        "Rows are filtered before they are grouped.",
        "A condition on how many rows a group has can only follow the grouping.",
    ),
    misconceptions=(
        slip("no-having", "Every pupil of the year is there. Only groups with more than one record are asked for.",
             highest(having="")),
        slip("lower-record", "These are the points of the lower record, which holds only some of a pupil's results.",
             highest("MIN")),
        wrong("one-record", "The pupils with one record", "These are the pupils with a single record. The others are "
              "asked for.", highest(having="HAVING COUNT(*) = 1"), "One row a person"),
    ),
    alternatives=(highest(having="HAVING COUNT(*) >= 2"),),
)  # fmt: skip
