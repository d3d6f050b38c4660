"""Pupils, not records: mend a count."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import COUNTS, LESSON, ROWS, wrong


def pupils(what: str = "COUNT(DISTINCT pupilmatchingrefanonymous_spr12)", where: str = "= '10'") -> str:
    return f"""
SELECT {what} AS pupils
FROM {NPD}.spring_census_2012
WHERE ncyearactual_spr12 {where}
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr12 AS pmr, ncyearactual_spr12 AS taught FROM {NPD}.spring_census_2012
    """).df()
    return pd.DataFrame({"pupils": [census.loc[census["taught"] == "10", "pmr"].nunique()]})


QUESTION = exercise(
    "mend",
    "q4",
    title="Pupils in year 10",
    columns={"pupils": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=COUNTS,
    reference_sql=pupils(),
    reference_pandas=with_pandas,
    hints=(
        "Which column says who a record is about?",
        "Each different value of it counts once.",
        "The lesson counted records, values and pupils in one query: take the third way.",
    ),
    misconceptions=(
        wrong("records", "Records are no pupils", "You counted records. Some pupils have two.", pupils("COUNT(*)"),
              COUNTS),
        wrong("every-year", "Every year group", "You counted the pupils of every year group.",
              pupils(where="IS NOT NULL"), ROWS),
        wrong("fsm", "Values instead of pupils", "You counted the different values of another column.",
              pupils("COUNT(DISTINCT fsmeligible_spr12)"), COUNTS),
    ),
    alternatives=(f"SELECT COUNT(*) AS pupils FROM (SELECT DISTINCT pupilmatchingrefanonymous_spr12 "
                  f"FROM {NPD}.spring_census_2012 WHERE ncyearactual_spr12 = '10') AS keys",),
)  # fmt: skip
