"""Two extracts that nobody has seen, and the keys to them: made once a run, gone with it."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from leocourse.checks.keys import Indistinct, assignment_key, load_assignment
from leocourse.connect import connect
from leocourse.extract import generate_bare
from leocourse.extract.write import leave_interrupts_to_the_parent
from leocourse.grading.confine import PR_SET_PDEATHSIG, prctl
from leocourse.grading.sandbox import readable
from leocourse.schema import load_schema

TRIES = 4
EXTRACTS = 2


@dataclass(frozen=True)
class Unseen:
    """The extracts of a run: folders ``0`` and ``1`` in ``extracts``, keys as ``<assignment>-0.json`` in ``keys``."""

    folder: Path
    seeds: list[int]

    @property
    def extracts(self) -> Path:
        """What the sandbox of submissions sees, and nothing else of a run."""
        return self.folder / "extracts"

    @property
    def keys(self) -> Path:
        """What only the process that compares sees."""
        return self.folder / "keys"


@contextmanager
def room() -> Iterator[Path]:
    """A folder for the extracts and keys of a run."""
    with tempfile.TemporaryDirectory(prefix="leo-marking-") as name:
        for part in ("extracts", "keys"):
            (Path(name) / part).mkdir()
        yield Path(name)


@contextmanager
def helper() -> Iterator[Executor]:
    """A process that makes all extracts but the first. It starts, and loads its libraries, at once."""
    # A fresh one: a fork would copy the locks of whatever threads this process runs.
    with ProcessPoolExecutor(EXTRACTS - 1, get_context("spawn"), _get_ready) as other:
        other.submit(load_schema)
        yield other


def _get_ready() -> None:
    """In that process: go with the other, and leave no time to collecting, for it ends soon."""
    leave_interrupts_to_the_parent()
    with contextlib.suppress(OSError, AttributeError):  # only Linux has it
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    gc.disable()
    atexit.register(gc.freeze)


def make_unseen(folder: Path, assignments: list[Path], other: Executor, seeds: list[int] | None = None) -> Unseen:
    """Simulate the extracts and compute the keys of the assignments. Seeds are drawn unless given.

    An answer counts only if it is right on both extracts, so each misconception has to be told from the right answer
    on one of them. Where it is not, the last extract is made again from another seed, later with more people too.
    Raises Indistinct if even that does not help. There are as many people as one of the assignments asks for.
    This process makes the first extract, and the ``other`` (see :func:`helper`) the rest at the same time.
    """
    people = max(load_assignment(each).people for each in assignments)
    given = seeds or [None] * EXTRACTS
    futures = [other.submit(_make, folder, number, assignments, given[number], people) for number in range(1, EXTRACTS)]
    found = [_make(folder, 0, assignments, given[0], people), *(each.result() for each in futures)]
    for attempt in range(1, TRIES + 1):
        alike = set.intersection(*(each for _, each in found))
        if not alike:
            break
        if attempt == TRIES or (seeds and attempt > 1):
            raise Indistinct(f"No extract tells these from the right answer: {', '.join(sorted(alike))}.")
        more = people * 2 ** -(-attempt // 2)
        found[-1] = _make(folder, EXTRACTS - 1, assignments, given[-1], more)
    readable(folder / "extracts")
    return Unseen(folder, [seed for seed, _ in found])


def _make(folder: Path, number: int, assignments: list[Path], seed: int | None, people: int) -> tuple[int, set[str]]:
    """Make one extract and its keys. Gives the seed, and the misconceptions that are like the right answer there."""
    extract = folder / "extracts" / str(number)
    shutil.rmtree(extract, ignore_errors=True)
    drawn = secrets.randbits(62) if seed is None else seed
    generate_bare(extract, people, drawn)
    alike: set[str] = set()
    for each in assignments:
        here: set[str] = set()
        with connect(extract) as con:
            con.execute("SET threads = 1")  # the other extract has the other core
            key = assignment_key(load_assignment(each), con, name_rows=True, alike=here)
        alike |= {f"{each.name} {name}" for name in here}
        (folder / "keys" / f"{each.name}-{number}.json").write_text(json.dumps(key), encoding="utf-8")
    return drawn, alike
