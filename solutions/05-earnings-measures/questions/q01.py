"""Median pay by tax year."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question

from .shared import LESSON, PAY, label_of, slip


def median_sql(median="MEDIAN({pay})", pay="earnings", above="{pay} > 0", first=200910, last=201920, keys="COUNT(*)",
               label="taxyear"):  # fmt: skip
    return f"""
SELECT {label} AS tax_year, {keys} AS keys, {median.format(pay=pay)} AS median_pay
FROM {PAY}
WHERE {above.format(pay=pay)} AND taxyear BETWEEN {first} AND {last}
GROUP BY taxyear
"""


MEDIAN_SQL = median_sql()


def median_pandas(con):
    pay = con.sql(f"SELECT taxyear, earnings FROM {PAY} WHERE taxyear BETWEEN 200910 AND 201920").df()
    pay = pay[pay["earnings"] > 0].groupby("taxyear")["earnings"]
    return pay.agg(keys="size", median_pay="median").rename_axis("tax_year").reset_index()


def median_by_years(con):
    """One tax year at a time, the median by the statistics module of Python."""
    import statistics

    rows = []
    for starts in range(2009, 2020):
        pay = con.sql(f"SELECT earnings FROM {PAY} WHERE taxyear = {label_of(starts)} AND earnings > 0").fetchall()
        rows.append((label_of(starts), len(pay), statistics.median(value for (value,) in pay)))
    return pd.DataFrame(rows, columns=["tax_year", "keys", "median_pay"])


QUESTION = Question(
    name="q1",
    title="Median pay by tax year",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"tax_year": "number", "keys": "number", "median_pay": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    heading="Medians and percentiles",
    reference_sql=MEDIAN_SQL,
    reference_pandas=median_pandas,
    alternatives=(
        MEDIAN_SQL.replace("MEDIAN(earnings)", "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY earnings)"),
        f"""
        WITH placed AS (
            SELECT taxyear, earnings, COUNT(*) OVER (PARTITION BY taxyear) AS n,
                   ROW_NUMBER() OVER (PARTITION BY taxyear ORDER BY earnings, edukey) AS place
            FROM {PAY} WHERE earnings > 0 AND taxyear BETWEEN 200910 AND 201920)
        SELECT taxyear AS tax_year, MAX(n) AS keys, AVG(earnings) AS median_pay
        FROM placed WHERE place BETWEEN n / 2.0 AND n / 2.0 + 1 GROUP BY taxyear
        """,
        median_by_years,
    ),
    make=median_sql,
    tolerance={"median_pay": 0.005},
    hints=(
        "A total of 0 is a correction, not a year's pay.",
        "Keep totals above 0 of the eleven tax years, then group.",
        "The filter comes before the grouping. Count and median then look at the same rows.",
    ),
    misconceptions=(
        slip(
            "zero-kept",
            "You kept totals of 0. They arise when a correction makes the sum negative: leave them out of the count "
            "and of the median.",
            above="{pay} >= 0",
        ),
        slip(
            "mean-not-median",
            "You gave the mean. A few very high totals pull it up; the question asks for the median.",
            median="AVG({pay})",
        ),
        slip(
            "lower-of-the-middle-two",
            "With an even number of totals the median lies half way between the middle two; you took the lower one, "
            "as PERCENTILE_DISC does.",
            median="PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY {pay})",
        ),
        slip("first-year-left-out", first=201011),
        slip("last-year-left-out", last=201819),
        slip("enterprise-pay", pay="enterprise_earnings"),
        slip("low-pay-left-out", above="{pay} > 5000"),
        slip(
            "zero-in-the-count",
            "Your keys count totals of 0 as well. Count those with pay above 0, as the median does.",
            median="MEDIAN(CASE WHEN {pay} > 0 THEN {pay} END)",
            above="{pay} IS NOT NULL",
        ),
        slip("year-for-label", label="taxyear // 100"),
    ),
)
