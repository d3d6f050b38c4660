"""GCSEs and their equivalents."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import ATTAINMENT_LESSON, OLD_KS4, PMR, slip

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

QUESTION = Question(
    name="q4",
    title="Equivalents",
    answer_name="q4",
    kind="sql",
    points=3,
    columns={PMR: "text", "gcses": "number", "equivalents": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=ATTAINMENT_LESSON,
    heading="The same pupils under two sets of rules",
    reference_sql=PASSES_SQL,
    make=passes_sql,
    reference_pandas=passes_pandas,
    alternatives=(PASSES_FILTER, PASSES_JOINED, passes_pivot, passes_loop),
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "One row of the exam table is a pupil and a qualification: both counts are conditional sums over a pupil.",
        "Which field tells a GCSE from the rest, and which says what the rest are worth?",
        "Both sums look at ks4_sublevno and the grade. One adds 1 a row, the other the size.",
    ),
    misconceptions=(
        slip(
            "size-ignored",
            "You counted every other qualification as one. Under the rules of 2011/12 one could stand for two or four "
            "GCSEs: add up ks4_gsize.",
            size="1",
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
            disc="",
        ),
        slip(
            "any-grade",
            "You counted every entry, whatever its grade. A good GCSE is A* to C, and X is no pass.",
            good=False,
        ),
    ),
)
