"""What people do after year 11: sixth form, college, apprenticeship, university.

The records of these years are written in ``records/``: ``further_education`` (ILR), ``sixth_forms`` (learning
aims), ``ucas``, ``higher_education`` (HESA) and ``young_people`` (NCCIS, YPMAD). The names of the streams begin with
"after16", as this module was once called: another name would be other draws.
Months are numbered from January 2000 (0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leocourse.extract.base.dates import NEVER, between, month_of
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import (
    a_levels,
    adult_learning,
    applications,
    apprenticeships,
    degrees,
    results,
    school_effects,
    staying,
    subjects,
    universities,
)
from leocourse.extract.lives.a_levels import LevelThree
from leocourse.extract.lives.applications import Applications, Worlds
from leocourse.extract.lives.apprenticeships import Apprenticeships
from leocourse.extract.lives.degrees import Career
from leocourse.extract.lives.population import People
from leocourse.extract.lives.tables import KNOWN_MINORITY, MAJOR, by_group

SUBJECTS = [code[0] for code in subjects.JACS_3]
"""JACS group of each subject that :attr:`Pathways.subject` numbers: A medicine, N business, and so on."""

HE_ETHNIC = {"A": 925, "B": 1_010, "C": 830, "M": 220, "O": 450}
"""How much likelier some groups are to study on and to apply, in thousandths of attainment.

Set so that entry to university comes near the published rates of 18-year-olds in 2017.
"""
STAY_LINES = {1985: 210, 1990: -30, 1994: -250, 1998: -260, 2004: -390}
"""By birth cohort: the score above which people begin a course at level 3.

Level 3 by age 19 rose from 42.5% (cohort turning 19 in 2005) to 60.7% (2022).
"""
APPLY_LINES = {1985: 717, 1990: 440, 1995: 290, 2001: 120, 2004: 60}
"""By birth cohort: the aspiration above which a student at level 3 applies to university at 18."""
FSM_ASPIRATION = {1985: 59, 1995: 140, 2001: 270}
"""By birth cohort: shift of the aspiration of those eligible for free school meals in year 11."""
COLLEGE_SHARE = {1985: 412, 1992: 563, 1998: 720, 2004: 745}
"""By birth cohort: full-time college among those below level 3, per thousand.

The participation age and the allowance add to it: see :mod:`leocourse.extract.lives.staying`.
"""
COLLEGE_MORE = {"A": 280, "B": 390, "C": 260, "M": 20, "O": 120, "free school meals": 60, "statement": 65,
                "support": -65}  # fmt: skip
"""What some groups add to that share, per thousand: at the same attainment they stay on more often.

"Support" is special educational needs without a statement.
"""
VOCATIONAL = {"at school": 150_000, "a point of attainment": 110_000, "beside A levels": 110_000}
"""Share of sixth formers with vocational courses alone, in millionths, at attainment 0 and by how much it falls with a
standard deviation more; share of those with A levels who take a vocational course too (design choices)."""
LEAVES_EARLY = {"would not pass": 650_000, "would pass": 4_000}
"""Chance of leaving a course at level 3 after its first year, by how it would have ended, in millionths."""
TRIES = (500, 450_000)
"""How far below the line of level 3, in thousandths, some begin A levels at school, and how many, in millionths.

They leave after a year: who would have stayed in college for two years goes there for the second.
"""
CHANGES = 500_000
"""Share of those who leave a sixth form so and go to college for a year."""
SECOND_YEAR = 600_000
"""Chance of a second year in college for those well below level 2, in millionths, before the age was raised."""
A_LEVELS_IN_COLLEGE = 215_000
"""Chance of A levels, in millionths, of those at level 3 in a college whose aim needs none; all others take them."""
NEEDS_ASPIRATION = -314
"""Shift of the aspiration of those with special educational needs in year 11."""
WOMEN_ASPIRATION = 151
"""Shift of the aspiration of women: at the same attainment they apply more often than men."""

APPRENTICESHIP_ACCESS = {
    "base": 384_000,  # chance of ever starting an apprenticeship, among those who do not enter university
    "a standard deviation of results": 45_000,  # employers take better-attaining applicants
    "ethnic minority": -75_000,  # at ACCESS_CENTRE
    "ethnic minority, a standard deviation of results": -120_000,  # the better they did, the further behind
    "learning difficulty": -45_000,  # special educational needs provision in year 11
    "women": -50_000,
    "free school meals": -50_000,
}
"""Planted effects on access to an apprenticeship, in millionths, among those who do not enter university.

Results count for less among ethnic minorities, so their apprentices did worse at school than others did:
what the raw pay of apprentices says about returns by ethnic group is then wrong.
"""
ACCESS_CENTRE = -720
"""Mean result of those who do not enter university: where "ethnic minority" holds."""

APPRENTICESHIP_PAY = {
    "level 2": 50,
    "level 3": 110,
    "level 4 and above": 190,
    "Asian, Chinese or other": -25,
    "Black or mixed": -40,
    "learning difficulty": -30,
    "women": -25,
    "free school meals": 20,
    "engineering": 60,
    "construction": 45,
    "digital": 55,
    "health": -40,
    "retail": -45,
    "on a standard": 30,
}
"""Planted returns to a completed apprenticeship, in steps of 0.1% of the yearly rate of pay.

The level gives the return of a White man without a learning difficulty or free school meals, in business or another
sector, on a framework; the other lines are added to it. They change the return, not the pay of people who have no
apprenticeship. Over all who complete one the sectors come to about nothing.
"""
SECTOR_NAMES = {"health": 1, "engineering": 4, "construction": 5, "digital": 6, "retail": 7}
"""Sector subject areas of the returns that differ."""
RETURN_GROUPS = ["learning difficulty", "women", "free school meals"]

DIRECT_STARTS = 500_000
"""Share of those below level 3 who, if apprentices, begin at once in place of college, in millionths."""
FURTHER_YEAR = {
    "level 3 not reached": 714_000,
    "two years of college below level 3": 631_000,
    "less college than that": 15_000,
    "level 3 reached": 487_000,
    "A": 128_000,
    "B": 145_000,
    "C": 180_000,
    "M": 41_000,
    "O": 120_000,
    "statement": 55_000,
}
"""Chance of a third year of full-time study, in college, for those neither at university nor apprentices.

In millionths; the lines from Asian on are added. Retakes, a further course at the same level, an art foundation.
"""
YEAR_14 = 120_000
"""Share, in millionths, that spends such a third year in the school's sixth form, of those who were there for two."""
FOURTH_YEAR = {"": 239_000, "B": 330_000, "C": 550_000, "free school meals": -77_300}
"""Chance of a fourth year after a third, in millionths, by major ethnic group; the last line is added."""
PUT_OFF = {"W": 80_000, "A": 75_000, "B": 228_000, "C": 60_000, "M": 82_300}
"""Chance of entering university a year after the place was taken up, by major ethnic group."""
PUT_OFF_COHORTS = {1990: 1_000, 1998: 300}
"""By birth cohort: what multiplies it, in thousandths."""
ENTRY_AT_19 = {"": 420_000, "A": 960_000, "B": 800_000, "C": 900_000}
"""Chance of applying again at 19, of those at level 3 who would like to go. The first line is all others."""
MATURE_ENTRY = [46, 13, 14, 12, 6, 4, 4, 3, 4, 3, 3, 2, 2, 2]
"""Entry to full-time higher education at 20, 21 and later ages, per thousand of those who have not entered.

They are scaled by :data:`MATURE_FACTORS`. Few of those who enter at 20 or later applied through UCAS at 18.
"""
MATURE_FACTORS = {
    "level 3": 2_600,
    "below": 727,
    "A": 3_510,
    "B": 3_430,
    "C": 4_460,
    "M": 1_730,
    "W": 930,
    "men": 987,
    "women": 1_150,
    "special needs": 550,
}
"""What multiplies those chances, in thousandths: level reached, major ethnic group, sex, and needs."""


@dataclass(frozen=True)
class Pathways:
    """What a block of people do after year 11."""

    leaves: np.ndarray
    """Month of the August after year 11."""
    sixth_form_years: np.ndarray
    """Years in a state school's sixth form: 0, 1 (left after year 12) or 2."""
    college_years: np.ndarray
    """Years of full-time further education from year 11 (0, 1 or 2), those in a private sixth form included."""
    changed: np.ndarray
    """Left a sixth form after year 12 for a year in college."""
    college_level: np.ndarray
    apprenticeships: Apprenticeships
    university_year: np.ndarray
    """Academic year (the year it ends) of entry to higher education for a degree or diploma; NEVER if none."""
    university_years: np.ndarray
    """Years from entry to the last one as an undergraduate, those between two spells included."""
    graduated: np.ndarray
    """Completed a first degree."""
    degree_class: np.ndarray
    """Class of that degree: 0 first, 1 upper second, 2 lower second, 3 third; -1 without one."""
    subject: np.ndarray
    """Index into :data:`subjects.SUBJECTS`."""
    further_years: np.ndarray
    """Years of full-time further education (0, 1 or 2) from the third year after year 11 on."""
    year_14: np.ndarray
    """Would stay at the school for a third year in a sixth form."""
    private_sixth_form: np.ndarray
    """Two years in an independent sixth form: full-time study that neither the census nor the ILR sees."""
    a_levels: np.ndarray
    """Began A levels (in a school or a sixth form college) and not a vocational course at level 3 alone."""
    college_passed: np.ndarray
    """Achieved the course of the first and of the second year after year 11, shape (people, 2)."""
    level_three: LevelThree
    """Courses at level 3 and their results, of those who begin one."""
    points: np.ndarray
    """Points of the three best A levels or their equal: A* 6 to E 1, so AAA is 15; 0 without level 3."""
    difficulty: np.ndarray
    """Learning difficulty: special educational needs at school."""
    applications: Applications
    """UCAS applications at 18."""
    provider: np.ndarray
    """University at entry, 0 to 139 in order of selectivity; -1 for none."""
    gap_year: np.ndarray
    """Took the place for which they were accepted at 18 a year later: deferred, or put off."""
    other_undergraduate: np.ndarray
    """The course at entry is a two-year diploma or foundation degree, not a first degree."""
    postgraduate: np.ndarray
    """Full-time postgraduate study: 0 none, 1 a taught master's degree, 2 a PGCE, 3 a research degree."""
    postgraduate_year: np.ndarray
    """First academic year of that study; NEVER if none."""
    postgraduate_years: np.ndarray
    postgraduate_beside_work: np.ndarray
    """That study is part time, beside work."""
    career: Career
    """How the years at university go."""
    part_time_year: np.ndarray
    """Academic year in which part-time higher education beside work begins (two years); NEVER if none."""
    courses: adult_learning.Courses
    """Adult courses in further education."""

    @cached_property
    def study(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Full-time education as (first month, month after the last) of five spells, int32; empty where equal.

        The third is the last one as an undergraduate, the fifth the one before it of those who left and came back.
        A degree or further study that is part time is beside work, so its spell is empty.
        """
        ends = self.leaves + 12 * self.years_after
        career, returns = self.career, self.career.back_year < NEVER
        first, again = month_of(self.university_year - 1, 10), month_of(self.postgraduate_year - 1, 10)
        last = np.where(returns, month_of(career.back_year - 1, 10), first)
        years = np.where(returns, career.back_years, self.university_years)
        last_end = last + np.maximum(12 * years - 3, 0)
        spells = [
            (np.full_like(ends, -NEVER), ends),  # school before that August counts too
            (self.leaves + 24, self.leaves + 24 + 12 * self.further_years),
            (np.where(career.part_time, last_end, last), last_end),
            (
                again,
                again + np.where(self.postgraduate_beside_work, 0, np.maximum(12 * self.postgraduate_years - 2, 0)),
            ),
            (first, np.where(returns, first + 12 * career.first_years - 3, first)),
        ]
        return [(begin.astype(np.int32), end.astype(np.int32)) for begin, end in spells]

    @property
    def sixth_form(self) -> np.ndarray:
        """Began in a state school's sixth form."""
        return self.sixth_form_years > 0

    @property
    def years_after(self) -> np.ndarray:
        """Years in full-time education in a row after year 11, at school and college."""
        return np.maximum(self.sixth_form_years, self.college_years) + self.changed

    @property
    def third_at_school(self) -> np.ndarray:
        """The first of the further years is in year 14 of the school's sixth form, and not in college."""
        return self.year_14 & (self.sixth_form_years == 2) & (self.further_years > 0)

    @property
    def school_years(self) -> np.ndarray:
        """Years in a state school's sixth form, year 14 included."""
        return self.sixth_form_years + self.third_at_school

    @property
    def in_college_later(self) -> np.ndarray:
        """Some further year is in college."""
        return self.further_years > self.third_at_school

    @property
    def examined(self) -> np.ndarray:
        """Stayed on a course at level 3 for two years, and is examined at its end."""
        return (self.sixth_form_years == 2) | (self.college_years == 2) & (self.college_level == 3)

    def in_college(self, step: int | np.ndarray) -> np.ndarray:
        """In a college in the first (0) or the second (1) year after year 11."""
        return ((self.college_years > step) | self.changed & (step == 1)) & ~self.private_sixth_form

    @property
    def apprenticeship(self) -> np.ndarray:
        """Level of the first apprenticeship: 0 (none), 2, 3, or 4 to 7 (higher)."""
        return self.apprenticeships.level[0]

    @property
    def apprenticeship_start(self) -> np.ndarray:
        """Month of the start of the first apprenticeship; NEVER if none."""
        return self.apprenticeships.start[0]

    @property
    def apprenticeship_end(self) -> np.ndarray:
        """Month of the last end of the first apprenticeship; -1 if none."""
        return self.apprenticeships.end[0]

    @property
    def completed(self) -> np.ndarray:
        """Completed the first apprenticeship."""
        return self.apprenticeships.completed[0]

    def studies(self, month: int) -> np.ndarray:
        """In full-time education in a month."""
        studying = np.zeros(len(self.leaves), dtype=bool)
        for begin, end in self.study:
            studying |= (month >= begin) & (month < end)
        return studying

    @property
    def level3_passed(self) -> np.ndarray:
        """Reached level 3 in school or college two years after year 11."""
        return self.examined & self.college_passed[:, 1]

    @property
    def some_level_three(self) -> np.ndarray:
        """Studied at level 3 at school or college, where few pass nothing at all: an AS level is a pass too."""
        return ((self.college_level == 3) | self.a_levels) & (self.years_after > 0)


def apprenticeship_pay_steps(people: People, paths: Pathways) -> np.ndarray:
    """Steps of pay from the month after the end of the first and of the second apprenticeship, shape (2, people).

    They are those of the highest level completed by then; 0 without one.
    """
    trained = paths.apprenticeships
    first, second = np.where(trained.completed, trained.level, 0)
    one, two = trained.completed & trained.standard
    return np.stack([_pay_of_level(people, paths, first, one),
                     _pay_of_level(people, paths, np.maximum(first, second), one | two)])  # fmt: skip


def _pay_of_level(people: People, paths: Pathways, level: np.ndarray, standard: np.ndarray) -> np.ndarray:
    """Steps that a completed apprenticeship of each level adds; 0 without one. ``standard``: one of them was on one."""
    table, group = APPRENTICESHIP_PAY, MAJOR[people.minor]
    steps = np.select([level == 2, level == 3, level >= 4],
                      [table["level 2"], table["level 3"], table["level 4 and above"]], 0)  # fmt: skip
    steps += np.select([np.isin(group, ["A", "C", "O"]), np.isin(group, ["B", "M"])],
                       [table["Asian, Chinese or other"], table["Black or mixed"]], 0)  # fmt: skip
    steps += apprenticeships.of_groups({name: table[name] for name in RETURN_GROUPS}, people, paths.difficulty)
    steps += sum(table[name] * (paths.apprenticeships.sector == area) for name, area in SECTOR_NAMES.items())
    return np.where(level > 0, steps + table["on a standard"] * standard, 0)


def subject_pay_steps(paths: Pathways) -> np.ndarray:
    """Steps of pay that the subject of a first degree adds to those of a degree; 0 without a degree."""
    return np.where(paths.graduated, np.array(list(subjects.SUBJECT_PAY.values()))[paths.subject], 0)


@dataclass(frozen=True)
class _School:
    """What is known of people at the end of school or college: where they go, and how they do there."""

    score: np.ndarray
    """Attainment with an error: how well their last year at school went, in thousandths."""
    drive: np.ndarray
    """What ethnic group, sex and poverty add to the wish to study on, in thousandths."""
    good: np.ndarray
    """Begins a course at level 3 that may last."""
    near: np.ndarray
    """Not far below the line above which people do."""
    fair: np.ndarray
    sixth_form: np.ndarray
    private: np.ndarray
    a_levels: np.ndarray
    mixed: np.ndarray
    """Takes A levels and a vocational course."""
    college_years: np.ndarray
    aim: np.ndarray
    """Subject that they would like to study at university: A levels follow it."""


def pathways(
    people: People, access: dict[str, int] = APPRENTICESHIP_ACCESS, groups: dict[str, dict[str, int]] | None = None,
    policies: tuple[str, ...] = staying.POLICIES, worlds: Worlds = applications.AS_IT_IS,
) -> Pathways:  # fmt: skip
    """Draw what people do after year 11.

    ``access`` decides who becomes an apprentice, ``groups`` in what sector and at what level (see
    :func:`apprenticeships.draw`), ``policies`` which of those in :mod:`staying` there are, ``worlds`` how people apply.
    """
    cohort, school = people.cohort, _school(people, policies)
    good, score = school.good, school.score
    direct = ~good & people.stream("after16/apprenticeship/direct").chance(DIRECT_STARTS, people.person)
    tries = _tries(people, school, direct)
    results = a_levels.level_three(people, good, school.a_levels | tries, school.mixed, school.aim)
    left, changed = _leaves_early(people, school, results)
    results = results.without(left | tries)
    passed = _passes(people, school, results, left)
    level3 = good & (results.size >= 2)
    points = np.where(level3, results.points, 0)
    keen = _aspiration(people, school) - between(APPLY_LINES, cohort)
    applied = applications.apply(people, good & ~left & (keen > 0), points, school.aim, worlds)
    university, subject = _university(people, applied, level3 & (keen > -500), points, school)
    entered = university["university_year"] < NEVER
    degree = degrees.careers(
        people, year=university["university_year"], subject=subject, provider=university["provider"], points=points,
        gap_year=university["gap_year"],
    )  # fmt: skip
    difficulty = people.sen_in_year_11 > 0
    sixth_form_years = np.where(left | tries, 1, 2) * (school.sixth_form | tries)
    changed |= tries & (school.college_years == 2)
    stayed = np.where(left, np.minimum(school.college_years, 1), school.college_years)
    at_college = np.where(tries, 0, stayed)
    years_before = np.where(direct, 0, np.maximum(at_college, sixth_form_years) + changed)
    apprentice = apprenticeships.draw(
        people, begins_apprenticeship(people, ~entered, difficulty, access), direct, score=score, difficulty=difficulty,
        level3=level3, start_after=month_of(cohort + 17, 9) + 12 * years_before, groups=groups,
    )  # fmt: skip
    instead = direct & (apprentice.start[0] < month_of(cohort + 18, 8))
    college_years = np.where(instead, 0, at_college)  # an apprenticeship in place of college
    further = _further_years(
        people, np.where(instead, 0, stayed), good, level3, university["university_year"], apprentice
    )
    before = adult_learning.Reached(university["university_year"], degree["university_years"], further, points > 0)
    return Pathways(
        leaves=month_of(cohort + 17, 8), sixth_form_years=sixth_form_years, college_years=college_years,
        changed=changed, college_level=np.where(good, 3, np.where(school.fair, 2, 1)), further_years=further,
        year_14=people.stream("after16/year 14").chance(YEAR_14, people.person),
        private_sixth_form=school.private, a_levels=school.a_levels | tries, level_three=results,
        college_passed=passed, points=points, difficulty=difficulty, applications=applied,
        apprenticeships=apprentice, courses=adult_learning.courses(people, before), **university, **degree,
    )  # fmt: skip


def _school(people: People, policies: tuple[str, ...]) -> _School:
    """Who goes to a sixth form or to college, for how long, and who takes A levels there."""
    person, cohort, fsm = people.person, people.cohort, people.fsm_in_year_11

    def stream(name: str) -> Stream:
        return people.stream("after16/" + name)

    score = people.attainment + 350 * stream("choice").normal(person) // 1000
    drive = np.array([HE_ETHNIC.get(letter, 0) for letter in MAJOR])[people.minor]
    drive = drive + np.where(people.male, 0, WOMEN_ASPIRATION) + np.where(fsm, between(FSM_ASPIRATION, cohort), 0)
    above, fair = score + drive // 2 - between(STAY_LINES, cohort), score > -800
    good, near = above > 0, (above <= 0) & (above > -TRIES[0])
    draw = stream("route").below(1000, person)
    sixth_form = good & ~people.independent & (draw < 620)
    level3_college = good & ~sixth_form
    private = level3_college & people.independent & (draw < 850)
    college = ~good & (draw < np.minimum(_stays(people, fair) + staying.stays_more(people, policies), 985))
    raised = stream("second year").chance(SECOND_YEAR, person)
    raised |= stream("participation age").below(1000, person) < staying.second_year(people, policies)
    college_years = np.where(level3_college, 2, np.where(college, np.where(fair | raised, 2, 1), 0))
    aim = subjects.choose(people, score)
    needs = subjects.NEED_A_LEVELS[aim]
    chance = np.clip(VOCATIONAL["at school"] - VOCATIONAL["a point of attainment"] * score // 1000, 10_000, 400_000)
    only = sixth_form & ~needs & stream("vocational").chance(chance, person)
    academic = np.where(needs, 1_000_000, A_LEVELS_IN_COLLEGE)
    a_level = sixth_form & ~only | private | level3_college & stream("a_levels").chance(academic, person)
    mixed = a_level & ~private & stream("vocational").chance(VOCATIONAL["beside A levels"], person, 1)
    return _School(score, drive, good, near, fair, sixth_form, private, a_level, mixed, college_years, aim)


def _stays(people: People, fair: np.ndarray) -> np.ndarray:
    """The share of people like each that goes to college below level 3, per thousand."""
    needs, statement = people.sen_in_year_11 > 0, people.sen_in_year_11 == 3
    stays = between(COLLEGE_SHARE, people.cohort) - np.where(fair, 0, 90) + by_group(COLLEGE_MORE, people)
    stays += COLLEGE_MORE["free school meals"] * people.fsm_in_year_11 + COLLEGE_MORE["statement"] * statement
    return stays + COLLEGE_MORE["support"] * needs * ~statement


def _tries(people: People, school: _School, direct: np.ndarray) -> np.ndarray:
    """Who begins A levels at school below the line, and leaves after a year."""
    may = school.near & ~direct & (school.college_years > 0) & ~people.independent
    return may & people.stream("after16/tries").chance(TRIES[1], people.person)


def _leaves_early(people: People, school: _School, results: LevelThree) -> tuple[np.ndarray, np.ndarray]:
    """Who leaves a course at level 3 after a year, and who of a sixth form then goes to college for a year."""
    stream, person = people.stream("after16/leaves early"), people.person
    chance = np.where(results.size < 2, LEAVES_EARLY["would not pass"], LEAVES_EARLY["would pass"])
    left = school.good & ~school.private & stream.chance(chance, person)
    return left, left & school.sixth_form & stream.chance(CHANGES, person, 1)


def _passes(people: People, school: _School, results: LevelThree, left: np.ndarray) -> np.ndarray:
    """Whether the first and the second year at school or college were passed, shape (people, 2)."""
    chance = np.where(school.good, np.clip(860_000 + 70 * school.score, 650_000, 985_000), 780_000)
    stream = people.stream("after16/pass")
    passed = [stream.chance(chance, people.person, people.cohort + 18 + step) for step in (0, 1)]
    passed[1] = np.where(school.good & ~left, results.size >= 2, passed[1])
    return np.stack(passed, axis=1)


def _aspiration(people: People, school: _School) -> np.ndarray:
    """How much people want to go to university, in thousandths of attainment."""
    own = 450 * people.stream("after16/aspiration").normal(people.person) // 1000
    own += school_effects.aspiration_adds(people)
    return people.attainment + own + school.drive + np.where(people.sen_in_year_11 > 0, NEEDS_ASPIRATION, 0)


def _further_years(
    people: People, college_years: np.ndarray, good: np.ndarray, level3: np.ndarray, university_year: np.ndarray,
    apprentice: Apprenticeships,
) -> np.ndarray:  # fmt: skip
    """Full-time years in college from the third year after year 11: none, one or two."""
    person, stream, table = people.person, people.stream("after16/further"), FURTHER_YEAR
    first = people.cohort + 20
    chance = np.select(
        [level3, good, college_years == 2],
        [table["level 3 reached"], table["level 3 not reached"], table["two years of college below level 3"]],
        table["less college than that"],
    )
    chance = chance + by_group(table, people)
    chance += table["statement"] * (people.sen_in_year_11 == 3)

    def free(year: np.ndarray) -> np.ndarray:
        apart = (apprentice.start >= month_of(year, 8)) | (apprentice.end < month_of(year - 1, 8))
        return (university_year > year) & apart.all(axis=0)

    one = free(first) & stream.chance(chance, person)
    again = by_group(FOURTH_YEAR, people) + FOURTH_YEAR["free school meals"] * people.fsm_in_year_11
    two = one & free(first + 1) & stream.chance(again, person, 1)
    return one.astype(np.int64) + two


def begins_apprenticeship(
    people: People, free: np.ndarray, difficulty: np.ndarray, table: dict[str, int]
) -> np.ndarray:
    """Who ever becomes an apprentice, of those who are ``free`` to: they enter no university."""
    at_16 = results.result(people)
    access = table["base"] + table["a standard deviation of results"] * at_16 // 1000
    further = table["ethnic minority, a standard deviation of results"] * (at_16 - ACCESS_CENTRE) // 1000
    access = access + np.where(KNOWN_MINORITY[people.minor], table["ethnic minority"] + further, 0)
    groups = {name: table[name] for name in ("learning difficulty", "women", "free school meals")}
    access += apprenticeships.of_groups(groups, people, difficulty)
    return free & people.stream("after16/apprenticeship").chance(np.maximum(access, 0), people.person)


def _university(
    people: People, applied: Applications, later: np.ndarray, points: np.ndarray, school: _School
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Entry to university, and the subject begun: those accepted at 18 (now or after a year), some at 19 or later."""
    person = people.person

    def stream(name: str) -> Stream:
        return people.stream("after16/university" + name)

    provider = np.full(len(people), -1)
    provider[applied.i] = applied.provider
    accepted = (provider >= 0) & stream("/enrols").chance(970_000, person)
    late = np.zeros(len(people), dtype=bool)
    late[applied.i] = applied.deferred
    put_off = by_group(PUT_OFF, people) * between(PUT_OFF_COHORTS, people.cohort) // 1000
    late |= stream("/put off").chance(put_off, person)
    at_19 = ~accepted & later & stream("/at 19").chance(by_group(ENTRY_AT_19, people), person)
    year = np.where(accepted | at_19, people.cohort + 20 + (late | at_19), NEVER)
    mature = np.where(accepted | at_19, NEVER, _mature_entry(people, points > 0))
    elsewhere = at_19 | (mature < NEVER)
    chosen = np.full(len(people), -1)
    chosen[applied.i] = applied.subject[np.arange(len(applied.i)), applied.accepted]
    chosen = np.where(accepted, chosen, -1)
    subject = degrees.at_entry(people, school.aim, chosen, school.a_levels)
    closed = elsewhere & (subject == universities.MEDICINE) & (points < universities.MEDICINE_ASKS)
    subject = np.where(closed, applications.INSTEAD_OF_MEDICINE, subject)
    moved = accepted & (subject != chosen)  # the course is changed on arrival, at a provider that teaches it
    provider = np.where(moved, universities.nearest()[subject, provider], provider)
    provider = np.where(elsewhere, applications.within_reach(people, points, subject), provider)
    provider = np.where(accepted | elsewhere, provider, -1)
    return {
        "university_year": np.minimum(year, mature), "provider": provider, "gap_year": accepted & late,
    }, subject  # fmt: skip


def _mature_entry(people: People, level3: np.ndarray) -> np.ndarray:
    """Academic year of a first entry to university at 20 or later, should it not come before; or NEVER."""
    table, person = MATURE_FACTORS, people.person
    factor = np.where(level3, table["level 3"], table["below"]) * by_group({"": 1_000} | table, people) // 1000
    factor = factor * np.where(people.male, table["men"], table["women"]) // 1000
    factor = np.where(people.sen_in_year_11 > 0, factor * table["special needs"] // 1000, factor)
    draw = people.stream("after16/university/mature").below(1_000_000, person)
    step = np.searchsorted(np.cumsum(MATURE_ENTRY) * 1000, draw * 1000 // factor, side="right")
    return np.where(step < len(MATURE_ENTRY), people.cohort + 22 + step, NEVER)
