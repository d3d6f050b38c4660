"""Faults of linkage: people resolved twice, people with two EDUKEYs, and people who could not be linked.

How the keys of the real extract behave is not known: nothing published says whether the EDUKEYs of one person follow
each other or stand side by side. Both are simulated, on different people, and nobody has more than two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leocourse.extract.base.columns import Column, Nullable, Rows, append, select
from leocourse.extract.base.dates import OPEN_END, TAX_YEARS, days_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults.planting import Faults, declare, shows
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.lives.work import Spells

PMRS, EDUKEYS = "learner_ae_id_to_pmr_lookup", "learner_ae_id_to_edukey_lookup"
OUTCOMES = ("leo_benefit", "leo_cjrs", "leo_earnings", "leo_employment", "leo_geography", "leo_seiss",
            "leo_self_assessment")  # fmt: skip
TWO_AE_IDS = declare(
    "two_ae_ids", 15_000, "A person was resolved twice: one PMR leads to two AE_IDs.",
    shows(EDUKEYS, key={"person": "edukey"}, ledger=PMRS, breaks=("unique key edukey",)),
    shows(PMRS, key={"person": "pupilmatchingrefanonymous"}, rows=2, unless=("ae_id_without_pmr",),
          breaks=("unique key pupilmatchingrefanonymous",)),
)  # fmt: skip
AE_ID_WITHOUT_PMR = declare(
    "ae_id_without_pmr", 250_000, "The second AE_ID of a person who was resolved twice leads to no PMR.",
    shows(EDUKEYS, key={"person": "edukey"}, ledger=PMRS, breaks=("the person has a PMR or an education record",)),
    shows(PMRS, key={"person": "pupilmatchingrefanonymous"}, rows=1),
)  # fmt: skip
TWO_EDUKEYS = declare(
    "two_edukeys", 25_000, "A person has two EDUKEYs: earlier outcomes stand under one, later under the other.",
    shows(EDUKEYS, key={"person": "ae_id"}, rows=2, unless=("no_edukey",), breaks=("unique key ae_id",)),
    shows("leo_earnings", key={"person": "edukey"}, ledger=EDUKEYS, breaks=("employment comes with pay",)),
)  # fmt: skip
EDUKEYS_SIDE_BY_SIDE = declare(
    "edukeys_side_by_side", 40_000,
    "A person has two EDUKEYs at once: for some years pay and spells are spread over both.",
    shows(EDUKEYS, key={"person": "ae_id"}, rows=2, unless=("no_edukey",), breaks=("unique key ae_id",)),
    shows("leo_earnings", key={"person": "edukey"}, ledger=EDUKEYS,
          breaks=("employment comes with pay", "pay comes with employment")),
    shows("leo_geography", key={"person": "edukey"}, ledger=EDUKEYS, breaks=("no tax year is left out",)),
)  # fmt: skip
NO_EDUKEY = declare(
    "no_edukey", 30_000,
    "A person could not be linked. Likelier in minority ethnic groups and at low attainment.",
    shows(EDUKEYS, key={"person": "ae_id"}, rows=0, unless=("edukey_blank",)),
    shows(PMRS, key={"person": "ae_id"}, ledger=EDUKEYS, breaks=("foreign key ae_id",)),
    shows("education_records_lookup", key={"person": "ae_id"}, ledger=EDUKEYS, breaks=("foreign key ae_id",)),
)  # fmt: skip
EDUKEY_BLANK = declare(
    "edukey_blank", 300_000, "A person who could not be linked stands in the lookup, with a blank EDUKEY.",
    shows(EDUKEYS, key={"person": "ae_id"}, seen="r.edukey IS NULL", breaks=("primary key",)),
)  # fmt: skip
KEY_NOT_IN_LOOKUP = declare(
    "key_not_in_lookup", 250_000,
    "A person who could not be linked has outcomes, under an EDUKEY that no lookup holds.",
    *(shows(table, key={"edukey": "edukey"}, ledger=EDUKEYS, breaks=("foreign key edukey",)) for table in OUTCOMES),
    shows(EDUKEYS, key={"edukey": "edukey"}, rows=0),
)  # fmt: skip

SIDE_FIRST, SIDE_LAST = 2007, 2018
"""Tax years in which two keys begin to stand side by side. These and the shares below are design choices."""
SIDE_YEARS = (3, 10)
"""For how many tax years they do, at least and at most."""
PAY_SPLIT, PAY_MOVED = 600, 200
"""Of a thousand years of pay side by side: divided between the keys; under the second alone. The rest: the first."""
SECOND_PART = (150, 850)
"""Thousandths of the pay of a divided year that stand under the second key, at least and at most."""
IDENTICAL, TOUCHING, OVERLAPPING = 250, 500, 800
"""Of a thousand spells side by side, added up: under both keys with the same dates; cut in two that touch; cut in two
that overlap. The rest stand under the second key alone."""
LEAST_DIVIDED = 100
"""Pounds: a smaller total of a year is not divided."""
PAY_COLUMNS = ("earnings", "enterprise_earnings", "section_earnings", "sic_earnings")


@dataclass(frozen=True)
class Links:
    """How the people of a block are linked to outcomes. Each array has an element a person."""

    two_ae_ids: np.ndarray
    without_pmr: np.ndarray
    """Has a second AE_ID, which leads to no PMR."""
    no_edukey: np.ndarray
    two_edukeys: np.ndarray
    """Has two EDUKEYs, one after the other, from ``second_from`` on the second."""
    second_from: np.ndarray
    side_by_side: np.ndarray
    """Has two EDUKEYs at once, in the tax years ``side_from`` to ``side_to``."""
    side_from: np.ndarray
    side_to: np.ndarray
    blank: np.ndarray
    """Could not be linked, and stands in the lookup all the same."""
    stray: np.ndarray
    """Could not be linked, and has outcomes all the same."""
    copy: np.ndarray
    """Number of the key under which a tax year's records stand, shape (people, tax years)."""
    split: np.ndarray
    """Pay of the tax year is divided between both keys, shape (people, tax years)."""

    @property
    def two_keys(self) -> np.ndarray:
        """Has two EDUKEYs, of either kind."""
        return self.two_edukeys | self.side_by_side

    @property
    def boundary(self) -> np.ndarray:
        """First day under the second of two keys that follow each other."""
        return days_of(self.second_from - 1, 4, 6)

    @property
    def without_outcomes(self) -> np.ndarray:
        """Could not be linked, and has no outcomes."""
        return self.no_edukey & ~self.stray


def linkage(people: People, keys: Keys, faults: Faults) -> Links:
    """Who has two AE_IDs, two EDUKEYs (and when), or none."""
    person, years = people.person, np.array(TAX_YEARS)
    minority = np.array([code[0] not in "W" for code in MINORS])[people.minor]
    rate = NO_EDUKEY.rate + 25_000 * minority + np.where(people.attainment < -500, 20_000, 0)
    # An adult without a school record has no PMR that could lead to two AE_IDs.
    twice, two = faults.strikes(TWO_AE_IDS, person) & ~people.adult, faults.strikes(TWO_EDUKEYS, person)
    none = faults.strikes(NO_EDUKEY, person, rate=rate)
    side = faults.strikes(EDUKEYS_SIDE_BY_SIDE, person) & ~two
    without = faults.strikes(AE_ID_WITHOUT_PMR, person) & twice & ~(none | two | side)
    blank = faults.strikes(EDUKEY_BLANK, person) & none
    stray = faults.strikes(KEY_NOT_IN_LOOKUP, person) & none
    for fault, table, chosen in (
        (TWO_AE_IDS, PMRS, twice), (AE_ID_WITHOUT_PMR, PMRS, without), (TWO_EDUKEYS, EDUKEYS, two),
        (EDUKEYS_SIDE_BY_SIDE, EDUKEYS, side),
        (NO_EDUKEY, EDUKEYS, none), (EDUKEY_BLANK, EDUKEYS, blank),
    ):  # fmt: skip
        faults.record(fault, table, [f"person={number}" for number in person[chosen]], [None] * int(chosen.sum()))
    second_from = 2006 + faults.stream(TWO_EDUKEYS).below(14, person, 1)
    draws = faults.stream(EDUKEYS_SIDE_BY_SIDE)
    side_from = SIDE_FIRST + draws.below(SIDE_LAST - SIDE_FIRST + 1, person, 1)
    side_to = side_from + SIDE_YEARS[0] - 1 + draws.below(SIDE_YEARS[1] - SIDE_YEARS[0] + 1, person, 2)
    kind = np.stack([draws.below(1000, person, 10 + column) for column in range(len(years))], axis=1)
    within = side[:, None] & (years >= side_from[:, None]) & (years <= side_to[:, None])
    late = two[:, None] & (years >= second_from[:, None])
    moved = within & (kind >= PAY_SPLIT) & (kind < PAY_SPLIT + PAY_MOVED)
    links = Links(
        twice, without, none, two, second_from, side, side_from, side_to, blank, stray,
        copy=(late | moved).astype(np.int64), split=within & (kind < PAY_SPLIT),
    )  # fmt: skip
    _record_stray(links, people, keys, faults)
    return links


def _record_stray(links: Links, people: People, keys: Keys, faults: Faults) -> None:
    """Name the keys that no lookup holds, and whose they are: nothing else leads from them to a person."""
    two = links.stray & links.two_keys
    who = np.concatenate([people.person[links.stray], people.person[two]])
    copy = np.concatenate([np.zeros(int(links.stray.sum()), dtype=np.int64), np.ones(int(two.sum()), dtype=np.int64)])
    codes = keys.edukey(who, copy)
    names = [f"person={number};edukey={code.decode()}" for number, code in zip(who, codes, strict=True)]
    faults.record(KEY_NOT_IN_LOOKUP, EDUKEYS, names, [None] * len(names))


def both_keys(reported: Spells, links: Links) -> tuple[Spells, np.ndarray, np.ndarray]:
    """Spread spells over the EDUKEYs of people whose keys follow each other: one that crosses stands under both.

    Returns the spells, each one's key number, and the place of each among those that were given.
    """
    boundary, two = links.boundary[reported.i], links.two_edukeys[reported.i]
    late = two & (reported.start >= boundary)
    across = np.flatnonzero(two & ~late & (reported.end >= boundary))
    place = np.concatenate([np.arange(len(late)), across])
    copy = np.concatenate([late.astype(np.int64), np.ones(len(across), dtype=np.int64)])
    return _chosen(reported, place), copy, place


def side_by_side(
    spells: Spells, copy: np.ndarray, links: Links, *, person: np.ndarray, faults: Faults, number: int | np.ndarray = 0
) -> tuple[Spells, np.ndarray, np.ndarray]:
    """Spread spells over EDUKEYs that stand side by side: identical, touching, overlapping, or under the second alone.

    Together the parts cover the days of the spell and no other. Spells that are still open, or that have an uncertain
    date, are not cut. ``number`` tells spells with one start apart. Returns what :func:`both_keys` does.
    """
    i = spells.i
    first, last = days_of(links.side_from - 1, 4, 6)[i], days_of(links.side_to, 4, 5)[i]
    within = links.side_by_side[i] & (spells.start <= last) & (spells.end >= first)
    draws, k = faults.stream(EDUKEYS_SIDE_BY_SIDE), 64 * spells.start + number
    kind = draws.below(1000, person[i], 8 * k + 1)
    length = np.where(spells.end == OPEN_END, 0, spells.end - spells.start + 1)
    whole = (length < 4) | spells.uncertain_start | spells.uncertain_end
    kind = np.where(whole, np.minimum(kind, IDENTICAL - 1), kind)
    cut = (
        spells.start + 1 + draws.below(np.maximum(length - 2, 1), person[i], 8 * k + 2)
    )  # first day of the second part
    beyond = 1 + draws.below(np.maximum(spells.end - cut, 1), person[i], 8 * k + 3)
    touching = within & (kind >= IDENTICAL) & (kind < TOUCHING)
    overlapping = within & (kind >= TOUCHING) & (kind < OVERLAPPING)
    alone = within & (kind >= OVERLAPPING)
    cuts = touching | overlapping
    end = np.where(cuts, cut - 1 + np.where(overlapping, beyond, 0), spells.end)
    one = replace(spells, end=end, uncertain_end=spells.uncertain_end & ~cuts)
    again = np.flatnonzero(within & ~alone)
    other = _chosen(replace(spells, start=np.where(cuts, cut, spells.start),
                            uncertain_start=spells.uncertain_start & ~cuts), again)  # fmt: skip
    joined = Spells(
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in Spells.__dataclass_fields__)
    )
    copies = np.concatenate([np.where(alone, 1, copy), np.ones(len(again), dtype=np.int64)])
    return joined, copies, np.concatenate([np.arange(len(i)), again])


def pay_under_both(rows: Rows, people: People, keys: Keys, links: Links, faults: Faults) -> Rows:
    """Earnings rows of years in which pay is divided between two keys: a row under each, which add up to the total.

    Both name the same employers, and the pay of these is divided as the total is.
    """
    order = np.argsort(people.person, kind="stable")
    i = order[np.searchsorted(people.person[order], rows["person"])]
    year = rows["taxyear"] % 100 + 2000
    chosen = links.split[i, year - TAX_YEARS[0]] & (rows["earnings"] >= LEAST_DIVIDED)
    second = select(rows, chosen)
    low, high = SECOND_PART
    part = low + faults.stream(EDUKEYS_SIDE_BY_SIDE).below(high - low + 1, second["person"], 100 + year[chosen])
    second["edukey"] = keys.edukey(second["person"], 1)
    for name in PAY_COLUMNS:
        moved = _values(second[name]) * part // 1000
        second[name], rows = _with_values(second[name], moved), rows | {name: _less(rows[name], chosen, moved)}
    return append(rows, second)


def lookup(people: People, keys: Keys, links: Links) -> Rows:
    """The lookup from AE_ID to EDUKEY: a row for each pair, and one with a blank for some who were not linked."""
    person, linked = people.person, ~links.no_edukey
    twice, two = links.two_ae_ids, links.two_keys
    pairs = [(linked, 0, 0), (linked & two, 0, 1), (linked & twice, 1, 0), (linked & twice & two, 1, 1),
             (links.blank, 0, 0)]  # fmt: skip
    sizes = [int(chosen.sum()) for chosen, _, _ in pairs]
    who = np.concatenate([person[chosen] for chosen, _, _ in pairs])
    ae_copy, key_copy = (np.repeat([pair[place] for pair in pairs], sizes) for place in (1, 2))
    blank = np.arange(len(who)) >= len(who) - int(links.blank.sum())
    return {
        "person": who,
        "ae_id": keys.ae_id(who, ae_copy),
        "edukey": Nullable(keys.edukey(who, key_copy), blank),
    }


def _chosen(spells: Spells, rows: np.ndarray) -> Spells:
    return Spells(*(getattr(spells, name)[rows] for name in Spells.__dataclass_fields__))


def _values(column: Column) -> np.ndarray:
    return column.values if isinstance(column, Nullable) else column


def _with_values(column: Column, values: np.ndarray) -> Column:
    """Other values, missing where the column's are."""
    return Nullable(values, column.missing) if isinstance(column, Nullable) else values


def _less(column: Column, chosen: np.ndarray, values: np.ndarray) -> Column:
    """The column with these values taken from the chosen rows."""
    left = _values(column).copy()
    left[chosen] -= values
    return _with_values(column, left)
