"""Policies that keep people in education after 16, and access to sectors and levels, in the lives."""

import numpy as np
import pytest

from leocourse.extract.lives import apprenticeships, areas, pathways, pay, staying, work
from leocourse.extract.lives.population import population
from leocourse.extract.lives.results import result


@pytest.fixture(scope="module")
def people():
    return population(11, np.arange(12_000))


@pytest.fixture(scope="module")
def paths(people):
    return pathways.pathways(people)


def test_each_policy_keeps_those_whom_it_is_about_and_nobody_else(people, paths):
    about = {"to 17": people.cohort >= 1996, "to 18": people.cohort >= 1997, "allowance": staying.has_allowance(people)}
    for policy, who in about.items():
        other = pathways.pathways(people, policies=tuple(each for each in staying.POLICIES if each != policy))
        changed = other.years_after != paths.years_after
        assert changed.any() and who[changed].all()
        # apprenticeships are begun in place of college, so a few follow; nobody studies less
        assert (paths.years_after >= other.years_after).all()


def test_without_their_constants_the_policies_change_nothing(people, monkeypatch):
    for name in staying.RAISED_AGE:
        monkeypatch.setitem(staying.RAISED_AGE, name, 0)
    monkeypatch.setitem(staying.ALLOWANCE, next(iter(staying.ALLOWANCE)), 0)
    with_all, none = pathways.pathways(people), pathways.pathways(people, policies=())
    assert (with_all.years_after == none.years_after).all()


def test_nobody_has_the_allowance_before_it_came_or_after_it_closed(people):
    there = staying.allowance_there(people)
    since = areas.allowance_since()[people.authority]
    assert not there[people.cohort + 18 < since].any() and not there[people.cohort > 1993].any()
    assert there[(people.cohort >= 1987) & (people.cohort <= 1993)].all()
    assert sorted(set(since)) == areas.ALLOWANCE_YEARS


def test_everybody_with_free_school_meals_is_eligible_for_the_allowance(people):
    assert (people.poverty > staying.LOW_INCOME)[people.fsm_in_year_11].mean() > 0.99


def test_the_places_of_the_pilots_come_to_nothing_on_average():
    assert areas.staying_of_place().sum() == 0 and len(areas.allowance_since()) == 150


def test_a_year_of_study_pays_the_planted_steps(people, paths, monkeypatch):
    now = work.work(people, paths)
    monkeypatch.setattr(staying, "USUAL_PAY", staying.USUAL_PAY + 100)  # a tenth less for everybody
    less = pay.rates(people, paths, now.jobs, now.furlough)
    assert less.mean() < 0.95 * now.rate.mean()
    step = next(iter(staying.STAYING_PAY.values()))
    assert list(np.diff(staying.pay_steps(np.arange(4)))) == [step, step, 0]


def test_who_is_turned_away_trains_in_other_sectors(people, paths):
    nobody = dict.fromkeys(apprenticeships.TURNED_AWAY, 0)
    free = pathways.pathways(people, groups={"sector": nobody})
    moved = free.apprenticeships.sector != paths.apprenticeships.sector
    assert moved.any() and np.isin(free.apprenticeships.sector[moved], apprenticeships.SOUGHT_AFTER).all()
    assert np.isin(paths.apprenticeships.sector[moved], list(apprenticeships.INSTEAD)).all()
    wanted = np.isin(free.apprenticeships.sector, apprenticeships.SOUGHT_AFTER)
    at_16 = result(people)
    assert at_16[wanted & moved].mean() < at_16[wanted & ~moved].mean() - 200
    same = ~moved & (free.apprenticeship > 0)
    assert (free.apprenticeship[same] == paths.apprenticeship[same]).all()


def test_the_levy_raises_levels_where_employers_are_large_alone(people, paths):
    none = pathways.pathways(people, groups={"levy": dict.fromkeys(apprenticeships.LEVY_LEVEL, 0)})
    raised = none.apprenticeship < paths.apprenticeship
    assert raised.any() and (paths.apprenticeship[raised] >= 4).all()
    assert np.isin(paths.apprenticeships.sector[raised], apprenticeships.LARGE).all()
    assert (paths.apprenticeship_start[raised] >= apprenticeships.LEVY[0]).all()
    assert (none.apprenticeship <= paths.apprenticeship).all()


def test_groups_are_judged_below_their_results(people):
    without = pathways.pathways(people, groups={"level": dict.fromkeys(apprenticeships.LEVEL_OF, 0)})
    with_all = pathways.pathways(people)
    lower = with_all.apprenticeship < without.apprenticeship
    assert lower.any() and (with_all.apprenticeship <= without.apprenticeship).all()
    in_group = people.fsm_in_year_11 | with_all.difficulty | pathways.KNOWN_MINORITY[people.minor]
    assert in_group[lower].all()
