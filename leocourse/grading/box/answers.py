"""Finds what somebody wrote in a notebook, by question, whatever became of its cells. Reads text and runs nothing.

What was handed out is taken out of every cell. What is left belongs to a question by the name of its cell, by what
it defines, or by its place after the question's text. Where that says nothing, a person is asked.
"""

from __future__ import annotations

import html
import io
import re
import tokenize
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from keyword import iskeyword
from typing import Any

HERE, ELSEWHERE, PERHAPS = "in its own cell", "in another cell", "perhaps in another cell"
"""Where the answer to a question was found. ``PERHAPS``: nothing says that the text is meant for this question."""
STUB_WORDS = re.compile(r"your[\W_]*answer[\W_]*here", re.IGNORECASE)
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^\n]*)$")
DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
SELECT, FROM = re.compile(r"\bselect\b", re.IGNORECASE), re.compile(r"\bfrom\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
PROSE_WORDS = 4
"""Words of a comment or a text in code from which a person may have meant somebody to read them."""
LONG_LINE = 12
"""Letters and digits of a line that was handed out, from which it is known again inside another line."""
NOTEBOOK_LIMIT = 1_000_000
"""Characters of a notebook that are looked at. A cell that makes it longer is somebody's text as a whole."""
LOOK_LIMIT = 10_000
"""Characters of a text up to which it is looked at closely; a longer one is somebody's."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a cell that was not handed out."""

    cell: int
    """Number of the cell in the notebook, from 1."""
    name: str
    """The cell's grade id, or empty."""
    kind: str
    """``code``, ``markdown`` or ``raw``."""
    text: str
    place: str
    """The question after whose text it stands; empty if after none."""
    attached: int = 0
    """How many pictures are attached to the cell."""
    long: bool = False
    """Whether it is too long to be looked at: then it is somebody's text, whatever it is."""

    @cached_property
    def defines(self) -> frozenset[str]:
        """The names that its code defines at its top level, as far as text tells."""
        return (
            frozenset()
            if self.long
            else frozenset(one or other for one, other in DEFINITION.findall(unfenced(self.text)))
        )

    @cached_property
    def is_python(self) -> bool:
        """Whether it can be Python, but for fences."""
        bare = "\n".join(line for line in self.text.splitlines() if not FENCE.match(line)) if not self.long else ""
        return not self.long and python_tokens(bare) is not None

    @cached_property
    def only_code(self) -> bool:
        """Whether it is code that nobody meant to be read."""
        return self.kind == "code" and not (self.attached or self.long) and plain_code(self.text)


@dataclass(frozen=True)
class Found:
    """What was found for a question; no pieces if nothing was."""

    pieces: list[Piece] = field(default_factory=list)
    where: str = HERE

    @property
    def text(self) -> str:
        """The text of all its pieces, with an empty line between them."""
        return "\n\n".join(piece.text for piece in self.pieces if piece.text)

    @property
    def cells(self) -> str:
        """The numbers of its cells, as a sentence names them: ``cell 3`` or ``cells 3 and 7``."""
        numbers = [str(number) for number in dict.fromkeys(piece.cell for piece in self.pieces)]
        if len(numbers) == 1:
            return f"cell {numbers[0]}"
        return f"cells {', '.join(numbers[:-1])} and {numbers[-1]}" if numbers else "no cell"


def find(
    cells: Sequence[Mapping[str, Any]],
    released: Sequence[Mapping[str, Any]],
    written: Sequence[str],
    answers: Mapping[str, str],
) -> dict[str, Found]:
    """The answer to every question of a notebook, whatever became of its cells.

    ``cells`` are those of the notebook: ``name`` (grade id, or empty), ``kind``, ``source``, and ``attached`` (how
    many pictures are attached; may be missing). ``released`` are those that were handed out, see
    :func:`leocourse.grading.notebook.released_cells`. ``written`` names the questions that are answered in words,
    ``answers`` gives for each of the others the name that its code defines.

    An answer that is empty, or as it was handed out, has no pieces. Text that may be meant for more than one
    question is found for each of them.
    """
    return assign(pieces(cells, released), written, answers)


def assign(mine: list[Piece], written: Sequence[str], answers: Mapping[str, str]) -> dict[str, Found]:
    """The same as :func:`find`, of what :func:`pieces` gives."""
    code = {name: _code(mine, name, answers) for name in answers}
    return code | {name: _written(mine, name, written, answers) for name in written}


def pieces(cells: Sequence[Mapping[str, Any]], released: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """All that a notebook holds and that was not handed out, in order. Arguments as in :func:`find`."""
    given = HandedOut(released)
    found: list[Piece] = []
    place, looked = "", 0
    for number, cell in enumerate(cells, start=1):
        name, kind, attached = cell["name"], cell["kind"], cell.get("attached", 0)
        if name in given.questions:
            place = given.questions[name]
        looked += len(cell["source"])
        if looked > NOTEBOOK_LIMIT:
            looked -= len(cell["source"])
            found.append(Piece(number, name, kind, cell["source"], place, attached, long=True))
            continue
        for part in () if empty(cell["source"]) else given.parts(cell["source"], kind):
            text = part.text if part.given else given.without_stubs(part.text)
            if part.given:
                place = place if part.question is None else part.question
            elif name not in given.answers and (only := given.only(text)) is not None:
                place = only
            elif not empty(text):
                found.append(Piece(number, name, kind, text, place, attached))
                attached = 0
        if attached:
            found.append(Piece(number, name, kind, "", place, attached))
    return found


@dataclass(frozen=True)
class Part:
    """A part of a cell: text of somebody's, or a cell that was handed out and the question that it belongs to."""

    text: str
    given: bool = False
    question: str | None = None
    """Empty if it belongs to none; None if that cannot be told."""


Block = tuple[str, ...]
"""The lines of a cell that was handed out, without blank ones and without how they are set in."""


class HandedOut:
    """The text of a notebook as it was handed out, to be known again in another one."""

    def __init__(self, released: Sequence[Mapping[str, Any]]) -> None:
        self.answers = {each["name"] for each in released if each["name"] and not each["locked"]}
        """Names of the cells that answers go into."""
        self.questions: dict[str, str] = {}
        """The question that each cell belongs to, by name; empty for one that belongs to none."""
        self._blocks: dict[Block, set[str]] = {}
        self._starts: dict[str, list[Block]] = {}
        self._prose: set[Block] = set()
        self._stubs: dict[str, list[Block]] = {}
        self._lines: dict[str, str] = {}
        for position, each in enumerate(released):
            question = self._question(position, released)
            if each["name"]:
                self.questions[each["name"]] = question
            self._know(each, question)
        self._short = {line: question for line, question in self._lines.items() if len(line) < LONG_LINE}
        self._long = sorted((line for line in self._lines if len(line) >= LONG_LINE), key=len, reverse=True)

    def _know(self, cell: Mapping[str, Any], question: str) -> None:
        block = tuple(line for line in map(_plain, cell["source"].splitlines()) if line)
        if not block:
            return
        self._blocks.setdefault(block, set()).add(question)
        if cell["kind"] == "code" and cell["name"] in self.answers:
            self._stubs.setdefault(block[0], []).append(block)
            return
        self._starts.setdefault(block[0], []).append(block)
        if cell["kind"] != "code" and cell["locked"]:
            self._prose.add(block)
            for line in filter(None, map(_bare, cell["source"].splitlines())):
                self._lines.setdefault(line, question)

    @staticmethod
    def _question(position: int, released: Sequence[Mapping[str, Any]]) -> str:
        each = released[position]
        if not each["locked"]:
            return each["name"]
        step = -1 if each["check"] else 1
        place = position
        while 0 <= place < len(released) and released[place]["locked"]:
            place += step
        return released[place]["name"] if 0 <= place < len(released) else ""

    def stub(self, source: str) -> bool:
        """Whether a cell is the code of an answer just as it was handed out."""
        block = tuple(line for line in map(_plain, source.splitlines()) if line)
        return bool(block) and block in self._stubs.get(block[0], ())

    def parts(self, source: str, kind: str) -> list[Part]:
        """A cell's text in parts. Code stays whole unless text of the course has got into it."""
        lines = source.splitlines()
        numbers = [number for number, line in enumerate(lines) if _plain(line)]
        plain = [_plain(lines[number]) for number in numbers]
        if tuple(plain) in self._blocks:
            return [self._given(tuple(plain))]
        parts: list[Part] = []
        begun = at = 0
        prose = False
        while at < len(plain):
            block = _longest(self._starts, plain, at)
            if block is None:
                at += 1
                continue
            parts += [Part(_trimmed(lines[begun : numbers[at]])), self._given(block)]
            prose |= block in self._prose
            at += len(block)
            begun = numbers[at - 1] + 1
        if not begun or (kind == "code" and not prose):
            return [Part(source)]
        return [part for part in [*parts, Part(_trimmed(lines[begun:]))] if part.given or part.text]

    def _given(self, block: Block) -> Part:
        questions = self._blocks[block]
        return Part("", True, next(iter(questions)) if len(questions) == 1 else None)

    def without_stubs(self, text: str, questions: Collection[str] | None = None) -> str:
        """A text without answers (to all ``questions``, or these) that are just as they were handed out.

        A stub that somebody went on below is theirs, and stays.
        """
        lines = text.splitlines()
        plain = list(map(_plain, lines))
        kept: list[str] = []
        at = 0
        while at < len(lines):
            block = _longest(self._stubs, plain, at)
            after = next((line for line in lines[at + len(block) :] if line.strip()), "") if block else ""
            wanted = block and (questions is None or not self._blocks[block].isdisjoint(questions))
            if not wanted or after[:1].isspace():
                kept.append(lines[at])
                at += 1
            else:
                at += len(block)
        return text if len(kept) == len(lines) else _trimmed(kept)

    def only(self, text: str) -> str | None:
        """None if a text holds anything but lines that were handed out, however they are cut and wrapped now.

        Else the question that they belong to.
        """
        if len(text) > LOOK_LIMIT:
            return None  # it is somebody's
        lines = list(map(_bare, text.splitlines()))
        left = "".join(line for line in lines if line not in self._short)
        question = next((self._lines[line] for line in self._long if line in left), None)
        if question is None:
            question = next((self._short[line] for line in lines if line in self._short), None)
        for line in self._long:
            left = left.replace(line, " ")
        return None if left.strip() else question


def empty(text: str) -> bool:
    """Whether a text says nothing: blank, or the stub in any form."""
    bare, stubs = STUB_WORDS.subn("", html.unescape(text))
    if stubs:
        return not any(each.isalnum() for each in bare)
    return all(unicodedata.category(each)[0] in "ZC" for each in bare)


def letters(text: str) -> str:
    """The letters and digits of a text, without case: the same however it is wrapped, marked up or quoted."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def unfenced(text: str) -> str:
    """The code of a text: what its fenced blocks hold, or all of it if it has none."""
    inside: list[str] = []
    fence = ""
    fenced = False
    for line in text.splitlines():
        mark = FENCE.match(line)
        if mark and not fence:
            fence, fenced = mark[1], True
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence = ""
        elif fence:
            inside.append(line)
    return "\n".join(inside) if fenced else text


def plain_code(text: str) -> bool:
    """Whether text is Python that nobody meant to be read: no comment or string in it says much.

    Where that is in doubt it is not.
    """
    tokens = python_tokens(text)
    for token in tokens or ():
        said = token.type in (tokenize.COMMENT, tokenize.STRING)
        if said and len(WORD.findall(token.string)) >= PROSE_WORDS and not sql(token.string):
            return False
    return any(token.type == tokenize.OP and token.string in ("=", "(", "[") for token in tokens or ())


def python_tokens(text: str) -> list[tokenize.TokenInfo] | None:
    """The tokens of a text; None if it is no Python, or in doubt. Nothing is parsed: that can end a process."""
    if len(text) > LOOK_LIMIT or text.lstrip().startswith("%%"):
        return None
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code + "\n").readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    for one, other in pairwise(tokens):
        names = one.type == other.type == tokenize.NAME and not (iskeyword(one.string) or iskeyword(other.string))
        if (names and one.end[0] == other.start[0]) or one.type == tokenize.ERRORTOKEN:
            return None
    return tokens


def sql(text: str) -> bool:
    """Whether text holds a query."""
    begun = SELECT.search(text)
    return begun is not None and FROM.search(text, begun.end()) is not None


def _code(mine: list[Piece], question: str, answers: Mapping[str, str]) -> Found:
    defined = answers[question]
    named = [piece for piece in mine if piece.name == question and piece.kind == "code"]
    if any(defined in piece.defines for piece in named):
        return Found(named)
    defining = [piece for piece in mine if defined in piece.defines]
    running = [piece for piece in defining if piece.kind == "code"]
    if defining:
        return Found([*named, *(running or defining)[-1:]], ELSEWHERE)
    if named:
        return Found(named)
    names = set(answers.values())
    near = [
        piece for piece in mine
        if question in (piece.place, piece.name) and sql(piece.text) and not piece.defines & names
        and (piece.kind != "code" or not piece.is_python)  # what runs only looks at data
    ]  # fmt: skip
    return Found(near, PERHAPS if near else HERE)


def _written(mine: list[Piece], question: str, written: Sequence[str], answers: Mapping[str, str]) -> Found:
    own = [piece for piece in mine if piece.name == question]
    near = [piece for piece in mine if piece.place == question and _free(piece, question, mine, written, answers)]
    if own:
        more = [piece for piece in near if not piece.only_code]
        return Found(sorted([*own, *more], key=mine.index))
    if near:
        return Found(near, ELSEWHERE)
    rest = [piece for piece in mine if not piece.only_code and _free(piece, question, mine, written, answers)]
    return Found(rest, PERHAPS if rest else HERE)


def _free(piece: Piece, question: str, mine: list[Piece], written: Sequence[str], answers: Mapping[str, str]) -> bool:
    """Whether no other question has a piece for certain, by the name of its cell or by what its code defines."""
    if piece.name == question:
        return False
    if piece.name in written:  # a copied cell brings the name of another question with it
        return sum(each.name == piece.name for each in mine) > 1
    if piece.defines & set(answers.values()) or (piece.kind == "code" and piece.name in answers):
        return not piece.is_python
    return True


def _bare(line: str) -> str:
    """The letters and digits of a line; of a line that has none, all its signs."""
    return letters(line) or _plain(line)


def _plain(line: str) -> str:
    return " ".join(line.split())


def _longest(starts: Mapping[str, list[Block]], plain: list[str], at: int) -> Block | None:
    """The longest block that the lines from ``at`` on begin with."""
    whole = [block for block in starts.get(plain[at], ()) if tuple(plain[at : at + len(block)]) == block]
    return max(whole, key=len, default=None)


def _trimmed(lines: list[str]) -> str:
    while lines and not lines[0].strip():
        lines = lines[1:]
    return "\n".join(lines).rstrip()
