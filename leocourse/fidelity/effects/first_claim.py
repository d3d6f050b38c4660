"""How exclusion moves the time to a first claim, where a settled job comes before it for many and lives are cut off.

Two mistakes are common. Whoever settles in a job first is no longer on the way to a first claim as others are: to treat
that as an end of observation makes the share that claims too large. And the youngest have been followed for months:
to count them as without a claim makes it too small.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH
from leocourse.extract.lives.school_effects import EXCLUSION
from leocourse.fidelity.effects.exclusion import excluded_once, first_exclusion, spared
from leocourse.fidelity.estimators import cumulative_incidence, jackknife
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns, some

NAME = "exclusion: first claim"
MONTHS, SETTLED = 60, 12
"""Months from the September after year 11; and months of work in a row that make somebody settled."""
CLAIM, JOB = 1, 2
GROUPS = 40
"""Groups of people, each left out once for the standard error."""


def events(lives: Lives) -> tuple[np.ndarray, np.ndarray]:
    """Month of the first claim, of settling in a job or of the end of the records, and which of them it was (0 end)."""
    people, activity = lives.people, lives.activity
    month = lives.paths.leaves + np.arange(1, MONTHS + 1)[:, None]
    recorded, place = month <= LAST_MONTH, np.minimum(month, LAST_MONTH) - FIRST_MONTH
    everyone = np.arange(len(people))
    claims, works = (each[place, everyone] & recorded for each in (activity.claims, activity.works))
    run = np.zeros(len(people), dtype=np.int64)
    settles = np.zeros_like(works)
    for each in range(MONTHS):
        run = np.where(works[each], run + 1, 0)
        settles[each] = run >= SETTLED
    claim, job = (np.where(each.any(axis=0), each.argmax(axis=0) + 1, MONTHS + 1) for each in (claims, settles))
    end = np.minimum(recorded.sum(axis=0), MONTHS)
    first = np.minimum(claim, job)
    event = np.where(first > end, 0, np.where(claim <= job, CLAIM, JOB))
    return np.maximum(np.minimum(first, end), 0), event


def _sample(lives: Lives) -> Sample:
    first, treated, chosen = first_exclusion(lives)
    month, event = events(lives)
    claimed = 1e6 * lives.activity.claims.any(axis=0)
    ever = lives.seen.permanently <= 10
    state = ~lives.people.independent
    more = {"month": month, "group": lives.people.person % GROUPS}
    naive = {NAME: (claimed[state], ever[state])}
    return Sample(event[chosen], columns(treated)[chosen], columns(first)[chosen], naive,
                  more={name: values[chosen] for name, values in more.items()})  # fmt: skip


def difference(sample: Sample, of: np.ndarray) -> float:
    """Cumulative incidence of the excluded less that of the others, of whom each year group has the same share."""
    treated, group = sample.treatment[of, 0] > 0, sample.controls[of, 0].astype(np.int64)
    month, event = sample.more["month"][of], sample.outcome[of]
    own, others = (np.bincount(group[each], minlength=12) for each in (treated, ~treated))
    weights = (own / np.maximum(others, 1))[group[~treated]]
    excluded = cumulative_incidence(month[treated], event[treated], MONTHS)
    return 1e6 * (excluded - cumulative_incidence(month[~treated], event[~treated], MONTHS, weights))


def _estimate(sample: Sample) -> np.ndarray:
    return jackknife(lambda of: difference(sample, of), sample.more["group"])


def _differences(lives: Lives) -> list[Difference]:
    _, treated, chosen = first_exclusion(lives)
    followed = lives.paths.leaves + MONTHS <= LAST_MONTH
    if not (treated & chosen & followed).any():
        return []
    these = some(lives, treated & chosen & followed)
    with_it, without = (1e6 * (events(each)[1] == CLAIM) for each in (these, Lives(spared(these.people))))
    return [Difference([NAME], np.ones((len(with_it), 1)), with_it - without)]


STUDY = Study(
    {
        NAME: Effect(
            "permanent exclusion: attachment to work",
            "How many more of the permanently excluded claim a benefit before they settle in work, within five years?",
            "pupils without a statement or plan who were permanently excluded in the first year from 7 to 10 in "
            "which they "
            "were excluded at all, with the same pupils had every exclusion been for a fixed period",
            lambda: EXCLUSION["attachment to work"], SHARE,
            "cumulative incidence of a first out-of-work claim within 60 months of the August of year 11, with twelve "
            "months in work in a row as a competing event and the end of the records as censoring, less that of pupils "
            "first excluded in the same year group for a fixed period",
            "share with any claim on record, of everybody permanently excluded in years 7 to 10, less that of all "
            "others, however long they could be followed and whatever came before",
            tables=("exclusions", "school_census", "leo_benefit", "leo_employment"),
        ),
    },
    _sample,
    _differences,
    estimate=_estimate,
    people=80_000,
    among=excluded_once,
)  # fmt: skip
