"""What the outcome measures should say, worked out from the simulated lives with numpy: no SQL, no records.

Lives are drawn again from seed and number of the person by the modules that draw them for the generator.
Arrays by month have the shape (months, people); their first month is April 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from leocourse.extract.base.dates import month_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import pathways, work
from leocourse.extract.lives.activity import FIRST_MONTH
from leocourse.extract.lives.population import People, population
from leocourse.extract.records import apprentice_aims, benefits, further_education, higher_education, ks5
from leocourse.extract.records.pupils import Pupils

FIRST, LAST = month_of(2002, 4), month_of(2021, 8)
MONTHS = LAST - FIRST + 1
COUNTED_FROM = 12 * 2000
"""Measures count months from the year 0, lives from January 2000."""
TAX_YEARS = range(2002, 2021)
"""Calendar years in which the tax years of the data begin."""
APPRENTICESHIPS = {2: "intermediate apprenticeship", 3: "advanced apprenticeship"}
LETTERS = {
    "higher education": "H",
    "school": "S",
    "higher apprenticeship": "4",
    "advanced apprenticeship": "3",
    "intermediate apprenticeship": "2",
    "further education": "F",
    "benefits": "B",
    "employment": "E",
}
"""In the order in which the first that applies counts."""


def label(year: int) -> int:
    """The tax year that begins in a calendar year, as the extract writes it."""
    return year * 100 + (year + 1) % 100


@dataclass
class Lives:
    """The lives of the first people of an extract."""

    seed: int
    size: int

    @cached_property
    def people(self) -> People:
        return population(self.seed, np.arange(self.size))

    @cached_property
    def keys(self) -> Keys:
        return Keys(self.seed)

    @cached_property
    def pupils(self) -> Pupils:
        return Pupils(self.people, self.keys)

    @cached_property
    def paths(self) -> pathways.Pathways:
        return pathways.pathways(self.people)

    @cached_property
    def life(self) -> work.Work:
        return work.work(self.people, self.paths)

    @cached_property
    def profit(self) -> np.ndarray:
        """Pounds from self-employment, below 0 for a loss, shape (people, tax years that end in 2003 to 2021)."""
        return self.life.trade.profit

    @cached_property
    def self_employed(self) -> np.ndarray:
        """Self-employed in tax years that begin in 2002 to 2020 and have returns, shape (tax years, people)."""
        recorded = np.array(TAX_YEARS)[:, None] >= 2013
        return self.life.activity.self_employed & recorded

    @cached_property
    def months(self) -> dict[str, np.ndarray]:
        """In which months people are in each kind of activity."""
        employed = self._blank()
        worked = self.life.activity.works
        employed[FIRST_MONTH - FIRST : FIRST_MONTH - FIRST + len(worked)] = worked
        employed[month_of(2021, 4) - FIRST] = worked[-1]  # whoever works in March 2021 does on 5 April
        claims = self._blank()
        spells = self.claims
        chosen = spells[spells.out_of_work]
        self._fill(claims, chosen.i, _month(chosen.start), _month(chosen.end))
        return {**self._learning(), "benefits": claims, "employment": employed}

    @cached_property
    def claims(self) -> pd.DataFrame:
        """True benefit spells: i, type, out_of_work, start and end (days since 1970, at most 5 April 2021)."""
        spells, kind = benefits.benefit_spells(self.people, self.life)
        end = np.minimum(spells.end, (np.datetime64("2021-04-05") - np.datetime64("1970-01-01")).astype(int))
        return pd.DataFrame(
            {
                "i": spells.i,
                "type": np.array(benefits.TYPES)[kind],
                "out_of_work": benefits.counts_as_out_of_work(kind),
                "start": spells.start,
                "end": end,
            }
        )

    def tax_year(self, months: np.ndarray, year: int) -> np.ndarray:
        """The twelve months, April to March, of the tax year that begins in ``year``."""
        first = month_of(year, 4) - FIRST
        return months[first : first + 12]

    def states(self, after: int) -> list[str]:
        """Letters of the twelve months of each person's academic year ``after`` key stage 4."""
        letters = np.full((MONTHS, self.size), ".")
        for kind, letter in reversed(LETTERS.items()):
            letters[self.months[kind]] = letter
        letters[month_of(2021, 4) - FIRST :] = "x"
        first = month_of(self.people.cohort + 16 + after, 9) - FIRST
        return ["".join(letters[at : at + 12, i]) for i, at in enumerate(first)]

    def further_study(self, year: int) -> np.ndarray:
        """Who is enrolled in an academic year that overlaps the tax year that begins in ``year``."""
        of, found = self.enrolments, np.zeros(self.size, dtype=bool)
        found[of.i[(of.year == year) | (of.year == year + 1)]] = True
        return found

    def _blank(self) -> np.ndarray:
        return np.zeros((MONTHS, self.size), dtype=bool)

    def _fill(self, months: np.ndarray, i: np.ndarray, first: np.ndarray, last: np.ndarray) -> None:
        for who, start, end in zip(i, first, last, strict=True):
            months[max(start - FIRST, 0) : max(end - FIRST + 1, 0), who] = True

    def _learning(self) -> dict[str, np.ndarray]:
        kinds = ["school", "further education", *APPRENTICESHIPS.values(), "higher apprenticeship", "higher education"]
        learning = {kind: self._blank() for kind in kinds}
        self._sixth_form(learning["school"])
        self._higher(learning["higher education"])
        for part in self._courses():
            kept = (part.year >= 2003) & (part.year <= 2021)
            first = np.maximum(part.start, month_of(part.year - 1, 8))
            last = np.minimum(part.end, month_of(part.year, 7))
            level = part.level
            for kind in kinds[1:5]:
                rank = {"further education": 0, **{name: number for number, name in APPRENTICESHIPS.items()}}.get(kind)
                of_kind = kept & (level >= 4 if rank is None else level == rank) & (first <= last)
                self._fill(learning[kind], part.i[of_kind], first[of_kind], last[of_kind])
        return learning

    def _courses(self) -> list:
        drawn = (further_education._college, apprentice_aims.apprentices, further_education._adults)
        courses = [part for draw in drawn for part in draw(self.people, self.paths)]
        more = further_education.trainees(self.people, self.paths) + further_education.higher(self.people, self.paths)
        return courses + more

    def _sixth_form(self, months: np.ndarray) -> None:
        """Years 12 to 14 of a state school, and the year in which level 3 is entered, September to August."""
        entered = ks5.entries(self.pupils, self.paths)
        years = [(np.flatnonzero(self.paths.school_years >= number), 17 + number) for number in (1, 2, 3)]
        for i, year in (*((i, self.people.cohort[i] + age) for i, age in years), (entered.i, entered.year)):
            seen = (year >= 2003) & (year <= 2021)
            self._fill(months, i[seen], month_of(year[seen] - 1, 9), month_of(year[seen], 8))

    def _higher(self, months: np.ndarray) -> None:
        """From 25 September to 20 June of the last year of an instance; who leaves without a degree goes during it."""
        of, stream = self.enrolments, self.people.stream("higher_education/left")
        starts = month_of(of.year - 1, np.where(of.of_instance == 1, 9, 8))
        ends = month_of(of.year, np.where(of.last, 6, 7))
        days = np.array([np.datetime64(f"{y - 1}-11-15") for y in of.year], dtype="datetime64[D]")
        days = (days - np.datetime64("1970-01-01")).astype(int) + stream.below(200, of.i)
        self._fill(months, of.i, starts, np.where(of.left, _month(days), ends))

    @cached_property
    def enrolments(self) -> higher_education.Enrolments:
        """Years of student instances that the records cover."""
        of = higher_education.enrolments(self.people, self.paths)
        return of.chosen((of.year >= 2005) & (of.year <= 2020) & ~higher_education.in_college(self.paths, of))


def _month(days: np.ndarray) -> np.ndarray:
    """The month, counted from January 2000, of days since 1970."""
    dates = np.datetime64("1970-01-01") + np.asarray(days).astype("timedelta64[D]")
    return dates.astype("datetime64[M]").astype(int) - 30 * 12


def longest_run(months: np.ndarray) -> np.ndarray:
    """The longest run of True down the first axis, for each person."""
    longest = run = np.zeros(months.shape[1], dtype=int)
    for month in months:
        run = np.where(month, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def covered_days(spells: pd.DataFrame, size: int, first: str, last: str) -> np.ndarray:
    """Days from ``first`` to ``last`` that the spells (i, start, end in days since 1970) of each person cover."""
    low, high = ((np.datetime64(day) - np.datetime64("1970-01-01")).astype(int) for day in (first, last))
    covered = np.zeros((high - low + 1, size), dtype=bool)
    for i, start, end in spells[["i", "start", "end"]].itertuples(index=False):
        covered[max(start - low, 0) : max(min(end, high) - low + 1, 0), i] = True
    return covered.sum(axis=0)


def failing(condition: pd.Series | np.ndarray) -> list:
    """The first people, or places, for whom a condition does not hold; empty if it holds for all."""
    held = pd.Series(np.asarray(condition).ravel() if not isinstance(condition, pd.Series) else condition)
    return held.index[~held.fillna(False).astype(bool)][:5].tolist()
