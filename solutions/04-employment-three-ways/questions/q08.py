"""Days on out-of-work benefits."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, tax_year_bounds

from .shared import LESSON, slip


def benefit_days(con, tax_year, which="out_of_work_benefit = 1", first=None, last=None, merged=True, plus=1, cut=True):
    first, last = (first, last) if first else tax_year_bounds(tax_year)
    end = f"LEAST(enddate, DATE '{last}')" if cut else "enddate"
    spells = f"""
        SELECT edukey, GREATEST(startdate, DATE '{first}') AS first_day, {end} AS last_day
        FROM {LEO}.leo_benefit WHERE {which} AND startdate <= DATE '{last}' AND enddate >= DATE '{first}'
    """
    if not merged:
        return con.sql(f"SELECT edukey, SUM(last_day - first_day + 1) AS days FROM ({spells}) GROUP BY edukey")
    return con.sql(f"""
        WITH once AS (SELECT edukey, first_day, MAX(last_day) AS last_day FROM ({spells}) GROUP BY ALL),
        spells AS (SELECT edukey, first_day, MAX(last_day) AS last_day FROM once GROUP BY edukey, first_day),
        reached AS (
            SELECT *, MAX(last_day) OVER (
                PARTITION BY edukey ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS so_far
            FROM spells
        ),
        marked AS (
            SELECT *, SUM(CASE WHEN first_day <= so_far THEN 0 ELSE 1 END) OVER (
                PARTITION BY edukey ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS island
            FROM reached
        ),
        islands AS (
            SELECT edukey, MIN(first_day) AS first_day, MAX(last_day) AS last_day FROM marked GROUP BY edukey, island
        )
        SELECT edukey, SUM(last_day - first_day + {plus}) AS days FROM islands GROUP BY edukey
    """)


def benefit_rows(tax_year):
    first, last = tax_year_bounds(tax_year)
    return f"""
        SELECT edukey, GREATEST(startdate, DATE '{first}') AS first_day, LEAST(enddate, DATE '{last}') AS last_day
        FROM {LEO}.leo_benefit
        WHERE out_of_work_benefit = 1 AND startdate <= DATE '{last}' AND enddate >= DATE '{first}'
    """


def benefit_pandas(con, tax_year):
    """In order of start, each spell adds the days after the latest end so far."""
    rows = con.sql(benefit_rows(tax_year)).df().sort_values(["edukey", "first_day", "last_day"])
    so_far = rows.groupby("edukey")["last_day"].cummax().groupby(rows["edukey"]).shift()
    begins = rows["first_day"].where(~(so_far >= rows["first_day"]), so_far + pd.Timedelta(days=1))
    rows["days"] = ((rows["last_day"] - begins).dt.days + 1).clip(lower=0)
    return rows.groupby("edukey")["days"].sum().reset_index()


def benefit_calendar(con, tax_year):
    first, _ = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH spells AS ({benefit_rows(tax_year)}),
        calendar AS (SELECT DATE '{first}' + range::INT AS day FROM range(366))
        SELECT s.edukey, COUNT(DISTINCT c.day) AS days
        FROM spells AS s JOIN calendar AS c ON c.day BETWEEN s.first_day AND s.last_day
        GROUP BY s.edukey
    """)


def benefit_sets(con, tax_year):
    covered = {}
    for key, first, last in con.sql(benefit_rows(tax_year)).fetchall():
        covered.setdefault(key, set()).update(range(first.toordinal(), last.toordinal() + 1))
    return [{"edukey": key, "days": len(days)} for key, days in covered.items()]


def benefit_unnest(con, tax_year):
    return con.sql(f"""
        WITH days AS (
            SELECT edukey, UNNEST(range(first_day - DATE '2000-01-01', last_day - DATE '2000-01-01' + 1)) AS day
            FROM ({benefit_rows(tax_year)}) AS spells
        )
        SELECT edukey, COUNT(*) AS days FROM (SELECT DISTINCT edukey, day FROM days) AS once GROUP BY edukey
    """)


QUESTION = Question(
    name="q8",
    title="Days on out-of-work benefits",
    answer_name="benefit_days",
    kind="function",
    points=3,
    columns={"edukey": "text", "days": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Days on benefits",
    reference_sql=benefit_days,
    reference_pandas=benefit_pandas,
    alternatives=(benefit_calendar, benefit_sets, benefit_unnest),
    calls=({"tax_year": 201011}, {"tax_year": 201819}),
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_benefit",
    hints=(
        "Spells of one benefit type are merged in the data. Spells of two types are not, and they overlap.",
        "A day on two benefits is one day. Join what overlaps, or count distinct days.",
        "Cut the spells at 6 April and 5 April, join them to a calendar of the year, count distinct days.",
    ),
    misconceptions=(
        slip(
            "types-added-up",
            "You added up the days of all types. Somebody on two benefits at once has each day twice: a day counts "
            "once, however many benefits cover it.",
            lambda con, tax_year: benefit_days(con, tax_year, merged=False),
        ),
        slip(
            "any-benefit",
            "You counted every benefit. Disability benefits and universal credit while working are not out-of-work "
            "benefits: out_of_work_benefit = 1 tells.",
            lambda con, tax_year: benefit_days(con, tax_year, which="1 = 1"),
        ),
        slip(
            "jobseekers-only",
            "You counted jobseeker's allowance only. Other benefits are paid to people out of work, too: the flag "
            "covers all of them.",
            lambda con, tax_year: benefit_days(con, tax_year, which="benefit_type = 'JSA'"),
        ),
        slip(
            "open-spells",
            "Some people have far more days than a year has. 9999-12-31 marks a claim that goes on: cut it at 5 April.",
            lambda con, tax_year: benefit_days(con, tax_year, cut=False),
        ),
        slip(
            "last-day-lost",
            "You lose the last day of each stretch: from Monday to Friday are five days, but the difference is 4.",
            lambda con, tax_year: benefit_days(con, tax_year, plus=0),
        ),
    ),
)
