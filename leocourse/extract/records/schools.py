"""School records: what all censuses of a year share.

Reception is in the academic year that ends six years after the academic year of birth began,
year 11 in the one that ends seventeen years after: born 1985/86, year 11 in 2001/02.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Column, Nullable, Rows
from leocourse.extract.lives import areas, schooling
from leocourse.extract.lives.areas import area_codes
from leocourse.extract.lives.population import MINORS, People

CENSUS_YEARS = range(2002, 2022)
FIRST_YEAR, LAST_YEAR = 1996, 2021
"""The first and last academic year of any school table."""
YEAR_GROUPS = ["R", *map(str, range(1, 15))]
OLD_SUPPORT_2015 = 250_000
"""Share of school action and action plus in 2014/15 that is coded so still, in millionths (a design choice)."""
PLANS = [10, 20, 30, 30, 10]
"""Weights of 2014/15 and each year after it as the one in which a statement becomes a plan (a design choice)."""
MAJOR_OF = np.array([codes.MAJORS.index(codes.major_of(code)) for code in MINORS])


def year_group(people: People, year: int) -> np.ndarray:
    """National Curriculum year (0 reception) in the academic year that ends in ``year``."""
    return year - people.cohort - 6


def of_school_age(people: People, year: int, sixth_form_years: np.ndarray) -> np.ndarray:
    """Who is in a state school or in alternative provision: reception to year 11, then school sixth forms."""
    group = year_group(people, year)
    at_school = (group >= people.arrival) & (group <= 11) | (group >= 12) & (group <= 11 + sixth_form_years)
    return at_school & ~people.independent


def in_census(people: People, year: int, sixth_form_years: np.ndarray, term: int = schooling.SPRING) -> np.ndarray:
    """Who is on a school census: not those in alternative provision, nor in a referral unit alone to 2012/13."""
    everyone = np.arange(len(people))
    school = schooling.schooling(people).seen(everyone, np.full(len(people), year), year_group(people, year), term)
    return of_school_age(people, year, sixth_form_years) & (school >= 0)


def pupils_of_years(people: People, pmr: Callable[[np.ndarray], Column], sixth_form_years: np.ndarray) -> Rows:
    """One row a pupil and year with what all terms share. ``pmr`` gives pupils' references.

    The largest table by far: columns are in narrow types from the start, looked up from one value a person.
    """
    years, index, sen = [], [], []
    for each in CENSUS_YEARS:
        chosen = np.flatnonzero(of_school_age(people, each, sixth_form_years))
        years.append(np.full(len(chosen), each))
        index.append(chosen)
        sen.append(people.sen(each)[chosen])
    year, i, level = np.concatenate(years), np.concatenate(index), np.concatenate(sen)
    group = (year - people.cohort[i] - 6).astype(np.int16)
    minor, additional = people.minor.astype(np.int8), people.english_additional.astype(np.int8)[i]
    area, months = Coded(people.area, area_codes("E01"))[i], (8 - people.birth_month) % 12
    return {
        "person": people.person[i],
        "collection_year": year,
        "pupilmatchingrefanonymous": pmr(i),
        "academicyear": academic_year(year),
        "onroll": np.ones(len(i), dtype=np.int16),
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
        "senprovision": Coded(sen_code(level, year, people, i), codes.SEN_CODES),
        "lsoa01": area,
        "lsoa11": area,
        "idaciscore": idaci(people.area).astype(np.int16)[i],
    }


def academic_year(year: np.ndarray) -> Coded:
    """Academic years written out, from the years in which they end: 2010/2011 for 2011."""
    return Coded(year - FIRST_YEAR, [f"{each - 1}/{each}" for each in range(FIRST_YEAR, LAST_YEAR + 1)])


def sen_code(level: np.ndarray, year: np.ndarray, people: People, i: np.ndarray) -> np.ndarray:
    """Index into :data:`codes.SEN_CODES` of a level of provision of people ``i`` in a year.

    School action and action plus (A, P) became support (K) in 2014/15, in which both occur; statements (S) became
    plans (E) from then to 2017/18, one pupil after another (form: S to 2017/18, A and P to 2014/15).
    """
    old = np.array([0, 1, 2, 3], dtype=np.int8)[level]  # none, school action, school action plus, statement
    new = np.array([0, 4, 4, 5], dtype=np.int8)[level]  # none, support, support, education, health and care plan
    support, plan = _reformed(people)
    return np.where(year >= np.where(level == 3, plan[i], support[i]), new, old)


def _reformed(people: People) -> tuple[np.ndarray, np.ndarray]:
    """The year from which everybody's support, and statement, would be coded in the new way."""
    key = ("sen codes",)
    if key not in people.drawn:
        support = 2015 + people.stream("schools/support").chance(OLD_SUPPORT_2015, people.person)
        plan = 2015 + people.stream("schools/plan").pick(PLANS, people.person)
        plan = np.where(people.sen(2014) == 3, plan, 2015)  # what is given anew is a plan
        people.drawn[key] = (support.astype(np.int16), plan.astype(np.int16))
    return people.drawn[key]


def idaci(area: np.ndarray) -> np.ndarray:
    """Income deprivation affecting children in small areas, in hundredths (1 to 92)."""
    return areas.deprivation_score()[area]
