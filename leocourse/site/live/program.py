"""SQL that runs in the pages of the book: program, data and keys, as static files under ``_build/web``.

The program is bundled from ``web/`` with npm packages that its lock file names; nothing comes from elsewhere, then
or when a page is read. Where there is no Node, the book is built without it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.site.live.cells import sql_questions
from leocourse.site.live.data import read_pages, write_extract, write_hashed
from leocourse.steps import Stamp, digest

WEB = Path("_build") / "web"
SITE = WEB / "site" / "leo-web"
"""What is published beside the book, under its root."""
LOADER = WEB / "static"
"""The script and the style sheet of every page."""
STEPS = WEB / "steps.json"
"""What the cells of each lesson do in SQL. The book puts a lesson's part into its page."""
KEYS = "keys"
INSTALL_SECONDS, BUNDLE_SECONDS = 600, 300


def build_web(root: Path, pages: list[Path]) -> str:
    """Bring ``_build/web`` up to date for the lessons in ``pages``.

    Returns an empty text, or one line on why there is nothing: then the folder is removed, and the book has no live
    cells. Raises LeoError if the data for the pages cannot be made, which is a fault of the course.
    """
    with keep.writing(root / WEB):
        problem = _program(root)
        if not problem:
            _data(root, pages)
            return ""
    remove_web(root)
    return f"The book is built without SQL that runs in the page: {problem}"


def remove_web(root: Path) -> None:
    """Remove what would make cells live."""
    keep.tell(root / WEB, keep.take_away(root / WEB))
    for name in ("web-program", "web-data"):
        (root / "_build" / "stamps" / f"{name}.txt").unlink(missing_ok=True)


def web_key(root: Path) -> str:
    """A hash of what the pages carry of it: the loader and the steps. Empty without live cells."""
    if not (root / STEPS).is_file():
        return ""
    return digest([root / LOADER, root / STEPS, root / SITE / "manifest.json"])


def _program(root: Path) -> str:
    """Install the packages if the lock changed, and bundle. Returns why it could not be done, or nothing."""
    folder = root / "web"
    lock = folder / "package-lock.json"
    if not lock.is_file():
        return "there is no web/package-lock.json."
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "Node with npm is not on this machine."
    installed = Stamp(root, "web-packages", [lock])
    if not installed.current() or not (folder / "node_modules").is_dir():
        problem = _run([npm, "ci", "--no-audit", "--no-fund"], folder, INSTALL_SECONDS)
        if problem:
            return f"npm could not install the packages of web/ ({problem})."
        installed.set()
    shared = [root / "book" / "_static" / name for name in ("progress-file.js", "drafts.js")]
    shared.append(root / "leocourse" / "checks" / "ladder.json")
    stamp = Stamp(root, "web-program", [lock, folder / "src", *sorted(folder.glob("*.mjs")), *shared])
    if not (stamp.current() and (root / WEB / "program.json").is_file()):
        problem = _run([node, "build.mjs", str(root / SITE), str(root / LOADER)], folder, BUNDLE_SECONDS)
        if problem:
            raise LeoError(f"The program of the pages could not be bundled: {problem}.")
        stamp.set()
    return ""


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


def _data(root: Path, pages: list[Path]) -> None:
    """Write extract, keys and the manifest that names them, unless they are current."""
    extract = root / LESSON_EXTRACT
    code = sorted((root / "leocourse").glob("web*.py"))
    inputs = [
        *pages, *code, root / "solutions", root / "data" / "schema", extract / "manifest.json", extract / KEYS,
        root / WEB / "program.json",
    ]  # fmt: skip
    stamp = Stamp(root, "web-data", inputs)
    if stamp.current() and (root / SITE / "manifest.json").is_file() and (root / STEPS).is_file():
        return
    for folder in ("data", KEYS):
        shutil.rmtree(root / SITE / folder, ignore_errors=True)
    found = read_pages(root, extract, pages)
    manifest: dict[str, Any] = json.loads((root / WEB / "program.json").read_text(encoding="utf-8"))
    manifest["extract"] = write_extract(root, extract, found, root / SITE / "data")
    manifest["questions"] = _write_keys(root, extract)
    _write_json(root / SITE / "manifest.json", manifest)
    _write_json(root / STEPS, {page: [asdict(step) for step in steps] for page, steps in found.steps.items()})
    stamp.set()


def _write_keys(root: Path, extract: Path) -> dict[str, Any]:
    """One file a question, with the part of the key that its check needs."""
    found: dict[str, Any] = {}
    for folder in assignment_folders(root):
        path = extract / KEYS / f"{folder.name}.json"
        if not path.is_file():
            continue  # before 'leo release' an assignment has no key, and its questions say so
        key = json.loads(path.read_text(encoding="utf-8"))
        entries = {each["specification"]["name"]: each for each in [*key.get("worked", []), *key["questions"]]}
        for question in sql_questions(load_assignment(folder)):
            entry = entries.get(question.name)
            if entry is not None:
                raw = json.dumps(entry, separators=(",", ":")).encode()
                written = write_hashed(root / SITE / KEYS, f"{folder.name}-{question.name}", raw)
                found.setdefault(folder.name, {})[question.name] = written
    return found


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")


def with_web(root: Path, pages: list[Path], wanted: bool, say: Callable[[str], None]) -> None:
    """The step of the build of the book: make what is wanted, and say in a line if it cannot be had."""
    if not wanted:
        remove_web(root)
        return
    problem = build_web(root, pages)
    if problem:
        say(problem)
