"""Put the lines of a query in order: filter, group, filter the groups."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, slip, wrong


def second(where: str = "WHERE recordstatus_spr10 >= 100", having: str = "HAVING COUNT(*) > 10") -> str:
    return f"""
SELECT ncyearactual_spr10 AS year_group, COUNT(*) AS records
FROM {NPD}.spring_census_2010
{where}
GROUP BY ncyearactual_spr10
{having}
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT ncyearactual_spr10 AS year_group, recordstatus_spr10 AS status FROM {NPD}.spring_census_2010
    """).df()
    counted = census[census["status"] >= 100].groupby("year_group", as_index=False).agg(records=("status", "size"))
    return counted[counted["records"] > 10]


QUESTION = exercise(
    "order",
    "q4",
    title="Second records by year group",
    columns={"year_group": "text", "records": "number"},
    identity=("year_group",),
    unit="year group",
    lesson=LESSON,
    heading="Group",
    reference_sql=second(),
    reference_pandas=with_pandas,
    hints=(
        "What is wanted is said first; where it comes from follows.",
        "There are two conditions. One is about a record, the other about a group.",
        "A record is judged before it is put into a group, a group afterwards.",
    ),
    misconceptions=(
        slip("no-having", "Year groups with few second records are there too. The condition on the groups is missing.",
             second(having="")),
        wrong("all-records", "Main records counted", "You counted every record of a year group. Only second records "
              "are asked for.", second(where=""), "Group"),
        wrong("from-ten", "Ten is not more than ten", "A year group with exactly ten second records is there.",
              second(having="HAVING COUNT(*) >= 10"), "Group"),
    ),
    alternatives=(second(having="HAVING COUNT(*) >= 11"),),
)  # fmt: skip
