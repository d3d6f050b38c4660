"""What the enterprise adds to pay, from people who change it.

The estimator here has what the enterprises really add, which no record holds. Records serve in its place with care: a
move is whole, so between two years with one payer each the pay a day of those who move grows by the difference of their
enterprises. In the year of a move inside it the main enterprise paid for a part of the year only, which makes the
difference look smaller; and with students in, jobs beside study are compared with jobs after it, which makes
enterprises look several times as unequal as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.lives.firms import FIRM_PAY
from leocourse.extract.lives.pay import rates
from leocourse.fidelity.worlds import (
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    columns,
    pay,
    settled,
    two_years,
)

ENTERPRISE = "a standard deviation between enterprises of a section"


def _sample(lives: Lives) -> Sample:
    growth, chosen, controls = two_years(lives, PAY_YEAR)
    jobs, column = lives.life.jobs, PAY_YEAR - TAX_YEARS[0]
    deviation = FIRM_PAY[ENTERPRISE]
    moved = chosen & (jobs.firm[:, column, 0] != jobs.firm[:, column - 1, 0])
    treatment = columns(jobs.pay[:, column] - jobs.pay[:, column - 1]) / deviation
    outcome = pay(lives.life, PAY_YEAR)
    at_work = ~np.isnan(outcome)
    naive = {"enterprise": (outcome[at_work], jobs.pay[at_work, column] / deviation)}
    return Sample(growth[moved], treatment[moved], controls[moved], naive)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    better = replace(life.jobs, pay=life.jobs.pay + FIRM_PAY[ENTERPRISE])
    raised = replace(life, rate=rates(people, paths, better, life.furlough))
    difference = pay(raised, PAY_YEAR) - pay(life, PAY_YEAR)
    here = ~np.isnan(difference) & settled(lives)
    return [Difference(["enterprise"], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        "enterprise": Effect(
            f"pay: enterprise: {ENTERPRISE}", "What does work for a better-paying enterprise add to pay?",
            "everybody in work, with the same people where the enterprise pays a standard deviation more",
            lambda: FIRM_PAY[ENTERPRISE], STEP,
            "growth of log pay from 2018/19 to 2019/20 of people who changed enterprise, on the change in what their "
            "enterprises add, with sex and birth cohort",
            "the slope of log pay over what the enterprise adds, among everybody in work",
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
