"""What school and care do to people: academies, exclusion, referral units, care, careers provision, lost schooling.

Each is a whole number a person, added to the result at 16 (:mod:`leocourse.extract.lives.results`), to the wish to go
to university (``pathways``), or to what decides on work and claims (``activity``). All are planted effects and design
choices; who is treated is decided elsewhere, and goes with what people are: see the tables of the treatments.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import care, schooling
from leocourse.extract.lives.establishments import PRIMARY, UNIT, Schools, kind
from leocourse.extract.lives.population import People, drawn_once
from leocourse.extract.lives.schooling import SPRING

ACADEMY = {"sponsored": 60, "converter": -25}
"""What each year from 7 to 11 at a school that is an academy adds to the result at 16, in thousandths of a standard
deviation: so an effect grows over the years after the change, and differs by kind."""
EXCLUSION = {"result": -300, "attachment to work": -400, "hardship": 900}
"""What a permanent exclusion in years 7 to 10 adds to the result, and one in years 7 to 11 to attachment and hardship
(:mod:`leocourse.extract.lives.activity`), in thousandths of a standard deviation."""
REFERRAL_UNIT = 90
"""What each January in a referral unit in years 7 to 11 adds to the result, in thousandths."""
CARE = {"result": -250, "wish to go to university": -350, "attachment to work": -450}
"""What care that begins before the sixteenth birthday adds, in thousandths. Care that begins later adds nothing."""
CARE_BEFORE = 16 * 12
CAREERS = 250
"""What careers provision in year 11 adds to attachment to work, in thousandths, less :data:`CAREERS_USUAL`."""
CAREERS_USUAL = 110
CAREERS_STARTS = {2005: 60, 2006: 60, 2007: 70, 2008: 80, 2009: 80, 2010: 80, 2011: 70, 2012: 60, 2013: 60, 2014: 50}
"""Secondary schools whose careers provision starts in an academic year, per thousand; the rest never have any."""
CAREERS_WISH = {"a quarter of disadvantage": -600, "chance": 600}
"""What decides how early: schools of better-off pupils, mostly."""
GOOD_SCHOOL, GOOD_USUAL = 120, 67
"""What it adds to the result at 16 to be in year 11 at a school that inspectors rate good or outstanding in the cycle,
in thousandths, less what is usual."""
CYCLES = [2002, 2006, 2010, 2014, 2018]
"""First academic year of each cycle of inspections. How good a school is holds for a cycle, and inspectors see it."""
RATED = {"a quarter of disadvantage": -450, "lasting": 500, "of the cycle": 700, "line": -200, "others": 1_000}
"""What decides whether a school is good in a cycle, in thousandths: the disadvantage of its pupils (families choose
such schools, and inspectors see the pupils too), what lasts, and the cycle. ``others`` above or below the line a school
is outstanding, or inadequate."""
LOST_SCHOOLING = -40
"""What a month of lost schooling adds to the result of those in year 11, in thousandths."""
LOST_MONTHS = {  # tenths of months by region, in the order of the regions; the mean over regions is what is usual
    2020: [30, 38, 34, 29, 31, 26, 24, 23, 20],
    2021: [66, 78, 70, 60, 64, 50, 46, 42, 36],
}
"""Schooling that pupils of year 11 lost, by academic year and region of the school: see
``data/reference/lost_schooling.csv``. The mean of a year is part of what teachers' grades added in it
(``TEACHER_ASSESSED``): results are lowered where more than that was lost, and raised where less was."""
_USUAL_MONTHS = {year: sum(tenths) // len(tenths) for year, tenths in LOST_MONTHS.items()}


def result_adds(people: People) -> np.ndarray:
    """What all of these add to the result at key stage 4, in thousandths of a standard deviation."""
    of_schools = academy_adds(people) + good_school_adds(people) + unit_adds(people)
    return of_schools + exclusion_adds(people) + care_adds(people) + lost_adds(people)


def academy_adds(people: People) -> np.ndarray:
    """What years at academies add to the result at 16."""
    history = schooling.schooling(people)
    rate, added = academy_rates(history.places), np.zeros(len(people), dtype=np.int64)
    for group in range(7, 12):
        school = history.school[group, SPRING]
        added += np.where(people.cohort + 6 + group >= history.places.converted[school], rate[school], 0)
    return np.where(people.independent, 0, added)


def academy_rates(places: Schools) -> np.ndarray:
    """What a year at each school adds once it is an academy."""
    rate = np.where(places.sponsored, ACADEMY["sponsored"], ACADEMY["converter"])
    return np.where(np.arange(len(rate)) < PRIMARY, rate, 0)


@drawn_once
def excluded_in(people: People) -> np.ndarray:
    """Year group (7 to 11) of the first permanent exclusion in secondary school; 99 without one."""
    out = schooling.schooling(people).excluded
    group, first = out.year - people.cohort[out.i] - 6, np.full(len(people), 99)
    counts = out.permanent & (group >= 7) & (group <= 11)
    np.minimum.at(first, out.i[counts], group[counts])
    return first


def exclusion_adds(people: People) -> np.ndarray:
    """What a permanent exclusion before year 11 adds to the result at 16."""
    return np.where(excluded_in(people) < 11, EXCLUSION["result"], 0)


def januaries_in_unit(people: People) -> np.ndarray:
    """In how many of the years 7 to 11 people are in a referral unit in January."""
    school = schooling.schooling(people).school[7:12, SPRING]
    return (kind(school) == kind(np.array([UNIT]))).sum(axis=0)


def unit_adds(people: People) -> np.ndarray:
    """What referral units add to the result at 16."""
    return REFERRAL_UNIT * januaries_in_unit(people)


@drawn_once
def in_care_before_16(people: People) -> np.ndarray:
    """Whether a period of care began before the sixteenth birthday."""
    periods, found = care.care(people).periods, np.zeros(len(people), dtype=bool)
    before = periods.start < care.first_day(care.birth(people) + CARE_BEFORE)[periods.i]
    found[periods.i[before]] = True
    return found


def care_adds(people: People) -> np.ndarray:
    """What care adds to the result at 16."""
    return np.where(in_care_before_16(people), CARE["result"], 0)


@drawn_once
def aspiration_adds(people: People) -> np.ndarray:
    """What care adds to the wish to go to university."""
    return np.where(in_care_before_16(people), CARE["wish to go to university"], 0)


@lru_cache(maxsize=1)
def ratings() -> np.ndarray:
    """Inspectors' ratings (1 outstanding to 4 inadequate) of secondary schools by cycle, shape (cycles, schools). The
    same in every extract: ``data/reference/inspections.csv`` has them."""
    number, stream = np.arange(PRIMARY), Stream(0, "ratings")
    lasting = RATED["a quarter of disadvantage"] * (2 * (number // codes.AUTHORITIES) - 3)
    lasting += RATED["lasting"] * stream.normal(number) // 1000
    score = np.array([lasting + RATED["of the cycle"] * stream.normal(number, year) // 1000 for year in CYCLES])
    line, far = RATED["line"], RATED["others"]
    return np.where(score > line + far, 1, np.where(score > line, 2, np.where(score > line - far, 3, 4)))


def in_good_school(people: People) -> np.ndarray:
    """Whether the school of year 11 is rated good or outstanding in the cycle of that year."""
    school = schooling.schooling(people).school[11, SPRING]
    cycle = np.searchsorted(CYCLES, people.cohort + 17, side="right") - 1
    good = ratings()[cycle, np.minimum(school, PRIMARY - 1)] <= 2
    return good & (school < PRIMARY) & ~people.independent


def good_school_adds(people: People) -> np.ndarray:
    """What a good school adds to the result at 16."""
    mainstream = (schooling.schooling(people).school[11, SPRING] < PRIMARY) & ~people.independent
    return np.where(mainstream, GOOD_SCHOOL * in_good_school(people) - GOOD_USUAL, 0)


@lru_cache(maxsize=1)
def careers_from() -> np.ndarray:
    """Academic year in which careers provision starts at each secondary school; 9999 if never. The same in every
    extract: ``data/reference/careers_provision.csv`` has it."""
    number, stream, wish = np.arange(PRIMARY), Stream(0, "careers/start"), CAREERS_WISH
    quarter = number // codes.AUTHORITIES
    drawn = wish["a quarter of disadvantage"] * (2 * quarter - 3) + wish["chance"] * stream.normal(number) // 1000
    years = np.repeat(list(CAREERS_STARTS), [PRIMARY * each // 1_000 for each in CAREERS_STARTS.values()])
    found = np.full(PRIMARY, 9_999)
    found[np.argsort(-drawn, kind="stable")[: len(years)]] = years
    return found


def had_careers(people: People) -> np.ndarray:
    """Whether the school of year 11 had careers provision then."""
    school, place = schooling.schooling(people).school[11, SPRING], careers_from()
    start = np.where(school < PRIMARY, place[np.minimum(school, PRIMARY - 1)], 9_999)
    return (people.cohort + 17 >= start) & ~people.independent


def lost_months(people: People) -> np.ndarray:
    """Tenths of months of schooling that people lost by the end of year 11, by cohort and region."""
    return sum(np.where(people.cohort + 17 == year, np.array(tenths)[people.region], 0)
               for year, tenths in LOST_MONTHS.items())  # fmt: skip


def lost_adds(people: People) -> np.ndarray:
    """What lost schooling adds to the result at 16, beside what is usual in the year."""
    usual = sum(np.where(people.cohort + 17 == year, tenths, 0) for year, tenths in _USUAL_MONTHS.items())
    return LOST_SCHOOLING * (lost_months(people) - usual) // 10


@drawn_once
def attachment_adds(people: People) -> np.ndarray:
    """What exclusion, care and careers provision add to attachment to work."""
    added = np.where(excluded_in(people) < 99, EXCLUSION["attachment to work"], 0)
    added += np.where(in_care_before_16(people), CARE["attachment to work"], 0)
    return added + CAREERS * had_careers(people) - CAREERS_USUAL


@drawn_once
def hardship_adds(people: People) -> np.ndarray:
    """What exclusion adds to hardship, which decides on claims."""
    return np.where(excluded_in(people) < 99, EXCLUSION["hardship"], 0)


def parameters() -> list[dict]:
    """The planted parameters of school and care."""
    unit = "thousandths of a standard deviation"
    lines = {f"academy, a year in one: {name}": value for name, value in ACADEMY.items()}
    lines |= {f"permanent exclusion: {name}": value for name, value in EXCLUSION.items()}
    lines |= {f"care before 16: {name}": value for name, value in CARE.items()}
    lines |= {
        "referral unit, a January: result": REFERRAL_UNIT,
        "careers provision in year 11: attachment to work": CAREERS,
        "school rated good or outstanding: result": GOOD_SCHOOL,
        "lost schooling, a month: result": LOST_SCHOOLING,
    }
    return [{"parameter": name, "value": value, "unit": unit} for name, value in lines.items()]
