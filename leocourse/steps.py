"""Steps of the course: what each reads, what it writes, and the function that does it.

A step is done again when a file that it reads was changed, added or removed, when what it wrote is missing or was
changed by somebody, or when its settings differ. States are hashes of contents, in ``_build/steps``:
a date of change is never believed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leocourse.core import keep

STATES = Path("_build") / "steps"
LITTER = {"__pycache__", ".ipynb_checkpoints", "node_modules", keep.RECORD}
"""Names of what is neither input nor output: caches, and the records of :mod:`leocourse.core.keep`."""
NOT_DONE = "not done yet"


@dataclass(frozen=True)
class Step:
    """One step, with paths and patterns seen from the folder of the course.

    ``data/schema`` is all below it, ``book/*.md`` what matches, and ``!_build/html/lite`` is taken away from the rest.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    """Files and folders that are there when it is done. A folder counts with all that is in it."""
    run: Callable[[Path], Any]
    settings: Callable[[], str] = str
    """What else decides its outcome: variables of the environment, versions of tools."""
    after: tuple[str, ...] = ()
    """Steps that must be current before."""
    leaves: tuple[str, ...] = ()
    """Paths that must be there too, but whose content others change: a gradebook, installed packages."""
    finishes: tuple[str, ...] = ()
    """Steps before it whose output it may complete or mend: what it leaves there is what they wrote."""
    stands: Callable[[Path], bool] | None = None
    """Where nothing is known of a former run: whether what is there is just what it would make."""


def files_of(root: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """The files that patterns name, in order, without caches. A pattern that names a folder means all below it."""
    found: set[Path] = set()
    taken_away: set[Path] = set()
    for pattern in patterns:
        chosen = taken_away if pattern.startswith("!") else found
        place = root / pattern.removeprefix("!")
        named = [place] if place.exists() or place.is_symlink() else _matching(root, place)
        for path in named:
            chosen |= set(path.rglob("*")) if path.is_dir() else {path}
    for path in sorted(found - taken_away):
        if path.is_file() and path.suffix != ".pyc" and not LITTER & set(_from(root, path).parts):
            yield path


def _matching(root: Path, place: Path) -> Iterable[Path]:
    return root.glob(place.relative_to(root).as_posix()) if place.is_relative_to(root) else ()


def _from(root: Path, path: Path) -> Path:
    """A path as it is remembered: from the folder of the course if it lies in it."""
    return path.relative_to(root) if path.is_relative_to(root) else path


def hashes(root: Path, patterns: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of the content of files, by path from the root (see :func:`files_of`)."""
    return {_from(root, path).as_posix(): keep.fingerprint(path) for path in files_of(root, patterns)}


def digest(paths: Iterable[Path]) -> str:
    """A hash of the names and contents of files, and of all files in folders. Missing ones count as such."""
    total = hashlib.sha256()
    for path in paths:
        folder = path if path.is_dir() else path.parent
        for name, mark in hashes(folder, ["."] if path.is_dir() else [path.name]).items():
            total.update(name.encode() + b"\0" + bytes.fromhex(mark))
        total.update(b"\1")
    return total.hexdigest()


class Steps:
    """The steps of a course in a folder. ``table`` names each step once."""

    def __init__(self, root: Path, table: Iterable[Step]) -> None:
        self.root = root.resolve()
        self.table = {step.name: step for step in table}

    def why(self, name: str) -> str:
        """Why a step has to be done, in a few words; empty if it is current."""
        return self._why(self.table[name], hashes(self.root, self.table[name].reads))

    def make(self, name: str, say: Callable[[str], None] | None = None, force: bool = False) -> bool:
        """Do a step, after those that it follows, if it has to be done. Returns whether it was done.

        What it reads is looked at before it runs, so that a change made meanwhile is seen the next time.
        """
        return self._make(name, say, force, set())

    def _make(self, name: str, say: Callable[[str], None] | None, force: bool, seen: set[str]) -> bool:
        if name in seen:
            return False
        seen.add(name)
        step = self.table[name]
        for before in step.after:
            self._make(before, say, False, seen)
        reads = hashes(self.root, step.reads)
        reason = "asked for" if force else self._why(step, reads)
        if not reason:
            return False
        adopted = reason == NOT_DONE and step.stands is not None and step.stands(self.root)
        if say is not None and not adopted:
            say(f"{name}: {reason}")
        state = self._state(name)
        state.unlink(missing_ok=True)
        settings = step.settings()
        if not adopted:
            step.run(self.root)
        for other in step.finishes:
            reads = self._finished(self.table[other], step, reads)
        made = {"settings": settings, "read": reads, "wrote": hashes(self.root, step.writes)}
        keep.put(state.parent, state.name, json.dumps(made, indent=1) + "\n")
        return not adopted

    def _finished(self, first: Step, step: Step, reads: dict[str, str]) -> dict[str, str]:
        """Note what the ``first`` step wrote as it is now, and give what the ``step`` that finished it read so."""
        wrote = hashes(self.root, first.writes)
        state = self._state(first.name)
        try:
            last = json.loads(state.read_text(encoding="utf-8"))
            earlier = set(last["wrote"])
        except (OSError, ValueError, KeyError, TypeError):
            return reads
        keep.put(state.parent, state.name, json.dumps(last | {"wrote": wrote}, indent=1) + "\n")
        now = {path: mark for path, mark in hashes(self.root, step.reads).items() if path in wrote}
        return {path: mark for path, mark in reads.items() if path not in earlier} | now

    def forget(self, name: str) -> None:
        """Do a step the next time, whatever is there."""
        self._state(name).unlink(missing_ok=True)

    def _state(self, name: str) -> Path:
        return self.root / STATES / f"{name}.json"

    def _why(self, step: Step, reads: dict[str, str]) -> str:
        try:
            last = json.loads(self._state(step.name).read_text(encoding="utf-8"))
            settings, read, wrote = last["settings"], dict(last["read"]), dict(last["wrote"])
        except (OSError, ValueError, KeyError, TypeError):
            return NOT_DONE
        if settings != step.settings():
            return "its settings changed"
        if changed := _difference(read, reads):
            return changed
        missing = [path for path in step.leaves if not (self.root / path).exists()]
        kept = (path for path in step.writes if not path.startswith("!"))
        missing += [path for path in kept if not any(files_of(self.root, [path]))]
        if missing:
            return f"{missing[0]} is missing"
        changed = _difference(wrote, hashes(self.root, step.writes))
        return f"{changed}, which it wrote" if changed else ""


def _difference(before: dict[str, str], now: dict[str, str]) -> str:
    """The first file that differs between two states, in words; empty if none does."""
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            return f"{path} {'is new' if path not in before else 'is gone' if path not in now else 'changed'}"
    return ""
