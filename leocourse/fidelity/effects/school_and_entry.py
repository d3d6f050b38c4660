"""Background and entry: what universities decide, apart from what results and applications bring.

Applicants from independent schools are made offers more often for the same application. Only those are compared for
whom no provider lowers an offer, so that contextual offers are out of it.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import pathways
from leocourse.extract.lives.applications import (
    CHOICES,
    CONTEXTUAL,
    CYCLES,
    HIGHER_TARIFF,
    INDEPENDENT,
    Applications,
    Worlds,
    tariff_group,
)
from leocourse.extract.lives.universities import MEDICINE
from leocourse.fidelity.estimators import two_stage
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

OFFERS, ENTRY = "independent school: offers", "independent school: entry"
POINTS = 19
"""Points at A level: none to 18."""
GAPS = range(-9, 8)
"""Points less what a course asks, the ends included."""


def _compared(lives: Lives) -> np.ndarray:
    """Of the applicants: those whose applications are recorded, and for whom no provider lowers an offer."""
    higher, of = Higher(lives.people, lives.paths), lives.paths.applications
    away = higher.area_score < CONTEXTUAL["line"] - CONTEXTUAL["discretion below it"]
    return (away & ~higher.entitled)[of.i] & (of.cycle >= CYCLES[0])


def _entered(of: Applications) -> np.ndarray:
    return (of.provider >= 0) & (of.provider < HIGHER_TARIFF)


def _sample(lives: Lives) -> Sample:
    of, chosen = lives.paths.applications, _compared(lives)
    points, school = lives.paths.points[of.i], lives.people.independent[of.i]
    entered = 1_000_000.0 * _entered(of)
    made, offers = of.choice[:, :CHOICES] >= 0, of.offer >= 0
    every = of.cycle >= CYCLES[0]
    raw = made & every[:, None]
    naive = {
        OFFERS: (1_000_000.0 * offers[raw], np.broadcast_to(school[:, None], made.shape)[raw]),
        ENTRY: (entered[every], school[every]),
    }
    more = {
        "asked": np.where(made, of.asked, -1)[chosen],
        "band": tariff_group(of.choice[:, :CHOICES])[chosen],
        "medicine": (of.subject[:, :CHOICES] == MEDICINE)[chosen],
        "offers": offers[chosen],
        "points": points[chosen],
    }
    medic = more["medicine"].any(axis=1)
    at = columns(*(points[chosen] == each for each in range(1, POINTS)), medic)
    return Sample(entered[chosen], columns(school[chosen]), at, naive, more=more)


def _estimate(sample: Sample) -> np.ndarray:
    school, more = sample.treatment, sample.more
    entry = two_stage(sample.outcome, school, school, sample.controls)
    row, column = np.nonzero(more["asked"] >= 0)
    points = np.maximum(more["points"], 4)[row]
    gap = np.clip(points - more["asked"][row, column], GAPS[0], GAPS[-1]) - GAPS[0]
    line = np.where(more["medicine"], 3, more["band"])[row, column]
    edge = np.select([points <= 5, points >= 16], [1, points - 14], 0)  # where predictions can go no further
    _, cell = np.unique((line * len(GAPS) + gap) * 5 + edge, return_inverse=True)
    kinds = np.eye(cell.max() + 1)[cell][:, 1:]
    offered = 1_000_000.0 * more["offers"][row, column]
    return np.concatenate([two_stage(offered, school[row], school[row], kinds, cluster=row), entry])


def _differences(lives: Lives) -> list[Difference]:
    of = lives.paths.applications
    treated = _compared(lives) & lives.people.independent[of.i]
    alike = pathways.pathways(lives.people, worlds=Worlds(by_school=False)).applications
    entered = _entered(of)[treated] * 1 - _entered(alike)[treated]
    choice = of.choice[treated, :CHOICES]
    made = choice >= 0
    offers = ((of.offer[treated] >= 0) * 1 - (alike.offer[treated] >= 0))[made]
    return [Difference([name], np.ones((len(each), 1)), 1_000_000.0 * each)
            for name, each in ((OFFERS, offers), (ENTRY, entered))]  # fmt: skip


TABLES = ("ucas", "ks5_exam", "school_census")
STUDY = Study(
    {
        OFFERS: Effect(
            "independent school: offers",
            "How much more often are applicants from independent schools made an offer, for the same application?",
            "applications of 18-year-olds from independent schools had they been "
            "answered as those of others are",
            lambda: INDEPENDENT["offers"], SHARE,
            "a linear model of an offer to each application on the kind of school, in cells of provider band, medicine "
            "and how far the points at A level are from what the course asks, with errors by applicant; applicants for "
            "whom no offer is lowered; in millionths of applications",
            "share of such applications from independent schools with an offer less that of all others",
            "always", TABLES,
        ),
        ENTRY: Effect(
            "independent school: offers of higher tariff, beside that",
            "How many more enter a university of higher tariff because universities decide so, and not by results?",
            "applicants aged 18 from independent schools, with the same people had the same applications been answered "
            "as those of others are",
            lambda: INDEPENDENT["offers of higher tariff, beside that"], SHARE,
            "a linear model of acceptance by a provider of higher tariff on the kind of school, with each number of "
            "points at A level and an application for medicine held equal; applicants for whom no offer is lowered; in "
            "millionths of applicants",
            "share accepted by a provider of higher tariff of applicants from independent schools less that of all "
            "others",
            "always", TABLES,
        ),
    },
    _sample, _differences, _estimate,
)  # fmt: skip
