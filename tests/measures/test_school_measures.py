"""Measures of people, cohorts, background and attainment against the simulated lives, on five seeds.

What they are compared with is never SQL: it is the lives themselves, drawn again from seed and number of the
person. Where the records cannot undo a planted fault, the people whom it struck are left out, by the ledger.
"""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
from lives import failing
from outcomes import of_school_cohorts

import leocourse as leo
from leocourse.extract import post16_tables
from leocourse.extract.base import codes
from leocourse.extract.base.columns import Nullable
from leocourse.extract.base.dates import NEVER, TAX_YEARS, day, days_of
from leocourse.extract.base.numbers import ADULTS_FROM, adults_beside
from leocourse.extract.faults import Faults, linkage
from leocourse.extract.lives import adults, attendance
from leocourse.extract.lives.population import MINORS
from leocourse.extract.records import absence, exclusions, further_education, keystages, ks4, ks5
from leocourse.extract.records import young_people as young
from leocourse.extract.records.schools import idaci, in_census


def same(found: pd.Series, expected: np.ndarray, who: np.ndarray) -> None:
    """Everybody in ``who`` is in ``found``, with the value expected."""
    numbers = np.flatnonzero(who)
    assert len(numbers) > 20
    assert set(numbers) <= set(found.index)
    wrong = found.loc[numbers].to_numpy() != np.asarray(expected)[who]
    assert not wrong.any(), f"{wrong.sum()} of {len(numbers)} differ, the first is person {numbers[wrong][0]}"


def close(found: pd.Series, expected: np.ndarray, who: np.ndarray, within: float) -> None:
    numbers = np.flatnonzero(who)
    assert len(numbers) > 20
    assert np.abs(found.loc[numbers].to_numpy(dtype=float) - np.asarray(expected)[who]).max() <= within


def everybody(world) -> np.ndarray:
    return np.ones(len(world.people), dtype=bool)


def at_state_school(world) -> np.ndarray:
    return ~world.people.independent


def census_years(world) -> np.ndarray:
    """Who is in each spring census: not those in alternative provision, nor in a referral unit alone to 2012/13."""
    return np.array([in_census(world.people, year, world.paths.school_years) for year in range(2002, 2022)])


def in_census_at_15(world) -> np.ndarray:
    """In the spring census of year 11."""
    return census_years(world)[world.people.cohort + 17 - 2002, np.arange(len(world.people))]


def ever_in_census(world) -> np.ndarray:
    return census_years(world).any(axis=0)


def in_ks4_cohort(world) -> np.ndarray:
    """State schools at key stage 4: known by type from 2008/09, before that by the census of year 11."""
    late = world.people.cohort + 17 >= 2009
    return at_state_school(world) & (late | in_census_at_15(world))


# People ----------------------------------------------------------------------------------------------


def test_everybody_is_one_person_whatever_their_keys(world):
    rows = of_school_cohorts(leo.measure(world.con, "person").df(), world.keys, len(world.people))
    twice = world.links.two_ae_ids
    assert len(rows) == len(world.people) + twice.sum()
    assert set(rows[rows.kept == 1].ae_id) == set(world.ae_id) == set(rows.person_ae_id)
    kept = rows.set_index("ae_id").loc[world.ae_id]
    keys = np.where(world.links.no_edukey, 0, 1 + world.links.two_keys)
    assert failing(kept.ae_ids.to_numpy() == 1 + twice) == []
    assert failing(kept.edukeys.to_numpy() == keys) == []
    assert kept.edukey_list.dropna().str.split().map(len).tolist() == keys[keys > 0].tolist()
    # The AE_ID that is kept can be the one that leads to no PMR.
    alone = world.links.without_pmr & (world.ae_id != world.keys.ae_id(world.people.person))
    assert kept.pmr[~alone].tolist() == np.array(world.pupils.pmr_labels)[~alone].tolist()
    assert kept.pmr[alone].isna().all()


def test_every_key_leads_to_its_person(world):
    by_pmr = leo.measure(world.con, "pmr_person").df().set_index("pmr").ae_id
    assert by_pmr.loc[world.pupils.pmr_labels].tolist() == world.ae_id.tolist()
    by_edukey = leo.measure(world.con, "edukey_person").df().set_index("edukey").ae_id
    for copy, who in ((0, ~world.links.no_edukey), (1, world.links.two_keys & ~world.links.no_edukey)):
        keys = [key.decode() for key in world.keys.edukey(world.people.person[who], copy)]
        assert by_edukey.loc[keys].tolist() == world.ae_id[who].tolist()
    records = leo.measure(world.con, "record_person").df().set_index("recordid").ae_id
    learners, _ = further_education.ilr(world.people, world.paths, world.keys)
    assert records.loc[learners["recordid"]].tolist() == world.ae_id[learners["person"]].tolist()


def test_linkage_is_that_of_the_lives(world):
    frame = world.measure("linkage")
    linked = ~world.links.no_edukey
    same(frame.linked, linked.astype(int), everybody(world))
    assert set(frame[frame.linked == 0].status) == {"not linked"}
    claims = world.con.execute("SELECT DISTINCT person_number FROM truth.spells").fetchall()
    worked = np.isin(world.people.person, [person for (person,) in claims])
    assert frame.has_employment.sum() <= (worked & linked).sum()
    assert failing(frame.has_employment.to_numpy()[linked & ~worked] == 0) == []


def test_the_rate_of_linkage_by_sex_is_that_of_the_lives(world):
    rates = leo.measure(world.con, "linkage_rate").df().set_index(["characteristic", "category"]).rate
    linked = ~world.links.no_edukey
    older = adults.adults(world.seed, adults_beside(0, len(world.people)))
    every = np.concatenate([linked, ~linkage.linkage(older, world.keys, Faults(world.seed)).no_edukey])
    assert rates["all", "all"] == pytest.approx(100 * every.mean())
    assert rates["sex", "M"] == pytest.approx(100 * linked[world.people.male].mean())  # by school records
    assert rates["birth cohort", "1990"] == pytest.approx(100 * linked[world.people.cohort == 1990].mean())


# Cohorts ---------------------------------------------------------------------------------------------


def test_birth_is_that_of_the_lives(world):
    for rule in ("latest", "most frequent", "year 11"):
        frame = world.measure("birth_cohort", rule=rule)
        same(frame.birth_year, world.people.birth_year, everybody(world))
        same(frame.birth_month, world.people.birth_month, everybody(world))
        same(frame.birth_cohort, world.people.cohort, everybody(world))


def test_everybody_is_in_the_cohort_of_year_11(world):
    for decides in ("ks4", "census", "birth"):
        same(world.measure("school_cohort", decides=decides).school_cohort, world.people.cohort + 17, everybody(world))


def test_the_key_stage_4_cohort_is_everybody_of_state_schools_once(world):
    cohort = world.measure("ks4_cohort", results="any")
    not_national = world.struck("not_in_national_results")
    assert set(cohort.index) - set(world.measure("ks4_cohort").index) == set(
        np.flatnonzero(not_national & in_ks4_cohort(world))
    )
    assert cohort.index.tolist() == np.flatnonzero(in_ks4_cohort(world)).tolist()
    same(cohort.ks4_year, world.people.cohort + 17, in_ks4_cohort(world))
    twice = world.struck("ks4_two_records")
    assert twice.any()
    same(cohort.records, 1 + twice, in_ks4_cohort(world))
    assert set(cohort[cohort.records > 1].kept_because) == {"more points", "only one at the end of key stage 4"}
    assert len(world.measure("ks4_cohort", schools="all", results="any")) == len(world.people)


def test_graduates_are_those_of_the_lives(world):
    year = world.con.execute(
        f"SELECT graduation_year FROM truth.lives WHERE person_number < {ADULTS_FROM} ORDER BY person_number"
    ).df()["graduation_year"]
    seen = year.between(2005, 2020).fillna(False).to_numpy(dtype=bool)
    frame = world.measure("graduate_cohort")
    assert frame.index.tolist() == np.flatnonzero(seen).tolist()
    assert failing(frame.graduation_year.to_numpy() == year[seen].to_numpy()) == []
    assert failing(frame.first_tax_year // 100 == frame.graduation_year + 1) == []


def test_apprentices_begin_as_in_the_lives(world):
    frame = world.measure("apprenticeship_starters", starts="first")
    assert frame.index.is_unique
    of, start = world.paths.apprenticeships, world.paths.apprenticeship_start
    year = (start + 5) // 12 + 2000
    began = (world.paths.apprenticeship > 0) & (year >= 2003) & (year <= 2021)
    same(frame.start_year, year, began)
    same(frame.level, np.minimum(world.paths.apprenticeship, 6), began)
    over = began & (of.end[0] < (2021 - 2000) * 12 + 7) & (of.break_from == NEVER)
    same(frame.achieved, of.achieved[0].astype(int), over)
    every = world.measure("apprenticeship_starters", starts="all")
    both = sum(
        ((first + 5) // 12 + 2000 <= 2021) & (last >= first) & (last >= 7 + 24) for first, last in of.spells[::2]
    )
    same(every.groupby(level=0).size(), both, began)  # a restart after a break is no start
    every = world.measure("apprenticeship_starters", restarts="separate")
    spells = sum(((first + 5) // 12 + 2000 <= 2021) & (last >= first) & (last >= 7 + 24) for first, last in of.spells)
    same(every.groupby(level=0).size(), spells, began)


def test_coverage_is_that_of_the_published_chart(world, root):
    """A cell of the chart holds pupils if and only if the schema has a collection of that year group and year."""
    with (root / "data" / "reference" / "coverage.csv").open(encoding="utf-8") as file:
        charted = {
            (int(row["birth_cohort"][:4]), 0 if row["year_group"] == "Reception" else int(row["year_group"][5:]))
            for row in csv.DictReader(file)
            if int(row["school_year"][:4]) < 2021
        }
    found = leo.measure(world.con, "coverage").df()
    cells = set(zip(found.birth_cohort, found.year_group, strict=True))
    assert found.charted.tolist() == [
        int(cell in charted) for cell in zip(found.birth_cohort, found.year_group, strict=True)
    ]
    people = world.people
    wanted = {
        cell
        for cell in charted
        if ((people.cohort == cell[0]) & (people.arrival <= cell[1]) & ~people.independent).any()
        and (cell[1] < 12 or ((people.cohort == cell[0]) & (world.paths.school_years >= cell[1] - 11)).any())
    }
    assert wanted <= cells


# Background ------------------------------------------------------------------------------------------


def test_sex_is_that_of_the_lives(world):
    for rule in ("latest", "most frequent", "year 11"):
        frame = world.measure("sex", rule=rule)
        same(frame.sex, np.where(world.people.male, "M", "F"), everybody(world))
        assert failing(frame.answers == 1) == []


def test_ethnic_group_is_that_of_the_lives(world):
    frame = world.measure("ethnic_group")
    minor = np.array(MINORS)[world.people.minor]
    same(frame.ethnic_minor, minor, at_state_school(world))
    same(frame.ethnic_major, np.array([codes.major_of(code) for code in minor]), at_state_school(world))
    assert not set(frame.index) & set(np.flatnonzero(world.people.independent))


def test_first_language_is_that_of_the_lives(world):
    spoken = np.where(world.people.english_additional, "2_OTH", "1_ENG")
    same(world.measure("first_language").first_language, spoken, ever_in_census(world))


def test_free_school_meals_are_those_of_the_lives(world):
    frame, people = world.measure("free_school_meals"), world.people
    hidden = world.struck("fsm_under_recorded") | world.struck("fsm_missing")
    seen = in_census_at_15(world) & ~hidden
    years = range(2002, 2022)
    eligible = np.array([people.fsm(year) & in_census(people, year, world.paths.school_years) for year in years])
    at_15 = np.array([people.fsm(year) for year in years])[people.cohort + 17 - 2002, np.arange(len(people))]
    same(frame.fsm_at_15, at_15.astype(int), seen)
    same(frame.fsm_ever, eligible.any(axis=0).astype(int), seen)
    same(frame.censuses_eligible, eligible.sum(axis=0), seen)
    six = np.array([eligible[i] & (people.cohort + 17 - 5 <= year) & (people.cohort + 17 >= year)
                    for i, year in enumerate(years)]).any(axis=0)  # fmt: skip
    same(frame.fsm_ever_6, six.astype(int), seen)


def test_special_needs_are_those_of_the_lives(world):
    people, years = world.people, range(2002, 2022)
    level = np.array([people.sen(year) for year in years])
    at_15 = level[people.cohort + 17 - 2002, np.arange(len(people))]
    names = np.array(["none", "support", "support", "statement or plan"])
    same(world.measure("special_needs").special_needs, names[at_15], in_census_at_15(world))
    there = census_years(world)
    last = 2021 - np.argmax(there[::-1], axis=0)
    latest = level[last - 2002, np.arange(len(people))]
    frame = world.measure("special_needs", rule="latest")
    same(frame.special_needs, names[latest], ever_in_census(world))
    same(frame.ever_special_needs, ((level > 0) & there).any(axis=0).astype(int), ever_in_census(world))


def test_deprivation_is_that_of_the_lives_and_fifths_are_fifths(world):
    frame = world.measure("idaci_quintile")
    score = idaci(world.people.area) / 100
    close(frame.idaci, score, ever_in_census(world), 1e-9)
    for cohort in (1990, 2000):
        # Key stage 4 knows the area of some who are in no census.
        who = np.intersect1d(frame.index, np.flatnonzero(at_state_school(world) & (world.people.cohort == cohort)))
        more_deprived = np.array([(score[who] > each).sum() for each in score[who]]) / (len(who) - 1)
        assert (
            failing(frame.idaci_quintile.loc[who].to_numpy() == np.minimum(5 * more_deprived, 4).astype(int) + 1) == []
        )


def test_region_of_the_first_address_is_that_of_the_home(world):
    """From the cohort that was 16 in 2004/05 on, if the address of that year was not lost."""
    frame = world.measure("region")
    label = (world.people.cohort + 16) * 100 + (world.people.cohort + 17) % 100
    first = pd.Series(label)
    known = np.zeros(len(world.people), dtype=bool)
    known[frame.index[frame.tax_year.to_numpy() == first.loc[frame.index].to_numpy()]] = True
    region = world.life.homes.region[np.arange(len(label)), np.clip(world.people.cohort + 17 - TAX_YEARS[0], 0, None)]
    in_england = frame.index[frame.region.isin(list(codes.REGIONS)).to_numpy()]
    known &= (region >= 0) & np.isin(np.arange(len(label)), in_england)
    assert known.sum() > 0.98 * len(frame.index[frame.tax_year.to_numpy() == first.loc[frame.index].to_numpy()])
    same(frame.region, np.array(list(codes.REGIONS))[region], known)


def test_care_and_need_are_those_of_the_lives(world):
    """Of years in which a child is of school age: other records cannot be joined."""
    frame, of, people = world.measure("social_care"), world.pupils.care, world.people
    # A referral that came to nothing is no need, but 2008/09 does not say which those are.
    needs = (of.need_number >= 0) | (of.need_end <= day(2009, 3, 31))
    joined_from = people.birth_year + 4 + (people.birth_month > 3)
    for name, i, start, end, first in (
        ("care", of.periods.i, of.periods.start, of.periods.end, 2006),
        ("need", of.need_i[needs], of.need_start[needs], of.need_end[needs], 2009),
    ):
        seen = (end >= days_of(np.maximum(joined_from[i], first) - 1, 4, 1)) & (start <= day(2021, 3, 31))
        ever = np.isin(np.arange(len(people)), i[seen])
        assert ever.any()
        same(frame[f"ever_in_{name}"], ever.astype(int), everybody(world))


def test_absence_is_that_of_the_lives(world):
    """Second records are left out, the rate is near the true one, and the threshold is that of the year."""
    frame = world.measure("absence")
    true = absence.absence(world.pupils)
    assert len(frame) == len(true["person"])
    found = frame.set_index("absence_year", append=True).loc[
        list(zip(true["person"], true["collection_year"], strict=True))
    ]
    year = true["collection_year"]
    eras = (
        (2006, 2010, "3term", "persistentabsentee_3term"), (2011, 2012, "3term", "persistentabsentee15_3term"),
        (2013, 2015, "5halfterms", "persistentabsentee15_5halfterms"), (2016, 2019, "6halfterms", "pa10_exact_6halfterms"),
        (2021, 2021, "6halfterms", "pa10_exact_6halfterms"),
    )  # fmt: skip
    for first, last, span, flag in eras:
        era = (year >= first) & (year <= last)
        for column, kind in (("sessions_missed", "overallabsence"), ("sessions_possible", "sessionspossible")):
            assert failing(found[column].to_numpy(dtype=float)[era] == values(true[f"{kind}_{span}"])[era]) == []
        assert failing(found.persistent.to_numpy(dtype=float)[era] == values(true[flag])[era]) == []
    assert failing(found.absence_rate[year == 2020].isna()) == []
    rate = attendance.true_rate(world.people, true["person"], year) / 100
    near = np.abs(found.absence_rate - rate) <= 100 / found.sessions_possible.astype(float)
    assert near[year != 2020].mean() > 0.97  # the rest is chance between the terms
    ten = world.measure("absence", threshold="10")
    assert ten.persistent.sum() > frame.persistent.sum()


def values(column: Nullable | np.ndarray) -> np.ndarray:
    return column.values if isinstance(column, Nullable) else column


def test_suspensions_and_exclusions_are_those_of_the_lives(world):
    frame, out = world.measure("exclusion"), exclusions.reported(world.pupils, world.paths.school_years)
    size = len(world.people)
    fixed = np.bincount(out.i[~out.permanent & (out.year >= 2006)], minlength=size)
    same(frame.suspensions, fixed, everybody(world))
    same(frame.ever_suspended, (fixed > 0).astype(int), everybody(world))
    permanent = np.bincount(out.i[out.permanent], minlength=size)
    same(frame.ever_permanently_excluded, (permanent > 0).astype(int), everybody(world))
    gone = np.full(size, 9_999)
    np.minimum.at(gone, out.i[out.permanent], out.year[out.permanent])
    found = frame.permanent_exclusion_year.dropna()
    assert failing(found == gone[found.index]) == []


# Attainment ------------------------------------------------------------------------------------------


def test_key_stage_2_scores_are_those_of_the_lives(world):
    frame = world.measure("ks2")
    i, year = keystages.assessed(world.pupils, "ks2", keystages.KS2_YEARS)
    reading, maths, writing = (keystages.ks2_fine(world.pupils, subject, i) for subject in (0, 1, 2))
    english = np.where(year >= 2013, reading, (reading + writing) // 2)
    none = world.struck("ks2_no_level")[i]
    assert frame.maths.loc[i[none]].isna().all()
    levels = (year >= 2006) & (year <= 2015) & ~none
    found = frame.score.loc[i[levels]]
    assert np.abs(found.to_numpy(dtype=float) - (english + maths)[levels] / 200).max() < 1e-9
    scaled = i[(year == 2016) & ~none]
    points = (keystages.ks2_scaled(world.pupils, 0, scaled) + keystages.ks2_scaled(world.pupils, 1, scaled)) / 2
    assert failing(frame.score.loc[scaled].to_numpy(dtype=float) == points) == []
    early = (year <= 2005) & ~none
    assert early.sum() > 200
    whole = (english // 100 + maths // 100)[early] / 2
    assert failing(frame.score.loc[i[early]].to_numpy(dtype=float) == whole) == []
    assert set(frame.scale.loc[i[early]]) == {"level"}
    true = pd.Series((english + maths).astype(float), i)[~none]
    for _, of_year in frame.dropna(subset="score").groupby("ks2_year"):
        assert abs(of_year.score_percentile.mean() - 50) < 1e-9
        assert np.corrcoef(of_year.score_percentile, true.loc[of_year.index].rank())[0, 1] > 0.8
    by_year = frame.dropna(subset="score").groupby("ks2_year").score_standardised
    assert by_year.mean().abs().max() < 1e-9
    assert (by_year.std(ddof=0) - 1).abs().max() < 1e-9


def test_key_stage_4_is_that_of_the_lives_in_every_year(world):
    """Two records or one, the better is kept: it is the true one, because the second holds a part."""
    of = ks4.results(world.pupils)
    truth, counts = ks4.pupil_rows(world.pupils, of), ks4.counted(of)
    frame = world.measure("ks4_attainment", schools="all", results="any")
    assert len(frame) == len(of.i)
    found = frame.loc[of.i]
    later, vocational = of.year >= 2004, of.size > 0
    assert failing((found.level2_em.to_numpy() == truth["ks4_level2_em_94"])[later | ~vocational]) == []
    eight = of.year >= 2016
    assert failing(found.points.to_numpy()[eight] == ks4.attainment_8(of, counts)[eight] / 100) == []
    early = (of.year <= 2003) & ~vocational
    assert early.any()
    capped = truth["ks4_ptscnewe"] / 100
    assert failing((found.points.to_numpy() == capped)[(later & ~eight) | early]) == []
    progress = truth["ks4_p8score"]
    scored = eight & ~progress.missing
    assert failing(found.progress_8.to_numpy(dtype=float)[scored] == progress.values[scored] / 100) == []


def test_the_standardised_score_follows_the_true_result_through_every_reform(world):
    of = ks4.results(world.pupils)
    frame = world.measure("ks4_attainment", schools="all", results="any").loc[of.i]
    for first, last in ((2002, 2003), (2004, 2013), (2014, 2015), (2016, 2019), (2020, 2021)):
        era = (of.year >= first) & (of.year <= last)
        assert np.corrcoef(frame.points_standardised[era], of.latent[era])[0, 1] > 0.85
    assert frame.groupby("ks4_year").points_standardised.mean().abs().max() < 1e-9


def test_key_stage_5_points_are_those_of_the_lives(world):
    of = ks5.entries(world.pupils, world.paths)
    frame = world.measure("ks5")
    assert frame.index.tolist() == sorted(of.i)
    truth = ks5.students(world.pupils, of)
    assert failing(frame.points.loc[of.i].to_numpy() == truth["ks5_totpts"] / 100) == []
    assert failing(frame.a_level_entries.loc[of.i].to_numpy() == (of.subject >= 0).sum(axis=1)) == []


def levels(world) -> dict[int, np.ndarray]:
    """Academic year in which each person reached levels 1, 2 and 3."""
    at_16 = ks4.pupil_rows(world.pupils, ks4.results(world.pupils))
    _, aims = further_education.ilr(world.people, world.paths, world.keys)
    level2, _ = post16_tables.at_16(world.people, at_16)
    return young.level_years(world.pupils, world.paths, level2, aims)


def test_levels_by_19_are_those_of_the_lives(world):
    reached = levels(world)
    frame, by_18 = world.measure("level_by_age"), world.measure("level_by_age", age=18)
    base = world.people.cohort + 17
    for level in (2, 3):
        same(frame[f"level{level}"], (reached[level] <= base + 3).astype(int), base + 3 <= 2021)
        same(by_18[f"level{level}"], (reached[level] <= base + 2).astype(int), base + 2 <= 2021)
    assert failing(frame.level3[base + 3 > 2021].isna()) == []


def test_the_highest_qualification_is_that_of_the_lives(world):
    reached = levels(world)
    frame = world.measure("highest_qualification")
    lives = world.con.execute(
        f"SELECT * FROM truth.lives WHERE person_number < {ADULTS_FROM} ORDER BY person_number"
    ).df()
    graduated = lives.graduation_year.between(2005, 2020).fillna(False).to_numpy(dtype=bool)
    assert failing(frame.highest_level[graduated] >= 6) == []
    paths = world.paths
    college = paths.career.in_college & paths.career.diploma & (paths.university_year + paths.university_years <= 2021)
    assert college.any() and failing(frame.highest_level[college] >= 5) == []
    plain = (paths.university_year == NEVER) & (paths.part_time_year == NEVER) & (paths.apprenticeship == 0)
    higher = np.unique(paths.courses.i[(paths.courses.level == 4) & paths.courses.achieved])
    plain[higher] = False
    three, two = reached[3] < NEVER, reached[2] < NEVER
    adult = frame.highest_level.to_numpy()
    assert failing(adult[plain & three] == 3) == []
    assert failing(adult[plain & two & ~three] >= 2) == []
    assert failing(adult[plain] <= 3) == []
    young_then = world.measure("highest_qualification", until=2010).highest_level.to_numpy()
    assert failing(young_then <= adult) == []
    assert failing(young_then[world.people.cohort + 17 > 2011] <= 2) == []
