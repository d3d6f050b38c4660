"""Other right answers to question 3, written differently."""

from __future__ import annotations

from datetime import date

import pandas as pd

from .shared import KEYS, WORK


def person_spells(year):
    """Spells cut to the academic year, one row a person, key and spell."""
    first, last = date(year - 1, 8, 1), date(year, 7, 31)
    return f"""
        SELECT k.ae_id, GREATEST(s.startdate, DATE '{first}') AS first_day, LEAST(s.enddate, DATE '{last}') AS last_day
        FROM {KEYS} AS k JOIN {WORK} AS s ON s.edukey = k.edukey
        WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'
    """


def person_days_pandas(con, year):
    """In order of start, each spell adds the days after the latest end so far."""
    rows = con.sql(person_spells(year)).df().sort_values(["ae_id", "first_day", "last_day"])
    so_far = rows.groupby("ae_id")["last_day"].cummax().groupby(rows["ae_id"]).shift()
    begins = rows["first_day"].where(~(so_far >= rows["first_day"]), so_far + pd.Timedelta(days=1))
    rows["days"] = ((rows["last_day"] - begins).dt.days + 1).clip(lower=0)
    return rows.groupby("ae_id")["days"].sum().reset_index()


def person_days_calendar(con, year):
    """A calendar of the year, joined to the spells, and distinct days counted."""
    return con.sql(f"""
        WITH spells AS ({person_spells(year)}),
        calendar AS (SELECT DATE '{year - 1}-08-01' + range::INT AS day FROM range(366))
        SELECT s.ae_id, COUNT(DISTINCT c.day) AS days
        FROM spells AS s JOIN calendar AS c ON c.day BETWEEN s.first_day AND s.last_day
        GROUP BY s.ae_id
    """)


def person_days_sets(con, year):
    covered = {}
    for person, first, last in con.sql(person_spells(year)).fetchall():
        covered.setdefault(person, set()).update(range(first.toordinal(), last.toordinal() + 1))
    return [{"ae_id": person, "days": len(days)} for person, days in covered.items()]


def person_days_islands(con, year):
    """Overlapping spells joined to islands first, then the islands added up."""
    return con.sql(f"""
        WITH spells AS (SELECT DISTINCT * FROM ({person_spells(year)})),
        marked AS (
            SELECT *, CASE WHEN first_day <= MAX(last_day) OVER (
                PARTITION BY ae_id ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) THEN 0 ELSE 1 END AS fresh
            FROM spells
        ),
        numbered AS (
            SELECT *, SUM(fresh) OVER (PARTITION BY ae_id ORDER BY first_day, last_day) AS island FROM marked
        ),
        islands AS (
            SELECT ae_id, MIN(first_day) AS first_day, MAX(last_day) AS last_day
            FROM numbered GROUP BY ae_id, island
        )
        SELECT ae_id, SUM(date_diff('day', first_day, last_day) + 1) AS days FROM islands GROUP BY ae_id
    """)
