"""What several questions of this assignment share."""

from __future__ import annotations

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, NPD

slip = slips(__file__)

LESSON = "Building a cohort"

LINKING_LESSON = "Who is who: linking people"


def spring(con, year, *fields):
    """Fields of a spring census, every record, without the suffix. The key comes as ``pmr``."""
    yy = f"spr{year % 100:02d}"
    names = ", ".join(f"{field}_{yy} AS {field}" for field in (*fields, "recordstatus"))
    return con.sql(f"SELECT pupilmatchingrefanonymous_{yy} AS pmr, {names} FROM {NPD}.spring_census_{year}").df()


def main_records(con, year, *fields):
    """The same, main records only."""
    census = spring(con, year, *fields)
    return census[census["recordstatus"] < 100]


def results(con, year, *fields):
    """Key stage 4 records of one year, from 2014/15 on. The key comes as ``pmr``."""
    names = ", ".join(("ks4_att8 AS points", *fields))
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, {names} FROM {NPD}.ks4pupil_2015_to_2021
        WHERE ks4_acadyr = '{year - 1}/{year}'
    """).df()


def best_results(con, year, *fields):
    return results(con, year, *fields).sort_values("points", ascending=False).drop_duplicates("pmr")


def lookups(con):
    """The two lookups: PMR to AE_ID, and AE_ID to EDUKEY."""
    people = con.sql(f"SELECT pupilmatchingrefanonymous AS pmr, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    keys = con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    return people, keys.dropna()  # a blank is no key
