"""What living in London or in the north adds to pay: from people who move, compared with themselves.

Who moves would earn more anywhere, for reasons that no record holds, and graduates move to London.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.lives import areas
from leocourse.extract.lives.pay import rates
from leocourse.extract.lives.place_pay import IN_LONDON, IN_THE_NORTH, PLACE_PAY, left_behind
from leocourse.extract.lives.places import REGIONS
from leocourse.fidelity.effects.enterprises import of_age
from leocourse.fidelity.estimators import within_people
from leocourse.fidelity.worlds import (
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    columns,
    level_completed,
    pay,
    settled,
    since,
    women_later,
)

YEARS = (2014, 2016, 2018, 2020)
PLACES = {"living in London": IN_LONDON, "living in the north": IN_THE_NORTH}
"""Regions of each, by index; a year is followed where the person lives in England."""


def after_study(lives: Lives, year: int) -> np.ndarray:
    """Who is out of education: settled without university, or a graduate from the third tax year after it on."""
    paths = lives.paths
    left = paths.university_year + paths.university_years - 1
    graduate = paths.graduated & (year > left + 2) & ~paths.studies(month_of(year - 1, 10))
    return settled(lives, year) | (graduate & (since(lives.people, year) >= 4))


def since_degree(lives: Lives, year: int) -> np.ndarray:
    """Years after a degree over which pay grows with it; 0 without one."""
    paths = lives.paths
    left = paths.university_year + paths.university_years - 1
    return np.where(paths.graduated, np.clip(year - left - 1, 0, 8), 0)


def _year(lives: Lives, year: int) -> tuple[np.ndarray, ...]:
    """Whose year counts, log pay, where people live, and what else makes pay grow."""
    people, paths = lives.people, lives.paths
    outcome, region = pay(lives.life, year), lives.life.homes.region[:, year - TAX_YEARS[0]]
    chosen = np.flatnonzero(~np.isnan(outcome) & (region >= 0) & after_study(lives, year) & of_age(people))
    places = columns(*(where[region] for where in PLACES.values()))
    level, women = level_completed(paths, year), ~people.male
    grown = [(since(people, year) == each) for each in range(5, 17)]
    then = [np.full(len(people), each == year) for each in YEARS[1:]]
    controls = columns(
        *grown, *then, women * women_later(people, year), since_degree(lives, year), level == 2, level == 3, level >= 4
    )
    return chosen, outcome[chosen], places[chosen], controls[chosen]


def _sample(lives: Lives) -> Sample:
    each = [_year(lives, year) for year in YEARS]
    person, outcome, treatment, controls = map(np.concatenate, zip(*each, strict=True))
    _, now, where, _ = each[-1]
    naive = {name: (now, where[:, number]) for number, name in enumerate(PLACES)}
    return Sample(outcome, treatment, controls, naive, more={"person": lives.people.person[person]})


def _estimate(sample: Sample) -> np.ndarray:
    return within_people(sample.outcome, sample.treatment, sample.controls, sample.more["person"])


def area_in(region: int, behind: bool) -> int:
    """Some small area of a region of England, left behind or not."""
    all_ = np.arange(areas.ENGLAND)
    return int(np.flatnonzero((areas.REGION_OF[areas.authority_of(all_)] == region) & (left_behind(all_) == behind))[0])


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    elsewhere = [area_in(REGIONS.index("East of England"), behind) for behind in (False, True)]
    real, region, behind = pay(life, PAY_YEAR), life.homes.region, left_behind(life.homes.area)
    chosen = ~np.isnan(real) & after_study(lives, PAY_YEAR) & of_age(people)
    found = []
    for name, where in PLACES.items():
        homes = replace(life.homes, area=np.where(where[region], np.where(behind, *elsewhere[::-1]), life.homes.area))
        moved = pay(replace(life, rate=rates(people, paths, life.jobs, life.furlough, homes)), PAY_YEAR)
        here = chosen & where[region[:, PAY_YEAR - TAX_YEARS[0]]]
        found.append(Difference([name], np.ones((int(here.sum()), 1)), (real - moved)[here]))
    return found


def _effect(name: str, question: str, naive: str) -> Effect:
    return Effect(
        f"pay: {name}", question,
        "people out of education who live there in 2019/20, with the same people in the same jobs had they lived in "
        "the midlands or the south outside London",
        lambda: PLACE_PAY[name], STEP,
        "log pay of 2013/14, 2015/16, 2017/18 and 2019/20 of people out of education and born up to August 1997, each "
        "compared with themselves, on living in London and in the north, with year, years after year 11 and after a "
        "degree, sex and apprenticeships completed",
        naive, "always", ("leo_geography", "leo_earnings", "hesa", "aims", "school_census"),
    )  # fmt: skip


STUDY = Study(
    {
        "living in London": _effect(
            "living in London", "What does living in London add to pay?",
            "mean log pay of those out of education who live in London less that of all others in England",
        ),
        "living in the north": _effect(
            "living in the north", "What does living in the north of England add to pay?",
            "mean log pay of those out of education who live in the north less that of all others in England",
        ),
    },
    _sample,
    _differences,
    _estimate,
)  # fmt: skip
