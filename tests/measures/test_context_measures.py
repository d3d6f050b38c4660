"""Benefits, furlough, employers and where people live: without faults they agree with the simulated lives."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from lives import TAX_YEARS, covered_days, failing, label
from outcomes import PEOPLE, Clean, same

from leocourse.extract.base import codes
from leocourse.extract.lives import areas, degrees
from leocourse.extract.lives.areas import area_codes
from leocourse.extract.lives.firms import COPIES, SECTION_NAMES, SICS, register
from leocourse.extract.records import benefits, geography

# Benefits, furlough ---------------------------------------------------------------------------------


def test_days_on_benefits_count_once(clean):
    claims = clean.lives.claims
    chosen = claims[claims.out_of_work]
    expected = {label(y): covered_days(chosen, PEOPLE, f"{y}-04-06", f"{y + 1}-04-05") for y in TAX_YEARS}
    same(clean.table("days_on_benefits", "days"), expected)
    rows = clean.rows("days_on_benefits")
    added = sum(
        covered_days(chosen[chosen.type == kind], PEOPLE, "2010-04-06", "2011-04-05") for kind in chosen.type.unique()
    )
    same(clean.table("days_on_benefits", "days_added_up")[[201011]], {201011: added})
    assert failing(rows.days_added_up >= rows.days) == []
    assert (rows.days_added_up > rows.days).any()


def test_the_codes_of_published_scripts_are_those_of_the_flag(clean):
    flag, code = (clean.rows("benefit_spells", out_of_work=choice) for choice in ("flag", "codes"))
    pd.testing.assert_frame_equal(
        flag.sort_values(["i", "start_date"], ignore_index=True),
        code.sort_values(["i", "start_date"], ignore_index=True),
    )


def test_furlough(clean):
    any_time, at_end = clean.lives.life.furlough.any_time, clean.lives.life.furlough.at_end  # March 2020 to March 2021
    months = {201920: any_time[:, :1].sum(axis=1), 202021: any_time[:, 1:].sum(axis=1)}
    same(clean.table("furlough", "months"), months)
    ends = {201920: at_end[:, :1].sum(axis=1), 202021: at_end[:, 1:].sum(axis=1)}
    same(clean.table("furlough", "months_at_end"), ends)
    rows = clean.rows("furlough")
    for row in rows[rows.tax_year == 202021].itertuples():
        assert row.states == "".join("01"[int(month)] for month in any_time[row.i, 1:])
    assert failing(rows.weeks >= 1) == []
    assert failing(rows.weeks <= rows.months * 13 // 3) == []


def test_grants_went_to_the_self_employed(clean):
    rows = clean.rows("self_employment_grants")
    assert len(rows)
    alone = clean.lives.life.activity.self_employed  # tax years that end in 2003 to 2021
    assert failing(alone[-3:, rows.i]) == []
    assert failing(rows.weeks % 13 == 0) == []
    assert failing(rows.weeks > 0) == []
    assert failing(rows.months * 13 == rows.weeks * 3) == []
    assert failing(rows.amount > 0) == []


# Employers ------------------------------------------------------------------------------------------


def main_enterprises(clean: Clean) -> tuple[np.ndarray, np.ndarray]:
    """Number of the enterprise that pays most, shape (people, tax years); and where two pay alike."""
    jobs, pay = clean.lives.life.jobs, clean.lives.life.earnings
    amounts = pay[:, :, None] * jobs.share // 1000
    best = np.full(pay.shape, -1)
    for i, column in np.argwhere(pay > 0):
        totals: dict[int, int] = {}
        for firm, amount in zip(jobs.firm[i, column], amounts[i, column], strict=True):
            if firm >= 0:
                totals[firm] = totals.get(firm, 0) + amount
        best[i, column] = max(totals, key=totals.get)
        ranked = sorted(totals.values())
        if len(ranked) > 1 and ranked[-1] - ranked[-2] <= len(ranked):  # rounding decides
            best[i, column] = -2
    return best, jobs.even


def test_main_employer_comes_from_the_register_of_its_year(clean):
    best, even = main_enterprises(clean)
    firms = register(clean.lives.seed)
    rows = clean.rows("main_employer").set_index(["i", "tax_year"])
    assert COPIES == ("2019", "2020")
    checked = 0
    for y in range(2003, 2021):
        column, copy = y - 2002, int(y >= 2017)
        for i in np.flatnonzero((best[:, column] >= 0) & ~even[:, column]):
            row, firm = rows.loc[i, label(y)], best[i, column]
            assert row.enterprise == firms.labels[firm]
            assert row.source_year == COPIES[copy]
            if row.on_register:
                assert row.section == SECTION_NAMES[firms.section[copy, firm]]
                assert row.sic2007 == SICS[firms.sic[copy, firm]]
                assert row.region == codes.REGION_CODES[firms.region[copy, firm]]
                assert row.size_band == firms.band[copy, firm]
                assert (
                    row.firm_size
                    == ["0-9", "0-9", "10-49", "10-49", "50-249", "50-249", *["250+"] * 3][row.size_band - 1]
                )
                checked += 1
    assert checked > 3_000
    assert len(rows) == (clean.lives.life.earnings[:, 1:] > 0).sum()


def test_moves_between_employers(clean):
    best, even = main_enterprises(clean)
    rows = clean.rows("employer_moves").set_index(["i", "tax_year"])
    checked = 0
    for y in range(2004, 2021):
        now, before = best[:, y - 2002], best[:, y - 2003]
        known = (now >= 0) & (before >= 0) & ~even[:, y - 2002] & ~even[:, y - 2003]
        for i in np.flatnonzero(known):
            assert rows.loc[i, label(y)].moved == (now[i] != before[i])
            checked += 1
        gap = (now == -1) | (before == -1)
        assert not set(np.flatnonzero(gap)) & set(rows.xs(label(y), level=1).index)
    assert checked > 2_000 and 0.1 < rows.moved.mean() < 0.9
    assert failing(rows.changed_section.fillna(0) <= rows.moved) == []


# Context --------------------------------------------------------------------------------------------


def test_residence_and_its_area(clean):
    lives = clean.lives
    claims, _ = benefits.benefit_spells(lives.people, lives.life)
    there, country = geography.addresses(lives.people, lives.life, claims)
    area = lives.life.homes.area[:, geography.FIRST_COLUMN :]
    labels = area_codes("E00")
    rows = clean.rows("residence").set_index(["i", "tax_year"])
    assert len(rows) == there.sum()
    with (Path(__file__).parents[2] / "data/reference/areas.csv").open() as file:
        known = {row["coa_2011"]: row for row in csv.DictReader(file)}
    context = clean.rows("area_of_residence").set_index(["i", "tax_year"])
    regions = [*codes.REGIONS, None]
    for i, column in np.argwhere(there)[::17]:
        at = (i, label(2004 + column))
        assert rows.country[at] == geography.COUNTRY_NAMES[country[i, column]]
        if country[i, column] >= geography.ABROAD:
            assert pd.isna(rows.coa_2011[at]) and pd.isna(rows.region[at])
            continue
        assert rows.coa_2011[at] == labels[area[i, column]]
        if country[i, column]:
            assert pd.isna(rows.region[at]) and pd.isna(context.deprivation_decile[at])
            continue
        assert rows.region_name[at] == regions[areas.REGION_OF[area[i, column] // 200]]
        of_area = known[labels[area[i, column]]]
        assert context.deprivation_decile[at] == int(of_area["deprivation_decile"])
        assert context.deprivation_quintile[at] == (int(of_area["deprivation_decile"]) + 1) // 2
        assert context.rurality[at] == of_area["rurality"]


def test_university_years_and_tariff_group(clean):
    rows = clean.rows("university_tariff").set_index(["i", "academic_year"])
    groups = clean.con.sql("SELECT provider, tariff_group FROM truth.universities").df().set_index("provider")
    years = set()
    of = clean.lives.enrolments
    undergraduate = np.isin(of.kind, (degrees.FIRST_DEGREE, degrees.DIPLOMA))
    for at in np.flatnonzero(undergraduate):
        row = rows.loc[of.i[at], of.year[at]]
        assert row.provider == str(10_000 + of.provider[at])
        assert row.tariff_group == groups.tariff_group[10_000 + of.provider[at]]
        assert row.level == (5 if of.kind[at] == degrees.DIPLOMA else 6)
        years.add(of.year[at])
    assert len(np.unique(of.i[undergraduate])) < undergraduate.sum()
    assert len(years) > 10
