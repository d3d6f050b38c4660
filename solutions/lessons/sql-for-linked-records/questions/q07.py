"""Complete a chain of queries: each part to one row a pupil."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, slip, wrong


def chain(
    absence: str = "mainrecord_ab10 = 1", census: str = "recordstatus_spr10 < 100", join: str = "LEFT JOIN"
) -> str:
    return f"""
WITH missed AS (
    SELECT pupilmatchingrefanonymous_ab10 AS pmr, overallabsence_3term_ab10 AS missed
    FROM {NPD}.absence_2010_3term
    WHERE {absence}),
pupils AS (
    SELECT pupilmatchingrefanonymous_spr10 AS pmr, fsmeligible_spr10 AS fsm
    FROM {NPD}.spring_census_2010
    WHERE ncyearactual_spr10 = '5' AND {census})
SELECT p.fsm, COUNT(*) AS pupils, SUM(m.missed) AS missed
FROM pupils AS p {join} missed AS m ON m.pmr = p.pmr
GROUP BY p.fsm
"""


def with_pandas(con):
    absence = con.sql(f"""
        SELECT pupilmatchingrefanonymous_ab10 AS pmr, CAST(overallabsence_3term_ab10 AS int) AS missed
        FROM {NPD}.absence_2010_3term WHERE mainrecord_ab10 = 1
    """).df()
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr10 AS pmr, fsmeligible_spr10 AS fsm FROM {NPD}.spring_census_2010
        WHERE ncyearactual_spr10 = '5' AND recordstatus_spr10 < 100
    """).df()
    by_fsm = pupils.merge(absence, on="pmr", how="left").groupby("fsm", as_index=False)
    return by_fsm.agg(pupils=("pmr", "size"), missed=("missed", "sum"))


QUESTION = exercise(
    "complete",
    "q7",
    title="Absence in year 5",
    columns={"fsm": "number", "pupils": "number", "missed": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    heading="Common table expressions",
    reference_sql=chain(),
    reference_pandas=with_pandas,
    hints=(
        "Both parts of the chain are to have one row for a pupil before they are joined.",
        "In the census a column of status says which record is the main one; in the absence table another column does.",
        "The chain in the lesson above had to do the same with both tables.",
    ),
    misconceptions=(
        slip("every-record", "A pupil with two records in the census is counted twice. Keep the main record.",
             chain(census="1 = 1")),
        wrong("every-absence", "Every record of absence", "A pupil with two records of absence meets both, and is "
              "counted twice. Keep the main record there too.", chain("1 = 1"), "Common table expressions"),
        wrong("second-absence", "The further records of absence", "You kept the records that are not the main one.",
              chain("mainrecord_ab10 = 0"), "Common table expressions"),
    ),
    alternatives=(chain("mainrecord_ab10 <> 0"),),
)  # fmt: skip
