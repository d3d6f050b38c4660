"""Apprenticeships: who begins one, in which sector, at what level, when, with what breaks, and what follows.

A person has at most two: the second goes on to a higher level, or tries again after the first was not completed.
The sector is drawn once, and the employer of the apprentice (:mod:`leocourse.extract.lives.employers`) follows it.
Months are numbered from January 2000 (0). The names of the older streams begin with "after16": see ``pathways``.
All rates here are design choices. That short programmes existed before 2012, that starts fell with the levy, that
they gather in September, and that sectors differ in level is general knowledge, not verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leocourse.extract.base.dates import NEVER, between, month_of
from leocourse.extract.base.random import Stream
from leocourse.extract.lives.firms import LETTERS
from leocourse.extract.lives.population import People
from leocourse.extract.lives.results import result
from leocourse.extract.lives.tables import KNOWN_MINORITY

SECTORS = {  # sector subject area: weights of men and women, shift of level, sections of employers with weights
    1: (190, 725, 150, {"Q": 85, "P": 10, "S": 5}),
    3: (35, 25, -150, {"A": 70, "R": 10, "N": 10, "G": 10}),
    4: (547, 48, 350, {"C": 52, "G": 25, "F": 10, "D": 4, "M": 5, "E": 4}),
    5: (228, 17, -250, {"F": 85, "N": 5, "L": 5, "C": 5}),
    6: (240, 67, 600, {"J": 55, "M": 10, "G": 10, "P": 15, "K": 10}),
    7: (50, 155, -550, {"G": 50, "I": 30, "S": 12, "H": 8}),
    8: (36, 24, 100, {"R": 70, "I": 15, "P": 15}),
    9: (5, 7, 100, {"J": 35, "R": 35, "C": 15, "M": 15}),
    13: (10, 70, 150, {"P": 95, "Q": 5}),
    15: (338, 553, 0, {"M": 25, "K": 15, "N": 20, "O": 15, "G": 10, "Q": 10, "P": 5}),
}
"""The shift is in thousandths of results: with it more apprentices of the sector are at level 3.

Weights are those of what people would choose; with :data:`TURNED_AWAY` they follow starts in 2022/23: health 98,000,
business 97,000, engineering 44,600, retail 28,700, construction 24,500, digital 23,000.
"""
TURNED_AWAY = {
    "base": 220_000,  # at a mean result, and of nobody's group
    "a standard deviation of results": -200_000,
    "free school meals": 120_000,
    "ethnic minority": 220_000,
    "learning difficulty": 60_000,
}
"""Planted: chance, in millionths, that somebody who would train in engineering or digital is not taken on there.

They train in health, retail or business, by :data:`INSTEAD`. So the sector follows results and groups, beside sex.
"""
SOUGHT_AFTER, INSTEAD = [4, 6], {1: 25, 7: 45, 15: 30}
LEVEL_OF = {"free school meals": -200, "learning difficulty": -150, "ethnic minority": -120}
"""Planted: what a group adds to the result (in thousandths) by which an employer decides on the level."""
LATE_STARTS = 320_000
"""Share of apprenticeships that begin as an adult, in millionths. Many real ones begin after 24."""
IN_SEPTEMBER = 200_000
"""Share of starts, in millionths, that are brought forward to the September before."""
LEVY = (month_of(2017, 4), month_of(2018, 7))
"""First and last month of the dip when the apprenticeship levy came in."""
LEVY_WAIT = 550_000
"""Share of the starts of those months, in millionths, that come fifteen months later."""
LEVEL_LINES = {2003: 250, 2012: -150, 2021: -1_000}
"""By academic year of the start: result at 16, with chance and sector, from which an apprentice is at level 3."""
LEVEL_NOISE = 800
"""How far chance shifts it, in thousandths of results, so that weaker results do not shut the door to level 3."""
FIRST_HIGHER_START = month_of(2012, 8)
"""Higher apprenticeships of levels 4 and above are simulated from August 2012."""
HIGHER_SHARES = {2012: 0, 2013: 60, 2014: 150, 2016: 320, 2018: 490, 2021: 680}
"""By academic year of the start: share of those who reached level 3 that is at level 4 or above, per thousand."""
LEVY_LEVEL = {"level 4 and above in sectors of large employers": 220}
"""Planted: what the levy adds to that share from April 2017, per thousand. Large employers paid it, and moved to higher
levels; :data:`LARGE` (health, business) are sectors where they train."""
LARGE = [1, 15]
HIGHER_LEVELS = [50, 25, 20, 5]
"""Weights of levels 4 to 7."""
STANDARDS = {2015: 0, 2016: 10, 2017: 50, 2018: 440, 2019: 630, 2020: 770, 2021: 1_000}
"""Share of apprenticeships that start on a standard and not a framework, by academic year, per thousand.

Frameworks were closed to new starts after July 2020 (not verified).
"""
SHORT_BEFORE = month_of(2012, 8)
SHORT = {2: 450_000, 3: 150_000}
"""Share of the programmes at a level that were planned for less than a year before August 2012, in millionths."""
DELAY, DELAY_WEIGHTS = np.array([0, -1, 1, 2, 3, 6]), [58, 8, 13, 9, 7, 5]
"""Months between the planned and the actual end of those who complete."""
BREAKS, RESUMES = 70_000, 620_000
"""Share of apprentices who take a break, and of these the share that comes back, in millionths."""
ACHIEVED = 940_000
"""Share of those who stay to the end who achieve the whole: others fail, or the result is not yet known."""
PROGRESS = {2: 260_000, 3: 90_000, 4: 30_000}
"""Chance of a second apprenticeship at a higher level after a completed one, by level (4 and above), in millionths."""
TRY_AGAIN, TRANSFER = 130_000, 500_000
"""Chance of a second one of those who did not complete, and the share of these that begins at once as a transfer."""


@dataclass(frozen=True)
class Apprenticeships:
    """Apprenticeships of a block. Arrays but ``sector`` and the break have the shape (2, people): first and second."""

    level: np.ndarray
    """0 none, 2, 3, or 4 to 7 (higher)."""
    start: np.ndarray
    """Month of the start; NEVER if none."""
    end: np.ndarray
    """Month of the last end; -1 if none."""
    due: np.ndarray
    """Month of the planned end, put back by a break (see :attr:`pause`)."""
    completed: np.ndarray
    """Stayed to the end. Pay follows this."""
    achieved: np.ndarray
    """Completed, and the whole was achieved."""
    standard: np.ndarray
    """On a standard and not on a framework."""
    break_from: np.ndarray
    """Last month before a break in the first apprenticeship, shape (people,); NEVER without one."""
    resumed: np.ndarray
    """Month in which it resumes, shape (people,); NEVER if it does not."""
    sector: np.ndarray
    """Sector subject area in which each person trains as an apprentice, 1 to 15, shape (people,)."""
    section: np.ndarray
    """Index into the letters of the section of the employer, shape (people,)."""

    @cached_property
    def spells(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """First and last month of learning: before the break, after it, the second; (NEVER, -1) if there is none."""
        back = self.resumed < NEVER
        return [
            (self.start[0], np.where(back, self.break_from, self.end[0])),
            (self.resumed, np.where(back, self.end[0], -1)),
            (self.start[1], self.end[1]),
        ]

    @property
    def pause(self) -> np.ndarray:
        """Months of the break from which the person comes back, shape (people,)."""
        return np.where(self.resumed < NEVER, self.resumed - self.break_from - 1, 0)

    @property
    def on_break(self) -> np.ndarray:
        """The first apprenticeship ended in a break from which the person did not come back."""
        return (self.break_from < NEVER) & (self.resumed == NEVER)

    @property
    def transferred(self) -> np.ndarray:
        """The first was given up for the second, which begins in the next month."""
        return (self.start[1] == self.end[0] + 1) & ~self.completed[0]

    def learns(self, month: int | np.ndarray) -> np.ndarray:
        """In an apprenticeship in a month, and not on a break."""
        return np.any([(first <= month) & (last >= month) for first, last in self.spells], axis=0)

    def employed(self, month: int | np.ndarray) -> np.ndarray:
        """With the employer of the apprenticeship in a month, breaks from which the person comes back included."""
        return ((self.start <= month) & (self.end >= month)).any(axis=0)

    def trains_in(self, year: int) -> np.ndarray:
        """With the employer of an apprenticeship at the end of a tax year, or until some month of it."""
        return ((self.start <= month_of(year, 3)) & (self.end >= month_of(year - 1, 4))).any(axis=0)

    def level_by(self, month: int | np.ndarray, i: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The highest level that the people ``i`` (or all) completed before a month, 0 without one."""
        return np.where(self.completed[:, i] & (self.end[:, i] < month), self.level[:, i], 0).max(axis=0)


def none(people: int) -> Apprenticeships:
    """Nobody is an apprentice."""
    two, one = np.zeros((2, people), dtype=np.int64), np.zeros(people, dtype=np.int64)
    never, false = np.full((2, people), NEVER), np.zeros((2, people), dtype=bool)
    return Apprenticeships(two, never, two - 1, two - 1, false, false, false, never[0], never[0], one, one)


def of_groups(table: dict[str, int], people: People, difficulty: np.ndarray) -> np.ndarray:
    """What a table adds for who is in its groups: free school meals, ethnic minority, learning difficulty, women."""
    member = {
        "free school meals": people.fsm_in_year_11,
        "ethnic minority": KNOWN_MINORITY[people.minor],
        "learning difficulty": difficulty,
        "women": ~people.male,
    }
    return sum(table[name] * who for name, who in member.items() if name in table)


def sectors(
    people: People, difficulty: np.ndarray, table: dict[str, int] = TURNED_AWAY
) -> tuple[np.ndarray, np.ndarray]:
    """The sector in which each person would train, and the section (an index) of the employer.

    ``table`` decides who is not taken on in the sectors that most apply to.
    """
    stream, areas = people.stream("after16/sector/area"), np.array(list(SECTORS))
    men, women = ([line[column] for line in SECTORS.values()] for column in (0, 1))
    at = np.where(people.male, stream.pick(men, people.person), stream.pick(women, people.person))
    again, person = people.stream("after16/sector/turned away"), people.person
    refused = table["base"] + table["a standard deviation of results"] * result(people) // 1000
    refused = np.clip(refused + of_groups(table, people, difficulty), 0, 1_000_000)
    away = np.isin(areas[at], SOUGHT_AFTER) & again.chance(refused, person)
    others = np.array([list(SECTORS).index(each) for each in INSTEAD])
    at = np.where(away, others[again.pick(list(INSTEAD.values()), person, 1)], at)
    section, own = np.zeros(len(people), dtype=np.int64), people.stream("after16/sector/section")
    for number, (*_, sections) in enumerate(SECTORS.values()):
        here = at == number
        letters = np.array([LETTERS.index(letter) for letter in sections])
        section[here] = letters[own.pick(list(sections.values()), people.person[here])]
    return areas[at], section


def draw(
    people: People, takes: np.ndarray, direct: np.ndarray, *, score: np.ndarray, difficulty: np.ndarray,
    level3: np.ndarray, start_after: np.ndarray, groups: dict[str, dict[str, int]] | None = None,
) -> Apprenticeships:  # fmt: skip
    """The apprenticeships of those who begin one. ``direct``: in place of college; ``start_after``: not before.

    ``groups``: other tables than :data:`TURNED_AWAY` ("sector"), :data:`LEVEL_OF` ("level") and :data:`LEVY_LEVEL`
    ("levy").
    """
    tables = {"sector": TURNED_AWAY, "level": LEVEL_OF, "levy": LEVY_LEVEL} | (groups or {})
    sector, section = sectors(people, difficulty, tables["sector"])
    start = _start(people, direct, start_after)
    at_16 = result(people) + of_groups(tables["level"], people, difficulty)
    level = _level(people, start, sector, at_16, level3, tables["levy"])
    first = _Course(people, "after16/apprenticeship", level, start, score, difficulty)
    broken, resumed = _break(people, first)
    back = resumed < NEVER
    stops = broken & ~back
    pause = np.where(back, resumed - first.break_after - 1, 0)
    end = np.where(stops, first.break_after, first.end + pause)
    completed = takes & first.completed & ~stops
    again, start2, level2 = _second(people, takes, completed, stops, end, level)
    second = _Course(people, "after16/apprenticeship/second", level2, start2, score, difficulty)

    def both(one: np.ndarray, two: np.ndarray, nothing: int = 0) -> np.ndarray:
        return np.stack([np.where(takes, one, nothing), np.where(again, two, nothing)])

    finished = both(completed, second.completed).astype(bool)
    stream, number = people.stream("after16/apprenticeship/achieved"), np.arange(2)[:, None]
    return Apprenticeships(
        level=both(level, level2),
        start=both(start, start2, NEVER),
        end=both(end, second.end, -1),
        due=both(first.due + pause, second.due, -1),
        completed=finished,
        achieved=finished & np.stack([stream.chance(ACHIEVED, people.person, each) for each in number[:, 0]]),
        standard=both(_standard(people, start, 0), _standard(people, start2, 1)).astype(bool),
        break_from=np.where(takes & broken, first.break_after, NEVER),
        resumed=np.where(takes, resumed, NEVER),
        sector=sector,
        section=section,
    )


def academic_year(month: np.ndarray) -> np.ndarray:
    """The academic year (the year it ends) of a month."""
    return (month + 5) // 12 + 2000


def _start(people: People, direct: np.ndarray, start_after: np.ndarray) -> np.ndarray:
    """The month of the first start: more often a September, and seldom in the months of the levy."""
    person = people.person

    def stream(name: str) -> Stream:
        return people.stream("after16/apprenticeship" + name)

    late = stream("/late").chance(LATE_STARTS, person)
    wait = stream("/start").below(np.where(direct, 10, 30), person)
    start = start_after + np.where(late, 30 + stream("/late/start").below(150, person), wait)
    september = stream("/september").chance(IN_SEPTEMBER, person)
    start = np.where(september, np.maximum(start - (start + 4) % 12, start_after), start)
    waits = (start >= LEVY[0]) & (start <= LEVY[1]) & (late | ~direct)
    return start + np.where(waits & stream("/levy").chance(LEVY_WAIT, person), 15, 0)


def _level(
    people: People, start: np.ndarray, sector: np.ndarray, at_16: np.ndarray, level3: np.ndarray,
    levy: dict[str, int],
) -> np.ndarray:  # fmt: skip
    """The level of the first apprenticeship: by results (``at_16``, with what groups add), sector, year and chance."""
    person, year = people.person, academic_year(start)
    shift = np.zeros(max(SECTORS) + 1, dtype=np.int64)
    shift[list(SECTORS)] = [line[2] for line in SECTORS.values()]
    reach = at_16 + shift[sector] + LEVEL_NOISE * people.stream("after16/apprenticeship/level").normal(person) // 1000
    level = np.where(reach > between(LEVEL_LINES, year), 3, 2)
    share = 1000 * between(HIGHER_SHARES, year)
    paid = np.isin(sector, LARGE) & (start >= LEVY[0])
    share += 1000 * levy["level 4 and above in sectors of large employers"] * paid
    higher = people.stream("after16/apprenticeship/higher").chance(
        np.where(start >= FIRST_HIGHER_START, share, 0), person
    )
    kind = people.stream("after16/apprenticeship/higher/level").pick(HIGHER_LEVELS, person)
    return np.where(level3 & (reach > -500) & higher, 4 + kind, level)


class _Course:
    """One apprenticeship as it would be without a break: its length, its end, and whether it is completed."""

    def __init__(
        self, people: People, name: str, level: np.ndarray, start: np.ndarray, score: np.ndarray, difficulty: np.ndarray
    ) -> None:
        person = people.person

        def stream(which: str) -> Stream:
            return people.stream(name + which)

        more = stream("/length").below(6, person)
        length = np.select([level == 2, level == 3], [13, 22], 30) + more
        share = np.select([level == 2, level == 3], [SHORT[2], SHORT[3]], 0)
        short = (start < SHORT_BEFORE) & stream("/short").chance(share, person)
        length = np.where(short, 7 + more, length)
        chance = np.clip(680_000 + 50 * score - np.where(difficulty, 30_000, 0), 450_000, 850_000)
        self.completed = stream("/completed").chance(chance, person)
        part = stream("/left").below(1000, person)
        part = (part + part * part // 1000) // 2  # more of those who leave do so early
        stayed = 2 + (length - 3) * part // 1000
        delay = DELAY[stream("/delay").pick(DELAY_WEIGHTS, person)]
        self.start, self.due = start, start + length - 1
        self.end = np.where(self.completed, self.due + delay, start + stayed - 1)
        self.break_after = start + 1 + stream("/break/after").below(np.maximum(self.end - start - 3, 1), person)


def _break(people: People, first: _Course) -> tuple[np.ndarray, np.ndarray]:
    """Who takes a break in the first apprenticeship, and the month in which it resumes (NEVER if it does not)."""
    stream, person = people.stream("after16/apprenticeship/break"), people.person
    broken = (first.end - first.start > 5) & stream.chance(BREAKS, person)
    back = broken & stream.chance(RESUMES, person, 1)
    return broken, np.where(back, first.break_after + 3 + stream.below(9, person, 2), NEVER)


def _second(
    people: People, takes: np.ndarray, completed: np.ndarray, stops: np.ndarray, end: np.ndarray, level: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who begins a second apprenticeship, in which month, and at what level."""
    stream, person = people.stream("after16/apprenticeship/second"), people.person
    chance = np.select(
        [completed & (level == each) for each in (2, 3)] + [completed], list(PROGRESS.values()), TRY_AGAIN
    )
    again = takes & (level < 7) & stream.chance(chance, person)
    higher = np.where(level == 3, 4 + stream.below(2, person, 1), level + 1)
    same = np.where(stream.chance(700_000, person, 2), level, np.minimum(level, 2))
    at = np.where(completed, higher, same)
    soon = stream.chance(450_000, person, 3)
    gap = np.where(soon, 1 + stream.below(3, person, 4), 4 + stream.below(24, person, 5))
    transfer = ~completed & ~stops & stream.chance(TRANSFER, person, 6)
    start = end + 1 + np.where(transfer, 0, gap)
    again &= (at < 4) | (start >= FIRST_HIGHER_START)
    return again, start, at


def _standard(people: People, start: np.ndarray, number: int) -> np.ndarray:
    """Whether an apprenticeship is on a standard."""
    share = 1000 * between(STANDARDS, np.clip(academic_year(start), 1990, 2060))
    return people.stream("further_education/standard").chance(share, people.person, number)
