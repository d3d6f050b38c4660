"""Keys are computed a question at a time, and kept until something changes that decides them.

``_build/keys/<assignment>/<question>.json`` holds the part of a key that belongs to one question on the lesson
extract, with a hash of what it was computed from. An edit of one question leaves those of all others as they are.
What is true of people in the records, which all questions share, is kept beside them in the same way.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from leocourse.authoring.question import Question, question_path
from leocourse.core import keep
from leocourse.steps import digest

KEPT = Path("_build") / "keys"
PACKAGE = Path(__file__).resolve().parents[1]
ROOMS = ("core", "schema", "measures", "checks", "authoring")
"""The folders of the package whose code can change a key."""
LIBRARIES = ("duckdb", "pandas", "numpy", "matplotlib")


class KeptKeys:
    """The entries of questions that are kept for one extract."""

    def __init__(self, root: Path, extract: Path) -> None:
        self._folder = root / KEPT
        self._common = _hash([digest([extract / "manifest.json", *code()]), sys.version, *(map(version, LIBRARIES))])

    def get(self, folder: Path, question: Question) -> dict[str, Any] | None:
        """The entry of a question of the assignment in ``folder``; None if it is not kept, or not of what is now."""
        try:
            kept = json.loads(self._path(folder, question).read_text(encoding="utf-8"))
            whole = kept["seal"] == self._seal(folder, question, kept["entry"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return kept["entry"] if whole else None

    def put(self, folder: Path, question: Question, entry: dict[str, Any]) -> None:
        """Keep the entry of a question."""
        kept = {"seal": self._seal(folder, question, entry), "entry": entry}
        name = self._path(folder, question).relative_to(self._folder).as_posix()
        keep.put(self._folder, name, json.dumps(kept, separators=(",", ":")))

    def file(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A file that belongs to all questions of the extract: the kept one, if it is of what is now, or a new one."""
        path = self._folder / name
        try:
            seal, _, content = path.read_bytes().partition(b"\n")
        except OSError:
            seal, content = b"", b""
        if seal != self._seal_of(content):
            content = make()
            keep.put(self._folder, name, self._seal_of(content) + b"\n" + content)
        return content

    def _seal_of(self, content: bytes) -> bytes:
        return _hash([self._common, hashlib.sha256(content).hexdigest()]).encode()

    def _path(self, folder: Path, question: Question) -> Path:
        return self._folder / folder.name / f"{question.name}.json"

    def _seal(self, folder: Path, question: Question, entry: dict[str, Any]) -> str:
        """A hash of what an entry is made from, and of the entry: a file that somebody changed does not fit it.

        What the catalogue says of its misconceptions is in the specification.
        """
        files = digest(sources(question_path(folder, question.name)))
        specification = json.dumps(question.specification(), default=str)
        return _hash([self._common, files, specification, json.dumps(entry, separators=(",", ":"))])


def sources(path: Path) -> list[Path]:
    """A question's file, and all files of the folder ``questions`` that it imports, directly or through others."""
    found, waiting = [], [path]
    while waiting:
        each = waiting.pop()
        if each not in found and each.is_file():
            found.append(each)
            waiting += _imported(each)
    return sorted(found)


def inputs(root: Path, extract: Path, assignment: str, name: str) -> list[Path]:
    """All files of the course that decide the entry of one question, but for the tables of the extract."""
    of_question = sources(question_path(root / "solutions" / assignment, name))
    return [*of_question, extract / "manifest.json", *code()]


def code() -> list[Path]:
    """The files of the package that can change a key."""
    found = (path for room in ROOMS for path in (PACKAGE / room).rglob("*"))
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _imported(path: Path) -> list[Path]:
    """What a file imports from its own folder: ``from .shared import x`` and ``from . import shared``."""
    nodes = [each for each in ast.walk(ast.parse(path.read_bytes())) if isinstance(each, ast.ImportFrom) and each.level]
    names = [name for node in nodes for name in ([node.module] if node.module else [each.name for each in node.names])]
    return [path.with_name(f"{name.split('.')[0]}.py") for name in names]


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
