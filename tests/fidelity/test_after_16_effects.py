"""Effects planted after 16: without them nothing differs, and the estimators see what is recorded."""

import numpy as np
import pytest

from leocourse.extract.lives import apprenticeships, pathways, staying
from leocourse.fidelity import estimators, worlds
from leocourse.fidelity.effects import access, reforms, routes, training

POLICIES = {reforms.AT_16: "to 17: stays on after year 11", reforms.AT_17: "to 18: stays a second year in college"}


@pytest.fixture(scope="module")
def lives():
    return worlds.live(5, np.arange(8_000))


def study(name, among):
    return next(each for each in among if name in each.effects)


@pytest.mark.parametrize("name", [reforms.AT_16, reforms.NOTHING, reforms.AT_17, reforms.PAID, reforms.CLOSED])
def test_without_a_reform_there_is_no_difference(name, lives, monkeypatch):
    part = study(name, reforms.STUDIES).differences(lives)[0]
    assert len(part.difference) and part.difference.any()
    for each in staying.RAISED_AGE:
        monkeypatch.setitem(staying.RAISED_AGE, each, 0)
    monkeypatch.setitem(staying.ALLOWANCE, next(iter(staying.ALLOWANCE)), 0)
    part = study(name, reforms.STUDIES).differences(lives)[0]
    assert not part.difference.any()


def test_without_turning_away_or_levy_there_is_no_difference(lives, monkeypatch):
    sector, levy = training.STUDIES[0], study(reforms.LEVEL, reforms.STUDIES)
    assert sector.differences(lives)[0].difference.any()
    monkeypatch.setitem(apprenticeships.TURNED_AWAY, "free school meals", 0)
    monkeypatch.setitem(apprenticeships.LEVY_LEVEL, next(iter(apprenticeships.LEVY_LEVEL)), 0)
    again = worlds.live(5, np.arange(8_000))
    assert not sector.differences(again)[0].difference.any()
    assert not levy.differences(again)[0].difference.any()


@pytest.mark.parametrize("name", ["women", "free school meals", "learning difficulty"])
def test_without_its_line_a_group_has_the_access_of_others(name, lives, monkeypatch):
    monkeypatch.setitem(pathways.APPRENTICESHIP_ACCESS, name, 0)
    parts = {part.names[0]: part for part in access.STUDY.differences(lives)}
    assert not parts[f"access: {name}"].difference.any()


def test_what_learners_say_of_a_difficulty_has_the_wrong_sign(lives):
    many = worlds.live(6, np.arange(20_000))
    sample = access.STUDY.sample(many)
    value, error = estimators.naive(*sample.naive["access: learning difficulty"])
    assert value > 3 * error
    right = estimators.intended(sample)[access.ACCESS.index("learning difficulty")]
    assert right[0] < 0


def test_special_needs_and_meals_are_unknown_outside_the_census(lives):
    seen = lives.seen
    outside = ~seen.in_census
    assert outside.any() and not seen.support[outside].any() and not seen.free_meals[outside].any()
    assert seen.support.any() and seen.free_meals.any()


def test_another_route_changes_the_chosen_alone(lives):
    chosen = lives.paths.graduated & (np.arange(len(lives.people)) % 2 == 0)
    none = routes.without_university(lives.paths, chosen)
    assert not none.graduated[chosen].any() and (none.graduated == lives.paths.graduated)[~chosen].all()
    trained = routes.with_apprenticeship(none, chosen)
    assert (trained.apprenticeship[chosen] == 3).all() and trained.completed[chosen].all()
    assert (trained.apprenticeship == lives.paths.apprenticeship)[~chosen].all()
    changed = worlds.Lives(lives.people, trained).life
    assert (changed.rate == lives.life.rate)[~chosen].all() and (changed.rate != lives.life.rate)[chosen].any()


def test_what_a_degree_is_worth_depends_on_the_year_in_which_one_looks():
    many = worlds.live(8, np.arange(12_000))
    early, late = (
        study(name, routes.STUDIES).differences(many)[0].difference.mean() for name in (routes.EARLY, routes.LATE)
    )
    assert late > early + 50


def test_imputing_finds_the_mean_over_the_treated_where_a_dummy_does_not():
    draws = np.random.default_rng(2)
    control = draws.normal(size=20_000)
    treated = draws.normal(size=20_000) + control > 1
    outcome = control + treated * (1 + 2 * control) + draws.normal(size=20_000)
    truth = (1 + 2 * control[treated]).mean()
    (value, error), *_ = estimators.imputed(outcome, treated, control[:, None])
    assert abs(value - truth) < 4 * error and error < 0.1
    dummy = estimators.least_squares(outcome, treated[:, None].astype(float), control[:, None])[0, 0]
    assert abs(dummy - truth) > 0.1
