"""The low-fidelity mode: each column as it is, and nothing between columns, as in DfE's own synthetic file.

In every table each column takes its values, and its missing values with them, from another row than the
columns beside it: through a bijection of the rows that has the column's own key. So a column's
distribution and its share missing stay exactly as they are in every view, and what joins a person's
columns is gone. Keys stay where they are, so that tables still join.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from leocourse.extract.base import numbers
from leocourse.extract.base.columns import Coded, Column, Rows
from leocourse.extract.base.random import Stream
from leocourse.extract.output.arrow_tables import UNIT, Shuffle
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN

KEYS = ("pupilmatchingrefanonymous", "edukey", "ae_id", "recordid", "external_id", "unique_application_id_cycle")
"""Endings of the names of columns that join tables."""
PLACES, DRAW = 26, 24
"""Bits of a sorting key for a row's place and for its draw; what is left numbers the group."""


def is_key(name: str) -> bool:
    """Whether a column stays where it is: keys of people and records, and what sorts rows into views."""
    return name in (YEAR_COLUMN, TERM_COLUMN) or name.endswith(KEYS)


def shuffle(seed: int, table: str, rows: Rows, unit: int = UNIT, keys: Collection[str] = ()) -> Shuffle:
    """The order in which each column of a table takes its values.

    Values move within the people of one unit and within one year and term, so a view keeps its own
    distribution, and no result depends on the size of a block. ``keys`` names more columns to leave.
    """
    groups: dict[str, np.ndarray] = {}

    def place(name: str, order: np.ndarray) -> np.ndarray:
        if is_key(name) or name in keys or len(order) < 2:
            return order
        if not groups:
            groups.update(_groups(rows, order, unit))
        stream = Stream(seed, f"low-fidelity/{table}/{name}")
        draw = stream.bits(groups["unit"], groups["within"]).astype(np.uint64) >> np.uint64(32 - DRAW)
        # Group, then draw, then place: all keys differ, so every way of sorting gives the same order.
        keyed = groups["key"] | (draw << np.uint64(PLACES))
        keyed.sort()
        moved = np.empty_like(order)
        moved[groups["grouped"]] = order[(keyed & np.uint64((1 << PLACES) - 1)).astype(np.int64)]
        return moved

    return place


def _groups(rows: Rows, order: np.ndarray, unit: int) -> dict[str, np.ndarray]:
    """Of every row in order: its unit, its place within the unit, and its group's part of the sorting key."""
    size = len(order)
    unit_of = numbers.place(rows["person"])[order] // unit if "person" in rows else np.zeros(size, dtype=np.int64)
    year, term = (_numbers(rows.get(name), order) for name in (YEAR_COLUMN, TERM_COLUMN))
    joint = ((unit_of - unit_of[0]) << 20) + (year << 8) + term
    dense = np.unique(joint, return_inverse=True)[1].astype(np.uint64)
    assert size < 1 << PLACES and int(dense.max()) < 1 << 64 - PLACES - DRAW
    key = (dense << np.uint64(PLACES + DRAW)) | np.arange(size, dtype=np.uint64)
    return {
        "unit": unit_of,
        "within": np.arange(size) - np.searchsorted(unit_of, unit_of),
        "key": key,
        "grouped": np.argsort(dense, kind="stable"),
    }


def _numbers(column: Column | None, order: np.ndarray) -> np.ndarray:
    if column is None:
        return np.zeros(len(order), dtype=np.int64)
    numbers = column.codes if isinstance(column, Coded) else column
    return numbers[order].astype(np.int64)
