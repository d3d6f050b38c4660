"""What a degree in one subject adds to pay, rather than one in another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import subjects, work
from leocourse.extract.lives.activity import groups
from leocourse.extract.lives.pathways import Pathways
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
    women_later,
)

REFERENCE = "business"
"""The subject with most graduates: what other subjects are compared with."""
NAMED = ["medicine", "economics", "engineering", "nursing", "creative arts"]


def _of_degree(name: str) -> Effect:
    planted = subjects.SUBJECT_PAY
    return Effect(
        f"pay: degree in: {name}",
        f"What does a degree in {name} add to pay, rather than one in {REFERENCE}?",
        f"graduates in {name}, with the same people had they studied {REFERENCE} for as long",
        lambda: planted[name] - planted[REFERENCE],
        STEP,
        "log pay of 2019/20 of graduates three or more years out of study, on subject, with years since the degree and "
        f"its class, sex, free school meals, {EQUAL}; the coefficient, {REFERENCE} being the subject left out",
        f"mean log pay of graduates in {name} ten or more years after year 11 less that of graduates in {REFERENCE}",
    )


def _years_out(lives: Lives) -> np.ndarray:
    """Tax years since the one in which study for the degree ended."""
    return PAY_YEAR - (lives.paths.university_year + lives.paths.university_years - 1)


def _graduates(lives: Lives) -> np.ndarray:
    out = lives.paths.graduated & (_years_out(lives) >= 3)
    return out & ~lives.paths.studies(month_of(PAY_YEAR - 1, 10))


def _of_subject(paths: Pathways, name: str) -> np.ndarray:
    return paths.graduated & (paths.subject == subjects.SUBJECTS.index(name))


def _sample(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    chosen = _graduates(lives) & ~np.isnan(outcome)
    member = groups(people)
    others = [_of_subject(paths, name) for name in subjects.SUBJECTS if name not in (*NAMED, REFERENCE)]
    women = member["women"]
    classes = [paths.degree_class == each for each in (0, 2, 3)]
    extra = columns(*others, *classes, women, women * women_later(people, PAY_YEAR), member["eligible for FSM"],
                    np.clip(_years_out(lives) - 1, 0, 8))  # fmt: skip
    treatment = columns(*(_of_subject(paths, name) for name in NAMED))
    naive = {}
    grown = ~np.isnan(outcome) & (since(people, PAY_YEAR) >= 10)
    for name in NAMED:
        pool = (_of_subject(paths, name) | _of_subject(paths, REFERENCE)) & grown
        naive[f"degree in {name}"] = (outcome[pool], _of_subject(paths, name)[pool])
    return Sample(
        outcome[chosen], treatment[chosen], np.column_stack([background(lives), extra])[chosen], naive, alike=True
    )


def _differences(lives: Lives) -> list[Difference]:
    paths, outcome = lives.paths, pay(lives.life, PAY_YEAR)
    named = np.isin(paths.subject, [subjects.SUBJECTS.index(name) for name in NAMED]) & _graduates(lives)
    other = replace(paths, subject=np.where(named, subjects.SUBJECTS.index(REFERENCE), paths.subject))
    difference = outcome - pay(work.work(lives.people, other), PAY_YEAR)
    here = named & ~np.isnan(difference)
    treatment = columns(*(_of_subject(paths, name) for name in NAMED))
    return [Difference([f"degree in {name}" for name in NAMED], treatment[here], difference[here])]


STUDY = Study({f"degree in {name}": _of_degree(name) for name in NAMED}, _sample, _differences)
