"""From what a learner wrote to plain values: run it, and bring any kind of table to one form.

SQL text, a function of the connection, a pandas, Arrow or Polars table, a DuckDB relation, a number
or a figure all become an :class:`Answer`.
"""

from __future__ import annotations

import math
import traceback
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from leocourse.checks.answer import ROW_LIMIT, STUB, Answer, NotAttempted, Stopped


def evaluate(given: Any, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any] | None = None) -> Answer:
    """Run what the learner gave on an extract.

    ``given`` is SQL text, a function called as ``given(con, **arguments)``, or a value.
    Raises NotAttempted if there is no answer yet, Stopped if it cannot be run or is no table.
    """
    if given is None or given is Ellipsis:
        raise NotAttempted
    if isinstance(given, str):
        return _run_sql(given, con)
    if callable(given):
        try:
            return table_of(given(con, **(arguments or {})))
        except (NotAttempted, Stopped):
            raise
        except NotImplementedError as error:
            raise NotAttempted from error
        except Exception as error:
            raise Stopped(describe(error)) from error
    return table_of(given)


def describe(error: BaseException) -> str:
    """What stopped a learner's code, in one line: the kind of error, its first line, and where."""
    lines = str(error).strip().splitlines()
    text = " ".join(line.strip() for line in lines[:2] if line.strip())[:300]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "leocourse" not in frame.filename]
    place = f" (line {frames[-1].lineno} of your cell or function)" if frames and frames[-1].lineno else ""
    return f"{type(error).__name__}: {text}{place}"


def table_of(value: Any) -> Answer:
    """Bring a table of any kind, a figure, a number or a date to an Answer.

    Raises NotAttempted for None or ``...``, and Stopped for what is no table or is larger than
    1,000,000 rows.
    """
    if value is None or value is Ellipsis:
        raise NotAttempted
    if hasattr(value, "get_lines") and hasattr(value, "patches"):
        return figure_points(value)
    if isinstance(value, (int, float, Decimal, date)):
        return Answer({"value": [plain(value)]})
    if isinstance(value, duckdb.DuckDBPyRelation):
        return _fetched(value.limit(ROW_LIMIT + 1))
    if isinstance(value, duckdb.DuckDBPyConnection):
        return _fetched(value)  # con.execute("SELECT ...") gives the connection back
    frame = _frame(value)
    _check_rows(len(frame))
    names = [str(name).lower() for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise Stopped(f"Two columns are called {repeated[0]}: give each column a name of its own.")
    return Answer({name: _plain_values(frame.iloc[:, i].tolist()) for i, name in enumerate(names)})


def _check_rows(rows: int) -> None:
    if rows > ROW_LIMIT:
        raise Stopped(f"The answer has {rows:,} rows, more than any question asks for. Is a join condition missing?")


def figure_points(axes: Any) -> Answer:
    """What a matplotlib Axes shows: one row a bar or a point of a line (columns ``x``, ``y``), and its labels."""
    ticks = {}
    if type(axes.xaxis.get_major_formatter()).__name__ != "ScalarFormatter":  # numbers stand where their labels say
        places = zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
        ticks = {round(float(place), 6): label.get_text() for place, label in places}
    points: list[tuple[float, float]] = []
    for bar in axes.patches:
        if hasattr(bar, "get_height") and not math.isnan(bar.get_height()):
            points.append((bar.get_x() + bar.get_width() / 2, bar.get_height()))
    drawn_as_bars = bool(points)
    for line in axes.get_lines():
        if not drawn_as_bars and line.get_transform() == axes.transData:  # not a guide such as axhline
            points.extend(zip(map(float, line.get_xdata()), map(float, line.get_ydata()), strict=True))
    for collection in axes.collections:
        if not points:
            points.extend(map(tuple, getattr(collection, "get_offsets", list)()))
    xs = [_tick_value(ticks.get(round(float(x), 6)), float(x)) for x, _ in points]
    labels = {"title": axes.get_title(), "x label": axes.get_xlabel(), "y label": axes.get_ylabel()}
    return Answer({"x": xs, "y": [plain(float(y)) for _, y in points]}, labels)


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


def _run_sql(text: str, con: duckdb.DuckDBPyConnection) -> Answer:
    code = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("--")]
    if all(line.strip() == STUB for line in code):
        raise NotAttempted
    try:
        statements = con.extract_statements(text)
        if not statements:
            raise NotAttempted
        *before, last = statements
        for statement in before:
            con.execute(statement)
        if last.expected_result_type == [duckdb.ExpectedResultType.QUERY_RESULT]:
            return _fetched(con.execute(last))  # a relation would be bound three times
        relation = con.sql(last.query)  # a change with RETURNING has rows, one without it has none
        if relation is None:
            raise Stopped("The last statement of your SQL returns no rows: end with a SELECT.")
        return table_of(relation)
    except duckdb.Error as error:
        lines = [line for line in str(error).strip().splitlines() if line.strip()]
        raise Stopped("Your SQL stopped. " + " ".join(lines[:4])[:400]) from error


def _fetched(source: duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) -> Answer:
    """The rows of a relation or of what was executed, no more of them than it takes to see that they are too many.

    Not by way of a DataFrame, which costs as much as a query on a small extract.
    """
    if any(kind == "TIMESTAMP WITH TIME ZONE" for _, kind, *_ in source.description):
        return table_of(source.df())  # DuckDB makes Python's values of it only with one more package
    rows = source.fetchmany(ROW_LIMIT + 1)
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
    for method in ("collect", "to_pandas", "df"):  # a lazy Polars frame, Polars and Arrow, DuckDB
        if hasattr(value, method):
            return _frame(getattr(value, method)())
    if isinstance(value, (list, dict)):
        try:
            return pd.DataFrame(value)
        except ValueError:
            pass
    raise Stopped(f"Expected a table (SQL, a DataFrame or a relation), got {type(value).__name__}.")


def _tick_value(label: str | None, place: float) -> Any:
    if label:
        try:
            return plain(float(label.replace(",", "")))
        except ValueError:
            return label
    return plain(place)
