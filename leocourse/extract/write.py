"""Writes an extract: blocks of people stream to Parquet, beside a manifest and the script of views.

The folder is written aside and renamed when it is whole, so a half-written one never passes as an extract.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from leocourse.errors import LeoError
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.records import block, ledger_rows, parameters, reference
from leocourse.extract.rows import Coded, Column, Nullable, Rows, count, to_arrow
from leocourse.paths import course_root
from leocourse.schema import Schema, Table, load_schema
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, extract_sql

BLOCK = 50_000
"""People in a block. It decides how the files are cut, never what is in them."""
MANIFEST = "manifest.json"
Progress = Callable[[int, int], None]


def truth_folder(folder: Path) -> Path:
    """Where the truth of an extract lies: beside it, never in it."""
    return folder.with_name(folder.name + "-truth")


def generate(
    folder: Path,
    people: int,
    seed: int,
    without: Collection[str] = (),
    progress: Progress | None = None,
) -> dict:
    """Simulate ``people`` lives and write their records to ``folder``, the truth to ``folder-truth``.

    ``without`` names faults to leave out. ``progress`` is called with blocks done and blocks in all.
    Returns the manifest. Raises LeoError for numbers out of range, unknown faults, or a folder that
    cannot be written or holds something else.
    """
    _check(folder, people, seed)
    schema, truth = load_schema(), truth_folder(folder)
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    aside_truth = folder.with_name(f".{truth.name}.{os.getpid()}.partial")
    try:
        for path in (aside, aside_truth):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        manifest = _write_blocks(aside, aside_truth, schema, people, seed, without, progress)
        (aside / "views.sql").write_text(extract_sql(schema, manifest.pop("columns")), encoding="utf-8")
        (aside / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        _put(aside_truth, truth)
        _put(aside, folder)
    except OSError as error:
        raise LeoError(f"Cannot write the extract to {folder}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(aside_truth, ignore_errors=True)
    return manifest


def content_hashes(manifest: dict) -> dict[str, list[str]]:
    """The content hash of every block of every table."""
    return {name: [part["sha256"] for part in entry["parts"]] for name, entry in manifest["tables"].items()}


def record_hashes(manifest: dict) -> None:
    """Record content hashes as those of the lesson extract, in ``data/lesson-hashes.json``."""
    path = course_root() / "data" / "lesson-hashes.json"
    path.write_text(json.dumps(content_hashes(manifest), indent=1) + "\n", encoding="utf-8")


@cache
def generator_version() -> str:
    """A hash of what decides the rows: this package's code and the schema. A change makes new extracts."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    schema = sorted((course_root() / "data" / "schema").rglob("*.json"))
    for path in [*sorted(here.glob("*.py")), *sorted((here.parent / "schema").glob("*.py")), *schema]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def is_current(folder: Path, people: int, seed: int, without: Collection[str] = ()) -> bool:
    """Whether the folder already holds exactly this extract, made by this version of the generator."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    wanted = {"people": people, "seed": seed, "without": sorted(without), "generator": generator_version()}
    return all(manifest.get(key) == value for key, value in wanted.items()) and truth_folder(folder).is_dir()


def _check(folder: Path, people: int, seed: int) -> None:
    if not 1 <= people <= 60_000_000:
        raise LeoError(f"--people must be between 1 and 60,000,000: got {people:,}.")
    if not 0 <= seed < 2**63:
        raise LeoError(f"--seed must be a whole number from 0 to 2**63 - 1: got {seed}.")
    if folder.exists() and not (folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))):
        raise LeoError(f"{folder} holds something other than an extract: choose another --output folder.")


def _put(source: Path, target: Path) -> None:
    """Rename the finished folder into place, the former one aside and away."""
    former = target.with_name(f".{target.name}.{os.getpid()}.former")
    if target.exists():
        target.rename(former)
    source.rename(target)
    shutil.rmtree(former, ignore_errors=True)


def _write_blocks(
    aside: Path, aside_truth: Path, schema: Schema, people: int, seed: int, without: Collection[str],
    progress: Progress | None,
) -> dict:  # fmt: skip
    switches = Faults(seed, tuple(without))
    listed: dict[str, dict] = {}
    columns: dict[str, set[str]] = {}
    blocks = -(-people // BLOCK)
    for number in range(blocks):
        person = np.arange(number * BLOCK, min((number + 1) * BLOCK, people), dtype=np.int64)
        tables, truth = block(seed, person, switches)
        if number == 0:
            tables, truth = _with_reference(tables, truth, seed)
        for name, rows in tables.items():
            arrow = arrow_table(schema[name], rows)
            columns[name] = set(arrow.column_names) - {YEAR_COLUMN, TERM_COLUMN}
            part = f"{name}/part-{number:03d}.parquet"
            _write(aside / part, arrow)
            entry = listed.setdefault(name, {"rows": 0, "parts": []})
            entry["rows"] += arrow.num_rows
            entry["parts"].append({"path": part, "rows": arrow.num_rows, "sha256": content_hash(arrow)})
        for name, rows in truth.items():
            _write(aside_truth / name / f"part-{number:03d}.parquet", _truth_table(rows))
        if progress:
            progress(number + 1, blocks)
    _write(aside_truth / "ledger" / "part-000.parquet", pa.table(_texts(ledger_rows(switches.ledger))))
    known = [{**line, "value": int(line["value"])} for line in parameters()]
    _write(aside_truth / "parameters" / "part-000.parquet", pa.Table.from_pylist(known))
    planted = {name: sum(line[0] == name for line in switches.ledger) for name in FAULTS}
    (aside_truth / MANIFEST).write_text(json.dumps({"faults": planted}, indent=1) + "\n", encoding="utf-8")
    return {
        "format": 1,
        "mode": "teaching",
        "people": people,
        "seed": seed,
        "without": sorted(without),
        "generator": generator_version(),
        "notice": "Simulated data. They describe nobody and say nothing about England.",
        "tables": dict(sorted(listed.items())),
        "columns": columns,
    }


def _with_reference(tables: dict[str, Rows], truth: dict[str, Rows], seed: int) -> tuple[dict, dict]:
    """The first part of an extract also holds the tables that depend on no person."""
    more_tables, more_truth = reference(seed)
    return tables | more_tables, truth | more_truth


def arrow_table(table: Table, rows: Rows) -> pa.Table:
    """Rows as an Arrow table in the schema's types and order, sorted by person.

    Values of a field in years in which it was not collected become missing.
    Raises KeyError if a column is not a field of the table: that is a fault in the generator.
    """
    fields = {item.name: item for item in table.fields}
    size = count(rows)
    year = rows.get(YEAR_COLUMN)
    person = rows.get("person", np.arange(size))  # a table that depends on no person keeps its order
    # Views of a table by term hold one year each, so it is stored person by person: less than half the size.
    by_person = year is None or table.by_term
    order = np.argsort(person, kind="stable") if by_person else np.lexsort((person, year))
    arrays: dict[str, pa.Array] = {}
    for name, column in rows.items():
        if name == "person":
            continue
        if name == YEAR_COLUMN:
            arrays[name] = pa.array(column[order].astype(np.int16))
        elif name == TERM_COLUMN:
            arrays[name] = to_arrow(column[order], "VARCHAR")
        else:
            item = fields[name]
            arrays[name] = to_arrow(_within_years(column, item.years, year)[order], item.duckdb_type)
    keep = [name for name in (YEAR_COLUMN, TERM_COLUMN, *fields) if name in arrays]
    assert all(len(arrays[name]) == size for name in keep)
    return pa.table({name: arrays[name] for name in keep})


def content_hash(table: pa.Table) -> str:
    """SHA-256 of the values, not of the file: the same for every version of Parquet, Arrow and zstd."""
    digest = hashlib.sha256()
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        digest.update(f"{name}:{column.type}".encode())
        valid = np.asarray(column.is_valid())
        digest.update(np.packbits(valid).tobytes())
        if pa.types.is_string(column.type):
            values = column.fill_null("")
            digest.update(np.asarray(pa.compute.binary_length(values)).astype("<i4").tobytes())
            digest.update(_text_bytes(values))
        elif pa.types.is_decimal(column.type):
            digest.update(_decimal_units(column).astype("<i8").tobytes())
        else:
            integers = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
            digest.update(np.asarray(integers.cast(pa.int64()).fill_null(0)).astype("<i8").tobytes())
    return digest.hexdigest()


def _text_bytes(values: pa.StringArray) -> memoryview:
    """The bytes of all texts, one after the other."""
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    data = values.buffers()[2]
    return memoryview(data)[offsets[0] : offsets[-1]] if data is not None else memoryview(b"")


def _decimal_units(column: pa.Array) -> np.ndarray:
    """Decimals in units of their last place, 0 where missing. All of ours are within 64 bits."""
    low = np.frombuffer(column.buffers()[1], dtype="<i8")[::2][column.offset : column.offset + len(column)]
    return np.where(np.asarray(column.is_valid()), low, 0)


def _within_years(column: Column, years: tuple[tuple[int, int], ...], year: np.ndarray | None) -> Column:
    if year is None or not years:
        return column
    collected = np.zeros(len(year), dtype=bool)
    for first, last in years:
        collected |= (year >= first) & (year <= last)
    if collected.all():
        return column
    if isinstance(column, Coded):
        return Coded(np.where(collected, column.codes, -1), column.labels)
    if isinstance(column, Nullable):
        return Nullable(column.values, column.missing | ~collected)
    return Nullable(column, ~collected)


def _truth_table(rows: Rows) -> pa.Table:
    columns = {}
    for name, column in rows.items():
        if name != "person":
            kind = "DATE" if name.endswith("_date") else "VARCHAR" if _is_text(column) else "BIGINT"
            columns[name] = to_arrow(column, kind)
    return pa.table(columns)


def _is_text(column: Column) -> bool:
    return isinstance(column, Coded) or (isinstance(column, np.ndarray) and column.dtype.kind == "S")


def _texts(columns: dict[str, list]) -> dict[str, pa.Array]:
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", compression_level=3)
