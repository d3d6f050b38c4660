"""Routes after 16 compared at one distance from year 11: university, apprenticeship, work at once, years of study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from leocourse.extract.base.dates import NEVER, TAX_YEARS, month_of
from leocourse.extract.lives import staying
from leocourse.extract.lives.apprenticeships import Apprenticeships
from leocourse.extract.lives.pathways import APPRENTICESHIP_PAY, Pathways
from leocourse.extract.lives.pay import PAY_STEPS
from leocourse.extract.lives.staying import STAYING_PAY
from leocourse.fidelity.effects.without_university import PAY_ON
from leocourse.fidelity.estimators import imputed
from leocourse.fidelity.worlds import (
    EQUAL,
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    background,
    columns,
    settled,
    since,
    steps,
    women_below,
)

ACADEMIC, EARLY, LATE = (
    "degree rather than apprenticeship at level 3, ten years on",
    "degree rather than work, six years on",
    "degree rather than work, twelve years on",
)
YEAR_OF_STUDY = "a year of study after 16"
_STUDY = next(iter(STAYING_PAY))
_LAST = {6: 1995, 10: 1992, 12: 1990}
"""The last birth cohort whose pay so many years after year 11 lies before the pandemic."""
_TABLES = ("ks4_pupil", "school_census", "hesa", "aims", "learners", "leo_earnings", "leo_employment")


_TOO_HIGH = "about 20 steps too high, for a reason that we have not found: six years on, graduates have just begun"


def _pay(lives: Lives, years: int) -> np.ndarray:
    """Steps of pay so many tax years after year 11; not a number for those without work, or not observed."""
    people, life = lives.people, lives.life
    column = people.cohort + 18 + years - TAX_YEARS[0]
    known = (people.cohort <= _LAST[years]) & (column < len(TAX_YEARS))
    i, at = np.arange(len(people)), np.minimum(column, len(TAX_YEARS) - 1)
    return np.where(known & (life.days[i, at] > 0), steps(life.rate[i, at]), np.nan)


def _graduated(lives: Lives) -> np.ndarray:
    """A full-time first degree of three or four years, begun within two years of leaving school and without a gap."""
    people, paths = lives.people, lives.paths
    soon = paths.university_year <= people.cohort + 21
    usual = (paths.university_years <= 4) & (paths.career.back_year == NEVER) & ~paths.career.part_time
    return paths.graduated & soon & usual & (paths.postgraduate == 0)


def _studying(lives: Lives, years: int) -> np.ndarray:
    """In full-time education in the October of that tax year."""
    month = month_of(lives.people.cohort + 17 + years, 10)
    return np.any([(begin <= month) & (end > month) for begin, end in lives.paths.study], axis=0)


def _apprenticed(lives: Lives, years: int) -> np.ndarray:
    """Completed an apprenticeship at level 3 by then, and no higher one, and did not enter university."""
    month = month_of(lives.people.cohort + 17 + years, 10)
    return (lives.paths.apprenticeships.level_by(month) == 3) & (lives.paths.university_years == 0)


def _at_work(lives: Lives, years: int) -> np.ndarray:
    """Neither university nor an apprenticeship."""
    return (lives.paths.university_years == 0) & (lives.paths.apprenticeship == 0)


def _of_either(name: str, years: int, lives: Lives) -> np.ndarray:
    """Who took one of the two routes that are compared."""
    return _graduated(lives) | (_apprenticed if name == ACADEMIC else _at_work)(lives, years)


def _reads(name: str, years: int, lives: Lives) -> np.ndarray:
    return _of_either(name, years, lives) & ~_studying(lives, years)


def _routes(name: str, years: int, lives: Lives) -> Sample:
    outcome, graduated = _pay(lives, years), _graduated(lives)
    ended = _of_either(name, years, lives)
    chosen = ~np.isnan(outcome) & ended & ~_studying(lives, years)
    score, people = lives.seen.key_stage_4, lives.people
    controls = np.column_stack([background(lives), columns(score**2, ~people.male, lives.people.fsm_in_year_11,
                                                           np.minimum(lives.paths.years_after, 2))])  # fmt: skip
    naive = {name: (outcome[chosen], graduated[chosen])}
    if name == ACADEMIC:  # who looks sooner finds another answer
        soon = _pay(lives, 6)
        pool = ~np.isnan(soon) & ended & ~_studying(lives, 6)
        naive = {name: (soon[pool], graduated[pool])}
    return Sample(outcome[chosen], columns(graduated)[chosen], controls[chosen], naive, alike=True)


def without_university(paths: Pathways, chosen: np.ndarray) -> Pathways:
    """The same people, but the chosen enter no university."""

    def put(values: np.ndarray, nothing: int) -> np.ndarray:
        return np.where(chosen, nothing, values)

    career = replace(paths.career, back_year=put(paths.career.back_year, NEVER))
    return replace(
        paths, graduated=paths.graduated & ~chosen, university_year=put(paths.university_year, NEVER),
        university_years=put(paths.university_years, 0), degree_class=put(paths.degree_class, -1),
        provider=put(paths.provider, -1), career=career,
    )  # fmt: skip


def with_apprenticeship(paths: Pathways, chosen: np.ndarray) -> Pathways:
    """The same people, but the chosen complete an apprenticeship at level 3 on a framework when they leave school."""
    of, start = paths.apprenticeships, paths.leaves + 12 * paths.years_after + 1

    def first(values: np.ndarray, new: np.ndarray | int) -> np.ndarray:
        return np.stack([np.where(chosen, new, values[0]), values[1]])

    trained: Apprenticeships = replace(
        of, level=first(of.level, 3), start=first(of.start, start), end=first(of.end, start + 23),
        due=first(of.due, start + 23), completed=first(of.completed, True).astype(bool),
        achieved=first(of.achieved, True).astype(bool), standard=first(of.standard, False).astype(bool),
    )  # fmt: skip
    return replace(paths, apprenticeships=trained)


def _route_differences(name: str, years: int, lives: Lives) -> list[Difference]:
    outcome = _pay(lives, years)
    here = _graduated(lives) & ~np.isnan(outcome) & ~_studying(lives, years)
    other = without_university(lives.paths, here)
    if name == ACADEMIC:
        other = with_apprenticeship(other, here)
    lived = Lives(lives.people, other)
    difference = (outcome - _pay(lived, years))[here]
    difference = difference[~np.isnan(difference)]
    return [Difference([name], np.ones((len(difference), 1)), difference)]


# years of study


def _sample_study(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    outcome = _of_year(lives)
    chosen = ~np.isnan(outcome) & _below(lives)
    studied = np.minimum(paths.years_after, 2)
    score = lives.seen.key_stage_4
    later = ~people.male * np.clip(since(people, PAY_YEAR) - 8, 0, 10)
    extra = columns(score**2, ~people.male, people.fsm_in_year_11, later, women_below(people, paths, PAY_YEAR))
    controls = np.column_stack([background(lives), extra])
    pool = ~np.isnan(outcome)
    return Sample(outcome[chosen], columns(studied)[chosen], controls[chosen],
                  {YEAR_OF_STUDY: (outcome[pool], studied[pool])}, alike=True)  # fmt: skip


def _below(lives: Lives) -> np.ndarray:
    """Settled, at least six years after year 11, and never an apprentice."""
    return settled(lives) & (lives.paths.apprenticeship == 0) & (since(lives.people, PAY_YEAR) >= 6)


def _of_year(lives: Lives) -> np.ndarray:
    column = PAY_YEAR - TAX_YEARS[0]
    return np.where(lives.life.days[:, column] > 0, steps(lives.life.rate[:, column]), np.nan)


def _differences_study(lives: Lives) -> list[Difference]:
    """What a year adds to pay: the same people had employers paid them for one year fewer."""
    here = _below(lives) & (lives.paths.years_after > 0) & ~np.isnan(_of_year(lives))
    with_all, fewer = (staying.pay_steps(years) for years in (lives.paths.years_after, lives.paths.years_after - 1))
    counted = here & (lives.paths.years_after <= 2)
    return [Difference([YEAR_OF_STUDY], np.ones((int(counted.sum()), 1)), (with_all - fewer)[counted].astype(float))]


def _route(name: str, years: int, against: str, planted: Callable[[], int], people: int) -> Study:
    effect = Effect(
        f"pay: {'first degree' if name != ACADEMIC else 'apprenticeship: level 3'}",
        f"How much more are graduates paid than had they taken the other route: {name}?",
        f"people with a full-time first degree begun within two years of school and no postgraduate study, in work "
        f"{years} tax years after year 11 and out of education, with the same people {against}",
        planted, STEP,
        "what their log pay is beyond that which a regression among those of the other route foretells for people with "
        f"their {EQUAL}, square of results, sex, free school meals and years in education after 16",
        f"mean log pay {'six' if name == ACADEMIC else years} years after year 11 of graduates less that of people of "
        "the other route",
        tables=_TABLES, bias=_TOO_HIGH if name != ACADEMIC and years == 6 else "",
    )  # fmt: skip
    return Study(
        {name: effect}, partial(_routes, name, years), partial(_route_differences, name, years),
        estimate=lambda sample: imputed(sample.outcome, sample.treatment[:, 0] > 0, sample.controls),
        people=people, among=lambda cohorts: cohorts.cohort <= _LAST[years], reads=partial(_reads, name, years),
    )  # fmt: skip


STUDIES = [
    _route(ACADEMIC, 10, "had they completed an apprenticeship at level 3 on leaving school and not gone to university",
           lambda: PAY_STEPS["first degree"] - APPRENTICESHIP_PAY["level 3"], 24_000),
    _route(EARLY, 6, "had they left education for work", lambda: PAY_STEPS["first degree"], 16_000),
    _route(LATE, 12, "had they left education for work", lambda: PAY_STEPS["first degree"], 16_000),
    Study(
        {
            YEAR_OF_STUDY: Effect(
                f"pay: {_STUDY}",
                "What does a year in full-time education right after year 11 add to pay?",
                "people without university or apprenticeship, six or more years after year 11, who stayed for "
                "a year or "
                "two, with the same people had employers paid them as for a year less",
                lambda: STAYING_PAY[_STUDY], STEP,
                f"{PAY_ON}years (0, 1 or 2) in full-time education right after year 11, of people who never began an "
                f"apprenticeship, with sex and its growth, free school meals, {EQUAL} and the square of results",
                "the slope of log pay in 2019/20 of everybody in work over these years",
                tables=("ks4_pupil", "school_census", "plams", "aims", "leo_earnings", "leo_employment"),
            )
        },
        _sample_study, _differences_study,
    ),
]  # fmt: skip
