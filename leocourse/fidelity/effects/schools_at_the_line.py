"""A school threshold: offers are lowered where fewer of a school's pupils than a line go on to university.

The share of the school is published each year, to a tenth of a per cent, and a school crosses the line in both
directions. Nobody at the line is treated by discretion, so that the step is the whole effect.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import pathways, progression
from leocourse.extract.lives.applications import Worlds, tariff_group
from leocourse.extract.lives.population import People
from leocourse.extract.lives.progression import LOW_PROGRESSION
from leocourse.fidelity.estimators import two_stage
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

NAME = "school below the line of low progression"
AROUND, NEAR = 80, 40
"""Tenths of a per cent on each side of the line that the estimator uses, and over which the estimand is averaged."""


def _from_line(share: np.ndarray) -> np.ndarray:
    """How far a share is below the line, less half a tenth: above 0 for schools of low progression."""
    return LOW_PROGRESSION["line"] - share - 0.5


def _among(people: People) -> np.ndarray:
    """Who can be near the line in a cycle in which it counts."""
    late = people.cohort + 19 >= LOW_PROGRESSION["first cycle"]
    near = np.abs(_from_line(progression.share(people))) < AROUND
    return late & near & ~people.independent


def _applicants(higher: Higher) -> np.ndarray:
    """Whose firm choice is a conditional offer of a provider of medium tariff, and whose school has a share."""
    medium = (higher.firm_provider >= 0) & (tariff_group(np.maximum(higher.firm_provider, 0)) == 1)
    return medium & (higher.school_share >= 0) & (higher.cycle >= LOW_PROGRESSION["first cycle"])


def _sample(lives: Lives) -> Sample:
    higher = Higher(lives.people, lives.paths)
    score, pool = _from_line(higher.school_share), _applicants(higher)
    chosen = pool & (np.abs(score) < AROUND)
    below, accepted = score > 0, 1_000_000.0 * higher.accepted_firm
    short = [higher.points == each for each in range(1, 18)]  # results come after the offer, and do not follow it
    controls = columns(score, score * below, *short)
    every = higher.applied & (higher.school_share >= 0) & (higher.cycle >= LOW_PROGRESSION["first cycle"])
    naive = {NAME: (accepted[every], below[every])}
    return Sample(accepted[chosen], columns(below[chosen]), controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    higher = Higher(lives.people, lives.paths)
    here = _applicants(higher) & (np.abs(_from_line(higher.school_share)) < NEAR)
    below, above = (
        Higher(lives.people, pathways.pathways(lives.people, worlds=Worlds(low_progression=side))).accepted_firm
        for side in (True, False)
    )
    difference = 1_000_000.0 * (below * 1 - above)[here]
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


def _estimate(sample: Sample) -> np.ndarray:
    return two_stage(sample.outcome, sample.treatment, sample.treatment, sample.controls)


STUDY = Study(
    {
        NAME: Effect(
            "school of low progression: line",
            "How many more are accepted by their firm choice because few of their school go on to university?",
            "applicants from schools near the line whose firm choice is a provider of medium tariff: their school "
            "taken to be below it, and above it",
            lambda: LOW_PROGRESSION["line"], SHARE,
            "the step at the line in the share accepted by the firm choice, from straight lines of their own over "
            f"{AROUND // 10} points of the share on each side, with points at A level held equal; applicants whose "
            "firm choice is a conditional offer of a provider of medium tariff; in millionths",
            "share accepted by the firm choice of all applicants from schools below the line less that of all from "
            "schools above it, whatever their firm choice",
            "the cycle of 2012", ("ucas", "ks5_exam", "school_census"),
        ),
    },
    _sample, _differences, _estimate, 36_000, _among,
)  # fmt: skip
