"""Remembers what a step was made from, so that running it again does only what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from leocourse.core import keep

IGNORED = {"__pycache__", ".ipynb_checkpoints", keep.RECORD}


def digest(paths: Iterable[Path]) -> str:
    """A hash of the names and contents of files, and of all files in folders. Missing ones count as such."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not IGNORED & set(file.parts):
                total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        total.update(b"\1")
    return total.hexdigest()


class Stamp:
    """A small file under ``_build/stamps`` that holds the digest of a step's inputs."""

    def __init__(self, root: Path, step: str, inputs: Iterable[Path]) -> None:
        self._path = root / "_build" / "stamps" / f"{step}.txt"
        self._digest = digest(inputs)

    def current(self) -> bool:
        """Whether the step was last finished with the same inputs."""
        return self._path.is_file() and self._path.read_text(encoding="utf-8") == self._digest

    def set(self) -> None:
        """Remember that the step is finished."""
        keep.put(self._path.parent, self._path.name, self._digest)
