"""HESA student records: first degrees, diplomas, postgraduate years and part-time study.

One row a student instance and academic year. Codes are those of HESA's coding manuals: XLEV501 2 taught
postgraduate, 3 first degree, 4 other undergraduate; COURSEAIM and XQOBTN01 H00 honours degree, J30 HND,
C20 certificate of higher education, M00 taught master's, M71 PGCE; RSNEND 01 completed, 07 personal reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import subjects
from leocourse.extract.lives.pathways import NEVER, Pathways, month_of
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.records.schools import area_codes

YEARS = range(2005, 2021)
FIRST_DEGREE, DIPLOMA, MASTERS, PGCE, PART_TIME = range(5)
AIMS = ["H00", "J30", "M00", "M71", "C20"]
LEVEL_5, LEVEL_3 = ["3", "4", "2", "2", "4"], ["2", "2", "1", "1", "2"]
LEVEL_6 = ["3", "5", "2", "2", "5"]
"""XLEV601: 2 taught postgraduate, 3 first degree, 5 other undergraduate (4 is a foundation degree). Unverified."""
ANALYTICAL_ETHNIC = ["White", "Black", "Asian", "Mixed", "Other", "Not known"]
ANALYTICAL_OF = {
    "W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "C": "Asian", "O": "Other", "N": "Not known",
    "R": "Not known",
}  # fmt: skip
LAST_JACS_YEAR, FIRST_JACS_3_YEAR, LAST_SBJQA_YEAR = 2019, 2013, 2007
HESA_ETHNIC = {
    "WBRI": "10", "WIRI": "10", "WIRT": "10", "WROM": "10", "WOTH": "10", "MWBC": "41", "MWBA": "42",
    "MWAS": "43", "MOTH": "49", "AIND": "31", "APKN": "32", "ABAN": "33", "AOTH": "39", "BCRB": "21",
    "BAFR": "22", "BOTH": "29", "CHNE": "34", "OOTH": "80", "NOBT": "90", "REFU": "98",
}  # fmt: skip
_PROVIDERS = [str(10_000 + number) for number in range(codes.UNIVERSITIES)]


THIRD_SUBJECT, FOURTH_SUBJECT = 200_000, 400_000
"""Share, in millionths, of courses of two subjects with a third, and of those with a fourth: design choices."""


def _instances(people: People, paths: Pathways) -> tuple[np.ndarray, ...]:
    """Every year of every instance: person index, academic year, year of the course, years in all, kind."""
    of_degree = np.where(paths.other_undergraduate, DIPLOMA, FIRST_DEGREE)
    after = np.where(paths.postgraduate == 2, PGCE, MASTERS)
    part_time = np.full(len(people), PART_TIME)
    parts = []
    for first, years, kind in (
        (paths.university_year, paths.university_years, of_degree),
        (paths.postgraduate_year, (paths.postgraduate > 0).astype(np.int64), after),
        (paths.part_time_year, np.where(paths.part_time_year < NEVER, 2, 0), part_time),
    ):
        for step in range(int(years.max(initial=0))):
            i = np.flatnonzero(years > step)
            parts.append((i, first[i] + step, np.full(len(i), step + 1), years[i], kind[i]))
    i, year, of_course, years, kind = map(np.concatenate, zip(*parts, strict=True))
    kept = np.isin(year, list(YEARS))
    return i[kept], year[kept], of_course[kept], years[kept], kind[kept]


def months_of_study(people: People, paths: Pathways) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Higher education as spells: person index, first month, last month. Part-time study counts too."""
    spells = []
    for first, years, last_months in (
        (paths.university_year, paths.university_years, 9),
        (paths.postgraduate_year, (paths.postgraduate > 0).astype(np.int64), 10),
        (paths.part_time_year, np.where(paths.part_time_year < NEVER, 2, 0), 9),
    ):
        i = np.flatnonzero(years > 0)
        start = month_of(first[i] - 1, 10)
        spells.append((i, start, start + 12 * (years[i] - 1) + last_months - 1))
    return spells


def _provider(people: People, paths: Pathways, i: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Provider of each instance: most postgraduates stay, part-time students go to less selective ones."""
    stream, person = people.stream("higher_education/provider"), people.person[i]
    anywhere = stream.below(codes.UNIVERSITIES, person, kind)
    stays = stream.chance(600_000, person, 10 + kind)
    moved = (kind == MASTERS) | (kind == PGCE)
    provider = np.where(moved & ~stays, anywhere, paths.provider[i])
    return np.where(kind == PART_TIME, codes.UNIVERSITIES - 1 - anywhere // 3, provider)


def _second_subject(
    people: People, i: np.ndarray, first: np.ndarray, kind: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Second subject of joint degrees (-1 for none) and the first one's share in hundredths of a person."""
    person, stream = people.person[i], people.stream("higher_education/second")
    other = subjects.choose(people, people.attainment, 2)[i]
    two = (kind == FIRST_DEGREE) & stream.chance(120_000, person) & (other != first)
    share = np.where(stream.chance(800_000, person, 1), 50, 67)  # joint, or major and minor
    return np.where(two, other, -1), np.where(two, share, 100)


@dataclass(frozen=True)
class _Instances:
    """Years of student instances, one element a row."""

    i: np.ndarray
    person: np.ndarray
    year: np.ndarray
    of_course: np.ndarray
    kind: np.ndarray
    last: np.ndarray
    """The last year of the course."""
    obtained: np.ndarray
    """The qualification was obtained in this year."""
    classes: np.ndarray
    """Class that a degree has, or would have: 0 first to 3 third."""
    told: np.ndarray
    """The student told the university of a learning difficulty."""

    @property
    def left(self) -> np.ndarray:
        """Left a first degree without it."""
        return self.last & (self.kind == FIRST_DEGREE) & ~self.obtained


def hesa(people: People, paths: Pathways, keys: Keys) -> Rows:
    """Higher education student records, one a student instance and academic year."""
    i, year, of_course, years, kind = _instances(people, paths)
    person, last = people.person[i], of_course == years
    passes = people.stream("higher_education/passes").chance(880_000, person, kind)
    obtained = last & np.where(kind == FIRST_DEGREE, paths.graduated[i], passes)
    grade = people.stream("after16/class").normal(person) + people.attainment[i] // 2
    classes = (grade < 900).astype(np.int64) + (grade < -100) + (grade < -1000)
    told = paths.difficulty[i] & people.stream("higher_education/told").chance(700_000, person)
    instances = _Instances(i, person, year, of_course, kind, last, obtained, classes, told)
    return (
        _course_columns(people, paths, instances, keys)
        | _student_columns(people, paths, instances)
        | _subject_columns(people, paths, instances)
        | _derived_columns(people, paths, instances)
    )


def _course_columns(people: People, paths: Pathways, of: _Instances, keys: Keys) -> Rows:
    """The course: where, at what level, from when to when, and what came of it."""
    one, obtained, kind = np.ones(len(of.i), dtype=np.int64), of.obtained, of.kind
    provider = _provider(people, paths, of.i, kind)
    left_early = days_of(of.year - 1, 11, 15) + people.stream("higher_education/left").below(200, of.person)
    ended = Nullable(np.where(of.left, left_early, days_of(of.year, 6, 20)), ~of.last)
    first_degree = np.where(obtained & (kind == FIRST_DEGREE), of.classes, -1)
    return {
        "person": of.person,
        "collection_year": of.year,
        "he_pupilmatchingrefanonymous": keys.pmr(of.person),
        "he_xinstid01__anon": Coded(provider, _PROVIDERS),
        "he_instid_anon": Coded(provider, _PROVIDERS),
        "he_xlev301": Coded(kind, LEVEL_3),
        "he_xlev501": Coded(kind, LEVEL_5),
        "he_courseaim": Coded(kind, AIMS),
        "he_xpsr01": one,
        "he_xpses01": one,
        "he_xpqual01": obtained.astype(np.int64),
        "he_xqobtn01": Coded(np.where(obtained, kind, -1), AIMS),
        "he_xqlev501": Coded(np.where(obtained, kind, -1), LEVEL_5),
        "he_xclass01": Coded(first_degree, ["01", "02", "03", "04"]),
        "he_xmode01": Coded((kind == PART_TIME).astype(np.int64), ["1", "2"]),
        "he_comdate": days_of(of.year - of.of_course, 9, 25),
        "he_enddate": ended,
        "he_dateleft": ended,
        "he_rsnend": Coded(np.where(of.last, np.where(obtained, 0, 1), -1), ["01", "07"]),
        "he_yearprg": of.of_course,
        "he_stuload": np.where(kind == PART_TIME, 5_000, 10_000),
    }


def _student_columns(people: People, paths: Pathways, of: _Instances) -> Rows:
    """The student: sex, ethnic group, age, home and points at entry."""
    i, year = of.i, of.year
    sex = Coded(np.where(people.male[i], 0, 1), ["1", "2"])
    area = Coded(people.area[i], area_codes("E01"))
    tariff = Nullable(20 * paths.points[i] + 60, (paths.points[i] == 0) | (of.kind > DIPLOMA))  # A is 120, E 40
    ethnic = list(dict.fromkeys(HESA_ETHNIC.values()))
    disabled = np.where(of.told, np.where(year < 2011, 1, 2), 0)
    return {
        "he_gender": sex,
        "he_sexid": sex,
        "he_ethnic": Coded(np.array([ethnic.index(HESA_ETHNIC[code]) for code in MINORS])[people.minor[i]], ethnic),
        "he_disable": Coded(disabled, ["00", "01", "51"]),  # 01, 51: dyslexia
        "he_xagea01": year - 1 - people.birth_year[i] - (people.birth_month[i] > 8),
        "he_lsoa": area,
        "he_lsoa11": area,
        "he_la_anon": people.authority[i] + 1000,
        "he_totalts": tariff,
        "he_xtariff01": tariff,
        "he_xtariff03": tariff,
        "he_xtariff04": tariff,
        "he_xtariff": tariff,
    }


def _derived_columns(people: People, paths: Pathways, of: _Instances) -> Rows:
    """Other levels, ages, domicile and entry qualifications that follow from the same instances."""
    i, year, of_course, kind, obtained, told = of.i, of.year, of.of_course, of.kind, of.obtained, of.told
    size, first, born = len(i), of_course == 1, people.birth_year[i]
    one = np.ones(size, dtype=bool)
    award = np.where(obtained, kind, -1)
    at_august = year - 1 - born - (people.birth_month[i] > 8)
    at_july = year - born - (people.birth_month[i] > 7)
    six = np.searchsorted([18, 21, 25, 30], at_august, side="right")
    groups = [np.searchsorted([21, 25, 30], age, side="right") for age in (at_august, at_july)]
    after = (kind == MASTERS) | (kind == PGCE)
    level_3 = paths.level3_passed[i]
    entry = np.select([after, paths.a_levels[i] & level_3, level_3], [0, 1, 2], -1)
    teacher = kind == PGCE
    jacs = np.where(teacher, paths.subject[i] + np.where(year >= FIRST_JACS_3_YEAR, len(subjects.SUBJECTS), 0), -1)
    jacs = np.where(year <= LAST_JACS_YEAR, jacs, -1)
    ethnic = np.array([ANALYTICAL_ETHNIC.index(ANALYTICAL_OF[code[0]]) for code in MINORS])[people.minor[i]]

    def constant(text: str) -> Coded:
        return Coded(np.zeros(size, dtype=np.int8), [text])

    return {
        "he_mode": Coded((kind == PART_TIME).astype(np.int8), ["01", "31"]),
        "he_xqmode01": Coded(np.where(obtained, kind == PART_TIME, -1), ["1", "2"]),
        "he_xlev601": Coded(kind, LEVEL_6),
        "he_xqlev301": Coded(award, LEVEL_3),
        "he_xqlev601": Coded(award, LEVEL_6),
        "he_yearstu": of_course,
        "he_typeyr": constant("1"),
        "he_xpdec01": one,
        "he_xfyear01": first,
        "he_xfyrsr01": first,
        "he_xagej01": at_july,
        "he_xagrp601": Coded(six, ["1", "2", "3", "4", "5"]),
        "he_xagrpa01": Coded(groups[0], ["1", "2", "3", "4"]),
        "he_xagrpj01": Coded(groups[1], ["1", "2", "3", "4"]),
        "he_disall": Coded(np.where(told, -1, 0), ["5"]),
        "he_xstudis01": Coded(told.astype(np.int8), ["No known disability", "Known disability"]),
        "he_xethnic01": Coded(ethnic, ANALYTICAL_ETHNIC),
        "he_xdomgr01": Coded(people.region[i], list(codes.REGIONS)),
        "he_xdomreg01": constant("England"),
        "he_xhoos01": constant("Home"),
        "he_xinstc01": constant("England"),
        "he_qualent3": Coded(entry, ["H11", "P50", "P41"]),
        "he_notact": constant("0"),
        "he_feeelig": constant("1"),
        "he_fundcode": constant("1"),
        "he_fundcomp": Coded(np.where(of.left, 1, 0), ["1", "2"]),
        "he_rsnleave": Coded(np.where(obtained, 0, np.where(of.left, 1, -1)), ["01", "07"]),
        "he_pgcesbj": Coded(jacs, subjects.JACS_2 + subjects.JACS_3),
        "he_pgcesbj1": Coded(jacs, subjects.JACS_2 + subjects.JACS_3),
        "he_pgceclss": Coded(np.where(teacher & paths.graduated[i], of.classes, -1), ["01", "02", "03", "04"]),
    }


def _more_subjects(
    people: People, i: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The third and the fourth subject of a course that has a second, -1 of others: the same all through it."""
    rare, further = people.stream("higher_education/third"), people.stream("higher_education/fourth")
    count, person = len(subjects.SUBJECTS), people.person[i]
    third = (np.maximum(first, second) + 1 + rare.below(count, person, 1)) % count
    has = (second >= 0) & rare.chance(THIRD_SUBJECT, person, 2) & (third != first) & (third != second)
    fourth = (third + 1 + further.below(count, person, 1)) % count
    also = has & further.chance(FOURTH_SUBJECT, person, 2)
    also &= (fourth != first) & (fourth != second) & (fourth != third)
    return np.where(has, third, -1), np.where(also, fourth, -1)


def _shares(share: np.ndarray, second: np.ndarray, third: np.ndarray, fourth: np.ndarray) -> Rows:
    """The share of each subject in hundredths: further ones take of what the second has, and together they are one."""
    rest = 100 - share
    of_third = np.where(third >= 0, rest // 3, 0)
    of_fourth = np.where(fourth >= 0, rest // 4, 0)
    return {
        "he_xfpe01_1": share,
        "he_xfpe01_2": Nullable(rest - of_third - of_fourth, second < 0),
        "he_xfpe01_3": Nullable(of_third, third < 0),
        "he_xfpe01_4": Nullable(of_fourth, fourth < 0),
    }


def _subject_columns(people: People, paths: Pathways, of: _Instances) -> Rows:
    """Subjects and their shares, in the codes of each year: SBJQA to 2006/07, JACS to 2018/19, HECoS and CAH then."""
    year, first = of.year, np.where(of.kind == PGCE, subjects.SUBJECTS.index("education"), paths.subject[of.i])
    second, share = _second_subject(people, of.i, first, of.kind)
    count = len(subjects.SUBJECTS)
    labels = subjects.JACS_2 + subjects.JACS_3
    third, fourth = _more_subjects(people, of.i, first, second)
    rows: Rows = _shares(share, second, third, fourth)
    for number, subject in ((1, first), (2, second), (3, third), (4, fourth)):
        code = np.where(subject < 0, -1, subject + np.where(year >= FIRST_JACS_3_YEAR, count, 0))
        jacs = np.where(year <= LAST_JACS_YEAR, code, -1)
        known = [at if hecos else -1 for at, hecos in enumerate(subjects.HECOS)]
        rows |= {
            f"he_xjacs01_{number}": Coded(jacs, labels),
            f"he_xjacs201_{number}": Coded(jacs, [label[:2] for label in labels]),
            f"he_xjacsa01_{number}": Coded(jacs, [label[0] for label in labels]),
            f"he_xhecos_{number}": Coded(
                np.where(subject < 0, -1, np.array(known)[subject]), [h or "" for h in subjects.HECOS]
            ),
            f"he_xcah01_{number}": Coded(subject, subjects.CAH),
        }
        if number < 4:
            rows[f"he_sbjqa{number}"] = Coded(np.where(year <= LAST_SBJQA_YEAR, code, -1), labels)
    return rows
