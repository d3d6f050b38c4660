"""Spells of people with two keys."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from leocourse.authoring import Question

from .shared import KEYS, LESSON, WORK, slip

TWO_KEYS = f"""
    SELECT k.ae_id, k.edukey FROM {KEYS} AS k
    WHERE k.ae_id IN (SELECT ae_id FROM {KEYS} GROUP BY ae_id HAVING COUNT(DISTINCT edukey) = 2)
"""

TWO_SPELLS = f"""
    SELECT t.ae_id, s.startdate AS first_day, LEAST(s.enddate, DATE '2021-04-05') AS last_day
    FROM ({TWO_KEYS}) AS t JOIN {WORK} AS s ON s.edukey = t.edukey
"""


def merged_sql(spells=TWO_SPELLS, gap=1, longest="MAX(last_day - first_day + 1)"):
    return f"""
WITH once AS (
    SELECT ae_id, first_day, MAX(last_day) AS last_day FROM ({spells}) AS spells GROUP BY ae_id, first_day
),
reached AS (
    SELECT *, MAX(last_day) OVER (
        PARTITION BY ae_id ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS so_far
    FROM once
),
numbered AS (
    SELECT *, SUM(CASE WHEN first_day <= so_far + {gap} THEN 0 ELSE 1 END) OVER (
        PARTITION BY ae_id ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS spell
    FROM reached
),
unbroken AS (
    SELECT ae_id, spell, MIN(first_day) AS first_day, MAX(last_day) AS last_day FROM numbered GROUP BY ae_id, spell
)
SELECT ae_id, COUNT(*) AS spells, {longest} AS longest
FROM unbroken
GROUP BY ae_id
"""


MERGED_SQL = merged_sql()


def merged_pandas(con):
    rows = con.sql(TWO_SPELLS).df().sort_values(["ae_id", "first_day", "last_day"]).reset_index(drop=True)
    so_far = rows.groupby("ae_id")["last_day"].cummax().groupby(rows["ae_id"]).shift()
    rows["spell"] = (~(rows["first_day"] <= so_far + pd.Timedelta(days=1))).groupby(rows["ae_id"]).cumsum()
    unbroken = rows.groupby(["ae_id", "spell"]).agg(first=("first_day", "min"), last=("last_day", "max"))
    days = (unbroken["last"] - unbroken["first"]).dt.days + 1
    return days.groupby("ae_id").agg(spells="size", longest="max").reset_index()


def merged_loop(con):
    people = {}
    for person, first, last in con.sql(f"SELECT * FROM ({TWO_SPELLS}) ORDER BY 1, 2, 3").fetchall():
        spells = people.setdefault(person, [])
        if spells and first <= spells[-1][1] + timedelta(days=1):
            spells[-1][1] = max(spells[-1][1], last)
        else:
            spells.append([first, last])
    return [
        {"ae_id": person, "spells": len(spells), "longest": max((last - first).days + 1 for first, last in spells)}
        for person, spells in people.items()
    ]


def merged_days(con):
    """All days in work as numbers; days in a row share a value of day less rank."""
    return con.sql(f"""
        WITH days AS (
            SELECT DISTINCT ae_id, UNNEST(range(first_day - DATE '2000-01-01', last_day - DATE '2000-01-01' + 1)) AS day
            FROM ({TWO_SPELLS}) AS spells
        ),
        runs AS (
            SELECT ae_id, day - ROW_NUMBER() OVER (PARTITION BY ae_id ORDER BY day) AS run FROM days
        ),
        lengths AS (SELECT ae_id, run, COUNT(*) AS days FROM runs GROUP BY ae_id, run)
        SELECT ae_id, COUNT(*) AS spells, MAX(days) AS longest FROM lengths GROUP BY ae_id
    """)


MERGED_EDGES = f"""
WITH spells AS ({TWO_SPELLS}),
starts AS (
    SELECT DISTINCT a.ae_id, a.first_day FROM spells AS a
    WHERE NOT EXISTS (
        SELECT 1 FROM spells AS b
        WHERE b.ae_id = a.ae_id AND b.first_day < a.first_day AND b.last_day >= a.first_day - 1
    )
),
ends AS (
    SELECT DISTINCT a.ae_id, a.last_day FROM spells AS a
    WHERE NOT EXISTS (
        SELECT 1 FROM spells AS b
        WHERE b.ae_id = a.ae_id AND b.last_day > a.last_day AND b.first_day <= a.last_day + 1
    )
),
paired AS (
    SELECT s.ae_id, s.first_day, MIN(e.last_day) AS last_day
    FROM starts AS s JOIN ends AS e ON e.ae_id = s.ae_id AND e.last_day >= s.first_day
    GROUP BY s.ae_id, s.first_day
)
SELECT ae_id, COUNT(*) AS spells, MAX(last_day - first_day + 1) AS longest FROM paired GROUP BY ae_id
"""

QUESTION = Question(
    name="q4",
    title="Unbroken spells",
    answer_name="q4",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "spells": "number", "longest": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    heading="Spells are not jobs",
    reference_sql=MERGED_SQL,
    reference_pandas=merged_pandas,
    alternatives=(merged_loop, merged_days, MERGED_EDGES),
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Cut open ends at 5 April 2021, put the spells of both keys together, and sort them by start.",
        "A spell begins something new if it starts more than a day after the latest end so far.",
        "MAX(last_day) OVER the rows before, a 0 or 1 for each start, and a running SUM of it numbers the spells.",
    ),
    misconceptions=(
        slip(
            "records-as-spells",
            "You counted rows. The same spell can stand under both keys, and then it is one spell of the person: "
            "join what overlaps or touches.",
            f"""
            SELECT ae_id, COUNT(*) AS spells, MAX(last_day - first_day + 1) AS longest
            FROM ({TWO_SPELLS}) AS spells GROUP BY ae_id
            """,
        ),
        slip(
            "one-key-kept",
            "You kept the lower EDUKEY of each person. Spells under the other key are lost, and some people with them.",
            merged_sql(
                f"""
                SELECT t.ae_id, s.startdate AS first_day, LEAST(s.enddate, DATE '2021-04-05') AS last_day
                FROM (SELECT ae_id, MIN(edukey) AS edukey FROM ({TWO_KEYS}) AS two GROUP BY ae_id) AS t
                JOIN {WORK} AS s ON s.edukey = t.edukey
                """
            ),
        ),
        slip(
            "open-spells",
            "Some spells last for thousands of years. 9999-12-31 marks a spell that goes on: the data end on "
            "5 April 2021, so cut it there.",
            merged_sql(TWO_SPELLS.replace("LEAST(s.enddate, DATE '2021-04-05')", "s.enddate")),
        ),
        slip(
            "last-day-lost",
            "Your longest spells are a day short: the last day counts, too.",
            merged_sql(longest="MAX(last_day - first_day)"),
        ),
    ),
)
