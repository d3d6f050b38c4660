"""The keys of one person in lookups and outcome tables: which agree, and how far they may differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leocourse.extract.base.columns import Coded, Nullable
from leocourse.extract.block import block
from leocourse.extract.faults import Faults
from leocourse.extract.faults.linkage import OUTCOMES
from leocourse.extract.faults.planting import FAULTS

LOOKUP, PMRS = "learner_ae_id_to_edukey_lookup", "learner_ae_id_to_pmr_lookup"
SIDE = ("edukeys_side_by_side",)
PEOPLE = 6_000


def frame(rows):
    """Rows as pandas has them."""
    columns = {}
    for name, column in rows.items():
        if isinstance(column, Coded):
            columns[name] = pd.Series([*column.labels, None], dtype=object).to_numpy()[column.codes]
            continue
        values = column.values if isinstance(column, Nullable) else column
        values = values.astype(str) if values.dtype.kind == "S" else values
        columns[name] = pd.Series(values).mask(column.missing) if isinstance(column, Nullable) else values
    return pd.DataFrame(columns)


def tables(seed, without=()):
    faults = Faults(seed, without)
    records, _ = block(seed, np.arange(PEOPLE), faults)
    return {name: frame(records[name]) for name in (LOOKUP, PMRS, *OUTCOMES)}, faults.ledger


@pytest.fixture(scope="module", params=[3, 8])
def both(request):
    """The tables with keys side by side, the ledger, and the same people with keys that do not stand so."""
    with_side, ledger = tables(request.param)
    return with_side, ledger, tables(request.param, SIDE)[0]


def struck(ledger, fault):
    return {int(line[2].split(";")[0].removeprefix("person=")) for line in ledger if line[0] == fault}


def of(rows, people):
    """Rows of these people."""
    return rows[rows["person"].isin(people)]


def days(spells):
    """Different days in work by person, up to the end of the data."""
    end = np.minimum(spells["enddate"], 18_722)
    return {person: len(set().union(*(range(a, z + 1) for a, z in zip(each.startdate, end[each.index], strict=True))))
            for person, each in spells.groupby("person")}  # fmt: skip


def test_nobody_has_more_than_two_keys_and_no_key_belongs_to_two(both):
    lookup = both[0][LOOKUP].dropna()
    assert lookup.groupby("person")["edukey"].nunique().max() == 2
    assert lookup.groupby("edukey")["person"].nunique().max() == 1


def test_pay_of_a_person_and_year_is_the_same_in_all_however_it_is_divided(both):
    found, ledger, plain = both
    total, before = (each["leo_earnings"].groupby(["person", "taxyear"])["earnings"].sum() for each in (found, plain))
    pd.testing.assert_series_equal(total, before)
    rows = found["leo_earnings"].groupby(["person", "taxyear"]).size()
    divided = rows[rows > 1]
    assert (divided == 2).all() and len(divided) > 100
    assert set(divided.index.get_level_values("person")) <= struck(ledger, "edukeys_side_by_side")


def test_spells_of_two_keys_cover_the_days_of_one(both):
    """Identical, touching and overlapping in part all occur, and no day is lost or won."""
    found, ledger, plain = both
    side = struck(ledger, "edukeys_side_by_side")
    spells, before = (of(each["leo_employment"], side) for each in (found, plain))
    assert days(spells) == days(before)
    pairs = spells.merge(spells, on="person").query("edukey_x < edukey_y")
    meet = (pairs.startdate_x <= pairs.enddate_y) & (pairs.startdate_y <= pairs.enddate_x)
    same = (pairs.startdate_x == pairs.startdate_y) & (pairs.enddate_x == pairs.enddate_y)
    touch = (pairs.enddate_x + 1 == pairs.startdate_y) | (pairs.enddate_y + 1 == pairs.startdate_x)
    assert min((meet & same).sum(), (meet & ~same).sum(), touch.sum()) > 10


def test_benefit_spells_of_two_keys_cover_the_days_of_one(both):
    found, ledger, plain = both
    side = struck(ledger, "edukeys_side_by_side")
    after, before = (of(each["leo_benefit"], side) for each in (found, plain))
    assert len(after) > len(before)
    for kind in ("JSA", "ESA", "UAA"):
        assert days(after[after["benefit_type"] == kind]) == days(before[before["benefit_type"] == kind])


def test_a_blank_is_in_the_lookup_for_people_who_were_not_linked(both):
    lookup, ledger = both[0][LOOKUP], both[1]
    blank = set(lookup[lookup["edukey"].isna()]["person"])
    assert blank == struck(ledger, "edukey_blank") and blank < struck(ledger, "no_edukey")
    assert not blank & set(lookup.dropna()["person"])


@pytest.mark.parametrize("table", OUTCOMES)
def test_only_keys_of_the_ledger_are_in_no_lookup(table, both):
    found, ledger = both[:2]
    strange = set(found[table]["edukey"]) - set(found[LOOKUP]["edukey"])
    named = {line[2].split("edukey=")[1] for line in ledger if line[0] == "key_not_in_lookup"}
    assert strange <= named
    if table in ("leo_earnings", "leo_employment", "leo_geography"):
        assert strange


def test_an_ae_id_without_a_pmr_shares_its_key_with_one_that_has_it(both):
    found, ledger = both[:2]
    alone = found[LOOKUP][~found[LOOKUP]["ae_id"].isin(found[PMRS]["ae_id"])]
    assert set(alone["person"]) == struck(ledger, "ae_id_without_pmr") and len(alone)
    assert found[LOOKUP].groupby("edukey")["ae_id"].nunique()[alone["edukey"]].eq(2).all()


def test_rates_are_those_that_were_declared(both):
    """Within four standard errors; of those it can strike."""
    ledger = both[1]
    none, two = struck(ledger, "no_edukey"), struck(ledger, "two_edukeys")
    for fault, base in (("edukeys_side_by_side", PEOPLE - len(two)), ("edukey_blank", len(none)),
                        ("key_not_in_lookup", len(none))):  # fmt: skip
        share = FAULTS[fault].rate / 1e6
        assert abs(len(struck(ledger, fault)) - share * base) < 4 * (share * (1 - share) * base) ** 0.5
