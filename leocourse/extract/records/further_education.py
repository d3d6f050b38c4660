"""The individualised learner record: learners, their aims, and the reference table of learning aims (LARS).

Full-time college, apprenticeships (a programme aim and a component aim, so counting rows counts twice),
traineeships, and adult further education after 19. Aims stand in each academic year they touch.
References of aims lie outside the range of real ones, but ZPROG001, the programme aim, is real.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import day
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import a_levels
from leocourse.extract.lives.pathways import Pathways, by_group, month_of
from leocourse.extract.lives.population import MINORS, People

YEARS = range(2003, 2022)
COLLEGE, PROGRAMME, COMPONENT, ADULT, TRAINEESHIP = range(5)
AREAS = {  # area: second tier and its title, weight in college, weights of male and female apprentices
    1: ("1.3", "Health and social care", 150, 245, 735),
    3: ("3.1", "Agriculture", 30, 35, 25),
    4: ("4.1", "Engineering", 100, 410, 36),
    5: ("5.2", "Building and construction", 90, 228, 17),
    6: ("6.1", "ICT practitioners", 90, 180, 50),
    7: ("7.3", "Service enterprises", 110, 120, 167),
    8: ("8.1", "Sport, leisure and recreation", 90, 36, 24),
    9: ("9.2", "Crafts, creative arts and design", 110, 5, 7),
    13: ("13.2", "Direct learning support", 20, 10, 70),
    15: ("15.3", "Business management", 130, 410, 560),
}
"""Apprentice weights follow starts in 2022/23: health 98,000, business 97,000, engineering 44,600, retail
28,700, construction 24,500, digital 23,000."""
ADULT_WEIGHTS = {
    "level 1": 15,
    "level 2": 30,
    "level 3": 13,
    "basic skills": 26,
    "community": 12,
    "access": 4,
}
ADULT_RATES = [15, 195, 178, 133, 110, 98, 75, 64, 49, 41, 36, 34, 29, 27, 24, 19]
"""Adult courses that begin in each academic year from the third after year 11 on, per thousand of those
who are in no full-time study. There is at most one in two years: see :func:`_adults`."""
ADULT_FACTORS = {"A": 1_000, "B": 1_250, "C": 650, "M": 1_050, "free school meals": 1_000, "statement": 1_500,
                 "women": 850, "women, each year": 45}  # fmt: skip
"""What multiplies those rates, in thousandths; that of women grows with each year."""
LONG_COURSES = 780_000
"""Share of adult courses that last from autumn to spring at least, in millionths."""
STANDARDS = {2016: 10_000, 2017: 50_000, 2018: 440_000, 2019: 630_000, 2020: 770_000, 2021: 950_000}
"""Share of apprenticeships that start on a standard and not a framework, by academic year."""
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


class Aim(NamedTuple):
    """An entry of the reference table of learning aims."""

    ref: str
    title: str
    qualtype: str
    level: int
    area: str
    area2: str
    basic: int = 0
    """Basic skills: 1 literacy, 2 numeracy, 3 language, 0 none."""
    fine: int = -2
    genre: str = "EOQ"
    full: int = 0
    """Counts as a full level 2 or 3 qualification."""


def _catalogue() -> list[Aim]:
    words = {1: "Introductory certificate", 2: "Diploma", 3: "Extended diploma"}
    types = {1: "0016", 2: "0006", 3: "0017"}  # certificate, diploma, national diploma
    aims = [Aim("ZPROG001", "Apprenticeship or traineeship programme", "", -1, "-2.00", "-2.00", genre="IGC")]
    for area, (second, title, *_) in AREAS.items():
        for level in (1, 2, 3):
            aims.append(
                Aim(
                    f"X{area:02d}{level}001X",
                    f"{words[level]} in {title.lower()}",
                    types[level],
                    level,
                    str(area),
                    second,
                    full=int(level > 1),
                )
            )
        aims.append(Aim(f"X{area:02d}3003X", f"Subsidiary diploma in {title.lower()}", "0006", 3, str(area), second))
        for level in (2, 3, 4, 5, 6, 7):
            aims.append(Aim(f"X{area:02d}{level}002X", f"NVQ level {level} in {title.lower()}", "0036", level,
                            str(area), second))  # fmt: skip
    for title, (code, _, _, area, second) in a_levels.SUBJECTS.items():
        aims.append(Aim(f"X99{code}X", f"GCE A level in {title}", "0002", 3, area, second))
    return [
        *aims,
        Aim("X141101X", "Functional skills in English, level 1", "0016", 1, "14", "14.1", 1, 20),
        Aim("X141201X", "Functional skills in mathematics, level 1", "0016", 1, "14", "14.1", 2, 19),
        Aim("X142101X", "GCSE in English language", "0003", 2, "12", "12.1", 1, 11),
        Aim("X142201X", "GCSE in mathematics", "0003", 2, "2", "2.2", 2, 12),
        Aim("X140301X", "Certificate in ESOL skills for life, entry level", "0016", 0, "14", "14.1", 3, 27),
        Aim("X141301X", "Certificate in ESOL skills for life, level 1", "0016", 1, "14", "14.1", 3, 27),
        Aim("X093901X", "Community learning: arts and crafts", "", -1, "9", "9.2", genre="IOP"),
        Aim("X143401X", "Access to higher education diploma", "0006", 3, "14", "14.1", genre="EQQ", full=1),
    ]


CATALOGUE = _catalogue()
_AT = {aim.ref: number for number, aim in enumerate(CATALOGUE)}
_LEVEL = np.array([aim.level for aim in CATALOGUE])
_BASIC = np.array([aim.basic for aim in CATALOGUE])
_FULL = np.array([aim.full for aim in CATALOGUE])
_AREA_OF = np.array([int(float(aim.area)) for aim in CATALOGUE])
_AREA2 = ["", *dict.fromkeys(aim.area2 for aim in CATALOGUE if aim.area2 != "-2.00")]


@dataclass(frozen=True)
class _Part:
    """Aims of one kind: one value an aim and academic year."""

    i: np.ndarray
    year: np.ndarray
    start: np.ndarray
    end: np.ndarray
    """Month of the end, whether or not it lies in this year."""
    due: np.ndarray
    kind: np.ndarray
    aim: np.ndarray
    number: np.ndarray
    """Number of the record among those of the person: see :data:`keys.RECORDS`."""
    sequence: np.ndarray
    status: np.ndarray
    """State once over: 2 completed, 3 withdrawn, 4 transferred, 6 on a break."""
    achieved: np.ndarray


def sector(people: People) -> np.ndarray:
    """Sector subject area in which each person trains, in college and as an apprentice alike, 1 to 15."""
    areas, stream = np.array(list(AREAS)), people.stream("after16/sector/area")
    men, women = ([line[column] for line in AREAS.values()] for column in (3, 4))
    return areas[np.where(people.male, stream.pick(men, people.person), stream.pick(women, people.person))]


def _college_area(people: People) -> np.ndarray:
    areas, stream = np.array(list(AREAS)), people.stream("after16/sector/college")
    return areas[stream.pick([line[2] for line in AREAS.values()], people.person)]


def _lookup(area: np.ndarray, level: np.ndarray, family: int) -> np.ndarray:
    """Number in the catalogue of the vocational aim (family 1), NVQ (2) or first year at level 3 (3)."""
    table = np.zeros((16, 8), dtype=np.int64)
    for ref, at in _AT.items():
        if ref.endswith(f"00{family}X") and ref[1:3] not in ("99", "14"):
            table[int(ref[1:3]), int(ref[3])] = at
    return table[area, level]


def _college(people: People, paths: Pathways) -> list[_Part]:
    """Full-time further education: one vocational aim a year, or two to four A levels."""
    parts, area = [], _college_area(people)
    early = people.stream("further_education/early")
    subsidiary = people.stream("further_education/further").chance(500_000, people.person)
    for step in range(4):
        for number in range(a_levels.MOST):
            begun = paths.a_levels & (paths.level_three.subject[:, number] >= 0)
            if step < 2:
                here = (paths.college_years > step) & ~paths.private_sixth_form & (begun | (number == 0))
            else:  # one course a year
                here = (paths.further_years > step - 2) & (number == 0)
            i = np.flatnonzero(here)
            year = people.cohort[i] + 18 + step
            start = month_of(year - 1, 9)
            passed = paths.college_passed[i, min(step, 1)]
            if step > 1:
                passed = early.chance(750_000, people.person[i], 2_000 + year)
            if step == 1:  # each A level is passed or failed by itself
                passed = np.where(paths.a_levels[i], paths.level_three.grade[i, number] > 0, passed)
            left = ~passed & early.chance(450_000, people.person[i], year)
            a_level = np.array([_AT[f"X99{code}X"] for code in a_levels.CODES])
            level = paths.college_level[i]
            course = _lookup(area[i], level, 1)
            if step == 0:  # a course at level 3 takes two years; its first year is no full qualification
                course = np.where(level == 3, _lookup(area[i], level, 3), course)
            if step == 2:  # retakes and courses at the same level: no full level 3 by 19
                course = np.where((level == 3) | subsidiary[i] & (level == 2), _lookup(area[i], 3 + 0 * i, 3), course)
            if step == 3:
                course = _lookup(area[i], np.minimum(level + 1, 3), 1)
            aim = np.where(paths.a_levels[i] & (step < 2), a_level[paths.level_three.course[i, number]], course)
            one = np.ones(len(i), dtype=np.int64)
            end = start + np.where(left, 2 + early.below(6, people.person[i], 1_000 + year), 10)
            parts.append(
                _Part(
                    i,
                    year,
                    start,
                    end,
                    start + 10,
                    one * COLLEGE,
                    aim,
                    year % 8,
                    one * (number + 1),
                    np.where(left, 3, 2),
                    passed,
                )
            )
    return parts


def _apprentices(people: People, paths: Pathways) -> list[_Part]:
    """An apprenticeship: the same programme aim and component aim in each academic year it touches."""
    parts, area = [], sector(people)
    stops = people.stream("further_education/stops").pick([85, 7, 8], people.person)
    for step in range(5):
        i = np.flatnonzero(paths.apprenticeship > 0)
        year = (paths.apprenticeship_start[i] + 5) // 12 + 2000 + step
        i, year = (column[paths.apprenticeship_end[i] >= month_of(year - 1, 8)] for column in (i, year))
        status = np.where(paths.completed[i], 2, np.array([3, 4, 6])[stops[i]])
        for kind in (PROGRAMME, COMPONENT):
            one = np.ones(len(i), dtype=np.int64)
            aim = _lookup(area[i], paths.apprenticeship[i], 2) if kind == COMPONENT else one * _AT["ZPROG001"]
            parts.append(
                _Part(
                    i,
                    year,
                    paths.apprenticeship_start[i],
                    paths.apprenticeship_end[i],
                    paths.apprenticeship_due[i],
                    one * kind,
                    aim,
                    16 + year % 8,
                    one * kind,
                    status,
                    paths.completed[i],
                )
            )
    return parts


def _adults(people: People, paths: Pathways) -> list[_Part]:
    """Adult further education after 19: courses of at most a year, at most one in two years."""

    def stream(name: str):
        return people.stream("further_education/adult" + name)

    parts, area, person = [], _college_area(people), people.person
    refs = {
        "basic skills": ["X141101X", "X141201X", "X142101X", "X142201X"],
        "community": ["X093901X"],
        "access": ["X143401X"],
    }
    for episode in range(len(ADULT_RATES) // 2):
        first, later = (_adult_rate(people, 2 * episode + half) for half in (0, 1))
        draw = stream("").below(1_000_000, person, episode)
        year = people.cohort + 20 + 2 * episode + (draw >= first)
        busy = (year >= paths.university_year) & (year < paths.university_year + paths.university_years)
        busy |= year < people.cohort + 20 + paths.further_years
        takes = (draw < first + later) & ~busy
        i = np.flatnonzero(takes)
        who, year = person[i], year[i]
        kind = stream("/kind").pick(list(ADULT_WEIGHTS.values()), who, episode)
        pick = stream("/which").below(4, who, episode)
        aim = _lookup(area[i], np.clip(kind + 1, 1, 3), 1)
        for at, name in enumerate(ADULT_WEIGHTS):
            if name in refs:
                options = np.array([_AT[ref] for ref in refs[name]])
                aim = np.where(kind == at, options[pick % len(options)], aim)
        language = people.english_additional[i] & stream("/language").chance(250_000, who, episode)
        aim = np.where(language, np.array([_AT["X140301X"], _AT["X141301X"]])[pick % 2], aim)
        long = stream("/long").chance(LONG_COURSES, who, episode)
        start = stream("/start").pick([50, 12, 6, 4, 14, 8, 6], who, episode)
        start = month_of(year - 1, 9) + np.where(long, np.minimum(start, 1), start)
        length = np.where(long, 6, 1) + stream("/length").below(5, who, episode)
        due = np.minimum(start + length, month_of(year, 7))
        achieved = stream("/achieved").chance(800_000, who, episode)
        left = ~achieved & stream("/left").chance(600_000, who, episode)
        end = np.where(left, np.minimum(start + 1, due), due)
        one = np.ones(len(i), dtype=np.int64)
        parts.append(
            _Part(
                i,
                year,
                start,
                end,
                due,
                one * ADULT,
                aim,
                one * (8 + episode),
                one,
                np.where(left, 3, 2),
                achieved,
            )
        )
    return parts


def _adult_rate(people: People, step: int) -> np.ndarray:
    """Chance, in millionths, of an adult course in the academic year ``20 + step`` of each birth cohort."""
    table, rate = ADULT_FACTORS, 1000 * ADULT_RATES[step]
    factor = by_group({"": 1_000} | table, people)
    women = table["women"] + table["women, each year"] * step
    factor = factor * np.where(people.male, 1_000, women) // 1000
    for name, member in (("free school meals", people.fsm_in_year_11),
                         ("statement", people.sen_in_year_11 == 3)):  # fmt: skip
        factor = np.where(member, factor * table[name] // 1000, factor)
    return rate * factor // 1000


def _trainees(people: People, paths: Pathways) -> list[_Part]:
    """Traineeships, from 2013/14: half a year, for those below level 3 who are out of full-time study."""
    year = people.cohort + 19
    free = (paths.college_level < 3) & (paths.college_years < 2) & (year >= 2014)
    i = np.flatnonzero(free & people.stream("further_education/trainee").chance(60_000, people.person))
    start, one = month_of(year[i] - 1, 10), np.ones(len(i), dtype=np.int64)
    achieved = people.stream("further_education/trainee/achieved").chance(700_000, people.person[i])
    return [_Part(i, year[i], start, start + np.where(achieved, 5, 2), start + 5, one * TRAINEESHIP,
                  one * _AT["ZPROG001"], one * 24, one, np.where(achieved, 2, 3), achieved)]  # fmt: skip


def months_of_study(people: People, paths: Pathways) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """School, college, apprenticeship and adult courses as spells: person index, first and last month."""
    august, spells = month_of(people.cohort + 17, 8), []
    for start, years in (
        (august, np.where(paths.sixth_form, 2, paths.college_years)),
        (august + 24, paths.further_years),
    ):
        i = np.flatnonzero(years > 0)
        spells.append((i, start[i], start[i] + 12 * years[i] - 1))
    i = np.flatnonzero(paths.apprenticeship > 0)
    spells.append((i, paths.apprenticeship_start[i], paths.apprenticeship_end[i]))
    courses = _adults(people, paths) + _trainees(people, paths)
    return spells + [(part.i, part.start, part.end) for part in courses]


def ilr(people: People, paths: Pathways, keys: Keys) -> tuple[Rows, Rows]:
    """Learners (one a learner, provider and academic year) and their aims."""
    every = _college(people, paths) + _apprentices(people, paths) + _adults(people, paths) + _trainees(people, paths)
    part = _Part(*(np.concatenate([getattr(each, name) for each in every]) for name in _Part.__dataclass_fields__))
    kept = np.isin(part.year, list(YEARS))
    part = _Part(*(getattr(part, name)[kept] for name in _Part.__dataclass_fields__))
    i, year, person = part.i, part.year, people.person[part.i]
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    level = np.where(apprentice, paths.apprenticeship[i], np.where(part.kind == TRAINEESHIP, 2, _LEVEL[part.aim]))
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
    aims = common | {"year": year - 1} | _aim_columns(people, part, level) | _outcome_columns(people, part)
    aims |= _derived_columns(people, part, level) | _provision_columns(people, part, level)
    rows = np.unique(common["recordid"], return_index=True)[1]
    learners = {name: column[rows] for name, column in common.items()}
    return learners | _learner_columns(people, paths, part, level, rows), aims


def _aim_columns(people: People, part: _Part, level: np.ndarray) -> Rows:
    """What was studied, in which programme, and who paid."""
    i, year, aim = part.i, part.year, part.aim
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    standard = apprentice & _on_standard(people, part)
    program = np.select([level == 2, level == 3, level >= 4], [3, 2, 16 + level], -1)  # 20 to 23: levels 4 to 7
    program = np.where(apprentice, np.where(standard, 25, program), np.where(part.kind == TRAINEESHIP, 24, -1))
    area = np.where(apprentice, sector(people)[i], np.where(part.kind == TRAINEESHIP, 14, _AREA_OF[aim]))
    second = np.array([_AREA2.index(each.area2) if each.area2 in _AREA2 else 0 for each in CATALOGUE])[aim]
    second = np.where(part.kind == TRAINEESHIP, _AREA2.index("14.1"), second)
    basic, full = _BASIC[aim], _FULL[aim]
    young, community = part.kind == COLLEGE, aim == _AT["X093901X"]
    # Apprenticeships were employer responsive (45) to 2012/13, adult skills (35) after; model 36, used from
    # May 2017, is not in the form's list, so 35 stands for it.
    model = np.where(young, np.where(year <= 2013, 21, 25), np.where(year <= 2013, np.where(apprentice, 45, 22), 35))
    return {
        "sequence_index": part.sequence,
        "learning_aim_id": Coded(aim, [each.ref for each in CATALOGUE]),
        "aimtitle": Coded(aim, [each.title for each in CATALOGUE]),
        "qualificationtype": Coded(
            np.where(aim == 0, -1, np.where(community, -1, aim)), [each.qualtype for each in CATALOGUE]
        ),
        "aimtype": np.array([4, 1, 3, 4, 1])[part.kind],
        "programme_type": program,
        "frameworkapp": (apprentice & ~standard).astype(np.int64),
        "standardapp": standard.astype(np.int64),
        "traineeship": Nullable((part.kind == TRAINEESHIP).astype(np.int64), year < 2015),
        "fundmodel": np.where(community, 10, model),
        "sof": np.where(young, 107, np.where(community, 108, 105)),
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
        "ssatier2": Coded(np.where((second == 0) | (year < 2005), -1, second), _AREA2),
        "app": (part.kind == PROGRAMME).astype(np.int64),
        "enrolment": (part.kind != COMPONENT).astype(np.int64),
        "ageaimstart": _age_in_month(people, i, part.start),
    }


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
A_LEVEL, GCSE = "0002", "0003"


_GCSE = np.array([aim.qualtype == GCSE for aim in CATALOGUE])
_A_LEVEL = np.array([aim.qualtype == A_LEVEL for aim in CATALOGUE])
_PERCENT_2 = np.where((_FULL > 0) & (_LEVEL == 2), 100, np.where(_GCSE, 20, 0))
_PERCENT_3 = np.where((_FULL > 0) & (_LEVEL == 3), 100, np.where(_A_LEVEL, 50, 0))
_CATEGORIES_2 = np.where(_GCSE, 4, np.where(_PERCENT_2 == 100, 1, -2))
_CATEGORIES_3 = np.where(_A_LEVEL, 3, np.where(_PERCENT_3 == 100, 1, -2))
_FINE = np.array([aim.fine for aim in CATALOGUE])


def _derived_columns(people: People, part: _Part, level: np.ndarray) -> Rows:
    """What follows from the aim alone: its level, what it counts for, and when it was left."""
    i, year, aim = part.i, part.year, part.aim
    size, one = len(i), np.ones(len(i), dtype=bool)
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    programme = apprentice | (part.kind == TRAINEESHIP)
    over = part.end < month_of(year, 8)
    achieved = over & part.achieved
    community = aim == _AT["X093901X"]
    basic = _BASIC[aim]
    short = np.minimum(level, 6)
    area = np.where(apprentice, sector(people)[i], np.where(part.kind == TRAINEESHIP, 14, _AREA_OF[aim]))
    ladder = _level_of_learning(part, level, basic, _FULL[aim])
    steps = np.array(sorted(LEARNING_TITLES))
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
        "funded_sfr": one,
        "funded_aim": since(2010, one),
        "partiall2": _GCSE[aim],
        "partiall3": _A_LEVEL[aim],
        "ssatier1_desc": Coded(area - 1, list(AREA_TITLES.values())),
        "leveloflearning_desc": Coded(np.searchsorted(steps, ladder), [LEARNING_TITLES[step] for step in steps]),
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
FIRST_PATHWAY, FIRST_STANDARD, LAST_STATUS = 2013, 2015, 2008
"""Academic years in which fields were first or last collected (the form's years)."""


def _provision_columns(people: People, part: _Part, level: np.ndarray) -> Rows:
    """Framework or standard, former provider number, grade, and marks of schemes. All codes are invented."""
    i, year, person = part.i, part.year, people.person[part.i]
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    standard = apprentice & _on_standard(people, part)
    framework, area = apprentice & ~standard, sector(people)[i]
    over = part.end < month_of(year, 8)
    ended = np.where(part.achieved, 2, 3)
    return {
        "framework_id": np.where(framework, 400 + area, -1),
        "pathway_id": Nullable(np.where(framework, 1 + (area + level) % 3, -1), year < FIRST_PATHWAY),
        "standard_id": Nullable(np.where(standard, 100 + 10 * area + np.minimum(level, 7), -1), year < FIRST_STANDARD),
        "a_status": Nullable(np.where(apprentice, np.where(over, ended, 1), -1), year > LAST_STATUS),
        "outcome_grade": _grades(people, part, over),
        **_marks(person, people, part),
    }


def _on_standard(people: People, part: _Part) -> np.ndarray:
    """Whether an apprenticeship that began in its year is on a standard rather than a framework."""
    begun = _academic_year(part.start)
    share = np.array([STANDARDS.get(each, 0) for each in range(1990, 2060)])[begun - 1990]
    return people.stream("further_education/standard").chance(share, people.person[part.i])


def _grades(people: People, part: _Part, over: np.ndarray) -> Coded:
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


def _marks(person: np.ndarray, people: People, part: _Part) -> Rows:
    """Up to four schemes by which an aim is marked, the first fields first."""
    stream = people.stream("further_education/schemes")
    basic = _BASIC[part.aim] > 0
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


def _level_of_learning(part: _Part, level: np.ndarray, basic: np.ndarray, full: np.ndarray) -> np.ndarray:
    """LevelOfLearning in hundredths: 9.5 is a level 3 apprenticeship, 10.1 one of level 4."""
    apprentice = (part.kind == PROGRAMME) | (part.kind == COMPONENT)
    ladder = np.select([level == 2, level == 3, level == 4, level == 5], [750, 950, 1010, 1020], 1030)
    skills = np.where(basic == 3, np.where(level == 2, 600, 300), np.where(level == 2, 500, 200))
    course = np.select(
        [level == 1, (level == 2) & (full > 0), level == 2, (level == 3) & (full > 0), level == 3],
        [100, 730, 400, 910, 900],
        0,
    )
    course = np.where(basic > 0, skills, course)
    return np.where(apprentice, ladder, np.where(part.kind == TRAINEESHIP, 710, course))


def _outcome_columns(people: People, part: _Part) -> Rows:
    """When the aim began and ended, and what came of it by the end of the academic year."""
    over = part.end < month_of(part.year, 8)
    length = people.stream("after16/day").below(28, people.person[part.i])
    ends, done = _month_day(part.end, length), over & (part.status == 2)
    gained = over & part.achieved
    return {
        "start_date": _month_day(part.start, length),
        "end_date_expected": _month_day(part.due, length),
        "end_date": Nullable(ends, ~over),
        "achievement_date": Nullable(ends, ~gained),
        "compstatus": np.where(over, part.status, 1),
        "outcome": Nullable(np.where(part.achieved, 1, 3), ~over | (part.status == 6)),
        "active": np.ones(len(over), dtype=np.int64),
        "start": (_academic_year(part.start) == part.year).astype(np.int64),
        "completion": done.astype(np.int64),
        "achievement": gained.astype(np.int64),
    }


def _learner_columns(people: People, paths: Pathways, part: _Part, level: np.ndarray, rows: np.ndarray) -> Rows:
    """Who the learners are, by the codes of the year of the record."""
    i, year = part.i[rows], part.year[rows]
    person, code = people.person[i], people.minor[i]
    sets = [np.array([known.get(minor, 98 if minor not in ("NOBT", "REFU") else 99) for minor in MINORS])
            for known in (ILR_1, ILR_2, ILR_3)]  # fmt: skip
    ethnicity = np.select([year <= 2003, year <= 2011], [sets[0][code], sets[1][code]], sets[2][code])
    silent = people.stream("further_education/silent").chance(20_000, person, year)
    difficulty = paths.difficulty[i]
    what = people.stream("further_education/difficulty").pick([40, 20, 15, 12, 13], person)
    gained = part.achieved[rows] & (part.end[rows] < month_of(year, 8))
    # The record has one flag a level: participation in a full qualification, and its achievement.
    full = {n: (level[rows] == n) & ((_FULL[part.aim[rows]] > 0) | (part.kind[rows] == PROGRAMME)) for n in (2, 3)}
    finished = year > people.cohort[i] + 19
    prior = np.select(
        [paths.level3_passed[i] & finished, paths.college_level[i] == 3, paths.college_level[i] == 2],
        [3, 2, 1],
        99,
    )
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
        "priorattain": prior,
        "appparticipant": np.isin(part.kind[rows], (PROGRAMME, COMPONENT)).astype(np.int64),
    }


def lars() -> Rows:
    """The reference table: every aim in every academic year, so a join needs the year too."""
    count, years = len(CATALOGUE), len(YEARS)
    aim, year = np.tile(np.arange(count), years), np.repeat(np.arange(years), count)

    def column(name: str) -> Coded:
        values = [str(getattr(each, name)) for each in CATALOGUE]
        return Coded(np.array([-1 if not value else at for at, value in enumerate(values)])[aim], values)

    levels = ["X" if each.level < 0 else "E" if each.level == 0 else str(each.level) for each in CATALOGUE]
    none = np.full(len(aim), -2)
    full = {n: np.where((_FULL[aim] > 0) & (_LEVEL[aim] == n), 1, -2) for n in (2, 3)}
    a_level, gcse = (np.array([each.qualtype == code for each in CATALOGUE])[aim] for code in ("0002", "0003"))
    return {
        "year": year + YEARS[0] - 1,
        "academicyear": Coded(year, [f"{each - 1}/{each}" for each in YEARS]),
        "learnaimref": column("ref"),
        "aimtitle": column("title"),
        "qualtype": column("qualtype"),
        "notional_level_v2": Coded(aim, levels),
        "sfl": (_BASIC[aim] > 0).astype(np.int64),
        "sfl_broad_type": np.where(_BASIC[aim] > 0, _BASIC[aim], none),
        "sfl_finetype": Nullable(np.array([each.fine for each in CATALOGUE])[aim], year + YEARS[0] < 2005),
        "sectorsubjectareat1": column("area"),
        "sectorsubjectareat2": column("area2"),
        "l2_cat_id": np.where(gcse, 4, full[2]),
        "l3_cat_id": np.where(a_level, 3, full[3]),
        "l2_percent": np.where(full[2] > 0, 100, np.where(gcse, 20, 0)),
        "l3_percent": np.where(full[3] > 0, 100, np.where(a_level, 50, 0)),
        "fe_he": Coded(np.where(_LEVEL[aim] >= 4, 1, 0), ["F", "H"]),
        "learning_delivery_genre": column("genre"),
    }


def _academic_year(month: np.ndarray) -> np.ndarray:
    """The academic year (the year it ends) of a month."""
    return (month + 5) // 12 + 2000


def _age_in_month(people: People, i: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Age in completed years in a month, the birthday's month counting as after it."""
    return (month - month_of(people.birth_year[i], people.birth_month[i])) // 12


def _month_day(month: np.ndarray, of_month: np.ndarray) -> np.ndarray:
    """The day number of a day (0 to 27) in a month."""
    table = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(40 * 12)])
    return table[np.clip(month, 0, len(table) - 1)] + of_month
