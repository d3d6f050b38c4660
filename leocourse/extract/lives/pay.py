"""What decides pay: the yearly rate of everybody in every tax year, as a sum of steps of a tenth of a per cent.

Steps add up as logarithms do (see :func:`leocourse.extract.base.random.growth_table`). What people earn is this rate
for the days in work (:class:`leocourse.extract.lives.work.Work`), and what the table says of it is decided in
:mod:`leocourse.extract.records.earnings`.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.base.random import growth_table
from leocourse.extract.lives import adult_learning
from leocourse.extract.lives.activity import GROUPS, groups
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.pandemic import Furlough
from leocourse.extract.lives.pathways import NEVER, Pathways, apprenticeship_pay_steps, month_of, subject_pay_steps
from leocourse.extract.lives.population import People

LONDON = list(codes.REGIONS).index("London")
PAY_GROUPS = {name: name for name in GROUPS} | {"eligible for FSM": "free school meals"}
PAY_BY_YEAR = [-580, -335, -82, 86, 156, 272, 236, 256, 291, 338, 386, 421, 446, 469, 493, 520, 535, 550, 565]
"""Steps by years after year 11 (0 to 18), for everyone: age, minimum wages and experience together."""
PAY_STEPS = {
    "start": 9_640,  # about 15,000 pounds a year at the prices of 2017/18, five years after year 11
    "a standard deviation of attainment": 60,
    "first degree": 128,
    "first degree, each year after it up to the eighth": 26,
    "women": -155,
    "women, each year from the ninth after year 11": -29,
    "free school meals": -103,
    "SEN without a statement": -106,
    "SEN with a statement": -216,
    "Asian": -12,
    "Black": -60,
    "Chinese": 16,
    "Mixed": -51,
    "school in London": 60,
    "full-time student": -1280,
    "full-time student at school or college": 250,
    "the tax year in which full-time higher education ends": -711,
    "the tax year after it": 85,
    "a year of pay growth": 25,
    "furloughed in 2020/21": -50,
}
"""What raises or lowers the yearly rate of pay, in steps of about 0.1%. These are planted effects.

They are tuned to the published medians of the key stage 4 cohorts 2001/02 to 2006/07. Pay rises with
years after year 11 and not with experience, so what a degree adds is what it adds at the same age: a graduate
is compared with people who have worked three years longer.

Enterprise, completed apprenticeship and subject of a degree add their own (see ``FIRM_PAY`` in firms,
``APPRENTICESHIP_PAY`` in pathways, ``SUBJECT_PAY`` in subjects), and each person has a lasting and a yearly
part that nothing explains. Furlough is the scar of 2020/21 alone.
"""
PAY_EARLY = {
    "SEN without a statement": [90, 40, -20, 0, 0],
    "SEN with a statement": [200, 150, 0, 0, 0],
    "Asian": [0, 190, 120, 20, -90],
    "Black": [0, 140, 0, -120, -140],
    "Chinese": [0, 60, 110, 50, -20],
    "Mixed": [-20, -15, -180, -160, -90],
}
"""Steps that a group's pay differs by in the first to fifth year after year 11 only, on top of the others."""
LASTING, YEARLY = 290, 55
"""Standard deviations of those two parts."""


def lasting_pay(people: People) -> np.ndarray:
    """The lasting part of pay that nothing explains, standard normal in thousandths."""
    return people.stream("work/pay").normal(people.person)


def rates(people: People, paths: Pathways, jobs: Employers, furlough: Furlough) -> np.ndarray:
    """The yearly rate of pay in pounds, shape (people, tax years). Whoever works is paid at it."""
    steps, person, member = PAY_STEPS, people.person, groups(people)
    fixed = steps["start"] + LASTING * lasting_pay(people) // 1000
    fixed += steps["a standard deviation of attainment"] * people.attainment // 1000
    fixed += sum(np.where(member[name], steps[entry], 0) for name, entry in PAY_GROUPS.items())
    fixed += np.where(people.region == LONDON, steps["school in London"], 0)
    early = _early_steps(member)
    paid = np.zeros((len(people), len(TAX_YEARS)), dtype=np.int64)
    left = np.where(paths.university_years > 0, paths.university_year + paths.university_years - 1, NEVER)
    apprenticed, degree = _training_steps(people, paths)
    again, before_learning = paths.apprenticeships.completed[1], adult_learning.dip(people, paths)
    for column, year in enumerate(TAX_YEARS):
        october = month_of(year - 1, 10)
        since = year - 18 - people.cohort
        pay = fixed + np.array(PAY_BY_YEAR)[np.clip(since, 0, len(PAY_BY_YEAR) - 1)]
        pay += early[np.clip(since, 0, early.shape[0] - 1), np.arange(len(people))]
        pay += steps["a year of pay growth"] * (year - 2018) + jobs.pay[:, column]
        pay += np.where(
            people.male, 0, steps["women, each year from the ninth after year 11"] * np.clip(since - 8, 0, 10)
        )
        further = steps["first degree, each year after it up to the eighth"] * np.clip(year - left - 1, 0, 8)
        pay += np.where(paths.graduated & (year > left), degree + further, 0)
        pay += np.where(year == left + 1, steps["the tax year in which full-time higher education ends"], 0)
        pay += np.where(year == left + 2, steps["the tax year after it"], 0)
        done = october > paths.apprenticeships.end
        pay += np.where(done[1] & again, apprenticed[1], np.where(done[0], apprenticed[0], 0))
        pay += before_learning[:, column]
        student = paths.studies(october)
        pay += np.where(student, steps["full-time student"], 0)
        pay += np.where(student & (since <= 1), steps["full-time student at school or college"], 0)
        pay += YEARLY * people.stream("work/pay/year").normal(person, year) // 1000
        pay += np.where(furlough.in_tax_year(year), steps["furloughed in 2020/21"], 0) if year == 2021 else 0
        paid[:, column] = growth_table()[np.clip(pay, 7_000, 12_000)] // 1000
    return paid


def _early_steps(member: dict[str, np.ndarray]) -> np.ndarray:
    """The steps of :data:`PAY_EARLY`, one row a year after year 11 and a last one for all later years."""
    by_year = zip(*PAY_EARLY.values(), strict=True)
    rows = [sum(steps * member[name] for name, steps in zip(PAY_EARLY, year, strict=True)) for year in by_year]
    none = np.zeros_like(rows[0])
    return np.array([none, *rows, none])


def _training_steps(people: People, paths: Pathways) -> tuple[np.ndarray, np.ndarray]:
    """What the first and the second apprenticeship (shape (2, people)) and a first degree add, in steps."""
    return apprenticeship_pay_steps(people, paths), PAY_STEPS["first degree"] + subject_pay_steps(paths)
