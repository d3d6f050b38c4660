"""Brightspace, a folder for each attempt: two numbers, the name, and the time."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "Brightspace"
EXAMPLE = {
    "index.html": ("", ""),
    "51234-99101 - Zoë Łukasiewicz - Nov 20, 2026 930 AM/table-for-release.ipynb": (
        "Zoë Łukasiewicz", "Nov 20, 2026 930 AM"),
    "51234-99102 - Ada O'Brien - 21 November, 2026 1015 PM/work.ipynb": ("Ada O'Brien", "21 November, 2026 1015 PM"),
    "51234-99103 - Ann-Li - Bo - 21-11-2026 0915/work.ipynb": ("Ann-Li - Bo", "21-11-2026 0915"),
}  # fmt: skip
OWN = ("index.html",)
FOLDER = re.compile(
    r"(?P<one>\d+)-(?P<number>\d+) - (?P<name>.+) - (?P<time>[^-]*\d{4}.*|\d\d?-\d\d?-\d{4}.*)", re.DOTALL
)


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """The numbers are those of the folder and of the person or the attempt, so they tell nobody apart."""
    match = FOLDER.fullmatch(parts[0])
    if not match or around.beside[parts[0]] is None:
        return None
    return Whose(match["name"], parts[1:], also=(match["number"],), time=match["time"])
