"""Adults who return to learn: who begins which course, when, with what result, and what it does to pay and work.

Drawn once, in the life: the record (``records.further_education``) writes these courses, and pay and work follow them.
Those of the school cohorts begin from the third year after year 11 on. Adults without a school record
(:mod:`leocourse.extract.lives.adults`) begin their first course in one of the years that records cover.
The names of the streams begin with "further_education/adult": another name would be other draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import results
from leocourse.extract.lives.population import People
from leocourse.extract.lives.tables import by_group

WEIGHTS = {
    "level 1": 15,
    "level 2": 30,
    "level 3": 13,
    "basic skills": 26,
    "community": 12,
    "access": 4,
}
KINDS = [*WEIGHTS, "level 4"]
"""What a course is. Those at level 4 are some of those drawn at level 3."""
RATES = [15, 203, 195, 156, 139, 124, 95, 83, 63, 53, 51, 48, 41, 38, 34, 27]
"""Adult courses that begin in each academic year from the third after year 11 on, per thousand of those
who are in no full-time study. There is at most one in two years: see :func:`school_cohorts`."""
FACTORS = {
    "A": 1_290,
    "B": 1_410,
    "C": 671,
    "M": 1_060,
    "free school meals": 1_130,
    "statement": 1_360,
    "women": 935,
    "women, each year": 45,
}
"""What multiplies those rates, in thousandths; that of women grows with each year."""
BY_LEVEL = {"at university before": 329, "level 3": 2_080, "below": 594}
"""What multiplies those rates too, by what people have reached when the course begins, in thousandths: who has been to
university seldom takes a course of further education, and who has level 3 more often than who has not."""
RETURNS = {"a standard deviation of results": -160, "a standard deviation of attachment to work": -120, "centre": 950}
"""Who comes back: what results at 16, and attachment to work (which no record holds), add to that factor."""
RETURNS_FACTOR = (400, 1_900)
"""The least and the most that it can be."""
ADULT_YEARS = [70, 70, 68, 66, 62, 60, 58, 56, 54, 52, 50, 46, 42, 38, 34, 32, 30, 28, 20]
"""Weights of the academic years 2002/03 to 2020/21 in which adults without a school record begin their first course."""
ADULTS_AGAIN, ADULTS_GAP = (380_000, 300_000), 5
"""Chance of a second and of a third course, in millionths, and the most years between two less one."""
MOVED_UP = {"level 2": 350_000, "level 3": 500_000}
"""Chance that a course drawn at a level is one level higher where results were at least :data:`GOOD`, in millionths."""
MOVED_DOWN = {"level 2": 300_000, "level 3": 550_000}
"""Chance that it is one level lower where results were below :data:`POOR`."""
GOOD, POOR = 100, -700
LONG_COURSES = 780_000
"""Share of adult courses that last from autumn to spring at least, in millionths."""
ACHIEVES = {"base": 800_000, "a standard deviation of results": 30_000, "a standard deviation of pay": 20_000}
"""Chance to achieve a course, in millionths: those do who would be paid well without it, too."""
RETURNS_FROM = 23
"""Courses from the academic year that ends so many years after the birth cohort, at 22 or later, follow a bad year."""
DIP = {"the tax year before the course": -90, "the tax year in which it begins": -45}
"""Steps of pay: people return to learn when work goes badly (a design choice).

It passes by itself, so who compares pay after a course with pay just before it finds a gain that the course has not
made.
"""
WORK_DIP = {"school cohorts": -700, "adults": -2_000}
"""Thousandths of attachment to work that are lost in the year before the course begins: some are out of work then."""
ADULT_PAY = {
    "full course at level 2": 30,
    "full course at level 3": 65,
    "course at level 4": 100,
    "short course at level 2 or 3": 12,
    "women, full course at level 2 or above": 15,
}
"""Planted returns to an adult course that is achieved, in steps of 0.1% of the yearly rate of pay.

From the first tax year that begins after its end, for those who begin it at 22 or later: of several courses the best
counts. Courses in basic skills, at level 1 and in the community add nothing to pay, and access leads to university.
"""
ADULT_PAY_LOW = {
    "full course at level 2, low results at 16": 45,
    "full course at level 3, low results at 16": 90,
}
"""The same for those whose result at 16 was below :data:`LOW`: who has least to show gains most (a design choice)."""
LOW = -300
ADULT_WORK = 400
"""Thousandths of attachment to work that the first achieved course at level 2 or above adds after its end."""


@dataclass(frozen=True)
class Reached:
    """What people did before: it decides when they are free for a course, and how often they take one."""

    university_year: np.ndarray
    """Academic year of entry to university, or NEVER."""
    university_years: np.ndarray
    further: np.ndarray
    """Full-time years in college after the second."""
    level_three: np.ndarray
    """Has passed something at level 3."""


@dataclass(frozen=True)
class Courses:
    """Adult courses of a block: one value a course, in the order of episode and person."""

    i: np.ndarray
    """Index of the person."""
    year: np.ndarray
    """Academic year (in which it ends) of the course."""
    episode: np.ndarray
    """Number of the course among those of the person: at most eight."""
    kind: np.ndarray
    """Index into :data:`KINDS`."""
    long: np.ndarray
    """Lasts from autumn to spring at least."""
    start: np.ndarray
    """Month of the start."""
    end: np.ndarray
    due: np.ndarray
    achieved: np.ndarray
    left: np.ndarray
    """Left early."""
    returns: np.ndarray
    """Begun at 22 or later, and not in the community: it follows a bad year, and may change pay and work."""

    def without_effect(self) -> Courses:
        """The same courses, none of which is achieved: what led to them stays."""
        return replace(self, achieved=np.zeros_like(self.achieved))

    @property
    def level(self) -> np.ndarray:
        """2, 3 or 4 where the course is one that raises pay, else 0."""
        return np.array([{"level 2": 2, "level 3": 3, "level 4": 4}.get(kind, 0) for kind in KINDS])[self.kind]


def courses(people: People, reached: Reached) -> Courses:
    """The adult courses of people, whatever their cohort."""
    adult = people.cohort < codes.FIRST_COHORT
    found = _of_adults(people) if adult.all() else school_cohorts(people, reached)
    i, year, episode = (np.concatenate(each) for each in zip(*found, strict=True))
    person = people.person[i]

    def stream(name: str) -> Stream:
        return people.stream("further_education/adult" + name)

    kind = _kinds(people, i, episode)
    long = stream("/long").chance(LONG_COURSES, person, episode)
    start = stream("/start").pick([50, 12, 6, 4, 14, 8, 6], person, episode)
    start = month_of(year - 1, 9) + np.where(long, np.minimum(start, 1), start)
    length = np.where(long, 6, 1) + stream("/length").below(5, person, episode)
    due = np.minimum(start + length, month_of(year, 7))
    chance = ACHIEVES["base"] + ACHIEVES["a standard deviation of results"] * results.result(people)[i] // 1000
    chance += ACHIEVES["a standard deviation of pay"] * people.stream("work/pay").normal(person) // 1000
    achieved = stream("/achieved").chance(chance, person, episode)
    left = ~achieved & stream("/left").chance(600_000, person, episode)
    end = np.where(left, np.minimum(start + 1, due), due)
    returns = (year >= people.cohort[i] + RETURNS_FROM) & (kind != KINDS.index("community"))
    return Courses(i, year, episode, kind, long, start, end, due, achieved, left, returns)


Found = list[tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Courses in turn: person index, academic year, and number of the course among those of the person."""


def school_cohorts(people: People, reached: Reached) -> Found:
    """When people of the school cohorts begin a course: at most one in two years, and none beside full-time study."""
    found, stream = [], people.stream("further_education/adult")
    back = _comes_back(people)
    for episode in range(len(RATES) // 2):
        first, later = (_rate(people, reached, 2 * episode + half, back) for half in (0, 1))
        draw = stream.below(1_000_000, people.person, episode)
        year = people.cohort + 20 + 2 * episode + (draw >= first)
        begun = reached.university_year
        busy = (year >= begun) & (year < begun + reached.university_years)
        busy |= year < people.cohort + 20 + reached.further
        i = np.flatnonzero((draw < first + later) & ~busy)
        found.append((i, year[i], np.full(len(i), episode)))
    return found


def _of_adults(people: People) -> Found:
    """When adults without a school record begin their courses: all of them begin one, or no record would have them."""
    stream, i = people.stream("further_education/adult/first"), np.arange(len(people))
    year = 2003 + stream.pick(ADULT_YEARS, people.person)
    found = [(i, year, np.zeros(len(i), dtype=np.int64))]
    for number, chance in enumerate(ADULTS_AGAIN, start=1):
        year = year + 1 + stream.below(ADULTS_GAP, people.person[i], 10 + number)
        again = stream.chance(chance, people.person[i], number) & (year <= 2021)
        i, year = i[again], year[again]
        found.append((i, year, np.full(len(i), number)))
    return found


def _kinds(people: People, i: np.ndarray, episode: np.ndarray) -> np.ndarray:
    """What each course is: a level follows results at 16, with chance."""
    kind = people.stream("further_education/adult/kind").pick(list(WEIGHTS.values()), people.person[i], episode)
    moved, result = people.stream("further_education/adult/level"), results.result(people)[i]
    draw = moved.below(1_000_000, people.person[i], episode)
    two, three, four = (KINDS.index(f"level {level}") for level in (2, 3, 4))
    up = np.select([kind == two, kind == three], [MOVED_UP["level 2"], MOVED_UP["level 3"]], 0)
    down = np.select([kind == two, kind == three], [MOVED_DOWN["level 2"], MOVED_DOWN["level 3"]], 0)
    higher, lower = (result >= GOOD) & (draw < up), (result < POOR) & (draw < down)
    shift = np.where(higher, 1, np.where(lower, -1, 0))
    moved_to = np.where((kind == three) & higher, four, kind + shift)
    return np.where((kind == two) | (kind == three), moved_to, kind)


def dip(people: People, courses: Courses) -> np.ndarray:
    """Steps of pay before and at the beginning of courses at 22 and later, shape (people, tax years)."""
    steps = np.zeros((len(people), len(TAX_YEARS)), dtype=np.int16)
    for back, lost in zip((1, 0), DIP.values(), strict=True):
        column = courses.year - back - TAX_YEARS[0]
        here = courses.returns & (column >= 0) & (column < len(TAX_YEARS))
        np.minimum.at(steps, (courses.i[here], column[here]), np.int16(lost))
    return steps


def pay_steps(people: People, courses: Courses) -> np.ndarray:
    """Steps of pay that the best course achieved by then adds in each tax year, shape (people, tax years)."""
    table, level, four = ADULT_PAY, courses.level, [ADULT_PAY["course at level 4"]]
    full = [table["full course at level 2"], table["full course at level 3"], *four]
    low = results.result(people)[courses.i] < LOW
    women = np.where(people.male[courses.i], 0, table["women, full course at level 2 or above"])
    whole = is_full(courses)
    steps = np.where(low, np.array([0, 0, *ADULT_PAY_LOW.values(), *four])[level], np.array([0, 0, *full])[level])
    adds = np.where(whole, steps + women, table["short course at level 2 or 3"])
    return _from_the_end(people, courses, np.where(counts(courses), adds, 0))


def work_shift(people: People, courses: Courses) -> np.ndarray:
    """Thousandths of attachment to work that courses take and add, by tax year, shape (people, tax years)."""
    shift = _from_the_end(people, courses, np.where(counts(courses), ADULT_WORK, 0))
    column = courses.year - 1 - TAX_YEARS[0]
    here = courses.returns & (column >= 0) & (column < len(TAX_YEARS))
    lost = np.where(people.adult, WORK_DIP["adults"], WORK_DIP["school cohorts"]).astype(np.int16)
    np.add.at(shift, (courses.i[here], column[here]), lost[courses.i[here]])
    return shift


def counts(courses: Courses) -> np.ndarray:
    """Which courses raise pay and attachment to work once they have ended."""
    return courses.returns & courses.achieved & (courses.level > 0)


def is_full(courses: Courses) -> np.ndarray:
    """Which courses count as full ones: the long, and those at level 4."""
    return courses.long | (courses.level == 4)


def first_tax_year(courses: Courses) -> np.ndarray:
    """The tax year (in which it ends) that begins first after the end of each course."""
    return (courses.end + 12 - 3) // 12 + 2001


def _from_the_end(people: People, courses: Courses, adds: np.ndarray) -> np.ndarray:
    """What the best course that ended before a tax year adds, shape (people, tax years)."""
    steps = np.zeros((len(people), len(TAX_YEARS)), dtype=np.int16)
    column = first_tax_year(courses) - TAX_YEARS[0]
    here = (adds > 0) & (column < len(TAX_YEARS))
    np.maximum.at(steps, (courses.i[here], np.maximum(column[here], 0)), adds[here].astype(np.int16))
    return np.maximum.accumulate(steps, axis=1)


def _comes_back(people: People) -> np.ndarray:
    """What multiplies the chance of a course, in thousandths: low results, and little attachment to work."""
    table = RETURNS
    attachment = people.stream("work/attachment").normal(people.person)
    factor = table["centre"] + table["a standard deviation of results"] * results.result(people) // 1000
    return np.clip(factor + table["a standard deviation of attachment to work"] * attachment // 1000, *RETURNS_FACTOR)


def _rate(people: People, reached: Reached, step: int, back: np.ndarray) -> np.ndarray:
    """Chance, in millionths, of an adult course in the academic year ``20 + step`` of each birth cohort."""
    table, rate = FACTORS, 1000 * RATES[step]
    university, level_three, below = BY_LEVEL.values()
    before = reached.university_year <= people.cohort + 20 + step
    factor = np.where(before, university, np.where(reached.level_three, level_three, below))
    factor = factor * by_group({"": 1_000} | table, people) // 1000
    women = table["women"] + table["women, each year"] * step
    factor = factor * np.where(people.male, 1_000, women) // 1000
    factor = factor * back // 1000 if step > 2 else factor
    for name, member in (("free school meals", people.fsm_in_year_11),
                         ("statement", people.sen_in_year_11 == 3)):  # fmt: skip
        factor = np.where(member, factor * table[name] // 1000, factor)
    return rate * factor // 1000
