"""Complete a count of what is missing."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, wrong


def missing(what: str) -> str:
    return f"""
SELECT ks4_acadyr AS year, COUNT(*) - {what} AS missing
FROM {NPD}.ks4pupil_2002_to_2014
WHERE ks4_acadyr IN ('2008/2009', '2009/2010', '2010/2011')
GROUP BY ks4_acadyr
"""


def with_pandas(con):
    results = con.sql(f"SELECT ks4_acadyr AS year, ks4_fsm FROM {NPD}.ks4pupil_2002_to_2014").df()
    results = results[results["year"].isin(["2008/2009", "2009/2010", "2010/2011"])]
    return results["ks4_fsm"].isna().groupby(results["year"]).sum().rename("missing").reset_index()


QUESTION = exercise(
    "complete",
    "q3",
    title="How many are missing?",
    columns={"year": "text", "missing": "number"},
    identity=("year",),
    unit="year",
    lesson=LESSON,
    heading="NULL",
    reference_sql=missing("COUNT(ks4_fsm)"),
    reference_pandas=with_pandas,
    hints=(
        "All records less those with a value are those without one.",
        "Which form of COUNT leaves NULL out?",
        "Write the name of the column of free school meals in the brackets.",
    ),
    misconceptions=(
        wrong("counts-all-twice", "All records, less all records", "COUNT(*) counts rows, whatever is in them, and so "
              "does a count of 1: nothing is left. Count a column.", missing("COUNT(*)"), "NULL"),
        wrong("counts-different", "Different values counted", "DISTINCT counts how many different values there are, "
              "here two. Count every record that has one.", missing("COUNT(DISTINCT ks4_fsm)"), "NULL"),
        wrong("counts-eligible", "The eligible taken away", "SUM adds the ones, so you took away those who are "
              "eligible, and those who are not are still there.", missing("SUM(ks4_fsm)"), "NULL"),
    ),
    alternatives=(
        "SELECT ks4_acadyr AS year, SUM(CASE WHEN ks4_fsm IS NULL THEN 1 ELSE 0 END) AS missing "
        f"FROM {NPD}.ks4pupil_2002_to_2014 "
        "WHERE ks4_acadyr BETWEEN '2008/2009' AND '2010/2011' GROUP BY ks4_acadyr",
    ),
)  # fmt: skip
