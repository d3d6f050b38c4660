"""The version of the extract: what decides a row changes it, and nothing else does."""

import ast
import shutil
from pathlib import Path

import pytest

from leocourse.core.paths import course_root
from leocourse.extract import version

ROOT = course_root()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the package and of the data, and what its version is."""
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("extract"))
    shutil.copytree(version.PACKAGE, tmp_path / "leocourse", ignore=shutil.ignore_patterns("__pycache__", "*.js"))
    monkeypatch.setattr(version, "PACKAGE", tmp_path / "leocourse")
    monkeypatch.setattr(version, "course_root", lambda: tmp_path)
    return tmp_path, version.generator_version.__wrapped__


def test_touching_any_deciding_file_changes_the_version(course):
    _, now = course
    before = now()
    files = list(version.deciding_files())
    assert len(files) > 100
    for name, path in files:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert now() != before, name
        path.write_bytes(content)
    assert now() == before


def test_the_stored_estimands_decide_rows_and_nothing_else_that_is_recorded_does(course):
    root, now = course
    before = now()
    for path in [
        *(root / "leocourse" / "fidelity").rglob("*.py"), *(root / "leocourse" / "cli").rglob("*.py"), root / "data/lives-hash.json",
        root / "data/lesson-hashes.json", root / "data/reference/estimands.meta.json", root / "data/reference/effects.csv",
    ]:  # fmt: skip
        path.write_bytes(path.read_bytes() + b"# a comment\n")
    assert now() == before
    path = root / "data/reference/estimands.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert now() != before


def imported(path: Path) -> set[str]:
    """The modules of the package that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return {name for name in names if name.startswith("leocourse")}


def test_what_decides_a_row_imports_nothing_beside_it():
    """So that the version, which is a hash of these rooms, misses nothing."""
    allowed = ("leocourse.extract", "leocourse.schema", "leocourse.core")
    for folder in ("extract", "schema"):
        for path in (version.PACKAGE / folder).rglob("*.py"):
            assert [name for name in imported(path) if not name.startswith(allowed)] == [], path
