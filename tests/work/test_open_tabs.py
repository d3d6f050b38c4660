"""What stays open in a browser while a newer release comes: JupyterLab's tab, and JupyterLite's storage."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from needs import PATIENCE, browser, browser_scripts
from test_carry import answer
from test_learners_copies import FIRST, load, make_tree, new_release, said

from leocourse import work
from leocourse.authoring.handout import written
from leocourse.core.copies import RELEASE, SITE_RELEASES
from leocourse.site import lite


@contextmanager
def running(command, folder):
    """A program and all that it starts, while something is done with it."""
    started = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """The address of a folder on a server of its own."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def wait_for(there, seconds=PATIENCE):
    for _ in range(seconds * 5):
        if there():
            return
        time.sleep(0.2)
    pytest.fail(f"nothing came within {seconds} seconds")


def answers(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=t", timeout=20).status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def test_a_tab_of_jupyterlab_that_saves_over_the_new_release_loses_nothing(tmp_path):
    """The real JupyterLab, as ``leo lab`` starts it, in Chromium: it asks, and even *Overwrite* costs an update only."""
    tree, port, come = make_tree(tmp_path / "course"), free_port(), tmp_path / "come"
    said(work.prepare, tree)
    lab = [sys.executable, "-m", "leocourse.cli", "lab", "--no-browser", f"--port={port}", "--IdentityProvider.token=t",
           "--allow-root", "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    with running(lab, tree):
        wait_for(lambda: answers(port))
        script = subprocess.Popen(
            ["node", "lab.mjs", f"http://127.0.0.1:{port}?token=t", FIRST, str(come)],
            cwd=browser_scripts(), env={**os.environ, "LEO_CHROMIUM": browser()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            wait_for(lambda: Path(f"{come}.saved").exists() or script.poll() is not None)
            assert script.poll() is None, script.communicate()[1].decode()[-2000:]
            new_release(tree, 3)
            assert "q1" in said(work.update, tree)
            assert "release 3" in (tree / "work" / FIRST).read_text()
            come.touch()
            out, error = script.communicate(timeout=PATIENCE)
        finally:
            script.kill()
    assert script.returncode == 0, error.decode()[-2000:]
    assert "changed on disk" in json.loads(out)["asked"]
    saved = load(tree / "work" / FIRST)
    assert "release 1" in answer(saved, "q1-text") and "zoë" in answer(saved, "q3"), "the old one is back"
    assert [each.state for each in work.status(tree) if each.path == FIRST] == ["old"]
    assert "q1, q3" in said(work.update, tree)
    made = load(tree / "work" / FIRST)
    assert "release 3" in answer(made, "q1-text") and answer(made, "q1") == "q1 = 'before'"
    assert answer(made, "q3") == "q3 = 'zoë, in a tab that nobody closed'"


@pytest.fixture(scope="module")
def releases(root, lesson, tmp_path_factory):
    """Two releases of the JupyterLite site, and the notebook in them that is looked at."""
    pytest.importorskip("jupyterlite_core", reason="the extra 'lite' is not installed")
    folder = tmp_path_factory.mktemp("lite")
    lite.lay_out(root, folder / "in", None)
    shutil.rmtree(folder / "in" / "files" / "data")  # no notebook runs here
    settings = json.loads((folder / "in" / "jupyter-lite.json").read_text())
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True
    (folder / "in" / "jupyter-lite.json").write_text(json.dumps(settings))
    lite.run(folder / "in", folder / "first")
    path = next((folder / "in" / "files" / "exercises").glob("01-*/*.ipynb"))
    name, book = path.relative_to(folder / "in" / "files").as_posix(), json.loads(path.read_text())
    at = next(each for each in book["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == "q1-text")
    at["source"] = "## Question 1\nOf the newer release."
    book["metadata"][RELEASE]["id"] = "0123456789abcdef"
    path.write_bytes(written(book))
    listed = folder / "in" / "files" / SITE_RELEASES
    listed.write_text(json.dumps({**json.loads(listed.read_text()), name: "0123456789abcdef"}))
    for left in (folder / "in").glob(".jupyterlite.doit.db*"):
        left.unlink()  # or it would take what it wrote for the first site as done
    lite.run(folder / "in", folder / "second")
    return folder, name


def test_what_a_learner_wrote_in_jupyterlite_outlives_a_newer_site(releases, tmp_path):
    """The real site in Chromium, built twice: storage is the browser's, and the address stays the same."""
    folder, name = releases
    site = tmp_path / "site"
    shutil.copytree(folder / "first", site)
    come = tmp_path / "come"
    with served(site) as address:
        script = subprocess.Popen(
            ["node", "lite.mjs", address, name, str(come)], cwd=browser_scripts(),
            env={**os.environ, "LEO_CHROMIUM": browser()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            wait_for(lambda: Path(f"{come}.saved").exists() or script.poll() is not None)
            assert script.poll() is None, script.communicate()[1].decode()[-2000:]
            shutil.rmtree(site)
            shutil.copytree(folder / "second", site)
            come.touch()
            out, error = script.communicate(timeout=PATIENCE)
        finally:
            script.kill()
    assert script.returncode == 0, error.decode()[-2000:]
    found = json.loads(out)
    assert "q1 = 'mine, zoë'" in found["after"] and "Of the newer release" not in found["after"]
    assert "q1 = 'mine, zoë'" in found["shown"], "and it is what JupyterLab shows"
    assert found["first cell"][0].endswith(f"say_if_old('{name}', '{found['release']}')")
    assert found["releases"][name] == "0123456789abcdef" != found["release"], "so its first cell says that it is old"
    assert "q1 = 'mine, zoë'" in found["renamed"]
    assert "Of the newer release" in found["new"] and "mine, zoë" not in found["new"]
    downloaded = tmp_path / "mine.ipynb"
    downloaded.write_text(found["renamed"], encoding="utf-8")
    assert json.loads(found["renamed"])["metadata"][RELEASE]["name"] == name
