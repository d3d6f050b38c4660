"""Courses at level 3 in the two years after year 11, and their results: A levels, or one vocational course.

Drawn before university, because the results decide who enters it. The key stage 5, PLAMS and ILR tables
all show these courses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from leocourse.extract.base.dates import between
from leocourse.extract.lives import subjects
from leocourse.extract.lives.population import People

GRADES = ["U", "E", "D", "C", "B", "A", "A*"]
LINES = [-900, -300, 210, 790, 1_360, 1_980]
"""Where the grades from E up begin: 52% at B or above, 26% at A or above, 8% at A* (awarded from 2010)."""
NO_STAR_BEFORE = 2010
CENTRE_ASSESSED = {2020: 320, 2021: 470}
"""What grades set by schools and colleges added, in thousandths of a standard deviation. Planted effects."""
ERROR, SUBJECT_ERROR = 380, 380
EASE = 150
"""Added to all results, in thousandths: those who begin at level 3 have prepared for it."""
VOCATIONAL = ["X", "P", "M", "D", "*"]
VOCATIONAL_LINES = [-1_500, 50, 800, 1_600]
VOCATIONAL_EASE = {2004: 0, 2010: 330, 2017: 560, 2022: 560}
"""By year of the result: how far the lines of a merit and above have come down, in thousandths. Not verified."""
A_LEVEL_EASE = {2004: 0, 2011: 110, 2022: 150}
"""By year of the result: how much easier the grades of A levels have become. Not verified."""
VOCATIONAL_AS = np.array([0, 1, 3, 5, 6])
"""The A level grade (index) for whose points a pass, merit, distinction or distinction* counts."""
SUBJECTS = {  # name: subject code, weight of men and of women, sector subject areas; facilitating ones first
    "Mathematics": ("2210", 150, 90, "2", "2.2"), "Biology": ("1010", 75, 100, "2", "2.1"),
    "Chemistry": ("1110", 70, 70, "2", "2.1"), "Physics": ("1210", 85, 22, "2", "2.1"),
    "History": ("4010", 70, 70, "10", "10.1"), "Geography": ("3910", 55, 50, "11", "11.1"),
    "English literature": ("5110", 45, 110, "12", "12.1"), "French": ("5650", 12, 28, "12", "12.2"),
    "Psychology": ("4850", 45, 120, "11", "11.2"), "Sociology": ("4890", 25, 75, "11", "11.2"),
    "Art and design": ("3510", 35, 100, "9", "9.2"), "Business studies": ("3210", 70, 45, "15", "15.3"),
    "Religious studies": ("4610", 20, 45, "10", "10.4"), "Physical education": ("7210", 45, 22, "8", "8.1"),
    "Media studies": ("5350", 40, 45, "9", "9.3"), "Information technology": ("2650", 30, 8, "6", "6.2"),
}  # fmt: skip
"""Subject codes as at key stage 4 (LEAP). We are less sure of those of psychology and sociology."""
NAMES, CODES = list(SUBJECTS), [line[0] for line in SUBJECTS.values()]
FACILITATING = 8
MOST = 4
NUMBER_WEIGHTS = [12, 68, 20]
"""Shares of two, three and four A levels."""
MORE_AS_WEIGHTS = [30, 55, 15]
"""Shares that begin none, one and two AS courses more than they take to the end as A levels (a design choice)."""
SIZE_WEIGHTS = [6, 34, 60]
"""Shares of vocational courses worth one, two and three A levels."""


@dataclass(frozen=True)
class LevelThree:
    """Courses and results of a block, one row a person, as they are if the person begins at level 3."""

    course: np.ndarray
    """Index into :data:`NAMES` of four subjects, shape (people, 4)."""
    begun: np.ndarray
    """How many of them are begun as AS or A levels, 0 to 4: never fewer than are taken to the end."""
    begun_vocational: np.ndarray
    """Size of the vocational qualification begun, in A levels: 0 for none."""
    subject: np.ndarray
    """Those taken to the end as A levels, -1 for no more: shape (people, 4)."""
    grade: np.ndarray
    """Index into :data:`GRADES`, 0 where there is no subject."""
    vocational: np.ndarray
    """Size of the vocational qualification in A levels: 0 for none."""
    vocational_grade: np.ndarray
    """Index into :data:`VOCATIONAL`."""

    @property
    def size(self) -> np.ndarray:
        """Passes at level 3 in A levels; two make the threshold."""
        passed = ((self.subject >= 0) & (self.grade > 0)).sum(axis=1)
        return passed + np.where(self.vocational_grade > 0, self.vocational, 0)

    @property
    def points(self) -> np.ndarray:
        """Points of the best three A levels or their equal, A* 6 to E 1; 0 below level 3."""
        other = VOCATIONAL_AS[self.vocational_grade][:, None] * (np.arange(3) < self.vocational[:, None])
        best = np.sort(np.concatenate([self.grade, other], axis=1), axis=1)[:, -3:].sum(axis=1)
        return np.where(self.size >= 2, best, 0)

    def without(self, left: np.ndarray) -> LevelThree:
        """The same, but nothing taken to the end by those who left."""
        one = left[:, None]
        subject, grade = np.where(one, -1, self.subject), np.where(one, 0, self.grade)
        size, level = np.where(left, 0, self.vocational), np.where(left, 0, self.vocational_grade)
        return replace(self, subject=subject, grade=grade, vocational=size, vocational_grade=level)


@cache
def _affinity() -> np.ndarray:
    """What multiplies the weight of each A level by the subject of the degree that is aimed at."""
    found = np.ones((len(subjects.SUBJECTS), len(SUBJECTS)), dtype=np.int64)
    for degree, taken in subjects.FROM_A_LEVELS.items():
        for name, factor in taken.items():
            found[subjects.SUBJECTS.index(degree), NAMES.index(name)] = factor
    return found


def courses(people: People, aim: np.ndarray) -> np.ndarray:
    """Four subjects of each person, should they take A levels: indices into :data:`NAMES`, shape (people, 4).

    Draws divided by weights, the smallest first, so that no subject comes twice. The subject of the degree
    aimed at (``aim``) makes those likelier that lead to it.
    """
    draw = people.stream("a_levels/course").below(1_000_000, people.person[:, None], np.arange(len(SUBJECTS)))
    men, women = (np.array([line[column] for line in SUBJECTS.values()]) for column in (1, 2))
    weight = np.where(people.male[:, None], men, women) * _affinity()[aim]
    return np.argsort(draw // weight, axis=1, kind="stable")[:, :MOST]


def level_three(
    people: People, begins: np.ndarray, academic: np.ndarray, mixed: np.ndarray, aim: np.ndarray
) -> LevelThree:
    """Draw courses and results.

    ``begins``: takes a course at level 3; ``academic``: with A levels; ``mixed``: with a vocational one beside them;
    ``aim``: the subject that they would like to study at university.
    """
    person, year = people.person, people.cohort + 19
    entry = people.stream("a_levels/entry")
    number = np.where(academic, 2 + entry.pick(NUMBER_WEIGHTS, person, 1), 0)
    number = np.where(mixed, 1 + entry.below(2, person, 3), number)
    more = np.where(mixed, 0, entry.pick(MORE_AS_WEIGHTS, person, 4))
    begun = np.where(academic, np.minimum(number + more, MOST), 0)
    course = courses(people, aim)
    subject = np.where(np.arange(MOST) < number[:, None], course, -1)
    common = people.attainment + ERROR * people.stream("a_levels/result").normal(person) // 1000 + EASE
    for each, added in CENTRE_ASSESSED.items():
        common = common + np.where(year == each, added, 0)
    noise = people.stream("a_levels/grade").normal(person[:, None], np.arange(MOST))
    academic_score = common + between(A_LEVEL_EASE, year)
    grade = np.searchsorted(LINES, academic_score[:, None] + SUBJECT_ERROR * noise // 1000, side="right")
    grade = np.where((year < NO_STAR_BEFORE)[:, None], np.minimum(grade, 5), grade)
    vocational = np.where(begins & ~academic, 1 + entry.pick(SIZE_WEIGHTS, person, 2), np.where(mixed, 1, 0))
    passes, merit = VOCATIONAL_LINES[0], VOCATIONAL_LINES[1:]
    level = np.searchsorted(merit, common + 300 + between(VOCATIONAL_EASE, year), side="right") + 1
    level = np.where(common + 300 < passes, 0, level)
    grade = np.where(subject >= 0, grade, 0)
    return LevelThree(course, begun, vocational, subject, grade, vocational, np.where(vocational > 0, level, 0))
