"""Takes answers over again from copies that were put aside, where the learner's present copy has none.

A command that finds another file in its way keeps it under a dated name (:mod:`leocourse.core.keep`). What was
answered in such a copy, and nowhere else, is offered (:func:`kept_lines`) and written in when it is asked for
(:func:`take`). Every file is kept.
"""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leocourse.authoring.handout import CHECKPOINTS, handed_out, release_id, written
from leocourse.authoring.memory import Copies
from leocourse.core.copies import WORK, course_folder, release_of
from leocourse.core.errors import LeoError
from leocourse.core.keep import free_name, plain_line, put_new
from leocourse.grading.notebook import Unreadable, parse, source
from leocourse.work.carry import Cell, carry, points_elsewhere, put_in, told, work_in

Say = Callable[[str], None]
KEPT = re.compile(r"\.kept-\d{8}-\d{6}(-\d+)?")
"""In the name of what was put aside: see :func:`leocourse.core.keep.free_name`."""


@dataclass
class Offer:
    """What a copy that was put aside has for a present one, ``path`` (from ``work/``)."""

    kept: Path
    path: str
    answers: dict[str, Cell] = field(default_factory=dict)
    """The cells of its answers to questions that the present copy leaves open, by question."""
    differ: list[str] = field(default_factory=list)
    """Questions that both answer, in other words."""
    own: int = 0
    """Cells that the learner had added in it, and that are not in the present copy."""


class Present:
    """The copies in ``work/`` that are of the current release, and what is answered in them."""

    def __init__(self, root: Path, released: dict[str, bytes]) -> None:
        self.root, self.released, self.copies = root, released, Copies(root)
        self._read: dict[str, tuple[dict[str, Cell], set[str]] | None] = {}

    def place_of(self, file: Path) -> str:
        """For which copy in ``work/`` a file was put aside: one beside it, else of the notebook that it says it is."""
        work = self.root / WORK
        beside = file.with_name(KEPT.sub("", file.name))
        if beside != file and beside.is_relative_to(work) and beside.is_file():
            return beside.relative_to(work).as_posix()
        name = self.copies.of(str(file.absolute()))[0]
        if name not in self.released and file.is_relative_to(work):
            name = KEPT.sub("", file.relative_to(work).as_posix())
        return name if name in self.released and (work / name).is_file() and (work / name) != file else ""

    def handed_out(self, path: str) -> dict[str, Any] | None:
        """The current release of a copy; None if the copy is of another, or of none."""
        name, of = self.copies.of(path)
        name = name if name in self.released else path
        if not name.endswith(".ipynb") or name not in self.released or of != release_id(self.released[name], name):
            return None
        release: dict[str, Any] = json.loads(self.released[name])
        return release

    def answered(self, path: str) -> tuple[dict[str, Cell], set[str]] | None:
        """The answers in a copy by question, and the texts of all its cells; None if it is old or cannot be read."""
        if path not in self._read:
            release, notebook = self.handed_out(path), _notebook(self.root / WORK / path)
            found = None
            if release and notebook:
                texts = {source(cell).strip() for cell in notebook["cells"]}
                found = work_in(notebook, release, release)[0], texts
            self._read[path] = found
        return self._read[path]

    def offer(self, file: Path) -> Offer | None:
        """What a file has for a present copy. None if it is no copy of any, or either cannot be read."""
        path = self.place_of(file)
        release, notebook = (self.handed_out(path), _notebook(file)) if path else (None, None)
        present = self.answered(path) if release and notebook else None
        if release is None or notebook is None or present is None:
            return None
        base = self.copies.base(self.copies.of(str(file.absolute()))[1])
        answers, texts = present
        offer, (found, own) = Offer(file, path), work_in(notebook, release, base)
        for question, cell in found.items():
            if points_elsewhere(cell):
                continue
            if question not in answers:
                offer.answers[question] = cell
            elif source(cell).strip() != source(answers[question]).strip():
                offer.differ.append(question)
        offer.own = sum(source(cell).strip() not in texts for cell in own)
        return offer


def offers(root: Path, released: dict[str, bytes]) -> list[Offer]:
    """What copies that were put aside in ``work/`` have for present ones; the newest first."""
    present = Present(root, released)
    found = [present.offer(file) for file in put_aside(root)]
    return [offer for offer in found if offer is not None]


def put_aside(root: Path) -> list[Path]:
    """The notebooks that were put aside in ``work/``, or with the folder of one learner beside it; the newest first."""
    former = [folder for folder in root.parent.glob(f"{glob.escape(root.name)}.kept-*") if not folder.is_symlink()]
    found = []
    for top in (root / WORK, *former):
        for path in top.rglob("*.ipynb"):
            parts = path.relative_to(top.parent).parts
            hidden = any(part.startswith(".") or part == CHECKPOINTS for part in parts)
            when = max((match[0] for part in parts if (match := KEPT.search(part))), default="")
            if when and not hidden and path.is_file() and not path.is_symlink():
                found.append((when, path))
    return [path for _, path in sorted(found, reverse=True)]


def kept_lines(root: Path, released: dict[str, bytes] | None = None) -> list[str]:
    """A line for each present copy that leaves open what a copy that was put aside answers."""
    lacking: dict[str, dict[str, str]] = {}
    for offer in offers(root, handed_out(root, strict=False) if released is None else released):
        for question in offer.answers:
            lacking.setdefault(offer.path, {}).setdefault(question, offer.kept.name)
    return [
        plain_line(
            f"{WORK / path} has no answer to {', '.join(questions)}, and a copy that was put aside has: "
            f"{', '.join(dict.fromkeys(questions.values()))}. To write them in: leo work take"
        )
        for path, questions in sorted(lacking.items())
    ]


def take(root: Path | None = None, paths: Iterable[Path] = (), say: Say = print) -> bool:
    """Write answers from copies that were put aside into present ones, where these have none.

    From all in ``work/``, the newest first, or from these ``paths`` only, wherever they are. The present file is kept
    under a dated name, and so is every other. ``say`` is told what was taken over and what was not. Returns whether
    each of ``paths`` could be used. Raises LeoError if one is missing.
    """
    root = root or course_folder()
    released, named, whole = handed_out(root, strict=False), [path.absolute() for path in paths], True
    for path in named:
        if not path.is_file():
            raise LeoError(f"There is no file {path}.")
    present, some = Present(root, released), False
    for file in named or put_aside(root):
        offer = present.offer(file)
        if offer is None:
            if named:
                say(plain_line(f"{_shown(root, file)}: {_why_not(present, file)}"))
            whole = False
            continue
        if offer.answers:
            kept, some = _write(present, offer), True
            for line in _told(root, offer, kept):
                say(plain_line(line))
            present = Present(root, released)
        elif named:
            for line in _told(root, offer, None):
                say(plain_line(line))
    if not some and not named:
        say(f"Nothing to take over: no copy that was put aside in {WORK} answers what your present copies leave open.")
    return whole or not named


def bring_over(old: str | Path, new: str | Path, say: Say = print) -> Path:
    """Write what was written in the notebook ``old`` into a copy of ``new``, a newer release of it.

    For the browser, where there is no command: neither file changes, and the copy, whose path is returned, lies beside
    ``new``. ``say`` is told what became of what was written. Raises LeoError if one of them is no notebook that can be
    read, or they are not of the same one.
    """
    books = []
    for path in map(Path, (old, new)):
        try:
            books.append(parse(path.read_bytes()))
        except (Unreadable, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error).split(". ")[0].rstrip(".")
            raise LeoError(f"{path} cannot be used: {why}.") from error
    names = [release_of(book)[0] for book in books]
    if not names[1] or names[0] not in ("", names[1]):
        raise LeoError(f"{new} is no release of the notebook that {old} is a copy of.")
    done = carry(*books)
    target = Path(new).with_name(f"{Path(new).stem} with my answers.ipynb")
    target = free_name(target) if target.exists() else target
    target.write_bytes(written(done.notebook))
    say(f"{target}: the new release with what you wrote. {Path(old).name} and {Path(new).name} are as they were.")
    for line in told(done, Path(old).name):
        say(f"  {line}")
    return target


def _write(present: Present, offer: Offer) -> Path | None:
    """Write the answers of an offer into the present copy; return where its file was kept."""
    target, release = present.root / WORK / offer.path, present.handed_out(offer.path)
    notebook = _notebook(target)
    if release is None or notebook is None:  # it was there a moment ago
        raise LeoError(f"{target} cannot be read any more: nothing was written.")
    return put_new(target, written(put_in(notebook, release, offer.answers)))


def _told(root: Path, offer: Offer, kept: Path | None) -> list[str]:
    """What was taken over from a copy, and what was not."""
    copy, file = WORK / offer.path, _shown(root, offer.kept)
    lines = [f"{copy}: has an answer already to everything that {file} answers."]
    if offer.answers:
        lines = [f"{copy}: has the answers to {', '.join(offer.answers)} from {file} now."]
        lines[0] += f" As it was before, it is {kept.name}." if kept else ""
    if offer.differ:
        lines.append(
            f"  Both answer {', '.join(offer.differ)}, and not alike: yours in {copy.name} stays. Compare them."
        )
    if offer.own:
        lines.append(f"  Cells that you added there, and that are not in {copy.name}: {offer.own}. Copy what you need.")
    return lines


def _why_not(present: Present, file: Path) -> str:
    """Why nothing can be taken over from a file."""
    try:
        parse(file.read_bytes())
    except (Unreadable, OSError) as error:
        return f"{str(error).split('. ')[0].rstrip('.')}."
    path = present.place_of(file)
    if not path:
        return f"it does not say of which notebook it is a copy, or no copy of that is in {WORK}."
    if present.handed_out(path) is None:
        return f"{WORK / path} is of an older release: run 'leo work update' first."
    return f"{WORK / path} cannot be read: mend that first."


def _notebook(path: Path) -> dict[str, Any] | None:
    try:
        return parse(path.read_bytes()) if path.is_file() else None
    except (Unreadable, OSError):
        return None


def _shown(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
