"""What a month of furlough took from the pay of 2020/21."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives.pay import PAY_STEPS, rates
from leocourse.fidelity.worlds import STEP, Difference, Effect, Lives, Sample, Study, columns, pay, two_years

FURLOUGHED = "furloughed in 2020/21, a month"


def _sample(lives: Lives) -> Sample:
    growth, chosen, controls = two_years(lives, 2021)
    jobs, months = lives.life.jobs, lives.life.furlough.months_in(2021)
    one = (jobs.firm[:, -2:, 1:] < 0).all(axis=(1, 2)) & (jobs.firm[:, -1, 0] == jobs.firm[:, -2, 0])
    chosen &= one  # the same single enterprise in both years
    outcome = pay(lives.life, 2021)
    at_work = ~np.isnan(outcome)
    naive = {"furlough": (outcome[at_work], months[at_work])}
    return Sample(growth[chosen], columns(months)[chosen], controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    none = replace(life.furlough, any_time=np.zeros_like(life.furlough.any_time))
    spared = replace(life, rate=rates(people, paths, life.jobs, none))
    difference = pay(life, 2021) - pay(spared, 2021)
    here = ~np.isnan(difference) & life.furlough.in_tax_year(2021)
    return [Difference(["furlough"], columns(life.furlough.months_in(2021))[here], difference[here])]


STUDY = Study(
    {
        "furlough": Effect(
            f"pay: {FURLOUGHED}", "What did a month of furlough take from the yearly rate of pay in 2020/21?",
            "people furloughed from April 2020, with the same people had they not been",
            lambda: PAY_STEPS[FURLOUGHED], STEP,
            "growth of log pay from 2019/20 to 2020/21 of people in one and the same enterprise in both years who did "
            "not go to university, on months of furlough, with sex and birth cohort",
            "the slope of log pay of 2020/21 over months of furlough, among everybody in work",
            "in the tax year 2020/21, for furlough from April 2020",
            ("leo_cjrs", "leo_earnings", "hesa"),
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
