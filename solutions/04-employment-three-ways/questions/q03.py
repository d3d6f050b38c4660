"""Days in work of a person."""

from __future__ import annotations

from datetime import date

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import KEYS, LESSON, WORK, slip


def person_days(con, year, first=None, last=None, key="k.edukey", merged=True, inclusive=1, cut=True, distinct=""):
    """Days in work in the academic year that ends in ``year``, over all keys of an AE_ID."""
    first, last = first or date(year - 1, 8, 1), last or date(year, 7, 31)
    keys = f"(SELECT ae_id, MIN(edukey) AS edukey FROM {KEYS} GROUP BY ae_id)" if key == "one" else KEYS
    end = f"LEAST(s.enddate, DATE '{last}')" if cut else "s.enddate"
    spells = f"""
        SELECT {"DISTINCT" if merged else distinct} k.ae_id, GREATEST(s.startdate, DATE '{first}') AS first_day,
            {end} AS last_day
        FROM {keys} AS k JOIN {WORK} AS s ON s.edukey = k.edukey
        WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'
    """
    if not merged:
        return con.sql(f"SELECT ae_id, SUM(last_day - first_day + {inclusive}) AS days FROM ({spells}) GROUP BY ae_id")
    return con.sql(f"""
        WITH spells AS ({spells}),
        reached AS (
            SELECT *, MAX(last_day) OVER (
                PARTITION BY ae_id ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS so_far
            FROM spells
        ),
        fresh AS (
            SELECT ae_id, last_day,
                CASE WHEN so_far >= first_day THEN so_far + {inclusive} ELSE first_day END AS first_day
            FROM reached
        )
        SELECT ae_id, SUM(CASE WHEN last_day >= first_day THEN last_day - first_day + {inclusive} ELSE 0 END) AS days
        FROM fresh GROUP BY ae_id
    """)


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


QUESTION = Question(
    name="q3",
    title="Days in work of a person",
    answer_name="person_days",
    kind="function",
    points=3,
    columns={"ae_id": "number", "days": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    heading="Tax years and academic years",
    reference_sql=person_days,
    reference_pandas=person_days_pandas,
    alternatives=(person_days_calendar, person_days_sets, person_days_islands),
    make=varied(person_days),
    domain={"year": range(2009, 2021)},
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Cut every spell at 1 August and 31 July first. What is left lies inside the academic year.",
        "A person with two EDUKEYs can have the same spell under both: its days count once.",
        "Join the spells to a calendar of the days of the year, and count distinct days by ae_id.",
    ),
    misconceptions=(
        slip(
            "distinct-for-merged",
            "You counted distinct spells. That removes a spell which stands under both keys with the same dates, "
            "and not "
            "the days that two different spells share: merge them, or count different days.",
            merged=False,
            distinct="DISTINCT",
        ),
        slip(
            "keys-added-up",
            "You added up the days under both EDUKEYs of a person. The same spell can stand under both: a day in work "
            "is one day.",
            merged=False,
        ),
        slip(
            "one-key-kept",
            "You kept one EDUKEY a person. What stands under the other one is lost, so people with two keys have too "
            "few days or are missing.",
            key="one",
        ),
        slip(
            "tax-year-for-academic",
            "You counted from 6 April to 5 April. The question asks for the academic year, 1 August to 31 July.",
            lambda con, year: person_days(con, year, date(year - 1, 4, 6), date(year, 4, 5)),
        ),
        slip(
            "open-spells",
            "Some people have far more days than a year has. An end of 9999-12-31 marks a spell that goes on: cut "
            "every spell at 31 July.",
            cut=False,
        ),
        slip(
            "last-day-lost",
            "You lose the last day of each spell: from Monday to Friday are five days, but the difference is 4.",
            inclusive=0,
        ),
    ),
)
