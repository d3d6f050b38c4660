"""Columns of a view by a pattern: put the lines of a query in order."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise

from .shared import FIND, LESSON, wrong


def found(like: str = "AND column_name LIKE '%sess%'", view: str = "absence_2012_3term") -> str:
    return f"""
SELECT column_name
FROM information_schema.columns
WHERE table_catalog = 'npd_i2' AND table_name = '{view}'
{like}
"""


def with_pandas(con):
    every = con.sql("SELECT table_catalog, table_name, column_name FROM information_schema.columns").df()
    view = every[(every["table_catalog"] == "npd_i2") & (every["table_name"] == "absence_2012_3term")]
    return view.loc[view["column_name"].str.contains("sess"), ["column_name"]]


QUESTION = exercise(
    "order",
    "q5",
    title="Columns about sessions",
    columns={"column_name": "text"},
    identity=("column_name",),
    unit="column",
    lesson=LESSON,
    heading=FIND,
    reference_sql=found(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first, then where from.",
        "A condition begins with WHERE.",
        "AND goes on with a condition that has begun.",
    ),
    misconceptions=(
        wrong("every-column", "Every column of the view", "Every column of the view is there. Those that speak of "
              "sessions are asked for.", found(""), FIND),
        wrong("at-the-start", "Only names that begin so", "Without % at the end a name would have to end with it.",
              found("AND column_name LIKE '%sess'"), FIND),
        wrong("other-year", "The view of another year", "These columns end in another year: that is the view of "
              "another one.", found(view="absence_2011_3term"), FIND),
    ),
    alternatives=(found("AND column_name LIKE 'sess%'"),),
)  # fmt: skip
