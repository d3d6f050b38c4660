"""What a permanent exclusion does to results at 16, and to claims of benefits later.

Conduct decides who is excluded at all, and no record holds it. But pupils who were excluded for the first time in the
same year group are alike, and which of them for good is chance: the others are the comparison.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives import conduct, schooling
from leocourse.extract.lives.activity import FIRST_MONTH
from leocourse.extract.lives.population import People
from leocourse.extract.lives.school_effects import EXCLUSION
from leocourse.fidelity.estimators import least_squares
from leocourse.fidelity.seen import Seen
from leocourse.fidelity.worlds import RESULT, SHARE, Difference, Effect, Lives, Sample, Study, columns, some

GROUPS = range(7, 11)
CLAIMS = range(24, 60)
"""Months since the August of year 11 in which claims are counted."""
LAST_COHORT = 1998
"""Of whom all these months are recorded."""


def excluded_once(people: People) -> np.ndarray:
    """Who may be excluded at all in years 7 to 10: the rare group that the study is about."""
    lasting = conduct.lasting_conduct(people)
    return ~people.independent & np.any([conduct.over_the_line(people, lasting, group) for group in GROUPS], axis=0)


def first_exclusion(lives: Lives) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year group of the first exclusion of any kind, whether it brought a permanent one, and who is compared.

    Pupils with a statement or plan are left out: special schools exclude nobody for good. So are those who are
    excluded for good in a later year.
    """
    seen, people = lives.seen, lives.people
    any_kind = seen.suspensions > 0
    any_kind |= seen.permanently == np.arange(7, 12)[:, None]
    first = np.where(any_kind.any(axis=0), 7 + any_kind.argmax(axis=0), 99)
    treated = (seen.permanently == first) & (first < 99)
    without_plan = (people.sen_by_group[7:12] < 3).all(axis=0)
    compared = (first <= GROUPS[-1]) & (treated | (seen.permanently == 99)) & without_plan & ~people.independent
    return first, treated, compared & ~np.isnan(seen.results)


def claimed(lives: Lives) -> np.ndarray:
    """Share of months on an out-of-work benefit, in millionths; not a number for later cohorts."""
    months = (lives.paths.leaves - FIRST_MONTH) + np.array(CLAIMS)[:, None]
    months = np.minimum(months, len(lives.activity.claims) - 1)
    share = 1e6 * lives.activity.claims[months, np.arange(len(lives.people))].mean(axis=0)
    return np.where(lives.people.cohort <= LAST_COHORT, share, np.nan)


def _sample(lives: Lives) -> Sample:
    first, treated, chosen = first_exclusion(lives)
    seen = lives.seen
    score, claims, known = 1_000 * seen.results, claimed(lives), ~np.isnan(seen.key_stage_2)
    groups = [first == each for each in GROUPS[1:]]
    controls = np.column_stack([columns(np.where(known, seen.key_stage_2, 0), known, *groups), seen.background])
    ever, there, later = seen.permanently <= 10, ~np.isnan(score), ~np.isnan(claims)
    naive = {
        "exclusion: results": (score[there], ever[there]),
        "exclusion: benefits": (claims[later], ever[later]),
    }
    return Sample(score[chosen], columns(treated)[chosen], controls[chosen], naive, more={"claims": claims[chosen]})


def _estimate(sample: Sample) -> np.ndarray:
    later = ~np.isnan(sample.more["claims"])
    parts = [(sample.outcome, slice(None)), (sample.more["claims"][later], later)]
    return np.concatenate([least_squares(outcome, sample.treatment[here], sample.controls[here])
                           for outcome, here in parts])  # fmt: skip


def spared(people: People) -> People:
    """The same people had every permanent exclusion been one for a fixed period, with all that follows from it."""
    other = replace(people)
    other.drawn["schooling",] = schooling.otherwise(other, for_good=False)
    return other


def _differences(lives: Lives) -> list[Difference]:
    _, treated, chosen = first_exclusion(lives)
    if not (treated & chosen).any():
        return []
    these = some(lives, treated & chosen)
    other = Lives(spared(these.people))
    scores = 1_000 * (these.seen.results - Seen(other.people).results)
    claims = claimed(these) - claimed(other)
    later = ~np.isnan(claims)
    one = np.ones((len(scores), 1))
    return [
        Difference(["exclusion: results"], one, scores),
        Difference(["exclusion: benefits"], one[later], claims[later]),
    ]


def _of(name: str, key: str, unit: str, question: str, outcome: str) -> Effect:
    return Effect(
        f"permanent exclusion: {key}", question,
        "pupils without a statement or plan who were permanently excluded in the first year from 7 to 10 in which they "
        "were excluded at all, with the same pupils had every exclusion been for a fixed period: all "
        "that follows counts, also where the pupil went to school",
        lambda: EXCLUSION[key], unit,
        f"{outcome} on permanent exclusion among pupils who were first excluded in any way in the same year group, "
        "with "
        "key stage 2 and what the census says of pupils",
        f"{outcome}: the mean of those permanently excluded in years 7 to 10 less that of everybody else",
        tables=("exclusions", "school_census", "ks2_pupil", "ks4_pupil", "leo_benefit"),
    )  # fmt: skip


STUDY = Study(
    {
        "exclusion: results": _of(
            "results", "result", RESULT, "What does a permanent exclusion do to results at key stage 4?",
            "score at key stage 4",
        ),
        "exclusion: benefits": _of(
            "benefits", "hardship", SHARE, "What does a permanent exclusion do to claims of benefits at 18 to 21?",
            "share of the third to fifth year after year 11 on an out-of-work benefit",
        ),
    },
    _sample,
    _differences,
    estimate=_estimate,
    people=80_000,
    among=excluded_once,
)  # fmt: skip
