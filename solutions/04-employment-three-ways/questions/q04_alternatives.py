"""Other right answers to question 4, written differently, and what they read."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from .shared import KEYS, WORK

TWO_KEYS = f"""
    SELECT k.ae_id, k.edukey FROM {KEYS} AS k
    WHERE k.ae_id IN (SELECT ae_id FROM {KEYS} GROUP BY ae_id HAVING COUNT(DISTINCT edukey) = 2)
"""


def two_spells(people=TWO_KEYS, work=WORK, last="LEAST(s.enddate, DATE '2021-04-05')"):
    return f"""
    SELECT t.ae_id, t.edukey, s.startdate AS first_day, {last} AS last_day
    FROM ({people}) AS t JOIN {work} AS s ON s.edukey = t.edukey
"""


TWO_SPELLS = f"SELECT ae_id, first_day, last_day FROM ({two_spells()}) AS s"


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
