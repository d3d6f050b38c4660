"""The schools of an extract: where they are, of what kind and size, when they became academies, what they add.

A school has one number for life; records name it by pseudonyms of ``LAESTAB`` and ``URN``, of which a school that
converts gets a new URN and sometimes a new LAESTAB. What a school adds to results is drawn for the school alone, so
it is related to no pupil's background. Everything here depends on the seed and the number of the school.
Shares, sizes and years of conversion are design choices; that most secondary schools converted from 2010/11 on, and
that schools with low results were given to a sponsor where others chose to convert, is general knowledge (not
verified).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream

PRIMARY = codes.SECONDARIES
SPECIAL = PRIMARY + codes.PRIMARIES
UNIT = SPECIAL + 2 * codes.AUTHORITIES
ALTERNATIVE = UNIT + codes.AUTHORITIES
SCHOOLS = ALTERNATIVE + 2 * codes.AUTHORITIES
"""Numbers: secondary schools, then primary schools, two special schools, a referral unit and two alternative
providers an authority. The number modulo the authorities is the authority."""
PHASES = ["PS", "SS", "SP", "PR", "AT"]
ALL_THROUGH = 50_000
"""Share of secondary schools, in millionths, that have a primary part."""
FIRST_CONVERSION = 2003
CONVERSIONS = {  # per thousand schools, from the academic year that ends in 2003 on; the rest never convert
    "secondary": [1, 3, 5, 8, 10, 15, 20, 25, 110, 230, 100, 60, 45, 35, 30, 25, 20, 18, 16],
    "primary": [0, 0, 0, 0, 0, 0, 0, 0, 15, 50, 55, 50, 45, 40, 35, 30, 25, 18, 15],
    "special": [0, 0, 0, 0, 0, 0, 0, 0, 0, 60, 60, 50, 45, 40, 35, 30, 25, 20, 18],
}
FIRST_CONVERTERS = 2011
"""Academies before this year had a sponsor, and were new schools in name: all have a new LAESTAB."""
LATER_SPONSORED = 200
"""Of a thousand secondary schools that convert from that year on, how many have a sponsor."""
SPONSOR_LOOKS_AT = {"a quarter of disadvantage": 600, "what the school adds": -2_000, "chance": 600}
CONVERTER_LOOKS_AT = {"chance": 700}
"""What decides which secondary schools get a sponsor, in thousandths: a school is one of four of its authority in order
of the disadvantage of its pupils. Those that convert by themselves, earliest those furthest from it, have chance on
top. So who converts, and when, goes with results (design choices)."""
RENUMBERED = 200_000
"""Share of later conversions, in millionths, after which the school has a new LAESTAB too."""
LAESTAB, URN, AS_ACADEMY = 1_000_000, 500_000, 20_000
SCHOOL_EFFECTS = {"secondary school: key stage 4": 250, "primary school: key stage 2": 200}
"""Spread of what schools add to results, in thousandths of a standard deviation. Chance of the pupil's own is less
by as much, so that results spread as before (see :func:`leocourse.extract.lives.results.result`)."""
SMALLEST, LARGEST = 45, 160
"""Relative sizes of schools of one authority and phase."""


@dataclass(frozen=True)
class Schools:
    """The schools of an extract, one value a school in every array."""

    converted: np.ndarray
    """Academic year from which the school is an academy; 9999 if it never is."""
    renumbered: np.ndarray
    """Has a new LAESTAB since."""
    sponsored: np.ndarray
    """Becomes an academy with a sponsor, and does not convert by itself."""
    phase: np.ndarray
    """Index into :data:`PHASES`."""
    adds: np.ndarray
    """What the school adds to results, in thousandths of a standard deviation; 0 but in mainstream schools."""
    weight: np.ndarray
    """Relative size among the schools of its authority and phase."""

    def is_academy(self, school: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Whether schools are academies in academic years."""
        return year >= self.converted[school]

    def laestab(self, school: np.ndarray, year: np.ndarray) -> np.ndarray:
        """``LAESTAB`` of schools in academic years, int32."""
        new = self.is_academy(school, year) & self.renumbered[school]
        return (LAESTAB + school + AS_ACADEMY * new).astype(np.int32)

    def urn(self, school: np.ndarray, year: np.ndarray) -> np.ndarray:
        """``URN`` of schools in academic years, int32."""
        return (URN + school + AS_ACADEMY * self.is_academy(school, year)).astype(np.int32)


def kind(school: np.ndarray) -> np.ndarray:
    """0 secondary, 1 primary, 2 special, 3 referral unit, 4 alternative provision that is no school, int8."""
    return np.searchsorted([PRIMARY, SPECIAL, UNIT, ALTERNATIVE], school, side="right").astype(np.int8)


@lru_cache(maxsize=4)  # many seeds are lived in one run
def schools(seed: int) -> Schools:
    """The schools of the extract with this seed."""
    number = np.arange(SCHOOLS)
    of = kind(number)
    spread = np.array([*SCHOOL_EFFECTS.values(), 0, 0, 0])[of]
    adds = spread * Stream(seed, "establishments/adds").normal(number) // 1000
    converted, sponsored = np.full(SCHOOLS, 9_999), np.zeros(SCHOOLS, dtype=bool)
    converted[:PRIMARY], sponsored[:PRIMARY] = _secondary_academies(seed, adds[:PRIMARY])
    for name, kinds in (("primary", [1]), ("special", [2, 3])):
        weights = [*CONVERSIONS[name], 1_000 - sum(CONVERSIONS[name])]
        drawn = Stream(seed, "establishments/conversion").pick(weights, number)
        year = np.where(drawn < len(weights) - 1, FIRST_CONVERSION + drawn, 9_999)
        converted = np.where(np.isin(of, kinds), year, converted)
    again = Stream(seed, "establishments/renumbered").chance(RENUMBERED, number)
    through = (of == 0) & Stream(seed, "establishments/all-through").chance(ALL_THROUGH, number)
    return Schools(
        converted=converted,
        renumbered=(converted < FIRST_CONVERTERS) | again,
        sponsored=sponsored,
        phase=np.where(through, 4, np.array([1, 0, 2, 3, 3])[of]),
        adds=adds,
        weight=SMALLEST + Stream(seed, "establishments/size").below(LARGEST - SMALLEST + 1, number),
    )


def _secondary_academies(seed: int, adds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Academic year from which each secondary school is an academy (9999 if never), and whether it has a sponsor."""
    number, quarter = np.arange(PRIMARY), np.arange(PRIMARY) // codes.AUTHORITIES
    stream, table = Stream(seed, "establishments/academy"), SPONSOR_LOOKS_AT
    low = table["a quarter of disadvantage"] * (2 * quarter - 3) + table["what the school adds"] * adds // 1000
    low += table["chance"] * stream.normal(number) // 1000
    each = [weight * PRIMARY // 1_000 for weight in CONVERSIONS["secondary"]]
    years = np.repeat(FIRST_CONVERSION + np.arange(len(each)), each)
    early, later = years[years < FIRST_CONVERTERS], years[years >= FIRST_CONVERTERS]
    taken = np.diff(np.arange(len(later) + 1) * LATER_SPONSORED // 1_000) > 0
    given = np.concatenate([early, later[taken]])
    converted, sponsored = np.full(PRIMARY, 9_999), np.zeros(PRIMARY, dtype=bool)
    sponsored[np.argsort(-low, kind="stable")[: len(given)]] = True
    by_chance = np.argsort(stream.bits(number, 1), kind="stable")
    converted[by_chance[sponsored[by_chance]]] = given
    rest = np.flatnonzero(~sponsored)
    wish = -low[rest] + CONVERTER_LOOKS_AT["chance"] * stream.normal(number, 2)[rest] // 1000
    converted[rest[np.argsort(-wish, kind="stable")][: int((~taken).sum())]] = later[~taken]
    return converted, sponsored


@lru_cache(maxsize=64)  # many seeds are lived in one run
def _edges(seed: int, first: int, each: int) -> np.ndarray:
    """Where the places of each school of an authority end, per 10,000, shape (authorities, schools)."""
    number = first + np.arange(codes.AUTHORITIES)[:, None] + codes.AUTHORITIES * np.arange(each)
    weight = schools(seed).weight[number]
    return np.cumsum(weight, axis=1) * 10_000 // weight.sum(axis=1, keepdims=True)


def chosen(seed: int, first: int, each: int, authority: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """The school at which somebody of this rank (0 to 9,999) among the pupils of an authority is, int64.

    ``each`` schools an authority, numbered from ``first``, in order of the rank of their pupils.
    """
    place = (rank[:, None] >= _edges(seed, first, each)[authority]).sum(axis=1)
    return first + authority + codes.AUTHORITIES * np.minimum(place, each - 1)
