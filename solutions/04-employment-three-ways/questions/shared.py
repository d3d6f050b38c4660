"""What several questions of this assignment share."""

from __future__ import annotations

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, months_of

slip = slips(__file__)

LESSON = "Work: spells and tax years"

WORK = f"{LEO}.leo_employment"

KEYS = f"{LEO}.learner_ae_id_to_edukey_lookup"

PMR = "pupilmatchingrefanonymous"

EDUKEYS = f"SELECT DISTINCT edukey FROM {WORK}"

SPELLS_TEXT = f"SELECT edukey, CAST(startdate AS VARCHAR) AS s, CAST(enddate AS VARCHAR) AS e FROM {WORK}"
"""Dates as text: 9999-12-31 is beyond the dates of pandas, and text of this form sorts as dates do."""


def month_rows(months):
    return ", ".join(f"({n}, DATE '{first}', DATE '{after}')" for n, (first, after) in enumerate(months))


GAP_YEARS = range(2006, 2021)

COHORT = """
    SELECT pupilmatchingrefanonymous_spr06 AS pmr FROM npd_i2."2005003".spring_census_2006
    WHERE ncyearactual_spr06 = '11' AND recordstatus_spr06 < 100
"""

LINKED = f"""
    SELECT DISTINCT c.pmr, k.edukey
    FROM ({COHORT}) AS c
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    JOIN {KEYS} AS k ON k.ae_id = p.ae_id
"""


def gap(con, rule="gap", base="(SELECT COUNT(DISTINCT pmr) FROM linked)", scale=100.0, person="pmr"):
    """Percentage points between five of six and twelve of twelve, by the year in which a tax year begins."""
    months = ", ".join(
        f"({year}, {n}, DATE '{first}', DATE '{after}')"
        for year in GAP_YEARS
        for n, (first, after) in enumerate(months_of(year * 100))
    )
    value = {
        "gap": "SUM(CASE WHEN winter >= 5 THEN 1 ELSE 0 END) - SUM(CASE WHEN months = 12 THEN 1 ELSE 0 END)",
        "six": "SUM(CASE WHEN winter = 6 THEN 1 ELSE 0 END) - SUM(CASE WHEN months = 12 THEN 1 ELSE 0 END)",
        "five": "SUM(CASE WHEN winter >= 5 THEN 1 ELSE 0 END)",
        "turned": "SUM(CASE WHEN months = 12 THEN 1 ELSE 0 END) - SUM(CASE WHEN winter >= 5 THEN 1 ELSE 0 END)",
    }[rule]
    return con.sql(f"""
        WITH linked AS ({LINKED}),
        worked AS (
            SELECT m.x, l.{person} AS person, COUNT(DISTINCT m.n) AS months,
                COUNT(DISTINCT CASE WHEN m.n >= 6 THEN m.n END) AS winter
            FROM linked AS l
            JOIN {WORK} AS s ON s.edukey = l.edukey
            JOIN (VALUES {months}) AS m (x, n, first_day, next_first)
                ON s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY m.x, l.{person}
        )
        SELECT x, {scale} * ({value}) / {base} AS y FROM worked GROUP BY x ORDER BY x
    """)
