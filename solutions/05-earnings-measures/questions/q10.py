"""Growth."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import FIRST_KEYS, KEYS, LESSON, PAY, slip


def growth_sql(change="100 * (b.pay * 98.875 / 106.375 / a.pay - 1)", join="JOIN", above="b.pay > 0",
               pay="SUM(e.earnings)", keys=KEYS, first=201314, later=201819):  # fmt: skip
    return f"""
WITH pay AS (
    SELECT k.ae_id, e.taxyear, {pay} AS pay
    FROM {keys} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
    WHERE e.taxyear IN ({first}, {later})
    GROUP BY k.ae_id, e.taxyear
),
b AS (SELECT ae_id, pay FROM pay WHERE taxyear = {later})
SELECT a.ae_id, {change} AS growth
FROM pay AS a {join} b ON b.ae_id = a.ae_id
WHERE a.taxyear = {first} AND a.pay > 0 AND {above}
"""


def growth_pandas(con):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY} WHERE taxyear IN (201314, 201819)").df()
    wide = keys.merge(pay, on="edukey").pivot_table(index="ae_id", columns="taxyear", values="earnings", aggfunc="sum")
    wide = wide[(wide[201314] > 0) & (wide[201819] > 0)]
    growth = 100 * ((wide[201819] / 106.375) / (wide[201314] / 98.875) - 1)
    return growth.rename("growth").reset_index()


QUESTION = Question(
    name="q10",
    title="Growth of pay in real terms",
    answer_name="q10",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "growth": "number"},
    identity=("ae_id",),
    unit="AE_ID",
    people=True,
    lesson=LESSON,
    heading="Real terms",
    reference_sql=growth_sql(),
    reference_pandas=growth_pandas,
    alternatives=(
        f"""
        SELECT k.ae_id, 100.0 * (SUM(CASE WHEN e.taxyear = 201819 THEN e.earnings END) / 106.375)
               / (SUM(CASE WHEN e.taxyear = 201314 THEN e.earnings END) / 98.875) - 100 AS growth
        FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
        GROUP BY k.ae_id
        HAVING SUM(CASE WHEN e.taxyear = 201819 THEN e.earnings END) > 0
           AND SUM(CASE WHEN e.taxyear = 201314 THEN e.earnings END) > 0
        """,
        f"""
        WITH paid AS (
            SELECT k.ae_id, e.taxyear, SUM(e.earnings / CASE e.taxyear WHEN 201314 THEN 98.875 ELSE 106.375 END) AS pay
            FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
            WHERE e.taxyear IN (201314, 201819) GROUP BY k.ae_id, e.taxyear HAVING SUM(e.earnings) > 0),
        beside AS (SELECT ae_id, taxyear, pay, LAG(pay) OVER (PARTITION BY ae_id ORDER BY taxyear) AS before FROM paid)
        SELECT ae_id, 100 * (pay - before) / before AS growth FROM beside WHERE before IS NOT NULL
        """,
        f"""
        SELECT ae_id, 100 * ((SELECT SUM(e.earnings) FROM {PAY} AS e JOIN {KEYS} AS k ON k.edukey = e.edukey
                              WHERE k.ae_id = people.ae_id AND e.taxyear = 201819) * 98.875
                           / ((SELECT SUM(e.earnings) FROM {PAY} AS e JOIN {KEYS} AS k ON k.edukey = e.edukey
                              WHERE k.ae_id = people.ae_id AND e.taxyear = 201314) * 106.375) - 1) AS growth
        FROM (SELECT k.ae_id FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
              WHERE e.taxyear = 201314 AND e.earnings > 0
              INTERSECT
              SELECT k.ae_id FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
              WHERE e.taxyear = 201819 AND e.earnings > 0) AS people
        """,
    ),
    make=growth_sql,
    tolerance={"growth": 0.0005},
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "One row a person and year first, over all keys, then the two years side by side.",
        "Put both years at the same prices before you compare them.",
        "Bring the earlier pay to the later prices with the two indexes, then compare: later over earlier, less 1.",
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
            "money-of-the-year",
            "You compared money of two years. Part of the growth is a rise of prices: put both at the same prices "
            "first.",
            change="100 * (1.0 * b.pay / a.pay - 1)",
        ),
        slip(
            "price-ratio-upside-down",
            "Your price ratio is upside down, so prices count twice. Growth in real terms is less than growth in money "
            "while prices rise.",
            change="100 * (b.pay * 106.375 / 98.875 / a.pay - 1)",
        ),
        slip(
            "later-year-as-base",
            "You divided the change by the later pay. Growth is in per cent of where it started: divide by the pay of "
            "2013/14.",
            change="100 * (1 - a.pay * 106.375 / 98.875 / b.pay)",
        ),
        slip(
            "share-not-percent",
            "Your values are shares: multiply by 100.",
            change="b.pay * 98.875 / 106.375 / a.pay - 1",
        ),
        slip(
            "missing-pay-as-zero",
            "People without pay in 2018/19 have a growth of minus 100 per cent in your answer. Their pay is missing, "
            "not nought: leave them out.",
            change="100 * (COALESCE(b.pay, 0) * 98.875 / 106.375 / a.pay - 1)",
            join="LEFT JOIN",
            above="1 = 1",
        ),
        slip("ratio-not-growth", change="100 * b.pay * 98.875 / 106.375 / a.pay"),
        slip("one-key-of-two", keys=FIRST_KEYS),
        slip("zero-kept", above="b.pay >= 0"),
        slip("growth-a-year", change="100 * (power(b.pay * 98.875 / 106.375 / a.pay, 0.2) - 1)"),
        slip("change-in-pounds", change="b.pay * 98.875 / 106.375 - a.pay"),
        slip("inflation-subtracted", change="100 * (1.0 * b.pay / a.pay - 1) - 100 * (106.375 / 98.875 - 1)"),
        slip("pay-of-another-year", "You began with another tax year. 2013/14 is 201314.", first=201213),
        slip("another-last-year", later=201718),
    ),
)
