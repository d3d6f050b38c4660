"""A filter with codes."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ILR

from .shared import DATABASE_LESSON, slip

FILTER_SQL = f"""
SELECT recordid, acage
FROM {ILR}.learners
WHERE year = '2012' AND lldd = 1
"""


def filter_pandas(con):
    learners = con.sql(f"SELECT recordid, acage, year, lldd FROM {ILR}.learners").df()
    return learners[(learners["year"] == "2012") & (learners["lldd"] == 1)][["recordid", "acage"]]


def filter_groups(con):
    """Looks one group of a split up, instead of filtering."""
    learners = con.sql(f"SELECT recordid, acage, academicyear, lldd FROM {ILR}.learners WHERE lldd IS NOT NULL").df()
    return learners.groupby(["academicyear", "lldd"]).get_group(("2012/2013", 1))[["recordid", "acage"]]


QUESTION = Question(
    name="q1",
    title="Choose rows by their codes",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"recordid": "number", "acage": "number"},
    identity=("recordid",),
    unit="record",
    lesson=DATABASE_LESSON,
    heading="Codes and code lists",
    reference_sql=FILTER_SQL,
    reference_pandas=filter_pandas,
    universe=f"SELECT recordid FROM {ILR}.learners",
    hints=(
        "The data dictionary says how the field year of this view is labelled, and what the codes of lldd mean.",
        "Here year is the calendar year in which the academic year starts, and it is text.",
        "Only one code of lldd says yes; others say no, or nothing. The year is text, so it stands in quotes.",
    ),
    misconceptions=(
        slip(
            "ilr-year-ends",
            "You took year 2013. Views of the school census are named after the year in which the academic year "
            "ends, but the field year of this view holds the year in which it starts: 2012/13 is '2012'.",
            FILTER_SQL.replace("'2012'", "'2013'"),
        ),
        slip(
            "everything-but-no",
            "You took every code that is not 2. Code 9 means that no answer was provided, so it is not a yes: ask "
            "for code 1.",
            FILTER_SQL.replace("lldd = 1", "lldd <> 2"),
        ),
        slip(
            "no-year",
            "There is no condition on the year, so the answer holds the records of all academic years.",
            FILTER_SQL.replace("year = '2012' AND ", ""),
        ),
    ),
    alternatives=(
        f"SELECT recordid, acage FROM {ILR}.learners WHERE academicyear = '2012/2013' AND lldd NOT IN (2, 9, -1)",
        f"SELECT recordid, acage FROM {ILR}.learners WHERE year = '2012' INTERSECT "
        f"SELECT recordid, acage FROM {ILR}.learners WHERE lldd = 1",
        filter_groups,
        lambda con: (
            con.sql(f"FROM {ILR}.learners").filter("year = '2012'").filter("lldd = 1").project("recordid, acage")
        ),
    ),
)
