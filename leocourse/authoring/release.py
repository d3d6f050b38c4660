"""Makes what learners receive: the released notebooks, and the keys beside the lesson extract."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from leocourse.authoring.keys import assignment_key, write_key
from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.core import keep
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError


def release_notebooks(root: Path) -> list[Path]:
    """Generate ``exercises/`` from ``solutions/`` with nbgrader, and enter the assignments in its gradebook.

    Returns the released notebooks. Raises LeoError if nbgrader fails.
    """
    released = []
    for folder in assignment_folders(root):
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", folder.name, "--force"]
        done = subprocess.run(command, cwd=root, env=tool_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines()
            raise LeoError(
                f"nbgrader could not release {folder.name}: {lines[-1].strip() if lines else 'no reason given'}"
            )
        released += sorted((root / "exercises" / folder.name).glob("*.ipynb"))
    return released


def write_keys(root: Path, extract: Path, every: bool = True) -> list[Path]:
    """Compute the key of every assignment on an extract, and write it beside the data.

    Raises Indistinct if the extract does not tell ``every`` misconception from the right answer.
    """
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4), get_context("spawn")) as pool:
        made = [pool.submit(_key, folder, extract, every) for folder in assignment_folders(root)]
        try:
            paths = [write_key(each.result(), extract) for each in made]
        finally:
            pool.shutdown(cancel_futures=True)
    written = keep.recorded(extract) or {}
    for stale in set((extract / "keys").glob("*.json")) - set(paths):
        if keep.is_as(stale, written.get(stale.relative_to(extract).as_posix())):  # and not somebody's own
            stale.unlink()
    return paths


def _key(folder: Path, extract: Path, every: bool) -> dict[str, Any]:
    """The key of one assignment, in a process of its own."""
    with connect(extract) as con:
        return assignment_key(load_assignment(folder), con, alike=None if every else set())


def tool_environment() -> dict[str, str]:
    """The environment for Jupyter's own commands: this Python's tools first, bytecode kept."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    return environment


def solution_cells(text: str) -> str:
    """A solution cell without nbgrader's markers."""
    return re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", "", text, flags=re.MULTILINE)
