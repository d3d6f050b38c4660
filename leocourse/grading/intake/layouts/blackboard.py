"""Blackboard, "Assignment File Download": title, user name, time of the attempt, and a note about each attempt."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "Blackboard"
EXAMPLE = {
    "Table for release_zl101_attempt_2026-11-20-09-30-00_table-for-release.ipynb": ("zl101", "2026-11-20-09-30-00"),
    "Table for release_zl101_attempt_2026-11-20-09-30-00.txt": ("zl101", "2026-11-20-09-30-00"),
    "Table for release_ao102_attempt_2026-11-21-10-00-00_work_final.ipynb": ("ao102", "2026-11-21-10-00-00"),
}
OWN = ()
FILE = re.compile(
    r"(?P<title>.+?)_(?P<name>[^_]+)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|(?P<note>\.txt))",
    re.DOTALL,
)


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """The title of the assignment is taken as the name of a folder."""
    match = FILE.fullmatch(parts[0])
    if not match:
        return None
    file = match["file"] or f"attempt {match['time']}.txt"
    return Whose(match["name"], (match["title"], file, *parts[1:]), time=match["time"])
