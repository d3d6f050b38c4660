"""Progress of a learner as a file: which lessons are read and which questions solved.

The browser writes the same file (``book/_static/progress.js``), so progress made in one place can be taken to
the other. It stays on this machine: in the folder ``.leo-course`` of the user's home, or ``$LEO_PROGRESS``.
``check(...)`` in a notebook adds right answers to it once the learner has said ``leo progress --on``.

The file is JSON::

    {
      "schema": "leo-progress",
      "version": 1,
      "saved": "2026-11-22T09:00:00Z",                              when the file was written
      "lessons": {"building-a-cohort": {"read": true, "at": "2026-11-21T10:30:00Z"}},
      "questions": {"06-table-for-release": {"q1": {"solved": true, "at": "2026-11-21T11:00:00Z"}}}
    }

Names are those of pages, assignments and questions: small letters, digits and hyphens, at most 80 characters.
Times are in UTC, to the second. ``"read": false`` says that somebody took the mark away again.
When two files are merged the newest entry wins, and of the same second the one that says yes.
Another schema or version, a missing list, an entry of another form, a time in the future and what is not JSON
are refused with one line, and nothing is changed.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError
from leocourse.core.files import whole

SCHEMA, VERSION = "leo-progress", 1
MAX_BYTES = 1_000_000
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
TIME = "%Y-%m-%dT%H:%M:%SZ"
FLAGS = {"lessons": "read", "questions": "solved"}
State = dict[str, dict[str, Any]]


def folder() -> Path:
    """Where progress is kept on this machine."""
    return Path(os.environ.get("LEO_PROGRESS") or Path.home() / ".leo-course")


def progress_file() -> Path:
    """The learner's own progress file."""
    return folder() / "progress.json"


def recording() -> bool:
    """Whether the learner has asked that right answers in notebooks be recorded."""
    return (folder() / "recording").is_file()


def switch(on: bool) -> None:
    """Record right answers in notebooks from now on, or no longer. What was recorded stays."""
    mark = folder() / "recording"
    try:
        if on:
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
        else:
            mark.unlink(missing_ok=True)
    except OSError as error:
        raise LeoError(f"Cannot write to {mark.parent} ({error.strerror}).") from error


def parse(text: str, source: str) -> State:
    """The lessons and questions of a progress file. Raises LeoError, in one line, if it is not a whole one."""
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise LeoError(f"{source} is not a progress file, or was cut off: it is not valid JSON.") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise LeoError(f"{source} is not a progress file of this course.")
    if type(data.get("version")) is not int or data["version"] != VERSION:
        raise LeoError(
            f"{source} has version {json.dumps(data.get('version'))}; this course reads version {VERSION}. "
            "Update whichever is older, the book or the course."
        )
    if not all(isinstance(data.get(part), dict) for part in FLAGS):
        raise LeoError(f"The lists of lessons and questions are missing from {source}.")
    lessons = {_named(name, source): _entry(raw, "read", name, source) for name, raw in data["lessons"].items()}
    questions = {}
    for assignment, entries in data["questions"].items():
        if not isinstance(entries, dict):
            raise LeoError(f"The entry {_named(assignment, source)} in {source} is not as it should be.")
        questions[_named(assignment, source)] = {
            _named(name, source): _entry(raw, "solved", f"{assignment} {name}", source) for name, raw in entries.items()
        }
    return {"lessons": lessons, "questions": questions}


def _named(name: str, source: str) -> str:
    if not NAME.fullmatch(name):
        raise LeoError(f"A name in {source} is not one of a lesson, an assignment or a question.")
    return name


def _entry(raw: Any, flag: str, where: str, source: str) -> dict[str, Any]:
    """One entry, without what else it may hold."""
    try:
        at = datetime.strptime(raw["at"], TIME).replace(tzinfo=UTC)
        good = isinstance(raw[flag], bool) and at.strftime(TIME) == raw["at"]
    except (KeyError, TypeError, ValueError):
        good = False
    if not good:
        raise LeoError(f"The entry {where} in {source} is not as it should be.")
    if at > datetime.now(UTC) + timedelta(days=1):
        raise LeoError(f"The entry {where} in {source} has a time in the future.")
    return {flag: raw[flag], "at": raw["at"]}


def merge(first: State, second: State) -> State:
    """Both together; the newest entry wins."""
    lessons = _newest(first["lessons"], second["lessons"], "read")
    names = dict.fromkeys([*first["questions"], *second["questions"]])
    questions = {
        name: _newest(first["questions"].get(name, {}), second["questions"].get(name, {}), "solved") for name in names
    }
    return {"lessons": lessons, "questions": questions}


def _newest(first: dict[str, Any], second: dict[str, Any], flag: str) -> dict[str, Any]:
    merged = dict(first)
    for name, fresh in second.items():
        old = merged.get(name)
        if old is None or (fresh["at"], fresh[flag]) > (old["at"], old[flag]):
            merged[name] = fresh
    return merged


def read(path: Path | None = None) -> State:
    """The progress in a file; without one, the learner's own, which may be empty. Raises LeoError."""
    own = path is None
    path = path or progress_file()
    if own and not path.exists():
        return {"lessons": {}, "questions": {}}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LeoError(f"{path} is too large to be a progress file.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise LeoError(f"Cannot read {path} ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise LeoError(f"{path} is not a progress file: it is not text.") from error
    return parse(text, str(path))


def write(state: State, path: Path | None = None) -> Path:
    """Write a progress file in one step: an interrupted run leaves the old one whole. Raises LeoError."""
    path = path or progress_file()
    data = {"schema": SCHEMA, "version": VERSION, "saved": _now(), **state}
    with whole(path) as beside:
        beside.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return path


def solved(assignment: str, question: str) -> None:
    """Record a right answer, if the learner has switched this on. The first time stays. Raises LeoError."""
    if not recording() or not (NAME.fullmatch(assignment) and NAME.fullmatch(question)):
        return
    state = read()
    if state["questions"].get(assignment, {}).get(question, {}).get("solved"):
        return
    state["questions"].setdefault(assignment, {})[question] = {"solved": True, "at": _now()}
    write(state)


def take_in(path: Path) -> State:
    """Merge another progress file into the learner's own. Raises LeoError, and then nothing is changed."""
    merged = merge(read(), read(path))
    write(merged)
    return merged


def summary(state: State) -> list[str]:
    """What is read and solved, in lines for people."""
    lessons = sorted(name for name, entry in state["lessons"].items() if entry["read"])
    lines = [f"Lessons read: {len(lessons)}", *(f"  {name}" for name in lessons)]
    counts = {name: sum(entry["solved"] for entry in entries.values()) for name, entries in state["questions"].items()}
    lines += [f"Questions solved: {sum(counts.values())}"]
    return lines + [f"  {name}: {count}" for name, count in sorted(counts.items()) if count]


def _now() -> str:
    return datetime.now(UTC).strftime(TIME)
