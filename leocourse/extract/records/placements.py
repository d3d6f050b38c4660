"""The alternative provision census and the referral unit census, each of January.

Who is where comes from :mod:`leocourse.extract.lives.schooling`. An authority lists those in alternative provision,
who stand in no school census. A unit lists its pupils, of whom some are registered at a school too; from 2013/14
units are in the school census, so their own ends.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.lives import establishments
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.exclusions import listed
from leocourse.extract.records.pupils import Pupils, academic_year, one_of
from leocourse.extract.records.schools import year_group

AP_YEARS, PRU_YEARS = range(2008, 2022), range(2010, 2014)
AP_TYPES = ["ACD", "HSP", "IND", "NMS", "NOT"]
AFTER_EXCLUSION, WITH_STATEMENT = [6, 6, 38, 5, 45], [2, 4, 78, 16, 0]
"""Weights of these types (design choices)."""
CONTACT_HOURS = np.array([25, 25, 20, 12])
"""Hours of teaching in the census week, each as likely as the next."""
AP_TRAITS = {"ap_ethnicity": "ethnicity", "ap_servicechild": "service_child", "ap_primarysentype": "need",
             "ap_secondarysentype": "second_need"}  # fmt: skip
PRU_TRAITS = {
    "pru_ethnicity": "ethnicity", "pru_language": "language", "pru_languagegroupminor": "language_group",
    "pru_gandtindicator": "gifted", "pru_parttime": "part_time", "pru_boarder": "boarder_unit",
    "pru_senprovisionmajor": "need_major", "pru_primarysentype": "need", "pru_secondarysentype": "second_need",
    "pru_lsoa01": "area", "pru_lsoa11": "area", "pru_idaci_s": "score",
    "pru_idaci_r": "rank_2001", "pru_la_9code_anon": "authority_nine", "pru_homela_anon": "authority",
    "pru_homela_9code_anon": "authority_nine", "pru_yssa": "consent",
}  # fmt: skip


def placements(traits: Traits) -> tuple[Rows, Rows]:
    """Records of alternative provision and of referral units."""
    return _ap_rows(traits, *_there(traits.pupils, 4, AP_YEARS)), _pru_rows(
        traits, *_there(traits.pupils, 3, PRU_YEARS)
    )


def _there(pupils: Pupils, kind: int, years: range) -> tuple[np.ndarray, np.ndarray]:
    """People and years of those who are at an establishment of a kind in January, from reception to year 11."""
    people, found, everyone = pupils.people, [], np.arange(len(pupils))
    for year in years:
        group = year_group(people, year)
        there = establishments.kind(pupils.school(everyone, group)) == kind
        found.append(np.flatnonzero(there & (group >= people.arrival) & (group <= 11) & ~people.independent))
    return np.concatenate(found), np.concatenate([np.full(len(each), y) for each, y in zip(found, years, strict=True)])


def _ap_rows(traits: Traits, i: np.ndarray, year: np.ndarray) -> Rows:
    pupils, people = traits.pupils, traits.people
    stream = people.stream("exclusions/provision")
    drawn = [stream.pick(weights, people.person[i], year) for weights in (AFTER_EXCLUSION, WITH_STATEMENT)]
    kind = np.where(pupils.sen(i, year) == 3, drawn[1], drawn[0])
    kind = np.where((kind == 0) & (year > 2013), 2, kind)  # academies are listed to 2012/13 only
    return {
        "person": people.person[i],
        "collection_year": year,
        "ap_pupilmatchingrefanonymous": pupils.pmr(i),
        "ap_acadyr": academic_year(year),
        "ap_year": year,
        "ap_gender": np.where(people.male[i], 1, 2),
        "ap_age_start": pupils.group(i, year) + 4,
        "ap_month_part": pupils.months_past_birthday(i),
        "ap_yearofbirth": people.birth_year[i],
        "ap_monthofbirth": people.birth_month[i],
        "ap_ethnicgroupminor": pupils.minor(i),
        "ap_ethnicgroupmajor": pupils.major(i),
        "ap_fsmeligible": pupils.fsm(i, year),
        "ap_senprovision": pupils.sen_provision(i, year),
        "ap_lanumber_anon": people.authority[i] + 1000,
        "ap_recordstatus": np.zeros(len(i), dtype=np.int64),
        "ap_openplacement": np.ones(len(i), dtype=np.int64),
        "ap_aptypedescription": Coded(kind, AP_TYPES),
        **listed(traits.columns(AP_TRAITS, i, year), {"ap_primarysentype": ["ASD"], "ap_secondarysentype": ["ASD"]}),
    }


def _pru_rows(traits: Traits, i: np.ndarray, year: np.ndarray) -> Rows:
    pupils, people = traits.pupils, traits.people
    group, history = pupils.group(i, year), pupils.schooling
    unit, two = pupils.school(i, group), history.at(history.second, i, group) >= 0
    hours = CONTACT_HOURS[people.stream("exclusions/contact").below(len(CONTACT_HOURS), people.person[i], year)]
    one = np.ones(len(i), dtype=np.int64)
    return {
        "person": people.person[i],
        "collection_year": year,
        "pru_pupilmatchingrefanonymous": pupils.pmr(i),
        "pru_academicyear": academic_year(year),
        "pru_censusdate": days_of(year, 1, 17),
        "pru_censusterm": one_of("Spring", ["Spring"], len(i)),
        "pru_recordstatus": 0 * one,
        "pru_onroll": one,
        "pru_enrolstatus": Coded(np.where(two, 2, 0), ["C", "G", "M", "S"]),
        "pru_entrydate": history.at(history.entry, i, group).astype(np.int64),
        "pru_ncyearactual": pupils.nc_year(i, year),
        "pru_gender": pupils.sex(i),
        "pru_ageatstartofacademicyear": pupils.group(i, year) + 4,
        "pru_monthpartofageatstartofacademicyear": pupils.months_past_birthday(i),
        "pru_yearofbirth": people.birth_year[i],
        "pru_monthofbirth": people.birth_month[i],
        "pru_ethnicgroupminor": pupils.minor(i),
        "pru_ethnicgroupmajor": pupils.major(i),
        "pru_fsmeligible": pupils.fsm(i, year),
        "pru_languagegroupmajor": pupils.language_major(i),
        "pru_senprovision": pupils.sen_provision(i, year),
        "pru_la_anon": people.authority[i] + 1000,
        "pru_laest_anon": pupils.laestab(unit, year),
        "pru_urn_anon": pupils.urn(unit, year),
        "pru_unitcontacttime": 100 * hours,
        **traits.columns(PRU_TRAITS, i, year),
    }
