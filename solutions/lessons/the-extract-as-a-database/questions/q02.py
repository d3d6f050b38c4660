"""Pupils of one year group: complete a value."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, ROWS, wrong


def records(group: str = "= '7'") -> str:
    return f"""
SELECT gender_spr12 AS sex, COUNT(*) AS records
FROM {NPD}.spring_census_2012
WHERE ncyearactual_spr12 {group}
GROUP BY gender_spr12
"""


def with_pandas(con):
    census = con.sql(f"SELECT gender_spr12 AS sex, ncyearactual_spr12 AS taught FROM {NPD}.spring_census_2012").df()
    return census[census["taught"] == "7"].groupby("sex", as_index=False).agg(records=("taught", "size"))


QUESTION = exercise(
    "complete",
    "q2",
    title="Year 7 by sex",
    columns={"sex": "text", "records": "number"},
    identity=("sex",),
    unit="group",
    lesson=LESSON,
    heading=ROWS,
    reference_sql=records(),
    reference_pandas=with_pandas,
    hints=(
        "Look how the lesson asks for another year group.",
        "The column holds text: R and X are among its values.",
        "Text is put in single quotation marks.",
    ),
    misconceptions=(
        wrong("year-6", "The year group before", "That is the last year of primary school.", records("= '6'"), ROWS),
        wrong("year-8", "The year group after", "That is the year group above the one that is asked for.",
              records("= '8'"), ROWS),
        wrong("padded", "A nought in front finds nothing", "The column holds the figure alone, without a nought in "
              "front, so no row is found.", records("= '07'"), ROWS),
    ),
    alternatives=(records("IN ('7')"), records("LIKE '7'")),
)  # fmt: skip
