"""What becoming an academy does to results: schools change in different years, and effects differ and grow.

One dummy for *academy* beside levels of schools and years (two-way fixed effects) compares later academies with
earlier ones, whose effect still grows, so it gets size and even sign wrong. Every group of schools and year after the
change has to be compared with schools that have not changed yet.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import results, school_effects, schooling
from leocourse.extract.lives.establishments import PRIMARY
from leocourse.extract.lives.school_effects import ACADEMY
from leocourse.fidelity.estimators import differences_from_not_yet_treated, within_units
from leocourse.fidelity.seen import Seen
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, but, columns, some

FIRST, ENROLLED = 2006, 3
"""Year 11 from the year on whose pupils the census had in year 7; and the years after the change up to which all of
year 11 had begun year 7 before it."""
KINDS = list(ACADEMY)


def _in_schools(lives: Lives) -> np.ndarray:
    """Pupils of year 11 since 2005/06 with results who began in a secondary school of the state."""
    people, seen = lives.people, lives.seen
    began = (people.arrival <= 7) & ~people.independent & (seen.school(7) < PRIMARY)
    return began & (people.cohort + 17 >= FIRST) & ~np.isnan(seen.results)


def _changes(lives: Lives) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """School of year 7, year in which it becomes an academy, and place of its kind in :data:`KINDS`."""
    history, school = schooling.schooling(lives.people), lives.seen.school(7)
    return school, history.places.converted[school], (~history.places.sponsored[school]).astype(np.int64)


def _sample(lives: Lives) -> Sample:
    people, seen = lives.people, lives.seen
    chosen, year = _in_schools(lives), people.cohort + 17
    school, adopted, kind = _changes(lives)
    after = year - adopted
    label = np.where((after >= 0) & (after <= ENROLLED) & (adopted > FIRST), kind, -1)
    score, known = 1_000 * seen.results, ~np.isnan(seen.key_stage_2)
    before = np.where(known, seen.key_stage_2, 0)
    controls = columns(before, before**2, known)
    controls = np.column_stack([controls, seen.background])[chosen]
    # Two-way fixed effects as often done: the school of year 11, one dummy, everybody in year 11.
    own = seen.school(11)
    here = chosen & (own < PRIMARY)
    history = schooling.schooling(people)
    dummy = history.places.is_academy(own, year)[here]
    years = year[here][:, None] == np.unique(year[here])[1:]
    both = within_units(columns(score[here], dummy, years), own[here])
    left = both[:, :2] - both[:, 2:] @ np.linalg.lstsq(both[:, 2:], both[:, :2], rcond=None)[0]
    naive = {f"academy: {name}": (left[:, 0], left[:, 1]) for name in KINDS}
    more = {"unit": school, "time": year, "adopted": adopted, "label": label}
    treatment = columns(*(label == number for number in range(len(KINDS))))
    return Sample(score[chosen], treatment[chosen], controls, naive,
                  more={name: values[chosen] for name, values in more.items()})  # fmt: skip


def _estimate(sample: Sample) -> np.ndarray:
    return differences_from_not_yet_treated(sample.outcome, **sample.more, controls=sample.controls)


def _differences(lives: Lives) -> list[Difference]:
    year, (_, adopted, _) = lives.people.cohort + 17, _changes(lives)
    treated = _in_schools(lives) & (adopted > FIRST) & (year >= adopted) & (year <= adopted + ENROLLED)
    if not treated.any():
        return []
    these = some(lives, treated)
    without = but(these.people, result=results.result(these.people) - school_effects.academy_adds(these.people))
    difference = 1_000 * (these.seen.results - Seen(without).results)
    kind = _changes(these)[2]
    treatment = columns(*(kind == number for number in range(len(KINDS))))
    return [Difference([f"academy: {name}" for name in KINDS], treatment, difference)]


def _of(name: str) -> Effect:
    return Effect(
        f"academy, a year in one: {name}",
        f"What did it do to results at key stage 4 that a school became an academy ({name})?",
        "pupils who had begun year 7 at the school before it changed, in year 11 up to the fourth year after, with the "
        "same pupils had it not",
        lambda: ACADEMY[name],
        RESULT,
        "score at key stage 4 of pupils by the school of year 7, with levels of schools and years, key stage 2 and "
        "what "
        "the census says of pupils; an effect of its own for each year of change and year after it, against schools "
        "that "
        "have not changed yet; the mean over pupils, errors by school",
        "the coefficient of one dummy for academy beside levels of schools and years, for everybody in year 11",
        since="schools that change from 2002/03 on; it grows with each year",
        tables=("school_census", "ks4_pupil", "ks2_pupil"),
    )


STUDY = Study(
    {f"academy: {name}": _of(name) for name in KINDS},
    _sample,
    _differences,
    estimate=_estimate,
    people=40_000,
)
