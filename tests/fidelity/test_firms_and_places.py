"""Enterprises, graduates among the staff, region, left-behind areas and catching up: planted, and found from records."""

import numpy as np
import pytest

from leocourse.extract.lives import colleagues, firms, place_pay
from leocourse.extract.records import accounts
from leocourse.fidelity import estimators, worlds
from leocourse.fidelity.effects import catching_up, enterprises, left_behind, places
from leocourse.fidelity.estimands import lived

STUDIES = [enterprises.STUDY, enterprises.COLLEAGUES_STUDY, places.STUDY, left_behind.STUDY, catching_up.STUDY]


@pytest.fixture(scope="module")
def lives():
    return lived(11, np.arange(16_000), enterprises.STUDY)


def parts(study, lives):
    return {name: part for part in study.differences(lives) for name in part.names}


# what is planted


@pytest.mark.parametrize("name", list(place_pay.PLACE_PAY))
def test_without_a_difference_between_places_nobody_would_earn_otherwise(monkeypatch, name):
    study = places.STUDY if name in places.PLACES else left_behind.STUDY
    people = np.arange(1_500)
    assert any(part.difference.any() for part in study.differences(worlds.live(12, people)))
    for each in place_pay.PLACE_PAY:
        monkeypatch.setitem(place_pay.PLACE_PAY, each, 0)
    assert not any(part.difference.any() for part in study.differences(worlds.live(12, people)))


def test_without_catching_up_growth_is_the_same(monkeypatch):
    lives = lived(12, np.arange(20_000), catching_up.STUDY)
    (part,) = catching_up.STUDY.differences(lives)
    assert len(part.difference) > 5 and part.difference.mean() > 0
    monkeypatch.setitem(place_pay.CATCHING_UP, catching_up.CATCH_UP, 0)
    (part,) = catching_up.STUDY.differences(lived(12, np.arange(20_000), catching_up.STUDY))
    assert not part.difference.any()


def test_catching_up_is_nothing_on_average_over_its_years():
    people = worlds.live(12, np.arange(4_000)).people
    steps, since = place_pay.catching_up(people), worlds.since(people, 2020)
    assert not steps[~place_pay.catches_up(people)].any()
    whole = place_pay.catches_up(people) & (since >= 13)
    years = np.arange(2003, 2022) - 18 - people.cohort[:, None]
    assert whole.any()
    assert all(row[(year >= 5) & (year <= 13)].sum() == 0 for row, year in zip(steps[whole], years[whole], strict=True))


def test_more_graduates_among_the_staff_raise_pay_by_what_is_planted(lives):
    (part,) = enterprises.COLLEAGUES_STUDY.differences(lives)
    (planted,) = colleagues.COLLEAGUES.values()
    assert abs(part.difference.mean() - planted) < 2


def test_graduates_work_where_there_are_more_graduates(lives):
    firm, share = lives.life.jobs.firm[:, -2, 0], lives.life.jobs.graduates[:, -2]
    graduate = lives.paths.graduated & (lives.paths.university_year + lives.paths.university_years < 2018)
    known = firm >= 0
    assert share[known & graduate].mean() > share[known & ~graduate].mean() + 10


def test_shares_of_graduates_belong_to_the_register_and_are_possible():
    share = colleagues.graduate_share(5)
    assert share.shape[1] == firms.FIRMS and share.min() >= colleagues.LEAST and share.max() <= colleagues.MOST
    assert (
        np.corrcoef(share[10] - colleagues.usual(firms.register(5).section[0]), firms.register(5).productivity)[0, 1]
        > 0.3
    )


def test_accounts_have_a_row_an_enterprise_and_year_and_measure_productivity_with_error():
    rows = accounts.accounts_rows(5)
    keys = rows["entkey"].codes.astype(np.int64) * 1_000_000 + rows["taxyear"]
    assert len(np.unique(keys)) == len(keys) and rows["turnover_per_employee"].min() > 0
    steps, section = accounts.turnover_steps(5), firms.register(5).section[0]
    retail = section == firms.LETTERS.index("G")
    between_years = np.corrcoef(steps[0, retail], steps[1, retail])[0, 1]
    assert 0.65 < between_years < 0.82  # 0.25 / (0.25 + 0.09)
    assert abs(enterprises.lasting_spread(5) - accounts.LASTING) < 15


# what finds it


@pytest.mark.parametrize("study", STUDIES[:2], ids=["enterprise", "colleagues"])
def test_the_right_estimator_of_enterprises_is_near_and_the_naive_far(study, lives):
    sample, (part,) = study.sample(lives), study.differences(lives)
    (name,), truth = part.names, part.difference.mean()
    (value, error), *_ = study.estimate(sample)
    naive, naive_error = estimators.naive(*sample.naive[name])
    assert abs(value - truth) < 4 * error
    assert naive - truth > 3 * naive_error


def test_movers_find_what_london_adds_and_a_comparison_of_people_does_not(lives):
    sample, truth = places.STUDY.sample(lives), parts(places.STUDY, lives)["living in London"].difference.mean()
    (value, error), _ = places.STUDY.estimate(sample)
    naive, naive_error = estimators.naive(*sample.naive["living in London"])
    assert abs(value - truth) < 4 * error
    assert naive - truth > 3 * naive_error


def test_returns_in_left_behind_areas_are_near_and_raw_pay_is_far(lives):
    found = estimators.intended(left_behind.STUDY.sample(lives))
    (part,) = left_behind.STUDY.differences(lives)
    truth = estimators.project(part.difference, part.treatment)[:, 0]
    assert (abs(found[:, 0] - truth) < 4 * found[:, 1]).all()
    sample = left_behind.STUDY.sample(lives)
    assert estimators.naive(*sample.naive["a first degree, living in a left-behind area"])[0] < truth[0] - 10


# estimators on cases whose answer is known


def test_an_instrument_undoes_what_is_measured_with_error():
    rng = np.random.default_rng(1)
    true = rng.normal(size=20_000)
    first, second = (true + rng.normal(size=20_000) for _ in range(2))
    outcome = 5 * true + rng.normal(size=20_000)
    (value, error), *_ = estimators.instrumented(outcome, first[:, None], second[:, None])
    assert abs(value - 5) < 4 * error < 0.6
    plain = estimators.least_squares(outcome, first[:, None])[0, 0]
    assert abs(plain - 2.5) < 0.2


def test_two_ways_of_clusters_are_wider_than_none_where_rows_share_errors():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(200), 20)
    treatment = rng.normal(size=200)[group]
    outcome = treatment + rng.normal(size=200)[group] + rng.normal(size=4_000)
    other = np.tile(np.arange(20), 200)
    alone = estimators.instrumented(outcome, treatment[:, None], treatment[:, None])
    both = estimators.instrumented(
        outcome, treatment[:, None], treatment[:, None], clusters=np.column_stack([group, other])
    )
    assert alone[0, 0] == pytest.approx(both[0, 0]) and both[0, 1] > 2 * alone[0, 1]


def test_within_person_forgets_what_lasts():
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(2_000), 4)
    lasting = rng.normal(size=2_000)[person]
    treatment = (lasting + rng.normal(size=8_000) > 0).astype(float)
    outcome = 2 * treatment + 10 * lasting + rng.normal(size=8_000)
    (value, error), *_ = estimators.within_people(outcome, treatment[:, None], rng.normal(size=(8_000, 1)), person)
    assert abs(value - 2) < 4 * error < 0.3
