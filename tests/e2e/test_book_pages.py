"""The built book in Chromium: every kind of page is quiet, and axe finds nothing in what runs in it."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import pytest

from leocourse.authoring.question import assignment_folders
from leocourse.site import build
from leocourse.site.live import program

from .test_live import Quiet

ROOT = Path(__file__).resolve().parents[2]
THEME = ("THEBE_JS_URL", "Got invalid theme mode", "Failed to load resource")
"""What the theme says on every page: it declares a name twice and begins with no mode. What is missing is asked below,
without the icon that a browser looks for by itself."""


@pytest.fixture(scope="module")
def address(site):
    built = ROOT / build.SITE
    if not (built / "leo-web" / "manifest.json").is_file():
        pytest.skip("The book is not built with SQL that runs in the page: run 'leo book'.")
    if (built / "leo-web" / "manifest.json").read_bytes() != (ROOT / program.SITE / "manifest.json").read_bytes():
        pytest.skip("The built book is older than its sources: run 'leo book'.")
    handler = functools.partial(Quiet, directory=str(built))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_pages_are_quiet_and_axe_finds_nothing_in_what_runs_in_them(address, steps, run_node, chromium):
    live = [page for page, cells in steps.items() if any(cell["tagged"] and cell["sql"] for cell in cells)]
    practice = [f"book/reference/generated/practice/{folder.name}" for folder in assignment_folders(ROOT)]
    tasks = {
        page: {"do": "axe", "page": f"{page}.html", "press": page == live[0]} for page in [*live[:2], *practice[:1]]
    }
    tasks["book/index"] = {"do": "axe", "page": "book/index.html", "press": False}
    seen = run_node("pages.mjs", {"base": address, "chromium": chromium, "tasks": tasks}, seconds=230)
    for page, found in seen.items():
        assert "failed" not in found, f"{page}: {found['failed']}"
        for scheme, one in found.items():
            assert one["ours"] == [], f"{page} in {scheme}: {one['ours']}"
            assert one["outside"] == [], f"{page} asks {one['outside']}"
            assert [error for error in one["errors"] if not any(part in error for part in THEME)] == [], page
            assert one["missing"] == [], page
    # Nothing of the program is fetched by a page that nobody runs.
    assert [path for path in seen["book/index"]["light"]["requests"] if "leo-web" in path] == []


def test_the_loader_is_small_and_on_every_page():
    built = ROOT / build.SITE / "_static" / "leo-live.js"
    if not built.is_file():
        pytest.skip("The book is not built with SQL that runs in the page: run 'leo book'.")
    assert built.stat().st_size < 15_000
    assert "leo-live.js" in (ROOT / build.SITE / "book" / "index.html").read_text(encoding="utf-8")
