"""From records to people."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ILR, LEO, varied

from .shared import LINKING_LESSON, slip


def learners_of(con, year, starts=None, records="COUNT(*)", joined="", where=True, age="MIN"):
    starts = year - 1 if starts is None else starts
    condition = f"WHERE l.year = '{starts}'" if where else ""
    return con.sql(f"""
        SELECT r.ae_id, {records} AS records, {age}(l.acage) AS age
        FROM {ILR}.learners AS l
        JOIN {LEO}.education_records_lookup AS r ON r.recordid = l.recordid
        {joined}
        {condition}
        GROUP BY r.ae_id
    """)


def learners_pandas(con, year):
    learners = con.sql(f"SELECT recordid, acage, year FROM {ILR}.learners").df()
    people = con.sql(f"SELECT recordid, ae_id FROM {LEO}.education_records_lookup").df()
    learners = learners[learners["year"] == str(year - 1)].merge(people, on="recordid")
    return learners.groupby("ae_id", as_index=False).agg(records=("recordid", "size"), age=("acage", "min"))


def learners_filtered_late(con, year):
    """Everything grouped by person and year, and the year chosen at the end."""
    return con.sql(f"""
        SELECT ae_id, records, age
        FROM (SELECT r.ae_id, l.academicyear, COUNT(DISTINCT l.recordid) AS records, MIN(l.acage) AS age
              FROM {LEO}.education_records_lookup AS r JOIN {ILR}.learners AS l ON l.recordid = r.recordid
              GROUP BY r.ae_id, l.academicyear) AS t
        WHERE academicyear = '{year - 1}/{year}'
    """)


def learners_windowed(con, year):
    """A window that counts, then one row each."""
    return con.sql(f"""
        SELECT DISTINCT r.ae_id, COUNT(*) OVER w AS records, MIN(l.acage) OVER w AS age
        FROM {ILR}.learners AS l, {LEO}.education_records_lookup AS r
        WHERE r.recordid = l.recordid AND l.year = '{year - 1}'
        WINDOW w AS (PARTITION BY r.ae_id)
    """)


def learners_mapped(con, year):
    """The person of each record looked up by key."""
    learners = con.sql(f"SELECT recordid, acage FROM {ILR}.learners WHERE year = '{year - 1}'").df()
    people = con.sql(f"SELECT recordid, ae_id FROM {LEO}.education_records_lookup").df().set_index("recordid")["ae_id"]
    ages = learners["acage"].groupby(learners["recordid"].map(people).rename("ae_id"))
    return pd.DataFrame({"records": ages.size(), "age": ages.min()})


QUESTION = Question(
    name="q9",
    title="From learner records to people",
    answer_name="learners_of",
    kind="function",
    points=3,
    columns={"ae_id": "number", "records": "number", "age": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LINKING_LESSON,
    heading="From school to college",
    reference_sql=learners_of,
    make=varied(learners_of),
    reference_pandas=learners_pandas,
    domain={"year": range(2010, 2021)},
    universe=f"SELECT DISTINCT ae_id FROM {LEO}.education_records_lookup",
    hints=(
        "RECORDID stands for one record, not for a person. Which lookup leads from it to AE_ID?",
        "The argument is the year in which the academic year ends. The field year holds the one in which it starts.",
        "The lookup is joined on recordid. The year to look for is one less than the argument, and it is text.",
    ),
    misconceptions=(
        slip(
            "age-of-another-record",
            "Two records of one person can give two ages, each worked out by its own provider. The question asks "
            "for the "
            "lowest, and you gave the highest.",
            age="MAX",
        ),
        slip(
            "ilr-year-ends",
            "You compared the field year with the argument as it is. The field holds the year in which the academic "
            "year starts, the argument the one in which it ends: subtract 1.",
            lambda con, year: learners_of(con, year, starts=year),
        ),
        slip(
            "no-year",
            "There is no condition on the academic year, so people of all years are in the answer.",
            where=False,
        ),
        slip(
            "aims-counted",
            "You joined the aims, so you counted learning aims. A learner record has many aims: count records of the "
            "view learners.",
            joined=f"JOIN {ILR}.aims AS a ON a.external_id = l.external_id",
        ),
        slip(
            "one-record-each",
            "You gave everybody one record. Some people are returned by two providers in one year, so count their "
            "records.",
            records="COUNT(DISTINCT r.ae_id)",
        ),
    ),
    alternatives=(learners_filtered_late, learners_windowed, learners_mapped),
)
