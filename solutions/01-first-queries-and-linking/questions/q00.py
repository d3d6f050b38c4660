"""The worked example."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO

from .shared import DATABASE_LESSON, slip

WORKED_SQL = f"""
SELECT edukey, earnings
FROM {LEO}.leo_earnings
WHERE taxyear = 201314 AND earnings >= 30000
"""


def worked_pandas(con):
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    return pay.loc[(pay["taxyear"] == 201314) & (pay["earnings"] >= 30000), ["edukey", "earnings"]]


QUESTION = Question(
    name="q0",
    title="A worked example: pay of 30,000 pounds or more",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"edukey": "text", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=DATABASE_LESSON,
    reference_sql=WORKED_SQL,
    reference_pandas=worked_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_earnings",
    hints=("Two conditions: the tax year, and the pay.",),
    misconceptions=(
        slip(
            "label-read-as-end",
            "201415 is the tax year after the one that was asked for: 201314 is April 2013 to April 2014.",
            WORKED_SQL.replace("201314", "201415"),
        ),
        slip(
            "no-year",
            "There is no condition on the tax year, so the answer holds pay of every year.",
            WORKED_SQL.replace("taxyear = 201314 AND ", ""),
        ),
    ),
    alternatives=(lambda con: con.sql(f"FROM {LEO}.leo_earnings").filter("taxyear = 201314 AND earnings >= 30000"),),
)
