"""From a school to pay."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, NPD

from .shared import LINKING_LESSON, slip, spine


def school_to_pay(pairs="SELECT DISTINCT c.pmr, c.fsm, k.edukey", edukey="k.edukey", group="", join="LEFT JOIN",
                  mean="AVG(pay)", pay="SUM"):  # fmt: skip
    """SQL of the whole way: pupils, keys, pay of 2018/19 pooled over a pupil's keys, and a table by FSM."""
    return f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
    FROM {NPD}.spring_census_2008
    WHERE ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND recordstatus_spr08 < 100
),
pairs AS (
    {pairs.replace("k.edukey", f"{edukey} AS edukey")}
    FROM cohort AS c
    {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    {join} {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
    {group}
),
people AS (
    SELECT s.pmr, s.fsm, COUNT(s.edukey) AS edukeys, {pay}(CASE WHEN e.earnings > 0 THEN e.earnings END) AS pay
    FROM pairs AS s
    LEFT JOIN {LEO}.leo_earnings AS e ON e.edukey = s.edukey AND e.taxyear = 201819
    GROUP BY s.pmr, s.fsm
)
SELECT fsm, COUNT(*) AS pupils, SUM(CASE WHEN edukeys > 0 THEN 1 ELSE 0 END) AS linked, COUNT(pay) AS paid,
       {mean} AS mean_pay
FROM people
GROUP BY fsm
"""


def cohort_2008(con):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
        FROM {NPD}.spring_census_2008
    WHERE ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND recordstatus_spr08 < 100
    """).df()


def school_to_pay_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201819 AND earnings > 0").df()
    cohort = cohort_2008(con)
    pairs = cohort.merge(spine(con)[["pmr", "edukey"]].drop_duplicates(), how="left", on="pmr")
    people = pairs.merge(pay, how="left", on="edukey").groupby(["pmr", "fsm"], as_index=False, dropna=False)
    people = people.agg(edukeys=("edukey", "count"), pay=("earnings", lambda each: each.sum(min_count=1)))
    people["linked"] = people["edukeys"] > 0
    return people.groupby("fsm", as_index=False, dropna=False).agg(
        pupils=("pmr", "size"), linked=("linked", "sum"), paid=("pay", "count"), mean_pay=("pay", "mean")
    )


def school_to_pay_mapped(con):
    """Pay brought to people first, and looked up from the cohort."""
    keys = spine(con).dropna()[["pmr", "edukey"]].drop_duplicates()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201819 AND earnings > 0").df()
    total = keys.merge(pay, on="edukey").groupby("pmr")["earnings"].sum()
    cohort = cohort_2008(con)
    cohort["pay"], cohort["linked"] = cohort["pmr"].map(total), cohort["pmr"].isin(keys["pmr"]).astype(int)
    groups = cohort.groupby("fsm", dropna=False)
    table = pd.DataFrame({"pupils": groups.size(), "linked": groups["linked"].sum()})
    return table.assign(paid=groups["pay"].count(), mean_pay=groups["pay"].mean())


SCHOOL_TO_PAY_COUNTS = f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
    FROM {NPD}.spring_census_2008
    WHERE ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND recordstatus_spr08 < 100
),
keys AS (
    SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr, k.edukey
    FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
    JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id AND k.edukey IS NOT NULL
),
pay AS (
    SELECT DISTINCT y.pmr, SUM(e.earnings) OVER (PARTITION BY y.pmr) AS pay
    FROM keys AS y JOIN {LEO}.leo_earnings AS e ON e.edukey = y.edukey
    WHERE e.taxyear = 201819 AND e.earnings > 0
)
SELECT c.fsm, COUNT(*) AS pupils, COUNT(CASE WHEN c.pmr IN (SELECT pmr FROM keys) THEN 1 END) AS linked,
       COUNT(pay.pay) AS paid, SUM(pay.pay) * 1.0 / COUNT(pay.pay) AS mean_pay
FROM cohort AS c LEFT JOIN pay ON pay.pmr = c.pmr
GROUP BY c.fsm
"""

SCHOOL_TO_PAY_MONEY = f"""
SELECT c.fsmeligible_spr08 AS fsm, COUNT(*) AS pupils, COUNT(t.edukeys) AS linked, COUNT(t.pay) AS paid,
       AVG(t.pay) AS mean_pay
FROM {NPD}.spring_census_2008 AS c
LEFT JOIN (
    SELECT pmr, NULLIF(COUNT(edukey), 0) AS edukeys, SUM(earnings) AS pay
    FROM (SELECT p.pupilmatchingrefanonymous AS pmr, k.edukey, MAX(NULLIF(e.earnings, 0)) AS earnings
          FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
          JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
          LEFT JOIN {LEO}.leo_earnings AS e ON e.edukey = k.edukey AND e.taxyear = 201819
          GROUP BY p.pupilmatchingrefanonymous, k.edukey) AS paths
    GROUP BY pmr
) AS t ON t.pmr = c.pupilmatchingrefanonymous_spr08
WHERE c.ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND c.recordstatus_spr08 < 100
GROUP BY c.fsmeligible_spr08
"""

QUESTION = Question(
    name="q12",
    title="From school to pay",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={"fsm": "number", "pupils": "number", "linked": "number", "paid": "number", "mean_pay": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LINKING_LESSON,
    heading="What it does to a result",
    reference_sql=school_to_pay(),
    make=school_to_pay,
    reference_pandas=school_to_pay_pandas,
    tolerance={"mean_pay": 0.001},
    hints=(
        "Work in steps, each a common table expression: cohort, pairs of PMR and EDUKEY, pay a person, table.",
        "Two AE_IDs of a pupil can lead to one EDUKEY: keep each pair of PMR and EDUKEY once before pay is joined.",
        "Add the pay of a pupil's EDUKEYs up to one row a pupil, then count and average those rows by fsm.",
    ),
    misconceptions=(
        slip(
            "larger-of-two-keys",
            "You took the larger of the amounts under two EDUKEYs. In some years part of the pay stands under "
            "each: add "
            "them up.",
            pay="MAX",
        ),
        slip(
            "rows-not-keys",
            "Some pupils reach one EDUKEY along two paths, so its pay was added twice. Keep each pair of PMR and "
            "EDUKEY once before you join the pay.",
            pairs="SELECT c.pmr, c.fsm, k.edukey",
        ),
        slip(
            "lowest-key-only",
            "You kept one EDUKEY of each pupil. Where a pupil has two, part of the pay stands under the other: keep "
            "both and add up.",
            pairs="SELECT c.pmr, c.fsm, k.edukey",
            edukey="MIN(k.edukey)",
            group="GROUP BY c.pmr, c.fsm",
        ),
        slip(
            "inner-join",
            "Your inner joins drop pupils who lead to no EDUKEY, so pupils and linked are the same number. Keep all "
            "pupils of the cohort with LEFT JOINs.",
            join="JOIN",
        ),
        slip(
            "missing-as-zero",
            "Your mean counts pupils without pay as 0, linked or not. The question asks for the mean of those who "
            "are paid.",
            mean="AVG(COALESCE(pay, 0))",
        ),
    ),
    alternatives=(SCHOOL_TO_PAY_COUNTS, SCHOOL_TO_PAY_MONEY, school_to_pay_mapped),
)
