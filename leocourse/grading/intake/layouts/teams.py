"""Microsoft Teams, from SharePoint: "Submitted files", a folder a person, the assignment, and a folder a version."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "Teams"
EXAMPLE = {
    "Submitted files/Zoë Łukasiewicz/Table for release/Version 1/table-for-release.ipynb": ("Zoë Łukasiewicz", ""),
    "Submitted files/Zoë Łukasiewicz/Table for release/Version 2/table-for-release.ipynb": ("Zoë Łukasiewicz", ""),
    "Submitted files/Ada O'Brien/Table for release/work.ipynb": ("Ada O'Brien", ""),
}
OWN = ()
WRAPPERS = ("submitted files", "working files")


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """Versions are attempts, counted."""
    if len(parts) < 3 or parts[0].casefold() not in WRAPPERS:
        return None
    versions = [re.fullmatch(r"version (\d{1,6})", part, re.IGNORECASE) for part in parts[2:5]]
    return Whose(parts[1], parts[2:], attempt=next((int(each[1]) for each in versions if each), 0), depth=2)
