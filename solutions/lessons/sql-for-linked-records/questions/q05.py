"""Mend a left join that its WHERE clause undoes."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, slip


def joined(end: str, join: str = "LEFT JOIN") -> str:
    return f"""
SELECT r.pmr, c.fsmeligible_spr10 AS fsm
FROM (SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr
      FROM {NPD}.ks4pupil_2002_to_2014
      WHERE ks4_acadyr = '2009/2010') AS r
{join} {NPD}.spring_census_2010 AS c
  ON c.pupilmatchingrefanonymous_spr10 = r.pmr
{end}
"""


def with_pandas(con):
    pupils = con.sql(f"""
        SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2002_to_2014
        WHERE ks4_acadyr = '2009/2010'
    """).df()
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr10 AS pmr, fsmeligible_spr10 AS fsm FROM {NPD}.spring_census_2010
        WHERE recordstatus_spr10 < 100
    """).df()
    return pupils.merge(census, on="pmr", how="left", validate="one_to_one")


QUESTION = exercise(
    "mend",
    "q5",
    title="Keep everybody",
    columns={"pmr": "text", "fsm": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="The join that loses people",
    reference_sql=joined("AND c.recordstatus_spr10 < 100"),
    reference_pandas=with_pandas,
    universe=f"SELECT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2002_to_2014 "
             "WHERE ks4_acadyr = '2009/2010'",
    hints=(
        "What is in recordstatus for a pupil who is in no census?",
        "The condition is right. Its place is not.",
        "Which rows may be paired is said with the key, before any row is filtered.",
    ),
    misconceptions=(
        slip("where-after-left-join", "Pupils without a census record are gone: their recordstatus is NULL, and WHERE "
             "drops them. Say it with the key instead, so that it only decides which rows are paired.",
             joined("WHERE c.recordstatus_spr10 < 100")),
        slip("every-record", "Pupils with two census records are there twice. Pair a pupil with the main record alone.",
             joined("")),
    ),
    alternatives=(f"""
        WITH c AS (SELECT pupilmatchingrefanonymous_spr10 AS pmr, fsmeligible_spr10 AS fsm
                   FROM {NPD}.spring_census_2010 WHERE recordstatus_spr10 < 100)
        SELECT r.pmr, MAX(c.fsm) AS fsm
        FROM (SELECT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2002_to_2014
              WHERE ks4_acadyr = '2009/2010') AS r LEFT JOIN c ON c.pmr = r.pmr GROUP BY r.pmr""",),
)  # fmt: skip
