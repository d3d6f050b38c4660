"""How many of a school's pupils go on to university, as published each year: a line in it decides some offers.

The shares are the same in every extract, whatever the seed: ``data/reference/school_progression.csv`` has them, and the
universities that look at them see no more than that. They go with the disadvantage of a school's pupils and do not
follow what the simulated pupils do: all are design choices.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import schooling
from leocourse.extract.lives.establishments import PRIMARY
from leocourse.extract.lives.population import People
from leocourse.extract.lives.schooling import SPRING

YEARS = range(2010, 2022)
"""Academic years, as they end, of the published shares; that of a year is of the last pupils before it."""
SHARE = {"usual": 430, "a quarter of disadvantage": -50, "lasting": 55, "of the year": 45}
"""Tenths of a per cent: a school is one of four of its authority in order of the disadvantage of its pupils, and the
last two are spreads."""
LOW_PROGRESSION = {
    "line": 350,  # tenths of a per cent: below it a school counts as one of low progression
    "points off": 2,  # what its applicants are asked less, of three A levels
    "first cycle": 2012,
}
"""Planted policy of all providers of medium tariff, for applicants from state schools. No discretion: who is below the
line in the cycle is asked less, and nobody else is. A design choice."""


@lru_cache(maxsize=1)
def shares() -> np.ndarray:
    """Pupils of secondary schools who go on to university, in tenths of a per cent, shape (years, schools)."""
    number, stream = np.arange(PRIMARY), Stream(0, "progression")
    lasting = SHARE["usual"] + SHARE["a quarter of disadvantage"] * (2 * (number // codes.AUTHORITIES) - 3)
    lasting += SHARE["lasting"] * stream.normal(number) // 1000
    found = [lasting + SHARE["of the year"] * stream.normal(number, year) // 1000 for year in YEARS]
    return np.clip(found, 50, 950)


def share(people: People) -> np.ndarray:
    """The share of the school of year 11 that is published in the cycle at 18; -1 without one: no such school or year.

    Units are tenths of a per cent.
    """
    school, year = schooling.schooling(people).school[11, SPRING].astype(np.int64), people.cohort + 19
    known = (school < PRIMARY) & ~people.independent & (year >= YEARS[0]) & (year <= YEARS[-1])
    found = shares()[np.clip(year - YEARS[0], 0, len(YEARS) - 1), np.minimum(school, PRIMARY - 1)]
    return np.where(known, found, -1)


def low(people: People, below: bool | None = None) -> np.ndarray:
    """Who is from a school of low progression in a cycle in which that counts.

    ``below``: as if the share of every such school were below the line, or not.
    """
    own = share(people)
    there = (own >= 0) & (people.cohort + 19 >= LOW_PROGRESSION["first cycle"])
    return there & (own < LOW_PROGRESSION["line"] if below is None else np.full(len(people), below))
