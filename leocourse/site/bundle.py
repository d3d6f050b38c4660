"""The files of a course that runs elsewhere: lessons as notebooks, exercises, data and package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from leocourse.authoring.handout import exercises
from leocourse.authoring.lessons import lesson_files
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT

Show = Callable[[str, int, "int | None"], None]
"""Told what is being done, how much of it is done, and of how much."""


def tree(folder: Path, name: str, skip: tuple[str, ...] = ()) -> dict[str, Path | bytes]:
    """The files of a folder by their names in a zip, without caches."""
    left_out = {"__pycache__", ".ipynb_checkpoints", *skip}
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != keep.RECORD and not left_out & set(path.relative_to(folder).parts)
    }


def course_files(root: Path) -> dict[str, Path | bytes]:
    """What notebooks need to run: lessons, exercises, the extract with its keys and truth, schema and tables.

    Raises LeoError if there is no extract, or if the exercises are not as they are handed out.
    """
    extract = root / LESSON_EXTRACT
    if not (extract / "manifest.json").is_file():
        raise LeoError("There is no lesson extract: make it with 'leo extract' (or 'make course').")
    files: dict[str, Path | bytes] = {f"exercises/{name}": path for name, path in exercises(root).items()}
    files |= {f"lessons/{name}": content for name, content in lesson_files(root).items()}
    files |= tree(extract, LESSON_EXTRACT.as_posix())
    truth = extract.with_name(extract.name + "-truth")
    if truth.is_dir():
        files |= tree(truth, truth.relative_to(root).as_posix())
    for name in ("schema", "reference"):
        files |= tree(root / "data" / name, f"data/{name}")
    files["_toc.yml"] = root / "_toc.yml"  # by it the package knows the folder of the course
    return files
