"""What an enterprise adds to pay, and what graduates among its staff add: from people who move, and people who stay.

What an enterprise adds is in no record. Its turnover per employee is, in a linked table of accounts: in the simulation
the more productive enterprise pays better. A year's turnover measures lasting productivity with error, so that the
same difference in another year serves as instrument. A move is whole, so between two years with one payer each pay a
day grows by the difference of the enterprises; years with two payers are left out, and so are students, whose jobs
beside study are of another kind.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS
from leocourse.extract.lives.colleagues import COLLEAGUES, graduate_share
from leocourse.extract.lives.firms import FIRM_PAY, LETTERS, register
from leocourse.extract.lives.pay import rates
from leocourse.extract.lives.population import People
from leocourse.extract.records.accounts import YEARS, turnover_steps
from leocourse.fidelity.estimators import instrumented
from leocourse.fidelity.worlds import (
    PAY_YEAR,
    STEP,
    Difference,
    Effect,
    Lives,
    Sample,
    Study,
    cohorts,
    columns,
    level_completed,
    pay,
    settled,
    women_later,
)

ENTERPRISE = "a standard deviation between enterprises of a section"
(GRADUATES,) = COLLEAGUES
BEFORE = PAY_YEAR - 2
"""Pay of 2019/20 is compared with that of 2017/18, and who changes enterprise does so between the two."""


MEASURED, INSTRUMENT = (BEFORE - 2, BEFORE), (BEFORE - 3, BEFORE - 1)
"""Years whose accounts measure productivity, and others that serve as instrument."""


def _turnover(seed: int, years: tuple[int, ...]) -> np.ndarray:
    """Mean log turnover per employee of every enterprise over the accounts of some years."""
    return turnover_steps(seed)[[year - YEARS[0] for year in years]].mean(axis=0)


def of_age(people: People) -> np.ndarray:
    """At least four years past year 11 in :data:`BEFORE`: whom these studies are about."""
    return people.cohort <= BEFORE - 22


def lasting_spread(seed: int) -> float:
    """The standard deviation of lasting log turnover per employee within sections, from what two years share."""
    first, second = (_turnover(seed, years) for years in (MEASURED, INSTRUMENT))
    section = register(seed).section[0]
    size = np.bincount(section)
    first, second = (each - (np.bincount(section, each) / size)[section] for each in (first, second))
    return float(np.sqrt((first * second).mean()))


def _of_firms(lives: Lives) -> tuple[np.ndarray, np.ndarray]:
    """The main enterprise of :data:`BEFORE` and of :data:`PAY_YEAR` (-1: none), and whether each is the only payer."""
    jobs = lives.life.jobs
    both = [BEFORE - TAX_YEARS[0], PAY_YEAR - TAX_YEARS[0]]
    return jobs.firm[:, both, 0], (jobs.firm[:, both, 0] >= 0) & (jobs.firm[:, both, 1:] < 0).all(axis=2)


def _recorded(lives: Lives) -> tuple[np.ndarray, ...]:
    """Turnover of two years for both enterprises, graduates there in each year's own, sections and sizes.

    Section and size are those of the older copy of the register: its reclassifications change no enterprise.
    """
    seed, (firm, _) = lives.people.seed, _of_firms(lives)
    firms, graduates = register(seed), graduate_share(seed)
    spread = lasting_spread(seed)
    first, second = (_turnover(seed, years)[firm] / spread for years in (MEASURED, INSTRUMENT))
    share = np.stack([graduates[year - TAX_YEARS[0], firm[:, n]] for n, year in enumerate((BEFORE, PAY_YEAR))], axis=1)
    return first, second, share / 100, firms.section[0, firm], firms.band[0, firm]


def _stays_settled(lives: Lives) -> np.ndarray:
    """Settled in both years, without having completed an apprenticeship between them."""
    same = level_completed(lives.paths, PAY_YEAR) == level_completed(lives.paths, BEFORE)
    return same & settled(lives, BEFORE) & settled(lives, PAY_YEAR)


def _growth(lives: Lives) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Growth of log pay over the two years, whose it can be compared, and what else makes it grow."""
    people, chosen = lives.people, _stays_settled(lives)
    growth = pay(lives.life, PAY_YEAR) - pay(lives.life, BEFORE)
    later = women_later(people, PAY_YEAR) - women_later(people, BEFORE)
    return (
        growth,
        chosen & ~np.isnan(growth) & _of_firms(lives)[1].all(axis=1),
        columns(~people.male, later * ~people.male, *cohorts(people)),
    )


def _change(of: np.ndarray) -> np.ndarray:
    return of[:, 1] - of[:, 0]


def _sample(lives: Lives) -> Sample:
    """Of people who moved: the change of productivity, with the change in another year's accounts as instrument."""
    growth, chosen, controls = _growth(lives)
    firm, _ = _of_firms(lives)
    first, second, share, section, band = _recorded(lives)
    firms = register(lives.people.seed)
    there = (firms.birth[firm] <= (INSTRUMENT[0] - 1) * 12 + 3).all(axis=1)  # in the accounts of all these years
    chosen = chosen & (firm[:, 0] != firm[:, 1]) & there
    moved = [(section == each)[:, 1].astype(int) - (section == each)[:, 0] for each in range(1, len(LETTERS))]
    usual = _usual(lives.people.seed)
    first, second = (_change(each - usual[section]) for each in (first, second))
    controls = columns(controls, *moved, _change(band), _change(share))
    outcome = pay(lives.life, PAY_YEAR)
    at_work = ~np.isnan(outcome) & (firm[:, 1] >= 0) & of_age(lives.people)
    here = _recorded(lives)[0][:, 1] - usual[section[:, 1]]
    naive = {"enterprise": (outcome[at_work], here[at_work])}
    more = {"instrument": second[chosen], "enterprises": firm[chosen]}
    return Sample(growth[chosen], columns(first)[chosen], controls[chosen], naive, more=more)


def _usual(seed: int) -> np.ndarray:
    """Mean log turnover per employee of each section, in the units of :func:`_recorded`."""
    section = register(seed).section[0]
    return np.bincount(section, _turnover(seed, MEASURED)) / np.bincount(section) / lasting_spread(seed)


def _estimate(sample: Sample) -> np.ndarray:
    return instrumented(
        sample.outcome, sample.treatment, columns(sample.more["instrument"]), sample.controls,
        sample.more["enterprises"],
    )  # fmt: skip


def _differences(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    better = replace(life.jobs, pay=life.jobs.pay + FIRM_PAY[ENTERPRISE])
    difference = pay(replace(life, rate=rates(people, paths, better, life.furlough, life.homes)), PAY_YEAR)
    difference = difference - pay(life, PAY_YEAR)
    here = ~np.isnan(difference) & settled(lives) & settled(lives, BEFORE) & of_age(people)
    return [Difference(["enterprise"], np.ones((int(here.sum()), 1)), difference[here])]


def _stayers(lives: Lives) -> Sample:
    """Of people who stayed with an enterprise: how the share of graduates among its staff changed."""
    growth, chosen, controls = _growth(lives)
    firm, _ = _of_firms(lives)
    share = _recorded(lives)[2]
    chosen = chosen & (firm[:, 0] == firm[:, 1])
    outcome = pay(lives.life, PAY_YEAR)
    at_work = ~np.isnan(outcome) & (firm[:, 1] >= 0) & of_age(lives.people)
    naive = {"colleagues": (outcome[at_work], share[at_work, 1])}
    more = {"enterprise": firm[chosen, 0]}
    return Sample(growth[chosen], columns(_change(share))[chosen], controls[chosen], naive, more=more)


def _within_enterprises(sample: Sample) -> np.ndarray:
    own = sample.treatment
    return instrumented(sample.outcome, own, own, sample.controls, sample.more["enterprise"])


def _more_graduates(lives: Lives) -> list[Difference]:
    people, paths, life = lives.people, lives.paths, lives.life
    more = replace(life.jobs, graduates=life.jobs.graduates + 100)
    difference = pay(replace(life, rate=rates(people, paths, more, life.furlough, life.homes)), PAY_YEAR)
    difference = difference - pay(life, PAY_YEAR)
    here = ~np.isnan(difference) & settled(lives) & settled(lives, BEFORE) & of_age(people)
    return [Difference(["colleagues"], np.ones((int(here.sum()), 1)), difference[here])]


STUDY = Study(
    {
        "enterprise": Effect(
            f"pay: enterprise: {ENTERPRISE}", "What does work for a more productive enterprise add to pay?",
            "people who left education without university, at least four years past year 11 in 2017/18 and in work, "
            "with the same people where the enterprise "
            "pays a standard deviation more",
            lambda: FIRM_PAY[ENTERPRISE], STEP,
            "growth of log pay from 2017/18 to 2019/20 of people with one payer in each of these years, and another "
            "one in the second, on the difference of the enterprises' log turnover per employee, in standard "
            "deviations of what lasts of it within sections, in the accounts of 2015/16 and 2017/18, "
            "instrumented by the same difference in those of 2014/15 and 2016/17; with "
            "changes of section, size and share of graduates, sex and birth cohort",
            "the slope of log pay over recorded turnover per employee within the section, among everybody in work",
            "always",
            ("leo_earnings", "leo_idbr_lookup"),
        ),
    },
    _sample,
    _differences,
    _estimate,
    people=16_000,
    among=of_age,
    reads=_stays_settled,
)  # fmt: skip

COLLEAGUES_STUDY = Study(
    {
        "colleagues": Effect(
            f"pay: {GRADUATES}", "What do ten points more graduates among the staff add to the pay of the others?",
            "people who left education without university, at least four years past year 11 in 2017/18 and in work, "
            "with the same people where ten points more "
            "of the staff are graduates",
            lambda: COLLEAGUES[GRADUATES], STEP,
            "growth of log pay from 2017/18 to 2019/20 of people paid by one and the same enterprise alone in both "
            "years, on the change of the share of graduates among its staff, with sex and birth cohort",
            "the slope of log pay over the share of graduates, among everybody in work",
            "always",
            ("leo_earnings", "leo_idbr_lookup"),
        ),
    },
    _stayers,
    _more_graduates,
    _within_enterprises,
    people=16_000,
    among=of_age,
    reads=_stays_settled,
)  # fmt: skip
