"""What the pages of the dictionary say of planted faults: by table, and by field where one shows in it."""

from __future__ import annotations

import re
from html import escape

from leocourse.extract.faults import FAULTS
from leocourse.extract.faults.planting import shown_in
from leocourse.schema.model import Table

COLUMN = re.compile(r"\br\.(\w+)")
"""A column of the struck row, as :class:`~leocourse.extract.faults.planting.Shows` writes it."""


def faults_of_fields(table: Table) -> dict[str, list[str]]:
    """What is planted in each field of a table in which a fault shows, in the words of the fault."""
    names, found = {field.name for field in table.fields}, {}
    for fault, shows in shown_in(table.name):
        broken = [word for rule in shows.breaks for word in re.findall(r"\w+", rule)[1:]]
        for name in dict.fromkeys([*COLUMN.findall(shows.seen), *broken]):
            if name in names:
                found.setdefault(name, []).append(FAULTS[fault].about)
    return found


def faults_in(table: str) -> str:
    """The section of a table's page that lists the faults planted in it, with their rates; nothing if none is."""
    found = dict.fromkeys(fault for fault, _ in shown_in(table))
    if not found:
        return ""
    listed = "\n".join(f"- {_lines(FAULTS[name].about)}\n  Rate: {FAULTS[name].rate / 10_000:g}%." for name in found)
    about = (
        "These faults are put into the rows on purpose, each at a rate that we chose, among the rows or people that it "
        "can strike.\nThe rates say nothing about the real data."
    )
    return f"\n## What is planted here\n\n{about}\n\n{listed}\n"


def _lines(words: str) -> str:
    """A sentence a line, as pages are written."""
    return re.sub(r"([.?!]) (?=[A-Z])", r"\1\n  ", escape(words))
