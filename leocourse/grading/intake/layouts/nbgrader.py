"""nbgrader, the tree of what it collected: student, assignment, notebook, and the time in a file of its own."""

from __future__ import annotations

from leocourse.grading.intake.layouts import Around, Whose

NAME = "nbgrader"
EXAMPLE = {
    "submitted/zoë/06-table-for-release/table-for-release.ipynb": ("zoë", "2026-11-20 09:30:00 UTC"),
    "submitted/zoë/06-table-for-release/timestamp.txt": ("zoë", ""),
    "submitted/ada/06-table-for-release/table-for-release.ipynb": ("ada", ""),
}
OWN = ()


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """Under its usual name; without that it is read as any other folder with one folder a person."""
    if (
        parts[0] != "submitted"
        or len(parts) < 2
        or (len(parts) == 2 and (around.beside[parts[0]] or {}).get(parts[1]) is None)
    ):
        return None
    return Whose(parts[1], parts[2:], depth=2)
