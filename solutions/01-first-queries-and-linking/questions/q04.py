"""A percentage by group, as a function."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD, varied

from .shared import SQL_LESSON, slip


def eligible(con, year, share="SUM({fsm}) / COUNT({fsm})", scale="100.0"):
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT ethnicgroupmajor_{yy} AS ethnic_group, COUNT(*) AS records,
               COUNT(*) - COUNT(fsmeligible_{yy}) AS missing,
               {scale} * {share.format(fsm=f"fsmeligible_{yy}")} AS percent
        FROM {NPD}.spring_census_{year}
        GROUP BY ethnicgroupmajor_{yy}
    """)


def eligible_pandas(con, year):
    yy = f"spr{year % 100:02d}"
    census = con.sql(f"SELECT ethnicgroupmajor_{yy} AS e, fsmeligible_{yy} AS f FROM {NPD}.spring_census_{year}").df()
    groups = census["f"].astype(float).groupby(census["e"])
    table = pd.DataFrame({"records": groups.size(), "missing": groups.size() - groups.count()})
    table["percent"] = 100 * groups.mean()
    return table.rename_axis("ethnic_group").reset_index()


def eligible_without_missing(con, year):
    """AVG leaves missing values out, so it is the share among the known."""
    return eligible(con, year, share="AVG({fsm})")


def eligible_crossed(con, year):
    """A cross table of group by value, missing ones included."""
    yy = f"spr{year % 100:02d}"
    census = con.sql(f"SELECT ethnicgroupmajor_{yy} AS e, fsmeligible_{yy} AS f FROM {NPD}.spring_census_{year}").df()
    table = pd.crosstab(census["e"], census["f"].astype("float").fillna(-1))
    return pd.DataFrame(
        {
            "ethnic_group": table.index,
            "records": table.sum(axis=1).to_numpy(),
            "missing": table[-1.0].to_numpy(),
            "percent": (100 * table[1.0] / (table[0.0] + table[1.0])).to_numpy(),
        }
    )


def eligible_windowed(con, year):
    """Counts as windows over the records, then one row a group."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT DISTINCT ethnicgroupmajor_{yy} AS ethnic_group, COUNT(*) OVER w AS records,
               SUM(CASE WHEN fsmeligible_{yy} IS NULL THEN 1 ELSE 0 END) OVER w AS missing,
               100.0 * COUNT(CASE WHEN fsmeligible_{yy} = 1 THEN 1 END) OVER w
                     / COUNT(fsmeligible_{yy}) OVER w AS percent
        FROM {NPD}.spring_census_{year}
        WINDOW w AS (PARTITION BY ethnicgroupmajor_{yy})
    """)


QUESTION = Question(
    name="q4",
    title="A percentage by group",
    answer_name="eligible",
    kind="function",
    points=2,
    columns={"ethnic_group": "text", "records": "number", "missing": "number", "percent": "number"},
    identity=("ethnic_group",),
    unit="ethnic group",
    lesson=SQL_LESSON,
    heading="NULL",
    reference_sql=eligible,
    make=varied(eligible),
    reference_pandas=eligible_pandas,
    tolerance={"percent": 0.001},
    domain={"year": range(2009, 2022)},
    quick=True,
    hints=(
        "The names of view and columns contain the year: build them from the argument with an f-string.",
        "The percentage rests on records that say 1 or 0. How many records of a group do?",
        "COUNT(*) counts records, COUNT(column) those in which the column is not missing.",
    ),
    misconceptions=(
        slip(
            "missing-in-the-base",
            "Your percentage divides by all records. Those with a missing value say neither yes nor no: divide by "
            "the records that say 1 or 0.",
            share="SUM({fsm}) / COUNT(*)",
        ),
        slip(
            "wrong-way-round",
            "You gave each group's share of all pupils who are eligible. The question asks how many of the group "
            "are eligible: divide within the group.",
            share="SUM({fsm}) / SUM(SUM({fsm})) OVER ()",
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale="1.0",
        ),
        slip(
            "year-it-begins",
            "You used the census of the year before. The argument is the year in the name of the view.",
            lambda con, year: eligible(con, year - 1),
        ),
    ),
    alternatives=(eligible_without_missing, eligible_crossed, eligible_windowed),
)
