"""Persistent absence."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD, varied

from .shared import LESSON, slip


def persistent(con, year, threshold=None, compare=">=", absence="overallabsence", main="AND mainrecord_{yy} = 1"):
    yy = f"ab{year % 100:02d}"
    threshold = threshold or (15 if year <= 2015 else 10)
    flag = f"""SUM(CASE WHEN 100 * {absence}_6halfterms_{yy} {compare} {threshold} * sessionspossible_6halfterms_{yy}
                        THEN 1 ELSE 0 END)"""
    return con.sql(f"""
        SELECT gender_{yy} AS sex, COUNT(*) AS pupils, {flag} AS persistent, 100.0 * {flag} / COUNT(*) AS percent
        FROM (SELECT gender_{yy}, CAST({absence}_6halfterms_{yy} AS int) AS {absence}_6halfterms_{yy},
                     CAST(sessionspossible_6halfterms_{yy} AS int) AS sessionspossible_6halfterms_{yy}
              FROM {NPD}.absence_{year}_3term
              WHERE ageatstartofacademicyear_{yy} BETWEEN 11 AND 14 AND sessionspossible_6halfterms_{yy} > 0
                    {main.format(yy=yy)}) AS t
        GROUP BY gender_{yy}
    """)


def absences(con, year):
    """Main records of pupils aged 11 to 14 with sessions, names without the year."""
    yy = f"ab{year % 100:02d}"
    return con.sql(f"""
        SELECT gender_{yy} AS sex, CAST(overallabsence_6halfterms_{yy} AS int) AS missed,
               CAST(sessionspossible_6halfterms_{yy} AS int) AS possible
        FROM {NPD}.absence_{year}_3term
        WHERE mainrecord_{yy} = 1 AND ageatstartofacademicyear_{yy} IN (11, 12, 13, 14)
          AND sessionspossible_6halfterms_{yy} > 0
    """).df()


def persistent_pandas(con, year):
    table = absences(con, year)
    table["persistent"] = 100 * table["missed"] >= (15 if year <= 2015 else 10) * table["possible"]
    table = table.groupby("sex", as_index=False)["persistent"].agg(pupils="size", persistent="sum", percent="mean")
    return table.assign(percent=100 * table["percent"])


def persistent_filtered(con, year):
    """Two counts looked up by sex."""
    table = absences(con, year)
    pupils = table["sex"].value_counts()
    enough = (
        table[table["missed"] * (100 / 15 if year <= 2015 else 10) >= table["possible"]]["sex"]
        .value_counts()
        .reindex(pupils.index)
    )
    return pd.DataFrame(
        {"sex": pupils.index, "pupils": pupils, "persistent": enough, "percent": 100 * enough / pupils}
    ).reset_index(drop=True)


def persistent_average(con, year):
    """A flag for each pupil, and its mean, with the threshold in the SQL."""
    yy = f"ab{year % 100:02d}"
    return con.sql(f"""
        WITH pupils AS (
            SELECT gender_{yy} AS sex,
                   CASE WHEN overallabsence_6halfterms_{yy} * 1000
                             >= sessionspossible_6halfterms_{yy} * CASE WHEN {year} <= 2015 THEN 150 ELSE 100 END
                        THEN 1 ELSE 0 END AS flag
            FROM (SELECT gender_{yy}, mainrecord_{yy}, ageatstartofacademicyear_{yy},
                         overallabsence_6halfterms_{yy}::INT AS overallabsence_6halfterms_{yy},
                         sessionspossible_6halfterms_{yy}::INT AS sessionspossible_6halfterms_{yy}
                  FROM {NPD}.absence_{year}_3term) AS a
            WHERE mainrecord_{yy} = 1 AND ageatstartofacademicyear_{yy} BETWEEN 11 AND 14
              AND sessionspossible_6halfterms_{yy} > 0
        )
        SELECT sex, COUNT(*) AS pupils, SUM(flag) AS persistent, AVG(flag) * 100 AS percent FROM pupils GROUP BY sex
    """)


def persistent_united(con, year):
    """The persistent and the others apart, then added up."""
    table = absences(con, year)
    enough = table["missed"] * 100 - table["possible"] * (15 if year <= 2015 else 10) >= 0
    counts = pd.crosstab(table["sex"], enough)
    return pd.DataFrame(
        {
            "sex": counts.index,
            "pupils": counts.sum(axis=1).to_numpy(),
            "persistent": counts[True].to_numpy(),
            "percent": (100 * counts[True] / counts.sum(axis=1)).to_numpy(),
        }
    )


QUESTION = Question(
    name="q9",
    title="Persistent absence and its base",
    answer_name="persistent",
    kind="function",
    points=3,
    columns={"sex": "text", "pupils": "number", "persistent": "number", "percent": "number"},
    identity=("sex",),
    unit="sex",
    plural="sexes",
    lesson=LESSON,
    reference_sql=persistent,
    make=varied(persistent),
    reference_pandas=persistent_pandas,
    tolerance={"percent": 0.001},
    domain={"year": range(2013, 2020)},
    boundaries={"year": (2016,)},
    quick=True,
    hints=(
        "Which columns does the year change, and which number? Write both as variables before the query.",
        "A share can be tested without dividing: multiply both sides until all numbers are whole.",
        "Cast the sessions before you multiply. Exactly at the threshold counts: which comparison says so?",
    ),
    misconceptions=(
        slip(
            "one-threshold",
            "You used 10 per cent in every year. To 2014/15 the threshold was 15 per cent.",
            threshold=10,
        ),
        slip(
            "above-not-at",
            "You asked for more than the threshold. Absence is persistent when it reaches the threshold: >=.",
            compare=">",
        ),
        slip(
            "unauthorised-only",
            "You counted unauthorised absence only. Overall absence counts every session missed, with or without "
            "leave.",
            absence="unauthorisedabsence",
        ),
        slip(
            "every-record",
            "You kept every record, so pupils with a second one count twice. Keep mainrecord = 1.",
            main="",
        ),
    ),
    alternatives=(persistent_filtered, persistent_average, persistent_united),
)
