"""The geography table: one address a person and tax year, from the homes of :mod:`leocourse.extract.lives.places`.

Area codes lie outside the range of real ones. Regions and countries carry their real codes and names. Region and
its name are missing outside England, and so is every area of people abroad or nobody knows where: the request form
does not say what stands there (a design choice, not verified).
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import TAX_YEARS as ALL_TAX_YEARS
from leocourse.extract.base.dates import day, tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import areas
from leocourse.extract.lives.areas import area_codes
from leocourse.extract.lives.places import departure
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Spells, Work

TAX_YEARS = range(2005, 2022)
FIRST_COLUMN = TAX_YEARS[0] - ALL_TAX_YEARS[0]
COUNTRY_NAMES = [*areas.COUNTRIES, "Abroad", "Unknown"]
ABROAD, UNKNOWN = COUNTRY_NAMES.index("Abroad"), COUNTRY_NAMES.index("Unknown")
DEPARTED = {"their last address": 500, "abroad": 400, "unknown": 100}
"""What the table says of people who left every record, per thousand, until their address goes. A design choice."""
SILENT = 6
"""Tax years in a row without pay, profit or benefit after which an address goes, if none of them ever comes again."""


def addresses(people: People, life: Work, claims: Spells) -> tuple[np.ndarray, np.ndarray]:
    """Who has an address in each tax year, and in which country: both of shape (people, tax years)."""
    years = np.array(TAX_YEARS)
    column = np.arange(len(years))
    adult = years - people.cohort[:, None] >= 17
    seen = (life.days > 0) | life.activity.self_employed.T
    seen |= _claiming(claims, len(people))
    seen = seen[:, FIRST_COLUMN:]
    sixteen = np.maximum(people.cohort + 17 - years[0], 0)[:, None]
    before = np.maximum.accumulate(np.where(seen, column, -1), axis=1)
    known = column - np.maximum(before, sixteen) < SILENT
    comes_again = np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    area = life.homes.area[:, FIRST_COLUMN:]
    said = people.stream("places/departure").pick(list(DEPARTED.values()), people.person)
    left = years >= departure(life.activity.gone)[:, None]
    country = areas.COUNTRY_OF[areas.authority_of(area)]
    country = np.where(left & (said > 0)[:, None], np.where(said == 1, ABROAD, UNKNOWN)[:, None], country)
    return adult & (known | comes_again), country


def _claiming(claims: Spells, people: int) -> np.ndarray:
    """Who is on a benefit at some time in each tax year, shape (people, tax years 2003 to 2021)."""
    starts = np.array([day(year - 1, 4, 6) for year in ALL_TAX_YEARS])
    steps = np.zeros((people, len(starts) + 1), dtype=np.int16)
    first = np.maximum(np.searchsorted(starts, claims.start, side="right") - 1, 0)
    np.add.at(steps, (claims.i, first), 1)
    np.add.at(steps, (claims.i, np.searchsorted(starts, claims.end, side="right")), -1)
    return np.cumsum(steps, axis=1)[:, :-1] > 0


def geography_rows(people: People, keys: Keys, life: Work, claims: Spells, copy: np.ndarray) -> Rows:
    """The geography table from age 16. ``copy``: EDUKEY number, shape (people, 2003 to 2021)."""
    there, country = addresses(people, life, claims)
    i, column = np.nonzero(there)
    person, year, country = people.person[i], column + TAX_YEARS[0], country[i, column]
    area = life.homes.area[i, column + FIRST_COLUMN]
    known = country < len(areas.COUNTRIES)
    authority = np.where(known, areas.authority_of(area), -1)
    region = np.where(known, areas.REGION_OF[authority], -1)
    seat_codes, seats = _constituencies()
    return {
        "person": person,
        "edukey": keys.edukey(person, copy[i, column + FIRST_COLUMN]),
        "taxyear": tax_year_label(year),
        "coa_2011": Coded(np.where(known, area, -1), area_codes("E00")),
        "laua_anon": Coded(authority, [f"LA{1000 + n}" for n in range(areas.AUTHORITIES)]),
        "pcon": Coded(authority, seat_codes),
        "pconnm": Coded(authority, seats),
        "gor": Coded(region, codes.REGION_CODES),
        "gornm": Coded(region, list(codes.REGIONS)),
        "ctry": Coded(np.where(known, country, -1), areas.COUNTRY_CODES),
        "ctrynm": Coded(country, COUNTRY_NAMES),
    }


def _constituencies() -> tuple[list[str], list[str]]:
    """Codes and names of the constituencies, one an authority. They lie outside the range of real ones."""
    prefix = ["E14", "W07", "S14", "N06"]
    seats = [f"{prefix[country]}9{n:05d}" for n, country in enumerate(areas.COUNTRY_OF.tolist())]
    return seats, [f"Synthetic seat {n + 1}" for n in range(areas.AUTHORITIES)]
