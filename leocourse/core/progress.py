"""Progress of a learner as a file: which lessons are read, which questions solved, and what was typed in the book.

The browser writes the same file (``book/_static/progress-file.js``), so progress made in one place can be taken to
the other. It stays on this machine: in the folder ``.leo-course`` of the user's home, or ``$LEO_PROGRESS``.
``check(...)`` in a notebook adds right answers to it once the learner has said ``leo progress --on``.

The file is JSON::

    {
      "schema": "leo-progress",
      "version": 2,
      "saved": "2026-11-22T09:00:00Z",                              when the file was written
      "lessons": {"building-a-cohort": {"read": true, "at": "2026-11-21T10:30:00Z"}},
      "questions": {"06-table-for-release": {"q1": {"solved": true, "at": "2026-11-21T11:00:00Z"}}},
      "drafts": {"building-a-cohort": {"1x2y3z": {                  a page and a cell, named by a hash of its SQL
        "text": "SELECT 1",                                         null: the page's own text is in the box
        "at": "2026-11-21T10:40:00Z",
        "place": 3,                                                 the number of the cell on its page, or null
        "earlier": [{"text": "SELECT 0", "at": "2026-11-21T10:35:00Z", "why": "reset"}]
      }}},
      "answers": {"06-table-for-release": {"q1": {...}}}            the same for what was typed under a question
    }

Names are those of pages, cells, assignments and questions: small letters, digits and hyphens, at most 80 characters.
Times are in UTC, to the second. ``"read": false`` says that somebody took the mark away again. ``why`` says what an
earlier text had to make way for: ``reset``, ``deleted`` by hand, ``replaced`` by another that was brought back,
another ``tab``, or a ``file`` that was imported. Version 1 has no drafts and no answers, and is still read.

When two files are merged the newest mark wins, and of the same second the one that says yes. Of two texts the first
one's stays, and the other becomes an earlier one: nothing that is in either file is missing from both together.
Another schema or version, a missing list, an entry of another form, a mark with a time in the future and what is not
JSON are refused with one line, and nothing is changed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole
from leocourse.core.once import Unread, larger, read_once

SCHEMA, VERSION = "leo-progress", 2
MAX_BYTES = 20_000_000
"""More than a browser stores for a site: what one exports, another can import."""
MAX_PLACE = 9999
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
TIME = "%Y-%m-%dT%H:%M:%SZ"
WHY = ("reset", "deleted", "replaced", "tab", "file")
MARKS, TEXTS = ("lessons", "questions"), ("drafts", "answers")
State = dict[str, dict[str, Any]]
Entry = dict[str, Any]
Join = Callable[[Any, Any], Any]


def empty() -> State:
    """Progress with nothing in it."""
    return {part: {} for part in (*MARKS, *TEXTS)}


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
    """What is in a progress file. Raises LeoError, in one line, if it is not a whole one."""
    try:
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise LeoError(f"{source} is not a progress file, or was cut off: it is not valid JSON.") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise LeoError(f"{source} is not a progress file of this course.")
    version = data.get("version")
    if not _is_number(version) or version not in (1, VERSION):
        raise LeoError(
            f"{source} has version {_short(version)}; this course reads versions 1 to {VERSION}. "
            "Update whichever is older, the book or the course."
        )
    parts = MARKS if version == 1 else (*MARKS, *TEXTS)
    for part in parts:
        if not isinstance(data.get(part), dict):
            raise LeoError(f"The list of {part} is missing from {source}.")
    state = empty()
    state["lessons"] = {_named(name, source): _mark(raw, "read", name, source) for name, raw in data["lessons"].items()}
    state["questions"] = _nested(data["questions"], source, lambda raw, where: _mark(raw, "solved", where, source))
    for part in parts[2:]:
        state[part] = _nested(data[part], source, lambda raw, where: _written(raw, where, source))
    return state


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which JSON has not


def _short(value: Any) -> str:
    """A value of a file for a line of text."""
    shown = json.dumps(value)
    return shown if len(shown) <= 40 else shown[:40] + " …"


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)  # 2.0 is the number 2 in JavaScript; true is none


def _named(name: str, source: str) -> str:
    if not NAME.fullmatch(name):
        raise LeoError(f"A name in {source} is not one of a page, a cell, an assignment or a question.")
    return name


def _nested(data: dict[str, Any], source: str, entry: Join) -> dict[str, Any]:
    found = {}
    for name, entries in data.items():
        if not isinstance(entries, dict):
            raise _spoilt(_named(name, source), source)
        found[_named(name, source)] = {
            _named(each, source): entry(raw, f"{name} {each}") for each, raw in entries.items()
        }
    return found


def _spoilt(where: str, source: str) -> LeoError:
    return LeoError(f"The entry {where} in {source} is not as it should be.")


def _time(raw: Any) -> datetime | None:
    """The time in an entry; None if it is none."""
    try:
        at = datetime.strptime(raw["at"], TIME).replace(tzinfo=UTC)
        return at if at.year >= 1970 and at.strftime(TIME) == raw["at"] else None
    except (KeyError, TypeError, ValueError):
        return None


def _mark(raw: Any, flag: str, where: str, source: str) -> Entry:
    """One mark, without what else it may hold."""
    at = _time(raw)
    if at is None or not isinstance(raw.get(flag), bool):
        raise _spoilt(where, source)
    if at > datetime.now(UTC) + timedelta(days=1):
        raise LeoError(f"The entry {where} in {source} has a time in the future.")
    return {flag: raw[flag], "at": raw["at"]}


def _written(raw: Any, where: str, source: str) -> Entry:
    """What was typed in one place: the text that is there now (None: the page's own), and earlier ones."""
    if _time(raw) is None or not isinstance(raw.get("earlier"), list):
        raise _spoilt(where, source)
    text, place = raw.get("text", 0), raw.get("place")
    sound = text is None or isinstance(text, str)
    sound &= place is None or (_is_number(place) and place in range(MAX_PLACE + 1))
    for each in raw["earlier"]:
        sound &= _time(each) is not None and isinstance(each.get("text"), str) and each.get("why") in WHY
    if not sound:
        raise _spoilt(where, source)
    return {
        "text": text,
        "at": raw["at"],
        "place": None if place is None else int(place),
        "earlier": _tidy(raw["earlier"]),
    }


def _tidy(earlier: list[Entry]) -> list[Entry]:
    """Each text once, with the last time that it was set aside; the newest first."""
    found: dict[str, Entry] = {}
    for each in earlier:
        if each["text"] not in found or found[each["text"]]["at"] < each["at"]:
            found[each["text"]] = {name: each[name] for name in ("text", "at", "why")}
    return sorted(found.values(), key=lambda each: each["at"], reverse=True)


def merge(first: State, second: State) -> State:
    """Both together: of two marks the newest wins, of two texts both are kept."""
    return {
        "lessons": _both(first["lessons"], second["lessons"], _newest("read")),
        "questions": _deep(first["questions"], second["questions"], _newest("solved")),
        "drafts": _deep(first["drafts"], second["drafts"], _joined),
        "answers": _deep(first["answers"], second["answers"], _joined),
    }


def _both(first: dict[str, Any], second: dict[str, Any], join: Join) -> dict[str, Any]:
    return first | {name: join(first[name], raw) if name in first else raw for name, raw in second.items()}


def _deep(first: dict[str, Any], second: dict[str, Any], join: Join) -> dict[str, Any]:
    return _both(first, second, lambda a, b: _both(a, b, join))


def _newest(flag: str) -> Join:
    return lambda old, fresh: fresh if (fresh["at"], fresh[flag]) > (old["at"], old[flag]) else old


def _joined(first: Entry, second: Entry) -> Entry:
    """Two entries of one place. The first one's text stays; where the other's differs, it becomes an earlier one."""
    stays, other = (second, first) if first["text"] is None else (first, second)
    differs = other["text"] not in (None, stays["text"])
    aside = [{"text": other["text"], "at": other["at"], "why": "file"}] if differs else []
    return {
        "text": stays["text"],
        "at": max(stays["at"], other["at"]) if stays["text"] == other["text"] else stays["at"],
        "place": other["place"] if stays["place"] is None else stays["place"],
        "earlier": _tidy([*first["earlier"], *aside, *second["earlier"]]),
    }


def read(path: Path | None = None) -> State:
    """The progress in a file; without one, the learner's own, which may be empty. Raises LeoError."""
    own = path is None
    path = path or progress_file()
    if own and not path.exists():
        return empty()
    try:
        text = read_once(path, MAX_BYTES, follow=True).decode("utf-8")
    except Unread as error:
        if isinstance(error.__cause__, OSError):
            raise LeoError(f"Cannot read {path} ({error.__cause__.strerror}).") from error
        if str(error) == larger(MAX_BYTES):
            raise LeoError(f"{path} is too large to be a progress file.") from error
        raise LeoError(f"{path} is not a progress file: {str(error)[:1].lower()}{str(error)[1:]}") from error
    except UnicodeDecodeError as error:
        raise LeoError(f"{path} is not a progress file: it is not text.") from error
    return parse(text, str(path))


def write(state: State, path: Path | None = None) -> Path:
    """Write a progress file in one step: an interrupted run leaves the old one whole. Raises LeoError."""
    path = path or progress_file()
    data = {"schema": SCHEMA, "version": VERSION, "saved": _now(), **empty(), **state}
    text = json.dumps(data, indent=1) + "\n"
    if len(text) > MAX_BYTES:  # nobody could read it again
        raise LeoError(f"{path} would be larger than {MAX_BYTES // 1_000_000} MB. Nothing was changed.")
    return write_whole(path, text)


def solved(assignment: str, question: str) -> None:
    """Record a right answer, if the learner has switched this on. The first time stays. Raises LeoError."""
    if not recording() or not (NAME.fullmatch(assignment) and NAME.fullmatch(question)):
        return
    state = read()
    if state["questions"].get(assignment, {}).get(question, {}).get("solved"):
        return
    state["questions"].setdefault(assignment, {})[question] = {"solved": True, "at": _now()}
    write(state)


def take_in(path: Path) -> int:
    """Merge another progress file into the learner's own. Raises LeoError, and then nothing is changed.

    Returns in how many places the file has another text than the learner's own, so that both were kept.
    """
    own, other = read(), read(path)
    write(merge(own, other))
    return sum(
        None not in (raw["text"], mine := own[part].get(page, {}).get(name, {"text": None})["text"])
        and mine != raw["text"]
        for part in TEXTS
        for page, entries in other[part].items()
        for name, raw in entries.items()
    )


def summary(state: State) -> list[str]:
    """What is read and solved, and how much was typed, in lines for people."""
    lessons = sorted(name for name, entry in state["lessons"].items() if entry["read"])
    lines = [f"Lessons read: {len(lessons)}", *(f"  {name}" for name in lessons)]
    counts = {name: sum(entry["solved"] for entry in entries.values()) for name, entries in state["questions"].items()}
    lines += [f"Questions solved: {sum(counts.values())}"]
    lines += [f"  {name}: {count}" for name, count in sorted(counts.items()) if count]
    typed = {page: sum(map(texts, entries.values())) for part in TEXTS for page, entries in sorted(state[part].items())}
    if any(typed.values()):
        lines += [f"Texts typed in the book: {sum(typed.values())}"]
        lines += [f"  {page}: {count}" for page, count in typed.items() if count]
    return lines


def texts(entry: Entry) -> int:
    """How many different texts a cell or question holds, those that were set aside as well."""
    return len({entry["text"], *(each["text"] for each in entry["earlier"])} - {None})


def _now() -> str:
    return datetime.now(UTC).strftime(TIME)
