"""Moodle, "Download submissions in folders": a folder a person and kind of submission."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "Moodle, in folders"
EXAMPLE = {
    "Zoë Łukasiewicz_10231_assignsubmission_file/table-for-release.ipynb": ("Zoë Łukasiewicz", ""),
    "Ada O'Brien_10232_assignsubmission_file_/table-for-release (1).ipynb": ("Ada O'Brien", ""),
    "Bo Li_10233_assignsubmission_onlinetext/onlinetext.html": ("Bo Li", ""),
}
OWN = ()
FOLDER = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?")


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """The name stands before a number that Moodle gives a person in one assignment."""
    match = FOLDER.fullmatch(parts[0])
    if not match or around.beside[parts[0]] is None:
        return None
    return Whose(match["name"], parts[1:], match["number"])
