"""Pay for each day in work."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import (
    calendar_bounds,
    certain,
    ended,
    labels,
    previous_bounds,
    tax_year_bounds,
    varied,
)

from .shared import PAY, SPELLS, WORK_LESSON, cut, slip, spells_frame


def daily(con, tax_year, positive="AND e.earnings > 0", rate="1.0 * e.earnings / NULLIF(d.days, 0)", extra=1,
          clip_end=True, inside="", bounds=tax_year_bounds, spells=SPELLS, added="SUM", group="edukey", year="= {}",
          clip_start=True):  # fmt: skip
    first, last = bounds(tax_year)
    start = f"CASE WHEN startdate < '{first}' THEN DATE '{first}' ELSE startdate END" if clip_start else "startdate"
    end = f"CASE WHEN enddate > '{last}' THEN DATE '{last}' ELSE enddate END" if clip_end else "enddate"
    return con.sql(f"""
        WITH days AS (
            SELECT edukey,
                   {added}(DATEDIFF('day', {start}, {end}) + {extra}) AS days
            FROM {spells} WHERE startdate <= '{last}' AND enddate >= '{first}' {inside.format(first=first, last=last)}
            GROUP BY {group})
        SELECT d.edukey, d.days, {rate} AS daily
        FROM days AS d JOIN {PAY} AS e ON e.edukey = d.edukey
        WHERE e.taxyear {year.format(tax_year)} {positive}
    """)


def daily_pandas(con, tax_year):
    inside = cut(spells_frame(con), *tax_year_bounds(tax_year))
    inside["days"] = (inside["enddate"] - inside["startdate"]).dt.days + 1
    days = inside.groupby("edukey", as_index=False)["days"].sum()
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year} AND earnings > 0").df()
    table = days.merge(pay, on="edukey")
    return table.assign(daily=table["earnings"] / table["days"])[["edukey", "days", "daily"]]


def daily_by_calendar(con, tax_year):
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        SELECT s.edukey, COUNT(*) AS days, MAX(e.earnings) / COUNT(*) AS daily
        FROM {SPELLS} AS s
        JOIN generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY) AS t(d)
          ON CAST(d AS date) BETWEEN s.startdate AND s.enddate
        JOIN {PAY} AS e ON e.edukey = s.edukey AND e.taxyear = {tax_year} AND e.earnings > 0
        GROUP BY s.edukey
    """)


def daily_outside(con, tax_year):
    """Days of the year, less those before, between and after the spells."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT edukey, greatest(startdate, DATE '{first}') AS a, least(enddate, DATE '{last}') AS z
            FROM {SPELLS} WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}'),
        gaps AS (
            SELECT edukey, a, z, COALESCE(a - LAG(z) OVER w - 1, a - DATE '{first}') AS idle_before,
                   CASE WHEN LEAD(a) OVER w IS NULL THEN DATE '{last}' - z ELSE 0 END AS idle_after
            FROM cut WINDOW w AS (PARTITION BY edukey ORDER BY a))
        SELECT g.edukey, DATE '{last}' - DATE '{first}' + 1 - SUM(idle_before + idle_after) AS days,
               CAST(ANY_VALUE(e.earnings) AS double)
                   / (DATE '{last}' - DATE '{first}' + 1 - SUM(idle_before + idle_after)) AS daily
        FROM gaps AS g JOIN {PAY} AS e ON e.edukey = g.edukey
        WHERE e.taxyear = {tax_year} AND e.earnings > 0 GROUP BY g.edukey
    """)


def daily_by_row(con, tax_year):
    """Day numbers and a dictionary, no data frame arithmetic."""
    first, last = (day.toordinal() for day in tax_year_bounds(tax_year))
    days: dict[str, int] = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {SPELLS}").fetchall():
        overlap = min(end.toordinal(), last) - max(start.toordinal(), first) + 1
        if overlap > 0:
            days[edukey] = days.get(edukey, 0) + overlap
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year} AND earnings > 0").fetchall()
    rows = [(key, days[key], earned / days[key]) for key, earned in pay if key in days]
    return pd.DataFrame(rows, columns=["edukey", "days", "daily"])


PAID_KEYS = f"SELECT DISTINCT edukey FROM {PAY}"

QUESTION = Question(
    name="q3",
    title="Pay for each day in work",
    answer_name="daily_pay",
    kind="function",
    points=3,
    columns={"edukey": "text", "days": "number", "daily": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=WORK_LESSON,
    heading="Days in work",
    reference_sql=daily,
    reference_pandas=daily_pandas,
    alternatives=(daily_by_calendar, daily_outside, daily_by_row),
    make=varied(daily),
    domain={"tax_year": labels(2008, 2019)},
    tolerance={"daily": 0.0005},
    universe=PAID_KEYS,
    hints=(
        "Two tables come together: days in the year by EDUKEY, and pay in the year by EDUKEY.",
        "Cut each spell to the tax year: the later start, the earlier end, and both days count.",
        "Both ends of a cut spell are days in work. Add up the days by EDUKEY before you divide.",
    ),
    misconceptions=(
        slip(
            "days-beyond-the-year",
            "Pay is for the tax year, so its days must be too: cut spells at 5 April, above all those that end on "
            "9999-12-31.",
            clip_end=False,
        ),
        slip(
            "last-day-lost",
            "You lose a day in each spell: from Monday to Friday are five days, but the difference of the dates is 4.",
            extra=0,
        ),
        slip(
            "divided-by-365",
            "You divided by 365 for everybody. Pay for a day in work is pay divided by the days that this EDUKEY was "
            "in work.",
            rate="e.earnings / 365.0",
        ),
        slip(
            "zero-kept",
            "You kept totals of 0, which are corrections: nobody was paid nothing for a day's work. Keep pay above 0.",
            positive="",
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start in the tax year, so those in work since before 6 April are missing or "
            "have too few days.",
            inside="AND startdate >= '{first}'",
        ),
        slip("start-not-cut", clip_start=False),
        slip("spells-inside", inside="AND startdate >= '{first}' AND enddate <= '{last}'"),
        slip("longest-spell-only", added="MAX"),
        slip(
            "a-row-for-each-spell",
            "You have a row for each spell. The row is an EDUKEY: add the days up before you join pay.",
            group="edukey, startdate, enddate",
        ),
        slip("open-spells-dropped", spells=ended(SPELLS)),
        slip("uncertain-dropped", spells=certain(SPELLS)),
        slip("tax-year-as-calendar-year", bounds=calendar_bounds),
        slip("days-of-another-year", bounds=previous_bounds),
        slip(
            "annualised-here",
            "You multiplied by 365. The question asks for pay for a day in work.",
            rate="365.0 * e.earnings / NULLIF(d.days, 0)",
        ),
    ),
)
