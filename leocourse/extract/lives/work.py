"""Working lives: spells of employment out of lives month by month, days in work, and what is earned on them.

Spells that overlap or abut are merged, as in the extract, so jobs cannot be counted. Earnings are the yearly rate of
pay, which :mod:`leocourse.extract.lives.pay` decides, for the days in work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, day, tax_year_end, tax_year_start
from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH, Activity, activities, runs
from leocourse.extract.lives.employers import Employers, employers
from leocourse.extract.lives.pandemic import Furlough, furloughs
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.pay import lasting_pay, rates
from leocourse.extract.lives.places import Places, places
from leocourse.extract.lives.population import People

DAYS_IN_YEAR = 365


@dataclass(frozen=True)
class Spells:
    """Employment spells of a block, sorted by person and start. ``i`` indexes the people."""

    i: np.ndarray
    start: np.ndarray
    end: np.ndarray
    uncertain_start: np.ndarray
    uncertain_end: np.ndarray


@dataclass(frozen=True)
class Work:
    """The true working lives of a block of people."""

    spells: Spells
    days: np.ndarray
    """Days in work, shape (people, tax years)."""
    rate: np.ndarray
    """Yearly rate of pay in pounds, shape (people, tax years)."""
    activity: Activity
    jobs: Employers
    furlough: Furlough
    homes: Places

    @property
    def earnings(self) -> np.ndarray:
        """Pounds earned in each tax year, shape (people, tax years)."""
        return self.rate * self.days // DAYS_IN_YEAR


def work(people: People, paths: Pathways) -> Work:
    """Draw working lives from the August after year 11 to March 2021."""
    activity = activities(people, paths)
    spells = _spells(people, activity)
    days = days_by_tax_year(spells, len(people))
    lasting = lasting_pay(people)
    homes = places(people, paths)
    skill = (860 * lasting + 510 * people.attainment) // 1000
    jobs = employers(people, paths, days, skill, homes.work_region)
    furlough = furloughs(people, activity, jobs)
    return Work(spells, days, rates(people, paths, jobs, furlough), activity, jobs, furlough, homes)


def _spells(people: People, activity: Activity) -> Spells:
    person = people.person
    i, first, last = runs(activity.works)
    starts = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(FIRST_MONTH, LAST_MONTH + 2)])
    within = first == last  # a spell inside one month starts in its first half and ends in its second
    start = starts[first - FIRST_MONTH] + people.stream("work/start").below(np.where(within, 14, 28), person[i], first)
    end = starts[last - FIRST_MONTH] + people.stream("work/end").below(np.where(within, 14, 28), person[i], last)
    end += np.where(within, 14, 0)
    end = np.where(last == LAST_MONTH, day(2021, 4, 5), end)
    false = np.zeros(len(i), dtype=bool)
    return Spells(i, start, end, false, false)


def days_by_tax_year(spells: Spells, people: int) -> np.ndarray:
    """Days that the spells of each person cover in each tax year, shape (people, tax years).

    The spells of a person must not overlap.
    """
    days = np.zeros((people, len(TAX_YEARS)), dtype=np.int64)
    for column, year in enumerate(TAX_YEARS):
        first = np.maximum(spells.start, tax_year_start(year))
        covered = np.clip(np.minimum(spells.end, tax_year_end(year)) - first + 1, 0, None)
        days[:, column] = np.bincount(spells.i, weights=covered, minlength=people).astype(np.int64)
    return days


def merge(spells: Spells) -> Spells:
    """Spells of one person that overlap or abut become one. Jobs cannot be counted afterwards."""
    order = np.lexsort((spells.end, spells.start, spells.i))
    i, start, end = spells.i[order], spells.start[order], spells.end[order]
    far = np.int64(10**8)  # further apart than any two days, so one running maximum serves all people
    reach = np.maximum.accumulate(end + i * far)
    new = np.ones(len(i), dtype=bool)
    new[1:] = (start[1:] + i[1:] * far) > reach[:-1] + 1
    group = np.cumsum(new) - 1
    last = np.append(np.flatnonzero(new)[1:] - 1, len(i) - 1) if len(i) else np.array([], dtype=np.int64)
    final = reach[last] - i[last] * far
    uncertain_end = np.zeros(int(new.sum()), dtype=bool)
    decides = end == final[group]  # the spell that ends last gives its flag, the one that starts first its own
    np.logical_or.at(uncertain_end, group[decides], spells.uncertain_end[order][decides])
    return Spells(i[new], start[new], final, spells.uncertain_start[order][new], uncertain_end)
