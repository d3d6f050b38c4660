"""Universities: where they are, how large they are, which subjects they teach and what they ask for.

The 140 providers are the same in every extract, in order of selectivity, and stand for no real one: sizes,
places and subjects are drawn once, whatever the seed. All weights and shares are design choices.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import areas, subjects

COUNT = codes.UNIVERSITIES
REQUIRED = 16 - np.arange(COUNT) * 12 // COUNT
"""Points that each provider asks for: 16 at the most selective, 5 at the least."""
MEDICINE = subjects.SUBJECTS.index("medicine")
MEDICINE_ASKS = 15
"""Points asked for medicine everywhere: AAA."""
COUNTRIES = ["England", "Scotland", "Wales", "Northern Ireland"]
ELSEWHERE = {11: 1, 29: 1, 55: 1, 78: 1, 23: 2, 48: 2, 66: 2, 88: 2, 103: 2, 121: 2, 37: 3, 97: 3}
"""Providers outside England: the number and the country. The rest are in England."""
SIZES, SIZE_WEIGHTS = np.array([2, 4, 6, 9, 13, 18, 24]), [16, 24, 22, 16, 12, 7, 3]
"""How many entrants a provider takes, relative to others, and how common each size is."""
SIZE_ELSEWHERE = [0, 3, 5, 1]
"""The same for people from England at a provider in another country: few study there."""
REGION_WEIGHTS = [45, 130, 110, 80, 100, 70, 240, 150, 75]
"""Providers in each region of England, per thousand: more of them in London than people grow up there."""
TAUGHT = {
    "nursing": 500, "allied health": 550, "agriculture": 110, "chemistry": 380, "physics": 320, "mathematics": 520,
    "engineering": 650, "architecture": 350, "economics": 560, "languages": 420, "philosophy": 400, "politics": 650,
    "geography": 620, "history": 720, "English": 760, "combined": 500, "performing arts": 700,
}  # fmt: skip
"""Providers that teach a subject, per thousand; 870 for subjects that are not named, medicine apart."""
MEDICAL_SCHOOLS, MEDICAL_SCHOOLS_WITHIN = 30, 90
"""How many teach medicine, and among how many of the most selective."""
WINDOW = 25
"""People choose, by size, among so many providers next to each other in selectivity."""


def _stream(name: str) -> Stream:
    """A stream that is the same in all extracts."""
    return Stream(0, "universities/" + name)


@cache
def country() -> np.ndarray:
    """Index into :data:`COUNTRIES` of each provider."""
    found = np.zeros(COUNT, dtype=np.int64)
    found[list(ELSEWHERE)] = list(ELSEWHERE.values())
    return found


@cache
def region() -> np.ndarray:
    """Index into ``codes.REGIONS`` of each provider in England; -1 elsewhere."""
    return np.where(country() == 0, _stream("region").pick(REGION_WEIGHTS, np.arange(COUNT)), -1)


@cache
def authority() -> np.ndarray:
    """Authority (:mod:`leocourse.extract.lives.areas`) in which each provider lies: one of its region or country."""
    found, draw = np.zeros(COUNT, dtype=np.int64), _stream("authority").below(2**32, np.arange(COUNT))
    for number, (place, nation) in enumerate(zip(region(), country(), strict=True)):
        there = (
            place == areas.REGION_OF if nation == 0 else areas.COUNTRIES.index(COUNTRIES[nation]) == areas.COUNTRY_OF
        )
        choice = np.flatnonzero(there)
        found[number] = choice[draw[number] * len(choice) >> 32]
    return found


@cache
def place_names() -> tuple[np.ndarray, list[str]]:
    """Region in England, or country, of each provider: indices and names."""
    return np.where(country() == 0, region(), len(codes.REGIONS) + country() - 1), [*codes.REGIONS, *COUNTRIES[1:]]


@cache
def sizes() -> np.ndarray:
    """Relative size of each provider among people from England."""
    usual = SIZES[_stream("size").pick(SIZE_WEIGHTS, np.arange(COUNT))]
    return np.where(country() == 0, usual, np.array(SIZE_ELSEWHERE)[country()])


@cache
def teaches() -> np.ndarray:
    """Whether each provider teaches each subject, shape (subjects, providers)."""
    number, stream = np.arange(COUNT), _stream("teaches")
    shares = [TAUGHT.get(name, 870) * 1000 for name in subjects.SUBJECTS]
    taught = np.stack([stream.chance(share, number, place) for place, share in enumerate(shares)])
    order = np.argsort(_stream("medicine").below(10**6, number[:MEDICAL_SCHOOLS_WITHIN]), kind="stable")
    taught[MEDICINE] = False
    taught[MEDICINE, order[:MEDICAL_SCHOOLS]] = True
    return taught


@cache
def nearest() -> np.ndarray:
    """For each subject and provider the next provider, up or down in selectivity, that teaches the subject."""
    number = np.arange(COUNT)
    found = []
    for taught in teaches():
        there = np.flatnonzero(taught)
        found.append(there[np.abs(number[:, None] - there).argmin(axis=1)])
    return np.array(found)


@cache
def following() -> np.ndarray:
    """For each subject and provider the next less selective one that teaches it; the first after the last."""
    found = np.zeros((len(subjects.SUBJECTS), COUNT), dtype=np.int64)
    for place, taught in enumerate(teaches()):
        there = np.flatnonzero(taught)
        found[place] = there[np.searchsorted(there, np.arange(COUNT), side="right") % len(there)]
    return found


def asked(subject: np.ndarray, provider: np.ndarray) -> np.ndarray:
    """Points that a course asks for."""
    return np.where(subject == MEDICINE, MEDICINE_ASKS, REQUIRED[provider])


def position(points: np.ndarray) -> np.ndarray:
    """The place, in order of selectivity, of providers that ask for so many points."""
    return (17 - np.maximum(points, 4)) * COUNT // 12


def choose(
    stream: Stream, person: np.ndarray, k: int | np.ndarray, around: np.ndarray, subject: np.ndarray
) -> np.ndarray:
    """A provider near a place in the order, larger ones more often, that teaches the subject."""
    low = np.clip(around - WINDOW // 2, 0, COUNT - WINDOW)
    ends = np.concatenate([[0], np.cumsum(sizes())])
    draw = ends[low] + stream.below(ends[low + WINDOW] - ends[low], person, k)
    return nearest()[subject, np.searchsorted(ends, draw, side="right") - 1]
