"""How fast an extract is made, how large it is, and how fast it opens: a table of figures.

    python benchmarks/extract.py 20000 100000
    python benchmarks/extract.py 100000 --workers 2 --tpch build/tpch

Every size runs in a process of its own, so that CPU time and memory are those of that run alone.
``--tpch FOLDER`` makes a virtual environment in that folder with the course's version of DuckDB and the
package ``duckdb-extension-tpch``, runs ``CALL dbgen`` and writes its tables as Parquet: a generator of
another kind to measure against on the same machine. Other work on the machine slows both; run them alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

import leocourse
from leocourse.site.figures import json_option, keep_rows

DUCKDB = "1.5.1"
TPCH = """
import os, sys, time
import duckdb, duckdb_extension_tpch
from pathlib import Path
folder, scale = Path(sys.argv[1]), sys.argv[2]
con = duckdb.connect(config={"allow_unsigned_extensions": True})
con.execute("SET threads = 2")
con.execute("SET enable_progress_bar = false")
found = sorted(Path(duckdb_extension_tpch.__file__).parent.rglob("*.duckdb_extension"))
con.execute(f"LOAD '{found[0]}'")
before = os.times()
con.execute(f"CALL dbgen(sf = {scale})")
cells = 0
for (name,) in con.execute("SHOW TABLES").fetchall():
    con.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    cells += con.execute(f"SELECT count(*) FROM {name}").fetchone()[0] * len(con.table(name).columns)
after = os.times()
print(cells, after.user + after.system - before.user - before.system, after.elapsed - before.elapsed)
"""


def measure(people: int, workers: int, folder: Path) -> dict:
    """One run in a process of its own: cells, CPU-seconds, seconds, peak memory, bytes on disk, connect()."""
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = [sys.argv[4]]; from benchmarks.extract import run; "
        "run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))"
    )
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", code, str(people), str(workers), str(folder), str(root)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def run(people: int, workers: int, folder: Path) -> None:
    """Make an extract, open it, and print what that took as one line of JSON."""
    from leocourse.extract import generate

    start, before = time.perf_counter(), _cpu()
    manifest = generate(folder, people, 1985, workers=workers)
    seconds, cpu = time.perf_counter() - start, _cpu() - before
    memory = _memory(workers)
    start = time.perf_counter()
    leocourse.core.connect(folder).close()
    figures = {
        "people": people,
        "rows": sum(table["rows"] for table in manifest["tables"].values()),
        "cells": sum(table["cells"] for table in manifest["tables"].values()),
        "seconds": seconds,
        "cpu": cpu,
        "memory": memory,
        "bytes": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        "connect": time.perf_counter() - start,
    }
    print(json.dumps(figures))


def dbgen(place: Path, scale: float) -> tuple[float, float, float] | None:
    """Cells, CPU-seconds and seconds of DuckDB's dbgen writing Parquet; None if it cannot be installed."""
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    try:
        if not python.is_file():
            venv.create(place, with_pip=True)
        packages = [f"duckdb=={DUCKDB}", f"duckdb-extension-tpch=={DUCKDB}"]
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(install, check=True, capture_output=True)
        with tempfile.TemporaryDirectory(dir=place) as folder:
            command = [str(python), "-c", TPCH, folder, str(scale)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        said = said.decode() if isinstance(said, bytes) else said
        Console(stderr=True).print(f"dbgen left out: {said.strip().splitlines()[-1]}", markup=False)
        return None
    cells, cpu, seconds = map(float, out.splitlines()[-1].split())
    return cells, cpu, seconds


def _cpu() -> float:
    """CPU-seconds of this process and of those it started and waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, -1))
    )  # -1: children


def _memory(workers: int) -> int:
    """Peak bytes: this process, and the largest of its workers times their number."""
    unit = 1 if sys.platform == "darwin" else 1024
    own, largest = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return unit * (own + (largest * workers if workers > 1 else 0))


def line(what: str, cells: float, cpu: float, seconds: float) -> dict:
    """What is kept of one generator: see :mod:`leocourse.site.figures`."""
    return {"": what, "million cells": round(cells / 1e6), "seconds": round(seconds, 1 if seconds < 10 else None),
            "million cells a CPU-second": round(cells / cpu / 1e6)}  # fmt: skip


def main() -> None:
    """Measure every size, print the table and say whether cost grows linearly."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=int, nargs="+")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where extracts are made, one at a time; default: a temporary one")
    parser.add_argument("--tpch", type=Path, metavar="FOLDER", help="environment for the comparison with dbgen")
    parser.add_argument("--scale", type=float, default=1, help="scale factor of dbgen")
    json_option(parser)
    asked = parser.parse_args()
    table = Table(title=f"{asked.workers} workers")
    for column in ("", "rows", "cells", "seconds", "CPU-seconds", "cells per CPU-second", "peak memory",
                   "bytes per person", "connect()"):  # fmt: skip
        table.add_column(column, justify="right")
    done, rows = [], []
    for people in asked.people:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            each = measure(people, asked.workers, Path(folder) / "extract")
        done.append(each)
        rows.append(line(f"{people:,} people", each["cells"], each["cpu"], each["seconds"]) | {
            "peak memory, GB": round(each["memory"] / 1e9, 1), "disk, GB": round(each["bytes"] / 1e9, 2)})  # fmt: skip
        table.add_row(
            f"{people:,} people", f"{each['rows']:,}", f"{each['cells']:,}", f"{each['seconds']:.1f}",
            f"{each['cpu']:.1f}", f"{each['cells'] / each['cpu'] / 1e6:.1f} million",
            f"{each['memory'] / 1e9:.2f} GB", f"{each['bytes'] / people:,.0f}", f"{each['connect']:.2f} s",
        )  # fmt: skip
    if asked.tpch:
        compared = dbgen(asked.tpch.resolve(), asked.scale)
        if compared:
            cells, cpu, seconds = compared
            speed = f"{cells / cpu / 1e6:.1f} million"
            rows.append(line(f"DuckDB's `dbgen`, scale {asked.scale:g}, written as Parquet", cells, cpu, seconds))
            table.add_row(f"dbgen, scale {asked.scale:g}", "", f"{cells:,.0f}", f"{seconds:.1f}", f"{cpu:.1f}", speed)
    Console(width=max(120, shutil.get_terminal_size().columns)).print(table)
    notes = []
    for first, second in pairwise(done):
        times = second["people"] / first["people"]
        notes.append(f"{times:.1f} times the people took {second['cpu'] / first['cpu']:.1f} times the CPU-seconds.")
    print("\n".join(notes))
    keep_rows(asked.json, rows, notes)


if __name__ == "__main__":
    main()
