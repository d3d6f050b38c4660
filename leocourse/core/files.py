"""Files are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leocourse.core.errors import LeoError


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file that is the course's own: see :func:`whole`. Returns its path."""
    with whole(path) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes ``path`` if nothing goes wrong, and is removed if something does.

    What is there is replaced: what people may have changed is written through :mod:`leocourse.core.keep`. Raises
    LeoError if it cannot be written.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        os.replace(beside, path)
    except OSError as error:
        raise LeoError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            beside.unlink()
