"""An extract as a DuckDB connection with the names of the real one."""

from __future__ import annotations

import weakref
from pathlib import Path

import duckdb

from leocourse.core.errors import LeoError, show_short
from leocourse.core.names import TABLE, accept_other_names
from leocourse.core.paths import MANIFEST, belongs, extract_folder, read_manifest

PROJECT = "2005003"
FAULTY_OPTIMIZERS = ("window_self_join", "join_filter_pushdown", "common_subplan")
"""Steps of DuckDB 1.5.1 that give an internal error for a share of a total, ``sum(x) / sum(sum(x)) OVER (...)``, or
now and then wrong rows: for a join to a grouped table on several threads (its issue 22075), and for a join that two
arms of a UNION ALL have in common (its issue 25819)."""
OPENED: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
"""What was opened here and is still in use: a check that stops an answer has to stop its SQL."""


def connect(path: str | Path | None = None, project: str = PROJECT) -> duckdb.DuckDBPyConnection:
    """Open an extract: ``leo_i2."2005003".leo_earnings``, ``npd_i2."2005003".spring_census_2011`` and so on.

    ``path`` is the folder of an extract (default: ``$LEO_EXTRACT``, else the lesson extract), or ``"advanced"`` for the
    advanced extract, which ``leo extract --advanced`` makes.
    ``project`` is the project number that names the schema in each database.
    Names are case-insensitive, as in SQL Server. Columns have the names that projects received; those of the request
    form are accepted too, see :mod:`leocourse.core.names`. The data cannot be changed through the views;
    tables that you create live in memory and go when the connection closes.
    Raises LeoError if there is no complete extract in that place.
    """
    folder = extract_folder(path)
    if not project.isalnum():
        raise LeoError(f"A project number is made of letters and digits, such as {PROJECT}: got '{project}'.")
    location = folder.resolve().as_posix().replace("'", "''")
    try:
        script = (folder / "views.sql").read_text(encoding="utf-8")
    except OSError as error:
        raise _not_whole(folder, f"views.sql: {error.strerror}") from error
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False})
    con.execute("SET enable_progress_bar = false")
    con.execute("SET GLOBAL parquet_metadata_cache = true")  # what a file holds is read once, and not by each view
    con.execute(f"SET disabled_optimizers = '{','.join(FAULTY_OPTIMIZERS)}'")
    try:
        con.execute(script.replace("${extract}", location).replace("${project}", project))
    except duckdb.Error as error:
        con.close()
        raise _not_whole(folder, str(error).splitlines()[0]) from error
    _short_errors_in_notebooks()
    OPENED.add(con)
    con.execute("CREATE SCHEMA IF NOT EXISTS course")
    con.execute("CREATE TABLE course.extract AS SELECT ? AS folder, ? AS project", [location, project])
    if TABLE in script:  # not in extracts of earlier versions
        accept_other_names(con)
    return con


def _not_whole(folder: Path, why: str) -> LeoError:
    return LeoError(f"{folder} is not a whole extract ({why}): make it again with 'leo extract'.")


def _short_errors_in_notebooks() -> None:
    """In IPython and Jupyter, show what DuckDB says of an unknown table or a slip in SQL, without a traceback."""
    show_short(duckdb.Error, lambda error: f"{type(error).__name__}: {error}")


def attach_truth(con: duckdb.DuckDBPyConnection) -> None:
    """Show what really happened in the simulated lives, as views in a schema ``truth``.

    ``truth.lives`` (one row a person), ``truth.working_years`` (a person and tax year in work),
    ``truth.spells`` (true spells), ``truth.ledger`` (every planted fault) and ``truth.parameters``.
    Nothing like this exists in the real extract. Raises LeoError if the truth is not beside the extract,
    as in marking, or if it is that of another.
    """
    folder = con.execute("SELECT folder FROM course.extract").fetchone()[0]
    truth = Path(folder + "-truth")
    if not (truth / MANIFEST).is_file():
        raise LeoError(f"No truth beside the extract in {folder}: make both with 'leo extract'.")
    if not belongs(truth, read_manifest(Path(folder))):
        raise LeoError(f"The truth beside {folder} is that of another extract: make both again with 'leo extract'.")
    con.execute("CREATE SCHEMA IF NOT EXISTS truth")
    for table in sorted(path for path in truth.iterdir() if path.is_dir()):
        files = (table / "*.parquet").as_posix().replace("'", "''")
        con.execute(f"CREATE OR REPLACE VIEW truth.{table.name} AS FROM read_parquet('{files}')")
