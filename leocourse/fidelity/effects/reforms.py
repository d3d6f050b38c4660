"""Reforms of education after 16: the participation age, the allowance for staying on, the apprenticeship levy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import apprenticeships, areas, pathways, staying
from leocourse.extract.lives.apprenticeships import LARGE, LEVY, LEVY_LEVEL
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People, population
from leocourse.extract.lives.staying import ALLOWANCE, RAISED_AGE, TO_17, TO_18
from leocourse.extract.lives.tables import MAJOR
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

AT_16, NOTHING, AT_17 = "participation age: education at 16", "participation age: no activity at 16", (
    "participation age: second year in college"
)  # fmt: skip
PAID, CLOSED, LEVEL = "allowance: its start by area", "allowance: its end", "levy: level 4 and above"
_TO_17, _TO_18, _STAYS = *RAISED_AGE, next(iter(ALLOWANCE))
_LEVY = next(iter(LEVY_LEVEL))
_PUPILS = ("school_census", "ks4_pupil", "plams", "aims", "learners")
LOW_RESULT = -0.6
"""Normal score at key stage 4 below which hardly anybody begins a course at level 3: about a quarter."""
RICH_DECILE = 7
"""The least deprived deciles of small areas, from this one: few families have a low income."""


def _studies(paths: Pathways) -> np.ndarray:
    """In full-time education in the November after year 11, in millionths."""
    return 1_000_000.0 * (paths.years_after > 0)


def _without(lives: Lives, policy: str) -> Lives:
    """The same people without a policy."""
    left = tuple(each for each in staying.POLICIES if each != policy)
    return Lives(lives.people, pathways.pathways(lives.people, policies=left))


def _one(name: str, difference: np.ndarray) -> list[Difference]:
    return [Difference([name], np.ones((len(difference), 1)), difference)]


# the participation age


def _no_activity(lives: Lives) -> np.ndarray:
    """In no education, apprenticeship or work in the November after year 11, in millionths."""
    people, paths = lives.people, lives.paths
    november = month_of(people.cohort + 17, 11)
    first = month_of(2002, 8)  # of the months of an activity
    works = lives.activity.works
    works = works[np.minimum(november - first, len(works) - 1), np.arange(len(people))]
    return 1_000_000.0 * ((paths.years_after == 0) & ~paths.apprenticeships.employed(november) & ~works)


def _around_17(people: People) -> np.ndarray:
    """The birth cohort of the change and the two before: the same day of birth a year earlier changes nothing."""
    return (people.cohort >= TO_17 - 2) & (people.cohort <= TO_17)


def _at_16(name: str, outcome: Callable[[Lives], np.ndarray]) -> tuple[Callable, Callable]:
    def sample(lives: Lives) -> Sample:
        people, seen = lives.people, lives.seen
        chosen = _around_17(people) & seen.in_census
        found, since = outcome(lives), people.cohort >= TO_17
        controls = columns(people.cohort - TO_17, seen.key_stage_4, ~people.male, seen.minority, seen.support,
                           seen.free_meals)  # fmt: skip
        pool = seen.in_census & (people.cohort <= 2003)  # work is seen up to March 2021
        naive = {name: (found[pool], since[pool])}
        return Sample(found[chosen], columns(since)[chosen], controls[chosen], naive)

    def differences(lives: Lives) -> list[Difference]:
        here = (lives.people.cohort == TO_17) & lives.seen.in_census
        few = _few(lives, here)
        return _one(name, outcome(few) - outcome(_without(few, "to 17")))

    return sample, differences


def _few(lives: Lives, here: np.ndarray) -> Lives:
    """The lives of some of these people: a person's life is the same whoever else is lived."""
    people = population(lives.people.seed, lives.people.person[here])
    return Lives(people, pathways.pathways(people))


def _second_year(lives: Lives) -> np.ndarray:
    return 1_000_000.0 * (lives.paths.years_after > 1)


def _begins_college(lives: Lives) -> np.ndarray:
    """In a college, below level 3, in the autumn after year 11."""
    return lives.paths.in_college(0) & (lives.paths.college_level < 3) & lives.seen.in_census


def _sample_17(lives: Lives) -> Sample:
    people, seen, outcome = lives.people, lives.seen, _second_year(lives)
    chosen = _begins_college(lives) & np.isin(people.cohort, [TO_18 - 1, TO_18])
    since = people.cohort >= TO_18
    naive = {AT_17: (outcome[seen.in_census], since[seen.in_census])}
    score = seen.key_stage_4
    controls = columns(score, score**2, ~people.male, seen.minority, seen.support, seen.free_meals)
    return Sample(outcome[chosen], columns(since)[chosen], controls[chosen], naive)


def _differences_17(lives: Lives) -> list[Difference]:
    chosen = _begins_college(lives) & (lives.people.cohort == TO_18)
    few = _few(lives, chosen)
    return _one(AT_17, _second_year(few) - _second_year(_without(few, "to 18")))


# the allowance


def _paid(people: People) -> np.ndarray:
    return (people.cohort >= 1985) & (people.cohort <= 1990) & (people.poverty > 600)


def _sample_paid(lives: Lives) -> Sample:
    people, seen, outcome = lives.people, lives.seen, _studies(lives.paths)
    there = staying.allowance_there(people)
    chosen = seen.free_meals & (people.cohort <= 1990)
    wave = areas.allowance_since()[people.authority]
    score = seen.key_stage_4
    controls = columns(*(wave == each for each in areas.ALLOWANCE_YEARS[1:]),
                       *(people.cohort == each for each in range(1986, 1991)), score, score**2, ~people.male,
                       seen.minority, seen.support)  # fmt: skip
    early = chosen & (people.cohort <= 1986)
    return Sample(outcome[chosen], columns(there)[chosen], controls[chosen], {PAID: (outcome[early], there[early])})


def _differences_paid(lives: Lives) -> list[Difference]:
    """Those in whose area the allowance began while we watch."""
    people = lives.people
    later = areas.allowance_since()[people.authority] > areas.ALLOWANCE_YEARS[0]
    here = lives.seen.free_meals & (people.cohort <= 1990) & staying.allowance_there(people) & later
    few = _few(lives, here)
    return _one(PAID, _studies(few.paths) - _studies(_without(few, "allowance").paths))


def _compared(lives: Lives) -> tuple[np.ndarray, np.ndarray]:
    """White pupils with low results: eligible for free school meals, and others in the least deprived areas.

    Of other ethnic groups nearly everybody stays on, so their share cannot rise as that of White pupils does.
    """
    seen, people = lives.seen, lives.people
    low = seen.in_census & (seen.key_stage_4 < LOW_RESULT) & (MAJOR[people.minor] == "W")
    decile = areas.deprivation_rank()[people.area] * 10 // areas.ENGLAND + 1
    return low & seen.free_meals, low & ~seen.free_meals & (decile >= RICH_DECILE)


def _last(people: People) -> np.ndarray:
    return (people.cohort >= 1990) & (people.cohort <= 1995)


def _sample_closed(lives: Lives) -> Sample:
    people, seen, outcome = lives.people, lives.seen, _studies(lives.paths)
    poor, others = _compared(lives)
    chosen = (poor | others) & _last(people)
    open_ = people.cohort <= staying.LAST_ALLOWANCE
    score = seen.key_stage_4
    controls = columns(poor, *(people.cohort == each for each in range(1991, 1996)), score, poor * score,
                       ~people.male, seen.minority, seen.support)  # fmt: skip
    naive = {CLOSED: (outcome[seen.free_meals], open_[seen.free_meals])}
    return Sample(outcome[chosen], columns(poor & open_)[chosen], controls[chosen], naive)


def _differences_closed(lives: Lives) -> list[Difference]:
    """The effect on those eligible for free school meals, less that on those they are compared with."""
    gains = []
    for group in _compared(lives):
        few = _few(lives, group & _last(lives.people) & (lives.people.cohort <= staying.LAST_ALLOWANCE))
        gains.append(_studies(few.paths) - _studies(_without(few, "allowance").paths))
    return _one(CLOSED, gains[0] - gains[1].mean())


# the levy


def _level_three_starts(lives: Lives) -> np.ndarray:
    """Starts from August 2013 on of people who had reached level 3 at school or college."""
    paths = lives.paths
    return (paths.apprenticeship > 0) & paths.level3_passed & (paths.apprenticeship_start >= month_of(2013, 8))


def _higher(paths: Pathways) -> np.ndarray:
    return 1_000_000.0 * (paths.apprenticeship >= 4)


def _sample_levy(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, _higher(lives.paths)
    start = paths.apprenticeship_start
    chosen = _level_three_starts(lives) & (start <= month_of(2021, 7))
    large, since = np.isin(paths.apprenticeships.sector, LARGE), start >= LEVY[0]
    year = apprenticeships.academic_year(np.where(chosen, start, 0))
    years = [year == each for each in range(2015, 2022)]
    sectors = [paths.apprenticeships.sector == each for each in apprenticeships.SECTORS]
    controls = columns(*years, *sectors, since, lives.seen.key_stage_4, ~people.male)
    pool = chosen & large
    return Sample(outcome[chosen], columns(large & since)[chosen], controls[chosen],
                  {LEVEL: (outcome[pool], since[pool])})  # fmt: skip


def _differences_levy(lives: Lives) -> list[Difference]:
    paths = lives.paths
    here = _level_three_starts(lives) & np.isin(paths.apprenticeships.sector, LARGE)
    here &= (paths.apprenticeship_start >= LEVY[0]) & (paths.apprenticeship_start <= month_of(2021, 7))
    few = _few(lives, here)
    other = pathways.pathways(few.people, groups={"levy": {_LEVY: 0}})
    return _one(LEVEL, _higher(few.paths) - _higher(other))


def _effect(name: str, parameter: str, question: str, compared: str, planted: Callable[[], int], estimator: str,
            naive: str, since: str, tables: tuple[str, ...] = _PUPILS) -> dict[str, Effect]:  # fmt: skip
    return {name: Effect(parameter, question, compared, planted, SHARE, estimator, naive, since, tables)}


_BORN = "born from 1 September 1996"
_CUT_OFF = (
    ", of pupils of state schools born from September 1994 to August 1997, on birth from 1 September 1996, with a line "
    "over years of birth (what a year makes is seen at the cut-offs before), results at key stage 4, sex, ethnic "
    "minority, special needs and free school meals"
)
STUDIES = [
    Study(
        _effect(
            AT_16, f"participation age: {_TO_17}",
            "How much more often does somebody stay in full-time education at 16 because the participation age "
            "was raised?",
            "pupils of state schools born from September 1996 to August 1997, with the same people had it not been",
            lambda: RAISED_AGE[_TO_17], "a linear model of full-time education in the autumn after year 11" + _CUT_OFF,
            "the share in full-time education at 16 of those born from 1 September 1996 less that of all born before",
            _BORN,
        ),
        *_at_16(AT_16, lambda lives: _studies(lives.paths)), people=40_000, among=_around_17,
    ),
    Study(
        _effect(
            NOTHING, f"participation age: {_TO_17}",
            "How much more often does somebody neither learn nor work at 16 because the participation age was raised?",
            "pupils of state schools born from September 1996 to August 1997, with the same people had it not been",
            lambda: RAISED_AGE[_TO_17],
            "a linear model of being in no education, apprenticeship or job in the November after year 11" + _CUT_OFF,
            "the share with no activity of those born from 1 September 1996 less that of all born before",
            _BORN, (*_PUPILS, "leo_employment"),
        ),
        *_at_16(NOTHING, _no_activity), people=40_000, reads=lambda lives: _around_17(lives.people),
    ),
    Study(
        _effect(
            AT_17, f"participation age: {_TO_18}",
            "How much more often does somebody who began below level 3 in a college stay a second year because the "
            "participation age was raised to 18?",
            "pupils of state schools born from September 1997 to August 1998 who began below level 3 in a "
            "college, with "
            "the same people had it been raised to 17 alone",
            lambda: RAISED_AGE[_TO_18],
            "a linear model of a second year, of those who began below level 3 in a college and were born from "
            "September "
            "1996 to August 1998, on birth from 1 September 1997, with results at key stage 4 and their square, sex, "
            "ethnic minority, special needs and free school meals",
            "the share with a second year in education of those born from 1 September 1997 less that of all "
            "born before",
            "born from 1 September 1997",
        ),
        _sample_17, _differences_17, people=40_000,
        among=lambda people: np.isin(people.cohort, [TO_18 - 1, TO_18]),
    ),
    Study(
        _effect(
            PAID, f"allowance: {_STAYS}",
            "How much more often do pupils eligible for free school meals stay in education at 16 where the allowance "
            "is paid?",
            "pupils eligible in year 11 who left it from 2003 to 2008 in areas of the second and third wave once these "
            "paid it, with the same people without it",
            lambda: ALLOWANCE[_STAYS],
            "a linear model of full-time education in the autumn after year 11, of pupils eligible for free "
            "school meals "
            "who left it from 2002 to 2007 or 2008, on whether the area of the home paid the allowance then, with wave "
            "of the area, birth cohort, results at key stage 4 and their square, sex, ethnic minority and "
            "special needs",
            "the share in education at 16 of those eligible in areas that paid it in 2002 and 2003 less that elsewhere",
            "September 2002 or earlier, September 2003, September 2004, by area",
        ),
        _sample_paid, _differences_paid, people=100_000, among=_paid,
    ),
    Study(
        _effect(
            CLOSED, f"allowance: {_STAYS}",
            "How much more did the allowance keep pupils eligible for free school meals in education at 16, by "
            "its end?",
            "White pupils with low results eligible in year 11 who left it from 2007 to 2010, with the same people "
            "without the "
            "allowance: beyond what it did for the others with low results in the least deprived areas",
            lambda: ALLOWANCE[_STAYS],
            "a linear model of full-time education in the autumn after year 11, of White pupils with low results born "
            "from September 1990 to August 1996, on free school meals while it was open, with free school meals, birth "
            "cohort, results at key stage 4, sex, ethnic minority and special needs",
            "the share in education at 16 of all eligible pupils before the end less that of all after it",
            "to those who left year 11 in 2010",
        ),
        _sample_closed, _differences_closed, people=40_000, among=_last,
    ),
    Study(
        _effect(
            LEVEL, f"levy: {_LEVY}",
            "How much more often is an apprenticeship at level 4 or above because of the levy, where employers "
            "are large?",
            "people who had reached level 3 and began an apprenticeship in health or business from April 2017 to July "
            "2021, with the same people without the levy",
            lambda: LEVY_LEVEL[_LEVY],
            "a linear model of level 4 or above, of those who had reached level 3 and began an apprenticeship from "
            "August 2013 to July 2021, on a start in health or business from April 2017, with sector, academic year, a "
            "start from April 2017, results at key stage 4 and sex",
            "the share at level 4 or above from April 2017 less that before, in health and business",
            "April 2017", ("aims", "learners", "ks4_pupil", "ks5_student"),
        ),
        _sample_levy, _differences_levy, people=40_000,
    ),
]  # fmt: skip
