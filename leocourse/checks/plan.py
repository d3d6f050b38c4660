"""Why SQL takes so long, as far as DuckDB's own plan shows it. Asked only about SQL that did not end in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

PAIRS = {"CROSS_PRODUCT", "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN"}
"""Joins in which every row of one side meets every row of the other."""
MANY = 10_000_000
"""Fewer pairs than this take no time that anybody would notice."""
GROWS = 100
"""A join that gives so many times as many rows as go into it is meant by nobody."""


def remember_queries(con: duckdb.DuckDBPyConnection) -> None:
    """Have DuckDB keep the text of each query on this connection's database, for :func:`reason`."""
    with con.cursor() as other:  # the connection may be the answer, which still holds what it executed
        other.execute("CALL enable_logging('QueryLog')")


def reason(con: duckdb.DuckDBPyConnection, given: Any) -> str:
    """A sentence that ends in a question if the plan shows a join that gives far too many rows; else nothing.

    ``given`` is the answer: SQL, a relation, or a function, of which the last query on ``con`` is looked at.
    """
    try:
        nodes = json.loads(con.execute(f"EXPLAIN (FORMAT json) {_query(con, given)}").fetchall()[0][1])
    except Exception:  # what cannot be planned alone, such as a query with parameters, shows nothing
        return ""
    return next(filter(None, map(_said_of, _all(nodes))), "")


def _query(con: duckdb.DuckDBPyConnection, given: Any) -> str:
    if isinstance(given, duckdb.DuckDBPyRelation):
        return given.sql_query()
    if isinstance(given, str):
        return con.extract_statements(given)[-1].query
    log = "SELECT message FROM duckdb_logs WHERE type = 'QueryLog' ORDER BY timestamp DESC LIMIT 1"
    with con.cursor() as other:  # a query that Python stopped may still be open here, and hold the log
        return con.extract_statements(other.execute(log).fetchall()[0][0])[-1].query


def _all(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _all(node["children"])


def _said_of(node: dict[str, Any]) -> str:
    sides = [_rows(child) for child in node["children"]]
    if len(sides) != 2 or min(sides) <= 1:
        return ""
    if node["name"] in PAIRS and sides[0] * sides[1] >= MANY:
        return (
            f"By its plan ({node['name']}) DuckDB pairs each of some {sides[0]:,} rows with each of some "
            f"{sides[1]:,}: is a join condition missing?"
        )
    made = _rows(node)
    if made >= MANY and made >= GROWS * max(sides):
        return (
            f"By its plan DuckDB joins some {sides[0]:,} rows to some {sides[1]:,} and expects about {made:,}: "
            "is a join condition missing?"
        )
    return ""


def _rows(node: dict[str, Any]) -> int:
    """How many rows DuckDB expects of a step. Not each step says it."""
    said = node["extra_info"].get("Estimated Cardinality")
    if said is not None:
        return int(said)
    if node["name"] == "UNGROUPED_AGGREGATE":
        return 1
    sides = [_rows(child) for child in node["children"]]
    if node["name"] in PAIRS and len(sides) == 2:
        return sides[0] * sides[1]
    return max(sides, default=1)
