"""A levels, UCAS, HESA and the truth tell one life: how they agree, and how far they may differ."""

import csv
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from leocourse.core.paths import course_root
from leocourse.extract import block
from leocourse.extract.base.dates import NEVER
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import a_levels, degrees, pathways, subjects, universities, work
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import higher_education
from leocourse.schema import load_schema

PEOPLE, MANY = 8_000, 40_000
UNDERGRADUATE = ["3", "4"]


def frame(name, rows):
    table = to_table(stored(load_schema()[name], rows))
    texts = [pa.string() if pa.types.is_dictionary(item.type) else item.type for item in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, texts, strict=True)))).to_pandas()


@pytest.fixture(scope="module", params=[7, 20])
def world(request):
    rows, truth = block.block(request.param, np.arange(PEOPLE), Faults(request.param, tuple(FAULTS)))
    tables = {name: frame(name, rows[name]) for name in ("hesa", "ucas", "ks5_exam")}
    hesa = tables["hesa"].rename(columns={"he_pupilmatchingrefanonymous": "pmr", "collection_year": "year"})
    tables["hesa"] = hesa.sort_values(["pmr", "year", "he_comdate"]).reset_index(drop=True)
    pmr = [value.decode() for value in truth["lives"]["pupilmatchingrefanonymous"]]
    graduated = truth["lives"]["graduation_year"]
    tables["graduated"] = pd.Series(np.where(graduated.missing, 0, graduated.values), index=pmr)
    return tables


@pytest.fixture(scope="module", params=[7, 20])
def many(request):
    people = population(request.param, np.arange(MANY))
    return people, pathways.pathways(people)


def entries(hesa):
    """First year as an undergraduate of each person."""
    return hesa[hesa["he_xlev501"].isin(UNDERGRADUATE)].drop_duplicates("pmr")


def next_rows(hesa):
    """Each row with the next one of the same person, for consecutive years of study at one level."""
    later = hesa.groupby("pmr").shift(-1)
    both = hesa.join(later, rsuffix="_next")
    return both[(both["year_next"] == both["year"] + 1) & (both["he_xlev501"] == both["he_xlev501_next"])]


# UCAS and HESA


def test_the_subject_begun_is_the_one_accepted_but_for_a_few_changes(world):
    accepted = world["ucas"][world["ucas"]["accept_flag"] == 1]
    both = accepted.merge(entries(world["hesa"]), left_on="pupilmatchingrefanonymous", right_on="pmr")
    both = both[(both["entry_year_code"].astype(int) + 1 == both["year"]) & both["year"].between(2013, 2019)]
    assert len(both) > 300
    same = both["jacs3_sub_line_code"] == both["he_xjacs01_1"]
    assert 0.93 < same.mean() < 0.995
    provider = both["course_identifier"].str.split("-").str[0] == both["he_xinstid01__anon"]
    assert provider[same].mean() > 0.98


def test_who_defers_enters_a_year_later(world):
    accepted = world["ucas"][world["ucas"]["accept_flag"] == 1]
    deferred = accepted["entry_year_code"].astype(int) > accepted["application_cycle"]
    assert 0.025 < deferred.mean() < 0.08
    both = accepted[deferred].merge(entries(world["hesa"]), left_on="pupilmatchingrefanonymous", right_on="pmr")
    assert (both["year"] >= both["application_cycle"] + 2).all() and len(both) > 15


def test_every_choice_is_another_course_and_replies_are_those_of_most_people(world):
    ucas = world["ucas"]
    assert not ucas.duplicated(["unique_id_cycle", "course_identifier"]).any()
    route = ucas["acceptance_route"].dropna()
    assert 0.04 < (route == "Insurance choice").mean() < 0.11
    made = ucas[ucas["main_scheme_application_flag"] == 1]
    offered = made["provider_decision_june30"] != "Rejection"
    groups = offered.groupby(made["he_provider_tariff_group"]).mean()
    assert groups["Higher tariff"] < groups["Medium tariff"] < groups["Lower tariff"]
    medicine = made["subject_group_name"] == "Medicine"
    assert medicine.sum() > 60 and offered[medicine].mean() < 0.45 < offered[~medicine].mean() - 0.2
    assert 0.15 < (ucas["polar3_quintile"] != ucas["polar4_quintile"]).mean() < 0.4


def test_medicine_is_applied_for_by_october_and_a_few_apply_after_january(world):
    people = world["ucas"].drop_duplicates("unique_id_cycle")
    medics = world["ucas"].groupby("unique_id_cycle")["subject_group_name"].agg(lambda names: "Medicine" in set(names))
    sent = pd.to_datetime(people["application_date"])
    since = (sent - pd.to_datetime({"year": people["application_cycle"] - 1, "month": 9, "day": 1})).dt.days
    assert since.between(0, 303).all()
    medic = medics.reindex(people["unique_id_cycle"]).to_numpy()
    assert (since[medic] <= 44).all()
    assert 0.005 < (since > 136).mean() < 0.08


# A levels and degrees


def test_degrees_follow_a_levels(many):
    _, paths = many
    took = paths.level_three.subject[paths.a_levels]
    entered = (paths.university_years > 0)[paths.a_levels]
    studies = paths.career.first_subject[paths.a_levels]
    for degree, taken in (("mathematics", "Mathematics"), ("medicine", "Chemistry"), ("history", "History"),
                          ("physics", "Physics"), ("creative arts", "Art and design")):  # fmt: skip
        has = (took == a_levels.NAMES.index(taken)).any(axis=1)
        chosen = entered & (studies == subjects.SUBJECTS.index(degree))
        assert chosen.sum() > 30
        assert has[chosen].mean() > max(0.75, 1.8 * has[entered].mean()), degree
    vocational = ~paths.a_levels & paths.level3_passed & (paths.university_years > 0)
    closed = subjects.NEED_A_LEVELS[paths.career.first_subject[vocational]]
    assert closed.mean() < 0.03


def test_the_class_of_a_degree_pays_as_planted(many):
    people, paths = many
    worse = work.work(people, replace(paths, degree_class=np.where(paths.graduated, 3, -1)))
    first = paths.degree_class == 0
    life = work.work(people, paths)
    column = 2020 - work.TAX_YEARS[0]
    out = first & (life.days[:, column] > 0) & (paths.university_year + paths.university_years < 2019)
    ratio = np.log(life.rate[out, column] / worse.rate[out, column]) / np.log(1.001)
    planted = degrees.CLASS_PAY["first"] - degrees.CLASS_PAY["third"]
    assert out.sum() > 200 and abs(np.median(ratio) - planted) < 3
    assert (life.rate[~paths.graduated] == worse.rate[~paths.graduated]).all()


def test_results_at_a_level_tell_of_the_class_of_the_degree(many):
    _, paths = many
    year = paths.university_year + paths.university_years - 1
    degree = paths.graduated & (year <= 2020)
    first = paths.degree_class == 0
    assert ((paths.degree_class >= 0) == paths.graduated).all()
    assert first[degree & (paths.points >= 15)].mean() > first[degree & (paths.points <= 8)].mean() + 0.15
    early, late = degree & (year <= 2010), degree & (year >= 2018)
    assert first[late].mean() > first[early].mean() + 0.12


def test_points_at_entry_do_not_fall(many):
    people, paths = many
    entered = (paths.university_year <= people.cohort + 21) & (paths.points > 0)
    early, late = (
        entered & (people.cohort >= low) & (people.cohort <= high) for low, high in ((1985, 1989), (1999, 2003))
    )
    assert paths.points[late].mean() > paths.points[early].mean() - 0.2


# HESA from year to year


def test_years_of_course_and_of_study_go_on_as_the_career_says(world):
    both = next_rows(world["hesa"])
    same = both["he_comdate"] == both["he_comdate_next"]
    assert (both["he_yearstu_next"] == both["he_yearstu"] + 1)[same].all()
    assert (both["he_yearstu_next"] == 1)[~same].all()
    step = both["he_yearprg_next"] - both["he_yearprg"]
    assert step.between(0, 1)[same].all()
    again, changed = same & (step == 0), both["he_xjacs01_1"] != both["he_xjacs01_1_next"]
    failed = again & (both["he_fundcomp"] == "2")
    assert failed.sum() > 30
    known = both["year"].between(2008, 2018) & (both["year"] != 2012)
    assert (both["he_yearprg"] == 1)[again & ~failed].all()  # another course, begun anew
    assert changed[again & ~failed & known].mean() > 0.5
    assert (both["he_yearstu"] == 1)[both["he_yearprg"] == 0].all()


def test_a_change_of_provider_is_a_transfer(world):
    hesa = world["hesa"]
    both = next_rows(hesa)
    both = both[(both["he_xlev501"] == "3") & (both["year"] >= 2008)]
    moved = both["he_xinstid01__anon"] != both["he_xinstid01__anon_next"]
    assert 15 < moved.sum() < 0.08 * len(both)
    assert ((both["he_rsnend"] == "03") == moved).all()
    assert (both["he_yearstu_next"][moved] == 1).all()


def test_people_leave_in_later_years_too_and_some_come_back(world):
    hesa = world["hesa"]
    left = hesa[(hesa["he_xlev501"] == "3") & hesa["he_rsnend"].isin(["02", "04", "06", "07", "10"])]
    left = left[left["he_xpqual01"] == 0].drop_duplicates("pmr")
    assert len(left) > 60
    shares = left["he_yearstu"].value_counts(normalize=True)
    assert 0.25 < shares[1] < 0.8 and shares.get(2, 0) > 0.1
    later = hesa[hesa["he_xlev501"] == "3"].merge(left[["pmr", "year"]], on="pmr", suffixes=("", "_left"))
    back = later[later["year"] > later["year_left"]]
    assert 0.08 < back["pmr"].nunique() / len(left) < 0.5
    assert (back["he_comdate"].astype("datetime64[ns]").dt.year >= back["year_left"]).all()


def test_sandwich_courses_have_a_year_in_work_and_part_time_ones_last_longer(world):
    hesa = world["hesa"]
    degree = hesa[hesa["he_xlev501"] == "3"]
    working = degree["he_locsdy"] == "E"
    assert working.sum() > 20 and (degree["he_mode"][working] == "23").all()
    assert (degree["he_stuload"][working].astype(float) < 100).all()
    done = degree[degree["he_xpqual01"] == 1]
    part = done["he_mode"] == "31"
    assert part.sum() > 5 and done["he_yearprg"][part].min() >= 4
    assert (hesa["he_xmode01"] == "2").equals(hesa["he_mode"] == "31")
    history = done[(done["he_xjacs01_1"] == "V100") & ~part]
    assert (history["he_yearprg"] == 3).mean() > 0.75 and history["he_yearprg"].between(3, 4).all()


def test_further_study_lasts_as_long_as_its_kind(many):
    people, paths = many
    of = higher_education.enrolments(people, paths)
    years = pd.DataFrame({"i": of.i, "kind": of.kind}).value_counts().reset_index(name="years")
    by = years.groupby("kind")["years"].agg(["min", "max"])
    assert tuple(by.loc[degrees.MASTERS]) == (1, 2)
    assert tuple(by.loc[degrees.PGCE]) == (1, 1)
    assert tuple(by.loc[degrees.DOCTORATE]) == (3, 4)
    research = np.unique(of.i[of.kind == degrees.DOCTORATE])
    assert 0.3 < np.isin(research, of.i[of.kind == degrees.MASTERS]).mean() < 0.7
    diplomas = of.obtained & (of.kind == degrees.DIPLOMA)
    topped = np.isin(of.i[diplomas], of.i[(of.kind == degrees.FIRST_DEGREE)])
    assert 0.25 < topped.mean() < 0.6


def test_no_year_of_study_stands_twice_and_none_before_entry(many):
    people, paths = many
    of = higher_education.enrolments(people, paths)
    undergraduate = np.isin(of.kind, (degrees.FIRST_DEGREE, degrees.DIPLOMA))
    pairs = of.i[undergraduate] * 10_000 + of.year[undergraduate]
    assert len(np.unique(pairs)) == undergraduate.sum()
    assert (of.year[undergraduate] >= paths.university_year[of.i[undergraduate]]).all()
    last = np.zeros(len(people), dtype=np.int64)
    np.maximum.at(last, of.i[undergraduate], of.year[undergraduate])
    entered = paths.university_year < NEVER
    assert (last == np.where(entered, paths.university_year + paths.university_years - 1, 0)).all()
    after = ~undergraduate & (of.kind != degrees.CERTIFICATE)
    assert (of.year[after] > last[of.i[after]]).all()


# degrees and the truth


def test_degrees_obtained_are_those_of_the_truth(world):
    hesa = world["hesa"]
    degree = hesa[(hesa["he_xlev501"] == "3") & (hesa["he_xpqual01"] == 1)]
    assert not degree.duplicated("pmr").any()
    true = world["graduated"]
    true = true[true.between(2005, 2020)]
    assert dict(zip(degree["pmr"], degree["year"], strict=True)) == true.to_dict()


# providers and codes


def test_no_provider_is_out_of_proportion_and_few_teach_medicine(world, many):
    _, paths = many
    entered = paths.university_years > 0
    shares = np.sort(np.bincount(paths.provider[entered], minlength=universities.COUNT) / entered.sum())
    assert shares[-1] < 0.07 and shares[-2:].sum() < 0.12 and shares[0] > 0
    assert universities.teaches()[universities.MEDICINE].sum() == universities.MEDICAL_SCHOOLS
    for subject in (paths.career.first_subject, paths.career.second_subject):
        assert len(np.unique(paths.provider[entered & (subject == universities.MEDICINE)])) <= 30
    at = np.flatnonzero(entered)
    taught = universities.teaches()[paths.career.first_subject[at], paths.provider[at]]
    assert taught.all()


def test_countries_of_providers_are_those_of_the_reference_table(world):
    with (course_root() / "data" / "reference" / "universities.csv").open(encoding="utf-8", newline="") as file:
        country = {row["provider"]: row["country"] for row in csv.DictReader(file)}
    hesa = world["hesa"]
    provider = hesa["he_xinstid01__anon"].fillna(hesa["he_instid_anon"])  # the first from 2007/08, the other before
    assert (provider.map(country) == hesa["he_xinstc01"]).all()
    shares = hesa["he_xinstc01"].value_counts(normalize=True)
    assert shares["England"] > 0.9 and {"Scotland", "Wales"} <= set(shares.index)
    ucas = world["ucas"]
    outside = ucas["he_provider_uk_region"].isin(universities.COUNTRIES[1:])
    assert 0.01 < outside.mean() < 0.1
    elsewhere = hesa["he_xdomreg01"].dropna() != "England"
    assert 0 < elsewhere.mean() < 0.05


def test_codes_of_2019_20_are_all_there(world):
    last = world["hesa"][world["hesa"]["year"] == 2020]
    for column in ("he_xhecos_1", "he_xcah01_1", "he_xcah02_1"):
        assert last[column].notna().all()
    assert (last["he_xcah02_1"].str[:5] == last["he_xcah01_1"]).all()


def test_only_computing_moves_where_the_codes_change(world):
    both = next_rows(world["hesa"])
    seam = both[(both["year"] == 2012) & (both["he_comdate"] == both["he_comdate_next"])]
    moved = seam[seam["he_xjacs01_1"].str[0] != seam["he_xjacs01_1_next"].str[0]]
    computing = moved["he_xjacs01_1"] == "G400"
    assert computing.sum() > 3
    assert (moved["he_xjacs01_1_next"][computing] == "I100").mean() > 0.8
    usual = both[both["year"].between(2013, 2017) & (both["he_comdate"] == both["he_comdate_next"])]
    changes = (usual["he_xjacs01_1"] != usual["he_xjacs01_1_next"]).mean()
    assert (~computing).sum() / len(seam) < changes + 0.03
