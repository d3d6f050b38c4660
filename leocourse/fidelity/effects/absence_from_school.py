"""What absence in year 11 does to results at key stage 4."""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import attendance, results
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, cohorts, columns

NAME = next(iter(attendance.ABSENCE_EFFECTS))


def _sample(lives: Lives) -> Sample:
    people = lives.people
    outcome = results.result(people).astype(float)
    rate = attendance.rate_in_year_11(people, people.cohort + 17) / 100
    controls = columns(people.attainment, people.disadvantage, people.need, *cohorts(people))
    return Sample(outcome, columns(rate), controls, {"absence": (outcome, rate)})


def _differences(lives: Lives) -> list[Difference]:
    difference = results.result(lives.people, 100) - results.result(lives.people)
    return [Difference(["absence"], np.ones((len(difference), 1)), difference.astype(float))]


STUDY = Study(
    {
        "absence": Effect(
            f"absence: {NAME}",
            "What does one more percentage point of sessions missed in year 11 do to the key stage 4 result?",
            "everybody, with the same people had they missed a percentage point more",
            lambda: attendance.ABSENCE_EFFECTS[NAME], RESULT,
            "key stage 4 result on the rate of absence in year 11, with prior attainment, disadvantage, special needs "
            "and birth cohort",
            "the slope of the result over the rate of absence, nothing held equal",
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
