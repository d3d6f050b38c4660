"""What a study of planted effects is made of: lives, samples, and the same people lived twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import activity, adults, pathways, work
from leocourse.extract.lives.activity import Activity
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.pay import LONDON
from leocourse.extract.lives.population import People, population
from leocourse.extract.lives.tables import MAJOR
from leocourse.fidelity.seen import Seen

STEP, SHARE, RESULT = "steps of 0.1% of pay", "millionths", "thousandths of a standard deviation"
"""Units of effects."""
EQUAL = "results at key stage 4, special needs, ethnic group, London and birth cohort"
"""What :func:`background` holds equal, in words."""
PAY_YEAR = 2020
"""Pay is compared in 2019/20, the last tax year before the pandemic."""


@dataclass(frozen=True)
class Lives:
    """People with what they do after year 11 and their working lives, each lived when it is first asked for."""

    people: People
    given: Pathways | None = None
    """What they do after year 11, where it is not to be drawn."""

    @cached_property
    def paths(self) -> Pathways:
        """What they do after year 11."""
        return self.given or pathways.pathways(self.people)

    @cached_property
    def activity(self) -> Activity:
        """What they do in each month: a fifth of the time that whole working lives take."""
        return activity.activities(self.people, self.paths)

    @cached_property
    def days(self) -> np.ndarray:
        """Days in work, shape (people, tax years), without employers and pay."""
        return work.days_by_tax_year(work.spells_of(self.people, self.activity), len(self.people))

    @cached_property
    def life(self) -> work.Work:
        """Their working lives."""
        return work.work(self.people, self.paths, self.activity)

    @cached_property
    def seen(self) -> Seen:
        """What is recorded of them."""
        return Seen(self.people)


@dataclass(frozen=True)
class Sample:
    """What an estimator sees: a row a person. Naive comparisons have outcome and treatment of their own."""

    outcome: np.ndarray
    treatment: np.ndarray
    """A column an effect, shape (people, effects)."""
    controls: np.ndarray
    """What is held equal: columns of a regression, or, where ``matched``, numbers of cells to compare in."""
    naive: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    matched: bool = False
    alike: bool = False
    """Errors are equally spread, as those of pay levels are: a few treated people then suffice."""
    more: dict[str, np.ndarray] = field(default_factory=dict)
    """What an estimator of a study's own needs beside: clusters, an instrument, years, a row an outcome."""


@dataclass(frozen=True)
class Difference:
    """Outcomes with the treatment less those without it, of the treated."""

    names: list[str]
    treatment: np.ndarray
    difference: np.ndarray


@dataclass(frozen=True)
class Effect:
    """A planted effect as a researcher meets it."""

    parameter: str
    """Its name in ``truth.parameters``."""
    question: str
    compared: str
    planted: Callable[[], int]
    unit: str
    estimator: str
    naive: str
    since: str = ""
    """From when on it acts: a date, a tax year, a birth cohort; empty if always."""
    tables: tuple[str, ...] = ()
    """Tables (names of ``data/schema/tables``) that the intended estimator reads."""
    bias: str = ""
    """What the intended estimator gets wrong, and by how much, where we know of it: its coverage is not judged."""


@dataclass(frozen=True)
class Study:
    """Effects estimated together: their words, the sample that both estimators see, and the same lives without them."""

    effects: dict[str, Effect]
    sample: Callable[[Lives], Sample]
    """Its treatments are in the order of the effects, and it has a naive comparison for each."""
    differences: Callable[[Lives], list[Difference]]
    estimate: Callable[[Sample], np.ndarray] | None = None
    """The intended estimator where it is not one of :func:`leocourse.fidelity.estimators.intended`: coefficients and
    standard errors, shape (effects, 2)."""
    people: int = 10_000
    """People of a sample in which coverage is measured: what a rare group needs."""
    among: Callable[[People], np.ndarray] | None = None
    """Which of these people the study is about, where that is known from who they are: only they are lived."""
    reads: Callable[[Lives], np.ndarray] | None = None
    """Whose working lives the intended estimator reads, where that is known from what they do after year 11: for
    coverage only these are lived to the end, so the naive comparison is not to be taken among them."""
    adults: bool = False
    """Is about adults without a school record: ``people`` then counts them."""

    @property
    def names(self) -> list[str]:
        """The effects, in order."""
        return list(self.effects)


def live(seed: int, person: np.ndarray) -> Lives:
    """The lives of these people, as in an extract."""
    return Lives(population(seed, person))


def but(people: People, **drawn: np.ndarray) -> People:
    """The same people, with the same draws, but for what some functions of :func:`drawn_once` found for them.

    So they can be lived again with another result at 16, say: nothing that is given here is drawn again.
    """
    other = replace(people)
    other.drawn.update({key: value for key, value in people.drawn.items() if key[0] in _OF_CHILDHOOD})
    other.drawn.update({(name,): value for name, value in drawn.items()})
    return other


def some(lives: Lives, chosen: np.ndarray) -> Lives:
    """The lives of some of these people: as they are, because nobody's draws depend on anybody else."""
    return live(lives.people.seed, lives.people.person[chosen])


_OF_CHILDHOOD = {"schooling", "care", "excluded_in", "in_care_before_16", "attachment_adds", "hardship_adds"}
"""What of a life does not depend on what comes after year 11."""


def live_adults(seed: int, person: np.ndarray) -> Lives:
    """The lives of the adults with these numbers, as in an extract."""
    people = adults.adults(seed, person)
    paths = adults.pathways(people)
    return Lives(people, paths)


def steps(rate: np.ndarray) -> np.ndarray:
    """A yearly rate of pay in steps of 0.1%, the unit in which effects on pay are planted."""
    return np.log(np.maximum(rate, 1)) / np.log(1.001)


def pay(life: work.Work, year: int) -> np.ndarray:
    """The rate of pay in the tax year that ends in ``year``, in steps; not a number for those without work."""
    column = year - work.TAX_YEARS[0]
    return np.where(life.days[:, column] > 0, steps(life.rate[:, column]), np.nan)


def columns(*each: np.ndarray) -> np.ndarray:
    """Columns side by side as floating-point numbers."""
    return np.column_stack([np.asarray(one, dtype=float) for one in each])


def since(people: People, year: int) -> np.ndarray:
    """Years after year 11 in a tax year, as pay counts them."""
    return year - 18 - people.cohort


def women_later(people: People, year: int) -> np.ndarray:
    """Years from the ninth after year 11, over which the pay of women falls behind."""
    return np.clip(since(people, year) - 8, 0, 10)


def women_below(people: People, paths: Pathways, year: int) -> np.ndarray:
    """The same years of women who have nothing at level 3, whose pay falls behind faster; 0 of everybody else."""
    return ~people.male * ~paths.some_level_three * women_later(people, year)


def background(lives: Lives) -> np.ndarray:
    """What decides pay and education both, as recorded: results, level 3, need, ethnic group, London and cohort."""
    people = lives.people
    member = activity.groups(people)
    own = [member[name] for name in activity.GROUPS if name not in ("women", "eligible for FSM")]
    seen = lives.seen
    known = (seen.key_stage_4, ~seen.has_results, MAJOR[people.minor] == "O", people.region == LONDON)
    known += (lives.paths.level3_passed, lives.paths.level3_passed * np.clip(since(people, PAY_YEAR) - 5, 0, 10))
    return columns(*known, *own, *cohorts(people))


def cohorts(people: People) -> list[np.ndarray]:
    """A column a birth cohort."""
    return [people.cohort == each for each in range(1986, 2005)]


def settled(lives: Lives, year: int = PAY_YEAR) -> np.ndarray:
    """Out of education, no university, and at least four years past year 11."""
    people, paths = lives.people, lives.paths
    away = (paths.university_years == 0) & ~paths.studies(month_of(year - 1, 10))
    return away & (since(people, year) >= 4)


def finished(paths: Pathways, year: int = PAY_YEAR) -> np.ndarray:
    """Completed an apprenticeship before the autumn of the tax year."""
    return level_completed(paths, year) > 0


def level_completed(paths: Pathways, year: int = PAY_YEAR) -> np.ndarray:
    """The highest level of an apprenticeship completed before the autumn of the tax year; 0 without one."""
    return paths.apprenticeships.level_by(month_of(year - 1, 10))


def two_years(lives: Lives, year: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Growth of pay into a year, who counts, and what else makes pay grow."""
    people, paths = lives.people, lives.paths
    growth = pay(lives.life, year) - pay(lives.life, year - 1)
    changed = level_completed(paths, year) != level_completed(paths, year - 1)
    chosen = ~np.isnan(growth) & settled(lives, year - 1) & settled(lives, year) & ~changed
    women = ~people.male
    later = women_later(people, year) - women_later(people, year - 1)
    return growth, chosen, columns(women, women * later, *cohorts(people))
