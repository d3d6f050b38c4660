"""The truth of planted effects: estimands from potential outcomes, the intended estimators, the naive ones."""

import json
import pickle
from dataclasses import replace

import kept
import numpy as np
import pytest
import rules

from leocourse.cli.steps_table import SIMULATION
from leocourse.core.paths import course_root
from leocourse.extract import parameters
from leocourse.extract.lives import attendance, pathways, pay, results, work
from leocourse.extract.lives.population import population
from leocourse.fidelity import estimands, estimators, worlds
from leocourse.fidelity.effects import EFFECTS, STUDIES, access

SEEDS, PEOPLE = (101, pytest.param(202, marks=pytest.mark.slow)), 40_000
DECIDED_BY = (*SIMULATION, "leocourse/fidelity", "requirements.txt")
"""What decides the estimates from lives."""


@pytest.fixture(scope="module")
def lives():
    return worlds.live(7, np.arange(3_000))


@pytest.fixture(scope="module", params=SEEDS)
def found(request):
    """Both estimates of every effect from the lives of one seed. They are kept."""

    def estimate(folder):
        (folder / "found.pickle").write_bytes(pickle.dumps(estimands.estimates(request.param, PEOPLE)))

    folder = kept.kept(f"estimates-{request.param}", DECIDED_BY, estimate, PEOPLE)
    return pickle.loads((folder / "found.pickle").read_bytes())


def by_name(lives):
    return {tuple(part.names): part for study in STUDIES for part in study.differences(lives)}


# the table


def test_every_effect_is_in_one_study_and_has_words():
    assert list(rules.effects(STUDIES, [line["parameter"] for line in parameters.parameters()])) == []
    for effect in EFFECTS.values():
        assert effect.question.endswith("?") and effect.compared and effect.estimator and effect.naive


def test_every_effect_is_a_planted_parameter_and_carries_its_estimand():
    lines = {line["parameter"]: line for line in parameters.parameters()}
    stored = parameters.stored()
    for effect in EFFECTS.values():
        line = lines[effect.parameter]  # several effects may show one parameter, each in people of its own
        told = [(stored[name]["estimand"], each.estimator) for name, each in EFFECTS.items()
                if each.parameter == effect.parameter]  # fmt: skip
        assert (line["estimand"], line["estimator"]) in told
    assert lines["pay: start"]["estimand"] is None and lines["pay: start"]["estimator"] is None


# switching


def test_without_an_effect_the_estimand_is_zero(monkeypatch):
    monkeypatch.setitem(pay.PAY_STEPS, "furloughed in 2020/21, a month", 0)
    monkeypatch.setitem(attendance.ABSENCE_EFFECTS, next(iter(attendance.ABSENCE_EFFECTS)), 0)
    for name in ("ethnic minority", access._FURTHER):
        monkeypatch.setitem(pathways.APPRENTICESHIP_ACCESS, name, 0)
    parts = by_name(worlds.live(7, np.arange(1_000)))
    for name in ("furlough", "absence", "access: ethnic minority"):
        assert len(parts[(name,)].difference) > 0
        assert not parts[(name,)].difference.any()


def test_furlough_and_absence_move_only_what_they_are_planted_in(lives):
    parts = by_name(lives)
    part = parts[("furlough",)]
    assert len(set(part.treatment[:, 0])) > 5
    assert np.allclose(part.difference, pay.PAY_STEPS["furloughed in 2020/21, a month"] * part.treatment[:, 0], atol=1)
    lost = parts[("absence",)].difference  # of recorded results: grades are steps
    assert abs(lost.mean() - next(iter(attendance.ABSENCE_EFFECTS.values()))) < 8


def test_results_count_less_for_access_among_ethnic_minorities(lives):
    """At the mean result of those who do not enter university the planted difference is the whole one."""
    flat = pathways.pathways(lives.people, pathways.APPRENTICESHIP_ACCESS | {access._FURTHER: 0})
    gained = (flat.apprenticeship == 0) & (lives.paths.apprenticeship > 0)
    lost = (flat.apprenticeship > 0) & (lives.paths.apprenticeship == 0)
    minority, at_16 = pathways.KNOWN_MINORITY[lives.people.minor], results.result(lives.people)
    assert gained.any() and lost.any() and minority[gained | lost].all()
    assert at_16[gained].max() < pathways.ACCESS_CENTRE < at_16[lost].min()


def test_changed_access_changes_apprenticeships_alone(lives):
    people = lives.people
    other = pathways.pathways(people, pathways.APPRENTICESHIP_ACCESS | {"ethnic minority": 0})
    for name in ("subject", "university_year", "points", "sixth_form", "graduated", "difficulty"):
        assert (getattr(other, name) == getattr(lives.paths, name)).all()
    changed = other.apprenticeship != lives.paths.apprenticeship
    assert changed.any() and pathways.KNOWN_MINORITY[people.minor[changed]].all()


def test_the_table_of_access_is_the_default(lives):
    again = pathways.pathways(lives.people, dict(pathways.APPRENTICESHIP_ACCESS))
    assert (again.apprenticeship == lives.paths.apprenticeship).all()


def test_people_who_are_not_treated_live_the_same_life_twice(lives):
    """Switching apprenticeships off leaves everybody else's work and pay as they were."""
    paths, people = lives.paths, lives.people
    for study in STUDIES:
        study.differences(lives)  # changes nothing in the lives it is given
    assert (pathways.pathways(people).apprenticeship == paths.apprenticeship).all()
    again = work.work(people, paths)
    assert (again.rate == lives.life.rate).all() and (again.days == lives.life.days).all()
    subject = np.where(paths.graduated, 0, paths.subject)
    other = work.work(people, replace(paths, subject=subject))
    assert (other.days == lives.life.days).all()
    same = subject == paths.subject
    assert (other.rate[same] == lives.life.rate[same]).all() and (other.rate[~same] != lives.life.rate[~same]).any()


def test_rates_are_those_of_the_working_life(lives):
    rate = pay.rates(lives.people, lives.paths, lives.life.jobs, lives.life.furlough)
    assert (rate == lives.life.rate).all()


def test_more_absence_lowers_the_result_by_the_planted_amount():
    people = population(3, np.arange(500))
    step = next(iter(attendance.ABSENCE_EFFECTS.values()))
    assert (results.result(people, 200) - results.result(people) == 2 * step).all()


# estimators on cases whose answer is known


@pytest.mark.parametrize("alike", [True, False])
def test_least_squares_finds_a_line_and_its_error(alike):
    rng = np.random.default_rng(1)
    control = rng.normal(size=5_000)
    treatment = (control + rng.normal(size=5_000) > 0).astype(float)
    outcome = 3 * treatment + 5 * control + rng.normal(size=5_000)
    (value, error), *_ = estimators.least_squares(outcome, treatment[:, None], control[:, None], alike=alike)
    assert abs(value - 3) < 4 * error and 0.02 < error < 0.05


def test_least_squares_survives_empty_and_repeated_columns():
    outcome = np.array([1.0, 2.0, 3.0, 5.0, 8.0, 9.0])
    treatment = np.array([0.0, 0, 0, 1, 1, 1])
    plain = estimators.least_squares(outcome, treatment[:, None])
    spoilt = estimators.least_squares(outcome, treatment[:, None], np.column_stack([np.zeros(6), np.ones(6)]))
    assert plain == pytest.approx(spoilt) and plain[0, 0] == pytest.approx(22 / 3 - 2)


def test_an_effect_that_hardly_anybody_has_gets_no_number():
    treatment = np.array([[0.0], [0], [1], [1], [0]])
    assert np.isnan(estimators.least_squares(np.arange(5.0), treatment)).all()


def test_within_cells_compares_like_with_like():
    cell = np.repeat([1, 2, 3], [40, 40, 10])
    treated = np.concatenate([np.arange(40) < 10, np.arange(40) < 30, np.ones(10, dtype=bool)])
    outcome = np.where(cell == 1, 0.0, 10.0) + 2.0 * treated
    (value, error), *_ = estimators.within_cells(outcome, treated, cell)
    assert value == pytest.approx(2) and error == pytest.approx(0)  # nobody is like the people of cell 3


def test_projection_gives_each_part_its_own_effect():
    treatment = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    assert estimators.project(np.array([4.0, 6, 1, 3]), treatment)[:, 0] == pytest.approx([5, -3])


# estimators on lives


@pytest.mark.parametrize("name", list(EFFECTS))
def test_the_intended_estimator_recovers_the_estimand(found, name):
    known = parameters.stored()[name]
    error = np.hypot(found[name].error, known["error"])
    assert abs(found[name].value - known["estimand"]) < 4 * error


def test_each_naive_comparison_misses_by_five_errors_where_the_stored_values_say():
    about = json.loads((course_root() / parameters.STORED).with_suffix(".meta.json").read_text(encoding="utf-8"))
    away = {name: line["errors_away"] for name, line in parameters.stored().items()}
    assert set(away) == set(EFFECTS) and min(away.values()) >= estimands.MISSES_BY
    assert about["naive_misses_by_at_least"] == min(away.values())
    assert about["naive_people"] == min(about["people"], estimands.NAIVE_PEOPLE) == estimands.NAIVE_PEOPLE
    for line in parameters.stored().values():  # errors shrink with the root of the number of people
        there = line["errors_away"] * np.sqrt(line["enough_people"] / about["naive_people"])
        assert line["enough_people"] <= about["naive_people"]
        assert there >= 0.98 * estimands.MISSES_BY


@pytest.mark.parametrize("name", [name for study in STUDIES if study.among is None for name in study.names])
def test_the_naive_comparison_misses_to_the_side_that_it_promises(found, name):
    known, each = parameters.stored()[name], found[name]
    side = np.sign(known["naive"] - known["estimand"])
    expected = known["errors_away"] * np.sqrt(PEOPLE / estimands.NAIVE_PEOPLE)
    assert side * (each.naive - known["estimand"]) / each.naive_error > min(expected - 4, estimands.MISSES_BY)


def test_the_stored_values_belong_to_the_parameters_planted_now():
    stale = [name for name, effect in EFFECTS.items() if parameters.stored()[name].get("planted") != effect.planted()]
    assert not stale, "run python -m leocourse.fidelity.estimands"


def test_the_stored_values_are_those_of_this_generator():
    again, known = estimands.estimands(303, 20_000), parameters.stored()
    assert list(again) == list(known)
    for name, line in again.items():
        few = line["treated"] < 30  # too few for their error to mean much
        error = np.hypot(line["error"], known[name]["error"])
        assert few or abs(line["estimand"] - known[name]["estimand"]) < 4.5 * error + 0.5, name
