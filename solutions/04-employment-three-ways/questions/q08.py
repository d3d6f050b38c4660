"""Days on out-of-work benefits."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import (
    LEO,
    academic_bounds,
    april_bounds,
    calendar_bounds,
    ended,
    labels,
    next_bounds,
    tax_year_bounds,
    varied,
)

from .q08_alternatives import benefit_calendar, benefit_pandas, benefit_sets, benefit_unnest
from .shared import LESSON, slip

BENEFITS = f"{LEO}.leo_benefit"
ADDED = "SUM(last_day - first_day + {plus})"


def benefit_days(con, tax_year, which="out_of_work_benefit = 1", bounds=tax_year_bounds, added="", plus=1, cut=True,
                 from_start=False, claims=BENEFITS, inside="1 = 1", group="edukey"):  # fmt: skip
    first, last = bounds(tax_year)
    end = f"LEAST(enddate, DATE '{last}')" if cut else "enddate"
    start = "startdate" if from_start else f"GREATEST(startdate, DATE '{first}')"
    spells = f"""
        SELECT edukey, benefit_type, {start} AS first_day, {end} AS last_day
        FROM {claims} WHERE {which} AND startdate <= DATE '{last}' AND enddate >= DATE '{first}'
            AND {inside.format(first=first, last=last)}
    """
    if added:
        total = added.format(plus=plus)
        return con.sql(f"SELECT edukey, {total} AS days FROM ({spells}) GROUP BY {group}")
    return con.sql(f"""
        WITH spells AS (
            SELECT edukey, first_day, MAX(last_day) AS last_day FROM ({spells}) GROUP BY edukey, first_day
        ),
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
    make=varied(benefit_days),
    domain={"tax_year": labels(2009, 2019)},
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
            added=ADDED,
        ),
        slip(
            "any-benefit",
            "You counted every benefit. Disability benefits and universal credit while working are not out-of-work "
            "benefits: out_of_work_benefit = 1 tells.",
            which="1 = 1",
        ),
        slip(
            "jobseekers-only",
            "You counted jobseeker's allowance only. Other benefits are paid to people out of work, too: the flag "
            "covers all of them.",
            which="benefit_type = 'JSA'",
        ),
        slip(
            "open-spells",
            "Some people have far more days than a year has. 9999-12-31 marks a claim that goes on: cut it at 5 April.",
            cut=False,
        ),
        slip(
            "last-day-lost",
            "You lose the last day of each stretch: from Monday to Friday are five days, but the difference is 4.",
            plus=0,
        ),
        slip(
            "open-spells-dropped",
            "You dropped claims whose end is 9999-12-31. They go on: keep them.",
            claims=ended(BENEFITS),
        ),
        slip("label-read-as-end", bounds=next_bounds),
        slip("april-to-march", bounds=april_bounds),
        slip("tax-year-as-calendar-year", bounds=calendar_bounds),
        slip("academic-year", bounds=academic_bounds),
        slip("spells-that-start", inside="startdate >= DATE '{first}'"),
        slip("spells-inside", inside="startdate >= DATE '{first}' AND enddate <= DATE '{last}'"),
        slip("start-not-cut", from_start=True),
        slip(
            "in-work-benefits",
            "You took benefits that people in work may draw: out_of_work_benefit is 1 for the others.",
            which="out_of_work_benefit = 0",
        ),
        slip(
            "cut-at-365",
            "You added the days up and cut the sum at 365. Days on two benefits are still counted twice: count "
            "distinct days.",
            added="LEAST(SUM(last_day - first_day + {plus}), 365)",
        ),
        slip(
            "largest-type-only",
            "You took the type with the most days. A day counts if any of the types covers it: bring the types "
            "together.",
            added="MAX(last_day - first_day + {plus})",
        ),
    ),
)
