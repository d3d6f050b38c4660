"""The files of a course that runs elsewhere: lessons as notebooks, exercises, data and package."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.site.build import lessons

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


def notebook(page: Path) -> bytes:
    """A page that is written in MyST as a notebook without outputs."""
    import jupytext

    text = page.read_text(encoding="utf-8")
    made = jupytext.reads(text, fmt="md:myst")
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"  # drawn at random otherwise
    # Links between pages: from a notebook beside its neighbours.
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\(([\w-]+)\.md\)", r"](\1.ipynb)", cell.source)
    return jupytext.writes(made, fmt="ipynb").encode()


def course_files(root: Path) -> dict[str, Path | bytes]:
    """What notebooks need to run: lessons, exercises, the extract with its keys and truth, schema and tables."""
    extract = root / LESSON_EXTRACT
    if not (extract / "manifest.json").is_file():
        raise LeoError("There is no lesson extract: make it with 'leo extract' (or 'make course').")
    if not any((root / "exercises").glob("*/*.ipynb")):
        raise LeoError("There are no exercises: make them with 'leo release' (or 'make course').")
    pages = [page for page in lessons(root) if page.parent.name == "intro"]
    files: dict[str, Path | bytes] = {f"lessons/{page.stem}.ipynb": notebook(page) for page in pages}
    for image in sorted((root / "book" / "intro" / "images").glob("*")):
        files[f"lessons/images/{image.name}"] = image
    files |= tree(root / "exercises", "exercises")
    files |= tree(extract, LESSON_EXTRACT.as_posix())
    truth = extract.with_name(extract.name + "-truth")
    if truth.is_dir():
        files |= tree(truth, truth.relative_to(root).as_posix())
    for name in ("schema", "reference"):
        files |= tree(root / "data" / name, f"data/{name}")
    files["_toc.yml"] = root / "_toc.yml"  # by it the package knows the folder of the course
    return files
