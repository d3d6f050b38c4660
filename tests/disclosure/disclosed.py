"""Tables for the tests of disclosure, and checks whose caller confirms what is guessed."""

from __future__ import annotations

import pandas as pd

from leocourse.disclosure.columns import layout
from leocourse.disclosure.release import check_release, prepare


def table(**columns):
    return pd.DataFrame(columns)


def said(frame, **given):
    """What a caller says who pastes the call of the report: everything that is guessed, confirmed."""
    plan = layout(frame, **given)
    words = ("groups", "counts", "statistics", "parts", "kinds")
    return {word: given.get(word, getattr(plan, word)) for word in words}


def check(frame, given=None, **more):
    """A check whose caller confirms what is guessed."""
    return check_release(frame, **said(frame, **(given or {})), **more)


def made_ready(frame, given=None, **more):
    """A preparation whose caller confirms what is guessed."""
    return prepare(frame, **said(frame, **(given or {})), **more)


def found(report):
    return {(finding.rule, finding.row, finding.column) for finding in report.findings}
