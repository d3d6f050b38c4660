"""A standardised score."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import ATTAINMENT_LESSON, NEW_KS4, PMR, acadyr, slip


def standardised(con, year, years=None, base="ks4_new_type <> 5", divided=True, once=True):
    """Attainment 8 in standard deviations from the mean of the base; ``years`` gives other years for the mean."""
    mean_of = f"ks4_acadyr IN ({years})" if years else f"ks4_acadyr = '{acadyr(year)}'"
    pupils = "MAX(ks4_att8) AS att8" if once else "ks4_att8 AS att8"
    group = "GROUP BY ks4_acadyr, ks4_pupilmatchingrefanonymous" if once else ""
    scale = "/ (SELECT STDDEV_POP(att8) FROM base)" if divided else ""
    return con.sql(f"""
        WITH base AS (
            SELECT ks4_pupilmatchingrefanonymous AS pmr, {pupils} FROM {NEW_KS4} WHERE {mean_of} AND {base} {group}
        ),
        cohort AS (
            SELECT ks4_pupilmatchingrefanonymous AS pmr, MAX(ks4_att8) AS att8
            FROM {NEW_KS4} WHERE ks4_acadyr = '{acadyr(year)}' AND ks4_new_type <> 5
            GROUP BY ks4_pupilmatchingrefanonymous
        )
        SELECT pmr AS pupilmatchingrefanonymous, (att8 - (SELECT AVG(att8) FROM base)) {scale} AS z FROM cohort
    """)


def standardised_rows(year):
    return f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, CAST(MAX(ks4_att8) AS DOUBLE) AS att8
        FROM {NEW_KS4} WHERE ks4_acadyr = '{acadyr(year)}' AND ks4_new_type <> 5 GROUP BY 1
    """


def standardised_pandas(con, year):
    rows = con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_att8 AS att8, ks4_new_type AS kind
        FROM {NEW_KS4} WHERE ks4_acadyr = '{acadyr(year)}'
    """).df()
    best = rows[rows["kind"] != 5].groupby(PMR)["att8"].max()
    return ((best - best.mean()) / best.std(ddof=0)).rename("z").reset_index()


def standardised_window(con, year):
    return con.sql(f"""
        WITH pupils AS ({standardised_rows(year)})
        SELECT pupilmatchingrefanonymous, (att8 - AVG(att8) OVER ()) / STDDEV_POP(att8) OVER () AS z FROM pupils
    """)


def standardised_squares(con, year):
    """The deviation by hand: the root of the mean square less the square of the mean."""
    return con.sql(f"""
        WITH pupils AS ({standardised_rows(year)}),
        spread AS (
            SELECT AVG(att8) AS mean, SQRT(AVG(att8 * att8) - AVG(att8) * AVG(att8)) AS deviation FROM pupils
        )
        SELECT p.pupilmatchingrefanonymous, (p.att8 - s.mean) / s.deviation AS z FROM pupils AS p CROSS JOIN spread AS s
    """)


def standardised_transform(con, year):
    rows = con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_acadyr, ks4_att8 AS att8
        FROM {NEW_KS4} WHERE ks4_new_type <> 5 AND ks4_acadyr >= '2015/2016'
    """).df()
    rows = rows.sort_values("att8").drop_duplicates(["ks4_acadyr", PMR], keep="last")
    by_year = rows.groupby("ks4_acadyr")["att8"]
    rows["z"] = (rows["att8"] - by_year.transform("mean")) / by_year.transform("std", ddof=0)
    return rows.loc[rows["ks4_acadyr"] == acadyr(year), [PMR, "z"]]


POOLED_YEARS = ", ".join(f"'{acadyr(year)}'" for year in range(2016, 2022))

QUESTION = Question(
    name="q3",
    title="A standardised score",
    answer_name="standardised",
    kind="function",
    points=3,
    columns={PMR: "text", "z": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    heading="One score across the reforms",
    reference_sql=standardised,
    make=varied(standardised),
    reference_pandas=standardised_pandas,
    alternatives=(standardised_window, standardised_squares, standardised_transform),
    domain={"year": range(2016, 2022)},
    quick=True,
    tolerance={"z": 0.000001},
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {NEW_KS4}",
    hints=(
        "Make the cohort first: one row a pupil, one year, state-funded. Mean and deviation come from it alone.",
        "A window function without PARTITION BY looks at all rows of the cohort.",
        "The mean and the deviation are both windows over the whole cohort: OVER () with nothing in the brackets.",
    ),
    misconceptions=(
        slip(
            "years-pooled",
            "Your mean and deviation come from all years together. A change of rules between the years then shows as a "
            "change of pupils: standardise within the year.",
            years=POOLED_YEARS,
        ),
        slip(
            "not-divided",
            "You subtracted the mean but did not divide by the standard deviation, so the score is still in points.",
            divided=False,
        ),
        slip(
            "independent-in-the-mean",
            "Your mean and deviation include pupils of independent schools, who are not in the cohort. A standardised "
            "score depends on whom a pupil is compared with: use the same base for both.",
            base="1 = 1",
        ),
        slip(
            "records-in-the-mean",
            "Your mean and deviation count every record. The second records of some pupils hold fewer points and pull "
            "the mean down: keep one record a pupil before you average.",
            once=False,
        ),
    ),
)
