"""Who pays whom: the enterprises of each person in each tax year, with their shares of the year's pay.

A person has one main job at a time, which lasts longer the longer it has lasted, and now and then a
second one. Better-paid people find work in better-paying enterprises: that is the planted selection.
What the earnings table makes of it stands in :mod:`leocourse.extract.records.earnings`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.base.random import Stream
from leocourse.extract.lives.firms import COPIES, LETTERS, register
from leocourse.extract.lives.pathways import SUBJECTS, Pathways, month_of
from leocourse.extract.lives.population import People

SLOTS = 3
"""At most three enterprises a year: the job at its end, the one before, and one on the side."""

# How likely each group of workers is to work in a section, per thousand, in the order of LETTERS (A to S).
# Tuned to the shares of graduates five years on and of people aged 25 to 30 (LEO publications).
SECTION_WEIGHTS = {
    #                      A  B  C   D  E  F   G    H   I    J   K   L   M    N    O   P    Q    R   S
    "student or under 19": [6, 0, 25, 1, 2, 25, 365, 15, 270, 18, 12, 8, 25, 80, 8, 30, 55, 40, 25],
    "man, no degree":      [10, 3, 95, 6, 9, 105, 205, 70, 75, 40, 45, 14, 70, 110, 42, 30, 45, 18, 12],
    "woman, no degree":    [4, 1, 30, 4, 3, 15, 205, 22, 85, 20, 55, 20, 75, 85, 40, 75, 195, 18, 45],
    "man, degree":         [2, 4, 70, 8, 5, 35, 95, 28, 30, 145, 85, 14, 185, 70, 70, 95, 70, 25, 12],
    "woman, degree":       [2, 1, 32, 4, 2, 10, 95, 14, 28, 60, 50, 15, 135, 60, 72, 185, 195, 20, 20],
}  # fmt: skip
BY_SUBJECT = {"A": "Q", "B": "Q", "X": "P", "I": "J", "H": "C", "K": "F", "M": "M", "C": "Q"}
"""Sections in which half of the graduates of a subject (JACS) work: medicine in health, for one."""
SUBJECT_SECTION = np.array([LETTERS.index(BY_SUBJECT[each]) if each in BY_SUBJECT else -1 for each in SUBJECTS])

MOVES = [330_000, 240_000, 180_000, 140_000, 110_000, 90_000]
"""A year's chance to change employer by years in the job."""
YOUNG_MOVES = 130_000  # more in the first five years after year 11
SAME_SECTION = 420_000
SECOND_JOB = 75_000
SORTING = 400
"""How strongly a person's rank in pay decides the rank of the enterprise in its section, in thousandths."""


@dataclass(frozen=True)
class Employers:
    """Enterprises of a block. Arrays have the shape (people, tax years 2003 to 2021, slots)."""

    firm: np.ndarray
    """Number of the enterprise; -1 where the slot is empty."""
    share: np.ndarray
    """Thousandths of the year's pay that the enterprise paid; they add up to 1,000 over the slots."""
    even: np.ndarray
    """Where the two enterprises of a year paid exactly alike, shape (people, tax years)."""
    pay: np.ndarray
    """Steps that the enterprises add to the rate of pay, shape (people, tax years)."""

    section: np.ndarray
    """Index into the letters of the section of the job at the year's end, shape (people, tax years)."""


def employers(
    people: People, paths: Pathways, days: np.ndarray, skill: np.ndarray, work_region: np.ndarray
) -> Employers:
    """Draw the employers of every tax year. ``skill`` ranks people by pay (standard normal, thousandths).

    ``work_region``: where they look for work, shape (people, tax years), -1 for anywhere.
    """
    person, firms = people.person, register(people.seed)
    moves, choose = people.stream("employers/moves"), people.stream("employers/section")
    rank, fine = people.stream("employers/rank"), people.stream("employers/place")
    left = np.where(paths.university_years > 0, paths.university_year + paths.university_years - 1, people.cohort + 17)
    firm = np.full((len(people), len(TAX_YEARS), SLOTS), -1, dtype=np.int32)
    share = np.zeros(firm.shape, dtype=np.int16)
    pay, sections = np.zeros(firm.shape[:2], dtype=np.int64), np.zeros(firm.shape[:2], dtype=np.int64)
    place, section = np.zeros(len(people), dtype=np.int64), np.zeros(len(people), dtype=np.int64)
    tenure, kind = np.full(len(people), -1), np.full(len(people), -1)
    previous = np.full(len(people), -1)
    for column, year in enumerate(TAX_YEARS):
        works = days[:, column] > 0
        now = _kind(people, paths, year, left)
        chance = np.array(MOVES)[np.clip(tenure, 0, 5)] + np.where(year - people.cohort < 22, YOUNG_MOVES, 0)
        chance = np.where((kind >= 0) & (now != kind), 750_000, chance)  # study ends, or begins
        fresh = tenure < 0
        moving = works & (fresh | moves.chance(chance, person, year))
        stay = moves.chance(SAME_SECTION, person, 5_000 + year) & ~fresh & (now == kind)
        new = np.flatnonzero(moving & ~stay)
        section[new] = _section(people, paths, new, now[new], stream=choose, k=year)
        new = np.flatnonzero(moving)
        sought = (SORTING * skill[new] + 917 * rank.normal(person[new], year)) // 1000
        place[new] = firms.place(section[new], sought, fine.below(4096, person[new], year))
        nearest, near = firms.nearest[year], work_region[:, column]
        current = nearest[near, place]
        before = np.where(works & ~fresh & (previous != current), previous, -1)
        other = works & moves.chance(SECOND_JOB, person, 10_000 + year)
        new = np.flatnonzero(other)
        aside = _section(people, paths, new, np.zeros_like(new), stream=choose, k=10_000 + year)
        at = firms.place(aside, rank.normal(person[new], 10_000 + year), fine.below(4096, person[new], 10_000 + year))
        extra = np.full(len(people), -1)
        extra[new] = nearest[near[new], at]
        part = np.where(before >= 0, 1000 * (1 + moves.below(11, person, 15_000 + year)) // 12, 0)
        side = np.where(other, 40 + moves.below(260, person, 20_000 + year), 0)
        part = part * (1000 - side) // 1000
        for slot, (who, thousandths) in enumerate(
            [(np.where(works, current, -1), np.where(works, 1000 - part - side, 0)), (before, part), (extra, side)]
        ):
            firm[:, column, slot], share[:, column, slot] = who, thousandths
        pay[:, column] = (
            firms.pay[current] * (1000 - part) + np.where(before >= 0, firms.pay[before], 0) * part
        ) // 1000
        sections[:, column] = firms.section[0, current]
        tenure = np.where(works, np.where(moving, 0, tenure + 1), -1)
        previous = np.where(works, current, -1)
        kind = np.where(works, now, kind)
    two = (firm[:, :, 0] >= 0) & ((firm[:, :, 1] >= 0) ^ (firm[:, :, 2] >= 0))
    even = two & people.stream("employers/even").chance(12_000, person[:, None], np.arange(len(TAX_YEARS)))
    return Employers(firm, share, even, pay, sections)


def _kind(people: People, paths: Pathways, year: int, left: np.ndarray) -> np.ndarray:
    """Which row of SECTION_WEIGHTS a person belongs to in a tax year."""
    studying = paths.studies(month_of(year - 1, 11)) | (year - people.cohort <= 19)
    graduate = paths.graduated & (year > left)
    return np.where(studying, 0, 1 + ~people.male + 2 * graduate)


def _section(people: People, paths: Pathways, i: np.ndarray, kind: np.ndarray, *, stream: Stream, k: int) -> np.ndarray:
    """The section of a new job of these people."""
    cumulative = np.cumsum(np.array(list(SECTION_WEIGHTS.values())), axis=1)
    draw = stream.below(1_000_000, people.person[i], k) * cumulative[kind, -1] // 1_000_000
    section = (cumulative[kind] <= draw[:, None]).sum(axis=1)
    trained = SUBJECT_SECTION[np.clip(paths.subject[i], 0, len(SUBJECTS) - 1)]
    follows = (kind > 2) & (trained >= 0) & stream.chance(420_000, people.person[i], 30_000 + k)
    return np.where(follows, trained, section)


assert len(COPIES) == 2 and all(len(row) == len(LETTERS) for row in SECTION_WEIGHTS.values())
