"""Who gets an apprenticeship, of people with the same results."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import pathways, results
from leocourse.extract.lives.activity import groups
from leocourse.extract.lives.pathways import APPRENTICESHIP_ACCESS
from leocourse.extract.lives.population import People
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

ACCESS = ["ethnic minority", "learning difficulty"]
_FURTHER = "ethnic minority, a standard deviation of results"


def _of_access(name: str) -> Effect:
    return Effect(
        f"access to an apprenticeship: {name}",
        f"How much less often does somebody with the same attainment begin an apprenticeship if: {name}?",
        "everybody who does not enter university: treated as the group is, and as others are",
        lambda: APPRENTICESHIP_ACCESS[name],
        SHARE,
        "a linear model of ever beginning one, of people who do not enter university, on ethnic minority and learning "
        "difficulty, with results at key stage 4, their square and (from the mean of those people) their product with "
        "ethnic minority, sex and free school meals",
        "the share of everybody in the group that begins one within three years of year 11, less that outside it",
    )


def _access_columns(lives: Lives) -> np.ndarray:
    return columns(pathways.KNOWN_MINORITY[lives.people.minor], lives.paths.difficulty)


def _sample(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    started, treatment = 1_000_000.0 * (paths.apprenticeship > 0), _access_columns(lives)
    chosen = paths.university_years == 0
    member, score = groups(people), lives.seen.key_stage_4
    further = treatment[:, 0] * (score - pathways.ACCESS_CENTRE / 1000)
    controls = columns(score, score**2, further, ~people.male, member["eligible for FSM"])
    early = started * (paths.apprenticeship_start < month_of(people.cohort + 20, 9))
    naive = {f"access: {name}": (early, treatment[:, number]) for number, name in enumerate(ACCESS)}
    return Sample(started[chosen], treatment[chosen], controls[chosen], naive)


def _from_centre(people: People) -> np.ndarray:
    """The result from where access by ethnic group is planted, in standard deviations."""
    return (results.result(people) - pathways.ACCESS_CENTRE) / 1000


def _differences(lives: Lives) -> list[Difference]:
    """Everybody who does not enter university is made one of the group, and then not, for the access alone."""
    chosen, found, table = lives.paths.university_years == 0, [], APPRENTICESHIP_ACCESS
    slope = "a standard deviation of results"
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


STUDY = Study({f"access: {name}": _of_access(name) for name in ACCESS}, _sample, _differences)
