"""Rows of pay in a tax year: complete a year."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LEO, LESSON, LINKED, wrong


def rows(where: str = "taxyear = 201819", what: str = "COUNT(*)") -> str:
    return f"""
SELECT {what} AS pay_rows
FROM {LEO}.leo_earnings
WHERE {where}
"""


def with_pandas(con):
    pay = con.sql(f"SELECT taxyear FROM {LEO}.leo_earnings").df()
    return pd.DataFrame({"pay_rows": [int((pay["taxyear"] == 201819).sum())]})


QUESTION = exercise(
    "complete",
    "q2",
    title="Rows of pay",
    columns={"pay_rows": "number"},
    identity=(),
    unit="row",
    lesson=LESSON,
    heading=LINKED,
    reference_sql=rows(),
    reference_pandas=with_pandas,
    hints=(
        "A tax year is written as one number of six figures.",
        "The year in which it begins comes first, whole; of the one in which it ends, the last two figures.",
        "2010/11 is written 201011.",
    ),
    misconceptions=(
        wrong("year-before", "The tax year before", "That is the tax year before the one that is asked for: a tax year "
              "is named by both of its years.", rows("taxyear = 201718"), LINKED),
        wrong("year-after", "The tax year after", "That is the tax year after the one that is asked for.",
              rows("taxyear = 201920"), LINKED),
        wrong("year-alone", "A year alone finds nothing", "No row has that number: the column holds six figures, as in "
              "201011.", rows("taxyear = 2018"), LINKED),
    ),
    alternatives=(rows("taxyear BETWEEN 201819 AND 201819"), rows(what="COUNT(edukey)")),
)  # fmt: skip
