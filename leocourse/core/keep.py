"""Nothing that somebody made is overwritten: what is in the way is moved aside, under a dated name.

A folder that a command writes carries a record of its files (:data:`RECORD`), so that the command can replace what
it wrote itself, and tell it from what somebody changed or added since. What has no record counts as somebody's.

A file that the user named is written with :func:`write` or :func:`replacing`; one that a command writes again and
again under a name of its own with :func:`put` or :func:`owned`, and if it is in git with :func:`rewrite`; a folder
that is made anew with :func:`replace_folder`; one that another program fills with :func:`writing`. Each says in one
line on standard error what it moved, by :func:`tell`.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from leocourse.core.errors import LeoError

RECORD = ".leo-written.json"
"""In a folder that a command wrote: its files, by path from the folder, each with the SHA-256 of its content, and
``by``: what wrote it, so that no command replaces the folder of another."""
UNFINISHED = "unfinished"
"""In a record: who wrote it has not ended in order."""
LONGEST = 255
"""Bytes that the name of a file may have."""


def aside(path: Path, like: Path | None = None) -> Path:
    """Move a file or folder to a free name beside it (or beside ``like``) that says when, and return that name.

    ``first.ipynb`` becomes ``first.kept-20261130-095900.ipynb``. A link is moved itself, not what it points to.
    Raises LeoError if it cannot be moved, or is neither (a device, say).
    """
    if os.path.lexists(path) and not (path.is_symlink() or path.is_file() or path.is_dir()):
        raise LeoError(f"{path} is neither a file nor a folder: name another place.")
    target = None
    try:
        folder = path.is_dir() and not path.is_symlink()
        target = _claimed(like or path, folder)
        if folder and os.name == "nt":  # there a folder takes the place of none, not even of an empty one
            target.rmdir()
        os.replace(path, target)
    except OSError as error:
        if target is not None:
            _remove_claim(target)
        raise LeoError(
            f"{path} is in the way and cannot be moved aside ({error.strerror}): move it yourself."
        ) from error
    return target


def free_name(path: Path, folder: bool | None = None) -> Path:
    """A name beside ``path`` with today's date and time in it, that nothing has yet; ``folder`` if it is for one."""
    now = f"kept-{datetime.now():%Y%m%d-%H%M%S}"
    if folder is None:
        folder = path.is_dir() and not path.is_symlink()
    suffix = "" if folder else path.suffix
    stem = path.name.removesuffix(suffix) if suffix else path.name
    number = 1
    while True:
        end = f".{now}{suffix}" if number == 1 else f".{now}-{number}{suffix}"
        while stem and len(os.fsencode(stem + end)) > LONGEST:
            stem = stem[:-1]
        if not os.path.lexists(path.with_name(stem + end)):
            return path.with_name(stem + end)
        number += 1


def _claimed(path: Path, folder: bool) -> Path:
    """A free name beside ``path`` that is taken already, by something empty: no other run can take it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        target = free_name(path, folder)
        try:
            if folder:
                target.mkdir()
            else:
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return target
        except FileExistsError:
            continue


def _remove_claim(target: Path) -> None:
    with suppress(OSError):
        if target.is_dir():
            target.rmdir()
        elif target.stat().st_size == 0:
            target.unlink()


def make_way(path: Path, content: bytes | None = None) -> Path | None:
    """Move aside what is at ``path``, unless nothing is, or just the ``content`` that will be written there.

    Returns where it went, or None. A command says so in one line: see :func:`kept_line`.
    """
    if not os.path.lexists(path):
        return None
    if content is not None and path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return None
    return aside(path)


def make_room(path: Path, top: Path) -> list[Path]:
    """Make the folders between ``top`` and ``path``.

    What is no folder in the place of one is moved aside; returned is where it went.
    """
    kept = []
    for folder in reversed(path.relative_to(top).parents):
        if os.path.lexists(top / folder) and not (top / folder).is_dir():
            kept.append(aside(top / folder))
        (top / folder).mkdir(parents=True, exist_ok=True)
    return kept


def kept_line(path: Path, kept: Path) -> str:
    """The line that tells where something went: see :func:`plain_line`."""
    where = kept.name if kept.parent == path.parent else str(kept)
    return plain_line(f"{path} was there already: it is kept as {where}.")


def plain_line(line: str) -> str:
    """A line in which what is not to be seen in a name comes out as a question mark."""
    return "".join(each if each.isprintable() else "?" for each in line)


def tell(path: Path, kept: Path | None) -> None:
    """Say on standard error where something went; nothing if nothing did."""
    if kept is not None:
        print(kept_line(path, kept), file=sys.stderr, flush=True)


# One file


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes ``path``, a file that the user named, once it is whole.

    What is there is moved aside, and a line says so, unless it has just that content. A pipe or device is written to
    as it is. Raises LeoError if ``path`` is a folder, or cannot be written, or its folder is missing.
    """
    if os.path.isdir(path):
        raise LeoError(f"{path} is a folder: name a file to write to.")
    if _is_stream(path):
        with _one_line(path):
            yield path
        return
    with _part(path) as part:
        yield part
        with _alone(path.parent):
            for kept in _place(part, path, ours=None):
                tell(path, kept)


def put_new(path: Path, content: bytes) -> Path | None:
    """Write a file, whole or not at all, as :func:`replacing` does, and say nothing.

    What is at ``path`` is moved aside, even if it came there just now, unless it has just that content. Returns where
    it went, or None.
    """
    with _part(path) as part:
        part.write_bytes(content)
        return next(reversed(_place(part, path, ours=None)), None)


def write(path: Path, content: str | bytes) -> Path:
    """Write a file that the user named: see :func:`replacing`. Returns its path."""
    with replacing(path) as part:
        part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    return path


@contextmanager
def owned(folder: Path, name: str, vouching: Iterable[Callable[[Path], bool]] = ()) -> Iterator[Path]:
    """A path to write to, which becomes the file ``name`` in a folder where a command writes it again and again.

    The former one is replaced if it is as the command left it. What somebody changed or put there is moved aside, and
    a line says so, unless one of ``vouching`` knows it for a command's. ``name`` is a path from the folder. Raises
    LeoError if it cannot be written.
    """
    path = folder / name
    with _one_line(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _part(path) as part:
        yield part
        with _alone(folder):
            known, made = (recorded(folder) or {}).get(name), fingerprint(part)
            there = _fingerprint_of(path)
            if there not in (None, known, made) and any(vouches(path) for vouches in vouching):
                known = there
            if (recorded(folder) or {}).get(name) != made:
                note(folder, {name: made})
            for kept in _place(part, path, ours=known):
                tell(path, kept)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file that a command writes again and again: see :func:`owned`. Returns its path."""
    with owned(folder, name) as part:
        part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    return folder / name


def rewrite(path: Path, content: str | bytes) -> Path:
    """Write a file that is in git, and that a command computes again. Returns its path.

    The former one is replaced if it is as this command left it, as the description beside it (``.json`` or
    ``.meta.json``, with its ``sha256``) says, or as git has it. Else it is moved aside, and a line says so. What the
    command wrote is remembered in the folder above. Raises LeoError if it cannot be written.
    """
    with owned(path.parent.parent, f"{path.parent.name}/{path.name}", (_described, _committed)) as part:
        part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    return path


def _described(path: Path) -> bool:
    """Whether the description beside a file has its checksum."""
    for suffix in (".json", ".meta.json"):
        with suppress(OSError, ValueError, AttributeError, RecursionError):
            about = json.loads(path.with_suffix(suffix).read_text(encoding="utf-8"))
            if is_as(path, about.get("sha256")):
                return True
    return False


def _committed(path: Path) -> bool:
    """Whether git has a file just as it is."""
    for command in (["ls-files", "--error-unmatch"], ["diff", "--quiet", "HEAD"]):
        with suppress(OSError):
            done = subprocess.run(["git", *command, "--", path.name], cwd=path.parent, capture_output=True, check=False)
            if done.returncode == 0:
                continue
        return False
    return True


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to, which is gone afterwards."""
    part = path.with_name(f".leo-{os.getpid()}-{secrets.token_hex(4)}.part")
    with _one_line(path):
        try:
            yield part
        finally:
            with suppress(OSError):
                part.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other run puts files into a folder meanwhile, where the system has such locks."""
    held = None
    with suppress(ImportError, OSError):
        import fcntl

        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LeoError(f"Cannot write {path}: {error.strerror or error}.") from error


def _place(part: Path, path: Path, ours: str | None) -> list[Path]:
    """Give a finished file its place. What is there stays if it is the same, and is kept unless it is ``ours``.

    Returns where what was kept went.
    """
    made, kept = fingerprint(part), []
    while True:
        if os.path.lexists(path):
            there = _fingerprint_of(path)
            if there == made:
                return kept
            if there is not None and there == ours:
                os.replace(part, path)
                return kept
            kept.append(aside(path))
        try:
            os.link(part, path)  # unlike a rename it never takes the place of what another run put there just now
        except FileExistsError:
            continue
        except OSError:  # a disk without links
            os.replace(part, path)
        return kept


def _is_stream(path: Path) -> bool:
    """Whether there is something that takes what is written and keeps nothing: /dev/stdout, a pipe."""
    here = Path(os.path.abspath(path))
    special = any(here.is_relative_to(place) for place in ("/dev", "/proc")) and not here.is_relative_to("/dev/shm")
    return os.path.exists(path) and (special or not os.path.isfile(path))


# Folders


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_as(path: Path, written: str | None) -> bool:
    """Whether a path is a plain file with this fingerprint."""
    return written is not None and _fingerprint_of(path) == written


def record(folder: Path, by: str = "folder") -> None:
    """Write down what is in a folder now as what this course wrote there, and which command did (``by``)."""
    _write_record(folder, {path: _fingerprint_of(folder / path) for path in _files(folder)}, by)


def note(folder: Path, files: dict[str, str]) -> None:
    """Add files to the record of a folder, by path from it, each with the fingerprint that it has or will have."""
    by, known = _read_record(folder) or ("files", {})
    _write_record(folder, known | files, by)


def recorded(folder: Path) -> dict[str, str] | None:
    """What the record of a folder says was written there, by path; None if it has none that can be read."""
    found = _read_record(folder)
    return None if found is None else found[1]


def _read_record(folder: Path) -> tuple[str, dict[str, str]] | None:
    try:
        data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        by, files = data["by"], data["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    whole = isinstance(by, str) and isinstance(files, dict) and not any(map(_leaves, files))
    return (by, files) if whole else None


def made_by_somebody(folder: Path) -> list[str]:
    """The files in a folder that are not as a command wrote them: changed since, or put there by somebody.

    A folder within it may have a record of its own.
    """
    return _sorted_out(folder)[1]


def _sorted_out(folder: Path) -> tuple[list[str], list[str]]:
    """The files in a folder that are as a command wrote them, and the others."""
    records: dict[Path, dict[str, str]] = {}
    ours, theirs = [], []
    for path in _files(folder):
        mark, whole = _fingerprint_of(folder / path), Path(path)
        for holder in [*reversed(whole.parents)]:
            if holder not in records:
                records[holder] = recorded(folder / holder) or {}
            if mark is not None and records[holder].get(whole.relative_to(holder).as_posix()) == mark:
                ours.append(path)
                break
        else:
            theirs.append(path)
    return ours, theirs


def check_free(folder: Path, by: str = "folder") -> None:
    """Raise LeoError unless ``folder`` is missing, empty, or was written by this command (it has a record)."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise LeoError(f"{folder} is a file: name a folder to write to.")
    found = _read_record(folder)
    if (found is None or found[0] != by) and any(folder.iterdir()):
        raise LeoError(f"{folder} already holds files that this command did not write: name another folder.")


def check_folder(folder: Path) -> None:
    """Raise LeoError if something other than a folder has the place of one."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise LeoError(f"{folder} is not a folder, and one is needed there: move it, or name another place.")


def replace_folder(made: Path, folder: Path, *, by: str = "folder", any_folder: bool = False) -> Path | None:
    """Put the finished folder ``made`` in the place of ``folder``, and write its record: made ``by`` this command.

    What somebody changed or added in ``folder`` is moved, with its subfolders, into a dated folder beside it, which
    is returned; None if there was nothing of the kind. Where ``folder`` is a link, what it points to is replaced.
    The former folder is whole until the new one takes its place. Raises LeoError as :func:`check_free` does, or with
    ``any_folder`` moves all of it aside where it has no record; and if it cannot be written.
    """
    if folder.is_symlink():
        folder = folder.resolve()
    if any_folder:
        check_folder(folder)
    else:
        check_free(folder, by)
    try:
        record(made, by)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _room_beside(folder) as room:
            new, former = room / "new", room / "former"
            shutil.move(made, new)  # from another disk it is copied, so not straight to its place
            if folder.is_dir():
                os.rename(folder, former)
            try:
                os.rename(new, folder)
            except OSError:
                if former.is_dir():
                    os.rename(former, folder)
                raise
            return take_away(former, folder)
    except OSError as error:
        raise LeoError(f"Cannot write {folder}: {error.strerror or error}.") from error


@contextmanager
def _room_beside(folder: Path) -> Iterator[Path]:
    """A scratch folder on the same disk. It goes at the end, unless it still holds what may be somebody's."""
    room = Path(tempfile.mkdtemp(prefix=".leo-", dir=folder.parent))
    try:
        yield room
    finally:
        shutil.rmtree(room / "new", ignore_errors=True)
        with suppress(OSError):
            room.rmdir()


def take_away(folder: Path, name: Path | None = None) -> Path | None:
    """Delete what this course wrote in a folder, and move the rest to a dated folder beside it, which is returned.

    Beside ``name`` in its stead, if given. None if there was nothing else. Raises LeoError if it cannot be moved.
    """
    if not os.path.lexists(folder):
        return None
    if folder.is_symlink() or not folder.is_dir():
        return aside(folder)
    ours, theirs = _sorted_out(folder)
    kept = move_out(folder, theirs, name)
    _delete(folder, ours)
    return kept


def move_out(folder: Path, paths: Iterable[str], name: Path | None = None) -> Path | None:
    """Move files of a folder, with their subfolders, to a dated folder beside it (or ``name``); None if no path."""
    paths = list(paths)
    if not paths:
        return None
    try:
        kept = _claimed(name or folder, folder=True)
        for path in paths:
            (kept / path).parent.mkdir(parents=True, exist_ok=True)
            os.rename(folder / path, kept / path)
    except OSError as error:
        raise LeoError(f"{error.filename} cannot be moved aside ({error.strerror}): move it yourself.") from error
    return kept


def remove_ours(folder: Path) -> list[str]:
    """Delete what this course wrote in a folder, and the folder if that was all. Returns what is left, by path."""
    if not folder.is_dir() or folder.is_symlink():
        return [""] if os.path.lexists(folder) else []
    ours, theirs = _sorted_out(folder)
    _delete(folder, ours)
    return theirs


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """While another program writes into a folder, file by file.

    What somebody made there is moved to a dated folder before, and a line says so. What is there at the end, also
    after an error or when the run is told to end (SIGTERM), is recorded as written. After a run that ended in no
    order, by a power cut say, nobody can tell what is whose: all that is new is moved, and the line says why.
    """
    check_folder(folder)
    if folder.is_dir():
        unfinished = _read_record(folder) is not None and _read_record(folder)[0] == UNFINISHED
        kept = move_out(folder, made_by_somebody(folder))
        if kept is not None and unfinished:
            print(_unfinished_line(folder, kept), file=sys.stderr, flush=True)
        else:
            tell(folder, kept)
        _write_record(folder, recorded(folder) or {}, UNFINISHED)
    with _ended_in_order():
        try:
            yield
        finally:
            if folder.is_dir():
                record(folder, "program")


def _unfinished_line(folder: Path, kept: Path) -> str:
    return plain_line(
        f"The last run was cut off while it wrote to {folder}. What was new there is kept as {kept.name}: "
        "delete it, unless you put something there yourself."
    )


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a request to end this process (SIGTERM) end it as an error would, so that what it wrote is recorded."""

    def end(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    alone = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if alone:
        signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if alone:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def move_in(made: Path, folder: Path) -> None:
    """Move all files below ``made`` to their places below ``folder``, and note them in its record before.

    So they count as the course's whenever the run ends. What is there under these names is replaced: call it while
    :func:`writing`.
    """
    paths = _files(made)
    note(folder, {path: fingerprint(made / path) for path in paths})
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made / path, folder / path)


def _delete(folder: Path, paths: list[str]) -> None:
    """Delete files of a folder, the records that say no more, and the folders that are empty then."""
    for path in paths:
        (folder / path).unlink(missing_ok=True)
    for here, _, _ in os.walk(folder, topdown=False):
        if set(os.listdir(here)) == {RECORD}:
            Path(here, RECORD).unlink()
        with suppress(OSError):
            os.rmdir(here)


def _write_record(folder: Path, files: dict[str, str | None], by: str) -> None:
    text = json.dumps({"by": by, "files": dict(sorted(files.items()))}, indent=1) + "\n"
    part = folder / f"{RECORD}.{os.getpid()}-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, folder / RECORD)
    finally:
        with suppress(OSError):
            part.unlink()


def _files(folder: Path) -> list[str]:
    """Every file and link below a folder but records, by path from it, in order. Links are not followed."""
    found = []
    for here, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]
        found += [Path(here, name).relative_to(folder).as_posix() for name in [*names, *links] if name != RECORD]
    return sorted(found)


def _leaves(path: str) -> bool:
    """Whether a path in a record is not one below its folder."""
    return Path(path).is_absolute() or ".." in Path(path).parts


def _fingerprint_of(path: Path) -> str | None:
    """The fingerprint of a plain file; None of a link or of what cannot be read, which nobody's record holds."""
    try:
        return fingerprint(path) if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None
