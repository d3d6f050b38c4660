"""Days as whole numbers since 1 January 1970, and the two kinds of year.

An academic year runs from 1 August to 31 July, a tax year from 6 April to 5 April.
Both are named here after the calendar year in which they end.
Months are numbered from January 2000 (0), so a month is ``(year - 2000) * 12 + month - 1``.
"""

from __future__ import annotations

from datetime import date

import numpy as np

EPOCH = date(1970, 1, 1)
OPEN_END = (date(9999, 12, 31) - EPOCH).days
"""How an employment spell that goes on appears: 9999-12-31."""
LAST_TAX_YEAR = 2021
TAX_YEARS = range(2003, LAST_TAX_YEAR + 1)
NEVER = 10**6
"""A month or year that does not come."""


def day(year: int, month: int, of_month: int) -> int:
    """The day number of a date."""
    return (date(year, month, of_month) - EPOCH).days


def days_of(years: np.ndarray, month: int, of_month: int) -> np.ndarray:
    """The day numbers of one date in several years, int64."""
    first = int(np.min(years, initial=2000))
    table = np.array([day(y, month, of_month) for y in range(first, int(np.max(years, initial=2000)) + 1)])
    return table[np.asarray(years) - first]


def tax_year_start(year: int) -> int:
    """6 April of the calendar year in which the tax year that ends in ``year`` begins."""
    return day(year - 1, 4, 6)


def tax_year_end(year: int) -> int:
    """5 April, the last day of the tax year that ends in ``year``."""
    return day(year, 4, 5)


def tax_year_label(year: int | np.ndarray) -> int | np.ndarray:
    """``TaxYear`` as the extract writes it: 200405 for 6 April 2004 to 5 April 2005."""
    return (year - 1) * 100 + year % 100


def month_of(year: int | np.ndarray, month: int) -> int | np.ndarray:
    """The number of a month, counted from January 2000 (0)."""
    return (year - 2000) * 12 + month - 1


def between(known: dict[int, int], year: np.ndarray) -> np.ndarray:
    """Values for years between those of a table, on straight lines, in whole numbers."""
    years = sorted(known)
    at = np.clip(np.searchsorted(years, year, side="right") - 1, 0, len(years) - 2)
    first, values = np.array(years), np.array([known[each] for each in years])
    year = np.clip(year, years[0], years[-1])
    return values[at] + (values[at + 1] - values[at]) * (year - first[at]) // (first[at + 1] - first[at])
