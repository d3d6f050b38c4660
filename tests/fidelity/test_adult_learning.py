"""The effects of adult courses: found by the intended design, missed by before and after, and gone without them."""

from dataclasses import replace

import numpy as np
import pytest

from leocourse.extract.base import numbers
from leocourse.extract.lives import adult_learning, work
from leocourse.fidelity.effects import adult_learning as pay
from leocourse.fidelity.effects import adult_work, low_results
from leocourse.fidelity.estimators import naive, project
from leocourse.fidelity.worlds import Difference, live, live_adults


@pytest.fixture(scope="module", params=[2, 31])
def adults(request):
    return live_adults(request.param, numbers.ADULTS_FROM + np.arange(4_000))


def _estimands(differences: list[Difference]):
    (part,) = differences
    return project(part.difference, part.treatment)[:, 0]


def test_without_the_constants_courses_change_neither_pay_nor_work(monkeypatch):
    monkeypatch.setattr(adult_learning, "ADULT_PAY", dict.fromkeys(adult_learning.ADULT_PAY, 0))
    monkeypatch.setattr(adult_learning, "ADULT_PAY_LOW", dict.fromkeys(adult_learning.ADULT_PAY_LOW, 0))
    monkeypatch.setattr(adult_learning, "ADULT_WORK", 0)
    for lives in (live(5, np.arange(800)), live_adults(5, numbers.ADULTS_FROM + np.arange(400))):
        without = replace(lives.paths, courses=lives.paths.courses.without_effect())
        other = work.work(lives.people, without)
        assert (other.rate == lives.life.rate).all() and (other.days == lives.life.days).all()


def test_changes_within_people_find_what_a_course_adds_to_pay_and_before_and_after_does_not(adults):
    sample = pay.STUDY.sample(adults)
    found, true = pay.STUDY.estimate(sample), _estimands(pay.STUDY.differences(adults))
    assert (abs(found[:, 0] - true) < 3.9 * found[:, 1]).all()
    assert (true[:4] > [30, 60, 80, 8]).all() and (true[:4] < [46, 91, 105, 16]).all()
    for name, value in zip(pay.STUDY.names, true, strict=True):
        wrong, error = naive(*sample.naive[name])
        assert wrong - value > 5 * error, name


def test_those_who_do_not_achieve_the_course_show_what_it_adds_to_work(adults):
    sample = adult_work.STUDY.sample(adults)
    true = _estimands(adult_work.STUDY.differences(adults))[0]
    assert 15_000 < true < 65_000
    wrong, error = naive(*sample.naive[adult_work.WORK])
    assert wrong - true > error


def test_low_results_are_those_on_record_and_what_is_compared_is_theirs():
    lives = live(9, np.arange(3_000))
    sample = low_results.STUDY.sample(lives)
    low = (lives.seen.key_stage_4 < low_results.LOW_SCORE) & lives.seen.has_results
    assert 0.2 < low.mean() < 0.45
    assert np.isin(sample.more["person"], lives.people.person[low]).all()
    assert (_estimands(low_results.STUDY.differences(lives)) > 20).all()
    assert (lives.paths.university_years[np.unique(sample.more["person"])] == 0).all()


def test_who_comes_back_did_worse_at_school_and_level_follows_results():
    lives = live(4, np.arange(6_000))
    taken, result = lives.paths.courses, adult_learning.results.result(lives.people)
    again = np.unique(taken.i[taken.returns])
    free = (lives.paths.university_years == 0) & (lives.paths.points == 0)  # at the same level: who has more comes more
    others = np.setdiff1d(np.flatnonzero(free), again)
    assert result[again[free[again]]].mean() < result[others].mean() - 50
    levels = [result[taken.i[taken.level == level]].mean() for level in (2, 3, 4)]
    assert levels[0] < levels[1] < levels[2]
