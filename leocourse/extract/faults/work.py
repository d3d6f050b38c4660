"""Faults of the outcome tables: spells, pay and returns not reported, employers not found, benefits among the pay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows, append, count, select
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.base.dates import OPEN_END, day, days_of, tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults.planting import Fault, Faults, declare, plants, shows
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import TAX_YEARS, Spells, Work, days_by_tax_year

PERSON_AND_START: dict[str, str | None] = {"person": "edukey", "start": None}
KEY_AND_YEAR = ("edukey", "taxyear")
STARTED = "DATE '1970-01-01' + CAST(l.start AS INTEGER)"
UNCERTAIN_START = declare(
    "uncertain_start", 80_000, "A spell's start is unknown, so it is put at 6 April; rarer from April 2013.",
    shows("leo_employment", key=PERSON_AND_START, match=f"{STARTED} BETWEEN r.startdate AND r.enddate", rows=1,
          breaks=("the start is known",)),
)  # fmt: skip
UNCERTAIN_END = declare(
    "uncertain_end", 60_000, "A spell's end is unknown, so it is put at 5 April; rarer from April 2013.",
    shows("leo_employment", key=PERSON_AND_START, match=f"{STARTED} BETWEEN r.startdate AND r.enddate", rows=1,
          breaks=("the end is known",)),
)  # fmt: skip
SPELL_MISSING = declare(
    "spell_missing", 15_000, "A spell was never reported: pay without employment.",
    shows("leo_earnings", key=PERSON_AND_START, ledger="leo_employment",
          match=f"{STARTED} <= make_date(CAST(2000 + r.taxyear % 100 AS INTEGER), 4, 5)",
          breaks=("pay comes with employment",)),
    shows("leo_employment", key=PERSON_AND_START, match=f"r.startdate = {STARTED} AND r.uncertainstartdate = 0",
          rows=0),
)  # fmt: skip
SPELL_BROKEN = declare(
    "spell_broken", 40_000, "A spell was reported as two, with some days between them that were worked.",
    shows("leo_employment", key=PERSON_AND_START, match=f"{STARTED} BETWEEN r.startdate AND r.enddate", rows=1),
)  # fmt: skip
PAY_MISSING = declare(
    "pay_missing", 15_000, "A year's pay was never reported: employment without pay.",
    shows("leo_earnings", *KEY_AND_YEAR, rows=0, unless=("benefit_in_pay",), breaks=("employment comes with pay",)),
)  # fmt: skip
LOW_PAY_MISSING = declare(
    "low_pay_missing", 400_000, "Until April 2013 pay below the lower earnings limit need not be reported.",
    shows("leo_earnings", *KEY_AND_YEAR, rows=0, unless=("benefit_in_pay",), breaks=("employment comes with pay",)),
)  # fmt: skip
NEGATIVE_PAY = declare(
    "negative_pay", 4_000, "A correction made the year's total negative, so it appears as 0.",
    shows("leo_earnings", *KEY_AND_YEAR, seen="r.earnings = 0", unless=("benefit_in_pay",), breaks=("there is pay",)),
)  # fmt: skip
EMPLOYER_UNMATCHED = declare(
    "employer_unmatched", 40_000, "An employer is not on the register: its pay counts in no employer column.",
    shows("leo_earnings", key={"person": "edukey", "taxyear": "taxyear"}, breaks=("the employer is known",)),
)  # fmt: skip
BENEFIT_IN_PAY = declare(
    "benefit_in_pay", 6_000, "Until 2016/17 an out-of-work benefit stands among the pay.",
    shows("leo_earnings", *KEY_AND_YEAR, seen="r.earnings > coalesce(CAST(l.original AS INTEGER), 0)",
          breaks=("the employer is known", "pay comes with employment")),
)  # fmt: skip
BENEFIT_LEFT_OPEN = declare(
    "benefit_left_open", 8_000, "The end of a benefit spell was never reported, so the spell appears as open.",
    shows("leo_benefit", key=PERSON_AND_START, match=f"r.startdate = {STARTED}", seen="r.enddate = DATE '9999-12-31'",
          breaks=("spells of a type do not overlap",)),
)  # fmt: skip
RETURN_MISSING = declare(
    "return_missing", 25_000, "A tax return was not in: self-employed, but no self-assessment.",
    shows("leo_self_assessment", *KEY_AND_YEAR, rows=0, breaks=("a grant comes with a return",)),
)  # fmt: skip

REAL_TIME = day(2013, 4, 6)
REAL_TIME_KEEPS = 300_000
"""From here on employers report each payment when they make it: of the dates that were unknown before, so many
millionths still are. A design choice; only the date of the seam is known."""
LOWER_EARNINGS_LIMIT = 5_000
"""Pounds a year. The limit was between about 4,000 and 5,700 in these years; one round figure serves here."""
LAST_BENEFIT_PAY = 2017
"""Benefits stand among the pay records in tax years 2003/04 to 2016/17 (request form v2.3)."""
LEAST_BROKEN, DAYS_BETWEEN = 120, (2, 12)
"""Days of a spell that may be reported as two, at least, and the days between the two parts."""
DAILY_BENEFIT = 10
"""Pounds of benefit a day in those rows."""
STILL_COUNTED = {"enterprise_earnings", "section_earnings", "sic_earnings"}


def spells(true: Spells, person: np.ndarray, faults: Faults) -> Spells:
    """Spells as reported: some lost, some with a default date. Not yet merged."""
    who = person[true.i]
    lost = faults.strikes(SPELL_MISSING, who, true.start)
    year = _tax_year_of(true.start)
    no_start = faults.strikes(UNCERTAIN_START, who, true.start, rate=_by_seam(UNCERTAIN_START, true.start))
    final = true.end == day(2021, 4, 5)  # still going on when the data end
    no_end = faults.strikes(UNCERTAIN_END, who, true.start, rate=_by_seam(UNCERTAIN_END, true.end)) & ~final
    for fault, chosen, dates in (
        (SPELL_MISSING, lost, true.start), (UNCERTAIN_START, no_start & ~lost, true.start),
        (UNCERTAIN_END, no_end & ~lost, true.end),
    ):  # fmt: skip
        names = [f"person={p};start={s}" for p, s in zip(who[chosen], true.start[chosen], strict=True)]
        faults.record(fault, "leo_employment", names, [str(value) for value in dates[chosen]])
    start = np.where(no_start, days_of(year - 1, 4, 6), true.start)
    end = np.where(no_end, days_of(_tax_year_of(true.end), 4, 5), np.where(final, OPEN_END, true.end))
    kept = ~lost
    reported = Spells(true.i[kept], start[kept], end[kept], no_start[kept], no_end[kept])
    return _broken(reported, person, faults)


def _broken(spells: Spells, person: np.ndarray, faults: Faults) -> Spells:
    """Some spells in two, with days between that nobody reported. Those with an uncertain date stay whole."""
    who = person[spells.i]
    last = np.minimum(spells.end, day(2021, 4, 5))
    whole = spells.uncertain_start | spells.uncertain_end | (last - spells.start < LEAST_BROKEN)
    chosen = np.flatnonzero(faults.strikes(SPELL_BROKEN, who, spells.start) & ~whole)
    names = [f"person={p};start={s}" for p, s in zip(who[chosen], spells.start[chosen], strict=True)]
    faults.record(SPELL_BROKEN, "leo_employment", names, [str(value) for value in spells.end[chosen]])
    stream, start = faults.stream(SPELL_BROKEN), spells.start[chosen]
    cut = start + 30 + stream.below(last[chosen] - start - 60, who[chosen], 4 * start + 1)
    between = DAYS_BETWEEN[0] + stream.below(DAYS_BETWEEN[1] - DAYS_BETWEEN[0] + 1, who[chosen], 4 * start + 2)
    end = spells.end.copy()
    end[chosen] = cut
    second = (spells.i[chosen], cut + between + 1, spells.end[chosen], *[np.zeros(len(chosen), dtype=bool)] * 2)
    first = (spells.i, spells.start, end, spells.uncertain_start, spells.uncertain_end)
    return Spells(*(np.concatenate(each) for each in zip(first, second, strict=True)))


def _by_seam(fault: Fault, dates: np.ndarray) -> np.ndarray:
    """The rate of a fault of dates before real-time reports and after, in millionths."""
    return np.where(dates < REAL_TIME, fault.rate, fault.rate * REAL_TIME_KEEPS // 1_000_000)


def earnings(rows: Rows, faults: Faults) -> Rows:
    """Totals as reported: some missing, low pay missing before April 2013, some 0."""
    person, year = rows["person"], rows["taxyear"] % 100 + 2000
    missing = faults.strikes(PAY_MISSING, person, year)
    low = (rows["earnings"] < LOWER_EARNINGS_LIMIT) & (year <= 2013)
    unreported = low & faults.strikes(LOW_PAY_MISSING, person, year) & ~missing
    negative = faults.strikes(NEGATIVE_PAY, person, year) & ~missing & ~unreported
    for fault, chosen in ((PAY_MISSING, missing), (LOW_PAY_MISSING, unreported), (NEGATIVE_PAY, negative)):
        faults.record_rows(fault, "leo_earnings", rows, chosen, "earnings")
    rows = rows | {"earnings": np.where(negative, 0, rows["earnings"])}
    return select(rows, ~(missing | unreported))


def _tax_year_of(days: np.ndarray) -> np.ndarray:
    """The calendar year in which the tax year of a day ends."""
    starts = np.array([day(year, 4, 6) for year in range(2000, 2024)])
    return 2000 + np.searchsorted(starts, days, side="right")


def unmatched(people: People, life: Work, faults: Faults) -> np.ndarray:
    """Which employers of a tax year are not found on the register, shape (people, tax years, slots)."""
    firm = life.jobs.firm
    missing = np.zeros(firm.shape, dtype=bool)
    i, column, slot = np.nonzero(firm >= 0)
    struck = faults.strikes(EMPLOYER_UNMATCHED, people.person[i], column * 4 + slot)
    struck &= (column + TAX_YEARS[0] >= 2004) & (life.earnings[i, column] > 0)
    i, column, slot = i[struck], column[struck], slot[struck]
    missing[i, column, slot] = True
    names = [f"person={p};taxyear={y}" for p, y in zip(people.person[i], _labels(column), strict=True)]
    faults.record(EMPLOYER_UNMATCHED, "leo_earnings", names, [str(f) for f in firm[i, column, slot]])
    return missing


def benefit_pay(
    rows: Rows, people: People, keys: Keys, *, out_of_work: Spells, copy: np.ndarray, faults: Faults
) -> Rows:
    """Benefits among the pay: added to a year's total, or a row of their own without an employer."""
    days = days_by_tax_year(out_of_work, len(people))
    i, column = np.nonzero((days > 0) & (np.array(TAX_YEARS) >= 2004) & (np.array(TAX_YEARS) <= LAST_BENEFIT_PAY))
    struck = faults.strikes(BENEFIT_IN_PAY, people.person[i], column)
    i, column = i[struck], column[struck]
    pounds = DAILY_BENEFIT * days[i, column]
    known = rows["person"] * 10**6 + rows["taxyear"]
    wanted = people.person[i] * 10**6 + _labels(column)
    order = np.argsort(known, kind="stable")  # of two rows of a year the one that the earnings table had first
    at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)] if len(known) else np.zeros(0, int)
    there = known[at] == wanted if len(known) else np.zeros(len(i), dtype=bool)
    total = rows["earnings"].copy()
    names = [f"edukey={k.decode()};taxyear={y}" for k, y in
             zip(keys.edukey(people.person[i], copy[i, column]), _labels(column), strict=True)]  # fmt: skip
    originals = [str(total[row]) if found else None for row, found in zip(at, there, strict=True)]
    faults.record(BENEFIT_IN_PAY, "leo_earnings", names, originals)
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
    chosen = faults.strikes(BENEFIT_LEFT_OPEN, person[true.i], true.start * 16 + kind) & (true.end != OPEN_END)
    names = [f"person={p};start={s}" for p, s in zip(person[true.i[chosen]], true.start[chosen], strict=True)]
    faults.record(BENEFIT_LEFT_OPEN, "leo_benefit", names, [str(value) for value in true.end[chosen]])
    return replace(true, end=np.where(chosen, OPEN_END, true.end))


@plants("leo_self_assessment")
def self_assessment(rows: Rows, faults: Faults) -> Rows:
    """Returns that were not in when the data were taken."""
    late = faults.strikes(RETURN_MISSING, rows["person"], rows["taxyear"])
    faults.record_rows(RETURN_MISSING, "leo_self_assessment", rows, late, "earnings_self_employment")
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
