"""Key stage 4: the examinations of year 11, and the measures of the pupil table derived from them.

What a pupil enters and gets is held as *units* of one GCSE, a column each: a double science award is two
units, a vocational qualification as many as it is worth. The reforms change what the units count for:
the review of vocational qualifications (2013/14: one unit each, two in all), the first entry rule (the same
year), Attainment 8 (2015/16), grades 9 to 1 (English and mathematics 2017, most subjects 2018, the rest 2019),
and grades set by schools (2020 and 2021). Sources: request form v2.3 and the Department for Education's
published rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import establishments
from leocourse.extract.lives.results import result
from leocourse.extract.records.keystages import ks2_fine, ks2_scaled, ks2_shift
from leocourse.extract.records.pupils import Pupils, academic_year, merged, one_of, where

YEARS = range(2002, 2022)
SUBJECT_ERROR = 420
"""Chance in one subject, in thousandths of a standard deviation."""
YEAR_SHIFT = {
    2002: -400, 2004: -355, 2005: -325, 2006: -265, 2007: -200, 2008: -115, 2009: -55, 2010: 0,
    2011: 60, 2014: 65, 2015: -20, 2016: -10, 2017: 16, 2018: 32, 2021: 32,
}  # fmt: skip
"""How much easier a grade is in a year, in thousandths of a standard deviation, so that rates follow the
published ones (five good GCSEs with English and mathematics: 40% in 2002, 61% in 2011).
Straight lines between the years."""
TEACHER_ASSESSED = {2020: 200, 2021: 280}
"""What grades set by teachers added, in thousandths of a standard deviation. These are planted effects."""

LETTERS = ["U", "G", "F", "E", "D", "C", "B", "A", "A*"]
NUMBERS = ["U", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
VOCATIONAL = ["X", "P2", "M2", "D2", "*2"]
LETTER_LINES = [-2_500, -2_050, -1_600, -1_150, -580, 260, 980, 1_750]
NUMBER_LINES = [-2_380, -1_760, -1_150, -580, 30, 540, 980, 1_520, 2_100]
VOCATIONAL_LINES = [-1_500, -500, 450, 1_250]
GOOD_LETTER, GOOD_NUMBER, STRONG_NUMBER = 5, 4, 5
POINTS_TO_2015 = np.array([0, 16, 22, 28, 34, 40, 46, 52, 58]) * 100
POINTS_2016 = np.arange(9) * 100
POINTS_FROM_2017 = np.array([0, 100, 150, 200, 300, 400, 550, 700, 850])
"""Points of grades U to A*, in hundredths. Grades 9 to 1 are worth 9 to 1 points."""
VOCATIONAL_AS_LETTER = np.array([0, 5, 6, 7, 8])
"""The GCSE grade (index) for whose points a pass, merit, distinction or distinction* counts."""

SUBJECTS = {  # name: (subject code, ease, girls' lead in thousandths, first year of grades 9 to 1)
    "English language": ("5030", 60, 260, 2017), "English literature": ("5110", 80, 260, 2017),
    "Mathematics": ("2210", 0, -110, 2017), "Science": ("1310", -20, 0, 2018),
    "Additional science": ("1320", 20, 0, 2018), "Double award science": ("1370", 0, 0, 2018),
    "Biology": ("1010", 60, 0, 2018), "Chemistry": ("1110", 60, 0, 2018), "Physics": ("1210", 60, -60, 2018),
    "History": ("4010", 0, 60, 2018), "Geography": ("3910", 30, 60, 2018), "French": ("5650", -40, 180, 2018),
    "German": ("5670", -40, 180, 2018), "Spanish": ("5750", -20, 180, 2018),
    "Art and design": ("3510", 120, 330, 2018),
    "Religious studies": ("4610", 80, 230, 2018), "Physical education": ("7210", 60, -60, 2018),
    "Drama": ("5210", 100, 230, 2018), "Music": ("7010", 120, 60, 2018),
    "Business studies": ("3210", -20, 0, 2019),
    "Design and technology": ("9080", -40, 260, 2019), "Information technology": ("2650", 0, 60, 2019),
    "Media studies": ("5350", 20, 200, 2019), "Vocational": (None, 0, 120, 2099),
}  # fmt: skip
"""Subject codes are those of the performance tables (LEAP) as we know them; we are less sure of the science
codes 1310, 1320 and 1370. Awarding bodies number vocational subjects themselves, so these have none here."""
NAMES = list(SUBJECTS)
ENGLISH, LITERATURE, MATHS, SCIENCE, SECOND, PHYSICS, HUMANITY, LANGUAGE = range(8)
OPTIONS, VOCATIONS, EARLY = slice(8, 11), slice(11, 15), 15
UNITS = 16
"""Columns of the units: the core, three options, up to four units of a vocational qualification, and an
earlier try at mathematics."""
OPTION_NAMES = NAMES[14:23]
OPTION_WEIGHTS = [16, 24, 12, 9, 6, 10, 22, 9, 7]
LANGUAGE_SHARE = {2002: 760, 2004: 700, 2006: 520, 2008: 450, 2011: 410, 2013: 480, 2021: 460}
TRIPLE_SHARE = {2002: 60, 2007: 80, 2010: 170, 2013: 240, 2021: 270}
HUMANITY_SHARE = {2002: 660, 2010: 620, 2013: 700, 2016: 760, 2021: 790}
VOCATIONAL_SHARE = {
    2002: 20,
    2004: 60,
    2006: 150,
    2008: 260,
    2010: 490,
    2012: 580,
    2014: 560,
    2016: 330,
    2018: 170,
    2021: 160,
}
EARLY_SHARE = {2002: 10, 2008: 40, 2010: 160, 2012: 270, 2013: 270, 2014: 120, 2015: 40, 2016: 0, 2021: 0}
"""Shares of pupils in thousandths (of those below a line of attainment for vocational qualifications). Design
choices near the rise and fall that the performance tables show."""
EXPECTED = {
    2016: [
        330, 550, 780, 1000, 1220, 1480, 1700, 1930, 2200, 2450, 2720, 3000, 3270, 3540, 3780, 4020, 4240,
        4440,
        4650, 4860, 5050, 5240, 5410, 5590, 5770, 5930, 6080, 6250, 6440, 6580, 6720, 6890, 7050, 7200, 7470,
    ],
    2017: [
        300, 480, 620, 760, 910, 1090, 1280, 1480, 1680, 1890, 2120, 2350, 2580, 2810, 3040, 3280, 3530, 3770,
        4000, 4230, 4470, 4710, 4950, 5180, 5420, 5670, 5920, 6160, 6400, 6620, 6840, 7080, 7310, 7560, 8010,
    ],
}  # fmt: skip
"""Mean Attainment 8, in hundredths, of pupils with a fine level at key stage 2 of 2.5, 2.6 and so on to 5.9,
on the points of 2016 and of 2017 onwards. Computed once from a million simulated people without faults and
smoothed; Progress 8 is measured from it."""
SCHOOL_TYPES = {"comprehensive": 1, "other maintained": 4, "independent": 5}


@dataclass(frozen=True)
class Results:
    """What the pupils of a block entered and got at the end of key stage 4, one row a pupil."""

    i: np.ndarray
    year: np.ndarray
    latent: np.ndarray
    """The true result in thousandths of a standard deviation, before chance in a subject."""
    subject: np.ndarray
    """Index into :data:`NAMES` of each unit, or -1: shape (pupils, units)."""
    grade: np.ndarray
    """Index into the grades of the unit's scale."""
    numbered: np.ndarray
    """Whether a unit is graded 9 to 1."""
    size: np.ndarray
    """Units of the vocational qualification: 0 for none."""
    one_award: np.ndarray
    """Science is one award worth two GCSEs: to 2006, and from 2018 (not triple science)."""

    @property
    def entered(self) -> np.ndarray:
        """Units entered."""
        return self.subject >= 0

    @property
    def good(self) -> np.ndarray:
        """Units at grade C or 4 or above, as the grade stands."""
        line = np.where(self.numbered, GOOD_NUMBER, GOOD_LETTER)
        line[:, VOCATIONS] = 1
        return self.entered & (self.grade >= line)

    @property
    def any_pass(self) -> np.ndarray:
        """Units with any pass."""
        return self.entered & (self.grade > 0)

    @property
    def points(self) -> np.ndarray:
        """Points of each unit on the scale of its year, in hundredths."""
        letter = np.minimum(self.grade, 8)
        letter[:, VOCATIONS] = VOCATIONAL_AS_LETTER[np.minimum(self.grade[:, VOCATIONS], 4)]
        year = self.year[:, None]
        since_2016 = np.where(year == 2016, POINTS_2016[letter], POINTS_FROM_2017[letter])
        of_letter = np.where(year <= 2015, POINTS_TO_2015[letter], since_2016)
        return np.where(self.entered, np.where(self.numbered, 100 * self.grade, of_letter), 0)


def results(pupils: Pupils) -> Results:
    """Draw the examinations of everybody in year 11, independent schools included."""
    people = pupils.people
    year = people.cohort + 17
    i = np.flatnonzero((people.arrival <= 11) & np.isin(year, list(YEARS)))
    latent = result(people)[i]
    year = year[i]
    subject, size, one_award = _entries(pupils, i, year, latent)
    grade, numbered = _grades(pupils, i, year, latent, subject)
    second = one_award & (subject[:, SECOND] >= 0)  # one award has equal or neighbouring grades
    apart = np.clip(grade[:, SECOND] - grade[:, SCIENCE], -1, 0)
    grade[:, SECOND] = np.where(
        second, np.maximum(grade[:, SCIENCE] + apart, np.minimum(grade[:, SCIENCE], 1)), grade[:, SECOND]
    )
    grade[:, SECOND] = np.where(second & (year < 2018), grade[:, SCIENCE], grade[:, SECOND])
    return Results(i, year, latent, subject, grade, numbered, size, one_award)


@dataclass(frozen=True)
class _Entrants:
    """Pupils who choose what to enter. ``stream`` numbers their draws: each unit has its own."""

    person: np.ndarray
    year: np.ndarray
    latent: np.ndarray
    stream: Stream

    def draw(self, k: int) -> np.ndarray:
        """A number below 1,000."""
        return self.stream.below(1000, self.person, k)

    def enters(self, k: int, thousandths: int | np.ndarray, of_weak: int | np.ndarray) -> np.ndarray:
        """Who enters a unit; the weakest have a share of their own."""
        return self.draw(k) < np.where(self.latent < -1_700, of_weak, thousandths)


def _named(name: str | np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return np.where(chosen, NAMES.index(name) if isinstance(name, str) else name, -1)


def _entries(pupils: Pupils, i: np.ndarray, year: np.ndarray, latent: np.ndarray) -> tuple:
    """Subject of each unit, size of the vocational qualification, and whether science is one award."""
    people = pupils.people
    of = _Entrants(people.person[i], year, latent, people.stream("ks4/entry"))
    size = _vocational_size(of)
    subject = np.full((len(i), UNITS), -1, dtype=np.int64)
    subject[:, ENGLISH] = _named("English language", of.enters(0, 990, 800))
    literate = np.where(latent > -900, 955, 600) - np.where(size > 2, 330, 0)
    subject[:, LITERATURE] = _named("English literature", of.enters(1, literate, 250))
    subject[:, MATHS] = _named("Mathematics", of.enters(2, 993, 850))
    early = (subject[:, MATHS] >= 0) & (of.draw(15) < _share(EARLY_SHARE, year))
    subject[:, EARLY] = _named("Mathematics", early)
    wish = latent + 700 * people.stream("ks4/triple").normal(of.person) // 1000
    sciences, one_award = _sciences(of, wish, size)
    subject[:, SCIENCE : PHYSICS + 1] = sciences
    subject[:, HUMANITY], subject[:, LANGUAGE] = _humanity_and_language(of, size)
    subject[:, OPTIONS] = _options(of, size)
    for k in range(4):
        subject[:, VOCATIONS.start + k] = _named("Vocational", size > k)
    return subject, size, one_award


def _vocational_size(of: _Entrants) -> np.ndarray:
    """GCSEs that the vocational qualification is worth: 0 for none, and one at most since 2015."""
    takes = (of.latent < 1_000) & (of.draw(9) < _share(VOCATIONAL_SHARE, of.year))
    drawn = np.array([1, 2, 4])[of.stream.pick([20, 45, 35], of.person, 10)]
    return np.where(takes, np.where(of.year >= 2015, 1, drawn), 0)


def _sciences(of: _Entrants, wish: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The three units of science, shape (pupils, 3), and whether science is one award. Some take three sciences."""
    share = _share(TRIPLE_SHARE, of.year)
    triple = wish > np.select([share > line for line in (230, 150, 70)], [800, 1_150, 1_650], 2_000)
    one_award = ~triple & ((of.year <= 2006) | (of.year >= 2018))
    science = of.enters(3, np.array([985, 985, 940, 0, 200])[size], np.where(size > 2, 300, 800))
    both = science & of.enters(4, np.where(one_award, 1000, np.array([930, 930, 600, 0, 400])[size]),
                               np.where(one_award, 1000, 300))  # fmt: skip

    def one_of_three(separate: str, apart: str) -> np.ndarray:
        together = np.where(one_award, NAMES.index("Double award science"), NAMES.index(apart))
        return np.where(triple, NAMES.index(separate), together)

    units = [
        _named(one_of_three("Biology", "Science"), science),
        _named(one_of_three("Chemistry", "Additional science"), both | (science & triple)),
        _named("Physics", science & triple),
    ]
    return np.stack(units, axis=1), one_award


def _humanity_and_language(of: _Entrants, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """History or geography, and a language: likelier the better the pupil, less likely beside a long course."""
    able = np.clip(of.latent // 8, -200, 200)
    of_humanity = _share(HUMANITY_SHARE, of.year) + able - np.array([0, 0, 200, 0, 450])[size]
    of_language = _share(LANGUAGE_SHARE, of.year) + able - np.where(size > 1, 150, 0)
    history = np.where(of.stream.chance(540_000, of.person, 6), NAMES.index("History"), NAMES.index("Geography"))
    language = NAMES.index("French") + of.stream.pick([58, 22, 20], of.person, 7)
    return _named(history, of.enters(5, of_humanity, 350)), _named(language, of.enters(8, of_language, 150))


def _options(of: _Entrants, size: np.ndarray) -> np.ndarray:
    """Three different optional subjects, or fewer, shape (pupils, 3)."""
    drawn = np.array([of.stream.pick(OPTION_WEIGHTS, of.person, 20 + k) for k in range(3)])
    drawn[1] = np.where(drawn[1] == drawn[0], (drawn[1] + 1) % len(OPTION_NAMES), drawn[1])
    for _ in range(2):
        taken = (drawn[2] == drawn[0]) | (drawn[2] == drawn[1])
        drawn[2] = np.where(taken, (drawn[2] + 1) % len(OPTION_NAMES), drawn[2])
    wanted = ((np.where(size > 2, 600, 990), 500), (np.array([930, 800, 500, 0, 100])[size], 400),
              (np.array([640, 250, 60, 0, 0])[size], 100))  # fmt: skip
    units = [_named(NAMES.index(OPTION_NAMES[0]) + drawn[k], of.enters(11 + k, share, of_weak))
             for k, (share, of_weak) in enumerate(wanted)]  # fmt: skip
    return np.stack(units, axis=1)


def _grades(pupils: Pupils, i: np.ndarray, year: np.ndarray, latent: np.ndarray, subject: np.ndarray) -> tuple:
    """Grade of each unit, and whether its scale is 9 to 1."""
    people, person = pupils.people, pupils.people.person[i]
    stream = people.stream("ks4/subject")
    ease = np.array([entry[1] for entry in SUBJECTS.values()])
    lead = np.array([entry[2] for entry in SUBJECTS.values()])
    reformed = np.array([entry[3] for entry in SUBJECTS.values()])
    common = (
        latent
        + _share(YEAR_SHIFT, year)
        + np.select([year == each for each in TEACHER_ASSESSED], list(TEACHER_ASSESSED.values()), 0)
    )
    side = np.where(people.male[i], -1, 1)
    grade = np.zeros(subject.shape, dtype=np.int64)
    numbered = (subject >= 0) & (year[:, None] >= reformed[subject])
    for k in range(UNITS):
        if 11 < k < 15:
            grade[:, k] = grade[:, 11]  # the units of one qualification
            continue
        of_subject = subject[:, k]
        value = (
            common + SUBJECT_ERROR * stream.normal(person, k) // 1000 + ease[of_subject] + side * lead[of_subject] // 2
        )
        if k == 11:
            grade[:, k] = np.searchsorted(VOCATIONAL_LINES, value, side="right")
            continue
        if k == EARLY:  # the same pupil half a year earlier
            value = value - 200
        letters, numbers = (
            np.searchsorted(LETTER_LINES, value, side="right"),
            np.searchsorted(NUMBER_LINES, value, side="right"),
        )
        grade[:, k] = np.where(numbered[:, k], numbers, letters)
    return np.where(subject >= 0, grade, 0), numbered


def counted(of: Results) -> np.ndarray:
    """Which units count: the better try at mathematics to 2012/13, the first entry from 2013/14."""
    return keep_one_try(of, (of.year >= 2014) | (of.grade[:, EARLY] > of.grade[:, MATHS]))


def keep_one_try(of: Results, first: np.ndarray) -> np.ndarray:
    """Units entered, less one of two tries at mathematics: the first one stays where ``first`` says so."""
    counts, twice = of.entered.copy(), of.entered[:, EARLY]
    counts[:, EARLY], counts[:, MATHS] = twice & first, of.entered[:, MATHS] & ~(twice & first)
    return counts


def qualifications(of: Results) -> tuple[np.ndarray, np.ndarray]:
    """Pupil and first unit of each qualification entered: the rows of the exam table, in its order."""
    one = of.entered.copy()
    one[:, 12:15] = False  # further units of one vocational qualification
    one[:, SECOND] &= ~of.one_award
    return np.nonzero(one)


def exams(pupils: Pupils, of: Results) -> Rows:
    """The exam table: one row a pupil and qualification, tries that do not count included."""
    counts = counted(of)
    row, unit = qualifications(of)
    i, year, subject = of.i[row], of.year[row], of.subject[row, unit]
    vocational, science = unit == 11, of.one_award[row] & (unit == SCIENCE) & of.entered[row, SECOND]
    size = np.where(vocational, of.size[row], np.where(science, 2, 1))
    new_size = np.where(vocational, 1, size)
    points = of.points[row, unit]
    both = points + np.where(science, of.points[row, SECOND], 0)
    worth = np.where(vocational, points * size, both)
    best = keep_one_try(of, of.grade[:, EARLY] > of.grade[:, MATHS])
    set_aside, beaten = ((~each[row, unit]).astype(np.int64) for each in (counts, best))
    good, passed = of.good[row, unit], of.any_pass[row, unit]
    one_row = np.ones(len(row), dtype=np.int64)
    assessed = np.isin(year, list(TEACHER_ASSESSED)).astype(np.int64)
    ebacc = ~vocational & (unit <= LANGUAGE) | (unit == EARLY)
    return {
        "person": pupils.people.person[i],
        "collection_year": year,
        "ks4_pupilmatchingrefanonymous": pupils.pmr(i),
        "ks4_acadyr": academic_year(year),
        "ks4_laestab_anon": pupils.laestab(school_number(pupils, i), year),
        "ks4_examyear": year - (unit == EARLY),
        "ks4_season": Coded((unit == EARLY).astype(np.int64), ["S", "W"]),
        # 310 is a full GCSE. We are not sure of the codes of double awards and vocational qualifications.
        "ks4_sublevno": Coded(np.where(vocational | science, -1, 0), ["310"]),
        "ks4_mapping": Coded(np.where(vocational, -1, subject), [entry[0] or "" for entry in SUBJECTS.values()]),
        "ks4_grade": grade_text(of, row, unit),
        "ks4_gsize": 100 * size,
        "ks4_gsize_ptq_ee": 100 * new_size,
        "ks4_points": worth,
        "ks4_points_ptq_ee": np.where(vocational, points, both),
        "ks4_lev1": 20 * np.where(passed, size, 0),
        "ks4_lev2": 20 * np.where(good, size, 0),
        "ks4_lev2_ptq_ee": 20 * np.where(good, new_size, 0),
        "ks4_include": one_row,
        "ks4_ptq_include": one_row,
        "ks4_academic": (~vocational).astype(np.int64),
        "ks4_disc3": beaten,
        "ks4_disc3_ptq": set_aside,
        "ks4_disc3_ptq_ee": set_aside,
        "ks4_qebacc": (~ebacc).astype(np.int64),  # 0 says that it counts (the form's categories)
        "ks4_qebacc_ptq_ee": ebacc.astype(np.int64),
        "ks4_a8points": np.where(set_aside == 1, 0, np.where(vocational, points, both)),
        "ks4_teacher_assessed_flag": assessed,
        "ks4_covid_impacted_flag": assessed,
        "ks4_autumn_series": 0 * one_row,
        "ks4_version": one_of("F", ["U", "A", "F"], len(row)),
    }


def grade_text(of: Results, row: np.ndarray, unit: np.ndarray) -> Coded:
    """Grades as they are written: C, 5, CC and 54 for science as one award, P2 for a vocational pass."""
    double_letters, double_numbers = [letter * 2 for letter in LETTERS], []
    for high in NUMBERS:
        double_numbers += [high + low for low in NUMBERS]
    labels = LETTERS + NUMBERS + VOCATIONAL + double_letters + double_numbers
    grade, second, numbered = of.grade[row, unit], of.grade[row, SECOND], of.numbered[row, unit]
    vocational, science = unit == 11, of.one_award[row] & (unit == SCIENCE) & of.entered[row, SECOND]
    start = [0, len(LETTERS)]
    start += [start[1] + len(NUMBERS)]
    start += [start[2] + len(VOCATIONAL)]
    start += [start[3] + len(LETTERS)]
    code = np.where(numbered, start[1] + grade, grade)
    code = np.where(vocational, start[2] + grade, code)
    code = np.where(science & ~numbered, start[3] + grade, code)
    code = np.where(science & numbered, start[4] + 10 * np.maximum(grade, second) + np.minimum(grade, second), code)
    return merged(code, labels)


def school_number(pupils: Pupils, i: np.ndarray, group: int = 11) -> np.ndarray:
    """Number of the school of a year group; independent schools have numbers of their own."""
    people = pupils.people
    independent = 900_000 + people.stream("schools/independent").below(codes.INDEPENDENTS, people.person[i])
    return np.where(people.independent[i], independent, pupils.school(i, np.full(len(i), group)))


def pupil_rows(pupils: Pupils, of: Results) -> Rows:
    """Key stage 4 pupil records: everybody in year 11, with the measures that the units add up to."""
    people, i, year = pupils.people, of.i, of.year
    independent, person = people.independent[i], people.person[i]
    one = np.ones(len(i), dtype=np.int64)
    school, state = school_number(pupils, i), ~independent
    rows: Rows = {
        "person": person,
        "collection_year": year,
        "ks4_pupilmatchingrefanonymous": pupils.pmr(i),
        "ks4_acadyr": academic_year(year),
        "ks4_gender": pupils.sex(i),
        "ks4_yeargrp": np.full(len(i), 11),
        "ks4_age_start": np.full(len(i), 15),
        "ks4_yearofbirth": people.birth_year[i],
        "ks4_monthofbirth": people.birth_month[i],
        "ks4_endks": one,
        "ks4_natres": one,
        "ks4_schres": one,
        "ks4_norflage": 0 * one,
        "ks4_version": one_of("F", ["U", "A", "F"], len(i)),
        "ks4_new_type": np.where(independent, SCHOOL_TYPES["independent"], _type(school)),
        "ks4_laestab_anon": pupils.laestab(school, year),
        "ks4_urn_anon": pupils.urn(school, year),
        "ks4_la_anon": pupils.authority_of(i, school),
        # No school census in an independent school, so no characteristics.
        "ks4_fsm": where(state, pupils.fsm(i, year)),
        "ks4_flang": where(state, people.english_additional[i].astype(np.int64)),
        "ks4_ethnic": Coded(np.where(state, people.minor[i], -1), pupils.minor(i).labels),
        "ks4_senf": Coded(np.where(state, pupils.sen_provision(i, year).codes, -1), codes.SEN_CODES),
        "ks4_idaci": where(state, pupils.idaci(i)),
    }
    return rows | _measures(of) | _progress(pupils, of)


def _type(school: np.ndarray) -> np.ndarray:
    """School type by intake, of schools that the state pays for: special schools and units are other maintained."""
    return np.where(establishments.kind(school) < 2, SCHOOL_TYPES["comprehensive"], SCHOOL_TYPES["other maintained"])


def _measures(of: Results) -> Rows:
    """Measures of each era. A field holds a value in the years in which the schema says it was collected."""
    year, counts = of.year, counted(of)
    gcse = counts.copy()
    gcse[:, VOCATIONS] = False
    good, passed = of.good & counts, of.any_pass & counts
    limited = counts.copy()
    limited[:, 12:15] = False  # from 2013/14 a vocational qualification counts as one GCSE
    counting = np.where((year >= 2014)[:, None], limited, counts)
    english, maths = english_good(of), (good[:, MATHS] | good[:, EARLY])
    level2, level1 = (good & counting).sum(axis=1) >= 5, (passed & counting).sum(axis=1) >= 5
    both = level2 & english & maths
    points = np.where(counting, of.points, 0)
    capped = np.sort(points, axis=1)[:, -8:].sum(axis=1)
    total = points.sum(axis=1)
    science = good[:, SCIENCE : PHYSICS + 1].sum(axis=1) >= 2
    ebacc = english & maths & science & good[:, HUMANITY] & good[:, LANGUAGE]
    enters = (counts[:, ENGLISH] & (counts[:, MATHS] | counts[:, EARLY]) & counts[:, SECOND]
              & counts[:, HUMANITY] & counts[:, LANGUAGE])  # fmt: skip
    strong = np.where(of.numbered, of.grade >= STRONG_NUMBER, of.grade > GOOD_LETTER) & gcse
    strong_both = (strong[:, ENGLISH] | strong[:, LITERATURE]) & strong[:, MATHS]
    strong_ebacc = (strong_both & (strong[:, SCIENCE : PHYSICS + 1].sum(axis=1) >= 2)
                    & strong[:, HUMANITY] & strong[:, LANGUAGE])  # fmt: skip

    def flag(chosen: np.ndarray) -> np.ndarray:
        return chosen.astype(np.int64)

    rows: Rows = {}
    for suffix in ("", "_ptq", "_ptq_ee"):
        rows |= {
            f"ks4_level2{suffix}": flag(level2),
            f"ks4_level1{suffix}": flag(level1),
            f"ks4_ptscnewe{suffix}": capped,
            f"ks4_ptstnewe{suffix}": total,
            f"ks4_entry_g{suffix}": 100 * gcse.sum(axis=1),
            f"ks4_ebacc{suffix}": flag(ebacc),
            f"ks4_l2basics{suffix}": flag(english & maths),
        }
    for suffix in ("", "_ptq"):
        rows |= {
            f"ks4_level2_em{suffix}": flag(both),
            f"ks4_gcse_ac{suffix}": 100 * (good & gcse).sum(axis=1),
        }
    rows |= {f"ks4_ebacc_e{suffix}": flag(enters) for suffix in ("", "_ptq", "_ptq_ee")}
    return (
        rows
        | {
            "ks4_level2_em_94": flag(both),
            "ks4_l2basics_ll_ptq_ee": flag(english & maths),
            "ks4_l2basics_94": flag(english & maths),
            "ks4_l2basics_95": flag(strong_both),
            "ks4_ebacc_94": flag(ebacc),
            "ks4_ebacc_95": flag(strong_ebacc),
            "ks4_ebaccaps_pupil": ebacc_points(of, counts),
            "ks4_att8": attainment_8(of, counts),
        }
        | _best_grades(of, counts)
    )


def english_good(of: Results) -> np.ndarray:
    """English at C or 4: the language to 2014/15, the better of language and literature from 2015/16."""
    return of.good[:, ENGLISH] | (of.good[:, LITERATURE] & (of.year >= 2016))


def attainment_8(of: Results, counts: np.ndarray) -> np.ndarray:
    """Attainment 8 in hundredths: English and mathematics twice, three units of the EBacc, three others.

    English counts twice only if language and literature were both taken.
    """
    points = np.where(counts, of.points, 0)
    points[:, 12:15] = 0  # a vocational qualification counts once
    english = np.sort(points[:, [ENGLISH, LITERATURE]], axis=1)
    pair = counts[:, ENGLISH] & counts[:, LITERATURE]
    maths = np.maximum(points[:, MATHS], points[:, EARLY])
    academic = np.sort(points[:, SCIENCE : LANGUAGE + 1], axis=1)[:, ::-1]
    rest = np.concatenate([academic[:, 3:], english[:, :1], points[:, 8:12]], axis=1)
    open_slots = np.sort(rest, axis=1)[:, -3:].sum(axis=1)
    return english[:, 1] * np.where(pair, 2, 1) + 2 * maths + academic[:, :3].sum(axis=1) + open_slots


def ebacc_points(of: Results, counts: np.ndarray) -> np.ndarray:
    """Average points over the six parts of the EBacc, in hundredths; a part not entered counts 0."""
    points = np.where(counts, of.points, 0)
    science = np.sort(points[:, SCIENCE : PHYSICS + 1], axis=1)[:, -2:].sum(axis=1)
    maths = np.maximum(points[:, MATHS], points[:, EARLY])
    english = np.maximum(points[:, ENGLISH], points[:, LITERATURE])
    return (english + maths + science + points[:, HUMANITY] + points[:, LANGUAGE]) // 6


def _best_grades(of: Results, counts: np.ndarray) -> Rows:
    """Grades in English and mathematics, under the name of each era; A* is written * (the form's codes)."""
    letters, columns = [*LETTERS[:8], "*"], {}
    for name, units in (("apeng", [ENGLISH, LITERATURE]), ("apmat", [MATHS, EARLY])):
        entered = counts[:, units].any(axis=1)
        best = np.where(counts[:, units], of.grade[:, units], -1).max(axis=1)
        numbered = of.numbered[:, units].any(axis=1)
        letter, number = np.where(entered & ~numbered, best, -1), np.where(entered & numbered, best, -1)
        for suffix in ("", "_ptq", "_ptq_ee"):
            columns[f"ks4_{name}{suffix}"] = Coded(np.minimum(letter, 8), letters)
        columns[f"ks4_{name}_91"] = Coded(number, NUMBERS)
    return columns


def _progress(pupils: Pupils, of: Results) -> Rows:
    """Results at key stage 2 and Progress 8. None without key stage 2, nor in 2020 and 2021.

    The pupils of 2021 took key stage 2 in 2016, when scaled scores replaced fine levels.
    """
    people, i, year = pupils.people, of.i, of.year
    before = (people.arrival[i] <= 6) & ~people.independent[i]
    fine = (ks2_fine(pupils, 0, i) + ks2_fine(pupils, 1, i)) // 2
    group = fine // 10 - 25
    as_before = np.clip((fine - ks2_shift(pupils, i)) // 10 - 25, 0, len(EXPECTED[2016]) - 1)  # tests became easier
    expected = np.where(year <= 2016, np.array(EXPECTED[2016])[as_before], np.array(EXPECTED[2017])[as_before])
    score = (attainment_8(of, counted(of)) - expected) // 10
    known = before & (year <= 2020)
    scored, scaled = before & (year <= 2019), before & (year == 2021)
    reading, maths = ks2_scaled(pupils, 0, i), ks2_scaled(pupils, 1, i)
    return {
        "ks4_ks2emfg": where(known, fine),
        "ks4_ks2emfg_grp": where(known, 100 * (group + 1)),
        "ks4_att8_pred": where(scored, expected),
        "ks4_p8score": where(scored, score),
        "ks4_ks2readscore": where(scaled, 100 * reading),
        "ks4_ks2matscore": where(scaled, 100 * maths),
        "ks4_ks2emss": where(scaled, 50 * (reading + maths)),
    }


def _share(points: dict[int, int], year: np.ndarray) -> np.ndarray:
    """The value of each year on the straight lines between the known years, whole numbers."""
    known = sorted(points)
    table = []
    for each in range(known[0], known[-1] + 1):
        before = max(k for k in known if k <= each)
        after = min(k for k in known if k >= each)
        span = max(after - before, 1)
        table.append(points[before] + (points[after] - points[before]) * (each - before) // span)
    return np.array(table)[np.clip(year - known[0], 0, len(table) - 1)]
