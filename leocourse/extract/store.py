"""Rows as they are stored: sorted, in the narrowest types, hashed by unit, and handed to Arrow without copying.

People come in *units* of a fixed size. Rows are sorted by unit first, so neither the order of the rows nor
the hash of a unit depends on how many people one block simulates at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from leocourse.extract.rows import ARROW_TYPES, Coded, Column, Nullable, Rows, count
from leocourse.schema import Table
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN

UNIT = 10_000
"""People in a unit, the smallest part of an extract that has a content hash of its own."""
NUMPY_TYPES = {
    "BIGINT": np.int64, "INTEGER": np.int32, "SMALLINT": np.int16, "UTINYINT": np.uint8, "DATE": np.int32,
    "DOUBLE": np.float64, "FLOAT": np.float32,
}  # fmt: skip
Shuffle = Callable[[str, np.ndarray], np.ndarray]
"""From a column's name and the order of the rows to the order in which that column takes its values."""


@dataclass(frozen=True)
class StoredColumn:
    """A column in its narrowest form. Where a value is missing, ``values`` holds 0, -1 or no text."""

    kind: str
    values: np.ndarray
    missing: np.ndarray | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Stored:
    """A table's columns in the order of the schema; ``units`` gives the rows of each unit of people."""

    columns: dict[str, StoredColumn]
    rows: int
    units: dict[int, slice]

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.rows * len(self.columns)


def stored(table: Table, rows: Rows, unit: int = UNIT, shuffle: Shuffle | None = None) -> Stored:
    """Rows in the schema's types and order, sorted by unit and person.

    Values of a field in years in which it was not collected become missing. ``shuffle`` may let each
    column take its values in an order of its own. Raises KeyError if a column is not a field of the
    table: that is a fault in the generator.
    """
    order, unit_of = _order(table, rows, unit)
    year = rows[YEAR_COLUMN][order] if YEAR_COLUMN in rows else None
    kinds = {YEAR_COLUMN: "SMALLINT", TERM_COLUMN: "VARCHAR"} | {item.name: item.duckdb_type for item in table.fields}
    years = {item.name: item.years for item in table.fields}
    in_order = bool((order[1:] > order[:-1]).all())  # then there is nothing to move
    uncollected: dict[tuple, np.ndarray | None] = {(): None}
    columns = {}
    for name, column in rows.items():
        if name == "person":
            continue
        when = years.get(name, ())
        if when not in uncollected:
            uncollected[when] = _uncollected(when, year)
        place = shuffle(name, order) if shuffle else order
        moved = None if in_order and place is order else place
        columns[name] = _column(column, kinds[name], moved, uncollected[when])
    assert all(len(column.values) == len(order) for column in columns.values())
    return Stored({name: columns[name] for name in kinds if name in columns}, len(order), _units(unit_of))


def to_table(table: Stored) -> pa.Table:
    """The stored columns as an Arrow table."""
    return pa.table({name: to_arrow(column) for name, column in table.columns.items()})


def to_arrow(column: StoredColumn) -> pa.Array:
    """The column as an Arrow array, over the same memory where that can be."""
    if column.labels is not None:
        codes = pa.array(column.values, mask=column.values < 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(column.labels, pa.string()), safe=False)
    valid = None if column.missing is None else pa.py_buffer(np.packbits(~column.missing, bitorder="little"))
    size = len(column.values)
    if column.values.dtype.kind == "S":
        return _texts(column.values, column.missing)
    if column.kind.startswith("DECIMAL"):
        wide = np.stack([column.values, column.values >> 63], axis=1)  # 128 bits: the low half, then its sign
        kind = pa.decimal128(*_decimal(column.kind))
        return pa.Array.from_buffers(kind, size, [valid, pa.py_buffer(np.ascontiguousarray(wide))])
    values = pa.py_buffer(np.ascontiguousarray(column.values))
    return pa.Array.from_buffers(ARROW_TYPES[column.kind], size, [valid, values])


def unit_hashes(table: Stored, arrow: pa.Table) -> dict[int, str]:
    """SHA-256 of each unit's values: the same for every block size and version of Parquet, Arrow and zstd.

    ``arrow`` is the same table from :func:`to_table`. Texts are hashed as texts, because the simulation
    may hold the same column as a list of labels in one block and as texts in another.
    """
    digests = {unit: hashlib.sha256() for unit in table.units}
    for name, column in table.columns.items():
        coded = column.labels is not None
        missing = column.values < 0 if coded else column.missing
        text = arrow[name].chunk(0) if table.rows and (coded or column.values.dtype.kind == "S") else None
        ends, data = _buffers(text.dictionary_decode() if coded else text) if text is not None else (None, None)
        for unit, rows in table.units.items():
            digest = digests[unit]
            digest.update(f"{name}:{column.kind}:{rows.stop - rows.start}".encode())
            if missing is not None and missing[rows].any():
                digest.update(b"missing" + np.packbits(missing[rows]).tobytes())
            if text is not None:
                width = np.diff(ends[rows.start : rows.stop + 1])
                digest.update(width.astype("<u1" if width.max() < 256 else "<i4"))
                digest.update(data[ends[rows.start] : ends[rows.stop]])
            else:
                values = column.values[rows]
                digest.update(np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")))
    return {unit: digest.hexdigest() for unit, digest in digests.items()}


def _buffers(text: pa.StringArray) -> tuple[np.ndarray, memoryview]:
    """Where each text begins, and the bytes of all. Missing texts have none."""
    _, ends, data = text.buffers()
    return np.frombuffer(ends, dtype=np.int32, count=len(text) + 1), memoryview(data or b"")


def _order(table: Table, rows: Rows, unit: int) -> tuple[np.ndarray, np.ndarray]:
    """The order of the rows, and the unit of each row in that order."""
    size, year = count(rows), rows.get(YEAR_COLUMN)
    # Views of a table by term hold one year each, so it is stored person by person: less than half the size.
    by_person = year is None or table.by_term
    if "person" not in rows:  # a table that depends on no person keeps its order
        place = np.arange(size) if year is None else np.argsort(year, kind="stable")
        return place, np.zeros(size, dtype=np.int64)
    person = rows["person"]
    key = person if by_person else person // unit * (1 << 44) + (year << 32) + person % unit
    order = np.argsort(key, kind="stable")
    return order, person[order] // unit


def _units(unit_of: np.ndarray) -> dict[int, slice]:
    edges = [0, *(np.flatnonzero(np.diff(unit_of)) + 1).tolist(), len(unit_of)]
    return {int(unit_of[first]): slice(first, last) for first, last in pairwise(edges) if last > first}


def _uncollected(years: tuple[tuple[int, int], ...], year: np.ndarray | None) -> np.ndarray | None:
    """Rows of years in which a field was not collected; None if there are none."""
    if year is None or not years or not len(year):
        return None
    first = int(year.min())
    ever = np.ones(int(year.max()) - first + 1, dtype=bool)
    for start, end in years:
        ever[max(start - first, 0) : max(end - first + 1, 0)] = False
    return ever[year - first] if ever.any() else None


def _column(column: Column, kind: str, order: np.ndarray | None, uncollected: np.ndarray | None) -> StoredColumn:
    if isinstance(column, Coded):
        return _coded(column, kind, order, uncollected)
    values, missing = (column.values, column.missing) if isinstance(column, Nullable) else (column, None)
    values = _narrow(values, missing, kind)
    if order is not None:
        values, missing = values[order], None if missing is None else missing[order]
    if uncollected is not None:
        missing = uncollected if missing is None else missing | uncollected
    if missing is not None and not missing.any():
        missing = None
    if missing is not None:
        values = values.copy() if order is None else values  # never write into the simulation's own array
        values[missing] = b"" if values.dtype.kind == "S" else 0
    return StoredColumn(kind, values, missing)


def _coded(column: Coded, kind: str, order: np.ndarray | None, uncollected: np.ndarray | None) -> StoredColumn:
    size = len(column.labels)
    codes = column.codes.astype(np.int8 if size < 128 else np.int16 if size < 32_768 else np.int32)
    codes = codes if order is None else codes[order]
    np.maximum(codes, -1, out=codes)
    if uncollected is not None:
        codes[uncollected] = -1
    return StoredColumn(kind, codes, labels=tuple(column.labels))


def _narrow(values: np.ndarray, missing: np.ndarray | None, kind: str) -> np.ndarray:
    """The values in the type that the schema gives them. Raises OverflowError if one does not fit."""
    if kind == "VARCHAR":
        return values if values.dtype.kind == "S" else _digits(values)
    if kind.startswith("DECIMAL"):  # whole hundredths, which is how the simulation holds decimals
        return values.astype(np.int64) * 10 ** _decimal(kind)[1] // 100
    dtype = np.dtype(NUMPY_TYPES[kind])
    if dtype.kind == "f" or values.dtype.kind == "b" or not len(values):
        return values.astype(dtype)
    limit = np.iinfo(dtype)
    if values.min() < limit.min or values.max() > limit.max:
        values = values if missing is None else np.where(missing, 0, values)
        if values.min() < limit.min or values.max() > limit.max:
            raise OverflowError(f"{values.min()} to {values.max()} does not fit {kind}")
    return values.astype(dtype, copy=False)


def _digits(values: np.ndarray) -> np.ndarray:
    """Whole numbers as text. Where few different ones can occur, each is spelt once and looked up."""
    if not len(values) or values.dtype.kind not in "iu":
        return values.astype("S")
    low, high = int(values.min()), int(values.max())
    if high - low >= len(values):
        return values.astype("S")
    return np.arange(low, high + 1).astype("S")[values - low]


def _decimal(kind: str) -> tuple[int, int]:
    precision, scale = kind[len("DECIMAL(") : -1].split(",")
    return int(precision), int(scale)


def _texts(values: np.ndarray, missing: np.ndarray | None) -> pa.Array:
    values = np.ascontiguousarray(values)
    wide = values.view(np.uint8).reshape(len(values), values.dtype.itemsize)
    if len(values) and wide[:, -1].all():  # keys: every text fills its width
        data, ends = wide, np.arange(len(values) + 1, dtype=np.int32) * np.int32(wide.shape[1])
    else:
        filled = wide != 0
        data, ends = wide[filled], np.zeros(len(values) + 1, dtype=np.int32)
        np.cumsum(filled.sum(axis=1), out=ends[1:])
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(pa.string(), len(values), [valid, pa.py_buffer(ends), pa.py_buffer(data)])
