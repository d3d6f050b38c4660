"""What people do after year 11: sixth form, college, apprenticeship, university; and its records.

Months are numbered from January 2000 (0), so a month is ``(year - 2000) * 12 + month - 1``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract import codes
from leocourse.extract.dates import day, days_of
from leocourse.extract.keys import Keys
from leocourse.extract.population import MINORS, People
from leocourse.extract.rows import Coded, Nullable, Rows

HESA_YEARS = range(2005, 2021)
ILR_YEARS = range(2003, 2022)
NEVER = 10**6
HE_ETHNIC = {"A": 500, "B": 450, "C": 700, "M": 120, "O": 400}
"""How much likelier some groups are to enter university at a given attainment, in thousandths."""
ILR_ETHNICITY = {
    "WBRI": 31, "WIRI": 32, "WIRT": 33, "WROM": 33, "WOTH": 34, "MWBC": 35, "MWBA": 36, "MWAS": 37,
    "MOTH": 38, "AIND": 39, "APKN": 40, "ABAN": 41, "CHNE": 42, "AOTH": 43, "BAFR": 44, "BCRB": 45,
    "BOTH": 46, "OOTH": 98, "NOBT": 99, "REFU": 99,
}  # fmt: skip
SUBJECTS = ["A", "B", "C", "D", "F", "G", "H", "I", "K", "L", "M", "N", "P", "Q", "V", "W", "X"]
SUBJECT_WEIGHTS = [22, 100, 105, 10, 40, 22, 50, 47, 15, 85, 35, 134, 29, 67, 60, 108, 62]


@dataclass(frozen=True)
class Pathways:
    """What a block of people do after year 11."""

    sixth_form: np.ndarray
    """Two years in a school sixth form."""
    college_years: np.ndarray
    """Years of full-time further education (0, 1 or 2)."""
    college_level: np.ndarray
    apprenticeship: np.ndarray
    """Level of an apprenticeship: 0 (none), 2 or 3."""
    apprenticeship_start: np.ndarray
    apprenticeship_end: np.ndarray
    completed: np.ndarray
    """Completed the apprenticeship."""
    university_year: np.ndarray
    """Academic year (the year it ends) of entry to a first degree; NEVER if none."""
    university_years: np.ndarray
    graduated: np.ndarray
    subject: np.ndarray

    def studies(self, people: People, month: int) -> np.ndarray:
        """In full-time education in a month."""
        after = month - month_of(people.cohort + 17, 8)  # August after year 11
        school_years = np.where(self.sixth_form, 2, self.college_years)
        at_university = month - month_of(self.university_year - 1, 10)
        return (after < 12 * school_years) | ((at_university >= 0) & (at_university < 12 * self.university_years - 3))


def month_of(year: int | np.ndarray, month: int) -> int | np.ndarray:
    """The number of a month."""
    return (year - 2000) * 12 + month - 1


def pathways(people: People) -> Pathways:
    """Draw what people do after year 11."""
    person = people.person

    def stream(name: str):
        return people.stream("after16/" + name)

    score = people.attainment + 350 * stream("choice").normal(person) // 1000
    good, fair = score > 150, score > -800
    draw = stream("route").below(1000, person)
    sixth_form = good & ~people.independent & (draw < 620)
    level3_college = good & ~sixth_form
    college = ~good & (draw < np.where(fair, 620, 480))
    college_years = np.where(level3_college, 2, np.where(college, np.where(fair, 2, 1), 0))
    white = np.array([code[0] == "W" for code in MINORS])[people.minor]
    access = np.where(white, 150_000, 80_000) - np.where(people.sen(2010) > 0, 30_000, 0)
    university = score > np.where(good, 300, NEVER) - np.array([HE_ETHNIC.get(c[0], 0) for c in MINORS])[people.minor]
    university &= good & stream("university").chance(830_000, person)
    gap = stream("gap").chance(110_000, person).astype(np.int64)
    drops = stream("drops").chance(65_000, person)
    takes = ~university & stream("apprenticeship").chance(access + np.where(good, -60_000, 40_000), person)
    level = np.where(takes, np.where(score > -400, 3, 2), 0)
    start = month_of(people.cohort + 17, 9) + 12 * np.maximum(college_years, 2 * sixth_form)
    start += stream("apprenticeship/start").below(30, person)
    length = np.where(level == 3, 22, 13) + stream("apprenticeship/length").below(6, person)
    completed = stream("apprenticeship/completed").chance(680_000, person)
    stayed = np.where(completed, length, 3 + stream("apprenticeship/left").below(9, person))
    return Pathways(
        sixth_form=sixth_form,
        college_years=college_years,
        college_level=np.where(good, 3, np.where(fair, 2, 1)),
        apprenticeship=level,
        apprenticeship_start=np.where(takes, start, NEVER),
        apprenticeship_end=np.where(takes, start + stayed - 1, -1),
        completed=takes & completed,
        university_year=np.where(university, people.cohort + 20 + gap, NEVER),
        university_years=np.where(university, np.where(drops, 1, 3), 0),
        graduated=university & ~drops,
        subject=stream("subject").pick(SUBJECT_WEIGHTS, person),
    )


def hesa(people: People, paths: Pathways, keys: Keys) -> Rows:
    """Higher education student records, one a student and academic year."""
    i, year, of_course = [], [], []
    for step in range(4):
        chosen = np.flatnonzero(paths.university_years > step)
        i.append(chosen)
        year.append(paths.university_year[chosen] + step)
        of_course.append(np.full(len(chosen), step + 1))
    i, year, of_course = map(np.concatenate, (i, year, of_course))
    kept = np.isin(year, list(HESA_YEARS))
    i, year, of_course = i[kept], year[kept], of_course[kept]
    person = people.person[i]
    last = of_course == paths.university_years[i]
    obtained = last & paths.graduated[i]
    one = np.ones(len(i), dtype=np.int64)
    grade = people.stream("after16/class").normal(person) + people.attainment[i] // 2
    classes = 1 + (grade < 900).astype(np.int64) + (grade < -100) + (grade < -1000)
    sex = Coded(np.where(people.male[i], 0, 1), ["1", "2"])
    provider = 10_000 + people.stream("after16/university/provider").below(codes.UNIVERSITIES, person)
    return {
        "person": person,
        "collection_year": year,
        "he_pupilmatchingrefanonymous": keys.pmr(person),
        "he_xinstid01__anon": provider,
        "he_instid_anon": provider,
        "he_xlev301": Coded(one * 0, ["2"]),
        "he_xlev501": Coded(one * 0, ["3"]),
        "he_xpsr01": Coded(one * 0, ["1"]),
        "he_xpqual01": Coded(obtained.astype(np.int64), ["0", "1"]),
        "he_xqobtn01": Coded(np.where(obtained, 0, -1), ["H00"]),
        "he_xclass01": Coded(np.where(obtained, classes - 1, -1), ["01", "02", "03", "04"]),
        "he_xmode01": Coded(one * 0, ["1"]),
        "he_comdate": days_of(year - of_course, 9, 25),
        "he_enddate": Nullable(days_of(year, 6, 20), ~last),
        "he_yearprg": of_course,
        "he_gender": sex,
        "he_sexid": sex,
        "he_xagea01": year - 1 - people.birth_year[i] - (people.birth_month[i] > 8),
        "he_xjacsa01_1": Coded(paths.subject[i], SUBJECTS),
        "he_xfpe01_1": 100 * one,
    }


def ilr(people: People, paths: Pathways, keys: Keys) -> tuple[Rows, Rows]:
    """Individualised Learner Record: learners (one a learner and academic year) and their aims."""
    parts = []  # (person index, academic year, start month, end month, kind)
    for step in range(2):  # full-time further education: one aim a year
        i = np.flatnonzero(paths.college_years > step)
        first = month_of(people.cohort[i] + 17 + step, 9)
        parts.append((i, people.cohort[i] + 18 + step, first, first + 10, np.zeros(len(i), dtype=np.int64)))
    for step in range(4):  # an apprenticeship: the same two aims in each academic year it touches
        i = np.flatnonzero(paths.apprenticeship > 0)
        start, end = paths.apprenticeship_start[i], paths.apprenticeship_end[i]
        year = (start + 5) // 12 + 2000 + step
        touched = end >= month_of(year - 1, 8)
        i, year, start, end = i[touched], year[touched], start[touched], end[touched]
        for kind in (1, 2):
            parts.append((i, year, start, end, np.full(len(i), kind)))
    i, year, start, end, kind = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = np.isin(year, list(ILR_YEARS))
    i, year, start, end, kind = (column[kept] for column in (i, year, start, end, kind))
    person = people.person[i]
    apprentice = kind > 0
    number = np.where(apprentice, 16 + year % 8, year % 8)
    level = np.where(apprentice, paths.apprenticeship[i], paths.college_level[i])
    over = end < month_of(year, 8)  # ends in this academic year
    success = np.where(apprentice, paths.completed[i], people.stream("after16/pass").chance(800_000, person, year))
    length = people.stream("after16/day").below(28, person)
    years = [f"{each - 1}" for each in ILR_YEARS]
    labels = [f"{each - 1}/{each % 100:02d}" for each in ILR_YEARS]
    provider = 20_000 + people.stream("after16/provider").below(codes.COLLEGES, person)
    common = {
        "person": person,
        "year": Coded(year - ILR_YEARS[0], years),
        "academicyear": Coded(year - ILR_YEARS[0], labels),
        "dataset_identifier": Coded(np.zeros(len(i), dtype=np.int64), ["ILR"]),
        "external_id": keys.external_id(person, number),
        "recordid": keys.recordid(person, number),
        "ukprn_anon": provider,
    }
    program = np.where(apprentice, np.where(level == 3, 2, 3), -1)
    label = np.where(apprentice, np.where(level == 3, 95, 75), np.where(level == 3, 91, np.where(level == 2, 73, 10)))
    aims = common | {
        "sequence_index": np.where(kind == 2, 2, 1),
        "aimtype": np.array([4, 1, 3])[kind],
        "programme_type": program,
        "notional_level_v2": level,
        "leveloflearning": 10 * label,
        "start_date": _month_day(start, length),
        "end_date_expected": _month_day(end, length),
        "end_date": Nullable(_month_day(end, length), ~over),
        "compstatus": np.where(~over, 1, np.where(success, 2, 3)),
        "outcome": Nullable(np.where(success, 1, 3), ~over),
        "app": (kind == 1).astype(np.int64),
        "start": (_academic_year(start) == year).astype(np.int64),
        "achievement": (over & success).astype(np.int64),
        "ssatier1": Coded(people.stream("after16/sector").below(15, person), [str(n) for n in range(1, 16)]),
    }
    first_row = np.unique(common["recordid"], return_index=True)[1]
    difficulty = people.sen(2010)[i] > 0
    learners = {name: column[first_row] for name, column in common.items()} | {
        name: column[first_row]
        for name, column in {
            "sex": Coded(np.where(people.male[i], 0, 1), ["M", "F"]),
            "ethnicity": np.array([ILR_ETHNICITY[code] for code in MINORS])[people.minor[i]],
            "acage": year - 1 - people.birth_year[i] - (people.birth_month[i] > 8),
            "lldd": np.where(difficulty, 1, 2),
            "appparticipant": apprentice.astype(np.int64),
        }.items()
    }
    return learners, aims


def _academic_year(month: np.ndarray) -> np.ndarray:
    """The academic year (the year it ends) of a month."""
    return (month + 5) // 12 + 2000


def _month_day(month: np.ndarray, of_month: np.ndarray) -> np.ndarray:
    """The day number of a day (0 to 27) in a month."""
    table = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(26 * 12)])
    return table[np.clip(month, 0, len(table) - 1)] + of_month
