"""Finds the notebooks in what people hand in: a folder, nbgrader's submitted tree, or a zip.

Everything in it is treated as hostile: names are only ever names, archives are read and not unpacked,
and what is no notebook is reported with a plain reason while the rest goes on.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from leocourse.core.errors import LeoError
from leocourse.core.keep import RECORD

SIZE_LIMIT = 20 * 2**20
"""Bytes that a notebook may have."""
MEMBERS_LIMIT = 20_000
IGNORED = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "__pycache__", RECORD}


Load = Callable[[], bytes]


@dataclass(frozen=True)
class Submission:
    """One notebook that somebody handed in, or the reason why it cannot be read."""

    student: str
    assignment: str
    name: str
    """Where it was found, for reports."""
    load: Load = bytes
    """Reads it. Nothing is kept in memory until its turn comes."""
    problem: str = ""
    timestamp: str = ""
    """When it was handed in, as nbgrader's ``timestamp.txt`` beside it says; empty if there is none."""


def collect(source: Path, notebooks: dict[str, str]) -> list[Submission]:
    """The submissions in a folder or zip, one a student and assignment, sorted by both.

    ``notebooks`` maps each assignment to the name of its notebook (without ``.ipynb``).
    Understands ``<student>/<assignment>.ipynb``, ``<student>/<notebook>.ipynb`` and
    ``<student>/<assignment>/<notebook>.ipynb``. Raises LeoError if ``source`` is neither a folder nor
    a zip, or holds no submission at all.
    """
    if source.is_dir():
        files = _folder_files(source)
    elif source.is_file() and zipfile.is_zipfile(source):
        files = _zip_files(source)
    elif source.exists():
        raise LeoError(f"{source} is neither a folder nor a zip of submissions.")
    else:
        raise LeoError(f"There is no folder or zip called {source}.")
    found, times = [], {}
    for path, load, problem in files:
        if path.name == "timestamp.txt":
            times[path.parent] = load()[:100].decode("utf-8", "replace").strip()
        else:
            found.append(_place(path, load, problem, notebooks))
    chosen = [
        replace(submission, timestamp=times.get(PurePosixPath(submission.name).parent, ""))
        for submission in _one_each(submission for submission in found if submission)
    ]
    if not chosen:
        raise LeoError(f"No submissions in {source}: expected <student>/<assignment>.ipynb.")
    return chosen


def _folder_files(folder: Path) -> Iterator[tuple[PurePosixPath, Load, str]]:
    root = folder.resolve()
    for path in sorted(root.rglob("*")):
        relative = PurePosixPath(path.relative_to(root).as_posix())
        if IGNORED & set(relative.parts) or path.is_dir():
            continue
        if not path.resolve().is_relative_to(root) or path.is_symlink():
            yield relative, bytes, "It is a link, and links are not followed."
        elif not path.is_file():
            yield relative, bytes, "It is not an ordinary file."
        elif path.stat().st_size > SIZE_LIMIT:
            yield relative, bytes, f"It is larger than {SIZE_LIMIT // 2**20} MB."
        else:
            try:
                path.open("rb").close()
            except OSError as error:
                yield relative, bytes, f"It cannot be read ({error.strerror})."
            else:
                yield relative, partial(_read, path), ""


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SIZE_LIMIT)


def _zip_files(archive: Path) -> Iterator[tuple[PurePosixPath, Load, str]]:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MEMBERS_LIMIT:
                raise LeoError(f"{archive} holds more than {MEMBERS_LIMIT:,} files: split it.")
            for member in members:
                path = PurePosixPath(member.filename.replace("\\", "/"))
                if IGNORED & set(path.parts):
                    continue
                yield _zip_member(opened, member, path)
    except zipfile.BadZipFile as error:
        raise LeoError(f"{archive} is a broken zip: {error}.") from error


def _zip_member(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath
) -> tuple[PurePosixPath, Load, str]:
    if path.is_absolute() or ".." in path.parts:
        inside = PurePosixPath(*[part for part in path.parts if part not in ("/", "..")])
        return inside, bytes, "Its path leaves the zip."
    try:
        size = len(_unpack(opened, member))  # a header can lie about the size, so count what comes out
    except Exception as error:  # of many kinds: zipfile passes on whatever its decompressors raise
        return path, bytes, f"It cannot be unpacked ({error})."
    if size > SIZE_LIMIT:
        return path, bytes, f"It is larger than {SIZE_LIMIT // 2**20} MB."
    return path, partial(_load, Path(opened.filename), member.filename), ""


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with opened.open(member) as stream:
        return stream.read(SIZE_LIMIT + 1)


def _load(archive: Path, name: str) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return _unpack(opened, opened.getinfo(name))


def _place(path: PurePosixPath, load: Load, problem: str, notebooks: dict[str, str]) -> Submission | None:
    """Whose submission a file is, and to which assignment; None for files that are no concern of marking."""
    parts, stem = path.parts, path.stem
    if len(parts) > 1 and parts[0] == "submitted":
        parts = parts[1:]
    by_notebook = {notebook: name for name, notebook in notebooks.items()}
    known = ", ".join(sorted(notebooks))
    is_notebook = path.suffix == ".ipynb"
    if len(parts) == 1:
        if not is_notebook:
            return None
        why = "It lies outside a student's folder: put it in <student>/."
        return Submission("", "", str(path), problem=why)
    student = parts[0]
    if not is_notebook:
        stray = stem in notebooks or stem in by_notebook or problem
        why = problem or "It is not a notebook: hand in the .ipynb file."
        return Submission(student, by_notebook.get(stem, stem), str(path), problem=why) if stray else None
    assignment = parts[1] if len(parts) > 2 else by_notebook.get(stem, stem)
    if assignment not in notebooks:
        why = f"'{assignment}' is no assignment of this course: it has {known}."
        return Submission(student, assignment, str(path), problem=why)
    if len(parts) > 2 and stem != notebooks[assignment] and stem != assignment:
        return Submission(student, assignment, str(path), load, f"Expected {notebooks[assignment]}.ipynb.")
    return Submission(student, assignment, str(path), load, problem)


def _one_each(found: Iterable[Submission]) -> list[Submission]:
    """One submission a student and assignment: a readable one before an unreadable one, none of several readable."""
    candidates: dict[tuple[str, str, str], list[Submission]] = {}
    for submission in found:
        key = (submission.student, submission.assignment, "" if submission.student else submission.name)
        candidates.setdefault(key, []).append(submission)
    return sorted(map(_only_one, candidates.values()), key=lambda each: (each.student, each.assignment))


def _only_one(candidates: list[Submission]) -> Submission:
    readable = [each for each in candidates if not each.problem]
    if len(readable) < 2:
        return (readable or candidates)[0]
    names = ", ".join(each.name for each in readable)
    why = f"There are {len(readable)} notebooks for this assignment ({names}): leave the one that is to be marked."
    return replace(readable[0], problem=why)
