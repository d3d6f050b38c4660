"""The version of the generator: a hash of all that decides a row."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from leocourse.core.paths import course_root


@cache
def generator_version() -> str:
    """A hash of what decides the rows: this package's code and the schema. A change makes new extracts."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    schema = sorted((course_root() / "data" / "schema").rglob("*.json"))
    for path in [
        *sorted(here.glob("*.py")),
        *(here.parent / "schema" / name for name in ("model.py", "ddl.py")),
        *schema,
    ]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
