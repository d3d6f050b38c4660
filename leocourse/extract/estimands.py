"""What each planted effect is worth: the value that the intended estimator would give with unlimited data.

A planted parameter is not what an estimate should be compared with: pay is clipped and rounded, a course
changes more than pay, and effects differ between people. So every effect here has an *estimand*, computed
from potential outcomes: the same people live twice, with the same draws, once with the treatment and once
without it, and the difference is averaged over those who are treated. Beside it stand the estimator that
should find it, written for lives (before records and faults), and the naive comparison that should not.

Pay is measured in steps of 0.1% (:func:`steps`), shares in millionths, results in thousandths of a standard
deviation. Logarithms are used here, and only here: nothing in this module decides a row of an extract. The
stored values, in ``data/reference/estimands.json``, come from
``python -m leocourse.extract.estimands``.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from leocourse.errors import LeoError
from leocourse.extract import absence, after16, applications, firms, ks4, subjects, work
from leocourse.extract.after16 import APPRENTICESHIP_ACCESS, MAJOR, NEVER, Pathways, month_of
from leocourse.extract.population import People, population
from leocourse.paths import course_root

STORED = Path("data") / "reference" / "estimands.json"
BLOCK = 50_000
NAIVE_PEOPLE = 400_000
"""Among so many people, about one in a hundred of the real extract, each naive comparison misses by at least
:data:`MISSES_BY` standard errors. The stored values say for each effect how many people would be enough."""
MISSES_BY = 5
LEAST_PEOPLE = 20_000
PAY_YEAR = 2020
"""Pay is compared in 2019/20, the last tax year before the pandemic."""
ENTERPRISE = "a standard deviation between enterprises of a section"
REFERENCE = "business"
"""The subject with most graduates: what other subjects are compared with."""
NAMED = ["medicine", "economics", "engineering", "nursing", "creative arts"]
STEP, SHARE, RESULT = "steps of 0.1% of pay", "millionths", "thousandths of a standard deviation"


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


@dataclass(frozen=True)
class Lives:
    """People with what they do after year 11 and their working lives."""

    people: People
    paths: Pathways
    life: work.Work


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


@dataclass(frozen=True)
class Difference:
    """Outcomes with the treatment less those without it, of the treated."""

    names: list[str]
    treatment: np.ndarray
    difference: np.ndarray


@dataclass(frozen=True)
class Study:
    """Effects estimated together, from one sample."""

    names: list[str]
    sample: Callable[[Lives], Sample]
    differences: Callable[[Lives], list[Difference]]


def live(seed: int, person: np.ndarray) -> Lives:
    """The lives of these people, as in an extract."""
    people = population(seed, person)
    paths = after16.pathways(people)
    return Lives(people, paths, work.work(people, paths))


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


def background(people: People) -> np.ndarray:
    """What decides pay and education both: attainment, need, ethnic group, London and cohort."""
    member = work.groups(people)
    own = [member[name] for name in work.GROUPS if name not in ("women", "eligible for FSM")]
    return columns(people.attainment, MAJOR[people.minor] == "O", people.region == work.LONDON, *own, *cohorts(people))


def cohorts(people: People) -> list[np.ndarray]:
    """A column a birth cohort."""
    return [people.cohort == each for each in range(1986, 2005)]


# people who do not go to university: apprenticeships, sex, free school meals


def _settled(lives: Lives, year: int = PAY_YEAR) -> np.ndarray:
    """Out of education, no university, and at least four years past year 11."""
    people, paths = lives.people, lives.paths
    away = (paths.university_years == 0) & ~paths.studies(month_of(year - 1, 10))
    return away & (since(people, year) >= 4)


def _finished(paths: Pathways, year: int = PAY_YEAR) -> np.ndarray:
    return paths.completed & (paths.apprenticeship_end < month_of(year - 1, 10))


def _learning(paths: Pathways, year: int = PAY_YEAR) -> np.ndarray:
    """In an apprenticeship in the autumn of the tax year."""
    month = month_of(year - 1, 10)
    return (paths.apprenticeship_start <= month) & (paths.apprenticeship_end >= month)


APPRENTICESHIPS = ["level 2", "level 3", "level 4 and above", "Asian, Chinese or other", "Black or mixed",
                   "learning difficulty"]  # fmt: skip
PEOPLE_PAY = ["women", "women, each year from the ninth after year 11", "free school meals"]


def _apprenticeship_columns(lives: Lives) -> np.ndarray:
    """Completed, by level, and by what changes the return."""
    people, paths = lives.people, lives.paths
    done, level, letter = _finished(paths), paths.apprenticeship, MAJOR[people.minor]
    parts = [level == 2, level == 3, level >= 4, np.isin(letter, ["A", "C", "O"]), np.isin(letter, ["B", "M"]),
             paths.difficulty]  # fmt: skip
    return columns(*(done & part for part in parts))


def _without_university(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    member, outcome = work.groups(people), pay(lives.life, PAY_YEAR)
    in_work = ~np.isnan(outcome)
    chosen = in_work & _settled(lives) & ~_learning(paths)
    women, poor = member["women"], member["eligible for FSM"]
    trained = _apprenticeship_columns(lives)
    left = ~paths.completed & (paths.apprenticeship_end >= 0) & (paths.apprenticeship_end < month_of(PAY_YEAR - 1, 10))
    treatment = np.column_stack([trained, columns(women, women * women_later(people, PAY_YEAR), poor)])
    controls = np.column_stack([background(people), columns(left, paths.difficulty)])
    untrained, done = in_work & (paths.apprenticeship == 0), in_work & trained[:, :3].any(axis=1)
    naive = {}
    for number, name in enumerate(APPRENTICESHIPS):
        had = in_work & (trained[:, number] > 0)
        pool = had | (untrained if number < 3 else done)
        naive[f"apprenticeship: {name}"] = (outcome[pool], had[pool])
    grown = in_work & (since(people, PAY_YEAR) >= 8)
    for name, group in (("women", women), ("free school meals", poor)):
        naive[name] = (outcome[grown], group[grown])
    # Naive about growth: women's pay by years after year 11, whoever they are and whatever they do.
    pool = in_work & women
    naive[PEOPLE_PAY[1]] = (outcome[pool], women_later(people, PAY_YEAR)[pool])
    return Sample(outcome[chosen], treatment[chosen], controls[chosen], naive, alike=True)


def _without_university_differences(lives: Lives) -> list[Difference]:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    untrained = replace(
        paths,
        apprenticeship=np.zeros_like(paths.apprenticeship),
        apprenticeship_start=np.full_like(paths.apprenticeship_start, NEVER),
        apprenticeship_end=np.full_like(paths.apprenticeship_end, -1),
        completed=np.zeros_like(paths.completed),
    )
    men = replace(people, male=np.ones_like(people.male))
    rich = replace(people, poverty=np.full_like(people.poverty, -(10**6)))
    chosen = _settled(lives) & ~_learning(paths)
    member, later = work.groups(people), women_later(people, PAY_YEAR)
    worlds = [
        (
            _names("apprenticeship: ", APPRENTICESHIPS),
            people,
            untrained,
            _apprenticeship_columns(lives),
            _finished(paths),
        ),
        (PEOPLE_PAY[:2], men, paths, columns(np.ones(len(people)), later), member["women"]),
        (PEOPLE_PAY[2:], rich, paths, columns(np.ones(len(people))), member["eligible for FSM"]),
    ]
    found = []
    for names, who, path, treatment, treated in worlds:
        difference = outcome - pay(work.work(who, path), PAY_YEAR)
        here = chosen & treated & ~np.isnan(difference)
        found.append(Difference(names, treatment[here], difference[here]))
    return found


def _names(prefix: str, names: list[str]) -> list[str]:
    return [prefix + name for name in names]


# graduates: subjects


def _years_out(lives: Lives) -> np.ndarray:
    """Tax years since the one in which study for the degree ended."""
    return PAY_YEAR - (lives.paths.university_year + lives.paths.university_years - 1)


def _graduates(lives: Lives) -> np.ndarray:
    out = lives.paths.graduated & (_years_out(lives) >= 3)
    return out & ~lives.paths.studies(month_of(PAY_YEAR - 1, 10))


def _of_subject(paths: Pathways, name: str) -> np.ndarray:
    return paths.graduated & (paths.subject == subjects.SUBJECTS.index(name))


def _degrees(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    chosen = _graduates(lives) & ~np.isnan(outcome)
    member = work.groups(people)
    others = [_of_subject(paths, name) for name in subjects.SUBJECTS if name not in (*NAMED, REFERENCE)]
    women = member["women"]
    extra = columns(*others, women, women * women_later(people, PAY_YEAR), member["eligible for FSM"],
                    np.clip(_years_out(lives) - 1, 0, 8))  # fmt: skip
    treatment = columns(*(_of_subject(paths, name) for name in NAMED))
    naive = {}
    grown = ~np.isnan(outcome) & (since(people, PAY_YEAR) >= 10)
    for name in NAMED:
        pool = (_of_subject(paths, name) | _of_subject(paths, REFERENCE)) & grown
        naive[f"degree in {name}"] = (outcome[pool], _of_subject(paths, name)[pool])
    return Sample(
        outcome[chosen], treatment[chosen], np.column_stack([background(people), extra])[chosen], naive, alike=True
    )


def _degree_differences(lives: Lives) -> list[Difference]:
    paths, outcome = lives.paths, pay(lives.life, PAY_YEAR)
    named = np.isin(paths.subject, [subjects.SUBJECTS.index(name) for name in NAMED]) & _graduates(lives)
    other = replace(paths, subject=np.where(named, subjects.SUBJECTS.index(REFERENCE), paths.subject))
    difference = outcome - pay(work.work(lives.people, other), PAY_YEAR)
    here = named & ~np.isnan(difference)
    treatment = columns(*(_of_subject(paths, name) for name in NAMED))
    return [Difference(_names("degree in ", NAMED), treatment[here], difference[here])]


# access to apprenticeships

ACCESS = ["ethnic minority", "learning difficulty"]
_FURTHER = "ethnic minority, a standard deviation of attainment"


def _access_columns(lives: Lives) -> np.ndarray:
    return columns(after16.KNOWN_MINORITY[lives.people.minor], lives.paths.difficulty)


def _access(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    started, treatment = 1_000_000.0 * (paths.apprenticeship > 0), _access_columns(lives)
    chosen = paths.university_years == 0
    member, score = work.groups(people), people.attainment / 1000
    need = [member["SEN without a statement"], member["SEN with a statement"]]
    further = treatment[:, 0] * _from_centre(people)
    controls = columns(score, score**2, further, ~people.male, member["eligible for FSM"], *need)
    early = started * (paths.apprenticeship_start < month_of(people.cohort + 20, 9))
    naive = {f"access: {name}": (early, treatment[:, number]) for number, name in enumerate(ACCESS)}
    return Sample(started[chosen], treatment[chosen], controls[chosen], naive)


def _from_centre(people: People) -> np.ndarray:
    """Attainment from where access by ethnic group is planted, in standard deviations."""
    return (people.attainment - after16.ACCESS_CENTRE) / 1000


def _access_differences(lives: Lives) -> list[Difference]:
    """Everybody who does not enter university is made one of the group, and then not, for the access alone."""
    chosen, found, table = lives.paths.university_years == 0, [], APPRENTICESHIP_ACCESS
    slope = "a standard deviation of attainment"
    for name in ACCESS:
        further = table[_FURTHER] if name == "ethnic minority" else 0
        outside = table | {name: 0} | ({_FURTHER: 0} if further else {})
        shift = table[name] - further * after16.ACCESS_CENTRE // 1000
        inside = outside | {"base": outside["base"] + shift, slope: outside[slope] + further}
        begun = [after16.pathways(lives.people, each).apprenticeship > 0 for each in (inside, outside)]
        difference = 1_000_000.0 * (begun[0] * 1 - begun[1])[chosen]
        treatment = columns(np.ones(len(difference)), _from_centre(lives.people)[chosen])
        found.append(Difference([f"access: {name}"], treatment if further else treatment[:, :1], difference))
    return found


# the contextual offer


def _contextual_sample(applied: applications.Applications) -> tuple[np.ndarray, np.ndarray]:
    """Applicants with an offer since the first cycle, and who of them chose a contextual one."""
    every = np.arange(len(applied.i))
    chose = (applied.firm >= 0) & applied.contextual[every, applied.firm]
    chose |= (applied.insurance >= 0) & applied.contextual[every, applied.insurance]
    return (applied.firm >= 0) & (applied.cycle >= applications.CONTEXTUAL["first cycle"]), chose


def _contextual(lives: Lives) -> Sample:
    applied, points = lives.paths.applications, lives.paths.points[lives.paths.applications.i]
    every = np.arange(len(applied.i))
    chosen, chose = _contextual_sample(applied)
    cell = (points == 0).astype(np.int64)
    for column in (applied.firm, applied.insurance):
        asked = applications.REQUIRED[applied.choice[every, column]]
        gap = np.clip(points - asked, -6, 0) + 7
        gap = np.where(applied.offer[every, column] == 0, 8, gap)
        gap = np.where(applied.conditional_unconditional[every, column], 9, gap)
        cell = cell * 10 + np.where(column < 0, 0, gap)
    accepted = 1_000_000.0 * (applied.accepted >= 0)
    meant = (applications.polar(lives.people) == 1) | lives.people.fsm_in_year_11
    naive = {"contextual offer": (accepted[chosen], meant[applied.i][chosen])}
    return Sample(accepted[chosen], columns(chose[chosen]), columns(cell[chosen]), naive, matched=True)


def _contextual_differences(lives: Lives) -> list[Difference]:
    applied = lives.paths.applications
    chosen, chose = _contextual_sample(applied)
    here = chosen & chose
    difference = 1_000_000.0 * ((applied.accepted >= 0) * 1 - applied.without_contextual)
    return [Difference(["contextual offer"], np.ones((int(here.sum()), 1)), difference[here])]


# enterprises and furlough: the same people in two years


def _two_years(lives: Lives, year: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Growth of pay into a year, who counts, and what else makes pay grow."""
    people, paths = lives.people, lives.paths
    growth = pay(lives.life, year) - pay(lives.life, year - 1)
    changed = _finished(paths, year) != _finished(paths, year - 1)
    chosen = ~np.isnan(growth) & _settled(lives, year - 1) & _settled(lives, year) & ~changed
    women = ~people.male
    later = women_later(people, year) - women_later(people, year - 1)
    return growth, chosen, columns(women, women * later, *cohorts(people))


def _enterprise(lives: Lives) -> Sample:
    growth, chosen, controls = _two_years(lives, PAY_YEAR)
    jobs, column = lives.life.jobs, PAY_YEAR - work.TAX_YEARS[0]
    deviation = firms.FIRM_PAY[ENTERPRISE]
    moved = chosen & (jobs.firm[:, column, 0] != jobs.firm[:, column - 1, 0])
    treatment = columns(jobs.pay[:, column] - jobs.pay[:, column - 1]) / deviation
    outcome = pay(lives.life, PAY_YEAR)
    at_work = ~np.isnan(outcome)
    naive = {"enterprise": (outcome[at_work], jobs.pay[at_work, column] / deviation)}
    return Sample(growth[moved], treatment[moved], controls[moved], naive)


def _enterprise_differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    better = replace(life.jobs, pay=life.jobs.pay + firms.FIRM_PAY[ENTERPRISE])
    raised = replace(life, rate=work.rates(people, paths, better, life.furlough))
    difference = pay(raised, PAY_YEAR) - pay(life, PAY_YEAR)
    here = ~np.isnan(difference) & _settled(lives)
    return [Difference(["enterprise"], np.ones((int(here.sum()), 1)), difference[here])]


def _furlough(lives: Lives) -> Sample:
    growth, chosen, controls = _two_years(lives, 2021)
    jobs, furloughed = lives.life.jobs, lives.life.furlough.in_tax_year(2021)
    one = (jobs.firm[:, -2:, 1:] < 0).all(axis=(1, 2)) & (jobs.firm[:, -1, 0] == jobs.firm[:, -2, 0])
    chosen &= one  # the same single enterprise in both years
    before_and_after = ~np.isnan(growth) & furloughed
    naive = {"furlough": (growth[before_and_after], np.ones(int(before_and_after.sum())))}
    return Sample(growth[chosen], columns(furloughed)[chosen], controls[chosen], naive)


def _furlough_differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    none = replace(life.furlough, any_time=np.zeros_like(life.furlough.any_time))
    spared = replace(life, rate=work.rates(people, paths, life.jobs, none))
    difference = pay(life, 2021) - pay(spared, 2021)
    here = ~np.isnan(difference) & life.furlough.in_tax_year(2021)
    return [Difference(["furlough"], np.ones((int(here.sum()), 1)), difference[here])]


# absence


def _absence(lives: Lives) -> Sample:
    people = lives.people
    outcome = ks4.result(people).astype(float)
    rate = absence.rate_in_year_11(people, people.cohort + 17) / 100
    controls = columns(people.attainment, people.disadvantage, people.need, *cohorts(people))
    return Sample(outcome, columns(rate), controls, {"absence": (outcome, rate)})


def _absence_differences(lives: Lives) -> list[Difference]:
    difference = ks4.result(lives.people, 100) - ks4.result(lives.people)
    return [Difference(["absence"], np.ones((len(difference), 1)), difference.astype(float))]


STUDIES = [
    Study(
        _names("apprenticeship: ", APPRENTICESHIPS) + PEOPLE_PAY, _without_university, _without_university_differences
    ),
    Study(_names("degree in ", NAMED), _degrees, _degree_differences),
    Study(_names("access: ", ACCESS), _access, _access_differences),
    Study(["contextual offer"], _contextual, _contextual_differences),
    Study(["enterprise"], _enterprise, _enterprise_differences),
    Study(["furlough"], _furlough, _furlough_differences),
    Study(["absence"], _absence, _absence_differences),
]


# estimators


def least_squares(
    outcome: np.ndarray, treatment: np.ndarray, controls: np.ndarray | None = None, *, alike: bool = False
) -> np.ndarray:
    """Coefficients of the treatments and their standard errors, shape (treatments, 2).

    The errors allow for unequal variances (the variant called HC2) unless they are ``alike``. A treatment
    that fewer than three people have gets no number.
    """
    rest = [] if controls is None else [controls]
    design = np.column_stack([treatment, np.ones(len(outcome)), *rest])
    scale = np.sqrt((design**2).sum(axis=0))
    scale = np.where(scale > 0, scale, 1)
    design = design / scale
    bread = np.linalg.pinv(design.T @ design, rcond=1e-10, hermitian=True)
    coefficient = bread @ (design.T @ outcome)
    leverage = ((design @ bread) * design).sum(axis=1)
    left = outcome - design @ coefficient
    if alike:
        variance = np.diag(bread) * (left**2).sum() / max(len(outcome) - leverage.sum(), 1)
    else:
        weight = left**2 / (1 - np.clip(leverage, 0, 0.999))
        variance = np.diag(bread @ (design.T @ (design * weight[:, None])) @ bread)
    found = np.column_stack([coefficient, np.sqrt(np.maximum(variance, 0))]) / scale[:, None]
    found = found[: treatment.shape[1]]
    found[(treatment != 0).sum(axis=0) < 3] = np.nan
    return found


def within_cells(outcome: np.ndarray, treated: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Mean difference between treated and untreated people of the same cell, weighted by the treated.

    Returns the estimate and its standard error, shape (1, 2). Cells without untreated people count nowhere.
    """
    _, cell = np.unique(cell, return_inverse=True)
    size = cell.max() + 1
    without = np.bincount(cell[~treated], minlength=size)
    total, square = (np.bincount(cell[~treated], outcome[~treated] ** power, minlength=size) for power in (1, 2))
    mean = total / np.maximum(without, 1)
    spread = np.maximum(square / np.maximum(without, 1) - mean**2, 0)
    used = treated & (without[cell] > 0)
    gain = outcome[used] - mean[cell[used]]
    many = np.bincount(cell[used], minlength=size)
    variance = ((gain - gain.mean()) ** 2).sum() + (many**2 * spread / np.maximum(without, 1)).sum()
    return np.array([[gain.mean(), np.sqrt(variance) / len(gain)]])


def join(each: list[Sample]) -> Sample:
    """One sample of the people of several blocks."""
    names = each[0].naive
    compared = {
        name: tuple(np.concatenate([one.naive[name][part] for one in each]) for part in (0, 1)) for name in names
    }
    parts = (np.concatenate([getattr(one, part) for one in each]) for part in ("outcome", "treatment", "controls"))
    return Sample(*parts, compared, each[0].matched, each[0].alike)


def intended(sample: Sample) -> np.ndarray:
    """Estimates of the intended estimator and their standard errors, shape (effects, 2)."""
    if sample.matched:
        return within_cells(sample.outcome, sample.treatment[:, 0] > 0, sample.controls[:, 0])
    return least_squares(sample.outcome, sample.treatment, sample.controls, alike=sample.alike)


def naive(outcome: np.ndarray, treatment: np.ndarray) -> tuple[float, float]:
    """The naive comparison and its standard error: a difference of means, or a slope, with nothing held equal."""
    if np.all(treatment == 1):  # before and after
        return float(outcome.mean()), float(outcome.std(ddof=1) / np.sqrt(len(outcome)))
    return tuple(map(float, least_squares(outcome, columns(treatment))[0]))


@dataclass(frozen=True)
class Estimate:
    """Two estimates of an effect with their standard errors."""

    value: float
    error: float
    naive: float
    naive_error: float


def blocks_of(people: int, size: int = BLOCK) -> list[np.ndarray]:
    """Numbers of people, in blocks."""
    return [np.arange(first, min(first + size, people), dtype=np.int64) for first in range(0, people, size)]


def estimates(seed: int, people: int) -> dict[str, Estimate]:
    """Intended and naive estimate of every effect from the lives of the first ``people`` people."""
    blocks = [live(seed, person) for person in blocks_of(people)]
    found = {}
    for study in STUDIES:
        sample = join([study.sample(lives) for lives in blocks])
        for name, (value, error) in zip(study.names, intended(sample), strict=True):
            found[name] = Estimate(float(value), float(error), *naive(*sample.naive[name]))
    return found


def estimands(seed: int, people: int, progress: Callable[[int, int], None] | None = None) -> dict[str, dict]:
    """The estimand of every effect, its Monte Carlo error and the number of treated people, by name."""
    parts: dict[tuple[str, ...], list[Difference]] = {}
    seen: list[dict[str, list]] = [{name: [] for name in study.names} for study in STUDIES]
    blocks = blocks_of(people)
    for number, person in enumerate(blocks):
        lives = live(seed, person)
        for study, seen_by in zip(STUDIES, seen, strict=True):
            if person[-1] < NAIVE_PEOPLE:
                for name, compared in study.sample(lives).naive.items():
                    seen_by[name].append(compared)
            for part in study.differences(lives):
                parts.setdefault(tuple(part.names), []).append(part)
        if progress:
            progress(number + 1, len(blocks))
    found = {}
    for names, each in parts.items():
        treatment = np.concatenate([part.treatment for part in each])
        values = project(np.concatenate([part.difference for part in each]), treatment)
        for place, name in enumerate(names):
            value, error = values[place]
            treated = int((treatment[:, place] != 0).sum())
            found[name] = {
                "planted": int(EFFECTS[name].planted()),
                "estimand": round(float(value), 3),
                "error": round(float(error), 3),
                "treated": treated,
            }
    for study, seen_by in zip(STUDIES, seen, strict=True):
        for name in study.names:
            value, error = naive(*(np.concatenate(part) for part in zip(*seen_by[name], strict=True)))
            away = abs(value - found[name]["estimand"]) / error if error > 0 else 0.0
            enough = min(people, NAIVE_PEOPLE) * (MISSES_BY / away) ** 2 if away > 0 else math.inf
            found[name] |= {
                "naive": round(value, 3),
                "naive_error": round(error, 3),
                "errors_away": round(away, 1),
                "enough_people": 1_000 * math.ceil(enough / 1_000) if enough < math.inf else None,
            }
    return {name: found[name] for study in STUDIES for name in study.names}


def project(difference: np.ndarray, treatment: np.ndarray) -> np.ndarray:
    """What each treatment adds to the difference, by least squares, and the standard error.

    With one treatment that is the mean over the treated. With levels and groups each gets its own part.
    """
    bread = np.linalg.pinv(treatment.T @ treatment, hermitian=True)
    value = bread @ (treatment.T @ difference)
    left = difference - treatment @ value
    variance = np.diag(bread @ (treatment.T @ (treatment * (left**2)[:, None])) @ bread)
    return np.column_stack([value, np.sqrt(np.maximum(variance, 0))])


# the table

_PAY = "log pay of 2019/20 of people who did not go to university and have left education, on "
_EQUAL = "attainment, special needs, ethnic group, London and birth cohort"


def _apprenticeship_effect(name: str) -> Effect:
    level = name.startswith("level")
    return Effect(
        f"pay: apprenticeship: {name}",
        f"What does a completed apprenticeship at {name} add to pay?" if level
        else f"How does the return to a completed apprenticeship differ for: {name}?",
        "people who completed one, with the same people had they begun none",
        lambda: after16.APPRENTICESHIP_PAY[name],
        STEP,
        _PAY + "levels completed and their products with ethnic group and learning difficulty, with sex, free "
        f"school meals, {_EQUAL}; the coefficient of {'the level' if level else 'the product'}",
        "mean log pay of those who completed one less that of everybody in work who never began one" if level
        else "mean log pay of apprentices of the group less that of the other apprentices",
    )  # fmt: skip


def _degree_effect(name: str) -> Effect:
    planted = subjects.SUBJECT_PAY
    return Effect(
        f"pay: degree in: {name}",
        f"What does a degree in {name} add to pay, rather than one in {REFERENCE}?",
        f"graduates in {name}, with the same people had they studied {REFERENCE} for as long",
        lambda: planted[name] - planted[REFERENCE],
        STEP,
        "log pay of 2019/20 of graduates three or more years out of study, on subject, with years since the degree, "
        f"sex, free school meals, {_EQUAL}; the coefficient, {REFERENCE} being the subject left out",
        f"mean log pay of graduates in {name} ten or more years after year 11 less that of graduates in {REFERENCE}",
    )


def _person_effect(name: str, question: str, compared: str, against: str) -> Effect:
    return Effect(
        f"pay: {name}", question, compared, lambda: work.PAY_STEPS[name], STEP,
        f"{_PAY}sex, its growth from the ninth year after year 11 and free school meals, with apprenticeship, "
        f"{_EQUAL}",
        against,
    )  # fmt: skip


def _access_effect(name: str) -> Effect:
    return Effect(
        f"access to an apprenticeship: {name}",
        f"How much less often does somebody with the same attainment begin an apprenticeship if: {name}?",
        "everybody who does not enter university: treated as the group is, and as others are",
        lambda: APPRENTICESHIP_ACCESS[name],
        SHARE,
        "a linear model of ever beginning one, of people who do not enter university, on ethnic minority and learning "
        "difficulty, with attainment, its square and (from the mean of those people) its product with ethnic minority, "
        "sex, free school meals and special needs in year 11",
        "the share of everybody in the group that begins one within three years of year 11, less that outside it",
    )


EFFECTS: dict[str, Effect] = {
    **{f"apprenticeship: {name}": _apprenticeship_effect(name) for name in APPRENTICESHIPS},
    "women": _person_effect(
        "women", "How much less are women paid at the same attainment, up to the eighth year after year 11?",
        "women, with the same people had employers taken them for men",
        "mean log pay of women in work eight or more years after year 11 less that of men",
    ),
    PEOPLE_PAY[1]: _person_effect(
        PEOPLE_PAY[1], "How much further does the pay of women fall behind in each later year?",
        "women, with the same people had employers taken them for men",
        "the slope of women's mean log pay over the years from the ninth after year 11",
    ),
    "free school meals": _person_effect(
        "free school meals", "How much less are people paid who were eligible for free school meals, all else equal?",
        "people eligible in year 11, with the same people had they not been",
        "mean log pay eight or more years after year 11 of those eligible in year 11 less that of the others",
    ),
    **{f"degree in {name}": _degree_effect(name) for name in NAMED},
    **{f"access: {name}": _access_effect(name) for name in ACCESS},
    "contextual offer": Effect(
        "contextual offer: points off", "How many applicants enter because an offer they chose was lowered?",
        "applicants whose firm or insurance choice was lowered, with the same people had no offer been",
        lambda: applications.CONTEXTUAL["points off"], SHARE,
        "share accepted of those with a lowered offer less that of other applicants whose results lie as far from what "
        "their firm and insurance choices ask of everybody else; in millionths of applicants",
        "share accepted of applicants with an offer whom the policy is meant for less that of the others with an offer",
    ),
    "enterprise": Effect(
        f"pay: enterprise: {ENTERPRISE}", "What does work for a better-paying enterprise add to pay?",
        "everybody in work, with the same people where the enterprise pays a standard deviation more",
        lambda: firms.FIRM_PAY[ENTERPRISE], STEP,
        "growth of log pay from 2018/19 to 2019/20 of people who changed enterprise, on the change in what their "
        "enterprises add, with sex and birth cohort",
        "the slope of log pay over what the enterprise adds, among everybody in work",
    ),
    "furlough": Effect(
        "pay: furloughed in 2020/21", "What did furlough take from the yearly rate of pay in 2020/21?",
        "people furloughed from April 2020, with the same people had they not been",
        lambda: work.PAY_STEPS["furloughed in 2020/21"], STEP,
        "growth of log pay from 2019/20 to 2020/21 of people in one and the same enterprise in both years who did not "
        "go to university, on furlough, with sex and birth cohort",
        "mean growth of log pay of the furloughed from 2019/20 to 2020/21, with nobody to compare them with",
    ),
    "absence": Effect(
        "absence: " + next(iter(absence.ABSENCE_EFFECTS)),
        "What does one more percentage point of sessions missed in year 11 do to the key stage 4 result?",
        "everybody, with the same people had they missed a percentage point more",
        lambda: next(iter(absence.ABSENCE_EFFECTS.values())), RESULT,
        "key stage 4 result on the rate of absence in year 11, with prior attainment, disadvantage, special needs and "
        "birth cohort",
        "the slope of the result over the rate of absence, nothing held equal",
    ),
}  # fmt: skip
"""Every planted effect that a researcher would estimate."""


# the stored values


def write_stored(path: Path, people: int, seed: int, progress: Callable[[int, int], None] | None = None) -> None:
    """Compute the estimands and write them to ``path``, with a file beside it that says how they were made."""
    from leocourse.extract.write import generator_version  # writing an extract needs this module

    found = estimands(seed, people, progress)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    about = {
        "title": "Estimands of the planted effects",
        "source": "Computed from potential outcomes by leocourse/extract/estimands.py",
        "command": f"python -m leocourse.extract.estimands --people {people} --seed {seed}",
        "people": people,
        "seed": seed,
        "generator": generator_version(),
        "naive_people": min(people, NAIVE_PEOPLE),
        "naive_misses_by_at_least": min(line["errors_away"] for line in found.values()),
        "units": {name: effect.unit for name, effect in EFFECTS.items()},
        "columns": {
            "planted": "the parameter then, as the effect counts it",
            "estimand": "the effect",
            "error": "its Monte Carlo error",
            "treated": "people it averages over",
            "naive": f"the naive comparison among the first {min(people, NAIVE_PEOPLE)} people",
            "naive_error": "its standard error",
            "errors_away": "how many of them it misses the estimand by",
            "enough_people": f"people among whom it would miss by {MISSES_BY} of them: errors shrink with the square "
            "root of their number",
        },
        "checks": "tests/extract/test_estimands.py",
    }
    path.with_suffix(".meta.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


@cache
def stored() -> dict[str, dict]:
    """The stored estimands by effect. Raises LeoError if they were never computed."""
    path = course_root() / STORED
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LeoError(f"{STORED.as_posix()} cannot be read: run python -m leocourse.extract.estimands.") from error


def for_parameters() -> dict[str, tuple[float, str]]:
    """Estimand and estimator by the name of the parameter in ``truth.parameters``."""
    known = stored()
    return {effect.parameter: (known[name]["estimand"], effect.estimator) for name, effect in EFFECTS.items()}


def main(arguments: list[str] | None = None) -> None:
    """Compute the stored estimands anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--people", type=int, default=NAIVE_PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=None)
    chosen = parser.parse_args(arguments)
    if chosen.people < LEAST_PEOPLE:
        parser.error(f"--people must be {LEAST_PEOPLE:,} or more: with fewer, some effects treat nobody.")
    if not 0 <= chosen.seed < 2**63:
        parser.error(f"--seed must be a whole number from 0 to 2**63 - 1: got {chosen.seed}.")
    write_stored(
        chosen.output or course_root() / STORED, chosen.people, chosen.seed,
        lambda done, of: print(f"{done} of {of} blocks", flush=True),
    )  # fmt: skip


if __name__ == "__main__":
    main()
