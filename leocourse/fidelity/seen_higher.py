"""What a researcher sees of applications and of higher education, without faults, a value a person.

From the applications table (choices, decisions, replies, entry year, POLAR4), key stage 5 (points of the three best A
levels or their equal), the student records (provider, subject, class, level, mode, first and last year), the school
census (free school meals, the score of the home area, whether there is a record of a school at all), and
``data/reference/universities.csv``: the band of each provider, what its courses usually ask for, and from which cycle
it makes contextual offers, all of which are public.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leocourse.extract.base.dates import NEVER, month_of
from leocourse.extract.lives import applications, graduate_pay, progression, subjects
from leocourse.extract.lives.applications import HIGHER_TARIFF
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People
from leocourse.fidelity.worlds import PAY_YEAR, columns, women_below, women_later


@dataclass(frozen=True)
class Higher:
    """Higher education of a block of people, as it is recorded."""

    people: People
    paths: Pathways

    @cached_property
    def points(self) -> np.ndarray:
        """Points of the three best A levels or their equal; 0 without two passes at level 3."""
        return self.paths.points

    @cached_property
    def last_year(self) -> np.ndarray:
        """Academic year of the last undergraduate record; NEVER without one."""
        entered = self.paths.university_years > 0
        return np.where(entered, self.paths.university_year + self.paths.university_years - 1, NEVER)

    @cached_property
    def provider(self) -> np.ndarray:
        """Provider of the last undergraduate record, 0 to 139; -1 without one, and in a college."""
        return np.where(self.in_college, -1, graduate_pay.last_provider(self.paths))

    @cached_property
    def in_college(self) -> np.ndarray:
        """The last undergraduate record is a learning aim of prescribed higher education, of a college, and not HESA's.

        Courses that a college teaches for a university are the university's in every record.
        """
        career = self.paths.career
        return career.in_college & ~career.top_up & (career.back_year == NEVER)

    @cached_property
    def band(self) -> np.ndarray:
        """Band of that provider: 0 higher, 1 medium, 2 lower tariff; -1 without one."""
        return np.where(self.provider >= 0, applications.tariff_group(self.provider), -1)

    def studied(self, *names: str) -> np.ndarray:
        """Has a first degree in one of these subjects."""
        numbers = [subjects.SUBJECTS.index(name) for name in names]
        return self.paths.graduated & np.isin(self.paths.subject, numbers)

    @cached_property
    def applied(self) -> np.ndarray:
        """Applied at 18."""
        applied = np.zeros(len(self.people), dtype=bool)
        applied[self.paths.applications.i] = True
        return applied

    @cached_property
    def accepted_higher(self) -> np.ndarray:
        """Accepted at 18 by a provider of higher tariff."""
        of, accepted = self.paths.applications, np.zeros(len(self.people), dtype=bool)
        accepted[of.i] = (of.provider >= 0) & (of.provider < HIGHER_TARIFF)
        return accepted

    @cached_property
    def firm_provider(self) -> np.ndarray:
        """Provider of the firm choice where its offer was conditional and not for medicine; -1 for all others."""
        of, found = self.paths.applications, np.full(len(self.people), -1)
        every = np.arange(len(of.i))
        open_ = (of.firm >= 0) & (of.offer[every, of.firm] > 0) & ~of.conditional_unconditional[every, of.firm]
        open_ &= of.subject[every, of.firm] != applications.MEDICINE
        found[of.i] = np.where(open_, of.choice[every, of.firm], -1)
        return found

    @cached_property
    def cycle(self) -> np.ndarray:
        """Cycle of the applications."""
        return self.people.cohort + 19

    @cached_property
    def firm_lowers(self) -> np.ndarray:
        """The provider of the firm choice makes contextual offers in the cycle."""
        since = applications.adoption()[np.maximum(self.firm_provider, 0)]
        return (self.firm_provider >= 0) & (since <= self.cycle)

    @cached_property
    def entitled(self) -> np.ndarray:
        """From a state school, and of POLAR4 quintile 1 or eligible for free school meals in year 11."""
        return applications.entitled(self.people)

    @cached_property
    def school_share(self) -> np.ndarray:
        """Share of the school of year 11 that goes on to university, published in the cycle, in tenths of a per cent.

        From ``data/reference/school_progression.csv``, by the school in the census; -1 without one.
        """
        return progression.share(self.people)

    @cached_property
    def accepted_firm(self) -> np.ndarray:
        """Accepted at 18 on the firm choice."""
        of, accepted = self.paths.applications, np.zeros(len(self.people), dtype=bool)
        accepted[of.i] = (of.firm >= 0) & (of.accepted == of.firm)
        return accepted

    @cached_property
    def area_score(self) -> np.ndarray:
        """Score of the home area (IDACI, in hundredths) in the school census: 0 without such a record."""
        return np.where(self.people.independent, 0, applications.area_score(self.people))

    @cached_property
    def experience(self) -> np.ndarray:
        """Years after the degree in the tax year in which pay is compared, up to the eighth, less the fourth."""
        return graduate_pay.years_since(self.paths, PAY_YEAR) - graduate_pay.GROWTH_CENTRE

    def out_for(self, years: int) -> np.ndarray:
        """Has a first degree, whose study ended so many tax years before that, and is not in study again."""
        out = self.paths.graduated & (self.last_year <= PAY_YEAR - years)
        return out & ~self.paths.studies(month_of(PAY_YEAR - 1, 10))

    def subject_columns(self, besides: tuple[str, ...]) -> np.ndarray:
        """A column a subject of a degree, but for those named, and how it grows: see :attr:`experience`."""
        each = [self.studied(name) for name in subjects.SUBJECTS]
        level = [one for name, one in zip(subjects.SUBJECTS, each, strict=True) if name not in besides]
        return columns(*level, *(one * self.experience for one in each[1:]))

    @cached_property
    def class_columns(self) -> np.ndarray:
        """First, lower second, third: beside the upper second."""
        return columns(*(self.paths.degree_class == each for each in (0, 2, 3)))

    @cached_property
    def course_columns(self) -> np.ndarray:
        """University band, points at A level, a gap year, part-time study: what else differs between graduates."""
        known = self.points > 0
        usual = np.where(known, self.points - graduate_pay.USUAL_POINTS, 0)
        return columns(self.band == 0, self.band == 1, usual, known, self.paths.gap_year, self.paths.career.part_time)

    @cached_property
    def person_columns(self) -> np.ndarray:
        """Sex with its growth, free school meals: what pay differs by beside the background."""
        women = ~self.people.male
        later, below = women_later(self.people, PAY_YEAR), women_below(self.people, self.paths, PAY_YEAR)
        return columns(women, women * later, below, self.people.fsm_in_year_11)
