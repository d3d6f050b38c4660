"""Records and pupils."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD, varied

from .shared import LESSON, slip, spring


def denominators(con, year, pupils="SUM(CASE WHEN recordstatus_{yy} < 100 THEN 1 ELSE 0 END)", where=""):
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT gender_{yy} AS sex, COUNT(*) AS records, {pupils.format(yy=yy)} AS pupils
        FROM {NPD}.spring_census_{year}
        WHERE ncyearactual_{yy} = '11' {where.format(yy=yy)}
        GROUP BY gender_{yy}
    """)


def denominators_pandas(con, year):
    census = spring(con, year, "gender", "ncyearactual")
    groups = census[census["ncyearactual"] == "11"].groupby("gender")
    table = groups.agg(records=("pmr", "size"), pupils=("pmr", "nunique"))
    return table.rename_axis("sex").reset_index()


def denominators_joined(con, year):
    """Main and other records counted apart, then added."""
    census = spring(con, year, "gender", "ncyearactual").query("ncyearactual == '11'")
    counts = pd.crosstab(census["gender"], census["recordstatus"] < 100)
    return pd.DataFrame({"sex": counts.index, "records": counts.sum(axis=1), "pupils": counts[True]})


def denominators_two_steps(con, year):
    """One row a pupil first, then pupils and their records added up."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT sex, SUM(records) AS records, COUNT(*) AS pupils
        FROM (SELECT gender_{yy} AS sex, pupilmatchingrefanonymous_{yy} AS pmr, COUNT(*) AS records
              FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' GROUP BY 1, 2) AS each
        GROUP BY sex
    """)


QUESTION = Question(
    name="q2",
    title="Records and pupils of year 11",
    answer_name="denominators",
    kind="function",
    points=2,
    columns={"sex": "text", "records": "number", "pupils": "number"},
    identity=("sex",),
    unit="sex",
    plural="sexes",
    lesson=LESSON,
    heading="One row a person",
    reference_sql=denominators,
    make=varied(denominators),
    reference_pandas=denominators_pandas,
    domain={"year": range(2009, 2022)},
    quick=True,
    hints=(
        "Both numbers come from the same records: all of them, and the main ones among them.",
        "Count a condition with SUM(CASE WHEN ... THEN 1 ELSE 0 END).",
        "Pupils are records with a recordstatus below 100, and these are as many as different keys.",
    ),
    misconceptions=(
        slip(
            "records-counted",
            "Your number of pupils counts records: pupils with a second one count twice.",
            pupils="COUNT(*)",
        ),
        slip(
            "on-roll",
            "OnRoll = 1 drops pupils who have left, but a pupil registered at two schools is on roll at both. Count "
            "main records.",
            pupils="SUM(onroll_{yy})",
        ),
        slip(
            "filtered-too-early",
            "You kept main records before you counted, so records and pupils are the same number. Count all records "
            "of year 11, and the main ones among them.",
            where="AND recordstatus_{yy} < 100",
        ),
        slip(
            "year-it-begins",
            "You used the census of the year before. The argument is the year in the name of the view.",
            lambda con, year: denominators(con, year - 1),
        ),
    ),
    alternatives=(
        lambda con, year: denominators(con, year, pupils="COUNT(DISTINCT pupilmatchingrefanonymous_{yy})"),
        denominators_joined,
        denominators_two_steps,
    ),
)
