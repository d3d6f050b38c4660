"""Runs one lesson as the book does, without building it: ``python tests/run_lesson.py book/intro/after-16.md``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from leocourse.site.build import CELL_TIMEOUT, child_environment

ROOT = Path(__file__).resolve().parents[1]


def main(name: str) -> int:
    """Run every cell of a page. The first that fails is shown with its code, and the exit code is 1."""
    page = ROOT / name
    book = jupytext.read(page, fmt="md:myst")
    client = NotebookClient(book, timeout=CELL_TIMEOUT, resources={"metadata": {"path": str(page.parent)}})
    try:
        client.execute(env=child_environment(os.environ))
    except CellExecutionError as error:
        print(f"{name}: {error}")
        return 1
    print(f"{name}: {sum(cell.cell_type == 'code' for cell in book.cells)} cells ran.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
