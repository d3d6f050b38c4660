"""The version of the generator: a hash of all that decides a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from leocourse.core.paths import course_root
from leocourse.extract.parameters import STORED

PACKAGE = Path(__file__).resolve().parents[1]


def deciding_files() -> Iterator[tuple[str, Path]]:
    """What decides a row, each with its name: this folder, the schema's data and code, the stored estimands."""
    for folder in ("extract", "schema"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            yield path.relative_to(PACKAGE).as_posix(), path
    root = course_root()
    for path in [*sorted((root / "data" / "schema").rglob("*.json")), root / STORED]:
        yield path.relative_to(root).as_posix(), path


@cache
def generator_version() -> str:
    """A hash of what decides the rows, 16 characters. A change makes new extracts."""
    digest = hashlib.sha256()
    for name, path in deciding_files():
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
