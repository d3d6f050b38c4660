"""``datapackage.json`` of one extract: what it holds, for tools that read Frictionless Data Package v2.

It comes from the schema and from the extract's manifest. Types are those of the standard; our keys stay, as ``leo:``.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import read_manifest
from leocourse.extract.faults import shown_in
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN
from leocourse.schema.model import Schema, Table, load_schema

PACKAGE = "datapackage.json"
NOTICE = "Simulated data. They describe nobody and say nothing about England."
LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
MEDIA_TYPES = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}
ADDED = (
    (YEAR_COLUMN, "integer", "Year in which the academic year or other year of the collection ends: 2011 is 2010/11."),
    (TERM_COLUMN, "string", "Term of the census: aut (autumn), spr (spring) or sum (summer)."),
)
"""Columns that stored tables carry beside their fields; a view has them in its name."""
OF_THE_SCHEMA = ("primaryKey", "uniqueKeys")
MISSING = ["", "nan", "None", "NaT"]
"""How a missing value looks: empty in CSV; readers that go through pandas show one of Parquet in the other ways."""


def export(folder: Path, schema: Schema | None = None) -> Path:
    """Write ``datapackage.json`` into the folder of an extract; returns its path.

    One that somebody changed is kept under a dated name. Raises LeoError if the folder holds no whole extract or
    cannot be written.
    """
    text = json.dumps(package(folder, schema or load_schema()), indent=1, ensure_ascii=False) + "\n"
    return keep.put(folder, PACKAGE, text)


def package(folder: Path, schema: Schema) -> dict:
    """The descriptor of an extract as plain values."""
    manifest = read_manifest(folder)
    tables = manifest["tables"]
    about = schema.package
    return {
        "$schema": about["$schema"],
        "name": about["name"],
        "title": about["title"],
        "description": f"{about['description']} {NOTICE}",
        "version": about["version"],
        "licenses": [LICENCE],
        "keywords": ["synthetic data", "education", "employment", "administrative data"],
        **{key: value for key, value in about.items() if key.startswith("leo:")},
        "leo:notice": manifest.get("notice", NOTICE),
        **{
            f"leo:{key}": manifest[key] for key in ("mode", "people", "seed", "without", "generator") if key in manifest
        },
        "resources": [_resource(folder, schema[name], entry, set(tables)) for name, entry in tables.items()],
    }


def _resource(folder: Path, table: Table, entry: dict, stored: set[str]) -> dict:
    """One table: its files, their size and hash, and its schema."""
    paths = [part["path"] for part in entry["parts"]]
    files = [folder / path for path in paths]
    for file in files:
        if not file.is_file():
            raise LeoError(f"{folder} is not a whole extract: {file.relative_to(folder)} is missing. Make it again.")
    form = files[0].suffix.removeprefix(".")
    described = {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        "path": paths[0] if len(paths) == 1 else paths,
        "format": form,
        "mediatype": MEDIA_TYPES[form],
        "leo:rows": entry["rows"],
    }
    described["leo:files"] = [
        {"path": path, "bytes": file.stat().st_size, "hash": f"sha256:{keep.fingerprint(file)}"}
        for path, file in zip(paths, files, strict=True)
    ]
    # The standard gives both to one file only, and frictionless counts the bytes of text files only.
    if form == "csv" and len(files) == 1:
        described |= {key: described["leo:files"][0][key] for key in ("bytes", "hash")}
    if form == "csv":
        described["encoding"] = "utf-8"
    return described | {"schema": _table_schema(table, _columns(files[0]), stored)}


def _table_schema(table: Table, columns: list[str], stored: set[str]) -> dict:
    """The stored columns in their order, and the keys that hold whatever faults were planted."""
    source = table.descriptor
    fields = {entry["name"]: entry for entry in source["fields"]}
    fields |= {name: {"name": name, "type": kind, "description": text} for name, kind, text in ADDED}
    described = {"$schema": source["$schema"], "fields": [fields[name] for name in columns]}
    described["missingValues"] = MISSING
    described |= {key: source[key] for key in OF_THE_SCHEMA if key in source}
    known = [entry for entry in source.get("foreignKeys", ()) if entry["reference"]["resource"] in stored]
    if known:
        described["foreignKeys"] = known
    faults = [shows.entry(fault) for fault, shows in shown_in(table.name)]
    described |= {key: value for key, value in source.items() if key.startswith("leo:")}
    return described | ({"leo:faults": faults} if faults else {})


def _columns(file: Path) -> list[str]:
    """The columns of a stored file, in order."""
    if file.suffix == ".csv":
        with file.open(encoding="utf-8") as lines:
            return [name.strip('"') for name in lines.readline().rstrip("\r\n").split(",")]
    with duckdb.connect(":memory:") as con:
        return [line[0] for line in con.execute("DESCRIBE FROM read_parquet(?)", [file.as_posix()]).fetchall()]
