"""What a school that inspectors rate good adds to results: ratings of one school change between cycles.

Schools of better-off pupils are rated good more often, and key stage 2 with what the census says of pupils does not
hold all of that equal. The same school in two cycles does. The effect does not grow, so here levels of schools and
years with one dummy are right, as they are not for academies.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import results, school_effects
from leocourse.extract.lives.establishments import PRIMARY
from leocourse.extract.lives.school_effects import GOOD_SCHOOL
from leocourse.fidelity.estimators import clustered, within_units
from leocourse.fidelity.seen import Seen
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, but, columns, some

NAME = "good school"
ONE_IN = 4
"""People for whom the truth is computed, out of so many: it is nearly the same for all."""


def _pupils(lives: Lives) -> np.ndarray:
    return ~np.isnan(lives.seen.results) & ~lives.people.independent & (lives.seen.school(11) < PRIMARY)


def _sample(lives: Lives) -> Sample:
    people, seen, chosen = lives.people, lives.seen, _pupils(lives)
    good, known = school_effects.in_good_school(people), ~np.isnan(seen.key_stage_2)
    score, before, year = 1_000 * seen.results, np.where(known, seen.key_stage_2, 0), people.cohort + 17
    controls = columns(before, before**2, known, *(year == each for each in range(2003, 2022)))
    return Sample(score[chosen], columns(good[chosen]), np.column_stack([controls, seen.background])[chosen],
                  {NAME: (score[chosen], good[chosen])}, more={"unit": seen.school(11)[chosen]})  # fmt: skip


def _estimate(sample: Sample) -> np.ndarray:
    unit = sample.more["unit"]
    design = within_units(np.column_stack([sample.treatment, sample.controls]), unit)
    coefficient, covariance = clustered(within_units(sample.outcome[:, None], unit)[:, 0], design, unit)
    return np.array([[coefficient[0], np.sqrt(covariance[0, 0])]])


def _differences(lives: Lives) -> list[Difference]:
    good = _pupils(lives) & school_effects.in_good_school(lives.people) & (lives.people.person % ONE_IN == 0)
    these = some(lives, good)
    without = but(these.people, result=results.result(these.people) - GOOD_SCHOOL)
    difference = 1_000 * (these.seen.results - Seen(without).results)
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


STUDY = Study(
    {
        NAME: Effect(
            "school rated good or outstanding: result",
            "What does a school that inspectors rate good or outstanding add to results at key stage 4?",
            "pupils in year 11 at a secondary school rated so in the cycle, with the same pupils had it not been "
            "such a "
            "school",
            lambda: GOOD_SCHOOL, RESULT,
            "score at key stage 4 on the rating of the school of year 11 in the cycle (good or outstanding, or "
            "not), with "
            "levels of schools and years, key stage 2 and what the census says of pupils; errors by school",
            "mean score of pupils at schools rated so less that of pupils at other secondary schools of the state",
            tables=("ks4_pupil", "ks2_pupil", "school_census"),
        ),
    },
    _sample,
    _differences,
    estimate=_estimate,
    people=40_000,
)  # fmt: skip
