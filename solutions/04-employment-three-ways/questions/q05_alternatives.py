"""Other right answers to question 5, written differently."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import months_of

from .shared import WORK, month_rows


def months_pandas(con, tax_year):
    rows = con.sql(
        f"SELECT edukey, startdate::VARCHAR s, enddate::VARCHAR e, "
        f"uncertainstartdate + uncertainenddate AS unsure FROM {WORK}"
    ).df()
    found = pd.concat(
        rows.loc[(rows["s"] < str(after)) & (rows["e"] >= str(first)), ["edukey", "unsure"]].assign(month=first)
        for first, after in months_of(tax_year)
    )
    table = found.groupby("edukey")["month"].nunique().rename("months").to_frame()
    table["certain"] = found[found["unsure"] == 0].groupby("edukey")["month"].nunique()
    return table.fillna(0).astype(int).reset_index()


def months_numbers(con, tax_year):
    """Months as numbers, so that a spell gives a first and a last one; spells of a key may share a month."""
    first = tax_year // 100 * 12 + 3
    return con.sql(f"""
        WITH spells AS (
            SELECT edukey, uncertainstartdate + uncertainenddate AS unsure,
                GREATEST(YEAR(startdate) * 12 + MONTH(startdate) - 1, {first}) AS a,
                LEAST(YEAR(enddate) * 12 + MONTH(enddate) - 1, {first + 11}) AS b
            FROM {WORK}
        ),
        months AS (SELECT edukey, unsure, UNNEST(range(a, b + 1)) AS month FROM spells WHERE a <= b)
        SELECT edukey, COUNT(DISTINCT month) AS months,
            COUNT(DISTINCT month) FILTER (WHERE unsure = 0) AS certain
        FROM months GROUP BY edukey
    """)


def months_flags(con, tax_year):
    """A flag for each month and key, then a sum of flags."""
    rows = month_rows(months_of(tax_year))
    return con.sql(f"""
        WITH grid AS (
            SELECT s.edukey, m.n, MIN(GREATEST(s.uncertainstartdate, s.uncertainenddate)) AS unsure
            FROM {WORK} AS s, (VALUES {rows}) AS m (n, first_day, next_first)
            WHERE s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY s.edukey, m.n
        )
        SELECT edukey, COUNT(*) AS months, COUNT(*) - SUM(unsure) AS certain FROM grid GROUP BY edukey
    """)


def months_loop(con, tax_year):
    first, every, sure = tax_year // 100 * 12 + 3, {}, {}
    rows = con.sql(f"""
        SELECT edukey, YEAR(startdate) * 12 + MONTH(startdate) - 1, YEAR(enddate) * 12 + MONTH(enddate) - 1,
            uncertainstartdate + uncertainenddate
        FROM {WORK}
    """)
    for key, begins, ends, unsure in rows.fetchall():
        months = range(max(begins, first), min(ends, first + 11) + 1)
        if months:
            every.setdefault(key, set()).update(months)
            sure.setdefault(key, set()).update(() if unsure else months)
    return [{"edukey": key, "months": len(months), "certain": len(sure[key])} for key, months in every.items()]
