"""Reads a submitted notebook as data, says what was done to it, and makes the copy that a person marks."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leocourse.checks.answer import STUB
from leocourse.checks.result import Result
from leocourse.grading.harmless import fenced
from leocourse.grading.secret import code_of, read_secret, secret_file

CELLS_LIMIT = 2_000
ENTITY = re.compile(r"&(?=#|\w)")
IN_FORMULA = re.compile(r"\\(?=(?:href|url|require|class|style|cssId|unicode|html\w*|data|includegraphics)\b)")
"""The backslash of what lets a formula be a link, load something or look like a part of the page."""
CHECK = "-check"
"""How the name of every check cell ends, that of the worked example too, which gives no points."""
TAG = "leo_extract"
"""Name in a notebook's metadata of the code that says to whom it was released."""
NOT_YOURS = "This notebook was released to another learner, with another extract."


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
            "check": _grade_id(cell).endswith(CHECK),
        })  # fmt: skip
    return made


def marked_copy(submitted: Notebook, released: Path, results: list[Result]) -> dict[str, Any]:
    """The notebook that the formgrader shows: the released cells, with the learner's text in the answer
    cells, everything else of theirs after it, and the result of each check as its output."""
    release = json.loads(released.read_text(encoding="utf-8"))
    theirs: dict[str, dict[str, Any]] = {}
    others = []
    known = {_grade_id(cell) for cell in release["cells"]}
    for cell in submitted.raw["cells"]:
        if _grade_id(cell) in known and _grade_id(cell):
            theirs[_grade_id(cell)] = cell
        else:
            others.append(cell)
    by_check = {result.question + CHECK: result for result in results}
    cells = []
    for cell in release["cells"]:
        name = _grade_id(cell)
        locked = cell.get("metadata", {}).get("nbgrader", {}).get("locked", True)
        if name in theirs and not locked:
            text = source(theirs[name])
            cell["source"] = text if cell["cell_type"] == "code" else _harmless(text)
        else:
            cell["source"] = source(cell)
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = None, []
            if name in by_check:
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": str(by_check[name])}]
        cells.append(cell)
    for number, cell in enumerate(others):
        text = fenced(source(cell)[:20_000])  # the formgrader takes raw cells for HTML
        plain = {"cell_type": "markdown", "id": f"other-{number}", "metadata": {}, "source": text}
        cells.append(plain)
    return {**release, "cells": cells}


def note_of(root: Path, student: str, notebook: dict[str, Any]) -> str:
    """What marking says if a notebook was released to somebody else; empty if not, or if nothing says to whom."""
    metadata = notebook.get("metadata")
    tag = metadata.get(TAG) if isinstance(metadata, dict) else None
    if not isinstance(tag, str) or not secret_file(root).is_file():
        return ""
    own = code_of(read_secret(root), "released", student)
    return "" if hmac.compare_digest(own, tag.encode("ascii", "replace").decode()) else NOT_YOURS


def _harmless(text: str) -> str:
    """Markdown that holds no HTML, link or picture: the formgrader would run its scripts with the marker's rights.

    Nor a command by which a formula makes one. In inline code, ``<`` is then shown as ``&lt;``.
    """
    text = ENTITY.sub("&amp;", text)  # it could stand for a sign of what follows
    for live, plain in (("<", "&lt;"), ("![", "!\\["), ("](", "]\\("), ("]:", "]\\:")):
        text = text.replace(live, plain)
    return IN_FORMULA.sub(r"\\ ", text)


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
