"""How people are numbered: those of the school cohorts from 0 on, and beside every nine of them one adult.

An adult has no school record, and a number from :data:`ADULTS_FROM` on. Numbers stay below 2**26, so that records of
everybody fit the keys of :mod:`leocourse.extract.base.keys`.
"""

from __future__ import annotations

import numpy as np

MOST_PEOPLE = 60_000_000
"""Most people of the school cohorts."""
ADULTS_FROM = MOST_PEOPLE
SCHOOL_PER_ADULT = 9
"""People of the school cohorts for each adult without a school record (a design choice)."""


def adults_beside(first: int, end: int) -> np.ndarray:
    """Numbers of the adults who go with the people from ``first`` to before ``end``: the same however they are cut."""
    return np.arange(ADULTS_FROM + first // SCHOOL_PER_ADULT, ADULTS_FROM + end // SCHOOL_PER_ADULT, dtype=np.int64)


def everybody(first: int, end: int) -> np.ndarray:
    """Numbers of the people from ``first`` to before ``end``, and then of the adults who go with them."""
    return np.concatenate([np.arange(first, end, dtype=np.int64), adults_beside(first, end)])


def place(person: np.ndarray) -> np.ndarray:
    """Where each person stands among those of the school cohorts: an adult with the last of the nine."""
    last = SCHOOL_PER_ADULT * (person - ADULTS_FROM) + SCHOOL_PER_ADULT - 1
    return np.where(person < ADULTS_FROM, person, last)
