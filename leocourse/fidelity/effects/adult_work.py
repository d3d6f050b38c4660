"""What an adult course adds to time in work, from records of learning and outcomes alone.

Work falls before a course and comes back by itself, and more slowly than pay. Whoever takes a course and does not
achieve it has had the same bad year, and is the comparison.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.lives import activity, adult_learning
from leocourse.fidelity.effects.adult_learning import TABLES
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

BEFORE, AFTER = (-5, -3), (3, 5)
"""Tax years before and after that in which a course begins, first and last, over which work is compared."""


def _share(days: np.ndarray, i: np.ndarray, column: np.ndarray, years: tuple[int, int]) -> np.ndarray:
    """Share of days in work, in millionths, over some tax years around that of a course, a value a course."""
    return days[i[:, None], column[:, None] + np.arange(years[0], years[1] + 1)].mean(axis=1) * 1_000_000 / 365


def _taken(lives: Lives) -> np.ndarray:
    """First courses at level 2 or above whose years before and after lie in the records."""
    taken = lives.paths.courses
    column = taken.year - TAX_YEARS[0]
    able = taken.returns & (taken.level > 0)
    first = np.full(len(lives.people), 99)
    np.minimum.at(first, taken.i[able], taken.episode[able])
    inside = (column + BEFORE[0] >= 0) & (column + AFTER[1] <= 2020 - TAX_YEARS[0])
    return np.flatnonzero(able & inside & (taken.episode == first[taken.i]))


def _work_sample(lives: Lives) -> Sample:
    taken, days, chosen = lives.paths.courses, lives.days, _taken(lives)
    i, column = taken.i[chosen], taken.year[chosen] - TAX_YEARS[0]
    before, after = (_share(days, i, column, years) for years in (BEFORE, AFTER))
    achieved = taken.achieved[chosen]
    age, women = taken.year[chosen] - lives.people.cohort[i], ~lives.people.male[i]
    level = [taken.level[chosen] == each for each in (3, 4)]
    controls = columns(age, women, *level, *(column == each for each in np.unique(column)[1:]))
    bad = _share(days, i, column, (0, 0))
    naive = {WORK: ((after - bad)[achieved], np.ones(int(achieved.sum())))}
    return Sample(after - before, columns(achieved), controls, naive)


def _work_differences(lives: Lives) -> list[Difference]:
    people, paths, chosen = lives.people, lives.paths, _taken(lives)
    taken = paths.courses
    chosen = chosen[taken.achieved[chosen]]
    achieved = taken.achieved.copy()
    achieved[chosen] = False  # later courses stay as they are
    paths = replace(paths, courses=replace(taken, achieved=achieved))
    without = activity.activities(people, paths)
    i, months = taken.i[chosen], lives.activity.works.astype(np.int64) - without.works
    first = 12 * (taken.year[chosen] - 1 + AFTER[0]) + 3 - activity.FIRST_MONTH - 12 * 2000
    span = np.arange(12 * (AFTER[1] - AFTER[0] + 1))
    gain = months[first[:, None] + span, i[:, None]].mean(axis=1) * 1_000_000
    return [Difference([WORK], np.ones((len(i), 1)), gain)]


WORK = "adult course: work"
STUDY = Study(
    {
        WORK: Effect(
            "adult learning: attachment to work after a course at level 2 or above",
            "What does the first adult course at level 2 or above that is achieved add to time in work?",
            "adults without a school record who achieved it, with the same people had they not",
            lambda: adult_learning.ADULT_WORK,
            SHARE,
            "share of days in work three to five tax years after that in which the course began less the share three "
            "to five before, of those who achieved it and those who did not, with level, age, sex and year",
            "the first of these shares less that of the tax year in which the course began, of those who achieved it",
            since="the first tax year after the end of the course",
            tables=(*TABLES[:-1], "leo_employment"),
        ),
    },
    _work_sample,
    _work_differences,
    people=12_000,
    adults=True,
)
