"""A figure."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import figure_question, months_of

from .shared import GAP_YEARS, LESSON, LINKED, WORK, gap, month_rows, slip


def gap_spells(con):
    return con.sql(f"""
        SELECT l.pmr, YEAR(s.startdate) * 12 + MONTH(s.startdate) - 1 AS a,
            YEAR(s.enddate) * 12 + MONTH(s.enddate) - 1 AS b
        FROM ({LINKED}) AS l LEFT JOIN {WORK} AS s ON s.edukey = l.edukey
    """)


def gap_pandas(con):
    rows = gap_spells(con).df()
    people, points = rows["pmr"].nunique(), []
    for year in GAP_YEARS:
        april = year * 12 + 3
        worked = [set(rows.loc[(rows["a"] <= m) & (rows["b"] >= m), "pmr"]) for m in range(april, april + 12)]
        counts = pd.Series([pupil for month in worked[6:] for pupil in month]).value_counts()
        points.append({"x": year, "y": 100 * (int((counts >= 5).sum()) - len(set.intersection(*worked))) / people})
    return pd.DataFrame(points)


def gap_sets(con):
    months = {}
    for pupil, a, b in gap_spells(con).fetchall():
        mine = months.setdefault(pupil, set())
        if a is not None:
            mine.update(range(max(a, 2006 * 12), min(b, 2021 * 12 + 3) + 1))
    points = []
    for year in GAP_YEARS:
        april = year * 12 + 3
        winter, whole = set(range(april + 6, april + 12)), set(range(april, april + 12))
        five = sum(len(mine & winter) >= 5 for mine in months.values())
        points.append({"x": year, "y": 100 * (five - sum(whole <= mine for mine in months.values())) / len(months)})
    return pd.DataFrame(points)


def gap_averages(con):
    """Every linked pupil in every year, with or without work, and the mean of a difference of flags."""
    return con.sql(f"""
        WITH spells AS (SELECT * FROM ({gap_spells(con).sql_query()}) AS found),
        people AS (SELECT DISTINCT pmr FROM spells),
        months AS (
            SELECT DISTINCT pmr, UNNEST(range(GREATEST(a, 24072), LEAST(b, 24254) + 1)) AS month
            FROM spells WHERE a IS NOT NULL
        ),
        counted AS (
            SELECT pmr, (month - 3) // 12 AS x, COUNT(*) AS months,
                COUNT(*) FILTER (WHERE (month - 3) % 12 >= 6) AS winter
            FROM months GROUP BY ALL
        )
        SELECT y.range AS x,
            AVG(100.0 * ((COALESCE(c.winter, 0) >= 5)::INT - (COALESCE(c.months, 0) = 12)::INT)) AS y
        FROM range(2006, 2021) AS y CROSS JOIN people AS p
        LEFT JOIN counted AS c ON c.pmr = p.pmr AND c.x = y.range
        GROUP BY y.range
    """)


def gap_by_year(con):
    """One small query a year and rule."""

    def count(months, at_least):
        return con.sql(f"""
            SELECT COUNT(*) FROM (
                SELECT l.pmr FROM ({LINKED}) AS l JOIN {WORK} AS s ON s.edukey = l.edukey
                JOIN (VALUES {month_rows(months)}) AS m (n, a, b) ON s.startdate < m.b AND s.enddate >= m.a
                GROUP BY l.pmr HAVING COUNT(DISTINCT m.n) >= {at_least}
            )
        """).fetchone()[0]

    people = con.sql(f"SELECT COUNT(DISTINCT pmr) FROM ({LINKED})").fetchall()[0][0]
    return pd.DataFrame(
        {
            "x": year,
            "y": 100
            * (count(months_of(year * 100, begins=10, count=6), 5) - count(months_of(year * 100), 12))
            / people,
        }
        for year in GAP_YEARS
    )


QUESTION = figure_question(
    name="q9",
    title="How far two rules are apart",
    points=3,
    lesson=LESSON,
    heading="Sustained employment",
    reference_sql=gap,
    reference_pandas=gap_pandas,
    alternatives=(gap_sets, gap_averages, gap_by_year),
    x_label="tax year",
    y_label="percentage point|%|per cent",
    hints=(
        "Make a table of pupil, tax year, months and winter months first. Both rules come from it.",
        "Pool the months of all keys of a pupil. Who has no month at all still belongs to the base.",
        "Both percentages have the same base, so count whom each rule takes in, and divide the difference once.",
    ),
    misconceptions=(
        slip(
            "one-rule-only",
            "You drew the share under one rule. The question asks for the difference between the two.",
            lambda con: gap(con, rule="five"),
        ),
        slip(
            "sign-turned",
            "Your difference is turned round. Take the share under five of six, less the share under twelve of twelve.",
            lambda con: gap(con, rule="turned"),
        ),
        slip(
            "all-six",
            "You asked for all six months from October to March. Five of them are enough.",
            lambda con: gap(con, rule="six"),
        ),
        slip(
            "only-people-with-work",
            "Your base holds only pupils with some work in the year. Everybody in the cohort who could be linked "
            "belongs in it.",
            lambda con: gap(con, base="COUNT(*)"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: gap(con, scale=1.0),
        ),
    ),
)
