"""Results that take long and are kept in data/, each with what it was made from, so that it is known when it is stale.

What is simulated is known by two files: ``data/lesson-hashes.json`` holds the content hashes of the lesson extract's
tables, ``data/lives-hash.json`` those of its true lives. Faults and records change the first alone, so what comes from
lives stays true when only they change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.extract.generate import content_hashes, truth_folder
from leocourse.extract.parameters import STORED as ESTIMANDS

if TYPE_CHECKING:
    import pandas as pd

REFERENCE = ESTIMANDS.parent
FIGURES, CORRELATIONS, RECOVERED = "fidelity", "low-fidelity", "effects"
LESSON_HASHES, LIVES_HASH = Path("data") / "lesson-hashes.json", Path("data") / "lives-hash.json"
LIVES = ("lives", "working_years", "spells", "schooling", "universities", "enterprises")
"""Tables of the truth that no fault touches."""
TOUCHED = {"lives": ("linked",)}
"""Columns of them that say what a fault did."""


# What is simulated


def lives_hashes(truth: Path) -> dict[str, str]:
    """The content hash of each table of true lives: the same for every version of Parquet and cut into files.

    Raises LeoError if the folder holds no whole truth.
    """
    return {name: _table_hash(truth / name, TOUCHED.get(name, ())) for name in LIVES}


def _table_hash(folder: Path, without: tuple[str, ...]) -> str:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = sorted(folder.glob("part-*.parquet"))
    if not parts:
        raise LeoError(f"{folder} is missing: make the extract and its truth again with 'leo extract'.")
    every = pq.read_schema(parts[0]).names
    names, order = [name for name in every if name not in without], None
    if "person_number" in every:  # adults follow the people of their block, however these are cut into blocks
        person = np.concatenate([pq.read_table(part, columns=["person_number"])[0].to_numpy() for part in parts])
        order = pa.array(np.argsort(person, kind="stable"))
    digest = hashlib.sha256()
    for name in names:
        column = pa.chunked_array([pq.read_table(part, columns=[name])[name].cast(pa.string()).combine_chunks()
                                   for part in parts]).combine_chunks()  # fmt: skip
        column = column if order is None else column.take(order)
        text = column.fill_null("\0")
        _, ends, data = text.buffers()  # where each text ends, and the bytes of all
        ends = np.frombuffer(ends, dtype=np.int32, count=len(text) + 1)
        digest.update(f"{name}:{len(text)}".encode() + np.diff(ends).astype("<i4").tobytes())
        digest.update(memoryview(data or b"")[ends[0] : ends[-1]])
    return digest.hexdigest()


def record_lesson(root: Path, folder: Path, manifest: dict) -> None:
    """Record the content hashes of an extract and of its true lives as those of the lesson extract."""
    _write_json(root / LESSON_HASHES, content_hashes(manifest))
    _write_json(root / LIVES_HASH, lives_hashes(truth_folder(folder)))


# Recording


def record(
    root: Path, name: str, table: pd.DataFrame, *, title: str, command: str, made_from: Path, about: dict,
    seconds: float,
) -> Path:  # fmt: skip
    """Write a table to ``data/reference`` and its description beside it; return the path of the table.

    ``made_from`` is a file of the course that changes when the simulation does: its checksum is kept. ``seconds`` is
    how long the table took.
    """
    path = root / REFERENCE / f"{name}.csv"
    keep.rewrite(path, table.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
    described = {
        "name": name,
        "path": path.name,
        "title": title,
        "source": "Made by this course from simulated lives; published figures are those of published.csv",
        "command": command,
        "date": date.today().isoformat(),
        **about,
        "rows": len(table),
        "sha256": keep.fingerprint(path),
        "made_from": made_from_entry(root, made_from),
        "seconds": round(seconds),
        "checks": "tests/fidelity/test_fidelity_page.py",
    }
    _write_json(path.with_suffix(".json"), described)
    return path


def made_from_entry(root: Path, path: Path) -> dict[str, str]:
    """What a description says of the file that its data were made from."""
    return {"path": path.as_posix(), "sha256": keep.fingerprint(root / path)}


def recorded(root: Path, name: str) -> tuple[pd.DataFrame, dict]:
    """A recorded table and its description. Raises LeoError if they are missing or do not belong together."""
    import pandas as pd

    path = root / REFERENCE / f"{name}.csv"
    try:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        found = keep.fingerprint(path)
    except (OSError, ValueError) as error:
        raise LeoError(
            f"{path} or its description is missing: get it back with 'git checkout data/reference'."
        ) from error
    if found != about["sha256"]:
        raise LeoError(f"{path} was changed: its checksum is not that of {path.stem}.json.")
    return pd.read_csv(path), about


# What is stale


def stale(root: Path) -> list[str]:
    """The recordings that do not belong to the present simulation, in the order in which ``leo record`` makes them."""
    return list(_stale(root))


def _stale(root: Path) -> Iterator[str]:
    from leocourse.fidelity.estimands import numbers_are_current, read_stored

    if not numbers_are_current(root):
        yield ESTIMANDS.stem
    found, about = recorded(root, RECOVERED)
    known = read_stored(root / ESTIMANDS)
    same = dict(zip(found["effect"], found["estimand"], strict=True)) == {
        name: line["estimand"] for name, line in known.items()
    }
    if not same or not belongs(root, about):
        yield RECOVERED
    for name in (FIGURES, CORRELATIONS):
        if not belongs(root, recorded(root, name)[1]):
            yield name


def belongs(root: Path, about: dict) -> bool:
    """Whether the file that a recording was made from is as it was then."""
    entry = about.get("made_from", {})
    return "path" in entry and keep.fingerprint(root / entry["path"]) == entry.get("sha256")


def _write_json(path: Path, content: dict) -> None:
    keep.rewrite(path, json.dumps(content, indent=1) + "\n")
