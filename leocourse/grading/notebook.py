"""Reads a submitted notebook as data, and says what was done to it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from leocourse.checks.answer import STUB

CELLS_LIMIT = 2_000


class Unreadable(Exception):
    """The file is no notebook that can be marked. The message says why."""


@dataclass(frozen=True)
class Notebook:
    """What counts in a submitted notebook: code in order, written answers, and what was changed."""

    code: list[str]
    written: dict[str, str]
    """Text of each manually marked cell, by grade id. Empty if it was left as it was."""
    notes: list[str] = field(default_factory=list)
    """What the learner should know: cells that were copied, deleted or changed in kind."""
    raw: dict[str, Any] = field(default_factory=dict, repr=False)


def read(content: bytes, questions: list[str], written: list[str]) -> Notebook:
    """Read a submitted notebook. Raises Unreadable with a plain reason."""
    data = _parse(content)
    cells = data["cells"]
    ids = Counter(_grade_id(cell) for cell in cells)
    notes = [
        f"The cell '{name}' stands in the notebook {number} times; what the last one defines counts."
        for name, number in ids.items()
        if name and number > 1
    ]
    missing = [name for name in (*questions, *written) if not ids[name] and not ids[f"{name}-check"]]
    notes += [f"The cells of {name} are missing; nothing else is affected." for name in missing]
    retyped = [name for name in questions for cell in cells if _grade_id(cell) == name and cell["cell_type"] != "code"]
    notes += [f"The cell of {name} is no longer a code cell, so its text was not run." for name in retyped]
    texts = {name: "" for name in written}
    for cell in cells:
        name = _grade_id(cell)
        if name in texts and source(cell).strip() not in ("", "YOUR ANSWER HERE", STUB):
            texts[name] = source(cell).strip()
    code = [source(cell) for cell in cells if cell["cell_type"] == "code"]
    return Notebook(code, texts, notes, data)


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
