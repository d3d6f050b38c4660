"""In which sector and at what level people train, of apprentices with the same results."""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import pathways
from leocourse.extract.lives.apprenticeships import LEVEL_OF, SOUGHT_AFTER, TURNED_AWAY
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

SECTOR, LEVEL = "trains in engineering or digital: free school meals", "trains at level 3 or above: free school meals"
_TABLES = ("school_census", "ks4_pupil", "aims", "learners")


def _apprentices(lives: Lives) -> np.ndarray:
    return (lives.paths.apprenticeship > 0) & lives.seen.in_census


def _men(lives: Lives) -> np.ndarray:
    return lives.people.male & _apprentices(lives)


def _trains(paths: pathways.Pathways) -> np.ndarray:
    return 1_000_000.0 * np.isin(paths.apprenticeships.sector, SOUGHT_AFTER)


def _controls(lives: Lives) -> np.ndarray:
    seen, score = lives.seen, lives.seen.key_stage_4
    return columns(score, score**2, ~seen.has_results, seen.minority, seen.support)


def _of_sector(lives: Lives) -> Sample:
    chosen, poor = _men(lives), lives.seen.free_meals
    outcome = _trains(lives.paths)
    return Sample(
        outcome[chosen], columns(poor)[chosen], _controls(lives)[chosen], {SECTOR: (outcome[chosen], poor[chosen])}
    )


def _without(table: dict[str, int], named: str, lives: Lives) -> pathways.Pathways:
    return pathways.pathways(lives.people, groups={named: table | {"free school meals": 0}})


def _difference(lives: Lives, name: str, named: str) -> list[Difference]:
    """Apprentices eligible for free school meals are treated as the others are, in the sector or the level alone."""
    table, outcome, chosen = (
        (TURNED_AWAY, _trains, _men) if named == "sector" else
        (LEVEL_OF, lambda paths: 1_000_000.0 * (paths.apprenticeship >= 3), _apprentices)
    )  # fmt: skip
    here = chosen(lives) & lives.seen.free_meals
    difference = (outcome(lives.paths) - outcome(_without(table, named, lives)))[here]
    return [Difference([name], np.ones((len(difference), 1)), difference)]


STUDIES = [
    Study(
        {
            SECTOR: Effect(
                "turned away from engineering and digital: free school meals",
                "How much less often do young men who begin an apprenticeship begin it in engineering or digital if "
                "they were eligible for free school meals, at the same results?",
                "men from state schools who begin an apprenticeship and were eligible in year 11, with the same people "
                "had employers of these sectors treated them as others",
                lambda: TURNED_AWAY["free school meals"], SHARE,
                "a linear model, among men from state schools who begin an apprenticeship, of its sector on free "
                "school meals in year 11, with results at key stage 4 and their square, ethnic minority and provision "
                "for special needs",
                "the share of these sectors among men who begin an apprenticeship and were eligible, less that among "
                "others",
                tables=_TABLES,
            )
        },
        _of_sector, lambda lives: _difference(lives, SECTOR, "sector"), people=40_000,
    ),
]  # fmt: skip
