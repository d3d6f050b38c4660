"""What publishes the book: the workflow, Binder's folder, and the page on hosting."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys

import pytest
import yaml

from leocourse.site.lite import PYODIDE


@pytest.fixture
def workflow(root):
    return yaml.safe_load((root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["book.yml", "weekly.yml"])
def test_the_workflows_keep_to_the_published_schema(root, name):
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed (the extra 'dev').")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
               str(root / ".github" / "workflows" / name)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_builds_tests_publishes_previews_and_builds_weekly_without_a_cache(workflow):
    triggers = workflow[True]  # YAML reads the word "on" as true
    assert {"push", "pull_request", "schedule"} <= set(triggers)
    steps = workflow["jobs"]["build"]["steps"]
    runs = [step.get("run", "") for step in steps]
    assert "make course" in runs and "make test" in runs
    cache = next(step for step in steps if step.get("uses", "").startswith("actions/cache@"))
    assert "github.event_name != 'schedule'" in cache["if"]
    kept = next(
        step for step in steps if step.get("with", {}).get("path") == "_build/html" and "artifact@" in step["uses"]
    )
    assert kept["if"] == "github.event_name == 'pull_request'"
    publish = workflow["jobs"]["publish"]
    assert publish["needs"] == "build" and "refs/heads/main" in publish["if"]
    assert workflow["permissions"] == {"contents": "read"}, "only what publishes may write"


def test_binder_installs_the_lock_file_and_makes_the_course(root):
    assert (root / ".binder" / "requirements.txt").read_text().strip() == "-r ../requirements.txt"
    script = root / ".binder" / "postBuild"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert "leo extract" in text and "leo release" in text
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_the_page_on_hosting_names_every_setting_and_the_release_of_pyodide(root):
    text = (root / "docs" / "hosting.md").read_text(encoding="utf-8")
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["leo_site"]
    for name in set(settings) - {"branch"}:
        assert f"`{name}:" in text, name
    assert f"Pyodide {PYODIDE}" in text
    assert re.search(r"LEO_BOOK_URL=", text) and "404.html" in text


def test_nothing_that_needs_an_address_is_on_by_default(root):
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["leo_site"]
    assert not any(value for name, value in settings.items() if name != "branch")
