"""A figure."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import figure_question, months_of, varied

from .shared import GAP_YEARS, LESSON, LINKED, LOOKUP, LOWEST_KEYS, WORK, gap, month_rows, slip


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
    make=varied(gap),
    tolerance=0.0005,
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
            rule="five",
        ),
        slip(
            "sign-turned",
            "Your difference is turned round. Take the share under five of six, less the share under twelve of twelve.",
            rule="turned",
        ),
        slip(
            "all-six",
            "You asked for all six months from October to March. Five of them are enough.",
            rule="six",
        ),
        slip(
            "only-people-with-work",
            "Your base holds only pupils with some work in the year. Everybody in the cohort who could be linked "
            "belongs in it.",
            base="COUNT(*)",
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale=1.0,
        ),
        slip(
            "blank-as-key",
            "You took a row in the lookup for a link. Some people stand there with a blank EDUKEY, which is "
            "none: your base "
            "is too large.",
            keys=LOOKUP,
        ),
        slip(
            "one-key-kept",
            "You kept one EDUKEY of two. A month counts if either key has a day in it.",
            keys=LOWEST_KEYS,
        ),
        slip("unmatched-in-denominator", join="LEFT JOIN"),
        slip("keys-not-people", person="edukey"),
        slip(
            "year-11-forgotten",
            "You took pupils of all year groups. The cohort was in year 11 in 2006.",
            group="1 = 1",
        ),
        slip("year-10", "You took year 10. The cohort was in year 11 in 2006.", group="ncyearactual_spr06 = '10'"),
        slip(
            "tax-year-named-by-end",
            "Your x is the year in which the tax year ends. On the x axis stands the year in which it begins.",
            named=1,
        ),
        slip("label-read-as-end", "Your months lie a year too late for the year that x names.", shift=1),
        slip("tax-year-early", "Your months lie a year too early for the year that x names.", shift=-1),
    ),
)
