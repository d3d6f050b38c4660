"""What education adds to pay for people who live in left-behind areas, against what it adds elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.lives.activity import groups
from leocourse.extract.lives.pay import rates
from leocourse.extract.lives.place_pay import IN_LONDON, IN_THE_NORTH, PLACE_PAY, catches_up, left_behind
from leocourse.extract.lives.places import REGIONS
from leocourse.extract.lives.subjects import SUBJECTS
from leocourse.extract.lives.tables import MAJOR
from leocourse.fidelity.effects.enterprises import of_age
from leocourse.fidelity.effects.places import after_study, area_in, since_degree
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
    since,
    women_later,
)

COLUMN = PAY_YEAR - TAX_YEARS[0]
EDUCATION = {
    "a first degree, living in a left-behind area": lambda lives: lives.paths.graduated,
    "a completed apprenticeship, living in a left-behind area": lambda lives: finished(lives.paths),
}


def _treated(lives: Lives) -> tuple[np.ndarray, np.ndarray]:
    """Who lives in a left-behind area, and who has either kind of education there (a column each)."""
    behind = left_behind(lives.life.homes.area[:, COLUMN])
    return behind, columns(*(behind & has(lives) for has in EDUCATION.values()))


def _chosen(lives: Lives) -> np.ndarray:
    learning = lives.paths.apprenticeships.employed(month_of(PAY_YEAR - 1, 10))
    in_england = lives.life.homes.region[:, COLUMN] >= 0
    return (
        ~np.isnan(pay(lives.life, PAY_YEAR))
        & after_study(lives, PAY_YEAR)
        & ~learning
        & in_england
        & of_age(lives.people)
    )


def _controls(lives: Lives) -> np.ndarray:
    """What else decides pay, as recorded: background, and the degree and the apprenticeship in full."""
    people, paths, member = lives.people, lives.paths, groups(lives.people)
    region = lives.life.homes.region[:, COLUMN]
    degree, level, women = paths.graduated, level_completed(paths), member["women"]
    subject = [degree & (paths.subject == each) for each in range(1, len(SUBJECTS))]
    classes = [degree & (paths.degree_class == each) for each in (0, 2, 3)]
    group = MAJOR[people.minor]
    more = [
        (level > 0) & each for each in (np.isin(group, ["A", "C", "O"]), np.isin(group, ["B", "M"]), paths.difficulty)
    ]
    grown = catches_up(people) * np.clip(since(people, PAY_YEAR) - 5, 0, 8)
    return columns(
        background(lives), women, women * women_later(people, PAY_YEAR), member["eligible for FSM"], degree,
        since_degree(lives, PAY_YEAR), *subject, *classes, level == 2, level == 3, level >= 4, *more, paths.difficulty,
        IN_LONDON[region], IN_THE_NORTH[region], catches_up(people), grown, _treated(lives)[0],
    )  # fmt: skip


def _sample(lives: Lives) -> Sample:
    outcome, chosen = pay(lives.life, PAY_YEAR), _chosen(lives)
    _, treatment = _treated(lives)
    naive = {}
    for number, (name, has) in enumerate(EDUCATION.items()):
        pool = chosen & has(lives)
        naive[name] = (outcome[pool], treatment[pool, number])
    return Sample(outcome[chosen], treatment[chosen], _controls(lives)[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    other = np.array([area_in(region, behind=False) for region in range(len(REGIONS))])
    region, (_, treatment) = life.homes.region, _treated(lives)
    homes = replace(life.homes, area=np.where(left_behind(life.homes.area), other[region], life.homes.area))
    moved = pay(replace(life, rate=rates(people, paths, life.jobs, life.furlough, homes)), PAY_YEAR)
    here = _chosen(lives) & treatment.any(axis=1)
    return [Difference(list(EDUCATION), treatment[here], (pay(life, PAY_YEAR) - moved)[here])]


def _effect(name: str, what: str, whose: str) -> Effect:
    return Effect(
        f"pay: {name}", f"How does what {what} adds to pay differ for people who live in a left-behind area?",
        f"{whose} who live in the most deprived fifth of small areas in 2019/20, with the same people in the same jobs "
        "had they lived in another area of the region",
        lambda: PLACE_PAY[name], STEP,
        f"log pay of 2019/20 of people out of education and born up to August 1997, on {what} in a left-behind area, "
        f"with living there, degree, subject, class and years since, apprenticeship, sex, free school meals, {EQUAL}",
        f"mean log pay of {whose} who live in a left-behind area less that of the others",
        "always", ("leo_geography", "leo_earnings", "hesa", "aims", "ks4_pupil", "school_census"),
    )  # fmt: skip


STUDY = Study(
    {
        name: _effect(name, what, whose)
        for name, what, whose in zip(
            EDUCATION,
            ("a first degree", "a completed apprenticeship"),
            ("graduates", "former apprentices"),
            strict=True,
        )
    },
    _sample,
    _differences,
)
