"""Canvas, "Download Submissions": last and first name run together, LATE, number of the person, number of the file."""

from __future__ import annotations

import re

from leocourse.grading.intake.layouts import Around, Whose

NAME = "Canvas"
EXAMPLE = {
    "lovelaceada_10231_884211_table-for-release.ipynb": ("lovelaceada", ""),
    "łukasiewiczzoë_LATE_10232_884212_table-for-release-1.ipynb": ("łukasiewiczzoë", ""),
    "obrienseán_10233_884213_my_work.zip": ("obrienseán", ""),
    "libo_10234_text.html": ("libo", ""),
}
OWN = ()
FILE = re.compile(
    r"(?P<name>[^\W\d_][^\W_]*)(?:_LATE)?_(?P<number>\d+)(?:_question_\d+)?_(?:\d+_(?P<file>.+)|(?P<text>text\.html))",
    re.DOTALL,
)


def whose(parts: tuple[str, ...], around: Around) -> Whose | None:
    """The number is that of the person in Canvas."""
    match = FILE.fullmatch(parts[0])
    if not match:
        return None
    return Whose(match["name"], (match["file"] or match["text"], *parts[1:]), match["number"], also=(match["number"],))
