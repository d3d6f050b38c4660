"""What a researcher sees of each person: quantities that are in the records, and no hidden ones.

The intended estimator of an effect holds these equal, so that it can be done with an extract. Faults are left out: they
are what the lessons clean away first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from statistics import NormalDist

import numpy as np

from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import areas, attendance, establishments, school_effects, schooling
from leocourse.extract.lives.population import People, population
from leocourse.extract.lives.tables import KNOWN_MINORITY, MAJOR
from leocourse.extract.records import keystages, ks4
from leocourse.extract.records.pupils import Pupils

_NATION, _NATION_PEOPLE = 4, 30_000
"""Seed and size of the population whose distribution of points stands for that of England."""
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
        """:attr:`results` with 0, the middle, for those without: for a regression that has a column of who they are."""
        return np.nan_to_num(self.results)

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

    @cached_property
    def results(self) -> np.ndarray:
        """Points of the best eight at key stage 4 as a normal score among everybody in England in the year.

        Points of different years are on different scales, so a study compares people with those of their own year.
        Not a number without results.
        """
        year, points = self.points
        return score_of(points, year)

    @cached_property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The year of key stage 4, and the points of the best eight in the points of that year (-1 without results)."""
        results = ks4.results(self.pupils)
        points = np.full(len(self.people), -1)
        points[results.i] = ks4.pupil_rows(self.pupils, results)["ks4_ptscnewe"]
        return self.people.cohort + 17, points

    @cached_property
    def key_stage_2(self) -> np.ndarray:
        """The mean of reading, writing and mathematics at key stage 2, as a score with mean 0 in the year.

        Levels to 2004/05, fine levels to 2014/15, and scaled scores of reading and mathematics; not a number without.
        """
        i, year = keystages.assessed(self.pupils, "ks2", keystages.KS2_YEARS)
        fine = np.array([keystages.ks2_fine(self.pupils, subject, i) for subject in (0, 1, 2)], dtype=float)
        fine = np.where(year < 2006, fine // 100 * 100 + 50, fine)
        scaled = np.array([keystages.ks2_scaled(self.pupils, subject, i) for subject in (0, 1)], dtype=float)
        value = np.where(year < 2016, fine.mean(axis=0) - keystages.ks2_shift(self.pupils, i) - 462, 0) / 74
        value = np.where(year < 2016, value, (scaled.mean(axis=0) - 104) / 7.6)
        score = np.full(len(self.people), np.nan)
        score[i] = value
        return score

    @cached_property
    def absence(self) -> np.ndarray:
        """Percentage of sessions missed to the end of May in years 7 to 11, shape (5, people); not a number without.

        To the nearest session. Recorded from 2005/06; 2019/20 has its autumn only, and counts as not recorded.
        """
        people, everyone = self.people, np.arange(len(self.people))
        found = np.full((5, len(people)), np.nan)
        for row, group in enumerate(range(7, 12)):
            year = people.cohort + 6 + group
            held = (year >= 2006) & (year != 2020) & (year <= 2021) & (people.arrival <= group) & ~people.independent
            i = everyone[held]
            rate = attendance.true_rate(people, i, year[i])
            found[row, i] = np.round(rate * attendance.TO_MAY / 10_000) * 100 / attendance.TO_MAY
        return found

    @cached_property
    def suspensions(self) -> np.ndarray:
        """Exclusions for a fixed period in years 7 to 11, shape (5, people)."""
        out, people = self.pupils.schooling.excluded, self.people
        group, found = out.year - people.cohort[out.i] - 6, np.zeros((5, len(people)), dtype=np.int64)
        counts = ~out.permanent & (group >= 7) & (group <= 11)
        np.add.at(found, (group[counts] - 7, out.i[counts]), 1)
        return found

    @cached_property
    def permanently(self) -> np.ndarray:
        """Year group of the first permanent exclusion from year 7 to 11; 99 without one."""
        return school_effects.excluded_in(self.people)

    @cached_property
    def excluded_to(self) -> np.ndarray:
        """Kind of the school after that exclusion, in the census of the next term: 0 another secondary school, 3 a
        referral unit, 4 alternative provision; -1 for all others, also where it came in year 11."""
        out, history, people = self.pupils.schooling.excluded, self.pupils.schooling, self.people
        found, i = np.full(len(people), -1), out.i[out.permanent]
        group, term = (out.year - people.cohort[out.i] - 6)[out.permanent], out.term[out.permanent]
        first = (group == self.permanently[i]) & (group <= 10)
        i, group, term = i[first], group[first], term[first] + 1
        school = history.at(history.school, i, group + term // 3, term % 3)
        found[i] = establishments.kind(school)
        return found

    def school(self, group: int) -> np.ndarray:
        """Number of the school in January of a year group: its pseudonyms change when it becomes an academy."""
        return self.pupils.schooling.school[group, schooling.SPRING].astype(np.int64)

    @cached_property
    def background(self) -> np.ndarray:
        """What the census says of pupils: sex, ethnic group, free school meals and needs in years 7 to 11, area, birth.

        Columns: shape (people, columns).
        """
        people = self.people
        fsm, sen = people.fsm_by_group[7:12], people.sen_by_group[7:12]
        major = [MAJOR[people.minor] == each for each in "ABCMO"]
        return np.column_stack([
            people.male, *major, fsm.mean(axis=0), fsm[-1], *((sen == level).mean(axis=0) for level in (1, 2, 3)),
            areas.deprivation_score()[people.area] / 100, (8 - people.birth_month) % 12 / 11,
        ]).astype(float)  # fmt: skip


@cache
def _national() -> dict[int, np.ndarray]:
    """Points at key stage 4 of everybody in each year, in order: the distribution that a researcher has of England."""
    seen = Seen(population(_NATION, np.arange(_NATION_PEOPLE)))
    year, points = seen.points
    return {int(each): np.sort(points[(year == each) & (points >= 0)]) for each in np.unique(year)}


def score_of(points: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Where points at key stage 4 lie among everybody in a year, as a normal score; not a number below 0 points."""
    score = np.full(len(points), np.nan)
    for each, every in _national().items():
        here = np.flatnonzero((year == each) & (points >= 0))
        low, high = (np.searchsorted(every, points[here], side=side) for side in ("left", "right"))
        score[here] = _NORMAL[np.minimum((low + high) * _QUANTILES // (2 * len(every)), _QUANTILES - 1)]
    return score
