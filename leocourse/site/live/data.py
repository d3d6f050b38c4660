"""The lesson extract for the browser: DuckDB files that hold what SQL in the pages reads, and no more.

The real names are views in one small file for each database. The rows lie in **stores**, one file for each
table that a lesson or question reads, so that a page fetches only the tables that it asks for. A column that
nothing reads is a typed NULL, so that a dictionary or a ``SELECT *`` still finds it. Row counts are always those of
the extract. No extension of DuckDB is needed, because a browser would have to fetch it from elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from leocourse.authoring.exercise import exercise_folders, load_exercises
from leocourse.authoring.question import Question, assignment_folders, load_assignment
from leocourse.authoring.records import records_of
from leocourse.checks.walk import kind_of, records_sql
from leocourse.core.connect import attach_truth, connect
from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole
from leocourse.measures import measure, names
from leocourse.measures.run import SCHEMA as MEASURES
from leocourse.schema import load_schema
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, quoted
from leocourse.schema.model import Schema, Table, View
from leocourse.site.live.cells import Step, Stub, question_texts, sql_questions, steps

STORAGE = "v1.2.0"
"""The storage version of the files: not newer than the DuckDB inside duckdb-wasm, which has to read them."""
BLOCK = 16_384
"""Bytes. Most stores are small, and with DuckDB's usual blocks of 262,144 a file has much empty room."""
LIMIT = 15_000_000
"""Bytes over the wire for everything together."""
REST = "rest"
"""The store of the tables that no query reads. It holds their rows with year and term only."""
TRUTH = "truth"


@dataclass(frozen=True)
class Pages:
    """What the pages run: the steps of each lesson by the name of its page, and the stub that bound them."""

    steps: dict[str, list[Step]]
    needed: dict[tuple[str, str, str], set[str]]
    measures: dict[str, pa.Table]
    """The measures that lessons read, with the columns that they read."""


def read_pages(root: Path, extract: Path, pages: list[Path]) -> Pages:
    """Bind every SQL cell of the lessons and every SQL text of the questions, and note what they read."""
    texts = " ".join(page.read_text(encoding="utf-8") for page in pages)
    measured = [name for name in names() if re.search(rf"\b{MEASURES}\.{name}\b", texts)]
    with connect(extract) as con:
        if Path(f"{extract}-truth").is_dir():
            attach_truth(con)
        stub = Stub(con, measured)
        found = {page.relative_to(root).with_suffix("").as_posix(): steps(page, stub) for page in pages}
        of_lessons = [load_exercises(root, folder) for folder in exercise_folders(root)]
        for assignment in [*map(load_assignment, assignment_folders(root)), *of_lessons]:
            for question in sql_questions(assignment):
                for text in [*question_texts(question), *_of_a_person(question, con)]:
                    stub.learn(text)
                    stub.forget_tables()
        stub.con.close()
        tables = {name: _read_measure(con, name, read) for (_, place, name), read in sorted(stub.needed.items())
                  if place == MEASURES}  # fmt: skip
    return Pages(found, stub.needed, tables)


def _of_a_person(question: Question, con: duckdb.DuckDBPyConnection) -> list[str]:
    """The SQL that shows the records of one person, if a question is about people."""
    kind = next((kind for name in question.identity if (kind := kind_of(name))), "")
    return [records_sql(each, kind, "") for each in records_of(question.identity, [str(question.reference_sql)], con)]


def _read_measure(con: duckdb.DuckDBPyConnection, name: str, read: set[str]) -> pa.Table:
    """A measure as it is stored for the pages: in one order, with the columns that are read."""
    return con.sql(f"SELECT {_listed(measure(con, name), read)} FROM {MEASURES}.{name} ORDER BY ALL").to_arrow_table()


def _listed(relation: duckdb.DuckDBPyRelation, read: set[str]) -> str:
    """The columns of a relation in SQL. One that nothing reads is a typed NULL."""
    return ", ".join(
        quoted(column) if column in read else f"CAST(NULL AS {kind}) AS {quoted(column)}"
        for column, kind in zip(relation.columns, relation.types, strict=True)
    )


def _shown(place: str, name: str) -> list[str]:
    """The SQL by which a page shows what lies in a store of its own as ``place.name``."""
    return [
        f"CREATE SCHEMA IF NOT EXISTS {place}",
        f"CREATE OR REPLACE VIEW {place}.{quoted(name)} AS FROM store_{place}_{name}.main.{quoted(name)}",
    ]


def write_extract(root: Path, extract: Path, pages: Pages, folder: Path) -> dict:
    """Write the files into a folder, and return what a page has to know about them.

    Raises LeoError if together they are larger than the limit: then a lesson reads too many columns.
    """
    schema, needed = load_schema(root / "data" / "schema"), pages.needed
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
        con.execute("SET enable_progress_bar = false")
        con.execute("SET threads = 2")
        stored = {table.name: _stored(con, extract / table.name) for table in schema.tables.values()}
        columns = _stored_columns(schema, stored, needed)
        writer = _Writer(con, Path(scratch), extract)
        stores = sorted(name for name in stored if columns[name])
        for name in [*stores, REST]:
            writer.attach(f"store_{name}")
        writer.tables(schema, stored, columns)
        truth = writer.truth({view: read for (_, place, view), read in needed.items() if place == TRUTH})
        measured = writer.measures(pages.measures)
        views = writer.views(schema, stored, columns)
        con.close()
        catalogue = [Path(scratch) / f"{database}.duckdb" for database in schema.databases]
        packs: dict[str, Any] = {"catalogue": _pack(folder, "catalogue", catalogue)}
        for name in [*stores, REST, *truth, *measured]:
            packs[name] = _pack(folder, name, [Path(scratch) / f"store_{name}.duckdb"])
    for name, setup in truth.items():
        packs[name]["setup"] = setup
        views[name.removeprefix(f"{TRUTH}_")] = {"store": name, "held": None}
    for name, setup in measured.items():
        packs[name]["setup"] = setup
    total = sum(pack["bytes"] for pack in packs.values())
    if total > LIMIT:
        raise LeoError(
            f"The lesson extract for the browser has {total:,} bytes, more than {LIMIT:,}: "
            "a lesson or question reads too many columns."
        )
    held = {name.removeprefix(f"{MEASURES}_"): name for name in measured}
    return {"packs": packs, "views": views, "measures": held, "bytes": total}


def _stored(con: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """The columns of a stored table, or nothing if it is described but not simulated."""
    if not folder.is_dir():
        return []
    return con.sql(f"SELECT * FROM read_parquet('{_text(folder)}/*.parquet') LIMIT 0").columns


def _stored_columns(
    schema: Schema, stored: dict[str, list[str]], needed: dict[tuple[str, str, str], set[str]]
) -> dict[str, set[str]]:
    """For each table the stored columns that some query reads through one of its views."""
    found: dict[str, set[str]] = {name: set() for name in stored}
    reads = {(database, view): columns for (database, _, view), columns in needed.items()}
    for table in schema.tables.values():
        for view in table.views:
            read = reads.get((view.database, view.name), set())
            found[table.name] |= {item.name for item in _fields(table, view) if item.column_in(view) in read} & set(
                stored[table.name]
            )
            # A query that only counts rows reads no column, but its table is not among the rest.
            if (view.database, view.name) in reads and stored[table.name]:
                found[table.name] |= set(_parts(table)) or {stored[table.name][0]}
    return found


def _fields(table: Table, view: View) -> list[Any]:
    return [item for item in table.fields if item.available(view.first, view.last, view.term)]


def _parts(table: Table) -> list[str]:
    """The columns by which the views of a table part its rows."""
    return [YEAR_COLUMN] * table.by_year + [TERM_COLUMN] * table.by_term


def _text(path: Path) -> str:
    return path.resolve().as_posix().replace("'", "''")


class _Writer:
    """Writes stores and catalogues with one connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, scratch: Path, extract: Path) -> None:
        self.con, self.scratch, self.extract = con, scratch, extract

    def attach(self, name: str) -> None:
        file = _text(self.scratch / f"{name}.duckdb")
        self.con.execute(f"ATTACH '{file}' AS {name} (STORAGE_VERSION '{STORAGE}', BLOCK_SIZE {BLOCK})")

    def tables(self, schema: Schema, stored: dict[str, list[str]], columns: dict[str, set[str]]) -> None:
        """Copy the rows, in their order, with the columns that are read."""
        for table in schema.tables.values():
            if not stored[table.name]:
                continue
            wanted = columns[table.name] | set(_parts(table))
            # A table of which nothing is read has its rows, so that COUNT(*) is right.
            listed = ", ".join(quoted(name) for name in stored[table.name] if name in wanted)
            listed = listed or "CAST(NULL AS INTEGER) AS nothing"
            place = f"{self._store(table.name, columns)}.main.{quoted(table.name)}"
            files = f"{_text(self.extract / table.name)}/*.parquet"
            self.con.execute(f"CREATE TABLE {place} AS SELECT {listed} FROM read_parquet('{files}')")

    def truth(self, read: dict[str, set[str]]) -> dict[str, list[str]]:
        """Stores of what really happened, as far as a cell reads it, and the SQL that shows them as views."""
        setup = {}
        for table in sorted(read):
            rows = self.con.read_parquet((Path(f"{self.extract}-truth") / table / "*.parquet").as_posix())
            setup[f"{TRUTH}_{table}"] = self._own_store(TRUTH, table, rows.project(_listed(rows, read[table])))
        return setup

    def measures(self, tables: dict[str, pa.Table]) -> dict[str, list[str]]:
        """Stores of measures, and the SQL that shows each under the name that it has once it is computed."""
        return {f"{MEASURES}_{name}": self._own_store(MEASURES, name, self.con.from_arrow(table))
                for name, table in tables.items()}  # fmt: skip

    def _own_store(self, place: str, name: str, rows: duckdb.DuckDBPyRelation) -> list[str]:
        """Write rows into a store of their own; the SQL that shows them."""
        store = f"store_{place}_{name}"
        self.attach(store)
        rows.create_view("rows_of_store", replace=True)  # Relation.create knows no database but the first
        self.con.execute(f"CREATE TABLE {store}.main.{quoted(name)} AS FROM rows_of_store")
        return _shown(place, name)

    def views(self, schema: Schema, stored: dict[str, list[str]], columns: dict[str, set[str]]) -> dict[str, Any]:
        """Write the views under their real names, and say in which store each finds its rows."""
        found, names = {}, schema.other_names()
        for database in schema.databases:
            self.attach(database)
            self.con.execute(f"CREATE SCHEMA {database}.{quoted(schema.project)}")
        for table in schema.tables.values():
            for view in table.views:
                self.con.execute(self._view(schema, table, view, stored[table.name], columns))
                held = [f.column_in(view) for f in _fields(table, view) if f.name in columns[table.name]]
                store = self._store(table.name, columns).removeprefix("store_") if stored[table.name] else None
                found[view.name.lower()] = {"store": store, "held": held, "names": names.get(view.name, {})}
        return found

    def _view(self, schema: Schema, table: Table, view: View, stored: list[str], columns: dict[str, set[str]]) -> str:
        """``CREATE VIEW`` as in :mod:`leocourse.schema.ddl`, over a store instead of Parquet."""
        wanted = columns[table.name] | set(_parts(table))
        listed = ", ".join(
            f"CAST({quoted(f.name) if f.name in stored and f.name in wanted else 'NULL'} AS {f.duckdb_type}) "
            f"AS {quoted(f.column_in(view))}"
            for f in _fields(table, view)
        )
        select = f"CREATE VIEW {view.database}.{quoted(schema.project)}.{quoted(view.name)} AS SELECT {listed}"
        if not stored:
            return f"{select} WHERE false"
        conditions = [f"{YEAR_COLUMN} BETWEEN {view.first} AND {view.last}"] if view.first is not None else []
        conditions += [f"{TERM_COLUMN} = '{view.term}'"] if view.term else []
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"{select} FROM {self._store(table.name, columns)}.main.{quoted(table.name)}{where}"

    @staticmethod
    def _store(table: str, columns: dict[str, set[str]]) -> str:
        return f"store_{table if columns[table] else REST}"


def _pack(folder: Path, name: str, files: list[Path]) -> dict[str, Any]:
    """Several files as one compressed file, named after its content.

    It is compressed here because not every host compresses what it serves. The ending is one that no host
    takes for compressed, so that nothing unpacks it on the way.
    """
    parts, offset, raw = [], 0, b""
    for file in files:
        content = file.read_bytes()
        parts.append({"name": file.name, "start": offset, "end": offset + len(content)})
        offset += len(content)
        raw += content
    return write_hashed(folder, name, raw) | {"parts": parts}


def write_hashed(folder: Path, name: str, raw: bytes) -> dict[str, Any]:
    """Write bytes, compressed, under a name that changes with them. A page compares the hash after the download."""
    digest = hashlib.sha256(raw).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{digest[:12]}.bin"
    if not path.is_file():
        write_whole(path, gzip.compress(raw, 9, mtime=0))
    return {"file": f"{folder.name}/{path.name}", "bytes": path.stat().st_size, "raw": len(raw), "sha256": digest}
