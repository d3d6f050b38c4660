"""HESA student records: first degrees, diplomas, postgraduate years and part-time study.

One row a student instance and academic year; :mod:`leocourse.extract.lives.degrees` has drawn the career. Codes are
those of HESA's coding manuals: XLEV501 1 research, 2 taught postgraduate, 3 first degree, 4 other undergraduate;
COURSEAIM and XQOBTN01 H00 honours degree, J30 HND, C20 certificate of higher education, M00 taught master's, M71 PGCE,
D00 doctorate; MODE 01 full time, 23 thick sandwich, 31 part time. RSNEND 01 completed, 02 academic failure,
03 transferred to another provider, 04 health, 06 financial and 07 other personal reasons, 10 gone into employment;
TYPEYR 1 within the reporting year, 2 across two; LOCSDY Z at the provider, E on placement, D abroad: not verified.

A new instance begins where the provider changes: the year of study (YEARSTU) and the day of commencement then begin
anew, the year of the course (YEARPRG) does not. A foundation year is year 0 of the course; a year done again has the
same number. Who changes course at the same provider keeps the instance.

Diplomas and foundation degrees that a further education college teaches under its own name are not here but among the
learning aims of :mod:`.further_education`; who tops one up to a degree does so at a university, and has the first row
here then.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import NEVER, TAX_YEARS, days_of, month_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import areas, degrees, graduate_pay, subjects, universities
from leocourse.extract.lives.areas import area_codes
from leocourse.extract.lives.degrees import (
    CERTIFICATE,
    COMPLETED,
    DIPLOMA,
    DOCTORATE,
    FAILED,
    FIRST_DEGREE,
    FULL,
    HERE,
    MASTERS,
    PART,
    PGCE,
    SANDWICH,
    TRANSFERRED,
)
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.places import Places
from leocourse.extract.lives.population import MINORS, People

YEARS = range(2005, 2021)
AIMS = ["H00", "J30", "M00", "M71", "C20", "D00"]
LEVEL_5, LEVEL_3 = ["3", "4", "2", "2", "4", "1"], ["2", "2", "1", "1", "2", "1"]
LEVEL_6 = ["3", "5", "2", "2", "5", "1"]
"""XLEV601: 1 research, 2 taught postgraduate, 3 first degree, 5 other undergraduate (4 a foundation degree).
Unverified."""
REASONS = ["01", "02", "07", "10", "06", "04", "03"]
"""RSNEND in the order of the reasons in :mod:`degrees`."""
MODES = ["01", "31", "23"]
PLACES = ["Z", "E", "D"]
AWAY_LOAD = 5_000
"""Student load of a year in work or abroad, in hundredths of a per cent of full time. Not verified."""
PART_TIME_LOAD = {FIRST_DEGREE: 6_000, CERTIFICATE: 5_000, MASTERS: 5_000}
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


@dataclass(frozen=True)
class Enrolments:
    """Years of student instances, one element a row."""

    i: np.ndarray
    year: np.ndarray
    kind: np.ndarray
    """:data:`degrees.FIRST_DEGREE` and so on."""
    mode: np.ndarray
    of_course: np.ndarray
    """Year of the course."""
    of_instance: np.ndarray
    """Year of the instance, from 1."""
    provider: np.ndarray
    subject: np.ndarray
    place: np.ndarray
    """Studies at the provider, works, or is abroad."""
    last: np.ndarray
    """The last year of the instance."""
    obtained: np.ndarray
    """The qualification was obtained in this year."""
    left: np.ndarray
    """Left during this year, without a qualification."""
    again: np.ndarray
    """The year of the course was not passed and is done again."""
    reason: np.ndarray
    """Why the instance ended, in its last year."""

    def chosen(self, rows: np.ndarray) -> Enrolments:
        """Some of the rows."""
        return Enrolments(*(getattr(self, item.name)[rows] for item in fields(self)))


def enrolments(people: People, paths: Pathways) -> Enrolments:
    """Every year of every instance, whatever the academic year."""
    parts = [*_first_spell(people, paths), *_later_spells(paths), *_further(people, paths)]
    rows = [np.concatenate([part[item.name] for part in parts]) for item in fields(Enrolments)]
    return Enrolments(*rows)


def in_college(paths: Pathways, of: Enrolments) -> np.ndarray:
    """Years of a course of a further education college: they are in the individualised learner record, not here."""
    return (of.kind == DIPLOMA) & paths.career.in_college[of.i]


def _row(i: np.ndarray, **known: np.ndarray | int | bool) -> dict[str, np.ndarray]:
    """Columns of :class:`Enrolments` of as many rows as people in ``i``; what is not named is 0."""
    rows = {item.name: np.zeros(len(i), dtype=np.int64) for item in fields(Enrolments)} | {"i": i}
    for name in ("last", "obtained", "left", "again"):
        rows[name] = np.zeros(len(i), dtype=bool)
    for name, value in known.items():
        rows[name] = np.broadcast_to(value, len(i))
    return rows


def _first_spell(people: People, paths: Pathways) -> list[dict[str, np.ndarray]]:
    """The first spell as an undergraduate, a part for each of its years."""
    career, parts = paths.career, []
    kind = np.where(paths.other_undergraduate, DIPLOMA, FIRST_DEGREE)
    degree = paths.graduated & ~paths.other_undergraduate & ~career.leaves
    for step in range(int(career.first_years.max(initial=0))):
        i = np.flatnonzero(career.first_years > step)
        foundation = career.foundation[i].astype(np.int64)
        changed = step >= foundation + 1  # what changes does so after the first year of the course
        elsewhere = career.second_provider[i] != paths.provider[i]
        moved = elsewhere & changed
        of_course = _year_of_course(paths, i, step)
        away = (of_course == career.away[i]) & (career.away[i] > 0)
        ends = career.first_years[i] == step + 1
        leaves = elsewhere & (step == foundation) & ~ends
        obtained = ends & np.where(kind[i] == DIPLOMA, career.diploma[i], degree[i])
        left = ends & career.leaves[i]
        parts.append(_row(
            i, year=paths.university_year[i] + step, kind=kind[i],
            mode=np.where(career.part_time[i], PART, np.where((career.away[i] > 0) & career.in_work[i], SANDWICH, 0)),
            of_course=of_course, of_instance=step + 1 - np.where(moved, foundation + 1, 0),
            provider=np.where(changed, career.second_provider[i], paths.provider[i]),
            subject=np.where(changed, career.second_subject[i], career.first_subject[i]),
            place=np.where(away, np.where(career.in_work[i], degrees.IN_WORK, degrees.ABROAD), HERE),
            last=ends | leaves, obtained=obtained, left=left,
            again=~ends & (of_course == career.repeats[i]) & (_year_of_course(paths, i, step + 1) == of_course),
            reason=np.where(leaves, TRANSFERRED, np.where(obtained, COMPLETED, np.where(left, career.leaves_for[i],
                                                                                        FAILED))),
        ))  # fmt: skip
    return parts


def _year_of_course(paths: Pathways, i: np.ndarray, step: int) -> np.ndarray:
    """Year of the course in the first spell's year ``step``: 0 a foundation year, the same again if repeated."""
    career = paths.career
    year = step + 1 - career.foundation[i].astype(np.int64)
    year = year - (career.restart[i] & (year >= 2))
    repeats = career.repeats[i]
    return year - ((repeats > 0) & (year > repeats))


def _later_spells(paths: Pathways) -> list[dict[str, np.ndarray]]:
    """The year that tops a diploma up to a degree, and the second spell of those who come back."""
    career = paths.career
    i = np.flatnonzero(career.top_up)
    passed = paths.graduated[i]
    year = paths.university_year[i] + career.first_years[i]
    where = dict(provider=career.second_provider[i], subject=paths.subject[i])
    top = _row(i, year=year, kind=FIRST_DEGREE, of_course=3, of_instance=1, last=True, obtained=passed,
               reason=np.where(passed, COMPLETED, FAILED), **where)  # fmt: skip
    parts = [top]
    for step in range(int(career.back_years.max(initial=0))):
        i = np.flatnonzero(career.back_years > step)
        ends, passed = career.back_years[i] == step + 1, career.back_passes[i]
        parts.append(_row(
            i, year=career.back_year[i] + step, kind=FIRST_DEGREE, of_course=career.back_from[i] + step,
            of_instance=step + 1, provider=career.back_provider[i], subject=paths.subject[i], last=ends,
            obtained=ends & passed, left=ends & ~passed,
            reason=np.where(passed, COMPLETED, career.leaves_for[i]),
        ))  # fmt: skip
    return parts


def _further(people: People, paths: Pathways) -> list[dict[str, np.ndarray]]:
    """Postgraduate study, and part-time study of those who never enter for a degree."""
    kind = np.array([0, MASTERS, PGCE, DOCTORATE])[paths.postgraduate]
    before = ((kind == DOCTORATE) & degrees.masters_first(people)).astype(np.int64)
    part_time = np.where(paths.part_time_year < NEVER, 2, 0)
    begins = paths.postgraduate_year + before
    return [
        *_courses(people, paths, paths.postgraduate_year, before, np.full(len(people), MASTERS)),
        *_courses(people, paths, begins, paths.postgraduate_years - before, kind),
        *_courses(people, paths, paths.part_time_year, part_time, np.full(len(people), CERTIFICATE)),
    ]


def _courses(
    people: People, paths: Pathways, first: np.ndarray, years: np.ndarray, kind: np.ndarray
) -> list[dict[str, np.ndarray]]:
    """A course of so many years from a first one, a part for each of its years."""
    parts, education = [], subjects.SUBJECTS.index("education")
    passes = people.stream("higher_education/passes")
    for step in range(int(years.max(initial=0))):
        i = np.flatnonzero(years > step)
        part = (kind[i] == CERTIFICATE) | (kind[i] == MASTERS) & paths.postgraduate_beside_work[i]
        ends, follows = years[i] == step + 1, (kind[i] == MASTERS) & (paths.postgraduate[i] == 3)
        obtained = ends & (passes.chance(880_000, people.person[i], kind[i]) | follows)
        parts.append(_row(
            i, year=first[i] + step, kind=kind[i], mode=np.where(part, PART, FULL),
            of_course=step + 1, of_instance=step + 1, provider=_provider(people, paths, i, kind[i]),
            subject=np.where(kind[i] == PGCE, education, paths.subject[i]), last=ends, obtained=obtained,
            reason=np.where(obtained, COMPLETED, FAILED),
        ))  # fmt: skip
    return parts


def months_of_study(people: People, paths: Pathways) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Higher education as spells: person index, first month, last month. Part-time study counts too."""
    of = enrolments(people, paths)
    start = month_of(of.year - 1, 10)
    after = np.isin(of.kind, (MASTERS, PGCE, DOCTORATE))
    goes_on = paths.career.top_up[of.i] & (of.kind == DIPLOMA)
    goes_on |= (paths.postgraduate[of.i] == 3) & (of.kind == MASTERS)
    ends = of.last & (of.reason != TRANSFERRED) & ~goes_on
    return [(of.i, start, start + np.where(ends, np.where(after, 9, 8), 11))]


def _provider(people: People, paths: Pathways, i: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Provider of further study: most postgraduates stay, part-time students go to less selective ones."""
    stream, person = people.stream("higher_education/provider"), people.person[i]
    part = kind == CERTIFICATE
    around = np.where(part, universities.COUNT - stream.below(50, person, 20), stream.below(100, person, 21))
    subject = np.where(kind == PGCE, subjects.SUBJECTS.index("education"), paths.subject[i])
    elsewhere = universities.choose(stream, person, kind, around, subject)
    stays = ~part & stream.chance(degrees.STAYS, person, 10 + kind)
    return np.where(stays, graduate_pay.last_provider(paths)[i], elsewhere)


def _second_subject(
    people: People, i: np.ndarray, first: np.ndarray, kind: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Second subject of joint degrees (-1 for none) and the first one's share in hundredths of a person."""
    person, stream = people.person[i], people.stream("higher_education/second")
    other = subjects.choose(people, people.attainment, 2)[i]
    single = (first == universities.MEDICINE) | (other == universities.MEDICINE)
    two = (kind == FIRST_DEGREE) & stream.chance(120_000, person) & (other != first) & ~single
    share = np.where(stream.chance(800_000, person, 1), 50, 67)  # joint, or major and minor
    return np.where(two, other, -1), np.where(two, share, 100)


@dataclass(frozen=True)
class _Instances(Enrolments):
    """Years of student instances with what the records say of the person, one element a row."""

    person: np.ndarray
    classes: np.ndarray
    """Class of the first degree of the person: 0 first to 3 third; -1 for people without one."""
    told: np.ndarray
    """The student told the university of a learning difficulty."""
    domicile: np.ndarray
    """Number of the small area in which the student lived in the tax year before the course began."""


def hesa(people: People, paths: Pathways, keys: Keys, homes: Places) -> Rows:
    """Higher education student records, one a student instance and academic year."""
    of = enrolments(people, paths)
    of = of.chosen(np.isin(of.year, list(YEARS)) & ~in_college(paths, of))
    person, i = people.person[of.i], of.i
    told = paths.difficulty[i] & people.stream("higher_education/told").chance(700_000, person)
    before = np.clip(of.year - of.of_instance - TAX_YEARS[0], 0, len(TAX_YEARS) - 1)
    instances = _Instances(
        **{item.name: getattr(of, item.name) for item in fields(Enrolments)}, person=person,
        classes=paths.degree_class[i], told=told,
        domicile=homes.area[i, before],
    )  # fmt: skip
    return (
        _course_columns(people, paths, instances, keys)
        | _student_columns(people, paths, instances)
        | _subject_columns(people, paths, instances)
        | _derived_columns(people, paths, instances)
        | _place_columns(instances)
    )


def _course_columns(people: People, paths: Pathways, of: _Instances, keys: Keys) -> Rows:
    """The course: where, at what level, from when to when, and what came of it."""
    one, obtained, kind = np.ones(len(of.i), dtype=np.int64), of.obtained, of.kind
    load = np.where(of.place == HERE, 10_000, AWAY_LOAD)
    for each, part in PART_TIME_LOAD.items():
        load = np.where((of.mode == PART) & (kind == each), part, load)
    left_early = days_of(of.year - 1, 11, 15) + people.stream("higher_education/left").below(200, of.person)
    ended = Nullable(np.where(of.left, left_early, days_of(of.year, 6, 20)), ~of.last)
    first_degree = np.where(obtained & (kind == FIRST_DEGREE), of.classes, -1)
    return {
        "person": of.person,
        "collection_year": of.year,
        "he_pupilmatchingrefanonymous": keys.pmr(of.person),
        "he_xinstid01__anon": Coded(of.provider, _PROVIDERS),
        "he_instid_anon": Coded(of.provider, _PROVIDERS),
        "he_xlev301": Coded(kind, LEVEL_3),
        "he_xlev501": Coded(kind, LEVEL_5),
        "he_courseaim": Coded(kind, AIMS),
        "he_xpsr01": one,
        "he_xpses01": one,
        "he_xpqual01": obtained.astype(np.int64),
        "he_xqobtn01": Coded(np.where(obtained, kind, -1), AIMS),
        "he_xqlev501": Coded(np.where(obtained, kind, -1), LEVEL_5),
        "he_xclass01": Coded(first_degree, ["01", "02", "03", "04"]),
        "he_xmode01": Coded((of.mode == PART).astype(np.int64), ["1", "2"]),
        "he_comdate": days_of(of.year - of.of_instance, 9, 25),
        "he_enddate": ended,
        "he_dateleft": ended,
        "he_rsnend": Coded(np.where(of.last, of.reason, -1), REASONS),
        "he_yearprg": of.of_course,
        "he_stuload": load,
    }


def _student_columns(people: People, paths: Pathways, of: _Instances) -> Rows:
    """The student: sex, ethnic group, age, home and points at entry."""
    i, year = of.i, of.year
    sex = Coded(np.where(people.male[i], 0, 1), ["1", "2"])
    area = Coded(of.domicile, area_codes("E01"))
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
        "he_la_anon": areas.authority_of(of.domicile) + 1000,
        "he_totalts": tariff,
        "he_xtariff01": tariff,
        "he_xtariff03": tariff,
        "he_xtariff04": tariff,
        "he_xtariff": tariff,
    }


def _derived_columns(people: People, paths: Pathways, of: _Instances) -> Rows:
    """Other levels, ages, domicile and entry qualifications that follow from the same instances."""
    i, year, kind, obtained, told = of.i, of.year, of.kind, of.obtained, of.told
    size, first, born = len(i), of.of_instance == 1, people.birth_year[i]
    one = np.ones(size, dtype=bool)
    award = np.where(obtained, kind, -1)
    at_august = year - 1 - born - (people.birth_month[i] > 8)
    at_july = year - born - (people.birth_month[i] > 7)
    six = np.searchsorted([18, 21, 25, 30], at_august, side="right")
    groups = [np.searchsorted([21, 25, 30], age, side="right") for age in (at_august, at_july)]
    after = np.isin(kind, (MASTERS, PGCE, DOCTORATE))
    part = of.mode == PART
    level_3 = paths.level3_passed[i]
    tops_up = paths.career.top_up[i] & (kind == FIRST_DEGREE)
    entry = np.select([after, tops_up, paths.a_levels[i] & level_3, level_3], [0, 3, 1, 2], -1)
    teacher = kind == PGCE
    jacs = np.where(teacher, paths.subject[i] + np.where(year >= FIRST_JACS_3_YEAR, len(subjects.SUBJECTS), 0), -1)
    jacs = np.where(year <= LAST_JACS_YEAR, jacs, -1)
    ethnic = np.array([ANALYTICAL_ETHNIC.index(ANALYTICAL_OF[code[0]]) for code in MINORS])[people.minor[i]]

    def constant(text: str) -> Coded:
        return Coded(np.zeros(size, dtype=np.int8), [text])

    return {
        "he_mode": Coded(of.mode, MODES),
        "he_xqmode01": Coded(np.where(obtained, part, -1), ["1", "2"]),
        "he_xlev601": Coded(kind, LEVEL_6),
        "he_xqlev301": Coded(award, LEVEL_3),
        "he_xqlev601": Coded(award, LEVEL_6),
        "he_yearstu": of.of_instance,
        "he_typeyr": Coded(np.isin(kind, (MASTERS, DOCTORATE)).astype(np.int8), ["1", "2"]),
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
        "he_xhoos01": constant("Home"),
        "he_qualent3": Coded(entry, ["H11", "P50", "P41", "J30"]),
        "he_notact": constant("0"),
        "he_feeelig": constant("1"),
        "he_fundcode": constant("1"),
        "he_fundcomp": Coded((of.left | of.again).astype(np.int8), ["1", "2"]),
        "he_rsnleave": Coded(np.where(of.last, of.reason, -1), REASONS),
        "he_pgcesbj": Coded(jacs, subjects.JACS_2 + subjects.JACS_3),
        "he_pgcesbj1": Coded(jacs, subjects.JACS_2 + subjects.JACS_3),
        "he_pgceclss": Coded(np.where(teacher & paths.graduated[i], of.classes, -1), ["01", "02", "03", "04"]),
    }


def _place_columns(of: _Instances) -> Rows:
    """Where the student lived before the course, where the provider is, and whether the year is spent there."""
    region, regions = universities.place_names()
    authority = areas.authority_of(of.domicile)
    country = areas.COUNTRY_OF[authority]
    home = np.where(country > 0, len(codes.REGIONS) + country - 1, areas.REGION_OF[authority])
    return {
        "he_xdomgr01": Coded(home, [*codes.REGIONS, *areas.COUNTRIES[1:]]),
        "he_xdomreg01": Coded(country, areas.COUNTRIES),
        "he_xinstc01": Coded(universities.country()[of.provider], universities.COUNTRIES),
        "he_xinstg01": Coded(region[of.provider], regions),
        "he_locsdy": Coded(of.place, PLACES),
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
    year, first = of.year, of.subject
    second, share = _second_subject(people, of.i, first, of.kind)
    count = len(subjects.SUBJECTS)
    labels = subjects.JACS_2 + subjects.JACS_3
    third, fourth = _more_subjects(people, of.i, first, second)
    rows: Rows = _shares(share, second, third, fourth)
    for number, subject in ((1, first), (2, second), (3, third), (4, fourth)):
        code = np.where(subject < 0, -1, subject + np.where(year >= FIRST_JACS_3_YEAR, count, 0))
        jacs = np.where(year <= LAST_JACS_YEAR, code, -1)
        rows |= {
            f"he_xjacs01_{number}": Coded(jacs, labels),
            f"he_xjacs201_{number}": Coded(jacs, [label[:2] for label in labels]),
            f"he_xjacsa01_{number}": Coded(jacs, [label[0] for label in labels]),
            f"he_xhecos_{number}": Coded(subject, subjects.HECOS_CODES),
            f"he_xcah01_{number}": Coded(subject, subjects.CAH),
            f"he_xcah02_{number}": Coded(subject, subjects.CAH_2),
        }
        if number < 4:
            rows[f"he_sbjqa{number}"] = Coded(np.where(year <= LAST_SBJQA_YEAR, code, -1), labels)
    return rows
