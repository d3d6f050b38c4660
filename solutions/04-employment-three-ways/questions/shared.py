"""What several questions of this assignment share."""

from __future__ import annotations

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, months_of

slip = slips(__file__)

LESSON = "Work: spells and tax years"

WORK = f"{LEO}.leo_employment"

LOOKUP = f"{LEO}.learner_ae_id_to_edukey_lookup"

KEYS = f"(SELECT ae_id, edukey FROM {LOOKUP} WHERE edukey IS NOT NULL)"
"""A person may stand in the lookup with a blank in place of an EDUKEY, which is none."""

PMR = "pupilmatchingrefanonymous"

EDUKEYS = f"SELECT DISTINCT edukey FROM {WORK}"

SPELLS_TEXT = f"SELECT edukey, CAST(startdate AS VARCHAR) AS s, CAST(enddate AS VARCHAR) AS e FROM {WORK}"
"""Dates as text: 9999-12-31 is beyond the dates of pandas, and text of this form sorts as dates do."""


def month_rows(months):
    return ", ".join(f"({n}, DATE '{first}', DATE '{after}')" for n, (first, after) in enumerate(months))


GAP_YEARS = range(2006, 2021)

PUPILS = 'npd_i2."2005003".spring_census_2006'


def cohort(group="ncyearactual_spr06 = '11'", record="recordstatus_spr06 < 100"):
    return f"""
    SELECT pupilmatchingrefanonymous_spr06 AS pmr FROM {PUPILS}
    WHERE {group} AND {record}
"""


def linked(keys=KEYS, join="JOIN", **pupils):
    """Pairs of a pupil of the cohort and an EDUKEY."""
    return f"""
    SELECT DISTINCT c.pmr, k.edukey
    FROM ({cohort(**pupils)}) AS c
    {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    {join} {keys} AS k ON k.ae_id = p.ae_id
"""


LINKED = linked()


def gap(con, rule="gap", base="(SELECT COUNT(DISTINCT {person}) FROM linked)", scale=100.0, person="pmr", shift=0,
        named=0, **links):  # fmt: skip
    """Percentage points between five of six and twelve of twelve, by the year in which a tax year begins."""
    months = ", ".join(
        f"({year + named}, {n}, DATE '{first}', DATE '{after}')"
        for year in GAP_YEARS
        for n, (first, after) in enumerate(months_of((year + shift) * 100))
    )
    five, six, twelve = (f"SUM(CASE WHEN {when} THEN 1 ELSE 0 END)"
                         for when in ("winter >= 5", "winter = 6", "months = 12"))  # fmt: skip
    value = {"gap": f"{five} - {twelve}", "six": f"{six} - {twelve}", "five": five, "twelve": twelve,
             "turned": f"{twelve} - {five}"}[rule]  # fmt: skip
    return con.sql(f"""
        WITH linked AS ({linked(**links)}),
        worked AS (
            SELECT m.x, l.{person} AS person, COUNT(DISTINCT m.n) AS months,
                COUNT(DISTINCT CASE WHEN m.n >= 6 THEN m.n END) AS winter
            FROM linked AS l
            JOIN {WORK} AS s ON s.edukey = l.edukey
            JOIN (VALUES {months}) AS m (x, n, first_day, next_first)
                ON s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY m.x, l.{person}
        )
        SELECT x, {scale} * ({value}) / {base.format(person=person)} AS y FROM worked GROUP BY x ORDER BY x
    """)


LOWEST_KEYS = f"(SELECT ae_id, MIN(edukey) AS edukey FROM {KEYS} GROUP BY ae_id)"
"""One key of two: what is left after a slip."""
