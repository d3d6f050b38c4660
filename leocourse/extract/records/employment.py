"""The employment table: spells as P45 and P46 forms report them, by EDUKEY."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Rows
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Spells


def employment_rows(people: People, keys: Keys, spells: Spells, copy: np.ndarray) -> Rows:
    """The employment table. ``copy`` says on which EDUKEY of the person a spell stands."""
    person = people.person[spells.i]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy),
        "startdate": spells.start,
        "enddate": spells.end,
        "uncertainstartdate": spells.uncertain_start.astype(np.int64),
        "uncertainenddate": spells.uncertain_end.astype(np.int64),
    }
