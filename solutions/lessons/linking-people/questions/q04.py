"""Pay over all keys of a person: mend a query that keeps the lowest."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Two EDUKEYs of one person"


def answer(where: str = "", pay: str = "SUM(p.earnings)") -> str:
    return f"""
WITH keys (person, edukey) AS (VALUES (1, 'A'), (1, 'B'), (2, 'C')),
pay (edukey, taxyear, earnings) AS (VALUES ('A', 201314, 9000), ('B', 201314, 4000),
                                           ('B', 201415, 15000), ('C', 201314, 20000))
SELECT k.person, p.taxyear, {pay} AS pay
FROM keys AS k
JOIN pay AS p ON p.edukey = k.edukey
{where}
GROUP BY k.person, p.taxyear
"""


def with_pandas(con):
    rows = [(1, 201314, 13_000), (1, 201415, 15_000), (2, 201314, 20_000)]
    return pd.DataFrame(rows, columns=["person", "taxyear", "pay"])


QUESTION = exercise(
    "mend",
    name="q4",
    title="Pay of both keys",
    columns={"person": "number", "taxyear": "number", "pay": "number"},
    identity=("person", "taxyear"),
    unit="person and tax year",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Which line throws a key away?",
        "Person 1 has pay under two keys in one tax year: both belong to the year.",
        "Without that line the grouping by person and year does the rest.",
    ),
    misconceptions=(
        wrong(
            "lowest",
            "The lowest key alone",
            "Only the lowest key of each person is left, so the pay under the other key is gone.",
            answer("WHERE k.edukey = (SELECT MIN(edukey) FROM keys AS own WHERE own.person = k.person)"),
            HEADING,
        ),
        wrong(
            "highest",
            "The highest key alone",
            "Only the highest key of each person is left, so the pay under the other key is gone.",
            answer("WHERE k.edukey = (SELECT MAX(edukey) FROM keys AS own WHERE own.person = k.person)"),
            HEADING,
        ),
        wrong(
            "larger",
            "The larger pay",
            "You kept the larger of two amounts in a year. Both are pay of that person: add them.",
            answer(pay="MAX(p.earnings)"),
            HEADING,
        ),
        wrong(
            "mean",
            "The mean of the keys",
            "You took the mean over keys. Both amounts were paid: add them.",
            answer(pay="AVG(p.earnings)"),
            HEADING,
        ),
    ),
    alternatives=(answer("WHERE p.earnings IS NOT NULL"),),
)
