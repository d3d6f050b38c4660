"""The pandemic: who was furloughed, and when.

Furlough depends on section, age and size of enterprise near the published shares (9.6 million jobs,
32% of those eligible, to 30 June 2020; 77% in accommodation, 66% in arts, 40% in retail).
The records of furlough and of grants are made in :mod:`leocourse.extract.records.pandemic_support`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.lives.activity import FIRST_MONTH, Activity
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.firms import LETTERS, register
from leocourse.extract.lives.pathways import month_of
from leocourse.extract.lives.population import People

FIRST, LAST = month_of(2020, 3), month_of(2021, 3)
MONTHS = LAST - FIRST + 1
"""March 2020 to March 2021: the scheme began in March 2020."""
FURLOUGH_SHARE = {  # thousandths of the people employed in March 2020; published: I 770, R 660, G 400
    "A": 150, "B": 200, "C": 390, "D": 110, "E": 160, "F": 560, "G": 400, "H": 330, "I": 770, "J": 190,
    "K": 70, "L": 340, "M": 260, "N": 420, "O": 10, "P": 120, "Q": 120, "R": 660, "S": 560,
}  # fmt: skip
FURLOUGH_AGE = {19: 1250, 21: 1120, 24: 1030, 28: 960, 99: 900}
"""What multiplies it up to an age, in thousandths: the young were furloughed most."""
FURLOUGH_SIZE = [1200, 1250, 1150, 1100, 1050, 1000, 900, 800, 780]
"""By band of enterprise: 57% of jobs at employers with 5 to 9 staff, 19 to 21% at those with 250 and more."""
FURLOUGH_MONTHS = [8, 16, 24, 20, 12, 8, 7, 5]
"""How many months a first furlough lasts (1 to 8), as weights."""
AGAIN = {"I": 620_000, "R": 500_000, "G": 300_000, "S": 450_000}
"""Chance of a second furlough from November 2020; elsewhere 80,000 millionths."""


@dataclass(frozen=True)
class Furlough:
    """Who was furloughed when."""

    any_time: np.ndarray
    """Furloughed at some time in a month, shape (people, months from March 2020 to March 2021)."""
    at_end: np.ndarray
    """Furloughed at the end of the month."""

    def in_tax_year(self, year: int) -> np.ndarray:
        """Who was furloughed at all in the tax year that ends in ``year`` (2020 or 2021)."""
        return self.any_time[:, :1].any(axis=1) if year == 2020 else self.any_time[:, 1:].any(axis=1)


def furloughs(people: People, activity: Activity, jobs: Employers) -> Furlough:
    """Draw furloughs of those employed in March 2020, at most while they stay employed."""
    person, stream = people.person, people.stream("pandemic/furlough")
    employed = activity.works[FIRST - FIRST_MONTH :].T
    section, firm = jobs.section[:, -2], np.maximum(jobs.firm[:, -2, 0], 0)
    age = 2019 - people.cohort
    by_age = np.array(list(FURLOUGH_AGE.values()))[np.searchsorted(list(FURLOUGH_AGE), age)]
    by_size = np.array(FURLOUGH_SIZE)[register(people.seed).band[1, firm] - 1]
    base = np.array([FURLOUGH_SHARE[each] for each in LETTERS])[section]
    chosen = stream.chance(np.minimum(base * by_age * by_size // 1000, 940_000), person) & employed[:, 0]
    first = stream.pick([55, 35, 6, 4], person, 1)  # most from the end of March or April 2020
    last = first + stream.pick(FURLOUGH_MONTHS, person, 2)
    again = chosen & stream.chance(np.array([AGAIN.get(each, 80_000) for each in LETTERS])[section], person, 3)
    until = 8 + stream.below(5, person, 4)  # month 8 is November 2020
    month = np.arange(MONTHS)
    spell = (month >= first[:, None]) & (month <= last[:, None])
    spell |= again[:, None] & (month >= 8) & (month <= until[:, None])
    still = np.logical_and.accumulate(employed, axis=1)
    furloughed = spell & chosen[:, None] & still
    goes_on = np.hstack([furloughed[:, 1:], np.zeros((len(people), 1), dtype=bool)])
    lasts = stream.chance(500_000, person[:, None], 100 + month)  # the last month: to its end, or not
    at_end = furloughed & (goes_on | lasts | (month == 0))
    return Furlough(furloughed, at_end)
