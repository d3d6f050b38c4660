"""What an adult course adds to pay, from records of learning and outcomes alone.

People come back to learn after a bad year, which passes by itself, so pay before and after a course misleads. The
intended estimators compare a person with their own past before that bad year, and with people who begin a course in
another year or do not achieve theirs. What is lasting in a person falls out, whether or not a record holds it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.lives import adult_learning
from leocourse.extract.lives.adult_learning import ADULT_PAY, Courses
from leocourse.extract.lives.pay import rates
from leocourse.fidelity.estimators import within_people
from leocourse.fidelity.worlds import STEP, Difference, Effect, Lives, Sample, Study, columns, steps

PANEL = range(2005, 2021)
"""Tax years that are compared: whole ones, before the pandemic."""
FROM_YEAR_11 = 7
"""Years after year 11 from which the school cohorts are compared: by then pay grows alike in all groups."""
SHORT, FULL_2, FULL_3, LEVEL_4 = 1, 2, 3, 4
"""Best course achieved, from the least to the most."""
TABLES = ("learners", "aims", "education_records_lookup", "learner_ae_id_to_edukey_lookup", "leo_earnings")
FOUND = (
    "log pay of 2004/05 to 2019/20, a row a person and tax year, on the best course achieved before the tax year, "
    "within people, with years for the bad one before a course and the one in which it begins, tax year, age and sex"
)
NAIVE = "mean log pay two tax years after that in which the course began less that of the tax year before"


def best(people_count: int, courses: Courses) -> np.ndarray:
    """The best course that everybody achieved before each tax year, 0 without one, shape (people, tax years)."""
    kind = np.where(adult_learning.is_full(courses), courses.level, SHORT)
    found = np.zeros((people_count, len(TAX_YEARS)), dtype=np.int64)
    column = adult_learning.first_tax_year(courses) - TAX_YEARS[0]
    here = adult_learning.counts(courses) & (column < len(TAX_YEARS))
    np.maximum.at(found, (courses.i[here], np.maximum(column[here], 0)), kind[here])
    return np.maximum.accumulate(found, axis=1)


def rows_of(lives: Lives, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Person (index) and column of the tax years in work that are compared, of the chosen people."""
    people, paths = lives.people, lives.paths
    settled = chosen & (paths.university_years == 0) & (paths.part_time_year > PANEL[-1])
    i, column = np.nonzero((lives.life.days > 0) & settled[:, None])
    year = column + TAX_YEARS[0]
    kept = (year >= PANEL[0]) & (year <= PANEL[-1]) & (year - 18 - people.cohort[i] >= FROM_YEAR_11)
    i, column, year = i[kept], column[kept], year[kept]
    study = np.stack([paths.studies(month_of(each - 1, 10)) for each in TAX_YEARS], axis=1)
    trains = np.stack([paths.apprenticeships.trains_in(each) for each in TAX_YEARS], axis=1)
    apart = ~(study | trains)[i, column]
    return i[apart], column[apart]


def treated_as(lives: Lives, i: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Levels of the best course, a short one, and whether it is a full one of a woman."""
    done = best(len(lives.people), lives.paths.courses)[i, column]
    return columns(*(done == each for each in (FULL_2, FULL_3, LEVEL_4, SHORT)), (done > SHORT) & ~lives.people.male[i])


def _controls(lives: Lives, i: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Bad years, apprenticeships completed, tax years, and years after year 11 by sex."""
    people, paths, taken = lives.people, lives.paths, lives.paths.courses
    bad = np.zeros((2, len(people), len(TAX_YEARS) + 1), dtype=bool)
    for back in (0, 1):
        at = np.clip(taken.year - back - TAX_YEARS[0], -1, len(TAX_YEARS) - 1)
        bad[back, taken.i[taken.returns], at[taken.returns]] = True
    year, women = column + TAX_YEARS[0], ~people.male[i]
    trained = np.stack([paths.apprenticeships.level_by(month_of(each - 1, 10)) for each in TAX_YEARS], axis=1)
    level, since = trained[i, column], np.clip(year - 18 - people.cohort[i], 0, 18)
    years = [year == each for each in PANEL[1:]]
    ages = [since == each for each in range(FROM_YEAR_11 + 1, 19)]
    levels = [level == 2, level == 3, level > 3]
    return columns(bad[1, i, column], bad[0, i, column] & ~bad[1, i, column], *levels, *years, *ages,
                   *(women & each for each in ages))  # fmt: skip


def before_and_after(lives: Lives, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pay two tax years after that in which each wanted course began less pay in the bad year before."""
    taken, life = lives.paths.courses, lives.life
    chosen = wanted & adult_learning.counts(taken)
    i, column = taken.i[chosen], taken.year[chosen] - TAX_YEARS[0]
    inside = (column >= 1) & (column + 2 <= PANEL[-1] - TAX_YEARS[0])
    i, column = i[inside], column[inside]
    both = (life.days[i, column - 1] > 0) & (life.days[i, column + 2] > 0)
    i, column = i[both], column[both]
    gain = steps(life.rate[i, column + 2]) - steps(life.rate[i, column - 1])
    return gain, np.ones(len(gain))


def panel(lives: Lives, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the chosen people: outcome, treatment, controls and person."""
    i, column = rows_of(lives, chosen)
    outcome = steps(lives.life.rate[i, column])
    person = lives.people.person[i]
    return {"outcome": outcome, "treatment": treated_as(lives, i, column), "controls": _controls(lives, i, column),
            "person": person}  # fmt: skip


def estimate(sample: Sample) -> np.ndarray:
    """Changes within people."""
    _, person = np.unique(sample.more["person"], return_inverse=True)
    return within_people(sample.outcome, sample.treatment, sample.controls, person)


def gained(lives: Lives, i: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Pay with courses less pay of the same people in the same jobs had they achieved none, a value a row."""
    life, paths = lives.life, lives.paths
    without = replace(paths, courses=paths.courses.without_effect())
    rate = rates(lives.people, without, life.jobs, life.furlough)
    return steps(life.rate[i, column]) - steps(rate[i, column])


# adults without a school record


def _adults_sample(lives: Lives) -> Sample:
    rows = panel(lives, np.ones(len(lives.people), dtype=bool))
    taken = lives.paths.courses
    full, women = adult_learning.is_full(taken), ~lives.people.male[taken.i]
    wanted = [full & (taken.level == level) for level in (2, 3, 4)] + [~full]
    naive = {name: before_and_after(lives, each) for name, each in zip(ADULTS, wanted, strict=False)}
    gain, _ = before_and_after(lives, full & women)
    naive[list(ADULTS)[-1]] = (gain, np.ones(len(gain)))
    return Sample(rows["outcome"], rows["treatment"], rows["controls"], naive, more={"person": rows["person"]})


def _adults_differences(lives: Lives) -> list[Difference]:
    i, column = rows_of(lives, np.ones(len(lives.people), dtype=bool))
    treatment = treated_as(lives, i, column)
    treated = treatment.any(axis=1)
    i, column, treatment = i[treated], column[treated], treatment[treated]
    return [Difference(list(ADULTS), treatment, gained(lives, i, column))]


def _effect(name: str, question: str, naive: str = NAIVE) -> Effect:
    return Effect(
        f"adult learning: {name}", question,
        "adults without a school record who achieved the course, with the same people in the same jobs had they "
        "achieved none",
        lambda: ADULT_PAY[name], STEP, FOUND, naive,
        since="the first tax year after the end of the course", tables=TABLES,
    )  # fmt: skip


ADULTS = {
    "adult course: level 2": _effect("full course at level 2", "What does a full adult course at level 2 add to pay?"),
    "adult course: level 3": _effect("full course at level 3", "What does a full adult course at level 3 add to pay?"),
    "adult course: level 4": _effect("course at level 4", "What does an adult course at level 4 add to pay?"),
    "adult course: short": _effect(
        "short course at level 2 or 3", "What does a short adult course at level 2 or 3 add to pay?"
    ),
    "adult course: women": _effect(
        "women, full course at level 2 or above", "How much more does a full course add to the pay of women?",
        "mean growth of women's log pay from the tax year before a full course to two after that in which it began",
    ),
}  # fmt: skip
STUDY = Study(ADULTS, _adults_sample, _adults_differences, estimate, people=5_000, adults=True)
