"""What place does to pay: the region and the small area in which people live, and catching up by some who were poor.

All of it is planted, and none of it says anything of a real place. Amounts are design choices, small enough, or even
enough over the groups of the published figures, that these stay where they are.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.lives import areas
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.places import Places
from leocourse.extract.lives.population import People

REGIONS = list(codes.REGIONS)
NORTH = ("North East", "North West", "Yorkshire and The Humber")
PLACE_PAY = {
    "living in London": 75,
    "living in the north": -25,
    "a first degree, living in a left-behind area": -60,
    "a completed apprenticeship, living in a left-behind area": 25,
}
"""Steps of 0.1% of the yearly rate of pay, by the home of the tax year. The north is the three northern regions."""
CATCHING_UP = {"free school meals and English as an additional language, each year": 14}
"""Steps for each year from the fifth to the thirteenth after year 11: less than nothing before the ninth, more after
it, so that the mean over these years stays. Nobody else who was eligible catches up."""
FIRST_YEAR, YEARS = 5, 8
LEFT_BEHIND = areas.ENGLAND // 5
"""The most deprived fifth of the small areas of England: deciles 1 and 2 of ``data/reference/areas.csv``."""
IN_LONDON = np.array([name == "London" for name in [*REGIONS, ""]])
IN_THE_NORTH = np.array([name in NORTH for name in [*REGIONS, ""]])
"""By index of a region; the last, -1, is outside England."""


def left_behind(area: np.ndarray) -> np.ndarray:
    """Which of these small areas are left behind."""
    return areas.deprivation_rank()[np.minimum(area, areas.ENGLAND - 1)] < np.where(
        area < areas.ENGLAND, LEFT_BEHIND, 0
    )


def pay_steps(people: People, paths: Pathways, homes: Places) -> np.ndarray:
    """Steps of pay by place and by catching up, shape (people, tax years)."""
    region, behind = homes.region, left_behind(homes.area)
    steps = PLACE_PAY["living in London"] * IN_LONDON[region] + PLACE_PAY["living in the north"] * IN_THE_NORTH[region]
    years = np.array(TAX_YEARS)
    left = (paths.university_year + paths.university_years - 1)[:, None]
    degree = paths.graduated[:, None] & (years > left)
    steps = steps + np.where(degree & behind, PLACE_PAY["a first degree, living in a left-behind area"], 0)
    trained = np.stack([paths.apprenticeships.level_by(month_of(year - 1, 10)) > 0 for year in TAX_YEARS], axis=1)
    gains = PLACE_PAY["a completed apprenticeship, living in a left-behind area"]
    return steps + np.where(trained & behind, gains, 0) + catching_up(people)


def catching_up(people: People) -> np.ndarray:
    """Steps of pay of those who catch up, shape (people, tax years)."""
    (each,) = CATCHING_UP.values()
    since = np.array(TAX_YEARS) - 18 - people.cohort[:, None]
    who = catches_up(people)[:, None]
    return np.where(who, each * (np.clip(since - FIRST_YEAR, 0, YEARS) - YEARS // 2), 0)


def catches_up(people: People) -> np.ndarray:
    """Eligible for free school meals in year 11, with another first language than English."""
    return people.fsm_in_year_11 & people.english_additional
