"""Key stage 5: A levels and their vocational counterparts at the end of two years after key stage 4.

Students of school sixth forms and colleges at level 3, and of independent schools, who reach the end of
key stage 5 have one student record, in the academic year in which they turn 18. Points are those of the
tables to 2014/15 (270 for an A, 30 a grade) and from 2015/16 (50 for an A, 10 a grade).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract import codes
from leocourse.extract.a_levels import (
    CENTRE_ASSESSED,
    CODES,
    FACILITATING,
    GRADES,
    MOST,
    VOCATIONAL,
    VOCATIONAL_AS,
)
from leocourse.extract.after16 import Pathways
from leocourse.extract.ks4 import school_number
from leocourse.extract.pupils import Pupils, academic_year, merged, one_of, where
from leocourse.extract.rows import Coded, Rows

YEARS = range(2002, 2022)
POINTS_TO_2015 = np.array([0, 150, 180, 210, 240, 270, 300]) * 100
POINTS_FROM_2016 = np.array([0, 10, 20, 30, 40, 50, 60]) * 100


@dataclass(frozen=True)
class Entries:
    """Entries of a block: one row a student."""

    i: np.ndarray
    year: np.ndarray
    subject: np.ndarray
    """Index into :data:`a_levels.NAMES` of each A level, or -1: shape (students, 4)."""
    grade: np.ndarray
    vocational: np.ndarray
    """Size of the vocational qualification in A levels: 0 for none."""
    vocational_grade: np.ndarray
    school: np.ndarray
    """Whether the student was in a school, and not in a college."""


def entries(pupils: Pupils, paths: Pathways) -> Entries:
    """What is entered and got at the end of key stage 5, as :mod:`a_levels` has drawn it."""
    year, of = pupils.people.cohort + 19, paths.level_three
    level3 = paths.sixth_form | ((paths.college_level == 3) & (paths.college_years == 2))
    i = np.flatnonzero(level3 & np.isin(year, list(YEARS)))
    return Entries(i, year[i], of.subject[i], of.grade[i], of.vocational[i], of.vocational_grade[i],
                   (paths.sixth_form | paths.private_sixth_form)[i])  # fmt: skip


def exams(pupils: Pupils, of: Entries) -> Rows:
    """The exam table: one row a student and qualification."""
    row, place = np.nonzero(np.column_stack([of.subject >= 0, of.vocational > 0]))
    i, year, vocational = of.i[row], of.year[row], place == MOST
    grade = np.where(vocational, of.vocational_grade[row], of.grade[row, np.minimum(place, MOST - 1)])
    as_a_level = np.where(vocational, VOCATIONAL_AS[np.minimum(grade, 4)], grade)
    size = np.where(vocational, of.vocational[row], 1)
    subject = of.subject[row, np.minimum(place, MOST - 1)]
    assessed = np.isin(year, list(CENTRE_ASSESSED)).astype(np.int64)
    one = np.ones(len(row), dtype=np.int64)
    return {
        "person": pupils.people.person[i],
        "collection_year": year,
        "ks5_pupilmatchingrefanonymous": pupils.pmr(i),
        "ks5_acadyr": academic_year(year),
        "ks5_laestab_anon": _provider(pupils, i, of.school[row]),
        "ks5_examyear": year,
        "ks5_season": one_of("S", ["S", "W"], len(row)),
        "ks5_sublevno": Coded(np.where(vocational, -1, 0), ["111"]),  # 111 is an A level
        "ks5_mapping": Coded(np.where(vocational, -1, subject), CODES),
        "ks5_grade": merged(np.where(vocational, len(GRADES) + grade, grade), GRADES + VOCATIONAL),
        "ks5_asize": 100 * size,
        "ks5_lev3": np.where(grade > 0, 50 * size, 0),  # two A levels make the threshold
        "ks5_points": size * _points(as_a_level, year),
        "ks5_points_1618": size * POINTS_FROM_2016[as_a_level],
        "ks5_include": one,
        "ks5_ptq_include": one,
        "ks5_disc3": 0 * one,
        "ks5_centre_assessed_flag": assessed,
        "ks5_covid_impacted_flag": assessed,
        "ks5_autumn_series": 0 * one,
        "ks5_version": one_of("F", ["A", "U", "F"], len(row)),
    }


def students(pupils: Pupils, of: Entries) -> Rows:
    """The student table: entries, points, passes and thresholds."""
    people, i, year = pupils.people, of.i, of.year
    a_levels = of.subject >= 0
    passed = a_levels & (of.grade > 0)
    high = a_levels & (of.grade >= 5)
    points = np.where(a_levels, _points(of.grade, year[:, None]), 0)
    vocational = of.vocational * _points(VOCATIONAL_AS[np.minimum(of.vocational_grade, 4)], year)
    vocational = np.where(of.vocational > 0, vocational, 0)
    size = passed.sum(axis=1) + np.where(of.vocational_grade > 0, of.vocational, 0)
    best = np.sort(points, axis=1)[:, -3:].sum(axis=1)
    three = a_levels.sum(axis=1) >= 3
    facilitating = a_levels & (of.subject < FACILITATING)
    aab = (high.sum(axis=1) >= 2) & ((a_levels & (of.grade >= 4)).sum(axis=1) >= 3)
    good_facilitating = (facilitating & (of.grade >= 4)).sum(axis=1)
    state = ~people.independent[i]
    fsm = pupils.fsm(i, people.cohort[i] + 17)

    def flag(chosen: np.ndarray) -> np.ndarray:
        return chosen.astype(np.int64)

    return {
        "person": people.person[i],
        "collection_year": year,
        "ks5_pupilmatchingrefanonymous": pupils.pmr(i),
        "ks5_acadyr": academic_year(year),
        "ks5_gender": pupils.sex(i),
        "ks5_age_start": np.full(len(i), 17),
        "ks5_month_part": pupils.months_past_birthday(i),
        "ks5_yearofbirth": people.birth_year[i],
        "ks5_monthofbirth": people.birth_month[i],
        "ks5_ethnic": Coded(np.where(state, people.minor[i], -1), pupils.minor(i).labels),
        "ks5_ks4_fsm": where(state, fsm),
        "ks5_la_anon": people.authority[i] + 1000,
        "ks5_laestab_anon": _provider(pupils, i, of.school),
        "ks5_trigger": np.ones(len(i), dtype=np.int64),
        "ks5_version": one_of("F", ["A", "U", "F"], len(i)),
        "ks5_entry_ga": a_levels.sum(axis=1),
        "ks5_totents": 100 * (a_levels.sum(axis=1) + of.vocational),
        "ks5_totpts": points.sum(axis=1) + vocational,
        "ks5_totptse": points.sum(axis=1) + vocational,
        "ks5_points_ga": points.sum(axis=1),
        "ks5_totptse_alev": points.sum(axis=1),
        "ks5_passes_ga": passed.sum(axis=1),
        "ks5_gradea_ga": high.sum(axis=1),
        "ks5_alev": flag(a_levels.any(axis=1)),
        "ks5_gradea3": flag(high.sum(axis=1) >= 3),
        "ks5_gradeae3": flag(passed.sum(axis=1) >= 3),
        "ks5_lev3thresh": 100 * size,
        "ks5_pass1l3": flag(size >= 1),
        "ks5_pass2lv3": flag(size >= 2),
        "ks5_pass3lv3": flag(size >= 3),
        "ks5_pass2lv3_alev": flag(passed.sum(axis=1) >= 2),
        "ks5_gradeaab": flag(aab & (good_facilitating >= 3)),
        "ks5_gradeaab2": flag(aab & (good_facilitating >= 2)),
        "ks5_include_b3": flag(three),
        "ks5_b3pts_b3": where(three, best),
        "ks5_b3ptse_b3": where(three, best // 3),
    }


def _points(grade: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Points of an A level grade on the scale of the year, in hundredths."""
    return np.where(year <= 2015, POINTS_TO_2015[grade], POINTS_FROM_2016[grade])


def _provider(pupils: Pupils, i: np.ndarray, school: np.ndarray) -> np.ndarray:
    """The school of year 11, or a college."""
    college = 950_000 + pupils.people.stream("ks5/college").below(codes.COLLEGES, pupils.people.person[i])
    return np.where(school, school_number(pupils, i), college) + 1_000_000
