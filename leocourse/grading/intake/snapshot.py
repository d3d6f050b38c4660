"""What was handed in, as it was at one moment: every file opened once, zips in zips too.

Everything is hostile: names are only ever names, links are not followed, archives are read and not unpacked.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.core.keep import RECORD
from leocourse.core.once import A_LINK, NOT_PLAIN, Unread, larger, read_once
from leocourse.grading.intake.store import Store

SIZE_LIMIT = 20 * 2**20
"""Bytes that a file may have."""
MEMBERS_LIMIT = 20_000
"""Files that a zip may hold, with those of the zips in it."""
DEPTH_LIMIT, UNPACKED_LIMIT = 3, 500 * 2**20
"""How deep zips may lie in zips, and how many bytes may come out of them in all."""
FILES_LIMIT, FOLDERS_DEEP = 200_000, 60
"""Files and folders that are looked at, and how deep folders may lie in folders."""
TIME_FILE = "timestamp.txt"
CAN_WALK = hasattr(os, "O_DIRECTORY") and os.open in os.supports_dir_fd

IGNORED = {
    "__MACOSX": "what macOS puts into zips", ".DS_Store": "what macOS keeps of a folder",
    ".ipynb_checkpoints": "what Jupyter saves by itself", ".virtual_documents": "what Jupyter saves by itself",
    "Thumbs.db": "what Windows keeps of a folder", "desktop.ini": "what Windows keeps of a folder",
    "$RECYCLE.BIN": "what Windows keeps of a disk", "System Volume Information": "what Windows keeps of a disk",
    "__pycache__": "what Python keeps", ".directory": "what a desktop keeps of a folder",
    ".git": "git's own", ".gitignore": "git's own", ".gitkeep": "git's own", ".gitattributes": "git's own",
    RECORD: "the course's own record", ".venv": "a virtual environment", "site-packages": "a virtual environment",
    ".idea": "an editor's settings", ".vscode": "an editor's settings", ".pytest_cache": "what Python keeps",
}  # fmt: skip
"""Files and folders that computers leave behind and nobody hands in, each with the rule by which it is left."""


def ignored(parts: tuple[str, ...]) -> str:
    """The rule by which a path is left out; empty if it is somebody's."""
    for part in parts:
        if part in IGNORED:
            return IGNORED[part]
        if part.startswith("._"):
            return "what macOS keeps of a file"
        if part.startswith("~$"):
            return "what an office program keeps of a file"
    return ""


@dataclass(frozen=True)
class Found:
    """A file, or a folder with nothing in it, as it was found."""

    parts: tuple[str, ...]
    """Its path; a zip in it is a folder."""
    sha256: str = ""
    """Of its content, by which the store has it; empty if it has not, because no notebook can be in it."""
    problem: str = ""
    folder: bool = False
    opened: bool = False
    """Whether it is a zip whose files were found too."""
    zips: tuple[int, ...] = ()
    """Which parts of the path are zips."""

    @property
    def path(self) -> str:
        """Its path as text."""
        return "/".join(self.parts)

    @property
    def name(self) -> str:
        """Its name."""
        return self.parts[-1]


@dataclass
class Snapshot:
    """All files of a source, and the store that has their contents."""

    source: Path
    store: Store = field(default_factory=Store)
    files: list[Found] = field(default_factory=list)
    _seen: set[tuple[str, ...]] = field(default_factory=set)

    def content(self, file: Found) -> bytes:
        """What is in a file; nothing if the store has it not."""
        return self.store.get(file.sha256) if file.sha256 else b""

    def add(self, file: Found) -> Found:
        """Take a file in. A path that was there already, as a zip can have it twice, gets a number."""
        number, parts = 2, file.parts
        stem, dot, ending = file.name.rpartition(".")
        while parts in self._seen:
            again = f"{stem or ending} (number {number} of this name){dot}{ending if stem else ''}"
            parts = (*file.parts[:-1], again)
            number += 1
        self._seen.add(parts)
        self.files.append(replace(file, parts=parts))
        return self.files[-1]

    def keep(self, parts: tuple[str, ...], content: bytes) -> str:
        """Put a content into the store if a notebook, a zip or a time may be in it. Gives its hash."""
        name = parts[-1].lower()
        if b'"nbformat"' in content or name == TIME_FILE or ".ipynb" in name or ".zip" in name:
            return self.store.add(content)
        return ""


def take(source: Path) -> Snapshot:
    """Read a folder or zip. Raises LeoError if it is neither, if it is broken, or holds too much to be looked at."""
    made = Snapshot(source)
    if source.is_dir():
        _folder(made, source)
    elif source.is_file() and zipfile.is_zipfile(source):
        _outer_zip(made, source)
    elif source.exists():
        raise LeoError(f"{source} is neither a folder nor a zip of submissions.")
    else:
        raise LeoError(f"There is no folder or zip called {source}.")
    _open_zips(made, outer=int(not source.is_dir()))
    made.files.sort(key=lambda each: each.parts)
    return made


# Folders


def _folder(made: Snapshot, source: Path) -> None:
    for parts, kind, problem, content in _walk(os.fspath(source), ()):
        if len(made.files) > FILES_LIMIT:
            raise LeoError(f"{source} holds more than {FILES_LIMIT:,} files: mark it in parts.")
        made.add(Found(parts, "" if content is None else made.keep(parts, content), problem, kind == "folder"))


def _walk(root: str, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str, bytes | None]]:
    """Files below a folder: path, kind, problem and content. Every folder is held open while it is looked through."""
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
    if not CAN_WALK:
        raise LeoError("Submissions can be read on Linux and macOS only.")
    opened = os.open(root, flags)
    try:
        yield from _walk_open(opened, above)
    finally:
        os.close(opened)


def _walk_open(opened: int, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str, bytes | None]]:
    names = sorted(os.listdir(opened))
    if not names and above:
        yield above, "folder", "", None
    for name in names:
        parts = (*above, name)
        try:
            mode = os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode
        except OSError as error:
            yield parts, "file", f"It cannot be read ({error.strerror}).", None
            continue
        if stat.S_ISDIR(mode):
            yield from _walk_below(opened, name, parts)
        elif stat.S_ISLNK(mode):
            yield parts, "link", A_LINK, None
        elif not stat.S_ISREG(mode):
            yield parts, "file", NOT_PLAIN, None
        elif ignored(parts):
            yield parts, "file", "", None
        else:
            try:
                yield parts, "file", "", read_once(name, SIZE_LIMIT, folder=opened)
            except Unread as error:
                yield parts, "file", str(error), None


def _walk_below(
    opened: int, name: str, parts: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str, str, bytes | None]]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK
    if len(parts) > FOLDERS_DEEP:
        yield parts, "folder", f"It lies more than {FOLDERS_DEEP} folders deep.", None
        return
    try:
        inner = os.open(name, flags, dir_fd=opened)
    except OSError as error:
        yield parts, "folder", f"The folder cannot be read ({error.strerror}).", None
        return
    try:
        yield from _walk_open(inner, parts)
    except OSError as error:
        yield parts, "folder", f"The folder cannot be read ({error.strerror}).", None
    finally:
        os.close(inner)


# Zips


def _outer_zip(made: Snapshot, source: Path) -> None:
    try:
        with source.open("rb") as file, zipfile.ZipFile(file) as opened:
            if len(opened.infolist()) > MEMBERS_LIMIT:
                raise LeoError(f"{source} holds more than {MEMBERS_LIMIT:,} files: split it.")
            _members(made, opened, (), ())
    except zipfile.BadZipFile as error:
        raise LeoError(f"{source} is a broken zip: {error}.") from error


def _open_zips(made: Snapshot, outer: int) -> None:
    """Take in what is in the zips among the files, level by level, the small ones first: a large one costs only
    itself. ``outer`` is how many zips the files are in already."""
    left, members, first = UNPACKED_LIMIT, len(made.files), 0
    while waiting := [at for at in range(first, len(made.files)) if _may_open(made.files[at])]:
        sized = [(_declared(made.content(made.files[at])), at) for at in waiting]
        first = len(made.files)
        for size, count, at in sorted((*each, at) for each, at in sized if each is not None):
            file, problem = made.files[at], ""
            if outer + len(file.zips) > DEPTH_LIMIT:
                problem = f"It is a zip more than {DEPTH_LIMIT} deep in other zips"
            elif size > left:
                problem = f"The zips hold more than {UNPACKED_LIMIT // 2**20} MB in all"
            elif count + members > MEMBERS_LIMIT + FILES_LIMIT:
                problem = f"The zips hold more than {MEMBERS_LIMIT:,} files"
            problem = problem and f"{problem}: hand in the .ipynb file itself."
            made.files[at] = replace(file, problem=problem, opened=not problem)
            if not problem:
                left, members = left - size, members + count
                with zipfile.ZipFile(io.BytesIO(made.content(file))) as opened:
                    _members(made, opened, file.parts, (*file.zips, len(file.parts) - 1))


def _may_open(file: Found) -> bool:
    return bool(file.sha256) and file.name.lower().endswith(".zip") and not ignored(file.parts)


def _declared(content: bytes) -> tuple[int, int] | None:
    """How many bytes a zip says it unpacks to (more than it says is never read), and how many files it has.

    None if it cannot be opened: then it stays a file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            members = opened.infolist()
            return sum(min(each.file_size, SIZE_LIMIT + 1) for each in members), len(members)
    except Exception:  # of many kinds: zipfile passes on whatever a damaged list of files leads to
        return None


def _members(made: Snapshot, opened: zipfile.ZipFile, above: tuple[str, ...], zips: tuple[int, ...]) -> None:
    members = [(member, *member_path(_member_name(member))) for member in opened.infolist()]
    folders = {parts[:end] for _, parts, _ in members for end in range(len(parts))}
    for member, inside, problem in members:
        parts = above + inside
        if member.is_dir():
            if inside and inside not in folders:
                made.add(Found(parts, problem=problem, folder=True, zips=zips))
            continue
        if not inside:
            continue
        linked = stat.S_ISLNK(member.external_attr >> 16)
        if problem or linked or ignored(parts):
            made.add(Found(parts, problem=problem or (A_LINK if linked else ""), zips=zips))
            continue
        try:
            content = _unpack(opened, member)
        except Exception as error:  # of many kinds: zipfile passes on whatever its decompressors raise
            made.add(Found(parts, problem=f"It cannot be unpacked ({error}).", zips=zips))
            continue
        if len(content) > SIZE_LIMIT:
            made.add(Found(parts, problem=larger(SIZE_LIMIT), zips=zips))
        else:
            made.add(Found(parts, made.keep(parts, content), zips=zips))


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name of a member. Some programs write UTF-8 and do not say so; then it was read as an old code page."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def member_path(name: str) -> tuple[tuple[str, ...], str]:
    """The path of a member below the zip's own folder, and what is wrong with it as the zip has it."""
    name = name.replace("\\", "/")
    parts = name.split("/")
    leaves = name.startswith("/") or ".." in parts or re.match("[A-Za-z]:/", name)
    return tuple(part for part in parts if part not in ("", ".", "..")), "Its path leaves the zip." if leaves else ""


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """What a member holds, and one byte more than may be: a header can lie about the size, so count what comes out."""
    with opened.open(member) as stream:
        return stream.read(SIZE_LIMIT + 1)
