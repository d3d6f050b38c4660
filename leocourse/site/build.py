"""Builds the book: its generated pages, the outputs of its lessons, the site. The table of steps says when."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from leocourse.authoring.lessons import GENERATED, lessons
from leocourse.core import keep
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.schema import load_schema
from leocourse.site import stored
from leocourse.site.pages import fidelity, practice
from leocourse.site.pages.changes import changes_page
from leocourse.site.pages.coverage import coverage_page, read_coverage
from leocourse.site.pages.diagrams import diagrams_page
from leocourse.site.pages.dictionary import filled_fields, overview_page, read_lesson, table_page
from leocourse.site.pages.faults import faults_in
from leocourse.site.pages.measures import measure_pages
from leocourse.site.pages.measures import overview_page as overview_page_of_measures
from leocourse.site.pages.misconceptions import catalogue_page
from leocourse.site.pages.not_simulated import absent_from, not_simulated_page, read_absences
from leocourse.site.pages.planted import planted_page

SITE = Path("_build") / "html"
CACHE = Path("_build") / ".jupyter_cache"
DOCTREES = Path("_build") / ".doctrees"
EXECUTED = Path("_build") / "jupyter_execute"
LITE = SITE / "lite"
"""JupyterLite, which another command puts into the site."""
LOG, LESSONS_LOG = Path("_build") / "book.log", Path("_build") / "lessons.log"
ADDRESSES = ("LEO_BOOK_URL", "LEO_BOOK_REPOSITORY")
"""Variables of the environment that go into the pages: see :mod:`leocourse.site.sphinx`."""
CELL_TIMEOUT = 120
"""Seconds. The same limit stands in _config.yml."""
# Neither command can be run with ``python -m``, and their scripts are not on PATH outside the environment.
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
JCACHE = [sys.executable, "-c", "from jupyter_cache.cli.commands.cmd_main import jcache; jcache()"]


def empty_site(root: Path) -> None:
    """Let Sphinx write every page anew: it would write only those whose own text changed."""
    _empty(root, (SITE, DOCTREES))


def empty_cache(root: Path) -> None:
    """Let every lesson run again: Jupyter's cache sees the cells of a lesson, not what they compute from."""
    _empty(root, (CACHE, SITE, DOCTREES))


def _empty(root: Path, folders: tuple[Path, ...]) -> None:
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(keep.writing(root / folder))  # what is somebody's is moved before
            shutil.rmtree(root / folder, ignore_errors=True)


def advanced_lessons(root: Path) -> list[Path]:
    """The lessons whose outputs are kept, in the order of the contents."""
    return [page for page in lessons(root) if stored.is_stored(page)]


def run_lessons(root: Path) -> None:
    """Run the lessons that are not in Jupyter's cache. One that fails is reported by :func:`make_site`.

    Raises LeoError if the kept outputs of an advanced lesson are not those of its code.
    """
    if _damaged(root, CACHE):
        _empty(root, (CACHE,))
    with keep.writing(root / CACHE):
        stored.into_cache(root / CACHE, advanced_lessons(root))
        _logged(root, LESSONS_LOG, lambda environment, log: _execute(root, environment, log))


def make_site(root: Path) -> Path:
    """Have Jupyter Book make the pages, and return the path of index.html.

    Raises LeoError, naming the page and the log, if a lesson does not run or the build gives a warning.
    """
    if _damaged(root, SITE):
        empty_site(root)
    command = [*JUPYTER_BOOK, "build", str(root), "-W", "-n", "--keep-going"]
    with ExitStack() as stack:
        for folder in (SITE, CACHE, DOCTREES, EXECUTED):
            stack.enter_context(keep.writing(root / folder))
        failed = _logged(root, LOG, lambda environment, log: _run(command, root, environment, log))
        if failed:
            shutil.rmtree(root / DOCTREES, ignore_errors=True)  # or the next build would not repeat the warning
    index = root / SITE / "index.html"
    if failed or not index.is_file():
        logs = [(root / log).read_text(encoding="utf-8") for log in (LESSONS_LOG, LOG) if (root / log).is_file()]
        raise LeoError(failure("\n".join(logs), root))
    return index


def _damaged(root: Path, folder: Path) -> bool:
    """Whether a file is gone or changed since it was written: whoever wrote it would not look, and leave it so."""
    written = keep.recorded(root / folder) or {}
    lite = f"{LITE.name}/"
    return any(
        not keep.is_as(root / folder / name, mark) for name, mark in written.items()
        if not (folder == SITE and name.startswith(lite))
    )  # fmt: skip


def _logged(root: Path, name: Path, run: Callable[[dict[str, str], Path], Any]) -> Any:
    """Call ``run`` with the environment for Jupyter's commands and a log, which is begun anew."""
    log = root / name
    keep.put(log.parent, log.name, "")
    environment = child_environment(os.environ)
    environment["JUPYTERCACHE"] = str(root / CACHE)
    try:
        return run(environment, log)
    finally:
        keep.note(log.parent, {log.name: keep.fingerprint(log)})


def reference_pages(root: Path) -> dict[str, str]:
    """The generated reference pages by file name, from the schema, the lesson extract and the lessons."""
    schema = load_schema(root / "data" / "schema")
    filled = filled_fields(schema, root / LESSON_EXTRACT)
    found = [
        read_lesson(page, Path(os.path.relpath(page.with_suffix(".html"), root / GENERATED)).as_posix())
        for page in lessons(root)
        if page.stem != "index"
    ]
    absences = read_absences(root, schema)
    pages = {
        f"{name}.md": table_page(table, filled.get(name), found) + faults_in(name) + absent_from(name, absences)
        for name, table in schema.tables.items()
    }
    return pages | {
        "dictionary.md": overview_page(schema, filled),
        "diagrams.md": diagrams_page(schema),
        "coverage.md": coverage_page(schema, read_coverage(root / "data" / "reference" / "coverage.csv")),
        "changes.md": changes_page(schema),
        "fidelity.md": fidelity.page(root),
        "planted.md": planted_page(root),
        "not-simulated.md": not_simulated_page(absences),
        "measures.md": overview_page_of_measures(),
        "misconceptions.md": catalogue_page(root),
        practice.INDEX: practice.index_page(root),
    }


def pages_of_measures(root: Path) -> dict[str, str]:
    """The generated pages and plots of the measures by file name, from their SQL and the lesson extract."""
    published = pd.read_csv(root / "data" / "reference" / "published.csv")
    with connect(root / LESSON_EXTRACT) as con:
        return measure_pages(con, published)


def write_reference(root: Path) -> None:
    """Bring the generated pages up to date. A page whose text is the same is not touched, so Sphinx skips it."""
    _write_generated(root / GENERATED, reference_pages(root))


def write_practice(root: Path) -> None:
    """Bring the pages up to date on which the questions are answered in SQL: see :func:`write_reference`."""
    _write_generated(root / GENERATED / practice.FOLDER, practice.practice_pages(root))


def write_measures(root: Path) -> None:
    """Bring the pages and plots of the measures up to date: see :func:`write_reference`."""
    _write_generated(root / GENERATED / "measures", pages_of_measures(root))


def _write_generated(folder: Path, pages: dict[str, str]) -> None:
    with keep.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for stale in _files(folder):
            if stale.name not in pages:
                stale.unlink()
        for page, text in pages.items():
            if not (folder / page).is_file() or (folder / page).read_text(encoding="utf-8").strip() != text.strip():
                write_whole(folder / page, text)


def _files(folder: Path) -> list[Path]:
    """The files of a folder, not those of the folders in it."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != keep.RECORD)


def child_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """The environment for Jupyter: free to write bytecode, every thread, and the lesson extract."""
    dropped = ("PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS", "LEO_EXTRACT", "LEO_MARKING")
    return {name: value for name, value in parent.items() if name not in dropped}


def failure(log: str, root: Path) -> str:
    """One line on what went wrong: the page, the reason, and where the log is."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log)
    problem = re.search(r"^(?P<page>\S+?\.md)(?::\d+)?: (?:WARNING|ERROR): (?P<reason>.+)$", text, re.MULTILINE)
    raised = re.findall(r"^((?!nbclient|myst_nb|Cell)[\w.]*(?:Error|Exception): .+)$", text, re.MULTILINE)
    where = f"see {LOG.as_posix()}"
    if problem is None:
        return f"The book was not built; {where}."
    page = problem["page"].removeprefix(f"{root.as_posix()}/")
    reason = raised[0] if raised and problem["reason"].startswith("Executing notebook failed") else problem["reason"]
    return f"The book was not built because of {page}: {reason[:200].rstrip('. ')}; {where}."


def _execute(root: Path, environment: dict[str, str], log: Path) -> None:
    """Run the lessons that are not in the cache side by side, one for each core.

    What fails here fails again in the build, which reports it, so exit codes are not read.
    """
    (root / CACHE).parent.mkdir(parents=True, exist_ok=True)
    pages = [str(page) for page in lessons(root) if not stored.is_stored(page)]
    if _run([*JCACHE, "notebook", "add", "-r", "myst_nb_md", *pages], root, environment, log, answer="y\n"):
        return
    _run([*JCACHE, "project", "execute", "-e", "local-parallel", "-t", str(CELL_TIMEOUT)], root, environment, log)


def _run(command: list[str], root: Path, environment: dict[str, str], log: Path, answer: str = "") -> int:
    with log.open("a", encoding="utf-8") as output:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            input=answer,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return done.returncode
