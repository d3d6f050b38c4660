"""What absence in year 11 does to results at key stage 4.

Disadvantage and special needs raise absence and lower results, and no record holds them in full. But they do so in
every year alike: of pupils who were away as much over years 7 to 11, some were away in year 11, some before, and only
absence in year 11 acts on the result.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import attendance, results
from leocourse.fidelity.seen import Seen
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, but, columns, some

NAME = next(iter(attendance.ABSENCE_EFFECTS))
FIRST_COHORT, LAST_COHORT = 1993, 2002
"""Whose absence is recorded in every year from 7 to 11."""
ONE_IN = 8
"""People for whom the truth is computed, out of so many: it is nearly the same for all."""


def _recorded(lives: Lives) -> np.ndarray:
    return ~np.isnan(lives.seen.absence).any(axis=0) & ~np.isnan(lives.seen.results)


def _sample(lives: Lives) -> Sample:
    seen, chosen = lives.seen, _recorded(lives)
    score, rate, known = 1_000 * seen.results, seen.absence[4], ~np.isnan(seen.key_stage_2)
    by_year = np.log(np.where(np.isnan(seen.absence), 1, seen.absence) + 0.3)
    usual, before = by_year.mean(axis=0), np.where(known, seen.key_stage_2, 0)
    taken = np.minimum(seen.suspensions, 3)
    controls = columns(usual, usual**2, usual**3, np.exp(usual), before, before**2, before * usual, known,
                       taken[:4].sum(axis=0), taken[4], taken[4] > 0, seen.permanently < 99)  # fmt: skip
    # A point does less to the score of those who are low already: the effect is that at the means.
    differs = [rate * (each - each[chosen].mean()) for each in (usual, before, before**2)]
    controls = np.column_stack([controls, seen.background, *differs])[chosen]
    naive = {"absence": (score[chosen], rate[chosen])}
    return Sample(score[chosen], columns(rate[chosen]), controls, naive)


def _differences(lives: Lives) -> list[Difference]:
    these = some(lives, _recorded(lives) & (lives.people.person % ONE_IN == 0))
    more = but(these.people, result=results.result(these.people, 100))
    difference = 1_000 * (Seen(more).results - these.seen.results)
    return [Difference(["absence"], np.ones((len(difference), 1)), difference)]


STUDY = Study(
    {
        "absence": Effect(
            f"absence: {NAME}",
            "What does one more percentage point of sessions missed in year 11 do to the key stage 4 result?",
            "pupils of state schools with absence recorded in years 7 to 11, with the same people had they missed a "
            "percentage point more in year 11",
            lambda: attendance.ABSENCE_EFFECTS[NAME], RESULT,
            "score at key stage 4 on the rate of absence in year 11, with absence over years 7 to 11, key stage 2 (and "
            "their products with it, from their means), exclusions and what the census says of pupils",
            "the slope of the score over the rate of absence in year 11, nothing held equal",
            since="recorded for year 11 in 2009/10 to 2018/19",
            tables=("absence", "school_census", "exclusions", "ks2_pupil", "ks4_pupil"),
        ),
    },
    _sample,
    _differences,
    people=40_000,
)  # fmt: skip
