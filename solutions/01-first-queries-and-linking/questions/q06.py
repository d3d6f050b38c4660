"""Two tables that both multiply."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO

from .shared import SQL_LESSON, slip

TWO_MANY_SQL = f"""
WITH spells AS (
    SELECT edukey, COUNT(*) AS spells FROM {LEO}.leo_employment WHERE edukey < 'EK4' GROUP BY edukey
),
paid AS (
    SELECT edukey, COUNT(*) AS paid_years, SUM(earnings) AS total FROM {LEO}.leo_earnings
    WHERE earnings > 0 GROUP BY edukey
)
SELECT s.edukey, s.spells, COALESCE(p.paid_years, 0) AS paid_years, COALESCE(p.total, 0) AS total
FROM spells AS s
LEFT JOIN paid AS p ON p.edukey = s.edukey
"""


def joined_first_sql(spells="COUNT(*)", years="COUNT(e.taxyear)", total="COALESCE(SUM(e.earnings), 0)"):
    """Both tables joined row by row, then counted: the way that multiplies."""
    return f"""
SELECT s.edukey, {spells} AS spells, {years} AS paid_years, {total} AS total
FROM {LEO}.leo_employment AS s
LEFT JOIN {LEO}.leo_earnings AS e ON e.edukey = s.edukey AND e.earnings > 0
WHERE s.edukey < 'EK4'
GROUP BY s.edukey
"""


def two_many_pandas(con):
    spells = con.sql(f"SELECT edukey FROM {LEO}.leo_employment WHERE edukey < 'EK4'").df()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings").df()
    paid = pay[pay["earnings"] > 0].groupby("edukey")["earnings"].agg(paid_years="size", total="sum")
    table = spells.groupby("edukey").size().rename("spells").to_frame().join(paid)
    return table.fillna(0).reset_index()


def two_many_counted(con):
    """Counts looked up by key."""
    spells = con.sql(f"SELECT edukey FROM {LEO}.leo_employment WHERE edukey < 'EK4'").df()["edukey"].value_counts()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE earnings > 0").df()
    table = pd.DataFrame({"edukey": spells.index, "spells": spells.to_numpy()})
    table["paid_years"] = table["edukey"].map(pay["edukey"].value_counts()).fillna(0)
    table["total"] = table["edukey"].map(pay.groupby("edukey")["earnings"].sum()).fillna(0)
    return table


QUESTION = Question(
    name="q6",
    title="Two tables with many rows a person",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"edukey": "text", "spells": "number", "paid_years": "number", "total": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=SQL_LESSON,
    heading="The join that multiplies",
    reference_sql=TWO_MANY_SQL,
    reference_pandas=two_many_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_employment WHERE edukey < 'EK4'",
    hints=(
        "An EDUKEY with 3 spells and 5 years of pay: how many rows has the join of the two tables?",
        "Bring each table to one row an EDUKEY first, in a common table expression of its own.",
        "LEFT JOIN the paid years to the spells, and give 0 to those who have none.",
    ),
    misconceptions=(
        slip(
            "many-times-many",
            "You joined the two tables row by row, so every spell met every year of pay, and all counts and sums are "
            "multiplied. Bring each table to one row an EDUKEY before you join.",
            joined_first_sql(),
        ),
        slip(
            "distinct-mends-the-count",
            "COUNT(DISTINCT ...) mends the counts after the join, but the sum of pay is still multiplied by the "
            "number of spells. Bring each table to one row an EDUKEY before you join.",
            joined_first_sql(spells="COUNT(DISTINCT s.startdate)", years="COUNT(DISTINCT e.taxyear)"),
        ),
        slip(
            "inner-join",
            "An inner join drops EDUKEYs that have spells but no pay. The question asks for all with a spell.",
            TWO_MANY_SQL.replace("LEFT JOIN", "JOIN"),
        ),
        slip(
            "nothing-left-missing",
            "Those without a paid year have missing values. The number of their paid years is known: it is 0, and "
            "so is their total.",
            TWO_MANY_SQL.replace("COALESCE(p.paid_years, 0)", "p.paid_years").replace(
                "COALESCE(p.total, 0)", "p.total"
            ),
        ),
    ),
    alternatives=(
        f"""SELECT s.edukey, COUNT(*) AS spells,
                   (SELECT COUNT(*) FROM {LEO}.leo_earnings AS e
                    WHERE e.edukey = s.edukey AND e.earnings > 0) AS paid_years,
                   (SELECT COALESCE(SUM(e.earnings), 0) FROM {LEO}.leo_earnings AS e
                    WHERE e.edukey = s.edukey AND e.earnings > 0) AS total
            FROM {LEO}.leo_employment AS s WHERE s.edukey < 'EK4' GROUP BY s.edukey""",
        f"""SELECT edukey, SUM(spell) AS spells, SUM(year) AS paid_years, SUM(pay) AS total
            FROM (SELECT edukey, 1 AS spell, 0 AS year, 0 AS pay FROM {LEO}.leo_employment
                  WHERE edukey < 'EK4'
                  UNION ALL
                  SELECT edukey, 0, 1, earnings FROM {LEO}.leo_earnings WHERE earnings > 0) AS t
            GROUP BY edukey HAVING SUM(spell) > 0""",
        two_many_counted,
    ),
)
