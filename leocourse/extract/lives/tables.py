"""What the lives of people after year 11 are looked up with: months, cohorts and ethnic groups.

Months are numbered from January 2000 (0), so a month is ``(year - 2000) * 12 + month - 1``.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives.population import MINORS, People

NEVER = 10**6
MAJOR = np.array([code[0] for code in MINORS])
"""First letter of each minor ethnic group: W, M, A, B, C, O; N and R are unknown."""


def by_group(table: dict[str, int], people: People) -> np.ndarray:
    """The value of a table by first letter of the ethnic group; the empty key stands for all others."""
    values = [table.get(letter, table.get("", 0)) for letter in MAJOR]
    return np.array(values)[people.minor]


def month_of(year: int | np.ndarray, month: int) -> int | np.ndarray:
    """The number of a month."""
    return (year - 2000) * 12 + month - 1


def between(known: dict[int, int], year: np.ndarray) -> np.ndarray:
    """Values for years between those of a table, on straight lines, in whole numbers."""
    years = sorted(known)
    at = np.clip(np.searchsorted(years, year, side="right") - 1, 0, len(years) - 2)
    first, values = np.array(years), np.array([known[each] for each in years])
    year = np.clip(year, years[0], years[-1])
    return values[at] + (values[at + 1] - values[at]) * (year - first[at]) // (first[at + 1] - first[at])
