"""The National Curriculum year in which pupils are taught, where it is not that of their age.

Some special schools follow no year groups and write X. Of those who are four, a few are taught in a nursery year
(N1, N2) or counted in an early years unit (E1, E2). Everybody else is in the year group of their age. The codes are
those of the form; shares are design choices.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import establishments
from leocourse.extract.records.pupils import Pupils
from leocourse.extract.records.schools import YEAR_GROUPS

CODES = [*YEAR_GROUPS, "X", "N1", "N2", "E1", "E2"]
WITHOUT_GROUPS = 300_000
"""Share of special schools without year groups, in millionths."""
YOUNGER, WEIGHTS = 35_000, [1, 6, 1, 3]
"""Share of those in the reception year who are taught otherwise, in millionths, and weights of N1, N2, E1 and E2."""
COLUMNS = {
    "school_census": ["ncyearactual"], "absence": ["ncyearactual"], "pru_census": ["pru_ncyearactual"],
    "exclusions": ["ncyear"], "exclusions_enrolment": [f"ncyear_{k}" for k in range(1, 6)],
}  # fmt: skip
"""Columns that hold it, by table."""


def as_taught(tables: dict[str, Rows], pupils: Pupils) -> dict[str, Rows]:
    """The tables that hold the year group, with that in which pupils are taught in place of that of their age."""
    return {
        name: tables[name] | {column: _taught(pupils, tables[name], column) for column in columns}
        for name, columns in COLUMNS.items()
    }


def _taught(pupils: Pupils, rows: Rows, column: str) -> Coded:
    group = rows[column].codes
    special = ~np.isin(group, (-1, 0))
    codes = group.astype(np.int8)
    i = np.searchsorted(pupils.people.person, rows["person"])
    at = np.flatnonzero(special)
    school = pupils.school(i[at], group[at].astype(np.int64))
    none = Stream(pupils.people.seed, "establishments/no year groups").chance(WITHOUT_GROUPS, school)
    codes[at[none & (establishments.kind(school) == 2) & (group[at] <= 11)]] = CODES.index("X")
    at = np.flatnonzero(group == 0)
    person = pupils.people.person[i[at]]
    younger = pupils.people.stream("schools/taught").chance(YOUNGER, person)
    which = CODES.index("N1") + pupils.people.stream("schools/taught").pick(WEIGHTS, person, 1)
    codes[at] = np.where(younger, which, 0)
    return Coded(codes, CODES)
