"""Faults of linkage: people resolved twice, people with two EDUKEYs, and people who could not be linked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.faults.planting import Faults, declare, shows
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.lives.work import Spells

PMRS, EDUKEYS = "learner_ae_id_to_pmr_lookup", "learner_ae_id_to_edukey_lookup"
TWO_AE_IDS = declare(
    "two_ae_ids", 6_000, "A person was resolved twice: one PMR leads to two AE_IDs.",
    shows(EDUKEYS, key={"person": "edukey"}, ledger=PMRS, breaks=("unique key edukey",)),
    shows(PMRS, key={"person": "pupilmatchingrefanonymous"}, rows=2, breaks=("unique key pupilmatchingrefanonymous",)),
)  # fmt: skip
TWO_EDUKEYS = declare(
    "two_edukeys", 25_000, "A person has two EDUKEYs: earlier outcomes stand under one, later under the other.",
    shows(EDUKEYS, key={"person": "ae_id"}, rows=2, unless=("no_edukey",), breaks=("unique key ae_id",)),
    shows("leo_earnings", key={"person": "edukey"}, ledger=EDUKEYS, breaks=("employment comes with pay",)),
)  # fmt: skip
NO_EDUKEY = declare(
    "no_edukey", 30_000,
    "A person could not be linked. Likelier in minority ethnic groups and at low attainment.",
    shows(EDUKEYS, key={"person": "ae_id"}, rows=0),
    shows(PMRS, key={"person": "ae_id"}, ledger=EDUKEYS, breaks=("foreign key ae_id",)),
)  # fmt: skip


def linkage(people: People, faults: Faults) -> dict[str, np.ndarray]:
    """Who has two AE_IDs, two EDUKEYs (and from which tax year the second), or none."""
    person = people.person
    minority = np.array([code[0] not in "W" for code in MINORS])[people.minor]
    rate = NO_EDUKEY.rate + 25_000 * minority + np.where(people.attainment < -500, 20_000, 0)
    struck = {}
    for fault, table, own_rate in ((TWO_AE_IDS, PMRS, None), (TWO_EDUKEYS, EDUKEYS, None), (NO_EDUKEY, EDUKEYS, rate)):
        struck[fault.name] = chosen = faults.strikes(fault, person, rate=own_rate)
        faults.record(fault, table, [f"person={number}" for number in person[chosen]], [None] * int(chosen.sum()))
    return struck | {"second_from": 2006 + faults.stream(TWO_EDUKEYS).below(14, person, 1)}


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
