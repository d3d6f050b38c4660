"""Google Classroom, the folder of an assignment in Drive: each copy is called by its title and its person.

Which comes first is not written down anywhere that we could check, so either is read: the title is what names an
assignment, or what all have in common.
"""

from __future__ import annotations

from leocourse.grading.box.answers import letters
from leocourse.grading.intake.layouts import Around, Whose

NAME = "Google Classroom"
EXAMPLE = {
    "Zoë Łukasiewicz - table-for-release.ipynb": ("Zoë Łukasiewicz", ""),
    "Ada O'Brien - Copy of table-for-release.ipynb": ("Ada O'Brien", ""),
    "table-for-release - Bo Li.ipynb": ("Bo Li", ""),
}
OWN = ()


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """Only files, never folders, and only where the title is beyond doubt."""
    file = parts[0]
    if len(parts) != 1 or not file.lower().endswith((".ipynb", ".pdf", ".py", ".html")) or file.count(" - ") != 1:
        return None
    stem, _, ending = file.rpartition(".")
    sides = stem.split(" - ")
    titles = [_is_title(side, around) for side in sides]
    if titles[0] == titles[1]:
        return None
    student, title = (sides[1], sides[0]) if titles[0] else (sides[0], sides[1])
    return Whose(student, (f"{title}.{ending}",)) if student.strip() else None


def _is_title(side: str, around: Around) -> bool:
    found = letters(side)
    return any(name and name in found for name in around.names)
