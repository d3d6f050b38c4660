"""Days in work in a tax year."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import (
    LEO,
    academic_bounds,
    april_bounds,
    calendar_bounds,
    certain,
    ended,
    next_bounds,
    previous_bounds,
    tax_year_bounds,
    varied,
)

from .shared import EDUKEYS, SPELLS, TAX_YEARS, WORK_LESSON, days_by_loop, days_in_work, days_in_work_pandas, slip


def days_by_calendar(con, tax_year):
    """One row a day."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        SELECT s.edukey, count(*) AS days
        FROM {LEO}.leo_employment s
        JOIN (SELECT CAST(d AS date) AS d FROM generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY) t(d)) c
          ON c.d BETWEEN s.startdate AND s.enddate
        GROUP BY s.edukey
    """)


def days_by_subtraction(con, tax_year):
    """All days up to the end of the year less those before it began."""
    first, last = tax_year_bounds(tax_year)
    before = (
        f"CASE WHEN startdate < DATE '{first}' THEN date_diff('day', startdate, least(enddate + 1, DATE '{first}'))"
    )
    upto = f"CASE WHEN startdate <= DATE '{last}' THEN date_diff('day', startdate, least(enddate, DATE '{last}')) + 1"
    return con.sql(f"""
        SELECT edukey, sum({upto} ELSE 0 END) - sum({before} ELSE 0 END) AS days
        FROM {LEO}.leo_employment
        GROUP BY edukey
        HAVING sum({upto} ELSE 0 END) > sum({before} ELSE 0 END)
    """)


QUESTION = Question(
    name="q4",
    title="Days in work",
    answer_name="days_in_work",
    kind="function",
    points=3,
    columns={"edukey": "text", "days": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=WORK_LESSON,
    heading="Days in work",
    reference_sql=days_in_work,
    reference_pandas=days_in_work_pandas,
    make=varied(days_in_work),
    domain=TAX_YEARS,
    universe=EDUKEYS,
    hints=(
        "A spell can begin before the tax year and end after it. Only the part inside counts.",
        "Take the later of the two starts and the earlier of the two ends.",
        "Both the first and the last day of a spell are days in work, so add 1 to their difference.",
    ),
    misconceptions=(
        slip(
            "open-spells",
            "Some people have far more days than a year has. An end of 9999-12-31 marks a spell that goes on, and "
            "others end after the year: cut every spell at 5 April.",
            clip_end=False,
        ),
        slip(
            "last-day-lost",
            "You lose a day in each spell: from Monday to Friday are five days, but the difference of the dates is 4.",
            inclusive=False,
        ),
        slip(
            "academic-year",
            "You counted from 1 August to 31 July. A tax year runs from 6 April to 5 April, and pay is totalled by "
            "tax year.",
            bounds=academic_bounds,
        ),
        slip(
            "tax-year-as-calendar-year",
            "You counted from 1 January to 31 December. Tax year 201213 runs from 6 April 2012 to 5 April 2013.",
            bounds=calendar_bounds,
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in the second year of the label. "
            "201213 is 6 April 2012 to 5 April 2013.",
            bounds=next_bounds,
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start in the tax year, so you lose people who have been in the same work "
            "since before 6 April.",
            inside="startdate >= DATE '{first}'",
        ),
        slip("open-spells-dropped", spells=ended(SPELLS)),
        slip("uncertain-dropped", spells=certain(SPELLS)),
        slip("april-to-march", bounds=april_bounds),
        slip("tax-year-early", bounds=previous_bounds),
        slip("start-not-cut", clip_start=False),
        slip("spells-inside", inside="startdate >= DATE '{first}' AND enddate <= DATE '{last}'"),
        slip("longest-spell-only", added="max"),
        slip(
            "a-row-for-each-spell",
            "You have a row for each spell. The row is an EDUKEY: add the days of its spells up.",
            group="edukey, startdate, enddate",
        ),
    ),
    alternatives=(
        days_by_calendar,
        days_by_subtraction,
        days_by_loop,
    ),
)
