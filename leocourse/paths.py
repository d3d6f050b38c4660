"""Where the course keeps its things, found from where the user stands, and how a file gets there whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leocourse.errors import LeoError

LESSON_EXTRACT = Path("data") / "extract" / "lesson"


def course_root(start: Path | None = None) -> Path:
    """The folder of the course: the nearest one upwards that holds ``_toc.yml`` and ``data/schema``.

    Searches from ``start`` (default: the working folder), then from this package.
    Raises LeoError if neither lies inside a copy of the course.
    """
    for origin in (Path(start or Path.cwd()).resolve(), Path(__file__).resolve()):
        for folder in (origin, *origin.parents):
            if (folder / "_toc.yml").is_file() and (folder / "data" / "schema").is_dir():
                return folder
    raise LeoError("This folder is not inside a copy of the course: change to the folder with _toc.yml.")


def extract_folder(path: str | Path | None = None) -> Path:
    """The folder of an extract: ``path``, else ``$LEO_EXTRACT``, else the lesson extract found upwards.

    Raises LeoError if there is none, or if the folder holds no complete extract.
    """
    chosen = path or os.environ.get("LEO_EXTRACT")
    if chosen:
        folder = Path(chosen)
    else:
        here = Path.cwd().resolve()
        near = [parent / LESSON_EXTRACT for parent in (here, *here.parents)]
        found = [candidate for candidate in near if (candidate / "manifest.json").is_file()]
        if not found:
            raise LeoError(
                f"No extract found: looked for {LESSON_EXTRACT.as_posix()} here and in the folders above. "
                "Make it with 'leo extract' (or 'make course'), or pass its folder to connect()."
            )
        folder = found[0]
    if not (folder / "manifest.json").is_file():
        raise LeoError(f"{folder} is not an extract (it has no manifest.json): make one with 'leo extract'.")
    return folder


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes ``path`` if nothing goes wrong, and is removed if something does."""
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
