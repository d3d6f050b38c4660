"""Places that shape lives: small areas, authorities, and what is true of them, the same in every extract.

Nothing here depends on a person or on the seed of an extract. None of these areas exists: their deprivation,
their labour market and the dates at which universal credit came are simulated, and say nothing about a real place.
``data/reference/areas.csv`` and ``authorities.csv`` are written from them (:mod:`leocourse.fidelity.areas`).

Areas are numbered from 0: 200 for each of the 150 authorities of England, then 20 for each authority of Wales,
Scotland and Northern Ireland. All rates and dates are design choices unless a comment says where they are from.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Labels
from leocourse.extract.base.dates import month_of
from leocourse.extract.base.random import Stream, normal_table

A_ENGLISH, ELSEWHERE = 200, 20
"""Areas of an authority in England, and of one in another nation."""
ENGLAND = codes.AUTHORITIES * A_ENGLISH
"""Areas of England: those below this number."""
NATIONS = {"Wales": ("W", 22), "Scotland": ("S", 32), "Northern Ireland": ("N", 11)}
"""The other nations: first letter of their codes, and authorities (as many as there are; not verified)."""
COUNTRIES = ["England", *NATIONS]
COUNTRY_CODES = ["E92000001", "W92000004", "S92000003", "N92000002"]
_OTHERS = [number for _, number in NATIONS.values()]
COUNTRY_OF = np.repeat(np.arange(len(COUNTRIES)), [codes.AUTHORITIES, *_OTHERS])
"""Index into :data:`COUNTRIES` of each authority."""
AUTHORITIES = len(COUNTRY_OF)
AREAS = ENGLAND + ELSEWHERE * sum(_OTHERS)
REGION_OF = np.concatenate([
    np.searchsorted(
        np.cumsum(list(codes.REGIONS.values())),
        np.arange(codes.AUTHORITIES) * sum(codes.REGIONS.values()) // codes.AUTHORITIES,
        side="right",
    ),
    np.full(sum(_OTHERS), -1),
])  # fmt: skip
"""Region of each authority, index into :data:`codes.REGIONS`; -1 outside England."""

RURAL = [150, 110, 170, 250, 140, 280, 2, 200, 310]
"""Rural areas per thousand in each region, in the order of :data:`codes.REGIONS`."""
SHARED = 450
"""How much of the deprivation of an area is that of its authority, in thousandths of a standard deviation."""
MOST, SPREAD, SCORE = 92, 11, 20
"""Deprivation of areas in hundredths of children: at most, a standard deviation, and in the middle."""
JOBLESS, JOBLESS_SPREAD, JOBLESS_DEPRIVED = 52, 15, 500
"""Unemployment of authorities in tenths of a per cent: the mean, a standard deviation, and how far it follows
deprivation (thousandths)."""

PATHFINDERS = 60_000
"""Authorities in which universal credit began early, in millionths."""
LIVE_SERVICE = {"pathfinder": (month_of(2013, 4), 7), "other": (month_of(2015, 2), 14)}
FULL_SERVICE = {"pathfinder": (month_of(2015, 5), 19), "other": (month_of(2016, 5), 32)}
"""First month, and months over which authorities follow, of new claims for universal credit of single jobseekers
(live service), and of everybody (full service). From general knowledge of the roll-out, April 2013 to December
2018; not verified. Which authority came when is drawn, as nobody may know a real one by its date."""
ALLOWANCE_WAVES, ALLOWANCE_YEARS = [45, 30, 75], [2000, 2004, 2005]
"""Authorities in each wave of the allowance for staying in education after 16, and its first academic year.

The first wave comes before the first people of the extract leave school, the last is the national start in September
2004. Which authority came when is drawn, as nobody may know a real one by its date, and the second wave is invented,
so that there is something to compare; deprived authorities come earlier.
"""
STAYING_OF_WAVES = [-140, -70, 112]
"""What the authorities of each wave add to staying on, per thousand: the pilots went where few stayed."""
NORTHERN_IRELAND = (month_of(2017, 9), 16)


def authority_of(area: np.ndarray) -> np.ndarray:
    """Authority of each small area."""
    return np.where(area < ENGLAND, area // A_ENGLISH, codes.AUTHORITIES + (area - ENGLAND) // ELSEWHERE)


def first_area(authority: np.ndarray) -> np.ndarray:
    """The first small area of each authority."""
    there = ENGLAND + ELSEWHERE * (authority - codes.AUTHORITIES)
    return np.where(authority < codes.AUTHORITIES, A_ENGLISH * authority, there)


def size_of(authority: np.ndarray) -> np.ndarray:
    """Small areas of each authority."""
    return np.where(authority < codes.AUTHORITIES, A_ENGLISH, ELSEWHERE)


@cache
def area_codes(prefix: str) -> Labels:
    """Codes of all small areas, outside the range of real ones: ``prefix`` is ``E00`` or ``E01``."""
    english = [f"{prefix}9{number:05d}" for number in range(ENGLAND)]
    letters = np.repeat([letter for letter, _ in NATIONS.values()], [ELSEWHERE * each for each in _OTHERS])
    return Labels(english + [f"{letter}{prefix[1:]}9{number:05d}" for number, letter in enumerate(letters, ENGLAND)])


@cache
def _deprivation() -> tuple[np.ndarray, np.ndarray]:
    """Deprivation of authorities and of small areas of England, both standard normal in thousandths."""
    shared = Stream(0, "areas/authority").normal(np.arange(codes.AUTHORITIES))
    own = Stream(0, "areas/deprivation").normal(np.arange(ENGLAND))
    return shared, (SHARED * np.repeat(shared, A_ENGLISH) + 893 * own) // 1000  # 0.450 and 0.893: one in all


@cache
def deprivation_rank() -> np.ndarray:
    """Rank of each small area of England: 0 the most deprived."""
    rank = np.empty(ENGLAND, dtype=np.int64)
    rank[np.lexsort((np.arange(ENGLAND), -_deprivation()[1]))] = np.arange(ENGLAND)
    return rank


@cache
def deprivation_score() -> np.ndarray:
    """Children in low income in each small area of England, in hundredths (1 to 92)."""
    deprived = normal_table()[4096 - deprivation_rank() * 4096 // ENGLAND]
    return np.clip(SCORE + deprived * SPREAD // 1000, 1, MOST)


@cache
def by_deprivation() -> tuple[list[np.ndarray], np.ndarray]:
    """From the most deprived: the authorities of each region, and the small areas of each authority of England."""
    shared, _ = _deprivation()
    regions = [np.flatnonzero(region == REGION_OF) for region in range(len(codes.REGIONS))]
    ranks = deprivation_rank().reshape(-1, A_ENGLISH)
    return [each[np.lexsort((each, -shared[each]))] for each in regions], np.argsort(ranks, axis=1, kind="stable")


@cache
def most_deprived_authorities() -> np.ndarray:
    """The authorities of England from the most to the least deprived."""
    shared, _ = _deprivation()
    return np.lexsort((np.arange(codes.AUTHORITIES), -shared))


@cache
def rural() -> np.ndarray:
    """Which small areas of England are rural."""
    number = np.arange(ENGLAND)
    return Stream(0, "reference/rural").below(1000, number) < np.array(RURAL)[REGION_OF[number // A_ENGLISH]]


@cache
def joblessness() -> np.ndarray:
    """Unemployment of the authorities of England beside others', standard normal in thousandths."""
    shared, _ = _deprivation()
    own = Stream(0, "areas/joblessness").normal(np.arange(codes.AUTHORITIES))
    return (JOBLESS_DEPRIVED * shared + 866 * own) // 1000


def unemployment() -> np.ndarray:
    """The same in tenths of a per cent."""
    return np.clip(JOBLESS + JOBLESS_SPREAD * joblessness() // 1000, 10, 150)


@cache
def universal_credit() -> tuple[np.ndarray, np.ndarray]:
    """Month of the live service and of the full service of universal credit in each authority."""
    number = np.arange(AUTHORITIES)
    early = Stream(0, "areas/pathfinder").chance(PATHFINDERS, number) & (number < codes.AUTHORITIES)
    begins = []
    for which, table in enumerate((LIVE_SERVICE, FULL_SERVICE)):
        wave = Stream(0, "areas/universal credit")
        first, months = np.where(early, np.array(table["pathfinder"])[:, None], np.array(table["other"])[:, None])
        begins.append(first + wave.below(months, number, which))
    irish = NORTHERN_IRELAND[0] + Stream(0, "areas/universal credit").below(NORTHERN_IRELAND[1], number, 2)
    here = COUNTRIES.index("Northern Ireland") == COUNTRY_OF
    live, full = (np.where(here, irish, each) for each in begins)
    return live, full


@cache
def _wave() -> np.ndarray:
    """Wave in which the allowance for staying in education after 16 came to each authority of England: 0, 1 or 2."""
    shared, _ = _deprivation()
    number = np.arange(codes.AUTHORITIES)
    wanted = 600 * shared + 800 * Stream(0, "areas/allowance").normal(number)
    place = np.empty(codes.AUTHORITIES, dtype=np.int64)
    place[np.lexsort((number, -wanted))] = number
    return np.searchsorted(np.cumsum(ALLOWANCE_WAVES[:-1]), place, side="right")


def allowance_since() -> np.ndarray:
    """The first academic year (the year it ends) in which each authority of England pays the allowance."""
    return np.array(ALLOWANCE_YEARS)[_wave()]


def staying_of_place() -> np.ndarray:
    """What the authority adds to the share that stays in education below level 3, per thousand, in every year."""
    return np.array(STAYING_OF_WAVES)[_wave()]


def quantile(normal: np.ndarray, parts: int | np.ndarray) -> np.ndarray:
    """Which of so many equal parts a standard normal (thousandths) lies in: 0 the lowest."""
    slot = np.searchsorted(normal_table(), normal, side="right")
    return np.minimum(slot * parts // 4097, parts - 1)
