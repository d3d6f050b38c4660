"""One home a person and tax year: every table that tells a place, or work found near it, agrees with the life.

How they agree: the geography table says the home of the life, English areas in the reference table and no others;
school tables say the deprivation of the very area that they name; most people work for an enterprise registered in the
region of their home. How far they may differ: large enterprises are registered elsewhere, some people commute, and
people who left every record may keep an address for six tax years at most.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from leocourse.extract.base.columns import Nullable
from leocourse.extract.base.dates import TAX_YEARS, day, month_of
from leocourse.extract.block import block
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import areas, firms, pathways, universities, work
from leocourse.extract.lives.places import departure
from leocourse.extract.lives.population import population
from leocourse.extract.records import benefits, geography

PEOPLE = 6_000
REFERENCE = Path(__file__).parents[2] / "data" / "reference"
YEARS = np.array(TAX_YEARS)


@pytest.fixture(scope="module", params=[7, 2024])
def lives(request):
    people = population(request.param, np.arange(PEOPLE))
    paths = pathways.pathways(people)
    return people, paths, work.work(people, paths)


@pytest.fixture(scope="module")
def tables():
    return block(11, np.arange(2_500), Faults(11, tuple(FAULTS)))[0]


def reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# areas and who lives there


def test_the_disadvantaged_grow_up_in_deprived_areas_of_deprived_authorities(lives):
    people = lives[0]
    score = areas.deprivation_score()[people.area]
    assert np.corrcoef(score, people.disadvantage)[0, 1] > 0.5
    regions, _ = areas.by_deprivation()
    place = np.zeros(areas.AUTHORITIES)
    for each in regions:
        place[each] = np.linspace(1, 0, len(each))
    assert np.corrcoef(place[people.authority], people.disadvantage)[0, 1] > 0.15
    assert (areas.REGION_OF[people.authority] == people.region).all()
    assert (people.area // areas.A_ENGLISH == people.authority).all()


def test_reference_tables_say_what_shaped_the_lives():
    number = {code: n for n, code in enumerate(areas.area_codes("E00")[: areas.ENGLAND])}
    rows = reference("areas")
    assert [number[row["coa_2011"]] for row in rows] == list(range(areas.ENGLAND))
    assert [round(100 * float(row["low_income"])) for row in rows] == areas.deprivation_score().tolist()
    assert [row["rurality"] == "rural" for row in rows] == areas.rural().tolist()
    live, full = areas.universal_credit()
    for n, row in enumerate(reference("authorities")):
        for name, month in (("live_service", live[n]), ("full_service", full[n])):
            year, of_year, _ = map(int, row[name].split("-"))
            assert month_of(year, of_year) == month
    assert (live <= full).all()


def test_school_tables_say_the_deprivation_of_the_area_that_they_name(tables):
    known = {row["lsoa_2011"]: (row["low_income"], row["rurality"]) for row in reference("areas")}
    rows = tables["school_census"]
    area, score = rows["lsoa11"], rows["idaciscore"]
    values = score.values if isinstance(score, Nullable) else score
    for row in range(0, len(values), 97):
        if area.codes[row] >= 0 and not (isinstance(score, Nullable) and score.missing[row]):
            assert values[row] == round(100 * float(known[area.labels[area.codes[row]]][0]))
    rows = tables["absence"]
    area, rural = rows["lsoa11"], rows["rurality_home"]
    both = np.flatnonzero((area.codes >= 0) & (rural.codes >= 0))
    assert len(both) > 1_000
    for row in both[::97]:
        is_rural = rural.labels[rural.codes[row]][0] in "DEF"
        assert is_rural == (known[area.labels[area.codes[row]]][1] == "rural")


def test_unemployment_where_people_grew_up_keeps_them_out_of_work():
    people = population(5, np.arange(40_000))
    life = work.work(people, pathways.pathways(people))
    jobless = areas.joblessness()[people.authority]
    month = month_of(2019, 1) - month_of(2002, 8)
    adult = people.cohort < 2000
    worse = adult & (jobless > 800)
    better = adult & (jobless < -800)
    assert life.activity.works[month, better].mean() > life.activity.works[month, worse].mean() + 0.01
    assert life.activity.claims[month, worse].mean() > life.activity.claims[month, better].mean() + 0.005


# moves


def test_students_move_and_graduates_go_to_london(lives):
    people, paths, life = lives
    region = life.homes.region
    moved = region[:, 1:] != region[:, :-1]
    age = YEARS[1:] - people.cohort[:, None]
    young = (age >= 20) & (age <= 24)
    student = (paths.university_year < pathways.NEVER)[:, None] & young
    assert moved[student].mean() > 5 * moved[young & ~student].mean() > 0
    later = people.cohort <= 1992
    london = region[:, -1] == 6
    assert london[later & paths.graduated].mean() > 1.4 * london[later & ~paths.graduated].mean()


def test_nobody_moves_before_17_and_students_live_where_their_university_is(lives):
    people, paths, life = lives
    child = YEARS - people.cohort[:, None] <= 17
    assert (life.homes.area == people.area[:, None])[child].all()
    column = paths.university_year - YEARS[0]
    i = np.flatnonzero((column >= 0) & (column < len(YEARS)))
    there = areas.authority_of(life.homes.area[i, column[i]]) == universities.authority()[paths.provider[i]]
    home = universities.authority()[paths.provider[i]] == people.authority[i]
    assert 0.4 < there[~home].mean() < 0.9


def test_most_people_work_for_an_enterprise_of_their_region(lives):
    people, _, life = lives
    register, region = firms.register(people.seed), life.homes.region
    firm = life.jobs.firm[:, :, 0]
    works = (firm >= 0) & (region >= 0)
    same = register.region[0, np.maximum(firm, 0)] == region
    band = register.band[0, np.maximum(firm, 0)]
    assert same[works].mean() > 0.65
    assert same[works & (band <= 4)].mean() > 0.85  # the largest are registered elsewhere
    wanted = life.homes.work_region
    small = works & (band <= 4) & (wanted >= 0)
    assert (register.region[0, np.maximum(firm, 0)] == wanted)[small].mean() > 0.95


def test_the_domicile_of_a_student_is_the_home_before_the_course(tables):
    people = population(11, np.arange(2_500))
    homes = work.work(people, pathways.pathways(people)).homes
    rows = tables["hesa"]
    began = rows["he_comdate"].values if isinstance(rows["he_comdate"], Nullable) else rows["he_comdate"]
    before = began.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970 - YEARS[0]
    home = homes.area[rows["person"], np.maximum(before, 0)]
    same = rows["he_lsoa11"].codes == home
    assert same[before >= 0].mean() > 0.97
    outside = areas.authority_of(home) >= 150
    country = np.array(rows["he_xdomreg01"].labels)[rows["he_xdomreg01"].codes]
    assert (outside == (country != "England"))[same].all() and outside.any()


# the United Kingdom and beyond


def test_people_live_all_over_the_united_kingdom_and_abroad(tables):
    rows = tables["leo_geography"]
    names = np.array(rows["ctrynm"].labels)[rows["ctrynm"].codes]
    assert set(names) == set(geography.COUNTRY_NAMES)
    assert 0.9 < (names == "England").mean() < 0.99
    known = np.isin(names, areas.COUNTRIES)
    for name in ("coa_2011", "laua_anon", "pcon", "ctry"):
        assert ((rows[name].codes >= 0) == known).all(), name
    for name in ("gor", "gornm"):
        assert ((rows[name].codes >= 0) == (names == "England")).all(), name
    letter = np.array([text[0] for text in rows["coa_2011"].labels])[rows["coa_2011"].codes]
    first = {"England": "E", "Wales": "W", "Scotland": "S", "Northern Ireland": "N"}
    for name, expected in first.items():
        assert set(letter[names == name]) == {expected}


def test_who_is_gone_is_silent_in_every_table(tables):
    """After the month in which a person is gone, no spell, pay, profit, claim or course at university begins."""
    people = population(11, np.arange(2_500))
    life = work.work(people, pathways.pathways(people))
    gone = life.activity.gone
    left = departure(gone)
    assert (left <= 2021).sum() > 100
    last = np.array([day(2000 + m // 12, m % 12 + 1, 1) if m < 300 else 10**6 for m in gone.tolist()])
    for name, column in (
        ("leo_employment", "startdate"),
        ("leo_benefit", "startdate"),
        ("hesa", "he_comdate"),
    ):
        rows = tables[name]
        dates = rows[column].values if isinstance(rows[column], Nullable) else rows[column]
        assert (dates < last[rows["person"]]).all(), name
    for name in ("leo_earnings", "leo_self_assessment"):
        rows = tables[name]
        year = 2000 + rows["taxyear"] % 100
        began = np.array([month_of(each - 1, 4) for each in range(2003, 2023)])[year - 2003]
        assert (began < gone[rows["person"]]).all(), name


def test_addresses_end_after_six_silent_years(lives):
    people, _, life = lives
    spells, _ = benefits.benefit_spells(people, life)
    there, country = geography.addresses(people, life, spells)
    years = np.array(geography.TAX_YEARS)
    adult = years - people.cohort[:, None] >= 17
    assert not there[~adult].any()
    seen = (life.days > 0) | life.activity.self_employed.T | geography._claiming(spells, len(people))
    seen = seen[:, geography.FIRST_COLUMN :]
    assert there[seen & adult].all()
    silent = np.array([~seen[:, max(c - 5, 0) : c + 1].any(axis=1) for c in range(len(years))]).T
    comes_again = np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    old = years - people.cohort[:, None] >= 23
    assert not (there & silent & old & ~comes_again)[:, 6:].any()
    assert (there & silent & old)[:, 6:].sum() < 0.005 * (there & old)[:, 6:].sum()
    assert (silent & old)[:, 6:].any()
    abroad = country >= geography.ABROAD
    left = years >= departure(life.activity.gone)[:, None]
    assert not (abroad & ~left).any() and 0.3 < abroad[left].mean() < 0.7
