"""A figure."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import LEO, NPD, figure_question, varied

from .shared import LINKING_LESSON, linked_pmrs, match_rates, slip

FIGURE_YEARS = range(2008, 2018)


def unlinked_points(con, scale=100.0, value="unlinked", denominator="pupils"):
    """Share of each year 11 that leads to no EDUKEY, by year of the census."""
    found, points = linked_pmrs(con), []
    for year in FIGURE_YEARS:
        yy = f"spr{year % 100:02d}"
        pupils = con.sql(f"""
            SELECT pupilmatchingrefanonymous_{yy} AS pmr FROM {NPD}.spring_census_{year}
            WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
        """).df()["pmr"]
        linked = sum(pmr in found for pmr in pupils)
        part = linked if value == "linked" else len(pupils) - linked
        points.append({"x": year, "y": scale * part / (len(pupils) if denominator == "pupils" else linked)})
    return pd.DataFrame(points)


def unlinked_sql(con):
    stacked = " UNION ALL ".join(
        f"""SELECT {year} AS x, pupilmatchingrefanonymous_spr{year % 100:02d} AS pmr
            FROM {NPD}.spring_census_{year}
            WHERE ncyearactual_spr{year % 100:02d} = '11' AND recordstatus_spr{year % 100:02d} < 100"""
        for year in FIGURE_YEARS
    )
    return con.sql(f"""
        WITH found AS (
            SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
            JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id AND k.edukey IS NOT NULL
        )
        SELECT c.x, 100.0 * (COUNT(*) - COUNT(f.pmr)) / COUNT(*) AS y
        FROM ({stacked}) AS c LEFT JOIN found AS f ON f.pmr = c.pmr GROUP BY c.x ORDER BY c.x
    """)


def unlinked_not_exists(con):
    """The unlinked counted directly, year by year."""
    rows = []
    for year in FIGURE_YEARS:
        yy = f"spr{year % 100:02d}"
        base = f"FROM {NPD}.spring_census_{year} AS c WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100"
        total = con.sql(f"SELECT COUNT(*) {base}").fetchall()[0][0]
        lost = con.sql(f"""
            SELECT COUNT(*) {base} AND NOT EXISTS (
                SELECT 1 FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
                WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_{yy} AND k.edukey IS NOT NULL)
        """).fetchone()[0]
        rows.append((year, 100 * lost / total))
    return pd.DataFrame(rows, columns=["x", "y"])


def unlinked_from_rates(con):
    """Summed up from the table by group."""
    rows = []
    for year in FIGURE_YEARS:
        table = match_rates(con, year).df()
        rows.append({"x": year, "y": 100 - 100 * table["linked"].sum() / table["pupils"].sum()})
    return pd.DataFrame(rows)


def unlinked_drawn(con):
    """Drawn as bars."""
    import matplotlib.pyplot as plt

    table = unlinked_sql(con).df()
    _, axes = plt.subplots()
    axes.bar(table["x"], table["y"])
    axes.set(xlabel="Census year", ylabel="Not linked (%)", title="Year 11 without an EDUKEY (simulated data)")
    return axes


QUESTION = figure_question(
    name="q11",
    title="Pupils who lead to no EDUKEY",
    points=3,
    lesson=LINKING_LESSON,
    heading="Who is not linked",
    reference_sql=unlinked_sql,
    make=varied(unlinked_points),
    reference_pandas=unlinked_points,
    x_label="year|census",
    y_label="%|per cent|percent",
    hints=(
        "Compute the ten percentages first, as a table. Draw when they look right.",
        "Build a query for each census with an f-string, and put them together with UNION ALL.",
        "The pupils without an EDUKEY are those whom a LEFT JOIN to the linked PMRs leaves empty.",
    ),
    misconceptions=(
        slip(
            "complement-drawn",
            "You drew those who are linked. The question asks for those who are not.",
            value="linked",
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale=1.0,
        ),
        slip(
            "odds-not-share",
            "You divided those without an EDUKEY by those with one. The base of the percentage is all pupils.",
            denominator="linked",
        ),
    ),
    alternatives=(unlinked_not_exists, unlinked_from_rates, unlinked_drawn),
)
