"""What tests of the pages share: Node, the packages of ``web/``, and the built data and program."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from kept import alone
from needs import PATIENCE, browser, need

from leocourse.cli import steps_table
from leocourse.site.live import program

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def node() -> str:
    found = shutil.which("node")
    need(found and shutil.which("npm"), "These tests need Node and npm (apt install nodejs npm).")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    return browser()


@pytest.fixture(scope="session")
def site(node, lesson, tmp_path_factory) -> Path:
    """The part of the site that runs SQL. Test processes take turns."""
    with alone("book"):
        problem = steps_table.with_web(steps_table.course_steps(ROOT))
    need(not problem, problem)
    return ROOT / program.SITE


@pytest.fixture(scope="session")
def steps(site) -> dict[str, list[dict]]:
    return json.loads((ROOT / program.STEPS).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def run_node(node, site, tmp_path_factory):
    """Run a script of web/test on JSON, and return what it wrote."""

    def run(script, value, seconds=PATIENCE):
        folder = tmp_path_factory.mktemp("node")
        given, made = folder / "in.json", folder / "out.json"
        given.write_text(json.dumps(value), encoding="utf-8")
        done = subprocess.run(
            [node, str(ROOT / "web" / "test" / script), str(site), str(given), str(made)],
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        assert made.is_file(), done.stderr[-3000:]
        return json.loads(made.read_text(encoding="utf-8"))

    return run
