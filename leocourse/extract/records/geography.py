"""Where people live in each tax year: one address a person and year, as the geography table has it.

Area codes lie outside the range of real ones. Regions and countries carry their real codes and names.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.population import People
from leocourse.extract.records.schools import area_codes

TAX_YEARS = range(2005, 2022)
AREAS = codes.AUTHORITIES * 200
REGION_OF = np.searchsorted(
    np.cumsum(list(codes.REGIONS.values())),
    np.arange(codes.AUTHORITIES) * sum(codes.REGIONS.values()) // codes.AUTHORITIES,
    side="right",
)


def area_by_year(people: People) -> np.ndarray:
    """Number of the small area of each person in each tax year, shape (people, tax years)."""
    moves, where = people.stream("geography/moves"), people.stream("geography/where")
    area, areas = people.area, np.zeros((len(people), len(TAX_YEARS)), dtype=np.int64)
    for column, year in enumerate(TAX_YEARS):
        age = year - people.cohort
        moving = (age > 17) & moves.chance(np.where(age < 28, 130_000, 60_000), people.person, year)
        far = moves.chance(300_000, people.person, 10_000 + year)
        anywhere = where.below(AREAS, people.person, year)
        nearby = area // 200 * 200 + where.below(200, people.person, year)
        area = np.where(moving, np.where(far, anywhere, nearby), area)
        areas[:, column] = area
    return areas


def geography_rows(people: People, keys: Keys, copy: np.ndarray) -> Rows:
    """The geography table from age 16. ``copy``: EDUKEY number, shape (people, 2003 to 2021)."""
    area = area_by_year(people)
    adult = np.array(TAX_YEARS) - people.cohort[:, None] >= 17
    i, column = np.nonzero(adult)
    person, year, area = people.person[i], column + TAX_YEARS[0], area[i, column]
    authority = area // 200
    region = REGION_OF[authority]
    one = np.zeros(len(i), dtype=np.int64)
    seats = [f"E149{n:05d}" for n in range(codes.AUTHORITIES)]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy[i, column + 2]),
        "taxyear": tax_year_label(year),
        "coa_2011": Coded(area, area_codes("E00")),
        "laua_anon": Coded(authority, [f"LA{1000 + n}" for n in range(codes.AUTHORITIES)]),
        "pcon": Coded(authority, seats),
        "pconnm": Coded(authority, [f"Synthetic seat {n + 1}" for n in range(codes.AUTHORITIES)]),
        "gor": Coded(region, codes.REGION_CODES),
        "gornm": Coded(region, list(codes.REGIONS)),
        "ctry": Coded(one, ["E92000001"]),
        "ctrynm": Coded(one, ["England"]),
    }
