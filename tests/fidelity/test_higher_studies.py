"""Studies of higher education: what is planted acts in the life, and what is recorded finds it."""

import numpy as np
import pytest

from leocourse.extract.lives import applications, degrees, graduate_pay, pathways, progression, results
from leocourse.extract.lives.applications import TARIFFS, Worlds, tariff_group
from leocourse.extract.records import aim_catalogue, further_education, higher_education
from leocourse.fidelity import estimators, worlds
from leocourse.fidelity.effects import (
    contextual_offers,
    degree_gains,
    degree_or_not,
    entry_for_compliers,
    gap_years,
    growth_by_subject,
    kind_of_study,
    offers_at_the_line,
    part_time_certificates,
    points_at_a_level,
    school_and_entry,
    schools_at_the_line,
    short_courses,
)
from leocourse.fidelity.seen_higher import Higher

STUDIES = [
    contextual_offers, degree_gains, degree_or_not, gap_years, growth_by_subject, kind_of_study, offers_at_the_line,
    part_time_certificates, points_at_a_level, school_and_entry, schools_at_the_line, short_courses,
]  # fmt: skip


@pytest.fixture(scope="module")
def lives():
    return worlds.live(11, np.arange(10_000))


def differences(module, lives):
    return {name: (part, place) for part in module.STUDY.differences(lives) for place, name in enumerate(part.names)}


# what is planted


def test_bands_of_universities_overlap_and_their_means_are_as_planted():
    steps, size = graduate_pay.university_steps(), graduate_pay.universities.sizes()
    band = tariff_group(np.arange(len(steps)))
    for number, planted in enumerate(graduate_pay.UNIVERSITY_PAY.values()):
        assert abs(np.average(steps[band == number], weights=size[band == number]) - planted) < 1.5
    for better in range(len(TARIFFS) - 1):
        assert steps[band == better].min() < steps[band == better + 1].max()


def test_a_certificate_pays_those_whose_record_has_it(lives):
    of = higher_education.enrolments(lives.people, lives.paths)
    rows = (of.kind == degrees.CERTIFICATE) & of.obtained
    year = np.full(len(lives.people), graduate_pay.NEVER)
    year[of.i[rows]] = of.year[rows]
    assert rows.any() and (year == graduate_pay.certified(lives.people, lives.paths)).all()


def test_steps_of_study_come_to_little_over_all_graduates(lives):
    graduated = lives.paths.graduated
    assert abs(graduate_pay.lasting_steps(lives.people, lives.paths)[graduated].mean()) < 25
    nothing = ~graduated & ~lives.paths.career.diploma & (lives.paths.part_time_year == graduate_pay.NEVER)
    assert not graduate_pay.pay_steps(lives.people, lives.paths)[nothing].any()


def test_science_falls_behind_first_and_leads_later(lives):
    people, paths = lives.people, lives.paths
    steps, last = graduate_pay.pay_steps(people, paths), paths.university_year + paths.university_years - 1
    science = np.isin(paths.subject, [graduate_pay.subjects.SUBJECTS.index(name) for name in graduate_pay.SCIENCES])
    old = paths.graduated & science & (last <= 2010) & (last >= 2005)
    every = np.flatnonzero(old)
    at = [steps[every, last[every] + after - graduate_pay.TAX_YEARS[0]] for after in (1, 9)]
    grown = graduate_pay.GROWTH_YEARS * np.array([graduate_pay.SUBJECT_GROWTH["physics"]])
    assert len(every) > 20 and ((at[1] - at[0]) == grown).all()


def test_who_takes_a_gap_year_is_better_off(lives):
    people, paths = lives.people, lives.paths
    at_once = (paths.university_year == people.cohort + 20) & ~paths.gap_year
    assert (paths.university_year[paths.gap_year] == people.cohort[paths.gap_year] + 21).all()
    assert people.independent[paths.gap_year].mean() > 1.3 * people.independent[at_once].mean()


def test_offers_are_lowered_by_providers_of_higher_tariff_from_their_cycle_on(lives):
    of = lives.paths.applications
    a, column = np.nonzero(of.contextual)
    choice = of.choice[a, column]
    assert len(a) > 50 and (applications.adoption()[choice] <= of.cycle[a]).all()
    assert (tariff_group(choice) == 0).all() and not lives.people.independent[of.i[a]].any()


def test_living_above_the_line_lowers_most_offers_and_below_it_few(lives):
    people = lives.people
    state = ~people.independent
    above, below = (applications.flagged(people, side)[state].mean() for side in (True, False))
    table = applications.CONTEXTUAL
    assert abs(above - table["kept at the line and above, per million"] / 1e6) < 0.02
    assert abs(below - table["taken below it, per million"] / 1e6) < 0.02
    assert (applications.flagged(people, True) >= applications.flagged(people, False)).all()


def test_a_school_below_the_published_line_lowers_offers_of_medium_tariff_and_no_others(lives):
    """Who is below it is in the reference table; schools cross the line from one year to the next, both ways."""
    of, line = lives.paths.applications, progression.LOW_PROGRESSION["line"]
    share = progression.share(lives.people)[of.i]
    low = (share >= 0) & (share < line) & (of.cycle >= progression.LOW_PROGRESSION["first cycle"])
    column = of.offer[:, : applications.CHOICES] > 0
    column &= of.subject[:, : applications.CHOICES] != applications.MEDICINE
    column &= tariff_group(of.choice[:, : applications.CHOICES]) == 1
    assert of.for_school.sum() > 100 and (of.for_school == (column & low[:, None])).all()
    lowered = of.asked - progression.LOW_PROGRESSION["points off"]
    assert (of.offer[of.for_school] == lowered[of.for_school]).all()
    assert (of.offer == of.asked)[column & ~low[:, None]].all() and not (of.for_school & of.contextual).any()
    below = progression.shares() < line
    assert (below[1:] & ~below[:-1]).any() and (~below[1:] & below[:-1]).any()
    assert (share[lives.people.independent[of.i]] == -1).all()


def test_without_contextual_offers_nobody_enters_who_would_not_have(lives):
    without = pathways.pathways(lives.people, worlds=Worlds(contextual=False)).applications
    of = lives.paths.applications
    assert not without.contextual.any()
    assert ((without.accepted >= 0) == of.without_contextual).all()
    assert (without.choice[:, : applications.CHOICES] == of.choice[:, : applications.CHOICES]).all()


def test_the_instrument_moves_people_one_way_and_only_where_the_firm_choice_lowers(lives):
    """Compliers are people whose firm choice lowers offers by then; nobody is moved out."""
    without = Higher(lives.people, pathways.pathways(lives.people, worlds=Worlds(contextual=False)))
    higher = Higher(lives.people, lives.paths)
    assert not (without.accepted_higher & ~higher.accepted_higher).any()
    moved = higher.accepted_higher & ~without.accepted_higher & (higher.firm_provider >= 0)
    may_help = higher.firm_lowers & (entry_for_compliers._short(higher) <= entry_for_compliers.REACH)
    assert moved.sum() > 10 and (higher.firm_lowers & ~higher.people.independent)[moved].mean() > 0.8
    assert may_help[moved & higher.firm_lowers].all()


@pytest.mark.parametrize(
    ("table", "keys", "module", "name"),
    [
        (applications.CONTEXTUAL, ["points off"], contextual_offers, "contextual offer"),
        (applications.CONTEXTUAL, ["points off"], offers_at_the_line, offers_at_the_line.NAME),
        (progression.LOW_PROGRESSION, ["points off"], schools_at_the_line, schools_at_the_line.NAME),
        (applications.INDEPENDENT, list(applications.INDEPENDENT), school_and_entry, school_and_entry.ENTRY),
        (
            graduate_pay.STUDY_PAY,
            [each for each in graduate_pay.STUDY_PAY if each.startswith("short course")],
            short_courses,
            short_courses.NAME,
        ),
        (graduate_pay.STUDY_PAY, ["part-time certificate"], part_time_certificates, part_time_certificates.NAME),
    ],
)
def test_without_the_constant_the_two_lives_are_equal(monkeypatch, table, keys, module, name):
    for key in keys:
        monkeypatch.setitem(table, key, 0)
    part, _ = differences(module, worlds.live(12, np.arange(6_000)))[name]
    assert len(part.difference) > 0 and not part.difference.any()


def test_without_the_constants_a_course_in_a_college_pays_as_at_a_university(monkeypatch, lives):
    taught, name = short_courses.TAUGHT, short_courses.COLLEGE
    part = taught.differences(lives)[0]
    assert len(part.difference) > 5 and abs(part.difference.mean() - taught.effects[name].planted()) < 15
    for place in graduate_pay.PLACES:
        monkeypatch.setitem(graduate_pay.STUDY_PAY, f"short course {place}", 0)
    without = taught.differences(worlds.live(12, np.arange(6_000)))[0]
    assert len(without.difference) > 0 and not without.difference.any()


def test_a_college_takes_mature_students_with_lower_results_and_hesa_lacks_its_courses(lives):
    people, paths = lives.people, lives.paths
    college, result = paths.career.in_college, results.result(people)
    others = paths.other_undergraduate & (paths.university_year >= people.cohort + 22) & ~college
    assert 0.25 < college.sum() / (college | others).sum() < 0.65
    assert result[others].mean() - result[college].mean() > 150
    of = higher_education.enrolments(people, paths)
    taught = higher_education.in_college(paths, of)
    parts = further_education.higher(people, paths)[0]
    assert sorted(zip(parts.i, parts.year, strict=True)) == sorted(zip(of.i[taught], of.year[taught], strict=True))
    assert (aim_catalogue.LEVEL[parts.aim] == 5).all()
    every = further_education._college(people, paths) + further_education._adults(people, paths)
    taken = {pair for part in every for pair in zip(part.i.tolist(), part.number.tolist(), strict=True)}
    mine = list(zip(parts.i.tolist(), parts.number.tolist(), strict=True))
    assert len(set(mine)) == len(mine) and not taken & set(mine)


def test_a_gap_year_and_a_point_work_through_the_class_too(monkeypatch, lives):
    in_all = {module.NAME: differences(module, lives)[module.NAME][0].difference.mean()
              for module in (gap_years, points_at_a_level)}  # fmt: skip
    for name in (gap_years.NAME, points_at_a_level.NAME):
        assert in_all[name] > graduate_pay.STUDY_PAY[name] + 0.5
        monkeypatch.setitem(graduate_pay.STUDY_PAY, name, 0)
        monkeypatch.setitem(degrees.CLASS_ADDS, name, 0)
    without = worlds.live(11, np.arange(4_000))
    for module in (gap_years, points_at_a_level):
        assert not differences(module, without)[module.NAME][0].difference.any()


# what finds it


@pytest.mark.parametrize("module", STUDIES)
def test_what_is_recorded_finds_what_the_same_people_gain(module, lives):
    study = module.STUDY
    sample = study.sample(lives)
    found = study.estimate(sample) if study.estimate else estimators.intended(sample)
    for place, name in enumerate(study.names):
        part, column = differences(module, lives)[name]
        truth = estimators.project(part.difference, part.treatment)[column]
        value, error = found[place]
        assert abs(value - truth[0]) < 4.5 * np.hypot(error, truth[1]), name
        assert name in sample.naive


# estimators on cases whose answer is known


def test_two_stages_find_what_a_confounded_regression_does_not():
    rng = np.random.default_rng(2)
    hidden, offer, control = rng.normal(size=20_000), rng.random(20_000) < 0.5, rng.normal(size=(20_000, 1))
    enters = (hidden + 1.0 * offer + rng.normal(size=20_000) > 0.5).astype(float)
    outcome = 2 * enters + 3 * hidden + control[:, 0] + rng.normal(size=20_000)
    (value, error), *_ = estimators.two_stage(outcome, enters[:, None], offer[:, None] * 1.0, control)
    (wrong, small), *_ = estimators.two_stage(outcome, enters[:, None], enters[:, None], control)
    assert abs(value - 2) < 4 * error and wrong - 2 > 20 * small


def test_rows_of_one_person_count_once_for_the_error():
    rng = np.random.default_rng(3)
    treated = (rng.random(400) < 0.5)[:, None] * 1.0
    outcome = treated[:, 0] + rng.normal(size=400)
    control = np.zeros((400, 1))
    once = estimators.two_stage(outcome, treated, treated, control)
    again = np.repeat(np.arange(400), 5)
    many = estimators.two_stage(outcome[again], treated[again], treated[again], control[again], cluster=again)
    naive = estimators.two_stage(outcome[again], treated[again], treated[again], control[again])
    assert many[0] == pytest.approx(once[0], rel=0.02) and naive[0, 1] < 0.6 * once[0, 1]


def test_the_mean_effect_on_the_treated_is_found_where_effects_differ():
    rng = np.random.default_rng(4)
    control = rng.normal(size=30_000)
    treated = control + rng.normal(size=30_000) > 0.5
    gain = 1 + control
    outcome = 2 * control + gain * treated + rng.normal(size=30_000)
    ((value, error),) = estimators.on_the_treated(outcome, treated, control[:, None])
    assert abs(value - gain[treated].mean()) < 4 * error and error < 0.05


def test_a_slope_net_of_controls_is_the_coefficient_that_holds_them_equal():
    rng = np.random.default_rng(5)
    control = rng.normal(size=(2_000, 2))
    treatment = control @ [1.0, 2.0] + rng.normal(size=2_000)
    outcome = 3 * treatment + control @ [4.0, -1.0] + rng.normal(size=2_000)
    held = estimators.least_squares(outcome, treatment[:, None], control)[0, 0]
    slope, _ = estimators.naive(estimators.net_of(outcome, control), estimators.net_of(treatment, control))
    assert slope == pytest.approx(held)
