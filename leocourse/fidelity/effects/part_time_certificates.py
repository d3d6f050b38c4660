"""A certificate of two years beside work: the same people before and after, with others over the same years.

Who studies beside work has pay before it, which tells of everything that lasts: comparing people would not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import NEVER
from leocourse.extract.lives import adult_learning, graduate_pay, work
from leocourse.extract.lives.graduate_pay import STUDY_PAY
from leocourse.extract.lives.population import People
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
    women_below,
    women_later,
)

NAME = "part-time certificate"
BEFORE = 2015
"""Pay of 2019/20 is compared with that of the tax year that ends in this year; the courses lie between."""
LAST_COHORT = 1993


def _among(people: People) -> np.ndarray:
    return people.cohort <= LAST_COHORT


def _settled(lives: Lives) -> np.ndarray:
    """Never in full-time higher education; no apprenticeship, study or adult course round either year."""
    people, paths = lives.people, lives.paths
    settled = (paths.university_years == 0) & _among(people)
    settled &= level_completed(paths, BEFORE) == level_completed(paths, PAY_YEAR)
    dips = adult_learning.dip(people, paths.courses)  # where a course begins the records of adult learning show it
    for year in (BEFORE, PAY_YEAR):
        settled &= ~paths.studies(12 * (year - 1 - 2000) + 9) & (dips[:, year - work.TAX_YEARS[0]] == 0)
    return settled


def _between(lives: Lives) -> np.ndarray:
    """Obtained a certificate after a course that lay between the two tax years."""
    obtained = graduate_pay.certified(lives.people, lives.paths)
    return (lives.paths.part_time_year > BEFORE) & (obtained < PAY_YEAR) & (obtained < NEVER)


def _sample(lives: Lives) -> Sample:
    people, outcome = lives.people, pay(lives.life, PAY_YEAR)
    growth = outcome - pay(lives.life, BEFORE)
    treated, never = _between(lives), lives.paths.part_time_year == NEVER
    chosen = _settled(lives) & ~np.isnan(growth) & (treated | never)
    women = ~people.male
    later = women_later(people, PAY_YEAR) - women_later(people, BEFORE)
    pool = (treated | never) & (lives.paths.university_years == 0) & ~np.isnan(outcome) & _among(people)
    naive = {NAME: (outcome[pool], treated[pool])}
    below = women_below(people, lives.paths, PAY_YEAR) - women_below(people, lives.paths, BEFORE)
    level_three = lives.paths.level3_passed
    controls = columns(women, women * later, below, level_three, *cohorts(people))
    return Sample(growth[chosen], columns(treated[chosen]), controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    paths, people = lives.paths, lives.people
    treated = _between(lives) & _settled(lives)
    other = replace(paths, part_time_year=np.where(treated, NEVER, paths.part_time_year))
    rate = work.rates(people, other, lives.life.jobs, lives.life.furlough)
    difference = pay(lives.life, PAY_YEAR) - pay(replace(lives.life, rate=rate), PAY_YEAR)
    here = treated & ~np.isnan(difference) & ~np.isnan(pay(lives.life, BEFORE))
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        NAME: Effect(
            "pay: study: part-time certificate", "What does a certificate obtained beside work add to pay?",
            "people who never studied full time and obtained one between 2015/16 and 2018/19, with the same people had "
            "they not",
            lambda: STUDY_PAY["part-time certificate"], STEP,
            "growth of log pay of the same people from 2014/15 to 2019/20, of those who obtained one in between, less "
            "that of people who never studied part time, by cohort, sex and what pay of women grows less; without "
            "those who completed an apprenticeship in between or began an adult course round either year",
            "mean log pay of 2019/20 of those who obtained one less that of others who were never in higher education",
            "always", ("hesa", "aims", "leo_earnings"),
        ),
    },
    _sample, _differences, people=16_000, among=_among, reads=_settled,
)  # fmt: skip
