"""Social care in a life: periods of being looked after, the episodes within them, and times of need.

A period of care is unbroken. Within it an episode begins whenever legal status or placement changes. Some children
come into care again. Every child looked after is in need for the same time; others are in need once or twice.
One latent of risk decides who: it rises with disadvantage and with special needs. About 3% of children are looked
after at some time, six times as many are in need. Shares are design choices; they are not estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import day, month_of
from leocourse.extract.lives.population import People

RISK = {"disadvantage": 480, "special needs": 420, "lasting": 760}
CLA_LINE, CIN_LINE = 1_880, 700
NEEDS = ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"]
NEED_WEIGHTS = [54, 9, 4, 9, 15, 3, 1, 5]
ABSENT_PARENTING, ABUSE = NEEDS.index("N8"), NEEDS.index("N1")
OLDEST = 18
AGES_AT_START = [(0, 12, 190), (12, 60, 170), (60, 120, 200), (120, 192, 360), (192, 212, 80)]
"""Age in months at the start of a first period of care: from, before, weight."""
LENGTHS = [2, 5, 9, 14, 22, 36, 60, 100, 140]
"""Equally likely lengths of a period of care, in months."""
AGAIN, GAPS = 170_000, [1, 2, 3, 6, 10, 18, 30]
"""Chance that a child who left care comes back, in millionths, and equally likely gaps in months."""
PERIODS = 3
ALONE = 60_000
"""Chance that a boy who comes to English schools in year 9 or later came alone to ask for asylum, in millionths.
A fifth as likely for girls."""
ADOPTED_BEFORE, ADOPTION = 84, 420_000
"""Age in months up to which children are adopted, and the chance for those who leave care before, after half a year."""
REMAND = 40_000
"""Chance that a period of care that begins at 14 or later is a remand, in millionths."""
EPISODE_GAPS = [1, 2, 3, 5, 8, 12, 18, 30, 48]
"""Equally likely lengths of an episode before the next change, in months."""
EPISODES = 9
"""Most episodes of a period."""

LEGAL = ["C1", "C2", "E1", "V2", "J1"]
INTERIM, FULL, PLACEMENT_ORDER, ACCOMMODATED, REMANDED = range(5)
PLACEMENTS = ["kin", "foster", "P1", "K2", "H5", "P2", "A6", "K1"]
KIN, FOSTER, PARENTS, HOME, SEMI, INDEPENDENT, ADOPTERS, SECURE = range(8)
PLACEMENT_WEIGHTS = [[140, 700, 70, 90, 0, 0], [110, 430, 60, 150, 180, 70]]
"""Kinds of placement before and from the 16th birthday."""
ENDS = ["E4", "E4A", "E13", "E11", "E12", "E5", "E6", "E14"]
HOME_UNTIL_2014, HOME_AGAIN, OTHERS, UNOPPOSED, DISPENSED, SUPPORTED, ON_THEIR_OWN, REMAND_ENDED = range(8)
_FIRST_MONTH, _MONTHS = -216, 520
_FIRST_DAYS = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(_FIRST_MONTH, _FIRST_MONTH + _MONTHS)])


@dataclass(frozen=True)
class Periods:
    """Unbroken periods of care, one element each, ordered by number and person."""

    i: np.ndarray
    """Index of the person in the block."""
    start: np.ndarray
    """Day on which the child came into care."""
    end: np.ndarray
    """Last day in care."""
    number: np.ndarray
    """Which period of the child it is, from 1."""
    alone: np.ndarray
    """Came to England without a family and asks for asylum."""
    remand: np.ndarray
    need: np.ndarray
    """Why the child came into care, index into :data:`NEEDS`."""
    leaves: np.ndarray
    """Why the period ended, index into :data:`ENDS`."""

    @property
    def adopted(self) -> np.ndarray:
        """Whether the child left care for adoption."""
        return (self.leaves == UNOPPOSED) | (self.leaves == DISPENSED)


@dataclass(frozen=True)
class Episodes:
    """Parts of periods of care with one legal status and one placement, ordered by period and number."""

    period: np.ndarray
    """Index of the period."""
    number: np.ndarray
    """Which episode of the period it is, from 1."""
    start: np.ndarray
    end: np.ndarray
    """Last day of the episode."""
    legal: np.ndarray
    """Index into :data:`LEGAL`."""
    placement: np.ndarray
    """Index into :data:`PLACEMENTS`."""
    away: np.ndarray
    """Placed in the area of another authority."""


@dataclass(frozen=True)
class Care:
    """The social care of a block of people."""

    periods: Periods
    episodes: Episodes
    need_i: np.ndarray
    """Index of the person for each time of need."""
    need_start: np.ndarray
    need_end: np.ndarray
    need_number: np.ndarray
    """0 for a time of being looked after, -1 for a referral that came to nothing, else the number of the time."""
    need_reason: np.ndarray
    """Index into :data:`NEEDS`."""


def risk(people: People) -> np.ndarray:
    """The latent that decides on care and need, in thousandths."""
    lasting = RISK["lasting"] * people.stream("care/risk").normal(people.person)
    return (RISK["disadvantage"] * people.disadvantage + RISK["special needs"] * people.need + lasting) // 1000


def care(people: People) -> Care:
    """Periods and episodes of care and the times of need of everybody in the block, drawn once."""
    if ("care",) not in people.drawn:
        periods = _periods(people)
        people.drawn["care",] = Care(periods, _episodes(people, periods), *_need(people, periods))
    return people.drawn["care",]


def adoption_year(people: People, periods: Periods) -> np.ndarray:
    """The calendar year in which each person left care for adoption, 0 for nobody else."""
    year = np.zeros(len(people), dtype=np.int64)
    left = periods.end[periods.adopted].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    year[periods.i[periods.adopted]] = 1970 + left
    return year


def birth(people: People) -> np.ndarray:
    """The month of birth of everybody, as :func:`month_of` counts."""
    return month_of(people.birth_year, people.birth_month)


def in_england_from(people: People) -> np.ndarray:
    """The first month in which a child can be known to an authority: birth, or the arrival in English schools."""
    arrived = month_of(people.cohort + 6 + people.arrival, 9) - 12
    return np.where(people.arrival > 0, np.maximum(arrived, birth(people)), birth(people))


def first_day(month: np.ndarray) -> np.ndarray:
    """The first day of months, as a day number."""
    return _FIRST_DAYS[np.clip(month - _FIRST_MONTH, 0, _MONTHS - 1)]


def _periods(people: People) -> Periods:
    stream, person = people.stream("care/cla"), people.person
    alone = _alone(people)
    i = np.flatnonzero((risk(people) > CLA_LINE) | alone)
    start = birth(people)[i] + _age_at_start(people, i)
    start = np.where(alone[i], in_england_from(people)[i] + stream.below(3, person[i], 5), start)
    start = np.maximum(start, in_england_from(people)[i])
    parts = []
    for number in range(1, PERIODS + 1):
        last = birth(people)[i] + 12 * OLDEST - 1
        kept = start < last - 1
        i, start, last = i[kept], start[kept], last[kept]
        length = np.array(LENGTHS)[stream.below(len(LENGTHS), person[i], 10 + number)]
        end = np.where(alone[i], last, np.minimum(start + length, last))
        part = _one_period(people, i, start, end, number, alone[i])
        parts.append(part)
        back = stream.chance(AGAIN, person[i], 20 + number) & ~part.adopted & (end < last)
        i, end = i[back], end[back]
        start = end + np.array(GAPS)[stream.below(len(GAPS), person[i], 30 + number)]
    return Periods(*(np.concatenate([getattr(part, name) for part in parts]) for name in Periods.__dataclass_fields__))


def _alone(people: People) -> np.ndarray:
    """Who came to England without a family: those who enter schools in year 9 or later, mostly boys."""
    chance = np.where(people.male, ALONE, ALONE // 5)
    return (people.arrival >= 9) & people.stream("care/alone").chance(chance, people.person)


def _age_at_start(people: People, i: np.ndarray) -> np.ndarray:
    """Age in months at the start of the first period."""
    stream, person = people.stream("care/cla"), people.person[i]
    first, before, weights = map(list, zip(*AGES_AT_START, strict=True))
    band = stream.pick(weights, person)
    width = np.array(before)[band] - np.array(first)[band]
    return np.array(first)[band] + stream.below(width, person, 1)


def _one_period(
    people: People, i: np.ndarray, start: np.ndarray, end: np.ndarray, number: int, alone: np.ndarray
) -> Periods:
    """Periods from their first and last month, with why they begin and end."""
    stream, person = people.stream("care/cla/details"), people.person[i]
    # Days of referral differ by kind, so that no child is referred twice on one day.
    begin = first_day(start) + 4 * stream.below(7, person, 40 + number)
    finish = np.maximum(first_day(end) + stream.below(28, person, 50 + number), begin + 7)
    age, at_end = start - birth(people)[i], end - birth(people)[i]
    remand = (age >= 168) & ~alone & stream.chance(REMAND, person, 60 + number)
    finish = np.where(remand, np.minimum(finish, begin + 20 + stream.below(100, person, 70 + number)), finish)
    need = np.where(alone, ABSENT_PARENTING, stream.pick(NEED_WEIGHTS, person, number))
    adopted = (at_end < ADOPTED_BEFORE) & (end - start >= 6) & stream.chance(ADOPTION, person, 80 + number)
    year = 1970 + finish.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    leaves = np.where(year <= 2014, HOME_UNTIL_2014, HOME_AGAIN)
    leaves = np.where(stream.chance(220_000, person, 90 + number), OTHERS, leaves)
    grown = at_end >= 12 * OLDEST - 2
    leaves = np.where(grown, np.where(stream.chance(750_000, person, 100 + number), SUPPORTED, ON_THEIR_OWN), leaves)
    leaves = np.where(adopted, np.where(stream.chance(500_000, person, 110 + number), UNOPPOSED, DISPENSED), leaves)
    leaves = np.where(remand, REMAND_ENDED, leaves)
    return Periods(i, begin, finish, np.full(len(i), number), alone, remand, need, leaves)


def _episodes(people: People, periods: Periods) -> Episodes:
    """Cut periods where legal status or placement changes. The last episode before adoption is with the adopters."""
    stream = people.stream("care/episodes")
    who = people.person[periods.i] * 4 + periods.number  # draws of their own for each period of a child
    rows, numbers, starts = [], [], []
    begin = periods.start.copy()
    for number in range(1, EPISODES + 1):
        inside = np.flatnonzero(begin < periods.end)
        rows.append(inside)
        numbers.append(np.full(len(inside), number))
        starts.append(begin[inside])
        step = np.array(EPISODE_GAPS)[stream.below(len(EPISODE_GAPS), who, number)] * 30
        begin = begin + np.where(periods.remand, 400, step + stream.below(30, who, 20 + number))
    period, number, start = map(np.concatenate, (rows, numbers, starts))
    order = np.lexsort((number, period))
    period, number, start = period[order], number[order], start[order]
    last = np.append(period[1:] != period[:-1], True) if len(period) else np.zeros(0, dtype=bool)
    end = np.where(last, periods.end[period], np.append(start[1:], 0)[: len(start)] - 1)
    return Episodes(period, number, start, end, *_described(people, periods, period, number, start, last))


def _described(
    people: People, periods: Periods, period: np.ndarray, number: np.ndarray, start: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Legal status, placement and whether it is in another area, of each episode.

    The legal status of a period may go from accommodation or an interim order to a full one; it does not go back.
    """
    stream, i = people.stream("care/episodes"), periods.i[period]
    who = people.person[i] * 4 + periods.number[period]
    by_order = stream.chance(600_000, who, 40)
    full_from = 1 + stream.below(2, who, 41)
    legal = np.where(by_order, np.where(number > full_from, FULL, INTERIM), ACCOMMODATED)
    legal = np.where(periods.alone[period], ACCOMMODATED, legal)
    before_adoption = periods.adopted[period] & last
    legal = np.where(before_adoption, PLACEMENT_ORDER, np.where(periods.remand[period], REMANDED, legal))
    month = start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + (1970 - 2000) * 12
    from_16 = month - (birth(people)[i] - month_of(2000, 1)) >= 192
    young, old = (stream.pick(weights, who, 50 + number) for weights in PLACEMENT_WEIGHTS)
    placement = np.where(from_16, old, young)
    placement = np.where(before_adoption, ADOPTERS, np.where(periods.remand[period], SECURE, placement))
    return legal, placement, stream.chance(380_000, who, 70 + number)


def _need(people: People, periods: Periods) -> tuple[np.ndarray, ...]:
    """Times of need: person, first and last day, number and reason."""
    parts = [(periods.i, periods.start, periods.end, np.zeros(len(periods.i), dtype=np.int64), periods.need)]
    at_risk, reasons = risk(people), people.stream("care/cin/details")
    for number, chance, lengths in (
        (1, 1_000_000, [1, 2, 3, 4, 6, 9, 14, 24]),
        (2, 350_000, [1, 2, 3, 4, 6, 9, 14, 24]),
        (-1, 250_000, [0]),
    ):
        stream = people.stream(f"care/cin/{number}")
        line = CIN_LINE if number > 0 else CIN_LINE - 500
        i = np.flatnonzero((at_risk > line) & stream.chance(chance, people.person, 9))
        start = birth(people)[i] + stream.below(12 * OLDEST - 8, people.person[i])
        start = np.maximum(start, in_england_from(people)[i])
        last = birth(people)[i] + 12 * OLDEST - 1
        i, start, last = (each[start < last - 1] for each in (i, start, last))
        person = people.person[i]
        end = np.minimum(start + np.array(lengths)[stream.below(len(lengths), person, 1)], last)
        begin = first_day(start) + 4 * stream.below(7, person, 2) + abs(number) + (number < 0) * 2
        finish = np.maximum(first_day(end) + stream.below(28, person, 3), begin + 7)
        finish = finish if number > 0 else begin + stream.below(10, person, 4)
        reason = reasons.pick(NEED_WEIGHTS, person, 200 + number)
        parts.append((i, begin, finish, np.full(len(i), number), reason))
    return tuple(map(np.concatenate, zip(*parts, strict=True)))
