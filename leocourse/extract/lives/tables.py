"""Tables of rates that differ by ethnic group."""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives.population import MINORS, People

MAJOR = np.array([code[0] for code in MINORS])
"""First letter of each minor ethnic group: W, M, A, B, C, O; N and R are unknown."""
KNOWN_MINORITY = np.isin(MAJOR, list("MABCO"))
"""Minor ethnic groups that are known and not White."""


def by_group(table: dict[str, int], people: People) -> np.ndarray:
    """The value of a table by first letter of the ethnic group; the empty key stands for all others."""
    values = [table.get(letter, table.get("", 0)) for letter in MAJOR]
    return np.array(values)[people.minor]
