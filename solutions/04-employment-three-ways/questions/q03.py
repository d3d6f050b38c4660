"""Days in work of a person."""

from __future__ import annotations

from datetime import date

from leocourse.authoring import Question
from leocourse.authoring.shorthand import certain, ended, varied

from .q03_alternatives import (
    person_days_calendar,
    person_days_islands,
    person_days_pandas,
    person_days_sets,
)
from .shared import KEYS, LESSON, WORK, slip


def academic_year(year):
    return date(year - 1, 8, 1), date(year, 7, 31)


def person_days(con, year, bounds=academic_year, key="k.edukey", merged=True, inclusive=1, cut=True, distinct="",
                spells=WORK, inside="1 = 1", from_start=False):  # fmt: skip
    """Days in work in the academic year that ends in ``year``, over all keys of an AE_ID."""
    first, last = bounds(year)
    keys = f"(SELECT ae_id, MIN(edukey) AS edukey FROM {KEYS} GROUP BY ae_id)" if key == "one" else KEYS
    end = f"LEAST(s.enddate, DATE '{last}')" if cut else "s.enddate"
    start = "s.startdate" if from_start else f"GREATEST(s.startdate, DATE '{first}')"
    spells = f"""
        SELECT {"DISTINCT" if merged else distinct} k.ae_id, {start} AS first_day, {end} AS last_day
        FROM {keys} AS k JOIN {spells} AS s ON s.edukey = k.edukey
        WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}' AND {inside.format(first=first, last=last)}
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
            bounds=lambda year: (date(year - 1, 4, 6), date(year, 4, 5)),
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
        slip("open-spells-dropped", spells=ended(WORK)),
        slip("uncertain-dropped", spells=certain(WORK)),
        slip("spells-inside", inside="s.startdate >= DATE '{first}' AND s.enddate <= DATE '{last}'"),
        slip("spells-that-start", inside="s.startdate >= DATE '{first}'"),
        slip("start-not-cut", from_start=True),
        slip(
            "school-year",
            "You counted from 1 September to 31 August. The academic year here is 1 August to 31 July.",
            bounds=lambda year: (date(year - 1, 9, 1), date(year, 8, 31)),
        ),
        slip(
            "academic-year-late",
            "You took the academic year that begins in the year. 2012 is 1 August 2011 to 31 July 2012.",
            bounds=lambda year: academic_year(year + 1),
        ),
    ),
)
