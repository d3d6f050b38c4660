"""Capped points of a year."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import ATTAINMENT_LESSON, OLD_KS4, PMR, slip

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

QUESTION = Question(
    name="q1",
    title="Capped points",
    answer_name="q1",
    kind="sql",
    points=2,
    columns={PMR: "text", "points": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    heading="One row a pupil, all years",
    reference_sql=CAPPED_SQL,
    reference_pandas=capped_pandas,
    alternatives=(CAPPED_WINDOW, CAPPED_NOT_EXISTS, capped_arrow, capped_drop_duplicates),
    tolerance={"points": 0.001},
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "Count records and count distinct pupils of the years. Are the two numbers the same?",
        "The question says which of two records to keep. An aggregate can do that.",
        "Group by the pupil alone: with the year among the columns to group by, what would a second record do?",
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
