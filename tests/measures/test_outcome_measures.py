"""Measures of years after and of outcomes: without faults they agree exactly with the simulated lives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lives import FIRST, TAX_YEARS, failing, label, longest_run
from outcomes import DAY_0, PEOPLE, Clean

from leocourse.extract.base.dates import month_of


def graduates(clean: Clean) -> pd.Series:
    """Year of graduation of those whose degree the records cover."""
    paths = clean.lives.paths
    year = np.where(paths.graduated, paths.university_year + paths.university_years - 1, 0)
    return pd.Series(year)[(year >= 2005) & (year <= 2020)]


def test_years_after_graduation(clean):
    rows = clean.rows("years_after_graduation", years=[1, 3, 10])
    expected = {(i, k, label(year + k)) for i, year in graduates(clean).items() for k in (1, 3, 10) if year + k <= 2020}
    assert len(expected) > 100
    assert set(zip(rows.i, rows.years_after, rows.tax_year, strict=True)) == expected


def test_years_after_key_stage_4(clean):
    rows = clean.rows("years_after_ks4", years=[1, 15])
    first = rows[rows.years_after == 1].set_index("i").tax_year
    cohort = clean.lives.people.cohort  # born 1985/86: key stage 4 in 2001/02, and year 1 is 2003/04
    assert first.tolist() == [label(year + 18) for year in cohort[first.index]]
    assert label(2003) == 200304 and 200304 in set(first)
    assert rows[rows.years_after == 15].tax_year.max() == 202021


@pytest.mark.parametrize("rule", ["5-of-6", "12-of-12", "fe"])
def test_sustained_employment_after_graduation(clean, rule):
    lives, works, found = clean.lives, clean.lives.months["employment"], {}
    for i, graduated in graduates(clean).items():
        for k in (1, 3, 5):
            year = graduated + k
            if year <= 2020:
                months = lives.tax_year(works, year)[:, i]
                five = months[6:].sum() >= 5
                alone = lives.self_employed[year - 2002, i]
                found[i, k] = int({"5-of-6": five, "12-of-12": months.all(), "fe": five or alone}[rule])
    rows = clean.rows("sustained_employment", rule=rule).set_index(["i", "years_after"]).sustained
    assert rows.to_dict() == found
    assert 0 < sum(found.values()) < len(found)


def test_unverified_parts_of_the_rule_are_off_and_can_be_switched_on(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    plain = clean.rows("sustained_employment", years=[1, 2, 3, 4, 5]).set_index(["i", "years_after"])
    alone = clean.rows("sustained_employment", years=[1, 2, 3, 4, 5], self_assessed="yes")
    alone = alone.set_index(["i", "years_after"]).sustained
    april = clean.rows("sustained_employment", years=[1, 2, 3, 4, 5], april_if_not_march="yes")
    april = april.set_index(["i", "years_after"]).sustained
    gained = alone.index[alone > plain.sustained]
    assert len(gained)
    assert failing(alone >= plain.sustained) == []
    assert failing(april <= plain.sustained) == []
    for i, k in gained:
        assert lives.self_employed[plain.tax_year[i, k] // 100 - 2002, i]
    for i, k in april.index[april < plain.sustained]:
        year = plain.tax_year[i, k] // 100
        assert not works[month_of(year + 1, 3) - FIRST, i] and not works[month_of(year + 1, 4) - FIRST, i]


def test_sustained_employment_after_key_stage_4_counts_apprenticeships(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    kinds = [months for kind, months in lives.months.items() if kind.endswith("apprenticeship")]
    rows = clean.rows("sustained_employment", rule="16-18", after="ks4", years=[0, 1, 2])
    assert len(rows) > 1_000
    for row in rows.itertuples():
        year = lives.people.cohort[row.i] + 17 + row.years_after
        august = month_of(year, 8) - FIRST
        apprentice = any(longest_run(each[august : august + 12, row.i : row.i + 1])[0] >= 6 for each in kinds)
        five = lives.tax_year(works, year)[6:, row.i].sum() >= 5
        assert row.sustained == (five or apprentice), (row.i, year)
    assert 100 < rows.sustained.sum() < len(rows)


def test_achievers_are_followed_in_the_six_months_after_their_academic_year(clean):
    rows = clean.rows("sustained_employment", rule="fe", after="achievement", years=[0])
    assert len(rows) > 500
    assert failing(rows.tax_year == [label(year) for year in rows.counted_from]) == []
    lives, works = clean.lives, clean.lives.months["employment"]
    for row in rows.sample(300, random_state=1).itertuples():
        october = month_of(row.counted_from, 10) - FIRST
        five = works[october : october + 6, row.i].sum() >= 5
        assert row.sustained == (five or lives.self_employed[row.counted_from - 2002, row.i])


def test_graduate_outcome_categories(clean):
    lives, works, expected = clean.lives, clean.lives.months["employment"], {}
    pay = lives.life.earnings
    any_claim = {year: np.zeros(PEOPLE, bool) for year in TAX_YEARS}
    for y in TAX_YEARS:
        low, high = (
            (np.datetime64(f"{year}-04-{day}") - DAY_0).astype(int) for year, day in ((y, "06"), (y + 1, "05"))
        )
        touching = lives.claims[(lives.claims.start <= high) & (lives.claims.end >= low)]
        any_claim[y][touching.i] = True
    for i, graduated in graduates(clean).items():
        for k in (1, 3, 5):
            year = graduated + k
            if year > 2020:
                continue
            months = lives.tax_year(works, year)[:, i]
            study = lives.further_study(year)[i]
            alone = lives.self_employed[year - 2002, i]
            five = months[6:].sum() >= 5
            seen = months.any() or alone or any_claim[year][i] or study or pay[i, year - 2002] > 0
            seen = seen or lives.life.days[i, year - 2002] > 0
            seen = seen or (year >= 2013 and lives.life.trade.other_return[i, year - 2002])
            expected[i, k] = (
                "sustained employment and further study" if five and study
                else "sustained employment only" if five
                else "further study only" if study
                else "no sustained destination" if seen
                else "activity not captured"
            )  # fmt: skip
    rows = clean.rows("graduate_outcomes").set_index(["i", "years_after"])
    assert rows.category.to_dict() == expected
    assert len(set(expected.values())) >= 4
    shown = rows.annualised.notna()
    assert failing(rows.category[shown] == "sustained employment only") == []
    assert shown.sum() > 50
