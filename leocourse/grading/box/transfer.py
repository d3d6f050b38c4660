"""Answers on their way out of the sandbox: Arrow files of plain columns, in numbered frames. Nothing that runs."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.ipc

from leocourse.checks.answer import ROW_LIMIT, Answer

COLUMNS_LIMIT = 100
CELLS_LIMIT = 5_000_000
TEXT_LIMIT = 10_000
CAUTION_LIMIT = 400
BEGIN, ANSWER, STATUS, ERROR, PRINTED, AGAIN, DONE, EXTRACT, NOTE = range(1, 10)
"""Kinds of frame. A submission's process sends the first seven; the last two come from what watches over it."""
HEADER = struct.Struct("!BHHI")
"""Kind, step, call, and the length of what follows."""


class BadAnswer(Exception):
    """An answer that is not what :func:`write_answer` writes."""


def frame(kind: int, step: int = 0, call: int = 0, content: bytes | str | dict | list = b"") -> bytes:
    """One frame. Text is encoded, and anything else but bytes becomes JSON."""
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else json.dumps(content)
        content = text.encode("utf-8", "replace")
    return HEADER.pack(kind, step, call, len(content)) + content


def frames(data: bytes | bytearray) -> Iterator[tuple[int, int, int, bytes]]:
    """The whole frames at the front of ``data``: kind, step, call, content. What is cut off is left out."""
    place = 0
    while place + HEADER.size <= len(data):
        kind, step, call, length = HEADER.unpack_from(data, place)
        start = place + HEADER.size
        if start + length > len(data):
            return
        yield kind, step, call, bytes(data[start : start + length])
        place = start + length


def write_answer(answer: Answer) -> bytes:
    """An answer as an Arrow file. Numbers become int64 or float64, all else text; a mixed column becomes text."""
    arrays = {name: _column(values) for name, values in answer.columns.items()}
    table = pa.table(arrays) if arrays else pa.table({})
    table = table.replace_schema_metadata({"labels": json.dumps(answer.labels), "caution": answer.caution})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def read_answer(data: bytes, wanted: list[str]) -> Answer:
    """Read an answer as hostile. Raises BadAnswer if it is too large or not of plain columns.

    Of columns that are not ``wanted`` only the names are read, and only if a wanted one is missing.
    """
    try:
        with pa.ipc.open_file(pa.py_buffer(data)) as reader:
            _check_schema(reader.schema)
            rows = sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
            if rows > ROW_LIMIT or rows * len(wanted) > CELLS_LIMIT:
                raise BadAnswer(f"The answer has {rows:,} rows, more than any question asks for.")
            table = reader.read_all()
        if not set(wanted) <= set(table.column_names):
            return Answer({name: [] for name in table.column_names})
        table = table.select(wanted)
        table.validate(full=True)
        said = table.schema.metadata or {}
        labels, caution = json.loads(said.get(b"labels", b"{}")), said.get(b"caution", b"")[:CAUTION_LIMIT]
        texts = {str(key)[:40]: str(value)[:300] for key, value in dict(labels).items()}
        return Answer(
            {name: table[name].to_pylist() for name in table.column_names}, texts, caution.decode("utf-8", "replace")
        )
    except BadAnswer:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise BadAnswer("The answer cannot be read.") from error


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
