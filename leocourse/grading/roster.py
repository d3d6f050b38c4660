"""The people of a course, from a CSV file: to hand out to, and to tell whose work something is."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.core.once import read_named

ID_LIMIT, ROSTER_LIMIT, BYTES_LIMIT = 64, 20_000, 10 * 2**20
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
"""Names that no folder on Windows may have."""
KNOWN_AS = (
    "id", "name", "full name", "email", "e-mail", "email address", "login", "user", "username", "user name",
    "sis login id", "sis user id", "github", "github username", "student id", "user id", "number", "id number",
    "lms id", "also",
)  # fmt: skip
"""Columns of a roster with what a person is known as, beside first and last name."""


@dataclass(frozen=True)
class Learner:
    """A line of a roster."""

    id: str
    name: str = ""
    also: tuple[str, ...] = ()
    """What else the person is known as: user names, numbers, addresses."""


def rows_of(path: Path, what: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of each line of a CSV file in UTF-8, by the names of its columns; commas, semicolons or tabs.

    Raises LeoError, in one line, if it cannot be read.
    """
    try:
        text = read_named(path, BYTES_LIMIT, what).decode("utf-8-sig")
        header = text.split("\n", maxsplit=1)[0]
        comma = max(",;\t", key=header.count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma)
        columns = reader.fieldnames or []
        rows = [(reader.line_num, row) for row, _ in zip(reader, range(ROSTER_LIMIT + 1), strict=False)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise LeoError(f"{what} {path} is no CSV file in UTF-8.") from error
    if len(rows) > ROSTER_LIMIT:
        raise LeoError(f"{what} {path} has more than {ROSTER_LIMIT:,} lines: split it.")
    for line, row in [(1, dict.fromkeys(columns, "")), *rows]:
        yield line, {str(name): cell for name, cell in row.items() if name is not None and isinstance(cell, str)}


def read_roster(path: Path) -> list[Learner]:
    """The learners in a CSV file with a column ``id``, and ``name`` or nbgrader's ``first_name`` and ``last_name``.

    Ids become names of folders. Raises LeoError, with the line, for one that cannot be: empty, longer than 64
    characters, with a separator of paths or a control character, a name that means another folder or that Windows
    keeps for itself, or one that differs from another in capitals or accents' encoding only.
    """
    (_, header), *rows = rows_of(path, "The roster")
    if "id" not in header:
        raise LeoError(f"The roster {path} has no column 'id'.")
    if not rows:
        raise LeoError(f"The roster {path} names nobody.")
    learners, seen = [], {}
    for line, row in rows:
        learner = row.get("id", "").strip(" ")
        wrong = _wrong(learner)
        folded = unicodedata.normalize("NFKC", learner).casefold()
        if not wrong and folded in seen:
            wrong = f"is the same folder as the one in line {seen[folded]}"
        if wrong:
            raise LeoError(f"Roster, line {line}: the id {_shown(learner)} {wrong}.")
        seen[folded] = line
        name = row.get("name") or f"{row.get('first_name') or ''} {row.get('last_name') or ''}"
        learners.append(Learner(learner, " ".join(name.split())))
    return learners


def known_as(path: Path) -> list[Learner]:
    """The learners of :func:`read_roster`, each with all that the roster says they are known as."""
    rows = [row for _, row in rows_of(path, "The roster")][1:]
    made = []
    for learner, row in zip(read_roster(path), rows, strict=True):
        cells = {name.strip().casefold().replace("_", " "): cell.strip() for name, cell in row.items()}
        also = [cells[name] for name in KNOWN_AS if cells.get(name)]
        first, last = cells.get("first name", ""), cells.get("last name", "")
        also += [f"{first} {last}", f"{last} {first}"] if first and last else []
        made.append(Learner(learner.id, learner.name, tuple(also)))
    return made


def _wrong(learner: str) -> str:
    if not learner:
        return "is empty"
    if len(learner) > ID_LIMIT or len(learner.encode("utf-8", "replace")) > 2 * ID_LIMIT:
        return f"is longer than {ID_LIMIT} characters"
    if any(unicodedata.category(each)[0] == "C" for each in learner):
        return "holds a character that is not to be seen"
    if any(each in '/\\:*?"<>|' for each in unicodedata.normalize("NFKC", learner)):
        return "holds a character that no folder may have"
    if learner.startswith((".", "-", "~")) or learner.endswith("."):
        return "begins or ends with a sign that means something else to a computer"
    if learner.split(".", maxsplit=1)[0].casefold() in RESERVED:
        return "is a name that Windows keeps for itself"
    return ""


def _shown(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 60 else f"{shown[:60]}...'"
