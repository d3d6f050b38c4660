"""Outputs that are kept in git: those of the advanced lessons, which run on an extract that the book does not need.

Beside each page of ``book/advanced/`` lies ``outputs/<page>.json``: its code cells with what they gave, as a notebook
in the form of nbformat, and in its metadata under ``leo`` what they were made from. The book takes these from
Jupyter's cache, as it takes those of lessons that ran just now. It is no ``.ipynb``, because what strips notebooks of
outputs before a commit would empty it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import ADVANCED

FOLDER = Path("book") / ADVANCED
OUTPUTS = "outputs"
MADE_FROM = ("data/lesson-hashes.json", "data/reference/estimands.json", "leocourse/truth.py")
"""What decides the numbers besides a page's own code: the lives and records, the true effects, how they are shown."""
CELL_TIMEOUT = 300
"""Seconds that a cell may take before its lesson is given up. Each should take less than :data:`SLOW`."""
SLOW = 10.0


def is_stored(page: Path) -> bool:
    """Whether the outputs of a page are kept, by its folder."""
    return page.parent.name == ADVANCED


def place(page: Path) -> Path:
    """Where the outputs of a page are kept."""
    return page.parent / OUTPUTS / f"{page.stem}.json"


def stale(root: Path, page: Path) -> str:
    """Why the kept outputs of a page do not hold for it any longer, in a few words; empty if they do."""
    try:
        kept = json.loads(place(page).read_text(encoding="utf-8"))
        made = kept["metadata"]["leo"]
    except OSError:
        return "there are none"
    except (ValueError, KeyError, TypeError):
        return "they cannot be read"
    now = _made_from(root, read(page))
    changed = [name for name in now if made.get(name) != now[name]]
    return "" if not changed else f"made from another {' and '.join(changed)}"


def read(page: Path) -> Any:
    """A page as the notebook that Jupyter's cache takes it for."""
    from jupyter_cache.readers import get_reader

    return get_reader({"type": "plugin", "name": "myst_nb_md"})(str(page))


def run(root: Path, page: Path, environment: dict[str, str]) -> float:
    """Run a page and keep its outputs. Returns the seconds of its slowest cell.

    Raises LeoError, naming the page and what went wrong, if a cell fails or takes longer than ``CELL_TIMEOUT``.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook, seconds = read(page), []
    begun = [0.0]

    def start(**_: Any) -> None:
        begun[0] = perf_counter()

    def done(**_: Any) -> None:
        seconds.append(perf_counter() - begun[0])

    client = NotebookClient(
        notebook, timeout=CELL_TIMEOUT, resources={"metadata": {"path": str(page.parent)}},
        on_cell_execute=start, on_cell_executed=done,
    )  # fmt: skip
    try:
        client.execute(env=environment)
    except CellTimeoutError:
        raise LeoError(f"{page.name}: a cell took longer than {CELL_TIMEOUT} seconds.") from None
    except CellExecutionError as error:
        raise LeoError(f"{page.name}: {error.ename}: {error.evalue}. In the cell:\n{error.traceback[-1500:]}") from None
    _keep(root, page, notebook, max(seconds, default=0.0))
    return max(seconds, default=0.0)


def _keep(root: Path, page: Path, notebook: Any, slowest: float) -> None:
    """Write the code cells with their outputs, without what differs from run to run."""
    made = _made_from(root, notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.pop("id", None)
        cell.metadata = {}
        cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    kept = {
        "cells": cells,
        "metadata": {"leo": {**made, "slowest_cell_seconds": round(slowest, 1)}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    place(page).parent.mkdir(exist_ok=True)
    keep.rewrite(place(page), json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def slowest_cell(page: Path) -> float:
    """The seconds of the slowest cell of a page when its outputs were made."""
    return float(json.loads(place(page).read_text(encoding="utf-8"))["metadata"]["leo"]["slowest_cell_seconds"])


def _made_from(root: Path, notebook: Any) -> dict[str, str]:
    """Hashes of what decides the outputs of a page: its code, and files of the course."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    files = [root / name for name in MADE_FROM]
    found = {
        "code": _hash([each.encode() for each in code]),
        "simulation": _hash([path.read_bytes() for path in files]),
    }
    if any("measure(" in each for each in code):
        measures = sorted((root / "leocourse" / "measures").glob("*/*.sql"))
        found["measures"] = _hash([path.read_bytes() for path in measures])
    return found


def _hash(parts: list[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:16]


def with_outputs(page: Path) -> Any:
    """A page as a notebook with its kept outputs. Raises LeoError if they are of other code, naming what to do."""
    notebook = read(page)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    try:
        kept = json.loads(place(page).read_text(encoding="utf-8"))["cells"]
        same = [_text(each["source"]) for each in kept] == [cell.source for cell in code]
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise LeoError(f"{FOLDER.as_posix()}/{page.name} was changed since its outputs were made: run 'leo advanced'.")
    import nbformat

    outputs = nbformat.from_dict({"cells": kept, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    for number, (cell, given) in enumerate(zip(code, outputs.cells, strict=True), start=1):
        cell.outputs, cell.execution_count = given.outputs, number
    return notebook


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def into_cache(cache: Path, pages: list[Path]) -> None:
    """Put the kept outputs of pages into Jupyter's cache, where the book looks for them. Raises as with_outputs."""
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    store = get_cache(cache)
    for page in pages:
        store.cache_notebook_bundle(CacheBundleIn(with_outputs(page), str(page)), check_validity=False, overwrite=True)


def to_run(root: Path, pages: list[Path], everything: bool = False) -> Iterator[tuple[Path, str]]:
    """The pages whose outputs have to be made, each with the reason; with ``everything`` all."""
    for page in pages:
        if why := stale(root, page) or ("asked for" if everything else ""):
            yield page, why
