"""What the school tables share: how a pupil is named and described in a year, whatever the table.

Rows are described by ``i`` (index into the block of people) and ``year`` (in which the academic year ends).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Labels, Nullable
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import establishments, schooling
from leocourse.extract.lives.care import Care, care
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.lives.schooling import SPRING, Schooling
from leocourse.extract.records.schools import (
    FIRST_YEAR,
    LAST_YEAR,
    MAJOR_OF,
    YEAR_GROUPS,
    academic_year,
    area_codes,
    idaci,
    sen_code,
)

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "SEN_MAJORS",
    "Pupils",
    "academic_year",
    "merged",
    "one_of",
    "text_where",
    "where",
]
SEN_MAJORS = ["1_NON", "2_SNS", "3_SS", "4_UNCL"]


@dataclass(frozen=True)
class Pupils:
    """The people of a block as pupils, with the columns that many school tables hold."""

    people: People
    keys: Keys

    def __len__(self) -> int:
        return len(self.people)

    @cached_property
    def care(self) -> Care:
        """Periods and episodes of care, and times of need."""
        return care(self.people)

    @cached_property
    def pmr_labels(self) -> Labels:
        """The pupil reference of everybody in the block."""
        return Labels(key.decode() for key in self.keys.pmr(self.people.person).tolist())

    def pmr(self, i: np.ndarray) -> Coded | np.ndarray:
        """``PUPILMATCHINGREFANONYMOUS``. Tables in which most people stand share one list of references."""
        if 2 * len(i) > len(self):
            return Coded(i, self.pmr_labels, own=True)
        return self.keys.pmr(self.people.person[i])

    @cached_property
    def fsm_by_year(self) -> np.ndarray:
        """Eligible for free school meals in January, shape (years from 1996 to 2022, people)."""
        return np.array([self.people.fsm(year) for year in range(FIRST_YEAR, LAST_YEAR + 2)])

    @cached_property
    def sen_by_year(self) -> np.ndarray:
        """Special educational needs provision (0 to 3), shape (years from 1996 to 2021, people)."""
        return np.array([self.people.sen(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)])

    def fsm(self, i: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Eligible for free school meals in January, 0 or 1."""
        return self.fsm_by_year[year - FIRST_YEAR, i].astype(np.int64)

    def sen(self, i: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Provision: 0 none, 1 school action (or support), 2 plus, 3 statement (or plan)."""
        return self.sen_by_year[year - FIRST_YEAR, i].astype(np.int64)

    def sen_provision(self, i: np.ndarray, year: np.ndarray) -> Coded:
        """``SENprovision`` as the school census codes it in the year."""
        return Coded(sen_code(self.sen(i, year), year, self.people, i), codes.SEN_CODES)

    def group(self, i: np.ndarray, year: np.ndarray) -> np.ndarray:
        """National curriculum year (0 reception)."""
        return year - self.people.cohort[i] - 6

    def nc_year(self, i: np.ndarray, year: np.ndarray) -> Coded:
        """National curriculum year as the census writes it."""
        return Coded(self.group(i, year), YEAR_GROUPS)

    @cached_property
    def schooling(self) -> Schooling:
        """Where everybody goes to school, term by term."""
        return schooling.schooling(self.people)

    def school(self, i: np.ndarray, group: np.ndarray, term: int = SPRING) -> np.ndarray:
        """Number of the school in which the pupil is on the census day of a year group."""
        return self.schooling.at(self.schooling.school, i, group, term).astype(np.int64)

    def laestab(self, school: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Pseudonym of ``LAESTAB`` of schools in academic years. Those outside the state's keep theirs."""
        own = np.minimum(school, establishments.SCHOOLS - 1)
        outside = school >= establishments.SCHOOLS
        return np.where(outside, school + establishments.LAESTAB, self.schooling.places.laestab(own, year))

    def urn(self, school: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Pseudonym of ``URN`` of schools in academic years."""
        own = np.minimum(school, establishments.SCHOOLS - 1)
        outside = school >= establishments.SCHOOLS
        return np.where(outside, school + establishments.URN, self.schooling.places.urn(own, year))

    def authority_of(self, i: np.ndarray, school: np.ndarray) -> np.ndarray:
        """Pseudonym of the authority of schools: that of the home where a school lies outside the state's."""
        inside = school < establishments.SCHOOLS
        return np.where(inside, school % codes.AUTHORITIES, self.people.authority[i]) + 1000

    def sex(self, i: np.ndarray) -> Coded:
        """``M`` or ``F``."""
        return Coded(np.where(self.people.male[i], 0, 1), ["M", "F"])

    def months_past_birthday(self, i: np.ndarray) -> np.ndarray:
        """Whole months past the birthday on 31 August: 0 for the August-born, 11 for the September-born."""
        return (8 - self.people.birth_month[i]) % 12

    def minor(self, i: np.ndarray) -> Coded:
        """Minor ethnic group."""
        return Coded(self.people.minor[i], MINORS)

    def major(self, i: np.ndarray) -> Coded:
        """Major ethnic group."""
        return Coded(MAJOR_OF[self.people.minor[i]], codes.MAJORS)

    def language_major(self, i: np.ndarray) -> Coded:
        """First language in three groups."""
        return Coded(self.people.english_additional[i].astype(np.int64), ["1_ENG", "2_OTH", "3_UNCL"])

    def lsoa(self, i: np.ndarray) -> Coded:
        """Lower layer super output area of the home."""
        return Coded(self.people.area[i], area_codes("E01"))

    def idaci(self, i: np.ndarray) -> np.ndarray:
        """Income deprivation affecting children in the area of the home, in hundredths."""
        return idaci(self.people.area[i])


def one_of(code: str, labels: list[str], size: int) -> Coded:
    """The same code in every row."""
    return Coded(np.full(size, labels.index(code)), labels)


def merged(chosen: np.ndarray, labels: list[str]) -> Coded:
    """Texts out of a list in which some stand twice, as lists of several scales joined do."""
    once = list(dict.fromkeys(labels))
    place = np.array([once.index(label) for label in labels])
    return Coded(np.where(chosen >= 0, place[chosen], -1), once)


def text_where(chosen: np.ndarray, texts: Coded) -> Coded:
    """The texts where chosen, else missing."""
    return Coded(np.where(chosen, texts.codes, -1), texts.labels)


def where(chosen: np.ndarray, values: np.ndarray) -> Nullable:
    """The values where chosen, else missing."""
    return Nullable(np.asarray(values), ~chosen)
