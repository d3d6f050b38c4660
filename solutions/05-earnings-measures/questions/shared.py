"""What several questions of this assignment share."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO

slip = slips(__file__)

LESSON = "Measuring earnings"

WORK_LESSON = "Work: spells and tax years"

PAY = f"{LEO}.leo_earnings"

SPELLS = f"{LEO}.leo_employment"

RETURNS = f"{LEO}.leo_self_assessment"

LOOKUP = f"{LEO}.learner_ae_id_to_edukey_lookup"

KEYS = f"(SELECT ae_id, edukey FROM {LOOKUP} WHERE edukey IS NOT NULL)"
"""A person may stand in the lookup with a blank in place of an EDUKEY, which is none."""

PUPILS = f"{LEO}.learner_ae_id_to_pmr_lookup"

KS4 = 'npd_i2."2005003".ks4pupil_2002_to_2014'

INDEX = {201415: 100.0, 201516: 100.175, 201617: 101.375, 201718: 104.025, 201819: 106.375}


def label_of(starts):
    """The label of the tax year that begins in a calendar year."""
    return starts * 100 + (starts + 1) % 100


def spells_frame(con):
    """Spells with ends that pandas can hold: those in the year 9999 end in 2100."""
    return con.sql(f"""
        SELECT edukey, startdate, least(enddate, DATE '2100-01-01') AS enddate FROM {SPELLS}
    """).df()


def cut(spells, first, last):
    """Spells cut to a period; those outside it are dropped."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    inside = spells[(spells["startdate"] <= last) & (spells["enddate"] >= first)].copy()
    inside["startdate"] = inside["startdate"].clip(lower=first)
    inside["enddate"] = inside["enddate"].clip(upper=last)
    return inside


FIRST_KEYS = f"(SELECT ae_id, MIN(edukey) AS edukey FROM {KEYS} GROUP BY ae_id)"


def cohort_links(con, first_year, last_year):
    """Pairs of pupil and EDUKEY, with gender, of those whose key stage 4 ended in these academic years."""
    pupils = con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_gender AS gender
        FROM {KS4} WHERE ks4_acadyr BETWEEN '{first_year - 1}/{first_year}' AND '{last_year - 1}/{last_year}'
    """).df()
    people = con.sql(f"SELECT pupilmatchingrefanonymous, ae_id FROM {PUPILS}").df()
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    linked = pupils.drop_duplicates().merge(people, on="pupilmatchingrefanonymous").merge(keys, on="ae_id")
    linked = linked.rename(columns={"pupilmatchingrefanonymous": "pmr"})
    return linked[["pmr", "gender", "edukey"]].drop_duplicates()
