"""How long the cells of the lessons take on an extract of any size: the slowest of each lesson.

    leo extract --people 1000000 --output build/million
    python benchmarks/lessons.py build/million

Runs every lesson as a notebook on that extract. The time of a cell is from its start to its last output; that of a
query is the time in one call of DuckDB, so that of a measure is without the measures that it reads. Cells that show
what happens in small groups find none on a large extract: they stop, are named below the table, and the next cell runs.
"""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from rich.console import Console
from rich.table import Table

from leocourse.site.figures import json_option, keep_rows

TARGET = 5.0
TIMING = """
import sys, time
queries, _started = [0.0], []

def _watch(frame, event, called):
    if event[:2] == "c_" and getattr(called, "__module__", None) == "_duckdb":
        if event == "c_call":
            _started.append(time.perf_counter())
        elif _started:
            queries.append(time.perf_counter() - _started.pop())

sys.setprofile(_watch)
"""
"""Run before the first cell: keeps the seconds of every call of DuckDB."""
SLOWEST_QUERY = "print(max(queries))"
LESSONS = sorted((Path(__file__).resolve().parents[1] / "book" / "intro").glob("*.md"))


def seconds(cell: dict) -> float:
    """How long a cell of a notebook that was run took."""
    said = cell["metadata"].get("execution", {})
    first, last = (said.get(f"iopub.{when}") for when in ("execute_input", "status.idle"))
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() if first and last else 0.0


def main() -> None:
    """Run the lessons and print the slowest cells of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extract", type=Path)
    parser.add_argument("--slowest", type=int, default=3, help="cells to show of each lesson")
    json_option(parser)
    asked = parser.parse_args()
    os.environ["LEO_EXTRACT"] = str(asked.extract.resolve())
    table = Table(title=f"Lessons on {asked.extract}")
    for column in ("lesson", "cells", "all cells", "slowest query", "slowest cells", "their first lines"):
        table.add_column(column)
    stopped, slow, kept = [], [], []
    for lesson in LESSONS:
        notebook = jupytext.read(lesson)
        notebook.cells = [new_code_cell(TIMING), *notebook.cells, new_code_cell(SLOWEST_QUERY)]
        NotebookClient(
            notebook,
            timeout=600,
            record_timing=True,
            allow_errors=True,
            resources={"metadata": {"path": lesson.parent}},
        ).execute()
        *code, last = [cell for cell in notebook.cells[1:] if cell["cell_type"] == "code"]
        query = float(last["outputs"][0]["text"])
        errors = [each for cell in code for each in cell["outputs"] if each["output_type"] == "error"]
        stopped += [f"{lesson.stem}: {each['ename']}: {each['evalue'][:100]}" for each in errors]
        cells = [(seconds(cell), cell["source"]) for cell in code]
        whole = [lesson.stem, str(len(cells)), f"{sum(took for took, _ in cells):.1f} s", f"{query:.2f} s"]
        kept.append({"lesson": lesson.stem, "cells": len(cells),
                     "all cells, seconds": round(sum(took for took, _ in cells), 1),
                     "slowest cell, seconds": round(max(took for took, _ in cells), 1),
                     "slowest query, seconds": round(query, 1)})  # fmt: skip
        for took, source in sorted(cells, reverse=True)[: asked.slowest]:
            first = next((line for line in source.splitlines() if line and line[0] not in "#:"), "")
            table.add_row(*whole, f"{took:.2f} s", first[:60])
            whole = [""] * len(whole)
        slow += [lesson.stem] if query > TARGET else []
    Console(width=150).print(table)
    print("\n".join(["Cells that stopped:", *stopped]) if stopped else "Every cell ran.")
    keep_rows(asked.json, kept, [f"Stopped, as small groups are large here: {each}." for each in stopped])
    print(f"With a query of more than {TARGET:g} seconds: {', '.join(slow) or 'none'}.")


if __name__ == "__main__":
    main()
