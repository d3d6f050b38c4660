"""Faults of the outcome tables: employers not on the register, benefits among the pay, returns not in.

The entries of these faults stand with all others in :data:`leocourse.extract.faults.registry.FAULTS`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows, append, count, select, text_of
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.base.dates import OPEN_END, tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults.registry import Faults, row_keys
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import TAX_YEARS, Spells, Work, days_by_tax_year

LAST_BENEFIT_PAY = 2017
"""Benefits stand among the pay records in tax years 2003/04 to 2016/17 (request form v2.3)."""
DAILY_BENEFIT = 10
"""Pounds of benefit a day in those rows."""
STILL_COUNTED = {"enterprise_earnings", "section_earnings", "sic_earnings"}


def unmatched(people: People, life: Work, faults: Faults) -> np.ndarray:
    """Which employers of a tax year are not found on the register, shape (people, tax years, slots)."""
    firm = life.jobs.firm
    missing = np.zeros(firm.shape, dtype=bool)
    i, column, slot = np.nonzero(firm >= 0)
    struck = faults.strikes("employer_unmatched", people.person[i], column * 4 + slot)
    struck &= (column + TAX_YEARS[0] >= 2004) & (life.earnings[i, column] > 0)
    i, column, slot = i[struck], column[struck], slot[struck]
    missing[i, column, slot] = True
    names = [f"person={p};taxyear={y}" for p, y in zip(people.person[i], _labels(column), strict=True)]
    faults.record("employer_unmatched", "leo_earnings", names, [str(f) for f in firm[i, column, slot]])
    return missing


def benefit_pay(
    rows: Rows, people: People, keys: Keys, *, out_of_work: Spells, copy: np.ndarray, faults: Faults
) -> Rows:
    """Benefits among the pay: added to a year's total, or a row of their own without an employer."""
    days = days_by_tax_year(out_of_work, len(people))
    i, column = np.nonzero((days > 0) & (np.array(TAX_YEARS) >= 2004) & (np.array(TAX_YEARS) <= LAST_BENEFIT_PAY))
    struck = faults.strikes("benefit_in_pay", people.person[i], column)
    i, column = i[struck], column[struck]
    pounds = DAILY_BENEFIT * days[i, column]
    known = rows["person"] * 10**6 + rows["taxyear"]
    wanted = people.person[i] * 10**6 + _labels(column)
    order = np.argsort(known)
    at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)] if len(known) else np.zeros(0, int)
    there = known[at] == wanted if len(known) else np.zeros(len(i), dtype=bool)
    total = rows["earnings"].copy()
    names = [f"edukey={k.decode()};taxyear={y}" for k, y in
             zip(keys.edukey(people.person[i], copy[i, column]), _labels(column), strict=True)]  # fmt: skip
    originals = [str(total[row]) if found else None for row, found in zip(at, there, strict=True)]
    faults.record("benefit_in_pay", "leo_earnings", names, originals)
    total[at[there]] += pounds[there]
    own = ~there
    new = _without_employer(rows, int(own.sum())) | {
        "person": people.person[i[own]],
        "edukey": keys.edukey(people.person[i[own]], copy[i[own], column[own]]),
        "taxyear": _labels(column[own]),
        "earnings": pounds[own],
    }
    return append(rows | {"earnings": total}, new)


def benefits(true: Spells, kind: np.ndarray, person: np.ndarray, faults: Faults) -> Spells:
    """Spells whose end was never reported appear as open."""
    chosen = faults.strikes("benefit_left_open", person[true.i], true.start * 16 + kind) & (true.end != OPEN_END)
    names = [f"person={p};start={s}" for p, s in zip(person[true.i[chosen]], true.start[chosen], strict=True)]
    faults.record("benefit_left_open", "leo_benefit", names, [str(value) for value in true.end[chosen]])
    return replace(true, end=np.where(chosen, OPEN_END, true.end))


def self_assessment(rows: Rows, faults: Faults) -> Rows:
    """Returns that were not in when the data were taken."""
    late = faults.strikes("return_missing", rows["person"], rows["taxyear"])
    faults.record("return_missing", "leo_self_assessment", row_keys(rows, late, "edukey", "taxyear"),
                  text_of(rows["earnings_self_employment"], late))  # fmt: skip
    return select(rows, ~late)


def nothing_counted(rows: Rows, chosen: np.ndarray) -> Rows:
    """Employer columns of totals that were set to 0: the employers stay, their pay goes."""
    return {name: replace_in(column, chosen & ~column.missing, 0) if name in STILL_COUNTED else column
            for name, column in rows.items()}  # fmt: skip


def _without_employer(rows: Rows, size: int) -> Rows:
    """Rows in which every employer column is missing, and every number of employers 0."""
    blank: Rows = {}
    for name, column in rows.items():
        if isinstance(column, Coded):
            blank[name] = Coded(np.full(size, -1), column.labels)
        elif isinstance(column, Nullable):
            blank[name] = Nullable(np.zeros(size, dtype=column.values.dtype), np.ones(size, dtype=bool))
        else:
            blank[name] = np.zeros(size, dtype=column.dtype)
    assert count(blank) == size
    return blank


def _labels(column: np.ndarray) -> np.ndarray:
    return tax_year_label(column + TAX_YEARS[0])
