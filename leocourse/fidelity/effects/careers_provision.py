"""What careers provision at school does to work six and seven years after year 11: schools begin in different years.

Schools of better-off pupils begin earlier. A school before it begins, and schools that have not begun yet, are what its
later pupils are compared with.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import school_effects
from leocourse.extract.lives.activity import FIRST_MONTH
from leocourse.extract.lives.establishments import PRIMARY
from leocourse.extract.lives.school_effects import CAREERS
from leocourse.fidelity.estimators import differences_from_not_yet_treated
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, but, columns, some

NAME = "careers provision"
FIRST, LAST = 2003, 2013
"""Years of year 11: the census has all their schools, and the months that count are recorded."""
MONTHS = range(61, 85)
"""Months since the August of year 11 in which work is counted."""
ONE_IN = 2
"""People for whom the truth is computed, out of so many."""


def _pupils(lives: Lives) -> np.ndarray:
    year, school = lives.people.cohort + 17, lives.seen.school(11)
    return (year >= FIRST) & (year <= LAST) & ~lives.people.independent & (school < PRIMARY)


def _worked(lives: Lives) -> np.ndarray:
    """Share of the months in which people are in work, in millionths; only for those it is recorded for."""
    works = lives.activity.works
    month = np.minimum(lives.paths.leaves - FIRST_MONTH + np.array(MONTHS)[:, None], len(works) - 1)
    return 1e6 * works[month, np.arange(len(lives.people))].mean(axis=0)


def _sample(lives: Lives) -> Sample:
    people, seen, chosen = lives.people, lives.seen, _pupils(lives)
    school, year = seen.school(11), people.cohort + 17
    adopted = school_effects.careers_from()[np.minimum(school, PRIMARY - 1)]
    worked, begun = _worked(lives), year >= adopted
    more = {"unit": school, "time": year, "adopted": adopted, "label": np.where(begun, 0, -1)}
    return Sample(worked[chosen], columns(begun)[chosen], seen.background[chosen],
                  {NAME: (worked[chosen], begun[chosen])},
                  more={name: values[chosen] for name, values in more.items()})  # fmt: skip


def _estimate(sample: Sample) -> np.ndarray:
    return differences_from_not_yet_treated(sample.outcome, **sample.more, controls=sample.controls)


def _differences(lives: Lives) -> list[Difference]:
    had = _pupils(lives) & school_effects.had_careers(lives.people) & (lives.people.person % ONE_IN == 0)
    if not had.any():
        return []
    these = some(lives, had)
    without = but(these.people, attachment_adds=school_effects.attachment_adds(these.people) - CAREERS)
    difference = _worked(these) - _worked(Lives(without))
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


STUDY = Study(
    {
        NAME: Effect(
            "careers provision in year 11: attachment to work",
            "What does careers provision at school do to work six and seven years after year 11?",
            "pupils of secondary schools that had begun it, in year 11 from 2002/03 to 2012/13, with the same pupils "
            "had "
            "their schools not begun",
            lambda: CAREERS, SHARE,
            "share of months 61 to 84 after the August of year 11 in work, of pupils by the school of year 11, with "
            "levels "
            "of schools and years and what the census says of pupils; an effect of its own for each year of start and "
            "year after it, against schools that have not begun yet; the mean over pupils, errors by school",
            "mean share in work of pupils whose school had begun less that of all others",
            since="schools that begin from 2004/05 to 2013/14: careers_provision.csv",
            tables=("school_census", "leo_employment"),
        ),
    },
    _sample,
    _differences,
    estimate=_estimate,
    people=25_000,
    among=lambda people: (people.cohort + 17 >= FIRST) & (people.cohort + 17 <= LAST) & ~people.independent,
)  # fmt: skip
