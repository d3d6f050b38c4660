"""Complete the year in the name of a view and in its columns."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, wrong


def by_sex(year: int) -> str:
    return f"""
SELECT gender_spr{year} AS sex, COUNT(*) AS records
FROM {NPD}.spring_census_20{year}
WHERE ncyearactual_spr{year} = '8'
GROUP BY gender_spr{year}
"""


def with_pandas(con):
    census = con.sql(f"SELECT gender_spr10 AS sex, ncyearactual_spr10 AS taught FROM {NPD}.spring_census_2010").df()
    return census[census["taught"] == "8"].groupby("sex", as_index=False).agg(records=("taught", "size"))


QUESTION = exercise(
    "complete",
    "q2",
    title="A cohort in year 8",
    columns={"sex": "text", "records": "number"},
    identity=("sex",),
    unit="group",
    lesson=LESSON,
    heading="Find the view",
    reference_sql=by_sex(10),
    reference_pandas=with_pandas,
    hints=(
        "The rule of the lesson has three parts: cohort, six, and the year group.",
        "Take the first of the two years in the name of the cohort.",
        "The columns end in the last two figures of the same year as the view.",
    ),
    misconceptions=(
        wrong(
            "other-cohort-later", "The view of a year later",
            "That census was taken a year later, and its year 8 is the next cohort. Count from the first year of the "
            "cohort, not from the second.",
            by_sex(11), "Find the view",
        ),
        wrong(
            "other-cohort-too-late", "The view of two years later",
            "That census was taken two years later. Only six is added, and the year group, to the cohort's first year.",
            by_sex(12), "Find the view",
        ),
    ),
    alternatives=(f"SELECT gender_spr10 AS sex, COUNT(*) AS records FROM {NPD}.spring_census_2010 "
                  "WHERE TRY_CAST(ncyearactual_spr10 AS int) = 8 GROUP BY 1",),
)  # fmt: skip
