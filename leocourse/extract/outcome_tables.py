"""The outcome tables of a block: work, pay, benefits, self-employment, pandemic schemes and addresses."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Rows, select
from leocourse.extract.base.dates import LAST_TAX_YEAR, day
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import Faults, linkage
from leocourse.extract.faults import work as faults_of_work
from leocourse.extract.faults.planting import planted
from leocourse.extract.lives import work
from leocourse.extract.lives.population import People
from leocourse.extract.records import benefits, earnings, employment, geography, pandemic_support, self_employment

Claims = tuple[work.Spells, np.ndarray]
"""Benefit spells and the type of each."""


def outcome_tables(people: People, keys: Keys, life: work.Work, links: dict, switches: Faults) -> dict[str, Rows]:
    """Rows of the tables of ``leo_i2``. People who could not be linked have none."""
    years = np.array(work.TAX_YEARS)
    second = (links["two_edukeys"][:, None] & (years >= links["second_from"][:, None])).astype(np.int64)
    starts = np.array([day(year - 1, 4, 6) for year in range(2000, LAST_TAX_YEAR + 1)])
    boundary = starts[links["second_from"] - 2000]
    reported = work.merge(faults_of_work.spells(life.spells, people.person, switches))
    reported, copy = linkage.both_keys(reported, links, boundary)
    claims = benefits.benefit_spells(people, life)
    first = {
        "leo_employment": employment.employment_rows(people, keys, reported, copy),
        "leo_geography": geography.geography_rows(people, keys, life, claims[0], second),
    }
    rows = planted(first, switches)  # before the others: the ledger keeps the order of what happens
    then = {
        "leo_earnings": _pay(people, keys, life, claims, copy=second, switches=switches),
        "leo_benefit": _benefits(people, keys, claims, links, boundary=boundary, switches=switches),
    } | _self_employment_and_support(people, keys, life, second)
    rows |= planted(then, switches)
    unlinked = people.person[links["no_edukey"]]
    return {name: select(table, ~np.isin(table["person"], unlinked)) for name, table in rows.items()}


def _self_employment_and_support(people: People, keys: Keys, life: work.Work, copy: np.ndarray) -> dict[str, Rows]:
    return {
        "leo_self_assessment": self_employment.self_assessment_rows(people, keys, life, copy),
        "leo_cjrs": pandemic_support.cjrs_rows(people, keys, life.furlough, copy),
        "leo_seiss": pandemic_support.seiss_rows(people, keys, life, copy),
    }


def _pay(people: People, keys: Keys, life: work.Work, claims: Claims, *, copy: np.ndarray, switches: Faults) -> Rows:
    """The earnings table as reported, some benefits among the pay."""
    unmatched = faults_of_work.unmatched(people, life, switches)
    pay = faults_of_work.earnings(earnings.earnings_rows(people, keys, life, copy, unmatched), switches)
    pay = faults_of_work.nothing_counted(pay, pay["earnings"] == 0)
    spells, kind = claims
    out_of_work = benefits.only(spells, benefits.counts_as_out_of_work(kind))
    return faults_of_work.benefit_pay(pay, people, keys, out_of_work=out_of_work, copy=copy, faults=switches)


def _benefits(
    people: People, keys: Keys, claims: Claims, links: dict, *, boundary: np.ndarray, switches: Faults
) -> Rows:
    """The benefit table as reported. A spell across the boundary stands under both keys of a person."""
    spells, kind = claims
    reported = faults_of_work.benefits(spells, kind, people.person, switches)
    first_day = boundary[reported.i]
    across = links["two_edukeys"][reported.i] & (reported.start < first_day) & (reported.end >= first_day)
    kinds = np.concatenate([kind, kind[across]])
    reported, copy = linkage.both_keys(reported, links, boundary)
    return benefits.benefit_rows(people, keys, reported, kinds, copy)
