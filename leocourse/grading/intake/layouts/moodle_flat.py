"""Moodle, all files in one folder: name, number and kind of submission stand before the name of the file."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "Moodle, in one folder"
EXAMPLE = {
    "Zoë Łukasiewicz_10231_assignsubmission_file_table-for-release.ipynb": ("Zoë Łukasiewicz", ""),
    "Ada O'Brien_10232_assignsubmission_file_my_work.zip": ("Ada O'Brien", ""),
    "Bo Li_10233_assignsubmission_onlinetext_onlinetext.html": ("Bo Li", ""),
}
OWN = ()
FILE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_(?P<file>.+)", re.DOTALL)


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """A zip that somebody handed in is a folder here."""
    match = FILE.fullmatch(parts[0])
    return match and Whose(match["name"], (match["file"], *parts[1:]), match["number"])
