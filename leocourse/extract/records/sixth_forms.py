"""Learning aims in school sixth forms (PLAMS), as the autumn census reports them, 2007/08 to 2020/21.

AS courses in year 12 and most of them as A levels in year 13, but some A levels from year 12 on; from 2016/17, when AS
and A level parted, the A levels in both years. Vocational courses stand beside them or alone, and GCSEs in English and
mathematics that are taken again. Qualification numbers lie outside the range of real ones; most are those of key
stage 5.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.codes import AUTHORITIES
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import between, days_of
from leocourse.extract.lives.a_levels import CODES, GRADES, MOST, NAMES, VOCATIONAL, VOCATIONAL_AS
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People
from leocourse.extract.lives.schooling import AUTUMN
from leocourse.extract.records import ks5
from leocourse.extract.records.aim_catalogue import AREAS, college_area
from leocourse.extract.records.ks4_fields import BOARDS
from leocourse.extract.records.pupils import Pupils, academic_year, merged, text_where, where

YEARS = range(2008, 2022)
FIRST_LINEAR_YEAR = 2017
AS, A_LEVEL, VOCATIONAL_COURSE, GCSE = range(4)
"""What kind of course an aim is."""
TYPES = ["GCE AS level", "GCE A level", "Vocational diploma", "GCSE full course"]
SHORT = ["AS", "A level", "Diploma", "GCSE"]
AGAIN = {"English": ("lev2eng", "5030"), "Mathematics": ("lev2mat", "2210")}
"""GCSEs taken again: flag of key stage 4 that says that it is not needed, and subject code."""
SUBJECT_CODES = [*CODES, "0000", *(code for _, code in AGAIN.values())]
"""Codes in qualification numbers: of A levels, of a vocational course, of GCSEs taken again."""
TWO_YEARS = 70_000
"""Share of A levels, in millionths, that are recorded as such from year 12 on even before 2016/17 (a design choice)."""
AS_BESIDE = 350_000
"""Share, from 2016/17, of courses not taken to the end that are AS courses beside the A levels (a design choice)."""
TAKES_AGAIN = {2008: 350, 2013: 400, 2015: 850, 2021: 850}
"""By academic year: how many of those without a good grade take the GCSE again in year 12, per thousand.

From 2014/15 money for 16 to 19 study depends on it (not verified); the shares are design choices.
"""
OTHER_NUMBER = 40_000
"""Share of aims, in millionths, that a school returns under the number of another awarding body."""
IN_WORDS = ["Fail", "Pass", "Merit", "Distinction", "Distinction*"]
"""Grades of vocational courses."""
SUBLEVELS = ["121", "111"]
"""Qualification type and level of AS and A levels in the examination data; those of others are not known to us."""
POINTS = 100 * np.array([0, 150, 180, 210, 240, 270, 300])
"""Points of the grades from U up, in hundredths: those of the tables to 2014/15."""
WITHDRAWN = 45_000
"""Share of aims, in millionths, from which the pupil has withdrawn by the census."""


def taken(people: People, paths: Pathways, group: int) -> np.ndarray:
    """AS and A levels that those in a sixth form take in a year group, should they be there: shape (people, 4)."""
    to_the_end, of = paths.level_three.subject >= 0, paths.level_three
    if group == 13:
        return to_the_end
    begun = np.arange(MOST) < of.begun[:, None]
    beside = people.stream("sixth_forms/beside").chance(AS_BESIDE, people.person[:, None], np.arange(MOST))
    linear, stays = (people.cohort + 18 >= FIRST_LINEAR_YEAR)[:, None], (paths.sixth_form_years == 2)[:, None]
    return begun & (to_the_end | beside | ~linear | ~stays)


def _courses(pupils: Pupils, paths: Pathways, again: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Who takes what: person index, academic year, year group, number of the course, and its kind."""
    people, parts, of = pupils.people, [], paths.level_three
    two = people.stream("sixth_forms/two years").chance(TWO_YEARS, people.person[:, None], np.arange(MOST))
    for group in (12, 13):
        year = people.cohort + 6 + group
        there = (paths.sixth_form_years >= group - 11) & np.isin(year, list(YEARS))
        a_levels = taken(people, paths, group)
        ends = (of.subject >= 0) | (paths.sixth_form_years < 2)[:, None]
        advanced = (group == 13) | ends & (two | (year >= FIRST_LINEAR_YEAR)[:, None])
        for number in range(MOST):
            parts.append((there & a_levels[:, number], year, group, number, np.where(advanced[:, number], A_LEVEL, AS)))
        vocational = of.begun_vocational if group == 12 else of.vocational
        parts.append((there & (vocational > 0), year, group, MOST, np.full(len(people), VOCATIONAL_COURSE)))
        for place, (name, needs) in enumerate(again.items()):
            share = 1000 * between(TAKES_AGAIN, year) // (1 if group == 12 else 3)
            takes = needs & people.stream(f"sixth_forms/again/{name}").chance(share, people.person, group)
            parts.append((there & takes, year, group, MOST + 1 + place, np.full(len(people), GCSE)))
    rows = [np.flatnonzero(chosen) for chosen, *_ in parts]
    return (
        np.concatenate(rows),
        np.concatenate([year[i] for i, (_, year, *_) in zip(rows, parts, strict=True)]),
        np.concatenate([np.full(len(i), group) for i, (_, _, group, *_) in zip(rows, parts, strict=True)]),
        np.concatenate([np.full(len(i), number) for i, (_, _, _, number, _) in zip(rows, parts, strict=True)]),
        np.concatenate([kind[i] for i, (*_, kind) in zip(rows, parts, strict=True)]),
    )


def _needs_again(pupils: Pupils, ks4: Rows) -> dict[str, np.ndarray]:
    """Who has no good grade in English, and in mathematics, at the end of key stage 4; nobody without a result."""
    people, found = pupils.people, {}
    order = np.argsort(people.person, kind="stable")
    i = order[np.searchsorted(people.person[order], ks4["person"])]
    for name, (flag, _) in AGAIN.items():
        found[name] = np.zeros(len(people), dtype=bool)
        found[name][i] = np.asarray(ks4[f"ks4_{flag}"]) == 0
    return found


def _numbers(
    pupils: Pupils, i: np.ndarray, number: np.ndarray, subject: np.ndarray, kind: np.ndarray
) -> tuple[Coded, Coded]:  # fmt: skip
    """Qualification numbers as the school returns them, which are wrong for a few, and as at key stage 5."""
    vocational = len(CODES)
    board = ks5.board_of(pupils, i, np.ones(len(i), dtype=bool), np.minimum(subject, vocational))
    other = pupils.people.stream("sixth_forms/number")
    # The same in both years of a course, so that a number that differs does so lastingly.
    wrong = other.chance(OTHER_NUMBER, pupils.people.person[i], number)
    of_kind = np.where(kind == AS, 0, np.where(kind == GCSE, 1, 2))
    texts = [f"X{code}{body}{level}" for code in SUBJECT_CODES for body in BOARDS for level in (2, 1, 3)]
    returned, true = (
        merged((len(BOARDS) * subject + body) * 3 + of_kind, texts)
        for body in (np.where(wrong, (board + 1) % len(BOARDS), board), board)
    )
    return returned, true


def _titles(
    people: People, i: np.ndarray, number: np.ndarray, subject: np.ndarray, kind: np.ndarray
) -> tuple[Coded, Coded, Coded]:  # fmt: skip
    """Subject code (none of vocational courses), title and short title of the aims."""
    at_key_stage = np.where(subject < len(CODES), subject, subject - 1)
    every = [*CODES, *(each for _, each in AGAIN.values())]
    code = merged(np.where(kind == VOCATIONAL_COURSE, -1, at_key_stage), every)
    areas = [line[1].lower() for line in AREAS.values()]
    names = [*NAMES, *areas, *AGAIN]
    of_area = len(NAMES) + np.searchsorted(list(AREAS), college_area(people)[i])
    at = np.select([kind <= A_LEVEL, kind == GCSE], [subject, len(NAMES) + len(areas) + number - MOST - 1], of_area)
    title, short = (
        Coded(len(names) * kind + at, [words.format(type_, name) for type_ in kinds for name in names])
        for words, kinds in (("{} in {}", TYPES), ("{} {}", SHORT))
    )
    return code, title, short


def plams(pupils: Pupils, paths: Pathways, ks4: Rows) -> Rows:
    """One row a pupil, course and year in a school sixth form. ``ks4``: results at key stage 4 before faults."""
    people = pupils.people
    i, year, group, number, kind = _courses(pupils, paths, _needs_again(pupils, ks4))
    person, academic = people.person[i], kind <= A_LEVEL
    course = paths.level_three.course[i, np.minimum(number, MOST - 1)]
    subject = np.where(academic, course, len(CODES) + np.where(kind == GCSE, number - MOST, 0))
    advanced = kind == A_LEVEL
    # A course of two years: an A level that was one from year 12 on, and a vocational course.
    linear = advanced & (year - (group == 13) >= FIRST_LINEAR_YEAR) | (kind == VOCATIONAL_COURSE)
    begun = days_of(year - 1 - (linear & (group == 13)), 9, 4)
    due = days_of(year + (linear & (group == 12)), 6, 30)
    left = people.stream("sixth_forms/withdrawn").chance(WITHDRAWN, person, 10 * group + number)
    census = days_of(year - 1, 10, 1)
    qualification, true_number = _numbers(pupils, i, number, subject, kind)
    code, title, short = _titles(people, i, number, subject, kind)
    constant = np.zeros(len(i), dtype=np.int64)
    number_of_school = pupils.school(i, group, AUTUMN)
    school, authority = pupils.laestab(number_of_school, year), number_of_school % AUTHORITIES
    return {
        "person": person,
        "collection_year": year,
        "pl_pupilmatchingrefanonymous": pupils.pmr(i),
        "pl_acadyr": academic_year(year),
        "pl_gender": pupils.sex(i),
        "pl_ageatstartofacademicyear": group + 4,
        "pl_yearofbirth": people.birth_year[i],
        "pl_monthofbirth": people.birth_month[i],
        "pl_laestab_anon": school,
        "pl_recordsource": Coded(constant, ["Autumn census"]),
        "pl_onroll": constant + 1,
        "pl_ncyear": group,
        "pl_qan": qualification,
        "pl_qn": qualification,
        "pl_disc_code": code,
        "pl_sublevno_ref": Coded(np.where(kind <= A_LEVEL, kind, -1), SUBLEVELS),
        "pl_qual_lev_ref": np.where(kind == GCSE, 2, 3),
        "pl_title_ref": title,
        "pl_qual_type_ref": Coded(kind, TYPES),
        "pl_learningstartdate": begun,
        "pl_learningplannedenddate": due,
        "pl_learningactualenddate": Nullable(census - 7, ~left),
        "pl_learningcompletionstatus": Coded(np.where(left, 1, 0), ["1", "3"]),
        "pl_learningaimstatus": np.where(left, 3, 1),
        "pl_coreaim": (number == 0).astype(np.int64),
        "pl_traineeship": constant,
        "pl_version": Coded(constant, ["P"]),
        "pl_monthpartofageatstartofacademicyear": pupils.months_past_birthday(i),
        "pl_la": authority + 1000,
        "pl_la_9code": Coded(authority, [f"LA{1000 + n}" for n in range(AUTHORITIES)]),
        "pl_ncyearid": group,
        "pl_disc_code_ref": code,
        "pl_short_title_ref": short,
        "pl_progtype": Coded(constant, ["01"]),
        **_results(school, paths, i, number, kind, group, true_number, code),
    }


def _results(
    school: np.ndarray, paths: Pathways, i: np.ndarray, number: np.ndarray, kind: np.ndarray, group: np.ndarray,
    qualification: Coded, code: Coded,
) -> Rows:  # fmt: skip
    """What was found in the examination data of key stage 5, in the year in which the course ends."""
    of, last = paths.level_three, group == 13
    vocational = last & (kind == VOCATIONAL_COURSE)
    found = last & (kind == A_LEVEL) | vocational
    at = np.minimum(number, MOST - 1)
    grade = np.where(vocational, len(GRADES) + of.vocational_grade[i], np.where(found, of.grade[i, at], -1))
    zero = np.zeros(len(i), dtype=np.int8)
    matched = text_where(found & ~vocational, Coded(zero, ["111"]))
    result = merged(grade, GRADES + VOCATIONAL)
    columns: Rows = {
        "laestab": where(found, school),
        "qan": text_where(found, qualification),
        "disc_code": text_where(found, code),
        "qual_type": text_where(found, Coded(kind, TYPES)),
        "sublevno": matched,
        "qual_lev": Nullable(zero + 3, ~found),
        "grade": result,
        "grade_description": Coded(grade, [f"Grade {each}" for each in GRADES] + IN_WORDS),
    }
    ends = {"laestab": "_{}_anon", "grade_description": "_{}_description"}
    rows: Rows = {}
    for since in ("aat", "att"):  # the names changed in 2009/10
        for name, column in columns.items():
            stem = name.removesuffix("_description")
            rows["pl_" + stem + ends.get(name, "_{}").format(since)] = column
    source = Coded(found.astype(np.int8), ["0", "5"])
    passed = (grade > 0) & (grade != len(GRADES))
    as_a_level = np.where(vocational, VOCATIONAL_AS[np.maximum(grade - len(GRADES), 0)], grade)
    points = POINTS[as_a_level] * np.where(vocational, of.vocational[i], 1)
    return rows | {
        "pl_source_aat": Nullable(zero + 5, ~found),
        "pl_source_att": source,
        "pl_grade_source": source,
        "pl_gradepassfail": text_where(found, Coded(passed.astype(np.int8), ["F", "P"])),
        "pl_gradeqcdapoints": where(found, points),
        "pl_learningaimoutcome": where(found, np.where(passed, 1, 2)),
        "pl_learningaimresult": result,
    }
