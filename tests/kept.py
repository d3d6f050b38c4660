"""What is expensive to make for tests, kept under ``_build/tests`` for all their processes and runs.

Each is a folder whose name ends in a hash of what it was made from, so a change makes another one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from leocourse.cli.steps_table import SIMULATION
from leocourse.core import keep
from leocourse.extract import generate
from leocourse.steps import hashes

ROOT = Path(__file__).resolve().parents[1]
TESTS = Path("_build") / "tests"
"""Of this checkout: another has an extract of its own."""
LIBRARIES = ("duckdb", "numpy", "pandas", "pyarrow")
WHOLE = keep.RECORD
"""The record of a folder is written once everything else is there, and by it ``leo clean`` knows the folder as ours."""
STALE = 2 * 24 * 3600
"""Seconds for which what is no longer current is left: another run, of another version, may use it."""


@contextmanager
def alone(name: str, root: Path = ROOT) -> Iterator[None]:
    """Test processes take turns, also those of other runs."""
    lock = root / TESTS / f"{name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def kept(name: str, reads: Iterable[str], make: Callable[[Path], object], *options: object, root: Path = ROOT) -> Path:
    """A folder that ``make`` filled, in this run or one before, from the files that ``reads`` names and ``options``.

    Tests only read it. One that was not finished is made anew.
    """
    made_from = [hashes(root, reads), repr(options), sys.version, *map(version, LIBRARIES)]
    mark = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]
    folder = root / TESTS / "kept" / f"{name}-{mark}"
    with alone(f"kept-{name}", root):
        if not (folder / WHOLE).is_file():
            _remove_stale(folder)
            folder.mkdir(parents=True)
            make(folder)
            keep.record(folder, by="tests")
    return folder


def _remove_stale(folder: Path) -> None:
    """Remove what was not finished, and older ones of the same name that nobody can be using."""
    shutil.rmtree(folder, ignore_errors=True)
    stem = folder.name.rpartition("-")[0]
    for old in folder.parent.glob(f"{stem}-*"):
        same = old.name.rpartition("-")[0] == stem
        if same and time.time() - old.stat().st_mtime > STALE:
            shutil.rmtree(old, ignore_errors=True)


def extract(name: str, people: int, seed: int, **options: object) -> Path:
    """A kept extract, with its truth beside it: see :func:`leocourse.extract.generate` for the options."""
    chosen = (people, seed, sorted(options.items()))
    reads = (*SIMULATION, "requirements.txt")
    made = kept(name, reads, lambda folder: generate(folder / "extract", people, seed, **options), *chosen)
    return made / "extract"
