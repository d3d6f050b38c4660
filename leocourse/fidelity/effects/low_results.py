"""What an adult course adds to the pay of people who left school with low results, from records alone.

The design is that of :mod:`leocourse.fidelity.effects.adult_learning`: everybody is compared with their own past before
the bad year that led to the course.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import adult_learning
from leocourse.extract.lives.adult_learning import ADULT_PAY, ADULT_PAY_LOW
from leocourse.fidelity.effects.adult_learning import (
    FOUND,
    NAIVE,
    TABLES,
    before_and_after,
    estimate,
    gained,
    panel,
    rows_of,
    treated_as,
)
from leocourse.fidelity.worlds import STEP, Difference, Effect, Lives, Sample, Study

LOW_SCORE = -0.35
"""Normal score of results at key stage 4 below which they are low: about a third of a year."""


def _low(lives: Lives) -> np.ndarray:
    """Who has low results at key stage 4 on record."""
    return lives.seen.has_results & (lives.seen.key_stage_4 < LOW_SCORE)


def _low_sample(lives: Lives) -> Sample:
    low, taken = _low(lives), lives.paths.courses
    found, full = panel(lives, low), adult_learning.is_full(taken)
    naive = {name: before_and_after(lives, full & low[taken.i] & (taken.level == level))
             for name, level in zip(LOW_RESULTS, (2, 3), strict=True)}  # fmt: skip
    given, rest = found["treatment"][:, :2], found["treatment"][:, 2:]
    return Sample(found["outcome"], given, np.column_stack([rest, found["controls"]]), naive,
                  more={"person": found["person"]})  # fmt: skip


def _low_differences(lives: Lives) -> list[Difference]:
    i, column = rows_of(lives, _low(lives))
    treatment = treated_as(lives, i, column)
    treated = treatment.any(axis=1)
    i, column, treatment = i[treated], column[treated], treatment[treated]
    women = treatment[:, -1] * ADULT_PAY["women, full course at level 2 or above"]
    chosen = treatment[:, :2].any(axis=1)
    return [Difference(list(LOW_RESULTS), treatment[chosen, :2], (gained(lives, i, column) - women)[chosen])]


def _low_effect(level: int) -> Effect:
    name = f"full course at level {level}, low results at 16"
    return Effect(
        f"adult learning: {name}",
        f"What does a full adult course at level {level} add to the pay of men who left school with low results?",
        "people with low results at 16 who achieved the course, with the same people in the same jobs had they "
        "achieved none; what it adds for women is apart",
        lambda: ADULT_PAY_LOW[name], STEP, FOUND + ", apprenticeships and other courses, among those with low results",
        NAIVE, since="the first tax year after the end of the course", tables=("ks4_pupil", *TABLES),
    )  # fmt: skip


LOW_RESULTS = {f"low results: adult course at level {level}": _low_effect(level) for level in (2, 3)}
STUDY = Study(LOW_RESULTS, _low_sample, _low_differences, estimate)
