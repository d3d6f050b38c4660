"""How long the cells of the lessons take on an extract of any size: the slowest of each lesson.

    leo extract --people 1000000 --output build/million
    python benchmarks/lessons.py build/million

Runs every lesson as a notebook on that extract, with two threads for DuckDB as on the machine that the course is
written for. The time of a cell is from its start to its last output. Cells that show what happens in small groups
find none on a large extract: they stop, are named below the table, and the next cell runs.
"""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from rich.console import Console
from rich.table import Table

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
    asked = parser.parse_args()
    os.environ["LEO_EXTRACT"] = str(asked.extract.resolve())
    table = Table(title=f"Lessons on {asked.extract}")
    for column in ("lesson", "cells", "all cells", "slowest", "its first line"):
        table.add_column(column)
    stopped = []
    for lesson in LESSONS:
        notebook = jupytext.read(lesson)
        NotebookClient(
            notebook,
            timeout=600,
            record_timing=True,
            allow_errors=True,
            resources={"metadata": {"path": lesson.parent}},
        ).execute()
        code = [cell for cell in notebook.cells if cell["cell_type"] == "code"]
        errors = [each for cell in code for each in cell["outputs"] if each["output_type"] == "error"]
        stopped += [f"{lesson.stem}: {each['ename']}: {each['evalue'][:100]}" for each in errors]
        cells = [(seconds(cell), cell["source"]) for cell in code]
        for took, source in sorted(cells, reverse=True)[: asked.slowest]:
            first = next((line for line in source.splitlines() if line and line[0] not in "#:"), "")
            table.add_row(
                lesson.stem, str(len(cells)), f"{sum(t for t, _ in cells):.1f} s", f"{took:.2f} s", first[:60]
            )
    Console(width=140).print(table)
    print("\n".join(["Cells that stopped:", *stopped]) if stopped else "Every cell ran.")


if __name__ == "__main__":
    main()
