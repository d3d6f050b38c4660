"""Spells and tax years against a count day by day."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leocourse.extract.base.dates import day, tax_year_end, tax_year_label, tax_year_start
from leocourse.extract.lives.work import TAX_YEARS, Spells, days_by_tax_year, merge

START = day(2008, 1, 1)
spell_lists = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 900), st.integers(0, 400)), max_size=25)


def spells_of(parts) -> Spells:
    i, start, length = (
        (np.array(column, dtype=np.int64) for column in zip(*parts, strict=True))
        if parts
        else [np.array([], dtype=np.int64)] * 3
    )
    flags = np.zeros(len(i), dtype=bool)
    return Spells(i, START + start, START + start + length, flags, flags.copy())


def covered(spells: Spells, person: int) -> set[int]:
    mine = spells.i == person
    return {d for s, e in zip(spells.start[mine], spells.end[mine], strict=True) for d in range(s, e + 1)}


@given(spell_lists)
def test_merging_keeps_the_days_and_leaves_gaps_between_spells(parts):
    before = spells_of(parts)
    after = merge(before)
    for person in range(4):
        assert covered(after, person) == covered(before, person)
        mine = after.i == person
        starts, ends = after.start[mine], after.end[mine]
        assert (starts[1:] > ends[:-1] + 1).all()


@given(spell_lists)
def test_days_in_a_tax_year_are_the_days_counted_one_by_one(parts):
    spells = merge(spells_of(parts))
    days = days_by_tax_year(spells, 4)
    for person in range(4):
        inside = covered(spells, person)
        for column, year in enumerate(TAX_YEARS):
            assert days[person, column] == len(inside & set(range(tax_year_start(year), tax_year_end(year) + 1)))


def test_a_tax_year_runs_from_6_april_to_5_april():
    assert tax_year_label(2013) == 201213
    assert tax_year_start(2013) == day(2012, 4, 6) and tax_year_end(2013) == day(2013, 4, 5)
    assert tax_year_end(2016) - tax_year_start(2016) + 1 == 366
