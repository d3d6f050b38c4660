"""Missing outcomes: who leaves a trace in a tax year, and between which shares the truth must lie.

Some people could not be linked, some have left the country, and some neither work nor claim. The records do not tell
these apart, and the first two differ by group. To count all of them as out of work, or to leave them out, is to assume
what is not known. The bounds assume nothing: those without a trace are all out of work, or all in it.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from leocourse.extract.base.dates import TAX_YEARS, month_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import Faults
from leocourse.extract.faults.linkage import linkage
from leocourse.extract.lives import activity
from leocourse.fidelity.worlds import Lives


def in_work(of: activity.Activity, year: int) -> np.ndarray:
    """In a job as an employee, or self-employed, in some month of the tax year."""
    return _months(of.works, year) | of.self_employed[year - TAX_YEARS[0]]


def _months(history: np.ndarray, year: int) -> np.ndarray:
    first = month_of(year - 1, 4) - activity.FIRST_MONTH
    return history[max(first, 0) : first + 12].any(axis=0)


def traced(lives: Lives, year: int) -> np.ndarray:
    """Linked, and with pay, self-employment or an out-of-work benefit in the tax year."""
    people, of = lives.people, lives.life.activity
    linked = ~linkage(people, Keys(people.seed), Faults(people.seed)).no_edukey
    return linked & (in_work(of, year) | _months(of.claims, year))


def had_all_stayed(lives: Lives, year: int) -> np.ndarray:
    """Who would be in work in the tax year if nobody had left: the truth that the bounds are for."""
    return in_work(activity.activities(lives.people, lives.paths, stay=True), year)


def bounds(outcome: np.ndarray, seen: np.ndarray, confidence: float = 0.95) -> tuple[float, float, float, float]:
    """The least and the largest share that the records allow, and an interval for the true one.

    ``outcome``: who has it, among those ``seen``. The interval covers the truth, wherever between the bounds it lies,
    with the given confidence at least (Imbens and Manski 2004): it is narrower than one that covers both bounds.
    """
    low, high = float((outcome & seen).mean()), float((outcome | ~seen).mean())
    errors = [np.sqrt(share * (1 - share) / len(outcome)) for share in (low, high)]
    wide, normal = (high - low) / max(*errors, 1e-12), NormalDist()
    factors = np.linspace(1.6, 2.0, 401)
    reach = [normal.cdf(each + wide) - normal.cdf(-each) for each in factors]
    factor = float(factors[min(int(np.searchsorted(reach, confidence)), len(factors) - 1)])
    return low, high, low - factor * errors[0], high + factor * errors[1]


def bounds_of_gap(outcome: np.ndarray, seen: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """The least and the largest difference of shares between a group and all others that the records allow."""
    (low, high, *_), (other_low, other_high, *_) = (bounds(outcome[who], seen[who]) for who in (group, ~group))
    return low - other_high, high - other_low
