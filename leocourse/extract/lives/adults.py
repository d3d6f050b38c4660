"""Adults without a school record: born before September 1985, and in the data because they came back to learn.

The data hold education records, so nobody of these years of birth is in them who never learned as an adult. Their
numbers are apart from those of the school cohorts (:mod:`leocourse.extract.base.numbers`), whose lives they leave as
they are. Everything else is as for everybody: courses, work, pay, benefits, homes. All rates are design choices.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import NEVER, month_of
from leocourse.extract.lives import adult_learning, applications, apprenticeships, degrees
from leocourse.extract.lives.a_levels import MOST, LevelThree
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People, population
from leocourse.extract.lives.results import ERROR, WEIGHT

FIRST_COHORT, LAST_COHORT = 1957, 1984
"""Academic years of birth. Nobody born earlier, so that nobody reaches state pension age in the data."""
YOUNGER = 3
"""How much likelier the last of these years of birth is than the first: younger adults learn more."""
WOMEN = 560_000
"""Share of women, in millionths."""
LOWER = -350
"""How far below others those stand who come back, in thousandths of attainment."""


def adults(seed: int, person: np.ndarray) -> People:
    """Draw the adults with these numbers."""
    drawn = population(seed, person)
    stream = drawn.stream("adults/birth")
    years = LAST_COHORT - FIRST_COHORT + 1
    weights = [1_000 + 1_000 * (YOUNGER - 1) * each // (years - 1) for each in range(years)]
    male = ~drawn.stream("adults/sex").chance(WOMEN, person)
    nobody = np.zeros(len(person), dtype=bool)
    people = replace(
        drawn, cohort=FIRST_COHORT + stream.pick(weights, person), male=male, attainment=drawn.attainment + LOWER,
        independent=nobody, arrival=np.zeros(len(person), dtype=np.int64),
    )  # fmt: skip
    noise = people.stream("schools/ks4").normal(person)
    people.drawn["result",] = (WEIGHT * people.attainment + ERROR * noise) // 1000  # schools of the time are not drawn
    return people


def pathways(people: People) -> Pathways:
    """What adults do after school, as far as it is in the data: courses in further education."""
    size = len(people)
    none, no = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    never, never_taught = np.full(size, NEVER), np.full((size, MOST), -1)
    career = degrees.careers(people, year=never, subject=none, provider=none - 1, points=none, gap_year=no)
    return Pathways(
        leaves=month_of(people.cohort + 17, 8),
        sixth_form_years=none, college_years=none, changed=no, college_level=none + 1,
        apprenticeships=apprenticeships.none(size), university_year=never, further_years=none, year_14=no,
        private_sixth_form=no, a_levels=no, college_passed=np.zeros((size, 2), dtype=bool),
        gap_year=no,
        level_three=LevelThree(never_taught, none, none, never_taught, np.zeros_like(never_taught), none, none),
        points=none, difficulty=no, applications=applications.apply(people, no, none, none), provider=none - 1,
        courses=adult_learning.courses(people, adult_learning.Reached(never, none, none, no)),
        **(career | {"part_time_year": never}),
    )  # fmt: skip
