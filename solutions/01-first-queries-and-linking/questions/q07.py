"""A window function."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO

from .shared import SQL_LESSON, slip


def busiest_sql(order="num_employments DESC, taxyear", rank="ROW_NUMBER"):
    return f"""
SELECT edukey, taxyear, num_employments, earnings
FROM (
    SELECT edukey, taxyear, num_employments, earnings,
           {rank}() OVER (PARTITION BY edukey ORDER BY {order}) AS place
    FROM {LEO}.leo_earnings
    WHERE num_employments IS NOT NULL AND edukey < 'EK4'
) AS ranked
WHERE place = 1
"""


def pay_with_employers(con):
    return con.sql(f"""
        SELECT edukey, taxyear, num_employments, earnings FROM {LEO}.leo_earnings
        WHERE num_employments IS NOT NULL AND edukey < 'EK4'
    """).df()


def busiest_pandas(con):
    pay = pay_with_employers(con).sort_values(["num_employments", "taxyear"], ascending=[False, True])
    return pay.drop_duplicates("edukey")


def busiest_by_index(con):
    """The label of the largest value of each group: the first, if rows stand in the order of years."""
    pay = pay_with_employers(con).sort_values("taxyear").reset_index(drop=True)
    return pay.loc[pay.groupby("edukey")["num_employments"].idxmax()]


QUESTION = Question(
    name="q7",
    title="One row of many",
    answer_name="q7",
    kind="sql",
    points=3,
    columns={"edukey": "text", "taxyear": "number", "num_employments": "number", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=SQL_LESSON,
    heading="Window functions",
    reference_sql=busiest_sql(),
    make=busiest_sql,
    reference_pandas=busiest_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_earnings WHERE num_employments IS NOT NULL AND edukey < 'EK4'",
    hints=(
        "All three values come from one row. MAX of each column would take them from different rows.",
        "Number the rows of each EDUKEY in the order that the question states, ties included.",
        "ROW_NUMBER numbers rows inside a PARTITION BY. Its ORDER BY needs two columns: one falls, the other rises.",
    ),
    misconceptions=(
        slip(
            "max-of-each-column",
            "You took the largest value of each column by itself, so the values come from different tax years. "
            "Choose one row, then read all its columns.",
            f"SELECT edukey, MAX(taxyear) AS taxyear, MAX(num_employments) AS num_employments, MAX(earnings) AS "
            f"earnings FROM {LEO}.leo_earnings WHERE num_employments IS NOT NULL AND edukey < 'EK4' GROUP BY edukey",
        ),
        slip(
            "rank-keeps-ties",
            "RANK gives tied rows the same place, so several years of an EDUKEY have place 1. Break ties with the "
            "tax year, and number rows with ROW_NUMBER.",
            order="num_employments DESC",
            rank="RANK",
        ),
        slip(
            "latest-of-ties",
            "Where years tie you took the latest. The question asks for the earliest of them.",
            order="num_employments DESC, taxyear DESC",
        ),
    ),
    alternatives=(
        f"""SELECT e.edukey, e.taxyear, e.num_employments, e.earnings FROM {LEO}.leo_earnings AS e
            WHERE e.num_employments IS NOT NULL AND e.edukey < 'EK4' AND NOT EXISTS (
                SELECT 1 FROM {LEO}.leo_earnings AS other WHERE other.edukey = e.edukey
                AND (other.num_employments > e.num_employments
                     OR other.num_employments = e.num_employments AND other.taxyear < e.taxyear))""",
        f"""WITH most AS (SELECT edukey, MAX(num_employments) AS n FROM {LEO}.leo_earnings
                           WHERE edukey < 'EK4' GROUP BY edukey),
                 first_year AS (SELECT e.edukey, MIN(e.taxyear) AS taxyear FROM {LEO}.leo_earnings AS e
                                JOIN most AS m ON m.edukey = e.edukey AND m.n = e.num_employments GROUP BY e.edukey)
            SELECT e.edukey, e.taxyear, e.num_employments, e.earnings FROM {LEO}.leo_earnings AS e
            JOIN first_year AS f ON f.edukey = e.edukey AND f.taxyear = e.taxyear""",
        f"""SELECT DISTINCT ON (edukey) edukey, taxyear, num_employments, earnings FROM {LEO}.leo_earnings
            WHERE num_employments IS NOT NULL AND edukey < 'EK4' ORDER BY edukey, num_employments DESC, taxyear""",
        busiest_by_index,
    ),
)
