"""The individualised learner record: learners, their aims, and the reference table of learning aims (LARS).

Full-time college, apprenticeships (see :mod:`.apprentice_aims`), traineeships, adult further education after 19, and
the higher education that a college teaches under its own name. How its aims are coded (prescribed higher education, no
agency funding, the funding council as the source) is not verified.
Aims stand in each academic year they touch.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import NEVER, day, month_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import a_levels, adult_learning, degrees, subjects
from leocourse.extract.lives.apprenticeships import SHORT_BEFORE, academic_year
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.records import apprentice_aims, higher_education
from leocourse.extract.records.aim_catalogue import (
    ADULT,
    AREA2,
    AREA_OF,
    AT,
    BASIC,
    CATALOGUE,
    COLLEGE,
    COMPONENT,
    FULL,
    HIGHER,
    LEVEL,
    PROGRAMME,
    TRAINEESHIP,
    Part,
    college_area,
    lookup,
)
from leocourse.extract.records.apprentice_aims import apprentices

YEARS = range(2003, 2022)
DISCLOSES = {"statement": 900_000, "support": 720_000, "": 35_000}
"""Chance that a learner says so, by what school knew of special needs, in millionths (a design choice)."""
UNDERSTATED, UNKNOWN_PRIOR = 70, 30
"""Of a thousand learners those whose prior attainment is given a level too low, and those of whom it is not known."""
WEEKEND = np.array([600_000, 900_000])
"""Chance that a day drawn on a Saturday, on a Sunday, is moved to the Monday after or, late in a month, the Friday."""
ILR_1 = {
    "ABAN": 1, "BAFR": 2, "BCRB": 3, "BOTH": 4, "CHNE": 5, "AIND": 6, "APKN": 7, "WBRI": 8, "WIRI": 8,
    "WIRT": 8, "WROM": 8, "WOTH": 8, "AOTH": 9,
}  # fmt: skip
ILR_2 = {
    "ABAN": 11, "AIND": 12, "APKN": 13, "AOTH": 14, "BAFR": 15, "BCRB": 16, "BOTH": 17, "CHNE": 18,
    "MWAS": 19, "MWBA": 20, "MWBC": 21, "MOTH": 22, "WBRI": 23, "WIRI": 24, "WIRT": 25, "WROM": 25,
    "WOTH": 25,
}  # fmt: skip
ILR_3 = {
    "WBRI": 31, "WIRI": 32, "WIRT": 33, "WROM": 33, "WOTH": 34, "MWBC": 35, "MWBA": 36, "MWAS": 37,
    "MOTH": 38, "AIND": 39, "APKN": 40, "ABAN": 41, "CHNE": 42, "AOTH": 43, "BAFR": 44, "BCRB": 45,
    "BOTH": 46,
}  # fmt: skip
"""Ethnic groups in the three code sets: 2002/03, to 2010/11, and from 2011/12. Others: 98, unknown 99."""
DIFFICULTIES = [12, 10, 94, 14, 8]
"""Dyslexia, moderate and other specific difficulties, autism, social and emotional ones (LLDD_DETAIL)."""
OLD_DIFFICULTIES = [10, 1, 19, 20, 97]
"""The nearest codes of the set used up to 2014/15 (LEARNDIFF)."""


def _college(people: People, paths: Pathways) -> list[Part]:
    """Full-time further education: a vocational aim a year, or one to four A levels, or both."""
    parts, area = [], college_area(people)
    early = people.stream("further_education/early")
    a_level = paths.a_levels & ~paths.changed  # who left A levels for college takes a vocational course there
    mixed = a_level & (paths.level_three.begun_vocational > 0)
    for step in range(4):
        for number in range(a_levels.MOST + 1):
            here = _takes(paths, step, number, a_level, mixed)
            i = np.flatnonzero(here)
            year = people.cohort[i] + 18 + step
            start = month_of(year - 1, 9)
            aim, passed = _course(people, paths, i, (step, number), area[i], a_level[i])
            left = ~passed & early.chance(450_000, people.person[i], year)
            one = np.ones(len(i), dtype=np.int64)
            end = start + np.where(left, 2 + early.below(6, people.person[i], 1_000 + year), 10)
            parts.append(
                Part(i, year, start, end, start + 10, one * COLLEGE, aim, year % 8, one * (number + 1),
                     np.where(left, 3, 2), passed)
            )  # fmt: skip
    return parts


def _takes(paths: Pathways, step: int, number: int, a_level: np.ndarray, mixed: np.ndarray) -> np.ndarray:
    """Who takes a course of this number in a year after year 11: A levels, then what is beside them, or one course."""
    if step > 1:
        here = (paths.further_years > step - 2) & (number == 0)
        return here & ~paths.third_at_school if step == 2 else here
    if number == a_levels.MOST:
        return paths.in_college(step) & mixed
    begun = a_level & (paths.level_three.subject[:, number] >= 0)
    return paths.in_college(step) & (begun | (number == 0))


def _course(
    people: People, paths: Pathways, i: np.ndarray, at: tuple[int, int], area: np.ndarray, a_level: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The aim of these people in a year after year 11 (``at``: the year and the number), and whether it is passed."""
    step, number = at
    level, passed = paths.college_level[i], paths.college_passed[i, min(step, 1)]
    subsidiary = lookup(area, 3 + 0 * i, 3)
    if number == a_levels.MOST:
        return subsidiary, passed if step == 0 else paths.level_three.vocational_grade[i] > 0
    level = np.where(paths.changed[i], np.minimum(level, 2), level)
    course = lookup(area, level, 1)
    if step == 0:  # a course at level 3 takes two years; its first year is no full qualification
        course = np.where(level == 3, subsidiary, course)
    if step == 1:  # each A level is passed or failed by itself
        passed = np.where(a_level, paths.level_three.grade[i, number] > 0, passed)
    if step > 1:
        early = people.stream("further_education/early")
        passed = early.chance(750_000, people.person[i], 2_000 + people.cohort[i] + 18 + step)
    if step == 2:  # retakes and courses at the same level: no full level 3 by 19
        further = people.stream("further_education/further").chance(500_000, people.person)[i]
        course = np.where((level == 3) | further & (level == 2), subsidiary, course)
    if step == 3:
        course = lookup(area, np.minimum(level + 1, 3), 1)
    taken = np.array([AT[f"X99{code}X"] for code in a_levels.CODES])[paths.level_three.course[i, number]]
    return np.where(a_level & (step < 2), taken, course), passed


def _adults(people: People, paths: Pathways) -> list[Part]:
    """Adult further education after 19: courses of at most a year."""
    taken = paths.courses
    i, episode, who = taken.i, taken.episode, people.person[taken.i]

    def stream(name: str):
        return people.stream("further_education/adult" + name)

    refs = {
        "basic skills": ["X141101X", "X141201X", "X142101X", "X142201X"],
        "community": ["X093901X"],
        "access": ["X143401X"],
    }
    area, pick = college_area(people)[i], stream("/which").below(4, who, episode)
    aim = lookup(area, np.clip(taken.kind + 1, 1, 3), 1)
    for at, name in enumerate(adult_learning.KINDS):
        if name in refs:
            options = np.array([AT[ref] for ref in refs[name]])
            aim = np.where(taken.kind == at, options[pick % len(options)], aim)
    aim = np.where(taken.level == 4, lookup(area, 4 + 0 * i, 2), aim)
    aim = np.where((taken.level > 1) & (taken.level < 4) & ~taken.long, lookup(area, taken.level, 4), aim)
    language = people.english_additional[i] & stream("/language").chance(250_000, who, episode)
    language &= taken.level == 0
    aim = np.where(language, np.array([AT["X140301X"], AT["X141301X"]])[pick % 2], aim)
    one = np.ones(len(i), dtype=np.int64)
    status = np.where(taken.left, 3, 2)
    return [Part(i, taken.year, taken.start, taken.end, taken.due, one * ADULT, aim, 8 + episode, one, status,
                 taken.achieved)]  # fmt: skip


def higher(people: People, paths: Pathways) -> list[Part]:
    """Foundation degrees taught in college: one aim from entry to its end, a row in each of its academic years."""
    of = higher_education.enrolments(people, paths)
    of = of.chosen(higher_education.in_college(paths, of))
    i, begun = of.i, paths.university_year[of.i]
    area = np.array([degrees.COLLEGE_AREAS.get(name, 0) for name in subjects.SUBJECTS])[of.subject]
    last = begun + paths.career.first_years[i] - 1
    left, achieved = paths.career.leaves[i], paths.career.diploma[i]
    early = people.stream("further_education/early").below(6, people.person[i], 3_000 + last)
    one, start = np.ones(len(i), dtype=np.int64), month_of(begun - 1, 9)
    end = np.where(left, month_of(last - 1, 11) + early, month_of(last, 6))
    number = (people.cohort[i] + 18 + 4 + of.year - begun) % 8  # the numbers that four years after year 11 leave free
    return [Part(i, of.year, start, end, month_of(begun + 1, 6), one * HIGHER, lookup(area, 5 * one, 5), number, one,
                 np.where(left, 3, 2), achieved)]  # fmt: skip


def trainees(people: People, paths: Pathways) -> list[Part]:
    """Traineeships, from 2013/14: half a year, for those below level 3 who are out of full-time study."""
    year = people.cohort + 19
    free = (paths.college_level < 3) & (paths.years_after < 2) & (year >= 2014)
    i = np.flatnonzero(free & people.stream("further_education/trainee").chance(60_000, people.person))
    start, one = month_of(year[i] - 1, 10), np.ones(len(i), dtype=np.int64)
    achieved = people.stream("further_education/trainee/achieved").chance(700_000, people.person[i])
    return [Part(i, year[i], start, start + np.where(achieved, 5, 2), start + 5, one * TRAINEESHIP,
                  one * AT["ZPROG001"], one * 24, one, np.where(achieved, 2, 3), achieved)]  # fmt: skip


def months_of_study(people: People, paths: Pathways) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """School, college, apprenticeship and adult courses as spells: person index, first and last month."""
    august, spells = month_of(people.cohort + 17, 8), []
    for start, years in (
        (august, paths.years_after),
        (august + 24, paths.further_years),
    ):
        i = np.flatnonzero(years > 0)
        spells.append((i, start[i], start[i] + 12 * years[i] - 1))
    for first, last in paths.apprenticeships.spells:
        i = np.flatnonzero(first < NEVER)
        spells.append((i, first[i], last[i]))
    courses = _adults(people, paths) + trainees(people, paths)
    return spells + [(part.i, part.start, part.end) for part in courses]


def level_three_later(people: People, paths: Pathways, year: int) -> np.ndarray:
    """Indices of those who have achieved a full aim at level 3 after the three years from year 11 on, up to a year."""
    later = [part for part in _college(people, paths) if len(part.i)] + _adults(people, paths)
    of = [(part.year <= year) & (part.year > people.cohort[part.i] + 20) & part.achieved & (LEVEL[part.aim] == 3)
          for part in later]  # fmt: skip
    return np.unique(np.concatenate([part.i[each] for part, each in zip(later, of, strict=True)]))


def ilr(people: People, paths: Pathways, keys: Keys, jobs: Employers | None = None) -> tuple[Rows, Rows]:
    """Learners (one a learner, provider and academic year) and their aims, with the employers if ``jobs`` are given."""
    every = _college(people, paths) + apprentices(people, paths) + _adults(people, paths) + trainees(people, paths)
    every += higher(people, paths)
    part = Part(*(np.concatenate([getattr(each, name) for each in every]) for name in Part.__dataclass_fields__))
    kept = np.isin(part.year, list(YEARS))
    part = Part(*(getattr(part, name)[kept] for name in Part.__dataclass_fields__))
    i, year, person = part.i, part.year, people.person[part.i]
    whole = np.where(part.kind == TRAINEESHIP, 2, part.level)
    level = np.where((part.kind == PROGRAMME) | (part.kind == TRAINEESHIP), whole, LEVEL[part.aim])
    episode = np.where(part.kind == ADULT, part.number, part.number // 8)  # one provider an episode
    school = people.stream("after16/provider").below(codes.COLLEGES, person, episode)
    common = {
        "person": person,
        "year": Coded(year - YEARS[0], [f"{each - 1}" for each in YEARS]),
        "academicyear": Coded(year - YEARS[0], [f"{each - 1}/{each}" for each in YEARS]),
        "dataset_identifier": Coded(np.zeros(len(i), dtype=np.int64), ["ILR"]),
        "external_id": keys.external_id(person, part.number),
        "recordid": keys.recordid(person, part.number),
        "ukprn_anon": 20_000 + school,
        "upin_anon": 110_000 + school,  # the same provider under the old numbers
    }
    # The form holds the year as a number here and as text in the learners table.
    aims = common | {"year": year - 1} | _aim_columns(people, paths, part, level) | _outcome_columns(people, part)
    aims |= _derived_columns(people, paths, part, level) | apprentice_aims.programme_columns(people, paths, part, jobs)
    aims |= _provision_columns(people, paths, part, level)
    rows = np.unique(common["recordid"], return_index=True)[1]
    learners = {name: column[rows] for name, column in common.items()}
    return learners | _learner_columns(people, paths, part, level, rows), aims


def _aim_columns(people: People, paths: Pathways, part: Part, level: np.ndarray) -> Rows:
    """What was studied, in which programme, and who paid."""
    i, year, aim, whole = part.i, part.year, part.aim, part.level
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    standard = apprentice_aims.on_standard(paths, part)
    program = np.select([whole == 2, whole == 3, whole >= 4], [3, 2, 16 + whole], -1)  # 20 to 23: levels 4 to 7
    program = np.where(apprentice, np.where(standard, 25, program), np.where(part.kind == TRAINEESHIP, 24, -1))
    area = _area(paths, part)
    second = np.array([AREA2.index(each.area2) if each.area2 in AREA2 else 0 for each in CATALOGUE])[aim]
    second = np.where(part.kind == TRAINEESHIP, AREA2.index("14.1"), second)
    basic, full = BASIC[aim], FULL[aim]
    council = part.kind == HIGHER
    young, community = part.kind == COLLEGE, aim == AT["X093901X"]
    # Apprenticeships were employer responsive (45) to 2012/13, adult skills (35) after; model 36, used from
    # May 2017, is not in the form's list, so 35 stands for it.
    model = np.where(young, np.where(year <= 2013, 21, 25), np.where(year <= 2013, np.where(apprentice, 45, 22), 35))
    return {
        "sequence_index": part.sequence,
        "learning_aim_id": Coded(aim, [each.ref for each in CATALOGUE]),
        "aimtitle": Coded(aim, [each.title for each in CATALOGUE]),
        "qualificationtype": Coded(
            np.where((aim == 0) | community | council, -1, aim), [each.qualtype for each in CATALOGUE]
        ),
        "aimtype": np.array([4, 1, 3, 4, 1, 4])[part.kind],
        "programme_type": program,
        "frameworkapp": (apprentice & ~standard).astype(np.int64),
        "standardapp": standard.astype(np.int64),
        "traineeship": Nullable((part.kind == TRAINEESHIP).astype(np.int64), year < 2015),
        "fundmodel": np.where(community, 10, np.where(council, 99, model)),
        "sof": np.select([young, community, council], [107, 108, 1], 105),
        "notional_level_v2": Nullable(level, year < 2005),
        "leveloflearning": _level_of_learning(part, level, basic, full),
        "sfl": (basic > 0).astype(np.int64),
        "sfl_type": Nullable(np.where(basic > 0, basic, 9), year < 2009),
        "engmath": ((basic == 1) | (basic == 2)).astype(np.int64),
        "esol": (basic == 3).astype(np.int64),
        "fulll2": ((full > 0) & (level == 2)).astype(np.int64),
        "fulll3": ((full > 0) & (level == 3)).astype(np.int64),
        "cl": Nullable(community.astype(np.int64), year < 2012),
        "ssatier1": Coded(np.where(year < 2005, -1, area - 1), [str(n) for n in range(1, 16)]),
        "ssatier2": Coded(np.where((second == 0) | (year < 2005), -1, second), AREA2),
        "app": (part.kind == PROGRAMME).astype(np.int64),
        "enrolment": (part.kind != COMPONENT).astype(np.int64),
        "ageaimstart": _age_in_month(people, i, part.start),
    }


def _area(paths: Pathways, part: Part) -> np.ndarray:
    """Sector subject area: of a programme that of the apprenticeship, else that of the aim."""
    other = np.where(part.kind == TRAINEESHIP, 14, AREA_OF[part.aim])
    return np.where(part.kind == PROGRAMME, paths.apprenticeships.sector[part.i], other)


AREA_TITLES = {
    1: "Health, Public Services and Care", 2: "Science and Mathematics",
    3: "Agriculture, Horticulture and Animal Care", 4: "Engineering and Manufacturing Technologies",
    5: "Construction, Planning and the Built Environment", 6: "Information and Communication Technology (ICT)",
    7: "Retail and Commercial Enterprise", 8: "Leisure, Travel and Tourism", 9: "Arts, Media and Publishing",
    10: "History, Philosophy and Theology", 11: "Social Sciences", 12: "Languages, Literature and Culture",
    13: "Education and Training", 14: "Preparation for Life and Work", 15: "Business, Administration, Finance and Law",
}  # fmt: skip
LEARNING_TITLES = {
    0: "Other", 100: "Level 1", 200: "Level 1 English & Maths", 300: "Level 1 ESOL", 400: "Level 2",
    500: "Level 2 English & Maths", 600: "Level 2 ESOL", 710: "Traineeship", 730: "Full level 2",
    750: "Level 2 Apprenticeship", 900: "Partial level 3 (towards full)", 910: "Full level 3",
    950: "Level 3 Apprenticeship", 1010: "Level 4 Apprenticeship", 1020: "Level 5 Apprenticeship",
    1030: "Level 6+ Apprenticeship",
}  # fmt: skip
"""Titles of the areas and of the levels of learning, by the codes of the same aims."""
TITLES = [*(LEARNING_TITLES[step] for step in sorted(LEARNING_TITLES)), "Level 5"]
"""Those titles in order, and that of a foundation degree, which has the code of an apprenticeship at level 5."""
A_LEVEL, GCSE = "0002", "0003"


_GCSE = np.array([aim.qualtype == GCSE for aim in CATALOGUE])
_A_LEVEL = np.array([aim.qualtype == A_LEVEL for aim in CATALOGUE])
_PERCENT_2 = np.where((FULL > 0) & (LEVEL == 2), 100, np.where(_GCSE, 20, 0))
_PERCENT_3 = np.where((FULL > 0) & (LEVEL == 3), 100, np.where(_A_LEVEL, 50, 0))
_CATEGORIES_2 = np.where(_GCSE, 4, np.where(_PERCENT_2 == 100, 1, -2))
_CATEGORIES_3 = np.where(_A_LEVEL, 3, np.where(_PERCENT_3 == 100, 1, -2))
_FINE = np.array([aim.fine for aim in CATALOGUE])


def _derived_columns(people: People, paths: Pathways, part: Part, level: np.ndarray) -> Rows:
    """What follows from the aim alone: its level, what it counts for, and when it was left."""
    i, year, aim = part.i, part.year, part.aim
    size = len(i)
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    programme = apprentice | (part.kind == TRAINEESHIP)
    over = part.end < month_of(year, 8)
    achieved = over & part.achieved
    community = aim == AT["X093901X"]
    basic = BASIC[aim]
    short = np.minimum(level, 6)
    area = _area(paths, part)
    ladder = _level_of_learning(part, level, basic, FULL[aim])
    title = np.where(part.kind == HIGHER, len(LEARNING_TITLES), np.searchsorted(sorted(LEARNING_TITLES), ladder))
    none = np.zeros(size, dtype=bool)

    def small(values: np.ndarray) -> Coded:
        """Whole numbers from -2 to 100 as text, from 2004/05 on."""
        return Coded(np.where(year < 2005, -1, values + 2), [str(number) for number in range(-2, 101)])

    def since(first: int, values: np.ndarray) -> Nullable:
        """A field that was first collected in the academic year that ends in ``first``."""
        return Nullable(values, year < first)

    return {
        "ageprogstart": Nullable(_age_in_month(people, i, part.start), ~programme | (year < 2014)),
        "notionalnvqlev": 100 * short,
        "notional_level": 100 * short,
        "notional_level_v2_latest": level,
        "asl": since(2009, np.where(community, 1, -1)),
        "sfl_p": since(2009, basic > 0),
        "fl2width": since(2008, 100 * _PERCENT_2[aim]),
        "fl3width": since(2008, 100 * _PERCENT_3[aim]),
        "fl2achwidth": since(2014, np.where(achieved, _PERCENT_2[aim], 0)),
        "fl3achwidth": since(2014, np.where(achieved, _PERCENT_3[aim], 0)),
        "sfl_finetype": small(_FINE[aim]),
        "fl2_cat": small(_CATEGORIES_2[aim]),
        "fl3_cat": small(_CATEGORIES_3[aim]),
        "d_olass": since(2013, np.full(size, 9)),
        "d_leaveacmnth": since(2005, np.where(over, (part.end - 7) % 12 + 1, 50)),
        "funded_sfr": part.kind != HIGHER,
        "funded_aim": since(2010, part.kind != HIGHER),
        "partiall2": _GCSE[aim],
        "partiall3": _A_LEVEL[aim],
        "ssatier1_desc": Coded(area - 1, list(AREA_TITLES.values())),
        "leveloflearning_desc": Coded(title, TITLES),
        "tlevel": since(2021, none),
        "transitionprog": since(2021, none),
    }


A_LEVEL_GRADES, GCSE_GRADES, NUMBERED_GRADES = ["A", "B", "C", "D", "E"], ["A", "B", "C"], ["7", "6", "5", "4"]
GRADES = ["PA", "FL", *A_LEVEL_GRADES, "U", *NUMBERED_GRADES, "3", "2"]
"""Grades of aims; those of GCSEs have letters to 2016/17. PA and FL are pass and fail (not verified)."""
SCHEMES = {"traineeship": 901, "basic skills": 902, "first pilot": 903, "second pilot": 904, "third pilot": 905}
"""Invented codes of schemes for the monitoring of which aims are marked: real codes are others."""
PILOTS = ("first pilot", "second pilot", "third pilot")
IN_PILOT, IN_NEXT_PILOT = 60_000, 300_000
"""Share of aims, in millionths, that are in a pilot, and of those the share in the next one too: design choices."""
FIRST_MARKS = (2003, 2003, 2013, 2014)
FIRST_PATHWAY, LAST_STATUS = 2013, 2008
"""Academic years in which fields were first or last collected (the form's years)."""


def _provision_columns(people: People, paths: Pathways, part: Part, level: np.ndarray) -> Rows:
    """Pathway of a framework, former state, grade, and marks of schemes. All codes are invented."""
    i, year, person = part.i, part.year, people.person[part.i]
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    framework = apprentice & ~apprentice_aims.on_standard(paths, part)
    area = paths.apprenticeships.sector[i]
    over = part.end < month_of(year, 8)
    ended = np.where(part.achieved, 2, 3)
    return {
        "pathway_id": Nullable(np.where(framework, 1 + (area + level) % 3, -1), year < FIRST_PATHWAY),
        "a_status": Nullable(np.where(apprentice, np.where(over, ended, 1), -1), year > LAST_STATUS),
        "outcome_grade": _grades(people, part, over),
        **_marks(person, people, part),
    }


def _grades(people: People, part: Part, over: np.ndarray) -> Coded:
    """The grade of an aim that is completed: a pass where it was achieved."""
    draw = people.stream("further_education/grade").below(60, people.person[part.i], 100 * part.year + part.sequence)
    index = {grade: at for at, grade in enumerate(GRADES)}
    a_level = np.where(part.achieved, index["A"] + draw % 5, index["U"])
    letters = np.where(part.achieved, index["A"] + draw % 3, index["D"] + draw % 2)
    numbers = np.where(part.achieved, index["7"] + draw % 4, index["3"] + draw % 2)
    other = np.where(part.achieved, index["PA"], index["FL"])
    gcse = np.where(part.year < 2017, letters, numbers)
    grade = np.where(_A_LEVEL[part.aim], a_level, np.where(_GCSE[part.aim], gcse, other))
    return Coded(np.where(over & (part.status == 2) & (part.kind != PROGRAMME), grade, -1), GRADES)


def _marks(person: np.ndarray, people: People, part: Part) -> Rows:
    """Up to four schemes by which an aim is marked, the first fields first."""
    stream = people.stream("further_education/schemes")
    basic = BASIC[part.aim] > 0
    schemes = [np.where(part.kind == TRAINEESHIP, SCHEMES["traineeship"], np.where(basic, SCHEMES["basic skills"], -1))]
    inside = np.ones(len(person), dtype=bool)
    for number, pilot in enumerate(PILOTS):
        inside = inside & stream.chance(IN_NEXT_PILOT if number else IN_PILOT, person, 10 * part.year + number)
        schemes.append(np.where(inside, SCHEMES[pilot], -1))
    marks = np.stack(schemes)
    order = np.argsort(marks < 0, axis=0, kind="stable")
    marks = np.take_along_axis(marks, order, axis=0)
    missing = (marks < 0) | (part.year < np.array(FIRST_MARKS)[:, None])
    return {f"ldm_{at + 1}": Nullable(np.maximum(marks[at], 0), missing[at]) for at in range(len(marks))}


def _level_of_learning(part: Part, level: np.ndarray, basic: np.ndarray, full: np.ndarray) -> np.ndarray:
    """LevelOfLearning in hundredths: 9.5 is a level 3 apprenticeship, 10.1 one of level 4."""
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    whole = part.level
    ladder = np.select([whole == 2, whole == 3, whole == 4, whole == 5], [750, 950, 1010, 1020], 1030)
    skills = np.where(basic == 3, np.where(level == 2, 600, 300), np.where(level == 2, 500, 200))
    course = np.select(
        [level == 1, (level == 2) & (full > 0), level == 2, (level == 3) & (full > 0), level == 3],
        [100, 730, 400, 910, 900],
        0,
    )
    course = np.where(basic > 0, skills, np.where(part.kind == HIGHER, 1020, course))
    return np.where(apprentice, ladder, np.where(part.kind == TRAINEESHIP, 710, course))


def _outcome_columns(people: People, part: Part) -> Rows:
    """When the aim began and ended, and what came of it by the end of the academic year."""
    over = part.end < month_of(part.year, 8)
    begins, due = _weekday(people, part.i, part.start), _weekday(people, part.i, part.due)
    # From 2012/13 an apprenticeship is planned for a year at least (not verified).
    year_long = (part.level > 0) & (part.due - part.start >= 12) & (part.start >= SHORT_BEFORE)
    ends, done = _weekday(people, part.i, part.end), over & (part.status == 2)
    gained = over & part.achieved
    return {
        "start_date": begins,
        "end_date_expected": np.where(year_long, np.maximum(due, begins + 365), due),
        "end_date": Nullable(ends, ~over),
        "achievement_date": Nullable(ends, ~gained),
        "compstatus": np.where(over, part.status, 1),
        "outcome": Nullable(_outcome(people, part), ~over | (part.status == 6)),
        "active": np.ones(len(over), dtype=np.int64),
        "start": (academic_year(part.start) == part.year).astype(np.int64),
        "completion": done.astype(np.int64),
        "achievement": gained.astype(np.int64),
    }


def _outcome(people: People, part: Part) -> np.ndarray:
    """Achieved, or not; who completed an apprenticeship may have achieved in part, or the result is not yet known."""
    other = people.stream("further_education/outcome").pick(
        [55, 15, 30], people.person[part.i], 40 * part.number + part.sequence
    )
    stayed = (part.kind == PROGRAMME) & (part.status == 2)
    return np.where(part.achieved, 1, np.where(stayed, np.array([3, 2, 8])[other], 3))


def _learner_columns(people: People, paths: Pathways, part: Part, level: np.ndarray, rows: np.ndarray) -> Rows:
    """Who the learners are, by the codes of the year of the record."""
    i, year = part.i[rows], part.year[rows]
    person, code = people.person[i], people.minor[i]
    sets = [np.array([known.get(minor, 98 if minor not in ("NOBT", "REFU") else 99) for minor in MINORS])
            for known in (ILR_1, ILR_2, ILR_3)]  # fmt: skip
    ethnicity = np.select([year <= 2003, year <= 2011], [sets[0][code], sets[1][code]], sets[2][code])
    silent = people.stream("further_education/silent").chance(20_000, person, year)
    difficulty = says_difficulty(people, paths)[i]
    what = people.stream("further_education/difficulty").pick([40, 20, 15, 12, 13], person)
    gained = part.achieved[rows] & (part.end[rows] < month_of(year, 8))
    # The record has one flag a level: participation in a full qualification, and its achievement.
    full = {n: (level[rows] == n) & ((FULL[part.aim[rows]] > 0) | (part.kind[rows] == PROGRAMME)) for n in (2, 3)}
    return {
        "sex": Coded(np.where(people.male[i], 0, 1), ["M", "F"]),
        "ethnicity": ethnicity,
        "acage": year - 1 - people.birth_year[i] - (people.birth_month[i] > 8),
        "lldd": np.where(silent, 9, np.where(difficulty, 1, 2)),
        "lldd_detail": Nullable(np.array(DIFFICULTIES)[what], ~difficulty | silent | (year < 2016)),
        "learndiff": Nullable(
            np.where(difficulty & ~silent, np.array(OLD_DIFFICULTIES)[what], 98), (year >= 2016) | silent
        ),
        "l_fulllevel2": Nullable(np.ones(len(i), dtype=np.int64), ~full[2]),
        "l_fulllevel3": Nullable(np.ones(len(i), dtype=np.int64), ~full[3]),
        "l_fulllevel2ach": Nullable(np.ones(len(i), dtype=np.int64), ~(full[2] & gained)),
        "l_fulllevel3ach": Nullable(np.ones(len(i), dtype=np.int64), ~(full[3] & gained)),
        "disability": Nullable(np.full(len(i), 98), difficulty | silent | (year >= 2016)),
        "l_olass": np.full(len(i), 9),
        "appparticipant": np.isin(part.kind[rows], (PROGRAMME, COMPONENT)).astype(np.int64),
    }


def says_difficulty(people: People, paths: Pathways) -> np.ndarray:
    """Who says, once a learner, that they have a learning difficulty, disability or health problem (``lldd``)."""
    return people.stream("further_education/disclosed").chance(_discloses(people, paths), people.person)


def _discloses(people: People, paths: Pathways) -> np.ndarray:
    """Chance of saying that one has a difficulty, disability or health problem: by what school knew, in millionths."""
    needs = paths.difficulty | (people.sen_in_year_11 > 0)
    return np.select([people.sen_in_year_11 == 3, needs], [DISCLOSES["statement"], DISCLOSES["support"]], DISCLOSES[""])


def prior_attainment(
    people: People, paths: Pathways, learners: Rows, levels: dict[int, np.ndarray]
) -> np.ndarray:  # fmt: skip
    """What each learner held on enrolment: what was reached before the academic year, as most of them say it.

    ``levels``: academic year in which each person reached levels 1 to 3. From 2013/14 levels above 3 have codes of
    their own each (not verified).
    """
    order = np.argsort(people.person, kind="stable")
    i = order[np.searchsorted(people.person[order], learners["person"])]
    person, year = people.person[i], learners["year"].codes.astype(np.int64) + YEARS[0]
    held = [levels[level][i] < year for level in (3, 2, 1)]
    higher = paths.apprenticeships.level_by(month_of(year - 1, 8), i)
    left = paths.university_year + paths.university_years - 1
    degree = paths.graduated[i] & (left[i] < year)
    diploma = (higher == 4) | paths.other_undergraduate[i] & (left[i] < year)
    stream = people.stream("further_education/prior")
    none = np.array([99, 9, 7])[stream.pick([50, 30, 20], person, 0)]
    levels_held = np.select([degree | (higher >= 6), higher == 5, diploma, *held], [6, 5, 4, 3, 2, 1], 0)
    told = stream.below(1000, person, 1)  # the same person says the same every year
    stated = np.where((told < UNDERSTATED) & (levels_held > 0), levels_held - 1, levels_held)
    new = np.where(stated > 3, np.where(year >= 2014, stated + 6, np.minimum(stated, 5)), stated)
    return np.where(told >= 1000 - UNKNOWN_PRIOR, 98, np.where(stated == 0, none, new))


def lars() -> Rows:
    """The reference table: every aim in every academic year, so a join needs the year too."""
    count, years = len(CATALOGUE), len(YEARS)
    aim, year = np.tile(np.arange(count), years), np.repeat(np.arange(years), count)

    def column(name: str) -> Coded:
        values = [str(getattr(each, name)) for each in CATALOGUE]
        return Coded(np.array([-1 if not value else at for at, value in enumerate(values)])[aim], values)

    levels = ["X" if each.level < 0 else "E" if each.level == 0 else str(each.level) for each in CATALOGUE]
    none = np.full(len(aim), -2)
    full = {n: np.where((FULL[aim] > 0) & (LEVEL[aim] == n), 1, -2) for n in (2, 3)}
    a_level, gcse = (np.array([each.qualtype == code for each in CATALOGUE])[aim] for code in ("0002", "0003"))
    return {
        "year": year + YEARS[0] - 1,
        "academicyear": Coded(year, [f"{each - 1}/{each}" for each in YEARS]),
        "learnaimref": column("ref"),
        "aimtitle": column("title"),
        "qualtype": column("qualtype"),
        "notional_level_v2": Coded(aim, levels),
        "sfl": (BASIC[aim] > 0).astype(np.int64),
        "sfl_broad_type": np.where(BASIC[aim] > 0, BASIC[aim], none),
        "sfl_finetype": Nullable(np.array([each.fine for each in CATALOGUE])[aim], year + YEARS[0] < 2005),
        "sectorsubjectareat1": column("area"),
        "sectorsubjectareat2": column("area2"),
        "l2_cat_id": np.where(gcse, 4, full[2]),
        "l3_cat_id": np.where(a_level, 3, full[3]),
        "l2_percent": np.where(full[2] > 0, 100, np.where(gcse, 20, 0)),
        "l3_percent": np.where(full[3] > 0, 100, np.where(a_level, 50, 0)),
        "fe_he": Coded(np.where(LEVEL[aim] >= 4, 1, 0), ["F", "H"]),
        "learning_delivery_genre": column("genre"),
    }


def _age_in_month(people: People, i: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Age in completed years in a month, the birthday's month counting as after it."""
    return (month - month_of(people.birth_year[i], people.birth_month[i])) // 12


def _weekday(people: People, i: np.ndarray, month: np.ndarray) -> np.ndarray:
    """The day number of a day of a month, seldom at a weekend: the same whenever it is asked for."""
    table = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(40 * 12)])
    at = np.clip(month, 0, len(table) - 1)
    stream, person = people.stream("after16/day"), people.person[i]
    of_month = stream.below(28, person, at)
    date = table[at] + of_month
    days_past_saturday = (date + 5) % 7  # 1 January 1970 was a Thursday
    weekend = np.where(days_past_saturday < 2, WEEKEND[np.minimum(days_past_saturday, 1)], 0)
    moves = (days_past_saturday < 2) & stream.chance(weekend, person, 1_000 + at)
    to_monday, to_friday = 2 - days_past_saturday, -1 - days_past_saturday
    return date + np.where(moves, np.where(of_month > 25, to_friday, to_monday), 0)
