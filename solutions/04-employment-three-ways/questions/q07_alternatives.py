"""Other right answers to question 7, written differently."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import LEO, months_of, winter

from .shared import SPELLS_TEXT, WORK, month_rows

RETURNS = f"SELECT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = 201617 AND self_employed = 1"


FE_PAID = f"""
    SELECT s.edukey FROM {WORK} AS s
    JOIN (VALUES {month_rows(winter(201617))}) AS m (n, first_day, next_first)
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


def winter_rows(label):
    return month_rows(winter(label))


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
