"""Other right answers to question 8, written differently."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import LEO, tax_year_bounds


def benefit_rows(tax_year):
    first, last = tax_year_bounds(tax_year)
    return f"""
        SELECT edukey, GREATEST(startdate, DATE '{first}') AS first_day, LEAST(enddate, DATE '{last}') AS last_day
        FROM {LEO}.leo_benefit
        WHERE out_of_work_benefit = 1 AND startdate <= DATE '{last}' AND enddate >= DATE '{first}'
    """


def benefit_pandas(con, tax_year):
    """In order of start, each spell adds the days after the latest end so far."""
    rows = con.sql(benefit_rows(tax_year)).df().sort_values(["edukey", "first_day", "last_day"])
    so_far = rows.groupby("edukey")["last_day"].cummax().groupby(rows["edukey"]).shift()
    begins = rows["first_day"].where(~(so_far >= rows["first_day"]), so_far + pd.Timedelta(days=1))
    rows["days"] = ((rows["last_day"] - begins).dt.days + 1).clip(lower=0)
    return rows.groupby("edukey")["days"].sum().reset_index()


def benefit_calendar(con, tax_year):
    first, _ = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH spells AS ({benefit_rows(tax_year)}),
        calendar AS (SELECT DATE '{first}' + range::INT AS day FROM range(366))
        SELECT s.edukey, COUNT(DISTINCT c.day) AS days
        FROM spells AS s JOIN calendar AS c ON c.day BETWEEN s.first_day AND s.last_day
        GROUP BY s.edukey
    """)


def benefit_sets(con, tax_year):
    covered = {}
    for key, first, last in con.sql(benefit_rows(tax_year)).fetchall():
        covered.setdefault(key, set()).update(range(first.toordinal(), last.toordinal() + 1))
    return [{"edukey": key, "days": len(days)} for key, days in covered.items()]


def benefit_unnest(con, tax_year):
    return con.sql(f"""
        WITH days AS (
            SELECT edukey, UNNEST(range(first_day - DATE '2000-01-01', last_day - DATE '2000-01-01' + 1)) AS day
            FROM ({benefit_rows(tax_year)}) AS spells
        )
        SELECT edukey, COUNT(*) AS days FROM (SELECT DISTINCT edukey, day FROM days) AS once GROUP BY edukey
    """)
