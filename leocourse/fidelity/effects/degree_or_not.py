"""What a degree brings: graduates, and those with equal results who could have gone on and did not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import work
from leocourse.extract.lives.pay import PAY_STEPS
from leocourse.fidelity.estimators import on_the_treated
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
)

NAME = "degree"
OUT = 3


def _never(lives: Lives) -> np.ndarray:
    """No record of higher education at all, and not in study: at level 3, so that they could have gone on."""
    paths = lives.paths
    never = (paths.university_years == 0) & (paths.part_time_year > PAY_YEAR) & (paths.points > 0)
    return never & ~paths.studies(month_of(PAY_YEAR - 1, 10)) & ~_trains(lives)


def _trains(lives: Lives) -> np.ndarray:
    return lives.paths.apprenticeships.employed(month_of(PAY_YEAR - 1, 10))


def _sample(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    higher, in_work = Higher(people, paths), ~np.isnan(outcome)
    graduate = higher.out_for(OUT)
    chosen = in_work & (graduate & (paths.points > 0) & ~paths.career.part_time | _never(lives))
    level = level_completed(paths)
    trained = columns(*(~graduate & (level == each) for each in (2, 3)), ~graduate & (level >= 4))
    controls = np.column_stack([background(lives), higher.person_columns, trained])
    naive = {NAME: (outcome[in_work], graduate[in_work])}
    return Sample(outcome[chosen], columns(graduate[chosen]), controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    paths, higher = lives.paths, Higher(lives.people, lives.paths)
    treated = higher.out_for(OUT) & (paths.points > 0) & ~paths.career.part_time
    other = replace(paths, graduated=paths.graduated & ~treated, degree_class=np.where(treated, -1, paths.degree_class))
    difference = pay(lives.life, PAY_YEAR) - pay(work.work(lives.people, other), PAY_YEAR)
    here = treated & ~np.isnan(difference)
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        NAME: Effect(
            "pay: first degree", "What does a degree add to the pay of those who have one, at the same age?",
            "graduates three or more years out of full-time study with results at level 3, with the same people had "
            "their years at university ended without a degree: its subject, class, university and growth in one",
            lambda: PAY_STEPS["first degree"], STEP,
            "mean log pay of 2019/20 of graduates less what a regression among those at level 3 who never entered "
            f"higher education foretells for people like them, by sex, free school meals, apprenticeship, {EQUAL}",
            "mean log pay of graduates three or more years out less that of everybody else in work",
            "always", ("hesa", "aims", "ks4_pupil", "ks5_exam", "school_census", "leo_earnings"),
            bias="The estimate is right on average, but among 10,000 people its errors are about a quarter too small, "
            "so that fewer of its intervals hold the true value than 95 in 100: see the table of coverage. "
            "The cause is not found: take wider intervals, or more people.",
        ),
    },
    _sample, _differences, lambda sample: on_the_treated(sample.outcome, sample.treatment[:, 0] > 0, sample.controls),
)  # fmt: skip
