"""What may leave a secure setting: check a table or a figure, and prepare a table for release.

    leo.disclosure.check_release(table)   # what may leave, what not, and why
    leo.disclosure.prepare(table)         # suppressed and rounded, so that the check passes

ACRO, the field's own checker, is not used here because its release 1.0.2 asks for pandas 2.3.3 or older, and the
course runs on pandas 3; the settings in ``disclosure.toml`` have ACRO's names and values, so they carry over.

A table has one row a group. Its columns are groups (who a row is about), counts (of people) and statistics (of the
people in a count, their base). A missing value is a suppressed one. A row with the label "All" or "Total" in a group
column is the sum of the rows that agree with it in all other group columns.

What is not checked: bounds narrower than the threshold that follow from many suppressed cells together, models, and
tables that were released before, unless one is given as ``earlier``. A person decides in the end.
"""

from leocourse.disclosure.columns import Layout, layout
from leocourse.disclosure.figure import check_figure
from leocourse.disclosure.release import check_release, prepare
from leocourse.disclosure.report import Finding, Report, Settings, settings

__all__ = ["Finding", "Layout", "Report", "Settings", "check_figure", "check_release", "layout", "prepare", "settings"]
