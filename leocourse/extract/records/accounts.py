"""Accounts of enterprises by tax year, to be linked to pay by enterprise and year: a synthetic table.

No such table is part of LEO: a project would have to ask for one. Here it shows what could be done with it. Turnover
per employee holds the lasting productivity of the enterprise and what was so in that year alone, so one year measures
it with error, and two years tell how large that is.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import TAX_YEARS, tax_year_label
from leocourse.extract.base.random import Stream, growth_table
from leocourse.extract.lives.colleagues import graduate_share
from leocourse.extract.lives.firms import FIRMS, LETTERS, register

YEARS = range(2015, 2021)
"""Tax years of the table, by the year in which each ends."""
USUAL = {
    "A": 90, "B": 260, "C": 190, "D": 700, "E": 220, "F": 150, "G": 230, "H": 130, "I": 50, "J": 190, "K": 280,
    "L": 170, "M": 130, "N": 90, "O": 100, "P": 55, "Q": 60, "R": 110, "S": 70,
}  # fmt: skip
"""Turnover per employee in thousand pounds, by section (design choices)."""
LASTING, YEARLY = 500, 300
"""Steps of 0.1%: what a standard deviation of lasting productivity, and one of the year's own, add to it."""


@lru_cache(maxsize=4)  # many seeds are lived in one run
def turnover_steps(seed: int) -> np.ndarray:
    """Turnover per employee of every enterprise as steps of 0.1%, shape (:data:`YEARS`, enterprises)."""
    firms, number, stream = register(seed), np.arange(FIRMS), Stream(seed, "firms/turnover")
    level = np.searchsorted(growth_table(), 1000 * np.array([USUAL[letter] for letter in LETTERS]))[firms.section[0]]
    steady = level + LASTING * firms.productivity // 1000
    return np.stack([steady + YEARLY * stream.normal(number, year) // 1000 for year in YEARS])


def accounts_rows(seed: int) -> Rows:
    """One row an enterprise and tax year in which it is alive throughout."""
    firms = register(seed)
    row, firm = np.nonzero(np.stack([firms.alive_in(year) for year in YEARS]))
    steps = np.clip(turnover_steps(seed)[row, firm], 0, len(growth_table()) - 1)
    return {
        "entkey": Coded(firm, firms.labels),
        "taxyear": tax_year_label(row + YEARS[0]),
        "turnover_per_employee": growth_table()[steps] // 1000,
        "graduates_per_thousand": graduate_share(seed)[row + YEARS[0] - TAX_YEARS[0], firm],
    }
