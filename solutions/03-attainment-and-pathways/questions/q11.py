"""A figure through the reforms."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import figure_question, varied

from .shared import ATTAINMENT_LESSON, NEW_KS4, OLD_KS4, acadyr, slip


def through_reforms(
    con,
    old="COALESCE(ks4_level2_em, ks4_level2_em_ptq)",
    new="ks4_level2_em_94",
    value="100.0 * AVG(reached)",
    once=True,
    until=2021,
):
    person = "GROUP BY x, pmr" if once else ""
    reached = "MAX(reached) AS reached" if once else "reached"
    return con.sql(f"""
        WITH records AS (
            SELECT CAST(RIGHT(ks4_acadyr, 4) AS INT) AS x, ks4_pupilmatchingrefanonymous AS pmr, {old} AS reached
            FROM {OLD_KS4}
            UNION ALL
            SELECT CAST(RIGHT(ks4_acadyr, 4) AS INT), ks4_pupilmatchingrefanonymous, {new} FROM {NEW_KS4}
        ),
        pupils AS (SELECT x, {reached} FROM records WHERE x BETWEEN 2004 AND {until} {person})
        SELECT x, {value} AS y FROM pupils GROUP BY x ORDER BY x
    """)


def through_reforms_pandas(con):
    old = con.sql(f"""
        SELECT ks4_acadyr, ks4_pupilmatchingrefanonymous AS pmr, ks4_level2_em AS a, ks4_level2_em_ptq AS b
        FROM {OLD_KS4}
    """).df()
    new = con.sql(f"""
        SELECT ks4_acadyr, ks4_pupilmatchingrefanonymous AS pmr, ks4_level2_em_94 AS a FROM {NEW_KS4}
    """).df()
    old["a"] = old["a"].fillna(old["b"])
    both = pd.concat([old[["ks4_acadyr", "pmr", "a"]], new]).dropna(subset=["a"])
    both["x"] = both["ks4_acadyr"].str[-4:].astype(int)
    rates = 100 * both.groupby(["x", "pmr"])["a"].max().groupby("x").mean()
    return rates.rename("y").reset_index()


def through_reforms_by_year(con):
    """Year by year, with the column of the year."""
    points = []
    for year in range(2004, 2022):
        view = OLD_KS4 if year <= 2014 else NEW_KS4
        column = "ks4_level2_em" if year <= 2013 else "ks4_level2_em_ptq" if year == 2014 else "ks4_level2_em_94"
        reached, everybody = con.execute(
            f"""
            SELECT COUNT(DISTINCT CASE WHEN {column} = 1 THEN ks4_pupilmatchingrefanonymous END),
                COUNT(DISTINCT ks4_pupilmatchingrefanonymous)
            FROM {view} WHERE ks4_acadyr = ?
            """,
            [acadyr(year)],
        ).fetchone()
        points.append({"x": year, "y": 100 * reached / everybody})
    return pd.DataFrame(points)


def through_reforms_window(con):
    return con.sql(f"""
        WITH records AS (
            SELECT ks4_acadyr, ks4_pupilmatchingrefanonymous AS pmr,
                COALESCE(ks4_level2_em, ks4_level2_em_ptq) AS reached
            FROM {OLD_KS4} WHERE ks4_acadyr >= '2003/2004'
            UNION ALL
            SELECT ks4_acadyr, ks4_pupilmatchingrefanonymous, ks4_level2_em_94 FROM {NEW_KS4}
        ),
        ranked AS (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY ks4_acadyr, pmr ORDER BY reached DESC) AS place FROM records
        )
        SELECT CAST(SUBSTRING(ks4_acadyr, 6, 4) AS INT) AS x,
            SUM(CASE WHEN reached = 1 THEN 100.0 ELSE 0.0 END) / COUNT(*) AS y
        FROM ranked WHERE place = 1 GROUP BY 1
    """)


def through_reforms_pivot(con):
    rows = con.sql(f"""
        SELECT ks4_acadyr AS a, ks4_pupilmatchingrefanonymous AS p, COALESCE(ks4_level2_em, ks4_level2_em_ptq) AS v
        FROM {OLD_KS4} WHERE ks4_acadyr >= '2003/2004'
        UNION ALL SELECT ks4_acadyr, ks4_pupilmatchingrefanonymous, ks4_level2_em_94 FROM {NEW_KS4}
    """).df()
    rows = rows.sort_values("v").drop_duplicates(["a", "p"], keep="last")
    table = rows.pivot_table(index="a", values="v", aggfunc="mean")
    return pd.DataFrame({"x": [int(label[5:]) for label in table.index], "y": 100 * table["v"].to_numpy()})


QUESTION = figure_question(
    name="q11",
    title="One measure through the reforms",
    points=3,
    lesson=ATTAINMENT_LESSON,
    heading="A series that breaks",
    reference_sql=through_reforms,
    make=varied(through_reforms),
    reference_pandas=through_reforms_pandas,
    alternatives=(through_reforms_by_year, through_reforms_window, through_reforms_pivot),
    x_label="year",
    y_label="%|per cent|percent",
    hints=(
        "Make a table of year and percentage first, and check the years about 2014 by hand.",
        "Stack the two views. In each year one column of the measure is filled: COALESCE finds it.",
        "One row a pupil and year with MAX, then the mean times 100 by year, for 2004 to 2021.",
    ),
    misconceptions=(
        slip(
            "old-name-only",
            "Your line ends with 2013. The measure goes on under other names: ks4_level2_em_ptq in 2013/14 and "
            "ks4_level2_em_94 in the new view.",
            until=2013,
        ),
        slip(
            "without-english-and-maths",
            "You drew level 2 in any subjects, which lies higher and is not what the question asks for: English and "
            "mathematics must be among the five.",
            old="COALESCE(ks4_level2, ks4_level2_ptq)",
            new="ks4_level2_ptq_ee",
        ),
        slip(
            "records-counted",
            "You averaged over records. Some pupils have two, and the second holds only part of the results: one row a "
            "pupil and year first.",
            once=False,
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            value="1.0 * AVG(reached)",
        ),
    ),
)
