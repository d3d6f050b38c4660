"""For whom a degree adds more or less: differences of differences between groups with and without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import work
from leocourse.extract.lives.graduate_pay import DEGREE_GAINS
from leocourse.extract.lives.tables import MAJOR
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
    level_completed,
    pay,
    since,
)

GROUPS = ("women", "free school meals", "Black")
OUT = 3


def _of_group(name: str) -> Effect:
    return Effect(
        f"pay: gain of a degree: {name}",
        f"How much more does a degree add to pay for: {name}?",
        "graduates of the group three or more years out of study: what the degree adds to their pay, less what it adds "
        "to that of others with a degree in the same subject and class, from the same band of university",
        lambda: DEGREE_GAINS[name],
        STEP,
        "log pay of 2019/20 of people out of study on a degree, the group and their product, with subject, its growth, "
        "class, university band, points at A level, gap year and part-time study of graduates, apprenticeship, sex, "
        f"free school meals, {EQUAL}; the coefficient of the product",
        "mean log pay of graduates of the group eight or more years after year 11 less that of other graduates",
        "always",
        ("hesa", "aims", "ks4_pupil", "ks5_exam", "school_census", "leo_earnings"),
    )


def _members(lives: Lives) -> np.ndarray:
    people = lives.people
    return columns(~people.male, people.fsm_in_year_11, MAJOR[people.minor] == "B")


def _sample(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    higher, in_work, member = Higher(people, paths), ~np.isnan(outcome), _members(lives)
    graduate = higher.out_for(OUT)
    never = (paths.university_years == 0) & ~paths.studies(month_of(PAY_YEAR - 1, 10)) & (since(people, PAY_YEAR) >= 4)
    never &= ~paths.apprenticeships.employed(month_of(PAY_YEAR - 1, 10)) & (paths.part_time_year > PAY_YEAR)
    chosen = in_work & (graduate | never)
    level = level_completed(paths)
    of_degree = np.column_stack([
        columns(np.ones(len(people)), higher.experience), higher.subject_columns(("business",)), higher.class_columns,
        higher.course_columns,
    ]) * graduate[:, None]  # fmt: skip
    trained = columns(level == 2, level == 3, level >= 4) * never[:, None]
    controls = np.column_stack([of_degree, trained, background(lives), higher.person_columns])
    naive, grown = {}, in_work & graduate & (since(people, PAY_YEAR) >= 8)
    for number, name in enumerate(GROUPS):
        naive[f"gain: {name}"] = (outcome[grown], member[grown, number])
    return Sample(outcome[chosen], (member * graduate[:, None])[chosen], controls[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    paths, higher = lives.paths, Higher(lives.people, lives.paths)
    treated = higher.out_for(OUT)
    other = replace(paths, graduated=paths.graduated & ~treated, degree_class=np.where(treated, -1, paths.degree_class))
    difference = pay(lives.life, PAY_YEAR) - pay(work.work(lives.people, other), PAY_YEAR)
    here = treated & ~np.isnan(difference)
    treatment = np.column_stack([
        _members(lives), columns(np.ones(len(treated)), higher.experience), higher.subject_columns(("business",)),
        higher.class_columns, higher.course_columns,
    ])  # fmt: skip
    return [Difference([f"gain: {name}" for name in GROUPS], treatment[here], difference[here])]


STUDY = Study({f"gain: {name}": _of_group(name) for name in GROUPS}, _sample, _differences)
