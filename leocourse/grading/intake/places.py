"""Whose a file is, from where it lies: which folders are only round the rest, and which layout the rest has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from leocourse.grading.box.answers import letters
from leocourse.grading.intake.layouts import Around, Layout, Node, Whose, layouts
from leocourse.grading.intake.snapshot import Found, ignored

PLAIN = "a folder a person"
WRAPPERS = {
    "submitted", "submissions", "submission", "submittedfiles", "workingfiles", "abgaben", "handin", "handins",
    "downloads", "download", "assignments", "homework", "students", "all",
}  # fmt: skip
"""Letters of names that folders round everybody's work have, and no person."""
TRIES = re.compile(r"(?:v|version|attempt|try|versuch|draft|final|old|new|alt|neu|copy|backup|part|week)?\d*$")
"""Letters of folders that are one person's tries, and no people."""
WRAPPED_DEEP = 8


@dataclass(frozen=True)
class Place:
    """Where a file lies."""

    whose: Whose | None = None
    layout: str = PLAIN
    above: tuple[str, ...] = ()
    """The folders round everybody's work."""
    own: bool = False
    """Whether the collector itself put it there."""
    doubt: str = ""

    @property
    def top(self) -> int:
        """How many parts of the path come before what is the person's own."""
        return len(self.above) + (self.whose.depth if self.whose else 0)


class Places:
    """The places of all files of a source."""

    def __init__(
        self,
        files: list[Found],
        called: str,
        names: Mapping[str, str],
        known: Callable[[str], bool],
        decided: Mapping[tuple[str, ...], str],
    ) -> None:
        """``called`` is the source's name, ``names`` maps letters of names of assignments and notebooks to the
        assignment, ``known`` says whether a name is on the roster, ``decided`` has the assignment of notebooks whose
        content says it."""
        self._called, self._names, self._known, self._decided = called, names, known, decided
        self._tree: Node = {}
        self._doubts: dict[tuple[str, ...], str] = {}
        self._rounds: dict[tuple[str, ...], str] = {}
        self._ranks: dict[tuple[str, ...], list[Layout]] = {}
        for file in files:
            kept = tuple(takewhile(lambda part: not ignored((part,)), file.parts))
            if kept:
                self._plant(file if kept == file.parts else Found(kept, folder=True))
        self._layouts = layouts()
        self._roots = sorted(self._find(self._tree, ()), key=len, reverse=True)

    def _plant(self, file: Found) -> None:
        node = self._tree
        for part in file.parts[:-1]:
            inner = node.get(part)
            if inner is None:
                inner = node[part] = {}
            node = inner
        if file.folder or file.opened:
            node[file.name] = node.get(file.name) or {}
        else:
            node.setdefault(file.name, None)

    def _node(self, above: tuple[str, ...]) -> Node:
        node = self._tree
        for part in above:
            node = node.get(part) or {}
        return node

    def of(self, file: Found) -> Place:
        """Where a file lies."""
        above = next((root for root in self._roots if file.parts[: len(root)] == root), ())
        parts = file.parts[len(above) :]
        if not parts:  # a folder or zip round everybody's work
            return Place(above=above)
        node = self._node(above)
        layout, whose = self._read(parts, node, above)
        if whose is not None:
            return Place(whose, layout.NAME, above, doubt=self._rounds.get(above, ""))
        if len(parts) == 1 and (node.get(parts[0]) is None):
            own = any(parts[0] in each.OWN and self._speaks(each, node, above) for each in self._layouts)
            return Place(above=above, own=own)
        if letters(parts[0]) in WRAPPERS and len(parts) == 2 and not file.folder:
            return Place(above=above)
        student = parts[0][:-4] if parts[0].lower().endswith(".zip") and len(parts[0]) > 4 else parts[0]
        return Place(Whose(student, parts[1:]), above=above, doubt=self._doubts.get((*above, parts[0]), ""))

    def _read(self, parts: tuple[str, ...], node: Node, above: tuple[str, ...]) -> tuple[Layout | None, Whose | None]:
        around = Around(node, above, frozenset(self._names)) if parts[0] in node else None
        for layout in self._ranked(node, above):
            if around is not None and (whose := layout.whose(parts, around)) is not None and whose.student.strip():
                return layout, whose
        if not above and self._called:  # the source may itself be the folder by which a layout is known
            outer = Around({self._called: node}, (), frozenset(self._names))
            for layout in self._layouts:
                whose = layout.whose((self._called, *parts), outer)
                if whose is not None and whose.depth > 1 and whose.student.strip():
                    return layout, Whose(whose.student, whose.rest, whose.number, whose.also, whose.time, whose.attempt)
        return None, None

    def _ranked(self, node: Node, above: tuple[str, ...]) -> list[Layout]:
        """The layouts that speak here, the one first that reads the most, then that finds the most people.

        What one person called a file may look like another layout; what all are called by does not.
        """
        if above not in self._ranks:
            around = Around(node, above, frozenset(self._names))
            ranks = []
            for number, layout in enumerate(self._layouts):
                read = [(path, whose) for path in _leaves(node) if (whose := layout.whose(path, around)) is not None]
                first = sum(path[0].startswith(whose.student) for path, whose in read)
                if read:
                    found = (len({path[0] for path, _ in read}), len({whose.student for _, whose in read}), first)
                    ranks.append((*(-each for each in found), number))
            self._ranks[above] = [self._layouts[number] for *_, number in sorted(ranks)]
        return self._ranks[above]

    def _speaks(self, layout: Layout, node: Node, above: tuple[str, ...]) -> bool:
        return layout in self._ranked(node, above)

    # Folders round everybody's work

    def _find(self, node: Node, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The folders and zips that are only round others: work begins below them."""
        if len(above) < WRAPPED_DEEP and not self._strong(node, above):
            inner = {name: below for name, below in node.items() if below}
            files = [name for name, below in node.items() if below is None and _may_hold_work(name)]
            if inner and not files and self._round(inner, above):
                for name, below in inner.items():
                    yield from self._find(below, (*above, name))
        yield above

    def _strong(self, node: Node, above: tuple[str, ...]) -> bool:
        return any(self._read(path, node, above)[1] is not None for path in _leaves(node))

    def _round(self, inner: Node, above: tuple[str, ...]) -> bool:
        """Whether folders are only round others: all of them are downloads, are called so, or hold many people's."""
        if any(self._known(_stem(name)) for name in inner):
            return False
        people = [self._download(below, (*above, name)) for name, below in inner.items()]
        if all(people) and (len(inner) > 1 or len(people[0]) > 1 or self._all_called_so(inner, above)):
            if len(inner) == 1:  # somebody's own files may look like a download, too
                name = next(iter(inner))
                self._rounds[(*above, name)] = f"'{name}' was taken for a folder round a download, and for no person."
            return True
        through = dict(_through((*above, name), below) for name, below in inner.items())
        if all(any(self._known(_stem(each)) for each, under in below.items() if under) for below in through.values()):
            return True
        if self._all_called_so(inner, above):
            return True
        whole = len(inner) == 1 or all(name.lower().endswith(".zip") for name in inner)
        if whole and all(self._has_many(below, where) for where, below in through.items()):
            return True
        if len(inner) == 1:
            ((name, below),) = inner.items()
            people = [each for each, under in below.items() if under is not None and letters(each) not in self._names]
            if len(people) == 1 and below[people[0]]:
                said = f"'{name}' may be a folder round the work of '{people[0]}': --roster or --map settles it."
                self._doubts[(*above, name)] = said
        return False

    def _download(self, node: Node, above: tuple[str, ...], deep: int = 0) -> set[str]:
        """The people of the downloads in a folder; none if anything else is in it."""
        if self._strong(node, above):
            read = (self._read(path, node, above)[1] for path in _leaves(node))
            return {whose.student for whose in read if whose is not None}
        inner = {name: below for name, below in node.items() if below}
        if not inner or deep > 3 or any(below is None and _may_hold_work(name) for name, below in node.items()):
            return set()
        found = [self._download(below, (*above, name), deep + 1) for name, below in inner.items()]
        return set.union(*found) if all(found) else set()

    def _all_called_so(self, inner: Node, above: tuple[str, ...]) -> bool:
        return all(self._is_called_so(name, below, above) for name, below in inner.items())

    def _is_called_so(self, name: str, below: Node, above: tuple[str, ...]) -> bool:
        word = letters(_stem(name))
        holder = letters(_stem(above[-1] if above else self._called))
        if any(each is None and _may_hold_work(file) for file, each in below.items()) and not self._strong(
            below, (*above, name)
        ):
            return False
        if not below:
            return False
        return word in WRAPPERS or word in self._names or (word == holder and not self._known(_stem(name)))

    def _has_many(self, node: Node, above: tuple[str, ...]) -> bool:
        """Whether two folders hold worked notebooks of one assignment: they are two people's."""
        seen: set[str] = set()
        for name, below in node.items():
            if below is None:
                if _may_hold_work(name):
                    return False
                continue
            if letters(name) in self._names or TRIES.match(letters(name)):
                return False
            start = (*above, name)
            there = {self._decided[path] for path in (start + leaf for leaf in _leaves(below)) if path in self._decided}
            if there & seen:
                return True
            seen |= there
        return False


def _through(above: tuple[str, ...], node: Node) -> tuple[tuple[str, ...], Node]:
    """The first folder in which there is more than one other."""
    while len(node) == 1:
        ((name, below),) = node.items()
        if not below or not any(below.values()):
            break
        above, node = (*above, name), below
    return above, node


def _leaves(node: Node, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, below in node.items():
        if below:
            yield from _leaves(below, (*above, name))
        else:
            yield (*above, name)


def _stem(name: str) -> str:
    return name[:-4] if name.lower().endswith(".zip") else name


def _may_hold_work(name: str) -> bool:
    return ".ipynb" in name.lower() or name.lower().endswith(".zip")


def nfc(name: str) -> str:
    """A name as it is written in one way only."""
    return unicodedata.normalize("NFC", name)
