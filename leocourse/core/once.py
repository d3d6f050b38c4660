"""A file is opened once, and what was read is what counts: nothing that is swapped in later is ever read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from leocourse.core.errors import LeoError

NOT_PLAIN = "It is not an ordinary file."
A_LINK = "It is a link, and links are not followed."


class Unread(Exception):
    """A file was not read. The message is a sentence that says why."""


def read_once(path: str | Path, limit: int, follow: bool = False, folder: int | None = None) -> bytes:
    """The bytes of an ordinary file of at most ``limit`` bytes, opened once.

    Nothing waits: a pipe or a device is refused, even if it took the file's place a moment ago. A link is refused
    unless ``follow``. With a descriptor of a ``folder``, ``path`` is a name in it. Raises Unread.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        opened = os.open(path, flags, dir_fd=folder)
    except (OSError, ValueError) as error:
        raise Unread(_why(error)) from error
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise Unread(NOT_PLAIN)
        if found.st_size > limit:
            raise Unread(larger(limit))
        parts, left = [], limit + 1
        while left > 0 and (part := os.read(opened, min(left, 2**20))):
            parts.append(part)
            left -= len(part)
    except OSError as error:
        raise Unread(_why(error)) from error
    finally:
        os.close(opened)
    if left <= 0:  # it grew, or has a size that nobody was told
        raise Unread(larger(limit))
    return b"".join(parts)


def read_named(path: Path, limit: int, what: str) -> bytes:
    """The bytes of a file that the user named, as :func:`read_once`, links followed. Raises LeoError, in one line."""
    try:
        return read_once(path, limit, follow=True)
    except Unread as error:
        raise LeoError(f"{what} {path} cannot be read: {str(error)[:1].lower()}{str(error)[1:]}") from error


def larger(limit: int) -> str:
    """What is said of a file that is too large."""
    size = f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit:,} bytes"
    return f"It is larger than {size}."


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ELOOP, getattr(errno, "EMLINK", -1)):
        return A_LINK
    if isinstance(error, OSError) and error.errno in (errno.ENXIO, errno.EISDIR):
        return NOT_PLAIN
    return f"It cannot be read ({getattr(error, 'strerror', None) or error})."
