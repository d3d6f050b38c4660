"""Careers in higher education: courses, years that are repeated or spent away, changes, leaving and coming back.

Drawn once for everybody who enters; the HESA records, the months of study and the truth read the same career.
Somebody's time as an undergraduate is one spell of years, or two if they leave and come back. Years in all,
degrees and further study are as many as before these careers were drawn in detail: they are set so that activities
and pay come near the published figures. What the years are spent on is a design choice, as is every rate here
without a source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import NEVER, between
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import subjects, universities
from leocourse.extract.lives.population import People
from leocourse.extract.lives.results import result
from leocourse.extract.lives.tables import by_group

LONGER_STUDY = {"": 286_000, "A": 546_000, "B": 595_000, "C": 389_000, "M": 489_000}
"""Chance of one more year at university, and of a second: what it is spent on is in :data:`EXTRA`."""
DROP_OUT = {"": 2_200, "A": 2_600, "C": 1_630, "M": 2_580}
"""What multiplies the chance of leaving university without a degree by major ethnic group, in thousandths."""
POSTGRADUATE = {"base": 240_000, "a point at A level": 9_000, "most": 400_000}
"""Chance of a postgraduate degree that is no teacher training, in millionths."""
POSTGRADUATE_FACTORS = {"": 1_000, "C": 1_500}
"""What multiplies that chance by major ethnic group, in thousandths."""
POSTGRADUATE_DELAY = [536, 465, 316, 237, 189, 158, 116, 102, 87, 73]
"""Weights of the years between a first degree and further study, from none on."""
POSTGRADUATE_BESIDE_WORK = {"at once": 80_000, "later": 600_000}
"""Share of taught master's degrees that are studied part time beside work, over two years, in millionths: of those
that begin in the two years after the first degree, and of later ones."""
OTHER = 420_000
"""Share of those with few points at A level (eight at most) who begin a diploma or foundation degree, in millionths."""
MATURE_FROM = 5
"""Years after year 11 from which those who enter university count as mature students: at 20 or later."""
MATURE_LEAVES, MATURE_OTHER = 200_000, 600_000
"""Of mature students: those who leave without a degree, and those whose course is a diploma or a foundation degree and
no first degree, in millionths."""
COLLEGE_AREAS = {
    "nursing": 1, "allied health": 1, "health and social care": 1, "agriculture": 3, "engineering": 4,
    "architecture": 5, "computing": 6, "sport": 8, "media": 9, "creative arts": 9, "performing arts": 9,
    "education": 13, "business": 15,
}  # fmt: skip
"""Subjects of diplomas and foundation degrees that further education colleges teach under their own name, with the
sector subject area that their learning aims have. Such a course is in the individualised learner record and not in
HESA's; a course that a college teaches for a university is the university's in every record (general knowledge; that
LOCSDY has one code for "at returning and/or franchised institution" is in HESA's manual of 2012/13)."""
COLLEGE_TAUGHT = {"": 480_000, "a standard deviation of results": -170_000, "free school meals": 120_000}
"""Of mature students of such a course: who takes it in a college, in millionths. Those with better results at 16 and
from better-off homes go to a university (a design choice)."""
PART_TIME_STUDY = {"level 3": 260_000, "below": 60_000}
"""Chance of part-time higher education beside work at some time, of those who never enter full time."""

FOUNDATION, REPEAT, AWAY, RESTART, RESTART_ELSEWHERE = range(5)
EXTRA = [22, 30, 18, 15, 15]
"""What a further year is: a foundation year, a year repeated, a year in work or abroad, another course begun anew at
the same university or at another one."""
LEAVES_IN = [30, 30, 40]
"""In which year those leave who get no degree: the first, the second or the third."""
COMES_BACK = 300_000
GAP = [40, 32, 18, 10]
"""Years between leaving and coming back to another degree: one to four."""
BACK_PASSES = 830_000
BACK_OTHER_SUBJECT = 450_000
TOPS_UP, TOP_UP_PASSES = 420_000, 930_000
"""Those with a diploma or foundation degree who go straight on to the last year of a degree, and pass."""
MOVES, CHANGES_COURSE = 22_000, 28_000
"""Moves to the second year at another university; changes the course, without losing a year, after the first year."""
CHANGES_BEFORE = 25_000
"""Studies another subject than the one of the accepted application: changed on arrival."""
PART_TIME_FROM, PART_TIME_DEGREE = 23, 330_000
"""Age at entry from which some study for a degree part time, and how many."""
TWO_YEARS, RESEARCH = 110_000, 60_000
"""Of postgraduates who are not trainee teachers: a master's degree of two years; a research degree."""
RESEARCH_YEARS = [65, 35]
"""Shares of research degrees that take three and four years."""
MASTERS_FIRST = 480_000
"""Research degrees that begin with a year for a taught master's degree, in millionths."""
STAYS = 600_000
"""Postgraduates at the university of their first degree."""
LEAVES_FOR = [28, 44, 14, 8, 6]
"""Reasons of those who leave: failure, personal, work, money, health."""

CLASS_LINES = [1_640, -30, -1_230]
"""Where a first, an upper second and a lower second begin, in thousandths, before :data:`CLASS_EASE`."""
CLASS_EASE = {2005: -60, 2010: 160, 2014: 480, 2018: 860, 2020: 1_040, 2025: 1_040}
"""By year of the degree: how far those lines have come down. Firsts rose steeply in these years; not verified."""
CLASS_ADDS = {"a point at A level": 160, "a standard deviation of results at key stage 4": 200, "gap year": 250}
"""What adds to the mark, in thousandths. That those who come a year later work harder is a design choice."""
CLASS_PAY = {"first": 65, "upper second": 5, "lower second": -75, "third": -155}
"""Planted returns to the class, in steps of 0.1% of the yearly rate of pay, beside those to the degree and its subject.

Nearly nothing on average over graduates. Results at A level pay through the class too, at the same attainment.
"""

FIRST_DEGREE, DIPLOMA, MASTERS, PGCE, CERTIFICATE, DOCTORATE = range(6)
FULL, PART, SANDWICH = range(3)
HERE, IN_WORK, ABROAD = range(3)
COMPLETED, FAILED, PERSONAL, TO_WORK, MONEY, HEALTH, TRANSFERRED = range(7)
LONGEST = 9
"""No undergraduate spell has more years."""


@dataclass(frozen=True)
class Career:
    """How somebody's years at university go, one element a person. Years in all are in :class:`Pathways`."""

    first_years: np.ndarray
    """Years of the first spell; all of them unless the person comes back."""
    length: np.ndarray
    """Years that the course has, one in work or abroad included, a foundation year and repeated ones not."""
    foundation: np.ndarray
    restart: np.ndarray
    """The first year of the course was done twice: another course was begun anew after it."""
    repeats: np.ndarray
    """Year of the course that was repeated; 0 for none."""
    away: np.ndarray
    """Year of the course in work or abroad; 0 for none."""
    in_work: np.ndarray
    """That year is in work, so that the course is a sandwich course."""
    part_time: np.ndarray
    """The first degree is studied part time, beside work."""
    in_college: np.ndarray
    """The first spell is a course of a further education college: see :data:`COLLEGE_AREAS`."""
    leaves: np.ndarray
    """Left the first spell without a qualification."""
    leaves_for: np.ndarray
    top_up: np.ndarray
    """The last year of a degree followed a diploma."""
    diploma: np.ndarray
    """The diploma or foundation degree was obtained."""
    first_subject: np.ndarray
    """Subject at entry; that of the degree is :attr:`Pathways.subject`."""
    second_subject: np.ndarray
    """Subject after the first year, where the course changed; else the first."""
    second_provider: np.ndarray
    """University after the first year, where it changed; else the first."""
    back_year: np.ndarray
    """Academic year in which somebody who left comes back; NEVER if not."""
    back_years: np.ndarray
    back_from: np.ndarray
    """Year of the course that they enter."""
    back_provider: np.ndarray
    back_passes: np.ndarray


def _stream(people: People, name: str) -> Stream:
    return people.stream("degrees/" + name)


def at_entry(people: People, aim: np.ndarray, accepted: np.ndarray, a_levels: np.ndarray) -> np.ndarray:
    """Subject begun by each person, should they enter.

    ``accepted`` is the subject of the application that was accepted, -1 where there was none; most study it. Others
    study what they aimed at in year 11, unless it needs A levels that they do not have.
    """
    person = people.person
    other = subjects.choose(people, people.attainment, 3)
    other = np.where(subjects.NEED_A_LEVELS[other], subjects.SUBJECTS.index("business"), other)
    own = np.where(subjects.NEED_A_LEVELS[aim] & ~a_levels, other, aim)
    found = np.where(accepted >= 0, accepted, own)
    changed = _stream(people, "changes before").chance(CHANGES_BEFORE, person) & (found != universities.MEDICINE)
    return np.where(changed, other, found)


def careers(
    people: People, *, year: np.ndarray, subject: np.ndarray, provider: np.ndarray, points: np.ndarray,
    gap_year: np.ndarray,
) -> dict[str, np.ndarray | Career]:  # fmt: skip
    """Years at university, degrees and further study of everybody.

    ``year``: academic year of entry or NEVER; ``subject``, ``provider``: those of entry; ``gap_year``: who had one
    before it. The names are those of :class:`Pathways`.
    """
    person, entered = people.person, year < NEVER
    age = year - 1 - people.birth_year
    part = entered & (age >= PART_TIME_FROM) & _stream(people, "part time").chance(PART_TIME_DEGREE, person)
    part &= (np.array(subjects.YEARS)[subject] == 3) & (subject != subjects.SUBJECTS.index("nursing"))
    mature = year >= people.cohort + 17 + MATURE_FROM
    leaves = np.clip(150_000 - 8_000 * points, 20_000, 140_000) * by_group(DROP_OUT, people) // 1000
    leaves = np.where(mature, MATURE_LEAVES, leaves)
    drops = people.stream("after16/drops").chance(leaves, person)
    diplomas = np.where(mature & (subject != universities.MEDICINE), MATURE_OTHER, np.where(points <= 8, OTHER, 0))
    other = entered & ~part & people.stream("after16/other undergraduate").chance(diplomas, person)
    course = _course(people, subject=subject, part=part, other=other)
    spell = np.where(drops, np.minimum(1 + _stream(people, "leaves in").pick(LEAVES_IN, person), course["whole"] - 1),
                     course["whole"])  # fmt: skip
    changes = _changes(people, subject=subject, provider=provider, course=course)
    passes = people.stream("higher_education/passes").chance(880_000, person, DIPLOMA)
    diploma = other & ~drops & passes
    top_up = diploma & _stream(people, "top up").chance(TOPS_UP, person)
    back = _back(people, entered & drops, year + spell, points=points, subject=changes[0])
    returns = back["back_year"] < NEVER
    years = np.where(returns, back["back_year"] + back["back_years"] - year, spell + top_up)
    passed = top_up & _stream(people, "top up/passes").chance(TOP_UP_PASSES, person)
    graduated = entered & ~other & ~drops | passed | back["back_passes"]
    career = Career(
        first_years=np.where(entered, spell, 0), length=course["length"], foundation=course["foundation"],
        restart=course["restart"], repeats=course["repeats"], away=course["away"], in_work=course["in_work"],
        part_time=part, leaves=entered & drops,
        in_college=_in_college(people, subject, course, changes, other & mature & (changes[1] == provider)),
        leaves_for=FAILED + _stream(people, "leaves for").pick(LEAVES_FOR, person),
        top_up=top_up, diploma=diploma, first_subject=subject, second_subject=changes[0], second_provider=changes[1],
        **{name: back[name] for name in ("back_year", "back_years", "back_from", "back_provider", "back_passes")},
    )  # fmt: skip
    years = np.where(entered, years, 0)
    return {
        "subject": np.where(returns, back["subject"], changes[0]),
        "university_years": years,
        "graduated": graduated,
        "degree_class": np.where(graduated, classes(people, points, year + years - 1, gap_year), -1),
        "other_undergraduate": other,
        "career": career,
        "part_time_year": _part_time(people, entered, points),
    } | _after(people, graduated, year + years, subject=changes[0], points=points)


def _course(people: People, *, subject: np.ndarray, part: np.ndarray, other: np.ndarray) -> dict[str, np.ndarray]:
    """The course that is begun: its years, those that are added, and how many there are in all."""
    person = people.person
    longer = people.stream("after16/longer").chance(np.array(subjects.FOURTH_YEAR)[subject], person)
    placement = longer & _stream(people, "placement").chance(np.array(subjects.PLACEMENT)[subject], person)
    length = np.where(other, 2, np.array(subjects.YEARS)[subject] + longer)
    more, stream = by_group(LONGER_STUDY, people), people.stream("after16/one more year")
    one = stream.chance(more, person)
    two = one & stream.chance(more, person, 1)
    extra = _stream(people, "extra").pick(EXTRA, person)
    extra = np.where((other | part) & (extra != FOUNDATION), REPEAT, extra)
    extra = np.where((subject == universities.MEDICINE) & (extra != REPEAT), AWAY, extra)  # they intercalate
    extra = np.where((extra == AWAY) & longer, REPEAT, extra)
    away = one & (extra == AWAY)
    again = one & (extra == REPEAT) | two & (extra != REPEAT)
    length = np.where(part, length + (length + 1) // 2, length + away)
    gone = placement | away | (subject == subjects.SUBJECTS.index("languages")) & ~other & ~part
    return {
        "length": length,
        "foundation": one & (extra == FOUNDATION) | two & (extra == REPEAT),
        "repeats": np.where(again, 1 + _stream(people, "repeats").pick([62, 38], person), 0),
        "restart": one & ((extra == RESTART) | (extra == RESTART_ELSEWHERE)),
        "elsewhere": one & (extra == RESTART_ELSEWHERE),
        "away": np.where(gone & ~part & ~other, length - 1, 0),
        "in_work": gone & (placement | away & _stream(people, "in work").chance(550_000, person)),
        "whole": length - away + one + two,
    }


def _changes(
    people: People, *, subject: np.ndarray, provider: np.ndarray, course: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Subject and university after the first year, which may be others."""
    person = people.person
    new = subjects.choose(people, people.attainment, 4)
    closed = subjects.NEED_A_LEVELS[new] | (subject == universities.MEDICINE)
    new = np.where(closed, subject, new)
    changes = course["restart"] & ~course["elsewhere"]
    changes |= course["elsewhere"] & _stream(people, "elsewhere").chance(400_000, person)
    changes |= _stream(people, "changes course").chance(CHANGES_COURSE, person)
    second = np.where(changes, new, subject)
    moves = course["elsewhere"] | _stream(people, "moves").chance(MOVES, person) & ~course["restart"]
    moves &= subject != universities.MEDICINE
    near = universities.choose(_stream(people, "moves to"), person, 0, np.maximum(provider, 0), second)
    near = np.where(near == provider, universities.following()[second, np.maximum(provider, 0)], near)
    return second, np.where(moves & (provider >= 0), near, provider)


def _in_college(
    people: People, subject: np.ndarray, course: dict[str, np.ndarray], changes: tuple[np.ndarray, np.ndarray],
    free: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Who of those that are ``free`` to takes the course in a further education college, and stays on it there."""
    table, taught = COLLEGE_TAUGHT, np.array([name in COLLEGE_AREAS for name in subjects.SUBJECTS])
    chance = table[""] + table["a standard deviation of results"] * result(people) // 1000
    chance = np.clip(chance + table["free school meals"] * people.fsm_in_year_11, 60_000, 940_000)
    stays = free & taught[subject] & (changes[0] == subject) & ~course["restart"]
    return stays & _stream(people, "college").chance(chance, people.person)


def _back(
    people: People, left: np.ndarray, free: np.ndarray, *, points: np.ndarray, subject: np.ndarray
) -> dict[str, np.ndarray]:
    """The second spell of those who left (``free`` is the first year after it) and come back."""
    person = people.person
    returns = left & (subject != universities.MEDICINE) & _stream(people, "comes back").chance(COMES_BACK, person)
    new = subjects.choose(people, people.attainment, 5)
    new = np.where(subjects.NEED_A_LEVELS[new], subject, new)
    new = np.where(_stream(people, "back/subject").chance(BACK_OTHER_SUBJECT, person), new, subject)
    enters = 1 + ((new == subject) & _stream(people, "back/second year").chance(500_000, person))
    passes = _stream(people, "back/passes").chance(BACK_PASSES, person)
    years = np.where(passes, np.array(subjects.YEARS)[new] + 1 - enters, 1)
    around = universities.position(points) + 12
    return {
        "subject": new,
        "back_year": np.where(returns, free + 1 + _stream(people, "back/gap").pick(GAP, person), NEVER),
        "back_years": np.where(returns, years, 0),
        "back_from": enters,
        "back_provider": universities.choose(_stream(people, "back/provider"), person, 0, around, new),
        "back_passes": returns & passes,
    }


def _part_time(people: People, entered: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Academic year in which somebody who never enters full time begins a part-time course; or NEVER."""
    person = people.person
    likely = np.where(points > 0, PART_TIME_STUDY["level 3"], PART_TIME_STUDY["below"])
    part_time = ~entered & people.stream("after16/part time").chance(likely, person)
    begins = people.cohort + 22 + people.stream("after16/part time/year").below(13, person)
    return np.where(part_time, begins, NEVER)


def _after(
    people: People, graduated: np.ndarray, free: np.ndarray, *, subject: np.ndarray, points: np.ndarray
) -> dict[str, np.ndarray]:
    """Further study of graduates: what it is, from when, and for how many years."""
    person = people.person

    def stream(name: str) -> Stream:
        return people.stream("after16/" + name)

    base, point, most = POSTGRADUATE.values()
    chance = np.clip(base + point * points, 0, most) * by_group(POSTGRADUATE_FACTORS, people) // 1000
    kind = stream("postgraduate").chance(chance, person).astype(np.int64)
    kind = np.where((kind == 1) & _stream(people, "research").chance(RESEARCH, person), 3, kind)
    teacher = stream("pgce").chance(np.array(subjects.TEACHERS)[subject], person)
    kind = np.where(graduated, np.where(teacher, 2, kind), 0)
    delay = stream("postgraduate/delay").pick(POSTGRADUATE_DELAY, person)
    beside = np.where(delay < 2, *POSTGRADUATE_BESIDE_WORK.values())
    beside = (kind == 1) & _stream(people, "beside work").chance(beside, person)
    two = beside | (kind == 1) & _stream(people, "two years").chance(TWO_YEARS, person)
    long = 3 + _stream(people, "research/years").pick(RESEARCH_YEARS, person)
    return {
        "postgraduate_beside_work": beside,
        "postgraduate": kind,
        "postgraduate_year": np.where(kind > 0, free + delay, NEVER),
        "postgraduate_years": np.where(kind == 3, long + masters_first(people), (kind > 0).astype(np.int64) + two),
    }


def masters_first(people: People) -> np.ndarray:
    """Whose research degree, should there be one, begins with a year for a taught master's degree."""
    return _stream(people, "masters first").chance(MASTERS_FIRST, people.person)


def class_pay_steps(degree_class: np.ndarray) -> np.ndarray:
    """Steps of pay that the class of a degree adds to those of the degree; 0 without one (-1)."""
    return np.array([*CLASS_PAY.values(), 0])[degree_class]


def classes(people: People, points: np.ndarray, year: np.ndarray, gap_year: np.ndarray) -> np.ndarray:
    """Class of a degree obtained in a year, had everybody one: 0 first, 1 upper and 2 lower second, 3 third."""
    by_point, by_result, by_gap_year = CLASS_ADDS.values()
    mark = people.stream("after16/class").normal(people.person) + by_result * result(people) // 1000
    mark = mark + by_point * (np.where(points > 0, points, 9) - 11) + between(CLASS_EASE, np.minimum(year, 2025))
    mark = mark + by_gap_year * gap_year
    return sum((mark < line).astype(np.int64) for line in CLASS_LINES)
