"""What the university and the mode of a degree add: bands that overlap, and study beside work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.lives import graduate_pay, work
from leocourse.extract.lives.graduate_pay import STUDY_PAY, UNIVERSITY_PAY
from leocourse.fidelity.effects.degrees import REFERENCE, TABLES
from leocourse.fidelity.seen_higher import Higher
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
    pay,
)

OUT = 3
BANDS = {"university: higher tariff": 0, "university: medium tariff": 1}
PART_TIME = "part-time degree"
HELD = (
    f"subject, its growth, class, points at A level, gap year, years since the degree, sex, free school meals, {EQUAL}"
)


def _of_band(name: str) -> Effect:
    band = name.removeprefix("university: ")
    return Effect(
        f"pay: {name}",
        f"What does a degree from a university of {band} add to pay, rather than one of lower tariff?",
        f"graduates of universities of {band}, with the same people had they graduated at the usual university of "
        "lower tariff",
        lambda: UNIVERSITY_PAY[band] - UNIVERSITY_PAY["lower tariff"],
        STEP,
        f"log pay of 2019/20 of graduates three or more years out of study, on band and part-time study, with {HELD}; "
        "the coefficient, lower tariff being the band left out",
        f"mean log pay of graduates of universities of {band} three or more years out less that of lower tariff",
        "always",
        TABLES,
    )


def _sample(lives: Lives) -> Sample:
    people, paths, outcome = lives.people, lives.paths, pay(lives.life, PAY_YEAR)
    higher = Higher(people, paths)
    chosen = higher.out_for(OUT) & ~np.isnan(outcome)
    part = paths.career.part_time
    treatment = columns(higher.band == 0, higher.band == 1, part)
    older = paths.university_year - people.cohort >= 24
    rest = higher.course_columns[:, 2:5]
    controls = np.column_stack([
        background(lives), higher.subject_columns((REFERENCE,)), higher.class_columns, rest, higher.person_columns,
        columns(higher.experience, older),
    ])  # fmt: skip
    naive = {}
    for name, number in BANDS.items():
        pool = chosen & np.isin(higher.band, [number, 2])
        naive[name] = (outcome[pool], (higher.band == number)[pool])
    naive[PART_TIME] = (outcome[chosen], part[chosen])
    return Sample(outcome[chosen], treatment[chosen], controls[chosen], naive, alike=True)


def _differences(lives: Lives) -> list[Difference]:
    people, paths, higher = lives.people, lives.paths, Higher(lives.people, lives.paths)
    out = higher.out_for(OUT)
    usual = int(np.abs(graduate_pay.university_steps() - UNIVERSITY_PAY["lower tariff"]).argmin())
    career = replace(
        paths.career, second_provider=np.full(len(people), usual), back_provider=np.full(len(people), usual)
    )
    full = replace(paths.career, part_time=np.zeros(len(people), dtype=bool))
    outcome, found = pay(lives.life, PAY_YEAR), []
    bands = columns(higher.band == 0, higher.band == 1)
    for names, treated, treatment, other in (
        (list(BANDS), bands.any(axis=1), bands, career),
        ([PART_TIME], paths.career.part_time, np.ones((len(people), 1)), full),
    ):
        changed = replace(lives.life, rate=work.rates(people, replace(paths, career=other), lives.life.jobs,
                                                      lives.life.furlough))  # fmt: skip
        difference = outcome - pay(changed, PAY_YEAR)
        here = treated & out & ~np.isnan(difference)
        found.append(Difference(names, treatment[here], difference[here]))
    return found


STUDY = Study(
    {
        **{name: _of_band(name) for name in BANDS},
        PART_TIME: Effect(
            "pay: study: part-time degree",
            "What does a degree studied part time add to pay, rather than the same degree studied full time?",
            "part-time graduates three or more years out of study, with the same people had the same years been full "
            "time and they worked as they did",
            lambda: STUDY_PAY["part-time degree"], STEP,
            f"log pay of 2019/20 of graduates three or more years out of study, on band and part-time study, with "
            f"{HELD} and entry at 23 or later; the coefficient of part-time study",
            "mean log pay of part-time graduates three or more years out less that of full-time ones",
            "always", TABLES,
        ),
    },
    _sample, _differences,
)  # fmt: skip
