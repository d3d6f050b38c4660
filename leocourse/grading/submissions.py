"""Finds the notebooks in what people hand in: a folder, nbgrader's submitted tree, or a zip.

Everything in it is treated as hostile: names are only ever names, archives are read and not unpacked.
Every file is accounted for: it is marked, or set aside with a plain reason while the rest goes on, or it is known
to be no concern of marking. Whose a file is and for which assignment is read from its path in one place,
:func:`_whose`: a layout in which downloads come is added there.
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from leocourse.core.errors import LeoError
from leocourse.core.keep import RECORD

SIZE_LIMIT = 20 * 2**20
"""Bytes that a notebook may have."""
MEMBERS_LIMIT = 20_000
NAME_LIMIT, FOLDER_BYTES = 128, 255
"""Characters of a student's name that a gradebook holds, and bytes of it that a folder's name may have."""
IGNORED = {
    "__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__", ".directory", ".git",
    ".gitignore", ".gitkeep", RECORD, ".virtual_documents", "$RECYCLE.BIN", "System Volume Information",
}  # fmt: skip
"""Files and folders that computers leave behind, and nobody hands in."""
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
BARE_NAMES = ("", ".json", ".txt")
"""Endings under which browsers and mail programs save a notebook."""
MARK, ASIDE, BESIDE, LITTER, TIME = "to mark", "set aside", "beside", "left by a computer", "time of handing in"
"""What a file is."""
NOT_A_NOTEBOOK = "It is not a notebook: hand in the .ipynb file."

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


@dataclass(frozen=True)
class Intake:
    """What is in a folder or zip."""

    submissions: list[Submission]
    """One a student and assignment, and what was set aside, sorted by both."""
    files: dict[str, tuple[str, str]]
    """What each file is (:data:`MARK`, :data:`ASIDE`, ...) and why, by its path. No file is missing."""


@dataclass(frozen=True)
class _File:
    """A file, or a folder with nothing in it, as it was found."""

    path: PurePosixPath
    load: Load = bytes
    problem: str = ""
    folder: bool = False


@dataclass(frozen=True)
class _Seen:
    """A file of which it is known whose it is and what it is."""

    path: PurePosixPath
    what: str
    student: str = ""
    assignment: str = ""
    load: Load = bytes
    problem: str = ""
    notebook: bool = False
    """Whether it is, or may be, a notebook: then it never passes for a file beside one."""
    folder: bool = False

    def submission(self, **changes: str) -> Submission:
        """It as a submission, with what is changed."""
        return replace(Submission(self.student, self.assignment, str(self.path), self.load, self.problem), **changes)


def collect(source: Path, notebooks: dict[str, str]) -> Intake:
    """All that is in a folder or zip: the submissions, and what every file is.

    ``notebooks`` maps each assignment to the name of its notebook (without ``.ipynb``).
    Understands ``<student>/<assignment>.ipynb``, ``<student>/<notebook>.ipynb`` and
    ``<student>/<assignment>/<notebook>.ipynb``. Raises LeoError if ``source`` is neither a folder nor
    a zip, or holds nothing that anybody handed in.
    """
    if source.is_dir():
        files = _folder_files(source)
    elif source.is_file() and zipfile.is_zipfile(source):
        files = _zip_files(source)
    elif source.exists():
        raise LeoError(f"{source} is neither a folder nor a zip of submissions.")
    else:
        raise LeoError(f"There is no folder or zip called {source}.")
    seen, times = [], {}
    for file in files:
        one = _whose(file, notebooks)
        seen.append(one)
        if one.what == TIME:
            times[one.path.parent] = file.load()[:100].decode("utf-8", "replace").strip()
    shelf = _Shelf(seen)
    if not shelf.submissions:
        raise LeoError(f"No submissions in {source}: expected <student>/<assignment>.ipynb.")
    chosen = [
        replace(each, timestamp=times.get(PurePosixPath(each.name).parent, ""), problem=each.problem or _wrong(each))
        for each in shelf.submissions
    ]
    return Intake(sorted(chosen, key=lambda each: (each.student, each.assignment, each.name)), shelf.files)


def wrong_name(student: str) -> str:
    """Why a name can be no student's; empty if it can. A good one is the name of one folder, and text."""
    if len(student) > NAME_LIMIT:
        return f"The student's name is longer than {NAME_LIMIT} characters."
    try:
        long = len(student.encode()) > FOLDER_BYTES
    except UnicodeEncodeError:
        return "The name of the student's folder is not UTF-8 text: rename it."
    if long:
        return f"The student's name is longer than {FOLDER_BYTES} bytes, and no folder can have it."
    if student in ("", ".", "..") or "/" in student or any(unicodedata.category(each) == "Cc" for each in student):
        return "The name of the student's folder holds a character that no name has: rename it."
    return ""


def _wrong(submission: Submission) -> str:
    return wrong_name(submission.student) if submission.student else ""


def _folder_files(folder: Path) -> Iterator[_File]:
    root = folder.resolve()
    unread: list[OSError] = []
    for here, folders, names in os.walk(root, onerror=unread.append):
        folders.sort()
        relative = PurePosixPath(Path(here).relative_to(root).as_posix())
        links = [name for name in folders if Path(here, name).is_symlink()]
        for name in sorted([*names, *links]):
            yield _folder_file(Path(here, name), relative / name, name in links)
        if not (folders or names) and relative.parts:
            yield _File(relative, folder=True)
    for error in unread:
        path = PurePosixPath(Path(error.filename).relative_to(root).as_posix())
        yield _File(path, problem=f"The folder cannot be read ({error.strerror}).", folder=True)


def _folder_file(path: Path, relative: PurePosixPath, folder: bool) -> _File:
    problem = ""
    if path.is_symlink():
        problem = "It is a link, and links are not followed."
    elif not path.is_file():
        problem = "It is not an ordinary file."
    elif path.stat().st_size > SIZE_LIMIT:
        problem = f"It is larger than {SIZE_LIMIT // 2**20} MB."
    else:
        try:
            path.open("rb").close()
        except OSError as error:
            problem = f"It cannot be read ({error.strerror})."
    return _File(relative, bytes if problem else partial(_read, path), problem, folder)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SIZE_LIMIT)


def _zip_files(archive: Path) -> Iterator[_File]:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > MEMBERS_LIMIT:
                raise LeoError(f"{archive} holds more than {MEMBERS_LIMIT:,} files: split it.")
            paths = [_member_path(member.filename) for member in members]
            above = {parent for path, _ in paths for parent in path.parents}
            for member, (path, problem) in zip(members, paths, strict=True):
                if not member.is_dir():
                    yield _zip_member(opened, member, path, problem)
                elif path.parts and path not in above:
                    yield _File(path, problem=problem, folder=True)
    except zipfile.BadZipFile as error:
        raise LeoError(f"{archive} is a broken zip: {error}.") from error


def _member_path(name: str) -> tuple[PurePosixPath, str]:
    """The path of a member below the zip's own folder, and what is wrong with it as it stands there."""
    name = name.replace("\\", "/")
    parts = name.split("/")
    leaves = name.startswith("/") or ".." in parts or re.match("[A-Za-z]:/", name)
    inside = PurePosixPath(*(part for part in parts if part not in ("", ".", "..")))
    return inside, "Its path leaves the zip." if leaves else ""


def _zip_member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: PurePosixPath, problem: str) -> _File:
    if problem:
        return _File(path, problem=problem)
    try:
        size = len(_unpack(opened, member))  # a header can lie about the size, so count what comes out
    except Exception as error:  # of many kinds: zipfile passes on whatever its decompressors raise
        return _File(path, problem=f"It cannot be unpacked ({error}).")
    if size > SIZE_LIMIT:
        return _File(path, problem=f"It is larger than {SIZE_LIMIT // 2**20} MB.")
    return _File(path, partial(_load, Path(opened.filename), member.filename))


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with opened.open(member) as stream:
        return stream.read(SIZE_LIMIT + 1)


def _load(archive: Path, name: str) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return _unpack(opened, opened.getinfo(name))


def _whose(file: _File, notebooks: dict[str, str]) -> _Seen:
    """Whose a file is, for which assignment, and what it is."""
    path, parts = file.path, file.path.parts
    if len(parts) > 1 and parts[0] == "submitted":
        parts = parts[1:]
    if IGNORED & set(parts) or path.name.startswith(("._", "~$")):
        return _Seen(path, LITTER, parts[0] if len(parts) > 1 and parts[0] not in IGNORED else "")
    if not parts or (len(parts) == 1 and not file.folder):
        return _Seen(path, ASIDE, problem=file.problem or _outside(path))
    student, by_notebook = parts[0], {notebook: name for name, notebook in notebooks.items()}
    inside = parts[1] if len(parts) > 1 + (not file.folder) and parts[1] in notebooks else ""
    if file.folder:
        return _Seen(path, ASIDE if file.problem else BESIDE, student, inside, problem=file.problem, folder=True)
    if path.name == "timestamp.txt" and not file.problem:
        return _Seen(path, TIME, student, inside)
    if path.suffix.lower() == ".ipynb":
        return _notebook(file, parts, notebooks)
    stem = re.split(r"\.ipynb", path.name, maxsplit=1, flags=re.IGNORECASE)[0]
    assignment = inside or by_notebook.get(stem, stem if stem in notebooks else "")
    mistaken = _mistaken(file)
    if mistaken or file.problem.startswith("Its path"):
        return _Seen(path, ASIDE, student, assignment, problem=file.problem or mistaken, notebook=True)
    named = by_notebook.get(path.stem, path.stem)
    if named in notebooks:
        return _Seen(path, ASIDE, student, named, problem=file.problem or NOT_A_NOTEBOOK)
    return _Seen(path, BESIDE, student, inside, problem=file.problem)


def _outside(path: PurePosixPath) -> str:
    if path.suffix.lower() in ARCHIVES:
        return "It is an archive outside a student's folder: unpack it in <student>/."
    return "It lies outside a student's folder: put it in <student>/."


def _mistaken(file: _File) -> str:
    """Why a file that has not the name of a notebook may hold one; empty if nothing says so."""
    name = file.path.name
    if file.path.suffix.lower() in ARCHIVES:
        return "It is an archive, which marking does not open: unpack it in the student's folder."
    if ".ipynb" in name.lower():
        return "Its name does not end in .ipynb: rename it to end so, or hand in the right file."
    if file.path.suffix.lower() in BARE_NAMES and not file.problem and b'"nbformat"' in file.load():
        return "It is a notebook under another name: rename it to end in .ipynb."
    return ""


def _notebook(file: _File, parts: tuple[str, ...], notebooks: dict[str, str]) -> _Seen:
    by_notebook = {notebook: name for name, notebook in notebooks.items()}
    student, stem = parts[0], file.path.stem
    assignment = parts[1] if len(parts) > 2 else by_notebook.get(stem, stem)
    problem = file.problem
    if assignment not in notebooks:
        problem = problem or f"'{assignment}' is no assignment of this course: it has {', '.join(sorted(notebooks))}."
    elif len(parts) > 2 and stem != notebooks[assignment] and stem != assignment:
        problem = problem or f"Expected {notebooks[assignment]}.ipynb."
    return _Seen(file.path, ASIDE if problem else MARK, student, assignment, file.load, problem, notebook=True)


class _Shelf:
    """What was seen, put in order: one submission a student and assignment, and what becomes of every file."""

    def __init__(self, seen: list[_Seen]) -> None:
        self.submissions: list[Submission] = []
        self.files: dict[str, tuple[str, str]] = {}
        students: dict[str, list[_Seen]] = {}
        for one in seen:
            if one.student:
                students.setdefault(one.student, []).append(one)
            elif one.what == LITTER:
                self._note(one, LITTER)
            else:
                self._aside(one)
        for ones in students.values():
            self._student(ones)

    def _student(self, ones: list[_Seen]) -> None:
        offered: dict[str, list[_Seen]] = {}
        beside: dict[str, list[_Seen]] = {}
        for one in ones:
            if one.what in (LITTER, TIME):
                self._note(one, one.what)
            elif one.what == BESIDE:
                beside.setdefault(one.assignment, []).append(one)
            elif one.assignment:
                offered.setdefault(one.assignment, []).append(one)
            else:
                self._aside(one)
        before = len(self.submissions)
        for group in offered.values():
            self._choose(group)
        for assignment, group in beside.items():
            if assignment and assignment not in offered:
                self._nothing(group)
        lost = any(one.what == ASIDE for one in ones)
        if len(self.submissions) == before and not lost:
            litter = [one.path for one in ones if one.what == LITTER and one.path.suffix.lower() == ".ipynb"]
            self._nothing(beside.get("") or [replace(ones[0], what=BESIDE, folder=True)], litter)
        for one in (one for group in beside.values() for one in group):
            if not one.folder and str(one.path) not in self.files:
                self._note(one, BESIDE, one.problem or "It is no notebook.")

    def _choose(self, offered: list[_Seen]) -> None:
        """One for an assignment: a readable one before an unreadable one, none of several readable."""
        readable = [one for one in offered if one.what == MARK]
        if len(readable) > 1:
            names = ", ".join(str(one.path) for one in readable)
            why = f"There are {len(readable)} notebooks for this assignment ({names}): leave the one to be marked."
            self.submissions.append(readable[0].submission(problem=why))
            for one in readable:
                self._note(one, ASIDE, why)
        else:
            first = (readable or offered)[0]
            self.submissions.append(first.submission())
            self._note(first, first.what, first.problem)
        for one in offered:
            if str(one.path) in self.files:
                continue
            if one.notebook:  # it may be the one that was meant
                also = f" {readable[0].path} was taken." if len(readable) == 1 else ""
                self._aside(replace(one, problem=one.problem + also))
            else:
                self._note(one, BESIDE, one.problem)

    def _nothing(self, beside: list[_Seen], litter: Sequence[PurePosixPath] = ()) -> None:
        """A folder without a notebook: somebody handed in something else, only what a program saves, or nothing."""
        files = [one for one in beside if not one.folder]
        names = ", ".join(one.path.name for one in files[:3]) + (f" and {len(files) - 3} more" if files[3:] else "")
        why = f"There is no notebook, only {names}: hand in the .ipynb file."
        none = "Nothing was handed in: it is empty."
        if litter:
            none = f"There is no notebook, only {litter[0]}, which a program saves by itself: hand in the .ipynb file."
        self.submissions.append(beside[0].submission(problem=why if files else none))
        for one in files:
            self._note(one, ASIDE, why)

    def _aside(self, one: _Seen) -> None:
        """Tell of a file of which nothing is marked, beside what the gradebook may hold of its student."""
        self.submissions.append(one.submission(assignment=""))
        if not one.folder:
            self._note(one, ASIDE, one.problem)

    def _note(self, one: _Seen, what: str, why: str = "") -> None:
        self.files[str(one.path)] = (what, why)
