"""Any kind of table, a number or a figure as plain values.

A pandas, Arrow or Polars table, a DuckDB relation or result, a number, a date or a matplotlib Axes becomes an
:class:`Answer`; of anything else it is said what it is.
"""

from __future__ import annotations

import math
import weakref
from dataclasses import is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from leocourse.checks.answer import ROW_LIMIT, Answer, NotAttempted, Stopped
from leocourse.checks.shapes import no_table
from leocourse.checks.words import say

READ_ONCE = (
    "Your answer is a reader of record batches (from `.arrow()`) that gave no rows: it can be read only once, and only "
    "until its connection runs something else. Use `.to_arrow_table()`, or make it again and check it at once."
)
_read: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
"""What came out of readers, so that a second check finds it again."""


def table_of(value: Any) -> Answer:
    """Bring a table of any kind, a figure, a number or a date to an Answer.

    Raises NotAttempted for None or ``...``, and Stopped for what is no table or is larger than
    1,000,000 rows.
    """
    if value is None or value is Ellipsis:
        raise NotAttempted
    if hasattr(value, "get_lines") and hasattr(value, "patches"):
        return figure_points(value)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]  # what fetchone() gives of a single number
    if isinstance(value, duckdb.DuckDBPyRelation):  # before anything asks for its shape, which runs the query
        return fetched(value.limit(ROW_LIMIT + 1))
    if isinstance(value, (int, float, Decimal, date)) or getattr(value, "shape", None) == ():
        return Answer({"value": [plain(value)]})
    if isinstance(value, duckdb.DuckDBPyConnection):  # con.execute("SELECT ...") gives the connection back
        if value.description is None:
            raise Stopped("Your answer is a connection on which nothing was executed. Hand over `con.sql(...)`.")
        return fetched(value)
    if hasattr(value, "read_next_batch"):
        return _read_once(value)
    return _of_frame(_frame(value))


def held(value: Any) -> Any:
    """The rows of what can be read only once, as an Arrow table: a reader, or a connection that executed SQL.

    A connection can be read again afterwards, a reader cannot. None if there are no rows (any more), for anything
    else, and where there is no Arrow. One row more than an answer may have is enough to see that it has too many.
    """
    connection = isinstance(value, duckdb.DuckDBPyConnection)
    if value.description is None if connection else not hasattr(value, "read_next_batch"):
        return None
    try:
        import pyarrow
    except ImportError:  # in some browsers
        return None
    reader = value.to_arrow_reader(ROW_LIMIT + 1) if connection else value
    batches, number = [], 0
    for batch in reader:
        batches.append(batch)
        number += batch.num_rows
        if number > ROW_LIMIT:
            break
    if not number:
        return None
    rows = pyarrow.Table.from_batches(batches, reader.schema)
    if connection:
        value.execute("SELECT * FROM rows")  # the variable
    return rows


def _read_once(reader: Any) -> Answer:
    """What an Arrow RecordBatchReader gives. What came is kept, for a second check."""
    if reader not in _read:
        rows = held(reader)
        empty = None if rows is not None else _of_frame(reader.schema.empty_table().to_pandas())
        _read[reader] = rows if rows is not None else replace(empty, caution=READ_ONCE)
    kept = _read[reader]
    return kept if isinstance(kept, Answer) else _of_frame(kept.to_pandas())


def _of_frame(frame: pd.DataFrame) -> Answer:
    _check_rows(len(frame))
    names = [str(name).lower() for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise Stopped(say("same_name", name=repeated[0]))
    return Answer({name: _plain_values(frame.iloc[:, i].tolist()) for i, name in enumerate(names)})


def _check_rows(rows: int) -> None:
    if rows > ROW_LIMIT:
        raise Stopped(say("too_many_rows", rows=f"{rows:,}"))


def figure_points(axes: Any) -> Answer:
    """What a matplotlib Axes shows: one row a bar or a point (columns ``x``, ``y``), and its labels.

    Raises Stopped, in a plain sentence, if what is drawn cannot be read.
    """
    from leocourse.checks.figures import places_of, points_of

    try:
        points = points_of(axes)
        xs = [plain(each) for each in places_of(axes, [x for x, _ in points])]
        ys = [plain(float(y)) for _, y in points]
        labels = {"title": axes.get_title(), "x label": axes.get_xlabel(), "y label": axes.get_ylabel()}
    except Exception as error:  # whatever a figure holds, the reason is not for a learner
        raise Stopped(say("figure_unread")) from error
    return Answer({"x": xs, "y": ys}, labels)


def plain(value: Any) -> Any:
    """A value as int, float, text, ISO date or None. Whole floats become int, midnight a date."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (float, Decimal)):
        if math.isnan(value):
            return None
        return int(value) if math.isfinite(value) and value == int(value) else float(value)
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).rstrip()  # SQL Server compares text without trailing blanks


def _plain_values(values: list) -> list:
    """The values of a column, each as :func:`plain` gives it. Most columns hold one type, and need no look at each."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return values
    if kinds == {str}:
        return [value.rstrip() for value in values]
    return [plain(value) for value in values]


def fetched(source: duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) -> Answer:
    """The rows of a relation or of what was executed, no more of them than it takes to see that they are too many.

    Not by way of a DataFrame, which costs as much as a query on a small extract.
    """
    if any(kind == "TIMESTAMP WITH TIME ZONE" for _, kind, *_ in source.description):
        return table_of(source.df())  # DuckDB makes Python's values of it only with one more package
    if hasattr(source, "fetchmany"):  # noqa: SIM108 (one long line)
        rows = source.fetchmany(ROW_LIMIT + 1)
    else:  # a relation of DuckDB 2 keeps no result between calls
        rows = source.limit(ROW_LIMIT + 1).fetchall()
    _check_rows(len(rows))
    given = [name.lower() for name, *_ in source.description]
    names = [f"{name}_{earlier}" if (earlier := given[:at].count(name)) else name for at, name in enumerate(given)]
    columns = map(list, zip(*rows, strict=True)) if rows else [[] for _ in names]
    return Answer(dict(zip(names, map(_plain_values, columns), strict=True)))


def _frame(value: Any) -> pd.DataFrame:
    if isinstance(value, pd.Series):
        value = value.to_frame(value.name if value.name is not None else "value")
    if isinstance(value, pd.DataFrame):
        named = any(name is not None for name in value.index.names)
        return value.reset_index() if named else value
    if isinstance(value, pd.Index):
        return value.to_frame(index=False)
    if type(value).__name__ == "Styler":
        return _frame(value.data)
    for method in ("collect", "to_pandas", "to_table", "df"):  # a lazy Polars frame, Polars and Arrow, DuckDB
        if hasattr(value, method):
            return _frame(getattr(value, method)())
    if hasattr(value, "__arrow_c_stream__"):  # any other library's table
        return _frame(_arrow(value))
    if _rows_with_names(value) or getattr(getattr(value, "dtype", None), "names", None):
        return pd.DataFrame(value)
    if isinstance(value, dict):
        single = value and not any(hasattr(each, "__len__") and not isinstance(each, str) for each in value.values())
        try:
            return pd.DataFrame([value] if single else value)
        except ValueError:
            pass
    raise Stopped(no_table(value))


def _rows_with_names(value: Any) -> bool:
    """Whether it is a list of dictionaries, named tuples or data classes."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(each, (dict, pd.Series)) or hasattr(each, "_fields") or is_dataclass(each) for each in value)


def _arrow(value: Any) -> Any:
    import pyarrow

    return pyarrow.table(value)
