"""Mend a query that gives some pupils twice."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, slip, wrong


def year_10(condition: str = "", distinct: str = "") -> str:
    return f"""
SELECT {distinct}pupilmatchingrefanonymous_spr12 AS pmr, fsmeligible_spr12 AS fsm
FROM {NPD}.spring_census_2012
WHERE ncyearactual_spr12 = '10'{condition}
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr12 AS pmr, fsmeligible_spr12 AS fsm, recordstatus_spr12 AS status,
               ncyearactual_spr12 AS taught
        FROM {NPD}.spring_census_2012
    """).df()
    return census[(census["taught"] == "10") & (census["status"] < 100)][["pmr", "fsm"]]


QUESTION = exercise(
    "mend",
    "q3",
    title="One row a pupil",
    columns={"pmr": "text", "fsm": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="One row a person",
    reference_sql=year_10(" AND recordstatus_spr12 < 100"),
    reference_pandas=with_pandas,
    universe=f"SELECT pupilmatchingrefanonymous_spr12 AS pmr FROM {NPD}.spring_census_2012",
    hints=(
        "Which of the three columns told a main record from any further one?",
        "Add one condition, joined to the other with AND.",
        "Main records have a status with one or two figures; the others have three.",
    ),
    misconceptions=(
        slip("every-record", "Every record is there, so pupils with a second record have two rows. Ask for the main "
             "record alone.", year_10()),
        slip("distinct", "DISTINCT leaves out a second record only where it says the same of free school meals. Where "
             "it says something else, both rows stay.", year_10(distinct="DISTINCT ")),
        slip("on-roll", "You kept those who are on roll. That leaves out records of former schools, and keeps both of "
             "a pupil who is registered at two schools.", year_10(" AND onroll_spr12 = 1")),
        wrong("status-0-only", "Main records of pupils with two records are gone",
              "You kept status 0, the pupils with a single record. Those who have a second record have a main one as "
              "well, with status 1 or 3.", year_10(" AND recordstatus_spr12 = 0"), "One row a person"),
    ),
    alternatives=(year_10(" AND NOT recordstatus_spr12 >= 100"), year_10(" AND recordstatus_spr12 IN (0, 1, 3)")),
)  # fmt: skip
