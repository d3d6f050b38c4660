"""What care does to results, to university and to work.

A lasting risk that no record holds decides who comes into care, and who is in need without it has less of it. Those
who come into care for the first time at 16 or 17 have the same risk as those who came before, and nothing has changed
in them by the end of year 11: they are the comparison.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.lives import care, results, school_effects
from leocourse.extract.lives.population import People
from leocourse.extract.lives.school_effects import CARE
from leocourse.fidelity.estimators import least_squares
from leocourse.fidelity.worlds import (
    PAY_YEAR,
    RESULT,
    SHARE,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    but,
    columns,
    some,
)

FIRST_COHORT, LAST_COHORT = 1995, 2000
"""Whose care from ten on is recorded; who can have entered university by 20."""
LAST_AT_WORK = 1999
FROM, UNTIL = 10 * 12, 16 * 12
"""Age in months at the start of care that is compared with a later one."""
NAMES = {"results": "result", "university": "wish to go to university", "work": "attachment to work"}


def in_care(people: People) -> np.ndarray:
    """Who may be looked after, of the cohorts whose care is recorded from the tenth birthday on."""
    return (people.cohort >= FIRST_COHORT) & (care.risk(people) > care.CLA_LINE)


def _age(lives: Lives) -> np.ndarray:
    """Age in months at the start of the first period of care, 0 without one or where it is a remand or without "
    "family."""
    people, periods = lives.people, care.care(lives.people).periods
    first = (periods.number == 1) & ~periods.alone & ~periods.remand
    month = periods.start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - (2000 - 1970) * 12
    age = np.zeros(len(people), dtype=np.int64)
    age[periods.i[first]] = (month - care.birth(people)[periods.i])[first]
    return age


def _compared(lives: Lives) -> tuple[np.ndarray, np.ndarray]:
    """Those whose care began from ten to fifteen, and those who are compared: the same and those for whom it began
    later."""
    age, people = _age(lives), lives.people
    seen = ~np.isnan(lives.seen.results) & (people.cohort >= FIRST_COHORT) & ~people.independent
    treated = seen & (age >= FROM) & (age < UNTIL)
    return treated, treated | (seen & (age >= UNTIL))


def _outcomes(lives: Lives) -> list[np.ndarray]:
    """Score, entry to university by 20, and share of 2019/20 in work; not a number where it is too early to say."""
    people, paths = lives.people, lives.paths
    entered = 1e6 * (paths.university_year <= people.cohort + 21)
    days = 1e6 * np.minimum(lives.days[:, PAY_YEAR - TAX_YEARS[0]] / 366, 1)
    return [
        1_000 * lives.seen.results,
        np.where(people.cohort <= LAST_COHORT, entered, np.nan),
        np.where(people.cohort <= LAST_AT_WORK, days, np.nan),
    ]


def _sample(lives: Lives) -> Sample:
    treated, chosen = _compared(lives)
    seen, outcomes = lives.seen, _outcomes(lives)
    known = ~np.isnan(seen.key_stage_2)
    controls = np.column_stack(
        [columns(np.where(known, seen.key_stage_2, 0), known, lives.people.cohort), seen.background]
    )
    ever, naive = school_effects.in_care_before_16(lives.people), {}
    for name, outcome in zip(NAMES, outcomes, strict=True):
        there = ~np.isnan(outcome) & ~lives.people.independent & (lives.people.cohort >= FIRST_COHORT)
        naive[f"care: {name}"] = (outcome[there], ever[there])
    more = {name: outcome[chosen] for name, outcome in zip(NAMES, outcomes, strict=True)}
    return Sample(outcomes[0][chosen], columns(treated)[chosen], controls[chosen], naive, more=more)


def _estimate(sample: Sample) -> np.ndarray:
    found = []
    for outcome in sample.more.values():
        here = ~np.isnan(outcome)
        found.append(least_squares(outcome[here], sample.treatment[here], sample.controls[here]))
    return np.concatenate(found)


def unharmed(people: People) -> People:
    """The same people had care before 16 changed nothing in them."""
    cared = school_effects.in_care_before_16(people)
    return but(
        people,
        result=results.result(people) - school_effects.care_adds(people),
        attachment_adds=school_effects.attachment_adds(people) - np.where(cared, CARE["attachment to work"], 0),
        aspiration_adds=np.zeros(len(people), dtype=np.int64),
    )


def _differences(lives: Lives) -> list[Difference]:
    treated, _ = _compared(lives)
    if not treated.any():
        return []
    these = some(lives, treated)
    other = Lives(unharmed(these.people))
    found = []
    for name, (with_it, without) in zip(NAMES, zip(_outcomes(these), _outcomes(other), strict=True), strict=True):
        difference = with_it - without
        there = ~np.isnan(difference)
        found.append(Difference([f"care: {name}"], np.ones((int(there.sum()), 1)), difference[there]))
    return found


def _of(name: str, unit: str, question: str, outcome: str) -> Effect:
    return Effect(
        f"care before 16: {NAMES[name]}", question,
        "pupils of state schools born from September 1995 who first came into care from ten to fifteen, with the same "
        "pupils had it changed nothing",
        lambda: CARE[NAMES[name]], unit,
        f"{outcome} of people who came into care for the first time from ten to fifteen, less that of those for whom "
        "it "
        "began at 16 or 17, with key stage 2, birth cohort and what the census says of pupils; without remand and "
        "those "
        "who came to England alone",
        f"{outcome} of people in care before 16 less that of everybody else",
        tables=("cla", "school_census", "ks2_pupil", "ks4_pupil", "hesa", "leo_employment"),
    )  # fmt: skip


STUDY = Study(
    {
        "care: results": _of("results", RESULT, "What does care do to results at key stage 4?", "score at key stage 4"),
        "care: university": _of(
            "university", SHARE, "What does care do to entry to university?", "share that enters university by 20"
        ),
        "care: work": _of("work", SHARE, "What does care do to work at 20 to 24?", "share of 2019/20 in work"),
    },
    _sample,
    _differences,
    estimate=_estimate,
    people=250_000,
    among=in_care,
)
