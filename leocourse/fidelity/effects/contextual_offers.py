"""How many enter because an offer was lowered: those whose offers were, with others as far from what is asked.

Every input is recorded: who is entitled (free school meals, POLAR4 and kind of school), which choices were conditional
offers of a provider that lowers them by then, the points that its courses ask of everybody, and points at A level.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import applications, progression
from leocourse.extract.lives.applications import CONTEXTUAL, Applications
from leocourse.extract.lives.universities import MEDICINE
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns


def _lowers(applied: Applications, column: np.ndarray) -> np.ndarray:
    """The choice in this column is a conditional offer that its provider lowers for those it is meant for."""
    every = np.arange(len(applied.i))
    since = applications.adoption()[applied.choice[every, column]]
    conditional = applied.offer[every, column] > 0
    usual = applied.subject[every, column] != MEDICINE
    return (column >= 0) & conditional & usual & (since <= applied.cycle)


def _applicants(lives: Lives) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the applicants: who is compared, who of them chose a lowered offer, and who is entitled to one.

    Others are those whom no provider lowers an offer for: their areas are far from the line.
    """
    applied, higher = lives.paths.applications, Higher(lives.people, lives.paths)
    entitled = higher.entitled[applied.i]
    away = higher.area_score[applied.i] < CONTEXTUAL["line"] - CONTEXTUAL["discretion below it"]
    chosen = (applied.firm >= 0) & (applied.cycle >= CONTEXTUAL["first cycle"]) & (entitled | away)
    chose = entitled & (_lowers(applied, applied.firm) | _lowers(applied, applied.insurance))
    return chosen, chosen & chose, entitled


def _sample(lives: Lives) -> Sample:
    applied, points = lives.paths.applications, lives.paths.points[lives.paths.applications.i]
    every = np.arange(len(applied.i))
    chosen, chose, entitled = _applicants(lives)
    cell = (points == 0).astype(np.int64)
    for column in (applied.firm, applied.insurance):
        lower = progression.LOW_PROGRESSION["points off"] * applied.for_school[every, column]  # by the published line
        asked = applied.asked[every, column] - lower
        gap = np.clip(points - asked, -8, 0) + 9  # up to three points short are taken by some
        gap = np.where(applied.offer[every, column] == 0, 10, gap)
        gap = np.where(applied.conditional_unconditional[every, column], 11, gap)
        cell = cell * 12 + np.where(column < 0, 0, gap)
    accepted = 1_000_000.0 * (applied.accepted >= 0)
    recent = (applied.firm >= 0) & (applied.cycle >= CONTEXTUAL["first cycle"])
    naive = {"contextual offer": (accepted[recent], entitled[recent])}
    return Sample(accepted[chosen], columns(chose[chosen]), columns(cell[chosen]), naive, matched=True)


def _differences(lives: Lives) -> list[Difference]:
    applied = lives.paths.applications
    _, here, _ = _applicants(lives)
    difference = 1_000_000.0 * ((applied.accepted >= 0) * 1 - applied.without_contextual)
    return [Difference(["contextual offer"], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        "contextual offer": Effect(
            "contextual offer: points off", "How many applicants enter because an offer they chose was lowered?",
            "applicants from state schools, of POLAR4 quintile 1 or eligible for free school meals, whose firm or "
            "insurance choice was lowered, with the same people had no offer been",
            lambda: CONTEXTUAL["points off"], SHARE,
            "share accepted of those with a lowered offer less that of applicants from areas far from the line whose "
            "points lie as far from what their firm and insurance choices ask of everybody; in millionths",
            "share accepted of applicants with an offer who are of POLAR4 quintile 1 or eligible for free school meals "
            "less that of the others with an offer",
            "the cycle of 2010, in each provider from its own first cycle on", ("ucas", "ks5_exam", "school_census"),
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
