"""Starts of apprenticeships: mend a count of rows."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Apprenticeships"


def answer(what: str = "COUNT(DISTINCT (person, start_date))", where: str = "WHERE aimtype = 1") -> str:
    return f"""
SELECT {what} AS starts
FROM (VALUES (1, 2012, 1, DATE '2013-02-04'), (1, 2012, 3, DATE '2013-02-04'), (1, 2013, 1, DATE '2013-02-04'),
             (1, 2013, 3, DATE '2013-02-04'), (1, 2014, 1, DATE '2013-02-04'), (1, 2014, 3, DATE '2013-02-04'),
             (2, 2013, 1, DATE '2013-09-02'), (2, 2013, 3, DATE '2013-09-02'))
     AS aims (person, year, aimtype, start_date)
{where}
"""


def with_pandas(con):
    return pd.DataFrame({"starts": [2]})


QUESTION = exercise(
    "mend",
    name="q3",
    title="One apprenticeship, one row",
    columns={"starts": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Which rows stand for the whole, and which for a piece of it?",
        "Each academic year writes it down again, with the same start date.",
        "Count different pairs of person and start date.",
    ),
    misconceptions=(
        wrong(
            "rows",
            "Every row",
            "You counted rows: an apprenticeship is there with its components, in every year.",
            answer("COUNT(*)", ""),
            HEADING,
        ),
        wrong(
            "programme-aims",
            "Programme aims of every year",
            "Components are gone, and each academic year still counts.",
            answer("COUNT(*)"),
            HEADING,
        ),
    ),
    alternatives=(answer("COUNT(DISTINCT CAST(person AS varchar) || CAST(start_date AS varchar))", ""),),
)
