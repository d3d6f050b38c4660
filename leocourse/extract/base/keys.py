"""The four kinds of person key, and those of records.

Each is a scrambled number: unique, without order, and a function of seed and person alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.random import scramble, text_key

COPIES = 4
"""How many keys of one kind a person can have."""
RECORDS = 32
"""How many education records a person can have."""


@dataclass(frozen=True)
class Keys:
    """Keys of people and of their records in one extract."""

    seed: int

    def pmr(self, person: np.ndarray, copy: int | np.ndarray = 0) -> np.ndarray:
        """``PUPILMATCHINGREFANONYMOUS``: 18 characters."""
        return text_key(person * COPIES + copy, 18, "PM", self.seed, "pmr")

    def edukey(self, person: np.ndarray, copy: int | np.ndarray = 0) -> np.ndarray:
        """``EDUKEY``: 14 characters."""
        return text_key(person * COPIES + copy, 14, "EK", self.seed, "edukey")

    def ae_id(self, person: np.ndarray, copy: int | np.ndarray = 0) -> np.ndarray:
        """``AE_ID``: a positive whole number of ten digits or eleven."""
        return scramble(person * COPIES + copy, 35, self.seed, "ae_id").astype(np.int64) + 10**9

    def recordid(self, person: np.ndarray, record: np.ndarray) -> np.ndarray:
        """``RECORDID`` of an education record, within SQL Server's int."""
        return scramble(person * RECORDS + record, 31, self.seed, "recordid").astype(np.int64)

    def external_id(self, person: np.ndarray, record: np.ndarray) -> np.ndarray:
        """``external_id`` of a learner at a provider in a year, which joins aims to learners."""
        return scramble(person * RECORDS + record, 40, self.seed, "external_id").astype(np.int64)
