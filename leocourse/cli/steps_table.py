"""The steps of the course in one table: what each reads, what it writes, and the function that does it.

What a step reads is named as whole rooms of the package and whole folders of the course. A test runs the steps and
looks whether they opened a file that is not named here; what DuckDB, Node and the kernels of lessons read, it cannot
see, and that is tried by changing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.steps import Step, Steps

LESSON_PEOPLE, LESSON_SEED = 20_000, 1985
ADVANCED_PEOPLE = 400_000
NOT_ESTIMATED = ("ks2_exam", "ks3_*", "ks5_exam", "plams")
"""Tables that the advanced extract leaves out: single examinations and aims, whose sums the other tables have.

No measure reads one of these: it would find nothing there, and say nothing.
"""
SAMPLE_ASSIGNMENT = "06-table-for-release"
"""The one of which ``leo samples`` marks three submissions: it has a slip for every kind of report."""
SAMPLES, SAMPLES_MARKED = Path("_build") / "samples", Path("_build") / "samples-marked"
Say = Callable[[str], None]
Show = Callable[..., None]

# Rooms. All Python of the package loads FACE, because ``import leocourse`` does.
FACE = ("leocourse/__init__.py", "leocourse/core", "leocourse/schema", "leocourse/measures", "leocourse/checks",
        "data/schema", "requirements.txt")  # fmt: skip
ANSWERS = (*FACE, "leocourse/authoring", "leocourse/disclosure", "solutions")
"""What loads assignments with their answers, which may look at what may leave."""
SIMULATION = (*FACE, "leocourse/extract", "data/reference/estimands.json")
EXTRACT = (f"{LESSON_EXTRACT.as_posix()}/manifest.json", f"{LESSON_EXTRACT.as_posix()}/views.sql")
"""The manifest holds hashes of all rows, so the tables themselves need not be read."""
OPENED = (*EXTRACT, f"{LESSON_EXTRACT.as_posix()}-truth/manifest.json", "data/reference")
"""What is read besides where measures are computed, or the truth is looked at."""
KEYS = f"{LESSON_EXTRACT.as_posix()}/keys"
PAGES = ("_toc.yml", "book/*.md", "book/*/*.md")
"""What is written by hand. Generated pages lie one folder deeper."""
GENERATED = "book/reference/generated"
SHELL = ("_config.yml", "_toc.yml", "book/_static", "leocourse/site/__init__.py", "leocourse/site/sphinx.py",
         "leocourse/site/files.py", "leocourse/site/tidy.py", "leocourse/site/live", "_build/web/static",
         "_build/web/steps.json", "_build/web/exercises.json", "_build/web/site/leo-web/manifest.json")  # fmt: skip
"""What stands on every page: contents at the side, settings, scripts and styles, what runs in pages."""
BUILT = ("_build/html", "!_build/html/lite")
WEB = "_build/web/site/leo-web"


def course_steps(root: Path, simulate: Callable[[Path], None] | None = None, samples: str = SAMPLE_ASSIGNMENT) -> Steps:
    """The steps of the course in ``root``. ``simulate`` makes the lesson extract in a folder, in its own way.

    ``samples`` is the assignment of which samples are marked: see :func:`samples_step`.
    """
    made = _data_steps(root, simulate or _simulate)
    return Steps(root, [*made, *_page_steps(), *_web_steps(), *_book_steps(), _samples_step(samples)])


def _simulate(folder: Path) -> None:
    from leocourse.extract import generate

    generate(folder, LESSON_PEOPLE, LESSON_SEED)


def tables_of_estimates() -> tuple[str, ...]:
    """The tables of the advanced extract."""
    from leocourse.schema import load_schema

    return tuple(name for name in load_schema().tables if not any(fnmatch(name, each) for each in NOT_ESTIMATED))


def _pages_with_exercises(root: Path) -> list[str]:
    """The lessons whose exercises are in keys: what is given in them is part of these."""
    from leocourse.authoring.exercise import page_of

    return [page_of(root, path).relative_to(root).as_posix()
            for path in sorted((root / "solutions" / "lessons").glob("*"))]  # fmt: skip


def _data_steps(root: Path, simulate: Callable[[Path], None]) -> list[Step]:
    """The extract, what is handed out, and the keys."""

    def simulated(root: Path) -> bool:
        from leocourse.extract import is_current

        return is_current(root / LESSON_EXTRACT, LESSON_PEOPLE, LESSON_SEED)

    def notebooks(root: Path) -> None:
        from leocourse.authoring.release import generate

        generate(root)

    def keys(root: Path) -> None:
        from leocourse.authoring.release import write_keys

        write_keys(root, root / LESSON_EXTRACT)

    truth = f"{LESSON_EXTRACT.as_posix()}-truth"
    return [
        Step("extract", ("leocourse/extract", "leocourse/schema", "data/schema", "data/reference/estimands.json"),
             (*EXTRACT, f"{LESSON_EXTRACT.as_posix()}/*/*.parquet", f"{truth}/manifest.json", f"{truth}/*/*.parquet"),
             lambda root: simulate(root / LESSON_EXTRACT), stands=simulated),
        Step("release", (*ANSWERS, "nbgrader_config.py"), ("_build/release",), notebooks, leaves=("gradebook.db",)),
        Step("keys", (*ANSWERS, *OPENED, *_pages_with_exercises(root)), (KEYS,), keys, after=("extract",)),
    ]  # fmt: skip


def _page_steps() -> list[Step]:
    """Pages that are made from schema, measures, questions, and what was recorded of the simulation."""

    def call(name: str) -> Callable[[Path], None]:
        def run(root: Path) -> None:
            from leocourse.site import build

            getattr(build, name)(root)

        return run

    code = (*ANSWERS, "leocourse/extract", "leocourse/fidelity", "leocourse/site/__init__.py",
            "leocourse/site/build.py", "leocourse/site/stored.py", "leocourse/site/pages",
            "leocourse/site/live")  # fmt: skip
    reads = (*code, *OPENED, *PAGES, "exercises")
    return [
        Step("reference", reads, (f"{GENERATED}/*.md",), call("write_reference"), after=("extract",)),
        Step("practice", (*code, "exercises"), (f"{GENERATED}/practice",), call("write_practice")),
        Step("measures", (*code, *OPENED), (f"{GENERATED}/measures",), call("write_measures"), after=("extract",)),
    ]


def _web_steps() -> list[Step]:
    """What runs in pages: npm packages, the program (Node reads its own files), and its data."""

    def call(name: str) -> Callable[[Path], None]:
        def run(root: Path) -> None:
            from leocourse.site.live import program

            getattr(program, name)(root)

        return run

    packages = ("web/package.json", "web/package-lock.json")
    program = (*packages, "web/src", "web/*.mjs", "book/_static/progress-file.js", "book/_static/drafts.js",
               "leocourse/checks/*.json")  # fmt: skip
    return [
        Step("web-packages", packages, (), call("install"), leaves=("web/node_modules/.package-lock.json",)),
        Step("web-program", program, ("_build/web/program.json", "_build/web/static", f"{WEB}/*.*",
                                      f"!{WEB}/manifest.json"), call("bundle"), after=("web-packages",)),
        Step("web-data", (*ANSWERS, *OPENED, *PAGES, KEYS, "leocourse/lesson.py", "leocourse/site/__init__.py",
                          "leocourse/site/live", "_build/web/program.json"),
             (f"{WEB}/data", f"{WEB}/keys", f"{WEB}/manifest.json", "_build/web/steps.json",
              "_build/web/exercises.json"), call("write_data"),
             after=("keys", "web-program")),
    ]  # fmt: skip


def _book_steps() -> list[Step]:
    """The lessons and the site. Jupyter's cache sees the cells of lessons, and Sphinx the text of pages: two steps
    empty them when something else changed."""

    def call(name: str) -> Callable[[Path], None]:
        def run(root: Path) -> None:
            from leocourse.site import build

            getattr(build, name)(root)

        return run

    computed = (*FACE, "leocourse/lesson.py", "leocourse/disclosure", *OPENED)
    shell = (*SHELL, *ANSWERS)
    executed = "_build/.jupyter_cache/executed"
    return [
        Step("lesson-inputs", computed, (), call("empty_cache"), after=("extract",)),
        Step("lessons", (*PAGES, "book/advanced/outputs/*.json", "leocourse/site/stored.py"), (executed,),
             call("run_lessons"), after=("lesson-inputs",)),
        Step("shell", shell, (), call("empty_site"), settings=_addresses),
        Step("site", (*shell, *computed, executed, "book", "_build/web/site", "leocourse/site/build.py"), BUILT,
             call("make_site"), _addresses, after=("reference", "practice", "measures", "lessons", "shell"),
             finishes=("lessons",)),  # what failed or was too slow there runs again, and may be right then
    ]  # fmt: skip


def _addresses() -> str:
    return "\n".join(os.environ.get(name, "") for name in ("LEO_BOOK_URL", "LEO_BOOK_REPOSITORY"))


def samples_step(assignment: str) -> str:
    """What the step is called that marks the samples of an assignment."""
    return "samples" if assignment == SAMPLE_ASSIGNMENT else f"samples-{assignment}"


def _samples_step(assignment: str) -> Step:
    """Three samples and their marks. Every room decides these, so the whole package counts."""
    samples, marked = samples_of(assignment)
    written = (samples.as_posix(), f"{marked.as_posix()}/marks", f"{marked.as_posix()}/feedback")
    reads = ("solutions", "exercises", "leocourse", "!leocourse/site", "!leocourse/cli*", "data/schema",
             "data/reference", "requirements.txt", "nbgrader_config.py", *EXTRACT)  # fmt: skip
    return Step(samples_step(assignment), reads, written, lambda root: mark_samples(root, assignment),
                after=("extract",))  # fmt: skip


def samples_of(assignment: str) -> tuple[Path, Path]:
    """Where the samples of an assignment go, and what marking makes of them, seen from the folder of the course."""
    end = "" if assignment == SAMPLE_ASSIGNMENT else f"-{assignment}"
    return SAMPLES.with_name(f"{SAMPLES.name}{end}"), SAMPLES_MARKED.with_name(f"{SAMPLES_MARKED.name}{end}")


def mark_samples(root: Path, assignment: str = SAMPLE_ASSIGNMENT) -> None:
    """Write three samples of an assignment and mark them. Raises LeoError if that cannot be done."""
    import tempfile

    from leocourse.grading.grade import grade
    from leocourse.grading.isolation.sandbox import isolation, usable
    from leocourse.grading.samples import write_samples

    if os.name != "posix":
        raise LeoError("Marking needs Linux or macOS: it limits what a submission may use in ways Windows has not.")
    samples, marked = (root / place for place in samples_of(assignment))
    with tempfile.TemporaryDirectory() as scratch:
        made = write_samples(root, Path(scratch) / "samples", assignment)
        keep.tell(samples, keep.replace_folder(made, samples, by="samples", any_folder=True))
    keep.tell(marked, keep.take_away(marked))
    # Where there is no sandbox these are marked without one: they are the course's own code.
    with keep.writing(marked):
        done = grade(samples, root, marked, how=isolation(unsafe=not usable()))
    if problems := [each.problem for each in done if each.problem]:
        raise LeoError(f"The samples could not be marked: {problems[0]}")


def build(root: Path, fresh: bool = False, web: bool = True, say: Say = print) -> Path:
    """Bring the book of the course in ``root`` up to date, and return the path of its index.html.

    Does only what has to be done, and nothing if nothing changed. With ``fresh`` every lesson runs again. With
    ``web``, SQL cells and questions run in the page; where that cannot be had, the book is built without. ``say`` is
    told so, and why each step is done, in a line each. Raises LeoError, naming the page and the log, if a lesson does
    not run or the build gives a warning.
    """
    from leocourse.site.build import SITE

    root = root.resolve()
    if not (root / LESSON_EXTRACT / "manifest.json").is_file():
        raise LeoError("The book needs the lesson extract: make it with 'leo extract' (or 'make course').")
    steps = course_steps(root)
    if problem := with_web(steps, web, say):
        say(problem)
    if fresh:
        steps.make("lesson-inputs", say, force=True)
    steps.make("site", say)
    return root / SITE / "index.html"


def with_web(steps: Steps, wanted: bool = True, say: Say | None = None) -> str:
    """Make what runs in pages, or remove it if it is not wanted or cannot be had here; then say why in one line."""
    from leocourse.site.live import program

    problem = ""
    if wanted:
        try:
            program.check_tools(steps.root)
            steps.make("web-data", say)
            return ""
        except program.NoProgram as error:
            problem = f"The book is built without SQL that runs in the page: {error}"
    program.remove_web(steps.root)
    return problem


def offline_steps(root: Path, output: Path, show: Show, chromium: str = "") -> Steps:
    """What works without a network, in a folder: ``offline-site``, ``offline-csv`` and ``offline-pdf``."""
    from leocourse.site import offline, pdf

    output, site = root / output, root / BUILT[0]
    course = ("exercises", "leocourse", "book", "docs", "data", "_toc.yml", "requirements.txt", "pyproject.toml",
              "LICENSE", "LICENSE-TEXT", *BUILT)  # fmt: skip
    simulation = (*SIMULATION, "leocourse/validation", "leocourse/authoring", "leocourse/site/__init__.py",
                  "leocourse/site/offline.py", "leocourse/site/bundle.py")  # fmt: skip
    return Steps(root, [
        Step("offline-site", course, (str(output / offline.SITE_ZIP),),
             lambda root: offline.site_zip(root, site, output, show)),
        Step("offline-csv", simulation, (str(output / offline.CSV_ZIP),),
             lambda _: offline.csv_zip(output, LESSON_PEOPLE, LESSON_SEED, show)),
        Step("offline-pdf", ("_toc.yml", "leocourse/site/pdf.py", *PAGES, f"{GENERATED}/*/*.md", *BUILT),
             (str(output / offline.PDF),), lambda root: pdf.book_pdf(root, site, output, chromium, show)),
    ])  # fmt: skip


def lite(root: Path, output: Path, pyodide: Path | None = None) -> Path:
    """Bring JupyterLite up to date in ``output``, and return its index.html. Raises LeoError if it cannot be built."""
    from leocourse.site import lite as jupyter

    output = root / output
    jupyter.check(root, output, pyodide)
    served = [str((pyodide / "pyodide-lock.json").resolve())] if pyodide else []
    reads = ("leocourse", "book", f"!{GENERATED}", "exercises", "data", "_toc.yml", "requirements.txt",
             "pyproject.toml", "README.md", *served)  # fmt: skip
    step = Step("lite", reads, (str(output),), lambda root: jupyter.build(root, output, pyodide),
                lambda: str(pyodide and pyodide.resolve()))  # fmt: skip
    Steps(root, [step]).make("lite")
    return output / "index.html"
