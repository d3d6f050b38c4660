"""What a degree in one subject adds to pay, rather than one in another, and what its class adds.

Subjects differ in level and in growth: the level is that of the fourth year after the degree, where the lines of
subjects turn, and each subject has a slope of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives import degrees, subjects, work
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
    since,
)

REFERENCE = "business"
"""The subject with most graduates: what other subjects are compared with."""
NAMED = ["medicine", "economics", "engineering", "nursing", "creative arts"]
USUAL_CLASS = "upper second"
CLASSES = {"first": 0, "lower second": 2, "third": 3}
OUT = 3
"""Tax years out of study."""
HELD = (
    "with years since the degree (and their slope in each subject), class, university band, points at A level, gap "
    f"year, part-time study, sex, free school meals, {EQUAL}"
)
TABLES = ("hesa", "ks4_pupil", "ks5_exam", "school_census", "leo_earnings")


def _of_degree(name: str) -> Effect:
    planted = subjects.SUBJECT_PAY
    return Effect(
        f"pay: degree in: {name}",
        f"What does a degree in {name} add to pay in the fourth year after it, rather than one in {REFERENCE}?",
        f"graduates in {name}, with the same people had they studied {REFERENCE} for as long",
        lambda: planted[name] - planted[REFERENCE],
        STEP,
        f"log pay of 2019/20 of graduates three or more years out of study, on subject, {HELD}; the coefficient, "
        f"{REFERENCE} being the subject left out",
        f"mean log pay of graduates in {name} ten or more years after year 11 less that of graduates in {REFERENCE}",
        "always",
        TABLES,
    )


def _of_class(name: str) -> Effect:
    planted = degrees.CLASS_PAY
    return Effect(
        f"pay: class of degree: {name}",
        f"What does the class of a degree add to pay: {name}, rather than {USUAL_CLASS}?",
        f"graduates with that class, with the same people had they got an {USUAL_CLASS}",
        lambda: planted[name] - planted[USUAL_CLASS],
        STEP,
        f"log pay of 2019/20 of graduates three or more years out of study, on class and subject, {HELD}; the "
        f"coefficient, {USUAL_CLASS} being the class left out",
        f"mean log pay of graduates with that class three or more years out less that of those with an {USUAL_CLASS}",
        "always",
        TABLES,
    )


def _sample(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    higher, in_work = Higher(people, paths), ~np.isnan(outcome)
    chosen = higher.out_for(OUT) & in_work
    treatment = np.column_stack([columns(*(higher.studied(name) for name in NAMED)), higher.class_columns])
    controls = np.column_stack([
        background(lives), higher.subject_columns((*NAMED, REFERENCE)), higher.course_columns, higher.person_columns,
        columns(higher.experience),
    ])  # fmt: skip
    naive, grown = {}, in_work & (since(people, PAY_YEAR) >= 10)
    for name in NAMED:
        pool = higher.studied(name, REFERENCE) & grown
        naive[f"degree in {name}"] = (outcome[pool], higher.studied(name)[pool])
    for name, number in CLASSES.items():
        pool = chosen & np.isin(paths.degree_class, [number, list(degrees.CLASS_PAY).index(USUAL_CLASS)])
        naive[f"class: {name}"] = (outcome[pool], (paths.degree_class == number)[pool])
    return Sample(outcome[chosen], treatment[chosen], controls[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    paths, outcome, higher = lives.paths, pay(lives.life, PAY_YEAR), Higher(lives.people, lives.paths)
    named = columns(*(higher.studied(name) for name in NAMED))
    usual = paths.graduated & np.isin(paths.degree_class, list(CLASSES.values()))
    worlds = [
        ([f"degree in {name}" for name in NAMED], named.any(axis=1),
         np.column_stack([named, named * higher.experience[:, None]]),
         replace(paths, subject=np.where(named.any(axis=1), subjects.SUBJECTS.index(REFERENCE), paths.subject))),
        ([f"class: {name}" for name in CLASSES], usual, higher.class_columns,
         replace(paths, degree_class=np.where(usual, 1, paths.degree_class))),
    ]  # fmt: skip
    found = []
    for names, treated, treatment, other in worlds:
        difference = outcome - pay(work.work(lives.people, other), PAY_YEAR)
        here = treated & higher.out_for(OUT) & ~np.isnan(difference)
        found.append(Difference(names, treatment[here], difference[here]))
    return found


STUDY = Study(
    {
        **{f"degree in {name}": _of_degree(name) for name in NAMED},
        **{f"class: {name}": _of_class(name) for name in CLASSES},
    },
    _sample,
    _differences,
)
