"""Young people after year 11 as others put them together: the authorities' caseload (NCCIS), and YPMAD.

Both follow from the same lives as the school, college, apprenticeship and employment records, so they
agree with them but for planted faults.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import NEVER, day, days_of, month_of
from leocourse.extract.lives.apprenticeships import academic_year as academic_year_of
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.lives.work import Spells
from leocourse.extract.records import further_education
from leocourse.extract.records.aim_catalogue import Part
from leocourse.extract.records.ks4 import school_number
from leocourse.extract.records.pupils import FIRST_YEAR as FIRST_PUPIL_YEAR
from leocourse.extract.records.pupils import Pupils, academic_year

NCCIS_YEARS = range(2011, 2022)
LAST_YEAR_TO_19 = 2016
"""Authorities followed young people to 19 until 2015/16, then to 18."""
SNAPSHOTS = (9, 12, 3, 6)
"""Months in which the activity is compared with the one before; a change makes a new row."""
SIXTH_FORM, SIXTH_FORM_COLLEGE, COLLEGE, UNIVERSITY, APPRENTICE = 210, 220, 230, 240, 310
JOBS, JOB_WEIGHTS = [330, 340, 360], [70, 12, 18]
IDLE = {  # code: weight among those neither in education, training nor work
    619: 470, 610: 72, 640: 82, 630: 45, 650: 10, 620: 8, 615: 12,  # seeking work, not ready, ill, parents, carers ...
    410: 20, 430: 20, 440: 10,  # funded training in the workplace, other training, Work Programme
    530: 14, 540: 10, 550: 3,  # re-engagement, work not for reward, the same with part-time study
    810: 244,
}  # fmt: skip
"""Design choices. What no other table sees (training outside the ILR, unpaid work) is known to the caseload alone.

The form's list is cut off after 670. 810 is the code of the caseload guidance for "current situation not
known", of the range 8xx that the form describes.
"""
UNKNOWN = 810
PARENTS = [630, 650]
WORKPLACE, TRAINING, WORK_PROGRAMME, TRAINEE, INTERN, SEEKING, CUSTODY = 410, 430, 440, 450, 460, 619, 290
FUNDED_UNTIL, PROGRAMME_MONTHS = month_of(2013, 8), (month_of(2011, 6), month_of(2017, 3))
"""Traineeships took the place of funded workplace training; months of the Work Programme, from 18 (not verified)."""
INTERNS = (month_of(2014, 9), 150_000)
"""First month of supported internships, and the share of those idle who once had a statement, in millionths."""
CUSTODY_CHANCE = {"men": 6_000, "women": 500}
"""Chance of being in custody in the year after one's seventeenth or eighteenth birthday, in millionths, if attainment
is below the mean. It shows only where the life is idle: work, study and benefits know nothing of it."""
REVIEW_DAYS, LAPSE_DAYS = 182, 365
"""Days after which an entry is to be checked again and after which it lapses (design choices)."""
DESTINATIONS = ["110", "130", "220", "310", "410"]
"""Same school, college, apprenticeship with a definite place, work with one, undecided."""
OFFERS, NO_OFFER_WEIGHTS = ["110", "140", "151", "122", "154"], [35, 30, 10, 25]
"""Offer made; none yet, not applied, personal circumstances, out of touch."""
OFFERED = 960_000
YPMAD_LAST_YEAR = 2021
AGES = range(16, 22)


def _activity(
    pupils: Pupils, paths: Pathways, i: np.ndarray, month: int, works: np.ndarray, trainees: Part
) -> np.ndarray:  # fmt: skip
    """Current activity code of these people in a month. Work on the first of the month counts last."""
    people, person = pupils.people, pupils.people.person[i]
    jobs = np.array(JOBS)[people.stream("nccis/job").pick(JOB_WEIGHTS, person, month // 12)]
    idle = _idle(people, i, month)
    term = month + (month % 12 == 8)  # in September a place at university from October counts
    school = paths.sixth_form & ~(paths.changed & (term >= paths.leaves + 12)) | paths.private_sixth_form
    college = np.where(paths.a_levels & ~paths.changed, SIXTH_FORM_COLLEGE, COLLEGE)
    course = np.where(school, SIXTH_FORM, college)[i]
    third = np.where(paths.third_at_school & (term < month_of(people.cohort + 20, 8)), SIXTH_FORM, COLLEGE)
    course = np.where(term >= month_of(people.cohort[i] + 19, 8), third[i], course)
    study = paths.studies(term)[i]
    study = np.where(
        term >= month_of(paths.university_year[i] - 1, 10),
        np.where(study, UNIVERSITY, 0),
        np.where(study, course, 0),
    )
    apprentice = paths.apprenticeships.learns(month)[i]
    trains = np.zeros(len(people), dtype=bool)
    trains[trainees.i[(trainees.start <= month) & (trainees.end >= month)]] = True
    return np.select([apprentice, study > 0, trains[i], works[i]], [APPRENTICE, study, TRAINEE, jobs], idle)


def _idle(people: People, i: np.ndarray, month: int) -> np.ndarray:
    """What the caseload says of people who neither study, work nor train for money."""
    person, stream = people.person[i], people.stream("nccis/idle")
    idle = np.array(list(IDLE))[stream.pick(list(IDLE.values()), person, month // 12)]
    idle = np.where(np.isin(idle, PARENTS) & people.male[i], SEEKING, idle)  # young parents: mothers here
    if month >= FUNDED_UNTIL:
        idle = np.where(idle == WORKPLACE, TRAINING, idle)
    adult = month >= month_of(people.birth_year[i] + 18, people.birth_month[i])
    on_programme = adult & (PROGRAMME_MONTHS[0] <= month <= PROGRAMME_MONTHS[1])
    idle = np.where((idle == WORK_PROGRAMME) & ~on_programme, SEEKING, idle)
    if month >= INTERNS[0]:
        intern = (people.sen_in_year_11[i] == 3) & stream.chance(INTERNS[1], person, 10_000 + month // 12)
        idle = np.where(intern, INTERN, idle)
    chance = np.where(people.male[i], CUSTODY_CHANCE["men"], CUSTODY_CHANCE["women"])
    held = people.stream("nccis/custody").chance(np.where(people.attainment[i] < 0, chance, 0), person, month // 12)
    return np.where(held, CUSTODY, idle)


def nccis(pupils: Pupils, paths: Pathways, spells: Spells) -> Rows:
    """The caseload: a row at the start of each year and at each change of activity, from 16 to 18 or 19."""
    people, parts = pupils.people, []
    (trainees,) = further_education.trainees(people, paths)
    for year in NCCIS_YEARS:
        ages = (1, 2, 3) if year <= LAST_YEAR_TO_19 else (1, 2)
        i = np.flatnonzero(np.isin(year - 17 - people.cohort, ages) & ~people.independent)
        before = np.zeros(len(i), dtype=np.int64)
        for calendar_month in SNAPSHOTS:
            calendar = year - (calendar_month > 8)
            first = day(calendar, calendar_month, 1)
            works = np.zeros(len(people), dtype=bool)
            works[spells.i[(spells.start <= first) & (spells.end >= first)]] = True
            code = _activity(pupils, paths, i, month_of(calendar, calendar_month), works, trainees)
            new = code != before
            parts.append((i[new], np.full(int(new.sum()), year), code[new], np.full(int(new.sum()), first),
                          np.full(int(new.sum()), calendar_month)))  # fmt: skip
            before = code
    i, year, code, first, month = map(np.concatenate, zip(*parts, strict=True))
    person, difficulty = people.person[i], paths.difficulty[i].astype(np.int64)
    recorded = first + people.stream("nccis/recorded").below(28, person, 100 * year + month)
    authority = people.authority[i] + 1000
    # An independent sixth form is one here too; its number is that of key stage 4.
    group = np.clip(year - people.cohort[i] - 6, 12, 14)
    place = np.where(people.independent[i], school_number(pupils, i), pupils.school(i, group))
    school = np.where(code == SIXTH_FORM, pupils.laestab(place, year), 0)
    minors = ["WROM" if minor == "WIRT" else minor for minor in MINORS]  # the form has no Irish travellers
    neet = (code >= 600) & (code < 700)
    return {
        "person": person,
        "collection_year": year,
        "nccis_pupilmatchingrefanonymous": pupils.pmr(i),
        "nccis_acadyr": academic_year(year),
        "nccis_monthno": month,
        "nccis_gender": pupils.sex(i),
        "nccis_ethnic_code": Coded(people.minor[i], minors),
        "nccis_send_flag": Coded(difficulty, ["N", "Y"]),
        "nccis_ldd_flag": Coded(difficulty, ["N", "Y"]),
        "nccis_lead_lea_code_anon": authority,
        "nccis_lea_code_at_year_11_anon": authority,
        "nccis_dfe_no_anon": Nullable(school, school == 0),
        "nccis_cohort_status": Coded(np.zeros(len(i), dtype=np.int64), ["P"]),
        "nccis_current_activity_code": code,
        "nccis_current_activity_start_date": first,
        "nccis_current_activity_recorded": recorded,
        "nccis_neet_start_date": Nullable(first, ~neet),
        **_plans(pupils, paths, i, year),
    }


def with_dates(rows: Rows) -> Rows:
    """The caseload with what follows from the activity as recorded: where, until when, and how long it holds."""
    code, recorded = rows["nccis_current_activity_code"], rows["nccis_current_activity_recorded"]
    learns = code < JOBS[0]
    # Confirmed with the return of the month: on the first of the next.
    confirmed = (recorded.astype("datetime64[D]").astype("datetime64[M]") + 1).astype("datetime64[D]").astype(np.int64)
    home = rows["nccis_lead_lea_code_anon"]
    course = learns & (code != APPRENTICE)
    return rows | {
        "nccis_lea_code_currently_educated_anon": Nullable(home, ~course),
        "nccis_expected_course_end_date": Nullable(days_of(rows["collection_year"], 7, 31), ~course),
        "nccis_current_activity_verification_date": confirmed,
        "nccis_current_activity_review_date": confirmed + REVIEW_DAYS,
        "nccis_currency_due_to_lapse_date": confirmed + LAPSE_DAYS,
        "nccis_currency_lapsed_indicator": Coded((code == UNKNOWN).astype(np.int8), ["N", "Y"]),
    }


def _plans(pupils: Pupils, paths: Pathways, i: np.ndarray, year: np.ndarray) -> Rows:
    """What young people meant to do after year 11, and the state of the offers of a place."""
    people, person = pupils.people, pupils.people.person
    first = np.select(
        [paths.sixth_form, paths.college_years > 0, paths.apprenticeship > 0],
        [0, 1, 2],
        3 + people.stream("nccis/intended").pick([2, 5], person),
    )
    # Most who meant to learn had an offer; year 12 is asked of those who are in it, a year later.
    stream = people.stream("nccis/offer")
    offers = [np.where(stream.chance(OFFERED, person, k) & ((first < 3) | stream.chance(700_000, person, 10 + k)), 0,
                       1 + stream.pick(NO_OFFER_WEIGHTS, person, 20 + k)) for k in (0, 1)]  # fmt: skip
    in_year_12 = year - 17 - people.cohort[i] >= 1
    eleven = Coded(offers[0].astype(np.int8)[i], OFFERS)
    twelve = Coded(np.where(in_year_12, offers[1].astype(np.int8)[i], np.int8(-1)), OFFERS)
    authority = people.authority[i] + 1000
    return {
        "nccis_year_11_intended_destination": Coded(first.astype(np.int8)[i], DESTINATIONS),
        "nccis_year_11_offer": eleven,
        "nccis_year_12_offer": twelve,
        "nccis_year_11_september_guarantee_status": eleven,
        "nccis_year_12_september_guarantee_status": twelve,
        "nccis_year_11_september_guarantee_la_code_anon": authority,
        "nccis_year_12_september_guarantee_la_code_anon": authority,
    }


def level_years(pupils: Pupils, paths: Pathways, level2_at_16: np.ndarray, aims: Rows) -> dict[int, np.ndarray]:
    """Academic year in which each person reached levels 1, 2 and 3 (NEVER if not by 2020/21).

    From key stage 4, from A levels two years later, and from what the ILR says was achieved: full
    qualifications, A levels in the second year, and whole apprenticeships. ``aims`` are those without faults.
    """
    people = pupils.people
    after = people.cohort + 17
    at_school = (paths.sixth_form | paths.private_sixth_form) & paths.level3_passed
    three = np.where(at_school, after + 2, NEVER)
    two = np.where(level2_at_16, after, NEVER)
    order = np.argsort(people.person, kind="stable")
    i = order[np.searchsorted(people.person[order], aims["person"])]
    year, level = aims["year"] + 1, aims["notional_level_v2"].values
    gained, whole = aims["achievement"] > 0, aims["app"] > 0
    a_level = (aims["aimtype"] == 4) & (level == 3) & (aims["fulll3"] == 0) & (year == after[i] + 2) & paths.a_levels[i]
    a_level &= paths.level3_passed[i]  # two passes make level 3
    for table, full in (
        (three, (aims["fulll3"] > 0) | whole & (level >= 3) | a_level),
        (two, (aims["fulll2"] > 0) | whole),
    ):
        chosen = gained & full
        np.minimum.at(table, i[chosen], year[chosen])
    two = np.minimum(two, three)
    easy = people.attainment + 400 * people.stream("ypmad/level 1").normal(people.person) // 1000 > -1_500
    one = np.where(easy, after, NEVER)
    passed = paths.in_college(0) & paths.college_passed[:, 0]
    one = np.minimum(np.minimum(one, np.where(passed, after + 1, NEVER)), two)
    return {
        level: np.where(table <= YPMAD_LAST_YEAR, table, NEVER) for level, table in ((1, one), (2, two), (3, three))
    }


def followed(people: People) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of YPMAD by year: person index, academic year, and years since the one of year 11 (0 to 4)."""
    parts = []
    for step in range(5):
        i = np.flatnonzero(people.cohort + 17 + step <= YPMAD_LAST_YEAR)
        parts.append((i, people.cohort[i] + 17 + step, np.full(len(i), step)))
    i, year, step = map(np.concatenate, zip(*parts, strict=True))
    return i, year, step


def ypmad_chronological(pupils: Pupils, paths: Pathways, levels: dict[int, np.ndarray], level2_em: np.ndarray) -> Rows:
    """One row a young person and academic year, from the one of year 11 to the fourth after it."""
    people = pupils.people
    i, year, step = followed(people)
    sixth = (step >= 1) & (step <= paths.school_years[i])
    census = (step == 0) & ~people.independent[i] | sixth
    college = (step > 0) & (step <= paths.college_years[i]) & ~paths.private_sixth_form[i]
    college |= (step == 2) & paths.changed[i]
    college |= (step > 2) & (step <= 2 + paths.further_years[i]) & ~sixth
    level = _apprenticed(paths, i, year)
    apprentice = level > 0
    examined = (step == 0) | (step == 2) & (paths.examined & paths.a_levels)[i]
    kind = np.select([census | (step == 0), apprentice, college], [0, 2, 1], -1)
    reached = {level: (table[i] <= year).astype(np.int64) for level, table in levels.items()}
    school = Nullable(pupils.laestab(pupils.school(i, 11 + step), year), ~census)
    return {
        "person": people.person[i],
        "collection_year": year,
        "ypmad_pupilmatchingrefanonymous": pupils.pmr(i),
        "ypmad_base_year": people.cohort[i] + 17,
        "ypmad_academic_year": academic_year(year),
        "ypmad_ac_year": year,
        "ypmad_ageatstartofacadyear": 15 + step,
        "ypmad_main_inst_laestab_code_anon": school,
        "ypmad_main_inst_type": Coded(kind, ["School", "Further education", "Workplace"]),
        "ypmad_census_dataonpupil": census.astype(np.int64),
        "ypmad_ilr_fe_dataonpupil": college.astype(np.int64),
        "ypmad_ilr_wbl_dataonpupil": apprentice.astype(np.int64),
        "ypmad_ks45_dataonpupil": examined.astype(np.int64),
        "ypmad_onappren": np.minimum(level, 4),
        "ypmad_l1_overall": reached[1],
        "ypmad_l2_overall": reached[2],
        "ypmad_l3_overall": reached[3],
        "ypmad_l3_academic": ((levels[3][i] <= year) & paths.a_levels[i]).astype(np.int64),
        "ypmad_lev2overall_feandm": ((reached[2] > 0) & level2_em[i]).astype(np.int64),
    }


def _apprenticed(paths: Pathways, i: np.ndarray, year: np.ndarray) -> np.ndarray:
    """The highest level of an apprenticeship that these people are in at some time of an academic year; 0 for none."""
    of, level = paths.apprenticeships, np.zeros(len(i), dtype=np.int64)
    for number, (first, last) in enumerate(of.spells):
        here = (academic_year_of(first[i]) <= year) & (academic_year_of(last[i]) >= year) & (first[i] < NEVER)
        level = np.maximum(level, np.where(here, of.level[number // 2, i], 0))
    return level


def ypmad_snapshot(pupils: Pupils, paths: Pathways, levels: dict[int, np.ndarray]) -> Rows:
    """One row a young person whose year 11 lies before 2020/21: background at 15, and levels by age."""
    people = pupils.people
    i = np.arange(len(people))
    base = people.cohort + 17
    schooled = ~people.independent
    fsm = pupils.fsm(i, base)
    ever = np.zeros(len(people), dtype=np.int64)
    for back in range(6):
        ever |= pupils.fsm(i, np.maximum(base - back, FIRST_PUPIL_YEAR))
    known = ~schooled
    labels = [f"{year - 1}/{year}" for year in range(2002, YPMAD_LAST_YEAR + 1)]
    start = (paths.apprenticeship_start + 5) // 12 + 2000
    began = (paths.apprenticeship > 0) & (start <= YPMAD_LAST_YEAR)
    sen = pupils.sen_provision(i, base)
    kind = np.select([paths.a_levels & paths.level3_passed, paths.level3_passed], [1, 4], 2)
    by_19 = levels[3] <= base + 3
    rows = {
        "person": people.person,
        "collection_year": np.full(len(people), YPMAD_LAST_YEAR),
        "ypmad_pupilmatchingrefanonymous": pupils.pmr(i),
        "ypmad_base_year": base,
        "ypmad_gender": pupils.sex(i),
        "ypmad_ethnicityplascage15": Coded(np.where(schooled, people.minor, -1), MINORS),
        "ypmad_fsmeligibilityage15": Nullable(fsm, known),
        "ypmad_everfsmage10to15": Nullable(ever, known),
        "ypmad_disadvantage": Nullable(ever, known),
        "ypmad_idaciscoreage15": Nullable(pupils.idaci(i), known),
        "ypmad_senstatusage15": Coded(np.where(schooled, sen.codes, -1), sen.labels),
        "ypmad_appstart_year": Coded(np.where(began, start - 2002, -1), labels),
        "ypmad_appstart_age": Nullable(start - base + 15, ~began),
        "ypmad_l3_qualtype19": Nullable(kind, ~by_19),
        "ypmad_academic_age_l2": Nullable(levels[2] - base + 16, levels[2] == NEVER),
        "ypmad_academic_age_l3": Nullable(levels[3] - base + 16, levels[3] == NEVER),
    }
    for level, table in levels.items():
        rows[f"ypmad_year_l{level}"] = Coded(np.where(table < NEVER, table - 2002, -1), labels)
        for age in AGES:
            at = base + age - 16
            rows[f"ypmad_l{level}_at_{age}"] = Nullable((table <= at).astype(np.int64), at > YPMAD_LAST_YEAR)
    return rows
