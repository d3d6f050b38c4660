"""What a month of lost schooling did to results, in years in which teachers set the grades.

Grades rose in 2020 and 2021, so before-and-after has the wrong sign. How much was lost differed between regions, and
grades rose everywhere alike.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.lives import results, school_effects
from leocourse.extract.lives.school_effects import LOST_MONTHS, LOST_SCHOOLING
from leocourse.fidelity.seen import Seen, score_of
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, but, columns, some

NAME = "lost schooling"
SCALE, FIRST = 2019, 2017
"""Points of the years since 2016/17 are read on the scale of one of them, so that years can be compared."""


def _score(seen: Seen) -> np.ndarray:
    year, points = seen.points
    return 1_000 * score_of(np.where(year >= FIRST, points, -1), np.full(len(year), SCALE))


def _pupils(lives: Lives) -> np.ndarray:
    return (lives.people.cohort + 17 >= FIRST) & ~lives.people.independent


def _sample(lives: Lives) -> Sample:
    people, seen = lives.people, lives.seen
    year, score = people.cohort + 17, _score(seen)
    chosen = _pupils(lives) & ~np.isnan(score)
    months = school_effects.lost_months(people) / 10
    years = [year == each for each in range(FIRST + 1, 2022)]
    regions = [people.region == each for each in range(1, len(codes.REGIONS))]
    controls = np.column_stack([columns(*years, *regions), seen.background])
    return Sample(score[chosen], columns(months[chosen]), controls[chosen], {NAME: (score[chosen], months[chosen])})


def _differences(lives: Lives) -> list[Difference]:
    treated = _pupils(lives) & np.isin(lives.people.cohort + 17, list(LOST_MONTHS)) & ~np.isnan(lives.seen.results)
    if not treated.any():
        return []
    these = some(lives, treated)
    more = but(these.people, result=results.result(these.people) + LOST_SCHOOLING)
    difference = _score(Seen(more)) - _score(these.seen)
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


STUDY = Study(
    {
        NAME: Effect(
            "lost schooling, a month: result",
            "What did a month of lost schooling do to results at key stage 4?",
            "pupils of year 11 in 2019/20 and 2020/21 in state schools, with the same pupils had they lost a month "
            "more",
            lambda: LOST_SCHOOLING, RESULT,
            "score at key stage 4 on the scale of 2018/19 of pupils of state schools in year 11 from 2016/17 on, on "
            "months "
            "of schooling lost in the year and region, with levels of years and regions and what the census says of "
            "pupils",
            "the slope of the same score over months lost, 0 before 2019/20, nothing held equal",
            since="year 11 in 2019/20",
            tables=("ks4_pupil", "school_census"),
        ),
    },
    _sample,
    _differences,
    people=60_000,
    among=lambda people: (people.cohort + 17 >= FIRST) & ~people.independent,
)  # fmt: skip
