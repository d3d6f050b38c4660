"""Who the people are: birth, sex, ethnic group, place, family circumstances and ability.

Latent quantities (disadvantage, ability, attainment) are whole thousandths of a standard deviation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import areas, standing

MINORS = list(codes.ETHNIC_MINOR)
ETHNIC_ATTAINMENT = {
    "WIRT": -1300, "WROM": -1500, "AIND": 400, "APKN": -50, "ABAN": 100, "AOTH": 150,
    "BCRB": -250, "BOTH": -100, "CHNE": 650,
}  # fmt: skip
ETHNIC_DISADVANTAGE = {"WIRT": 1300, "WROM": 1200, "APKN": 600, "ABAN": 800, "BAFR": 700, "BCRB": 500}
ENGLISH_ADDITIONAL_PERCENT = {
    "W": 2, "M": 10, "A": 70, "B": 45, "C": 70, "O": 65, "N": 15, "R": 15,
}  # fmt: skip
DEPRIVED_AUTHORITY, DEPRIVED_AREA = 300, 600
"""How strongly disadvantage decides how deprived the authority is (of the region's) in which people grow up, and the
small area (of the authority's): a correlation, in thousandths. Design choices."""

Drawn = Callable[..., np.ndarray]


def drawn_once(draw: Drawn) -> Drawn:
    """Keep what a function of people and of a few numbers draws, for the life of those people.

    Several stages ask for the same draws. The array is made read-only, because they share it.
    """

    @wraps(draw)
    def kept(people: People, *of: int) -> np.ndarray:
        key = (draw.__name__, *of)
        if key not in people.drawn:
            people.drawn[key] = draw(people, *of)
            people.drawn[key].flags.writeable = False
        return people.drawn[key]

    return kept


@dataclass(frozen=True)
class People:
    """A block of people: one value a person in every array."""

    seed: int
    person: np.ndarray
    """Number of the person, int64: see :mod:`leocourse.extract.base.numbers`."""
    cohort: np.ndarray
    """Calendar year in which the academic year of birth began: 1985 for 1985/86."""
    birth_month: np.ndarray
    male: np.ndarray
    minor: np.ndarray
    """Index into :data:`MINORS`."""
    region: np.ndarray
    """Region of the school, index into :data:`codes.REGIONS`."""
    authority: np.ndarray
    disadvantage: np.ndarray
    attainment: np.ndarray
    poverty: np.ndarray
    """Latent that decides eligibility for free school meals in a year."""
    need: np.ndarray
    """Latent that decides provision for special educational needs."""
    english_additional: np.ndarray
    independent: np.ndarray
    """Went to an independent school: no school census, but key stage 4 results."""
    arrival: np.ndarray
    """Year group in which the person came into English schools (0 reception)."""
    area: np.ndarray
    """Number of the small area in which the person lived at school age."""

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def adult(self) -> np.ndarray:
        """Born before the first school cohort: no school record, and in the data as an adult learner."""
        return self.cohort < codes.FIRST_COHORT

    @property
    def birth_year(self) -> np.ndarray:
        """Calendar year of birth: the academic year of birth runs from September to August."""
        return self.cohort + (self.birth_month < 9)

    @cached_property
    def drawn(self) -> dict[tuple, np.ndarray]:
        """What was drawn for these people already (see :func:`drawn_once`)."""
        return {}

    @cached_property
    def streams(self) -> dict[str, Stream]:
        """The sources of draws in use, by name."""
        return {}

    def stream(self, name: str) -> Stream:
        """The source of draws with this name."""
        if name not in self.streams:
            self.streams[name] = Stream(self.seed, name)
        return self.streams[name]

    @cached_property
    def fsm_by_group(self) -> np.ndarray:
        """Eligible for free school meals in each year group, shape (year groups, people)."""
        return standing.fsm_by_group(self)

    @cached_property
    def sen_by_group(self) -> np.ndarray:
        """Special educational needs provision in each year group, shape (year groups, people)."""
        return standing.sen_by_group(self)

    @drawn_once
    def fsm(self, year: int) -> np.ndarray:
        """Eligible for free school meals in the school year that ends in ``year``."""
        return self._in_year(self.fsm_by_group, year)

    @cached_property
    def fsm_in_year_11(self) -> np.ndarray:
        """Eligible for free school meals in the school year in which people were in year 11."""
        return self.fsm_by_group[11]

    @drawn_once
    def sen(self, year: int) -> np.ndarray:
        """Special educational needs provision: 0 none, 1 school action (or support), 2 plus, 3 statement."""
        return self._in_year(self.sen_by_group, year)

    @cached_property
    def sen_in_year_11(self) -> np.ndarray:
        """The same in the school year in which people were in year 11."""
        return self.sen_by_group[11]

    def _in_year(self, by_group: np.ndarray, year: int) -> np.ndarray:
        """What holds in an academic year. Before school it is that of reception, after it that of the last year."""
        group = np.clip(year - self.cohort - 6, 0, len(by_group) - 1)
        return by_group[group, np.arange(len(self))]


def population(seed: int, person: np.ndarray) -> People:
    """Draw the people with these numbers."""

    def stream(name: str) -> Stream:
        return Stream(seed, "population/" + name)

    cohort = codes.FIRST_COHORT + stream("cohort").below(codes.COHORTS, person)
    male = stream("sex").chance(codes.MALE_PER_MILLION, person)
    minor = stream("ethnic").pick(list(codes.ETHNIC_MINOR.values()), person)
    by_minor = _table(ETHNIC_DISADVANTAGE)[minor]
    disadvantage = stream("disadvantage").normal(person) + by_minor
    ability = (800 * stream("ability").normal(person) - 600 * disadvantage) // 1000
    attainment = ability + _table(ETHNIC_ATTAINMENT)[minor] + np.where(male, -110, 110)
    region = areas.REGION_OF[stream("authority").below(codes.AUTHORITIES, person)]
    authority, area = _home(
        disadvantage, region, stream("authority/place").normal(person), stream("area").normal(person)
    )
    additional = np.array([ENGLISH_ADDITIONAL_PERCENT[code[0]] for code in MINORS]) * 10_000
    latent = (-700 * disadvantage + 700 * stream("independent").normal(person)) // 1000
    late = stream("arrival").chance(90_000, person)
    return People(
        seed=seed,
        person=person,
        cohort=cohort,
        birth_month=1 + stream("month").below(12, person),
        male=male,
        minor=minor,
        region=region,
        authority=authority,
        disadvantage=disadvantage,
        attainment=attainment,
        poverty=(800 * disadvantage + 600 * stream("poverty").normal(person)) // 1000,
        need=(-500 * ability + 860 * stream("need").normal(person)) // 1000 + np.where(male, 200, -200),
        english_additional=stream("language").chance(additional[minor], person),
        independent=latent > 1_460,
        arrival=np.where(late, stream("arrival/group").below(12, person), 0),
        area=area,
    )


def _home(
    disadvantage: np.ndarray, region: np.ndarray, between: np.ndarray, within: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Authority and small area of the home at school age: the disadvantaged live where areas are deprived.

    ``between`` and ``within``: what else decides which authority of the region it is, and which area of that.
    """
    regions, order = areas.by_deprivation()
    authority = np.zeros(len(region), dtype=np.int64)
    drawn = (DEPRIVED_AUTHORITY * -disadvantage + 954 * between) // 1000
    for number, each in enumerate(regions):
        here = region == number
        authority[here] = each[areas.quantile(drawn[here], len(each))]
    drawn = (DEPRIVED_AREA * -disadvantage + 800 * within) // 1000
    place = areas.quantile(drawn, areas.A_ENGLISH)
    return authority, authority * areas.A_ENGLISH + order[authority, place]


def _table(by_code: dict[str, int]) -> np.ndarray:
    return np.array([by_code.get(code, 0) for code in MINORS], dtype=np.int64)
