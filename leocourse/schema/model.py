"""Tables, fields and views as the descriptors in ``data/schema`` give them.

A *year* is the one in which an academic year or a tax year ends: 2011 stands for 2010/11.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root

DUCKDB_TYPES = {
    "bit": "UTINYINT",  # SQL Server's bit is compared with 0 and 1, so it is a number here too
    "tinyint": "UTINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "date": "DATE",
    "float": "DOUBLE",
    "real": "FLOAT",
}


@dataclass(frozen=True)
class Field:
    """One field of a table. ``name`` is the stored column; ``column_in`` gives its name in a view."""

    name: str
    sql_type: str
    description: str
    form: str
    column: str
    columns_by_year: tuple[tuple[int, int, str], ...]
    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    group: str
    categories: tuple[tuple[str, str], ...]

    @cached_property
    def duckdb_type(self) -> str:
        """The DuckDB type that stands for the field's SQL Server type."""
        base = re.match(r"[a-z]+", self.sql_type.lower()).group()
        if base in ("decimal", "numeric"):
            return "DECIMAL" + self.sql_type[len(base) :].replace(" ", "")
        return DUCKDB_TYPES.get(base, "VARCHAR")

    def available(self, first: int | None, last: int | None, term: str | None) -> bool:
        """Whether the field was collected in any year from ``first`` to ``last``, in ``term``."""
        if term and self.terms and term not in self.terms:
            return False
        if first is None or not self.years:
            return True
        return any(start <= last and end >= first for start, end in self.years)

    def column_in(self, view: View) -> str:
        """The column's name in a view: ``fsmeligible_spr11`` in ``spring_census_2011``."""
        template = self.column
        for first, last, other in self.columns_by_year:
            if view.first and first <= view.first <= last:
                template = other
        year = f"{(view.first or 0) % 100:02d}"
        return template.replace("{term}", view.term or "").replace("{yy}", year)


@dataclass(frozen=True)
class View:
    """A view that a project sees: its name, the years it covers (None: all) and its census term."""

    name: str
    table: str
    database: str
    first: int | None
    last: int | None
    term: str | None


@dataclass(frozen=True)
class Table:
    """One dataset of the request form, or one part of it (pupil or exam table)."""

    name: str
    title: str
    description: str
    dataset: str
    database: str
    fields: tuple[Field, ...]
    views: tuple[View, ...]
    descriptor: dict = field(repr=False, hash=False, compare=False)

    @property
    def by_year(self) -> bool:
        """Whether the stored table carries ``collection_year`` because its views are split by year."""
        return any(view.first is not None for view in self.views)

    @property
    def by_term(self) -> bool:
        """Whether the stored table carries ``collection_term`` because its views are split by term."""
        return any(view.term for view in self.views)


@dataclass(frozen=True)
class Schema:
    """Every table of the extract, by name."""

    package: dict = field(repr=False)
    tables: dict[str, Table] = field(default_factory=dict)

    def __getitem__(self, table: str) -> Table:
        if table not in self.tables:
            raise LeoError(f"Unknown table '{table}': the schema has {', '.join(sorted(self.tables))}.")
        return self.tables[table]

    @property
    def project(self) -> str:
        """The project number that the lessons use as the name of the schema in each database."""
        return self.package["leo:project"]

    @property
    def databases(self) -> list[str]:
        """The databases in the order in which their tables are listed."""
        return list(dict.fromkeys(table.database for table in self.tables.values()))

    def views(self) -> list[View]:
        """Every view of every table."""
        return [view for table in self.tables.values() for view in table.views]


@lru_cache(maxsize=4)
def load_schema(folder: Path | None = None) -> Schema:
    """Read ``data/schema`` (or ``folder``). Raises LeoError if a descriptor is missing or broken."""
    folder = folder or course_root() / "data" / "schema"
    package = _read(folder / "datapackage.json")
    tables = {}
    for resource in package["resources"]:
        tables[resource["name"]] = _table(resource["name"], _read(folder / resource["schema"]))
    return Schema(package, tables)


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LeoError(f"Cannot read the schema file {path}: {error}") from error


def _table(name: str, descriptor: dict) -> Table:
    views = []
    for entry in descriptor["leo:views"]:
        years = entry.get("years")
        common = {"table": name, "database": descriptor["leo:database"], "term": entry.get("term")}
        if not years or entry.get("grouped"):
            first, last = years or (None, None)
            views.append(View(entry["view"], first=first, last=last, **common))
        else:
            for year in range(years[0], years[1] + 1):
                if year not in entry.get("except", ()):
                    pattern = entry["view"].replace("{yyyy}", str(year))
                    views.append(View(pattern, first=year, last=year, **common))
    return Table(
        name=name,
        title=descriptor["title"],
        description=descriptor["description"],
        dataset=descriptor["leo:dataset"],
        database=descriptor["leo:database"],
        fields=tuple(_field(entry, descriptor) for entry in descriptor["fields"]),
        views=tuple(views),
        descriptor=descriptor,
    )


def _field(entry: dict, table: dict) -> Field:
    section = entry.get("leo:section", "")
    return Field(
        name=entry["name"],
        sql_type=entry["leo:sql_type"],
        description=entry.get("description") or table.get("leo:sections", {}).get(section, ""),
        form=entry["leo:form"],
        column=entry.get("leo:column", entry["name"]),
        columns_by_year=tuple(
            (change["years"][0], change["years"][1], change["column"])
            for change in entry.get("leo:columns_by_year", ())
        ),
        years=tuple((first, last) for first, last in entry.get("leo:years", ())),
        terms=tuple(entry.get("leo:terms", ())),
        group=entry.get("leo:group", ""),
        categories=tuple((str(item["value"]), item["label"]) for item in entry.get("categories", ())),
    )
