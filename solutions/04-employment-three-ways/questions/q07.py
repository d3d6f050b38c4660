"""Self-employment."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, months_of, winter

from .shared import EDUKEYS, LESSON, SPELLS_TEXT, WORK, month_rows, slip


def winter_rows(label):
    return month_rows(winter(label))


def fe_sql(
    returns="self_employed = 1",
    year=201617,
    join="FULL JOIN",
    either="w.edukey IS NOT NULL OR r.edukey IS NOT NULL",
    rows=None,
):
    return f"""
WITH paid AS (
    SELECT s.edukey
    FROM {WORK} AS s
    JOIN (VALUES {rows or winter_rows(201617)}) AS m (n, first_day, next_first)
        ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY s.edukey
    HAVING COUNT(DISTINCT m.n) >= 5
),
returned AS (SELECT DISTINCT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = {year} AND {returns})
SELECT COALESCE(w.edukey, r.edukey) AS edukey,
    CASE WHEN w.edukey IS NULL THEN 0 ELSE 1 END AS employee,
    CASE WHEN r.edukey IS NULL THEN 0 ELSE 1 END AS self_employed
FROM paid AS w
{join} returned AS r ON r.edukey = w.edukey
WHERE {either}
"""


FE_SQL = fe_sql()

RETURNS = f"SELECT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = 201617 AND self_employed = 1"


def fe_pandas(con):
    rows = con.sql(SPELLS_TEXT).df()
    worked = pd.concat(
        rows.loc[(rows["s"] < str(b)) & (rows["e"] >= str(a)), "edukey"].drop_duplicates()
        for a, b in months_of(201617, begins=10, count=6)
    ).value_counts()
    paid, returned = set(worked[worked >= 5].index), set(con.sql(RETURNS).df()["edukey"])
    keys = sorted(paid | returned)
    return pd.DataFrame(
        {
            "edukey": keys,
            "employee": [int(k in paid) for k in keys],
            "self_employed": [int(k in returned) for k in keys],
        }
    )


FE_PAID = f"""
    SELECT s.edukey FROM {WORK} AS s
    JOIN (VALUES {winter_rows(201617)}) AS m (n, first_day, next_first)
        ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY s.edukey HAVING COUNT(DISTINCT m.n) >= 5
"""

FE_UNION = f"""
SELECT edukey, MAX(employee) AS employee, MAX(self_employed) AS self_employed
FROM (
    SELECT edukey, 1 AS employee, 0 AS self_employed FROM ({FE_PAID}) AS paid
    UNION ALL
    SELECT edukey, 0, 1 FROM ({RETURNS}) AS returned
) AS stacked
GROUP BY edukey
"""

FE_MONTH_FLAGS = f"""
WITH counted AS (
    SELECT edukey,
        {
    " + ".join(
        f"MAX(CASE WHEN startdate < DATE '{b}' AND enddate >= DATE '{a}' THEN 1 ELSE 0 END)"
        for a, b in months_of(201617, begins=10, count=6)
    )
} AS months
    FROM {WORK} GROUP BY edukey
),
keys AS (SELECT edukey FROM counted WHERE months >= 5 UNION ({RETURNS}))
SELECT k.edukey, CASE WHEN k.edukey IN (SELECT edukey FROM counted WHERE months >= 5) THEN 1 ELSE 0 END AS employee,
    CASE WHEN k.edukey IN ({RETURNS}) THEN 1 ELSE 0 END AS self_employed
FROM keys AS k
"""


def fe_merge(con):
    paid, returned = con.sql(FE_PAID).df(), con.sql(RETURNS).df()
    both = paid.merge(returned, how="outer", on="edukey", indicator=True)
    return pd.DataFrame(
        {
            "edukey": both["edukey"],
            "employee": (both["_merge"] != "right_only").astype(int),
            "self_employed": (both["_merge"] != "left_only").astype(int),
        }
    )


QUESTION = Question(
    name="q7",
    title="Employees and the self-employed",
    answer_name="q7",
    kind="sql",
    points=3,
    columns={"edukey": "text", "employee": "number", "self_employed": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Sustained employment",
    reference_sql=FE_SQL,
    reference_pandas=fe_pandas,
    alternatives=(FE_UNION, FE_MONTH_FLAGS, fe_merge),
    universe=f"{EDUKEYS} UNION SELECT DISTINCT edukey FROM {LEO}.leo_self_assessment",
    hints=(
        "Make two lists: who has five of the six months, and who has a return. Then put them together.",
        "Somebody can be on either list alone. Which join keeps both sides?",
        "A FULL JOIN of the lists, COALESCE of the two keys, and a flag for each side that is not NULL.",
    ),
    misconceptions=(
        slip(
            "both-needed",
            "You asked for both. The rule of further education outcomes says or: five of six months, or a return that "
            "shows self-employment.",
            fe_sql(join="JOIN"),
        ),
        slip(
            "self-employed-lost",
            "You began with employees, so people who are self-employed only are lost. They have no spell, but a "
            "return.",
            fe_sql(join="LEFT JOIN"),
        ),
        slip(
            "missing-profit-dropped",
            "You asked for profit. Some returns show self-employment without an amount: self_employed = 1 is what the "
            "rule asks for.",
            fe_sql(returns="self_employed = 1 AND earnings_self_employment > 0"),
        ),
        slip(
            "return-for-other-income",
            "You took every return of the year. Some people file one for other income: only self_employed = 1 shows "
            "self-employment.",
            fe_sql(returns="1 = 1"),
        ),
        slip(
            "any-return",
            "You took returns of all years. Only the return for tax year 201617 counts.",
            FE_SQL.replace("taxyear = 201617 AND ", ""),
        ),
        slip(
            "label-read-as-end",
            "You took the winter that follows the tax year. Tax year 201617 holds October 2016 to March 2017.",
            fe_sql(rows=month_rows(months_of(201617, begins=10, count=6, shift=1))),
        ),
    ),
)
