"""Two keys of one person."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question

from .shared import KEYS, LESSON, PAY, slip


def two_keys_sql(join="LEFT JOIN", pay="SUM(e.earnings)", keys="k.edukey = k.edukey", group="t.ae_id",
                 years="COUNT(e.taxyear)", number="= 2", year="", where="1 = 1"):  # fmt: skip
    return f"""
WITH two AS (
    SELECT ae_id, MIN(edukey) AS first_key FROM {KEYS} GROUP BY ae_id HAVING COUNT(DISTINCT edukey) {number}
)
SELECT t.ae_id, {years} AS years, {pay} AS pay
FROM two AS t
JOIN {KEYS} AS k ON k.ae_id = t.ae_id AND {keys}
{join} {PAY} AS e ON e.edukey = k.edukey {year}
WHERE {where}
GROUP BY {group}
"""


LARGER_SQL = f"""
SELECT ae_id, SUM(years) AS years, SUM(pay) AS pay
FROM (SELECT t.ae_id, e.taxyear, COUNT(e.taxyear) AS years, MAX(e.earnings) AS pay
      FROM (SELECT ae_id FROM {KEYS} GROUP BY ae_id HAVING COUNT(DISTINCT edukey) = 2) AS t
      JOIN {KEYS} AS k ON k.ae_id = t.ae_id LEFT JOIN {PAY} AS e ON e.edukey = k.edukey
      GROUP BY t.ae_id, e.taxyear) AS by_year
GROUP BY ae_id
"""


def two_keys_pandas(con):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY}").df()
    two = keys[keys.groupby("ae_id")["edukey"].transform("nunique") == 2]
    people = two.merge(pay, on="edukey", how="left").groupby("ae_id")
    return pd.DataFrame({"years": people["taxyear"].count(), "pay": people["earnings"].sum(min_count=1)}).reset_index()


QUESTION = Question(
    name="q4",
    title="One person, two EDUKEYs",
    answer_name="q4",
    kind="sql",
    points=2,
    columns={"ae_id": "number", "years": "number", "pay": "number"},
    identity=("ae_id",),
    unit="AE_ID",
    people=True,
    lesson=LESSON,
    heading="Two EDUKEYs of one person",
    reference_sql=two_keys_sql(),
    reference_pandas=two_keys_pandas,
    alternatives=(
        f"""
        WITH by_key AS (SELECT edukey, COUNT(*) AS years, SUM(earnings) AS pay FROM {PAY} GROUP BY edukey)
        SELECT a.ae_id, COALESCE(x.years, 0) + COALESCE(y.years, 0) AS years,
               CASE WHEN x.pay IS NULL THEN y.pay WHEN y.pay IS NULL THEN x.pay ELSE x.pay + y.pay END AS pay
        FROM {KEYS} AS a JOIN {KEYS} AS b ON b.ae_id = a.ae_id AND b.edukey > a.edukey
        LEFT JOIN by_key AS x ON x.edukey = a.edukey LEFT JOIN by_key AS y ON y.edukey = b.edukey
        """,
        f"""
        SELECT ae_id, years, pay
        FROM (SELECT k.ae_id, COUNT(DISTINCT k.edukey) AS n, COUNT(e.taxyear) AS years, SUM(e.earnings) AS pay
              FROM {KEYS} AS k LEFT JOIN {PAY} AS e ON e.edukey = k.edukey GROUP BY k.ae_id) AS t
        WHERE n = 2
        """,
        f"""
        SELECT ae_id, SUM(n) AS years, SUM(paid) AS pay
        FROM (SELECT ae_id, 0 AS n, NULL AS paid FROM {KEYS} GROUP BY ae_id HAVING MIN(edukey) < MAX(edukey)
              UNION ALL
              SELECT k.ae_id, 1, e.earnings FROM {PAY} AS e JOIN {KEYS} AS k USING (edukey)
              WHERE EXISTS (SELECT 1 FROM {KEYS} AS o WHERE o.ae_id = k.ae_id AND o.edukey <> k.edukey)) AS t
        GROUP BY ae_id
        """,
    ),
    make=two_keys_sql,
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Find the AE_IDs with two EDUKEYs in the lookup first.",
        "Earlier years stand under one of the keys and later years under the other: take both.",
        "Join both keys to the pay with a left join, then add up by ae_id.",
    ),
    misconceptions=(
        slip(
            "larger-of-two-keys",
            "You took the larger of the amounts that a tax year has under the two keys. Part of the pay stands "
            "under each: "
            "add them up.",
            LARGER_SQL,
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so you lose the years that stand under the other. Take both and add up.",
            keys="k.edukey = t.first_key",
        ),
        slip(
            "inner-join",
            "People without any pay under either key dropped out. They belong in the table: keep them with a left "
            "join, with 0 years and missing pay.",
            join="JOIN",
        ),
        slip(
            "missing-pay-as-zero",
            "You gave people without any pay in the records a pay of 0. Nothing is known about their pay: leave it "
            "missing.",
            pay="COALESCE(SUM(e.earnings), 0)",
        ),
        slip(
            "averaged-over-keys",
            "You averaged over the keys. The two keys are two parts of one history: add them up.",
            pay="SUM(e.earnings) / 2.0",
        ),
        slip(
            "keys-kept-apart",
            "You have a row for each key. The question asks for one row a person, over both keys.",
            group="t.ae_id, k.edukey",
        ),
        slip(
            "one-for-none",
            "People without pay have 1 in years: a left join makes a row for them. Count a column of the pay.",
            years="COUNT(*)",
        ),
        slip("years-not-rows", years="COUNT(DISTINCT e.taxyear)"),
        slip("zero-not-counted", years="COUNT(NULLIF(e.earnings, 0))"),
        slip("one-tax-year-only", year="AND e.taxyear = 201617"),
        slip("where-after-left-join", where="e.earnings > 0"),
        slip(
            "everybody-with-keys",
            "You took everybody with an EDUKEY. The question is about AE_IDs that lead to two.",
            number=">= 1",
        ),
        slip("who-has-one-key", number="= 1"),
        slip("mean-for-total", pay="AVG(e.earnings)"),
    ),
)
