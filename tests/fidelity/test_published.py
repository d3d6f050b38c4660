"""The simulated lives beside the published figures."""

import hashlib
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import activity, pathways
from leocourse.extract.lives.places import places
from leocourse.extract.lives.population import population
from leocourse.extract.records import further_education, higher_education
from leocourse.fidelity import published

SEED, PEOPLE = 1985, 40_000
STATED = ["National", "Sex", "Free school meals"]


@pytest.fixture(scope="module")
def figures():
    return published.report(course_root(), PEOPLE, SEED)


@pytest.fixture(scope="module")
def few():
    return published.report(course_root(), 2_000, SEED)


def test_the_published_figures_are_those_that_their_description_names():
    folder = course_root() / "data" / "reference"
    described = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    assert hashlib.sha256((folder / "published.csv").read_bytes()).hexdigest() == described["sha256"]
    table, checks = pd.read_csv(folder / "published.csv"), described["checks"]
    assert len(table) == checks["rows"] and not table.duplicated(checks["unique"]).any()
    assert sorted(table["metric"].unique()) == checks["metrics"]
    assert [table["years_after_ks4"].min(), table["years_after_ks4"].max()] == checks["years_after_ks4"]
    assert table["value"].isna().sum() == checks["missing_values"]
    assert list(table.columns) == [field["name"] for field in described["fields"]]
    shares = table[table["metric"] == "activity_pct"]
    sums = shares.groupby(["population", "breakdown", "group", "years_after_ks4"])["value"].sum()
    assert (sums - 100).abs().max() <= checks["sums_to_100_within"]
    assert "Open Government Licence v3.0" in described["licence"]


def test_most_figures_of_large_groups_lie_within_tolerance(figures):
    judged = figures[figures["breakdown"].isin(STATED)]
    shares, pay = judged[judged["measure"] != published.PAY], judged[judged["measure"] == published.PAY]
    assert shares["within"].mean() > 0.95  # 98% measured
    assert pay["within"].mean() > 0.93  # 99% measured


def test_shares_of_education_come_near_nationally_in_every_year(figures):
    everyone = figures[figures["breakdown"] == "National"].pivot(index="year", columns="measure", values="difference")
    education = everyone["Higher education"] + everyone["School and further education"]
    assert education.abs().max() < published.POINTS


def test_shares_of_a_group_sum_to_a_hundred(figures):
    shares = figures[figures["measure"] != published.PAY]
    sums = shares.groupby(["breakdown", "group", "year"])["ours"].sum(min_count=1).dropna()
    assert np.allclose(sums, 100)


def test_differences_are_in_points_or_per_cent_and_judged_by_their_tolerance(few):
    known = few[few["ours"].notna()]  # a small group may be empty in a year
    points, percent = known[known["measure"] != published.PAY], known[known["measure"] == published.PAY]
    assert np.allclose(points["difference"], points["ours"] - points["published"])
    assert np.allclose(percent["difference"], 100 * (percent["ours"] / percent["published"] - 1))
    judged = few[few["tolerance"].notna()]
    assert (judged["within"].astype(bool) == (judged["difference"].abs() <= judged["tolerance"])).all()
    assert set(judged["breakdown"]) == set(published.JUDGED)
    counted = published.summary(few)
    assert counted.iloc[-1]["figures"] == len(judged) == counted.iloc[:-1]["figures"].sum()


def test_the_same_seed_gives_the_same_report_and_another_seed_another(few):
    assert published.report(course_root(), 2_000, SEED).equals(few)
    assert not published.report(course_root(), 2_000, SEED + 1).equals(few)


def test_blocks_do_not_change_the_report(few, monkeypatch):
    monkeypatch.setattr(published, "BLOCK", 700)
    assert published.report(course_root(), 2_000, SEED).equals(few)


def test_study_in_full_time_education_is_the_same_in_both_descriptions():
    people = population(SEED, np.arange(3_000))
    paths = pathways.pathways(people)
    spells = higher_education.months_of_study(people, paths) + further_education.months_of_study(people, paths)
    covered = published._months(spells, len(people))
    for month in range(activity.FIRST_MONTH, activity.LAST_MONTH + 1, 5):
        after = month >= pathways.month_of(people.cohort + 17, 8)
        assert (covered[month - activity.FIRST_MONTH] >= (paths.studies(month) & after)).all(), month


def test_what_counts_as_education_stands_in_the_records_too():
    people = population(SEED, np.arange(4_000))
    paths = pathways.pathways(people)
    aims = further_education.ilr(people, paths, Keys(SEED))[1]
    on_record = set(zip(aims["person"].tolist(), (aims["year"] + 1).tolist(), strict=True))
    for step in (1, 2):
        further = (paths.further_years >= step) & ~(paths.third_at_school & (step == 1))  # that year is at a school
        i = np.flatnonzero(further & (people.cohort + 19 + step <= 2021))
        assert len(i) > 50
        assert all((int(people.person[k]), int(people.cohort[k]) + 19 + step) in on_record for k in i)
    hesa = higher_education.hesa(people, paths, Keys(SEED), places(people, paths))
    entries = set(zip(hesa["person"].tolist(), hesa["collection_year"].tolist(), strict=True))
    mature = np.flatnonzero((paths.university_year > people.cohort + 21) & (paths.university_year <= 2020))
    assert len(mature) > 50
    assert all((int(people.person[k]), int(paths.university_year[k])) in entries | on_record for k in mature)


def test_study_does_not_overlap():
    people = population(SEED, np.arange(20_000))
    paths = pathways.pathways(people)
    third = pathways.month_of(people.cohort + 19, 8)
    last = third + 12 * paths.further_years - 1
    studies = paths.further_years > 0
    starts = pathways.month_of(np.minimum(paths.university_year, 9_000) - 1, 10)
    assert (starts[studies] > last[studies]).all()
    apprentice = studies & (paths.apprenticeship > 0)
    outside = (paths.apprenticeship_start > last) | (paths.apprenticeship_end < third)
    assert outside[apprentice].all()


def test_six_months_must_follow_each_other():
    months = np.zeros((12, 3), dtype=bool)
    months[3:9, 0] = months[:5, 1] = months[6:11, 1] = True
    months[6:, 2] = True
    assert published._six_in_a_row(months).tolist() == [True, False, True]


@pytest.mark.parametrize("people", [-1, 0, 999, 10**9])
def test_an_absurd_number_of_people_is_refused(people):
    with pytest.raises(LeoError, match="--people must lie between"):
        published.report(course_root(), people, SEED)


def test_a_changed_file_of_published_figures_is_refused(tmp_path):
    folder = tmp_path / "data" / "reference"
    shutil.copytree(course_root() / "data" / "reference", folder)
    with (folder / "published.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(LeoError, match="was changed"):
        published.published(tmp_path)
    (folder / "published.json").unlink()
    with pytest.raises(LeoError, match="is missing"):
        published.published(tmp_path)


def test_the_command_prints_a_summary():
    done = CliRunner().invoke(app, ["fidelity", "--people", "1000", "--seed", "3"])
    assert done.exit_code == 0, done.output
    assert "within tolerance" in done.output and "Ethnic group" in done.output
