"""Effects of school and care: what is planted acts alone, records recover it, and the naive comparison does not."""

import csv

import numpy as np
import pytest

from leocourse.core.paths import course_root
from leocourse.extract.lives import attendance, results, school_effects, schooling
from leocourse.extract.lives.establishments import FIRST_CONVERTERS, PRIMARY, schools
from leocourse.fidelity import estimators, schools_reference, worlds
from leocourse.fidelity.effects import (
    absence_from_school,
    academies,
    care_before_16,
    careers_provision,
    exclusion,
    first_claim,
    inspections,
    lost_schooling,
    month_of_birth,
    referral_units,
)
from leocourse.fidelity.estimands import lived

SEED = 303
SCHOOL = [academies, inspections, absence_from_school, lost_schooling, month_of_birth, careers_provision]
RARE = [exclusion, referral_units, care_before_16, first_claim]


@pytest.fixture(scope="module")
def lives():
    return worlds.live(SEED, np.arange(4_000))


def found(study, people):
    """Estimates, naive estimates and the truth of each effect among people of one seed."""
    here = lived(SEED, np.arange(people), study)
    sample = study.sample(here)
    values = study.estimate(sample) if study.estimate else estimators.intended(sample)
    truth = {}
    for part in study.differences(here):
        for name, value in zip(part.names, estimators.project(part.difference, part.treatment), strict=True):
            truth[name] = value[0]
    naive = {name: estimators.naive(*pair) for name, pair in sample.naive.items()}
    return {name: (*value, truth[name], *naive[name]) for name, value in zip(study.names, values, strict=True)}


@pytest.mark.parametrize("module", SCHOOL, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_records_recover_it_and_the_naive_comparison_does_not(module):
    for name, (value, error, truth, naive, naive_error) in found(module.STUDY, module.STUDY.people).items():
        assert abs(value - truth) < 4 * error, name
        assert truth * module.STUDY.effects[name].planted() > 0, name
        assert abs(naive - truth) > 1.5 * naive_error, name


@pytest.mark.parametrize("module", RARE, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_records_recover_it_in_a_rare_group(module):
    for name, (value, error, truth, *_) in found(module.STUDY, module.STUDY.people).items():
        assert error > 0 and abs(value - truth) < 4 * error, name


def test_in_rare_groups_the_naive_comparison_is_far_away():
    here = worlds.live(SEED, np.arange(40_000))
    for name, truth in {"exclusion: results": -200, "referral unit": 165, "care: results": -230}.items():
        study = next(each.STUDY for each in RARE if name in each.STUDY.effects)
        value, error = estimators.naive(*study.sample(here).naive[name])
        assert value < truth - 5 * error, name


@pytest.mark.parametrize(
    ("module", "constant", "without"),
    [
        (academies, "ACADEMY", {"sponsored": 0, "converter": 0}),
        (care_before_16, "CARE", dict.fromkeys(school_effects.CARE, 0)),
        (inspections, "GOOD_SCHOOL", 0),
        (careers_provision, "CAREERS", 0),
        (lost_schooling, "LOST_SCHOOLING", 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_without_the_constant_the_two_lives_are_equal(monkeypatch, module, constant, without):
    for each in (school_effects, module):
        monkeypatch.setattr(each, constant, without)
    parts = module.STUDY.differences(lived(SEED, np.arange(12_000), module.STUDY))
    assert parts
    for part in parts:
        assert len(part.difference) > 20 and not part.difference.any()


def test_without_a_year_of_age_and_absence_nothing_differs(monkeypatch):
    monkeypatch.setattr(results, "YEAR_OF_AGE", 0)
    monkeypatch.setitem(attendance.ABSENCE_EFFECTS, absence_from_school.NAME, 0)
    for module in (month_of_birth, absence_from_school):
        (part,) = module.STUDY.differences(worlds.live(SEED, np.arange(4_000)))
        assert len(part.difference) > 20 and not part.difference.any()


def test_nothing_of_an_exclusion_is_left_where_it_was_for_a_fixed_period(lives):
    other = exclusion.spared(lives.people)
    assert (school_effects.excluded_in(lives.people) < 99).any()
    assert (school_effects.excluded_in(other) == 99).all()
    changed = results.result(other) != results.result(lives.people)
    assert changed.any() and not changed[school_effects.excluded_in(lives.people) == 99].any()


def test_who_becomes_an_academy_goes_with_results():
    for seed in (1, 2, 3):
        places = schools(seed)
        converted, sponsored = places.converted[:PRIMARY], places.sponsored[:PRIMARY]
        quarter = np.arange(PRIMARY) // (PRIMARY // 4)
        assert sponsored[converted < FIRST_CONVERTERS].all()
        assert places.adds[:PRIMARY][sponsored].mean() < -50 < 0 < places.adds[:PRIMARY][~sponsored].mean()
        own = ~sponsored & (converted < 9_999)
        assert quarter[own].mean() < quarter[converted == 9_999].mean() < quarter[sponsored].mean()
        early = np.median(converted[own])
        assert quarter[own & (converted < early)].mean() < quarter[own & (converted > early)].mean()


def test_effects_are_about_nothing_on_average():
    people = worlds.live(SEED, np.arange(20_000)).people
    assert abs(school_effects.result_adds(people).mean()) < 40
    assert abs(school_effects.attachment_adds(people).mean()) < 60


def test_lives_are_lived_when_they_are_asked_for(lives):
    chosen = np.arange(4_000) % 7 == 0
    these = worlds.some(lives, chosen)
    assert np.array_equal(results.result(these.people), results.result(lives.people)[chosen])
    assert np.array_equal(these.life.rate, lives.life.rate[chosen])
    same = worlds.Lives(worlds.but(lives.people))
    assert np.array_equal(same.life.days, lives.life.days)
    assert same.people.drawn["schooling",] is schooling.schooling(lives.people)


# estimators


def panel(seed, effect):
    """Units that change early or late or never: rows of people, with an effect by years since the change."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(200), 12 * 6)
    time = np.tile(np.repeat(np.arange(12), 6), 200)
    adopted = np.array([3, 7, 99])[np.arange(200) % 3][unit]
    since = np.where(time >= adopted, time - adopted, -1)
    level = draw.normal(size=200)[unit] + 0.3 * time
    return level + effect(since) + draw.normal(size=len(unit)), unit, time, adopted, since


def test_one_dummy_is_wrong_where_effects_grow_and_differences_are_right():
    away = []
    for seed in range(12):
        outcome, unit, time, adopted, since = panel(seed, lambda since: np.where(since >= 0, 0.5 * since, 0))
        label = np.where((since >= 0) & (since <= 3), since, -1)
        got = estimators.differences_from_not_yet_treated(outcome, unit, time, adopted, label)
        away.append((got[:, 0] - 0.5 * np.arange(4)) / got[:, 1])
        dummy = np.column_stack([since >= 0, time[:, None] == np.arange(1, 12)]).astype(float)
        early = adopted < 99
        both = estimators.within_units(np.column_stack([outcome, dummy])[early], unit[early])
        one = np.linalg.lstsq(both[:, 1:], both[:, 0], rcond=None)[0][0]
        assert one < 0.5 * since[early & (since >= 0)].mean() / 2
    assert abs(np.mean(away)) < 0.5 and 0.6 < np.std(away) < 1.4


def test_a_unit_that_was_never_seen_before_its_change_says_nothing():
    outcome, unit, time, adopted, since = panel(1, lambda since: np.where(since >= 0, 1.0, 0))
    always = unit == 0
    label = np.where(since >= 0, 0, -1)
    whole = estimators.differences_from_not_yet_treated(outcome, unit, time, np.where(always, 0, adopted), label)
    without = estimators.differences_from_not_yet_treated(
        *(each[~always] for each in (outcome, unit, time, adopted, label))
    )
    assert np.allclose(whole, without)


def test_cumulative_incidence_by_hand():
    month, event = np.array([1, 2, 2, 3, 4]), np.array([1, 2, 0, 1, 0])
    # 1/5; then of four left one has the other event: 3/5 are free; two are followed on, and one of them has event 1
    assert estimators.cumulative_incidence(month, event, 1) == pytest.approx(1 / 5)
    assert estimators.cumulative_incidence(month, event, 4) == pytest.approx(1 / 5 + 3 / 5 / 2)
    assert estimators.cumulative_incidence(month, event, 4, np.full(5, 2.0)) == pytest.approx(1 / 2)


def test_the_jackknife_of_a_mean_has_its_standard_error():
    values = np.random.default_rng(2).normal(size=50)
    ((value, error),) = estimators.jackknife(lambda of: values[of].mean(), np.arange(50))
    assert value == pytest.approx(values.mean()) and error == pytest.approx(values.std(ddof=1) / np.sqrt(50))


def test_errors_by_cluster_are_larger_where_clusters_are_alike():
    draw = np.random.default_rng(3)
    cluster = np.repeat(np.arange(50), 20)
    treated = (cluster % 2).astype(float)
    outcome = draw.normal(size=50)[cluster] + draw.normal(size=1_000)
    design = np.column_stack([treated, np.ones(1_000)])
    _, by_cluster = estimators.clustered(outcome, design, cluster)
    _, by_person = estimators.clustered(outcome, design, np.arange(1_000))
    assert by_cluster[0, 0] > 4 * by_person[0, 0]


# tables beside the extract


def test_reference_tables_are_those_of_the_lives():
    for name, (rows, description) in schools_reference.tables().items():
        with (course_root() / "data" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            head, *lines = csv.reader(file)
        assert head == [field["name"] for field in description["fields"]]
        assert lines == [[str(value) for value in row] for row in rows]
