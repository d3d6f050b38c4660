"""Reads the views of many years in one pass.

The extract stores a table's years together, so each yearly view reads the whole table: twenty views in one SELECT
read it twenty times. Where the repetitions of a block differ in nothing but the year in the names of view and
columns, one SELECT over the stored table says the same. It is used on our own connections only: the text that a
learner reads, and takes along, names the real views. A test compares the rows of both.
"""

from __future__ import annotations

import re
from functools import cache

import duckdb

from leocourse.measures.model import PROJECT, RENAMED, YearsAtOnce, for_year
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, quoted
from leocourse.schema.model import Table, View, load_schema

SOURCE = re.compile(
    rf'\b(?P<database>\w+)\."{PROJECT}"\.(?P<view>(?:\w|{RENAMED.pattern})*\{{yyyy\}}\w*)\s+AS\s+(?P<alias>\w+)',
    re.IGNORECASE,
)
DATED = re.compile(rf"\b(?P<alias>\w+)\.(?P<column>(?:\w|{RENAMED.pattern})*\{{yy\}}\w*)")


def years_at_once(con: duckdb.DuckDBPyConnection, folder: str) -> YearsAtOnce:
    """What writes a repeated block as one SELECT over the extract in ``folder``, for :func:`model.render`.

    A view that is no longer the one of the extract on this connection is read as it is.
    """
    found = con.execute("SELECT database_name, view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
    defined = {(database, view): sql for database, view, sql in found}

    def write(block: str, years: list[int]) -> str | None:
        sources = list(SOURCE.finditer(block))
        if len(sources) != 1:
            return None
        source = sources[0]
        views = [_views()[source["database"].lower(), for_year(source["view"], year)] for year in years]
        table = load_schema()[views[0].table]
        files = f"{folder}/{table.name}/*.parquet".replace("'", "''")
        if any(f"read_parquet('{files}')" not in defined.get((view.database, view.name), "") for view in views):
            return None
        stored = {name for name, *_ in con.execute(f"DESCRIBE FROM read_parquet('{files}')").fetchall()}
        alias = source["alias"]
        if {(view.table, view.term) for view in views} != {(table.name, views[0].term)}:
            return None
        names = {}
        for match in DATED.finditer(block):
            by_year = {
                view.first: stored_names(view).get(for_year(match["column"], view.first).lower()) for view in views
            }
            if match["alias"] != alias or not stored.issuperset(by_year.values()):
                return None
            names[match[0]] = _by_year(alias, by_year)
        text = block.replace(source[0], f"({_years(files, table, views, stored)}) AS {alias}")
        text = DATED.sub(lambda match: names[match[0]], text)
        return text.replace("{yyyy}", f"CAST({alias}.{YEAR_COLUMN} AS int)")

    return write


def _by_year(alias: str, names: dict[int, str]) -> str:
    """A column that is stored under these names in these years, which ascend."""
    last: dict[str, int] = {name: year for year, name in names.items()}
    *early, latest = (f"{alias}.{quoted(name)}" for name in last)
    if not early:
        return latest
    year = f"{alias}.{YEAR_COLUMN}"
    cases = [f"WHEN {year} <= {until} THEN {name}" for name, until in zip(early, last.values(), strict=False)]
    return f"CASE {' '.join(cases)} ELSE {latest} END"


def _years(files: str, table: Table, views: list[View], stored: set[str]) -> str:
    """The rows of these views, under the stored names and in the schema's types."""
    columns = [
        f"CAST({quoted(f.name)} AS {f.duckdb_type}) AS {quoted(f.name)}" for f in table.fields if f.name in stored
    ]
    conditions = [f"{YEAR_COLUMN} BETWEEN {views[0].first} AND {views[-1].first}"]
    if len(views) <= views[-1].first - views[0].first:
        conditions.append(f"{YEAR_COLUMN} IN ({', '.join(str(view.first) for view in views)})")
    if views[0].term:
        conditions.append(f"{TERM_COLUMN} = '{views[0].term}'")
    return f"SELECT {YEAR_COLUMN}, {', '.join(columns)} FROM read_parquet('{files}') WHERE {' AND '.join(conditions)}"


@cache
def _views() -> dict[tuple[str, str], View]:
    return {(view.database, view.name): view for view in load_schema().views()}


@cache
def stored_names(view: View) -> dict[str, str]:
    """The stored name of each column of a view."""
    table = load_schema()[view.table]
    there = [field for field in table.fields if field.available(view.first, view.last, view.term)]
    return {field.column_in(view).lower(): field.name for field in there}
