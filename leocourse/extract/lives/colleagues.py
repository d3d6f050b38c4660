"""Graduates among the people of an enterprise, and what they add to the pay of the others there.

The share is that of the whole workforce, most of whom are in no extract, and moves from year to year as enterprises
take people on. Enterprises that are more productive, and so pay better, have more graduates: that is the planted
selection. Within enterprises of a section graduates find work where there are more of them, so the share among the
people of an extract follows it loosely. All amounts are design choices.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.base.random import Stream
from leocourse.extract.lives.firms import FIRMS, LETTERS, register

if TYPE_CHECKING:
    from leocourse.extract.lives.employers import Employers

COLLEAGUES = {"ten points more graduates among the staff": 25}
"""Steps of 0.1% of the yearly rate of pay of everybody there, beside enterprises of the section. Planted."""
USUAL = {
    "A": 140, "B": 260, "C": 240, "D": 330, "E": 200, "F": 170, "G": 190, "H": 160, "I": 150, "J": 460, "K": 430,
    "L": 300, "M": 500, "N": 200, "O": 420, "P": 540, "Q": 400, "R": 340, "S": 230,
}  # fmt: skip
"""Graduates per thousand of the staff, by section."""
PRODUCTIVE, OWN, YEARLY, LASTS = 50, 80, 28, 4
"""Per thousand of the staff: what a standard deviation of productivity goes with, standard deviations of what is the
enterprise's own and of what each year adds, and for how many years that stays."""
LEAST, MOST = 10, 950
CHOOSE = 800_000
"""Of those who begin a job, how many choose between two enterprises by the graduates there, in millionths."""


def usual(firm_section: np.ndarray) -> np.ndarray:
    """Graduates per thousand of the staff in sections (index into the letters)."""
    return np.array([USUAL[letter] for letter in LETTERS])[firm_section]


@lru_cache(maxsize=4)  # many seeds are lived in one run
def graduate_share(seed: int) -> np.ndarray:
    """Graduates per thousand of the staff of every enterprise, shape (tax years, enterprises), int16."""
    firms, number = register(seed), np.arange(FIRMS)
    lasting = usual(firms.section[0]) + PRODUCTIVE * firms.productivity // 1000
    lasting += OWN * Stream(seed, "firms/graduates").normal(number) // 1000
    years = range(TAX_YEARS[0] - LASTS + 1, TAX_YEARS[-1] + 1)
    added = np.stack([YEARLY * Stream(seed, "firms/graduates/year").normal(number, year) // 1000 for year in years])
    moving = np.stack([added[first : first + LASTS].sum(axis=0) for first in range(len(TAX_YEARS))])
    return np.clip(lasting + moving, LEAST, MOST).astype(np.int16)


def more_than_usual(seed: int, firm: np.ndarray, column: int) -> np.ndarray:
    """Graduates per thousand of the staff of enterprises in a tax year (by column), less what is usual."""
    return graduate_share(seed)[column, firm] - usual(register(seed).section[0, firm])


def pay_steps(jobs: Employers) -> np.ndarray:
    """Steps of pay that the graduates among the staff add, shape (people, tax years)."""
    (each,) = COLLEAGUES.values()
    return each * jobs.graduates // 100
