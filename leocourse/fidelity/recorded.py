"""Results that take long and are kept in data/reference, each with what it was made from."""

from __future__ import annotations

import hashlib
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from leocourse.core import keep
from leocourse.core.errors import LeoError


def record_fidelity(root: Path, figures: Any, people: int, seed: int) -> Path:
    """Keep the figures, and the correlations of a low-fidelity extract; return the figures' path."""
    from leocourse.extract import generate
    from leocourse.fidelity.correlations import correlations
    from leocourse.fidelity.recorded import CORRELATIONS, FIGURES, LESSON_HASHES
    from leocourse.fidelity.recorded import record as record_table

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "low-fidelity"
        fewer = min(people, 100_000)  # enough for correlations, of which there are many
        generate(folder, fewer, seed, mode="low-fidelity")
        left = correlations(folder)
    command = f"leo fidelity --record --people {people} --seed {seed}"
    titles = {FIGURES: "Published figures beside simulated ones", CORRELATIONS: "Correlations in the low-fidelity mode"}
    for name, table, size in ((CORRELATIONS, left, fewer), (FIGURES, figures, people)):
        about = {"people": size, "seed": seed}
        path = record_table(
            root, name, table, title=titles[name], command=command, made_from=LESSON_HASHES, about=about
        )
    return path


REFERENCE = Path("data") / "reference"
FIGURES, CORRELATIONS, RECOVERED = "fidelity", "low-fidelity", "effects"
LESSON_HASHES, ESTIMANDS = Path("data") / "lesson-hashes.json", REFERENCE / "estimands.json"


# Recording


def record(
    root: Path, name: str, table: pd.DataFrame, *, title: str, command: str, made_from: Path, about: dict
) -> Path:
    """Write a table to ``data/reference`` and its description beside it; return the path of the table.

    ``made_from`` is a file of the course that changes when the simulation does: its checksum is kept.
    """
    path = root / REFERENCE / f"{name}.csv"
    keep.write(path, table.to_csv(index=False, float_format="%.10g", lineterminator="\n"))
    described = {
        "name": name,
        "path": path.name,
        "title": title,
        "source": "Made by this course from simulated lives; published figures are those of published.csv",
        "command": command,
        "date": date.today().isoformat(),
        **about,
        "rows": len(table),
        "sha256": checksum(path),
        "made_from": {"path": made_from.as_posix(), "sha256": checksum(root / made_from)},
        "checks": "tests/test_fidelity_page.py",
    }
    keep.write(path.with_suffix(".json"), json.dumps(described, indent=1) + "\n")
    return path


def recorded(root: Path, name: str) -> tuple[pd.DataFrame, dict]:
    """A recorded table and its description. Raises LeoError if they are missing or do not belong together."""
    path = root / REFERENCE / f"{name}.csv"
    try:
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        found = checksum(path)
    except (OSError, ValueError) as error:
        raise LeoError(
            f"{path} or its description is missing: get it back with 'git checkout data/reference'."
        ) from error
    if found != about["sha256"]:
        raise LeoError(f"{path} was changed: its checksum is not that of {path.stem}.json.")
    return pd.read_csv(path), about


def stale(root: Path) -> list[str]:
    """The recorded tables that do not belong to the present simulation."""
    names = (FIGURES, CORRELATIONS, RECOVERED)
    made_from = {name: recorded(root, name)[1]["made_from"] for name in names}
    return [name for name, entry in made_from.items() if checksum(root / entry["path"]) != entry["sha256"]]


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
