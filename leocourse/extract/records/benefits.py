"""Benefit spells by type. Spells of one type that overlap or abut are merged; types may overlap.

Out-of-work claims come from the months of :mod:`leocourse.extract.lives.activity`; their type follows from the
reason for the claim and the date: universal credit takes over from 2013, area by area, and incapacity
benefit gives way to employment and support allowance in October 2008. Besides there are benefits that
are no sign of being out of work: disability living allowance (personal independence payment from 2013)
and universal credit while working. The types and the flag are those of published analysis code
(codes seen in published code for LEO): the request form has no list.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import OPEN_END, day
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH, runs
from leocourse.extract.lives.pathways import month_of
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Spells, Work, merge

TYPES = ["DLA", "ESA", "IB", "ICA", "IS", "JSA", "PIP", "UAA", "UAB", "UBC", "UBD", "UCE", "UDF", "UNA"]
OUT_OF_WORK = {"ESA", "IB", "ICA", "IS", "JSA", "UAA", "UBC", "UCE", "UDF"}
ESA_FROM, PIP_FROM, UC_FROM = month_of(2008, 10), month_of(2013, 6), month_of(2013, 4)
CARERS_ALLOWANCE, WORKING_CREDIT, GROUP_UNKNOWN = 250_000, 450_000, 12_000
DISABLED = 1_900
"""Need (thousandths) above which a person draws a disability benefit."""


def benefit_spells(people: People, life: Work) -> tuple[Spells, np.ndarray]:
    """The true benefit spells to 5 April 2021, merged within type, and each one's type (index)."""
    person, history = people.person, life.activity.claims
    i, first, last = runs(history)
    reason = _reasons(people, i, first, life.activity.hardship)
    parts = [_out_of_work(people, i, first, last, reason)]
    parts.append(_working(people, life, i, first, last))
    cares = (reason == 2) & people.stream("benefits/carer").chance(CARERS_ALLOWANCE, person[i])
    parts.append((i[cares], first[cares], last[cares], np.full(int(cares.sum()), TYPES.index("ICA"))))
    parts.append(_disability(people, life))
    i, first, last, kind = map(np.concatenate, zip(*parts, strict=True))
    kept = last >= first
    i, first, last, kind = i[kept], first[kept], last[kept], kind[kept]
    starts = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(FIRST_MONTH, LAST_MONTH + 2)])
    start = starts[first - FIRST_MONTH] + people.stream("benefits/start").below(14, person[i], first * 16 + kind)
    end = starts[last - FIRST_MONTH] + 14 + people.stream("benefits/end").below(14, person[i], last * 16 + kind)
    end = np.where(last == LAST_MONTH, OPEN_END, end)
    false = np.zeros(len(i), dtype=bool)
    joined = merge(Spells(i * len(TYPES) + kind, start, end, false, false))
    spells = Spells(joined.i // len(TYPES), joined.start, joined.end, joined.uncertain_start, joined.uncertain_end)
    return spells, joined.i % len(TYPES)


def counts_as_out_of_work(kind: np.ndarray) -> np.ndarray:
    """Whether each type is paid to people out of work."""
    return np.array([each in OUT_OF_WORK for each in TYPES])[kind]


def only(spells: Spells, chosen: np.ndarray) -> Spells:
    """The chosen spells."""
    return Spells(*(getattr(spells, name)[chosen] for name in Spells.__dataclass_fields__))


def benefit_rows(people: People, keys: Keys, spells: Spells, kind: np.ndarray, copy: np.ndarray) -> Rows:
    """The benefit table. ``copy`` says on which EDUKEY of the person a spell stands."""
    person = people.person[spells.i]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy),
        "startdate": spells.start,
        "enddate": spells.end,
        "benefit_type": Coded(kind, TYPES),
        "out_of_work_benefit": counts_as_out_of_work(kind).astype(np.int64),
    }


def _reasons(people: People, i: np.ndarray, first: np.ndarray, hardship: np.ndarray) -> np.ndarray:
    """Why a person claims: 0 seeks work, 1 ill health, 2 cares for a child or another."""
    draw = people.stream("benefits/reason").below(1000, people.person[i], first)
    ill = 90 + np.clip(people.need[i], 0, 2_500) * 280 // 1000 + np.clip(hardship[i], 0, 2_000) * 80 // 1000
    since = (first - month_of(people.cohort[i] + 17, 8)) // 12
    cares = np.where(people.male[i], 15, np.clip(60 * since, 0, 420))
    return np.where(draw < ill, 1, np.where(draw < ill + cares, 2, 0))


def _rollout(people: People, i: np.ndarray) -> np.ndarray:
    """The month from which new claims where a person lives are for universal credit."""
    early = people.stream("benefits/pathfinder").chance(60_000, people.area)  # by area, as it was
    wave = people.stream("benefits/rollout").below(33, people.area)
    return np.where(early, UC_FROM + wave // 2, month_of(2016, 4) + wave)[i]


def _out_of_work(people: People, i, first, last, reason) -> tuple[np.ndarray, ...]:
    """Out-of-work claims by type. A claim for incapacity that lasts beyond 2011 becomes one for ESA."""
    universal = first >= _rollout(people, i)
    unknown = people.stream("benefits/unknown").chance(GROUP_UNKNOWN, people.person[i], first)
    prepares = people.stream("benefits/prepares").chance(500_000, people.person[i], first)
    old = np.where(reason == 0, TYPES.index("JSA"), np.where(reason == 2, TYPES.index("IS"), TYPES.index("ESA")))
    old = np.where((reason == 1) & (first < ESA_FROM), TYPES.index("IB"), old)
    carer = np.where(prepares, TYPES.index("UCE"), TYPES.index("UDF"))
    new = np.where(reason == 0, TYPES.index("UAA"), np.where(reason == 2, carer, TYPES.index("UBC")))
    new = np.where(unknown, TYPES.index("UNA"), new)
    kind = np.where(universal, new, old)
    moved = month_of(2011, 4) + people.stream("benefits/moved").below(30, people.person[i])
    split = (kind == TYPES.index("IB")) & (last >= moved) & (first < moved)
    ends = np.where(split, moved - 1, last)
    later = np.full(int(split.sum()), TYPES.index("ESA"))
    return (
        np.concatenate([i, i[split]]), np.concatenate([first, moved[split]]),
        np.concatenate([ends, last[split]]), np.concatenate([kind, later]),
    )  # fmt: skip


def _working(people: People, life: Work, i, first, last) -> tuple[np.ndarray, ...]:
    """Universal credit goes on for some when work begins: not an out-of-work benefit."""
    universal = (first >= _rollout(people, i)) & (last < LAST_MONTH)
    begins = np.minimum(last + 1, LAST_MONTH)
    chosen = universal & life.activity.works[begins - FIRST_MONTH, i]
    chosen &= people.stream("benefits/working").chance(WORKING_CREDIT, people.person[i], first)
    i, begins = i[chosen], begins[chosen]
    length = 1 + people.stream("benefits/working/length").below(14, people.person[i], begins)
    free = people.stream("benefits/working/kind").chance(400_000, people.person[i], begins)
    kind = np.where(free, TYPES.index("UBD"), TYPES.index("UAB"))
    return i, begins, np.minimum(begins + length, LAST_MONTH), kind


def _disability(people: People, life: Work) -> tuple[np.ndarray, ...]:
    """Disability living allowance from 16, personal independence payment from some time after June 2013."""
    draws = people.need + 300 * people.stream("benefits/disabled").normal(people.person) // 1000 > DISABLED
    i = np.flatnonzero(draws)
    begin = np.maximum(month_of(people.cohort[i] + 17, 8), FIRST_MONTH)
    begin = begin + np.where(people.stream("benefits/later").chance(350_000, people.person[i]), 12, 0)
    end = np.minimum(life.activity.gone[i] - 1, LAST_MONTH)
    change = PIP_FROM + people.stream("benefits/reassessed").below(54, people.person[i])
    old, new = np.full(len(i), TYPES.index("DLA")), np.full(len(i), TYPES.index("PIP"))
    return (
        np.concatenate([i, i]), np.concatenate([begin, np.maximum(begin, change)]),
        np.concatenate([np.minimum(end, change - 1), end]), np.concatenate([old, new]),
    )  # fmt: skip
