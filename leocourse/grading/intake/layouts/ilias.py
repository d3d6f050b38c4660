"""ILIAS, the submissions of an exercise: a folder a person with last name, first name, login and number."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "ILIAS"
EXAMPLE = {
    "Łukasiewicz_Zoë_zluk_4711/table-for-release.ipynb": ("Zoë Łukasiewicz", ""),
    "Li_Bo_boli_4712/20261120093000_work.ipynb": ("Bo Li", "20261120093000"),
    "Team_7/O'Brien_Ada_aobr_4713/work.ipynb": ("Ada O'Brien", ""),
}
OWN = ("status.xlsx", "status.csv", "README.md")
FOLDER = re.compile(r"(?P<last>[^_]*[^\W\d_][^_]*)_(?P<first>[^_]*[^\W\d_][^_]*)_(?P<login>[^_]+)_(?P<number>\d+)")


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """A team has a folder of its own round those of its people."""
    depth = 1 + bool(len(parts) > 1 and re.fullmatch(r"Team_\d+", parts[0]))
    if len(parts) < depth or (depth == 1 and around.beside[parts[0]] is None):
        return None
    match = FOLDER.fullmatch(parts[depth - 1])
    if not match:
        return None
    rest, time = parts[depth:], ""
    if rest and (stamped := re.fullmatch(r"(\d{14})_(.+)", rest[-1], re.DOTALL)):
        time, rest = stamped[1], (*rest[:-1], stamped[2])
    name = f"{match['first']} {match['last']}"
    return Whose(name, rest, match["number"], (match["login"], match["number"]), time, depth=depth)
