"""Into higher education."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import AFTER_LESSON, OLD_KS4, PMR, acadyr, slip


def entered(con, year, after=(3, 4), join="LEFT JOIN", level="WHERE he_xlev501 = '3'"):
    students = " UNION ".join(
        f'SELECT he_pupilmatchingrefanonymous AS pmr FROM hesa_i2."2005003".hesa_{year + later} {level}'
        for later in after
    )
    return con.sql(f"""
        WITH students AS ({students})
        SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous,
            CASE WHEN s.pmr IS NULL THEN 0 ELSE 1 END AS entered
        FROM {OLD_KS4} AS k
        {join} students AS s ON s.pmr = k.ks4_pupilmatchingrefanonymous
        WHERE k.ks4_acadyr = '{acadyr(year)}'
    """)


def entry_cohort(year):
    return f"SELECT ks4_pupilmatchingrefanonymous AS pmr FROM {OLD_KS4} WHERE ks4_acadyr = '{acadyr(year)}'"


def entered_pandas(con, year):
    cohort = con.sql(entry_cohort(year)).df().drop_duplicates()
    students = pd.concat(
        con.sql(f'SELECT he_pupilmatchingrefanonymous AS pmr, he_xlev501 FROM hesa_i2."2005003".hesa_{view}').df()
        for view in (year + 3, year + 4)
    )
    found = cohort["pmr"].isin(students.loc[students["he_xlev501"] == "3", "pmr"]).astype(int)
    return pd.DataFrame({PMR: cohort["pmr"], "entered": found})


def entered_sets(con, year):
    cohort, students = {row[0] for row in con.sql(entry_cohort(year)).fetchall()}, set()
    for view in (year + 3, year + 4):
        rows = con.sql(f'SELECT he_pupilmatchingrefanonymous, he_xlev501 FROM hesa_i2."2005003".hesa_{view}')
        students |= {pupil for pupil, level in rows.fetchall() if level == "3"}
    return [{PMR: pupil, "entered": int(pupil in students)} for pupil in cohort]


def entered_exists(con, year):
    return con.sql(f"""
        SELECT cohort.pmr AS pupilmatchingrefanonymous,
            CASE
                WHEN EXISTS (SELECT 1 FROM hesa_i2."2005003".hesa_{year + 3} AS h
                    WHERE h.he_pupilmatchingrefanonymous = cohort.pmr AND h.he_xlev501 = '3') THEN 1
                WHEN EXISTS (SELECT 1 FROM hesa_i2."2005003".hesa_{year + 4} AS h
                    WHERE h.he_pupilmatchingrefanonymous = cohort.pmr AND h.he_xlev501 = '3') THEN 1
                ELSE 0
            END AS entered
        FROM (SELECT DISTINCT pmr FROM ({entry_cohort(year)}) AS records) AS cohort
    """)


def entered_union(con, year):
    """Pupils and students in one pile: who is a pupil stays, and the larger flag says whether a student, too."""
    students = " UNION ALL ".join(
        f"""SELECT he_pupilmatchingrefanonymous, 1, 0 FROM hesa_i2."2005003".hesa_{view} WHERE he_xlev501 = '3'"""
        for view in (year + 3, year + 4)
    )
    return con.sql(f"""
        SELECT pmr AS pupilmatchingrefanonymous, MAX(student) AS entered
        FROM (SELECT pmr, 0 AS student, 1 AS pupil FROM ({entry_cohort(year)}) AS cohort UNION ALL {students})
        GROUP BY pmr
        HAVING MAX(pupil) = 1
    """)


QUESTION = Question(
    name="q8",
    title="Into higher education",
    answer_name="entered",
    kind="function",
    points=3,
    columns={PMR: "text", "entered": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=AFTER_LESSON,
    heading="University: applying and studying",
    reference_sql=entered,
    make=varied(entered),
    reference_pandas=entered_pandas,
    alternatives=(entered_exists, entered_union, entered_sets),
    domain={"year": range(2004, 2015)},
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "Every pupil of the cohort has a row. Those without a student record have 0.",
        "A HESA view is named after the year in which the academic year ends: 2011/12 is hesa_2012.",
        "Stack the two HESA views first, first degrees only, one row a pupil. Then join the whole cohort to that.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "You kept only pupils with a student record. The others are the rest of the cohort, and entered is 0 for "
            "them: without them there is no rate.",
            join="JOIN",
        ),
        slip(
            "hesa-year-begins",
            "Your student records stop a year too early: who is first a student in the later of the two years is lost. "
            "hesa_2012 is the academic year 2011/12, because the name is the year in which it ends.",
            after=(2, 3),
        ),
        slip(
            "entered-ever",
            "You counted everybody who was a student in any later year. The question asks for two academic years, so "
            "that every cohort has the same time to enter.",
            lambda con, year: entered(con, year, after=range(3, 2021 - year)),
        ),
        slip(
            "any-level-of-study",
            "You counted every student record. he_xlev501 tells the level of study; a first degree is '3'.",
            level="",
        ),
    ),
)
