"""Decides which code of a submitted notebook runs, and in which order, and says what was put right.

Cells are matched by question, never by position. What is ambiguous is left as it is and reported.
Runs inside the sandbox, because even parsing a stranger's code can end a process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from leocourse.checks.cells import defines, names, parse
from leocourse.grading.box.answers import HandedOut, sql, unfenced

JOINED_LIMIT = 4
"""Cells that one answer may have been split into."""


@dataclass
class Cell:
    """A cell as it was handed in: ``name`` is its grade id, or empty."""

    number: int
    name: str
    kind: str
    source: str

    @property
    def label(self) -> str:
        """What a message calls it."""
        return label_of(self.name) if self.name else f"code cell {self.number}"


def label_of(name: str) -> str:
    """What a message calls the cell of a question."""
    return f"the cell of {name}"


Step = tuple[str, str]
"""A label and code to run."""


def plan(cells: list[dict[str, Any]], released: list[dict[str, Any]], questions: list[dict[str, Any]]) -> tuple[
    list[Step], list[str]
]:  # fmt: skip
    """The steps to run, and notes for the report.

    ``cells`` and ``released`` are the notebook handed in and the one that was handed out, as dictionaries of
    ``name``, ``kind`` and ``source``; a released cell also says whether it is ``locked``.
    """
    mine = [Cell(number, each["name"], each["kind"], each["source"]) for number, each in enumerate(cells, start=1)]
    given = {each["name"]: each for each in released if each["name"]}
    answers = {question["name"]: question["answer_name"] for question in questions}
    notes: list[str] = []
    before, dropped = _locked(mine, given, notes)
    mine = [cell for cell in mine if id(cell) not in dropped]
    handed_out = HandedOut(released)
    mine = _unmerged(mine, handed_out, answers, notes)
    mine = _copies(mine, given, answers, notes)
    _retyped(mine, handed_out, answers, notes)
    mine = _split([cell for cell in mine if cell.kind == "code"], notes)
    mine = _answered(mine, handed_out, answers, notes)
    _absent(mine, answers, notes)
    order = [cell.name for cell in mine if cell.name in answers]
    if order != [name for name in answers if name in order]:
        notes.append("Cells were moved; each was matched to its question by name.")
    return before + [(cell.label, cell.source) for cell in mine], notes


def undefined(question: dict[str, Any], steps: list[Step], released: list[dict[str, Any]]) -> str:
    """What to say if nothing has the name that a question asks for; empty if its cell is as it was handed out."""
    stub = next((each["source"] for each in released if each["name"] == question["name"]), "").strip()
    cells = [code for label, code in steps if label == label_of(question["name"])]
    tried = [code for code in cells if code.strip() != stub and getattr(parse(code), "body", True)]
    if not tried:
        return ""
    found = ", ".join(f"`{name}`" for name in sorted(set().union(*map(names, tried))))
    rest = f" Its cell defines {found[:120]}." if found else ""
    return f"Nothing is called `{question['answer_name']}`, the name that the question asks for.{rest}"


def _locked(mine: list[Cell], given: dict[str, dict[str, Any]], notes: list[str]) -> tuple[list[Step], set[int]]:
    """The course's own set-up cells, which always run first, and the cells that need not run again."""
    before: list[Step] = []
    dropped: set[int] = set()
    for name, cell in given.items():
        if not cell["locked"] or cell["kind"] != "code":
            continue
        theirs = [each for each in mine if each.name == name] or [
            each
            for each in mine
            if not each.name and each.kind == "code" and each.source.split() == cell["source"].split()
        ]
        same = [each for each in theirs if each.source.split() == cell["source"].split() and each.kind == "code"]
        dropped |= {id(each) for each in same}
        if not cell["check"]:
            before.append((f"the cell '{name}' of the course", cell["source"]))
        what = "check cell" if cell["check"] else "cell"
        if not theirs:
            notes.append(f"The {what} '{name}' is missing; marking does not need it.")
        elif len(same) < len(theirs):
            notes.append(f"The {what} '{name}' was changed; the course's own counts.")
        elif len(theirs) > 1:
            notes.append(f"The {what} '{name}' stands in the notebook {len(theirs)} times; it counts once.")
    return before, dropped


def _copies(
    mine: list[Cell], given: dict[str, dict[str, Any]], answers: dict[str, str], notes: list[str]
) -> list[Cell]:
    """Of a cell that stands there more than once, leave out untouched copies and repetitions."""
    gone: set[int] = set()
    for name in answers:
        copies = [cell for cell in mine if cell.name == name]
        if len(copies) < 2:
            continue
        stub = given.get(name, {}).get("source", "").strip()
        kept = {cell.source.strip(): cell for cell in copies if cell.source.strip() != stub} or {stub: copies[0]}
        gone |= {id(cell) for cell in copies if not any(cell is each for each in kept.values())}
        text = f"The cell of {name} stands in the notebook {len(copies)} times; "
        notes.append(text + ("one of them counts." if len(kept) == 1 else "what the last one defines counts."))
    return [cell for cell in mine if id(cell) not in gone]


def _unmerged(mine: list[Cell], given: HandedOut, answers: dict[str, str], notes: list[str]) -> list[Cell]:
    """Take the code of answers out of cells that hold text of the course or prose besides."""
    made: list[Cell] = []
    for cell in mine:
        if cell.kind == "code" and parse(cell.source) is not None:
            made.append(cell)
            continue
        parts = [part.text for part in given.parts(cell.source, cell.kind) if not part.given]
        if cell.kind == "code":
            parts = [_without_prose(part) for part in parts]
        if parts == [cell.source]:
            made.append(cell)
            continue
        found = [part for part in parts if any(defines(_code(part), name) for name in answers.values())]
        if found:
            notes.append(
                f"{cell.label.capitalize()} held other text besides an answer; the code of the answer was run."
            )
            made += [
                Cell(cell.number, cell.name if cell.name in answers else "", "code", _code(part)) for part in found
            ]
        else:
            made.append(cell)
    return made


def _without_prose(text: str) -> str:
    """Code without the paragraphs of prose at its end, if it is code without them."""
    paragraphs = re.split(r"(\n[ \t]*\n)", text)
    for last in range(len(paragraphs) - 2, 0, -2)[:JOINED_LIMIT]:
        if not _prose("".join(paragraphs[last:])):
            break
        if parse("".join(paragraphs[:last])) is not None:
            return "".join(paragraphs[:last])
    return text


def _prose(text: str) -> bool:
    """Whether a text is sentences for certain: four words in a row, and no query."""
    rows = re.findall(r"[^\W\d_]+(?: [^\W\d_]+){3,}", text)
    return any(sum(not iskeyword(word) for word in row.split()) >= 4 for row in rows) and not sql(text)


def _code(text: str) -> str:
    """The code of a text cell: all of it, or what its fences hold."""
    return text if parse(text) is not None else unfenced(text)


def _retyped(mine: list[Cell], given: HandedOut, answers: dict[str, str], notes: list[str]) -> None:
    """Make code again of text cells that define an answer, unless a code cell does: they may be notes."""
    for question, answer in answers.items():
        if any(cell.kind == "code" and defines(given.without_stubs(cell.source), answer) for cell in mine):
            continue
        others = [cell for cell in mine if cell.kind != "code"]
        texts = [cell for cell in others if defines(_code(cell.source), answer)]
        for cell in texts[-1:]:
            what = cell.label if cell.name == question else f"cell {cell.number}, which holds the answer to {question},"
            notes.append(f"{what[:1].upper()}{what[1:]} was no longer a code cell; its text is code and was run.")
            cell.kind, cell.source = "code", _code(cell.source)
        if not texts and any(cell.name == question for cell in others):
            notes.append(f"The cell of {question} is no longer a code cell, and its text is no answer.")


def _answered(code: list[Cell], given: HandedOut, answers: dict[str, str], notes: list[str]) -> list[Cell]:
    """The code without the stubs of questions that are answered in another cell: they would undo the answer."""
    done: set[str] = set()
    for name, answer in answers.items():
        found = [cell for cell in code if defines(given.without_stubs(cell.source, [name]), answer)]
        if found:
            done.add(name)
            own = [cell for cell in code if cell.name == name]
            if own and not any(cell in found for cell in own) and all(given.stub(cell.source) for cell in own):
                notes.append(f"The answer to {name} was found in another cell: cell {found[-1].number}.")
    for cell in code:
        cell.source = given.without_stubs(cell.source, done)
    return [cell for cell in code if cell.source.strip() or cell.name]


def _split(code: list[Cell], notes: list[str]) -> list[Cell]:
    """Join a cell that does not parse with those after it, if together they do."""
    done: list[Cell] = []
    place = 0
    while place < len(code):
        cell, used = code[place], 1
        if parse(cell.source) is None and not cell.source.lstrip().startswith(("%", "!")):
            for last in range(place + 1, min(place + JOINED_LIMIT, len(code))):
                together = "\n".join(each.source for each in code[place : last + 1])
                alone = all(parse(each.source) is not None for each in code[place + 1 : last + 1])
                if parse(together) is not None and not (alone and last > place + 1):
                    notes.append(f"{cell.label.capitalize()} was split over {last - place + 1} cells; joined again.")
                    cell, used = Cell(cell.number, cell.name, "code", together), last - place + 1
                    break
        done.append(cell)
        place += used
    return done


def _absent(mine: list[Cell], answers: dict[str, str], notes: list[str]) -> None:
    for question, answer in answers.items():
        if any(cell.name == question for cell in mine):
            continue
        found = [cell for cell in mine if defines(cell.source, answer)]
        if found:
            notes.append(f"The cell of {question} has lost its name; it was found by '{answer}', which it defines.")
        else:
            notes.append(f"The cell of {question} is missing; nothing else is affected.")
