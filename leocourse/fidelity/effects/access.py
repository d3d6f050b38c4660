"""Who gets an apprenticeship, of people with the same results.

A learning difficulty is known in two ways. The learner record has what learners say (``lldd``), of learners alone: who
says so has entered further education, so apprentices seem to have more difficulties and not fewer. The school census
has the provision for special needs of everybody at a state school: that is what decides here, and what works.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import pathways
from leocourse.extract.lives.pathways import APPRENTICESHIP_ACCESS
from leocourse.extract.records import further_education
from leocourse.fidelity.worlds import SHARE, Difference, Effect, Lives, Sample, Study, columns

ACCESS = ["ethnic minority", "learning difficulty", "women", "free school meals"]
_FURTHER = "ethnic minority, a standard deviation of results"
_NAIVE = {
    "ethnic minority": "the share of everybody of ethnic minorities that ever begins one, less that of all others",
    "learning difficulty": "the share of those who say in a learner record that they have a difficulty (lldd) that "
    "begins one within three years of year 11, less that of everybody else",
}


def _of_access(name: str) -> Effect:
    return Effect(
        f"access to an apprenticeship: {name}",
        f"How much less often does somebody with the same results begin an apprenticeship if: {name}?",
        "pupils of state schools who do not enter university: " + (
            "those of ethnic minorities, treated as they are and as others are" if name == "ethnic minority"
            else "treated as the group is, and as others are"),
        lambda: APPRENTICESHIP_ACCESS[name],
        SHARE,
        "a linear model of ever beginning one, of pupils of state schools who do not enter university, on ethnic "
        "minority, provision for special needs in the census of year 11, sex and free school meals, with results at "
        "key stage 4, their square and (from their mean among ethnic minorities) their product with ethnic minority",
        _NAIVE.get(name, "the share of everybody in the group that begins one within three years of year 11, less that "
                         "outside it"),
        tables=("school_census", "ks4_pupil", "aims", "learners", "hesa"),
    )  # fmt: skip


def _access_columns(lives: Lives) -> np.ndarray:
    seen = lives.seen
    return columns(seen.minority, seen.support, ~lives.people.male, seen.free_meals)


def _chosen(lives: Lives) -> np.ndarray:
    return (lives.paths.university_years == 0) & lives.seen.in_census


def _says_difficulty(lives: Lives) -> np.ndarray:
    """Whom some learner record shows with a difficulty (``lldd`` 1)."""
    people, paths = lives.people, lives.paths
    learner = paths.in_college(0) | paths.in_college(1) | paths.in_college_later | (paths.apprenticeship > 0)
    learner[paths.courses.i] = True
    return learner & further_education.says_difficulty(people, paths)


def _sample(lives: Lives) -> Sample:
    people, paths = lives.people, lives.paths
    started, treatment = 1_000_000.0 * (paths.apprenticeship > 0), _access_columns(lives)
    chosen, score = _chosen(lives), lives.seen.key_stage_4
    minority = lives.seen.minority
    further = minority * (score - score[chosen & minority].mean())
    controls = columns(score, score**2, further, ~lives.seen.has_results)
    early = started * (paths.apprenticeship_start < month_of(people.cohort + 20, 9))
    groups = [lives.seen.minority, _says_difficulty(lives), ~people.male, lives.seen.free_meals]
    naive = {f"access: {name}": (early, group) for name, group in zip(ACCESS, groups, strict=True)}
    naive["access: ethnic minority"] = (started, groups[0])
    return Sample(started[chosen], treatment[chosen], controls[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    """Everybody whom the study is about is made one of the group, and then not, for the access alone.

    What ethnic group does differs with results, so that is averaged over those whom it happens to.
    """
    chosen, found, table = _chosen(lives), [], APPRENTICESHIP_ACCESS
    slope = "a standard deviation of results"
    for name in ACCESS:
        further = table[_FURTHER] if name == "ethnic minority" else 0
        outside = table | {name: 0} | ({_FURTHER: 0} if further else {})
        shift = table[name] - further * pathways.ACCESS_CENTRE // 1000
        inside = outside | {"base": outside["base"] + shift, slope: outside[slope] + further}
        begun = [pathways.begins_apprenticeship(lives.people, chosen, lives.paths.difficulty, each)
                 for each in (inside, outside)]  # fmt: skip
        here = chosen & lives.seen.minority if further else chosen
        difference = 1_000_000.0 * (begun[0] * 1 - begun[1])[here]
        found.append(Difference([f"access: {name}"], np.ones((len(difference), 1)), difference))
    return found


STUDY = Study({f"access: {name}": _of_access(name) for name in ACCESS}, _sample, _differences)
