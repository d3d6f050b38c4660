"""Who pays whom: the enterprises of each person in each tax year, with their shares of the year's pay.

A person has one main job at a time, which lasts longer the longer it has lasted, and now and then a
second one. A move is drawn once and is whole: the old enterprise pays until a month and the new one from it, in
April as in any other month; after a break the old enterprise pays nothing unless people go back to it. When an
enterprise dies, its people move. Better-paid people find work in better-paying enterprises: that is the planted
selection. What the earnings table makes of it stands in :mod:`leocourse.extract.records.earnings`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import colleagues
from leocourse.extract.lives.activity import FIRST_MONTH
from leocourse.extract.lives.firms import COPIES, LETTERS, SECOND_COPY_FROM, Register, register
from leocourse.extract.lives.pathways import SUBJECTS, Pathways
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

TRADE = 350_000
"""Chance that a former apprentice who changes section goes to that of the apprenticeship, in millionths."""
MOVES = [300_000, 230_000, 175_000, 140_000, 110_000, 90_000]
"""A year's chance to change employer without a break, by years in the job: a design choice, as all rates here."""
YOUNG_MOVES = 130_000  # more in the first five years after year 11
STUDY_ENDS = 750_000  # when study ends, or begins
MOVES_HOME = 850_000  # when people move to another region
MOVE_MONTHS = [12, 8, 7, 8, 7, 13, 9, 7, 4, 14, 7, 6]
"""In which month from April to March a job begins that follows another without a break, as weights."""
STUDY_MONTHS = [3, 4, 14, 18, 16, 24, 12, 4, 2, 2, 1, 0]
"""The same where study ends or begins: in summer and autumn."""
RETURNS = {2: 450_000, 5: 250_000, 400: 90_000}
"""Chance to go back to the last enterprise after a break of up to so many months."""
SAME_SECTION = 420_000
SECOND_JOB = 75_000
SORTING = 400
"""How strongly a person's rank in pay decides the rank of the enterprise in its section, in thousandths."""
_NEVER = 99
_YEAR_ZERO = 2000 * 12
"""Months of the register count from the year 0, those of lives from January 2000."""


@dataclass(frozen=True)
class Employers:
    """Enterprises of a block. Arrays have the shape (people, tax years 2003 to 2021, slots)."""

    firm: np.ndarray
    """Number of the enterprise; -1 where the slot is empty. Slot 0 has the job at the year's end, 1 the one before."""
    share: np.ndarray
    """Thousandths of the year's pay that the enterprise paid; they add up to 1,000 over the slots."""
    even: np.ndarray
    """Where the two enterprises of a year paid exactly alike, shape (people, tax years)."""
    pay: np.ndarray
    """Steps that the enterprises add to the rate of pay, shape (people, tax years)."""
    graduates: np.ndarray
    """Graduates per thousand of their staff, less what is usual in the section, shape (people, tax years)."""

    section: np.ndarray
    """Index into the letters of the section of the job at the year's end, in the register's copy of that year."""
    began: np.ndarray
    """Month of the tax year (0 is April) in which the job at its end began; -1 where it began earlier."""


def region_of_job(jobs: Employers, firms: Register) -> np.ndarray:
    """Index of the region in which the job at each tax year's end is, -1 without one; shape (people, tax years)."""
    firm = jobs.firm[:, :, 0]
    copy = (np.array(TAX_YEARS) >= SECOND_COPY_FROM).astype(np.int64)
    return np.where(firm >= 0, firms.region[copy, firm], -1)


@dataclass(frozen=True)
class _Seeker:
    """What decides where people find work. All arrays are of the whole block."""

    people: People
    paths: Pathways
    firms: Register
    skill: np.ndarray
    section: Stream
    rank: Stream
    fine: Stream
    near: np.ndarray
    """Region in which they look for work, shape (people, tax years); -1 for anywhere."""

    def hire(
        self,
        i: np.ndarray,
        year: int,
        month: np.ndarray,
        kind: np.ndarray,
        now: np.ndarray,
        *,
        k: int,
        wanted: np.ndarray,
    ) -> np.ndarray:
        """The enterprises in which the people ``i`` begin a job in a month of a tax year (0 is April).

        ``kind``: their row of :data:`SECTION_WEIGHTS`. ``now``: the section that they stay in, or -1.
        ``wanted``: the section that the job has to be in (an apprentice's, for one), or -1; it wins.
        An enterprise takes on people from the month of its birth and if it outlives the tax year.
        """
        person, firms = self.people.person[i], self.firms
        section = np.where(now >= 0, now, _section(self.people, self.paths, i, kind, stream=self.section, k=k + year))
        section = np.where(wanted >= 0, wanted, section)
        sought = (SORTING * self.skill[i] + 917 * self.rank.normal(person, k + year)) // 1000
        place = firms.place(section, sought, self.fine.below(4096, person, k + year))
        other = firms.place(section, sought, self.fine.below(4096, person, k + 100_000 + year))
        first, last = _YEAR_ZERO + month_of(year - 1, 4) + month, _YEAR_ZERO + month_of(year, 4)
        near = self.near[i, year - TAX_YEARS[0]]
        found = []
        for each in (place, other):
            firm = firms.order[each]
            here = (near < 0) | (firms.region[0, firm] == near)
            here &= (firms.birth[firm] <= first) & (firms.death[firm] >= last)
            found.append((here, np.where(here, firm, firms.nearest[year][near, each])))
        (fits, one), (other_fits, two) = found
        share = colleagues.graduate_share(self.people.seed)[year - TAX_YEARS[0]]
        chooses = self.fine.chance(colleagues.CHOOSE, person, k + 200_000 + year)
        rather = chooses & ((share[two] > share[one]) == (kind > 2)) & (share[two] != share[one])
        return np.where(rather | (~chooses & ~fits & other_fits), two, one)

    def moved(self, year: int) -> np.ndarray:
        """Who looks for work elsewhere than in the tax year before."""
        column = year - TAX_YEARS[0]
        return self.near[:, column] != self.near[:, max(column - 1, 0)]

    def aside(self, chosen: np.ndarray, year: int) -> np.ndarray:
        """The enterprise of a second job of the chosen people in a tax year, -1 for all others."""
        i, k = np.flatnonzero(chosen), 10_000 + year
        person, firms = self.people.person[i], self.firms
        section = _section(self.people, self.paths, i, np.zeros_like(i), stream=self.section, k=k)
        extra = np.full(len(chosen), -1)
        place = firms.place(section, self.rank.normal(person, k), self.fine.below(4096, person, k))
        extra[i] = firms.nearest[year][self.near[i, year - TAX_YEARS[0]], place]
        return extra


@dataclass
class _Now:
    """Where everybody stands between two tax years."""

    firm: np.ndarray
    """The last enterprise, -1 before the first."""
    tenure: np.ndarray
    """Years in the job."""
    kind: np.ndarray
    away: np.ndarray
    """Months without work up to the year's end, 0 for those in work."""


def employers(
    people: People,
    paths: Pathways,
    works: np.ndarray,
    days: np.ndarray,
    skill: np.ndarray,
    near: np.ndarray,
    wanted: np.ndarray,
) -> Employers:
    """Draw the employers of every tax year.

    ``works``: months in work from August 2002, shape (months, people). ``days``: days in work, shape (people, tax
    years). ``skill`` ranks people by pay (standard normal, thousandths). ``near``: the region in
    which they look for work, of the shape of ``days``, -1 for anywhere. ``wanted``: the section in which a job has to
    be in a month (index into the letters) or -1, of the shape of ``works``.
    """
    person, firms = people.person, register(people.seed)
    moves = people.stream("employers/moves")
    streams = (people.stream(f"employers/{each}") for each in ("section", "rank", "place"))
    seeker = _Seeker(people, paths, firms, skill, *streams, near)
    left = np.where(paths.university_years > 0, paths.university_year + paths.university_years - 1, people.cohort + 17)
    shape = (len(people), len(TAX_YEARS))
    firm, share = np.full((*shape, SLOTS), -1, dtype=np.int32), np.zeros((*shape, SLOTS), dtype=np.int16)
    pay, graduates, sections = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    began = np.full(shape, -1, dtype=np.int8)
    none = np.full(len(people), -1)
    now = _Now(none, none.copy(), none.copy(), np.full(len(people), 400))
    for column, year in enumerate(TAX_YEARS):
        paid = days[:, column] > 0
        worked = _months_of(works, year)
        worked[11] |= paid & ~worked.any(axis=0)  # begun between 1 and 5 April: the first days of what follows
        sought = _months_of(wanted, year, -1)
        kind = _kind(people, paths, year, left)
        before, month, start = _year(seeker, now, moves, year, worked=worked, kind=kind, wanted=sought)
        part = _months_before(worked, month)
        other = paid & moves.chance(SECOND_JOB, person, 10_000 + year)
        side = np.where(other, 40 + moves.below(260, person, 20_000 + year), 0)
        part = part * (1000 - side) // 1000
        extra = seeker.aside(other, year)
        for slot, (who, thousandths) in enumerate([(now.firm, 1000 - part - side), (before, part), (extra, side)]):
            there = paid & (thousandths > 0)
            firm[:, column, slot] = np.where(there, who, -1)
            share[:, column, slot] = np.where(there, thousandths, 0)
        adds = firms.pay[now.firm] * (1000 - part) + np.where(part > 0, firms.pay[before], 0) * part
        pay[:, column] = np.where(now.firm >= 0, adds // 1000, 0)
        among = [colleagues.more_than_usual(people.seed, each, column) for each in (now.firm, before)]
        mean = among[0] * (1000 - part) + np.where(part > 0, among[1], 0) * part
        graduates[:, column] = np.where(now.firm >= 0, mean // 1000, 0)
        sections[:, column] = firms.section[int(year >= SECOND_COPY_FROM), now.firm]
        began[:, column] = np.where(paid, np.where(month < _NEVER, month, start), -1)
    two = (firm[:, :, 0] >= 0) & ((firm[:, :, 1] >= 0) ^ (firm[:, :, 2] >= 0))
    even = two & people.stream("employers/even").chance(12_000, person[:, None], np.arange(len(TAX_YEARS)))
    return Employers(firm, share, even, pay, graduates, sections, began)


def _months_of(history: np.ndarray, year: int, missing: int = 0) -> np.ndarray:
    """April to March of a tax year out of months from August 2002, shape (12, people); a copy."""
    first = month_of(year - 1, 4) - FIRST_MONTH
    part = np.full((12, history.shape[1]), missing, dtype=history.dtype)
    part[max(-first, 0) :] = history[max(first, 0) : first + 12]
    return part


def _months_before(worked: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Thousandths of the months in work that lie before a month, one value a person."""
    before = (worked & (np.arange(12)[:, None] < month)).sum(axis=0)
    return np.where(month < _NEVER, 1000 * before // np.maximum(worked.sum(axis=0), 1), 0)


def _year(
    seeker: _Seeker,
    now: _Now,
    moves: Stream,
    year: int,
    *,
    worked: np.ndarray,
    kind: np.ndarray,
    wanted: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take everybody through a tax year: ``now`` is changed.

    Returns the enterprise before a move inside the year, the month of that move (:data:`_NEVER` without one), and the
    month of a job that began when work began, -1 without one.
    """
    person, firms = seeker.people.person, seeker.firms
    works, first = worked.any(axis=0), worked.argmax(axis=0)
    changed = (now.kind >= 0) & (kind != now.kind)
    stays = moves.chance(SAME_SECTION, person, 5_000 + year) & ~changed & (now.firm >= 0)
    section = np.where(stays, firms.section[0, now.firm], -1)
    gap = now.away + first
    begins = works & (gap > 0)
    outlives = firms.death[now.firm] >= _YEAR_ZERO + month_of(year, 4)
    returns = (now.firm >= 0) & outlives & ~changed & moves.chance(_returning(gap), person, 30_000 + year)
    start = np.where(begins & ~returns, first, -1)
    i = np.flatnonzero(start >= 0)
    now.firm[i] = seeker.hire(i, year, first[i], kind[i], section[i], k=0, wanted=wanted[first[i], i])
    now.tenure[i] = -1
    month = _move(seeker, now, moves, year, worked=worked, kind=kind, wanted=wanted, fresh=start >= 0)
    before = now.firm.copy()
    i = np.flatnonzero(month < _NEVER)
    now.firm[i] = seeker.hire(i, year, month[i], kind[i], section[i], k=40_000, wanted=wanted[month[i], i])
    now.tenure = np.where(works, np.where(month < _NEVER, 0, now.tenure + 1), now.tenure)
    now.kind = np.where(works, kind, now.kind)
    since = worked[::-1].argmax(axis=0)
    now.away = np.where(works, since, np.minimum(now.away + 12, 400))
    return before, month, start


def _move(
    seeker: _Seeker,
    now: _Now,
    moves: Stream,
    year: int,
    *,
    worked: np.ndarray,
    kind: np.ndarray,
    wanted: np.ndarray,
    fresh: np.ndarray,
) -> np.ndarray:
    """The month of the tax year in which each person moves to another enterprise, :data:`_NEVER` for most.

    The first that applies: the enterprise dies, the job has to be in another section, work begins again after a break
    inside the year, or somebody changes employer without a break. ``fresh``: whose job began when the year's work did.
    """
    person, firms, places = seeker.people.person, seeker.firms, np.arange(12)[:, None]
    month = np.full(len(person), _NEVER)
    first = worked.argmax(axis=0)
    resumes = worked.copy()
    resumes[1:] &= ~worked[:-1]
    resumes[0] = False
    resumes &= places > first
    again = resumes.any(axis=0)
    back = 11 - resumes[::-1].argmax(axis=0)
    # a change without a break
    changed = (now.kind >= 0) & (kind != now.kind)
    chance = np.array(MOVES)[np.clip(now.tenure, 0, 5)] + np.where(year - seeker.people.cohort < 22, YOUNG_MOVES, 0)
    at, summer = moves.pick(MOVE_MONTHS, person, 55_000 + year), moves.pick(STUDY_MONTHS, person, 50_000 + year)
    at = np.where(changed, summer, at)
    chance = np.where(seeker.moved(year), MOVES_HOME, chance)
    goes = moves.chance(np.where(changed, STUDY_ENDS, chance), person, year) & worked[at, np.arange(len(person))]
    goes &= wanted[at, np.arange(len(person))] < 0  # an apprentice stays
    goes &= ~fresh & (now.firm >= 0) & ((at > first) | ((at == 0) & (now.away == 0)))
    month = np.where(goes & ~again, at, month)
    # a break inside the year
    last = np.flatnonzero(again)
    rest = back[last] - 1 - (worked[:, last] & (places < back[last])).cumsum(axis=0).argmax(axis=0)
    keeps = moves.chance(_returning(rest), person[last], 35_000 + year)
    month[last] = np.where(keeps, _NEVER, back[last])
    other = (wanted >= 0) & worked & (wanted != firms.section[0, now.firm])
    month = np.where(other.any(axis=0), other.argmax(axis=0), month)
    # an enterprise that dies pays to the end of the month of its death
    ends = firms.death[now.firm] + 1 - (_YEAR_ZERO + month_of(year - 1, 4))
    i = np.flatnonzero((now.firm >= 0) & (ends < 12))
    open_ = worked[:, i] & (places >= ends[i])
    month[i] = np.where(open_.any(axis=0), open_.argmax(axis=0), np.where(month[i] < ends[i], month[i], _NEVER))
    return month


def _returning(gap: np.ndarray) -> np.ndarray:
    """Chance to go back to the last enterprise after so many months without work, in millionths."""
    return np.array(list(RETURNS.values()))[np.searchsorted(list(RETURNS), np.minimum(gap, 400))]


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
    own = (kind > 0) & (paths.apprenticeship[i] > 0) & stream.chance(TRADE, people.person[i], 40_000 + k)
    return np.where(follows, trained, np.where(own, paths.apprenticeships.section[i], section))


assert len(COPIES) == 2 and all(len(row) == len(LETTERS) for row in SECTION_WEIGHTS.values())
