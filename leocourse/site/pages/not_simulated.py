"""The page that lists what the simulation does not do, table by table, from one file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.schema.model import Schema
from leocourse.site.pages.markup import NOTICE

FILE = Path("data/reference/not-simulated.toml")


@dataclass(frozen=True)
class Absence:
    """A process or a relation that the simulated lives or records do not have."""

    part: str
    """What it is about: a heading of the page."""
    tables: tuple[str, ...]
    """The tables of the schema in which it would be seen."""
    absent: str
    """What is absent, in one sentence."""
    so: str
    """What a user must therefore not conclude, in one sentence."""


def read_absences(root: Path, schema: Schema) -> list[Absence]:
    """The entries of ``data/reference/not-simulated.toml``, in their order.

    Raises LeoError for an entry that is not whole or that names a table that the schema does not have.
    """
    try:
        entries = tomllib.loads((root / FILE).read_text(encoding="utf-8"))["absence"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise LeoError(f"{FILE} cannot be read: {error}.") from error
    absences = []
    for number, entry in enumerate(entries, start=1):
        if set(entry) != {"part", "tables", "absent", "so"} or not all(entry.values()):
            raise LeoError(f"{FILE}, entry {number}: it needs part, tables, absent and so, none of them empty.")
        for table in entry["tables"]:
            if table not in schema.tables:
                raise LeoError(f"{FILE}, entry {number}: the schema has no table '{table}'.")
        absences.append(Absence(entry["part"], tuple(entry["tables"]), entry["absent"], entry["so"]))
    return absences


def not_simulated_page(absences: list[Absence]) -> str:
    """The page, as Markdown: what is absent and what follows from it, by part, with links to the tables."""
    parts = [
        "# What the simulation does not do",
        "Lives are simulated only so far as somebody thought of them.\n"
        "Where a process is absent, the records show nothing of it: a difference of nought in this extract is then a "
        "gap in the simulation, and no finding.\n"
        "Look here before you try a question on the extract.",
        NOTICE,
    ]
    for part in dict.fromkeys(absence.part for absence in absences):
        parts.append(f"## {part}")
        parts.append("\n".join(_item(absence) for absence in absences if absence.part == part))
    parts.append(
        "Fields that are in the views and always NULL are another matter: "
        "the [data dictionary](dictionary.md) lists them, table by table."
    )
    return "\n\n".join(parts) + "\n"


def absent_from(table: str, absences: list[Absence]) -> str:
    """The section of a table's page that lists what is absent from it; nothing if nothing is."""
    found = [absence for absence in absences if table in absence.tables]
    if not found:
        return ""
    listed = "\n".join(f"- {absence.absent}\n  {absence.so}" for absence in found)
    return f"\n## What the simulation does not do here\n\n{listed}\n"


def _item(absence: Absence) -> str:
    seen = ", ".join(f"[`{table}`]({table}.md)" for table in absence.tables)
    return f"- {absence.absent}\n  {absence.so}\n  Tables: {seen}."
