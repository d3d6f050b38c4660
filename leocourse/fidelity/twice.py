"""The same people lived twice: what a planted effect does to each of them, which no record can show."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.fidelity.effects import EFFECTS, STUDIES
from leocourse.fidelity.estimands import lived
from leocourse.fidelity.worlds import RESULT, SHARE, STEP

UNITS = {STEP: float(np.log(1.001)), SHARE: 1e-6, RESULT: 1e-3}
"""What an effect is multiplied by, by its unit: to log pay, to a share, to a standard deviation of results."""


def lived_twice(effect: str, people: Iterable[int], seed: int = 1985) -> pd.DataFrame:
    """Those of some people whom an effect touches, a row each, with what it does to them.

    ``people`` are numbers of people, ``person_number`` of ``truth.lives``; ``seed`` is that of their extract.
    ``difference``: the outcome of the life with the treatment less that of the life without it (a difference of log
    pay, of shares, or in standard deviations of results). ``effect`` is its name on the page "What is planted"; where
    several act on a person at once, such as a level and a sector, it is what they do together. Raises LeoError for a
    name that is not there, or if nobody is named.
    """
    if effect not in EFFECTS:
        raise LeoError(f"There is no planted effect '{effect}': see the page 'What is planted'.")
    numbers = np.unique(np.asarray(list(people), dtype=np.int64))
    if not len(numbers):
        raise LeoError("Nobody is named: give the numbers of the people to live twice.")
    study = next(each for each in STUDIES if effect in each.effects)
    parts = study.differences(lived(seed, numbers, study))
    part = next(each for each in parts if effect in each.names)
    touched = part.treatment[:, part.names.index(effect)] != 0
    return pd.DataFrame({"difference": part.difference[touched] * UNITS[EFFECTS[effect].unit]})
