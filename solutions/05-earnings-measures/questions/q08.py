"""Pay and profit."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question

from .shared import LESSON, PAY, RETURNS, slip


def combined_sql(
    join="FULL JOIN", zero="COALESCE({}, 0)", total="COALESCE(e.pay, 0) + COALESCE(s.profit, 0)",
    profit="earnings_self_employment", year=201718, pay_rows="1 = 1", return_rows="1 = 1", as_zero="COALESCE({}, 0)",
    profit_zero="COALESCE({}, 0)",
):  # fmt: skip
    return f"""
WITH e AS (SELECT edukey, earnings AS pay FROM {PAY} WHERE taxyear = {year} AND {pay_rows}),
s AS (SELECT edukey, {as_zero.format(profit)} AS profit FROM {RETURNS} WHERE taxyear = {year} AND {return_rows})
SELECT COALESCE(e.edukey, s.edukey) AS edukey, {zero.format("e.pay")} AS pay,
       {profit_zero.format("s.profit")} AS profit,
       {total} AS combined
FROM e {join} s ON s.edukey = e.edukey
"""


def combined_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings AS pay FROM {PAY} WHERE taxyear = 201718").df()
    returns = con.sql(f"""
        SELECT edukey, earnings_self_employment AS profit FROM {RETURNS} WHERE taxyear = 201718
    """).df()
    both = pay.merge(returns, on="edukey", how="outer").fillna({"pay": 0, "profit": 0})
    return both.assign(combined=both["pay"] + both["profit"])


QUESTION = Question(
    name="q8",
    title="Pay and profit together",
    answer_name="q8",
    kind="sql",
    points=3,
    columns={"edukey": "text", "pay": "number", "profit": "number", "combined": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Self-employment",
    make=combined_sql,
    reference_sql=combined_sql(),
    reference_pandas=combined_pandas,
    alternatives=(
        f"""
        SELECT edukey, SUM(pay) AS pay, SUM(profit) AS profit, SUM(pay + profit) AS combined
        FROM (SELECT edukey, earnings AS pay, 0 AS profit FROM {PAY} WHERE taxyear = 201718
              UNION ALL
              SELECT edukey, 0, COALESCE(earnings_self_employment, 0) FROM {RETURNS} WHERE taxyear = 201718) AS t
        GROUP BY edukey
        """,
        f"""
        WITH everybody AS (SELECT edukey FROM {PAY} WHERE taxyear = 201718
                           UNION SELECT edukey FROM {RETURNS} WHERE taxyear = 201718)
        SELECT a.edukey, COALESCE(e.earnings, 0) AS pay,
               COALESCE(s.earnings_sole, 0) + COALESCE(s.earnings_ptr, 0) AS profit,
               COALESCE(e.earnings, 0) + COALESCE(s.earnings_sole, 0) + COALESCE(s.earnings_ptr, 0) AS combined
        FROM everybody AS a
        LEFT JOIN {PAY} AS e ON e.edukey = a.edukey AND e.taxyear = 201718
        LEFT JOIN {RETURNS} AS s ON s.edukey = a.edukey AND s.taxyear = 201718
        """,
        lambda con: (
            pd.concat(
                [
                    con.sql(f"SELECT edukey, 'pay' AS k, earnings AS v FROM {PAY} WHERE taxyear = 201718").df(),
                    con.sql(f"""SELECT edukey, 'profit' AS k, COALESCE(earnings_self_employment, 0) AS v
                                FROM {RETURNS} WHERE taxyear = 201718""").df(),
                ]
            )
            .pivot_table(index="edukey", columns="k", values="v", aggfunc="sum", fill_value=0)
            .assign(combined=lambda t: t["pay"] + t["profit"])
            .reset_index()
        ),
    ),
    universe=f"""
        SELECT edukey FROM {PAY} WHERE taxyear = 201718
        UNION SELECT edukey FROM {RETURNS} WHERE taxyear = 201718
    """,
    hints=(
        "Some have pay only, some a return only, some both. Which join keeps all three?",
        "Anything plus a missing value is missing.",
        "Full join the two views of the year. COALESCE turns what is not there into 0, also before you add.",
    ),
    misconceptions=(
        slip(
            "sum-with-missing",
            "Pay plus a missing profit is missing, so combined is empty for all who have only one of the two. Say "
            "what missing means here, none, with COALESCE before you add.",
            total="e.pay + s.profit",
        ),
        slip(
            "self-employed-only-lost",
            "You began with pay, and people who were only self-employed are gone. Keep both sides with a full join.",
            join="LEFT JOIN",
        ),
        slip(
            "inner-join",
            "An inner join keeps only those with pay and a return. Most people have pay alone, and some a return "
            "alone: all of them belong here.",
            join="JOIN",
        ),
        slip(
            "sole-trader-only",
            "You took profit as a sole trader only. Partners have profit too: EARNINGS_SELF_EMPLOYMENT holds both.",
            profit="earnings_sole",
        ),
        slip("missing-profit-left", as_zero="{}", profit_zero="{}"),
        slip("flag-for-return", return_rows="self_employed = 1"),
        slip(
            "profit-missing",
            "You kept returns with an amount only. One whose amount is missing belongs in, with a profit of 0.",
            return_rows="earnings_self_employment IS NOT NULL",
        ),
        slip("losses-set-to-0", as_zero="GREATEST(COALESCE({}, 0), 0)"),
        slip("loss-subtracted", total="COALESCE(e.pay, 0) + ABS(COALESCE(s.profit, 0))"),
        slip("zero-left-out", pay_rows="earnings > 0"),
        slip("pay-of-another-year", "You took another tax year. 2017/18 is 201718.", year=201617),
    ),
)
