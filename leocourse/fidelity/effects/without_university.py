"""The pay of people who do not go to university: apprenticeships, sex, free school meals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import apprenticeships, pathways, work
from leocourse.extract.lives.activity import groups
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.pay import PAY_STEPS
from leocourse.extract.lives.tables import MAJOR
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
    finished,
    level_completed,
    pay,
    settled,
    since,
    women_later,
)

PAY_ON = "log pay of 2019/20 of people who did not go to university and have left education, on "
APPRENTICESHIPS = {
    "level 2": lambda people, paths: level_completed(paths) == 2,
    "level 3": lambda people, paths: level_completed(paths) == 3,
    "level 4 and above": lambda people, paths: level_completed(paths) >= 4,
    "Asian, Chinese or other": lambda people, paths: np.isin(MAJOR[people.minor], ["A", "C", "O"]),
    "Black or mixed": lambda people, paths: np.isin(MAJOR[people.minor], ["B", "M"]),
    "learning difficulty": lambda people, paths: paths.difficulty,
    "women": lambda people, paths: ~people.male,
    "free school meals": lambda people, paths: people.fsm_in_year_11,
    **{
        name: lambda people, paths, area=area: paths.apprenticeships.sector == area
        for name, area in pathways.SECTOR_NAMES.items()
    },
    "on a standard": lambda people, paths: _standard_completed(paths),
}
"""Levels, and what changes the return to any of them: whose apprenticeship it is, in what, and of which kind.

Sectors are compared with business and all others, standards with frameworks. A learning difficulty is provision for
special needs in the census of year 11: what learner records say of it (``lldd``) is known of learners alone.
"""
WOMEN, WOMEN_LATER, POOR = "women", "women, each year from the ninth after year 11", "free school meals"


def _standard_completed(paths: Pathways, year: int = PAY_YEAR) -> np.ndarray:
    """Completed an apprenticeship on a standard before the autumn of the tax year."""
    trained = paths.apprenticeships
    return (trained.completed & trained.standard & (trained.end < month_of(year - 1, 10))).any(axis=0)


def _of_apprenticeship(name: str) -> Effect:
    level, sector = name.startswith("level"), name in pathways.SECTOR_NAMES
    return Effect(
        f"pay: apprenticeship: {name}",
        f"What does a completed apprenticeship at {name} add to pay?" if level
        else f"How does the return to a completed apprenticeship differ for: {name}?",
        "people who completed one, with the same people had they begun none and worked for whom they would have then",
        lambda: pathways.APPRENTICESHIP_PAY[name],
        STEP,
        PAY_ON + "levels completed and the products of completion with ethnic group, provision for special needs, sex, "
        "free school meals, sector and standard, with sex, free "
        f"school meals, {EQUAL}; the coefficient of {'the level' if level else 'the product'}",
        "mean log pay of those who completed one less that of everybody in work who never began one" if level
        else "mean log pay of those who completed one in the sector less that of everybody in work who never began one"
        if sector else "mean log pay of those who completed one and are of the group, or trained so, less that of the "
        "others who completed one",
        tables=("aims", "learners", "ks4_pupil", "school_census", "leo_earnings", "leo_employment"),
    )  # fmt: skip


def _of_people(name: str, question: str, compared: str, against: str) -> Effect:
    return Effect(
        f"pay: {name}", question, compared, lambda: PAY_STEPS[name], STEP,
        f"{PAY_ON}sex, its growth from the ninth year after year 11 and free school meals, with apprenticeship, "
        f"{EQUAL}",
        against,
    )  # fmt: skip


def _learning(paths: Pathways, year: int = PAY_YEAR) -> np.ndarray:
    """In an apprenticeship in the autumn of the tax year."""
    return paths.apprenticeships.employed(month_of(year - 1, 10))


def _apprenticeship_columns(lives: Lives) -> np.ndarray:
    """Completed, by level, and by what changes the return."""
    done = finished(lives.paths)
    return columns(*(done & has(lives.people, lives.paths) for has in APPRENTICESHIPS.values()))


def _sample(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    member, outcome = groups(people), pay(lives.life, PAY_YEAR)
    in_work = ~np.isnan(outcome)
    chosen = in_work & settled(lives) & ~_learning(paths)
    women, poor = member["women"], member["eligible for FSM"]
    trained = _apprenticeship_columns(lives)
    begun = (paths.apprenticeship > 0) & (paths.apprenticeship_end < month_of(PAY_YEAR - 1, 10))
    left = begun & ~finished(paths)
    treatment = np.column_stack([trained, columns(women, women * women_later(people, PAY_YEAR), poor)])
    years = [since(people, PAY_YEAR) == each for each in (4, 5)]  # pay differs by group in the first years of work
    early = [member[name] & year for name in ("Asian", "Black", "Chinese", "Mixed") for year in years]
    stayed = np.minimum(paths.years_after, 2)
    controls = np.column_stack([background(lives), columns(left, paths.difficulty, stayed, *early)])
    untrained, done = in_work & (paths.apprenticeship == 0), in_work & trained[:, :3].any(axis=1)
    naive = {}
    for number, name in enumerate(APPRENTICESHIPS):
        had = in_work & (trained[:, number] > 0)
        against_untrained = number < 3 or name in pathways.SECTOR_NAMES
        pool = had | (untrained if against_untrained else done)
        naive[f"apprenticeship: {name}"] = (outcome[pool], had[pool])
    grown = in_work & (since(people, PAY_YEAR) >= 8)
    for name, group in ((WOMEN, women), (POOR, poor)):
        naive[name] = (outcome[grown], group[grown])
    # Naive about growth: women's pay by years after year 11, whoever they are and whatever they do.
    pool = in_work & women
    naive[WOMEN_LATER] = (outcome[pool], women_later(people, PAY_YEAR)[pool])
    return Sample(outcome[chosen], treatment[chosen], controls[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    untrained = replace(paths, apprenticeships=apprenticeships.none(len(people)))
    men = replace(people, male=np.ones_like(people.male))
    rich = replace(people, poverty=np.full_like(people.poverty, -(10**6)))
    chosen = settled(lives) & ~_learning(paths)
    member, later = groups(people), women_later(people, PAY_YEAR)
    worlds = [
        (
            [f"apprenticeship: {name}" for name in APPRENTICESHIPS],
            people,
            untrained,
            _apprenticeship_columns(lives),
            finished(paths),
        ),
        ([WOMEN, WOMEN_LATER], men, paths, columns(np.ones(len(people)), later), member["women"]),
        ([POOR], rich, paths, columns(np.ones(len(people))), member["eligible for FSM"]),
    ]
    found = []
    for names, who, path, treatment, treated in worlds:
        difference = outcome - pay(work.work(who, path), PAY_YEAR)
        here = chosen & treated & ~np.isnan(difference)
        found.append(Difference(names, treatment[here], difference[here]))
    return found


STUDY = Study(
    {
        **{f"apprenticeship: {name}": _of_apprenticeship(name) for name in APPRENTICESHIPS},
        WOMEN: _of_people(
            WOMEN, "How much less are women paid at the same attainment, up to the eighth year after year 11?",
            "women, with the same people had employers taken them for men",
            "mean log pay of women in work eight or more years after year 11 less that of men",
        ),
        WOMEN_LATER: _of_people(
            WOMEN_LATER, "How much further does the pay of women fall behind in each later year?",
            "women, with the same people had employers taken them for men",
            "the slope of women's mean log pay over the years from the ninth after year 11",
        ),
        POOR: _of_people(
            POOR, "How much less are people paid who were eligible for free school meals, all else equal?",
            "people eligible in year 11, with the same people had they not been",
            "mean log pay eight or more years after year 11 of those eligible in year 11 less that of the others",
        ),
    },
    _sample,
    _differences,
)  # fmt: skip
