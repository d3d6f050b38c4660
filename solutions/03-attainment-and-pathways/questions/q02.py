"""The headline measure of a year."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import ATTAINMENT_LESSON, NEW_KS4, OLD_KS4, PMR, acadyr, slip

HEADLINES = {2014: "ks4_level2_em_ptq", 2015: "ks4_level2_em_94"}


def headline_column(year):
    return HEADLINES.get(year, "ks4_level2_em" if year < 2014 else "ks4_att8")


def headline(con, year, column=None, kept="MAX"):
    column = column or headline_column(year)
    view = OLD_KS4 if year <= 2014 else NEW_KS4
    value, group = (f"{kept}({column})", "GROUP BY ks4_pupilmatchingrefanonymous") if kept else (column, "")
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, {value} AS headline
        FROM {view} WHERE ks4_acadyr = '{acadyr(year)}' {group}
    """)


def headline_pandas(con, year):
    view, column = (OLD_KS4 if year <= 2014 else NEW_KS4), headline_column(year)
    rows = con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_acadyr, {column} AS headline FROM {view}
    """).df()
    return rows[rows["ks4_acadyr"] == acadyr(year)].groupby(PMR)["headline"].max().reset_index()


def headline_coalesce(con, year):
    """Both views under one set of names: only one of the columns is filled in a year."""
    return con.sql(f"""
        WITH records AS (
            SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_acadyr,
                CAST(COALESCE(ks4_level2_em, ks4_level2_em_ptq) AS DOUBLE) AS value
            FROM {OLD_KS4}
            UNION ALL
            SELECT ks4_pupilmatchingrefanonymous, ks4_acadyr,
                CASE WHEN ks4_acadyr = '2014/2015' THEN ks4_level2_em_94 ELSE ks4_att8 END
            FROM {NEW_KS4}
        )
        SELECT pmr AS pupilmatchingrefanonymous, MAX(value) AS headline
        FROM records WHERE ks4_acadyr = '{acadyr(year)}' GROUP BY pmr
    """)


def headline_window(con, year):
    view, column = (OLD_KS4 if year <= 2014 else NEW_KS4), headline_column(year)
    return con.sql(f"""
        SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous,
            MAX({column}) OVER (PARTITION BY ks4_pupilmatchingrefanonymous) AS headline
        FROM {view} WHERE ks4_acadyr = '{acadyr(year)}'
    """)


def headline_dictionary(con, year):
    view, column = (OLD_KS4 if year <= 2014 else NEW_KS4), headline_column(year)
    best = {}
    rows = con.execute(
        f"SELECT ks4_pupilmatchingrefanonymous, {column} FROM {view} WHERE ks4_acadyr = ?", [acadyr(year)]
    ).fetchall()
    for pupil, value in rows:
        best[pupil] = max(float(value), best.get(pupil, 0.0))
    return pd.DataFrame({PMR: list(best), "headline": list(best.values())})


QUESTION = Question(
    name="q2",
    title="The headline of the year",
    answer_name="headline",
    kind="function",
    points=3,
    columns={PMR: "text", "headline": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    heading="What was measured when",
    reference_sql=headline,
    make=varied(headline),
    reference_pandas=headline_pandas,
    alternatives=(headline_coalesce, headline_window, headline_dictionary),
    domain={"year": range(2004, 2022)},
    boundaries={"year": (2014, 2015, 2016)},
    tolerance={"headline": 0.001},
    universe=f"""
        SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}
        UNION SELECT DISTINCT ks4_pupilmatchingrefanonymous FROM {NEW_KS4}
    """,
    hints=(
        "Write a small table first: for each year, the view and the column. The rules change in 2013/14 and 2015/16.",
        "The change of view and the change of measure are a year apart: 2014/15 is in the new view.",
        "Four stretches of years: to 2012/13, 2013/14 alone, 2014/15 alone in the new view, then points.",
    ),
    misconceptions=(
        slip(
            "old-headline-forever",
            "From 2015/16 the headline measure is Attainment 8. You went on with five good GCSEs including English "
            "and mathematics, which is still in the table but no longer the headline.",
            lambda con, year: headline(con, year, column="ks4_level2_em_94" if year > 2015 else None),
        ),
        slip(
            "headline-by-view",
            "You changed the measure where the view changes. The new view begins with 2014/15; Attainment 8 begins a "
            "year later, so for 2014/15 it is empty.",
            lambda con, year: headline(con, year, column="ks4_att8" if year == 2015 else None),
        ),
        slip(
            "without-english-and-maths",
            "You took level 2 without English and mathematics: five good GCSEs in any subjects. The headline asks for "
            "both subjects among them, which the columns with _em say.",
            lambda con, year: headline(con, year, column={2014: "ks4_level2_ptq", 2015: "ks4_level2_ptq_ee"}.get(year)),
        ),
        slip(
            "capped-for-attainment-8",
            "You took the capped points for Attainment 8. Both add up eight slots, but Attainment 8 counts English "
            "and mathematics twice and fills three slots from EBacc subjects: its column is ks4_att8.",
            lambda con, year: headline(con, year, column="ks4_ptscnewe_ptq_ee" if year > 2015 else None),
        ),
        slip(
            "two-results",
            "You kept every record. Some pupils have two key stage 4 records in a year: keep the higher value.",
            kept=None,
        ),
    ),
)
