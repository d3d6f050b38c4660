"""From which release a notebook is, wherever its copy went, and whether the course has a newer one.

A check says so in one line; the old copy goes on working. :mod:`leocourse.work` makes the copies.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from leocourse.core.paths import course_root

EXERCISES, WORK, STORE = Path("exercises"), Path("work"), ".leo"
"""What is handed out, the learner's copies, and where these remember what they are copies of."""
RELEASE = "leo_release"
"""In a notebook's metadata: ``name`` (its path from ``work/``) and ``id`` (a hash) of what was handed out."""
OLD = "This notebook is a copy of an older release. It goes on working. "
"""How the line begins that an old copy's check prints."""
SITE_RELEASES = "releases.json"
"""At the top of a JupyterLite site: the release of each notebook in it, by path."""


def release_of(notebook: Any) -> tuple[str, str]:
    """Name and release id in a notebook's metadata; both are empty if it says none."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    said = metadata.get(RELEASE) if isinstance(metadata, dict) else None
    name, of = (said.get("name"), said.get("id")) if isinstance(said, dict) else ("", "")
    return (name, of) if isinstance(name, str) and isinstance(of, str) else ("", "")


def course_folder(start: Path | None = None) -> Path:
    """The folder that ``work/`` is in: the nearest one upwards that hands out ``exercises/`` beside ``data/``.

    That is the course, what was unpacked from its zip, or the folder of one learner. Raises LeoError if there is none.
    """
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / EXERCISES).is_dir() and (folder / "data").is_dir() and not (folder / STORE).is_dir():
            return folder
    return course_root(start)


def remembered(root: Path) -> dict[str, dict[str, Any]]:
    """What ``work/.leo`` remembers of each copy, by path from ``work/``; empty if it cannot be read."""
    try:
        made = json.loads((root / WORK / STORE / "copies.json").read_text(encoding="utf-8"))["copies"]
        return {path: entry for path, entry in made.items() if isinstance(entry, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def copy_of(root: Path, path: str, made: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Of what a copy is, and of which release: as it says itself, or if it lost that, as was remembered (``made``)."""
    if path.endswith(".ipynb"):
        try:
            said = release_of(json.loads((root / WORK / path).read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            said = ("", "")
        if all(said):
            return said
    return path, str(made.get(path, {}).get("release", ""))


def notice() -> str:
    """One line if the notebook that this code runs in is a copy of an older release, else nothing.

    Whatever is in the way of knowing, the check goes on.
    """
    try:
        path = _notebook_here()
        root = course_folder(path.parent)
        name, of = release_of(json.loads(path.read_text(encoding="utf-8")))
        inside = path.is_relative_to(root / WORK)
        if not of and inside:
            name, of = copy_of(root, path.relative_to(root / WORK).as_posix(), remembered(root))
        now = release_of(json.loads((root / name).read_text(encoding="utf-8")))
        if of and now[0] == name and now[1] not in ("", of):
            command = "leo work update" if inside else f"leo work update '{path}'"
            return f"{OLD}To bring your work into the new one: {command}"
    except Exception:  # of many kinds, none of which may keep anybody from an answer's check
        pass
    return ""


def say_if_old(name: str, of: str) -> None:
    """In JupyterLite, where a changed notebook hides the site's own: say so if the site has a newer one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SITE_RELEASES).is_file():
            now = json.loads((folder / SITE_RELEASES).read_text(encoding="utf-8")).get(name, of)
            if now != of:
                print(
                    f"{OLD}To see the new one and keep yours: close it, give it another name in the list of files "
                    "(right-click, Rename), and reload the page. The new one is there under the old name. "
                    "The start page says how it gets your answers."
                )
            return


def _notebook_here() -> Path:
    """The file of the notebook that runs: Jupyter's server says it, or VS Code. Raises KeyError."""
    shell = sys.modules["IPython"].get_ipython()
    named = shell.user_ns.get("__vsc_ipynb_file__") or os.environ["JPY_SESSION_NAME"]
    return Path(named).resolve()
