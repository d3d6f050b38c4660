"""Carries what a learner wrote in a notebook over into a newer release of it.

Everything of the learner's comes out in the order in which it stood, because later cells may need earlier ones. What
is the course's own comes out as the new release has it. Nothing here reads or writes a file.
"""

from __future__ import annotations

import copy
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from leocourse.authoring.handout import browser_cell
from leocourse.checks.answer import STUB
from leocourse.core.copies import release_of
from leocourse.grading.box.repair import defines
from leocourse.grading.notebook import CHECK, source

Cell = dict[str, Any]
BLANK = ("", "YOUR ANSWER HERE", STUB)
"""Texts of an answer cell in which nothing was written."""
ELSEWHERE = "# The answer to {name} is in another cell: it defines {answer}."
"""What an answer cell says whose answer stands elsewhere. Its stub would undo that answer."""


@dataclass
class Carried:
    """The new notebook, and what became of what the learner wrote."""

    notebook: dict[str, Any]
    answers: list[str] = field(default_factory=list)
    """Questions whose answer stands in its cell again."""
    elsewhere: list[str] = field(default_factory=list)
    """Questions whose answer stayed in a cell of the learner's own, because other cells come between."""
    own: int = 0
    """Cells that the learner added; each stands after the neighbour that it had."""
    beside: list[str] = field(default_factory=list)
    """The course's cells that the learner changed, by name: theirs stands after the course's."""
    reworded: list[str] = field(default_factory=list)
    """Answered questions whose text is another now."""
    gone: list[str] = field(default_factory=list)
    """Questions that are no longer asked: their answer is a cell of its own now."""


@dataclass
class _Item:
    """A cell of the old notebook: where it belongs in the new one, and whether its text is the learner's."""

    cell: Cell
    name: str = ""
    target: int | None = None
    theirs: bool = True
    answer: bool = False
    anywhere: bool = False
    """A text, which no other cell needs before it."""


class _Release:
    """A notebook as it was handed out."""

    def __init__(self, notebook: dict[str, Any]) -> None:
        self.cells: list[Cell] = notebook["cells"]
        self.texts = [(cell["cell_type"], source(cell).strip()) for cell in self.cells]
        self.names = {grade_id(cell): at for at, cell in enumerate(self.cells) if grade_id(cell)}
        self.ids = {cell["id"]: at for at, cell in enumerate(self.cells) if "id" in cell}
        self.code: dict[str, str] = {}
        """Questions that are answered in code, each with the name that its answer has."""
        self.written: list[str] = []
        for name, at in self.names.items():
            if not _settings(self.cells[at]).get("solution"):
                continue
            if self.cells[at]["cell_type"] == "code":
                self.code[name] = self._answer_name(name)
            else:
                self.written.append(name)

        self.answers = [name for name in self.names if name in self.code or name in self.written]

    def _answer_name(self, name: str) -> str:
        at = self.names.get(name + CHECK)
        found = re.search(r",\s*(\w+)\s*\)", source(self.cells[at])) if at is not None else None
        return found[1] if found else name

    def find(self, cell: Cell, after: int) -> int | None:
        """Where a cell stood when it was handed out: by its name, else its text (the next one), else its id."""
        if grade_id(cell) in self.names:
            return self.names[grade_id(cell)]
        text = (cell["cell_type"], source(cell).strip())
        same = [at for at, each in enumerate(self.texts) if each == text and text[1]]
        if same:
            return next((at for at in same if at > after), same[0])
        return self.ids.get(cell["id"]) if isinstance(cell.get("id"), str) else None

    def name_at(self, at: int) -> str:
        """What a message calls a cell."""
        return grade_id(self.cells[at]) or str(self.cells[at].get("id", ""))


def carry(old: dict[str, Any], new: dict[str, Any], base: dict[str, Any] | None = None) -> Carried:
    """The notebook ``new`` with what was written in ``old``, a copy of an earlier release.

    ``base`` is that release, if it is known; without it nbgrader's checksums say which cells were changed, and where
    these were lost a cell is the course's if its text is. All three are notebooks of format 4, as dictionaries.
    """
    release, before = _Release(new), _Release(base or new)
    places = _places(before, release)
    fetching = browser_cell(*release_of(old))  # the course's, whatever the release
    cells = [cell for cell in old["cells"] if source(cell).strip() != fetching.strip()]
    items = _read(cells, before, release, places, known=base is not None)
    done = Carried({**old, **new, "metadata": {**_metadata(old), **_metadata(new)}})
    _choose(items, release)
    _keep_order(items)
    cells = copy.deepcopy(release.cells)
    written = _fill(items, release, cells, done)
    _say(items, release, done)
    done.notebook["cells"] = _joined(items, cells, written, done)
    return done


def told(done: Carried, kept: str) -> list[str]:
    """What became of what the learner wrote, a line for each kind; ``kept`` is the name of the old file."""
    lines = []
    if done.answers:
        lines.append(f"Answers in their places: {', '.join(done.answers)}.")
    if done.elsewhere:
        lines.append(f"Answers that stay in cells of your own: {', '.join(done.elsewhere)}.")
    if done.own:
        lines.append(f"Cells that you added, after the neighbours they had: {done.own}.")
    if done.beside:
        lines.append(f"The course's cells that you changed, yours after the course's: {', '.join(done.beside)}.")
    if done.reworded:
        lines.append(f"Read these questions again, as their text is new: {', '.join(done.reworded)}.")
    if done.gone:
        lines.append(f"No place for {', '.join(done.gone)}, which the new release does not ask: "
                     f"what you wrote is in cells of its own, and in {kept}.")  # fmt: skip
    return lines


def work_in(
    old: dict[str, Any], new: dict[str, Any], base: dict[str, Any] | None = None
) -> tuple[dict[str, Cell], list[Cell]]:
    """What was written in a copy, as :func:`carry` finds it: the cells of its answers by question, and all others.

    The answers are to the questions of ``new`` and in their order; an answer that stands in a cell of the learner's
    own is that cell.
    """
    done, release = carry(old, new, base), _Release(new)
    cells = done.notebook["cells"]
    own = [
        cell for cell in cells if not grade_id(cell) and (cell["cell_type"], source(cell).strip()) not in release.texts
    ]
    found = {grade_id(cell): cell for cell in cells if grade_id(cell) in (*done.answers, *done.elsewhere)}
    for question in filter(release.code.get, found):
        if points_elsewhere(found[question]):
            answer = release.code[question]
            defining = [cell for cell in own if cell["cell_type"] == "code" and defines(source(cell), answer)]
            found[question] = [found[question], *defining][-1]
    answers = {name: found[name] for name in release.answers if name in found}
    return answers, [cell for cell in own if not any(cell is each for each in answers.values())]


def points_elsewhere(cell: Cell) -> bool:
    """Whether an answer cell says no more than that the answer is in another."""
    return source(cell).startswith(ELSEWHERE.split("{", maxsplit=1)[0]) and "\n" not in source(cell).strip()


def put_in(notebook: dict[str, Any], release: dict[str, Any], answers: dict[str, Cell]) -> dict[str, Any]:
    """A copy of ``release`` with answers put into their cells. Everything else that was written in it stays."""
    made = carry(notebook, release, release).notebook
    for cell in made["cells"]:
        if grade_id(cell) in answers:
            _write(cell, answers[grade_id(cell)])
    return made


def grade_id(cell: Cell) -> str:
    """The name that nbgrader knows a cell by, or an empty one."""
    name = _settings(cell).get("grade_id")
    return name if isinstance(name, str) else ""


def _settings(cell: Cell) -> dict[str, Any]:
    settings = _metadata(cell).get("nbgrader")
    return settings if isinstance(settings, dict) else {}


def _metadata(part: dict[str, Any]) -> dict[str, Any]:
    metadata = part.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _places(before: _Release, release: _Release) -> list[int | None]:
    """Where each cell of the earlier release is in the new one: by name, else by its text."""
    if before.cells is release.cells:
        return list(range(len(release.cells)))
    matcher = SequenceMatcher(None, before.texts, release.texts, autojunk=False)
    alike = {block.a + n: block.b + n for block in matcher.get_matching_blocks() for n in range(block.size)}
    named = [release.names.get(grade_id(cell)) if grade_id(cell) else alike.get(at)
             for at, cell in enumerate(before.cells)]  # fmt: skip
    return named


def _read(cells: list[Cell], before: _Release, release: _Release, places: list[int | None], known: bool) -> list[_Item]:
    """What each cell of the old notebook is."""
    items, last = [], -1
    for cell in cells:
        item = _Item(cell, grade_id(cell))
        at = before.find(cell, last)
        if at is not None:
            last = at
            item.name, item.target = before.name_at(at), places[at]
            item.theirs = _changed(cell, before.cells[at], known)
        elif item.name:  # of a question that is no longer there
            item.theirs = not _intact(cell)
        item.answer = any(item.name in each.answers for each in (before, release))
        item.answer |= bool(item.name and _settings(cell).get("solution"))
        if not source(cell).strip() or (item.answer and source(cell).strip() in BLANK):
            item.theirs = False
        items.append(item)
    return items


def _changed(cell: Cell, given: Cell, known: bool) -> bool:
    same = source(cell).strip() == source(given).strip() and not cell.get("attachments")
    return not (same or (not known and _intact(cell)))


def _intact(cell: Cell) -> bool:
    """Whether a cell is as it was handed out, as far as nbgrader's checksum in it tells."""
    try:
        import nbformat
        from nbgrader.utils import compute_checksum

        made = nbformat.from_dict({**cell, "source": source(cell)})
        return bool(made.metadata.nbgrader.checksum == compute_checksum(made)) and not cell.get("attachments")
    except Exception:  # of many kinds: settings of any form may stand there
        return False


def _choose(items: list[_Item], release: _Release) -> None:
    """Find the one cell of each question that goes into its answer cell. All others become cells of their own."""
    for question, answer in release.code.items():
        slot = release.names[question]
        named = [item for item in items if item.name == question and item.theirs]
        running = [item for item in named if item.cell["cell_type"] == "code" or defines(source(item.cell), answer)]
        free = [item for item in items if item.theirs and not item.answer and item.cell["cell_type"] == "code"]
        found = [item for item in free if defines(source(item.cell), answer)]
        _give(items, question, slot, running or found)
    for question in release.written:
        slot = release.names[question]
        named = [item for item in items if item.name == question and item.theirs]
        _give(items, question, slot, named or _prose_near(items, slot), anywhere=True)


def _give(items: list[_Item], question: str, slot: int, candidates: list[_Item], anywhere: bool = False) -> None:
    """Let the last of the candidates be the answer, and no other cell of that name."""
    for item in items:
        if item.name == question and (item.theirs or candidates):
            item.name, item.target, item.answer = "", None, False
    if candidates:
        chosen = candidates[-1]
        chosen.name, chosen.target, chosen.answer, chosen.anywhere = question, slot, True, anywhere


def _prose_near(items: list[_Item], slot: int) -> list[_Item]:
    """The first text that was added right after a question in words, or after its empty answer cell."""
    at = None
    for item in items:
        at = item.target if item.target is not None else at
        prose = item.theirs and not item.answer and item.target is None and item.cell["cell_type"] != "code"
        if prose and at in (slot - 1, slot):
            return [item]
    return []


def _keep_order(items: list[_Item]) -> None:
    """Let only those cells keep a place in the new notebook that come there in the order in which they stood.

    As many as possible do (the longest rising sequence of places). A text may go anywhere.
    """
    placed = [item for item in items if item.target is not None and not item.anywhere]
    ends: list[int] = []
    best: list[int] = []
    for item in placed:
        length = bisect_left(ends, item.target)
        ends[length : length + 1] = [item.target]
        best.append(length)
    wanted = len(ends) - 1
    for item, length in zip(reversed(placed), reversed(best), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            item.target = None


def _fill(items: list[_Item], release: _Release, cells: list[Cell], done: Carried) -> set[int]:
    """Put answers into their cells, and give the numbers of the items that are in."""
    inside = set()
    for number, item in enumerate(items):
        if item.answer and item.theirs and item.target is not None:
            _write(cells[item.target], item.cell)
            done.answers.append(item.name)
            inside.add(number)
    others = [item.cell for item in items if item.theirs and item.cell["cell_type"] == "code"]
    for question, answer in release.code.items():
        if question in done.answers:
            continue
        moved = any(item.name == question and item.theirs for item in items)
        if moved or any(defines(source(cell), answer) for cell in others):
            cells[release.names[question]]["source"] = ELSEWHERE.format(name=question, answer=answer)
            done.elsewhere.append(question)
    done.answers.sort(key=lambda name: release.names[name])
    return inside


def _write(cell: Cell, written: Cell) -> None:
    """Put what was written in another cell into this one."""
    cell["source"] = source(written).splitlines(keepends=True)
    if written.get("attachments"):
        cell["attachments"] = written["attachments"]


def _say(items: list[_Item], release: _Release, done: Carried) -> None:
    """Note which answered questions read differently now, and which are no longer asked."""
    texts = {item.target: source(item.cell).strip() for item in items if item.target is not None and not item.theirs}
    for question in [*done.answers, *done.elsewhere]:
        at = release.names[question] - 1
        if at in texts and texts[at] != release.texts[at][1]:
            done.reworded.append(question)
    for item in items:
        if item.theirs and item.answer and item.name not in release.names and item.name not in done.gone:
            done.gone.append(item.name)


def _joined(items: list[_Item], cells: list[Cell], inside: set[int], done: Carried) -> list[Cell]:
    """The cells of the new release, with the learner's own after the neighbours that they had."""
    after: dict[int, list[Cell]] = {}
    anchor, used = -1, {cell.get("id") for cell in cells}
    for number, item in enumerate(items):
        if item.target is not None and not item.anywhere:
            anchor = item.target
        if number in inside or not item.theirs:
            continue
        after.setdefault(anchor, []).append(_own(item.cell, used))
        if item.target is not None:
            done.beside.append(item.name)
        elif not item.answer:
            done.own += 1
    joined = list(after.get(-1, []))
    for at, cell in enumerate(cells):
        joined += [cell, *after.get(at, [])]
    return joined


def _own(cell: Cell, used: set[Any]) -> Cell:
    """A cell without what would make it one of the course's, under an id that no other has."""
    made = copy.deepcopy(cell)
    made["metadata"] = {name: value for name, value in _metadata(made).items()
                        if name not in ("nbgrader", "deletable", "editable")}  # fmt: skip
    wanted = made["id"] if isinstance(made.get("id"), str) and made["id"] else "own"
    number, name = 1, wanted
    while name in used:
        number, name = number + 1, f"{wanted[:50]}-{number}"
    used.add(name)
    made["id"] = name
    return made
