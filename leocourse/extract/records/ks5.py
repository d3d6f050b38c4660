"""Key stage 5: A levels and their vocational counterparts at the end of two years after key stage 4.

Students of school sixth forms and colleges at level 3, and of independent schools, who reach the end of
key stage 5 have one student record, in the academic year in which they turn 18. Points are those of the
tables to 2014/15 (270 for an A, 30 a grade) and from 2015/16 (50 for an A, 10 a grade).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.lives import establishments
from leocourse.extract.lives.a_levels import (
    CENTRE_ASSESSED,
    CODES,
    FACILITATING,
    GRADES,
    MOST,
    VOCATIONAL,
    VOCATIONAL_AS,
)
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.records.ks4 import school_number
from leocourse.extract.records.ks4_fields import BOARDS, boards
from leocourse.extract.records.pupils import Pupils, academic_year, merged, one_of, where

YEARS = range(2002, 2022)
POINTS_TO_2015 = np.array([0, 150, 180, 210, 240, 270, 300]) * 100
QANS = [f"X{code}{board}3" for code in [*CODES, "0000"] for board in BOARDS]
"""Accreditation numbers by subject and awarding body, outside the range of real ones; 0000 is vocational."""
NOT_SET_ASIDE = [
    *(f"ks5_disc{suffix}" for suffix in ("1", "2", "1b", "2b", "3b", "2s")),
    *(f"ks5_disc{kind}_{span}" for kind in ("", "b", "s") for span in ("single", "all", "0_1", "1_2", "0_2")),
]
"""Flags of results set aside for another: everybody here takes each subject once."""
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
    i = np.flatnonzero(paths.examined & np.isin(year, list(YEARS)))
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
    text = merged(np.where(vocational, len(GRADES) + grade, grade), GRADES + VOCATIONAL)
    board = board_of(pupils, i, of.school[row], np.where(vocational, len(CODES), subject))
    size_points = size * _points(as_a_level, year)
    none = np.zeros(len(row), dtype=bool)
    return {
        "person": pupils.people.person[i],
        "collection_year": year,
        "ks5_pupilmatchingrefanonymous": pupils.pmr(i),
        "ks5_acadyr": academic_year(year),
        "ks5_laestab_anon": _provider(pupils, i, year, of.school[row]),
        "ks5_examyear": year,
        "ks5_season": one_of("S", ["S", "W"], len(row)),
        "ks5_sublevno": Coded(np.where(vocational, -1, 0), ["111"]),  # 111 is an A level
        "ks5_mapping": Coded(np.where(vocational, -1, subject), CODES),
        "ks5_boardno": Coded(board, BOARDS),
        "ks5_qan": Coded(np.where(vocational, len(CODES), subject) * len(BOARDS) + board, QANS),
        "ks5_grade": text,
        "ks5_gorigin": text,
        "ks5_gfinal": text,
        "ks5_asize": 100 * size,
        "ks5_asizegs": 100 * size,
        "ks5_aptsgs": size_points,
        "ks5_asizegso": none,
        "ks5_aptsgso": none,
        "ks5_lev3": np.where(grade > 0, 50 * size, 0),  # two A levels make the threshold
        "ks5_points": size_points,
        "ks5_points_1618": size * POINTS_FROM_2016[as_a_level],
        "ks5_include": one,
        "ks5_ptq_include": one,
        "ks5_disc3": 0 * one,
        "ks5_centre_assessed_flag": assessed,
        "ks5_covid_impacted_flag": assessed,
        "ks5_autumn_series": 0 * one,
        "ks5_discyear": year,
        "ks5_late_result_flag": none,
        "ks5_version": one_of("F", ["A", "U", "F"], len(row)),
    } | dict.fromkeys(NOT_SET_ASIDE, none)


def board_of(pupils: Pupils, i: np.ndarray, school: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """The awarding body of a school or college (``school``: is it a school?) for subjects, index into the boards.

    ``subject``: index into the codes of A levels, and their number for vocational courses.
    """
    number, last = school_number(pupils, i, 13), establishments.SCHOOLS
    at_school = np.where(number >= 900_000, last + number - 900_000, number)
    place = np.where(school, at_school, last + codes.INDEPENDENTS + _college(pupils, i))
    places = last + codes.INDEPENDENTS + codes.COLLEGES
    return boards(pupils.people.seed, "ks5", places, len(CODES) + 1)[place, subject]


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
        "ks5_laestab_anon": _provider(pupils, i, year, of.school),
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


def _provider(pupils: Pupils, i: np.ndarray, year: np.ndarray, school: np.ndarray) -> np.ndarray:
    """The school of year 13, or a college."""
    place = np.where(school, school_number(pupils, i, 13), 950_000 + _college(pupils, i))
    return pupils.laestab(place, year)


def _college(pupils: Pupils, i: np.ndarray) -> np.ndarray:
    """Number of the college, from 0."""
    return pupils.people.stream("ks5/college").below(codes.COLLEGES, pupils.people.person[i])
