"""The files of an extract: Parquet, CSV, the script of views and the truth."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from leocourse.core import keep
from leocourse.core.files import whole
from leocourse.extract.base.columns import Coded, Column, Rows, to_arrow
from leocourse.schema import load_schema
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, extract_sql, quoted

PARQUET = b"PAR1"
"""What a Parquet file ends with."""


def is_whole(path: Path) -> bool:
    """Whether a file of an extract is there, and if it is Parquet, with its end."""
    try:
        with path.open("rb") as file:
            if path.suffix == ".parquet":
                file.seek(-len(PARQUET), os.SEEK_END)
                return file.read() == PARQUET
            return True
    except OSError:
        return False


def views_script(columns: dict[str, list[str]], typed: bool = True) -> str:
    """The script of views over tables that hold these columns."""
    of_fields = {name: set(names) - {YEAR_COLUMN, TERM_COLUMN} for name, names in columns.items()}
    return extract_sql(load_schema(), of_fields, typed=typed)


def one_csv(folder: Path) -> None:
    """Join the parts of a table to one CSV file beside their folder, and remove them."""
    joined = folder.with_name(folder.name + ".csv")
    if not joined.is_file():  # else an interrupted run had joined them
        half = folder / "joined"
        with half.open("wb") as target:
            for part in sorted(folder.glob("part-*.csv")):
                with part.open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
        half.rename(joined)
    shutil.rmtree(folder, ignore_errors=True)


def over_csv(script: str, columns: dict[str, list[str]]) -> str:
    """The script of views over CSV files, which are read as text; the views turn it into the schema's types.

    Each file has its columns named in one place: otherwise DuckDB would look into it once a view.
    """
    lines = ["CREATE SCHEMA stored;"]
    for table, names in columns.items():
        kinds = ", ".join(f"{quoted(name)}: '{'SMALLINT' if name == YEAR_COLUMN else 'VARCHAR'}'" for name in names)
        options = f"auto_detect = false, header = true, columns = {{{kinds}}}, delim = ',', quote = '\"', escape = '\"'"
        source = f"read_csv('${{extract}}/{table}.csv', {options}, nullstr = '', allow_quoted_nulls = false)"
        lines.append(f"CREATE VIEW stored.{quoted(table)} AS FROM {source};")
    views = re.sub(r"read_parquet\('[^']*/(\w+)/\*\.parquet'\)", r'memory.stored."\1"', script)
    return "\n".join(lines) + "\n" + views


def put(source: Path, target: Path) -> None:
    """Put the finished folder into place. Of the former one, what this course did not write is kept beside it."""
    keep.tell(target, keep.replace_folder(source, target, by="extract", any_folder=True))


def truth_table(rows: Rows) -> pa.Table:
    """A table of the truth: dates where the name ends so, texts, and whole numbers."""
    columns = {}
    for name, column in rows.items():
        if name != "person":
            kind = "DATE" if name.endswith("_date") else "VARCHAR" if _is_text(column) else "BIGINT"
            columns[name] = to_arrow(column, kind)
    return pa.table(columns)


def _is_text(column: Column) -> bool:
    return isinstance(column, Coded) or (isinstance(column, np.ndarray) and column.dtype.kind == "S")


def texts(columns: dict[str, list]) -> dict[str, pa.Array]:
    """Columns of text as Arrow holds them."""
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def write_table(
    path: Path, table: pa.Table, header: bool = True, compression: str = "zstd", row_group_size: int | None = None
) -> int:
    """Write a table as Parquet or CSV, by the ending of the path. Returns the size of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        every = pa.table({name: spelt_out(table[name]) for name in table.column_names})
        pa.csv.write_csv(every, path, pa.csv.WriteOptions(include_header=header))
    else:
        # Smallest and largest values help where rows are found by them: in the columns that rows are sorted by.
        sorted_by = [name for name in (YEAR_COLUMN, TERM_COLUMN) if name in table.column_names]
        pq.write_table(
            table,
            path,
            compression=compression,
            compression_level=1 if compression == "zstd" else None,
            row_group_size=row_group_size,
            write_statistics=sorted_by or False,
            store_decimal_as_integer=True,
        )
    return path.stat().st_size


def spelt_out(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with its texts written out in every row, as CSV has them."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def write_text(path: Path, text: str) -> None:
    """Write a small file, so that it is whole or not there."""
    with whole(path) as beside:
        beside.write_text(text, encoding="utf-8")
