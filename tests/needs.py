"""What tests need of the machine: where it is missing they are skipped, but not in continuous integration."""

from __future__ import annotations

import os

import pytest

PATIENCE = 600
"""Seconds to wait for what is sure to come, on the slowest machine. A test that passes never waits so long."""


def need(there: object, what: str) -> None:
    """Go on only if something is there. ``what`` says what is missing and how to get it.

    Skips the test, or the whole file at its top. With ``$CI`` set it fails, as nobody reads there what was skipped.
    """
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} In continuous integration nothing that a test needs may be missing.", pytrace=False)
    pytest.skip(what, allow_module_level=True)


def browser() -> str:
    """The command of Chromium, which a test needs."""
    from leocourse.core.errors import LeoError
    from leocourse.site.pdf import find_chromium

    try:
        return find_chromium()
    except LeoError:
        need(False, "This test needs Chromium or Chrome (Debian: apt install chromium), or $LEO_CHROMIUM.")
