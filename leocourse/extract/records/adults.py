"""What adults without a school record held before they came back to learn, and what they reached since."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Rows
from leocourse.extract.base.dates import NEVER
from leocourse.extract.lives.population import People
from leocourse.extract.lives.results import result

LEFT_SCHOOL_WITH = {1: -1_200, 2: 300, 3: 1_000}
"""The result at 16, with chance, from which an adult left education with a level: a design choice."""


def level_years(people: People, aims: Rows) -> dict[int, np.ndarray]:
    """Academic year in which each adult reached levels 1 to 3: 0 before the records begin, NEVER if not by then.

    ``aims`` are those without faults: full qualifications that were achieved count.
    """
    at_16 = result(people) + 400 * people.stream("adults/level").normal(people.person) // 1000
    i, year = np.searchsorted(people.person, aims["person"]), aims["year"] + 1
    gained, found = aims["achievement"] > 0, {}
    higher = np.full(len(people), NEVER)
    for level, full in ((3, aims["fulll3"] > 0), (2, aims["fulll2"] > 0), (1, aims["notional_level_v2"].values == 1)):
        reached = np.where(at_16 > LEFT_SCHOOL_WITH[level], 0, NEVER)
        np.minimum.at(reached, i[gained & full], year[gained & full])
        higher = found[level] = np.minimum(reached, higher)
    return found
