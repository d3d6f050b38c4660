"""A diploma or foundation degree of two years: with those who began one and left without it, and where it was taught.

A college's own courses are in the individualised learner record, and those of universities in HESA's: who reads one of
the two alone has half of the comparison.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import work
from leocourse.extract.lives.degrees import MATURE_FROM
from leocourse.extract.lives.graduate_pay import STUDY_PAY
from leocourse.extract.lives.population import People
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

NAME, COLLEGE = "short course", "short course in a college"
OUT, LAST_COHORT = 3, 1997


def _among(people: People) -> np.ndarray:
    return people.cohort <= LAST_COHORT


def _began(lives: Lives, higher: Higher) -> np.ndarray:
    """Began a course of two years, has no degree, and has been out of study for three years."""
    began = lives.paths.other_undergraduate & ~lives.paths.graduated & (higher.last_year <= PAY_YEAR - OUT)
    return began & ~lives.paths.studies(month_of(PAY_YEAR - 1, 10)) & _among(lives.people)


def _sample(lives: Lives) -> Sample:
    people, outcome, higher = lives.people, pay(lives.life, PAY_YEAR), Higher(lives.people, lives.paths)
    in_work, obtained = ~np.isnan(outcome), lives.paths.career.diploma
    chosen = _began(lives, higher) & in_work
    score = lives.seen.key_stage_4
    controls = np.column_stack([background(lives), higher.person_columns, columns(higher.points, score**2)])
    pool = in_work & ~lives.paths.graduated & (people.cohort <= LAST_COHORT)
    naive = {NAME: (outcome[pool], (obtained & _began(lives, higher))[pool])}
    return Sample(outcome[chosen], columns(obtained[chosen]), controls[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    higher, paths = Higher(lives.people, lives.paths), lives.paths
    treated = _began(lives, higher) & paths.career.diploma
    career = replace(paths.career, diploma=paths.career.diploma & ~treated)
    rate = work.rates(lives.people, replace(paths, career=career), lives.life.jobs, lives.life.furlough)
    difference = pay(lives.life, PAY_YEAR) - pay(replace(lives.life, rate=rate), PAY_YEAR)
    here = treated & ~np.isnan(difference)
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


def _taught(lives: Lives, higher: Higher) -> np.ndarray:
    """Obtained such a course, and has no degree."""
    return _began(lives, higher) & lives.paths.career.diploma


def _sample_taught(lives: Lives) -> Sample:
    people, outcome, higher = lives.people, pay(lives.life, PAY_YEAR), Higher(lives.people, lives.paths)
    chosen, score = _taught(lives, higher) & ~np.isnan(outcome), lives.seen.key_stage_4
    mature = lives.paths.university_year >= people.cohort + 17 + MATURE_FROM
    controls = np.column_stack([background(lives), higher.person_columns, columns(higher.points, score**2, mature)])
    pool = (higher.last_year <= PAY_YEAR - OUT) & (lives.paths.career.diploma | lives.paths.graduated)
    pool &= ~np.isnan(outcome) & _among(people) & ~lives.paths.studies(month_of(PAY_YEAR - 1, 10))
    naive = {COLLEGE: (outcome[pool], higher.in_college[pool])}
    return Sample(outcome[chosen], columns(higher.in_college[chosen]), controls[chosen], naive, alike=True)


def _differences_taught(lives: Lives) -> list[Difference]:
    higher, paths = Higher(lives.people, lives.paths), lives.paths
    career = replace(paths.career, in_college=np.zeros(len(lives.people), dtype=bool))
    life, other = lives.life, replace(paths, career=career)
    rate = work.rates(lives.people, other, life.jobs, life.furlough, life.homes)  # and they live where they live
    difference = pay(lives.life, PAY_YEAR) - pay(replace(lives.life, rate=rate), PAY_YEAR)
    here = _taught(lives, higher) & higher.in_college & ~np.isnan(difference)
    return [Difference([COLLEGE], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        NAME: Effect(
            "pay: study: short course", "What does a diploma or foundation degree of two years add to pay?",
            "people with one and no degree, three or more years out of study, with the same people had they left "
            "without it",
            lambda: STUDY_PAY["short course"], STEP,
            "log pay of 2019/20 of people who began such a course and have no degree, on having obtained it, with "
            f"points at A level, sex, free school meals, {EQUAL}",
            "mean log pay of people with one and no degree less that of everybody else in work without a degree",
            "always", ("hesa", "ks4_pupil", "ks5_exam", "school_census", "leo_earnings"),
        ),
    },
    _sample, _differences, people=24_000, among=_among,
    reads=lambda lives: _began(lives, Higher(lives.people, lives.paths)),
)  # fmt: skip
TAUGHT = Study(
    {
        COLLEGE: Effect(
            f"pay: study: {COLLEGE}",
            "What does a foundation degree taught in a further education college add to pay, rather than such a course "
            "at a university?",
            "people who obtained one in a college and no degree, three or more years out of study, with the same "
            "people had they obtained it at a university and lived where they live",
            lambda: STUDY_PAY[COLLEGE] - STUDY_PAY["short course at a university"], STEP,
            "log pay of 2019/20 of people who obtained such a course and have no degree, on whether its record is a "
            "college's learning aim or HESA's, with points at A level, entry at 21 or later, sex, free school meals, "
            f"{EQUAL}",
            "mean log pay of people whose higher education was a college's less that of people who obtained a degree "
            "or such a course at a university, three or more years out of study",
            "always", ("aims", "lars", "hesa", "ks4_pupil", "ks5_exam", "school_census", "leo_earnings"),
        ),
    },
    _sample_taught, _differences_taught, people=24_000, among=_among,
)  # fmt: skip
STUDIES = [STUDY, TAUGHT]
