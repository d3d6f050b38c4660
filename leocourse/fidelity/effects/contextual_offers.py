"""What lower offers do for applicants from areas of low participation or eligible for free school meals."""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import applications
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns


def _applicants(applied: applications.Applications) -> tuple[np.ndarray, np.ndarray]:
    """Applicants with an offer since the first cycle, and who of them chose a contextual one."""
    every = np.arange(len(applied.i))
    chose = (applied.firm >= 0) & applied.contextual[every, applied.firm]
    chose |= (applied.insurance >= 0) & applied.contextual[every, applied.insurance]
    return (applied.firm >= 0) & (applied.cycle >= applications.CONTEXTUAL["first cycle"]), chose


def _sample(lives: Lives) -> Sample:
    applied, points = lives.paths.applications, lives.paths.points[lives.paths.applications.i]
    every = np.arange(len(applied.i))
    chosen, chose = _applicants(applied)
    cell = (points == 0).astype(np.int64)
    for column in (applied.firm, applied.insurance):
        asked = applied.asked[every, column]
        gap = np.clip(points - asked, -6, 0) + 7  # up to three points short are taken by some
        gap = np.where(applied.offer[every, column] == 0, 8, gap)
        gap = np.where(applied.conditional_unconditional[every, column], 9, gap)
        cell = cell * 10 + np.where(column < 0, 0, gap)
    accepted = 1_000_000.0 * (applied.accepted >= 0)
    meant = (applications.polar(lives.people) == 1) | lives.people.fsm_in_year_11
    naive = {"contextual offer": (accepted[chosen], meant[applied.i][chosen])}
    return Sample(accepted[chosen], columns(chose[chosen]), columns(cell[chosen]), naive, matched=True)


def _differences(lives: Lives) -> list[Difference]:
    applied = lives.paths.applications
    chosen, chose = _applicants(applied)
    here = chosen & chose
    difference = 1_000_000.0 * ((applied.accepted >= 0) * 1 - applied.without_contextual)
    return [Difference(["contextual offer"], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        "contextual offer": Effect(
            "contextual offer: points off", "How many applicants enter because an offer they chose was lowered?",
            "applicants whose firm or insurance choice was lowered, with the same people had no offer been",
            lambda: applications.CONTEXTUAL["points off"], SHARE,
            "share accepted of those with a lowered offer less that of other applicants whose results lie as far from "
            "what their firm and insurance choices ask of everybody else; in millionths of applicants",
            "share accepted of applicants with an offer whom the policy is meant for less that of the others with an "
            "offer",
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
