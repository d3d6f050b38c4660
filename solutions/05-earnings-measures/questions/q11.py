"""A figure of self-employment."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import figure_question, varied

from .shared import LESSON, PAY, RETURNS, label_of, slip


def self_employed(
    con, flag="s.self_employed = 1", base="1 = 1", counted="s.edukey IS NOT NULL", scale="100.0", above="> 0",
    named="// 100 + 1", years=(2013, 2020), rate="{} / COUNT(*)",
):  # fmt: skip
    return con.sql(f"""
        WITH e AS (SELECT edukey, taxyear FROM {PAY} WHERE earnings {above} AND taxyear >= 201314),
        s AS (SELECT edukey, taxyear FROM {RETURNS} AS s WHERE {flag})
        SELECT COALESCE(e.taxyear, s.taxyear) {named} AS x,
               {scale} * {rate.format(f"SUM(CASE WHEN {counted} THEN 1 ELSE 0 END)")} AS y
        FROM e FULL JOIN s ON s.edukey = e.edukey AND s.taxyear = e.taxyear
        WHERE {base} AND COALESCE(e.taxyear, s.taxyear) // 100 BETWEEN {years[0]} AND {years[1]}
        GROUP BY COALESCE(e.taxyear, s.taxyear)
    """).df()


def self_employed_pandas(con):
    pay = con.sql(f"SELECT edukey, taxyear FROM {PAY} WHERE earnings > 0 AND taxyear >= 201314").df()
    returns = con.sql(f"SELECT edukey, taxyear FROM {RETURNS} WHERE self_employed = 1").df()
    both = pay.merge(returns, on=["edukey", "taxyear"], how="outer", indicator=True)
    share = 100 * (both["_merge"] != "left_only").groupby(both["taxyear"]).mean()
    return pd.DataFrame({"x": share.index // 100 + 1, "y": share.to_numpy()})


def self_employed_stacked(con):
    """One row an EDUKEY and year from a union, then the mean of a flag."""
    return con.sql(f"""
        SELECT taxyear // 100 + 1 AS x, 100 * AVG(own) AS y
        FROM (SELECT edukey, taxyear, MAX(own) AS own
              FROM (SELECT edukey, taxyear, 0 AS own FROM {PAY} WHERE earnings > 0 AND taxyear >= 201314
                    UNION ALL SELECT edukey, taxyear, 1 FROM {RETURNS} WHERE self_employed = 1) AS t
              GROUP BY edukey, taxyear) AS u
        GROUP BY taxyear
    """).df()


def self_employed_sets(con):
    """Sets of EDUKEYs, a year at a time."""
    points = []
    for starts in range(2013, 2021):
        paid = f"SELECT edukey FROM {PAY} WHERE taxyear = {label_of(starts)} AND earnings > 0"
        own = f"SELECT edukey FROM {RETURNS} WHERE taxyear = {label_of(starts)} AND self_employed = 1"
        paid, own = (set(con.sql(query).df()["edukey"]) for query in (paid, own))
        points.append((starts + 1, 100 * len(own) / len(paid | own)))
    return pd.DataFrame(points, columns=["x", "y"])


def self_employed_counts(con):
    """Three counts a year: both together are paid, plus own, less those who are both."""
    return con.sql(f"""
        WITH paid AS (SELECT taxyear, COUNT(*) AS n FROM {PAY} WHERE earnings > 0 GROUP BY taxyear),
        own AS (SELECT taxyear, COUNT(*) AS n FROM {RETURNS} WHERE self_employed = 1 GROUP BY taxyear),
        twice AS (SELECT s.taxyear, COUNT(*) AS n FROM {RETURNS} AS s JOIN {PAY} AS e USING (edukey, taxyear)
                 WHERE s.self_employed = 1 AND e.earnings > 0 GROUP BY s.taxyear)
        SELECT own.taxyear // 100 + 1 AS x, 100.0 * own.n / (paid.n + own.n - twice.n) AS y
        FROM own JOIN paid USING (taxyear) JOIN twice USING (taxyear)
    """).df()


QUESTION = figure_question(
    name="q11",
    title="The self-employed among those with income from work",
    points=3,
    lesson=LESSON,
    heading="Self-employment",
    reference_sql=self_employed,
    reference_pandas=self_employed_pandas,
    alternatives=(self_employed_stacked, self_employed_sets, self_employed_counts),
    x_label="tax year",
    y_label="%|per cent|percent",
    make=varied(self_employed),
    tolerance=0.0005,
    hints=(
        "Compute the eight percentages first, as a table. Draw when they look right.",
        "The base is everybody with pay above 0 or with self_employed = 1, each EDUKEY once.",
        "Join both views on two columns, so that either side may be empty. Who has no return is not self-employed.",
    ),
    misconceptions=(
        slip(
            "self-employed-only-lost",
            "Your base holds only EDUKEYs with pay, so those who are only self-employed are missing from above and "
            "below the line.",
            base="e.edukey IS NOT NULL",
        ),
        slip(
            "only-self-employed",
            "You counted only those without pay as self-employed. Many have both: a return with self_employed = 1 "
            "counts, whatever else there is.",
            counted="e.edukey IS NULL",
        ),
        slip(
            "profit-missing",
            "You took profit above 0 for self-employment. Some returns show self-employment and no amount: use "
            "self_employed = 1.",
            flag="s.earnings_self_employment > 0",
        ),
        slip(
            "return-for-other-income",
            "You counted every return. Some are for other income than self-employment: use self_employed = 1.",
            flag="1 = 1",
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale="1.0",
        ),
        slip("zero-kept", "You counted pay of 0 as income from work. It is pay above 0.", above=">= 0"),
        slip(
            "odds-not-share",
            "You divided by those who are paid. The base is everybody with income from work.",
            rate="{} / COUNT(e.edukey)",
        ),
        slip("twice-in-the-base", rate="{} / (COUNT(e.edukey) + COUNT(s.edukey))"),
        slip("complement-drawn", "You drew the share of those without self-employment.", counted="s.edukey IS NULL"),
        slip("number-not-percent", "Your values are numbers of EDUKEYs, not percentages.", scale="1", rate="{}"),
        slip(
            "tax-year-named-by-begin",
            "Your x is the year in which the tax year begins. On the x axis is that in which it ends.",
            named="// 100",
        ),
        slip(
            "label-for-years", "Your x is the label. On the x axis stands a calendar year, 2014 to 2021.", named="+ 0"
        ),
        slip(
            "first-year-left-out", "2013/14 is missing: it is the first of the tax years asked for.", years=(2014, 2020)
        ),
        slip(
            "last-year-left-out", "2020/21 is missing: it is the last of the tax years asked for.", years=(2013, 2019)
        ),
    ),
)
