"""The same people lived twice, with and without a treatment: samples and differences of every study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from leocourse.extract.lives import activity, applications, firms, pathways, subjects, work
from leocourse.extract.lives import pay as pay_of
from leocourse.extract.lives.pathways import APPRENTICESHIP_ACCESS, MAJOR, NEVER, Pathways, month_of
from leocourse.extract.lives.population import People, population
from leocourse.extract.records import absence, ks4

PAY_YEAR = 2020
"""Pay is compared in 2019/20, the last tax year before the pandemic."""
ENTERPRISE = "a standard deviation between enterprises of a section"
REFERENCE = "business"
"""The subject with most graduates: what other subjects are compared with."""
NAMED = ["medicine", "economics", "engineering", "nursing", "creative arts"]


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
    paths = pathways.pathways(people)
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
    member = activity.groups(people)
    own = [member[name] for name in activity.GROUPS if name not in ("women", "eligible for FSM")]
    return columns(
        people.attainment, MAJOR[people.minor] == "O", people.region == pay_of.LONDON, *own, *cohorts(people)
    )


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
    member, outcome = activity.groups(people), pay(lives.life, PAY_YEAR)
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
    member, later = activity.groups(people), women_later(people, PAY_YEAR)
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
    member = activity.groups(people)
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
    return columns(pathways.KNOWN_MINORITY[lives.people.minor], lives.paths.difficulty)


def _access(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    started, treatment = 1_000_000.0 * (paths.apprenticeship > 0), _access_columns(lives)
    chosen = paths.university_years == 0
    member, score = activity.groups(people), people.attainment / 1000
    need = [member["SEN without a statement"], member["SEN with a statement"]]
    further = treatment[:, 0] * _from_centre(people)
    controls = columns(score, score**2, further, ~people.male, member["eligible for FSM"], *need)
    early = started * (paths.apprenticeship_start < month_of(people.cohort + 20, 9))
    naive = {f"access: {name}": (early, treatment[:, number]) for number, name in enumerate(ACCESS)}
    return Sample(started[chosen], treatment[chosen], controls[chosen], naive)


def _from_centre(people: People) -> np.ndarray:
    """Attainment from where access by ethnic group is planted, in standard deviations."""
    return (people.attainment - pathways.ACCESS_CENTRE) / 1000


def _access_differences(lives: Lives) -> list[Difference]:
    """Everybody who does not enter university is made one of the group, and then not, for the access alone."""
    chosen, found, table = lives.paths.university_years == 0, [], APPRENTICESHIP_ACCESS
    slope = "a standard deviation of attainment"
    for name in ACCESS:
        further = table[_FURTHER] if name == "ethnic minority" else 0
        outside = table | {name: 0} | ({_FURTHER: 0} if further else {})
        shift = table[name] - further * pathways.ACCESS_CENTRE // 1000
        inside = outside | {"base": outside["base"] + shift, slope: outside[slope] + further}
        begun = [pathways.pathways(lives.people, each).apprenticeship > 0 for each in (inside, outside)]
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
    raised = replace(life, rate=pay_of.rates(people, paths, better, life.furlough))
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
    spared = replace(life, rate=pay_of.rates(people, paths, life.jobs, none))
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
