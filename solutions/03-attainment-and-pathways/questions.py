"""Attainment and pathways: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import ILR, LEO, NPD, UCAS, figure_question
from leocourse.authoring import Assignment, Question

slip = slips(__file__)

ATTAINMENT_LESSON = "Attainment through the reforms"
AFTER_LESSON = "After 16"
OLD_KS4 = f"{NPD}.ks4pupil_2002_to_2014"
NEW_KS4 = f"{NPD}.ks4pupil_2015_to_2021"
PMR = "pupilmatchingrefanonymous"


# q0: pupils in the key stage 4 table ---------------------------------------------------------------

PUPILS_SQL = f"""
SELECT ks4_acadyr AS academic_year, COUNT(DISTINCT ks4_pupilmatchingrefanonymous) AS pupils
FROM {NEW_KS4}
GROUP BY ks4_acadyr
"""


def pupils_pandas(con):
    rows = con.sql(f"SELECT ks4_acadyr AS academic_year, ks4_pupilmatchingrefanonymous AS pupil FROM {NEW_KS4}").df()
    return rows.groupby("academic_year")["pupil"].nunique().rename("pupils").reset_index()


Q0 = Question(
    name="q0",
    title="Pupils in the key stage 4 table, year by year",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"academic_year": "text", "pupils": "number"},
    identity=("academic_year",),
    unit="academic year",
    lesson=ATTAINMENT_LESSON,
    reference_sql=PUPILS_SQL,
    reference_pandas=pupils_pandas,
    hints=(
        "One view holds several academic years: which column tells them apart?",
        "Some pupils have two records in a year.",
        "Group by ks4_acadyr and count distinct pupils.",
    ),
    misconceptions=(
        slip(
            "records-counted",
            "You counted records. Some pupils have two results records in a year: count distinct pupils.",
            PUPILS_SQL.replace("COUNT(DISTINCT ks4_pupilmatchingrefanonymous)", "COUNT(*)"),
        ),
    ),
)


# q1: capped points of a year -----------------------------------------------------------------------

CAPPED_SQL = f"""
SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, MAX(ks4_ptscnewe) AS points
FROM {OLD_KS4}
WHERE ks4_acadyr BETWEEN '2008/2009' AND '2012/2013'
GROUP BY ks4_pupilmatchingrefanonymous
"""


def capped_rows(con):
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_ptscnewe AS points
        FROM {OLD_KS4} WHERE ks4_acadyr BETWEEN '2008/2009' AND '2012/2013'
    """)


def capped_pandas(con):
    return capped_rows(con).df().groupby(PMR)["points"].max().reset_index()


def capped_arrow(con):
    table = capped_rows(con).arrow().read_all()
    return table.group_by(PMR).aggregate([("points", "max")]).rename_columns([PMR, "points"])


def capped_drop_duplicates(con):
    return capped_rows(con).df().sort_values("points").drop_duplicates(PMR, keep="last")


CAPPED_WINDOW = f"""
SELECT pupilmatchingrefanonymous, points
FROM (
    SELECT
        ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_ptscnewe AS points,
        ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous ORDER BY ks4_ptscnewe DESC) AS place
    FROM {OLD_KS4}
    WHERE ks4_acadyr BETWEEN '2008/2009' AND '2012/2013'
) AS ranked
WHERE place = 1
"""
CAPPED_NOT_EXISTS = f"""
SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, k.ks4_ptscnewe AS points
FROM {OLD_KS4} AS k
WHERE k.ks4_acadyr BETWEEN '2008/2009' AND '2012/2013'
    AND NOT EXISTS (
        SELECT 1 FROM {OLD_KS4} AS other
        WHERE other.ks4_acadyr = k.ks4_acadyr AND other.ks4_ptscnewe > k.ks4_ptscnewe
            AND other.ks4_pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
    )
"""
CAPPED_EVERY_RECORD = CAPPED_SQL.replace("MAX(ks4_ptscnewe)", "ks4_ptscnewe").replace(
    "GROUP BY ks4_pupilmatchingrefanonymous", ""
)

Q1 = Question(
    name="q1",
    title="Capped points, one row a pupil",
    answer_name="q1",
    kind="sql",
    points=2,
    columns={PMR: "text", "points": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    reference_sql=CAPPED_SQL,
    reference_pandas=capped_pandas,
    alternatives=(CAPPED_WINDOW, CAPPED_NOT_EXISTS, capped_arrow, capped_drop_duplicates),
    tolerance={"points": 0.005},
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "Count records and count distinct pupils of the years. Are the two numbers the same?",
        "The question says which of two records to keep. An aggregate can do that.",
        "Group by pupil and take the MAX of ks4_ptscnewe, for ks4_acadyr '2008/2009' to '2012/2013'.",
    ),
    misconceptions=(
        slip(
            "lower-result",
            "You kept the record with fewer points. It is often the part of the results that one of two entries "
            "holds: keep the higher one.",
            CAPPED_SQL.replace("MAX(", "MIN("),
        ),
        slip(
            "results-averaged",
            "You averaged the two records of a pupil. They are two versions of one result, not two results: keep "
            "the record with more points.",
            CAPPED_SQL.replace("MAX(", "AVG("),
        ),
        slip(
            "uncapped-points",
            "You took the total of all points. It grows with the number of entries; the capped score counts the best "
            "eight. Its column is ks4_ptscnewe, with c for capped.",
            CAPPED_SQL.replace("ks4_ptscnewe", "ks4_ptstnewe"),
        ),
        slip(
            "two-results",
            "You kept every record. Some pupils have two key stage 4 records in a year: keep the one with more points.",
            CAPPED_EVERY_RECORD,
        ),
    ),
)


# q2: the headline measure of a year ----------------------------------------------------------------


def acadyr(year):
    """The label of an academic year from the calendar year in which it ends: 2014 is 2013/2014."""
    return f"{year - 1}/{year}"


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


Q2 = Question(
    name="q2",
    title="The headline measure of a year, as a function of the year",
    answer_name="headline",
    kind="function",
    points=3,
    columns={PMR: "text", "headline": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    reference_sql=headline,
    reference_pandas=headline_pandas,
    alternatives=(headline_coalesce, headline_window, headline_dictionary),
    calls=({"year": 2014}, {"year": 2015}, {"year": 2018}),
    tolerance={"headline": 0.005},
    universe=f"""
        SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}
        UNION SELECT DISTINCT ks4_pupilmatchingrefanonymous FROM {NEW_KS4}
    """,
    hints=(
        "Write a small table first: for each year, the view and the column. The rules change in 2013/14 and 2015/16.",
        "The change of view and the change of measure are a year apart: 2014/15 is in the new view.",
        "ks4_level2_em to 2013, ks4_level2_em_ptq in 2014, ks4_level2_em_94 in 2015, ks4_att8 from 2016.",
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
            lambda con, year: headline(con, year, kept=None),
        ),
    ),
)


# q3: a standardised score --------------------------------------------------------------------------


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

Q3 = Question(
    name="q3",
    title="Attainment 8 as a standardised score within the year",
    answer_name="standardised",
    kind="function",
    points=3,
    columns={PMR: "text", "z": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    reference_sql=standardised,
    reference_pandas=standardised_pandas,
    alternatives=(standardised_window, standardised_squares, standardised_transform),
    calls=({"year": 2017}, {"year": 2019}, {"year": 2020}),
    tolerance={"z": 0.002},
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {NEW_KS4}",
    hints=(
        "Make the cohort first: one row a pupil, one year, state-funded. Mean and deviation come from it alone.",
        "A window function without PARTITION BY looks at all rows of the cohort.",
        "(att8 - AVG(att8) OVER ()) / STDDEV_POP(att8) OVER (), over one row a pupil.",
    ),
    misconceptions=(
        slip(
            "years-pooled",
            "Your mean and deviation come from all years together. A change of rules between the years then shows as a "
            "change of pupils: standardise within the year.",
            lambda con, year: standardised(con, year, years=POOLED_YEARS),
        ),
        slip(
            "not-divided",
            "You subtracted the mean but did not divide by the standard deviation, so the score is still in points.",
            lambda con, year: standardised(con, year, divided=False),
        ),
        slip(
            "independent-in-the-mean",
            "Your mean and deviation include pupils of independent schools, who are not in the cohort. A standardised "
            "score depends on whom a pupil is compared with: use the same base for both.",
            lambda con, year: standardised(con, year, base="1 = 1"),
        ),
        slip(
            "records-in-the-mean",
            "Your mean and deviation count every record. The second records of some pupils hold fewer points and pull "
            "the mean down: keep one record a pupil before you average.",
            lambda con, year: standardised(con, year, once=False),
        ),
    ),
)


# q4: GCSEs and their equivalents -------------------------------------------------------------------

GOOD_GCSE = "('A*', 'A', 'B', 'C')"
GOOD_OTHER = "('*2', 'D2', 'M2', 'P2')"


def passes_sql(
    gcse="ks4_sublevno = '310'", other="ks4_sublevno IS NULL", size="ks4_gsize", disc="AND ks4_disc3 = 0", good=True
):
    is_good = f"AND ks4_grade IN {GOOD_GCSE}" if good else ""
    other_good = f"AND ks4_grade IN {GOOD_OTHER}" if good else ""
    return f"""
SELECT
    ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous,
    SUM(CASE WHEN {gcse} {is_good} THEN 1 ELSE 0 END) AS gcses,
    SUM(CASE WHEN {other} {other_good} THEN {size} ELSE 0 END) AS equivalents
FROM {NPD}.ks4exam_2002_to_2014
WHERE ks4_acadyr = '2011/2012' {disc}
GROUP BY ks4_pupilmatchingrefanonymous
"""


PASSES_SQL = passes_sql()
EXAM_COLUMNS = (
    "ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_sublevno, ks4_grade, "
    "CAST(ks4_gsize AS DOUBLE) AS size"
)
EXAM_ROWS = f"""
    SELECT {EXAM_COLUMNS} FROM {NPD}.ks4exam_2002_to_2014 WHERE ks4_acadyr = '2011/2012' AND ks4_disc3 = 0
"""


def passes_pandas(con):
    rows = con.sql(EXAM_ROWS).df()
    is_gcse = rows["ks4_sublevno"] == "310"
    rows["gcses"] = (is_gcse & rows["ks4_grade"].isin(["A*", "A", "B", "C"])).astype(int)
    rows["equivalents"] = rows["size"].where(~is_gcse & rows["ks4_grade"].isin(["*2", "D2", "M2", "P2"]), 0.0)
    return rows.groupby(PMR)[["gcses", "equivalents"]].sum().reset_index()


def passes_pivot(con):
    """Two counts put side by side, for pupils who have either, or neither."""
    rows = con.sql(EXAM_ROWS).df()
    everybody = rows[[PMR]].drop_duplicates().set_index(PMR)
    gcses = rows[rows["ks4_grade"].isin(["A*", "A", "B", "C"])][PMR].value_counts().rename("gcses")
    others = rows[rows["ks4_grade"].isin(["*2", "D2", "M2", "P2"])].groupby(PMR)["size"].sum().rename("equivalents")
    return everybody.join(gcses).join(others).fillna(0).reset_index()


def passes_loop(con):
    found = {}
    for pupil, kind, grade, size in con.sql(EXAM_ROWS).fetchall():
        entry = found.setdefault(pupil, [0, 0.0])
        if kind == "310" and grade in ("A*", "A", "B", "C"):
            entry[0] += 1
        elif kind is None and grade in ("*2", "D2", "M2", "P2"):
            entry[1] += size
    return [{PMR: pupil, "gcses": gcses, "equivalents": others} for pupil, (gcses, others) in found.items()]


PASSES_FILTER = f"""
SELECT
    ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous,
    COUNT(*) FILTER (WHERE ks4_sublevno = '310' AND ks4_grade IN {GOOD_GCSE}) AS gcses,
    COALESCE(SUM(ks4_gsize) FILTER (WHERE ks4_sublevno IS NULL AND ks4_grade <> 'X'), 0) AS equivalents
FROM {NPD}.ks4exam_2002_to_2014
WHERE ks4_acadyr = '2011/2012' AND ks4_disc3 = 0
GROUP BY 1
"""
PASSES_JOINED = f"""
WITH entries AS ({EXAM_ROWS}),
gcse AS (SELECT pupilmatchingrefanonymous, COUNT(*) AS n FROM entries WHERE ks4_grade IN {GOOD_GCSE} GROUP BY 1),
other AS (SELECT pupilmatchingrefanonymous, SUM(size) AS n FROM entries WHERE ks4_grade IN {GOOD_OTHER} GROUP BY 1)
SELECT e.pupilmatchingrefanonymous, COALESCE(g.n, 0) AS gcses, COALESCE(o.n, 0) AS equivalents
FROM (SELECT DISTINCT pupilmatchingrefanonymous FROM entries) AS e
LEFT JOIN gcse AS g ON g.pupilmatchingrefanonymous = e.pupilmatchingrefanonymous
LEFT JOIN other AS o ON o.pupilmatchingrefanonymous = e.pupilmatchingrefanonymous
"""

Q4 = Question(
    name="q4",
    title="Good GCSEs and their equivalents",
    answer_name="q4",
    kind="sql",
    points=3,
    columns={PMR: "text", "gcses": "number", "equivalents": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    reference_sql=PASSES_SQL,
    reference_pandas=passes_pandas,
    alternatives=(PASSES_FILTER, PASSES_JOINED, passes_pivot, passes_loop),
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "One row of the exam table is a pupil and a qualification: both counts are conditional sums over a pupil.",
        "A GCSE has '310' in ks4_sublevno; the other qualifications have none. ks4_gsize is their size in GCSEs.",
        "SUM(CASE WHEN ks4_sublevno IS NULL AND the grade is a pass THEN ks4_gsize ELSE 0 END), ks4_disc3 = 0.",
    ),
    misconceptions=(
        slip(
            "size-ignored",
            "You counted every other qualification as one. Under the rules of 2011/12 one could stand for two or four "
            "GCSEs: add up ks4_gsize.",
            passes_sql(size="1"),
        ),
        slip(
            "equivalents-among-gcses",
            "You counted other qualifications among the GCSEs. The two have to stay apart: ks4_sublevno is '310' for a "
            "GCSE and missing for the others.",
            PASSES_SQL.replace(
                f"ks4_sublevno = '310' AND ks4_grade IN {GOOD_GCSE}",
                f"ks4_grade IN {GOOD_GCSE} OR ks4_grade IN {GOOD_OTHER}",
            ),
        ),
        slip(
            "discounted-kept",
            "You counted results that are set aside because the pupil has a better one in the same subject: keep "
            "ks4_disc3 = 0.",
            passes_sql(disc=""),
        ),
        slip(
            "any-grade",
            "You counted every entry, whatever its grade. A good GCSE is A* to C, and X is no pass.",
            passes_sql(good=False),
        ),
    ),
)


# q5: level 3 by age 19 -----------------------------------------------------------------------------


def level_sql(reached="ypmad_l3_at_19", label="ypmad_base_year + 3", base="ypmad_fsmeligibilityage15 IS NOT NULL"):
    return f"""
SELECT {label} AS turned_19, 100.0 * SUM({reached}) / COUNT(*) AS percentage
FROM {NPD}.ypmad_snapshot_2021
WHERE ypmad_base_year BETWEEN 2002 AND 2009 AND {base}
GROUP BY {label}
"""


LEVEL_SQL = level_sql()
LEVEL_COLUMNS = "ypmad_base_year AS year_11, ypmad_l3_at_19 AS reached, ypmad_fsmeligibilityage15 AS fsm"


def level_rows(con):
    return con.sql(f"SELECT {LEVEL_COLUMNS} FROM {NPD}.ypmad_snapshot_2021").df()


def level_pandas(con):
    rows = level_rows(con)
    rows = rows[rows["year_11"].between(2002, 2009) & rows["fsm"].notna()]
    shares = 100 * rows.groupby("year_11")["reached"].mean()
    return (
        shares.rename("percentage")
        .rename_axis("turned_19")
        .reset_index()
        .assign(turned_19=lambda table: table["turned_19"] + 3)
    )


def level_crosstab(con):
    rows = level_rows(con)
    rows = rows[rows["year_11"].between(2002, 2009) & rows["fsm"].notna()]
    table = pd.crosstab(rows["year_11"] + 3, rows["reached"], normalize="index")
    return pd.DataFrame({"turned_19": table.index, "percentage": 100 * table[1].to_numpy()})


LEVEL_JOINED = f"""
WITH people AS (
    SELECT ypmad_base_year + 3 AS turned_19, ypmad_l3_at_19 AS reached
    FROM {NPD}.ypmad_snapshot_2021
    WHERE ypmad_base_year BETWEEN 2002 AND 2009 AND ypmad_fsmeligibilityage15 IN (0, 1)
),
everybody AS (SELECT turned_19, COUNT(*) AS n FROM people GROUP BY turned_19),
reached AS (SELECT turned_19, COUNT(*) AS n FROM people WHERE reached = 1 GROUP BY turned_19)
SELECT e.turned_19, 100.0 * COALESCE(r.n, 0) / e.n AS percentage
FROM everybody AS e LEFT JOIN reached AS r ON r.turned_19 = e.turned_19
"""
LEVEL_AVERAGE = f"""
SELECT DISTINCT ypmad_base_year + 3 AS turned_19,
    AVG(100.0 * ypmad_l3_at_19) OVER (PARTITION BY ypmad_base_year) AS percentage
FROM {NPD}.ypmad_snapshot_2021
WHERE ypmad_base_year >= 2002 AND ypmad_base_year < 2010 AND ypmad_fsmeligibilityage15 IS NOT NULL
"""

Q5 = Question(
    name="q5",
    title="Level 3 by age 19",
    answer_name="q5",
    kind="sql",
    points=2,
    columns={"turned_19": "number", "percentage": "number"},
    identity=("turned_19",),
    unit="cohort",
    lesson=AFTER_LESSON,
    reference_sql=LEVEL_SQL,
    reference_pandas=level_pandas,
    alternatives=(LEVEL_JOINED, LEVEL_AVERAGE, level_crosstab),
    tolerance={"percentage": 0.005},
    hints=(
        "YPMAD has one row a person: no record has to be chosen here.",
        "Who was in year 11 in 2001/02 is 16 at its end, and turns 19 three years on.",
        "100.0 * SUM(ypmad_l3_at_19) / COUNT(*), by ypmad_base_year + 3, where the FSM field is not missing.",
    ),
    misconceptions=(
        slip(
            "level-3-at-18",
            "You took level 3 at 18. Those who need a third year reach it at 19, and they are not a random part.",
            level_sql(reached="ypmad_l3_at_18"),
        ),
        slip(
            "level-3-ever",
            "You counted everybody who ever reached level 3 in the data. Early cohorts have had more years for that: "
            "use the flag for age 19, so that all cohorts have the same time.",
            level_sql(reached="CASE WHEN ypmad_year_l3 IS NOT NULL THEN 1 ELSE 0 END"),
        ),
        slip(
            "level-2-for-level-3",
            "You took level 2, five good GCSEs or their equal. Level 3 is two A levels or their equal.",
            level_sql(reached="ypmad_l2_at_19"),
        ),
        slip(
            "year-11-as-label",
            "You named cohorts after their year 11. Published figures name them after the year in which they turn 19, "
            "three years later.",
            level_sql(label="ypmad_base_year"),
        ),
        slip(
            "independent-in-the-base",
            "Your base holds pupils of independent schools, for whom the free school meals field is missing. The "
            "question asks for those at a state-funded school at 15.",
            level_sql(base="1 = 1"),
        ),
    ),
)


# q6: learners and aims -----------------------------------------------------------------------------


def learners(con, year, counted="a.aimtype <> 1", who="e.ae_id", where="", begins=1):
    return con.sql(f"""
        SELECT
            MIN(e.ae_id) AS ae_id,
            SUM(CASE WHEN {counted} THEN 1 ELSE 0 END) AS aims,
            MAX(a.notional_level_v2) AS highest_level
        FROM {ILR}.aims AS a
        JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
        WHERE a.year = {year - begins} {where}
        GROUP BY {who}
    """)


def aims_of(year):
    return f"""
        SELECT e.ae_id, a.aimtype, a.notional_level_v2 AS level
        FROM {ILR}.aims AS a JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
        WHERE a.year = {year - 1}
    """


def learners_pandas(con, year):
    aims = con.sql(f"SELECT recordid, year, aimtype, notional_level_v2 FROM {ILR}.aims").df()
    people = con.sql(f"SELECT recordid, ae_id FROM {LEO}.education_records_lookup").df()
    mine = aims[aims["year"] == year - 1].merge(people, on="recordid")
    mine["counts"] = (mine["aimtype"] != 1).astype(int)
    table = mine.groupby("ae_id").agg(aims=("counts", "sum"), highest_level=("notional_level_v2", "max"))
    return table.reset_index()


def learners_joined_frames(con, year):
    rows = con.sql(aims_of(year)).df()
    counted = rows[rows["aimtype"].isin([3, 4])].groupby("ae_id").size().rename("aims")
    highest = rows.sort_values("level").drop_duplicates("ae_id", keep="last").set_index("ae_id")["level"]
    table = highest.rename("highest_level").to_frame().join(counted).fillna({"aims": 0})
    return table.astype({"aims": int}).reset_index()


def learners_by_record(con, year):
    """Learner records first, then people; the label of the academic year instead of its number."""
    return con.sql(f"""
        WITH records AS (
            SELECT recordid, COUNT(*) FILTER (WHERE aimtype <> 1) AS aims, MAX(notional_level_v2) AS level
            FROM {ILR}.aims WHERE academicyear = '{year - 1}/{year}' GROUP BY recordid
        )
        SELECT e.ae_id, SUM(r.aims) AS aims, MAX(r.level) AS highest_level
        FROM records AS r JOIN {LEO}.education_records_lookup AS e ON e.recordid = r.recordid GROUP BY e.ae_id
    """)


def learners_window(con, year):
    return con.sql(f"""
        SELECT ae_id, aims, level AS highest_level
        FROM (
            SELECT ae_id, level,
                SUM(CASE WHEN aimtype = 1 THEN 0 ELSE 1 END) OVER (PARTITION BY ae_id) AS aims,
                ROW_NUMBER() OVER (PARTITION BY ae_id ORDER BY level DESC) AS place
            FROM ({aims_of(year)}) AS rows_of_the_year
        ) AS ranked
        WHERE place = 1
    """)


Q6 = Question(
    name="q6",
    title="Learners and their aims, as a function of the year",
    answer_name="learners",
    kind="function",
    points=2,
    columns={"ae_id": "number", "aims": "number", "highest_level": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=AFTER_LESSON,
    reference_sql=learners,
    reference_pandas=learners_pandas,
    alternatives=(learners_by_record, learners_window, learners_joined_frames),
    calls=({"year": 2014}, {"year": 2017}),
    universe=f"SELECT DISTINCT ae_id FROM {LEO}.education_records_lookup",
    hints=(
        "A person has a learner record at each provider and in each year, and each record has several aims.",
        "The view aims has RECORDID; education_records_lookup leads from it to the person.",
        "In this view, year is the year in which the academic year begins. A programme aim has aimtype 1.",
    ),
    misconceptions=(
        slip(
            "programme-aim-as-course",
            "You counted programme aims too. A programme aim stands for the whole apprenticeship or traineeship, "
            "whose courses are in the component aims: leave out aimtype 1.",
            lambda con, year: learners(con, year, counted="1 = 1"),
        ),
        slip(
            "ilr-year-begins",
            "In the individualised learner record, year is the calendar year in which the academic year begins: "
            "2013/14 is 2013. You took the year after.",
            lambda con, year: learners(con, year, begins=0),
        ),
        slip(
            "achieved-only",
            "You kept only aims that were achieved in the year, so people who withdrew or go on are missing or have "
            "too few aims.",
            lambda con, year: learners(con, year, where="AND a.achievement = 1"),
        ),
        slip(
            "learner-record-not-person",
            "You made one row for each learner record. Somebody at two providers has two: group by the person.",
            lambda con, year: learners(con, year, who="a.recordid"),
        ),
    ),
)


# q7: apprenticeship starts -------------------------------------------------------------------------


def starts(con, year, programme="a.app = 1 AND a.aimtype = 1", first=None, last=None, view_year=None, extra=""):
    first, last = first or date(year - 1, 8, 1), last or date(year, 7, 31)
    began = f"a.year = {view_year}" if view_year else f"a.start_date BETWEEN DATE '{first}' AND DATE '{last}'"
    counted = "DISTINCT CONCAT(e.ae_id, ' ', a.start_date)"
    return con.sql(f"""
        SELECT
            CASE WHEN a.leveloflearning = 7.5 THEN 2 WHEN a.leveloflearning = 9.5 THEN 3 ELSE 4 END AS level,
            COUNT({"*" if "aimtype" not in programme else counted}) AS starts
        FROM {ILR}.aims AS a
        JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
        WHERE {programme} AND {began} {extra}
        GROUP BY 1
    """)


STARTS_ROWS = f"""
    SELECT e.ae_id, a.start_date, a.year, a.start, CAST(a.leveloflearning AS DOUBLE) AS code
    FROM {ILR}.aims AS a JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
    WHERE a.app = 1 AND a.aimtype = 1
"""


def starts_pandas(con, year):
    rows = con.sql(STARTS_ROWS).df().drop_duplicates(["ae_id", "start_date", "code"])
    began = rows[(rows["start_date"] >= f"{year - 1}-08-01") & (rows["start_date"] <= f"{year}-07-31")]
    level = began["code"].map({7.5: 2, 9.5: 3}).fillna(4).astype(int)
    return level.rename("level").value_counts().rename("starts").reset_index()


def starts_by_flag(con, year):
    """The flag says that an aim began in the academic year of its row."""
    return con.sql(f"""
        SELECT CASE leveloflearning WHEN 7.5 THEN 2 WHEN 9.5 THEN 3 ELSE 4 END AS level, COUNT(*) AS starts
        FROM {ILR}.aims
        WHERE year = {year - 1} AND app = 1 AND aimtype = 1 AND start = 1
        GROUP BY 1
    """)


def starts_first_row(con, year):
    return con.sql(f"""
        WITH numbered AS (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY ae_id, start_date, code ORDER BY year) AS place
            FROM ({STARTS_ROWS}) AS programmes
        )
        SELECT CASE WHEN code < 8 THEN 2 WHEN code < 10 THEN 3 ELSE 4 END AS level, COUNT(*) AS starts
        FROM numbered
        WHERE place = 1 AND YEAR(start_date) - CASE WHEN MONTH(start_date) >= 8 THEN 0 ELSE 1 END = {year - 1}
        GROUP BY 1
    """)


def starts_counter(con, year):
    seen = {
        (person, day): 2 if code == 7.5 else 3 if code == 9.5 else 4
        for person, day, _, _, code in con.sql(STARTS_ROWS).fetchall()
        if date(year - 1, 8, 1) <= day <= date(year, 7, 31)
    }
    levels = list(seen.values())
    return [{"level": level, "starts": levels.count(level)} for level in sorted(set(levels))]


Q7 = Question(
    name="q7",
    title="Apprenticeship starts by level, as a function of the year",
    answer_name="starts",
    kind="function",
    points=3,
    columns={"level": "number", "starts": "number"},
    identity=("level",),
    unit="level",
    lesson=AFTER_LESSON,
    reference_sql=starts,
    reference_pandas=starts_pandas,
    alternatives=(starts_by_flag, starts_first_row, starts_counter),
    calls=({"year": 2013}, {"year": 2018}),
    hints=(
        "One apprenticeship has a programme aim and component aims, in every academic year that it touches.",
        "Keep app = 1 and aimtype = 1, and look at start_date, not at the year of the row.",
        "Count distinct pairs of person and start_date, with start_date from 1 August to 31 July.",
    ),
    misconceptions=(
        slip(
            "every-aim-a-start",
            "You counted component aims. An apprenticeship has a programme aim for the whole and component aims for "
            "its parts: count programme aims.",
            lambda con, year: starts(
                con,
                year,
                programme="a.programme_type IN (2, 3, 20, 21, 22, 23, 25)",
                view_year=year - 1,
                extra="AND a.start = 1",
            ),
        ),
        slip(
            "participants-as-starts",
            "You counted everybody with an apprenticeship in the year. Most began it in the year before: only those "
            "whose start_date lies in the year are starts.",
            lambda con, year: starts(con, year, view_year=year - 1),
        ),
        slip(
            "ilr-year-begins",
            "Your starts lie a year too late. In the individualised learner record, year is the calendar year in which "
            "the academic year begins.",
            lambda con, year: starts(con, year + 1),
        ),
        slip(
            "calendar-year-of-start",
            "You counted starts of the calendar year. Apprenticeship starts are published by academic year, "
            "1 August to 31 July.",
            lambda con, year: starts(con, year, first=date(year, 1, 1), last=date(year, 12, 31)),
        ),
        slip(
            "achieved-only",
            "You counted only starts that were achieved. A start counts whatever comes of it.",
            lambda con, year: starts(con, year, extra="AND a.achievement = 1"),
        ),
    ),
)


# q8: into higher education -------------------------------------------------------------------------


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


Q8 = Question(
    name="q8",
    title="From key stage 4 to a first degree, as a function of the year",
    answer_name="entered",
    kind="function",
    points=3,
    columns={PMR: "text", "entered": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=AFTER_LESSON,
    reference_sql=entered,
    reference_pandas=entered_pandas,
    alternatives=(entered_exists, entered_union, entered_sets),
    calls=({"year": 2009}, {"year": 2012}),
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "Every pupil of the cohort has a row. Those without a student record have 0.",
        "A HESA view is named after the year in which the academic year ends: 2011/12 is hesa_2012.",
        "LEFT JOIN the cohort to the union of hesa_{year + 3} and hesa_{year + 4}, he_xlev501 = '3', one row a pupil.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "You kept only pupils with a student record. The others are the rest of the cohort, and entered is 0 for "
            "them: without them there is no rate.",
            lambda con, year: entered(con, year, join="JOIN"),
        ),
        slip(
            "hesa-year-begins",
            "You took the student records one year too early. hesa_2012 is the academic year 2011/12: the name is the "
            "year in which it ends.",
            lambda con, year: entered(con, year, after=(2, 3)),
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
            lambda con, year: entered(con, year, level=""),
        ),
    ),
)


# q9: applicants and applications -------------------------------------------------------------------


def applicants(
    con,
    cycle,
    applications="SUM(main_scheme_application_flag)",
    offer="provider_decision_june30 IN ('Conditional offer', 'Unconditional offer')",
    accepted="MAX(accept_flag)",
    where="",
):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous, {applications} AS applications,
            SUM(CASE WHEN {offer} THEN 1 ELSE 0 END) AS offers, {accepted} AS accepted
        FROM {UCAS}.ucas_{cycle}
        {where}
        GROUP BY pupilmatchingrefanonymous
    """)


def applications_as_rows(con, cycle):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous, main_scheme_application_flag AS applications,
            CASE WHEN provider_decision_june30 LIKE '%offer' THEN 1 ELSE 0 END AS offers, accept_flag AS accepted
        FROM {UCAS}.ucas_{cycle}
    """)


def applications_of(cycle):
    return f"""
        SELECT pupilmatchingrefanonymous, main_scheme_application_flag AS main, provider_decision_june30 AS decision,
            accept_flag
        FROM {UCAS}.ucas_{cycle}
    """


def applicants_pandas(con, cycle):
    rows = con.sql(applications_of(cycle)).df()
    rows["offer"] = rows["decision"].isin(["Conditional offer", "Unconditional offer"]).astype(int)
    return (
        rows.groupby(PMR)
        .agg(applications=("main", "sum"), offers=("offer", "sum"), accepted=("accept_flag", "max"))
        .reset_index()
    )


def applicants_pivot(con, cycle):
    rows = con.sql(applications_of(cycle)).df()
    table = rows[[PMR]].drop_duplicates().set_index(PMR)
    table["applications"] = rows[rows["main"] == 1][PMR].value_counts()
    table["offers"] = rows[rows["decision"].fillna("").str.endswith(" offer")][PMR].value_counts()
    table = table.fillna(0).astype(int)
    table["accepted"] = table.index.isin(rows.loc[rows["accept_flag"] == 1, PMR]).astype(int)
    return table.reset_index()


def applicants_filter(con, cycle):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous,
            COUNT(*) FILTER (WHERE main_scheme_application_flag = 1) AS applications,
            COUNT(*) FILTER (WHERE provider_decision_june30 LIKE '%offer') AS offers,
            CASE WHEN SUM(accept_flag) > 0 THEN 1 ELSE 0 END AS accepted
        FROM {UCAS}.ucas_{cycle}
        GROUP BY pupilmatchingrefanonymous
    """)


def applicants_joined(con, cycle):
    """Each count by itself, then side by side."""
    return con.sql(f"""
        WITH rows_of_cycle AS ({applications_of(cycle)}),
        people AS (SELECT DISTINCT pupilmatchingrefanonymous AS pmr FROM rows_of_cycle),
        main AS (
            SELECT pupilmatchingrefanonymous AS pmr, COUNT(*) AS n FROM rows_of_cycle WHERE main = 1 GROUP BY 1
        ),
        offers AS (
            SELECT pupilmatchingrefanonymous AS pmr, COUNT(*) AS n FROM rows_of_cycle
            WHERE decision <> 'Rejection' GROUP BY 1
        )
        SELECT p.pmr AS pupilmatchingrefanonymous, COALESCE(m.n, 0) AS applications, COALESCE(o.n, 0) AS offers,
            CASE WHEN EXISTS (
                SELECT 1 FROM rows_of_cycle AS r WHERE r.pupilmatchingrefanonymous = p.pmr AND r.accept_flag = 1
            ) THEN 1 ELSE 0 END AS accepted
        FROM people AS p LEFT JOIN main AS m ON m.pmr = p.pmr LEFT JOIN offers AS o ON o.pmr = p.pmr
    """)


Q9 = Question(
    name="q9",
    title="Applicants, applications and offers, as a function of the cycle",
    answer_name="applicants",
    kind="function",
    points=2,
    columns={PMR: "text", "applications": "number", "offers": "number", "accepted": "number"},
    identity=(PMR,),
    unit="applicant",
    people=True,
    lesson=AFTER_LESSON,
    reference_sql=applicants,
    reference_pandas=applicants_pandas,
    alternatives=(applicants_filter, applicants_joined, applicants_pivot),
    calls=({"cycle": 2016}, {"cycle": 2018}),
    universe=f"""
        SELECT DISTINCT pupilmatchingrefanonymous FROM {UCAS}.ucas_2016
        UNION SELECT DISTINCT pupilmatchingrefanonymous FROM {UCAS}.ucas_2018
    """,
    hints=(
        "A row is an application: an applicant has up to five in the main scheme, and one more in Clearing.",
        "There are two kinds of offer. Whether somebody was accepted is a flag, not their reply.",
        "SUM(main_scheme_application_flag), a conditional sum over both kinds of offer, MAX(accept_flag).",
    ),
    misconceptions=(
        slip(
            "clearing-counted",
            "You counted acceptances in Clearing as applications. They are made after the main scheme: add up "
            "main_scheme_application_flag.",
            lambda con, cycle: applicants(con, cycle, applications="COUNT(*)"),
        ),
        slip(
            "clearing-lost",
            "You looked at the main scheme only, so people who were accepted through Clearing look rejected.",
            lambda con, cycle: applicants(con, cycle, where="WHERE main_scheme_application_flag = 1"),
        ),
        slip(
            "conditional-only",
            "You counted conditional offers only. An unconditional offer is an offer, too.",
            lambda con, cycle: applicants(con, cycle, offer="provider_decision_june30 = 'Conditional offer'"),
        ),
        slip(
            "firm-is-accepted",
            "You took a firm reply for an acceptance. Firm is what the applicant chose in June; whether the place was "
            "given came with the results, and accept_flag says so.",
            lambda con, cycle: applicants(
                con, cycle, accepted="MAX(CASE WHEN app_response_june30 = 'Firm' THEN 1 ELSE 0 END)"
            ),
        ),
        slip(
            "application-not-applicant",
            "You made one row for each application. An applicant has several: group by the person.",
            applications_as_rows,
        ),
    ),
)


# q10: not in education, employment or training -----------------------------------------------------

NCCIS = f"{NPD}.nccis_2011_to_2021"


def neet_sql(
    code="nccis_current_activity_code BETWEEN 600 AND 699", person="nccis_pupilmatchingrefanonymous", where=""
):
    return f"""
SELECT nccis_acadyr AS academic_year, COUNT(DISTINCT {person}) AS people,
    100.0 * COUNT(DISTINCT CASE WHEN {code} THEN {person} END) / COUNT(DISTINCT {person}) AS percentage
FROM {NCCIS}
WHERE nccis_acadyr <= '2015/2016' {where}
GROUP BY nccis_acadyr
"""


NEET_SQL = neet_sql()
NEET_ENTRIES = f"""
SELECT nccis_acadyr AS academic_year, COUNT(*) AS people,
    100.0 * SUM(CASE WHEN nccis_current_activity_code BETWEEN 600 AND 699 THEN 1 ELSE 0 END) / COUNT(*) AS percentage
FROM {NCCIS}
WHERE nccis_acadyr <= '2015/2016'
GROUP BY nccis_acadyr
"""
NEET_COLUMNS = f"""
    SELECT nccis_acadyr AS academic_year, nccis_pupilmatchingrefanonymous AS pmr, nccis_current_activity_code AS code
    FROM {NCCIS} WHERE nccis_acadyr <= '2015/2016'
"""


def neet_pandas(con):
    rows = con.sql(NEET_COLUMNS).df()
    rows["neet"] = rows["code"].between(600, 699)
    people = rows.groupby(["academic_year", "pmr"])["neet"].any().groupby("academic_year")
    return pd.DataFrame({"people": people.size(), "percentage": 100 * people.mean()}).reset_index()


def neet_sets(con):
    everybody, neet = {}, {}
    for year, pupil, code in con.sql(NEET_COLUMNS).fetchall():
        everybody.setdefault(year, set()).add(pupil)
        if code // 100 == 6:
            neet.setdefault(year, set()).add(pupil)
    return [
        {"academic_year": year, "people": len(all_), "percentage": 100 * len(neet.get(year, ())) / len(all_)}
        for year, all_ in everybody.items()
    ]


NEET_TWO_STEPS = f"""
WITH person AS (
    SELECT nccis_acadyr, nccis_pupilmatchingrefanonymous,
        MAX(CASE WHEN nccis_current_activity_code / 100 >= 6 AND nccis_current_activity_code < 700 THEN 1 ELSE 0 END)
            AS neet
    FROM {NCCIS} WHERE nccis_acadyr <= '2015/2016' GROUP BY nccis_acadyr, nccis_pupilmatchingrefanonymous
)
SELECT nccis_acadyr AS academic_year, COUNT(*) AS people, 100.0 * AVG(neet) AS percentage
FROM person GROUP BY nccis_acadyr
"""
NEET_JOINED = f"""
WITH everybody AS (
    SELECT DISTINCT nccis_acadyr AS academic_year, nccis_pupilmatchingrefanonymous AS pmr
    FROM {NCCIS} WHERE nccis_acadyr <= '2015/2016'
),
neet AS (
    SELECT DISTINCT nccis_acadyr AS academic_year, nccis_pupilmatchingrefanonymous AS pmr
    FROM {NCCIS} WHERE CAST(nccis_current_activity_code AS VARCHAR) LIKE '6__'
)
SELECT e.academic_year, COUNT(*) AS people, 100.0 * COUNT(n.pmr) / COUNT(*) AS percentage
FROM everybody AS e LEFT JOIN neet AS n ON n.academic_year = e.academic_year AND n.pmr = e.pmr
GROUP BY e.academic_year
"""

Q10 = Question(
    name="q10",
    title="Not in education, employment or training",
    answer_name="q10",
    kind="sql",
    points=2,
    columns={"academic_year": "text", "people": "number", "percentage": "number"},
    identity=("academic_year",),
    unit="academic year",
    lesson=AFTER_LESSON,
    reference_sql=NEET_SQL,
    reference_pandas=neet_pandas,
    alternatives=(NEET_TWO_STEPS, NEET_JOINED, neet_sets),
    tolerance={"percentage": 0.005},
    hints=(
        "A young person has an entry for each change of activity: rows are not people.",
        "Codes 600 to 699 say not in education, employment or training. Codes from 800 say that nobody knows.",
        "Count distinct people with such a code, over distinct people, by nccis_acadyr.",
    ),
    misconceptions=(
        slip(
            "entries-not-people",
            "You counted entries. Somebody whose activity changes has several in a year: count people.",
            NEET_ENTRIES,
        ),
        slip(
            "unknown-as-neet",
            "You counted everybody with a code of 600 or more. Codes from 800 mean that the local authority does not "
            "know, not that the person does nothing.",
            neet_sql(code="nccis_current_activity_code >= 600"),
        ),
        slip(
            "seeking-work-only",
            "You counted code 619 alone, those who look for work. Carers, parents and people who are ill are not in "
            "education, employment or training either: the codes run from 600 to 699.",
            neet_sql(code="nccis_current_activity_code = 619"),
        ),
        slip(
            "untrained-work-as-neet",
            "You counted jobs without training. Code 330 is employment, so such a person is not NEET.",
            neet_sql(code="nccis_current_activity_code BETWEEN 600 AND 699 OR nccis_current_activity_code = 330"),
        ),
        slip(
            "unknown-out-of-the-base",
            "You left people out whose activity was not known at some time. They belong to the caseload of the year, "
            "so they stay in the base here.",
            neet_sql(
                where=f"""AND nccis_pupilmatchingrefanonymous NOT IN (
                    SELECT nccis_pupilmatchingrefanonymous FROM {NCCIS} WHERE nccis_current_activity_code >= 800
                )"""
            ),
        ),
    ),
)


# q11: a figure through the reforms -----------------------------------------------------------------


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


Q11 = figure_question(
    name="q11",
    title="Five good GCSEs through the reforms, as a figure",
    points=3,
    lesson=ATTAINMENT_LESSON,
    reference_sql=through_reforms,
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
            lambda con: through_reforms(con, until=2013),
        ),
        slip(
            "without-english-and-maths",
            "You drew level 2 in any subjects, which lies higher and is not what the question asks for: English and "
            "mathematics must be among the five.",
            lambda con: through_reforms(con, old="COALESCE(ks4_level2, ks4_level2_ptq)", new="ks4_level2_ptq_ee"),
        ),
        slip(
            "records-counted",
            "You averaged over records. Some pupils have two, and the second holds only part of the results: one row a "
            "pupil and year first.",
            lambda con: through_reforms(con, once=False),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: through_reforms(con, value="1.0 * AVG(reached)"),
        ),
    ),
)


# q12: main activity --------------------------------------------------------------------------------

ACTIVITY_COHORT = f"""
    SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pmr, p.ae_id, e.edukey
    FROM {OLD_KS4} AS k
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
    JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
    WHERE k.ks4_acadyr BETWEEN '2010/2011' AND '2012/2013'
"""
HE_SPELLS = " UNION ALL ".join(
    f"""
    SELECT c.pmr, 1 AS kind, GREATEST(h.he_comdate, DATE '{year - 1}-08-01') AS first_day,
        COALESCE(h.he_enddate, DATE '{year}-07-31') AS last_day
    FROM cohort AS c JOIN hesa_i2."2005003".hesa_{year} AS h ON h.he_pupilmatchingrefanonymous = c.pmr
    """
    for year in (2018, 2019)
)
FE_SPELLS = f"""
    SELECT c.pmr, 2 AS kind, GREATEST(a.start_date, make_date(a.year, 8, 1)) AS first_day,
        LEAST(
            CASE
                WHEN a.end_date IS NULL THEN make_date(a.year + 1, 7, 31)
                WHEN a.end_date = DATE '1900-01-01' THEN a.end_date_expected
                ELSE a.end_date
            END,
            make_date(a.year + 1, 7, 31)
        ) AS last_day
    FROM cohort AS c
    JOIN {LEO}.education_records_lookup AS r ON r.ae_id = c.ae_id
    JOIN {ILR}.aims AS a ON a.recordid = r.recordid
    WHERE a.year IN (2017, 2018)
"""


def benefit_spells(condition="b.out_of_work_benefit = 1"):
    return f"""
    SELECT c.pmr, 3 AS kind, b.startdate AS first_day, b.enddate AS last_day
    FROM cohort AS c JOIN {LEO}.leo_benefit AS b ON b.edukey = c.edukey WHERE {condition}
    """


WORK_SPELLS = f"""
    SELECT c.pmr, 4 AS kind, s.startdate AS first_day, s.enddate AS last_day
    FROM cohort AS c JOIN {LEO}.leo_employment AS s ON s.edukey = c.edukey
"""
ACTIVITY_MONTHS = ", ".join(
    f"({n}, DATE '{2018 + n // 9}-{(n + 3) % 12 + 1:02d}-01', DATE '{2018 + (n + 1) // 9}-{(n + 4) % 12 + 1:02d}-01')"
    for n in range(12)
)


def activity_sql(
    benefits="b.out_of_work_benefit = 1", run="MAX(run)", work_first=False, work=12, seen_only=False, lost_ends=False
):
    """Main activity of tax year 2018/19 as a code, by runs of months."""
    employed = f"WHEN l.employment >= {work} THEN 4"
    # a missing end compares with nothing, so its row drops out
    higher = re.sub(r"COALESCE\(h.he_enddate, DATE '.{10}'\)", "h.he_enddate", HE_SPELLS) if lost_ends else HE_SPELLS
    further = FE_SPELLS + (" AND a.end_date IS NOT NULL" if lost_ends else "")
    return f"""
WITH cohort AS ({ACTIVITY_COHORT}),
spells AS ({higher} UNION ALL {further} UNION ALL {benefit_spells(benefits)} UNION ALL {WORK_SPELLS}),
covered AS (
    SELECT DISTINCT s.pmr, s.kind, m.n
    FROM spells AS s
    JOIN (VALUES {ACTIVITY_MONTHS}) AS m (n, first_day, next_first)
        ON s.first_day < m.next_first AND s.last_day >= m.first_day AND s.first_day <= s.last_day
),
islands AS (
    SELECT pmr, kind, n - ROW_NUMBER() OVER (PARTITION BY pmr, kind ORDER BY n) AS island FROM covered
),
runs AS (SELECT pmr, kind, COUNT(*) AS run FROM islands GROUP BY pmr, kind, island),
longest AS (SELECT pmr, kind, {run} AS run, SUM(run) AS months FROM runs GROUP BY pmr, kind),
wide AS (
    SELECT pmr,
        MAX(CASE WHEN kind = 1 THEN run ELSE 0 END) AS higher,
        MAX(CASE WHEN kind = 2 THEN run ELSE 0 END) AS further,
        MAX(CASE WHEN kind = 3 THEN run ELSE 0 END) AS benefits,
        MAX(CASE WHEN kind = 4 THEN months ELSE 0 END) AS employment
    FROM longest
    GROUP BY pmr
)
SELECT c.pmr AS pupilmatchingrefanonymous,
    CASE
        WHEN l.pmr IS NULL THEN 6
        {employed if work_first else ""}
        WHEN l.higher >= 6 THEN 1
        WHEN l.further >= 6 THEN 2
        WHEN l.benefits >= 6 THEN 3
        {employed}
        ELSE 5
    END AS activity
FROM (SELECT DISTINCT pmr FROM cohort) AS c
{"JOIN" if seen_only else "LEFT JOIN"} wide AS l ON l.pmr = c.pmr
"""


ACTIVITY_SQL = activity_sql()


ACTIVITY_SPELLS = f"""
    cohort AS ({ACTIVITY_COHORT}),
    every_spell AS ({HE_SPELLS} UNION ALL {FE_SPELLS} UNION ALL {benefit_spells()} UNION ALL {WORK_SPELLS}),
    people AS (SELECT DISTINCT pmr FROM cohort),
    spells AS (
        SELECT pmr, kind, GREATEST((YEAR(first_day) - 2018) * 12 + MONTH(first_day) - 4, 0) AS first_month,
            LEAST((YEAR(last_day) - 2018) * 12 + MONTH(last_day) - 4, 11) AS last_month
        FROM every_spell
        WHERE first_day <= last_day AND first_day < DATE '2019-04-01' AND last_day >= DATE '2018-04-01'
    )
"""
"""The people, and their spells as first and last month counted from April 2018."""


def activity_spells(con):
    return con.sql(f"WITH {ACTIVITY_SPELLS} SELECT pmr, kind, first_month, last_month FROM spells")


def activity_people(con):
    return sorted({row[0] for row in con.sql(ACTIVITY_COHORT).fetchall()})


def activity_pandas(con):
    """Each kind as a text of twelve noughts and ones, in which six ones in a row can be looked for."""
    spells = activity_spells(con).df()
    days = spells.loc[spells.index.repeat(spells["last_month"] - spells["first_month"] + 1)].copy()
    days["month"] = days["first_month"] + days.groupby(level=0).cumcount()
    days = days.drop_duplicates(["pmr", "kind", "month"])
    grid = days.assign(on="1").pivot(index=["pmr", "kind"], columns="month", values="on")
    text = grid.reindex(columns=range(12)).fillna("0").agg("".join, axis=1).unstack("kind")
    text = text.reindex(index=activity_people(con), columns=[1, 2, 3, 4])
    activity = pd.Series(5, index=text.index)
    activity[(text[4] == "1" * 12)] = 4
    for kind in (3, 2, 1):
        activity[text[kind].fillna("").str.contains("1" * 6)] = kind
    activity[text.isna().all(axis=1)] = 6
    return pd.DataFrame({PMR: activity.index, "activity": activity.to_numpy()})


def activity_sets(con):
    """Months as sets, person by person."""
    months = {}
    for pupil, kind, first, last in activity_spells(con).fetchall():
        months.setdefault(pupil, {}).setdefault(kind, set()).update(range(first, last + 1))
    rows = []
    for pupil in activity_people(con):
        mine = months.get(pupil, {})
        kept = [
            kind for kind in (1, 2, 3)
            if any(set(range(start, start + 6)) <= mine.get(kind, set()) for start in range(7))
        ]  # fmt: skip
        if len(mine.get(4, ())) == 12:
            kept.append(4)
        rows.append({PMR: pupil, "activity": kept[0] if kept else 5 if mine else 6})
    return rows


def activity_masks(con):
    """Twelve bits a kind. A number and its five shifts have a bit in common if six bits stand in a row."""
    return con.sql(f"""
        WITH {ACTIVITY_SPELLS},
        masks AS (
            SELECT pmr, kind, BIT_OR(((1 << (last_month + 1)) - (1 << first_month))::BIGINT) AS bits
            FROM spells GROUP BY pmr, kind
        ),
        kept AS (
            SELECT pmr, MIN(CASE
                WHEN kind = 4 THEN CASE WHEN bits = 4095 THEN 4 ELSE 5 END
                WHEN bits & (bits >> 1) & (bits >> 2) & (bits >> 3) & (bits >> 4) & (bits >> 5) > 0 THEN kind
                ELSE 5
            END) AS activity
            FROM masks GROUP BY pmr
        )
        SELECT p.pmr AS pupilmatchingrefanonymous, COALESCE(k.activity, 6) AS activity
        FROM people AS p LEFT JOIN kept AS k ON k.pmr = p.pmr
    """)


def activity_windows(con):
    """Six months in a row as a join with the seven windows that there are."""
    return con.sql(f"""
        WITH {ACTIVITY_SPELLS},
        covered AS (
            SELECT DISTINCT s.pmr, s.kind, m.range AS n
            FROM spells AS s JOIN range(12) AS m ON m.range BETWEEN s.first_month AND s.last_month
        ),
        windows AS (
            SELECT c.pmr, c.kind, w.range AS start, COUNT(*) AS months
            FROM covered AS c JOIN range(7) AS w ON c.n BETWEEN w.range AND w.range + 5 GROUP BY ALL
        ),
        kept AS (
            SELECT pmr, kind FROM windows WHERE kind < 4 AND months = 6
            UNION SELECT pmr, kind FROM covered WHERE kind = 4 GROUP BY pmr, kind HAVING COUNT(*) = 12
            UNION SELECT pmr, 5 FROM covered
            UNION SELECT pmr, 6 FROM people
        )
        SELECT pmr AS pupilmatchingrefanonymous, MIN(kind) AS activity FROM kept GROUP BY pmr
    """)


Q12 = Question(
    name="q12",
    title="Main activity in 2018/19",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={PMR: "text", "activity": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=AFTER_LESSON,
    reference_sql=ACTIVITY_SQL,
    reference_pandas=activity_pandas,
    alternatives=(activity_sets, activity_masks, activity_windows),
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "Stack four kinds of spell with a number for the kind, join them to twelve months, and keep distinct months.",
        "Months in a row share a value of month number less ROW_NUMBER: count them, and take the longest run.",
        "One CASE does the hierarchy: 1, 2, 3 with a run of six or more, 4 with twelve months, 5, and 6 for no month.",
    ),
    misconceptions=(
        slip(
            "work-before-education",
            "You let employment go first. In the published hierarchy education and out-of-work benefits come before "
            "it: a student who works all year is in education.",
            activity_sql(work_first=True),
        ),
        slip(
            "going-on-dropped",
            "You lost study that goes on. A missing end date compares with nothing, so the row drops out: take 31 July "
            "of the academic year instead.",
            activity_sql(lost_ends=True),
        ),
        slip(
            "six-months-of-work",
            "You asked for six months of work. Under this rule somebody is employed only with a day in work in each of "
            "the twelve months.",
            activity_sql(work=6),
        ),
        slip(
            "any-benefit",
            "You counted every benefit. Disability benefits and universal credit while working are not out-of-work "
            "benefits: out_of_work_benefit = 1 tells.",
            activity_sql(benefits="1 = 1"),
        ),
        slip(
            "not-captured-dropped",
            "You lost people about whom nothing is recorded in the year. They could be linked, so they stay in, as "
            "activity not captured.",
            activity_sql(seen_only=True),
        ),
    ),
)

ASSIGNMENT = Assignment(
    name="03-attainment-and-pathways",
    title="Attainment and pathways",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9, Q10, Q11, Q12),
    written={"q13": 4},
    worked=Q0,
)
