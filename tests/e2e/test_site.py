"""The built book in Chromium: every page in light and dark, and what a reader does there.

Needs node with npm, and Chromium or Chrome (Debian: apt install nodejs npm chromium); skipped, with the reason, where
one is missing. npm fetches axe-core and playwright-core, as pinned in package-lock.json, once; no browser is fetched.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import subprocess
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from kept import alone
from needs import browser, browser_scripts
from typer.testing import CliRunner

from leocourse.cli import app, steps_table
from leocourse.site.serve import SiteHandler
from leocourse.site.tidy import site_pages

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = 1500


class Quiet(SiteHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def chromium():
    return browser()


@pytest.fixture(scope="module")
def packages():
    """The folder of the scripts with what they import."""
    return browser_scripts()


@pytest.fixture(scope="module")
def site(lesson, tmp_path_factory):
    """The folder of the built book. Test processes take turns."""
    with alone("book"):
        return steps_table.build(ROOT).parent


@contextmanager
def served(folder):
    """The address of a folder on a server of its own."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def address(site):
    with served(site) as found:
        yield found


def run(script, chromium, packages, *arguments):
    """The failures that a script reports, by name."""
    done = subprocess.run(["node", script, *arguments], cwd=packages, env={**os.environ, "LEO_CHROMIUM": chromium},
                          capture_output=True, text=True, timeout=SECONDS, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    outcomes = json.loads(done.stdout)
    assert outcomes
    return {each["name"]: each["detail"] for each in outcomes if not each["ok"]}


def pages_of(site):
    """The addresses of all pages but the first, which only sends on to another."""
    pages = [page.relative_to(site).as_posix() for page in site_pages(site) if not page.name.startswith("_print")]
    return [page for page in pages if page != "index.html"]


def test_pages_are_clean_in_light_and_dark_and_on_a_narrow_screen(chromium, packages, site, address):
    """axe finds nothing, the console is empty, nothing comes from elsewhere, nothing scrolls sideways.

    All pages that are written by hand, and every tenth of those that a program writes alike.
    """
    generated = [page for page in pages_of(site) if "/generated/" in page]
    pages = [page for page in pages_of(site) if page not in generated] + generated[::10]
    assert run("pages.mjs", chromium, packages, address, *pages) == {}


@pytest.mark.slow
def test_every_page_is_clean_in_light_and_dark_and_on_a_narrow_screen(chromium, packages, site, address):
    assert run("pages.mjs", chromium, packages, address, *pages_of(site)) == {}


def test_the_offline_copy_is_the_site_and_its_pages_work(chromium, packages, site, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(app, ["offline", "--no-pdf", "--no-csv", "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(next(tmp_path.glob("*.zip"))) as copy:
        copy.extractall(tmp_path)
    (copied,) = tmp_path.glob("*/site")
    assert pages_of(copied) == pages_of(site)
    with served(copied) as address:
        pages = ["book/index.html", "book/intro/building-a-cohort.html"]
        assert run("pages.mjs", chromium, packages, address, *pages) == {}


def test_what_is_typed_is_not_lost(chromium, packages, site, address):
    """Reset, a reload, another tab, a newer book, full and blocked storage, "Forget all", and files."""
    practice = "book/reference/generated/practice/01-first-queries-and-linking.html"
    if not (site / practice).is_file() or not (site / "leo-web").is_dir():
        pytest.skip("This book has no cells that run in the page.")
    assert run("typed.mjs", chromium, packages, address, "book/intro/building-a-cohort.html", practice) == {}


def test_what_a_reader_does(chromium, packages, site, address):
    """Progress with its files, the keyboard, definitions of terms, a page that does not exist."""
    pages = sorted((site / "book" / "intro").glob("*.html"))
    lesson = next(page for page in pages if page.stem == "building-a-cohort")
    terms = [page for page in pages if "std-term" in page.read_text(encoding="utf-8")]
    term = terms[0].relative_to(site).as_posix() if terms else ""
    assert run("reader.mjs", chromium, packages, address, lesson.relative_to(site).as_posix(), term) == {}
