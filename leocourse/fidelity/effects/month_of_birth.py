"""What it does to results to be the oldest of a year group: the cut-off at 1 September."""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import results
from leocourse.extract.lives.results import YEAR_OF_AGE
from leocourse.fidelity.seen import Seen
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, but, columns, some

NAME = "oldest of the year"
ONE_IN = 8
"""People for whom the truth is computed, out of so many: it is nearly the same for all."""


def _sample(lives: Lives) -> Sample:
    people, seen = lives.people, lives.seen
    chosen = ~np.isnan(seen.results)
    past = (8 - people.birth_month) % 12 / 11  # 0 for August, 1 for September: the months are all there is to see
    autumn = people.birth_month >= 9
    score = 1_000 * seen.results
    return Sample(score[chosen], columns(past[chosen]), seen.background[chosen][:, :-1],
                  {NAME: (score[chosen], autumn[chosen])})  # fmt: skip


def _differences(lives: Lives) -> list[Difference]:
    these = some(lives, ~np.isnan(lives.seen.results) & (lives.people.person % ONE_IN == 0))
    own, age = results.result(these.people), results.of_age(these.people.birth_month)
    oldest, youngest = (
        Seen(but(these.people, result=own - age + int(results.of_age(np.array([month]))[0]))).results
        for month in (9, 8)
    )
    difference = 1_000 * (oldest - youngest)
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


STUDY = Study(
    {
        NAME: Effect(
            "key stage 4: a year of age",
            "What does it do to results at key stage 4 to be born on 1 September rather than the day before?",
            "everybody with results, with the same people had they been the oldest of their year and the youngest",
            lambda: YEAR_OF_AGE, RESULT,
            "score at key stage 4 on months past the birthday at the start of the year, the line read off at both "
            "sides "
            "of the cut-off: September less August",
            "mean score of those born from September to December less that of those born earlier in the calendar year",
            tables=("ks4_pupil", "school_census"),
        ),
    },
    _sample,
    _differences,
    people=40_000,
)  # fmt: skip
