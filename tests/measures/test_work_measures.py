"""Measures of days and months in work and of pay: without faults they agree exactly with the simulated lives."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from lives import COUNTED_FROM, FIRST, MONTHS, TAX_YEARS, covered_days, failing, label, longest_run
from outcomes import DAY_0, PEOPLE, in_work, same, true_spells

from leocourse.extract.base.dates import month_of


def test_days_in_employment(clean):
    days = clean.lives.life.days  # tax years that end in 2003 to 2021
    same(clean.table("days_in_employment", "days"), {label(y): days[:, y - 2002] for y in TAX_YEARS})
    truth = in_work(clean).pivot(index="person_number", columns="tax_year", values="days_in_work")
    same(clean.table("days_in_employment", "days"), {y: truth[y].reindex(range(PEOPLE)).fillna(0) for y in truth})


def test_days_in_employment_by_academic_year(clean):
    spells = true_spells(clean)
    for side in ("start", "end"):
        spells[side] = (spells[f"{side}_date"].to_numpy().astype("datetime64[D]") - DAY_0).astype(int)
    expected = {y: covered_days(spells, PEOPLE, f"{y - 1}-08-01", f"{y}-07-31") for y in range(2003, 2022)}
    same(clean.table("days_in_employment_academic", "days", by="academic_year"), expected)


def test_continuous_employment_is_a_spell_of_181_days_that_touches_the_year(clean):
    spells = true_spells(clean)
    long = spells[(spells.end_date - spells.start_date).dt.days >= 180]
    assert len(long) < len(spells)
    expected = {}
    for y in TAX_YEARS:
        touches = (long.start_date < f"{y + 1}-04-06") & (long.end_date >= f"{y}-04-06")
        expected[label(y)] = np.isin(np.arange(PEOPLE), long[touches].i).astype(int)
    same(clean.table("days_in_employment", "continuous"), expected)


def test_months_in_employment(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    table = {name: clean.table("months_in_employment", name) for name in ("months", "longest_run", "march")}
    same(table["months"], {label(y): lives.tax_year(works, y).sum(axis=0) for y in TAX_YEARS})
    same(table["longest_run"], {label(y): longest_run(lives.tax_year(works, y)) for y in TAX_YEARS})
    same(table["march"], {label(y): lives.tax_year(works, y)[-1] for y in TAX_YEARS})
    winter = in_work(clean).pivot(
        index="person_number", columns="tax_year", values="months_in_work_october_to_march"
    )  # the generator's own count
    same(
        clean.table("months_in_employment", "october_to_march"),
        {year: winter.reindex(range(PEOPLE))[year].fillna(0).to_numpy() for year in winter},
    )
    later = {label(y): works[month_of(y + 1, 4) - FIRST] & lives.tax_year(works, y).any(axis=0) for y in TAX_YEARS}
    same(clean.table("months_in_employment", "april_after"), later)


def test_runs_of_months_are_the_months_in_work(clean):
    runs, months = clean.rows("employment_months"), np.zeros((MONTHS, PEOPLE), dtype=int)
    for i, first, last in runs[["i", "first_month", "last_month"]].itertuples(index=False):
        months[first - COUNTED_FROM - FIRST : last - COUNTED_FROM - FIRST + 1, i] += 1
    assert failing(months == clean.lives.months["employment"]) == []


def test_each_rule_of_sustained_employment(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    alone = lives.self_employed
    expected = {name: {} for name in ("five_of_six", "five_of_six_with_april", "twelve_of_twelve", "any_day",
                                      "six_of_six", "five_of_six_or_self_employed", "self_employed")}  # fmt: skip
    for at, y in enumerate(TAX_YEARS):
        year, april = lives.tax_year(works, y), works[month_of(y + 1, 4) - FIRST]
        five = year[6:].sum(axis=0) >= 5
        expected["five_of_six"][label(y)] = five
        expected["five_of_six_with_april"][label(y)] = five & (year[-1] | april)
        expected["six_of_six"][label(y)] = year[6:].all(axis=0)
        expected["twelve_of_twelve"][label(y)] = year.all(axis=0)
        expected["any_day"][label(y)] = year.any(axis=0)
        expected["self_employed"][label(y)] = alone[at]
        expected["five_of_six_or_self_employed"][label(y)] = five | alone[at]
    for name, values in expected.items():
        same(clean.table("employment_rules", name), values)


def test_earnings(clean):
    truth = in_work(clean)
    truth = truth[(truth.earnings > 0) & (truth.tax_year >= 200304)].set_index(["person_number", "tax_year"])
    found = clean.rows("earnings", prices_of=201516).set_index(["i", "tax_year"])
    assert set(found.index) == set(truth.index)
    truth = truth.loc[found.index]
    assert failing(found.earnings == truth.earnings) == []
    daily = truth.earnings / truth.days_in_work
    np.testing.assert_allclose(found.earnings_per_day, daily)
    np.testing.assert_allclose(found.annualised, 365 * daily)
    with (Path(__file__).parents[2] / "data/reference/consumer_prices.csv").open() as file:
        cpi = {int(row["year"]): float(row["cpi"]) for row in csv.DictReader(file)}
    prices = {label(y): 3 * cpi[y] + cpi[y + 1] for y in TAX_YEARS}
    factor = np.array([prices[201516] / prices[year] for year in found.index.get_level_values(1)])
    np.testing.assert_allclose(found.earnings_real, truth.earnings * factor)
    np.testing.assert_allclose(found.annualised_real, 365 * daily * factor)


def test_self_employment_and_combined_earnings(clean):
    lives = clean.lives
    same(clean.table("self_employment", "self_employed"), {label(y): lives.self_employed[y - 2002] for y in TAX_YEARS})
    profit = np.where(lives.self_employed.T, lives.profit, 0)
    same(clean.table("self_employment", "profit"), {label(y): profit[:, y - 2002] for y in TAX_YEARS})
    pay = lives.life.earnings * (np.array(TAX_YEARS) >= 2003)
    same(clean.table("combined_earnings", "combined"), {label(y): (pay + profit)[:, y - 2002] for y in TAX_YEARS})
    rows = clean.rows("combined_earnings")
    only = rows[rows.source == "self-employed"]
    assert len(only)
    assert failing(only.earnings == 0) == []
    assert failing(rows[rows.source == "employee"].profit == 0) == []
