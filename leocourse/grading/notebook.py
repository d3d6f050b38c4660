"""Reads a submitted notebook as data, says what was done to it, and makes the copy that a person marks."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leocourse.checks.result import NOT_ATTEMPTED, Result
from leocourse.grading.box.answers import ELSEWHERE, HERE, PERHAPS, Found, Piece, assign, pieces, sql
from leocourse.grading.harmless import fenced
from leocourse.grading.secret import code_of, read_secret, secret_file

CELLS_LIMIT = 2_000
ENTITY = re.compile(r"&(?=#|\w)")
IN_FORMULA = re.compile(r"\\(?=(?:href|url|require|class|style|cssId|unicode|html\w*|data|includegraphics)\b)")
"""The backslash of what lets a formula be a link, load something or look like a part of the page."""
FORMULA_STARTS = re.compile(r"\$|\\[(\[]|\\begin\b")
"""Where a formula begins."""
COMMAND = re.compile(r"\\([A-Za-z]+)")
IN_FORMULAS = frozenset([
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "frac", "dfrac",
    "tfrac", "sqrt", "sum", "prod", "int", "lim", "min", "max", "log", "ln", "exp", "sin", "cos", "tan", "Pr",
    "bar", "hat", "tilde", "vec", "dot", "overline", "underline", "widehat", "mathbf", "mathrm", "mathit",
    "mathbb", "mathcal", "operatorname", "text", "textbf", "textit", "left", "right", "big", "Big", "bigl",
    "bigr", "cdot", "cdots", "ldots", "dots", "times", "div", "pm", "mp", "le", "leq", "ge", "geq", "ne", "neq",
    "approx", "equiv", "sim", "propto", "in", "notin", "subset", "subseteq", "cup", "cap", "forall", "exists",
    "mid", "to", "rightarrow", "leftarrow", "Rightarrow", "Leftrightarrow", "infty", "partial", "nabla",
    "binom", "quad", "qquad", "not", "neg", "land", "lor", "begin", "end", "langle", "rangle", "lfloor",
    "rfloor", "lceil", "rceil", "ast", "star", "circ", "prime", "setminus", "emptyset", "displaystyle", "limits",
])  # fmt: skip
"""The commands of formulas that are shown as formulas. With any other a text is shown as it was typed: there are too
many that make links, load something or define others."""
ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{(?!(?:aligned?|array|cases|equation|gather|[bpv]?matrix|split)\*?\})")
SHOWN_LIMIT = 20_000
"""Characters of a cell that stands elsewhere in the notebook which the person who marks is shown."""
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
"""The kinds of attached pictures that nothing can run in."""
IN_TEXT = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=]+)")
"""A picture that stands in the text itself, as some editors write it."""
CHECK = "-check"
"""How the name of every check cell ends, that of the worked example too, which gives no points."""
CONFLICT = re.compile(r"^(<{7}|>{7}|\|{7}|={7})(?:[ \t].*)?\r?$", re.MULTILINE)
"""A line that git writes into a file of which it could not join two versions."""
TAG = "leo_extract"
"""Name in a notebook's metadata of the code that says to whom it was released."""
NOT_YOURS = "This notebook was released to another learner, with another extract."


class Unreadable(Exception):
    """The file is no notebook that can be marked. The message says why."""


@dataclass(frozen=True)
class Notebook:
    """What counts in a submitted notebook: its cells, its answers, and what was changed in its settings."""

    cells: list[dict[str, Any]]
    """``name`` (grade id, or empty), ``kind``, ``source`` and ``attached`` (pictures) of each cell, in order."""
    found: dict[str, Found]
    """What was found for each question, written ones too; see :func:`leocourse.grading.box.answers.find`."""
    left: list[Piece]
    """All that was not handed out, in order."""
    written: list[str]
    """The questions that a person marks."""
    notes: list[str] = field(default_factory=list)
    """What the report says of settings that were changed, which never count, and of where answers were found."""
    raw: dict[str, Any] = field(default_factory=dict, repr=False)

    def to_read(self, results: Sequence[Result], answers: Mapping[str, str]) -> list[str]:
        """The questions that go to a person: written ones with any text that may be meant for them, and those of
        which no code could be run (see ``results``) though there is a try at an answer outside their code cell."""
        empty = {result.question for result in results if result.status == NOT_ATTEMPTED}
        tried = [name for name in answers if name in empty and self._tried(name, answers[name])]
        return tried + [name for name in self.written if self.found[name].pieces]

    def _tried(self, name: str, defined: str) -> bool:
        return any(
            (piece.name != name or piece.kind != "code") and (defined in piece.defines or sql(piece.text))
            for piece in self.found[name].pieces
        )

    def where(self, names: Sequence[str]) -> list[str]:
        """What the report says of questions that go to a person and were not answered in their own cell."""
        notes = []
        for name in names:
            found = self.found[name]
            astray = [piece for piece in found.pieces if piece.name != name]
            cells = Found(astray).cells
            if found.where == PERHAPS and astray:
                said = f"There is no answer to {name} in its place. Text that may be meant for it was found in {cells}"
            elif found.where == ELSEWHERE and astray:
                said = f"The answer to {name} was found in another cell ({cells})"
            elif astray:
                said = f"A part of the answer to {name} was found in another cell ({cells})"
            elif name not in self.written:
                said = f"The cell of {name} is no longer a code cell, and its text cannot be run"
            else:
                continue
            notes.append(f"{said}: to be marked by a person.")
        return notes


def read(
    content: bytes, written: Sequence[str], released: list[dict[str, Any]], answers: Mapping[str, str] | None = None
) -> Notebook:
    """Read a submitted notebook as data. ``released`` holds the cells that were handed out (see
    :func:`released_cells`), ``written`` and ``answers`` are those of :func:`leocourse.grading.box.answers.find`.
    Raises Unreadable with a plain reason."""
    data = parse(content)
    cells = [
        {"name": grade_id_of(cell), "kind": str(cell["cell_type"])[:20], "source": source(cell),
         "attached": len(_attachments(cell))}
        for cell in data["cells"]
    ]  # fmt: skip
    given = {cell["name"]: cell["settings"] for cell in released if cell["name"]}
    changed = dict.fromkeys(
        grade_id_of(cell)
        for cell in data["cells"]
        if grade_id_of(cell) in given and not _same(cell["metadata"]["nbgrader"], given[grade_id_of(cell)])
    )
    notes = [f"The settings of the cell '{name}' were changed; points come from the course." for name in changed]
    strange = list(dict.fromkeys(cell["name"] for cell in cells if cell["name"] and cell["name"] not in given))
    if strange:
        shown = ", ".join(f"'{name[:40]}'" for name in strange[:3])
        notes.append(f"Cells with names that the course has not ({shown}) count as cells without a name.")
    for cell in cells:
        cell["name"] = cell["name"] if cell["name"] in given else ""
    left = pieces(cells, released)
    return Notebook(cells, assign(left, written, answers or {}), left, list(written), notes, data)


def released_cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook as it was handed out: ``name`` (empty if nbgrader does not know it, such as a worked
    example, which learners may change as they like), ``kind``, ``source``, ``settings``, and whether a cell is
    ``locked`` and is a ``check``."""
    made = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        made.append({
            "name": grade_id_of(cell), "kind": cell["cell_type"], "source": source(cell), "settings": settings,
            "locked": settings.get("locked", False),
            "check": grade_id_of(cell).endswith(CHECK),
        })  # fmt: skip
    return made


def marked_copy(submitted: Notebook, released: Path, results: list[Result]) -> dict[str, Any]:
    """The notebook that the formgrader shows: the released cells, with what was found for each question in its
    cell, everything else of the learner's after it, and the result of each check as its output."""
    release = json.loads(released.read_text(encoding="utf-8"))
    by_check = {result.question + CHECK: result for result in results}
    shown: set[Piece] = set()
    cells = []
    for cell in release["cells"]:
        name = grade_id_of(cell)
        found = submitted.found.get(name, Found())
        cell["source"] = source(cell)
        if found.pieces and cell["cell_type"] == "code":
            cell["source"] = _as_code(found, name)
        elif found.pieces:
            cell["source"], cell["attachments"] = _as_text(found, name, submitted.raw["cells"])
        shown.update(found.pieces)
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = None, []
            if name in by_check:
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": str(by_check[name])}]
        cells.append(cell)
    for number, piece in enumerate(piece for piece in submitted.left if piece not in shown):
        text, pictures = _pictured(piece, submitted.raw["cells"], f"other-{number}")
        plain = {"cell_type": "markdown", "id": f"other-{number}", "metadata": {}, "source": text}
        cells.append(plain | ({"attachments": pictures} if pictures else {}))
    return {**release, "cells": cells}


def _as_code(found: Found, name: str) -> str:
    """What was found for a question of code. A comment says which text stood elsewhere."""
    parts = []
    for piece in found.pieces:
        if piece.kind == "code" and piece.name == name:
            parts.append(piece.text)
        elif piece.kind == "code":
            parts.append(f"# Found in cell {piece.cell}:\n{piece.text}")
        else:
            text = "\n".join(f"# {line}" for line in piece.text.splitlines())
            parts.append(f"# Found in cell {piece.cell}, a text cell:\n{text}")
    return "\n\n".join(parts)


def _as_text(found: Found, name: str, cells: list[dict[str, Any]]) -> tuple[str, dict[str, dict[str, str]]]:
    """What was found for a written question, with its pictures. A line says which text stood elsewhere."""
    parts = ["(Nothing says that what follows is meant for this question.)"] if found.where == PERHAPS else []
    pictures: dict[str, dict[str, str]] = {}
    for piece in dict.fromkeys(found.pieces):
        text, more = _pictured(piece, cells, f"cell-{piece.cell}")
        pictures |= more
        parts.append(text if found.where == HERE and piece.name == name else f"(Found in cell {piece.cell}:)\n\n{text}")
    return "\n\n".join(parts), pictures


def _pictured(piece: Piece, cells: list[dict[str, Any]], name: str) -> tuple[str, dict[str, dict[str, str]]]:
    """A piece as harmless Markdown, and the pictures in it or attached to its cell, under names of our own."""
    pictures: dict[str, dict[str, str]] = {}

    def keep(kind: str, content: str) -> str:
        file = f"{name}-{len(pictures) + 1}.{PICTURES[kind]}"
        pictures[file] = {kind: content}
        return file

    def inside(match: re.Match[str]) -> str:
        picture = _picture({match[1]: match[2]})
        return keep(*picture) if picture else match[0]

    text = IN_TEXT.sub(inside, piece.text)
    prose = piece.kind == "markdown" and "```" not in text and "~~~" not in text and not _strange_formula(text)
    parts = [_harmless(text) if prose else fenced(text[:SHOWN_LIMIT])] if text else []
    attached = [_picture(data) for data in _attachments(cells[piece.cell - 1])[: piece.attached]]
    for picture in filter(None, attached):
        keep(*picture)
    parts += [f"![A picture in cell {piece.cell}](attachment:{file})" for file in pictures]
    if None in attached:
        parts.append(f"(Cell {piece.cell} has an attachment that cannot be shown here: see the notebook itself.)")
    return "\n\n".join(parts), pictures


def _attachments(cell: dict[str, Any]) -> list[Any]:
    """What is attached to a cell, whatever it is."""
    attached = cell.get("attachments")
    return list(attached.values()) if isinstance(attached, dict) else []


def _picture(data: Any) -> tuple[str, str] | None:
    """Kind and content (Base64) of an attached picture; None of anything that is no plain picture."""
    for kind in PICTURES:
        content = data.get(kind) if isinstance(data, dict) else None
        content = "".join(map(str, content)) if isinstance(content, list) else content
        if isinstance(content, str):
            try:
                return kind, base64.b64encode(base64.b64decode("".join(content.split()), validate=True)).decode()
            except (ValueError, binascii.Error):
                continue
    return None


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


def _strange_formula(text: str) -> bool:
    """Whether a formula in a text may be anything but a formula."""
    if not FORMULA_STARTS.search(text):
        return False
    return any(name not in IN_FORMULAS for name in COMMAND.findall(text)) or ENVIRONMENT.search(text) is not None


def _same(theirs: Any, ours: dict[str, Any]) -> bool:
    return all(theirs.get(name) == ours.get(name) for name in ("points", "grade", "solution", "locked"))


def source(cell: dict[str, Any]) -> str:
    """A cell's text."""
    text = cell.get("source", "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def parse(content: bytes) -> dict[str, Any]:
    """A notebook's file as data: of format 4, with cells. Raises Unreadable with a plain reason."""
    if not content.strip():
        raise Unreadable("The file is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The file is not UTF-8 text, so it is no notebook: save it from Jupyter again.") from error
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise Unreadable("The file is not a notebook: it is nested too deeply.") from error
    except ValueError as error:
        raise Unreadable(_not_json(text, error)) from error
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


def _not_json(text: str, error: ValueError) -> str:
    """Why a file is no JSON, with the line where that shows."""
    start = text.lstrip()[:100].lower()
    if start.startswith(("<!doctype", "<html")):
        return "The file is a web page, not a notebook: download the notebook itself."
    conflict = CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return (f"The file holds two versions of the notebook: line {line} is a mark of a merge conflict "
                f"({conflict[1]}). Keep one version, take the marks out, and hand in again.")  # fmt: skip
    if not start.startswith("{") or not isinstance(error, json.JSONDecodeError):
        return "The file is not a notebook: it is no valid JSON."
    if error.msg == "Extra data":
        return (f"The notebook ends before the file does: line {error.lineno} holds more text after its end. "
                "Delete what follows the end, and hand in again.")  # fmt: skip
    if error.msg.startswith("Unterminated string") or not text[error.pos :].strip():
        return "The file is not a whole notebook: it looks cut off. The upload may have broken."
    return f"The file is not a notebook: it is no valid JSON from line {error.lineno} on ({error.msg})."


def grade_id_of(cell: dict[str, Any]) -> str:
    """The name that nbgrader knows a cell by; empty if it has none."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return grade_id if isinstance(grade_id, str) else ""
