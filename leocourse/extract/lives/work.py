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
from leocourse.extract.lives.lasting import lasting_pay
from leocourse.extract.lives.pandemic import Furlough, furloughs
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.pay import rates
from leocourse.extract.lives.places import Places, places
from leocourse.extract.lives.population import People
from leocourse.extract.lives.results import result
from leocourse.extract.lives.trade import Trade, trade

DAYS_IN_YEAR = 365
ON_A_MONDAY, ON_THE_FIRST = 420_000, 150_000
ON_A_FRIDAY, ON_THE_LAST = 360_000, 180_000
"""How often a spell begins on a Monday or the first of a month, and ends on a Friday or the last, in millionths; on
any day otherwise. Design choices: that jobs begin and end by a calendar is general knowledge, not a source's figure."""
BEFORE_RECORDS = 800
"""Days before August 2002 within which the jobs of adults who were at work then had begun (a design choice)."""


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
    trade: Trade
    homes: Places

    @property
    def earnings(self) -> np.ndarray:
        """Pounds earned in each tax year, shape (people, tax years)."""
        return self.rate * self.days // DAYS_IN_YEAR


def work(people: People, paths: Pathways, activity: Activity | None = None) -> Work:
    """Draw working lives from the August after year 11 to March 2021.

    ``activity``: what they do in each month, where that is drawn already.
    """
    activity = activity or activities(people, paths)
    spells = spells_of(people, activity)
    days = days_by_tax_year(spells, len(people))
    lasting = lasting_pay(people)
    skill = (860 * lasting + 510 * result(people)) // 1000
    homes = places(people, paths)
    jobs = employers(people, paths, activity.works, days, skill, homes.work_region, _training_section(paths))
    furlough = furloughs(people, activity, jobs, days)
    rate = rates(people, paths, jobs, furlough, homes)
    own = trade(people, activity, lasting, rate * days // DAYS_IN_YEAR)
    return Work(spells, days, rate, activity, jobs, furlough, own, homes)


def _training_section(paths: Pathways) -> np.ndarray:
    """The section in which an apprentice's job has to be in each month from August 2002, -1 for all others.

    Shape (months, people), an index into the letters of sections.
    """
    trains, section = paths.apprenticeships, paths.apprenticeships.section.astype(np.int8)
    return np.stack([np.where(trains.employed(month), section, np.int8(-1))
                     for month in range(FIRST_MONTH, LAST_MONTH + 1)])  # fmt: skip


def spells_of(people: People, activity: Activity) -> Spells:
    """The spells of the months in work: they begin in the first month and end in the last, by a calendar."""
    person = people.person
    i, first, last = runs(activity.works)
    months = range(FIRST_MONTH, LAST_MONTH + 2)
    starts = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in months])
    within = first == last  # a spell inside one month starts in its first half and ends in its second
    opens, length = starts[first - FIRST_MONTH], np.diff(starts)
    begin, finish = people.stream("work/start"), people.stream("work/end")
    start = opens + begin.below(np.where(within, 14, length[first - FIRST_MONTH]), person[i], first)
    chosen = begin.below(1_000_000, person[i], 1_000 + first)
    start = np.where(chosen < ON_A_MONDAY, _weekday(start, 0, opens), start)
    start = np.where(chosen >= 1_000_000 - ON_THE_FIRST, opens, start)
    before = people.adult[i] & (first == FIRST_MONTH)  # at work when the data begin, as adults can be
    start = np.where(before, opens - 1 - people.stream("work/before").below(BEFORE_RECORDS, person[i], 1), start)
    opens, days = starts[last - FIRST_MONTH], length[last - FIRST_MONTH]
    earliest = opens + np.where(within, 14, 0)
    end = earliest + finish.below(np.where(within, days - 14, days), person[i], last)
    chosen = finish.below(1_000_000, person[i], 1_000 + last)
    end = np.where(chosen < ON_A_FRIDAY, _weekday(end, 4, earliest), end)
    end = np.where(chosen >= 1_000_000 - ON_THE_LAST, opens + days - 1, end)
    end = np.where(last == LAST_MONTH, day(2021, 4, 5), end)
    false = np.zeros(len(i), dtype=bool)
    return Spells(i, start, end, false, false)


def _weekday(days: np.ndarray, wanted: int, earliest: np.ndarray) -> np.ndarray:
    """The last such day of the week (0 is Monday) up to each day, or the next one where that is too early."""
    back = days - (days + 3 - wanted) % 7  # day 0, 1 January 1970, was a Thursday
    return np.where(back < earliest, back + 7, back)


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
