"""A figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from leocourse.authoring.shorthand import LEO, figure_question, tax_year_bounds, varied, winter

from .q07_alternatives import FIGURE_YEARS, figure_of_bars, figure_of_points
from .shared import LOOKUP, WORK_LESSON, _spells, slip


def employment_rates(con, base="linked", scale=100.0, by_key=False, keys=LOOKUP, at_least=5, shift=0, named=0,
                     census=2007, group="= '11'", value="in_work / total"):  # fmt: skip
    """Share of the year 11 cohort of 2006/07 in sustained employment, by tax year."""
    yy = f"spr{census % 100:02d}"
    links = con.sql(f"""
        SELECT DISTINCT {"k.edukey" if by_key else "c.pmr"} AS person, k.edukey, k.ae_id
        FROM (SELECT pupilmatchingrefanonymous_{yy} AS pmr FROM npd_i2."2005003".spring_census_{census}
              WHERE ncyearactual_{yy} {group} AND recordstatus_{yy} < 100) AS c
        LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pmr
        LEFT JOIN {keys} k ON k.ae_id = p.ae_id
    """).df()
    mine = links.dropna(subset=["person", "edukey"]).merge(_spells(con), on="edukey")
    points = []
    for year in FIGURE_YEARS:
        label = (year - 1) * 100 + year % 100
        # a person's months are pooled over all their keys
        worked = pd.concat(
            mine.loc[(mine["s"] < str(after)) & (mine["e"] >= str(first)), "person"].drop_duplicates()
            for first, after in winter(label, shift=shift)
        ).value_counts()
        in_work = int((worked >= at_least).sum())
        if base == "linked":
            total = links.dropna(subset=["person", "edukey"])["person"].nunique()
        elif base == "in the lookup":
            total = links.dropna(subset=["ae_id"])["person"].nunique()
        elif base == "all":
            total = links["person"].nunique()
        else:
            first, last = tax_year_bounds(label)
            total = mine.loc[(mine["s"] <= str(last)) & (mine["e"] >= str(first)), "person"].nunique()
        share = {"in_work / total": in_work / total, "rest": 1 - in_work / total, "in_work": in_work / 100}[value]
        points.append({"x": year + named, "y": scale * share})
    return pd.DataFrame(points)


def employment_rates_sql(con):
    """The same points, computed in SQL."""
    months = ", ".join(
        f"({year}, DATE '{first}', DATE '{after}')"
        for year in FIGURE_YEARS
        for first, after in winter((year - 1) * 100 + year % 100)
    )
    return con.sql(f"""
        WITH linked AS (
            SELECT DISTINCT c.pupilmatchingrefanonymous_spr07 AS pmr, k.edukey
            FROM npd_i2."2005003".spring_census_2007 c
            JOIN {LEO}.learner_ae_id_to_pmr_lookup p
              ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr07
            JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
            WHERE c.ncyearactual_spr07 = '11' AND c.recordstatus_spr07 < 100 AND k.edukey IS NOT NULL
        ),
        worked AS (
            SELECT m.x, l.pmr
            FROM linked l
            JOIN {LEO}.leo_employment s ON s.edukey = l.edukey
            JOIN (VALUES {months}) m(x, first_day, next_first)
              ON s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY m.x, l.pmr
            HAVING count(DISTINCT m.first_day) >= 5
        )
        SELECT x, 100.0 * count(*) / (SELECT count(DISTINCT pmr) FROM linked) AS y
        FROM worked GROUP BY x ORDER BY x
    """)


def figure_of_a_line(con):
    """A line with markers, from the points in SQL."""
    points = employment_rates_sql(con).df()
    _, axes = plt.subplots()
    axes.plot(points["x"], points["y"], marker="o")
    return axes


QUESTION = figure_question(
    name="q7",
    title="One cohort over time",
    points=3,
    lesson=WORK_LESSON,
    heading="Sustained employment",
    reference_sql=employment_rates_sql,
    reference_pandas=employment_rates,
    x_label="tax year",
    y_label="%|per cent|percent",
    make=varied(employment_rates),
    tolerance=0.0005,
    hints=(
        "Compute the eleven percentages first, as a table. Draw when they look right.",
        "A person counts once, even with two EDUKEYs: pool the months of all of a person's keys.",
        "Who has no day in work at all still belongs below the line. Does your join keep them, with no month?",
    ),
    misconceptions=(
        slip(
            "unmatched-in-denominator",
            "Your denominator holds pupils who lead to no EDUKEY. Nothing is known about their work, so the "
            "published percentages leave them out (and report how many they are).",
            base="all",
        ),
        slip(
            "blank-as-key",
            "You took a row in the lookup for a link. Some people are there with a blank EDUKEY: they lead to no "
            "record of work, so the denominator leaves them out.",
            base="in the lookup",
        ),
        slip(
            "only-people-with-work",
            "Your denominator holds only people with some work in the year, so the rate is far too high. Everybody "
            "in the cohort who could be linked belongs in it.",
            base="any work",
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale=1.0,
        ),
        slip(
            "keys-not-people",
            "You counted EDUKEYs. A person with two of them counts twice, and has half a history under each: go from"
            " keys to people first.",
            by_key=True,
        ),
        slip("all-six", at_least=6),
        slip("months-not-needed", at_least=1),
        slip("wrong-winter", shift=1),
        slip("winter-before", shift=-1),
        slip(
            "one-key-of-two",
            keys=f"(SELECT ae_id, MIN(edukey) AS edukey FROM {LOOKUP} GROUP BY ae_id)",
        ),
        slip("all-year-groups", group="IS NOT NULL"),
        slip("year-10", "You took year 10. The cohort was in year 11 in 2007.", group="= '10'"),
        slip(
            "census-of-another-year", "You took another census. The cohort was in year 11 in that of 2007.", census=2008
        ),
        slip(
            "tax-year-named-by-begin",
            "Your x is the year in which the tax year begins. On the x axis is the year in which it ends.",
            named=-1,
        ),
        slip(
            "complement-drawn",
            "You drew the share of all the others. Draw those in sustained employment.",
            value="rest",
        ),
        slip(
            "number-not-percent",
            "Your values are numbers of people. Divide by the base and multiply by 100.",
            value="in_work",
        ),
    ),
    alternatives=(
        figure_of_bars,
        figure_of_a_line,
        figure_of_points,
    ),
)
