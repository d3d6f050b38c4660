"""Rows as they are stored: sorted, in the narrowest types, hashed by unit, and handed to Arrow without copying.

People come in *units* of a fixed size. Rows are sorted by unit first, so neither the order of the rows nor
the hash of a unit depends on how many people one block simulates at a time.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from leocourse.extract.base.columns import ARROW_TYPES, Coded, Column, Nullable, Rows, count, each_text_once
from leocourse.extract.base.numbers import place
from leocourse.schema import Table
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN

UNIT = 10_000
"""People in a unit, the smallest part of an extract that has a content hash of its own."""
NUMPY_TYPES = {
    "BIGINT": np.int64, "INTEGER": np.int32, "SMALLINT": np.int16, "UTINYINT": np.uint8, "DATE": np.int32,
    "DOUBLE": np.float64, "FLOAT": np.float32,
}  # fmt: skip
LONG_LIST = 1_000
"""Texts in a list above which rows are hashed by their texts rather than by their places among them."""
INDEX_TYPES = {1: pa.int8(), 2: pa.int16(), 4: pa.int32()}
Shuffle = Callable[[str, np.ndarray], np.ndarray]
"""From a column's name and the order of the rows to the order in which that column takes its values."""


@dataclass(frozen=True)
class StoredColumn:
    """A column in its narrowest form. Where a value is missing, ``values`` holds 0, -1 or no text.

    Texts out of a list are held as places in ``labels``. ``own``: that list belongs to one block (see ``Coded``).
    """

    kind: str
    values: np.ndarray
    missing: np.ndarray | None = None
    labels: list[str] | None = None
    own: bool = False


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


def stored(table: Table, rows: Rows, unit: int = UNIT, shuffle: Shuffle | None = None, by_year: bool = False) -> Stored:
    """Rows in the schema's types and order, sorted by unit and person, or ``by_year`` before the person.

    Values of a field in years in which it was not collected become missing. ``shuffle`` may let each
    column take its values in an order of its own. Raises KeyError if a column is not a field of the
    table: that is a fault in the generator.
    """
    order, unit_of = _order(table, rows, unit, by_year)
    year = rows[YEAR_COLUMN][order] if YEAR_COLUMN in rows else None
    kinds = {YEAR_COLUMN: "SMALLINT", TERM_COLUMN: "VARCHAR"} | {item.name: item.duckdb_type for item in table.fields}
    years = {item.name: item.reach for item in table.fields}
    in_order = bool((order[1:] > order[:-1]).all())  # then there is nothing to move
    uncollected: dict[tuple, np.ndarray | None] = {(): None}
    columns, made = {}, {}
    for name, column in rows.items():
        if name == "person":
            continue
        when = years.get(name, ())
        if when not in uncollected:
            uncollected[when] = _uncollected(when, year)
        taken = shuffle(name, order) if shuffle else order
        moved = None if in_order and taken is order else taken
        # One measure may stand under several names: those share one stored column.
        same = (kinds[name], id(moved), id(uncollected[when]), *_identity(column))
        if same not in made:
            made[same] = _column(column, kinds[name], moved, uncollected[when]), column, moved
        columns[name] = made[same][0]
    assert all(len(column.values) == len(order) for column in columns.values())
    return Stored({name: columns[name] for name in kinds if name in columns}, len(order), _units(unit_of))


def _identity(column: Column) -> tuple[int, ...]:
    """What two columns have in common if they are the same values."""
    if isinstance(column, Coded):
        return id(column.codes), id(column.labels)
    return (id(column.values), id(column.missing)) if isinstance(column, Nullable) else (id(column), 0)


def to_table(table: Stored) -> pa.Table:
    """The stored columns as an Arrow table. Those without a missing value say so: that is cheaper to encode."""
    made = {id(column): to_arrow(column) for column in table.columns.values()}
    arrays = [made[id(column)] for column in table.columns.values()]
    parts = zip(table.columns.items(), arrays, strict=True)
    fields = [pa.field(name, array.type, nullable=column.missing is not None) for (name, column), array in parts]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def to_arrow(column: StoredColumn) -> pa.Array:
    """The column as an Arrow array, over the same memory where that can be."""
    valid = None if column.missing is None else pa.py_buffer(np.packbits(~column.missing, bitorder="little"))
    size = len(column.values)
    if column.labels is not None:
        places, texts = each_text_once(column.values, column.labels)
        codes = pa.Array.from_buffers(INDEX_TYPES[places.itemsize], size, [valid, pa.py_buffer(places)])
        return pa.DictionaryArray.from_arrays(codes, texts, safe=False)
    if column.values.dtype.kind == "S":
        return _texts(column.values, column.missing)
    if column.kind.startswith("DECIMAL"):
        narrow = column.values.itemsize == 4
        kind = (pa.decimal32 if narrow else pa.decimal64)(*_decimal(column.kind))
        return pa.Array.from_buffers(kind, size, [valid, pa.py_buffer(np.ascontiguousarray(column.values))])
    values = pa.py_buffer(np.ascontiguousarray(column.values))
    return pa.Array.from_buffers(ARROW_TYPES[column.kind], size, [valid, values])


def unit_hashes(table: Stored, arrow: pa.Table) -> dict[int, str]:
    """SHA-256 of each unit's values: the same for every block size and version of Parquet, Arrow and zstd.

    ``arrow`` is the same table from :func:`to_table`. Texts out of a list are hashed as the texts that occur,
    in order, and each row's place among them, so a longer list or another order changes nothing. Keys are
    hashed as texts.
    """
    digests = {unit: hashlib.sha256() for unit in table.units}
    for name, column in table.columns.items():
        as_text = column.values.dtype.kind == "S" or (column.labels is not None and _long(column))
        read = _texts_of if as_text else _values_of if column.labels is None else _places_of
        parts = read(column, arrow[name])
        for unit, rows in table.units.items():
            digest = digests[unit]
            digest.update(f"{name}:{column.kind}:{rows.stop - rows.start}".encode())
            if column.missing is not None and column.missing[rows].any():
                digest.update(b"missing" + np.packbits(column.missing[rows]).tobytes())
            for part in parts(rows):
                digest.update(part)
    return {unit: digest.hexdigest() for unit, digest in digests.items()}


Parts = Callable[[slice], Iterator[bytes | memoryview | np.ndarray]]
"""From the rows of a unit to the bytes that stand for a column's values in them."""


def _values_of(column: StoredColumn, _: pa.ChunkedArray) -> Parts:
    little = column.values.dtype.newbyteorder("<")
    return lambda rows: iter([np.ascontiguousarray(column.values[rows], dtype=little)])


def _places_of(column: StoredColumn, _: pa.ChunkedArray) -> Parts:
    labels = column.labels

    def short(rows: slice) -> Iterator[bytes]:  # Python's own bytes are several times as fast as an array
        codes = column.values[rows].tobytes()
        occurring = [code for code in range(len(labels)) if code in codes]
        texts, ranks = _ranked(labels, occurring)
        place = bytearray(b"\xff" * 256)  # a missing value has the code -1
        for code, rank in zip(occurring, ranks, strict=True):
            place[code] = rank
        yield texts
        yield codes.translate(place)

    def long(rows: slice) -> Iterator[bytes | np.ndarray]:
        codes = column.values[rows]
        seen = np.zeros(len(labels) + 1, dtype=bool)
        seen[codes] = True  # a missing value has the code -1, which is the last place
        occurring = np.flatnonzero(seen[:-1])
        texts, ranks = _ranked(labels, occurring)
        place = np.full(len(labels) + 1, -1, dtype="<i1" if max(ranks, default=0) < 127 else "<i4")
        place[occurring] = ranks
        yield texts
        yield place[codes]

    return short if column.values.itemsize == 1 else long


def _ranked(labels: list[str], occurring: Iterable[int]) -> tuple[bytes, list[int]]:
    """The different texts that occur, in order, and the place among them of the text of each code."""
    texts = sorted({labels[code] for code in occurring})
    return "\0".join(texts).encode(), [bisect_left(texts, labels[code]) for code in occurring]


def _long(column: StoredColumn) -> bool:
    """Whether a list is too long, or too much a block's own, to look its texts up one by one."""
    return column.own or len(column.labels) > LONG_LIST


def _texts_of(column: StoredColumn, arrow: pa.ChunkedArray) -> Parts:
    text = arrow.chunk(0)
    if column.labels is not None:
        text = text.dictionary_decode()
    _, ends, data = text.buffers()  # where each text ends, and the bytes of all
    ends, data = np.frombuffer(ends, dtype=np.int32, count=len(text) + 1), memoryview(data or b"")

    def parts(rows: slice) -> Iterator[memoryview | np.ndarray]:
        width = np.diff(ends[rows.start : rows.stop + 1])
        yield width.astype("<u1" if width.max() < 256 else "<i4")
        yield data[ends[rows.start] : ends[rows.stop]]

    return parts


def _order(table: Table, rows: Rows, unit: int, by_year: bool) -> tuple[np.ndarray, np.ndarray]:
    """The order of the rows, and the unit of each row in that order."""
    size, year = count(rows), rows.get(YEAR_COLUMN)
    # Views of a table by term hold one year each, so it is stored person by person: less than half the size.
    by_person = year is None or (table.by_term and not by_year)
    if "person" not in rows:  # a table that depends on no person keeps its order
        kept = np.arange(size) if year is None else np.argsort(year, kind="stable")
        return kept, np.zeros(size, dtype=np.int64)
    person = place(rows["person"])  # an adult stands with the last of the people whom the number goes with
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
    if missing is not None and values.dtype.kind in "iu":
        values = values * ~missing  # ten times as fast as to assign or choose
    elif missing is not None:
        values = values.copy() if order is None else values  # never write into the simulation's own array
        values[missing] = b"" if values.dtype.kind == "S" else 0
    return StoredColumn(kind, values, missing)


def _coded(column: Coded, kind: str, order: np.ndarray | None, uncollected: np.ndarray | None) -> StoredColumn:
    codes = np.maximum(column.codes if order is None else column.codes[order], -1)  # any negative code is missing
    if uncollected is not None:
        codes = codes | -uncollected.astype(codes.dtype)  # -1 where true: ten times as fast as to choose
    missing = codes < 0
    return StoredColumn(kind, codes, missing if missing.any() else None, column.labels, column.own)


def _narrow(values: np.ndarray, missing: np.ndarray | None, kind: str) -> np.ndarray:
    """The values in the type that the schema gives them. Raises OverflowError if one does not fit."""
    if kind == "VARCHAR":
        return values if values.dtype.kind == "S" else _digits(values)
    if kind.startswith("DECIMAL"):  # whole hundredths, which is how the simulation holds decimals
        precision, scale = _decimal(kind)
        whole = values.astype(np.int64) * 10 ** (scale - 2) if scale > 1 else values // 10 ** (2 - scale)
        if len(whole) and max(int(whole.max()), -int(whole.min())) >= 10**precision:
            raise OverflowError(f"{whole.min()} to {whole.max()} does not fit {kind}")
        return whole.astype(np.int32 if precision < 10 else np.int64)
    dtype = np.dtype(NUMPY_TYPES[kind])
    if dtype.kind == "f" or not len(values) or np.can_cast(values.dtype, dtype):
        return values.astype(dtype, copy=False)
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
