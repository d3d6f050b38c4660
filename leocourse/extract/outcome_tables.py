"""The outcome tables of a block: work, pay, benefits, self-employment, pandemic schemes and addresses."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Rows, select
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import Faults, linkage
from leocourse.extract.faults import work as faults_of_work
from leocourse.extract.faults.planting import planted
from leocourse.extract.lives import work
from leocourse.extract.lives.population import People
from leocourse.extract.records import benefits, earnings, employment, geography, pandemic_support, self_employment

Claims = tuple[work.Spells, np.ndarray]
"""Benefit spells and the type of each."""


def outcome_tables(
    people: People, keys: Keys, life: work.Work, links: linkage.Links, *, claims: Claims, switches: Faults
) -> dict[str, Rows]:
    """Rows of the tables of ``leo_i2``. People who could not be linked have none, but for a few."""
    reported = work.merge(faults_of_work.spells(life.spells, people.person, switches))
    reported, copy, _ = linkage.both_keys(reported, links)
    reported, copy, _ = linkage.side_by_side(reported, copy, links, person=people.person, faults=switches)
    first = {
        "leo_employment": employment.employment_rows(people, keys, reported, copy),
        "leo_geography": geography.geography_rows(people, keys, life, claims[0], links.copy),
    }
    rows = planted(first, switches)  # before the others: the ledger keeps the order of what happens
    then = {
        "leo_earnings": _pay(people, keys, life, claims, links=links, switches=switches),
        "leo_benefit": _benefits(people, keys, claims, links, switches),
    } | _self_employment_and_support(people, keys, life, links.copy)
    rows |= planted(then, switches)
    unlinked = people.person[links.without_outcomes]
    return {name: select(table, ~np.isin(table["person"], unlinked)) for name, table in rows.items()}


def _self_employment_and_support(people: People, keys: Keys, life: work.Work, copy: np.ndarray) -> dict[str, Rows]:
    return {
        "leo_self_assessment": self_employment.self_assessment_rows(people, keys, life, copy),
        "leo_cjrs": pandemic_support.cjrs_rows(people, keys, life.furlough, copy),
        "leo_seiss": pandemic_support.seiss_rows(people, keys, life, copy),
    }


def _pay(
    people: People, keys: Keys, life: work.Work, claims: Claims, *, links: linkage.Links, switches: Faults
) -> Rows:
    """The earnings table as reported, some benefits among the pay."""
    unmatched = faults_of_work.unmatched(people, life, switches)
    pay = faults_of_work.earnings(earnings.earnings_rows(people, keys, life, links.copy, unmatched), switches)
    pay = faults_of_work.nothing_counted(pay, pay["earnings"] == 0)
    pay = linkage.pay_under_both(pay, people, keys, links, switches)
    spells, kind = claims
    out_of_work = benefits.only(spells, benefits.counts_as_out_of_work(kind))
    return faults_of_work.benefit_pay(pay, people, keys, out_of_work=out_of_work, copy=links.copy, faults=switches)


def _benefits(people: People, keys: Keys, claims: Claims, links: linkage.Links, switches: Faults) -> Rows:
    """The benefit table as reported, spread over the keys of people who have two."""
    spells, kind = claims
    reported = faults_of_work.benefits(spells, kind, people.person, switches)
    reported, copy, place = linkage.both_keys(reported, links)
    kind = kind[place]
    reported, copy, place = linkage.side_by_side(
        reported, copy, links, person=people.person, faults=switches, number=1 + kind
    )
    return benefits.benefit_rows(people, keys, reported, kind[place], copy)
