"""Other right answers to question 7, drawn differently."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from leocourse.authoring.shorthand import LEO, winter

from .shared import _months_of_people

FIGURE_YEARS = range(2009, 2020)


def figure_of_bars(con):
    """Bars, from flags of months."""
    keys = con.sql(f"""
        SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr, k.edukey
        FROM {LEO}.learner_ae_id_to_pmr_lookup p JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
        WHERE k.edukey IS NOT NULL AND p.pupilmatchingrefanonymous IN (
            SELECT pupilmatchingrefanonymous_spr07 FROM npd_i2."2005003".spring_census_2007
            WHERE ncyearactual_spr07 = '11' AND recordstatus_spr07 < 100)
    """).df()
    worked = {year: pd.concat(_months_of_people(con, keys, year)).value_counts() for year in FIGURE_YEARS}
    _, axes = plt.subplots()
    axes.bar(list(worked), [100 * (months >= 5).sum() / keys["pmr"].nunique() for months in worked.values()])
    axes.set_xticks(list(worked))
    return axes


def figure_of_points(con):
    """Points, from flags of months by person in SQL."""
    rates = []
    for year in FIGURE_YEARS:
        flags = " + ".join(
            f"max(CASE WHEN s.startdate < DATE '{after}' AND s.enddate >= DATE '{first}' THEN 1 ELSE 0 END)"
            for first, after in winter((year - 1) * 100 + year % 100)
        )
        people = con.sql(f"""
            SELECT c.pupilmatchingrefanonymous_spr07 AS pmr, coalesce({flags}, 0) AS months
            FROM npd_i2."2005003".spring_census_2007 c
            JOIN {LEO}.learner_ae_id_to_pmr_lookup p
              ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr07
            JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
            LEFT JOIN {LEO}.leo_employment s ON s.edukey = k.edukey
            WHERE c.ncyearactual_spr07 = '11' AND c.recordstatus_spr07 < 100 AND k.edukey IS NOT NULL
            GROUP BY 1
        """).df()
        rates.append(100 * (people["months"] >= 5).mean())
    _, axes = plt.subplots()
    axes.scatter(list(FIGURE_YEARS), rates)
    return axes
