"""Whether learners were on benefits when an aim began, from the true benefit spells that the benefit table reports.

The request form has four kinds, each at the start, and for apprentices six months before it. Which benefits count as
other is not said there: here those that are neither universal credit nor jobseeker's or employment and support
allowance, and not paid for a disability or to a carer (a design choice).
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Spells, merge
from leocourse.extract.records.benefits import OUT_OF_WORK, TYPES, only

UNIVERSAL = {kind for kind in TYPES if kind.startswith("U")}
KINDS = {
    "onbenefits": OUT_OF_WORK,
    "onuc": UNIVERSAL,
    "onjsaesa": {"JSA", "ESA"},
    "onotherbenefit": OUT_OF_WORK - UNIVERSAL - {"JSA", "ESA"},
}
"""Field of the ILR, without its ending, and the types of benefit that count for it."""
SIX_MONTHS = 182
FAR = np.int64(10**8)
"""Further apart than any two days, so that one search serves all people."""


def columns(people: People, claims: tuple[Spells, np.ndarray], aims: Rows) -> Rows:
    """The fields of aims on benefits. ``claims``: true benefit spells and the type (index) of each."""
    order = np.argsort(people.person, kind="stable")
    i = order[np.searchsorted(people.person[order], aims["person"])]
    spells, kind = claims
    apprentice = (aims["frameworkapp"] > 0) | (aims["standardapp"] > 0)
    found: Rows = {}
    for name, types in KINDS.items():
        chosen = merge(only(spells, np.isin(kind, [TYPES.index(each) for each in types])))
        found[name + "_atstart"] = _on(chosen, i, aims["start_date"])
        before = _on(chosen, i, aims["start_date"] - SIX_MONTHS)
        found[name + "_6monthprior"] = Nullable(before, ~apprentice)
    return found


def _on(spells: Spells, i: np.ndarray, day: np.ndarray) -> np.ndarray:
    """1 where some spell of the person covers the day, else 0. ``spells`` are merged and in order."""
    if not len(spells.i):
        return np.zeros(len(i), dtype=np.int64)
    at = np.searchsorted(spells.i * FAR + spells.start, i * FAR + day, side="right") - 1
    last = np.maximum(at, 0)
    return ((at >= 0) & (spells.i[last] == i) & (spells.end[last] >= day)).astype(np.int64)
