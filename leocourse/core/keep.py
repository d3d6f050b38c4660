"""Nothing that somebody made is overwritten: what is in the way is moved aside, under a dated name.

A folder that a command writes carries a record of its files (:data:`RECORD`), so that the command can replace what
it wrote itself, and tell it from what somebody changed or added since.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import datetime
from pathlib import Path

from leocourse.core.errors import LeoError

RECORD = ".leo-written.json"
"""In a folder that a command wrote: its files, by path from the folder, each with the SHA-256 of its content."""


def aside(path: Path) -> Path:
    """Move a file or folder to a free name beside it that says when, and return that name.

    ``first.ipynb`` becomes ``first.kept-20261130-095900.ipynb``. Raises LeoError if it cannot be moved.
    """
    target = free_name(path)
    try:
        os.rename(path, target)
    except OSError as error:
        raise LeoError(
            f"{path} is in the way and cannot be moved aside ({error.strerror}): move it yourself."
        ) from error
    return target


def free_name(path: Path) -> Path:
    """A name beside ``path`` with today's date and time in it, that nothing has yet."""
    now = f"kept-{datetime.now():%Y%m%d-%H%M%S}"
    suffix = "" if path.is_dir() and not path.is_symlink() else path.suffix
    stem = path.name.removesuffix(suffix) if suffix else path.name
    number = 1
    while True:
        name = f"{stem}.{now}{suffix}" if number == 1 else f"{stem}.{now}-{number}{suffix}"
        if not os.path.lexists(path.with_name(name)):
            return path.with_name(name)
        number += 1


def make_way(path: Path, content: bytes | None = None) -> Path | None:
    """Move aside what is at ``path``, unless nothing is, or just the ``content`` that will be written there.

    Returns where it went, or None. A command says so in one line: see :func:`kept_line`.
    """
    if not os.path.lexists(path):
        return None
    if content is not None and path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return None
    return aside(path)


def kept_line(path: Path, kept: Path) -> str:
    """The line that tells where something went."""
    return f"{path} was there already: it is kept as {kept.name}."


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record(folder: Path) -> None:
    """Write down what is in a folder now as what this course wrote there."""
    files = {path: _fingerprint_of(folder / path) for path in _files(folder)}
    (folder / RECORD).write_text(json.dumps({"files": files}, indent=1) + "\n", encoding="utf-8")


def recorded(folder: Path) -> dict[str, str] | None:
    """What the record of a folder says was written there, by path; None if it has none that can be read."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return files if isinstance(files, dict) else None


def made_by_somebody(folder: Path) -> list[str]:
    """The files in a folder that are not as a command wrote them: changed since, or put there by somebody."""
    written = recorded(folder) or {}
    return [path for path in _files(folder) if written.get(path) != _fingerprint_of(folder / path)]


def check_free(folder: Path) -> None:
    """Raise LeoError unless ``folder`` is missing, empty, or was written by this course (it has a record)."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise LeoError(f"{folder} is a file: name a folder to write to.")
    if recorded(folder) is None and any(folder.iterdir()):
        raise LeoError(f"{folder} already holds files that this command did not write: name another folder.")


def replace_folder(made: Path, folder: Path) -> Path | None:
    """Put the finished folder ``made`` in the place of ``folder``, and write its record.

    What somebody changed or added in ``folder`` is moved, with its subfolders, into a dated folder beside it, which
    is returned; None if there was nothing of the kind. Raises LeoError as :func:`check_free` does.
    """
    check_free(folder)
    record(made)
    kept = None
    if folder.is_dir():
        theirs = made_by_somebody(folder)
        if theirs:
            kept = free_name(folder)
            for path in theirs:
                (kept / path).parent.mkdir(parents=True, exist_ok=True)
                os.rename(folder / path, kept / path)
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, folder)
    return kept


def _files(folder: Path) -> list[str]:
    """Every file and link below a folder but its record, by path from it, in order. Links are not followed."""
    found = []
    for here, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]
        found += [Path(here, name).relative_to(folder).as_posix() for name in [*names, *links]]
    return sorted(path for path in found if path != RECORD)


def _fingerprint_of(path: Path) -> str | None:
    """The fingerprint of a plain file; None of a link or of what cannot be read, which nobody's record holds."""
    try:
        return None if path.is_symlink() else fingerprint(path)
    except OSError:
        return None
