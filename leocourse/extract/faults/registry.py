"""What goes wrong between lives and records: every planted fault, its rate and its own random stream.

Because each fault draws from a stream of its own, switching one off leaves all else as it was.
Rates are design choices that make a fault worth handling; they are not estimates of the real extract.
Each fault that changes a row writes a line of the ledger: fault, table, key, original value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from leocourse.core.errors import LeoError
from leocourse.extract.base.columns import Rows, append, blank, count, select, text_of
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.base.dates import OPEN_END, day, days_of
from leocourse.extract.base.random import Stream
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.lives.work import Spells

FAULTS: dict[str, tuple[int, str]] = {
    "census_dual_registration": (12_000, "A pupil is registered at two schools, so has two census records."),
    "census_off_roll": (8_000, "A former school still returns the pupil, off roll and without FSM, SEN or area."),
    "ks4_two_records": (15_000, "A pupil has a second key stage 4 record, with part of the results."),
    "census_left_before_entry": (250_000, "A record off roll has a leaving date before its entry date."),
    "fsm_under_recorded": (500_000, "One local authority never recorded half of its pupils eligible for free meals."),
    "absence_two_records": (9_000, "A pupil at two schools has a second absence record, not the main one."),
    "two_ae_ids": (6_000, "A person was resolved twice: one PMR leads to two AE_IDs."),
    "two_edukeys": (25_000, "A person has two EDUKEYs: earlier outcomes stand under one, later under the other."),
    "no_edukey": (30_000, "A person could not be linked. Likelier in minority ethnic groups and at low attainment."),
    "uncertain_start": (45_000, "A spell's start is unknown, so it is put at 6 April."),
    "uncertain_end": (30_000, "A spell's end is unknown, so it is put at 5 April."),
    "spell_missing": (15_000, "A spell was never reported: pay without employment."),
    "pay_missing": (15_000, "A year's pay was never reported: employment without pay."),
    "low_pay_missing": (400_000, "Until April 2013 pay below the lower earnings limit need not be reported."),
    "negative_pay": (4_000, "A correction made the year's total negative, so it appears as 0."),
    "employer_unmatched": (40_000, "An employer is not on the register: its pay counts in no employer column."),
    "benefit_in_pay": (6_000, "Until 2016/17 an out-of-work benefit stands among the pay."),
    "benefit_left_open": (8_000, "The end of a benefit spell was never reported, so the spell appears as open."),
    "return_missing": (25_000, "A tax return was not in: self-employed, but no self-assessment."),
    "aim_end_missing": (20_000, "An aim's end date was lost and appears as 1900-01-01."),
    "ucas_age_zero": (8_000, "An applicant's age appears as 0."),
    "nccis_contradicts": (25_000, "The caseload is out of date: it says work or unknown of somebody in education."),
    "address_missing": (30_000, "No address is known in a tax year."),
}  # fmt: skip
"""Name: rate in millionths (of the rows or people that the fault can strike), and what it does."""

LOWER_EARNINGS_LIMIT = 5_000
"""Pounds a year. The limit was between about 4,000 and 5,700 in these years; one round figure serves here."""


@dataclass
class Faults:
    """The faults that are switched on for one extract, and the ledger that they fill."""

    seed: int
    without: Collection[str] = ()
    ledger: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in self.without:
            if name not in FAULTS:
                raise LeoError(f"Unknown fault '{name}': choose from {', '.join(FAULTS)}.")

    def strikes(
        self, name: str, person: np.ndarray, k: int | np.ndarray = 0, rate: np.ndarray | None = None
    ) -> np.ndarray:
        """Which draws the fault strikes (none where it is switched off)."""
        if name in self.without:
            return np.zeros(len(person), dtype=bool)
        return self.stream(name).chance(FAULTS[name][0] if rate is None else rate, person, k)

    def stream(self, name: str) -> Stream:
        """The fault's own source of draws."""
        return Stream(self.seed, "fault/" + name)

    def record(self, name: str, table: str, keys: list[str], originals: list[str | None]) -> None:
        """Write lines of the ledger."""
        self.ledger.extend((name, table, *pair) for pair in zip(keys, originals, strict=True))


def census(rows: Rows, faults: Faults) -> Rows:
    """Dual registration, and pupils whom a former school still returns."""
    person, year = rows["person"], rows["collection_year"]
    dual = faults.strikes("census_dual_registration", person, year)
    left = faults.strikes("census_off_roll", person, year) & ~dual & (year >= 2009)
    second, former = select(rows, dual), select(rows, left)
    other = 1_000_000 + faults.stream("census_dual_registration").below(3_600, second["person"], 1).astype(np.int32)
    second |= {
        "laestab_anon": other,
        "urn_anon": other - 500_000,
        "recordstatus": np.full(count(second), 103, dtype=np.int16),
        "enrolstatus": replace_in(second["enrolstatus"], np.ones(count(second), dtype=bool), 3),
    }
    every = np.ones(count(former), dtype=bool)
    former |= {
        "recordstatus": np.full(count(former), 101, dtype=np.int16),
        "onroll": np.zeros(count(former), dtype=np.int16),
        "leavingdate": replace_in(former["leavingdate"], every, days_of(former["collection_year"] - 1, 12, 19)),
        "laestab_anon": former["laestab_anon"] + 1,
        "urn_anon": former["urn_anon"] + 1,
    } | {name: blank(former[name], every) for name in ("fsmeligible", "senprovision", "lsoa01", "lsoa11")}
    for name, chosen in (("census_dual_registration", dual), ("census_off_roll", left)):
        faults.record(name, "school_census", row_keys(rows, chosen, "pupilmatchingrefanonymous", "collection_year"),
                      text_of(rows["recordstatus"], chosen))  # fmt: skip
    rows = rows | {
        "recordstatus": np.where(dual, 3, np.where(left, 1, 0)).astype(np.int16),
        "enrolstatus": replace_in(rows["enrolstatus"], dual, 2),
    }
    return _nullable_join(rows, second, former)


def linkage(people: People, faults: Faults) -> dict[str, np.ndarray]:
    """Who has two AE_IDs, two EDUKEYs (and from which tax year the second), or none."""
    person = people.person
    minority = np.array([code[0] not in "W" for code in MINORS])[people.minor]
    rate = FAULTS["no_edukey"][0] + 25_000 * minority + np.where(people.attainment < -500, 20_000, 0)
    struck = {
        "two_ae_ids": faults.strikes("two_ae_ids", person),
        "two_edukeys": faults.strikes("two_edukeys", person),
        "no_edukey": faults.strikes("no_edukey", person, rate=rate),
    }
    for name, chosen in struck.items():
        table = "learner_ae_id_to_pmr_lookup" if name == "two_ae_ids" else "learner_ae_id_to_edukey_lookup"
        faults.record(name, table, [f"person={number}" for number in person[chosen]], [None] * int(chosen.sum()))
    return struck | {"second_from": 2006 + faults.stream("two_edukeys").below(14, person, 1)}


def spells(true: Spells, person: np.ndarray, faults: Faults) -> Spells:
    """Spells as reported: some lost, some with a default date. Not yet merged."""
    who = person[true.i]
    lost = faults.strikes("spell_missing", who, true.start)
    year = _tax_year_of(true.start)
    no_start = faults.strikes("uncertain_start", who, true.start)
    final = true.end == day(2021, 4, 5)  # still going on when the data end
    no_end = faults.strikes("uncertain_end", who, true.start) & ~final
    for name, chosen, dates in (
        ("spell_missing", lost, true.start), ("uncertain_start", no_start & ~lost, true.start),
        ("uncertain_end", no_end & ~lost, true.end),
    ):  # fmt: skip
        names = [f"person={p};start={s}" for p, s in zip(who[chosen], true.start[chosen], strict=True)]
        faults.record(name, "leo_employment", names, [str(value) for value in dates[chosen]])
    start = np.where(no_start, days_of(year - 1, 4, 6), true.start)
    end = np.where(no_end, days_of(_tax_year_of(true.end), 4, 5), np.where(final, OPEN_END, true.end))
    kept = ~lost
    return Spells(true.i[kept], start[kept], end[kept], no_start[kept], no_end[kept])


def earnings(rows: Rows, faults: Faults) -> Rows:
    """Totals as reported: some missing, low pay missing before April 2013, some 0."""
    person, year = rows["person"], rows["taxyear"] % 100 + 2000
    missing = faults.strikes("pay_missing", person, year)
    low = (rows["earnings"] < LOWER_EARNINGS_LIMIT) & (year <= 2013)
    unreported = low & faults.strikes("low_pay_missing", person, year) & ~missing
    negative = faults.strikes("negative_pay", person, year) & ~missing & ~unreported
    for name, chosen in (("pay_missing", missing), ("low_pay_missing", unreported), ("negative_pay", negative)):
        faults.record(
            name, "leo_earnings", row_keys(rows, chosen, "edukey", "taxyear"), text_of(rows["earnings"], chosen)
        )
    rows = rows | {"earnings": np.where(negative, 0, rows["earnings"])}
    return select(rows, ~(missing | unreported))


def aims(rows: Rows, faults: Faults) -> Rows:
    """Lost end dates appear as 1900-01-01."""
    ends = rows["end_date"]
    chosen = faults.strikes("aim_end_missing", rows["person"], rows["start_date"]) & ~ends.missing
    faults.record("aim_end_missing", "aims", row_keys(rows, chosen, "external_id", "sequence_index"),
                  text_of(ends, chosen))  # fmt: skip
    return rows | {"end_date": replace_in(ends, chosen, day(1900, 1, 1))}


def geography(rows: Rows, faults: Faults) -> Rows:
    """Years without an address have no row."""
    missing = faults.strikes("address_missing", rows["person"], rows["taxyear"])
    faults.record("address_missing", "leo_geography", row_keys(rows, missing, "edukey", "taxyear"),
                  text_of(rows["coa_2011"], missing))  # fmt: skip
    return select(rows, ~missing)


def both_keys(reported: Spells, person_links: dict[str, np.ndarray], boundary: np.ndarray) -> tuple[Spells, np.ndarray]:
    """Spread spells over a person's EDUKEYs: a spell that crosses the boundary stands under both.

    ``boundary`` is the first day under the second key. Returns the spells and each one's key number.
    """
    two = person_links["two_edukeys"][reported.i]
    late = two & (reported.start >= boundary[reported.i])
    across = two & ~late & (reported.end >= boundary[reported.i])
    copy = np.concatenate([late.astype(np.int64), np.ones(int(across.sum()), dtype=np.int64)])
    again = {name: getattr(reported, name)[across] for name in reported.__dataclass_fields__}
    joined = {name: np.concatenate([getattr(reported, name), again[name]]) for name in again}
    return replace(reported, **joined), copy


def _tax_year_of(days: np.ndarray) -> np.ndarray:
    """The calendar year in which the tax year of a day ends."""
    starts = np.array([day(year, 4, 6) for year in range(2000, 2024)])
    return 2000 + np.searchsorted(starts, days, side="right")


def row_keys(rows: Rows, chosen: np.ndarray, *columns: str) -> list[str]:
    """What the ledger calls the chosen rows: ``name=value`` of these columns, joined by semicolons."""
    line = ";".join(f"{name}={{}}" for name in columns)
    return list(map(line.format, *(text_of(rows[name], chosen) for name in columns)))


def _nullable_join(rows: Rows, *others: Rows) -> Rows:
    for more in others:
        rows = append(rows, more)
    return rows
