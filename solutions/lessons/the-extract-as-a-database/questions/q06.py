"""Three ways of counting in one row: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import COUNTS, LESSON, ROWS, wrong


def counts(group: str = "= '9'", records: str = "COUNT(*)", meals: str = "COUNT(fsmeligible_spr12)",
           pupils: str = "COUNT(DISTINCT pupilmatchingrefanonymous_spr12)") -> str:  # fmt: skip
    return f"""
SELECT {records} AS records, {pupils} AS pupils, {meals} AS with_fsm
FROM {NPD}.spring_census_2012
WHERE ncyearactual_spr12 {group}
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr12 AS pmr, fsmeligible_spr12 AS fsm FROM {NPD}.spring_census_2012
        WHERE ncyearactual_spr12 = '9'
    """).df()
    return pd.DataFrame({"records": [len(census)], "pupils": [census["pmr"].nunique()],
                         "with_fsm": [census["fsm"].count()]})  # fmt: skip


QUESTION = exercise(
    "write",
    "q6",
    title="Three counts",
    columns={"records": "number", "pupils": "number", "with_fsm": "number"},
    identity=(),
    unit="row",
    lesson=LESSON,
    heading=COUNTS,
    reference_sql=counts(),
    reference_pandas=with_pandas,
    hints=(
        "One row with three counts, each with a name of its own.",
        "Rows, different keys, and values that are there.",
        "The year group is text.",
    ),
    misconceptions=(
        wrong("eligible", "Eligible pupils", "with_fsm should count the records in which the value is there, 0 or 1. "
              "You added the ones.", counts(meals="SUM(fsmeligible_spr12)"), COUNTS),
        wrong("rows-for-pupils", "Records are no pupils", "pupils has the number of records. Some pupils have two.",
              counts(pupils="COUNT(pupilmatchingrefanonymous_spr12)"), COUNTS),
        wrong("every-year", "Every year group", "These are the counts of every year group.",
              counts(group="IS NOT NULL"), ROWS),
    ),
    alternatives=(counts(group="IN ('9')", records="COUNT(pupilmatchingrefanonymous_spr12)"),),
)  # fmt: skip
