"""The pandemic: who was furloughed, and when.

Furlough depends on section, age and size of enterprise near the published shares (9.6 million jobs,
32% of those eligible, to 30 June 2020; 77% in accommodation, 66% in arts, 40% in retail).
The records of furlough and of grants are made in :mod:`leocourse.extract.records.pandemic_support`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives.activity import FIRST_MONTH, Activity
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.firms import LETTERS, register
from leocourse.extract.lives.population import People

FIRST, LAST = month_of(2020, 3), month_of(2021, 3)
MONTHS = LAST - FIRST + 1
"""March 2020 to March 2021: the scheme began in March 2020."""
FURLOUGH_SHARE = {  # thousandths of those employed in March 2020 while the job lasts; published: I 770, R 660, G 400
    "A": 150, "B": 200, "C": 390, "D": 110, "E": 160, "F": 560, "G": 400, "H": 330, "I": 860, "J": 190,
    "K": 70, "L": 340, "M": 260, "N": 420, "O": 10, "P": 120, "Q": 120, "R": 660, "S": 560,
}  # fmt: skip
FURLOUGH_AGE = {19: 1250, 21: 1120, 24: 1030, 28: 960, 99: 900}
"""What multiplies it up to an age, in thousandths: the young were furloughed most."""
FURLOUGH_SIZE = [1200, 1250, 1150, 1100, 1050, 1000, 900, 800, 780]
"""By band of enterprise: 57% of jobs at employers with 5 to 9 staff, 19 to 21% at those with 250 and more."""
FIRST_MONTHS = [55, 35, 6, 4]
"""When a first furlough begins, March to June 2020, as weights: by 10 June, for the scheme then closed to others."""
LAST_MONTHS = [5, 9, 15, 17, 12, 10, 10, 5, 3, 3, 4, 13]
"""The last month of a first furlough, April 2020 to March 2021, as weights. With those who come back or come new,
counts fall to about a quarter of their height by the end of October 2020 and rise to about half in January 2021
(published: 2.4 million, 73% below the height, on 31 October; January is not verified)."""
AGAIN = {"I": 560_000, "R": 520_000, "G": 300_000, "S": 450_000}
AGAIN_ELSEWHERE = 130_000
"""Chance of a second furlough from November 2020 of those who were furloughed before, in millionths."""
NEWLY = 300
"""Thousandths of the first chance with which somebody not furloughed before is from November 2020."""
SECOND_FIRST = [45, 8, 47]
SECOND_LAST = [12, 7, 5, 8, 68]
"""When it begins, November 2020 to January 2021, and ends, November 2020 to March 2021, as weights."""
NOVEMBER = 8
"""Months since March 2020: from here on also people who were on the payroll on 30 October 2020 (published rule)."""


@dataclass(frozen=True)
class Furlough:
    """Who was furloughed when."""

    any_time: np.ndarray
    """Furloughed at some time in a month, shape (people, months from March 2020 to March 2021)."""
    at_end: np.ndarray
    """Furloughed at the end of the month."""

    def in_tax_year(self, year: int) -> np.ndarray:
        """Who was furloughed at all in the tax year that ends in ``year`` (2020 or 2021)."""
        return self.months_in(year) > 0

    def months_in(self, year: int) -> np.ndarray:
        """Months with furlough in the tax year that ends in ``year`` (2020 or 2021), 0 to 12."""
        return (self.any_time[:, :1] if year == 2020 else self.any_time[:, 1:]).sum(axis=1)


def furloughs(people: People, activity: Activity, jobs: Employers, days: np.ndarray) -> Furlough:
    """Draw furloughs, each while its job lasts.

    Two ways in: people on the payroll before March 2020, by June; and from November 2020 those on it at the end of
    October, hired since or not. ``days``: days in work, shape (people, tax years).
    """
    person, stream = people.person, people.stream("pandemic/furlough")
    employed = activity.works[FIRST - 1 - FIRST_MONTH :].T  # from February 2020
    month = np.arange(MONTHS)
    began = jobs.began[:, -1].astype(np.int64) + 1  # 1 is April 2020; 0 where the job at the end is an older one
    same = (began[:, None] == 0) | (month < began[:, None])
    still = np.logical_and.accumulate(employed[:, 1:], axis=1) & same
    chance = _chances(people, jobs, column=-2)
    chosen = stream.chance(np.minimum(chance, 940_000), person) & employed[:, 0] & employed[:, 1]
    first = stream.pick(FIRST_MONTHS, person, 1)
    last = np.maximum(1 + stream.pick(LAST_MONTHS, person, 2), first)
    spell = (month >= first[:, None]) & (month <= last[:, None]) & chosen[:, None] & still
    # from November 2020
    before = spell[:, :NOVEMBER].any(axis=1)
    letter = np.array([AGAIN.get(each, AGAIN_ELSEWHERE) for each in LETTERS])[jobs.section[:, -1]]
    likely = np.where(before, letter, _chances(people, jobs, column=-1) * NEWLY // 1000)
    again = stream.chance(np.minimum(likely, 940_000), person, 3) & employed[:, NOVEMBER]
    begin = NOVEMBER + stream.pick(SECOND_FIRST, person, 4)
    until = np.maximum(NOVEMBER + stream.pick(SECOND_LAST, person, 5), begin)
    goes_on = np.logical_and.accumulate(employed[:, NOVEMBER:], axis=1)[:, 1:]  # since October, in November and later
    later = goes_on & (began <= NOVEMBER - 1)[:, None] & (month >= begin[:, None])[:, NOVEMBER:]
    spell[:, NOVEMBER:] |= later & again[:, None] & (month <= until[:, None])[:, NOVEMBER:]
    spell[:, 1:] &= days[:, -1:] > 0  # a spell that ended by 5 April 2020 has none of the next tax year
    goes_on = np.hstack([spell[:, 1:], np.zeros((len(people), 1), dtype=bool)])
    # the last month: to its end, or not. Most that last to March 2021 went on after it.
    lasts = stream.chance(np.where(month == MONTHS - 1, 900_000, 500_000), person[:, None], 100 + month)
    return Furlough(spell, spell & (goes_on | lasts | (month == 0)))


def _chances(people: People, jobs: Employers, column: int) -> np.ndarray:
    """Chance of a furlough by the job at the end of a tax year, in millionths; it may be above a million."""
    section, firm = jobs.section[:, column], np.maximum(jobs.firm[:, column, 0], 0)
    by_age = np.array(list(FURLOUGH_AGE.values()))[np.searchsorted(list(FURLOUGH_AGE), 2019 - people.cohort)]
    by_size = np.array(FURLOUGH_SIZE)[register(people.seed).band[1, firm] - 1]
    return np.array([FURLOUGH_SHARE[each] for each in LETTERS])[section] * by_age * by_size // 1000
