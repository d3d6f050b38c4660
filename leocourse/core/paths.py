"""Where the course keeps its things, found from where the user stands, and how a file gets there whole."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError

LESSON_EXTRACT = Path("data") / "extract" / "lesson"
ADVANCED, ADVANCED_EXTRACT = "advanced", Path("data") / "extract" / "advanced"
"""What :func:`extract_folder` takes for a path, and where the extract lies that estimates are made on."""
MANIFEST, MANIFEST_FORMAT = "manifest.json", 2
"""What says that an extract is whole, and the form in which it says so, which is the first thing in it."""
FORMAT = re.compile(r'\s*\{\s*"format":\s*(\d+)\s*[,}]')


def course_root(start: Path | None = None) -> Path:
    """The folder of the course: the nearest one upwards that holds ``_toc.yml`` and ``data/schema``.

    Searches from ``start`` (default: the working folder), then from this package.
    Raises LeoError if neither lies inside a copy of the course.
    """
    for origin in (Path(start or Path.cwd()).resolve(), Path(__file__).resolve()):
        for folder in (origin, *origin.parents):
            if (folder / "_toc.yml").is_file() and (folder / "data" / "schema").is_dir():
                return folder
    raise LeoError("This folder is not inside a copy of the course: change to the folder with _toc.yml.")


def extract_folder(path: str | Path | None = None) -> Path:
    """The folder of an extract: ``path``, else ``$LEO_EXTRACT``, else the lesson extract found upwards.

    ``"advanced"`` is the advanced extract found upwards, wherever that name is no folder.

    Raises LeoError if there is none, if the folder holds no complete extract, or one of another version's format.
    """
    chosen = path or os.environ.get("LEO_EXTRACT")
    if chosen == ADVANCED and not Path(ADVANCED).exists():
        folder = _upwards(ADVANCED_EXTRACT, "Make it with 'leo extract --advanced': that takes a minute or two.")
    elif chosen:
        folder = Path(chosen)
    else:
        how = "Make it with 'leo extract' (or 'make course'), or pass its folder to connect()."
        folder = _upwards(LESSON_EXTRACT, how)
    if not (folder / MANIFEST).is_file():
        raise LeoError(f"{folder} is not an extract (it has no {MANIFEST}): make one with 'leo extract'.")
    with (folder / MANIFEST).open(encoding="utf-8", errors="replace") as file:
        found = FORMAT.match(file.read(200))  # no more of it: that of a large extract is long
    if found is None:
        raise LeoError(f"{folder} is not a whole extract ({MANIFEST} cannot be read): make one with 'leo extract'.")
    if int(found[1]) != MANIFEST_FORMAT:
        raise LeoError(
            f"{folder} was made by another version of the course ({MANIFEST} has format {found[1]}, and this version "
            f"reads {MANIFEST_FORMAT}): make it again with 'leo extract'."
        )
    return folder


def _upwards(place: Path, how: str) -> Path:
    """The nearest extract in this place of the working folder or of one above it."""
    here = Path.cwd().resolve()
    for parent in (here, *here.parents):
        if (parent / place / MANIFEST).is_file():
            return parent / place
    raise LeoError(f"No extract found: looked for {place.as_posix()} here and in the folders above. {how}")


def read_manifest(path: Path) -> dict[str, Any]:
    """The whole manifest of an extract, whose tables it lists. Raises LeoError as :func:`extract_folder` does."""
    folder = extract_folder(path)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(manifest.get("tables"), dict):
            return manifest
    except ValueError:
        pass
    raise LeoError(f"{folder} is not a whole extract ({MANIFEST} lists no tables): make one with 'leo extract'.")


def belongs(truth: Path, manifest: dict[str, Any]) -> bool:
    """Whether a folder of truth is that of the extract with this manifest: equal people, seed and faults."""
    try:
        known = json.loads((truth / MANIFEST).read_text(encoding="utf-8"))
        return all(known[name] == manifest[name] for name in ("people", "seed", "without"))
    except (OSError, ValueError, KeyError, TypeError):
        return False
