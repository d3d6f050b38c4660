"""School records: the spring census.

Reception is in the academic year that ends six years after the academic year of birth began,
year 11 in the one that ends seventeen years after: born 1985/86, year 11 in 2001/02.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Column, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.lives import areas
from leocourse.extract.lives.areas import area_codes
from leocourse.extract.lives.population import MINORS, People

CENSUS_YEARS = range(2002, 2022)
FIRST_YEAR, LAST_YEAR = 1996, 2021
"""The first and last academic year of any school table."""
YEAR_GROUPS = ["R", *map(str, range(1, 15))]
MAJOR_OF = np.array([codes.MAJORS.index(codes.major_of(code)) for code in MINORS])


def year_group(people: People, year: int) -> np.ndarray:
    """National Curriculum year (0 reception) in the academic year that ends in ``year``."""
    return year - people.cohort - 6


def in_census(people: People, year: int, sixth_form_years: np.ndarray) -> np.ndarray:
    """Who is on a school census: reception to year 11 in a state school, then school sixth forms."""
    group = year_group(people, year)
    at_school = (group >= people.arrival) & (group <= 11) | (group >= 12) & (group <= 11 + sixth_form_years)
    return at_school & ~people.independent


def spring_census(people: People, pmr: Callable[[np.ndarray], Column], sixth_form_years: np.ndarray) -> Rows:
    """Spring census records: one a pupil and year before faults are planted. ``pmr`` gives pupils' references.

    The largest table by far: columns are in narrow types from the start, looked up from one value a person.
    """
    years, index, fsm, sen = [], [], [], []
    for each in CENSUS_YEARS:
        chosen = np.flatnonzero(in_census(people, each, sixth_form_years))
        years.append(np.full(len(chosen), each))
        index.append(chosen)
        fsm.append(people.fsm(each)[chosen])
        sen.append(people.sen(each)[chosen])
    year, i = np.concatenate(years), np.concatenate(index)
    group = (year - people.cohort[i] - 6).astype(np.int16)
    school = np.where(group >= 7, people.secondary.astype(np.int32)[i],
                      (codes.SECONDARIES + people.primary).astype(np.int32)[i])  # fmt: skip
    none, minor = np.zeros(len(i), dtype=np.int8), people.minor.astype(np.int8)
    additional, area = people.english_additional.astype(np.int8)[i], Coded(people.area, area_codes("E01"))[i]
    months = (8 - people.birth_month) % 12  # whole months past the birthday on 31 August
    return {
        "person": people.person[i],
        "collection_year": year,
        "collection_term": Coded(none, ["spr"]),
        "pupilmatchingrefanonymous": pmr(i),
        "academicyear": academic_year(year),
        "censusdate": days_of(year, 1, 17).astype(np.int32),
        "censusterm": Coded(none, ["Spring"]),
        "recordstatus": none.astype(np.int16),
        "enrolstatus": Coded(none, ["C", "G", "M", "S", "F", "O"]),
        "onroll": np.ones(len(i), dtype=np.int16),
        "entrydate": entry_day(people, i, year, group).astype(np.int32),
        "leavingdate": Nullable(np.zeros(len(i), dtype=np.int32), np.ones(len(i), dtype=bool)),
        "ncyearactual": Coded(group, YEAR_GROUPS),
        "gender": Coded(~people.male, ["M", "F"])[i],
        "yearofbirth": people.birth_year.astype(np.int16)[i],
        "monthofbirth": people.birth_month.astype(np.int16)[i],
        "ageatstartofacademicyear": group + np.int16(4),
        "monthpartofageatstartofacademicyear": months.astype(np.int16)[i],
        "ethnicgroupminor": Coded(minor, MINORS)[i],
        "ethnicgroupmajor": Coded(MAJOR_OF[minor], codes.MAJORS)[i],
        "languagegroupmajor": Coded(additional, ["1_ENG", "2_OTH", "3_UNCL"]),
        "firstlanguage": Coded(additional, ["ENG", "OTH"]),
        "fsmeligible": np.concatenate(fsm).astype(np.int16),
        "senprovision": Coded(sen_code(np.concatenate(sen), year), codes.SEN_CODES),
        "laestab_anon": school + np.int32(1_000_000),
        "la_anon": (people.authority + 1000).astype(np.int16)[i],
        "urn_anon": school + np.int32(500_000),
        "lsoa01": area,
        "lsoa11": area,
        "idaciscore": idaci(people.area).astype(np.int16)[i],
    }


def entry_day(people: People, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The day on which each pupil joined the school of the year: in year 7, or in the year of arrival."""
    since = np.where(group >= 7, group - 7, group - np.minimum(people.arrival[i], 6)).clip(0)
    return days_of(year - since - 1, 9, 3)


def academic_year(year: np.ndarray) -> Coded:
    """Academic years written out, from the years in which they end: 2010/2011 for 2011."""
    return Coded(year - FIRST_YEAR, [f"{each - 1}/{each}" for each in range(FIRST_YEAR, LAST_YEAR + 1)])


def sen_code(level: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Index into :data:`codes.SEN_CODES` of a level of provision in a year."""
    old = np.array([0, 1, 2, 3], dtype=np.int8)[level]  # none, school action, school action plus, statement
    new = np.array([0, 4, 4, 5], dtype=np.int8)[level]  # none, support, support, education, health and care plan
    return np.where(year >= 2016, new, old)


def idaci(area: np.ndarray) -> np.ndarray:
    """Income deprivation affecting children in small areas, in hundredths (1 to 92)."""
    return areas.deprivation_score()[area]
