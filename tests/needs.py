"""What tests need of the machine: where it is missing they are skipped, but not in continuous integration."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

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


def browser_scripts() -> Path:
    """The folder of the scripts that drive a browser, with what they import, which a test needs."""
    from kept import alone

    folder = Path(__file__).resolve().parent / "e2e"
    need(
        shutil.which("node") and shutil.which("npm"), "These tests need node and npm (Debian: apt install nodejs npm)."
    )
    with alone("e2e-npm"):
        lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            environment = {**os.environ, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
            done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, env=environment,
                                  capture_output=True, text=True, check=False)  # fmt: skip
            failed = done.returncode != 0
            need(not failed, f"npm could not fetch axe-core and playwright-core: {done.stderr.strip()[-300:]}")
            installed.touch()
    return folder
