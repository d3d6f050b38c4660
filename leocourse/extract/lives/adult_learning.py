"""Adults who return to learn: courses that begin from the third year after year 11 on, and pay before them.

Who begins which course is drawn here; its dates and result are drawn with the record (``records.further_education``).
The names of the streams begin with "further_education/adult": another name would be other draws.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.lives.pathways import Pathways
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
RATES = [15, 203, 195, 156, 139, 124, 95, 83, 63, 53, 51, 48, 41, 38, 34, 27]
"""Adult courses that begin in each academic year from the third after year 11 on, per thousand of those
who are in no full-time study. There is at most one in two years: see :func:`courses`."""
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
RETURNS_FROM = 23
"""Courses from the academic year that ends so many years after the birth cohort, at 22 or later, follow a bad year."""
DIP = {"the tax year before the course": -90, "the tax year in which it begins": -45}
"""Steps of pay: people return to learn when work goes badly (a design choice).

It passes by itself, so who compares pay after a course with pay just before it finds a gain that the course has not
made. The course itself adds nothing to pay here.
"""


def courses(people: People, paths: Pathways) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Courses in turn, each for some people: person index, academic year, and kind (number in :data:`WEIGHTS`)."""
    found, person, stream = [], people.person, people.stream("further_education/adult")
    kinds = people.stream("further_education/adult/kind")
    for episode in range(len(RATES) // 2):
        first, later = (_rate(people, paths, 2 * episode + half) for half in (0, 1))
        draw = stream.below(1_000_000, person, episode)
        year = people.cohort + 20 + 2 * episode + (draw >= first)
        busy = (year >= paths.university_year) & (year < paths.university_year + paths.university_years)
        busy |= year < people.cohort + 20 + paths.further_years
        i = np.flatnonzero((draw < first + later) & ~busy)
        found.append((i, year[i], kinds.pick(list(WEIGHTS.values()), person[i], episode)))
    return found


def dip(people: People, paths: Pathways) -> np.ndarray:
    """Steps of pay before and at the beginning of courses at 22 and later, shape (people, tax years)."""
    steps = np.zeros((len(people), len(TAX_YEARS)), dtype=np.int16)
    community = list(WEIGHTS).index("community")
    for i, year, kind in courses(people, paths):
        returns = (year >= people.cohort[i] + RETURNS_FROM) & (kind != community)
        for back, lost in zip((1, 0), DIP.values(), strict=True):
            column = year - back - TAX_YEARS[0]
            here = returns & (column >= 0) & (column < len(TAX_YEARS))
            steps[i[here], column[here]] = np.minimum(steps[i[here], column[here]], lost)
    return steps


def _rate(people: People, paths: Pathways, step: int) -> np.ndarray:
    """Chance, in millionths, of an adult course in the academic year ``20 + step`` of each birth cohort."""
    table, rate = FACTORS, 1000 * RATES[step]
    university, level_three, below = BY_LEVEL.values()
    before = paths.university_year <= people.cohort + 20 + step
    factor = np.where(before, university, np.where(paths.points > 0, level_three, below))
    factor = factor * by_group({"": 1_000} | table, people) // 1000
    women = table["women"] + table["women, each year"] * step
    factor = factor * np.where(people.male, 1_000, women) // 1000
    for name, member in (("free school meals", people.fsm_in_year_11),
                         ("statement", people.sen_in_year_11 == 3)):  # fmt: skip
        factor = np.where(member, factor * table[name] // 1000, factor)
    return rate * factor // 1000
