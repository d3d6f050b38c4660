"""Reads a submitted notebook as data, and says what was done to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leocourse.checks.answer import STUB

CELLS_LIMIT = 2_000


class Unreadable(Exception):
    """The file is no notebook that can be marked. The message says why."""


@dataclass(frozen=True)
class Notebook:
    """What counts in a submitted notebook: its cells, written answers, and what was changed in its settings."""

    cells: list[dict[str, Any]]
    """``name`` (grade id, or empty), ``kind`` and ``source`` of each cell, in order."""
    written: dict[str, str]
    """Text of each manually marked cell, by grade id. Empty if it was left as it was."""
    notes: list[str] = field(default_factory=list)
    """What the report says of settings that were changed. They never count."""
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


def read(content: bytes, written: list[str], released: list[dict[str, Any]]) -> Notebook:
    """Read a submitted notebook as data. ``released`` holds the cells that were handed out (see
    :func:`released_cells`). Raises Unreadable with a plain reason."""
    data = _parse(content)
    cells = [
        {"name": _grade_id(cell), "kind": str(cell["cell_type"])[:20], "source": source(cell)} for cell in data["cells"]
    ]
    texts = {name: "" for name in written}
    for cell in cells:
        if cell["name"] in texts and cell["source"].strip() not in ("", "YOUR ANSWER HERE", STUB):
            texts[cell["name"]] = cell["source"].strip()
    given = {cell["name"]: cell["settings"] for cell in released}
    changed = dict.fromkeys(
        _grade_id(cell)
        for cell in data["cells"]
        if _grade_id(cell) in given and not _same(cell["metadata"]["nbgrader"], given[_grade_id(cell)])
    )
    notes = [f"The settings of the cell '{name}' were changed; points come from the course." for name in changed]
    strange = list(dict.fromkeys(cell["name"] for cell in cells if cell["name"] and cell["name"] not in given))
    if strange:
        shown = ", ".join(f"'{name[:40]}'" for name in strange[:3])
        notes.append(f"Cells with names that the course has not ({shown}) count as cells without a name.")
    for cell in cells:
        cell["name"] = cell["name"] if cell["name"] in given else ""
    return Notebook(cells, texts, notes, data)


def released_cells(path: Path) -> list[dict[str, Any]]:
    """The cells that nbgrader knows of a notebook as it was handed out: ``name``, ``kind``, ``source``,
    ``settings``, and whether a cell is ``locked`` and is a ``check``."""
    made = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if not _grade_id(cell):
            continue  # such as a worked example, which learners may change as they like
        settings = cell["metadata"]["nbgrader"]
        made.append({
            "name": _grade_id(cell), "kind": cell["cell_type"], "source": source(cell), "settings": settings,
            "locked": settings.get("locked", False),
            "check": settings.get("grade", False) and not settings.get("solution", False),
        })  # fmt: skip
    return made


def _same(theirs: Any, ours: dict[str, Any]) -> bool:
    return all(theirs.get(name) == ours.get(name) for name in ("points", "grade", "solution", "locked"))


def source(cell: dict[str, Any]) -> str:
    """A cell's text."""
    text = cell.get("source", "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _parse(content: bytes) -> dict[str, Any]:
    if not content.strip():
        raise Unreadable("The file is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The file is not UTF-8 text, so it is no notebook: save it from Jupyter again.") from error
    try:
        data = json.loads(text)
    except ValueError as error:
        cut = " It looks cut off: the upload may have broken." if text.lstrip().startswith("{") else ""
        raise Unreadable(f"The file is not a notebook: it is no valid JSON.{cut}") from error
    except RecursionError as error:
        raise Unreadable("The file is not a notebook: it is nested too deeply.") from error
    if not isinstance(data, dict) or "nbformat" not in data:
        raise Unreadable("The file is JSON, but not a notebook.")
    if data["nbformat"] != 4:
        raise Unreadable(
            f"The notebook has format {str(data['nbformat'])[:10]}: open it in JupyterLab and save it again."
        )
    cells = data.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) and "cell_type" in cell for cell in cells):
        raise Unreadable("The notebook has no list of cells.")
    if not cells:
        raise Unreadable("The notebook has no cells.")
    if len(cells) > CELLS_LIMIT:
        raise Unreadable(f"The notebook has more than {CELLS_LIMIT:,} cells.")
    return data


def _grade_id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else ""
