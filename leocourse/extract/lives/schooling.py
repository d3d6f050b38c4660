"""Where everybody goes to school, term by term: moves, special schools, exclusions and what follows them.

One history a person, from reception to year 13. Every table that names a school reads it: the three censuses,
absence, exclusions, alternative provision, referral units and the key stages. A year group has three terms
(0 autumn, 1 spring, 2 summer), and what holds in a term holds on its census day.

- Pupils begin at a primary and go on to a secondary school of their authority. Schools of one authority differ in
  the disadvantage of their pupils. Some secondary schools have a primary part; who begins there stays.
- They move between years and between terms, likelier so if disadvantaged. Some schools lie in the next authority.
- Those with a statement or a plan may be in a special school, or in alternative provision, as long as they have it.
- A permanent exclusion moves a pupil: to a referral unit, to alternative provision or to another school. Many come
  back to a school later. Others are placed in a unit and stay registered at their school (dual registration).

Rates are design choices unless a source is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.dates import days_of
from leocourse.extract.base.random import QUANTILES, normal_table
from leocourse.extract.lives import conduct, establishments
from leocourse.extract.lives.conduct import Excluded
from leocourse.extract.lives.establishments import ALTERNATIVE, PRIMARY, SPECIAL, UNIT, Schools
from leocourse.extract.lives.population import People

AUTUMN, SPRING, SUMMER = range(3)
LAST = 13
"""The last year group."""
CENSUS_DAYS = [(10, 4), (1, 17), (5, 18)]
"""Month and day of the census of each term."""
FIRST_UNITS = 2014
"""Referral units are in the school census from 2013/14."""
SORTING = 550
"""Thousandths of a standard deviation of disadvantage in what sorts pupils over the schools of an authority."""
FROM_THE_START = 350_000
"""Share of the pupils of a school with a primary part who begin in it, in millionths."""
MOVES = {"primary": 42_000, "secondary": 24_000, "years 10 and 11": 9_000, "year 12": 140_000, "year 13": 8_000}
"""Chance of another school from one academic year to the next, in millionths."""
MOVES_IN_YEAR = {"primary": 9_500, "secondary": 6_500}
"""Chance of another school from one term of a year to the next, in millionths."""
MOVES_MORE = {"a standard deviation of disadvantage": 300, "excluded in the year": 4_000}
"""What is added to 1,000 to multiply the chance of a move, in thousandths."""
ELSEWHERE = 120_000
"""Share of moves to a school of the next authority, in millionths: the home stays where it is."""
IN_SPECIAL, IN_ALTERNATIVE, WEAKER = 330_000, 60_000, -110_000
"""Chance that a pupil with a statement or plan is in a special school, or in alternative provision, while having it.
The last line is what a standard deviation of attainment adds to the first."""
AFTER_EXCLUSION = [36, 20, 44], [62, 20, 18]
"""Weights of a referral unit, alternative provision and another school after a permanent exclusion: of pupils without
and with special educational needs, who are in units more often."""
COMES_BACK = 450_000
"""Share of those who come back to a school from there, in millionths, after two to five terms; others stay."""
PLACED_AFTER, PLACED, PLACED_OTHERWISE = 4, 200_000, 900
"""Placed in a unit without leaving the school's roll: after so many exclusions in a year, with this chance; and the
chance in a year of all others in secondary school (health, and other reasons)."""
TURNED_AWAY, WEAK = 120_000, -500
"""Chance, in millionths, that a pupil whose attainment is below the second line (thousandths) begins year 7 at another
school where the nearest has become an academy: so its later pupils are not those that it would have had."""
SECOND_SCHOOL, SECOND_YEARS = 6_000, [50, 30, 20]
"""Chance a year that a registration at a second school begins, and weights of its length of one, two or three years."""


@dataclass(frozen=True)
class Schooling:
    """The history of a block. Arrays of schools and dates have the shape (year groups 0 to 13, terms, people)."""

    places: Schools
    school: np.ndarray
    """Number of the school on census day: the main one, if there are two."""
    entry: np.ndarray
    """Day on which the pupil joined it."""
    began: np.ndarray
    """Number of the school at which the term began."""
    second: np.ndarray
    """Number of a second school at which the pupil is registered, or -1."""
    second_entry: np.ndarray
    """Day on which the pupil joined that one."""
    lost: np.ndarray
    """Sessions of absence that fixed-period exclusions made in a term, shape (year groups, terms, people)."""
    excluded: Excluded

    def at(self, what: np.ndarray, i: np.ndarray, group: np.ndarray, term: int | np.ndarray = SPRING) -> np.ndarray:
        """Values of one of the arrays for people, year groups and terms: in year 14 those of the end of year 13."""
        term = np.where(np.asarray(group) > LAST, SUMMER, term)
        return what.reshape(-1)[(np.clip(group, 0, LAST) * 3 + term) * what.shape[-1] + i]

    def seen(self, i: np.ndarray, year: np.ndarray, group: np.ndarray, term: int | np.ndarray = SPRING) -> np.ndarray:
        """Number of the school whose census has the pupil, or -1: of a unit before 2013/14, the second school."""
        school = self.at(self.school, i, group, term)
        of = establishments.kind(school)
        return np.where(of == 4, -1, np.where((of == 3) & (year < FIRST_UNITS), self._second(i, group, term), school))

    def seen_at_start(self, i: np.ndarray, year: np.ndarray, group: np.ndarray, term: int) -> np.ndarray:
        """The same of the school at which the term began."""
        school = self.at(self.began, i, group, term)
        of = establishments.kind(school)
        return np.where(of == 4, -1, np.where((of == 3) & (year < FIRST_UNITS), self._second(i, group, term), school))

    def _second(self, i: np.ndarray, group: np.ndarray, term: int | np.ndarray) -> np.ndarray:
        return self.at(self.second, i, group, term)

    def seen_entry(self, i: np.ndarray, year: np.ndarray, group: np.ndarray, term: int | np.ndarray) -> np.ndarray:
        """Day on which the pupil joined the school that :meth:`seen` gives."""
        main = self.seen(i, year, group, term) == self.at(self.school, i, group, term)
        return np.where(main, self.at(self.entry, i, group, term), self.at(self.second_entry, i, group, term))


def schooling(people: People) -> Schooling:
    """The history of these people, drawn once."""
    key = ("schooling",)
    if key not in people.drawn:
        people.drawn[key] = _Lives(people).lived()
    return people.drawn[key]


def otherwise(people: People, *, for_good: bool = True, units: bool = True) -> Schooling:
    """The history of these people, with the same draws, in another world: nothing that is kept for them changes.

    Not ``for_good``: a permanent exclusion from year 7 on is one for a fixed period instead. Without ``units``: those
    who go to a referral unit after a permanent exclusion go to another school.
    """
    return _Lives(people, for_good=for_good, units=units).lived()


def secondary_adds(people: People) -> np.ndarray:
    """What the schools of years 7 to 11 add to the result at key stage 4: their mean, in thousandths."""
    history = schooling(people)
    return history.places.adds[history.school[7:12, SPRING]].sum(axis=0) // 5


def primary_adds(people: People) -> np.ndarray:
    """What the schools of years 1 to 6 add to the results at key stage 2: their mean, in thousandths."""
    history = schooling(people)
    return history.places.adds[history.school[1:7, SPRING]].sum(axis=0) // 6


class _Lives:
    """Lives the years of a block at school, one term after another. Each method changes who is where."""

    def __init__(self, people: People, *, for_good: bool = True, units: bool = True) -> None:
        self.for_good, self.units = for_good, units
        size, self.people, self.places = len(people), people, establishments.schools(people.seed)
        self.base = _first_schools(people, self.places)
        self.kind = _provision(people)
        self.alternative = ALTERNATIVE + people.authority + codes.AUTHORITIES * self._below(2, "alternative")
        self.lasting = conduct.lasting_conduct(people)
        self.school, self.entry = self.base[0].copy(), np.zeros(size, dtype=np.int64)
        self.second, self.second_entry = np.full(size, -1), np.zeros(size, dtype=np.int64)
        self.shut = np.full(size, -1)
        """Number of the school that last excluded the pupil permanently, or -1."""
        self.until = np.full(size, -1)
        """Number of the term (three times the year group, and the term) in which a placement ends."""
        self.ends = np.full(size, -1)
        """Year group in which a registration at a second school ends."""
        shape = (LAST + 1, 3, size)
        self.kept = {name: np.zeros(shape, dtype=kind) for name, kind in (
            ("school", np.int16), ("entry", np.int32), ("began", np.int16), ("second", np.int16),
            ("second_entry", np.int32), ("lost", np.int16))}  # fmt: skip

    def lived(self) -> Schooling:
        """Live all years and return the history."""
        parts = []
        for group in range(LAST + 1):
            year = self.people.cohort + 6 + group
            self._begin_year(group, days_of(year - 1, 9, 3))
            out = self._excluded(group)
            for term in range(3):
                if term:
                    self._move_in_year(group, term, year, out)
                self._come_back(group, term, year)
                self.kept["began"][group, term] = self.school
                out.school[out.term == term] = self.school[out.i[out.term == term]]
                census = days_of(year - (term == 0), *CENSUS_DAYS[term])
                gone = out[out.permanent & (out.term == term)]
                soon = gone.start + 40 <= census[gone.i]
                self._leave(gone[soon], group, term)
                self._record(group, term)
                self._leave(gone[~soon], group, term)
            self._place(group, out, year)
            parts.append(out)
        columns = {
            name: np.concatenate([getattr(each, name) for each in parts]) for name in Excluded.__dataclass_fields__
        }
        return Schooling(places=self.places, excluded=Excluded(**columns), **self.kept)

    # draws ---------------------------------------------------------------------------------------------

    def _below(self, n: int, name: str, k: int = 0) -> np.ndarray:
        return self.people.stream("schooling/" + name).below(n, self.people.person, k)

    def _chance(self, millionths: int | np.ndarray, name: str, k: int = 0) -> np.ndarray:
        return self.people.stream("schooling/" + name).chance(millionths, self.people.person, k)

    def _other(self, i: np.ndarray, group: int, k: int) -> np.ndarray:
        """Another mainstream school for people ``i``: mostly of the home authority."""
        people, stream = self.people, self.people.stream("schooling/another school")
        person, home = people.person[i], people.authority[i]
        away = stream.chance(ELSEWHERE, person, 4 * k)
        authority = np.where(away, (home + 1) % codes.AUTHORITIES, home)
        first, each = (0, codes.SECONDARIES) if group >= 7 else (PRIMARY, codes.PRIMARIES)
        each //= codes.AUTHORITIES
        place = stream.below(each, person, 4 * k + 1)
        school = first + authority + codes.AUTHORITIES * place
        for _ in range(2):  # neither the school that the pupil leaves nor one that excluded the pupil
            taken = (school == self.school[i]) | (school == self.shut[i])
            place = np.where(taken, (place + 1) % each, place)
            school = first + authority + codes.AUTHORITIES * place
        return school

    # what happens --------------------------------------------------------------------------------------

    def _to(self, i: np.ndarray, school: np.ndarray, day: np.ndarray) -> None:
        """People join a school; a registration at a second one ends."""
        self.school[i], self.entry[i], self.second[i], self.until[i] = school, day, -1, -1

    def _begin_year(self, group: int, september: np.ndarray) -> None:
        """Arrivals, transfers, places for those with a statement or plan, moves of the summer, second schools."""
        people, base = self.people, self.base[int(group >= 7)]
        placed = establishments.kind(self.school)
        target = np.where(people.sen_by_group[group] == 3, self.kind, 0)
        if group > 11:  # a sixth form is at a school
            target = np.where(target == 2, 0, target)
        home = (group == people.arrival) | ((group == 7) & (placed < 2)) | ((group == 12) & (placed > 2))
        home |= ((placed == 2) & (target != 1)) | ((placed == 4) & (target != 2) & (self.until < 0))
        home &= self.school != base
        i = np.flatnonzero(home | (group == people.arrival))
        self._to(i, base[i], september[i])
        if group == 7:
            academy = self.places.is_academy(self.school, people.cohort + 13) & (self.school < PRIMARY)
            weak = academy & (people.attainment < WEAK) & self._chance(TURNED_AWAY, "turned away")
            i = np.flatnonzero(weak & (people.arrival <= 7))
            self._to(i, self._other(i, group, 250), september[i])
        for number, school in ((1, SPECIAL + people.authority + codes.AUTHORITIES * self._below(2, "special")),
                               (2, self.alternative)):  # fmt: skip
            i = np.flatnonzero((target == number) & (self.school != school) & (group >= people.arrival))
            self._to(i, school[i], september[i])
        self._move_between_years(group, september, target)
        over = (self.second >= 0) & (establishments.kind(self.school) < 3) & (self.ends <= group)
        self.second[over] = -1
        new = (establishments.kind(self.school) < 2) & (self.second < 0) & self._chance(SECOND_SCHOOL, "second", group)
        i = np.flatnonzero(new & (group <= 11) & (group >= people.arrival))
        self.second[i] = self._other(i, group, 200 + group)
        self.second_entry[i] = september[i] + 7 * self._below(5, "second/entry", group)[i]
        self.ends[i] = group + 1 + people.stream("schooling/second/years").pick(SECOND_YEARS, people.person, group)[i]

    def _move_between_years(self, group: int, september: np.ndarray, target: np.ndarray) -> None:
        name = {10: "years 10 and 11", 11: "years 10 and 11", 12: "year 12", 13: "year 13"}.get(group)
        rate = MOVES[name or ("secondary" if group >= 7 else "primary")]
        free = (establishments.kind(self.school) < 2) & (target == 0) & (group > self.people.arrival)
        i = np.flatnonzero(free & (group != 7) & self._chance(rate * self._likelier() // 1000, "summer", group))
        self._to(i, self._other(i, group, group), september[i])

    def _likelier(self) -> np.ndarray:
        more = MOVES_MORE["a standard deviation of disadvantage"] * self.people.disadvantage // 1000
        return np.clip(1_000 + more, 300, 3_000)

    def _move_in_year(self, group: int, term: int, year: np.ndarray, out: Excluded) -> None:
        """Moves between two censuses of a year: likelier after exclusions in it."""
        rate = MOVES_IN_YEAR["secondary" if group >= 7 else "primary"] * (group <= 11)
        factor = self._likelier()
        factor[out.i[~out.permanent & (out.term < term)]] += MOVES_MORE["excluded in the year"]
        free = (establishments.kind(self.school) < 2) & (group >= self.people.arrival)
        i = np.flatnonzero(free & self._chance(rate * factor // 1000, "in year", 3 * group + term))
        before = days_of(year - (term == 1), *CENSUS_DAYS[term - 1])
        day = before + 10 + 7 * self._below(10, "in year/week", 3 * group + term)
        self._to(i, self._other(i, group, 20 + 3 * group + term), _weekday(day)[i])

    def _excluded(self, group: int) -> Excluded:
        """The exclusions of the year, of pupils in mainstream and special schools as it begins."""
        people, of = self.people, establishments.kind(self.school)
        exposed = (of < 3) & (group >= people.arrival) & ~people.independent
        kept = (people.sen_by_group[group] == 3) & (self.kind > 0) | (not self.for_good and group >= 7)
        out = conduct.in_group(people, self.lasting, group, exposed, kept)
        np.add.at(self.kept["lost"][group], (out.term, out.i), out.lost.astype(np.int16))
        return out

    def _leave(self, gone: Excluded, group: int, term: int) -> None:
        """Where the permanently excluded go: there must be other provision from the sixth school day."""
        people, i, k = self.people, gone.i, 3 * group + term
        self.shut[i] = self.school[i]
        stream, needs = people.stream("schooling/after exclusion"), people.sen_by_group[group][i] > 0
        drawn = [stream.pick(weights, people.person[i], k) for weights in AFTER_EXCLUSION]
        after = np.where(needs, drawn[1], drawn[0])
        after = after if self.units else np.where(after == 0, 2, after)
        school = np.choose(after, [UNIT + people.authority[i], self.alternative[i], self._other(i, group, 80 + k)])
        wait = np.where(after == 2, 14, 8) + 7 * self._below(3, "after exclusion/week", k)[i]
        day = _weekday(gone.start + wait)
        day = np.where(day > days_of(gone.year, 7, 15), days_of(gone.year, 9, 3), day)  # not in the summer holidays
        self._to(i, school, day)
        back = self._chance(COMES_BACK, "comes back", k)[i] & (after < 2)
        self.until[i] = np.where(after == 2, -1, np.where(back, k + 2 + self._below(4, "comes back/term", k)[i], 99))

    def _come_back(self, group: int, term: int, year: np.ndarray) -> None:
        """The end of a placement: back to the school that kept the pupil, or to another one."""
        over = (self.until == 3 * group + term) & (group <= 11)
        kept = self.second >= 0
        day = days_of(year - (term == 0), *[(9, 3), (1, 6), (4, 20)][term])
        i = np.flatnonzero(over & kept)
        own, entry = self.second[i], self.second_entry[i]
        self._to(i, own, entry)  # never left it
        i = np.flatnonzero(over & ~kept)
        self._to(i, self._other(i, group, 140 + 3 * group + term), _weekday(day)[i])

    def _place(self, group: int, out: Excluded, year: np.ndarray) -> None:
        """Places in a unit from the next autumn on of pupils who stay on their school's roll."""
        people = self.people
        often = np.bincount(out.i[~out.permanent], minlength=len(people)) >= PLACED_AFTER
        rate = np.where(often, PLACED, PLACED_OTHERWISE if group >= 7 else 0)
        free = (self.school < PRIMARY) & (group >= people.arrival) & (7 <= group <= 10) & (self.until < 0)
        i = np.flatnonzero(free & ~people.independent & self._chance(rate, "placed", group))
        self.second[i], self.second_entry[i] = self.school[i], self.entry[i]
        self.school[i] = UNIT + people.authority[i]
        self.entry[i] = days_of(year[i], 9, 8)
        self.until[i] = 3 * (group + 1) + 2 + self._below(5, "placed/terms", group)[i]

    def _record(self, group: int, term: int) -> None:
        for name in ("school", "entry", "second", "second_entry"):
            self.kept[name][group, term] = getattr(self, name)


def _first_schools(people: People, places: Schools) -> np.ndarray:
    """The primary and the secondary school to which everybody would go, shape (2, people)."""
    found = []
    for name, first, number in (("primary", PRIMARY, codes.PRIMARIES), ("secondary", 0, codes.SECONDARIES)):
        own = people.stream(f"schooling/{name}").normal(people.person)
        wish = (SORTING * people.disadvantage + _root(SORTING) * own) // 1000
        rank = np.searchsorted(normal_table()[1:-1], wish, side="right") * 10_000 // QUANTILES
        found.append(establishments.chosen(people.seed, first, number // codes.AUTHORITIES, people.authority, rank))
    through = places.phase[found[1]] == establishments.PHASES.index("AT")
    through &= people.stream("schooling/all-through").chance(FROM_THE_START, people.person)
    return np.array([np.where(through, found[1], found[0]), found[1]])


def _provision(people: People) -> np.ndarray:
    """Where a pupil is while having a statement or plan: 0 mainstream, 1 a special school, 2 alternative provision."""
    share = np.clip(IN_SPECIAL + WEAKER * people.attainment // 1000, 20_000, 850_000)
    draw = people.stream("schooling/provision").below(1_000_000, people.person)
    kind = np.where(draw < share, 1, np.where(draw >= 1_000_000 - IN_ALTERNATIVE, 2, 0))
    return np.where(people.independent, 0, kind)


def _root(part: int) -> int:
    """What with ``part`` thousandths of one makes a spread of one: the other side of a right triangle."""
    return next(other for other in range(1001) if part**2 + other**2 >= 1_000_000)


def _weekday(day: np.ndarray) -> np.ndarray:
    """The day itself, or the Monday after if it falls on a weekend."""
    weekday = (day + 3) % 7  # day 0 was a Thursday; 0 is Monday
    return day + np.where(weekday > 4, 7 - weekday, 0)
