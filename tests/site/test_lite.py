"""JupyterLite: what goes into the site, and that the package runs without what Pyodide does not have."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from leocourse.core.errors import LeoError
from leocourse.site import lite

MISSING = ("fcntl", "grp", "pwd", "resource", "termios", "syslog", "multiprocessing", "ctypes.wintypes",
           "pyarrow", "polars", "typer", "rich", "nbformat", "nbgrader", "sqlglot", "psycopg", "distributed",
           "jupyterlab", "yaml", "docutils", "sphinx")  # fmt: skip
"""Modules that Pyodide lacks, or that a notebook in the browser does not fetch."""
IN_BROWSER = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in {MISSING!r} or name.split(".")[0] in {MISSING!r}:
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)

sys.meta_path.insert(0, Blocked())
import leocourse as leo
from leocourse.lesson import agree, show

con = leo.connect()
leo.attach_truth(con)
assert con.sql("SELECT COUNT(*) FROM truth.lives").fetchall()[0][0] > 0
check = leo.assignment("06-table-for-release")
print(check("q1", "SELECT 1 AS a").status)
print(len(leo.measure(con, "birth_cohort").limit(5).df()))
show(con.sql("SELECT 1 AS a").df())
from leocourse.work import bring_over, say_if_old
say_if_old("lessons/a.ipynb", "0")
print(sorted(set(sys.modules) & set({MISSING!r})))
"""


def test_opening_and_checking_work_without_what_a_browser_lacks(lesson, root):
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", IN_BROWSER], cwd=root, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    status, rows, loaded = done.stdout.splitlines()
    assert status in ("partly right", "not right yet") and rows == "5" and loaded == "[]"


def test_the_release_of_pyodide_is_the_one_that_the_pins_match(root):
    pytest.importorskip("jupyterlite_pyodide_kernel", reason="the extra 'lite' is not installed")
    lite.require()
    assert f"v{lite.PYODIDE}/" in lite.PYODIDE_URL


def test_a_missing_extra_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LeoError, match=r'pip install "leocourse\[lite\]"') as raised:
        lite.require()
    assert "\n" not in str(raised.value)


def test_another_pyodide_is_refused(tmp_path):
    with pytest.raises(LeoError, match="is not a Pyodide distribution"):
        lite.check_pyodide(tmp_path)
    (tmp_path / "pyodide-lock.json").write_text(json.dumps({"info": {"version": "0.28.3"}}), encoding="utf-8")
    with pytest.raises(LeoError, match=r"holds Pyodide 0\.28\.3, the course needs 314\.0\.6"):
        lite.check_pyodide(tmp_path)


def test_notebooks_data_and_settings_are_laid_out(root, lesson, tmp_path):
    lite.lay_out(root, tmp_path, None)
    files = tmp_path / "files"
    for name in ("data/extract/lesson/manifest.json", "data/extract/lesson-truth/manifest.json", "_toc.yml",
                 "data/extract/lesson/keys/06-table-for-release.json", "data/schema", "lessons/building-a-cohort.ipynb"):  # fmt: skip
        assert (files / name).exists(), name
    notebooks = [*files.glob("lessons/*.ipynb"), *files.glob("exercises/*/*.ipynb")]
    for path in notebooks:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["metadata"]["kernelspec"]["name"] == "python"
        assert "%pip install -q --no-deps leocourse" in "".join(notebook["cells"][0]["source"])
    assert len(notebooks) > len(list(files.glob("exercises/*/*.ipynb"))) > 0
    settings = json.loads((tmp_path / "jupyter-lite.json").read_text())["jupyter-config-data"]["litePluginSettings"]
    assert settings[f"{lite.KERNEL}:kernel"]["pyodideUrl"] == lite.PYODIDE_URL
    assert not list(files.rglob("solutions")) and not list(files.rglob("questions")), "no answers"


@pytest.mark.parametrize("there", ["index.html", "thesis.docx"])
def test_a_folder_with_something_else_in_it_is_left_alone(root, tmp_path, there, monkeypatch):
    monkeypatch.setattr(lite, "require", lambda: None)  # what it says of a folder needs no JupyterLite
    (tmp_path / there).write_text("my only copy")
    with pytest.raises(LeoError, match="already holds files that this command did not write: name another folder"):
        lite.build(root, tmp_path)
    assert (tmp_path / there).read_text() == "my only copy" and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(LeoError, match="is a file: name a folder"):
        lite.build(root, tmp_path / there)


def test_a_step_that_fails_is_one_line():
    with pytest.raises(LeoError, match="It failed: ValueError: why") as raised:
        lite._step([sys.executable, "-c", "raise ValueError('why')"], "It failed")
    assert "\n" not in str(raised.value)
