"""Quartiles by group."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question

from .shared import FIRST_KEYS, KEYS, KS4, LESSON, PAY, PUPILS, cohort_links, slip


def quartiles_sql(
    distinct="DISTINCT", join="JOIN", pay="SUM(e.earnings)", above="pay > 0", percentile="PERCENTILE_CONT", middle=None,
    first="2003/2004", last="2008/2009", year=201617, low=0.25, high=0.75, keys=KEYS, one="pmr",
):  # fmt: skip
    middle = middle or f"{percentile}(0.5) WITHIN GROUP (ORDER BY pay)"
    return f"""
WITH links AS (
    SELECT {distinct} k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_gender AS gender, e.edukey
    FROM {KS4} AS k
    JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
    JOIN {keys} AS e ON e.ae_id = a.ae_id
    WHERE k.ks4_acadyr BETWEEN '{first}' AND '{last}'
),
paid AS (
    SELECT l.{one}, l.gender, {pay} AS pay
    FROM links AS l {join} {PAY} AS e ON e.edukey = l.edukey AND e.taxyear = {year}
    GROUP BY l.{one}, l.gender
)
SELECT gender, COUNT(*) AS people,
       {percentile}({low}) WITHIN GROUP (ORDER BY pay) AS p25,
       {middle} AS p50,
       {percentile}({high}) WITHIN GROUP (ORDER BY pay) AS p75
FROM paid WHERE {above} GROUP BY gender
"""


def quartiles_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617").df()
    paid = cohort_links(con, 2004, 2009).merge(pay, on="edukey")
    paid = paid.groupby(["pmr", "gender"], as_index=False)["earnings"].sum()
    paid = paid[paid["earnings"] > 0].groupby("gender")["earnings"]
    table = paid.quantile([0.25, 0.5, 0.75]).unstack().set_axis(["p25", "p50", "p75"], axis=1)
    return table.assign(people=paid.size()).reset_index()


def quartiles_by_numpy(con):
    import numpy as np

    rows = []
    for gender in ("F", "M"):
        values = con.sql(f"""
            SELECT SUM(e.earnings) FROM {PAY} AS e
            JOIN (SELECT pmr, edukey FROM (SELECT p.pupilmatchingrefanonymous AS pmr, l.edukey FROM {PUPILS} AS p
                  JOIN {KEYS} AS l USING (ae_id)) GROUP BY ALL) AS k ON k.edukey = e.edukey
            WHERE e.taxyear = 201617 AND k.pmr IN (
                SELECT ks4_pupilmatchingrefanonymous FROM {KS4}
                WHERE ks4_acadyr BETWEEN '2003/2004' AND '2008/2009' AND ks4_gender = '{gender}')
            GROUP BY k.pmr HAVING SUM(e.earnings) > 0
        """).fetchall()
        values = np.array([total for (total,) in values], dtype=float)
        rows.append((gender, len(values), *np.percentile(values, [25, 50, 75])))
    return pd.DataFrame(rows, columns=["gender", "people", "p25", "p50", "p75"])


QUARTILES_BY_PLACE = f"""
WITH pupils AS (SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr, ks4_gender AS gender
                FROM {KS4} WHERE ks4_acadyr BETWEEN '2003/2004' AND '2008/2009'),
reached AS (SELECT q.pmr, q.gender, k.edukey FROM pupils AS q
            JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = q.pmr JOIN {KEYS} AS k ON k.ae_id = a.ae_id
            GROUP BY q.pmr, q.gender, k.edukey),
paid AS (SELECT r.gender, SUM(e.earnings) AS pay FROM reached AS r JOIN {PAY} AS e ON e.edukey = r.edukey
         WHERE e.taxyear = 201617 GROUP BY r.pmr, r.gender),
placed AS (SELECT gender, pay, COUNT(*) OVER (PARTITION BY gender) AS n,
                  ROW_NUMBER() OVER (PARTITION BY gender ORDER BY pay) - 1 AS place FROM paid WHERE pay > 0),
wanted AS (SELECT *, (n - 1) * 0.25 AS a, (n - 1) * 0.5 AS b, (n - 1) * 0.75 AS c FROM placed)
SELECT gender, MAX(n) AS people,
       SUM(CASE WHEN ABS(place - a) < 1 THEN pay * (1 - ABS(place - a)) END) AS p25,
       SUM(CASE WHEN ABS(place - b) < 1 THEN pay * (1 - ABS(place - b)) END) AS p50,
       SUM(CASE WHEN ABS(place - c) < 1 THEN pay * (1 - ABS(place - c)) END) AS p75
FROM wanted GROUP BY gender
"""

QUESTION = Question(
    name="q6",
    title="Quartiles of pay by gender",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"gender": "text", "people": "number", "p25": "number", "p50": "number", "p75": "number"},
    identity=("gender",),
    unit="group",
    lesson=LESSON,
    heading="Medians and percentiles",
    reference_sql=quartiles_sql(),
    reference_pandas=quartiles_pandas,
    alternatives=(
        quartiles_by_numpy,
        QUARTILES_BY_PLACE,
        quartiles_sql()
        .replace("PERCENTILE_CONT", "QUANTILE_CONT")
        .replace(") WITHIN GROUP (ORDER BY pay)", ", pay)")
        # QUANTILE_CONT takes the value first
        .replace("(0.25, pay)", "(pay, 0.25)")
        .replace("(0.5, pay)", "(pay, 0.5)")
        .replace("(0.75, pay)", "(pay, 0.75)"),
    ),
    make=quartiles_sql,
    tolerance={"p25": 0.005, "p50": 0.005, "p75": 0.005},
    hints=(
        "Build pairs of pupil and EDUKEY first. A pupil can have two records and two AE_IDs: keep distinct pairs.",
        "Add up pay by pupil before you look at percentiles.",
        "One row a pupil, pay above 0. PERCENTILE_CONT with the share in brackets gives each of the three columns.",
    ),
    misconceptions=(
        slip(
            "larger-of-two-keys",
            "You took the larger of the amounts under two keys. In some years part of the pay stands under each: "
            "add them "
            "up.",
            pay="MAX(e.earnings)",
        ),
        slip(
            "pay-doubled-by-join",
            "Some people's pay is doubled: a pupil with two records, or with two AE_IDs that lead to one EDUKEY, meets "
            "the same pay twice. Keep distinct pairs of pupil and EDUKEY before you add up.",
            distinct="",
        ),
        slip(
            "missing-pay-as-zero",
            "You counted people without pay in the records as paid nothing. They belong in a statement about who is "
            "in work, not in percentiles of pay.",
            join="LEFT JOIN",
            pay="COALESCE(SUM(e.earnings), 0)",
            above="1 = 1",
        ),
        slip(
            "zero-kept",
            "You kept totals of 0, which are corrections. Leave them out of the count and of the percentiles.",
            above="pay >= 0",
        ),
        slip(
            "lower-of-the-middle-two",
            "PERCENTILE_DISC picks a person; the question asks for percentiles that may lie between two people, "
            "as PERCENTILE_CONT and pandas give them.",
            percentile="PERCENTILE_DISC",
        ),
        slip(
            "mean-not-median",
            "The middle column holds the mean. A few very high totals pull it up: the 50th percentile is the median.",
            middle="AVG(pay)",
        ),
        slip("first-year-left-out", "2003/2004 belongs in: your range begins after it.", first="2004/2005"),
        slip("last-year-left-out", "2008/2009 belongs in: your range stops before it.", last="2007/2008"),
        slip("pay-of-another-year", "You took the pay of 2015/16. Tax year 2016/17 is 201617.", year=201516),
        slip("deciles-for-quartiles", low=0.1, high=0.9),
        slip("quartiles-exchanged", low=0.75, high=0.25),
        slip("one-key-of-two", keys=FIRST_KEYS),
        slip("keys-not-people", one="edukey"),
    ),
)
