"""Addresses by country: put the lines of a query in order."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise

from .shared import LEO, LESSON, wrong

COUNTRY = "Which country?"


def addresses(where: str = "WHERE taxyear = 201819", what: str = "COUNT(*)") -> str:
    return f"""
SELECT ctrynm AS country, {what} AS addresses
FROM {LEO}.leo_geography
{where}
GROUP BY ctrynm
"""


def with_pandas(con):
    homes = con.sql(f"SELECT ctrynm AS country FROM {LEO}.leo_geography WHERE taxyear = 201819").df()
    return homes.groupby("country", dropna=False).size().rename("addresses").reset_index()


QUESTION = exercise(
    "order",
    "q5",
    title="Addresses by country",
    columns={"country": "text", "addresses": "number"},
    identity=("country",),
    unit="country",
    lesson=LESSON,
    heading=COUNTRY,
    reference_sql=addresses(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first.",
        "Then it says where from.",
        "Rows are chosen before they are put into groups.",
    ),
    misconceptions=(
        wrong("all-years", "Every tax year", "You counted the addresses of all tax years. One of them is asked for.",
              addresses(""), COUNTRY),
        wrong("year-before", "The tax year before", "That is the tax year before the one that is asked for.",
              addresses("WHERE taxyear = 201718"), COUNTRY),
        wrong("people", "People instead of addresses", "You counted each key once. Here every address counts.",
              addresses(what="COUNT(DISTINCT ctrynm)"), COUNTRY),
    ),
    alternatives=(addresses(what="COUNT(edukey)"),),
)  # fmt: skip
