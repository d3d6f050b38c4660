"""What a referral unit does for those who were permanently excluded.

Pupils in units differ from all others in what brought them there. Among the excluded, special educational needs decide
where they go, and those are recorded.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives import conduct, school_effects, schooling
from leocourse.extract.lives.population import People
from leocourse.extract.lives.school_effects import REFERRAL_UNIT
from leocourse.fidelity.effects.exclusion import GROUPS
from leocourse.fidelity.seen import Seen
from leocourse.fidelity.worlds import RESULT, Difference, Effect, Lives, Sample, Study, columns, some

NAME = "referral unit"


def excluded_for_good(people: People) -> np.ndarray:
    """Who may be permanently excluded in years 7 to 10."""
    lasting, found = conduct.lasting_conduct(people), np.zeros(len(people), dtype=bool)
    last = people.stream("exclusions/permanent")
    for group in GROUPS:
        year = people.cohort + 6 + group
        found |= conduct.over_the_line(people, lasting, group) & last.chance(
            conduct.PERMANENT_SECONDARY, people.person, year
        )
    return found & ~people.independent


def _sent(lives: Lives) -> tuple[np.ndarray, np.ndarray]:
    """Excluded pupils who went to a unit, and those who went to a unit or to another school."""
    there = ~np.isnan(lives.seen.results) & np.isin(lives.seen.excluded_to, (0, 3))
    return there & (lives.seen.excluded_to == 3), there


def _sample(lives: Lives) -> Sample:
    people, seen = lives.people, lives.seen
    unit, chosen = _sent(lives)
    group = np.clip(seen.permanently, 7, 10)
    need = people.sen_by_group[group, np.arange(len(people))]
    score, known = 1_000 * seen.results, ~np.isnan(seen.key_stage_2)
    when, needs = [group == each for each in GROUPS[1:]], [need == level for level in (1, 2, 3)]
    controls = columns(np.where(known, seen.key_stage_2, 0), known, *when, *needs)
    there = ~np.isnan(score)
    naive = {NAME: (score[there], (school_effects.januaries_in_unit(people) > 0)[there])}
    return Sample(score[chosen], columns(unit)[chosen], np.column_stack([controls, seen.background])[chosen], naive)


def _differences(lives: Lives) -> list[Difference]:
    unit, _ = _sent(lives)
    if not unit.any():
        return []
    these = some(lives, unit)
    without = replace(these.people)
    without.drawn["schooling",] = schooling.otherwise(without, units=False)
    difference = 1_000 * (these.seen.results - Seen(without).results)
    return [Difference([NAME], np.ones((len(difference), 1)), difference)]


STUDY = Study(
    {
        NAME: Effect(
            "referral unit, a January: result",
            "What does a referral unit do to results at key stage 4 of excluded pupils?",
            "pupils permanently excluded in years 7 to 10 who went to a unit, with the same pupils had "
            "they gone to another school: all that follows counts",
            lambda: REFERRAL_UNIT, RESULT,
            "score at key stage 4 of permanently excluded pupils, on being in a unit rather than at another school "
            "in the "
            "next term's census, with the year group of the exclusion, special educational needs in it, key stage 2 "
            "and "
            "what the census says of pupils",
            "mean score of pupils who were in a unit in a January of years 7 to 11 less that of all others",
            tables=("exclusions", "school_census", "pru_census", "ks2_pupil", "ks4_pupil"),
        ),
    },
    _sample,
    _differences,
    people=250_000,
    among=excluded_for_good,
)  # fmt: skip
