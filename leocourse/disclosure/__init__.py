"""What may leave a secure setting: check a table or a figure, and prepare a table for release.

    leo.disclosure.check_release(table)                             # what the columns were taken for, and what to say
    leo.disclosure.check_release(table, counts=["people"])          # what may leave, what not, and why
    leo.disclosure.prepare(table, counts=["people"])                # suppressed and rounded, so that the check passes

ACRO, the field's own checker, is not used here because its release 1.0.2 asks for pandas 2.3.3 or older, and the
course runs on pandas 3; the settings in ``disclosure.toml`` have ACRO's names and values, so they carry over.

A table has one row a group. Its columns are groups (who a row is about), counts (of people) and statistics (of the
people in a count, their base). A missing number is a suppressed one. A row with the label "All" or "Total" in a group
column is the sum of the rows that agree with it in all other group columns.

A row that holds as many people as those beside it together and has another label ("England") is asked about: the
setting ``total_labels`` says which labels are totals.

What a column is called proves nothing about what it holds. What the caller has not said is guessed, and a table of
which anything was guessed is not judged: the report gives the call that says it.

What is not checked: bounds narrower than the threshold that follow from many suppressed cells together, models, and
tables that were released before, unless one is given as ``earlier``. A person decides in the end.
"""

from __future__ import annotations

from leocourse.disclosure.columns import KINDS, Layout, layout
from leocourse.disclosure.limits import Settings, settings
from leocourse.disclosure.release import check_figure, check_release, prepare
from leocourse.disclosure.report import Report, Risk

__all__ = [
    "KINDS",
    "Risk",
    "Layout",
    "Report",
    "Settings",
    "check_figure",
    "check_release",
    "layout",
    "prepare",
    "settings",
]
