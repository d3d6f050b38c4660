"""Two extracts that nobody has seen, and the keys to them: made once a run, gone with it."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from leocourse.checks.keys import Indistinct, assignment_key, load_assignment
from leocourse.connect import connect
from leocourse.errors import LeoError
from leocourse.extract import generate, truth_folder
from leocourse.grading.sandbox import readable

PEOPLE = 10_000
"""People in each extract: among 5,000, every second time some misconception happens to give the right answer, and
then another extract has to be made. Doubled if two in a row do so all the same."""
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


def make_unseen(folder: Path, assignments: list[Path], seeds: list[int] | None = None, people: int = PEOPLE) -> Unseen:
    """Simulate the extracts and compute the keys of all assignments. Seeds are drawn unless given.

    Raises Indistinct if even among many people a misconception cannot be told from the right answer.
    """
    with ProcessPoolExecutor(EXTRACTS, get_context("spawn")) as pool:
        used = [
            pool.submit(_make, folder, number, assignments, seeds[number] if seeds else None, people)
            for number in range(EXTRACTS)
        ]
        return Unseen(folder, [each.result() for each in used])


def _make(folder: Path, number: int, assignments: list[Path], seed: int | None, people: int) -> int:
    """Make one extract and its keys, and give the seed."""
    extract = folder / "extracts" / str(number)
    for attempt in range(TRIES):
        drawn = secrets.randbits(62) if seed is None else seed
        doubled = attempt // 2 if seed is None else attempt
        generate(extract, people * 2**doubled, drawn, workers=1)
        shutil.rmtree(truth_folder(extract))
        try:
            for each in assignments:
                with connect(extract) as con:
                    con.execute("SET threads = 1")  # the other extract has the other core
                    key = assignment_key(load_assignment(each), con, name_rows=True)
                (folder / "keys" / f"{each.name}-{number}.json").write_text(json.dumps(key), encoding="utf-8")
        except Indistinct:
            if attempt == TRIES - 1:
                raise
            shutil.rmtree(extract)
            continue
        (extract / "manifest.json").write_text('{"notice": "Simulated data, for marking."}', encoding="utf-8")
        readable(folder / "extracts")
        return drawn
    raise LeoError("No extract could be made for marking.")
