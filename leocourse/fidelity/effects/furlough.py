"""What furlough took from the pay of 2020/21."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives.pay import PAY_STEPS, rates
from leocourse.fidelity.worlds import STEP, Difference, Effect, Lives, Sample, Study, columns, pay, two_years

FURLOUGHED = "furloughed in 2020/21"


def _sample(lives: Lives) -> Sample:
    growth, chosen, controls = two_years(lives, 2021)
    jobs, furloughed = lives.life.jobs, lives.life.furlough.in_tax_year(2021)
    one = (jobs.firm[:, -2:, 1:] < 0).all(axis=(1, 2)) & (jobs.firm[:, -1, 0] == jobs.firm[:, -2, 0])
    chosen &= one  # the same single enterprise in both years
    before_and_after = ~np.isnan(growth) & furloughed
    naive = {"furlough": (growth[before_and_after], np.ones(int(before_and_after.sum())))}
    return Sample(growth[chosen], columns(furloughed)[chosen], controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    none = replace(life.furlough, any_time=np.zeros_like(life.furlough.any_time))
    spared = replace(life, rate=rates(people, paths, life.jobs, none))
    difference = pay(life, 2021) - pay(spared, 2021)
    here = ~np.isnan(difference) & life.furlough.in_tax_year(2021)
    return [Difference(["furlough"], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        "furlough": Effect(
            f"pay: {FURLOUGHED}", "What did furlough take from the yearly rate of pay in 2020/21?",
            "people furloughed from April 2020, with the same people had they not been",
            lambda: PAY_STEPS[FURLOUGHED], STEP,
            "growth of log pay from 2019/20 to 2020/21 of people in one and the same enterprise in both years who did "
            "not go to university, on furlough, with sex and birth cohort",
            "mean growth of log pay of the furloughed from 2019/20 to 2020/21, with nobody to compare them with",
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
