"""After 16: for each pair of tables that speak of one event, how they agree and how far they may differ."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from leocourse.extract import block
from leocourse.extract.base.dates import NEVER, TAX_YEARS, month_of
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import adult_learning, pathways, work
from leocourse.extract.lives.apprenticeships import SECTORS
from leocourse.extract.lives.firms import LETTERS, register
from leocourse.extract.lives.pathways import KNOWN_MINORITY
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import further_education
from leocourse.schema import load_schema

SEEDS, PEOPLE, MANY = (11, 12), 4_000, 30_000
TABLES = ["plams", "nccis", "learners", "aims", "ks5_exam", "ks5_student", "ypmad_snapshot", "school_census"]
PMR, APPRENTICE = "pupilmatchingrefanonymous", [2, 3, 20, 21, 22, 23, 25]


@pytest.fixture(scope="module", params=SEEDS)
def tables(request):
    made, truth = block.block(request.param, np.arange(PEOPLE), Faults(request.param, tuple(FAULTS)))
    frames = {}
    for name in TABLES:
        table = to_table(stored(load_schema()[name], made[name]))
        texts = [pa.string() if pa.types.is_dictionary(item.type) else item.type for item in table.schema]
        frames[name] = table.cast(pa.schema(list(zip(table.column_names, texts, strict=True)))).to_pandas()
    people = made["education_records_lookup"]
    frames["person"] = pd.Series(people["ae_id"], index=people["recordid"])
    frames["pmr"] = pd.Series(truth["lives"][PMR].astype(str), index=truth["lives"]["ae_id"])
    return frames


@pytest.fixture(scope="module", params=SEEDS)
def lives(request):
    people = population(request.param, np.arange(MANY))
    return people, pathways.pathways(people)


def programmes(tables):
    """Programme aims of apprenticeships with the person."""
    aims = tables["aims"]
    aims = aims[(aims["app"] == 1) & (aims["aimtype"] == 1)].copy()
    aims["ae_id"] = tables["person"].reindex(aims["recordid"]).to_numpy()
    aims["level"] = aims["leveloflearning"].astype(float)
    return aims


# the employer of an apprentice, in the ILR and in the earnings


def test_an_apprentice_works_in_the_sector_of_the_apprenticeship(lives):
    people, paths = lives
    jobs, of = work.work(people, paths).jobs, paths.apprenticeships
    section = register(people.seed).section
    for area, (*_, sections) in SECTORS.items():
        found = []
        for column, year in enumerate(TAX_YEARS):
            there = (of.sector == area) & of.employed(month_of(year, 3)) & (jobs.firm[:, column, 0] >= 0)
            found.extend(section[0, jobs.firm[there, column, 0]])
        if len(found) >= 50:
            usual = np.isin(found, [LETTERS.index(letter) for letter in sections]).mean()
            assert usual > 0.97, area  # an enterprise that has died is followed by one of the same section


def test_an_apprentice_stays_with_one_employer_and_the_ilr_names_it(lives):
    people, paths = lives
    jobs, of = work.work(people, paths).jobs, paths.apprenticeships
    first = (of.start[0] + 9) // 12 + 2000
    both = (of.start[0] < NEVER) & (first >= TAX_YEARS[0]) & (of.end[0] >= month_of(first + 1, 3)) & (first < 2021)
    i = np.flatnonzero(both)
    one, next_ = jobs.firm[i, first[i] - TAX_YEARS[0], 0], jobs.firm[i, first[i] + 1 - TAX_YEARS[0], 0]
    seen = (one >= 0) & (next_ >= 0)
    assert seen.sum() > 200 and (one == next_)[seen].mean() > 0.9  # some enterprises die
    _, aims = further_education.ilr(people, paths, block.Keys(people.seed), jobs)
    keys = aims["employerid_anon"]
    of_person = np.isin(aims["person"], people.person[i[seen]]) & (aims["app"] > 0) & (keys.codes >= 0)
    assert of_person.any()
    known = dict(zip(people.person[i[seen]].tolist(), one[seen].tolist(), strict=True))
    start = dict(zip(people.person[i].tolist(), of.start[0, i].tolist(), strict=True))
    years = aims["year"][of_person] >= 0
    same = [known[who] == code for who, code in zip(aims["person"][of_person], keys.codes[of_person], strict=True)]
    assert years.all() and start and np.mean(same) > 0.8  # the others belong to a second apprenticeship


# the calendar and the reforms


def test_starts_gather_in_september_and_seldom_fall_on_a_sunday(tables):
    starts = programmes(tables).drop_duplicates(["ae_id", "start_date"])["start_date"].map(pd.Timestamp)
    months = starts.dt.month.value_counts(normalize=True)
    assert months.idxmax() == 9 and months[9] > 0.18 and months.min() > 0.02
    weekday = starts.dt.dayofweek.value_counts(normalize=True)
    assert weekday.get(6, 0) < 0.05 and weekday[0] > 0.2


def test_short_programmes_are_of_the_years_before_2012_and_frameworks_end_in_2020(tables):
    aims = programmes(tables)
    began = aims.sort_values("year").drop_duplicates(["ae_id", "start_date"])
    planned = (began["end_date_expected"].map(pd.Timestamp) - began["start_date"].map(pd.Timestamp)).dt.days
    since = began["start_date"].map(pd.Timestamp) >= "2012-08-01"
    assert (planned[~since] < 360).mean() > 0.1
    before = aims.sort_values("year").groupby("ae_id")["start_date"].transform("min")
    first = since & (began["start_date"] == before.reindex(began.index))
    assert (planned[first] >= 365).all()  # a restart has what is left of the first plan
    late = first & (began["start_date"].map(pd.Timestamp) >= "2020-08-01")
    assert (began.loc[late, "standardapp"] == 1).all() and late.any()
    assert (aims.loc[aims["leveloflearning"].astype(float) > 10, "start_date"].map(pd.Timestamp) >= "2012-08-01").all()


def test_starts_fall_with_the_levy_and_higher_levels_grow(lives):
    _, paths = lives
    of = paths.apprenticeships
    begun = np.bincount((of.start[0] + 5)[of.level[0] > 0] // 12 + 2000, minlength=2030)
    assert begun[2018] < 0.9 * (begun[2016] + begun[2020]) / 2
    share = [(of.level[0][(of.start[0] + 5) // 12 + 2000 == year] > 3).mean() for year in (2012, 2014, 2020)]
    assert share[0] < 0.02 < share[2] and share[0] <= share[1] < share[2]


def test_level_follows_sector_and_minorities_reach_level_3_too(lives):
    people, paths = lives
    of = paths.apprenticeships
    begun = of.level[0] > 0
    at_3 = {area: (of.level[0][begun & (of.sector == area)] > 2).mean() for area in (4, 5, 6, 7)}
    assert at_3[4] > at_3[5] + 0.08 and at_3[6] > at_3[7] + 0.15
    minority = KNOWN_MINORITY[people.minor]
    assert (of.level[0][begun & minority] > 2).mean() > 0.15


# breaks, seconds, ends


def test_a_break_resumes_as_the_same_programme(tables):
    aims = programmes(tables).sort_values(["ae_id", "start_date", "year"])
    stopped = aims[aims["compstatus"] == 6]
    assert len(stopped) > 10 and stopped["outcome"].isna().all()
    after = stopped.merge(aims, on="ae_id", suffixes=("", "_after"))
    after = after[after["start_date_after"] > after["end_date"]]
    again = after.sort_values("start_date_after").drop_duplicates("ae_id")
    same = again["level"] == again["level_after"]
    resumed = again[same & (again["framework_id"].fillna(0) == again["framework_id_after"].fillna(0))]
    assert len(resumed) > 0.4 * len(stopped) and len(resumed) < len(stopped)
    assert (resumed["standard_id"].fillna(0) == resumed["standard_id_after"].fillna(0)).all()
    assert (resumed["ukprn_anon"] == resumed["ukprn_anon_after"]).mean() > 0.6  # others try again elsewhere


def test_seconds_follow_the_first_and_withdrawals_are_spread(lives):
    people, paths = lives
    of = paths.apprenticeships
    again = of.level[1] > 0
    assert 0.05 < again.sum() / (of.level[0] > 0).sum() < 0.3
    assert (of.start[1][again] > of.end[0][again]).all()
    higher = again & of.completed[0]
    assert (of.level[1][higher] > of.level[0][higher]).all()
    left = (of.level[0] > 2) & ~of.completed[0] & ~of.on_break
    months = (of.end[0] - of.start[0])[left]
    assert (months > 11).mean() > 0.1 and (months < 7).mean() > 0.3
    assert not (again & (paths.university_year < NEVER)).any()
    further = paths.further_years > 0
    third = month_of(people.cohort + 19, 8)
    for first, last in of.spells:
        apart = (first >= third + 12 * paths.further_years) | (last < third)
        assert apart[further].all()


def test_completed_is_not_always_achieved_and_components_differ_in_number(tables):
    aims = programmes(tables)
    done = aims[aims["compstatus"] == 2]
    assert 0.85 < (done["outcome"] == 1).mean() < 0.99 and {1, 3} <= set(done["outcome"].dropna()) <= {1, 2, 3, 8}
    every = tables["aims"]
    parts = every[(every["aimtype"] == 3) & every["programme_type"].isin(APPRENTICE)].groupby("recordid").size()
    assert set(parts) >= {1, 2, 3, 4}
    framework, standard = (every["frameworkapp"] == 1), (every["standardapp"] == 1)
    assert every["framework_id"].notna().eq(framework).all()
    assert (every["standard_id"].notna() == (standard & (every["year"] >= 2014))).all()


# the ILR and key stage 4 and 5


def test_prior_attainment_follows_results_at_16(tables):
    learners = tables["learners"].copy()
    learners["pmr"] = tables["pmr"].reindex(tables["person"].reindex(learners["recordid"])).to_numpy()
    snapshot = tables["ypmad_snapshot"].set_index("ypmad_pupilmatchingrefanonymous")
    reached = {level: snapshot[f"ypmad_year_l{level}"].dropna().str[5:].astype(int) for level in (2, 3)}
    year = learners["year"].astype(int) + 1
    had = {level: learners["pmr"].map(when) < year for level, when in reached.items()}
    at_2 = had[2] & ~had[3]
    assert at_2.sum() > 300
    assert 0.85 < learners.loc[at_2, "priorattain"].isin([2]).mean() < 1
    # The others went to university as adults, without a level 2 before.
    assert learners.loc[~had[2], "priorattain"].isin([1, 7, 9, 98, 99]).mean() > 0.97
    assert learners.loc[had[3], "priorattain"].isin([1, 7, 9, 99]).mean() < 0.02


def test_a_difficulty_is_mostly_said_where_school_knew_of_needs(lives):
    people, paths = lives
    learners, _ = further_education.ilr(people, paths, block.Keys(people.seed))
    said, needs = learners["lldd"] == 1, people.sen_in_year_11[learners["person"]] > 0
    assert said[needs].mean() > 0.6 and 0.01 < said[~needs].mean() < 0.2


# sixth forms


def test_some_leave_after_year_12_and_no_table_has_them_in_year_13(lives, tables):
    _, paths = lives
    left = paths.sixth_form_years == 1
    assert 0.05 < left.sum() / paths.sixth_form.sum() < 0.15
    assert not (left & paths.level3_passed).any() and 0.3 < paths.changed[left].mean() < 0.95
    pupils, exams = tables["plams"], tables["ks5_student"]
    groups = pupils.groupby("pl_pupilmatchingrefanonymous")["pl_ncyear"].agg(["min", "max"])
    year = pupils.groupby("pl_pupilmatchingrefanonymous")["collection_year"].max()
    only_12 = groups.index[(groups["max"] == 12) & (year < 2021)]
    assert len(only_12) > 20 and not set(only_12) & set(exams["ks5_pupilmatchingrefanonymous"])
    census = tables["school_census"]
    second = census[census["ncyearactual"] == "13"]["pupilmatchingrefanonymous"]
    assert not set(only_12) & set(second)
    both = groups.index[groups["max"] == 13]
    assert set(both) <= set(exams["ks5_pupilmatchingrefanonymous"])


def test_numbers_and_courses_of_plams_are_those_of_key_stage_5(tables):
    pupils, exams = tables["plams"], tables["ks5_exam"]
    kinds = pupils["pl_qual_type_ref"].value_counts(normalize=True)
    assert set(kinds.index) == {"GCE AS level", "GCE A level", "Vocational diploma", "GCSE full course"}
    last = pupils[(pupils["pl_ncyear"] == 13) & pupils["pl_qan"].notna()]
    key = ["ks5_pupilmatchingrefanonymous", "ks5_qan"]
    known = set(exams[key].itertuples(index=False, name=None))
    for kind in ("GCE A level", "Vocational diploma"):
        mine = last[last["pl_qual_type_ref"] == kind]
        pairs = mine[["pl_pupilmatchingrefanonymous", "pl_qan"]].itertuples(index=False, name=None)
        assert 0.85 < np.mean([pair in known for pair in pairs]) < 1
    found = pupils[pupils["pl_qan_att"].notna()]
    pairs = found[["pl_pupilmatchingrefanonymous", "pl_qan_att"]].itertuples(index=False, name=None)
    assert set(pairs) <= known
    levels = pupils[pupils["pl_qual_type_ref"] == "GCE A level"]
    second = levels[(levels["pl_ncyear"] == 13) & (levels["collection_year"] < 2017)]
    first = pupils[(pupils["pl_ncyear"] == 12) & (pupils["pl_qual_type_ref"] == "GCE AS level")]
    begun = set(zip(first["pl_pupilmatchingrefanonymous"], first["pl_title_ref"].str[16:], strict=True))
    followed = [(who, title[15:]) in begun for who, title in
                zip(second["pl_pupilmatchingrefanonymous"], second["pl_title_ref"], strict=True)]  # fmt: skip
    assert 0.7 < np.mean(followed) < 0.98  # the first year of the table has no year 12 before it


# the caseload


def test_the_caseload_says_training_where_the_ilr_has_a_traineeship(tables):
    nccis, aims = tables["nccis"], tables["aims"]
    trains = nccis[nccis["nccis_current_activity_code"] == 450]
    of = aims[aims["programme_type"] == 24]
    pmr = tables["pmr"].reindex(tables["person"].reindex(of["recordid"])).to_numpy()
    known = set(zip(pmr, of["year"] + 1, strict=True))
    year = trains["nccis_acadyr"].str[5:].astype(int)
    pairs = set(zip(trains["nccis_pupilmatchingrefanonymous"], year, strict=True))
    assert pairs and pairs <= known
    codes = set(nccis["nccis_current_activity_code"])
    assert codes & {410, 430, 440, 460} and codes & {530, 540, 550}
    neet = nccis["nccis_neet_start_date"].notna()
    assert (neet == nccis["nccis_current_activity_code"].between(600, 699)).all()


# adults who return to learn


def test_pay_dips_before_adults_return_to_learn_and_comes_back(lives, monkeypatch):
    people, paths = lives
    paths = replace(paths, courses=paths.courses.without_effect())
    dipped = work.work(people, paths).rate
    monkeypatch.setattr(adult_learning, "dip", lambda who, _: np.zeros((len(who), len(TAX_YEARS)), dtype=np.int64))
    lost, taken = np.log(dipped) - np.log(work.work(people, paths).rate), paths.courses
    returns = taken.returns & (taken.year >= 2007) & (taken.year <= 2018)
    who, column = taken.i[returns], taken.year[returns] - TAX_YEARS[0]
    found = lost[who[:, None], column[:, None] + np.array([-3, -1, 0, 2])]
    before, bad, begins, after = found.mean(axis=0)
    assert len(found) > 1_000
    assert bad < -0.07 and bad < begins < -0.03  # a few courses in a row begin from a bad year themselves
    assert abs(before) < 0.02 and abs(after) < 0.02


def test_every_adult_course_of_the_lives_is_in_the_ilr(lives):
    people, paths = lives
    _, aims = further_education.ilr(people, paths, block.Keys(people.seed))
    seen = set(zip(aims["person"].tolist(), (aims["year"] + 1).tolist(), strict=True))
    i, year = paths.courses.i, paths.courses.year
    kept = (year >= 2003) & (year <= 2021)
    assert set(zip(people.person[i[kept]].tolist(), year[kept].tolist(), strict=True)) <= seen
