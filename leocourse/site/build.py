"""Builds the book: runs the lessons that need it, then Jupyter Book. Does nothing if nothing changed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from leocourse.authoring.lessons import lessons
from leocourse.core import keep
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.schema import load_schema
from leocourse.site.live.program import web_key, with_web
from leocourse.site.pages import fidelity, practice
from leocourse.site.pages.changes import changes_page
from leocourse.site.pages.coverage import coverage_page, read_coverage
from leocourse.site.pages.diagrams import diagrams_page
from leocourse.site.pages.dictionary import filled_fields, overview_page, read_lesson, table_page
from leocourse.site.pages.measures import measure_pages
from leocourse.site.pages.measures import overview_page as overview_page_of_measures
from leocourse.site.pages.misconceptions import catalogue_page
from leocourse.steps import Stamp, digest

SITE = Path("_build") / "html"
CACHE = Path("_build") / ".jupyter_cache"
DOCTREES = Path("_build") / ".doctrees"
EXECUTED = Path("_build") / "jupyter_execute"
EXECUTION_KEY = Path("_build") / "execution-key.txt"
"""Hash of what the lessons compute from, apart from their own cells."""
SHELL_KEY = Path("_build") / "shell-key.txt"
"""Hash of what stands on every page."""
BUILD_KEY = Path("_build") / "book-key.txt"
"""Hash of everything that the built book is made of."""
LOG = Path("_build") / "book.log"
GENERATED = Path("book") / "reference" / "generated"
"""Pages made from the schema and the lesson extract. Not in git."""
SITE_CODE = (
    "sphinx_site.py", "site_files.py", "offline.py", "lite.py", "cli.py", "progress.py",
    "carry.py", "handout.py", "keep.py", "release.py", "work.py",
    "web.py", "web_cells.py", "web_extract.py", "web_practice.py", "web_sphinx.py",
)  # fmt: skip
"""Modules that no lesson computes with: a change in them needs a new site, but no lesson run again."""
ADDRESSES = ("LEO_BOOK_URL", "LEO_BOOK_REPOSITORY")
"""Variables of the environment that go into the pages: see ``sphinx_site``."""
CELL_TIMEOUT = 120
"""Seconds. The same limit stands in _config.yml."""
# Neither command can be run with ``python -m``, and their scripts are not on PATH outside the environment.
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
JCACHE = [sys.executable, "-c", "from jupyter_cache.cli.commands.cmd_main import jcache; jcache()"]


def build(root: Path, fresh: bool = False, web: bool = True, say: Callable[[str], None] = print) -> Path:
    """Build the book of the course in ``root`` and return the path of its index.html.

    Does nothing if data, code and pages are those of the last successful build. Jupyter's cache of
    executed notebooks sees their cells only, so it is deleted when the data, the package or the
    requirements change, and when ``fresh``. With ``web``, SQL cells and questions run in the page; if that
    cannot be had on this machine, one line goes to ``say`` and the book is built without. Raises LeoError,
    naming the page and the log, if a lesson does not run or the build gives a warning.
    """
    root = root.resolve()
    if not (root / LESSON_EXTRACT / "manifest.json").is_file():
        raise LeoError("The book needs the lesson extract: make it with 'leo extract' (or 'make course').")
    write_reference(root)
    with_web(root, lessons(root), web, say)
    execution, everything = execution_key(root), build_key(root)
    index = root / SITE / "index.html"
    if not fresh and index.is_file() and _stored(root / BUILD_KEY) == everything:
        return index
    (root / BUILD_KEY).unlink(missing_ok=True)
    with ExitStack() as stack:
        for folder in (SITE, CACHE, DOCTREES, EXECUTED):
            stack.enter_context(keep.writing(root / folder))
        _build(root, fresh, execution)
    if not index.is_file():
        raise LeoError(failure((root / LOG).read_text(encoding="utf-8"), root))
    _store(root / BUILD_KEY, everything)
    return index


def _build(root: Path, fresh: bool, execution: str) -> None:
    """Run the lessons that changed, and Jupyter Book. Raises LeoError if it gives a warning."""
    if fresh or _stored(root / EXECUTION_KEY) != execution:
        for stale in (root / CACHE, root / SITE, root / DOCTREES):
            shutil.rmtree(stale, ignore_errors=True)
    _store(root / EXECUTION_KEY, execution)
    if _stored(root / SHELL_KEY) != shell_key(root):  # Sphinx would write only the pages whose own text changed
        for stale in (root / SITE, root / DOCTREES):
            shutil.rmtree(stale, ignore_errors=True)
    _store(root / SHELL_KEY, shell_key(root))
    log = root / LOG
    keep.put(log.parent, log.name, "")
    environment = child_environment(os.environ)
    environment["JUPYTERCACHE"] = str(root / CACHE)
    try:
        _execute(root, environment, log)
        failed = _run([*JUPYTER_BOOK, "build", str(root), "-W", "-n", "--keep-going"], root, environment, log)
    finally:
        keep.note(log.parent, {log.name: keep.fingerprint(log)})
    if failed:
        shutil.rmtree(root / DOCTREES, ignore_errors=True)  # or the next build would not repeat the warning
        raise LeoError(failure(log.read_text(encoding="utf-8"), root))


def reference_pages(root: Path) -> dict[str, str]:
    """The generated reference pages by file name, from the schema, the lesson extract and the lessons."""
    schema = load_schema(root / "data" / "schema")
    filled = filled_fields(schema, root / LESSON_EXTRACT)
    found = [
        read_lesson(page, Path(os.path.relpath(page.with_suffix(".html"), root / GENERATED)).as_posix())
        for page in lessons(root)
        if page.stem != "index"
    ]
    pages = {f"{name}.md": table_page(table, filled.get(name), found) for name, table in schema.tables.items()}
    return pages | {
        "dictionary.md": overview_page(schema, filled),
        "diagrams.md": diagrams_page(schema),
        "coverage.md": coverage_page(schema, read_coverage(root / "data" / "reference" / "coverage.csv")),
        "changes.md": changes_page(schema),
        "fidelity.md": fidelity.page(root),
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
    folder = root / GENERATED
    common = [root / "data" / "schema", root / "data" / "reference", root / LESSON_EXTRACT / "manifest.json"]
    code = ("schema", "fidelity/estimands.py", "fidelity_page.py", "book.py", "web_practice.py")
    common += [root / "leocourse" / name for name in code]
    questions = [root / "solutions", root / "exercises"]
    _write_generated(
        root,
        "reference",
        [*common, *questions, root / "leocourse" / "measures", root / "leocourse" / "checks", *lessons(root)],
        folder,
        reference_pages,
    )
    _write_generated(root, "practice", [*common, *questions], folder / practice.FOLDER, practice.practice_pages)
    _write_generated(
        root, "measures", [*common, root / "leocourse" / "measures"], folder / "measures", pages_of_measures
    )


def _write_generated(
    root: Path, name: str, inputs: list[Path], folder: Path, make: Callable[[Path], dict[str, str]]
) -> None:
    """Write the pages that ``make`` gives into a folder, unless its inputs and the folder are as they were left."""
    if folder.is_dir() and Stamp(root, name, [*inputs, *_files(folder)]).current():
        return
    pages = make(root)
    with keep.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for stale in _files(folder):
            if stale.name not in pages:
                stale.unlink()
        for page, text in pages.items():
            if _stored(folder / page) != text.strip():
                (folder / page).write_text(text, encoding="utf-8")
    Stamp(root, name, [*inputs, *_files(folder)]).set()


def _files(folder: Path) -> list[Path]:
    """The files of a folder, not those of the folders in it."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != keep.RECORD)


def execution_key(root: Path) -> str:
    """Hash of the extract, the package and the requirements: what Jupyter's cache cannot see."""
    code = sorted((root / "leocourse").rglob("*.py"))
    package = [path for path in code if path.name not in SITE_CODE and path.parent.name not in ("grading", "srs")]
    return digest([root / LESSON_EXTRACT / "manifest.json", root / "requirements.txt", *package])


def build_key(root: Path) -> str:
    """Hash of everything that goes into the book."""
    return execution_key(root) + shell_key(root) + digest([root / "book"])


def shell_key(root: Path) -> str:
    """Hash of what is on every page: contents at the side, settings, addresses, the questions, scripts and styles,
    what runs in pages. Where no page changed, Sphinx copies none of them."""
    inputs = [root / "_config.yml", root / "_toc.yml", root / "solutions", root / "book" / "_static"]
    inputs += [root / "leocourse" / name for name in ("sphinx_site.py", "site_files.py")]
    addresses = "\n".join(os.environ.get(name, "") for name in ADDRESSES)
    return digest(inputs) + hashlib.sha256(addresses.encode()).hexdigest() + web_key(root)


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
    pages = [str(page) for page in lessons(root)]
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


def _stored(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _store(path: Path, key: str) -> None:
    keep.put(path.parent, path.name, key + "\n")
