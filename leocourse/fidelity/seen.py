"""What a researcher sees of each person: quantities that are in the records, and no hidden ones.

The intended estimator of an effect holds these equal, so that it can be done with an extract. Faults are left out: they
are what the lessons clean away first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.population import People
from leocourse.extract.lives.tables import KNOWN_MINORITY
from leocourse.extract.records import ks4
from leocourse.extract.records.pupils import Pupils

_QUANTILES = 2_000
_NORMAL = np.array([NormalDist().inv_cdf((each + 0.5) / _QUANTILES) for each in range(_QUANTILES)])


@dataclass(frozen=True)
class Seen:
    """Records of a block of people, made when they are asked for. Every array has a value a person."""

    people: People

    @cached_property
    def pupils(self) -> Pupils:
        """The people as pupils."""
        return Pupils(self.people, Keys(self.people.seed))

    @cached_property
    def key_stage_4(self) -> np.ndarray:
        """Points of the best eight at key stage 4 as a normal score among those of the year; 0 without results.

        Points of different years are on different scales, so a study compares people with those of their own year.
        """
        results = ks4.results(self.pupils)
        points = ks4.pupil_rows(self.pupils, results)["ks4_ptscnewe"]
        score = np.zeros(len(self.people))
        score[results.i] = normal_score(points, results.year)
        return score

    @cached_property
    def in_census(self) -> np.ndarray:
        """Whether the school census has the person in year 11: special needs and free school meals are known of them.

        Independent schools are outside the census.
        """
        return ~self.people.independent

    @cached_property
    def support(self) -> np.ndarray:
        """Provision for special educational needs in the census of year 11; false where there is no record."""
        return self.in_census & (self.people.sen_in_year_11 > 0)

    @cached_property
    def free_meals(self) -> np.ndarray:
        """Eligible for free school meals in the census of year 11; false where there is no record."""
        return self.in_census & self.people.fsm_in_year_11

    @cached_property
    def minority(self) -> np.ndarray:
        """A known ethnic group other than White."""
        return KNOWN_MINORITY[self.people.minor]

    @cached_property
    def has_results(self) -> np.ndarray:
        """Whether there is a record of key stage 4 at all: those who came to England later have none."""
        there = np.zeros(len(self.people), dtype=bool)
        there[ks4.results(self.pupils).i] = True
        return there


def normal_score(values: np.ndarray, within: np.ndarray) -> np.ndarray:
    """The normal score of each value's rank among those of the same group; equal values have equal scores."""
    scores = np.zeros(len(values))
    for each in np.unique(within):
        here = np.flatnonzero(within == each)
        _, place, count = np.unique(values[here], return_inverse=True, return_counts=True)
        middle = np.cumsum(count) - count / 2
        scores[here] = _NORMAL[np.minimum((middle[place] * _QUANTILES / len(here)).astype(np.int64), _QUANTILES - 1)]
    return scores
