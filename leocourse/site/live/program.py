"""SQL that runs in the pages of the book: program, data and keys, as static files under ``_build/web``.

The program is bundled from ``web/`` with npm packages that its lock file names; nothing comes from elsewhere, then
or when a page is read. Where there is no Node, the book is built without it.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leocourse.authoring.exercise import exercise_folders, given_in, load_exercises, page_of
from leocourse.authoring.lessons import lessons
from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.checks.attributes import FILE as ATTRIBUTES
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.site.live.cells import sql_questions
from leocourse.site.live.data import read_pages, write_extract, write_hashed

WEB = Path("_build") / "web"
SITE = WEB / "site" / "leo-web"
"""What is published beside the book, under its root."""
LOADER = WEB / "static"
"""The script and the style sheet of every page."""
STEPS = WEB / "steps.json"
"""What the cells of each lesson do in SQL. The book puts a lesson's part into its page."""
EXERCISES = WEB / "exercises.json"
"""What the boxes of each lesson's exercises need before a check. The book puts a lesson's part into its page."""
PROGRAM = WEB / "program.json"
"""What the program is made of: names of files, sizes, hashes."""
KEYS = "keys"
INSTALL_SECONDS, BUNDLE_SECONDS = 600, 300


class NoProgram(Exception):
    """Why the pages cannot have live cells on this machine, in a few words."""


def install(root: Path) -> None:
    """Install the packages that the lock file names into ``web/``. Raises NoProgram."""
    problem = _run([_tools(root)[1], "ci", "--no-audit", "--no-fund"], root / "web", INSTALL_SECONDS)
    if problem:
        raise NoProgram(f"npm could not install the packages of web/ ({problem}).")


def bundle(root: Path) -> None:
    """Bundle the program. Raises NoProgram without Node, and LeoError if it fails, which is a fault of the course."""
    node, _ = _tools(root)
    with keep.writing(root / WEB):
        problem = _run([node, "build.mjs", str(root / SITE), str(root / LOADER)], root / "web", BUNDLE_SECONDS)
    if problem:
        raise LeoError(f"The program of the pages could not be bundled: {problem}.")


def _tools(root: Path) -> tuple[str, str]:
    """Node and npm. Raises NoProgram."""
    if not (root / "web" / "package-lock.json").is_file():
        raise NoProgram("there is no web/package-lock.json.")
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoProgram("Node with npm is not on this machine.")
    return node, npm


def check_tools(root: Path) -> None:
    """Raise NoProgram if the program cannot be bundled here."""
    _tools(root)


def remove_web(root: Path) -> None:
    """Remove what would make cells live."""
    keep.tell(root / WEB, keep.take_away(root / WEB))


def _run(command: list[str], folder: Path, seconds: int) -> str:
    """Run a command. Returns its last words if it failed."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip() and "warn" not in line]
    return "" if done.returncode == 0 else (lines[0].strip()[:200] if lines else f"exit code {done.returncode}")


def write_data(root: Path) -> None:
    """Write the data of the pages, the parts of keys, and the manifest that names them.

    Raises LeoError if they cannot be made, which is a fault of the course.
    """
    extract, pages = root / LESSON_EXTRACT, lessons(root)
    with keep.writing(root / WEB), tempfile.TemporaryDirectory() as scratch:
        made, site = Path(scratch), Path(scratch) / SITE.relative_to(WEB)
        found = read_pages(root, extract, pages)
        manifest: dict[str, Any] = json.loads((root / PROGRAM).read_text(encoding="utf-8"))
        manifest["extract"] = write_extract(root, extract, found, site / "data")
        manifest["questions"] = _write_keys(root, extract, site / KEYS)
        attributes = extract / KEYS / ATTRIBUTES
        if attributes.is_file():
            raw = gzip.decompress(attributes.read_bytes())
            manifest["attributes"] = write_hashed(site / KEYS, "attributes", raw)
        _write_json(site / "manifest.json", manifest)
        steps = {page: [asdict(step) for step in each] for page, each in found.steps.items()}
        _write_json(made / STEPS.relative_to(WEB), steps)
        _write_json(made / EXERCISES.relative_to(WEB), _exercises(root))
        for folder in ("data", KEYS):
            shutil.rmtree(root / SITE / folder, ignore_errors=True)
        keep.move_in(made, root / WEB)


def _write_keys(root: Path, extract: Path, target: Path) -> dict[str, Any]:
    """One file a question in the folder ``target``, with the part of the key that its check needs."""
    found: dict[str, Any] = {}
    of_lessons = [load_exercises(root, folder) for folder in exercise_folders(root)]
    for assignment in [*map(load_assignment, assignment_folders(root)), *of_lessons]:
        path = extract / KEYS / f"{assignment.name}.json"
        if not path.is_file():
            continue  # before 'leo release' an assignment has no key, and its questions say so
        key = json.loads(path.read_text(encoding="utf-8"))
        entries = {each["specification"]["name"]: each for each in [*key.get("worked", []), *key["questions"]]}
        for question in sql_questions(assignment):
            entry = entries.get(question.name)
            if entry is not None:
                raw = json.dumps(entry, separators=(",", ":")).encode()
                written = write_hashed(target, f"{assignment.name}-{question.name}", raw)
                found.setdefault(assignment.name, {})[question.name] = written
    return found


def _exercises(root: Path) -> dict[str, list[dict[str, Any]]]:
    """The exercises of each lesson in the order of their cells, by its page: name, form, what is given, choices."""
    found = {}
    for folder in exercise_folders(root):
        page = page_of(root, folder)
        exercises = {each.name: each for each in load_exercises(root, folder).questions}
        ordered = [exercises[name] for name in given_in(page.read_text(encoding="utf-8"), page.name)]
        found[page.relative_to(root).with_suffix("").as_posix()] = [
            {"lesson": folder.name, "name": each.name, "title": each.title, "form": each.form, "given": each.given,
             "choices": each.choices}
            for each in ordered
        ]  # fmt: skip
    return found


def _write_json(path: Path, value: Any) -> None:
    write_whole(path, json.dumps(value, separators=(",", ":")))
