"""Which tests concern what was changed: ``make check`` runs these, nearest first, for about a minute.

A test file concerns a change if it, or what it imports, directly or not, was changed, or if it names the changed file
or one of its folders. Questions, measures and lessons have checks of their own, which look at the one that changed.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = Path("_build") / "tests" / "seconds.json"
"""How long each test file took last, all of its tests added up."""
BUDGET = 50
"""Seconds in which no further test file is begun. One that fails stops the rest."""
LONG = 30
"""Seconds from which a test file is begun before the others."""
GUESS = 20
"""Seconds that a test file is taken to need of which it is not known."""


def changed_files(since: str) -> list[str]:
    """What differs from a commit, and what is new and not ignored, by path from the root."""
    differs = _git("diff", "--name-only", "--no-renames", since)
    return sorted({*differs, *_git("ls-files", "--others", "--exclude-standard")})


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@cache
def _imports(path: Path) -> frozenset[Path]:
    """The files of the course that a Python file imports itself, wherever in it."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return frozenset()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
    found = {file for name in names for base in (ROOT, ROOT / "tests", path.parent) for file in _files_of(base, name)}
    return frozenset(found - {path})


def _files_of(base: Path, name: str) -> Iterator[Path]:
    place = base.joinpath(*name.split("."))
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            yield file


def distances(path: Path) -> dict[Path, int]:
    """Every file that a test file comes to import, with the number of imports on the way; itself is 0."""
    helpers = [folder / "conftest.py" for folder in (path.parent, ROOT / "tests") if (folder / "conftest.py").is_file()]
    found, reached = {path: 0}, [path]
    for helper in helpers:
        found.setdefault(helper, 1)
        reached.append(helper)
    for file in reached:
        for imported in sorted(_imports(file)):
            if imported not in found:
                found[imported] = found[file] + 1
                reached.append(imported)
    return found


def nearness(path: Path, changed: list[str]) -> int | None:
    """How far a test file is from what was changed; None if nothing of it concerns the change."""
    reach = {file.relative_to(ROOT).as_posix(): far for file, far in distances(path).items()}
    text = path.read_text(encoding="utf-8")
    near = [reach[name] for name in changed if name in reach]
    for name in changed:
        if name.endswith(".py"):
            continue
        folders = [str(each) for each in Path(name).parents if str(each) != "."]
        if Path(name).name in text or any(f'"{each}"' in text or f"{each}/" in text for each in folders):
            near.append(1)
        near += [far + 1 for file, far in reach.items() if str(Path(file).parent) in folders[:2]]
    return min(near, default=None)


def own_checks(changed: list[str]) -> list[list[str]]:
    """The commands that look at just the question, measure or lesson that was changed."""
    commands = []
    for name in changed:
        if found := re.match(r"solutions/((\d\d)-[^/]+)/questions/q(\d\d)\.py$", name):
            commands.append([sys.executable, "-m", "leocourse.cli", "check-question", found[2], f"q{int(found[3])}"])
            commands.append(pytest_command(["tests/checks/test_bank.py"], "-k", f"{found[2]}-q{int(found[3])}"))
        elif found := re.match(r"leocourse/measures/[^/]+/(\w+)\.(sql|example\.md)$", name):
            files = [f"tests/measures/test_{each}.py" for each in ("columns", "examples", "framework")]
            commands.append(pytest_command(files, "-k", found[1]))
        elif found := re.match(r"book/intro/([\w-]+)\.md$", name):
            commands.append([sys.executable, str(ROOT / "tests" / "run_lesson.py"), name])
            commands.append(pytest_command(["tests/course/test_book.py"], "-k", found[1]))
    return [command for number, command in enumerate(commands) if command not in commands[:number]]


def pytest_command(files: list[str], *words: str) -> list[str]:
    """pytest for some files, as many at once as there are cores, stopping at the first that fails."""
    return [sys.executable, "-m", "pytest", "-x", *words, *files]


def concerned(changed: list[str]) -> list[str]:
    """The test files that concern a change, nearest first."""
    told = [(nearness(path, changed), path) for path in sorted((ROOT / "tests").rglob("test_*.py"))]
    return [
        path.relative_to(ROOT).as_posix() for far, path in sorted((far, path) for far, path in told if far is not None)
    ]


def seconds_known() -> dict[str, float]:
    """How long each test file took last, as far as that is known."""
    try:
        known = json.loads((ROOT / SECONDS).read_text(encoding="utf-8"))
        return {file: float(seconds) for file, seconds in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def place(file: str, known: dict[str, float]) -> float:
    """Where a test file comes in a run: the long ones first, so that none is left for one process at the end.

    The others stay in their order, in which those of a folder share what was made for it.
    """
    seconds = known.get(file, 0.0)
    return -seconds if seconds >= LONG else 0.0


def within(files: list[str], seconds: float) -> tuple[list[str], list[str]]:
    """The first test files that fit into some seconds on two cores, always one; and those that are left."""
    known = seconds_known()
    chosen: list[str] = []
    total = 0.0
    for file in files:
        total += known.get(file, GUESS) / 2
        if chosen and total > seconds:
            break
        chosen.append(file)
    return chosen, files[len(chosen) :]


def main() -> int:
    """Run what concerns the change. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="leo check", description=main.__doc__)
    parser.add_argument("--since", default="HEAD", help="commit that the change is measured from (default: the last)")
    parser.add_argument("--all", action="store_true", help="without a limit of time")
    parser.add_argument("--list", action="store_true", help="only say what would run")
    chosen = parser.parse_args()
    started = time.monotonic()
    changed = changed_files(chosen.since)
    if not changed:
        print(f"Nothing differs from {chosen.since}.")
        return 0
    commands, files = own_checks(changed), concerned(changed)
    now, later = (files, []) if chosen.all else within(files, BUDGET)
    print(
        f"Changed: {len(changed)} files. Tests that concern them: {len(files)} files, {len(now)} of them now.",
        flush=True,
    )
    commands += [pytest_command(now)] if now else []
    for command in commands:
        print("  " + " ".join(Path(word).name if word == sys.executable else word for word in command), flush=True)
        if not chosen.list and (code := subprocess.run(command, cwd=ROOT, check=False).returncode) not in (0, 5):
            return code
    if later:
        print(f"Left for 'make test', because a minute is over: {', '.join(later)}")
    print(f"Checked in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
