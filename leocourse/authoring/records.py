"""Which records of a person a question reads: the views and columns that its right answer names.

A key holds their names, so that a wrong person can be shown with the raw records (:mod:`leocourse.checks.walk`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from leocourse.authoring.question import Reference
from leocourse.checks.plan import remember_queries
from leocourse.checks.walk import kind_of

COLUMNS = 10
"""The most columns that are shown of a view."""


@contextmanager
def queries(con: duckdb.DuckDBPyConnection, reference: Reference) -> Iterator[list[str]]:
    """A list that holds, once the reference answer has run on the connection, the SQL that it asked."""
    asked: list[str] = []
    if isinstance(reference, str):
        yield [reference]
        return
    remember_queries(con)
    yield asked
    with con.cursor() as other:
        log = "SELECT message FROM duckdb_logs WHERE type = 'QueryLog' ORDER BY timestamp"
        asked += [text for (text,) in other.execute(log).fetchall()]
        other.execute("CALL disable_logging()")
        other.execute("CALL truncate_duckdb_logs()")


def records_of(identity: Sequence[str], asked: Sequence[str], con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """For each view that SQL names, as it stands in it: its name, by which column it knows a person, what is read.

    Empty if the identity names no person or record. A view that knows nobody, such as a classification, is left out.
    """
    who = next((kind for name in identity if (kind := kind_of(name))), None)
    if who is None:
        return []
    words = [each.lower() for each in re.findall(r"\w+", " ".join(asked))]
    views = con.sql("""
        SELECT v.database_name, v.schema_name, v.view_name, list(c.column_name ORDER BY c.column_index)
        FROM duckdb_views() AS v JOIN duckdb_columns() AS c
            ON (c.database_name, c.schema_name, c.table_name) = (v.database_name, v.schema_name, v.view_name)
        WHERE NOT v.internal GROUP BY ALL
    """).fetchall()
    named = {view.lower(): (f'{database}."{schema}".{view}', columns) for database, schema, view, columns in views}
    found = []
    for view in dict.fromkeys(each for each in words if each in named):
        name, columns = named[view]
        kinds = {kind: column for column in columns if (kind := kind_of(column))}
        by = next((each for each in (who, "ae_id", *kinds) if each in kinds), None)
        if by is None:
            continue
        read = [column for column in columns if column.lower() in words and column != kinds[by]]
        found.append({"view": name, "by": kinds[by], "columns": [kinds[by], *read][:COLUMNS]})
    return found
