"""Main activity."""

from __future__ import annotations

import re

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ILR, LEO

from .shared import AFTER_LESSON, OLD_KS4, PMR, slip

ACTIVITY_COHORT = f"""
    SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pmr, p.ae_id, e.edukey
    FROM {OLD_KS4} AS k
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
    JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
    WHERE k.ks4_acadyr BETWEEN '2010/2011' AND '2012/2013'
"""

HE_SPELLS = " UNION ALL ".join(
    f"""
    SELECT c.pmr, 1 AS kind, GREATEST(h.he_comdate, DATE '{year - 1}-08-01') AS first_day,
        COALESCE(h.he_enddate, DATE '{year}-07-31') AS last_day
    FROM cohort AS c JOIN hesa_i2."2005003".hesa_{year} AS h ON h.he_pupilmatchingrefanonymous = c.pmr
    """
    for year in (2018, 2019)
)

FE_SPELLS = f"""
    SELECT c.pmr, 2 AS kind, GREATEST(a.start_date, make_date(a.year, 8, 1)) AS first_day,
        LEAST(
            CASE
                WHEN a.end_date IS NULL THEN make_date(a.year + 1, 7, 31)
                WHEN a.end_date = DATE '1900-01-01' THEN a.end_date_expected
                ELSE a.end_date
            END,
            make_date(a.year + 1, 7, 31)
        ) AS last_day
    FROM cohort AS c
    JOIN {LEO}.education_records_lookup AS r ON r.ae_id = c.ae_id
    JOIN {ILR}.aims AS a ON a.recordid = r.recordid
    WHERE a.year IN (2017, 2018)
"""


def benefit_spells(condition="b.out_of_work_benefit = 1"):
    return f"""
    SELECT c.pmr, 3 AS kind, b.startdate AS first_day, b.enddate AS last_day
    FROM cohort AS c JOIN {LEO}.leo_benefit AS b ON b.edukey = c.edukey WHERE {condition}
    """


WORK_SPELLS = f"""
    SELECT c.pmr, 4 AS kind, s.startdate AS first_day, s.enddate AS last_day
    FROM cohort AS c JOIN {LEO}.leo_employment AS s ON s.edukey = c.edukey
"""

ACTIVITY_MONTHS = ", ".join(
    f"({n}, DATE '{2018 + n // 9}-{(n + 3) % 12 + 1:02d}-01', DATE '{2018 + (n + 1) // 9}-{(n + 4) % 12 + 1:02d}-01')"
    for n in range(12)
)


def activity_sql(
    benefits="b.out_of_work_benefit = 1", run="MAX(run)", work_first=False, work=12, seen_only=False, lost_ends=False
):
    """Main activity of tax year 2018/19 as a code, by runs of months."""
    employed = f"WHEN l.employment >= {work} THEN 4"
    # a missing end compares with nothing, so its row drops out
    higher = re.sub(r"COALESCE\(h.he_enddate, DATE '.{10}'\)", "h.he_enddate", HE_SPELLS) if lost_ends else HE_SPELLS
    further = FE_SPELLS + (" AND a.end_date IS NOT NULL" if lost_ends else "")
    return f"""
WITH cohort AS ({ACTIVITY_COHORT}),
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

ACTIVITY_SPELLS = f"""
    cohort AS ({ACTIVITY_COHORT}),
    every_spell AS ({HE_SPELLS} UNION ALL {FE_SPELLS} UNION ALL {benefit_spells()} UNION ALL {WORK_SPELLS}),
    people AS (SELECT DISTINCT pmr FROM cohort),
    spells AS (
        SELECT pmr, kind, GREATEST((YEAR(first_day) - 2018) * 12 + MONTH(first_day) - 4, 0) AS first_month,
            LEAST((YEAR(last_day) - 2018) * 12 + MONTH(last_day) - 4, 11) AS last_month
        FROM every_spell
        WHERE first_day <= last_day AND first_day < DATE '2019-04-01' AND last_day >= DATE '2018-04-01'
    )
"""
"""The people, and their spells as first and last month counted from April 2018."""


def activity_spells(con):
    return con.sql(f"WITH {ACTIVITY_SPELLS} SELECT pmr, kind, first_month, last_month FROM spells")


def activity_people(con):
    return sorted({row[0] for row in con.sql(ACTIVITY_COHORT).fetchall()})


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


def activity_sets(con):
    """Months as sets, person by person."""
    months = {}
    for pupil, kind, first, last in activity_spells(con).fetchall():
        months.setdefault(pupil, {}).setdefault(kind, set()).update(range(first, last + 1))
    rows = []
    for pupil in activity_people(con):
        mine = months.get(pupil, {})
        kept = [
            kind for kind in (1, 2, 3)
            if any(set(range(start, start + 6)) <= mine.get(kind, set()) for start in range(7))
        ]  # fmt: skip
        if len(mine.get(4, ())) == 12:
            kept.append(4)
        rows.append({PMR: pupil, "activity": kept[0] if kept else 5 if mine else 6})
    return rows


def activity_masks(con):
    """Twelve bits a kind. A number and its five shifts have a bit in common if six bits stand in a row."""
    return con.sql(f"""
        WITH {ACTIVITY_SPELLS},
        masks AS (
            SELECT pmr, kind, BIT_OR(((1 << (last_month + 1)) - (1 << first_month))::BIGINT) AS bits
            FROM spells GROUP BY pmr, kind
        ),
        kept AS (
            SELECT pmr, MIN(CASE
                WHEN kind = 4 THEN CASE WHEN bits = 4095 THEN 4 ELSE 5 END
                WHEN bits & (bits >> 1) & (bits >> 2) & (bits >> 3) & (bits >> 4) & (bits >> 5) > 0 THEN kind
                ELSE 5
            END) AS activity
            FROM masks GROUP BY pmr
        )
        SELECT p.pmr AS pupilmatchingrefanonymous, COALESCE(k.activity, 6) AS activity
        FROM people AS p LEFT JOIN kept AS k ON k.pmr = p.pmr
    """)


def activity_windows(con):
    """Six months in a row as a join with the seven windows that there are."""
    return con.sql(f"""
        WITH {ACTIVITY_SPELLS},
        covered AS (
            SELECT DISTINCT s.pmr, s.kind, m.range AS n
            FROM spells AS s JOIN range(12) AS m ON m.range BETWEEN s.first_month AND s.last_month
        ),
        windows AS (
            SELECT c.pmr, c.kind, w.range AS start, COUNT(*) AS months
            FROM covered AS c JOIN range(7) AS w ON c.n BETWEEN w.range AND w.range + 5 GROUP BY ALL
        ),
        kept AS (
            SELECT pmr, kind FROM windows WHERE kind < 4 AND months = 6
            UNION SELECT pmr, kind FROM covered WHERE kind = 4 GROUP BY pmr, kind HAVING COUNT(*) = 12
            UNION SELECT pmr, 5 FROM covered
            UNION SELECT pmr, 6 FROM people
        )
        SELECT pmr AS pupilmatchingrefanonymous, MIN(kind) AS activity FROM kept GROUP BY pmr
    """)


QUESTION = Question(
    name="q12",
    title="Main activity in 2018/19",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={PMR: "text", "activity": "number"},
    identity=(PMR,),
    unit="pupil",
    people=True,
    lesson=AFTER_LESSON,
    reference_sql=ACTIVITY_SQL,
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
            activity_sql(work_first=True),
        ),
        slip(
            "going-on-dropped",
            "You lost study that goes on. A missing end date compares with nothing, so the row drops out: take 31 July "
            "of the academic year instead.",
            activity_sql(lost_ends=True),
        ),
        slip(
            "six-months-of-work",
            "You asked for six months of work. Under this rule somebody is employed only with a day in work in each of "
            "the twelve months.",
            activity_sql(work=6),
        ),
        slip(
            "any-benefit",
            "You counted every benefit. Disability benefits and universal credit while working are not out-of-work "
            "benefits: out_of_work_benefit = 1 tells.",
            activity_sql(benefits="1 = 1"),
        ),
        slip(
            "not-captured-dropped",
            "You lost people about whom nothing is recorded in the year. They could be linked, so they stay in, as "
            "activity not captured.",
            activity_sql(seen_only=True),
        ),
    ),
)
