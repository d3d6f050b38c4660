"""Coverage."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD, varied

from .shared import LESSON, main_records, slip


def coverage(con, first, last, cohort="{born} - CASE WHEN {month} < 9 THEN 1 ELSE 0 END", sixth_form=False, short=0):
    groups = ", ".join(f"'{group}'" for group in range(1, 14 if sixth_form else 12))
    stacked = " UNION ALL ".join(
        f"""SELECT DISTINCT {year} AS census,
                   {cohort.format(born=f"yearofbirth_spr{year % 100:02d}", month=f"monthofbirth_spr{year % 100:02d}")}
                   AS birth_cohort
            FROM {NPD}.spring_census_{year}
            WHERE recordstatus_spr{year % 100:02d} < 100 AND ncyearactual_spr{year % 100:02d} IN ({groups})"""
        for year in range(first, last + 1 - short)
    )
    return con.sql(f"""
        SELECT birth_cohort, COUNT(*) AS censuses, MIN(census) AS first_census, MAX(census) AS last_census
        FROM ({stacked}) AS t GROUP BY birth_cohort
    """)


def seen(con, first, last):
    """One row for each pupil and census, in years 1 to 11, with the birth cohort."""
    tables = []
    for year in range(first, last + 1):
        census = main_records(con, year, "yearofbirth", "monthofbirth", "ncyearactual").assign(census=year)
        tables.append(census[census["ncyearactual"].isin([str(group) for group in range(1, 12)])])
    stacked = pd.concat(tables, ignore_index=True)
    return stacked.assign(birth_cohort=stacked["yearofbirth"].astype(int) - (stacked["monthofbirth"] < 9).astype(int))


def coverage_pandas(con, first, last):
    groups = seen(con, first, last).groupby("birth_cohort")["census"]
    table = groups.agg(censuses="nunique", first_census="min", last_census="max")
    return table.reset_index()


def coverage_grid(con, first, last):
    """A grid of cohorts by censuses, read row by row."""
    stacked = seen(con, first, last)
    grid = pd.crosstab(stacked["birth_cohort"], stacked["census"]) > 0
    return pd.DataFrame(
        {
            "birth_cohort": grid.index,
            "censuses": grid.sum(axis=1).to_numpy(),
            "first_census": grid.idxmax(axis=1).to_numpy(),
            "last_census": grid.iloc[:, ::-1].idxmax(axis=1).to_numpy(),
        }
    )


def coverage_distinct(con, first, last):
    """Pupils stacked, and different censuses counted, with the cohort by integer division of months."""
    stacked = " UNION ALL ".join(
        f"""SELECT {year} AS census, (yearofbirth_spr{year % 100:02d} * 12 + monthofbirth_spr{year % 100:02d} - 9) // 12
                   AS birth_cohort
            FROM {NPD}.spring_census_{year}
            WHERE recordstatus_spr{year % 100:02d} < 100
              AND TRY_CAST(ncyearactual_spr{year % 100:02d} AS INTEGER) BETWEEN 1 AND 11"""
        for year in range(first, last + 1)
    )
    return con.sql(f"""
        SELECT birth_cohort, COUNT(DISTINCT census) AS censuses, MIN(census) AS first_census, MAX(census) AS last_census
        FROM ({stacked}) AS t GROUP BY birth_cohort
    """)


def coverage_loop(con, first, last):
    """One census at a time, kept in a dictionary."""
    found = {}
    for year in range(first, last + 1):
        for cohort in seen(con, year, year)["birth_cohort"].unique():
            found.setdefault(int(cohort), []).append(year)
    rows = [(cohort, len(years), min(years), max(years)) for cohort, years in found.items()]
    return pd.DataFrame(rows, columns=["birth_cohort", "censuses", "first_census", "last_census"])


CENSUSES = range(2006, 2022)

QUESTION = Question(
    name="q3",
    title="Coverage of birth cohorts",
    answer_name="coverage",
    kind="function",
    points=3,
    columns={"birth_cohort": "number", "censuses": "number", "first_census": "number", "last_census": "number"},
    identity=("birth_cohort",),
    unit="birth cohort",
    lesson=LESSON,
    heading="Which cohorts are seen in which year group?",
    reference_sql=coverage,
    make=varied(coverage),
    reference_pandas=coverage_pandas,
    domain={"first": CENSUSES[:-1], "last": CENSUSES[1:]},
    possible=lambda first, last: first < last,
    calls=(
        {"first": 2006, "last": 2021},
        {"first": 2008, "last": 2012},
        {"first": 2006, "last": 2007},
        {"first": 2020, "last": 2021},
    ),
    hints=(
        "Write the query for one census, then build one for each year and join them with UNION ALL.",
        "The range of Python stops before its second number.",
        "First one row for each census and cohort, then count, first and last of the censuses of each cohort.",
    ),
    misconceptions=(
        slip(
            "range-stops-short",
            "The last census is missing. range(first, last) stops before its second number: write last + 1.",
            short=1,
        ),
        slip(
            "sixth-form-kept",
            "You counted years 12 and 13 too. There the census sees only those who stay at a school with a sixth "
            "form, so a cohort is not covered as a whole: keep year groups 1 to 11.",
            sixth_form=True,
        ),
        slip(
            "calendar-year-of-birth",
            "You grouped by the calendar year of birth. A birth cohort runs from September to August.",
            cohort="{born}",
        ),
        slip(
            "year-it-ends",
            "You named cohorts after the year in which they end. The question calls 1998/99 by its first year, 1998.",
            cohort="{born} + CASE WHEN {month} >= 9 THEN 1 ELSE 0 END",
        ),
    ),
    alternatives=(coverage_grid, coverage_distinct, coverage_loop),
)
