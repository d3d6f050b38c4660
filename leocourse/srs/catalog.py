"""What a name in T-SQL stands for here: a view of the extract, or a table that the script made."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import duckdb

from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.schema import load_schema
from leocourse.srs.types import Type, from_duckdb
from leocourse.srs.values import name

Columns = dict[str, tuple[str, Type]]  # by the name in small letters: the name as written, and the type
DATABASES = re.compile(r"^(npd|lilr|ilr|hesa|ucas|leo)(_i\w*)?$", re.IGNORECASE)


@dataclass
class Relation:
    """A view or table: how DuckDB calls it, and its columns."""

    sql: str
    columns: Columns
    view: str | None = None  # its name if it is a view of the extract


def _numbered(sql: str, **columns: Type) -> Relation:
    return Relation(f"({sql})", {each: (each, kind) for each, kind in columns.items()})


# System tables whose rows are only counted: scripts make calendars from them. Nothing of the server is in them.
_VALUES = _numbered(
    "SELECT CAST(i AS INTEGER) AS number, 'P' AS type, CAST(NULL AS VARCHAR) AS name FROM range(2048) AS r(i)",
    number=Type("int"),
    type=Type("char", 3),
    name=Type("varchar"),
)
_OBJECTS = _numbered(
    "SELECT CAST(i AS INTEGER) AS object_id, CAST(i AS VARCHAR) AS name FROM range(1, 2501) AS r(i)",
    object_id=Type("int"),
    name=Type("varchar"),
)
NUMBERED = {
    "dbo.spt_values": _VALUES,
    "master.spt_values": _VALUES,
    "sys.all_objects": _OBJECTS,
    "sys.all_columns": _OBJECTS,
}


SERVERS_OWN = ("information_schema", "sys")
"""Schemas that every database of a server has, with views of what is in it."""
_TEXT, _INT = Type("varchar", 128), Type("int")
_LISTED = {
    "tables": {"table_catalog": _TEXT, "table_schema": _TEXT, "table_name": _TEXT, "table_type": _TEXT},
    "columns": {
        "table_catalog": _TEXT, "table_schema": _TEXT, "table_name": _TEXT, "column_name": _TEXT,
        "ordinal_position": _INT, "is_nullable": _TEXT, "data_type": _TEXT,
    },
}  # fmt: skip


def _listing(database: str, view: str) -> Relation:
    """A view of INFORMATION_SCHEMA of a database: what is in it, by the names of DuckDB's types."""
    columns = _LISTED[view]
    rows = f"SELECT {', '.join(columns)} FROM information_schema.{view} WHERE table_catalog = '{database}'"
    return _numbered(rows, **columns)


@dataclass
class Catalog:
    """The views of an extract, by database and name, and the tables that a script makes."""

    views: dict[str, dict[str, Relation]]
    scratch: dict[str, Relation] = field(default_factory=dict)
    computed: dict[str, set[str]] = field(default_factory=dict)
    database: str | None = None
    notes: list[str] = field(default_factory=list)

    def find(self, parts: list[str], at: str = "") -> Relation:
        """The relation that ``parts`` names: database, schema and table, or fewer.

        ``dbo`` and the names of a project's own schemas stand for the script's own tables.
        Raises LeoError, with the nearest names, if there is none.
        """
        *owners, table = parts
        own = self.own(parts)
        if own in self.scratch:
            return self.scratch[own]
        base = DATABASES.match(owners[0]) if len(owners) == 2 else None
        database = self._database(base[1]) if base else self.database
        if database and owners and owners[-1].lower() == SERVERS_OWN[0] and table.lower() in _LISTED:
            return _listing(database, table.lower())
        if base:
            return self._view(self._database(base[1]), table, parts, at)
        if own in NUMBERED:
            return NUMBERED[own]
        if table.startswith(("#", "@")):
            raise LeoError(f"{at}{table} was not made before this line.{self._near(table, self.scratch)}")
        if self.database:
            return self._view(self.database, table, parts, at)
        everywhere = [views[table.lower()] for views in self.views.values() if table.lower() in views]
        if len(everywhere) == 1:
            return everywhere[0]
        known = [each for views in self.views.values() for each in views] + list(self.scratch)
        raise LeoError(f"{at}there is no table or view '{'.'.join(parts)}'.{self._near(table, known)}")

    @staticmethod
    def own(parts: list[str]) -> str:
        """The key of a script's own table: its schema and name in small letters; temporary ones have no schema."""
        *owners, table = (part.lower() for part in parts)
        if table.startswith(("#", "@")):
            return table
        return f"{owners[-1] if owners and owners[-1] else 'dbo'}.{table}"

    def _database(self, base: str) -> str:
        return {"ilr": "lilr_i2"}.get(base.lower(), f"{base.lower()}_i2")

    def _view(self, database: str, table: str, parts: list[str], at: str) -> Relation:
        views = self.views.get(database, {})
        if table.lower() in views:
            return views[table.lower()]
        other = _same_but_years(table, list(views))
        if other:
            self.note(f"{at}{table} is {other} in this extract.")
            return views[other]
        raise LeoError(f"{at}there is no view '{'.'.join(parts)}' in {database}.{self._near(table, views)}")

    def note(self, text: str) -> None:
        """Keep something that the reader should know, once."""
        if text not in self.notes:
            self.notes.append(text)

    @staticmethod
    def _near(wanted: str, known: object) -> str:
        near = nearest(wanted, list(known))
        return f" Near it: {near}." if near else ""


def nearest(wanted: str, known: list[str]) -> str:
    """Up to three names like ``wanted``."""
    return ", ".join(difflib.get_close_matches(wanted.lower(), known, n=3, cutoff=0.6))


YEARS = re.compile(r"_?(\d{4})_to_(\d{4})$")


def _same_but_years(table: str, views: list[str]) -> str | None:
    """The view that differs from ``table`` in underscores and the years it spans: the one that shares most of them."""

    def parts(view: str) -> tuple[str, range]:
        years = YEARS.search(view)
        span = range(int(years[1]), int(years[2]) + 1) if years else range(0)
        return YEARS.sub("", view).replace("_", ""), span

    stem, wanted = parts(table.lower())
    shared = {}
    for view in views:
        other, span = parts(view)
        if other == stem and bool(span) == bool(wanted):
            shared[view] = len(set(span) & set(wanted)) if span else 1
    best = max(shared, key=lambda view: shared[view], default=None)
    return best if best and shared[best] else None


def plain(column: str) -> str:
    """A column's name without what differs between iterations and years: ``_anon``, ``_geog``, the term of a census."""
    short = re.sub(r"_(anon|geog)(?=_|$)", "", column.lower())
    return re.sub(r"_(spr|sum|aut)(?=\d\d$)", "_", short).replace("cin_cin", "cin_").replace("hecos01", "hecos")


@lru_cache(maxsize=64)
def _other_names(view: str) -> dict[str, tuple[str | None, str]]:
    """Every name that any year gives to a field of the view's table: the column here, or None, and its type."""
    schema = load_schema()
    found = next((each for each in schema.views() if each.name.lower() == view), None)
    if found is None:
        return {}
    names: dict[str, tuple[str | None, str]] = {}
    for each in schema[found.table].fields:
        here = each.available(found.first, found.last, found.term)
        pair = (each.column_in(found) if here else None, each.duckdb_type)
        for template in each.templates():
            written = plain(
                template.replace("{term}", found.term or "").replace("{yy}", f"{(found.first or 0) % 100:02d}")
            )
            if here or written not in names:
                names[written] = pair
    return names


def column_here(wanted: str, relation: Relation) -> tuple[str | None, Type] | None:
    """A column under the name that another year or iteration gives it.

    Its name is None if this view's year does not have the field. None if no field of the form is called so.
    """
    same = [each for each in relation.columns if plain(each) == plain(wanted)]
    if len(same) == 1:
        return relation.columns[same[0]]
    if relation.view is None or plain(wanted) not in _other_names(relation.view):
        return None
    written, data_type = _other_names(relation.view)[plain(wanted)]
    if written is None or written.lower() not in relation.columns:
        return None, from_duckdb(data_type)
    return relation.columns[written.lower()]


def catalog(con: duckdb.DuckDBPyConnection) -> Catalog:
    """The views of an open extract. ``con`` is a connection as :func:`leocourse.core.connect.connect` opens it."""
    rows = con.execute(
        "SELECT c.database_name, c.schema_name, c.table_name, c.column_name, c.data_type FROM duckdb_columns() c "
        "WHERE NOT c.internal AND c.database_name LIKE '%\\_i2' ESCAPE '\\' ORDER BY 1, 3, c.column_index"
    ).fetchall()
    views: dict[str, dict[str, Relation]] = {}
    for database, schema, table, column, data_type in rows:
        found = views.setdefault(database, {}).setdefault(
            table.lower(), Relation(f"{name(database)}.{name(schema)}.{name(table)}", {}, table.lower())
        )
        found.columns[column.lower()] = (column, from_duckdb(data_type, column))
    return Catalog(views)


REFERENCE_TYPES = {"integer": "INTEGER", "number": "DOUBLE", "string": "VARCHAR", "date": "DATE"}


def reference_tables() -> dict[str, tuple[Path, dict[str, str]]]:
    """The course's public reference tables: the CSV file of each, and its columns with their DuckDB types."""
    found = {}
    for sidecar in sorted((course_root() / "data" / "reference").glob("*.json")):
        described = json.loads(sidecar.read_text(encoding="utf-8"))
        fields = described.get("fields") if isinstance(described, dict) else None
        file = sidecar.with_suffix(".csv")
        if file.is_file() and isinstance(fields, list) and all("name" in each for each in fields):
            columns = {each["name"]: REFERENCE_TYPES.get(each.get("type", ""), "VARCHAR") for each in fields}
            found[sidecar.stem] = (file, columns)
    return found


def reference_relations() -> dict[str, Relation]:
    """The reference tables as a script reads them: ``reference.<name>``."""
    return {
        f"reference.{table}": Relation(
            f"memory.reference.{name(table)}",
            {column.lower(): (column, from_duckdb(kind, column)) for column, kind in columns.items()},
        )
        for table, (_, columns) in reference_tables().items()
    }


def schema_catalog() -> Catalog:
    """The views as the schema describes them, without an extract."""
    return Catalog(_schema_views(), reference_relations())


@lru_cache(maxsize=1)
def _schema_views() -> dict[str, dict[str, Relation]]:
    schema = load_schema()
    views: dict[str, dict[str, Relation]] = {}
    for view in schema.views():
        here = [each for each in schema[view.table].fields if each.available(view.first, view.last, view.term)]
        columns = {}
        for each in here:
            column = each.column_in(view)
            columns[column.lower()] = (column, from_duckdb(each.duckdb_type, column))
        sql = f"{name(view.database)}.{name(schema.project)}.{name(view.name)}"
        views.setdefault(view.database, {})[view.name.lower()] = Relation(sql, columns, view.name.lower())
    return views
