"""Catching up in pay: real for some who were eligible for free school meals, and only a return to the mean for others.

Whoever is paid least in a year is paid more some years later, whoever they are, because part of that year's pay was
chance. So growth of the lowest paid shows catching up where there is none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives.pay import rates
from leocourse.extract.lives.place_pay import CATCHING_UP, FIRST_YEAR, YEARS, catches_up
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Work
from leocourse.fidelity.worlds import (
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    cohorts,
    columns,
    level_completed,
    pay,
    settled,
    since,
    women_later,
)

(CATCH_UP,) = CATCHING_UP
BEFORE = 2014


def poor_and_of_age(people: People) -> np.ndarray:
    """Eligible for free school meals in year 11, and in :data:`BEFORE` in the years in which some catch up."""
    at_first = since(people, BEFORE)
    after = FIRST_YEAR + 1  # in the fifth year pay of ethnic groups differs as it does later no more
    return people.fsm_in_year_11 & (at_first >= after) & (at_first < FIRST_YEAR + YEARS)


def _years(people: People) -> np.ndarray:
    """Years between, over which some catch up."""
    now, then = (np.clip(since(people, year) - FIRST_YEAR, 0, YEARS) for year in (PAY_YEAR, BEFORE))
    return now - then


def _growth(lives: Lives, life: Work | None = None) -> np.ndarray:
    life = life or lives.life
    return pay(life, PAY_YEAR) - pay(life, BEFORE)


def _settled(lives: Lives) -> np.ndarray:
    """Settled in both years, without having completed an apprenticeship between them."""
    same = level_completed(lives.paths, PAY_YEAR) == level_completed(lives.paths, BEFORE)
    return same & settled(lives, BEFORE) & settled(lives, PAY_YEAR)


def _chosen(lives: Lives) -> np.ndarray:
    return ~np.isnan(_growth(lives)) & poor_and_of_age(lives.people) & _settled(lives)


def _sample(lives: Lives) -> Sample:
    people, growth, chosen = lives.people, _growth(lives), _chosen(lives)
    years, women = _years(people), ~people.male
    later = women_later(people, PAY_YEAR) - women_later(people, BEFORE)
    controls = columns(women, women * later, *cohorts(people))
    first = pay(lives.life, BEFORE)
    lowest = np.zeros(len(people), dtype=bool)
    if chosen.any():
        lowest = first <= np.nanquantile(first[chosen], 0.2)
    naive = {"catching up": (growth[chosen] / (PAY_YEAR - BEFORE), lowest[chosen])}
    return Sample(growth[chosen], columns(catches_up(people) * years)[chosen], controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    english = replace(people, english_additional=np.zeros_like(people.english_additional))
    without = replace(life, rate=rates(english, paths, life.jobs, life.furlough, life.homes))
    here = _chosen(lives) & catches_up(people)
    difference = _growth(lives) - _growth(lives, without)
    return [Difference(["catching up"], columns(_years(people))[here], difference[here])]


STUDY = Study(
    {
        "catching up": Effect(
            f"pay: {CATCH_UP}",
            "How much faster does the pay of those grow who were eligible for free school meals and have another first "
            "language than English?",
            "people in work in 2013/14 and 2019/20 who did not go to university, eligible in year 11 and with English "
            "as an additional language, with the same people had they not caught up",
            lambda: CATCHING_UP[CATCH_UP], STEP,
            "growth of log pay from 2013/14 to 2019/20 of people eligible in year 11 who did not go to university, "
            "six to twelve years after year 11 at first, on the product of first language and years up to the "
            "thirteenth, with sex and birth cohort",
            "yearly growth of log pay of those eligible whose pay was in their lowest fifth at first, less that of the "
            "others eligible",
            "from the fifth to the thirteenth year after year 11",
            ("school_census", "leo_earnings", "hesa", "aims"),
        ),
    },
    _sample,
    _differences,
    people=60_000,
    among=poor_and_of_age,
    reads=_settled,
)  # fmt: skip
