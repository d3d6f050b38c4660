"""Birth cohorts in a census."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import COHORT_LESSON, slip


def birth_cohorts(con, year, cohort="CASE WHEN {month} >= 9 THEN {born} ELSE {born} - 1 END", main=True, groups="",
                  shift=0):  # fmt: skip
    year = max(2006, year + shift)
    suffix = f"spr{year % 100:02d}"
    label = cohort.format(month=f"monthofbirth_{suffix}", born=f"yearofbirth_{suffix}")
    kept = f"recordstatus_{suffix} < 100" if main else "1 = 1"
    return con.sql(f"""
        SELECT {label} AS birth_cohort, count(*) AS pupils
        FROM npd_i2."2005003".spring_census_{year} WHERE {kept} {groups.format(suffix=suffix)}
        GROUP BY 1 ORDER BY 1
    """)


def birth_cohorts_pandas(con, year):
    suffix = f"spr{year % 100:02d}"
    census = con.sql(f'SELECT * FROM npd_i2."2005003".spring_census_{year}').df()
    main = census[census[f"recordstatus_{suffix}"] < 100]
    cohort = main[f"yearofbirth_{suffix}"] - (main[f"monthofbirth_{suffix}"] < 9).astype(int)
    return cohort.rename("birth_cohort").value_counts().rename("pupils").reset_index()


def birth_cohorts_by_months(con, year):
    """Months since September of the year 0, in whole years."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT CAST(floor((12 * yearofbirth_{suffix} + monthofbirth_{suffix} - 9) / 12.0) AS int) AS birth_cohort,
            count(DISTINCT pupilmatchingrefanonymous_{suffix}) AS pupils
        FROM npd_i2."2005003".spring_census_{year}
        GROUP BY 1
    """)


def birth_cohorts_by_union(con, year):
    """The two halves of a cohort, added up."""
    suffix, view = f"spr{year % 100:02d}", f'npd_i2."2005003".spring_census_{year}'
    return con.sql(f"""
        SELECT birth_cohort, sum(pupils) AS pupils
        FROM (
            SELECT yearofbirth_{suffix} AS birth_cohort, count(*) AS pupils FROM {view}
            WHERE recordstatus_{suffix} < 100 AND monthofbirth_{suffix} BETWEEN 9 AND 12 GROUP BY 1
            UNION ALL
            SELECT yearofbirth_{suffix} - 1, count(*) FROM {view}
            WHERE recordstatus_{suffix} < 100 AND monthofbirth_{suffix} BETWEEN 1 AND 8 GROUP BY 1
        ) AS halves
        GROUP BY birth_cohort
    """)


def birth_cohorts_by_arrow(con, year):
    suffix = f"spr{year % 100:02d}"
    rows = con.sql(f'FROM npd_i2."2005003".spring_census_{year}').filter(f"recordstatus_{suffix} < 100")
    born = rows.project(f"yearofbirth_{suffix} AS born, monthofbirth_{suffix} AS month").to_arrow_table().to_pandas()
    first_of_month = pd.to_datetime(born["born"].astype(str) + "-" + born["month"].astype(str) + "-01")
    cohort = (first_of_month - pd.DateOffset(months=8)).dt.year.rename("birth_cohort")
    return cohort.to_frame().assign(pupils=1).groupby("birth_cohort").sum().reset_index()


QUESTION = Question(
    name="q3",
    title="Birth cohorts in a census",
    answer_name="birth_cohorts",
    kind="function",
    points=3,
    columns={"birth_cohort": "number", "pupils": "number"},
    identity=("birth_cohort",),
    unit="birth cohort",
    lesson=COHORT_LESSON,
    heading="Find the view",
    reference_sql=birth_cohorts,
    reference_pandas=birth_cohorts_pandas,
    make=varied(birth_cohorts),
    domain={"year": range(2006, 2022)},
    hints=(
        "An academic year of birth runs from September to August.",
        "Somebody born in March 1995 belongs to 1994/95, so to birth cohort 1994.",
        "The view and its columns carry the year: build their names from the argument with an f-string.",
    ),
    misconceptions=(
        slip(
            "calendar-year-of-birth",
            "You grouped by the calendar year of birth. School years run from September: somebody born in March 1995"
            " is in the same cohort as somebody born in October 1994.",
            cohort="{born}",
        ),
        slip(
            "year-it-ends",
            "You named cohorts after the year in which they end. The question calls 1994/95 by its first year, 1994.",
            cohort="CASE WHEN {month} >= 9 THEN {born} + 1 ELSE {born} END",
        ),
        slip(
            "october",
            "People born in September are one cohort too early: the cohort begins with September, so test for month "
            "9 and later.",
            cohort="CASE WHEN {month} > 9 THEN {born} ELSE {born} - 1 END",
        ),
        slip(
            "records-counted",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            main=False,
        ),
        slip("cohort-from-august", cohort="CASE WHEN {month} >= 8 THEN {born} ELSE {born} - 1 END"),
        slip("cohort-from-april", cohort="CASE WHEN {month} >= 4 THEN {born} ELSE {born} - 1 END"),
        slip("cohort-wrong-way-round", cohort="CASE WHEN {month} >= 9 THEN {born} - 1 ELSE {born} END"),
        slip("one-added", cohort="CASE WHEN {month} >= 9 THEN {born} ELSE {born} + 1 END"),
        slip(
            "one-year-group-only",
            "You kept year 11 only. The question takes the whole census.",
            groups="AND ncyearactual_{suffix} = '11'",
        ),
        slip("census-of-another-year", "You took the census of the year before: use the year that is given.", shift=-1),
    ),
    alternatives=(
        birth_cohorts_by_months,
        birth_cohorts_by_union,
        birth_cohorts_by_arrow,
    ),
)
