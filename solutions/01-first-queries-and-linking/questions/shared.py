"""What several questions of this assignment share."""

from __future__ import annotations

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, NPD

slip = slips(__file__)

DATABASE_LESSON = "The extract as a database"

SQL_LESSON = "SQL for linked records"

LINKING_LESSON = "Who is who: linking people"


def spine(con):
    """The two lookups joined: one row for each path from an EDUKEY to a PMR."""
    keys = con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup WHERE edukey IS NOT NULL").df()
    pupils = con.sql(f"SELECT ae_id, pupilmatchingrefanonymous AS pmr FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    return keys.merge(pupils, how="left", on="ae_id")


def match_rates(con, year, linked="COUNT(DISTINCT CASE WHEN k.edukey IS NOT NULL THEN c.pmr END)", join="LEFT JOIN",
                pupils="COUNT(DISTINCT c.pmr)"):  # fmt: skip
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT c.ethnic_group, {pupils} AS pupils, {linked} AS linked, 100.0 * {linked} / {pupils} AS rate
        FROM (SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
              FROM {NPD}.spring_census_{year}
              WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100) AS c
        {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
        {join} {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
        GROUP BY c.ethnic_group
    """)


def linked_pmrs(con):
    """PMRs that lead to an EDUKEY."""
    return set(spine(con)["pmr"].dropna())
