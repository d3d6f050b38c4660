"""Write a query with a window function: whose first pay is in one year."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import LEO

from .shared import LESSON, slip, wrong


def first_pay(inside: str = "", outside: str = "WHERE nth = 1 AND taxyear = 201819", order: str = "taxyear") -> str:
    return f"""
WITH numbered AS (
    SELECT edukey, taxyear, earnings,
           ROW_NUMBER() OVER (PARTITION BY edukey ORDER BY {order}) AS nth
    FROM {LEO}.leo_earnings{inside})
SELECT edukey, earnings
FROM numbered
{outside}
"""


def with_pandas(con):
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df().sort_values("taxyear")
    first = pay.drop_duplicates("edukey")
    return first[first["taxyear"] == 201819][["edukey", "earnings"]]


QUESTION = exercise(
    "write",
    "q8",
    title="First pay in 2018/19",
    columns={"edukey": "text", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    lesson=LESSON,
    heading="Window functions",
    reference_sql=first_pay(),
    reference_pandas=with_pandas,
    universe=f"SELECT edukey FROM {LEO}.leo_earnings",
    hints=(
        "Number the years with pay of each EDUKEY first, in a common table expression.",
        "Which number has the first year? And in which year is it to be?",
        "Both conditions belong to the query after the numbering: a filter before it hides earlier years.",
    ),
    misconceptions=(
        slip("filtered-too-early", "You asked for the tax year before numbering, so the first year that was left is "
             "2018/19 for everybody with pay in it. Number all years, and filter afterwards.",
             first_pay(" WHERE taxyear = 201819", "WHERE nth = 1")),
        wrong("last-pay", "The last year instead of the first", "You numbered from the last year back. The first year "
              "with pay is the earliest.", first_pay(order="taxyear DESC"), "Window functions"),
        wrong("second-year", "The second year", "These are the keys whose second year with pay is 2018/19.",
              first_pay(outside="WHERE nth = 2 AND taxyear = 201819"), "Window functions"),
    ),
    alternatives=(
        f"SELECT e.edukey, e.earnings FROM {LEO}.leo_earnings AS e WHERE e.taxyear = 201819 AND NOT EXISTS "
        f"(SELECT * FROM {LEO}.leo_earnings AS b WHERE b.edukey = e.edukey AND b.taxyear < 201819)",
        f"SELECT edukey, MAX(earnings) AS earnings FROM {LEO}.leo_earnings WHERE taxyear <= 201819 "
        "GROUP BY edukey HAVING MIN(taxyear) = 201819",
    ),
)  # fmt: skip
