"""Ever eligible."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD, varied

from .shared import LESSON, main_records, slip


def ever_fsm(con, year, back=5, short=0, ever="MAX(h.fsm)", where=""):
    yy = f"spr{year % 100:02d}"
    stacked = " UNION ALL ".join(
        f"""SELECT {each} AS census, pupilmatchingrefanonymous_spr{each % 100:02d} AS pmr,
                   fsmeligible_spr{each % 100:02d} AS fsm
            FROM {NPD}.spring_census_{each} WHERE recordstatus_spr{each % 100:02d} < 100"""
        for each in range(year - back, year + 1 - short)
    )
    return con.sql(f"""
        SELECT c.pupilmatchingrefanonymous_{yy} AS pmr, c.fsmeligible_{yy} AS fsm, {ever} AS ever,
               COUNT(h.census) AS censuses
        FROM {NPD}.spring_census_{year} AS c
        LEFT JOIN ({stacked}) AS h ON h.pmr = c.pupilmatchingrefanonymous_{yy}
        WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
        GROUP BY c.pupilmatchingrefanonymous_{yy}, c.fsmeligible_{yy}
        {where}
    """)


def histories(con, year):
    """The main records of six censuses for the pupils in year 11 of the last, with the census."""
    now = main_records(con, year, "fsmeligible", "ncyearactual")
    now = now.loc[now["ncyearactual"] == "11", ["pmr", "fsmeligible"]].rename(columns={"fsmeligible": "fsm"})
    past = pd.concat(main_records(con, each, "fsmeligible").assign(census=each) for each in range(year - 5, year + 1))
    return now, now[["pmr"]].merge(past, on="pmr")


def ever_fsm_pandas(con, year):
    now, past = histories(con, year)
    return now.merge(
        past.groupby("pmr", as_index=False).agg(ever=("fsmeligible", "max"), censuses=("census", "size")), on="pmr"
    )


def ever_fsm_pivoted(con, year):
    """One column for each census. Early main records can lack eligibility, and count as a census all the same."""
    now, past = histories(con, year)
    wide = past.pivot(index="pmr", columns="census", values="fsmeligible").reindex(now["pmr"]).astype(float)
    ever, censuses = wide.max(axis=1).to_numpy(), now["pmr"].map(past["pmr"].value_counts()).to_numpy()
    return now.assign(ever=ever, censuses=censuses)


def ever_fsm_exists(con, year):
    """A condition for each census, without stacking."""
    yy = f"spr{year % 100:02d}"
    found = [
        f"""(SELECT {what.format(f"{each % 100:02d}")} FROM {NPD}.spring_census_{each} AS h
             WHERE h.recordstatus_spr{each % 100:02d} < 100
               AND h.pupilmatchingrefanonymous_spr{each % 100:02d} = c.pupilmatchingrefanonymous_{yy})"""
        for what in ("MAX(h.fsmeligible_spr{})", "COUNT(*)")
        for each in range(year - 5, year + 1)
    ]
    return con.sql(f"""
        SELECT c.pupilmatchingrefanonymous_{yy} AS pmr, c.fsmeligible_{yy} AS fsm,
               GREATEST({", ".join(found[:6])}) AS ever, {" + ".join(found[6:])} AS censuses
        FROM {NPD}.spring_census_{year} AS c
        WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
    """)


def ever_fsm_windowed(con, year):
    """Windows over the stacked censuses, then the record of the last."""
    stacked = " UNION ALL ".join(
        f"""SELECT {each} AS census, pupilmatchingrefanonymous_spr{each % 100:02d} AS pmr,
                   fsmeligible_spr{each % 100:02d} AS fsm, ncyearactual_spr{each % 100:02d} AS year_group
            FROM {NPD}.spring_census_{each} WHERE recordstatus_spr{each % 100:02d} < 100"""
        for each in range(year - 5, year + 1)
    )
    return con.sql(f"""
        SELECT pmr, fsm, ever, censuses
        FROM (SELECT *, MAX(fsm) OVER (PARTITION BY pmr) AS ever, COUNT(*) OVER (PARTITION BY pmr) AS censuses
              FROM ({stacked}) AS h) AS t
        WHERE census = {year} AND year_group = '11'
    """)


QUESTION = Question(
    name="q7",
    title="Ever eligible in six years",
    answer_name="ever_fsm",
    kind="function",
    points=3,
    columns={"pmr": "text", "fsm": "number", "ever": "number", "censuses": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="All cohorts at once",
    reference_sql=ever_fsm,
    make=varied(ever_fsm),
    reference_pandas=ever_fsm_pandas,
    domain={"year": range(2011, 2022)},
    universe=" UNION ".join(
        f"""SELECT pupilmatchingrefanonymous_spr{yy} AS pmr FROM {NPD}.spring_census_20{yy}
            WHERE ncyearactual_spr{yy} = '11'"""
        for yy in range(11, 22)
    ),
    hints=(
        "Six censuses: that of the year itself and the five before. Check that your range holds six numbers.",
        "Stack the main records of the six censuses, and join them to the pupils of year 11 by their key.",
        "Ever eligible is the largest of a pupil's values, MAX; the number of joined rows is the number of censuses.",
    ),
    misconceptions=(
        slip(
            "range-stops-short",
            "Your censuses stop one year early: the year itself is missing. range(year - 5, year) holds five numbers.",
            short=1,
        ),
        slip(
            "now-is-not-ever",
            "You gave the eligibility of year 11 as ever. A pupil who was eligible before and is not now counts as "
            "ever eligible.",
            lambda con, year: ever_fsm(con, year, ever=f"c.fsmeligible_spr{year % 100:02d}"),
        ),
        slip(
            "always-not-ever",
            "You took the smallest value, which says that a pupil was eligible in every census. Ever is the largest.",
            ever="MIN(h.fsm)",
        ),
        slip(
            "complete-histories-only",
            "You kept only pupils who stand in all six censuses. Those who came later are pupils of year 11, too: "
            "keep them, and let censuses say how much is known.",
            where="HAVING COUNT(h.census) = 6",
        ),
    ),
    alternatives=(ever_fsm_pivoted, ever_fsm_exists, ever_fsm_windowed),
)
