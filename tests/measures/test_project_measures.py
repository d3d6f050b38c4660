"""Measures that a project needs from several tables: without faults they agree with the simulated lives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from lives import TAX_YEARS, covered_days, failing, label
from outcomes import PEOPLE, Clean
from test_context_measures import main_enterprises

import leocourse as leo
from leocourse.extract.base.dates import day, month_of
from leocourse.extract.base.numbers import adults_beside
from leocourse.extract.lives import areas, degrees, establishments, subjects
from leocourse.extract.lives.applications import CLEARING
from leocourse.extract.lives.schooling import AUTUMN, SPRING, SUMMER
from leocourse.extract.records import further_education, geography, young_people
from leocourse.extract.records.benefits import REPLACED, benefit_spells
from leocourse.extract.records.pandemic_support import eligible_for_grants
from leocourse.extract.records.schools import in_census

DAY_0 = np.datetime64("1970-01-01")


def months_from_0(days: np.ndarray) -> np.ndarray:
    """Month numbers as measures have them, of days since 1970."""
    return (DAY_0 + np.asarray(days).astype("timedelta64[D]")).astype("datetime64[M]").astype(int) + 1970 * 12


# Care and need ---------------------------------------------------------------------------------------


def recorded_periods(clean: Clean) -> pd.DataFrame:
    """Periods of care as far as yearly returns show them: i, start, end and the last day in truth.

    A return holds the latest period of the year to 31 March, of children who are four by then.
    """
    people, of = clean.lives.people, clean.lives.pupils.care.periods
    found = []
    for k in range(len(of.i)):
        i, start, end = of.i[k], of.start[k], of.end[k]
        others = of.start[(of.i == i) & (of.start > start)]
        years = [
            year
            for year in range(2006, 2022)
            if start <= day(year, 3, 31) and end >= day(year - 1, 4, 1)
            and year - people.birth_year[i] - (people.birth_month[i] > 3) >= 4
            and not (others <= day(year, 3, 31)).any()
        ]  # fmt: skip
        if years:
            found.append((i, start, min(end, day(years[-1], 3, 31)), end))
    return pd.DataFrame(found, columns=["i", "start", "end", "true_end"])


def test_periods_of_care_are_those_that_the_returns_can_show(clean):
    expected = recorded_periods(clean).sort_values(["i", "start"], ignore_index=True)
    rows = clean.rows("care_periods").sort_values(["i", "start_date"], ignore_index=True)
    assert len(rows) > 10
    assert rows.i.tolist() == expected.i.tolist()
    for found, true in ((rows.start_date, expected.start), (rows.end_date, expected.end)):
        assert ((found.to_numpy().astype("datetime64[D]") - DAY_0).astype(int) == true.to_numpy()).all()
    assert (expected.end == expected.true_end).mean() > 0.7


def test_care_and_need_between_two_ages(clean):
    people, care = clean.lives.people, clean.lives.pupils.care
    birth = people.birth_year * 12 + people.birth_month - 1
    rows = clean.rows("care_by_age", age=14, from_age=11, to_age=16).set_index("i")
    periods = recorded_periods(clean)
    checked = placed = 0
    for i, row in rows.iterrows():
        first, last = birth[i] + 132, birth[i] + 191
        whole = first >= 2005 * 12 + 3 and last <= 2021 * 12 + 2
        assert (row.care_observed == "all") == whole
        if not whole:
            continue
        of = periods[periods.i == i]
        months = {m for p in of.itertuples() for m in range(months_from_0(p.start), months_from_0(p.end) + 1)}
        assert row.care_months == len([m for m in months if first <= m <= last])
        assert row.in_care_at_age == (birth[i] + 168 in months)
        mine = care.periods.i == i
        marches = [y for y in range(2006, 2022) if first <= y * 12 + 2 <= last]
        begins, ends = care.periods.start[mine], care.periods.end[mine]
        held = [y for y in marches if ((begins <= day(y, 3, 31)) & (ends > day(y, 3, 31))).any()]
        long = [y for y in held if ((begins <= day(y - 1, 3, 31)) & (ends > day(y, 3, 31))).any()]
        assert (row.care_31_march, row.care_twelve_months) == (len(held), len(long))
        assert pd.isna(row.last_placement) or row.care_months > 0
        placed += not pd.isna(row.last_placement)
        checked += row.care_months > 0
    assert checked > 3
    assert placed >= 0.6 * checked  # a return may hold a placement that began after the window alone


def test_need_between_two_ages(clean):
    people, care = clean.lives.people, clean.lives.pupils.care
    birth = people.birth_year * 12 + people.birth_month - 1
    rows = clean.rows("care_by_age", from_age=11, to_age=16).set_index("i")
    begins, ends = months_from_0(care.need_start), months_from_0(care.need_end)
    real, checked = care.need_number >= 0, 0
    for i, row in rows[rows.need_observed == "all"].iterrows():
        if (
            birth[i] + 132 < 2009 * 12 + 3
        ):  # the return of 2008/09 has no closures to speak of, nor what came to nothing
            continue
        inside = (care.need_i == i) & real & (begins <= birth[i] + 191) & (ends >= birth[i] + 132)
        assert row.need_cases == len(np.unique(care.need_start[inside])), i
        checked += row.in_need
    assert checked > 5
    none = rows.index[rows.need_observed == "none"]
    assert failing(birth[none] + 191 < 2008 * 12 + 3) == []


# Schools ---------------------------------------------------------------------------------------------


def seen(clean: Clean) -> dict[tuple[int, int], np.ndarray]:
    """The true number of everybody's school by year and term, -1 where no census of it has the person."""
    lives, found = clean.lives, {}
    everyone = np.arange(lives.size)
    for year in range(2002, 2022):
        for term, first in ((AUTUMN, 2007), (SPRING, 2002), (SUMMER, 2006)):
            if year < first or (term, year) == (SUMMER, 2020):
                continue
            there = in_census(lives.people, year, lives.paths.school_years, term)
            years = np.full(lives.size, year)
            school = lives.pupils.schooling.seen(everyone, years, year - lives.people.cohort - 6, term)
            found[year, term] = np.where(there, school.astype(np.int64), -1)
    return found


def test_the_stacked_census_is_that_of_the_lives(clean):
    pupils, everyone = clean.lives.pupils, np.arange(PEOPLE)
    by_year = dict(tuple(clean.rows("census_years").groupby("school_year")))
    there = seen(clean)
    assert sorted(by_year) == list(range(2002, 2022))
    for year, rows in by_year.items():
        school, years = there[year, SPRING], np.full(PEOPLE, year)
        i = np.flatnonzero(school >= 0)
        assert rows.i.tolist() == i.tolist()
        assert rows.school.astype(int).tolist() == pupils.laestab(school[i], years[i]).tolist()
        assert rows.urn.astype(int).tolist() == pupils.urn(school[i], years[i]).tolist()
        assert rows.fsm.tolist() == pupils.fsm(everyone, years)[i].tolist()
        level = pupils.sen(everyone, years)[i]
        assert rows.special_needs.tolist() == np.where(level == 3, 2, np.minimum(level, 1)).tolist()
        additional = clean.lives.people.english_additional[i]
        known = rows.english_additional.notna().to_numpy()
        assert known.mean() > 0.9
        assert failing((rows.english_additional.to_numpy() == additional)[known]) == []


def test_moves_are_changes_of_school_and_no_new_numbers(clean):
    there, rows = seen(clean), clean.rows("school_history").set_index(["i", "school_year"])
    pupils = clean.lives.pupils
    history, cohort = pupils.schooling, clean.lives.people.cohort
    last_seen: dict[int, tuple[int, int]] = {}
    counted = {"year": 0, "since": 0, "dual": 0}
    for year in range(2002, 2022):
        for i in range(PEOPLE):
            terms = [(term, there[year, term][i]) for term in (AUTUMN, SPRING, SUMMER) if (year, term) in there]
            schools = [int(school) for _, school in terms if school >= 0]
            if not schools:
                assert (i, year) not in rows.index
                continue
            row = rows.loc[i, year]
            assert row.terms == len(schools)
            moved = [a != b for a, b in pairwise(schools)]
            assert pd.isna(row.moved_in_year) if not moved else row.moved_in_year == any(moved), (i, year)
            before = last_seen.get(i)
            if before is None or before[0] != year - 1:
                assert pd.isna(row.moved_since_last_year)
            else:
                assert row.moved_since_last_year == (before[1] != schools[0]), (i, year)
                counted["since"] += before[1] != schools[0]
            two = any(
                school >= 0
                and history.at(history.second, np.array([i]), np.array([year - cohort[i] - 6]), term)[0] >= 0
                for term, school in terms
            )
            assert row.dual_registration == two, (i, year)
            counted["year"] += any(moved)
            counted["dual"] += two
            last_seen[i] = (year, schools[-1])
    assert min(counted.values()) > 5, counted
    assert rows.renumbered.sum() > 20


def test_alternative_provision_and_units(clean):
    pupils, people = clean.lives.pupils, clean.lives.people
    expected = {}
    for year in range(2008, 2022):
        group = year - people.cohort - 6
        kind = establishments.kind(pupils.school(np.arange(PEOPLE), group))
        of_age = (group >= people.arrival) & (group <= 11) & ~people.independent
        for i in np.flatnonzero(of_age & (kind == 4)):
            expected[i, year] = (1, 0)
        for i in np.flatnonzero(of_age & (kind == 3)) if year >= 2010 else ():
            expected[i, year] = (0, 1)
    rows = clean.rows("alternative_provision")
    found = {(r.i, r.school_year): (r.alternative_provision, r.referral_unit) for r in rows.itertuples()}
    assert found == expected
    assert len(found) > 5


def test_the_status_in_december_is_what_the_life_has(clean):
    lives, checked = clean.lives, 0
    spells = lives.life.spells
    (trainees,) = further_education.trainees(lives.people, lives.paths)
    rows = clean.rows("nccis_status")
    kinds = {2: "education", 3: "employment", 4: "training", 6: "NEET", 8: "not known", 5: "other"}
    for year, group in rows.groupby("academic_year"):
        first = day(year - 1, 12, 1)
        works = np.zeros(PEOPLE, dtype=bool)
        works[spells.i[(spells.start <= first) & (spells.end >= first)]] = True
        i = group.i.to_numpy()
        code = young_people._activity(lives.pupils, lives.paths, i, month_of(year - 1, 12), works, trainees)
        assert group.activity_code.tolist() == code.tolist()
        status = np.array([kinds[each // 100] for each in code])
        status = np.select([code == 310, code == 290], ["apprenticeship", "other"], status)
        assert group.status.tolist() == status.tolist()
        assert group.neet.isna().tolist() == (code == 810).tolist()
        checked += len(i)
    assert checked > 500 and rows.status.nunique() >= 5


# Outcomes --------------------------------------------------------------------------------------------


def test_ages_in_a_tax_year(clean):
    people = clean.lives.people
    rows = leo.measure(clean.con, "age_in_tax_year").df().set_index(["birth_cohort", "tax_year"])
    known = clean.rows("birth_cohort").i.to_numpy()
    for i in known[::7]:
        year, month = people.birth_year[i], people.birth_month[i]
        row = rows.loc[year - (month < 9), 200910]
        assert row.age_31_august == 2009 - year - (month > 8)
        if month != 4:
            on_6_april = 2009 - year - (month > 4)
            assert on_6_april == (row.age_at_start_younger if 4 < month < 9 else row.age_at_start_older)
    of = people.birth_year[known] - (people.birth_month[known] < 9)
    last = rows.xs(202021, level="tax_year")
    assert last.people.to_dict() == pd.Series(of).value_counts().to_dict()
    assert last.older.sum() == np.isin(people.birth_month[known], (9, 10, 11, 12, 1, 2, 3)).sum()


def test_outcomes_in_one_table(clean):
    lives, life = clean.lives, clean.lives.life
    rows = clean.rows("outcomes_after_ks4", years=[1, 4, 9, 14])
    assert rows.linked.all() and len(rows) > 2_000
    learning = np.any([m for kind, m in lives.months.items() if kind not in ("benefits", "employment")], axis=0)
    out_of_work = lives.claims[lives.claims.out_of_work]
    for tax_year, group in rows.groupby("tax_year"):
        y, i = tax_year // 100, group.i.to_numpy()
        months = lives.tax_year(learning, y)[:, i]
        assert group.study_months.tolist() == months.sum(axis=0).tolist()
        higher = lives.tax_year(lives.months["higher education"], y)[:, i].any(axis=0)
        assert group.higher_education.tolist() == higher.astype(int).tolist()
        assert group.pay.tolist() == life.earnings[i, y - 2002].tolist()
        claimed = covered_days(out_of_work, PEOPLE, f"{y}-04-06", f"{y + 1}-04-05")[i]
        assert group.days_on_benefits.tolist() == claimed.tolist()
        assert group.profit.isna().all() == (y < 2013)
        if y >= 2013:
            trades = life.activity.self_employed[y - 2002, i]
            assert group.profit.tolist() == np.where(trades, lives.profit[i, y - 2002], 0).tolist()
    assert ((rows.activity == "Activity not captured") == (rows.captured == 0)).all()
    nothing = rows[rows.captured == 0]
    assert len(nothing) > 10
    assert nothing[["study_months"]].sum().sum() == 0


def test_furlough_month_by_month(clean):
    furlough = clean.lives.life.furlough
    rows = clean.rows("furlough_by_month")
    any_time, at_end = np.zeros_like(furlough.any_time), np.zeros_like(furlough.at_end)
    place = (pd.to_datetime(rows.month).dt.year - 2020) * 12 + pd.to_datetime(rows.month).dt.month - 3
    any_time[rows.i, place] = True
    at_end[rows.i, place] = rows.at_end.to_numpy() == 1
    assert (any_time == furlough.any_time).all()
    assert (at_end == (furlough.at_end & furlough.any_time)).all()
    starts = any_time & ~np.hstack([np.zeros((PEOPLE, 1), dtype=bool), any_time[:, :-1]])
    assert rows["first"].sum() == starts.sum()


def test_who_could_have_a_grant(clean):
    life = clean.lives.life
    able, average = eligible_for_grants(life)
    rows = clean.rows("grant_eligibility").set_index("i")
    assert rows.index.tolist() == np.flatnonzero(life.activity.self_employed[2019 - 2003]).tolist()
    i = rows.index.to_numpy()
    assert failing(rows.eligible == able[i]) == []
    assert not able[np.setdiff1d(np.arange(PEOPLE), i)].any()
    assert failing(np.floor(rows.average_profit) == average[i]) == []
    assert failing(rows.had_grant <= rows.eligible) == []
    assert rows.eligible.sum() > rows.had_grant.sum() > 0


def fresh_claims(clean: Clean) -> list[tuple[str, int, bool]]:
    """New claims of people without one the day before and without universal credit earlier: authority, month, which."""
    lives = clean.lives
    claims = lives.claims
    universal = claims.type.str.startswith("U")
    of = claims.assign(universal=universal)[universal | claims.type.isin(REPLACED)]
    there, country = geography.addresses(lives.people, lives.life, benefit_spells(lives.people, lives.life)[0])
    found = []
    for i, mine in of.groupby("i"):
        for start, together in mine.groupby("start"):
            if not day(2013, 4, 6) <= start <= day(2021, 4, 5):
                continue
            earlier = mine[mine.start < start]
            if earlier.universal.any() or (earlier.end >= start - 1).any():
                continue
            date = (DAY_0 + np.timedelta64(int(start), "D")).astype(object)
            year = date.year if (date.month, date.day) >= (4, 6) else date.year - 1
            column = year + 1 - geography.TAX_YEARS[0]
            if not there[i, column] or country[i, column] >= geography.ABROAD:
                continue
            at = areas.authority_of(lives.life.homes.area[i, column + geography.FIRST_COLUMN])
            found.append((f"LA{1000 + at}", date.year * 12 + date.month - 1, bool(together.universal.any())))
    return found


def test_the_roll_out_is_counted_from_first_claims(clean):
    """The dates that the claims of this extract give; how near they are to the true ones is a matter of its size."""
    claims = pd.DataFrame(fresh_claims(clean), columns=["authority", "month", "universal"])
    (folder,) = clean.con.execute("SELECT folder FROM course.extract").fetchone()
    lookup = 'leo_i2."2005003".learner_ae_id_to_edukey_lookup'
    adults = pd.DataFrame({"ae_id": clean.lives.keys.ae_id(adults_beside(0, PEOPLE))})
    with leo.connect(folder) as con:  # adults beside the school cohorts claim too, and their lives are not drawn here
        con.register("adults", adults)
        con.execute(f"CREATE TABLE kept AS FROM {lookup} WHERE ae_id NOT IN (SELECT ae_id FROM adults)")
        con.execute(f"CREATE OR REPLACE VIEW {lookup} AS FROM memory.main.kept")
        rows = leo.measure(con, "universal_credit_rollout", months=6, claims=2).df().set_index("authority")
    assert set(rows.index) == set(claims.authority)
    for authority, mine in claims.groupby("authority"):
        row, months = rows.loc[authority], sorted(set(mine.month))
        near = {m: mine.universal[(mine.month >= m) & (mine.month < m + 6)] for m in months}
        good = [m for m in months if all(near[n].mean() > 0.5 for n in months if n >= m)]
        if not good:
            assert pd.isna(row.rollout) and row.earlier_claims == len(mine)
            continue
        month, before = good[0], (mine.month < good[0]).sum()
        assert (row.rollout.year * 12 + row.rollout.month - 1, row.earlier_claims) == (month, before)
        assert (row.claims, round(row.share, 6)) == (len(near[month]), round(100 * near[month].mean(), 6))
        assert row.enough == (before >= 2 and len(near[month]) >= 2)
    assert rows.rollout.notna().sum() > 20


# Higher education ------------------------------------------------------------------------------------


def test_subjects_of_graduates(clean):
    of = clean.lives.enrolments
    gained = np.flatnonzero(of.obtained & (of.kind == degrees.FIRST_DEGREE))
    first = pd.DataFrame({"i": of.i[gained], "year": of.year[gained], "at": gained}).sort_values(["i", "year"])
    first = first.drop_duplicates("i").set_index("i")
    rows = clean.rows("graduate_subject")
    assert set(rows.i) == set(first.index)
    assert (rows.groupby("i").share.sum() - 1).abs().max() < 1e-6
    assert (rows.groupby("i").main_subject.sum() == 1).all()
    for row in rows[rows.subject_number == 1].itertuples():
        at = first.loc[row.i, "at"]
        assert row.graduation_year == of.year[at]
        assert row.provider == str(10_000 + of.provider[at])
        assert row.subject_group == subjects.CAH[of.subject[at]], subjects.SUBJECTS[of.subject[at]]
        codes = (
            subjects.HECOS_CODES
            if row.coding == "HECoS"
            else subjects.JACS_3
            if row.coding == "JACS 3"
            else subjects.JACS_2
        )
        assert row.subject_code == codes[of.subject[at]]
        assert row.coding == ("JACS 2" if of.year[at] < 2013 else "JACS 3" if of.year[at] < 2020 else "HECoS")
    assert rows.subject_group_name.notna().all()
    assert (rows.subject_number > 1).any()


def test_from_application_to_completion(clean):
    applied, of = clean.lives.paths.applications, clean.lives.enrolments
    rows = clean.rows("application_to_completion").set_index("i")
    here = np.flatnonzero((applied.cycle >= 2008) & (applied.cycle <= 2021))
    assert rows.index.tolist() == applied.i[here].tolist()
    undergraduate = np.isin(of.kind, (degrees.FIRST_DEGREE, degrees.DIPLOMA, degrees.CERTIFICATE))
    for a in here:
        i, row = applied.i[a], rows.loc[applied.i[a]]
        assert (row.cycle, row.applications) == (applied.cycle[a], applied.number[a])
        assert row.offers == (applied.offer[a] >= 0)[: applied.number[a]].sum()
        assert row.accepted == (applied.accepted[a] >= 0)
        if row.accepted:
            assert row.accepted_provider == str(10_000 + applied.provider[a])
            assert row.entry_due == applied.cycle[a] + 1 + applied.deferred[a]
            assert (row.route == "Clearing") == (applied.accepted[a] == CLEARING)
        mine = (of.i == i) & (of.year > applied.cycle[a]) & undergraduate
        years = of.year[mine]
        assert pd.isna(row.entry_year) if not len(years) else row.entry_year == years.min()
        gained = of.year[mine & of.obtained & (of.kind == degrees.FIRST_DEGREE)]
        assert pd.isna(row.completion_year) if not len(gained) else row.completion_year == gained.min()
        assert (row.status == "degree obtained") == bool(len(gained))
        if len(years) and not len(gained):
            assert row.status == ("still studying" if years.max() == 2020 else "left without a degree")
    counts = rows.status.value_counts()
    assert counts["degree obtained"] > 50 and counts["not accepted"] > 3 and counts["entry not observable"] > 3
    entered = rows[rows.as_accepted.notna()]
    assert entered.as_accepted.mean() > 0.8


# Employers -------------------------------------------------------------------------------------------


def test_stays_at_enterprises(clean):
    best, even = main_enterprises(clean)
    rows, checked = clean.rows("enterprise_stays"), 0
    mine = dict(tuple(rows.groupby("i")))
    for i in range(PEOPLE):
        of_years = best[i, 1:]  # tax years that begin in 2003 to 2020
        if (of_years == -2).any() or even[i].any() or i not in mine:
            continue
        runs = []
        for y, firm in zip(TAX_YEARS[1:], of_years, strict=True):
            if firm >= 0 and runs and runs[-1][2] == y - 1 and runs[-1][0] == firm:
                runs[-1][2] = y
            elif firm >= 0:
                runs.append([firm, y, y])
        found = mine[i].sort_values("first_tax_year")
        assert list(zip(found.first_tax_year, found.last_tax_year, strict=True)) == [
            (label(first), label(last)) for _, first, last in runs
        ]
        gaps = [later[1] - earlier[2] - 1 for earlier, later in pairwise(runs)]
        assert found.gap.iloc[:-1].tolist() == gaps and pd.isna(found.gap.iloc[-1])
        checked += len(runs)
    assert checked > 500
    at_once = rows[rows.gap == 0]
    assert failing(at_once.same_way <= at_once.leavers) == []
    assert rows.leavers.notna().tolist() == (rows.gap == 0).fillna(False).tolist()


def test_days_of_years_are_those_of_the_table(clean):
    """Days in work stand in the one table as in the measure of days."""
    days = clean.table("days_in_employment", "days")
    rows = clean.rows("outcomes_after_ks4", years=[5])
    found = [
        days[tax_year].get(i) if tax_year in days else np.nan for i, tax_year in zip(rows.i, rows.tax_year, strict=True)
    ]
    same_days = pd.Series(found).fillna(0).to_numpy()
    assert failing(rows.days_in_work.to_numpy() == same_days) == []
