"""Rows of a table on their way to Parquet: one NumPy array, or one of the two kinds below, a column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

ARROW_TYPES = {
    "BIGINT": pa.int64(), "INTEGER": pa.int32(), "SMALLINT": pa.int16(), "UTINYINT": pa.uint8(),
    "VARCHAR": pa.string(), "DATE": pa.date32(), "DOUBLE": pa.float64(), "FLOAT": pa.float32(),
}  # fmt: skip


class Labels(list[str]):
    """A long list of texts that several columns share. It becomes an Arrow array once."""

    @cached_property
    def arrow(self) -> pa.StringArray:
        """The texts as Arrow holds them."""
        return pa.array(self, pa.string())


@dataclass(frozen=True)
class Coded:
    """Text out of a list: ``labels[codes]``; a negative code is a missing value.

    Codes are held in the narrowest type that the list allows. ``own``: the list is that of the people of this
    block, so that of another block is different.
    """

    codes: np.ndarray
    labels: list[str]
    own: bool = False

    def __post_init__(self) -> None:
        narrow = np.int8 if len(self.labels) < 128 else np.int16 if len(self.labels) < 32_768 else np.int32
        object.__setattr__(self, "codes", self.codes.astype(narrow, copy=False))

    def __getitem__(self, rows: np.ndarray) -> Coded:
        return Coded(self.codes[rows], self.labels, self.own)

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Nullable:
    """Values of which some are missing."""

    values: np.ndarray
    missing: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Nullable:
        return Nullable(self.values[rows], self.missing[rows])

    def __len__(self) -> int:
        return len(self.values)


Column = np.ndarray | Coded | Nullable
Rows = dict[str, Column]


def select(rows: Rows, chosen: np.ndarray) -> Rows:
    """The chosen rows, by index or by mask."""
    return {name: column[chosen] for name, column in rows.items()}


def count(rows: Rows) -> int:
    """How many rows there are."""
    return len(next(iter(rows.values())))


def append(rows: Rows, more: Rows) -> Rows:
    """Both sets of rows, one after the other. They must have the same columns and code lists."""
    return {name: _join(rows[name], more[name]) for name in rows}


def replace(column: Column, chosen: np.ndarray, values: Column | int) -> Column:
    """The column with other values in the chosen rows."""
    if isinstance(column, Coded):
        codes = column.codes.copy()
        codes[chosen] = values.codes if isinstance(values, Coded) else values
        return Coded(codes, column.labels, column.own)
    if isinstance(column, Nullable):
        new, missing = column.values.copy(), column.missing.copy()
        new[chosen], missing[chosen] = values, False
        return Nullable(new, missing)
    new = column.copy()
    new[chosen] = values
    return new


def blank(column: Column, chosen: np.ndarray) -> Column:
    """The column with missing values in the chosen rows."""
    if isinstance(column, Coded):
        return replace(column, chosen, -1)
    if isinstance(column, Nullable):
        return Nullable(column.values, column.missing | _mask(chosen, len(column)))
    return Nullable(column, _mask(chosen, len(column)))


def text_of(column: Column, chosen: np.ndarray) -> list[str | None]:
    """The chosen values as text, for the ledger."""
    if isinstance(column, Coded):
        labels = [*column.labels, None]  # a missing value has the code -1, which is the last
        return [labels[code] for code in column.codes[chosen].tolist()]
    if isinstance(column, Nullable):
        pairs = zip(column.values[chosen].tolist(), column.missing[chosen].tolist(), strict=True)
        return [None if missing else str(value) for value, missing in pairs]
    values = column[chosen].tolist()
    return [value.decode() for value in values] if column.dtype.kind == "S" else list(map(str, values))


def each_text_once(codes: np.ndarray, labels: list[str]) -> tuple[np.ndarray, pa.Array]:
    """The codes of a column (-1 is missing) and the texts that they number, each text once.

    Parquet's writer makes the page of a list long enough for all of its texts and fills it with the different ones:
    with a text twice, the end of the page would be whatever lay in memory, and no two files the same.
    """
    if isinstance(labels, Labels):  # keys and areas, which are made different
        return codes, labels.arrow
    place: dict[str | None, int] = {}
    places = [place.setdefault(text, len(place)) for text in labels]
    if len(place) < len(places):
        codes = np.array([*places, -1], dtype=codes.dtype)[codes]
    return codes, pa.array(list(place), pa.string())


def to_arrow(column: Column, duckdb_type: str) -> pa.Array:
    """The column as an Arrow array, for the truth: numbers, text and dates. Tables go through ``arrow_tables``."""
    if isinstance(column, Coded):
        codes, texts = each_text_once(column.codes, column.labels)
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), texts)
    values, missing = column, None
    if isinstance(column, Nullable):
        values, missing = column.values, column.missing
    if values.dtype.kind == "S":
        return pa.array(values, pa.binary(), mask=missing).cast(pa.string())
    if duckdb_type == "DATE":
        return pa.array(values.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())
    return pa.array(values, mask=missing).cast(ARROW_TYPES[duckdb_type])


def _mask(chosen: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[chosen] = True
    return mask


def _join(first: Column, second: Column) -> Column:
    if isinstance(first, Coded):
        return Coded(np.concatenate([first.codes, second.codes]), first.labels, first.own)
    if isinstance(first, Nullable) or isinstance(second, Nullable):
        a, b = _nullable(first), _nullable(second)
        return Nullable(np.concatenate([a.values, b.values]), np.concatenate([a.missing, b.missing]))
    return np.concatenate([first, second])


def _nullable(column: np.ndarray | Nullable) -> Nullable:
    if isinstance(column, Nullable):
        return column
    return Nullable(column, np.zeros(len(column), dtype=bool))
