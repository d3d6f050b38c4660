"""A filter with missing values."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import DATABASE_LESSON, slip


def not_none_sql(condition):
    return f"""
SELECT pupilmatchingrefanonymous_spr14 AS pmr, recordstatus_spr14 AS recordstatus, 
       CASE WHEN senprovision_spr14 IS NULL THEN 1 ELSE 0 END AS missing
FROM {NPD}.spring_census_2014
WHERE {condition}
"""


YEAR_9_OR_10 = "ncyearactual_spr14 IN ('9', '10')"

NEED_OR_MISSING = "(senprovision_spr14 <> 'N' OR senprovision_spr14 IS NULL)"


def census_2014(con):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr14 AS pmr, recordstatus_spr14 AS recordstatus,
               senprovision_spr14 AS provision, ncyearactual_spr14 AS year_group
        FROM {NPD}.spring_census_2014
    """).df()


def not_none_pandas(con):
    census = census_2014(con)
    kept = census["year_group"].isin(["9", "10"]) & ~census["provision"].eq("N").fillna(False).astype(bool)
    return census[kept].assign(missing=census["provision"].isna().astype(int))


def not_none_by_dropping(con):
    """Drops the rows that say N, by their index."""
    census = census_2014(con).query("year_group in ('9', '10')")
    census = census.drop(census.index[census["provision"] == "N"])
    return census.assign(missing=[int(pd.isna(code)) for code in census["provision"]])


QUESTION = Question(
    name="q2",
    title="A filter that meets missing values",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"pmr": "text", "recordstatus": "number", "missing": "number"},
    identity=("pmr", "recordstatus"),
    unit="record",
    lesson=DATABASE_LESSON,
    heading="Types and missing values",
    reference_sql=not_none_sql(f"{YEAR_9_OR_10} AND {NEED_OR_MISSING}"),
    reference_pandas=not_none_pandas,
    universe=not_none_sql("1 = 1"),
    hints=(
        "What does a comparison with a missing value give: true, false, or neither?",
        "A missing value needs a condition of its own, IS NULL, joined with OR.",
        "AND binds before OR: put brackets round each pair of conditions joined with OR.",
    ),
    misconceptions=(
        slip(
            "null-not-unequal",
            "Records with a missing value are gone. A missing value is neither equal nor unequal to 'N', so <> 'N' "
            "drops it: add OR ... IS NULL, in brackets.",
            not_none_sql(f"{YEAR_9_OR_10} AND senprovision_spr14 <> 'N'"),
        ),
        slip(
            "and-before-or",
            "AND binds before OR, so your condition on SEN holds for year 10 only and all of year 9 stayed. Put "
            "brackets round the two year groups, or write IN ('9', '10').",
            not_none_sql(f"ncyearactual_spr14 = '9' OR ncyearactual_spr14 = '10' AND {NEED_OR_MISSING}"),
        ),
        slip(
            "missing-from-everywhere",
            "Your OR ... IS NULL stands outside the brackets, so records with a missing value came in from every "
            "year group.",
            not_none_sql(f"{YEAR_9_OR_10} AND senprovision_spr14 <> 'N' OR senprovision_spr14 IS NULL"),
        ),
    ),
    alternatives=(
        not_none_sql(f"{YEAR_9_OR_10} AND COALESCE(senprovision_spr14, '?') <> 'N'"),
        not_none_sql(YEAR_9_OR_10) + " EXCEPT " + not_none_sql("senprovision_spr14 = 'N'"),
        not_none_sql(f"{YEAR_9_OR_10} AND senprovision_spr14 IS DISTINCT FROM 'N'"),
        not_none_by_dropping,
    ),
)
