"""Main activity."""

from __future__ import annotations

import re

import pandas as pd

from leocourse.authoring import Question

from .q12_alternatives import activity_masks, activity_sets, activity_windows
from .q12_spells import (
    FE_SPELLS,
    HE_SPELLS,
    WORK_SPELLS,
    activity_cohort,
    activity_people,
    activity_spells,
    benefit_spells,
)
from .shared import AFTER_LESSON, OLD_KS4, PMR, slip

ACTIVITY_MONTHS = ", ".join(
    f"({n}, DATE '{2018 + n // 9}-{(n + 3) % 12 + 1:02d}-01', DATE '{2018 + (n + 1) // 9}-{(n + 4) % 12 + 1:02d}-01')"
    for n in range(12)
)


def activity_sql(
    benefits="b.out_of_work_benefit = 1", run="MAX(run)", work_first=False, work=12, seen_only=False, lost_ends=False,
    linked="e.edukey IS NOT NULL",
):  # fmt: skip
    """Main activity of tax year 2018/19 as a code, by runs of months."""
    employed = f"WHEN l.employment >= {work} THEN 4"
    # a missing end compares with nothing, so its row drops out
    higher = re.sub(r"COALESCE\(h.he_enddate, DATE '.{10}'\)", "h.he_enddate", HE_SPELLS) if lost_ends else HE_SPELLS
    further = FE_SPELLS + (" AND a.end_date IS NOT NULL" if lost_ends else "")
    return f"""
WITH cohort AS ({activity_cohort(linked)}),
spells AS ({higher} UNION ALL {further} UNION ALL {benefit_spells(benefits)} UNION ALL {WORK_SPELLS}),
covered AS (
    SELECT DISTINCT s.pmr, s.kind, m.n
    FROM spells AS s
    JOIN (VALUES {ACTIVITY_MONTHS}) AS m (n, first_day, next_first)
        ON s.first_day < m.next_first AND s.last_day >= m.first_day AND s.first_day <= s.last_day
),
islands AS (
    SELECT pmr, kind, n - ROW_NUMBER() OVER (PARTITION BY pmr, kind ORDER BY n) AS island FROM covered
),
runs AS (SELECT pmr, kind, COUNT(*) AS run FROM islands GROUP BY pmr, kind, island),
longest AS (SELECT pmr, kind, {run} AS run, SUM(run) AS months FROM runs GROUP BY pmr, kind),
wide AS (
    SELECT pmr,
        MAX(CASE WHEN kind = 1 THEN run ELSE 0 END) AS higher,
        MAX(CASE WHEN kind = 2 THEN run ELSE 0 END) AS further,
        MAX(CASE WHEN kind = 3 THEN run ELSE 0 END) AS benefits,
        MAX(CASE WHEN kind = 4 THEN months ELSE 0 END) AS employment
    FROM longest
    GROUP BY pmr
)
SELECT c.pmr AS pupilmatchingrefanonymous,
    CASE
        WHEN l.pmr IS NULL THEN 6
        {employed if work_first else ""}
        WHEN l.higher >= 6 THEN 1
        WHEN l.further >= 6 THEN 2
        WHEN l.benefits >= 6 THEN 3
        {employed}
        ELSE 5
    END AS activity
FROM (SELECT DISTINCT pmr FROM cohort) AS c
{"JOIN" if seen_only else "LEFT JOIN"} wide AS l ON l.pmr = c.pmr
"""


ACTIVITY_SQL = activity_sql()


def activity_pandas(con):
    """Each kind as a text of twelve noughts and ones, in which six ones in a row can be looked for."""
    spells = activity_spells(con).df()
    days = spells.loc[spells.index.repeat(spells["last_month"] - spells["first_month"] + 1)].copy()
    days["month"] = days["first_month"] + days.groupby(level=0).cumcount()
    days = days.drop_duplicates(["pmr", "kind", "month"])
    grid = days.assign(on="1").pivot(index=["pmr", "kind"], columns="month", values="on")
    text = grid.reindex(columns=range(12)).fillna("0").agg("".join, axis=1).unstack("kind")
    text = text.reindex(index=activity_people(con), columns=[1, 2, 3, 4])
    activity = pd.Series(5, index=text.index)
    activity[(text[4] == "1" * 12)] = 4
    for kind in (3, 2, 1):
        activity[text[kind].fillna("").str.contains("1" * 6)] = kind
    activity[text.isna().all(axis=1)] = 6
    return pd.DataFrame({PMR: activity.index, "activity": activity.to_numpy()})


QUESTION = Question(
    name="q12",
    title="Main activity in a year",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={PMR: "text", "activity": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=AFTER_LESSON,
    heading="One activity for each person and year",
    reference_sql=ACTIVITY_SQL,
    make=activity_sql,
    reference_pandas=activity_pandas,
    alternatives=(activity_sets, activity_masks, activity_windows),
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous FROM {OLD_KS4}",
    hints=(
        "Stack four kinds of spell with a number for the kind, join them to twelve months, and keep distinct months.",
        "Months in a row share a value of month number less ROW_NUMBER: count them, and take the longest run.",
        "One CASE does the hierarchy: 1, 2, 3 with a run of six or more, 4 with twelve months, 5, and 6 for no month.",
    ),
    misconceptions=(
        slip(
            "work-before-education",
            "You let employment go first. In the published hierarchy education and out-of-work benefits come before "
            "it: a student who works all year is in education.",
            work_first=True,
        ),
        slip(
            "going-on-dropped",
            "You lost study that goes on. A missing end date compares with nothing, so the row drops out: take 31 July "
            "of the academic year instead.",
            lost_ends=True,
        ),
        slip(
            "six-months-of-work",
            "You asked for six months of work. Under this rule somebody is employed only with a day in work in each of "
            "the twelve months.",
            work=6,
        ),
        slip(
            "any-benefit",
            "You counted every benefit. Disability benefits and universal credit while working are not out-of-work "
            "benefits: out_of_work_benefit = 1 tells.",
            benefits="1 = 1",
        ),
        slip(
            "not-captured-dropped",
            "You lost people about whom nothing is recorded in the year. They could be linked, so they stay in, as "
            "activity not captured.",
            seen_only=True,
        ),
        slip(
            "blank-as-key",
            "You took a row in the lookup for a link. Some people stand there with a blank EDUKEY: they lead to no "
            "outcomes, so they are not in the cohort.",
            linked="1 = 1",
        ),
    ),
)
