"""Free school meals and special educational needs by year group: they last, and they follow the times.

Both come from a latent that lasts (poverty, need) and from chance that fades over a few years, so that they are
kept from one year to the next and lost gradually. The lines that decide move over the years; see the tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leocourse.extract.lives.population import People

GROUPS = 15
"""Year groups from reception (0) to the one after school (14)."""
FSM_CHANCE, FSM_YEARS = 280, 4
SEN_CHANCE, SEN_YEARS = 250, 5
"""Thousandths that chance adds to the latent, and the years over which it fades."""
FSM_LINES = {1996: 1_170, 2002: 1_230, 2007: 1_280, 2011: 1_235, 2015: 1_230, 2018: 1_260, 2019: 1_255, 2021: 1_135}
"""By academic year: the level of poverty above which a pupil of year 11 is eligible (straight lines between).

Set so that the share in year 11 comes near the published 14.4% (2002), 12.9% (2007), 14.0% (2011) and 13.9%
(2015), and that of all pupils falls to 2018 and rises after it.
"""
FSM_BY_GROUP = -13
"""What each year group below year 11 adds to that line: younger pupils are eligible more often."""
FSM_KEPT_FROM, FSM_KEPT = 2019, 960_000
"""From the school year after April 2018 pupils keep the eligibility that they had, with this chance a year."""
SEN_LINES = {
    1996: (1_040, 1_470), 2002: (1_010, 1_440), 2007: (920, 1_400), 2010: (790, 1_330), 2011: (790, 1_330),
    2014: (1_000, 1_440), 2016: (1_110, 1_500), 2021: (1_080, 1_480),
}  # fmt: skip
STATEMENT_LINE, STATEMENT_KEPT = 1_945, 1_700
"""Level of need above which school action, action plus and a statement (or a plan) are given.

Set so that in year 11 the shares without any come near the published 80.4% (2007), 75.9% (2011) and 83.7% (2015);
a statement or plan has about 4% in each. Who has one keeps it down to the second level: few lose it (a design choice).
"""


def fsm_by_group(people: People) -> np.ndarray:
    """Eligible for free school meals in the spring of each year group, shape (:data:`GROUPS`, people)."""
    stream, person, kept = people.stream("population/fsm"), people.person, people.stream("population/fsm kept")
    drawn = [stream.normal(person, people.cohort + 6 + back) for back in range(1 - FSM_YEARS, 0)]
    found = np.zeros((GROUPS, len(people)), dtype=bool)
    for group in range(GROUPS):
        year = people.cohort + 6 + group
        drawn.append(stream.normal(person, year))
        chance = _faded(drawn[-FSM_YEARS:], FSM_CHANCE)
        line = _on_lines(FSM_LINES, year) + FSM_BY_GROUP * max(11 - group, 0)
        found[group] = people.poverty + chance > line
        if group:
            keeps = (year >= FSM_KEPT_FROM) & kept.chance(FSM_KEPT, person, year)
            found[group] |= keeps & found[group - 1]
    return found


def sen_by_group(people: People) -> np.ndarray:
    """Provision in each year group, int8: 0 none, 1 school action (or support), 2 plus, 3 statement (or plan)."""
    stream, person = people.stream("population/sen"), people.person
    drawn = [stream.normal(person, people.cohort + 6 + back) for back in range(1 - SEN_YEARS, 0)]
    lines = [{year: line[k] for year, line in SEN_LINES.items()} for k in (0, 1)]
    found = np.zeros((GROUPS, len(people)), dtype=np.int8)
    for group in range(GROUPS):
        year = people.cohort + 6 + group
        drawn.append(stream.normal(person, year))
        level = people.need + _faded(drawn[-SEN_YEARS:], SEN_CHANCE)
        first, second = (_on_lines(table, year) for table in lines)
        statement = level > STATEMENT_LINE
        if group:
            statement |= (found[group - 1] == 3) & (level > STATEMENT_KEPT)
        found[group] = (level > first).astype(np.int8) + (level > second) + statement
    return found


def _faded(drawn: list[np.ndarray], size: int) -> np.ndarray:
    """The mean of the draws of several years, with the spread of one of ``size`` thousandths."""
    root = {4: 2_000, 5: 2_236}[len(drawn)]  # of the number of years, in thousandths
    return sum(drawn) * size // root


def _on_lines(known: dict[int, int], year: np.ndarray) -> np.ndarray:
    """The value of each year on the straight lines between known years, whole numbers."""
    years = sorted(known)
    table = []
    for each in range(years[0], years[-1] + 1):
        before, after = max(y for y in years if y <= each), min(y for y in years if y >= each)
        span = max(after - before, 1)
        table.append(known[before] + (known[after] - known[before]) * (each - before) // span)
    return np.array(table)[np.clip(year - years[0], 0, len(table) - 1)]
