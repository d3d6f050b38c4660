"""A mediator: results at A level pay by themselves and through the class of the degree, not to be held equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives import degrees, work
from leocourse.extract.lives.graduate_pay import STUDY_PAY
from leocourse.fidelity.effects.degrees import REFERENCE, TABLES
from leocourse.fidelity.estimators import net_of
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

NAME = "a point at A level"
OUT = 3


def _chosen(lives: Lives, higher: Higher) -> np.ndarray:
    return higher.out_for(OUT) & (higher.points > 0)


def _sample(lives: Lives) -> Sample:
    outcome, higher = pay(lives.life, PAY_YEAR), Higher(lives.people, lives.paths)
    chosen = _chosen(lives, higher) & ~np.isnan(outcome)
    course = np.delete(higher.course_columns, (2, 3), axis=1)
    years = [higher.last_year == each for each in range(2008, PAY_YEAR - OUT + 1)]  # classes are easier every year
    controls = np.column_stack([
        background(lives), higher.subject_columns((REFERENCE,)), course, higher.person_columns,
        columns(higher.experience, *years),
    ])[chosen]  # fmt: skip
    points = higher.points[chosen].astype(float)
    held = np.column_stack([controls, higher.class_columns[chosen]])
    naive = {NAME: (net_of(outcome[chosen], held), net_of(points, held))}
    return Sample(outcome[chosen], points[:, None], controls, naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    """The same graduates with a point more: the same course, the class that follows, and the pay of both."""
    people, paths, higher = lives.people, lives.paths, Higher(lives.people, lives.paths)
    treated = _chosen(lives, higher)
    more = np.where(treated, paths.points + 1, paths.points)
    last = paths.university_year + paths.university_years - 1
    better = degrees.classes(people, more, last, paths.gap_year)
    other = replace(paths, points=more, degree_class=np.where(treated, better, paths.degree_class))
    rate = work.rates(people, other, lives.life.jobs, lives.life.furlough)
    difference = pay(replace(lives.life, rate=rate), PAY_YEAR) - pay(lives.life, PAY_YEAR)
    here = treated & ~np.isnan(difference)
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        NAME: Effect(
            "pay: study: a point at A level",
            "What does a point more at A level (a grade in one subject) add to the pay of graduates, in all?",
            "graduates three or more years out of study, with the same people with a point less, on the same course: "
            "by itself, and through the class of the degree that follows",
            lambda: STUDY_PAY["a point at A level"], STEP,
            "log pay of 2019/20 of graduates on points at A level, with subject, its growth, year of the degree, "
            f"university band, gap year, part-time study, sex, free school meals, {EQUAL}; not the class of the "
            "degree, which is how a part of the effect works",
            "the same regression with the class of the degree held equal too: what is left is the part that does not "
            "work through it",
            "always", TABLES,
        ),
    },
    _sample, _differences,
)  # fmt: skip
