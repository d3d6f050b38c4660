"""The formgrader opens on our gradebook in JupyterLab, in a real browser, and a mark entered there survives a re-mark."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import nullcontext

import pytest
from nbgrader.api import Gradebook
from needs import PATIENCE, browser
from sample import ASSIGNMENT, COURSE, NOTEBOOK, POINTS, QUESTIONS, cell

from leocourse.authoring.release import tool_environment
from leocourse.checks.result import Result
from leocourse.grading import grade as grading
from leocourse.grading.marker import Outcome

websocket = pytest.importorskip("websocket")
CHROMIUM = browser()


def until(look, what):
    """What ``look`` gives once it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            found = look()
        except (OSError, ValueError):
            found = None
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {PATIENCE} seconds for {what}")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Browser:
    """A tab of headless Chromium, driven through its DevTools."""

    def __init__(self, folder, address):
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0",
                   "--remote-allow-origins=*", f"--user-data-dir={folder}", "--window-size=1400,1000", address]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.number = 0
        try:
            port = until(lambda: (folder / "DevToolsActivePort").read_text().split()[0], "Chromium")
            tab = until(lambda: self._tab(port), "a tab")
            self.socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=PATIENCE)
        except BaseException:
            self.process.kill()
            raise

    @staticmethod
    def _tab(port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=5) as answer:
            return next((each for each in json.load(answer) if each["type"] == "page"), None)

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self.socket.recv())
            if told.get("id") == self.number:
                return told["result"]

    def run(self, script):
        """The value of a script; None if it raises, as it does while a page loads."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return told["result"].get("value") if "exceptionDetails" not in told else None

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)


class Marker:
    """Gives full marks at once: what a mark is worth is tested elsewhere."""

    workers = 1

    def about(self, assignment):
        return COURSE.about()

    def mark(self, slot, assignment, cells, released):
        return Outcome([Result(name, name, "right", 1.0, points) for name, points in QUESTIONS.items()])


@pytest.fixture
def course(root, edit, tmp_path, monkeypatch):
    """A course that has marked a submission with a script in its text, as a folder that JupyterLab can open."""
    monkeypatch.setattr(grading, "starting_marker", lambda *_: nullcontext(lambda *_: (Marker(), [1, 2])))
    course = tmp_path / "course"
    for name in ("solutions", "exercises"):
        shutil.copytree(root / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "nbgrader_config.py", course)
    script = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> Coverage."

    def hostile(data):
        cell(data, "q8").update(source=script + "[link](javascript:alert) ![x](https://example.org/x.png)")
        for kind in ("markdown", "raw"):
            data["cells"].append({"cell_type": kind, "id": f"more-{kind}", "metadata": {}, "source": f"```\n{script}"})

    folder = edit(change=hostile)
    grading.grade(folder, root, course)
    return course, folder


@pytest.fixture
def lab(course, tmp_path):
    """The address of JupyterLab, running in the course with settings of its own."""
    port, home = free_port(), tmp_path / "home"
    home.mkdir()
    environment = tool_environment() | {
        "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }  # fmt: skip
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0",
               "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True", "--ip=127.0.0.1"]  # fmt: skip
    command += ["--allow-root"] if os.getuid() == 0 else []
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=course[0], env=environment, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: urllib.request.urlopen(f"{address}/api", timeout=5).status == 200, "JupyterLab")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def manual_mark(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", course_id="leo-course") as book:
        return book.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").manual_score


INSIDE = "[...document.querySelectorAll('iframe')].find(each => each.src.includes('formgrader'))"


def test_a_mark_entered_in_the_formgrader_survives_a_re_mark(course, lab, root, tmp_path):
    folder, source = course
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", course_id="leo-course") as book:
        submission = book.find_submission_notebook(NOTEBOOK, ASSIGNMENT, "ada").id
    browser = Browser(tmp_path / "profile", f"{lab}/lab")
    try:
        until(
            lambda: browser.run("!!window.jupyterapp && jupyterapp.restored.then(() => true)"),
            "JupyterLab in the browser",
        )
        until(lambda: browser.run("jupyterapp.commands.hasCommand('nbgrader:open-formgrader')"), "nbgrader's extension")
        browser.run("jupyterapp.commands.execute('nbgrader:open-formgrader').then(() => true)")
        listed = f"{INSIDE}.contentDocument.body.innerText.includes('{ASSIGNMENT}')"
        until(lambda: browser.run(listed), "the list of assignments in the formgrader")
        browser.run(f"{INSIDE}.contentWindow.location = '/formgrader/submissions/{submission}/'; true")
        field = f"{INSIDE}.contentDocument.querySelector('input.score#q8')"
        ready = f"{INSIDE}.contentDocument.querySelector('#q8_extra_credit').placeholder === '0'"  # its script has run
        until(lambda: browser.run(ready), "the submission")
        checked = browser.run(f"{INSIDE}.contentDocument.body.innerText")
        assert "q1: right" in checked  # the result of each check stands in the notebook that the marker reads
        browser.run(f"{field}.focus(); {field}.select(); true")
        browser.call("Input.insertText", text="3")
        browser.run(f"{field}.blur(); true")
        until(lambda: manual_mark(folder) == 3, "the mark in the gradebook")
        unsafe = "#notebook a[href^=javascript], #notebook img"
        assert browser.run(f"{INSIDE}.contentDocument.querySelectorAll('{unsafe}').length") == 0
        assert checked.count("Coverage.") == 3  # all of it is there to read
        assert "taken" not in browser.run(f"document.title + {INSIDE}.contentDocument.title")
    finally:
        browser.close()
    (again,) = grading.grade(source, root, folder, force=True)
    assert not again.problem and not again.again
    assert manual_mark(folder) == 3
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", course_id="leo-course") as book:
        found = book.find_submission(ASSIGNMENT, "ada")
        assert (found.score, found.needs_manual_grade) == (POINTS + 3, False)
