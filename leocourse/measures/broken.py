"""What is wrong with the SQL of a measure, in one line: which file, which name, and what it was meant to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from leocourse.core.errors import LeoError

if TYPE_CHECKING:
    import duckdb

    from leocourse.measures.model import Measure

OF_ALIAS = re.compile(r'"(?P<alias>\w+)" does not have a column named "(?P<column>[^"]+)"')
OF_NOTHING = re.compile(r'Referenced column "(?P<column>[^"]+)" (?:was )?not found')
NO_TABLE = re.compile(r'Table with name "?(?P<table>[^" ]+)"? does not exist')
CANDIDATES = re.compile(r"^Candidate bindings: (.*)$", re.MULTILINE)
LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
SOURCE = re.compile(r'\b(?:FROM|JOIN)\s+(?P<table>[\w."]+)(?:\s+AS\s+(?P<alias>\w+))?', re.IGNORECASE)
FEW = 8
"""A table with so many columns or fewer is listed where no name is near."""


class BrokenMeasure(LeoError):
    """The SQL of a measure names what does not exist, or cannot be read. The message names the file."""


def place(measure: Measure) -> str:
    """The file of a measure, as a reader of the course knows it."""
    return f"measures/{measure.group}/{measure.name}.sql"


def unknown(measure: Measure, table: str, kind: str, known: Iterable[str]) -> BrokenMeasure:
    """The error for a measure that reads a table (``kind`` in words) which is not among the ``known`` ones."""
    return BrokenMeasure(
        f"{place(measure)} reads {table}: there is no such {kind}{near(table.rsplit('.', maxsplit=1)[-1], known)}."
    )


def near(name: str, known: Iterable[str]) -> str:
    """The known names that are like ``name``; where none is, all of them if they are few; else nothing."""
    names = list(dict.fromkeys(known))
    found = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.6)
    if found:
        return f"; near: {', '.join(found)}"
    return f"; it has {', '.join(names)}" if 0 < len(names) <= FEW else ""


def explain(
    con: duckdb.DuckDBPyConnection, measure: Measure, sql: str, error: duckdb.Error, known: Iterable[str]
) -> BrokenMeasure:
    """What DuckDB says of the SQL of a measure, as one line that names the file and the table.

    ``sql`` is the text that was run; its tables are on ``con``. ``known`` are the names of the schema's views.
    """
    said = str(error)
    found = LINE.search(said)
    line = int(found[1]) if found else 1
    if missing := OF_ALIAS.search(said) or OF_NOTHING.search(said):
        return _no_column(con, measure, sql, said, missing.groupdict(), line)
    if missing := NO_TABLE.search(said):
        table = missing["table"].rsplit(".", 1)[-1]
        return unknown(measure, table, "view", known)
    first = re.sub(r"^\w+ Error: ", "", said.splitlines()[0]).rstrip(".!")
    where = f" (line {line} of its SELECT)" if found else ""
    return BrokenMeasure(f"{place(measure)} cannot be computed: {first}{where}.")


def _no_column(
    con: duckdb.DuckDBPyConnection, measure: Measure, sql: str, said: str, missing: dict[str, str], line: int
) -> BrokenMeasure:
    column, alias = missing["column"], missing.get("alias")
    table = _table(con, sql, alias, column, line)
    known = _columns(con, table) if table else []
    if not known and (found := CANDIDATES.search(said)):
        known = re.findall(r'"(?:\w+\.)?([^".]+)"', found[1])
    name = table.replace('"', "").split(".")[-1] if table else alias
    if table and table.startswith(("measures.", "reference.")):
        name = re.sub(r"_[0-9a-f]{8}$", "", table)  # without the digest of other parameters than the defaults
    return BrokenMeasure(
        f"{place(measure)} reads {f'{name}.' if name else ''}{column}: there is no such column{near(column, known)}."
    )


def _table(con: duckdb.DuckDBPyConnection, sql: str, alias: str | None, column: str, line: int) -> str | None:
    """The table that is read in the place nearest to ``line`` under this alias (None: any) and lacks the column."""
    found = [
        (abs(sql[: source.start()].count("\n") + 1 - line), source["table"])
        for source in SOURCE.finditer(sql)
        if alias is None or alias in (source["alias"], source["table"].replace('"', "").split(".")[-1])
    ]
    lacking = [(far, table) for far, table in found if column.lower() not in _columns(con, table)]
    return min(lacking)[1] if lacking else None


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The columns of a table on the connection, in small letters; none for a step of the SELECT's own."""
    import duckdb

    try:
        return [name.lower() for name, *_ in con.execute(f"DESCRIBE {table}").fetchall()]
    except duckdb.Error:
        return []
