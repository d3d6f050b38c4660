"""A cut-off: offers are lowered where the score of the home area reaches a line, with some discretion on both sides.

The running variable is discrete: whole points of a score. Nobody below the line is sure of a usual offer, and nobody
above it of a lowered one, so the step at the line is the effect of being above it (intention to treat).
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import applications, pathways
from leocourse.extract.lives.applications import CONTEXTUAL, Worlds
from leocourse.extract.lives.population import People
from leocourse.fidelity.estimators import two_stage
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

NAME = "above the line of contextual offers"
AROUND, NEAR = 10, 5
"""Points of the score on each side of the line that the estimator uses, and over which the estimand is averaged."""


def _among(people: People) -> np.ndarray:
    """Who can be near the line in a cycle with contextual offers."""
    late = people.cohort + 19 >= CONTEXTUAL["first cycle"]
    return late & ~people.independent & (np.abs(_from_line(applications.area_score(people))) < AROUND)


def _from_line(score: np.ndarray) -> np.ndarray:
    """How far a score is from between the line and the point below it."""
    return score - CONTEXTUAL["line"] + 0.5


def _applicants(higher: Higher) -> np.ndarray:
    """Applicants from state schools, not entitled otherwise, whose firm choice lowers its offers by then."""
    return higher.firm_lowers & (higher.area_score > 0) & ~higher.entitled


def _sample(lives: Lives) -> Sample:
    higher = Higher(lives.people, lives.paths)
    score = _from_line(higher.area_score)
    pool = _applicants(higher)
    chosen = pool & (np.abs(score) < AROUND)
    above, accepted = score > 0, 1_000_000.0 * higher.accepted_higher
    short = [higher.points == each for each in range(1, 18)]  # results come after the offer, and do not follow it
    controls = columns(score, score * above, *short)
    far = higher.firm_provider >= 0
    far &= higher.area_score > 0
    naive = {NAME: (accepted[far], above[far])}
    return Sample(accepted[chosen], columns(above[chosen]), controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    higher = Higher(lives.people, lives.paths)
    here = _applicants(higher) & (np.abs(_from_line(higher.area_score)) < NEAR)
    above, below = (
        Higher(lives.people, pathways.pathways(lives.people, worlds=Worlds(above_line=side))).accepted_higher
        for side in (True, False)
    )
    difference = 1_000_000.0 * (above * 1 - below)[here]
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


def _estimate(sample: Sample) -> np.ndarray:
    return two_stage(sample.outcome, sample.treatment, sample.treatment, sample.controls)


STUDY = Study(
    {
        NAME: Effect(
            "contextual offer: line",
            "How many more enter a university of higher tariff because their home lies above the line?",
            "applicants near the line whose firm choice lowers offers: taken to live above it, and below it",
            lambda: CONTEXTUAL["line"], SHARE,
            "the step at the line in the share accepted by a provider of higher tariff, from straight lines of their "
            f"own over {AROUND} points of the score on each side, with points at A level held equal; applicants from "
            "state schools not entitled otherwise whose firm choice is a conditional offer of a provider that lowers "
            "them by then; in millionths",
            "share accepted by a provider of higher tariff of all applicants with such a firm choice above the line "
            "less that of all below it",
            "the cycle of 2010", ("ucas", "ks5_exam", "school_census"),
        ),
    },
    _sample, _differences, _estimate, 40_000, _among,
)  # fmt: skip
