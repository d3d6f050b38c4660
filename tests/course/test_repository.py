"""The house is in order: the lock file, the licences, the README, and no word that does not belong here."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from leocourse.cli import app
from leocourse.core import progress

CODE = re.compile(r"^```bash\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
DOCS = sorted((Path(__file__).resolve().parents[2] / "docs").glob("*.md"))


def tracked(root):
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in listed.splitlines() if (root / name).is_file()]


def test_the_lock_file_satisfies_what_the_project_asks_for(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (root / "requirements.txt").read_text(), re.M))
    wanted = project["dependencies"] + [each for extra in project["optional-dependencies"].values() for each in extra]
    for text in wanted:
        requirement = Requirement(text)
        assert requirement.specifier.contains(locked[requirement.name]), text


def test_the_versions_that_run_lessons_agree_with_the_browser(root):
    """Pyodide 314 carries these; book, browser and grader must agree."""
    locked = (root / "requirements.txt").read_text()
    for pin in ("duckdb==1.5.1", "pandas==3.0.2", "numpy==2.4.6", "matplotlib==3.10.8", "seaborn==0.13.2"):
        assert f"\n{pin}\n" in "\n" + locked


@pytest.mark.parametrize("words", ["make course", "make test", "make lab", "leo grade", "MIT", "CC BY 4.0",
                                   "say nothing about England", "CITATION.cff", "CONTRIBUTING.md"])  # fmt: skip
def test_the_readme_says_what_it_must(root, words):
    assert words in (root / "README.md").read_text(encoding="utf-8")


def test_the_readme_is_a_landing_page_that_begins_with_the_two_commands(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    words = len(text.split())
    assert words <= 900, f"README.md has {words} words: what is longer than a landing page belongs in docs/."
    first, block = text.index("make course"), text.index("```bash\nmake course")
    assert first == block + len("```bash\n") and len(text[:block].split()) < 30
    assert "\nmake test" in text[block : text.index("```", block + 3)]


def anchors(text):
    """What links to the headings of a Markdown page are called."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in DOCS)])
def test_every_file_and_heading_that_a_document_links_to_exists(root, name):
    page = root / name
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), f"{name} links to {target}, which is not there."
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), f"{name} links to {target}#{anchor}."


def test_the_readme_leads_to_every_manual(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS if f"](docs/{page.name})" not in text] == []
    assert {"marking.md", "extracts.md", "hosting.md", "measured.md"} <= {page.name for page in DOCS}


@pytest.mark.parametrize("name", ["README.md", *(f"docs/{page.name}" for page in DOCS)])
def test_every_command_that_a_document_names_exists(root, name):
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M))
    text = (root / name).read_text(encoding="utf-8")
    code = "\n".join(block or inline for block, inline in CODE.findall(text))
    assert set(re.findall(r"(?:^|[\s/])leo ([a-z]+)", code)) <= commands
    assert set(re.findall(r"(?:^|\s)make ([a-z]+)", code)) <= targets


def test_continuous_integration_runs_the_test_command_of_the_readme(root):
    assert (root / ".ci" / "run").read_text().strip().endswith("make test")


def test_other_versions_are_tried_with_every_extra_because_tests_import_them(root):
    (installed,) = re.findall(r'--editable "\.\[([\w,]+)\]"', (root / "Makefile").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(installed.split(",")) == set(project["optional-dependencies"])


def test_no_path_of_one_machine_and_no_large_file(root):
    for path in tracked(root):
        assert path.stat().st_size < 2**20, f"{path} is larger than 1 MiB"
        if path.suffix in (".py", ".md", ".yml", ".toml", ".json", ".ipynb", ".cff") and "tests" not in path.parts:
            assert not re.search(r"(?<![\w.])/(root|home|Users)/\w", path.read_text(encoding="utf-8")), path


def test_code_is_clean(root):
    command = [sys.executable, "-m", "ruff", "check", "leocourse", "solutions", "tests"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize("name", ["gradebook.db", "gradebook.db.lock", "course-secret.txt", "marks/marks.csv"])
def test_what_marking_leaves_in_the_folder_of_the_course_stays_out_of_git(root, name):
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("name", ["Finding", "Report"])
def test_a_finding_and_a_report_are_one_thing_each(root, name):
    """A word that three rooms use, each for something else, is looked up in the wrong one."""
    texts = [path.read_text(encoding="utf-8") for path in (root / "leocourse").rglob("*.py")]
    assert sum(len(re.findall(rf"^class {name}\b", text, re.MULTILINE)) for text in texts) == 1


def test_no_test_and_nothing_that_a_test_starts_has_the_progress_of_whoever_runs_it():
    """Who has switched it on would find answers of the tests in it."""
    code = "from leocourse.core import progress; print(progress.folder())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for place in (str(progress.folder()), done.stdout.strip()):
        assert Path(place).is_relative_to(tempfile.gettempdir()) and Path(place) != Path.home() / ".leo-course"


@pytest.mark.parametrize(
    "name", ["roster.csv", "roster-2026.csv", "learners/ada", "work/x.ipynb", "data/.leo-written.json"]
)
def test_what_a_course_is_run_with_is_not_in_git(root, name):
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=root, check=False).returncode == 0
