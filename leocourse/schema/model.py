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
class Delivered:
    """A name under which a field came to projects, where it is known: in which years and terms, and how we know.

    ``evidence`` is ``published scripts`` (scripts that ran in the service read this column of this view) or
    ``pattern of published scripts`` (they read columns of the same kind, named so).
    """

    column: str
    years: tuple[tuple[int, int], ...]
    terms: tuple[str, ...]
    evidence: str

    def covers(self, first: int | None, last: int | None, term: str | None) -> bool:
        """Whether it says something of a view of these years and this term."""
        if term and self.terms and term not in self.terms:
            return False
        return first is None or not self.years or any(start <= last and end >= first for start, end in self.years)


@dataclass(frozen=True)
class Field:
    """One field of a table. ``name`` is the stored column; ``column_in`` gives its name in a view.

    ``column`` and ``columns_by_year`` are the names of the request form, ``delivered`` those under which it came.
    """

    name: str
    sql_type: str
    description: str
    form: str
    column: str
    columns_by_year: tuple[tuple[int, int, str], ...]
    delivered: tuple[Delivered, ...]
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
        """Whether the field came in any year from ``first`` to ``last``, in ``term``.

        That is when the form says that it was collected, and in views in which published scripts read it.
        """
        if first is not None and any(each.years and each.covers(first, last, term) for each in self.delivered):
            return True
        if term and self.terms and term not in self.terms:
            return False
        if first is None or not self.years:
            return True
        return any(start <= last and end >= first for start, end in self.years)

    @cached_property
    def reach(self) -> tuple[tuple[int, int], ...]:
        """The runs of years in which the field came: the form's, and those in which published scripts read it."""
        if not self.years:
            return ()
        runs: list[tuple[int, int]] = []
        for first, last in sorted({*self.years, *(run for each in self.delivered for run in each.years)}):
            if runs and first <= runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], max(runs[-1][1], last))
            else:
                runs.append((first, last))
        return tuple(runs)

    def column_in(self, view: View) -> str:
        """The column's name in a view: as it was delivered where that is known, else as the form has it."""
        return _filled_in(self.template_in(view), view)

    def template_in(self, view: View) -> str:
        """The pattern of that name: ``fsmeligible_{term}{yy}`` in ``spring_census_2011``."""
        known = self.delivered_in(view)
        return known.column if known else self.form_template_in(view)

    def form_column_in(self, view: View) -> str:
        """The name of the request form: ``fsmeligibility_spr04`` in ``plasc_2004``."""
        return _filled_in(self.form_template_in(view), view)

    def form_template_in(self, view: View) -> str:
        """The pattern of the form's name in a view."""
        template = self.column
        for first, last, other in self.columns_by_year:
            if view.first and first <= view.first <= last:
                template = other
        return template

    def delivered_in(self, view: View) -> Delivered | None:
        """What is known of the delivered name in a view: the best evidence comes first."""
        return next((each for each in self.delivered if each.covers(view.first, view.last, view.term)), None)

    def templates(self) -> list[str]:
        """Every pattern of its names, delivered or the form's, each once."""
        return list(dict.fromkeys([
            self.column, *(column for _, _, column in self.columns_by_year), *(each.column for each in self.delivered)
        ]))  # fmt: skip


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

    def other_names(self) -> dict[str, dict[str, str]]:
        """For each view the form's names that differ from the delivered ones, with the delivered name of each.

        A name that another column of the view has is left out: it can mean that one only.
        """
        found: dict[str, dict[str, str]] = {}
        for table in self.tables.values():
            for view in table.views:
                here = [field for field in table.fields if field.available(view.first, view.last, view.term)]
                names = {field.column_in(view) for field in here}
                pairs = {field.form_column_in(view): field.column_in(view) for field in here}
                others = {form: name for form, name in pairs.items() if form not in names}
                if others:
                    found[view.name] = others
        return found


def _filled_in(template: str, view: View) -> str:
    return template.replace("{term}", view.term or "").replace("{yy}", f"{(view.first or 0) % 100:02d}")


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
        delivered=tuple(
            Delivered(
                column=known["column"],
                years=tuple((first, last) for first, last in known.get("years", ())),
                terms=tuple(known.get("terms", ())),
                evidence=known["evidence"],
            )
            for known in entry.get("leo:delivered", ())
        ),
        years=tuple((first, last) for first, last in entry.get("leo:years", ())),
        terms=tuple(entry.get("leo:terms", ())),
        group=entry.get("leo:group", ""),
        categories=tuple((str(item["value"]), item["label"]) for item in entry.get("categories", ())),
    )
