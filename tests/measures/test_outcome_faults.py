"""With faults, only people whom the ledger names may have another outcome than the simulated lives."""

from __future__ import annotations

import numpy as np
import pandas as pd
from lives import TAX_YEARS, Lives, covered_days, label

from leocourse.extract.base.numbers import everybody


def named(world, *faults: str) -> set[int]:
    """Numbers of the people whom the ledger names for these faults, by whatever key it uses."""
    lines = world.con.sql(
        "SELECT DISTINCT row_key FROM truth.ledger WHERE fault IN (" + ", ".join(f"'{f}'" for f in faults) + ")"
    ).fetchall()
    number = np.arange(len(world.people))
    by_key = {
        key.decode(): n for copy in (0, 1) for n, key in zip(number, world.keys.edukey(number, copy), strict=True)
    }
    by_key |= {key.decode(): n for n, key in zip(number, world.keys.pmr(number), strict=True)}
    found = set()
    for (text,) in lines:
        parts = dict(part.split("=", 1) for part in text.split(";"))
        if "person" in parts:
            found.add(int(parts["person"]))
        elif "external_id" in parts:
            found.add(_learner(world)[int(parts["external_id"])])
        else:
            found |= {by_key[value] for value in parts.values() if value in by_key}
    return found


def _learner(world) -> dict[int, int]:
    from leocourse.extract.base.keys import RECORDS

    people = everybody(0, len(world.people))  # adults are learners too
    number = np.repeat(people, RECORDS)
    record = np.tile(np.arange(RECORDS), len(people))
    return dict(zip(world.keys.external_id(number, record).tolist(), number.tolist(), strict=True))


def differing(found: pd.Series, expected: pd.Series) -> set[int]:
    """People for whom two series by person and year disagree; a missing row is 0."""
    both = pd.concat([found.rename("found"), expected.rename("expected")], axis=1).fillna(0)
    return set(both[both.found != both.expected].index.get_level_values(0))


def test_faults_of_days_are_explained_by_the_ledger(world):
    """Also: whoever has two EDUKEYs or two AE_IDs is whole, or this would fail."""
    lives = Lives(world.seed, len(world.people))
    days = pd.DataFrame(lives.life.days, columns=[label(y) for y in TAX_YEARS]).stack()
    rows = world.measure("days_in_employment").set_index("tax_year", append=True).days
    wrong = differing(rows, days[days > 0])
    explained = named(world, "uncertain_start", "uncertain_end", "spell_missing", "spell_broken", "no_edukey")
    assert wrong and wrong <= explained
    assert set(np.flatnonzero(world.links.two_keys)) - explained
    assert not set(rows.index.get_level_values(0)) & set(np.flatnonzero(world.links.no_edukey))


def test_dropping_uncertain_spells_loses_days(world):
    keep = world.measure("days_in_employment").days.sum()
    drop = world.measure("days_in_employment", uncertain="drop").days.sum()
    assert drop < keep
    years = list(range(1, 11))
    kept = world.measure("sustained_employment", years=years).sustained.sum()
    assert world.measure("sustained_employment", years=years, uncertain="drop").sustained.sum() < kept
    at_work = world.measure("main_activity", years=years).activity == "Employment"
    without = world.measure("main_activity", years=years, uncertain="drop").activity == "Employment"
    assert without.sum() < at_work.sum()


def test_faults_of_pay_are_explained_by_the_ledger(world):
    lives = Lives(world.seed, len(world.people))
    pay = pd.DataFrame(lives.life.earnings, columns=[label(y) for y in TAX_YEARS]).drop(columns=[200203]).stack()
    rows = world.measure("earnings").set_index("tax_year", append=True).earnings
    wrong = differing(rows, pay[pay > 0])
    explained = named(world, "pay_missing", "low_pay_missing", "negative_pay", "benefit_in_pay", "no_edukey")
    assert wrong and wrong <= explained
    assert rows.index.is_unique


def test_faults_of_benefits_are_explained_by_the_ledger(world):
    lives = Lives(world.seed, len(world.people))
    chosen = lives.claims[lives.claims.out_of_work]
    expected = pd.DataFrame(
        {label(y): covered_days(chosen, len(world.people), f"{y}-04-06", f"{y + 1}-04-05") for y in TAX_YEARS}
    ).stack()
    rows = world.measure("days_on_benefits").set_index("tax_year", append=True).days
    wrong = differing(rows, expected[expected > 0])
    assert wrong <= named(world, "benefit_left_open", "no_edukey") and wrong


def test_faults_of_states_are_explained_by_the_ledger(world):
    lives = Lives(world.seed, len(world.people))
    expected = [lives.states(after) for after in range(1, 6)]
    rows = world.measure("state_sequence").sequence
    wrong = set()
    for i, sequence in rows.items():
        reached = min(5, 2021 - lives.people.cohort[i] - 17)
        if sequence.replace("N", ".") != "".join(expected[after][i] for after in range(reached)):
            wrong.add(i)
    explained = named(world, "uncertain_start", "uncertain_end", "spell_missing", "spell_broken", "no_edukey", "benefit_left_open",
                      "aim_end_missing", "census_off_roll", "census_dual_registration", "nccis_contradicts")  # fmt: skip
    assert wrong and wrong <= explained


def test_an_unlinked_graduate_is_unmatched(world):
    rows = world.measure("graduate_outcomes", years=[1])
    without = set(np.flatnonzero(world.links.no_edukey))
    unmatched = set(rows[rows.category == "unmatched"].index)
    study = set(rows[rows.further_study == 1].index)
    assert unmatched == (without & set(rows.index)) - study
    linked = world.measure("sustained_employment", years=[1]).linked
    assert set(linked[linked == 0].index) == without & set(linked.index)
