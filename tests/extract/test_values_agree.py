"""Values as people find them: what an untidy code stands for, and which of two records counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leocourse.extract.base.columns import Coded, Nullable
from leocourse.extract.block import block
from leocourse.extract.faults import Faults, values

TABLES = ("school_census", "ks1", "ks2_pupil", "ks3_result", "ks4_pupil", "learners", "leo_employment")
PEOPLE = 3_000
FAULTS = ("year_group_untidy", "sen_small_letter", "fsm_missing", "not_in_national_results", "ks1_two_records",
          "ks2_two_records", "ks2_no_level", "ks3_no_level", "ilr_age_differs", "spell_broken",
          "dual_fsm_differs")  # fmt: skip


def plain(column):
    """A column as pandas has it, missing values as None."""
    if isinstance(column, Coded):
        return pd.Series([*column.labels, None], dtype=object).to_numpy()[column.codes]
    if isinstance(column, Nullable):
        return np.where(column.missing, None, column.values.astype(object))
    return column


@pytest.fixture(scope="module", params=[4, 9])
def both(request):
    """Records with these faults, and of the same people without."""
    found = block(request.param, np.arange(PEOPLE), Faults(request.param))[0]
    tidy = block(request.param, np.arange(PEOPLE), Faults(request.param, FAULTS))[0]
    return tuple({name: tables[name] for name in TABLES} for tables in (found, tidy))


def test_an_untidy_code_is_the_tidy_one_with_a_blank_or_in_small_letters(both):
    found, tidy = (each["school_census"] for each in both)
    for name in ("ncyearactual", "senprovision"):
        after, before = pd.Series(plain(found[name])), pd.Series(plain(tidy[name]))
        pd.testing.assert_series_equal(after.str.strip().str.upper(), before)
        year = found["collection_year"][(after != before) & before.notna()]
        assert len(year) and year.max() <= values.LAST_UNTIDY
    codes = set(plain(found["ncyearactual"]))
    assert {"R ", "2 "} <= codes and {"r"} <= codes and "11 " not in codes
    assert {"n", "e", "s"} & set(plain(found["senprovision"]))


def test_a_school_is_untidy_in_the_whole_of_a_year(both):
    found, tidy = (each["school_census"] for each in both)
    after, before = (pd.Series(plain(each["senprovision"])) for each in (found, tidy))
    rows = pd.DataFrame({"school": found["laestab_anon"], "year": found["collection_year"], "small": after != before})
    assert rows[before.notna()].groupby(["school", "year"])["small"].nunique().max() == 1


def test_free_school_meals_are_missing_in_three_years_and_otherwise_the_same(both):
    found, tidy = (each["school_census"] for each in both)
    after, before = (pd.Series(plain(each["fsmeligible"]), dtype=float) for each in (found, tidy))
    lost = after.isna() & before.notna()
    assert set(found["collection_year"][lost]) == set(values.NOT_SAID)
    dual = (found["recordstatus"] == 103) & (plain(found["collection_term"]) == "spr")
    assert (after == before)[before.notna() & ~lost & (found["recordstatus"] != 103)].all()
    assert 0.4 < (after != before)[dual & after.notna()].mean() < 0.75


def test_of_two_records_one_counts_in_national_results(both):
    rows = pd.DataFrame({name: plain(both[0]["ks2_pupil"][name]) for name in
                         ("person", "collection_year", "ks2_natres", "ks2_laestab_anon")})  # fmt: skip
    twice = rows[rows.duplicated("person", keep=False)].groupby("person")
    assert len(twice) > 5 and (twice.size() == 2).all()
    assert (twice["ks2_natres"].sum() == 1).all() and (twice["ks2_laestab_anon"].nunique() == 2).all()
    assert len(rows) - len(twice) == len(both[1]["ks2_pupil"]["person"])


def test_no_level_goes_with_no_fine_level(both):
    rows = {
        name: pd.Series(plain(both[0]["ks2_pupil"][name])) for name in ("ks2_matlev", "ks2_matfine", "collection_year")
    }
    letters = rows["ks2_matlev"].isin(values.NO_LEVEL)
    fine = rows["ks2_matfine"][letters & (rows["collection_year"] < 2016)]
    assert set(fine.dropna().astype(int)) == set(values.STAND_INS) and fine.isna().any()
    assert (rows["ks2_matfine"][~letters & (rows["collection_year"] < 2016)].astype(float) > 0).all()


def test_no_level_at_key_stage_3(both):
    rows = both[0]["ks3_result"]
    level, fine = pd.Series(plain(rows["ks3_testlev"])), pd.Series(plain(rows["ks3_fine"]))
    letters = level.str.isalpha()
    assert letters.any() and not (fine[letters].dropna().astype(float) > 0).any()
    assert (fine[~letters].astype(float) > 0).all()


def test_some_second_records_are_not_of_the_end_of_key_stage_4(both):
    rows = pd.DataFrame(
        {name: plain(both[0]["ks4_pupil"][name]) for name in ("person", "collection_year", "ks4_endks")}
    )
    second = rows.duplicated("person")
    assert (rows.ks4_endks[~second] == 1).all() and set(rows.collection_year[rows.ks4_endks == 0]) <= set(
        range(2007, 2022)
    )
    late = second & (rows.collection_year >= 2007)
    assert 0.15 < (rows.ks4_endks[late] == 0).mean() < 0.55


def test_records_that_do_not_count_are_few_and_whole(both):
    after, before = (each["ks4_pupil"] for each in both)
    share = (pd.Series(plain(after["ks4_natres"]))[after["collection_year"] >= values.NATIONAL_FROM] == 0).mean()
    assert 0.01 < share < 0.03
    assert (plain(after["ks4_ptscnewe"]) == plain(before["ks4_ptscnewe"])).all()


def test_a_broken_spell_lacks_some_days_between(both):
    """Of people with one key: how spells are spread over two depends on where they start."""
    spells = [pd.DataFrame({name: plain(each["leo_employment"][name]) for name in
                            ("person", "edukey", "startdate", "enddate")}) for each in both]  # fmt: skip
    two = set().union(*(set(each.groupby("person")["edukey"].nunique().loc[lambda keys: keys > 1].index)
                        for each in spells))  # fmt: skip
    after, before = (each[~each["person"].isin(two)] for each in spells)
    more = len(after) - len(before)
    lost = length(before) - length(after)
    assert more > 50 and 2 * more <= lost <= 12 * more


def length(spells):
    """Days of each spell up to the end of the data, added up."""
    return np.minimum(spells["enddate"], 18_722).sum() - spells["startdate"].sum() + len(spells)


def test_the_second_record_of_a_learner_can_be_a_year_older(both):
    after, before = (plain(each["learners"]["acage"]) for each in both)
    differs = after != before
    assert differs.any() and set((after - before)[differs]) == {1}
