"""Employment and earnings: lives month by month, then P45 spells and P14 totals as the records have them.

Spells that overlap or abut are merged, as in the extract, so jobs cannot be counted. Pay is a yearly
rate for each tax year; earnings are that rate for the days in work. Rates are sums of steps of a
tenth of a per cent (see :func:`leocourse.extract.random.growth_table`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.after16 import Pathways, month_of
from leocourse.extract.dates import LAST_TAX_YEAR, day, tax_year_end, tax_year_start
from leocourse.extract.keys import Keys
from leocourse.extract.population import People
from leocourse.extract.random import growth_table
from leocourse.extract.rows import Rows

FIRST_MONTH, LAST_MONTH = month_of(2002, 8), month_of(2021, 3)
TAX_YEARS = range(2003, LAST_TAX_YEAR + 1)
DAYS_IN_YEAR = 365

PAY_STEPS = {
    "start": 9_480,  # about 13,000 pounds a year at the prices of 2017/18
    "each of the first five years": 62,
    "each later year": 24,
    "a standard deviation of attainment": 85,
    "first degree": 160,
    "apprenticeship level 2": 50,
    "apprenticeship level 3": 110,
    "women": -60,
    "free school meals": -60,
    "full-time student": -1_050,
    "a year of pay growth": 25,
}
"""What raises or lowers the yearly rate of pay, in steps of about 0.1%. These are planted effects."""


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

    @property
    def earnings(self) -> np.ndarray:
        """Pounds earned in each tax year, shape (people, tax years)."""
        return self.rate * self.days // DAYS_IN_YEAR


def work(people: People, paths: Pathways) -> Work:
    """Draw working lives from the August after year 11 to March 2021."""
    spells = _spells(people, paths)
    days = days_by_tax_year(spells, len(people))
    return Work(spells, days, _rates(people, paths))


def _spells(people: People, paths: Pathways) -> Spells:
    person, entry, churn = people.person, people.stream("work/entry"), people.stream("work/exit")
    attachment = (600 * people.stream("work/attachment").normal(person) + 400 * people.attainment) // 1000
    long_run = np.clip(770_000 + 130_000 * attachment // 1000, 120_000, 965_000)
    gone = people.stream("work/gone").chance(70_000, person)  # abroad, or never in paid work
    after = month_of(people.cohort + 17, 8)
    leaves_england = np.where(gone, after + people.stream("work/gone/when").below(150, person), 10**6)
    works = np.zeros(len(people), dtype=bool)
    history = np.zeros((LAST_MONTH - FIRST_MONTH + 2, len(people)), dtype=bool)
    for month in range(FIRST_MONTH, LAST_MONTH + 1):
        studying = paths.studies(people, month)
        young = np.clip((month - after) // 12, 0, 5)
        target = np.where(studying, 150_000 + 60_000 * np.minimum(young, 4), long_run - 40_000 * (5 - young))
        pace = np.where(studying, 140, np.where(young < 3, 90, 45))  # thousandths a month
        into = entry.chance(target * pace // 1000, person, month)
        out = churn.chance((1_000_000 - target) * pace // 1000, person, month)
        works = np.where(works, ~out, into)
        apprentice = (month >= paths.apprenticeship_start) & (month <= paths.apprenticeship_end)
        works = (works | apprentice) & (month >= after) & (month < leaves_england)
        history[month - FIRST_MONTH] = works
    before = np.vstack([np.zeros((1, len(people)), dtype=bool), history[:-1]])
    begins, ends = np.nonzero((history & ~before).T), np.nonzero((before & ~history).T)
    i, first, last = begins[0], begins[1] + FIRST_MONTH, ends[1] + FIRST_MONTH - 1
    starts = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(FIRST_MONTH, LAST_MONTH + 2)])
    within = first == last  # a spell inside one month starts in its first half and ends in its second
    start = starts[first - FIRST_MONTH] + people.stream("work/start").below(np.where(within, 14, 28), person[i], first)
    end = starts[last - FIRST_MONTH] + people.stream("work/end").below(np.where(within, 14, 28), person[i], last)
    end += np.where(within, 14, 0)
    end = np.where(last == LAST_MONTH, day(2021, 4, 5), end)
    false = np.zeros(len(i), dtype=bool)
    return Spells(i, start, end, false, false)


def _rates(people: People, paths: Pathways) -> np.ndarray:
    steps, person = PAY_STEPS, people.person
    lasting = 290 * people.stream("work/pay").normal(person) // 1000
    fixed = steps["start"] + lasting + steps["a standard deviation of attainment"] * people.attainment // 1000
    fixed += np.where(people.male, 0, steps["women"]) + np.where(people.fsm(0), steps["free school meals"], 0)
    rates = np.zeros((len(people), len(TAX_YEARS)), dtype=np.int64)
    left = people.cohort + 17 + np.where(paths.sixth_form, 2, paths.college_years)
    left = np.where(paths.university_years > 0, paths.university_year + paths.university_years - 1, left)
    for column, year in enumerate(TAX_YEARS):
        october = month_of(year - 1, 10)
        experience = np.clip(year - left, 0, 25)
        pay = fixed + steps["each of the first five years"] * np.minimum(experience, 5)
        pay += steps["each later year"] * np.maximum(experience - 5, 0) + steps["a year of pay growth"] * (year - 2018)
        pay += np.where(paths.graduated & (year > left), steps["first degree"], 0)
        done = paths.completed & (october > paths.apprenticeship_end)
        pay += np.where(done & (paths.apprenticeship == 2), steps["apprenticeship level 2"], 0)
        pay += np.where(done & (paths.apprenticeship == 3), steps["apprenticeship level 3"], 0)
        pay += np.where(paths.studies(people, october), steps["full-time student"], 0)
        pay += 55 * people.stream("work/pay/year").normal(person, year) // 1000
        rates[:, column] = growth_table()[np.clip(pay, 7_000, 12_000)] // 1000
    return rates


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


def employment_rows(people: People, keys: Keys, spells: Spells, copy: np.ndarray) -> Rows:
    """The employment table. ``copy`` says on which EDUKEY of the person a spell stands."""
    person = people.person[spells.i]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy),
        "startdate": spells.start,
        "enddate": spells.end,
        "uncertainstartdate": spells.uncertain_start.astype(np.int64),
        "uncertainenddate": spells.uncertain_end.astype(np.int64),
    }


def earnings_rows(people: People, keys: Keys, life: Work, copy: np.ndarray) -> Rows:
    """The earnings table: one row a person and tax year with pay. ``copy``: shape (people, tax years)."""
    pay = life.earnings
    i, column = np.nonzero(pay > 0)
    year = column + TAX_YEARS[0]
    kept = year >= 2004  # P14 totals begin with 2003/04
    i, column, year = i[kept], column[kept], year[kept]
    person = people.person[i]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy[i, column]),
        "taxyear": (year - 1) * 100 + year % 100,
        "earnings": pay[i, column],
        "num_employments": 1 + people.stream("work/employments").pick([70, 22, 8], person, year),
    }
