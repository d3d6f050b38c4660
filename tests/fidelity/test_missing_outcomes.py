"""Missing outcomes: bounds hold the truth, and what people do in place of them does not."""

import numpy as np
import pytest

from leocourse.extract.lives import activity
from leocourse.fidelity import captured, worlds

YEAR = 2019


@pytest.fixture(scope="module", params=[31, 32])
def lives(request):
    return worlds.live(request.param, np.arange(6_000))


@pytest.fixture(scope="module")
def known(lives):
    """Those who could be followed for five years: in work as recorded, whether traced, and the truth."""
    old = worlds.since(lives.people, YEAR) >= 5
    work, seen = captured.in_work(lives.life.activity, YEAR), captured.traced(lives, YEAR)
    return old, (work & seen)[old], seen[old], captured.had_all_stayed(lives, YEAR)[old]


def test_nobody_else_lives_otherwise_if_nobody_leaves(lives):
    stay = activity.activities(lives.people, lives.paths, stay=True)
    here = lives.life.activity.gone > activity.LAST_MONTH
    assert (stay.works[:, here] == lives.life.activity.works[:, here]).all()
    assert (stay.claims[:, here] == lives.life.activity.claims[:, here]).all()
    assert stay.works.sum() > lives.life.activity.works.sum()


def test_bounds_hold_the_truth_of_every_group_and_naive_shares_miss_it(lives, known):
    old, work, seen, truth = known
    for name, member in activity.groups(lives.people).items():
        who = member[old]
        if who.sum() < 100:
            continue
        low, high, least, most = captured.bounds(work[who], seen[who])
        assert least < low <= truth[who].mean() <= high < most, name
    counted_out, left_out = work.mean(), work[seen].mean()
    error = np.sqrt(truth.mean() * (1 - truth.mean()) / len(truth))
    assert counted_out < truth.mean() - 5 * error and left_out > truth.mean() + 5 * error


def test_bounds_of_a_gap_hold_it(lives, known):
    old, work, seen, truth = known
    poor = lives.people.fsm_in_year_11[old]
    low, high = captured.bounds_of_gap(work, seen, poor)
    assert low <= truth[poor].mean() - truth[~poor].mean() <= high and high - low > 0.1


def test_the_interval_is_that_of_a_share_where_nothing_is_missing():
    outcome = np.arange(1_000) < 300
    low, high, least, most = captured.bounds(outcome, np.ones(1_000, dtype=bool))
    error = np.sqrt(0.3 * 0.7 / 1_000)
    assert low == high == 0.3 and abs((most - least) / error - 2 * 1.96) < 0.01
    seen = np.arange(1_000) % 2 == 0
    low, high, least, _ = captured.bounds(outcome & seen, seen)
    assert high - low == 0.5 and abs((low - least) / np.sqrt(low * (1 - low) / 1_000) - 1.645) < 0.01
