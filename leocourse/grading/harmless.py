"""Text from a submission made harmless: for pages, Markdown, terminals and CSV."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from leocourse.core import keep
from leocourse.core.plain import clean, one_line


def plain_markdown(text: str) -> str:
    """Text on one line in which nothing means anything to Markdown or HTML."""
    line = re.sub(r"([\\`*_\[\]()#!|~<>&])", r"\\\1", one_line(text))
    line = re.sub(r"^([-+=]|\d+(?=[.)]))", r"\\\1" if line[:1] in "-+=" else "\u2060\\1", line)
    # A mail program makes a link of an address whatever Markdown says; a mark that no one sees stops it.
    return re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)", "\u2060", line, flags=re.IGNORECASE)


def fenced(text: str) -> str:
    """Text as a block of code of Markdown, with a fence that the text does not hold."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean(text)}\n{fence}"


def inside(folder: Path, *names: str) -> Path:
    """The path below a folder that names lead to which somebody else chose.

    Raises ValueError if one of them is no name of a single file: whatever else it is, nothing is written there.
    """
    for name in names:
        if name in ("", ".", "..") or "\0" in name or Path(name).name != name or len(Path(name).parts) != 1:
            raise ValueError(f"{name[:40]!r} is no name of a folder")
    return folder.joinpath(*names)


def place(folder: Path, *names: str) -> Path:
    """The folder below another that names lead to which somebody else chose, made if it is not there.

    Every step is taken from the folder before it, and never through a link: what is in the way is moved aside, and
    a line says so. Raises ValueError as :func:`inside`, and OSError if a folder cannot be made.
    """
    inside(folder, *names)
    folder.mkdir(parents=True, exist_ok=True)
    here, path = os.open(folder, os.O_RDONLY | os.O_DIRECTORY), folder
    try:
        for name in names:
            path = path / name
            below = _step_down(here, name, path)
            os.close(here)
            here = below
    finally:
        os.close(here)
    return path


def _step_down(here: int, name: str, path: Path) -> int:
    """A descriptor of a folder in another, which is made if need be."""
    for _ in range(3):
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=here)
        try:
            return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
        except NotADirectoryError:  # a file, or a link: it is somebody's
            keep.tell(path, keep.aside(path))
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            keep.tell(path, keep.aside(path))
    raise OSError(errno.EEXIST, "something takes its place again and again", str(path))


def write_csv(rows: Iterable[Sequence[Any]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Rows as CSV. A text that a spreadsheet would take for a formula is made harmless, and what would change a
    terminal or the direction of text is left out; numbers stay numbers."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=quoting)
    for row in rows:
        writer.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue()


FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a formula may begin with, also in the wide forms of these signs."""


def _safe(cell: str) -> str:
    """Also behind blanks and line breaks, which some spreadsheets pass over."""
    cell = clean(cell)
    return "'" + cell if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell
