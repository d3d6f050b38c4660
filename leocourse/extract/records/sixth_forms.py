"""Learning aims in school sixth forms (PLAMS), as the autumn census reports them, 2007/08 to 2020/21.

Four AS courses in year 12 and most of them as A levels in year 13; from 2016/17, when AS and A level
parted, the A levels in both years. Qualification numbers lie outside the range of real ones.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.codes import AUTHORITIES
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.lives.a_levels import CODES, GRADES, NAMES
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.records.pupils import Pupils, academic_year, text_where, where

YEARS = range(2008, 2022)
FIRST_LINEAR_YEAR = 2017
TYPES = ["GCE AS level", "GCE A level"]
SHORT = ["AS", "A level"]
SUBLEVELS = ["121", "111"]
"""Qualification type and level of these two in the examination data (not verified)."""
POINTS = 100 * np.array([0, 150, 180, 210, 240, 270, 300])
"""Points of the grades from U up, in hundredths: those of the tables to 2014/15."""
WITHDRAWN = 45_000
"""Share of aims, in millionths, from which the pupil has withdrawn by the census."""


def plams(pupils: Pupils, paths: Pathways) -> Rows:
    """One row a pupil, course and year in a school sixth form."""
    people, parts = pupils.people, []
    for group in (12, 13):
        for number in range(4):
            year = people.cohort + 6 + group
            to_the_end = paths.level_three.subject[:, number] >= 0
            begun = to_the_end | (group == 12) & (year < FIRST_LINEAR_YEAR)
            i = np.flatnonzero(paths.sixth_form & np.isin(year, list(YEARS)) & begun)
            parts.append((i, year[i], np.full(len(i), group), np.full(len(i), number)))
    i, year, group, number = map(np.concatenate, zip(*parts, strict=True))
    person, subject = people.person[i], paths.level_three.course[i, number]
    advanced = (group == 13) | (year >= FIRST_LINEAR_YEAR)
    linear = year - (group == 13) >= FIRST_LINEAR_YEAR  # a course of two years
    begun = days_of(year - 1 - (linear & (group == 13)), 9, 4)
    due = days_of(year + (linear & (group == 12)), 6, 30)
    left = people.stream("sixth_forms/withdrawn").chance(WITHDRAWN, person, 10 * group + number)
    census = days_of(year - 1, 10, 1)
    qualification = Coded(2 * subject + advanced, [f"99{code}{level}0" for code in CODES for level in (1, 2)])
    code = Coded(subject, CODES)
    title = Coded(2 * subject + advanced, [f"{kind} in {name}" for name in NAMES for kind in TYPES])
    constant = np.zeros(len(i), dtype=np.int64)
    return {
        "person": person,
        "collection_year": year,
        "pl_pupilmatchingrefanonymous": pupils.pmr(i),
        "pl_acadyr": academic_year(year),
        "pl_gender": pupils.sex(i),
        "pl_ageatstartofacademicyear": group + 4,
        "pl_yearofbirth": people.birth_year[i],
        "pl_monthofbirth": people.birth_month[i],
        "pl_laestab_anon": people.secondary[i] + 1_000_000,
        "pl_recordsource": Coded(constant, ["Autumn census"]),
        "pl_onroll": constant + 1,
        "pl_ncyear": group,
        "pl_qan": qualification,
        "pl_qn": qualification,
        "pl_disc_code": code,
        "pl_qual_lev_ref": constant + 3,
        "pl_sublevno_ref": Coded(advanced.astype(np.int64), SUBLEVELS),
        "pl_title_ref": title,
        "pl_qual_type_ref": Coded(advanced.astype(np.int64), TYPES),
        "pl_learningstartdate": begun,
        "pl_learningplannedenddate": due,
        "pl_learningactualenddate": Nullable(census - 7, ~left),
        "pl_learningcompletionstatus": Coded(np.where(left, 1, 0), ["1", "3"]),
        "pl_learningaimstatus": np.where(left, 3, 1),
        "pl_coreaim": (number == 0).astype(np.int64),
        "pl_traineeship": constant,
        "pl_version": Coded(constant, ["P"]),
        "pl_monthpartofageatstartofacademicyear": pupils.months_past_birthday(i),
        "pl_la": people.authority[i] + 1000,
        "pl_la_9code": Coded(people.authority[i], [f"LA{1000 + n}" for n in range(AUTHORITIES)]),
        "pl_ncyearid": group,
        "pl_disc_code_ref": code,
        "pl_short_title_ref": Coded(2 * subject + advanced, [f"{kind} {name}" for name in NAMES for kind in SHORT]),
        "pl_progtype": Coded(constant, ["01"]),
        **_results(people.secondary[i] + 1_000_000, paths, i, number, year, group, qualification, code),
    }


def _results(
    school: np.ndarray, paths: Pathways, i: np.ndarray, number: np.ndarray, year: np.ndarray, group: np.ndarray,
    qualification: Coded, code: Coded,
) -> Rows:  # fmt: skip
    """What was found in the examination data of key stage 5: A levels, in the year in which they are taken."""
    found = (group == 13) & (paths.level_three.subject[i, number] >= 0)
    grade = np.where(found, paths.level_three.grade[i, number], -1)
    zero = np.zeros(len(i), dtype=np.int8)
    matched = text_where(found, Coded(zero, ["111"]))
    result = Coded(grade, GRADES)
    columns: Rows = {
        "laestab": where(found, school),
        "qan": text_where(found, qualification),
        "disc_code": text_where(found, code),
        "qual_type": text_where(found, Coded(zero, TYPES[1:])),
        "sublevno": matched,
        "qual_lev": Nullable(zero + 3, ~found),
        "grade": result,
        "grade_description": Coded(grade, [f"Grade {each}" for each in GRADES]),
    }
    ends = {"laestab": "_{}_anon", "grade_description": "_{}_description"}
    rows: Rows = {}
    for since in ("aat", "att"):  # the names changed in 2009/10
        for name, column in columns.items():
            stem = name.removesuffix("_description")
            rows["pl_" + stem + ends.get(name, "_{}").format(since)] = column
    source = Coded(found.astype(np.int8), ["0", "5"])
    passed = grade > 0
    return rows | {
        "pl_source_aat": Nullable(zero + 5, ~found),
        "pl_source_att": source,
        "pl_grade_source": source,
        "pl_gradepassfail": text_where(found, Coded(passed.astype(np.int8), ["F", "P"])),
        "pl_gradeqcdapoints": where(found, POINTS[grade]),
        "pl_learningaimoutcome": where(found, np.where(passed, 1, 2)),
        "pl_learningaimresult": result,
    }
