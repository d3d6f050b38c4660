"""School records: the spring census.

Reception is in the academic year that ends six years after the academic year of birth began,
year 11 in the one that ends seventeen years after: born 1985/86, year 11 in 2001/02.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from leocourse.extract import codes
from leocourse.extract.dates import days_of
from leocourse.extract.keys import Keys
from leocourse.extract.population import MINORS, People
from leocourse.extract.rows import Coded, Labels, Nullable, Rows

CENSUS_YEARS = range(2002, 2022)
FIRST_YEAR, LAST_YEAR = 1996, 2021
"""The first and last academic year of any school table."""
YEAR_GROUPS = ["R", *map(str, range(1, 15))]
MAJOR_OF = np.array([codes.MAJORS.index(codes.major_of(code)) for code in MINORS])


def year_group(people: People, year: int) -> np.ndarray:
    """National Curriculum year (0 reception) in the academic year that ends in ``year``."""
    return year - people.cohort - 6


def in_census(people: People, year: int, sixth_form: np.ndarray) -> np.ndarray:
    """Who is on a school census: reception to year 11 in a state school, then school sixth forms."""
    group = year_group(people, year)
    at_school = (group >= people.arrival) & (group <= 11) | sixth_form & ((group == 12) | (group == 13))
    return at_school & ~people.independent


def spring_census(people: People, keys: Keys, sixth_form: np.ndarray) -> Rows:
    """Spring census records: one a pupil and year before faults are planted."""
    years, index = [], []
    for year in CENSUS_YEARS:
        chosen = np.flatnonzero(in_census(people, year, sixth_form))
        years.append(np.full(len(chosen), year))
        index.append(chosen)
    year, i = np.concatenate(years), np.concatenate(index)
    group = year - people.cohort[i] - 6
    secondary = group >= 7
    school = np.where(secondary, people.secondary[i], codes.SECONDARIES + people.primary[i])
    fsm, sen = np.zeros(len(i), dtype=bool), np.zeros(len(i), dtype=np.int8)
    for each in CENSUS_YEARS:
        rows = year == each
        fsm[rows] = people.fsm(each)[i[rows]]
        sen[rows] = people.sen(each)[i[rows]]
    minor, additional = people.minor[i], people.english_additional[i]
    months = (8 - people.birth_month[i]) % 12  # whole months past the birthday on 31 August
    return {
        "person": people.person[i],
        "collection_year": year,
        "collection_term": Coded(np.zeros(len(i), dtype=np.int64), ["spr"]),
        "pupilmatchingrefanonymous": keys.pmr(people.person[i]),
        "academicyear": academic_year(year),
        "censusdate": days_of(year, 1, 17),
        "censusterm": Coded(np.zeros(len(i), dtype=np.int64), ["Spring"]),
        "recordstatus": np.zeros(len(i), dtype=np.int64),
        "enrolstatus": Coded(np.zeros(len(i), dtype=np.int64), ["C", "G", "M", "S", "F", "O"]),
        "onroll": np.ones(len(i), dtype=np.int64),
        "entrydate": entry_day(people, i, year, group),
        "leavingdate": Nullable(np.zeros(len(i), dtype=np.int64), np.ones(len(i), dtype=bool)),
        "ncyearactual": Coded(group, YEAR_GROUPS),
        "gender": Coded(np.where(people.male[i], 0, 1), ["M", "F"]),
        "yearofbirth": people.birth_year[i],
        "monthofbirth": people.birth_month[i],
        "ageatstartofacademicyear": group + 4,
        "monthpartofageatstartofacademicyear": months,
        "ethnicgroupminor": Coded(minor, MINORS),
        "ethnicgroupmajor": Coded(MAJOR_OF[minor], codes.MAJORS),
        "languagegroupmajor": Coded(additional.astype(np.int64), ["1_ENG", "2_OTH", "3_UNCL"]),
        "firstlanguage": Coded(additional.astype(np.int64), ["ENG", "OTH"]),
        "fsmeligible": fsm.astype(np.int64),
        "senprovision": Coded(sen_code(sen, year), codes.SEN_CODES),
        "laestab_anon": school + 1_000_000,
        "la_anon": people.authority[i] + 1000,
        "urn_anon": school + 500_000,
        "lsoa01": Coded(people.area[i], area_codes("E01")),
        "lsoa11": Coded(people.area[i], area_codes("E01")),
        "idaciscore": idaci(people.disadvantage[i]),
    }


def entry_day(people: People, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The day on which each pupil joined the school of the year: in year 7, or in the year of arrival."""
    since = np.where(group >= 7, group - 7, group - np.minimum(people.arrival[i], 6)).clip(0)
    return days_of(year - since - 1, 9, 3)


def academic_year(year: np.ndarray) -> Coded:
    """Academic years written out, from the years in which they end: 2010/2011 for 2011."""
    return Coded(year - FIRST_YEAR, [f"{each - 1}/{each}" for each in range(FIRST_YEAR, LAST_YEAR + 1)])


@cache
def area_codes(prefix: str) -> Labels:
    """Codes of the small areas. They lie outside the range of real codes, so nobody lives there."""
    return Labels(f"{prefix}9{number:05d}" for number in range(codes.AUTHORITIES * 200))


def sen_code(level: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Index into :data:`codes.SEN_CODES` of a level of provision in a year."""
    old = np.array([0, 1, 2, 3])[level]  # none, school action, school action plus, statement
    new = np.array([0, 4, 4, 5])[level]  # none, support, support, education, health and care plan
    return np.where(year >= 2016, new, old)


def idaci(disadvantage: np.ndarray) -> np.ndarray:
    """Income deprivation affecting children in the area of the home, in hundredths (1 to 92)."""
    return np.clip(20 + disadvantage * 11 // 1000, 1, 92)  # hundredths: 0.01 to 0.92
