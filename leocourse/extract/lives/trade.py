"""Self-employment: profits and losses by tax year, and who files a tax return without being self-employed.

Who is self-employed when is decided in :mod:`leocourse.extract.lives.activity`. What makes a person well paid as an
employee makes profits higher, too. All rates are design choices but where a source is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.base.random import growth_table
from leocourse.extract.lives.activity import Activity
from leocourse.extract.lives.population import People
from leocourse.extract.lives.results import result

PROFIT_START, PROFIT_SPREAD, PROFIT_GROWTH = 9_120, 750, 20
"""Steps: about 9,000 pounds, less than half of what employees earn (SFR 76/2017), widely spread."""
FROM_PAY, OWN, YEARLY = 420, 500, 760
"""Thousandths of that spread: from what makes pay high, from what is the trade's own and lasts, and the year's."""
NO_PROFIT, LOSS, LOSS_PART = 40_000, 55_000, (50, 650)
"""Chance of a year with nothing left and of one with a loss; a loss is so many thousandths of a year's usual profit."""
PANDEMIC = -220
OTHER_INCOME, FILES, FILES_FROM_AGE = 12_000, 800_000, 22
"""Chance to have income that has to be declared though nobody is self-employed (rent, for one), and to in a year."""
HIGH_PAY = 100_000
"""Who is paid more files a return whatever else there is (general knowledge of these years, not verified)."""


@dataclass(frozen=True)
class Trade:
    """Self-employment and tax returns of a block. Arrays have the shape (people, tax years 2003 to 2021)."""

    profit: np.ndarray
    """Pounds: below 0 for a loss, 0 for none."""
    other_return: np.ndarray
    """Files a return that shows no self-employment."""


def trade(people: People, activity: Activity, ability: np.ndarray, earnings: np.ndarray) -> Trade:
    """Draw profits and returns.

    ``ability``: what lasts of pay, standard normal in thousandths. ``earnings``: pounds as an employee.
    """
    alone = activity.self_employed.T
    i, column = np.nonzero(alone)
    person, year = people.person[i], column + TAX_YEARS[0]
    profit = np.zeros(alone.shape, dtype=np.int64)
    profit[i, column] = _profit(people, i, person, year, ability[i])
    years, age = np.array(TAX_YEARS), np.array(TAX_YEARS) - 1 - people.cohort[:, None]
    other = np.zeros(alone.shape, dtype=bool)
    who = np.flatnonzero(people.stream("self-employment/other income").chance(OTHER_INCOME, people.person))
    files = people.stream("self-employment/other return").chance(FILES, people.person[who][:, None], years)
    other[who] = files & (age[who] >= FILES_FROM_AGE)
    other &= activity.gone[:, None] > month_of(years - 1, 4)
    other |= earnings > HIGH_PAY
    return Trade(profit, other & ~alone)


def _profit(people: People, i: np.ndarray, person: np.ndarray, year: np.ndarray, ability: np.ndarray) -> np.ndarray:
    """Pounds of profit of people ``i`` who are self-employed in a tax year, one value a person and year."""
    stream = people.stream("self-employment/year")
    spread = FROM_PAY * ability + OWN * people.stream("self-employment/profit").normal(person)
    steps = PROFIT_START + (spread + YEARLY * stream.normal(person, year)) * PROFIT_SPREAD // 1_000_000
    steps += PROFIT_GROWTH * (year - 2018) + 12 * np.clip(year - people.cohort[i] - 20, 0, 15)
    steps += np.where(people.male[i], 0, -150) + 50 * result(people)[i] // 1000
    steps += np.where(year == 2021, PANDEMIC, 0)
    pounds = growth_table()[np.clip(steps, 5_500, 12_000)] // 1000
    chosen = stream.below(1_000_000, person, 100 + year)
    low, high = LOSS_PART
    loss = pounds * (low + stream.below(high - low, person, 200 + year)) // 1000
    return np.where(chosen < NO_PROFIT, 0, np.where(chosen < NO_PROFIT + LOSS, -loss, pounds))
