"""For which assignment a notebook is: from what is in it first, then from its name, a folder's name last."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leocourse.grading.box.answers import letters, pieces
from leocourse.grading.notebook import Unreadable, grade_id_of, parse, source

CALL = re.compile(r"\bassignment\(\s*(?:name\s*=\s*)?[rR]?[\"']([^\"'\n]{1,200})[\"']")
"""The call by which a notebook says which assignment it is."""
TITLES_ENOUGH = 2
"""How many titles of one assignment's questions say that a notebook is for it."""
TAILS = re.compile(
    r"(?:[\s_.-]*(?:\(\d{1,3}\)|\[\d{1,3}\]|\(number \d+ of this name\)|(?:copy|kopie|copie) ?\d{0,3}|"
    r"final(?:e|ly)?|draft|done|finished|completed?|submission|solutions?|answers?|new|latest|"
    r"v ?\d{1,3}|version ?\d{1,3}|(?<=[\s_-])\d{1,2}))+$"
)
HEADS = re.compile(r"^(?:(?:copy of|copie de|kopie von|copia de|final|draft|my)[\s_-]+)+")
ENDINGS = re.compile(r"(?:\.(?:ipynb|json|txt|zip|checkpoint))+$")
NUMBERED = re.compile(
    r"^(?:assignment|hw|homework|exercise|ex|problem set|ps|week|übung|aufgabe)?[\s_#-]*0*(\d{1,3})"
    r"(?:[\s_.-]+(?:final|draft|copy|kopie|done|v\d|\(\d).*)?$"
)


@dataclass(frozen=True)
class Assignment:
    """By what a notebook of an assignment is known."""

    name: str
    notebook: str
    titles: frozenset[str] = frozenset()
    """Letters of its own title and of those of its questions."""
    ids: frozenset[str] = frozenset()
    released: Sequence[Mapping[str, Any]] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Sign:
    """What says for which assignment a file is."""

    assignment: str = ""
    rule: str = ""
    doubt: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Content:
    """What is in a file that may be a notebook."""

    sign: Sign = Sign()
    ours: bool = False
    """Whether it has cells of this course."""


def assignment_of(name: str, notebook: str, released: Sequence[Mapping[str, Any]] = ()) -> Assignment:
    """The signs of an assignment, from the cells that were handed out."""
    titles = {
        title for cell in released if cell["kind"] == "markdown" and cell["name"] for title in _titles(cell["source"])
    }
    return Assignment(name, notebook, frozenset(titles), frozenset(c["name"] for c in released if c["name"]), released)


def look(content: bytes, assignments: Mapping[str, Assignment]) -> Content:
    """What the content of a file says."""
    try:
        cells = parse(content)["cells"]
    except Unreadable:
        return Content()
    texts = [(cell, source(cell)) for cell in cells]
    called = dict.fromkeys(
        name
        for cell, text in texts
        if cell["cell_type"] == "code"
        for name in CALL.findall(text)
        if name in assignments
    )
    found = {title for cell, text in texts if cell["cell_type"] == "markdown" for title in _titles(text)}
    counts = Counter({name: len(found & each.titles) for name, each in assignments.items()})
    sign = _decided(list(called), counts)
    ids = {grade_id_of(cell) for cell in cells} - {""}
    ours = bool(sign.assignment) or any(ids & each.ids for each in assignments.values())
    return Content(sign, ours)


def _decided(called: list[str], counts: Counter[str]) -> Sign:
    best = [name for name, count in counts.most_common() if count == max(counts.values()) and count >= TITLES_ENOUGH]
    if len(called) == 1 and best and called[0] not in best:
        return Sign(doubt=f"It calls itself {called[0]}, but its questions are those of {best[0]}.")
    if len(called) == 1:
        return Sign(called[0], "the notebook says so")
    if called and len(best) != 1:
        return Sign(doubt=f"It calls itself {' and '.join(called[:3])}.")
    if len(best) == 1:
        return Sign(best[0], "its questions have these titles")
    return Sign()


def worked(content: bytes, assignment: Assignment) -> bool:
    """Whether anything in a notebook is not as it was handed out. What cannot be read counts as worked on."""
    try:
        texts = [(cell, source(cell)) for cell in parse(content)["cells"]]
    except Unreadable:
        return True
    if not assignment.released:
        return True
    cells = [
        {"name": name if (name := grade_id_of(cell)) in assignment.ids else "", "kind": str(cell["cell_type"])[:20],
         "source": text, "attached": len(cell["attachments"]) if isinstance(cell.get("attachments"), dict) else 0}
        for cell, text in texts
    ]  # fmt: skip
    return bool(pieces(cells, assignment.released))


def _titles(text: str) -> list[str]:
    found = (letters(line.lstrip("#")) for line in text.splitlines()[:200] if line.startswith("#"))
    return [title for title in found if len(title) > 12]


def by_name(file: str, assignments: Mapping[str, Assignment]) -> Sign:
    """What the name of a file or folder says, whatever programs and people added to it."""
    for each in assignments.values():
        if file in (each.name, each.notebook, f"{each.name}.ipynb", f"{each.notebook}.ipynb"):
            return Sign(each.name, "its name")
    stem = ENDINGS.sub("", unicodedata.normalize("NFKC", file).casefold()).strip()
    bare = HEADS.sub("", TAILS.sub("", stem) or stem)
    called = {each: {letters(each.name), letters(each.notebook)} - {""} for each in assignments.values()}
    for wanted in (letters(stem), letters(bare)):
        if found := [each for each, names in called.items() if wanted in names]:
            return Sign(found[0].name, "its name, but for what was added") if len(found) == 1 else Sign()
    inside = [each for each, names in called.items() if any(len(name) > 5 and name in letters(stem) for name in names)]
    if len(inside) == 1:
        return Sign(inside[0].name, "its name holds that of the assignment")
    if number := NUMBERED.match(stem):
        numbered = [each for each in assignments.values() if re.match(rf"0*{int(number[1])}\D", each.name)]
        if len(numbered) == 1:
            return Sign(numbered[0].name, "its name has the number", "Only a number in its name says so.")
    return Sign()
