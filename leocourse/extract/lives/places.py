"""Where people live: one home a tax year, drawn once. Every table that tells a place takes it from here.

People grow up in an area whose deprivation follows their family's (:mod:`leocourse.extract.lives.population`).
Students move to where their university is, and then back, on, or to a job; graduates are likelier to go to London.
Others move less, and nearer. Jobs are found near the home (``work_region``), so a move for work is a move of home
that the job follows. Some people move to Wales, Scotland and Northern Ireland, and some go abroad: they are those
whom :attr:`~leocourse.extract.lives.activity.Activity.gone` says to be in no record from a month on.

All rates are design choices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.dates import NEVER, TAX_YEARS, month_of
from leocourse.extract.lives import areas, universities
from leocourse.extract.lives.lasting import lasting_pay
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People
from leocourse.extract.lives.tables import MAJOR

REGIONS = list(codes.REGIONS)
LEAVE_HOME = {"university in the region": 300_000, "university further away": 780_000}
"""Chance of moving to the university on entry, in millionths."""
LEAVE_HOME_FACTORS = {"A": 500, "B": 650, "C": 700, "eligible for FSM": 750, "older": 350}
"""What multiplies it, in thousandths: major ethnic group, free school meals, and entry at 21 or later."""
AFTER_STUDY = {"home": 450, "near the university": 170, "to a job": 380}
"""Where those go, per thousand, who had moved to their university."""
AFTER_STUDY_AT_HOME = 150_000
"""Chance that one who had lived at home goes to a job elsewhere, in millionths."""
TO_A_JOB = {
    "graduate": [20, 100, 60, 50, 70, 80, 420, 140, 60],
    "others": [49, 139, 103, 89, 111, 114, 138, 160, 98],
}
"""Region to which people move for a job, per thousand, in the order of :data:`codes.REGIONS`."""
MOVES = {22: 45_000, 31: 90_000, 99: 50_000}
"""A year's chance to move up to an age, in millionths, of those who neither begin nor end a course."""
WELL_PAID_MOVE = 250
"""What a standard deviation of what lasts of pay adds to that chance, in thousandths: who moves would earn more
anywhere, so movers are compared with themselves. No record holds it."""
GRADUATES_MOVE = 1_500
"""What multiplies it for graduates, in thousandths."""
FAR = {"graduate": 450_000, "others": 300_000}
"""Of those who move, who goes beyond the authority, in millionths: most of them for a job."""
SAME_REGION = 450_000
"""Of those, who stays in the region."""
NATION = {"graduate": 200_000, "others": 170_000}
"""Of those who leave the region, who goes to another nation of the United Kingdom."""
NATION_FACTORS = {"A": 500, "B": 400, "C": 800}
NATION_SHARES = [45, 42, 13]
"""Wales, Scotland, Northern Ireland."""
BACK = 400_000
"""Of the moves of those in another nation, how many lead back to England."""
SAME_KIND = 600
"""How strongly disadvantage decides how deprived an area is to which somebody moves, in thousandths."""

COMMUTES = {"East of England": 110_000, "South East": 130_000}
"""Who lives there and works for an enterprise in London, in millionths."""
WORKS_ELSEWHERE = 50_000
"""Who works for an enterprise in any region, wherever that is."""


@dataclass(frozen=True)
class Places:
    """Homes of a block of people. Arrays have the shape (people, tax years 2003 to 2021)."""

    area: np.ndarray
    """Number of the small area (:mod:`leocourse.extract.lives.areas`), int32. Of people who went abroad, the last."""
    work_region: np.ndarray
    """Region in which the person looks for work, index into :data:`codes.REGIONS`; -1: any."""

    @property
    def region(self) -> np.ndarray:
        """Region of the home; -1 outside England."""
        return areas.REGION_OF[areas.authority_of(self.area)]


def places(people: People, paths: Pathways) -> Places:
    """Draw the homes of every tax year."""
    graduate = np.where(paths.graduated, paths.university_year + paths.university_years - 1, NEVER)
    area, away = people.area.astype(np.int32), np.zeros(len(people), dtype=bool)
    homes = np.empty((len(people), len(TAX_YEARS)), dtype=np.int32)
    for column, year in enumerate(TAX_YEARS):
        _to_university(people, paths, year, area, away)
        _after_study(people, paths, year, area, away)
        _other_moves(people, paths, year, area, year > graduate)
        homes[:, column] = area
    return Places(homes, _work_regions(people, homes))


def _to_university(people: People, paths: Pathways, year: int, area: np.ndarray, away: np.ndarray) -> None:
    """Those who enter university in the tax year, and leave home for it."""
    goes = (paths.university_year == year) & (paths.provider >= 0) & ~paths.career.in_college  # a college is near home
    i = np.flatnonzero(goes)
    where = universities.authority()[paths.provider[i]]
    near = areas.REGION_OF[where] == areas.REGION_OF[areas.authority_of(area[i])]
    chance = np.where(near, *LEAVE_HOME.values())
    factor = _factors(LEAVE_HOME_FACTORS, people, i)
    factor = np.where(people.fsm_in_year_11[i], factor * LEAVE_HOME_FACTORS["eligible for FSM"] // 1000, factor)
    factor = np.where(year - people.cohort[i] > 22, factor * LEAVE_HOME_FACTORS["older"] // 1000, factor)
    goes = people.stream("places/university").chance(chance * factor // 1000, people.person[i])
    i, where = i[goes], where[goes]
    place = people.stream("places/university/area").below(areas.size_of(where), people.person[i])
    area[i], away[i] = areas.first_area(where) + place, True


def _after_study(people: People, paths: Pathways, year: int, area: np.ndarray, away: np.ndarray) -> None:
    """Those who left university in the summer before: home, on, or to a job."""
    i = np.flatnonzero(paths.university_year + paths.university_years == year)
    person, moved = people.person[i], away[i]
    choice = people.stream("places/after study").pick(list(AFTER_STUDY.values()), person)
    job = np.where(moved, choice == 2, people.stream("places/after study/job").chance(AFTER_STUDY_AT_HOME, person))
    home, near = i[moved & (choice == 0)], i[moved & (choice == 1)]
    area[home] = people.area[home]
    area[near] = _area_in(people, near, areas.authority_of(area[near]), year)
    i = i[job]
    area[i] = _area_in(people, i, _to_a_job(people, i, paths.graduated[i], year), year)
    away[home] = away[near] = away[i] = False


def _other_moves(people: People, paths: Pathways, year: int, area: np.ndarray, graduate: np.ndarray) -> None:
    """Moves of those who neither begin nor end a course at university."""
    age = year - people.cohort
    chance = np.array(list(MOVES.values()))[np.searchsorted(list(MOVES), age)]
    chance = np.where(graduate, chance * GRADUATES_MOVE // 1000, chance)
    chance = chance * np.maximum(1000 + WELL_PAID_MOVE * lasting_pay(people) // 1000, 0) // 1000
    settled = (year < paths.university_year) | (year > paths.university_year + paths.university_years)
    moving = settled & (age > 17) & people.stream("places/moves").chance(chance, people.person, year)
    i = np.flatnonzero(moving)
    person, graduate = people.person[i], graduate[i]
    far = people.stream("places/far").chance(np.where(graduate, *FAR.values()), person, year)
    here = areas.authority_of(area[i])
    outside = areas.COUNTRY_OF[here] > 0
    back = outside & people.stream("places/back").chance(BACK, person, year)
    within = far & people.stream("places/region").chance(SAME_REGION, person, year)
    chance = np.where(graduate, *NATION.values()) * _factors(NATION_FACTORS, people, i) // 1000
    nation = far & ~within & ~outside & people.stream("places/nation").chance(chance, person, year)
    to = np.where(within & ~outside, _in_region(people, i, areas.REGION_OF[here], year), here)
    jobs = _to_a_job(people, i, graduate, year)
    to = np.where(far & ~within & ~outside | back, jobs, to)
    to = np.where(nation, _in_nation(people, i, year), to)
    area[i] = _area_in(people, i, to, year)


def _to_a_job(people: People, i: np.ndarray, graduate: np.ndarray, year: int) -> np.ndarray:
    """The authority to which each of the people ``i`` moves for a job."""
    stream, person = people.stream("places/job"), people.person[i]
    region = np.where(graduate, *(stream.pick(weights, person, year) for weights in TO_A_JOB.values()))
    return _in_region(people, i, region, year)


def _in_region(people: People, i: np.ndarray, region: np.ndarray, year: int) -> np.ndarray:
    """Some authority of each region (of any for -1)."""
    first = np.searchsorted(areas.REGION_OF[: codes.AUTHORITIES], np.arange(len(REGIONS) + 1))
    draw = people.stream("places/authority").below((first[1:] - first[:-1])[region], people.person[i], year)
    return first[region] + draw


def _in_nation(people: People, i: np.ndarray, year: int) -> np.ndarray:
    """Some authority of another nation."""
    first = np.searchsorted(areas.COUNTRY_OF, np.arange(1, len(areas.COUNTRIES) + 1))
    nation = people.stream("places/which nation").pick(NATION_SHARES, people.person[i], year)
    draw = people.stream("places/nation's authority").below((first[1:] - first[:-1])[nation], people.person[i], year)
    return first[nation] + draw


def _area_in(people: People, i: np.ndarray, authority: np.ndarray, year: int) -> np.ndarray:
    """A small area of each authority: in England as deprived, beside others of the authority, as people's lives are."""
    _, order = areas.by_deprivation()
    noise = people.stream("places/area").normal(people.person[i], year)
    drawn = (SAME_KIND * -people.disadvantage[i] + 800 * noise) // 1000
    place = areas.quantile(drawn, areas.size_of(authority))
    english = authority < codes.AUTHORITIES
    place = np.where(english, order[np.where(english, authority, 0), place], place)
    return areas.first_area(authority) + place


def _factors(table: dict[str, int], people: People, i: np.ndarray) -> np.ndarray:
    """What a table by first letter of the ethnic group multiplies, in thousandths."""
    return np.array([table.get(letter, 1000) for letter in MAJOR])[people.minor[i]]


def _work_regions(people: People, homes: np.ndarray) -> np.ndarray:
    """Where people look for work, for as long as they live in an authority: mostly in its region."""
    authority = areas.authority_of(homes)
    region = areas.REGION_OF[authority]
    commutes = np.array([COMMUTES.get(name, 0) for name in [*REGIONS, ""]])[region]  # -1 is the last
    draw = people.stream("places/commutes").below(1_000_000, people.person[:, None], authority)
    region = np.where(draw < commutes, REGIONS.index("London"), region)
    return np.where(draw >= 1_000_000 - WORKS_ELSEWHERE, -1, region).astype(np.int8)


def departure(gone: np.ndarray) -> np.ndarray:
    """The first tax year of which people who are in no record from a month on spent most elsewhere."""
    return np.where(gone < NEVER, 2000 + (gone - month_of(2000, 10)) // 12 + 1, NEVER)
