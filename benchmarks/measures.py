"""How long each measure takes and how much memory it needs, on an extract of a given size.

    python benchmarks/measures.py 1000000
    python benchmarks/measures.py 1000000 --folder build/million --only sustained_employment earnings

Each measure is computed on a fresh connection with two threads, in a process of its own. Its own seconds are those
with all measures that it reads computed before; its CPU seconds are added up over threads; cold seconds include
what it reads. Memory is the peak of the process, cold.
``--folder`` takes the extract that is there, or makes it there and keeps it. Other work on the machine slows all.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

import leocourse as leo
from leocourse.extract import generate
from leocourse.measures import load, measure, names, plan
from leocourse.site.figures import json_option, keep_rows

SEED, THREADS, TARGET = 1985, 2, 5.0


def run(folder: Path, name: str) -> None:
    """Compute one measure and what it reads; print what that took as one line of JSON."""
    with leo.connect(folder) as con:
        con.execute(f"SET threads = {THREADS}")
        took: dict[str, float] = {}
        cpu = 0.0
        for step, values, _ in plan(load(name)):
            start, before = time.perf_counter(), time.process_time()
            measure(con, step.name, **values)
            took[step.name], cpu = time.perf_counter() - start, time.process_time() - before
        rows = con.execute(f"SELECT count(*) FROM measures.{name}").fetchone()[0]
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {"own": took[name], "cpu": cpu, "cold": sum(took.values()), "megabytes": kilobytes / 1024, "rows": rows}
    print(json.dumps(figures))


def measured(folder: Path, name: str) -> dict[str, float]:
    """The figures of one measure, from a process of its own."""
    command = [sys.executable, __file__, "--folder", str(folder), "--run", name]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def report(folder: Path, people: int, chosen: list[str], kept: Path | None = None) -> int:
    """Print a table of all measures; return how many miss the target with what they read computed before."""
    if not (folder / "manifest.json").is_file():
        generate(folder, people, SEED)
    table = Table(title=f"{people:,} people, {THREADS} threads")
    for heading in ("Measure", "Rows", "Own seconds", "Own CPU", "Cold seconds", "Peak MB"):
        table.add_column(heading, justify="left" if heading == "Measure" else "right")
    all_found = {name: measured(folder, name) for name in chosen}
    for name, found in all_found.items():
        table.add_row(name, f"{found['rows']:,}", *(f"{found[each]:.1f}" for each in ("own", "cpu", "cold")),
                      f"{found['megabytes']:,.0f}")  # fmt: skip
    Console(width=100).print(table)
    slow = {each: [name for name in chosen if all_found[name][each] > TARGET] for each in ("own", "cold")}
    total, peak = sum(found["own"] for found in all_found.values()), max(f["megabytes"] for f in all_found.values())
    print(f"All {len(chosen)} measures together: {total:.0f} seconds of their own. Highest peak: {peak:,.0f} MB.")
    print(f"More than {TARGET:g} seconds of their own: {', '.join(slow['own']) or 'none'}.")
    keep_rows(kept, [{"measure": f"`{name}`", "rows": found["rows"], "own seconds": round(found["own"], 1),
                      "with all that it reads, seconds": round(found["cold"], 1),
                      "peak memory, MB": round(found["megabytes"])} for name, found in all_found.items()])  # fmt: skip
    print(f"More than {TARGET:g} seconds with all that they read: {', '.join(slow['cold']) or 'none'}.")
    return len(slow["own"])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=int, nargs="?", default=100_000)
    parser.add_argument("--folder", type=Path, help="an extract that exists, or where to keep it")
    parser.add_argument("--only", nargs="+", default=None, metavar="MEASURE")
    json_option(parser)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.folder, given.run)
        return
    chosen = given.only or names()
    if given.folder:
        report(given.folder, given.people, chosen, given.json)
    else:
        with tempfile.TemporaryDirectory() as kept:
            report(Path(kept) / "extract", given.people, chosen, given.json)


if __name__ == "__main__":
    main()
