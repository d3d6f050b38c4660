"""What decides pay: the yearly rate of everybody in every tax year, as a sum of steps of a tenth of a per cent.

Steps add up as logarithms do (see :func:`leocourse.extract.base.random.growth_table`). What people earn is this rate
for the days in work (:class:`leocourse.extract.lives.work.Work`), and what the table says of it is decided in
:mod:`leocourse.extract.records.earnings`.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.dates import NEVER, TAX_YEARS, month_of
from leocourse.extract.base.random import growth_table
from leocourse.extract.lives import adult_learning, colleagues, graduate_pay, place_pay, results, staying
from leocourse.extract.lives.activity import GROUPS, groups
from leocourse.extract.lives.degrees import class_pay_steps
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.lasting import lasting_pay
from leocourse.extract.lives.pandemic import Furlough
from leocourse.extract.lives.pathways import Pathways, apprenticeship_pay_steps, subject_pay_steps
from leocourse.extract.lives.places import Places, places
from leocourse.extract.lives.population import People

LONDON = list(codes.REGIONS).index("London")
PAY_GROUPS = {name: name for name in GROUPS} | {"eligible for FSM": "free school meals"}
PAY_BY_YEAR = [-580, -355, -42, 117, 230, 277, 248, 248, 281, 338, 388, 431, 461, 488, 515, 542, 557, 572, 587]
"""Steps by years after year 11 (0 to 18), for everyone: age, minimum wages and experience together."""
PAY_STEPS = {
    "start": 9_640,  # about 15,000 pounds a year at the prices of 2017/18, five years after year 11
    "a standard deviation of results at key stage 4": 60,
    "level 3 at 18": 20,
    "level 3 at 18, each year from the sixth after year 11": 10,
    "first degree": 15,
    "first degree, each year after it up to the eighth": 14,
    "women": -165,
    "women, each year from the ninth after year 11": -40,
    "women with a degree": 125,
    "women with a degree, each year from the ninth after year 11": 14,
    "women below level 3, each year from the ninth after year 11": -25,
    "free school meals": -103,
    "SEN without a statement": -106,
    "SEN with a statement": -216,
    "Asian": -12,
    "Black": -60,
    "Chinese": -15,
    "Mixed": -21,
    "school in London": 5,  # and most of those who went to school there live there: see place_pay
    "full-time student": -1270,
    "full-time student, women": 70,
    "full-time student, free school meals": 200,
    "full-time student at school or college": 250,
    "the tax year in which full-time higher education ends": -650,
    "the tax year after it": 155,
    "a year of pay growth": 25,
    "furloughed in 2020/21, a month": -12,
}
"""What raises or lowers the yearly rate of pay, in steps of about 0.1%. These are planted effects.

They are tuned to the published medians of the key stage 4 cohorts 2001/02 to 2006/07. Pay rises with
years after year 11 and not with experience, so what a degree adds is what it adds at the same age: a graduate
is compared with people who have worked three years longer.

Enterprise, completed apprenticeship and subject of a degree add their own (see ``FIRM_PAY`` in firms,
``APPRENTICESHIP_PAY`` in pathways, ``SUBJECT_PAY`` in subjects), and each person has a lasting and a yearly
part that nothing explains. Furlough takes from the pay of 2020/21 alone, by months.
"""
PAY_EARLY = {
    "SEN without a statement": [160, 40, -20, 0, 0, 30],
    "SEN with a statement": [270, 160, 10, 0, 0, 40],
    "eligible for FSM": [60, 0, -80, -40, 0, 30],
    "Asian": [-50, 90, 60, 20, -120, -100],
    "Black": [-20, 110, -10, -20, -100, -90],
    "Chinese": [-10, 40, 110, -40, -120, 10],
    "Mixed": [-70, -90, -240, -180, -150, -50],
}
"""Steps that a group's pay differs by in the first to sixth year after year 11 only, on top of the others."""
LASTING, YEARLY = 290, 55
"""Standard deviations of those two parts."""

MINIMUM_WAGE = {  # pence an hour from the October of a year: adults, 18 to 20 (to 21 before October 2010), 16 and 17
    2001: (410, 350, 0), 2002: (420, 360, 0), 2003: (450, 380, 0), 2004: (485, 410, 300), 2005: (505, 425, 300),
    2006: (535, 445, 330), 2007: (552, 460, 340), 2008: (573, 477, 353), 2009: (580, 483, 357), 2010: (593, 492, 364),
    2011: (608, 498, 368), 2012: (619, 498, 368), 2013: (631, 503, 372), 2014: (650, 513, 379), 2015: (670, 530, 387),
}  # fmt: skip
LIVING_WAGE = {  # the mean of the tax year that ends in a year: 25 and over, 21 to 24, 18 to 20, 16 and 17
    2017: (720, 682, 542, 393), 2018: (750, 705, 560, 405), 2019: (783, 738, 590, 420), 2020: (821, 770, 615, 435),
    2021: (872, 820, 645, 455),
}  # fmt: skip
"""Rates of the minimum wage, as published (Hansard of 4 July 2007; Low Pay Commission; the rates of GOV.UK from 2010
on, as employers' pages repeat them). Apprentices have a rate of their own, which is not here."""
FULL_TIME_HOURS, HOURS_SHARES = (35 * 52, 75 * 26, 39 * 52, 40 * 52), [25, 40, 15, 20]
"""Hours a year of a full-time job, by person: hours are not recorded in LEO, so these are a design choice."""
MINIMUM_REACH, MINIMUM_PULL = 120, 550_000
"""Who would be paid within so many steps of a year's full-time minimum is, by this chance in millionths, paid exactly
that. It draws from both sides alike, so means hardly move. A design choice, too."""


def rates(
    people: People, paths: Pathways, jobs: Employers, furlough: Furlough, homes: Places | None = None
) -> np.ndarray:
    """The yearly rate of pay in pounds, shape (people, tax years). Whoever works is paid at it.

    ``homes``: where people live; without it, where they really do.
    """
    steps, person, member = PAY_STEPS, people.person, groups(people)
    fixed = steps["start"] + LASTING * lasting_pay(people) // 1000
    fixed += steps["a standard deviation of results at key stage 4"] * results.result(people) // 1000
    fixed += sum(np.where(member[name], steps[entry], 0) for name, entry in PAY_GROUPS.items())
    fixed += np.where(people.region == LONDON, steps["school in London"], 0)
    fixed += staying.pay_steps(paths.years_after)
    early = _early_steps(member)
    paid = np.zeros((len(people), len(TAX_YEARS)), dtype=np.int64)
    left = np.where(paths.university_years > 0, paths.university_year + paths.university_years - 1, NEVER)
    apprenticed, degree = _training_steps(people, paths)
    as_student = steps["full-time student"] + np.where(people.male, 0, steps["full-time student, women"])
    as_student += np.where(member["eligible for FSM"], steps["full-time student, free school meals"], 0)
    hours = np.array(FULL_TIME_HOURS)[people.stream("work/hours").pick(HOURS_SHARES, person)]
    again, before_learning = paths.apprenticeships.completed[1], adult_learning.dip(people, paths.courses)
    after_learning = adult_learning.pay_steps(people, paths.courses)
    of_study = graduate_pay.pay_steps(people, paths)
    around = place_pay.pay_steps(people, paths, homes or places(people, paths)) + colleagues.pay_steps(jobs)
    for column, year in enumerate(TAX_YEARS):
        october = month_of(year - 1, 10)
        since = year - 18 - people.cohort
        pay = fixed + np.array(PAY_BY_YEAR)[np.clip(since, 0, len(PAY_BY_YEAR) - 1)]
        pay += early[np.clip(since, 0, early.shape[0] - 1), np.arange(len(people))]
        pay += steps["a year of pay growth"] * (year - 2018) + jobs.pay[:, column]
        pay += _women_later(people, paths, since, year > left)
        pay += np.where(
            paths.level3_passed & (since >= 2),
            steps["level 3 at 18"]
            + steps["level 3 at 18, each year from the sixth after year 11"] * np.clip(since - 5, 0, 10), 0,
        )  # fmt: skip
        further = steps["first degree, each year after it up to the eighth"] * np.clip(year - left - 1, 0, 8)
        pay += np.where(paths.graduated & (year > left), degree + further, 0)
        full_time = ~paths.career.part_time
        pay += np.where(
            full_time & (year == left + 1), steps["the tax year in which full-time higher education ends"], 0
        )
        pay += np.where(full_time & (year == left + 2), steps["the tax year after it"], 0)
        done = october > paths.apprenticeships.end
        pay += np.where(done[1] & again, apprenticed[1], np.where(done[0], apprenticed[0], 0))
        pay += before_learning[:, column] + after_learning[:, column] + of_study[:, column] + around[:, column]
        student = paths.studies(october)
        pay += np.where(student, as_student, 0)
        pay += np.where(student & (since <= 1), steps["full-time student at school or college"], 0)
        pay += YEARLY * people.stream("work/pay/year").normal(person, year) // 1000
        pay = _at_the_minimum(people, year, pay, hours, free=~student & (october > paths.apprenticeship_end))
        pay += steps["furloughed in 2020/21, a month"] * furlough.months_in(year) if year == 2021 else 0
        paid[:, column] = growth_table()[np.clip(pay, 7_000, 12_000)] // 1000
    return paid


def _at_the_minimum(people: People, year: int, pay: np.ndarray, hours: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The steps of pay in a tax year once some of it has gathered at the full-time minimum wage.

    ``hours``: a year's of a full-time job. ``free``: neither student nor apprentice. Furlough comes afterwards.
    """
    age = year - 2 - people.cohort  # in the October of the tax year
    pence = np.zeros(len(pay), dtype=np.int64)
    for least, rate in _minimum_rates(year):
        pence[age >= least] = rate
    minimum = np.searchsorted(growth_table(), 10 * pence * hours)
    near = free & (pence > 0) & (np.abs(pay - minimum) <= MINIMUM_REACH)
    return np.where(near & people.stream("work/minimum").chance(MINIMUM_PULL, people.person, year), minimum, pay)


def _minimum_rates(year: int) -> list[tuple[int, int]]:
    """Pence an hour in the tax year that ends in ``year``, each with the age from which it applies, youngest first.

    Up to 2015/16 rates changed in October, so a tax year has half of each.
    """
    if year in LIVING_WAGE:
        return list(zip((16, 18, 21, 25), reversed(LIVING_WAGE[year]), strict=True))
    adults = 22 if year <= 2010 else 21
    means = [
        (old + new) // 2 if old else 0 for old, new in zip(MINIMUM_WAGE[year - 2], MINIMUM_WAGE[year - 1], strict=True)
    ]
    return list(zip((16, 18, adults), reversed(means), strict=True))


def _women_later(people: People, paths: Pathways, since: np.ndarray, left: np.ndarray) -> np.ndarray:
    """What is added to the pay of women by years after year 11 and, once they have ``left`` university, a degree."""
    later, degree = np.clip(since - 8, 0, 10), paths.graduated & left
    added = PAY_STEPS["women, each year from the ninth after year 11"] * later
    below = PAY_STEPS["women below level 3, each year from the ninth after year 11"] * later
    added += np.where(degree, PAY_STEPS["women with a degree"], np.where(paths.some_level_three, 0, below))
    added += np.where(degree, PAY_STEPS["women with a degree, each year from the ninth after year 11"] * later, 0)
    return np.where(people.male, 0, added)


def _early_steps(member: dict[str, np.ndarray]) -> np.ndarray:
    """The steps of :data:`PAY_EARLY`, one row a year after year 11 and a last one for all later years."""
    by_year = zip(*PAY_EARLY.values(), strict=True)
    rows = [sum(steps * member[name] for name, steps in zip(PAY_EARLY, year, strict=True)) for year in by_year]
    none = np.zeros_like(rows[0])
    return np.array([none, *rows, none])


def _training_steps(people: People, paths: Pathways) -> tuple[np.ndarray, np.ndarray]:
    """What the first and the second apprenticeship (shape (2, people)) and a first degree add, in steps."""
    degree = PAY_STEPS["first degree"] + subject_pay_steps(paths) + class_pay_steps(paths.degree_class)
    return apprenticeship_pay_steps(people, paths), degree
