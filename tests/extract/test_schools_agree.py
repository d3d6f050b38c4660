"""What the tables say of one pupil's schools: where they must agree, and how far they may differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leocourse.extract import block
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import conduct, establishments, pathways, schooling
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.schema import load_schema

SEEDS = [5, 61]
PEOPLE = 7_000
PUPIL, YEAR = "person", "collection_year"
NAMES = ["school_census", "absence", "exclusions", "exclusions_enrolment", "ap_census", "pru_census", "ks2_pupil",
         "ks4_pupil", "ks4_exam", "ks5_student", "plams", "ypmad_chronological", "nccis"]  # fmt: skip


def frames(seed, without=()):
    """Tables as pandas frames, with the number of the person beside what the extract holds."""
    tables = block.block(seed, np.arange(PEOPLE), Faults(seed, without))[0]
    person = {key.decode(): number for number, key in enumerate(Keys(seed).pmr(np.arange(PEOPLE)).tolist())}
    found = {}
    for name in NAMES:
        table = load_schema()[name]
        found[name] = to_table(stored(table, tables[name])).to_pandas()
        key = next(column for column in found[name] if column.endswith("pupilmatchingrefanonymous"))
        found[name][PUPIL] = found[name][key].map(person)
    learners, years = tables["learners"], np.array([int(label) for label in tables["learners"]["year"].labels])
    found["learners"] = pd.DataFrame({PUPIL: learners["person"], YEAR: years[learners["year"].codes] + 1})
    return found


@pytest.fixture(scope="module", params=SEEDS)
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def clean(seed):
    return frames(seed, tuple(FAULTS))


@pytest.fixture(scope="module")
def faulty(seed):
    return frames(seed)


@pytest.fixture(scope="module")
def people(seed):
    return population(seed, np.arange(PEOPLE))


@pytest.fixture(scope="module")
def history(people):
    return schooling.schooling(people)


def term_of(census, name):
    return census[census.collection_term == name]


def joined(one, other, columns=(PUPIL, YEAR)):
    return one.merge(other, on=list(columns), suffixes=("", "_other"))


# the history -----------------------------------------------------------------------------------------


def test_pupils_change_school_between_and_within_years(clean):
    census = clean["school_census"]
    spring = term_of(census, "spr")
    later = joined(spring, spring.assign(**{YEAR: spring[YEAR] - 1}))
    group = pd.to_numeric(later.ncyearactual.astype(str).replace("R", "0"), errors="coerce")
    moved = (later.urn_anon != later.urn_anon_other).groupby(group).mean()
    assert 0.93 < moved[6] < 1  # some schools go through
    assert moved[[1, 2, 3, 4, 5, 7, 8, 9]].between(0.02, 0.11).all()
    assert moved[10] < moved[[7, 8]].min() + 0.02
    within = joined(spring, term_of(census, "aut"))
    assert 0.004 < (within.laestab_anon != within.laestab_anon_other).mean() < 0.02


def test_the_disadvantaged_and_the_excluded_move_more(people, history):
    there = (people.arrival <= 7) & ~people.independent
    moves = (history.school[8:12, schooling.SPRING] != history.school[7:11, schooling.SPRING]).sum(axis=0)
    poor = people.disadvantage > 800
    assert moves[there & poor].mean() > 1.15 * moves[there & ~poor].mean()
    often = np.bincount(history.excluded.i[~history.excluded.permanent], minlength=PEOPLE) >= 3
    assert moves[there & often].mean() > 1.5 * moves[there & ~often].mean()


def test_pupils_of_special_schools_have_a_statement_or_plan(people, history):
    kind = establishments.kind(history.school[:12, schooling.SPRING])
    group, i = np.nonzero(kind == 2)
    inside = people.arrival[i] <= group
    assert inside.sum() > 300
    assert (people.sen_by_group[group, i] == 3)[inside].all()
    statement = (people.sen_by_group[:12] == 3) & ~people.independent
    share = (kind == 2)[statement].mean()
    assert 0.3 < share < 0.55


def test_year_groups_that_are_no_numbers_have_their_places(clean, people):
    census = clean["school_census"]
    assert set(census.phase[census.ncyearactual == "X"].dropna()) == {"SP"}
    young = census[census.ncyearactual.isin(["N1", "N2", "E1", "E2"])]
    assert len(young) > 20 and set(young.ageatstartofacademicyear) == {4}
    age = census.ageatstartofacademicyear - 4
    number = pd.to_numeric(census.ncyearactual.astype(str).replace("R", "0"), errors="coerce")
    assert (number == age)[number.notna()].all() and number.isna().mean() < 0.02
    both = joined(clean["absence"], term_of(census, "spr"))
    assert (both.ncyearactual.astype(str) == both.ncyearactual_other.astype(str)).all()


def test_year_14_is_a_third_year_in_the_same_sixth_form_and_in_no_college(seed, clean):
    paths = pathways.pathways(population(seed, np.arange(PEOPLE)))
    census = clean["school_census"]
    last = census[census.ncyearactual == "14"]
    assert set(last.person) <= set(np.flatnonzero(paths.third_at_school)) and last.person.nunique() > 20
    assert set(last.ageatstartofacademicyear) == {18}
    before = term_of(census[census.ncyearactual == "13"], "sum")
    both = last.merge(before, on=PUPIL, suffixes=("", "_13"))
    assert len(both) and (both.laestab_anon == both.laestab_anon_13).all()
    assert not len(last.merge(clean["learners"], on=[PUPIL, YEAR]))
    listed = term_of(last, "spr").merge(clean["ypmad_chronological"], on=[PUPIL, YEAR])
    assert (listed.ypmad_census_dataonpupil == 1).all() and (listed.ypmad_ilr_fe_dataonpupil == 0).all()
    seen = last.merge(clean["nccis"], on=[PUPIL, YEAR])
    assert (seen.nccis_current_activity_code == 210).mean() > 0.9


def test_entry_lies_before_census_and_is_kept_while_the_school_is(clean):
    census = clean["school_census"]
    assert (census.entrydate <= census.censusdate).all()
    known = census[[PUPIL, "laestab_anon", "entrydate", "ncyearactual"]].drop_duplicates()
    assert (
        known.groupby([PUPIL, "laestab_anon"]).entrydate.nunique() == 1
    ).mean() > 0.985  # some come back to a school


# exclusions and what follows ---------------------------------------------------------------------------


def test_a_permanent_exclusion_moves_the_pupil(people, history):
    out = history.excluded[history.excluded.permanent]
    group = out.year - people.cohort[out.i] - 6
    before_last = group < 11
    now = history.at(history.school, out.i, group + 1, schooling.SPRING)
    assert len(out) > 20
    assert (now != out.school)[before_last].all()
    kinds = np.bincount(establishments.kind(now[before_last]), minlength=5)
    assert kinds[3] > 0 and kinds[4] > 0 and kinds[:3].sum() > 0


def test_an_exclusion_names_the_school_of_the_census_before_it(clean):
    census = clean["school_census"][[PUPIL, YEAR, "collection_term", "laestab_anon"]]
    out = clean["exclusions"][clean["exclusions"][YEAR] >= 2007]
    own = census.groupby([PUPIL, YEAR]).laestab_anon.agg(set)
    of = own.reindex(pd.MultiIndex.from_frame(out[[PUPIL, YEAR]]))
    inside = [
        isinstance(schools, set) and school in schools for schools, school in zip(of, out.laestab_anon, strict=True)
    ]
    assert np.mean(inside) > 0.93  # the others moved before the first census of the year, or after a permanent one
    fixed = np.array(inside)[(out.category == "FIXD").to_numpy()]
    assert fixed.mean() > 0.95


def test_both_tables_of_exclusions_name_the_same_schools(clean):
    one, two = clean["exclusions"], clean["exclusions_enrolment"]
    first = one.sort_values("startdate").groupby([PUPIL, YEAR]).laestab_anon
    listed = two.set_index([PUPIL, YEAR])
    assert (first.first().reindex(listed.index) == listed.laestab_1_anon).all()
    known = listed.numberofenrolments.notna()
    assert (first.nunique().reindex(listed.index)[known] == listed.numberofenrolments[known]).all()


def test_suspensions_lie_on_school_days_and_peak_in_years_9_and_10(clean):
    out = clean["exclusions"]
    day = pd.to_datetime(out.startdate)
    assert (day.dt.dayofweek < 5).all() and not day.dt.month.eq(8).any()
    assert set(out.term.unique()) == set(conduct.TERMS)
    group = out.ncyear.dropna()
    number = group.value_counts()
    assert number.reindex(["9", "10"]).min() > number.reindex(["7", "11"]).max()
    assert number.reindex(["12", "13"]).fillna(0).sum() > 0


def test_fixed_periods_are_absence_under_code_e(clean):
    fixed = clean["exclusions"][clean["exclusions"].category == "FIXD"]
    lost = (
        fixed.assign(lost=fixed.sessions.clip(upper=conduct.WITHOUT_PROVISION))
        .groupby([PUPIL, YEAR, "term"])
        .lost.sum()
    )
    rows = clean["absence"][clean["absence"][YEAR].between(2007, 2019)]
    for term in conduct.TERMS:
        short = term.lower()
        due = (
            lost.reindex(pd.MultiIndex.from_arrays([rows[PUPIL], rows[YEAR], [term] * len(rows)])).fillna(0).to_numpy()
        )
        held = rows[f"sessionspossible_{short}"].notna().to_numpy()
        wanted = np.minimum(due, rows[f"sessionspossible_{short}"].fillna(0))
        assert (rows[f"termlyreasone_{short}"].to_numpy() == wanted.to_numpy())[held].all() and due.any()


def test_years_of_placement_have_fewer_sessions_or_none(clean, people, history):
    out = history.excluded[history.excluded.permanent]
    group = out.year - people.cohort[out.i] - 6
    away = establishments.kind(history.at(history.school, out.i, group, schooling.SUMMER)) == 4
    rows = clean["absence"].set_index([PUPIL, YEAR])
    left = [pair for pair in zip(out.i[away], out.year[away], strict=True) if pair in rows.index and pair[1] != 2020]
    assert left and rows.loc[left].sessionspossible_summer.isna().all()


# alternative provision and units -------------------------------------------------------------------------


def test_alternative_provision_is_outside_the_school_census(clean):
    ap = clean["ap_census"]
    spring = term_of(clean["school_census"], "spr")
    assert len(ap) > 20 and not len(joined(ap, spring))
    at_16 = joined(ap, clean["ks4_pupil"])
    assert set(at_16.ks4_newer_type.dropna()) <= {6, 7}


def test_units_and_schools_share_pupils_who_are_registered_twice(clean):
    pru = clean["pru_census"]
    both = pru.merge(term_of(clean["school_census"], "spr"), on=[PUPIL, YEAR], how="left")
    main, single = both[both.pru_enrolstatus == "M"], both[both.pru_enrolstatus == "C"]
    assert len(main) and len(single)
    assert (main.enrolstatus == "S").all() and (main.laestab_anon != main.pru_laest_anon).all()
    assert single.laestab_anon.isna().all()
    later = clean["school_census"][clean["school_census"].phase == "PR"]
    assert later[YEAR].min() >= 2014 and set(later.enrolstatus) <= {"C", "M"}


# duplicates ------------------------------------------------------------------------------------------------


def test_a_record_off_roll_is_of_the_school_of_autumn_in_its_authority(faulty):
    census = faulty["school_census"]
    off = census[census.recordstatus == 101]
    autumn = term_of(census, "aut")
    same = joined(off, autumn[autumn.recordstatus < 100])
    assert len(same) == len(off) > 20
    assert (same.laestab_anon == same.laestab_anon_other).all() and (same.la_anon == same.la_anon_other).all()
    assert (same.entrydate == same.entrydate_other).all()
    main = joined(off, term_of(census, "spr").query("recordstatus < 100"))
    late = main.leavingdate >= main.entrydate  # the planted fault puts some before
    late &= main.entrydate < main.entrydate_other  # some come back to a school that kept them on roll
    assert (main.leavingdate < main.entrydate_other)[late].all()


def test_dual_registrations_last_and_have_dates_of_their_own(faulty):
    census = term_of(faulty["school_census"], "spr")
    second = census[census.recordstatus == 103]
    main = joined(second, census[census.recordstatus == 3])
    assert len(main) == len(second) > 60
    assert (main.laestab_anon != main.laestab_anon_other).all() and set(main.enrolstatus) == {"S"}
    assert (main.entrydate != main.entrydate_other).mean() > 0.2
    again = second.merge(second.assign(**{YEAR: second[YEAR] - 1}), on=[PUPIL, YEAR])
    assert 0.15 < len(again) / len(second) < 0.6


def test_a_second_absence_record_is_of_another_school_of_the_year(faulty):
    absence, census = faulty["absence"], faulty["school_census"]
    second = absence[absence.mainrecord == 0]
    own = census.groupby([PUPIL, YEAR]).laestab_anon.agg(set)
    pairs = list(zip(second[PUPIL], second[YEAR], second.laestab_anon, strict=True))
    known = [(pupil, year, school) for pupil, year, school in pairs if (pupil, year) in own.index and year >= 2007]
    assert len(known) > 30
    assert np.mean([school in own[pupil, year] for pupil, year, school in known]) > 0.9
    main = joined(second, absence[absence.mainrecord == 1])
    assert (main.laestab_anon != main.laestab_anon_other).all()


# schools in all tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "column", "group"), [
    ("ks2_pupil", "ks2_laestab_anon", "6"), ("ks4_pupil", "ks4_laestab_anon", "11"), ("absence", "laestab_anon", None),
    ("ypmad_chronological", "ypmad_main_inst_laestab_code_anon", None),
])  # fmt: skip
def test_tables_name_the_school_of_the_spring_census(clean, table, column, group):
    spring = term_of(clean["school_census"], "spr")
    spring = spring[spring.ncyearactual == group] if group else spring
    rows = clean[table][clean[table][column].notna()]
    both = rows.merge(spring[[PUPIL, YEAR, "laestab_anon", "enrolstatus"]].rename(columns={"laestab_anon": "census"}),
                      on=[PUPIL, YEAR])  # fmt: skip
    alone = both[both.enrolstatus_y != "S"] if "enrolstatus_y" in both else both[both.enrolstatus != "S"]
    assert len(alone) > 500 and (alone[column] == alone.census).all()


def test_sixth_forms_are_those_of_the_census_of_their_term(clean):
    aims = clean["plams"][clean["plams"].pl_laestab_anon.notna()]
    aims = joined(aims, term_of(clean["school_census"], "aut"))
    assert len(aims) > 500 and (aims.pl_laestab_anon == aims.laestab_anon).all()
    last = clean["ks5_student"][clean["ks5_student"].ks5_laestab_anon.notna()]
    last = joined(last, term_of(clean["school_census"], "spr"))
    assert len(last) > 200 and (last.ks5_laestab_anon == last.laestab_anon).all()


def test_a_converted_school_has_a_new_urn_and_sometimes_a_new_number(seed, clean):
    places = establishments.schools(seed)
    school = np.flatnonzero(places.converted == 2013)
    before, after = (places.urn(school, np.full(len(school), year)) for year in (2012, 2013))
    assert len(school) > 20 and (before != after).all()
    kept = places.laestab(school, np.full(len(school), 2012)) == places.laestab(school, np.full(len(school), 2013))
    assert 0.6 < kept.mean() < 0.95
    at_16 = clean["ks4_pupil"]
    academy = at_16.ks4_mmsch.eq(1) & at_16.ks4_mmsch2.eq(0)
    by_year = academy.groupby(at_16[YEAR]).mean()
    assert by_year[2020] > 0.5 and by_year[2009] < 0.15
    assert set(at_16.ks4_newer_type.dropna()) >= {1, 4, 5, 8}


def test_key_stage_4_says_who_joined_late_as_the_census_does(clean):
    both = joined(clean["ks4_pupil"], term_of(clean["school_census"], "spr").query("ncyearactual == '11'"))
    both = both[both.ks4_mob1.notna() & (both.enrolstatus != "S")]
    entry = pd.to_datetime(both.entrydate)
    late = entry >= pd.to_datetime((both[YEAR] - 2).astype(str) + "-09-01")
    assert (late == both.ks4_mob1.eq(1)).all() and 0.02 < late.mean() < 0.15
    assert (~entry.dt.month.isin([7, 8, 9]) == both.ks4_mob2.eq(1)).all()


def test_schools_differ_in_results_but_no_group_gains(seed):
    people = population(seed, np.arange(60_000))
    added = schooling.secondary_adds(people)
    state = ~people.independent & (people.arrival == 0)
    assert 180 < added[state].std() < 300
    for group in (people.fsm_in_year_11, people.male, people.sen_in_year_11 > 0, people.disadvantage > 0):
        gap = added[state & group].mean() - added[state & ~group].mean()
        assert abs(gap) < 25  # 600 schools: chance alone makes some


# standing -----------------------------------------------------------------------------------------------------


def test_needs_and_free_meals_last_and_follow_the_times(people):
    sen, fsm, state = people.sen_by_group, people.fsm_by_group, ~people.independent
    statement = sen[5:11][sen[4:10] == 3] == 3
    assert statement.mean() > 0.9
    some = sen[4:10] > 0
    assert (sen[5:11][some] > 0).mean() > 0.75 and (sen[5:11][~some] > 0).mean() < 0.06
    assert 0.8 < fsm[5:11][fsm[4:10]].mean() < 0.95

    def share(table, year):
        group = year - people.cohort - 6
        here = state & (group >= 0) & (group <= 11)
        return table[group[here], np.flatnonzero(here)].mean()

    assert share(fsm, 2018) + 0.02 < share(fsm, 2021)
    assert share(fsm, 2018) < share(fsm, 2011)
    assert share(sen > 0, 2010) > share(sen > 0, 2016) + 0.05


def test_codes_of_provision_are_those_of_their_time(clean):
    census = clean["school_census"]
    by_year = {code: set(census[YEAR][census.senprovision == code]) for code in "NAPSKE"}
    assert by_year["A"] | by_year["P"] == set(range(2002, 2016))
    assert by_year["S"] == set(range(2002, 2019))
    assert by_year["K"] == by_year["E"] == set(range(2015, 2022))
    spring = census[census.senprovision == "E"]
    first = spring.groupby(PUPIL)[YEAR].min()
    later = census[census.senprovision == "S"]
    assert not (later[YEAR] > later[PUPIL].map(first)).any()  # no plan turns into a statement
