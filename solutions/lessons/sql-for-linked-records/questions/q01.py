"""Mend a condition without brackets."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, slip, wrong


def girls(condition: str) -> str:
    return f"""
SELECT pupilmatchingrefanonymous_spr10 AS pmr, recordstatus_spr10 AS recordstatus
FROM {NPD}.spring_census_2010
WHERE {condition}
"""


YEAR, GIRL, FSM, NEED = (
    "ncyearactual_spr10 = '9'", "gender_spr10 = 'F'", "fsmeligible_spr10 = 1", "senprovision_spr10 = 'S'",
)  # fmt: skip


def with_pandas(con):
    census = con.sql(f"SELECT * FROM {NPD}.spring_census_2010").df()
    census.columns = census.columns.str.lower().str.removesuffix("_spr10")
    either = census["fsmeligible"].eq(1).fillna(False) | census["senprovision"].eq("S").fillna(False)
    kept = census[(census["ncyearactual"] == "9") & (census["gender"] == "F") & either]
    return kept.rename(columns={"pupilmatchingrefanonymous": "pmr"})[["pmr", "recordstatus"]]


QUESTION = exercise(
    "mend",
    "q1",
    title="Girls of year 9",
    columns={"pmr": "text", "recordstatus": "number"},
    identity=("pmr", "recordstatus"),
    unit="record",
    lesson=LESSON,
    heading="Filter",
    reference_sql=girls(f"{YEAR} AND {GIRL} AND ({FSM} OR {NEED})"),
    reference_pandas=with_pandas,
    universe=girls("1 = 1"),
    hints=(
        "Read the condition aloud, and say which words belong together.",
        "AND holds its neighbours more tightly than OR does.",
        "Which two conditions are the choice between which either is enough? Those belong in brackets.",
    ),
    misconceptions=(
        slip("and-before-or", "Every pupil with a statement is there, boys and other year groups among them: AND binds "
             "before OR. Put the two conditions that OR joins in brackets.",
             girls(f"{YEAR} AND {GIRL} AND {FSM} OR {NEED}")),
        wrong("both-at-once", "Both conditions at once", "You asked for girls who are eligible and have a statement. "
              "One of the two is enough.", girls(f"{YEAR} AND {GIRL} AND {FSM} AND {NEED}"), "Filter"),
        wrong("only-fsm", "The second way in is lost", "Girls who have a statement and are not eligible are missing.",
              girls(f"{YEAR} AND {GIRL} AND {FSM}"), "Filter"),
    ),
    alternatives=(
        girls(f"{YEAR} AND {GIRL} AND {FSM} OR {YEAR} AND {GIRL} AND {NEED}"),
        girls(f"{YEAR} AND {GIRL} AND {FSM}") + " UNION " + girls(f"{YEAR} AND {GIRL} AND {NEED}"),
    ),
)  # fmt: skip
