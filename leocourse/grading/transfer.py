"""Answers on their way out of the process that ran them: Arrow files of plain columns, nothing that runs."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from leocourse.checks.answer import ROW_LIMIT, Answer

FILE_LIMIT = 64 * 2**20
COLUMNS_LIMIT = 100
TEXT_LIMIT = 10_000


class BadAnswer(Exception):
    """An answer file that is not what :func:`write_answer` writes."""


def write_answer(answer: Answer, path: Path) -> None:
    """Write an answer. Numbers become int64 or float64, all else text; a mixed column becomes text."""
    arrays = {name: _column(values) for name, values in answer.columns.items()}
    table = pa.table(arrays) if arrays else pa.table({})
    table = table.replace_schema_metadata({"labels": json.dumps(answer.labels)})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_answer(path: Path) -> Answer:
    """Read an answer file as hostile. Raises BadAnswer if it is too large or not of plain columns."""
    if path.is_symlink() or not path.is_file():
        raise BadAnswer("The answer file is missing.")
    if path.stat().st_size > FILE_LIMIT:
        raise BadAnswer(f"The answer is larger than {FILE_LIMIT // 2**20} MB.")
    try:
        with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as reader:
            _check_schema(reader.schema)
            rows = sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
            if rows > ROW_LIMIT:
                raise BadAnswer(f"The answer has more than {ROW_LIMIT:,} rows.")
            table = reader.read_all()
        table.validate(full=True)
        labels = json.loads((table.schema.metadata or {}).get(b"labels", b"{}"))
        texts = {str(key)[:40]: str(value)[:300] for key, value in dict(labels).items()}
        return Answer({name: table[name].to_pylist() for name in table.column_names}, texts)
    except BadAnswer:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError) as error:
        raise BadAnswer("The answer file cannot be read.") from error


def _check_schema(schema: pa.Schema) -> None:
    if len(schema) > COLUMNS_LIMIT or len(set(schema.names)) != len(schema):
        raise BadAnswer(f"The answer has more than {COLUMNS_LIMIT} columns, or repeated names.")
    for item in schema:
        plain = pa.types.is_int64(item.type) or pa.types.is_float64(item.type)
        if not (plain or pa.types.is_string(item.type) or pa.types.is_null(item.type)):
            raise BadAnswer(f"Column {item.name[:60]} is not made of plain values.")


def _column(values: list) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    try:
        if kinds <= {int}:
            return pa.array(values, pa.int64())
        if kinds <= {int, float}:
            return pa.array(values, pa.float64())
    except (OverflowError, pa.ArrowInvalid):
        pass
    return pa.array([None if value is None else str(value)[:TEXT_LIMIT] for value in values], pa.string())
