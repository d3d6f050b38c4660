"""A folder is a promise: import-linter holds the package to the contracts in ``pyproject.toml``."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False,
                          env={"PATH": "", "PYTHONPATH": str(folder), "COLUMNS": "200"})  # fmt: skip


def test_imports_go_one_way_and_rooms_keep_their_promises(root):
    done = lint(root)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts") :]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("checks/ladder.py", "from leocourse.authoring import keys"),
        ("extract/base/dates.py", "from leocourse.fidelity import effects"),
        ("core/paths.py", "import leocourse.schema.model"),
        ("grading/box/child.py", "from leocourse.grading.books import gradebook"),
        ("measures/run.py", "from leocourse.extract import lives"),
    ],
)
def test_an_import_that_breaks_a_promise_is_found(root, tmp_path, module, line):
    for path in (root / "leocourse").rglob("*.py"):
        copy = tmp_path / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    broken = tmp_path / "leocourse" / module
    broken.write_text(broken.read_text(encoding="utf-8") + f"\n\n{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1 and "BROKEN" in done.stdout


def test_every_room_is_in_the_order_of_the_contract(root):
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    named = {part.strip() for layer in contracts[0]["layers"] for part in layer.split(":")}
    rooms = {f"leocourse.{path.parent.name}" for path in (root / "leocourse").glob("*/__init__.py")}
    assert rooms - named == set()
