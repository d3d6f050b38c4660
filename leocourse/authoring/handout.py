"""What learners receive, and from which release each notebook of it is.

A notebook that is handed out says in its metadata (:data:`RELEASE`) which one it is and a hash of how it was handed
out, so that a copy of an older release is recognised wherever it went.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from leocourse.authoring.contents import CONTENTS, pages
from leocourse.core import keep
from leocourse.core.copies import EXERCISES, RELEASE, release_of
from leocourse.core.errors import LeoError

CHECKPOINTS = ".ipynb_checkpoints"
LESSONS, START = Path("lessons"), "start.ipynb"
LOCAL_UPDATE = (
    "In a terminal, in the folder of the course: `leo work update`. "
    "It writes your answers into the new release, keeps your old file, and says what it could not place."
)
BROWSER_CELL = """# Only in the browser: fetch the packages that this notebook needs. It takes a minute the first time.
%pip install -q duckdb pandas matplotlib seaborn jinja2
%pip install -q --no-deps leocourse
# What you change stays in this browser alone: download what you want to keep (File, then Download).
from leocourse.work import say_if_old
say_if_old({name!r}, {release!r})"""
"""The cell that a notebook begins with in JupyterLite."""
CODE = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def stamped(content: bytes, name: str) -> bytes:
    """A notebook with its name and release in its metadata, as nbformat writes it."""
    notebook = json.loads(content)
    notebook["metadata"][RELEASE] = {"name": name, "id": hashlib.sha256(content).hexdigest()[:16]}
    return written(notebook)


def browser_cell(name: str, release: str) -> str:
    """The text of the cell that a notebook of a release begins with in JupyterLite."""
    return BROWSER_CELL.format(name=name, release=release)


def written(notebook: dict[str, Any]) -> bytes:
    """The bytes of a notebook's file."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a pair, which only an escape can hold
        return (json.dumps(notebook, indent=1) + "\n").encode()


def release_id(content: bytes, path: str) -> str:
    """From which release a file that is handed out is: what a notebook says, or a hash of any other file."""
    said = release_of(json.loads(content))[1] if path.endswith(".ipynb") else ""
    return said or hashlib.sha256(content).hexdigest()[:16]


def changed(folder: Path) -> list[str]:
    """What in a folder is not as it was handed out, by path from there. Without a record of that: nothing."""
    if keep.recorded(folder) is None:
        return []
    return [path for path in keep.made_by_somebody(folder) if CHECKPOINTS not in Path(path).parts]


def same(file: Path, made: Path) -> bool:
    """Whether a plain file has the content of another, or is what nbgrader alone would make of that."""
    if not file.is_file() or file.is_symlink() or not made.is_file():
        return False
    content, wanted = file.read_bytes(), made.read_bytes()
    if content == wanted or made.suffix != ".ipynb":
        return content == wanted
    try:
        return stamped(content, release_of(json.loads(wanted))[0]) == wanted
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def pristine(root: Path, path: Path) -> Path:
    """``path``, a file in ``exercises/``. Raises LeoError if it is not as it was handed out: nobody marks by that."""
    name = path.relative_to(root / EXERCISES).as_posix()
    if name in changed(root / EXERCISES):
        raise LeoError(
            f"{EXERCISES / name} is not as it was handed out: put it right with 'leo release', which keeps it in work/."
        )
    return path


def exercises(root: Path, strict: bool = True) -> dict[str, Path]:
    """The assignments as they are handed out: their files by path from ``exercises/``.

    Raises LeoError if there are none, and if ``strict`` also if one is missing or was changed: what somebody wrote is
    not handed out. Else those are left out.
    """
    folder = root / EXERCISES
    record = keep.recorded(folder)
    names = record or [path.relative_to(folder).as_posix() for path in folder.glob("*/*.ipynb")]
    theirs = set(changed(folder))
    files = {}
    for name in sorted(names):
        if strict:
            pristine(root, folder / name)
            if not (folder / name).is_file():
                raise LeoError(f"{EXERCISES / name} is missing: make it with 'leo release' (or 'make course').")
        if name not in theirs and (folder / name).is_file():
            files[name] = folder / name
    if not names:
        raise LeoError("There are no exercises: make them with 'leo release' (or 'make course').")
    return files


def lessons(root: Path) -> dict[str, bytes]:
    """The lessons as notebooks with their pictures, by path from ``lessons/``, in their order.

    From the pages of the book, or where there is no book (in what was unpacked) as they were handed out.
    """
    if (root / "book" / "intro").is_dir() and (root / CONTENTS).is_file():
        from leocourse.authoring.lessons import lesson_files

        return lesson_files(root)
    folder, theirs = root / LESSONS, set(changed(root / LESSONS))
    names = [name for name in keep.recorded(folder) or () if name not in theirs and (folder / name).is_file()]
    named = pages(root) if (root / CONTENTS).is_file() else []
    place = {f"{name.rsplit('/', 1)[-1]}.ipynb": number for number, name in enumerate(named)}
    last = len(named)
    return {name: (folder / name).read_bytes()
            for name in sorted(names, key=lambda each: (place.get(each, last), each))}  # fmt: skip


def record_of(files: dict[str, Path | bytes], folder: str) -> bytes:
    """The record (see :mod:`leocourse.core.keep`) of those files that go into ``folder``."""
    contents = {name.removeprefix(f"{folder}/"): source if isinstance(source, bytes) else source.read_bytes()
                for name, source in files.items() if name.startswith(f"{folder}/")}  # fmt: skip
    found = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(contents.items())}
    return (json.dumps({"by": "folder", "files": found}, indent=1) + "\n").encode()


def start_page(titles: dict[str, tuple[str, list[str]]], update: str = LOCAL_UPDATE) -> bytes:
    """The notebook to begin with: lessons and assignments in order, and how a newer release is had.

    ``titles`` holds by path the title of each notebook, and the assignments that it names.
    """
    assignments = [name for name in titles if name.startswith(f"{EXERCISES}/")]
    lines, given = [], set()
    last = {each: name for name, (_, named) in titles.items() for each in named}
    for name, (title, _) in titles.items():
        if name in assignments:
            continue
        lines.append(f"1. [{title}]({name})")
        for each in assignments:
            if last.get(each.split("/")[1]) == name:
                lines.append(f"    - then [{titles[each][0]}]({each})")
                given.add(each)
    lines += [f"1. [{titles[each][0]}]({each})" for each in assignments if each not in given]
    text = [
        "# Start here",
        "The notebooks here are your own copies.\nChange them as you like: nothing replaces them.",
        "All data are simulated. They describe nobody and say nothing about England.",
        "\n".join(lines),
        "## When the course is updated",
        f"Your copies go on working, and say that they are old.\n{update}",
    ]
    return stamped(_markdown_notebook(text), START)


def opening_page() -> bytes:
    """The notebook at the top of what is unpacked: its one cell copies everything into ``work/``."""
    notebook = json.loads(_markdown_notebook([
        "# Begin here",
        "Run the next cell: it copies the lessons and assignments into the folder `work`.\n"
        "Work there. What is there already is left as it is, so the cell may be run again at any time.",
        "All data are simulated. They describe nobody and say nothing about England.",
    ]))  # fmt: skip
    code = {"cell_type": "code", "execution_count": None, "id": "copy", "metadata": {}, "outputs": [],
            "source": ["import leocourse as leo\n", "\n", "leo.work.prepare();"]}  # fmt: skip
    link = {"cell_type": "markdown", "id": "go-on", "metadata": {},
            "source": [f"Then go on with [work/{START}](work/{START})."]}  # fmt: skip
    notebook["cells"] += [code, link]
    return written(notebook)


def titles(files: dict[str, bytes]) -> dict[str, tuple[str, list[str]]]:
    """The title of each notebook, and the assignments that it names, by path: what :func:`start_page` needs."""
    found = {}
    for name, content in files.items():
        if not name.endswith(".ipynb"):
            continue
        try:
            cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] != "code"]
            text = "\n".join("".join(cell["source"]) for cell in cells)
        except (ValueError, KeyError, TypeError):  # somebody wrote over it
            text = ""
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        mentioned = list(dict.fromkeys(re.findall(rf"{EXERCISES}/(\d\d-[\w-]+)", text)))
        found[name] = (title[1].strip() if title else Path(name).stem, mentioned)
    return found


def handed_out(root: Path, strict: bool = True, update: str = LOCAL_UPDATE) -> dict[str, bytes]:
    """All that learners receive, by path from ``work/``: the start page, lessons and pictures, assignments.

    What of the assignments was changed is refused, or if not ``strict`` left out, as in :func:`exercises`.
    """
    files = {f"{LESSONS}/{name}": content for name, content in lessons(root).items()}
    files |= {f"{EXERCISES}/{name}": path.read_bytes() for name, path in exercises(root, strict).items()}
    theirs = [name for name in changed(root / EXERCISES) if name in (keep.recorded(root / EXERCISES) or {})]
    there = {f"{EXERCISES}/{name}": (root / EXERCISES / name).read_bytes() for name in theirs
             if (root / EXERCISES / name).is_file()}  # fmt: skip
    listed = titles({**files, **there})
    order = sorted(listed, key=lambda name: name if name.startswith(f"{EXERCISES}/") else "")
    return {START: start_page({name: listed[name] for name in order}, update), **files}


def _markdown_notebook(parts: list[str]) -> bytes:
    cells = [
        {"cell_type": "markdown", "id": f"part-{number}", "metadata": {}, "source": part.splitlines(keepends=True)}
        for number, part in enumerate(parts)
    ]
    return written(
        {"cells": cells, "metadata": {"kernelspec": CODE}, "nbformat": 4, "nbformat_minor": 5},
    )
