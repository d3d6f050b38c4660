"""A gap year: who takes one, and what it adds to pay, through the class of the degree and beside it.

The class is what the year changes, so it is not held equal: a regression that holds it equal finds a part alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives import degrees, work
from leocourse.extract.lives.graduate_pay import STUDY_PAY
from leocourse.extract.lives.population import People
from leocourse.fidelity.effects.degrees import REFERENCE, TABLES
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import (
    EQUAL,
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    background,
    columns,
    pay,
)

NAME = "gap year"
OUT, FIRST_COHORT, LAST_COHORT = 3, 1989, 1996
"""Birth cohorts whose applications are recorded, up to the last that is out of study for so long."""


def _among(people: People) -> np.ndarray:
    return (people.cohort >= FIRST_COHORT) & (people.cohort <= LAST_COHORT)


def _chosen(lives: Lives, higher: Higher) -> np.ndarray:
    """Graduates who took up the place for which they were accepted at 18: at once, or a year later."""
    taken = np.zeros(len(lives.people), dtype=bool)
    taken[lives.paths.applications.i] = lives.paths.applications.provider >= 0
    start = lives.paths.university_year - lives.people.cohort
    return higher.out_for(OUT) & taken & (start <= 21) & _among(lives.people)


def _sample(lives: Lives) -> Sample:
    outcome, higher = pay(lives.life, PAY_YEAR), Higher(lives.people, lives.paths)
    chosen = _chosen(lives, higher) & ~np.isnan(outcome)
    gap = lives.paths.gap_year
    course = np.delete(higher.course_columns, 4, axis=1)
    controls = np.column_stack([
        background(lives), higher.subject_columns((REFERENCE,)), course, higher.person_columns,
        columns(higher.experience, lives.people.independent),
    ])  # fmt: skip
    began = (lives.paths.university_years > 0) & _among(lives.people) & ~np.isnan(outcome)
    naive = {NAME: (outcome[began], gap[began])}
    return Sample(outcome[chosen], columns(gap[chosen]), controls[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, higher = lives.people, lives.paths, Higher(lives.people, lives.paths)
    treated = _chosen(lives, higher) & paths.gap_year
    none = np.zeros(len(people), dtype=bool)
    usual = degrees.classes(people, paths.points, paths.university_year + paths.university_years - 1, none)
    other = replace(paths, gap_year=none, degree_class=np.where(treated, usual, paths.degree_class))
    rate = work.rates(people, other, lives.life.jobs, lives.life.furlough)
    difference = pay(lives.life, PAY_YEAR) - pay(replace(lives.life, rate=rate), PAY_YEAR)
    here = treated & ~np.isnan(difference)
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        NAME: Effect(
            "pay: study: gap year", "What does a gap year before university add to the pay of graduates?",
            "graduates three or more years out of study who took up their place a year later, with the same people had "
            "they begun and ended in the same years without one: by itself, and through the class of the degree",
            lambda: STUDY_PAY["gap year"], STEP,
            "log pay of 2019/20 of graduates who were accepted at 18, on having begun a year later, with years since "
            "the degree, subject, university band, points at A level, kind of school, sex, free school meals, "
            f"{EQUAL}; not the class of the degree, which the year changes",
            "mean log pay of those who took up their place a year later less that of everybody else who ever entered a "
            "university",
            "always", ("ucas", *TABLES),
        ),
    },
    _sample, _differences, people=24_000, among=_among,
    reads=lambda lives: _chosen(lives, Higher(lives.people, lives.paths)),
)  # fmt: skip
