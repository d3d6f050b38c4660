"""What the kind of study in higher education adds to pay, beside what a degree, its subject and its class add.

University, length and mode of the course, growth by subject, a gap year, results at A level, and whose degree it is.
Everything here is planted, in steps of about 0.1% of the yearly rate of pay, and centred: over all graduates the
lines of a table come to about nothing, so that the medians of :mod:`leocourse.extract.lives.pay` stay where they
are. The sizes are design choices and claim nothing about England.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from leocourse.extract.base.dates import NEVER, TAX_YEARS
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import subjects, universities
from leocourse.extract.lives.applications import TARIFFS, tariff_group
from leocourse.extract.lives.degrees import CERTIFICATE
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People
from leocourse.extract.lives.tables import MAJOR

UNIVERSITY_PAY = {"higher tariff": 110, "medium tariff": -10, "lower tariff": -90}
"""What the band of the university of a first degree adds. People are sorted into bands by results."""
UNIVERSITY_OWN = 45
"""Spread of what single universities add beside their band: the bands overlap, as the best of one is above the usual
of the next. It is drawn once, whatever the seed, and comes to nothing over a band."""
STUDY_PAY = {
    "short course": 70,  # a diploma or foundation degree of two years, and no degree
    "short course in a college": 70,  # beside that: taught in a further education college, near to employers
    "short course at a university": -22,  # beside that: so that the two come to about nothing
    "part-time degree": -60,  # beside what a degree adds
    "part-time certificate": 45,  # two years beside work, for those who never enter full time
    "gap year": 30,  # of graduates, beside what it adds through the class of the degree
    "a point at A level": 4,  # of graduates, from USUAL_POINTS on, beside the class and the university
}
PLACES = ("in a college", "at a university")
USUAL_POINTS = 11
DEGREE_GAINS = {"women": 30, "free school meals": 45, "Black": -45, "everybody": -28}
"""For whom a first degree adds more or less than for others; the last line centres the rest."""
SUBJECT_GROWTH = {
    "medicine": 10, "chemistry": 14, "physics": 14, "mathematics": 14, "computing": 14, "engineering": 14,
    "economics": 12, "biosciences": 6, "architecture": 8, "law": 6,
    "English": -12, "languages": -12, "history": -12, "philosophy": -12, "media": -10, "creative arts": -10,
    "performing arts": -10, "education": -4, "sociology": -4, "sport": -4,
}  # fmt: skip
"""What each year after the degree adds in a subject beside what it adds in all, up to the eighth year: science and
engineering grow faster than the humanities. It turns round the year :data:`GROWTH_CENTRE`, where the returns to the
subject hold as planted; before it pay is behind where it will grow, so what is read in the first years misleads."""
GROWTH_CENTRE, GROWTH_YEARS = 4, 8
SCIENCES = ("chemistry", "physics", "mathematics", "computing", "engineering")
HUMANITIES = ("English", "languages", "history", "philosophy")
"""Which subjects the two are, in the question which of them grows faster: no field says so, they have to be listed."""


def parameters() -> dict[str, int]:
    """All of these by name, for the truth of an extract."""
    return (
        {f"university: {name}": steps for name, steps in UNIVERSITY_PAY.items()}
        | {"university: spread within a band": UNIVERSITY_OWN}
        | {f"study: {name}": steps for name, steps in STUDY_PAY.items()}
        | {f"gain of a degree: {name}": steps for name, steps in DEGREE_GAINS.items()}
        | {f"growth by subject: {name}": steps for name, steps in SUBJECT_GROWTH.items()}
    )


@cache
def university_steps() -> np.ndarray:
    """Steps that each university adds to the pay of those with a first degree from it."""
    number = np.arange(universities.COUNT)
    band, size = tariff_group(number), universities.sizes()
    own = UNIVERSITY_OWN * Stream(0, "graduate pay/university").normal(number) // 1000
    mean = np.array([(own * size)[band == each].sum() // size[band == each].sum() for each in range(len(TARIFFS))])
    return np.array(list(UNIVERSITY_PAY.values()))[band] + own - mean[band]


def last_provider(paths: Pathways) -> np.ndarray:
    """University of the last spell as an undergraduate; -1 for none."""
    return np.where(paths.career.back_year < NEVER, paths.career.back_provider, paths.career.second_provider)


def years_since(paths: Pathways, year: int) -> np.ndarray:
    """Years of work that count as experience after a degree in a tax year: 0 to :data:`GROWTH_YEARS`."""
    left = paths.university_year + paths.university_years - 1
    return np.clip(year - left - 1, 0, GROWTH_YEARS)


def certified(people: People, paths: Pathways) -> np.ndarray:
    """Academic year in which a part-time certificate was obtained; NEVER if none. The record has the same draw."""
    passes = people.stream("higher_education/passes").chance(880_000, people.person, CERTIFICATE)
    return np.where(passes & (paths.part_time_year < NEVER), paths.part_time_year + 1, NEVER)


def lasting_steps(people: People, paths: Pathways) -> np.ndarray:
    """Steps from the year after the end of study on that do not change with time, one value a person."""
    table, graduated, who = STUDY_PAY, paths.graduated, MAJOR[people.minor]
    steps = university_steps()[last_provider(paths)]
    steps = steps + table["part-time degree"] * paths.career.part_time + table["gap year"] * paths.gap_year
    points = np.where(paths.points > 0, paths.points, USUAL_POINTS) - USUAL_POINTS
    steps += table["a point at A level"] * points + DEGREE_GAINS["everybody"]
    for name, member in (("women", ~people.male), ("free school meals", people.fsm_in_year_11), ("Black", who == "B")):
        steps += DEGREE_GAINS[name] * member
    short = paths.career.diploma & ~graduated
    where = np.where(paths.career.in_college, *(table[f"short course {place}"] for place in PLACES))
    return np.where(graduated, steps, np.where(short, table["short course"] + where, 0))


def pay_steps(people: People, paths: Pathways) -> np.ndarray:
    """Steps of the yearly rate of pay that kinds of study add, shape (people, tax years)."""
    lasting, left = lasting_steps(people, paths), paths.university_year + paths.university_years - 1
    left = np.where(paths.university_years > 0, left, NEVER)
    growth = np.array([SUBJECT_GROWTH.get(name, 0) for name in subjects.SUBJECTS])[paths.subject] * paths.graduated
    part_time, obtained = STUDY_PAY["part-time certificate"], certified(people, paths)
    steps = np.empty((len(people), len(TAX_YEARS)), dtype=np.int16)
    for column, year in enumerate(TAX_YEARS):
        grown = growth * (years_since(paths, year) - GROWTH_CENTRE)
        steps[:, column] = np.where(year > left, lasting + grown, 0) + np.where(year > obtained, part_time, 0)
    return steps
