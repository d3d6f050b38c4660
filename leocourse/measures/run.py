"""Measures on a connection: each is computed once and then kept there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb

from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.measures.broken import explain, unknown
from leocourse.measures.model import GROUPS, Measure, known_views, load, missing_views, names, plan, render
from leocourse.measures.stack import years_at_once

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "measures"
TYPES = {"string": "VARCHAR", "integer": "INTEGER", "number": "DOUBLE", "date": "DATE"}
"""The DuckDB type of each type that the sidecars in ``data/reference`` name."""


def measure(con: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> duckdb.DuckDBPyRelation:
    """A measure as a relation, which can be filtered and joined, or fetched with ``.df()`` and ``.arrow()``.

    ``parameters`` are the measure's own; ``leo.measure(con, "sustained_employment", rule="5-of-6", years=[1, 3])``.
    A measure, and every measure that it reads, is computed once on a connection and kept as a table of the schema
    ``measures`` in memory: ``measures.person``, or with other values than the defaults ``measures.person_1a2b3c4d``.
    Columns and grain: ``leocourse.measures.load(name)``, or the measure's page of the book.
    Raises LeoError if measure, parameter or value are not valid, or if ``con`` was not opened by ``leo.connect()``;
    BrokenMeasure, which names file and column, if the SQL of a measure reads what does not exist.
    """
    steps = plan(load(name), parameters)
    try:
        folder, project = con.execute("SELECT folder, project FROM course.extract").fetchone()
    except duckdb.CatalogException:
        raise LeoError("Measures need a connection to an extract: open it with leo.connect().") from None
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    done = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [SCHEMA]).fetchall()
    kept = {table for (table,) in done}
    missing = [step for step in steps if step[0].table(step[1]) not in kept]
    at_once = years_at_once(con, folder) if missing else None
    for step, values, tables in missing:
        where = {used: f"{SCHEMA}.{table}" for used, table in tables.items()}
        sql = f"CREATE TABLE {SCHEMA}.{step.table(values)} AS {render(step, values, project, where, at_once)}"
        _run(con, step, sql)
    last, values, _ = steps[-1]
    return con.table(f"{SCHEMA}.{last.table(values)}")


def _run(con: duckdb.DuckDBPyConnection, step: Measure, sql: str) -> None:
    """Run the SQL of one measure. Raises BrokenMeasure if it names what does not exist, or cannot be read."""
    for public in step.public:
        known = [path.stem for path in (course_root() / "data" / "reference").glob("*.csv")]
        if public not in known:
            raise unknown(step, f"reference.{public}", "table", known)
        load_public(con, public)
    try:
        con.execute(sql)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        if gone := missing_views(step):
            raise unknown(step, gone[0], "view", known_views()) from None
        raise explain(con, step, sql, error, known_views()) from None


def load_public(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make ``reference.<name>`` from ``data/reference``, with the types of its sidecar, if it is not there yet."""
    folder = course_root() / "data" / "reference"
    try:
        fields = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["fields"]
    except (OSError, ValueError, KeyError) as error:
        raise LeoError(f"The reference table '{name}' cannot be read from {folder}: {error}.") from error
    columns = {field["name"]: TYPES[field["type"]] for field in fields}
    con.execute("CREATE SCHEMA IF NOT EXISTS reference")
    con.execute(
        f"CREATE TABLE IF NOT EXISTS reference.{name} AS FROM read_csv(?, header = true, columns = ?)",
        [(folder / f"{name}.csv").as_posix(), columns],
    )


def measures() -> pd.DataFrame:
    """Every measure: ``name``, ``title`` and ``group``, in the order of the book."""
    import pandas as pd

    rows = [(name, load(name).title, GROUPS[load(name).group]) for name in names()]
    return pd.DataFrame(rows, columns=["name", "title", "group"])
