"""Exclusions from school as they happen: who is excluded in a year, how often, when, and whether for good.

Conduct is a latent of its own, related to disadvantage, need and sex. In a year a pupil is excluded if
conduct, with chance, passes the line of the year group; the lines and the numbers are set so that rates come
near those of 2016/17 (published): at least one fixed period in secondary 4.6% (boys 6.4, girls 2.8),
9.4 fixed periods and 0.2 permanent exclusions for 100 secondary pupils. That they are most common in years 9 and
10 is general knowledge (not verified).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import day, days_of
from leocourse.extract.lives.population import People

MOST = 5
"""The most exclusions in a year: table 2 of the collection lists five."""
CONDUCT = {
    "disadvantage": 330,
    "special needs": 190,
    "lasting": 740,
    "of the year": 430,
    "boys": 150,
    "girls": -150,
}
"""Thousandths that a standard deviation of each adds to conduct."""
PRIMARY_LINE, SIXTH_FORM_LINE = 2_350, 2_250
LINES = {7: 1_830, 8: 1_660, 9: 1_550, 10: 1_550, 11: 1_720}
"""Conduct above which a pupil of a year group is excluded; the other lines hold below and above these groups."""
AGAIN = 530_000
"""Chance, in millionths, of a further fixed period after each."""
PERMANENT_SECONDARY, PERMANENT_PRIMARY = 43_000, 17_000
"""Chance that the last exclusion of a year is permanent."""
REASON_WEIGHTS = [300, 200, 170, 150, 40, 40, 30, 25, 15, 10, 8, 12]
TERMS = ["Autumn", "Spring", "Summer"]
TERM_WEIGHTS = [40, 34, 26]
TERM_WEEKS = [(9, 5, 14, 7), (1, 5, 11, 5), (4, 16, 12, 5)]
"""Month and day after which a term's first Monday comes, its weeks, and which of them (from 0) is its half term."""
SESSIONS = [38, 26, 15, 5, 14, 1, 1]
"""Weights of one, two and more days of a fixed period."""
WITHOUT_PROVISION = 10
"""Sessions of a fixed period that count as absence: from the sixth day there must be other provision."""


@dataclass(frozen=True)
class Excluded:
    """Exclusions of a block, by person, year and date. ``place`` numbers those of a person and year."""

    i: np.ndarray
    year: np.ndarray
    place: np.ndarray
    term: np.ndarray
    start: np.ndarray
    permanent: np.ndarray
    sessions: np.ndarray
    reason: np.ndarray
    school: np.ndarray
    """Number of the school that excluded the pupil."""

    def __getitem__(self, rows: np.ndarray) -> Excluded:
        return Excluded(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    def __len__(self) -> int:
        return len(self.i)

    @property
    def lost(self) -> np.ndarray:
        """Sessions of absence that each fixed period made; none by a permanent exclusion."""
        return np.where(self.permanent, 0, np.minimum(self.sessions, WITHOUT_PROVISION))


def lasting_conduct(people: People) -> np.ndarray:
    """What lasts of the conduct of everybody, in thousandths: the higher, the likelier an exclusion."""
    fixed = CONDUCT
    lasting = fixed["disadvantage"] * people.disadvantage + fixed["special needs"] * people.need
    lasting = (lasting + fixed["lasting"] * people.stream("exclusions/lasting").normal(people.person)) // 1000
    return lasting + np.where(people.male, fixed["boys"], fixed["girls"])


def in_group(people: People, lasting: np.ndarray, group: int, exposed: np.ndarray, kept: np.ndarray) -> Excluded:
    """Exclusions in the year in which people are in a year group, in order of date, of those ``exposed`` to them.

    Those ``kept`` are never excluded permanently. ``school`` is filled in later.
    """
    year = people.cohort + 6 + group
    i = np.flatnonzero(exposed & over_the_line(people, lasting, group))
    person, year = people.person[i], year[i]
    further = [people.stream("exclusions/again").chance(AGAIN, person, year * 8 + k) for k in range(MOST - 1)]
    number = 1 + np.cumprod(np.array(further), axis=0).sum(axis=0)
    rate = PERMANENT_SECONDARY if group >= 7 else PERMANENT_PRIMARY
    last = people.stream("exclusions/permanent").chance(rate, person, year) & ~kept[i] & (group <= 11)
    return _dated(people, i, year, number, last)


def over_the_line(people: People, lasting: np.ndarray, group: int) -> np.ndarray:
    """Who would be excluded in the year in which people are in a year group, were they exposed to it."""
    year = people.cohort + 6 + group
    of_year = CONDUCT["of the year"] * people.stream("exclusions/year").normal(people.person, year) // 1000
    line = LINES.get(group, PRIMARY_LINE if group < 7 else SIXTH_FORM_LINE)
    return lasting + of_year > line + np.where(np.isin(year, (2020, 2021)), 250, 0)


def _dated(people: People, i: np.ndarray, year: np.ndarray, number: np.ndarray, last: np.ndarray) -> Excluded:
    """The exclusions of the excluded pupils ``i`` in a year, in order of date. ``last``: the last is permanent."""
    person = people.person[i]
    dates, far = np.full((len(i), MOST), 10**6), number[:, None] > np.arange(MOST)
    for k in range(MOST):
        draw = year * 8 + k
        # By the spring of 2020 schools were closed: exclusions of that year lie in its autumn term.
        term = np.where(year == 2020, 0, people.stream("exclusions/term").pick(TERM_WEIGHTS, person, draw))
        dates[:, k] = school_day(year, term, people.stream("exclusions/day").bits(person, draw))
    dates = apart(np.sort(np.where(far, dates, 10**6), axis=1), far)
    row, place = np.nonzero(far)
    start, of, draw = dates[row, place], person[row], year[row] * 8 + place
    weights = [1, 2]  # of a term that has begun: its number is that of the terms that have
    term = sum((start >= days_of(year[row], *TERM_WEEKS[k][:2])).astype(np.int64) for k in weights)
    return Excluded(
        i=i[row],
        year=year[row],
        place=place,
        term=term,
        start=start,
        permanent=last[row] & (place == number[row] - 1),
        sessions=2 * (1 + people.stream("exclusions/sessions").pick(SESSIONS, of, draw)),
        reason=people.stream("exclusions/reason").pick(REASON_WEIGHTS, of, draw),
        school=np.zeros(len(row), dtype=np.int64),
    )


def school_day(year: np.ndarray, term: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """A day of a term, from Monday to Friday and outside half term, for each of some random bits."""
    length = np.array([5 * (weeks - 1) for *_, weeks, _ in TERM_WEEKS])[term]
    drawn = (bits.astype(np.uint64) * length.astype(np.uint64) >> np.uint64(32)).astype(np.int64)
    week, weekday = drawn // 5, drawn % 5
    week += week >= np.array([half for *_, half in TERM_WEEKS])[term]
    first, table = _mondays()
    return table[term, year - first] + 7 * week + weekday


def _mondays() -> tuple[int, np.ndarray]:
    """The first Monday of each term of academic years from 1990 on, shape (terms, years), and that first year."""
    first, found = 1990, []
    for number, (month, of_month, *_) in enumerate(TERM_WEEKS):
        starts = np.array([day(year - (number == 0), month, of_month) for year in range(first, 2025)])
        found.append(starts + (-(starts + 3)) % 7)  # day 0 was a Thursday
    return first, np.array(found)


def apart(dates: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Dates in order, each moved on to the first school day after the one before where it is no later."""
    for k in range(1, dates.shape[1]):
        after = dates[:, k - 1] + 1
        weekday = (after + 3) % 7  # day 0 was a Thursday; 0 is Monday
        after = after + np.where(weekday > 4, 7 - weekday, 0)
        dates[:, k] = np.where(there[:, k] & (dates[:, k] <= dates[:, k - 1]), after, dates[:, k])
    return dates
