"""A figure."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import NPD, figure_question, varied

from .shared import LESSON, main_records, results, slip, spring

FIGURE_YEARS = range(2015, 2021)


def fsm_points(con, base="main", scale=100.0, groups=("11",)):
    """Percentage of year 11 eligible for free school meals, by year of the census."""
    points = []
    for year in FIGURE_YEARS:
        census = spring(con, year, "fsmeligible", "ncyearactual")
        census = census[census["ncyearactual"].isin(groups)] if groups else census
        census = census if base == "records" else census[census["recordstatus"] < 100]
        people = results(con, year)["pmr"].nunique() if base == "results" else len(census)
        points.append({"x": year, "y": scale * float(census["fsmeligible"].sum()) / people})
    return pd.DataFrame(points)


def fsm_sql(con):
    return con.sql(
        " UNION ALL ".join(
            f"""SELECT {year} AS x, 100.0 * SUM(fsmeligible_spr{year % 100}) / COUNT(*) AS y
                FROM {NPD}.spring_census_{year}
                WHERE ncyearactual_spr{year % 100} = '11' AND recordstatus_spr{year % 100} < 100"""
            for year in FIGURE_YEARS
        )
    )


def fsm_grouped(con):
    """All censuses stacked, then grouped."""
    stacked = pd.concat(main_records(con, year, "fsmeligible", "ncyearactual").assign(x=year) for year in FIGURE_YEARS)
    stacked = stacked[stacked["ncyearactual"] == "11"].astype({"fsmeligible": float})
    return (100 * stacked.groupby("x")["fsmeligible"].mean()).rename("y").reset_index()


def fsm_averaged(con):
    """A flag and its mean, in SQL, over pupils told apart by a window."""
    stacked = " UNION ALL ".join(
        f"""SELECT {year} AS x, fsmeligible_spr{year % 100} AS fsm,
                   ROW_NUMBER() OVER (PARTITION BY pupilmatchingrefanonymous_spr{year % 100}
                                      ORDER BY recordstatus_spr{year % 100}) AS place
            FROM {NPD}.spring_census_{year} WHERE ncyearactual_spr{year % 100} = '11'"""
        for year in FIGURE_YEARS
    )
    return con.sql(f"SELECT x, 100 * AVG(fsm) AS y FROM ({stacked}) AS t WHERE place = 1 GROUP BY x")


def fsm_drawn(con):
    """Drawn as a line."""
    import matplotlib.pyplot as plt

    table = fsm_sql(con).df().sort_values("x")
    _, axes = plt.subplots()
    axes.plot(table["x"], table["y"], marker="o")
    axes.set(xlabel="Census year", ylabel="Eligible (%)", title="Year 11 (simulated data)")
    return axes


QUESTION = figure_question(
    name="q12",
    title="Free school meals in year 11",
    points=3,
    lesson=LESSON,
    heading="Find the view",
    reference_sql=fsm_sql,
    make=varied(fsm_points),
    reference_pandas=fsm_points,
    x_label="year|census",
    y_label="%|per cent|percent",
    hints=(
        "Compute the six percentages first, as a table. Draw when they look right.",
        "Numerator and denominator come from the same rows: main records of year 11.",
        "For each census, the mean of a column of 0 and 1 is a share. What turns it into a percentage?",
    ),
    misconceptions=(
        slip(
            "records-counted",
            "You counted records. Pupils registered twice count twice, and records of pupils who left have no FSM: "
            "keep main records.",
            base="records",
        ),
        slip(
            "missing-as-zero",
            "Your denominator is the pupils with results. Those of independent schools are in no census, so they "
            "count as not eligible, though nobody asked.",
            base="results",
        ),
        slip(
            "all-year-groups",
            "You took all pupils of the census. The question asks for those in year 11.",
            groups=(),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale=1.0,
        ),
    ),
    alternatives=(fsm_grouped, fsm_averaged, fsm_drawn),
)
