"""The people of a sample of coverage, lived once for all studies that ask for as many of them.

Studies of equal size share their people, and only those are lived of whom some study says that it is about them (its
``among``, its ``reads``). A study finds its own among them: whoever else is there changes no record of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from leocourse.extract.base import numbers
from leocourse.extract.lives.population import People, population
from leocourse.fidelity.estimators import intended
from leocourse.fidelity.worlds import Lives, Study, live, live_adults

FOLLOWED = 40_000
"""The most people of a seed who are followed to the end of their education, whatever a study is about: from among them
those studies choose whose working lives they read. A rare group needs more, and is chosen by who people are first."""


class Populations:
    """The people of one seed, each group of them lived when a study first asks for it."""

    def __init__(self, seed: int, studies: list[Study]) -> None:
        """``studies``: those that share people."""
        self.seed, self.studies, self.lived = seed, studies, {}
        sizes = (study.people for study in studies if not study.adults and study.people <= FOLLOWED)
        self.size = max(sizes, default=0)
        self.followed = live(seed, np.arange(self.size, dtype=np.int64))

    def of(self, study: Study) -> Lives:
        """The lives that a study is done with, shared with others of its size."""
        about = self._about(study)
        if about not in self.lived:
            self.lived[about] = self._live([each for each in self.studies if self._about(each) == about])
        return self.lived[about]

    @staticmethod
    def _about(study: Study) -> tuple[int, bool, bool]:
        return study.people, study.adults, study.reads is not None

    def _live(self, studies: list[Study]) -> Lives:
        size, person = studies[0].people, np.arange(studies[0].people, dtype=np.int64)
        if studies[0].adults:
            return live_adults(self.seed, numbers.ADULTS_FROM + person)
        if size > self.size or (size < self.size and studies[0].reads is None):
            people = population(self.seed, person)
            every = live(self.seed, person[_any(studies, lambda study: _among(study, people))])
        else:
            every = self.followed
        if studies[0].reads is None:
            return every
        read = _any(studies, lambda study: study.reads(every) & _among(study, every.people))
        return live(self.seed, every.people.person[read & (every.people.person < size)])


def _among(study: Study, people: People) -> np.ndarray:
    """Which of these people a study is about."""
    return np.ones(len(people), dtype=bool) if study.among is None else study.among(people)


def _any(studies: list[Study], of: Callable[[Study], np.ndarray]) -> np.ndarray:
    """Who is found for one study or another."""
    return reduce(np.logical_or, map(of, studies))


def estimate(study: Study, lives: Lives) -> np.ndarray:
    """What the intended estimator of a study finds in lives: coefficients and standard errors, shape (effects, 2)."""
    sample = study.sample(lives)
    return study.estimate(sample) if study.estimate else intended(sample)


def estimates(seed: int, studies: list[Study]) -> dict[str, tuple[float, float]]:
    """Estimate and standard error of every effect of these studies, each among as many people as its study asks for."""
    populations, found = Populations(seed, studies), {}
    for study in studies:
        for name, (value, error) in zip(study.names, estimate(study, populations.of(study)), strict=True):
            found[name] = (float(value), float(error))
    return found
