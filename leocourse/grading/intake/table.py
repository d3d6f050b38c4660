"""The plan as a table, and the table that somebody corrected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.grading.harmless import FORMULA, write_csv
from leocourse.grading.intake.model import Line, wrong_name
from leocourse.grading.roster import rows_of

LEAVE_OUT = "-"
"""In the column of the assignment: this file is not to be marked."""
COLUMNS = ("file", "what", "student", "assignment", "rule", "doubt", "sha256")
CHANGED = "It changed since the table was made: make the plan again with --plan, and correct that."


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a file."""

    student: str
    assignment: str
    sha256: str
    line: int


def spelled(path: str) -> str:
    """A path as a table has it: what is not to be seen, or is no text, is spelled out, and so is a first apostrophe,
    by which a spreadsheet means something else."""
    if path.startswith("'"):
        return "\\x27" + spelled(path[1:])
    return "".join(
        each if each.isprintable() and each != "\\" else each.encode("unicode_escape").decode("ascii") for each in path
    )


def plan_csv(plan: Sequence[Line]) -> str:
    """The plan as CSV, for ``--map`` to take back once somebody has corrected it."""
    rows = [
        [
            spelled(each.file),
            each.what,
            spelled(each.student),
            each.assignment,
            each.rule,
            spelled(each.doubt),
            each.sha256,
        ]
        for each in plan
    ]
    return write_csv([COLUMNS, *rows])


def read_map(path: Path, assignments: Mapping[str, str]) -> dict[str, Decision]:
    """What a corrected plan decides, by file as :func:`spelled`. Lines with neither student nor assignment decide
    nothing.

    Raises LeoError, with the line, for a student or an assignment that cannot be.
    """
    (_, header), *rows = rows_of(path, "The table")
    if missing := [name for name in ("file", "student", "assignment") if name not in header]:
        raise LeoError(f"The table {path} has no column '{missing[0]}'. Begin with the table of --plan.")
    decided: dict[str, Decision] = {}
    for line, row in rows:
        file, student, assignment, sha256 = (
            _cell(row.get(name, "")) for name in ("file", "student", "assignment", "sha256")
        )
        if not file or not (assignment == LEAVE_OUT or (student and assignment)):
            continue
        if assignment not in assignments and assignment != LEAVE_OUT:
            raise LeoError(f"{path}, line {line}: {assignment[:60]!a} is no assignment of this course.")
        if assignment != LEAVE_OUT and (wrong := wrong_name(_unspelled(student))):
            raise LeoError(f"{path}, line {line}: {wrong}")
        if file in decided:
            raise LeoError(f"{path}, line {line}: {file[:60]!a} is in line {decided[file].line} already.")
        decided[file] = Decision(_unspelled(student), assignment, sha256, line)
    return decided


def _cell(text: str) -> str:
    """A cell as it was before it was made harmless to spreadsheets."""
    text = text.strip("\r\n")
    return (
        text[1:]
        if text.startswith("'") and (text[1:].startswith(FORMULA) or text[1:].lstrip().startswith(FORMULA))
        else text
    )


def _unspelled(text: str) -> str:
    found = re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})", lambda each: chr(int(each[1][1:], 16)), text)
    return found.replace("\\\\", "\\").replace("\\t", "\t")
