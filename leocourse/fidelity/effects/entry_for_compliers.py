"""An instrument with imperfect compliance: the lowered offer moves some into a university of higher tariff.

Many would have entered without it and many do not enter with it. What the instrument finds is the effect on the pay of
those in between. Offers are lowered for some people, by some providers, from different cycles on: the instrument is
whether the provider of the firm choice lowers its offer for somebody like this in that cycle, and all three are held
equal one by one.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import pathways, universities
from leocourse.extract.lives.applications import CONTEXTUAL, HIGHER_TARIFF, Worlds
from leocourse.extract.lives.population import People
from leocourse.fidelity.estimators import two_stage
from leocourse.fidelity.seen_higher import Higher
from leocourse.fidelity.worlds import (
    EQUAL,
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    background,
    columns,
    pay,
)

NAME = "higher tariff, for compliers"
FIRST, LAST = 2008, 2015
"""Cycles: two before the first contextual offers, and the last after which most are out of study by 2019/20."""
REACH = CONTEXTUAL["points off"] + 3
"""Points short up to which a lowered offer may help: some universities take up to three points less than they ask."""


def _among(people: People) -> np.ndarray:
    return (people.cohort + 19 >= FIRST) & (people.cohort + 19 <= LAST) & ~people.independent


def _out(lives: Lives, higher: Higher) -> np.ndarray:
    """Out of study in the autumn of the tax year, and for two years as an undergraduate."""
    left = (lives.paths.university_years == 0) | (higher.last_year <= PAY_YEAR - 3)
    return left & ~lives.paths.studies(month_of(PAY_YEAR - 1, 10))


def _short(higher: Higher) -> np.ndarray:
    """Points by which people fall short of what their firm choice usually asks for."""
    return universities.REQUIRED[np.maximum(higher.firm_provider, 0)] - higher.points


def _applicants(lives: Lives, higher: Higher) -> np.ndarray:
    """With such a firm choice of higher tariff, and as far short of it as a lowered offer may help."""
    firm = (higher.firm_provider >= 0) & (higher.firm_provider < HIGHER_TARIFF)
    may_help = (_short(higher) > 0) & (_short(higher) <= REACH)
    return firm & may_help & _among(lives.people) & (higher.points > 0)


def _reads(lives: Lives) -> np.ndarray:
    higher = Higher(lives.people, lives.paths)
    return _applicants(lives, higher) & _out(lives, higher)


def _sample(lives: Lives) -> Sample:
    people, higher, outcome = lives.people, Higher(lives.people, lives.paths), pay(lives.life, PAY_YEAR)
    chosen = _applicants(lives, higher) & _out(lives, higher) & ~np.isnan(outcome)
    near = (higher.area_score >= CONTEXTUAL["line"]) & ~higher.entitled
    lowers = higher.firm_lowers
    instrument = columns(higher.entitled & lowers, near & lowers)
    asks = [universities.REQUIRED[np.maximum(higher.firm_provider, 0)] == each for each in range(13, 16)]
    short = [_short(higher) == each for each in range(2, REACH + 1)]
    women = ~people.male
    controls = np.column_stack([
        background(lives), columns(higher.entitled, near, people.fsm_in_year_11, higher.area_score, lowers, women,
                                   women * (people.cohort - 1_991), *asks, *short),
    ])  # fmt: skip
    entered = higher.accepted_higher
    pool = higher.applied & _among(people) & _out(lives, higher) & ~np.isnan(outcome)
    naive = {NAME: (outcome[pool], entered[pool])}
    return Sample(
        outcome[chosen], columns(entered[chosen]), controls[chosen], naive, more={"instrument": instrument[chosen]}
    )


def _differences(lives: Lives) -> list[Difference]:
    people, higher = lives.people, Higher(lives.people, lives.paths)
    other = pathways.pathways(people, worlds=Worlds(contextual=False))
    without = Higher(people, other)
    life = Lives(people, other)
    difference = pay(lives.life, PAY_YEAR) - pay(life.life, PAY_YEAR)
    moved = higher.accepted_higher & ~without.accepted_higher & _applicants(lives, higher)
    here = moved & _out(lives, higher) & _out(life, without) & ~np.isnan(difference)
    return [Difference([NAME], np.ones((int(here.sum()), 1)), difference[here])]


def _estimate(sample: Sample) -> np.ndarray:
    return two_stage(sample.outcome, sample.treatment, sample.more["instrument"], sample.controls)


STUDY = Study(
    {
        NAME: Effect(
            "contextual offer: first cycle",
            "What does entry to a university of higher tariff add to the pay of those whom a lowered offer brings in?",
            "applicants who enter one because their offer was lowered, with the same people had no offer been: some "
            "would have gone to another university, some to none",
            lambda: CONTEXTUAL["first cycle"], STEP,
            "two-stage least squares of log pay of 2019/20 on acceptance by a provider of higher tariff, with whether "
            "the firm choice lowers its offer for somebody like this in the cycle as the instrument, and with being "
            "entitled, the provider lowering offers, what it asks, how far points at A level are short of it, sex, "
            f"{EQUAL} held equal; applicants who fall short by no more than a lowered offer may help",
            "mean log pay of applicants who were accepted by a provider of higher tariff less that of other applicants",
            "the cycle of 2010", ("ucas", "ks5_exam", "ks4_pupil", "school_census", "hesa", "leo_earnings"),
        ),
    },
    _sample, _differences, _estimate, 36_000, _among, _reads,
)  # fmt: skip
