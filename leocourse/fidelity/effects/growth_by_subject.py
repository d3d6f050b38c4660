"""Growth of pay after a degree: the same people twice, six years apart, science and engineering with humanities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import NEVER
from leocourse.extract.lives import subjects, work
from leocourse.extract.lives.graduate_pay import HUMANITIES, SCIENCES, SUBJECT_GROWTH
from leocourse.extract.lives.population import People
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import STEP, Difference, Effect, Lives, Sample, Study, columns, since, steps

NAME = "growth: science and engineering"
FIRST, LAST = 3, 9
"""Tax years after the last one of study: up to the second the end of study itself moves pay."""
LAST_COHORT = 1990
"""Later birth cohorts have left university too late to be seen for so long."""


def _among(people: People) -> np.ndarray:
    return people.cohort <= LAST_COHORT


def _growth(life: work.Work, higher: Higher) -> np.ndarray:
    """Yearly growth between the two years; not a number where one of them is not seen or has no work."""
    every, rates = np.arange(len(higher.people)), []
    for after in (FIRST, LAST):
        column = np.clip(higher.last_year + after - work.TAX_YEARS[0], 0, len(work.TAX_YEARS) - 1)
        there = (higher.last_year + after <= work.TAX_YEARS[-1] - 1) & (life.days[every, column] > 0)
        rates.append(np.where(there, steps(life.rate[every, column]), np.nan))
    return (rates[1] - rates[0]) / (LAST - FIRST)


def _chosen(lives: Lives, higher: Higher) -> np.ndarray:
    alone = (lives.paths.postgraduate_year == NEVER) & (lives.people.cohort <= LAST_COHORT)
    return higher.studied(*SCIENCES, *HUMANITIES) & alone


def _sample(lives: Lives) -> Sample:
    people, higher = lives.people, Higher(lives.people, lives.paths)
    growth, women = _growth(lives.life, higher), ~people.male
    chosen = _chosen(lives, higher) & ~np.isnan(growth)
    science = higher.studied(*SCIENCES)
    ends = [np.clip(since(people, 0) + higher.last_year + after - 8, 0, 10) for after in (FIRST, LAST)]
    age = since(people, 0) + higher.last_year
    ages = [age == each for each in range(4, 12)]
    years = [higher.last_year == each for each in range(2007, 2012)]
    controls = columns(women, women * (ends[1] - ends[0]), *ages, age, *years, lives.paths.career.part_time)
    naive = {NAME: (growth[chosen], science[chosen])}
    return Sample(growth[chosen], columns(science[chosen]), controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, higher = lives.people, lives.paths, Higher(lives.people, lives.paths)
    science = higher.studied(*SCIENCES) & _chosen(lives, higher)
    other = replace(paths, subject=np.where(science, subjects.SUBJECTS.index("history"), paths.subject))
    difference = _growth(lives.life, higher) - _growth(work.work(people, other), higher)
    here = science & ~np.isnan(difference)
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        NAME: Effect(
            "pay: growth by subject: engineering",
            "How much faster a year does pay grow after a degree in science or engineering than after one in the "
            "humanities?",
            "graduates in chemistry, physics, mathematics, computing and engineering, with the same people had they "
            "studied history: from the third to the ninth tax year after the last one of study",
            lambda: SUBJECT_GROWTH["engineering"] - SUBJECT_GROWTH["history"], STEP,
            "yearly growth of log pay of the same people between the two years, without those who studied on, on "
            "science, with sex (its growth from the ninth year after year 11 too), age at the end of study and its "
            "year; the coefficient",
            "mean yearly growth of the same people after science less that after humanities",
            "always", ("hesa", "leo_earnings"),
        ),
    },
    _sample, _differences, people=24_000, among=_among,
    reads=lambda lives: _chosen(lives, Higher(lives.people, lives.paths)),
)  # fmt: skip
