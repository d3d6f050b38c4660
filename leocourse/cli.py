"""The command ``leo``: every step of the course, for those who have make and those who have not."""

from __future__ import annotations

import atexit
import functools
import gc
import http.server
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from leocourse import cli_steps
from leocourse.cli_steps import LESSON_PEOPLE, LESSON_SEED, SAMPLE_ASSIGNMENT
from leocourse.core import keep, plain
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT, course_root, extract_folder, read_manifest
from leocourse.site.serve import SiteHandler

GENERATED = ("_build", "data/extract", "book/reference/generated")
MARKS = ("gradebook.db*", "submitted", "earlier", "autograded", "feedback", "marks", "report")
"""What marking writes: patterns of names."""
LEFT_SHOWN = 5

app = typer.Typer(
    help="The LEO course: a synthetic extract, a book, assignments and their marking.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class PlainConsole(Console):
    """Shows all text as it is: no name, path or message of a stranger is read as markup, emoji or a command."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text without what would change the terminal."""
        return super().render_str(plain.clean(text), **options)


console = PlainConsole()
errors = PlainConsole(stderr=True)


def main() -> None:
    """Run the command. What a user can put right comes out as one line."""
    gc.set_threshold(50_000)  # libraries make many objects that stay: to look for others among them takes long
    atexit.register(gc.freeze)  # and longest at the end, when everything goes anyway
    try:
        app()
    except LeoError as error:
        errors.print(f"leo: {error}", style="red", soft_wrap=True, highlight=False, markup=False)
        raise SystemExit(2) from None
    except OSError as error:  # a place that cannot be read or written, wherever it came up
        if error.filename is None:
            raise
        line = f"leo: {error.filename}: {error.strerror}."
        errors.print(line, style="red", soft_wrap=True, highlight=False, markup=False)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        errors.print("leo: stopped.", style="red")
        raise SystemExit(130) from None


def in_course(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command in the folder of the course, wherever it was called."""

    @functools.wraps(command)
    def moved(*args: Any, **kwargs: Any) -> Any:
        os.chdir(course_root())
        return command(*args, **kwargs)

    return moved


def bar() -> Progress:
    """A progress bar that leaves no trace in a log."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


@app.command()
def extract(
    people: Annotated[int, typer.Option(help="How many lives to simulate.")] = LESSON_PEOPLE,
    seed: Annotated[int, typer.Option(help="Decides every draw: the same seed gives the same data.")] = LESSON_SEED,
    output: Annotated[Path | None, typer.Option(help="Folder to write to. Default: the lesson extract.")] = None,
    mode: Annotated[
        str, typer.Option(help="teaching: whole lives. low-fidelity: each column as it is, nothing between columns.")
    ] = "teaching",
    file_format: Annotated[
        str, typer.Option("--format", help="parquet, or csv: one file a table, many times larger.")
    ] = "parquet",
    workers: Annotated[int | None, typer.Option(help="Processes that share the work. Default: 2.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose cluster does the work.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A planted fault to leave out. May be repeated.")] = None,
    force: Annotated[bool, typer.Option(help="Make it again even if it is current.")] = False,
    record: Annotated[
        bool, typer.Option(help="Record its content hashes as those of the lesson extract. See also 'leo record'.")
    ] = False,
) -> None:
    """Simulate an extract. Does nothing if the folder already holds it.

    A run that was interrupted goes on where it stopped when the same command is run again.
    """
    from leocourse.extract import generate, is_current

    folder = (output or course_root() / LESSON_EXTRACT).resolve()
    left_out = tuple(without or ())
    if record and (people, seed, left_out, mode, file_format) != (
        LESSON_PEOPLE, LESSON_SEED, (), "teaching", "parquet",
    ):  # fmt: skip
        raise LeoError("--record is for the lesson extract: leave people, seed, mode, format and faults as they are.")

    def simulate(folder: Path) -> None:
        with bar() as progress:
            task = progress.add_task("Simulating lives")
            generate(
                folder, people, seed, left_out, lambda done, total: progress.update(task, completed=done, total=total),
                mode=mode, file_format=file_format, workers=workers, scheduler=scheduler,
            )  # fmt: skip

    asked = (people, seed, left_out, mode, file_format)
    if asked == (LESSON_PEOPLE, LESSON_SEED, (), "teaching", "parquet") and _is_lesson_extract(folder):
        made = cli_steps.course_steps(course_root(), simulate).make("extract", force=force or record)
    else:
        made = force or not is_current(folder, *asked)
        if made:
            simulate(folder)
    if not made:
        console.print(f"Extract: current, {people:,} people, seed {seed}, in {_shown(folder)}")
        return
    manifest = read_manifest(folder)
    if record:
        from leocourse.fidelity.recorded import record_lesson

        record_lesson(course_root(), folder, manifest)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    console.print(f"Extract: {people:,} people, {rows:,} rows, seed {seed}, in {_shown(folder)}")


def _is_lesson_extract(folder: Path) -> bool:
    """Whether a folder is that of the lesson extract, in the folder of a course."""
    try:
        return folder == (course_root() / LESSON_EXTRACT).resolve()
    except LeoError:
        return False


@app.command()
def validate(
    folder: Annotated[Path | None, typer.Argument(help="Folder of an extract. Default: the lesson extract.")] = None,
) -> None:
    """Check an extract against the schema, and its faults against the ledger of those planted.

    Exit code 0: every row keeps every rule, or the ledger explains it. 1: some do not; they are listed.
    2: there is no whole extract.
    """
    from leocourse.validation.validate import check

    place = extract_folder(folder).resolve()
    with bar() as progress:
        task = progress.add_task("Checking tables")
        report = check(place, progress=lambda done, total: progress.update(task, completed=done, total=total))
    console.print(_rules_table(report))
    for outcome in report.findings:
        if outcome.unexplained:
            errors.print(f"{outcome}", style="red", soft_wrap=True, highlight=False, markup=False)
    against = (
        "the ledger of planted faults" if report.with_truth else "no ledger (there is no truth beside the extract)"
    )
    verdict = "all is explained" if report.explained else "not all is explained"
    console.print(f"Checked {_shown(place)}: {len(report.outcomes):,} rules, {against}: {verdict}.", soft_wrap=True)
    if not report.explained:
        raise typer.Exit(1)


@app.command()
def package(folder: Annotated[Path, typer.Argument(help="Folder of an extract.")]) -> None:
    """Write datapackage.json into an extract, for tools that read Frictionless Data Packages."""
    from leocourse.validation.package import export

    console.print(f"Data package: {_shown(export(extract_folder(folder).resolve()))}", soft_wrap=True)


@app.command()
@in_course
def fidelity(
    people: Annotated[int, typer.Option(help="Lives to simulate, all of the six birth cohorts compared.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Decides every draw.")] = LESSON_SEED,
    record: Annotated[
        bool,
        typer.Option(
            help="Also measure the low-fidelity mode, and keep the results for the page of the book. "
            "A million people take about twelve minutes on two cores."
        ),
    ] = False,
) -> None:
    """Compare simulated lives with published figures, and write every figure to _build/fidelity.csv."""
    from leocourse.fidelity.published import report, summary

    root, started = Path.cwd(), perf_counter()
    with bar() as progress:
        task = progress.add_task("Simulating lives")
        figures = report(root, people, seed, lambda done, total: progress.update(task, completed=done, total=total))
    counted = summary(figures)
    table = Table(title="Figures within tolerance")
    for column in ("Breakdown", "Figures", "Within", "Of", "Per cent"):
        table.add_column(column)
    for row in counted.itertuples():
        share = f"{100 * row.within / row.figures:.0f}"
        table.add_row(row.breakdown, row.measure, str(row.within), str(row.figures), share)
    console.print(table)
    if record:
        from leocourse.fidelity.recording import PEOPLE_SHUFFLED, record_correlations, record_figures

        path = record_figures(root, figures, people, seed, perf_counter() - started)
        with console.status("Measuring the low-fidelity mode"):  # fewer are enough for correlations
            command = f"leo fidelity --record --people {people} --seed {seed}"
            record_correlations(root, min(people, PEOPLE_SHUFFLED), seed, command=command)
    else:
        path = keep.put(Path("_build"), "fidelity.csv", figures.to_csv(index=False, float_format="%.6g"))
    total = counted.iloc[-1]
    console.print(f"Fidelity: {total['within']} of {total['figures']} within tolerance, {_shown(path)}")


@app.command()
@in_course
def record(
    names: Annotated[list[str] | None, typer.Argument(help="Steps to run. Default: all that are stale.")] = None,
    show: Annotated[bool, typer.Option("--list", help="Say what is current and how long each step takes.")] = False,
    force: Annotated[bool, typer.Option(help="Run them even if they are current.")] = False,
) -> None:
    """Compute again what is kept in data/ and depends on the simulation: hashes, effects, fidelity.

    Each step says about how long it takes before it starts; all together about twenty minutes on two cores.
    Steps that are current are left out, so an interrupted run goes on where it stopped.
    """
    from leocourse.fidelity.recording import steps

    root = Path.cwd()
    for step in steps(names):
        if step.current(root) and not force:
            console.print(f"{step.name}: current ({step.about})", soft_wrap=True)
            continue
        minutes = f"about {step.minutes} {'minute' if step.minutes == 1 else 'minutes'} on two cores"
        console.print(f"{step.name}: {'stale, ' if show else ''}{minutes} ({step.about})", soft_wrap=True)
        if not show:
            with bar() as progress:
                task = progress.add_task(step.name)
                step.run(root, lambda done, total: progress.update(task, completed=done, total=total))  # noqa: B023
            console.print(f"{step.name}: recorded", soft_wrap=True)


@app.command()
def measures() -> None:
    """List the measures: derived variables, each one documented SQL file."""
    from leocourse.measures import measures as listed

    table = Table(title="Measures")
    for column in ("Name", "What it is", "Group"):
        table.add_column(column, overflow="fold")
    for row in listed().itertuples(index=False):
        table.add_row(*row)
    console.print(table)


@app.command()
def measure(
    name: Annotated[str, typer.Argument(help="Name of a measure: see 'leo measures'.")],
    param: Annotated[list[str] | None, typer.Option(help="A parameter as name=value. May be repeated.")] = None,
    output: Annotated[Path | None, typer.Option(help="CSV file to write all rows to. Default: show ten.")] = None,
    extract: Annotated[Path | None, typer.Option(help="Folder of an extract. Default: the lesson extract.")] = None,
) -> None:
    """Compute a measure on an extract, and show its first rows or write them all to a file."""
    import duckdb

    from leocourse.core.connect import connect
    from leocourse.measures import load
    from leocourse.measures import measure as compute

    of = load(name)
    with connect(extract) as con:
        rows = compute(con, name, **of.parse(param or []))
        if output is None:
            console.print(f"{of.title}: {of.grain}", soft_wrap=True)
            console.print(rows.limit(10).df().to_string(index=False), soft_wrap=True, highlight=False, markup=False)
            return
        try:
            with keep.replacing(output) as part:
                rows.order(", ".join(of.key)).write_csv(part.as_posix(), header=True)
        except duckdb.IOException as error:
            raise LeoError(f"Cannot write {output}: {error}") from error
    console.print(f"{of.title}: {of.grain}, in {_shown(output.absolute())}", soft_wrap=True)


@app.command()
@in_course
def release(
    per_learner: Annotated[
        Path | None,
        typer.Option(help="CSV with id and name: an extract of their own for each, in learners/.", resolve_path=True),
    ] = None,
) -> None:
    """Generate exercises/ from solutions/ with nbgrader, and the keys for the lesson extract.

    What somebody changed in exercises/ is moved into work/.
    With --per-learner, also a folder for each learner to hand out, with the notebooks and an extract of their own.
    """
    from leocourse.authoring.release import MADE, put_in_place
    from leocourse.grading.learners import read_roster

    root = Path.cwd()
    learners = read_roster(per_learner) if per_learner else []
    steps = cli_steps.course_steps(root)
    with console.status("Releasing notebooks"):
        made = steps.make("release", _plain)
        notebooks = put_in_place(root, root / MADE, _plain)  # also what was changed in exercises/ since
    with console.status("Computing keys"):
        made = steps.make("keys", _plain) or made
    what = ", ".join(_shown(path) for path in notebooks) if made else "current, in exercises"
    console.print(f"Release: {what}")
    _release_to(root, learners)


def _plain(line: str) -> None:
    """Say a line that may hold names from outside."""
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def _release_to(root: Path, learners: list[Any]) -> None:
    """Make the folders of learners who get an extract of their own."""
    if not learners:
        return
    from leocourse.grading.learners import release_to
    from leocourse.grading.secret import secret_file

    with bar() as progress:
        task = progress.add_task("Making extracts", total=len(learners))
        folders = release_to(
            root, learners, progress=lambda name, done, total: progress.update(task, completed=done, description=name)
        )
    console.print(f"Learners: {len(folders)}, in {_shown(folders[0].parent)}", soft_wrap=True, markup=False)
    console.print(f"Keep a copy of {_shown(secret_file(root))}: without it these extracts cannot be made again.")


@app.command()
@in_course
def book(
    fresh: Annotated[bool, typer.Option(help="Run every notebook again.")] = False,
    web: Annotated[bool, typer.Option(help="SQL cells and questions run in the page (needs Node).")] = True,
) -> None:
    """Run the lessons and build the book. Does nothing if nothing changed."""
    with console.status("Building the book"):
        index = cli_steps.build(Path.cwd(), fresh=fresh, web=web, say=_plain)
    console.print(f"Book: {_shown(index)}")


@app.command()
def progress(
    show: Annotated[bool, typer.Option("--show", help="Say what is read and solved (also without options).")] = False,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Record right answers in notebooks, or stop.")] = None,
    export: Annotated[Path | None, typer.Option(help="Write the progress to a file for the book or elsewhere.")] = None,
    take_in: Annotated[
        Path | None, typer.Option("--import", help="Merge a file that the book or this command wrote.")
    ] = None,
) -> None:
    """Keep your progress on this machine, in the same file as the book in a browser: with what you typed there.

    Nothing is recorded unless you say --on, and nothing is sent anywhere.
    """
    from leocourse.core import progress as kept

    if on is not None:
        kept.switch(on)
        console.print(f"Right answers in notebooks are {'now' if on else 'no longer'} recorded in {kept.folder()}.")
    if take_in is not None:
        differ = kept.take_in(take_in)
        console.print(f"Imported: {take_in}", soft_wrap=True, markup=False)
        if differ:
            console.print(f"Places where it has another text than your own progress: {differ}. Both texts are kept.")
    if export is not None:
        with tempfile.TemporaryDirectory() as scratch:
            keep.write(export, kept.write(kept.read(), Path(scratch) / export.name).read_bytes())
        console.print(f"Exported: {_shown(export.absolute())}", soft_wrap=True, markup=False)
    if show or not (take_in or export or on is not None):
        for line in kept.summary(kept.read()):
            console.print(line, markup=False, highlight=False)
        if not kept.recording():
            console.print("Right answers in notebooks are not recorded. Switch it on with 'leo progress --on'.")


@app.command()
@in_course
def offline(
    output: Annotated[Path, typer.Option(help="Folder to write to, seen from the folder of the course.")] = Path(
        "_build"
    )
    / "offline",
    pdf: Annotated[bool, typer.Option(help="Also print the whole book to one PDF; needs Chromium.")] = True,
    csv: Annotated[bool, typer.Option(help="Also a zip of the extract as CSV, in both modes.")] = True,
    chromium: Annotated[str, typer.Option(help="Command or path of Chromium. Default: found, or $LEO_CHROMIUM.")] = "",
) -> None:
    """Make what works without a network: the site with notebooks and data as one zip, a PDF, the extract as CSV."""
    from leocourse.site import offline as pack

    root = Path.cwd()
    with console.status("Building the book"):
        cli_steps.build(root, say=_plain)
    with bar() as progress:
        task = progress.add_task("Packing", total=None)

        def show(what: str, done: int = 0, total: int | None = None) -> None:
            progress.update(task, description=what, completed=done, total=total)

        steps = cli_steps.offline_steps(root, output, show, chromium)
        wanted = [("offline-site", pack.SITE_ZIP)]
        wanted += [("offline-csv", pack.CSV_ZIP)] * csv + [("offline-pdf", pack.PDF)] * pdf
        for name, _ in wanted:
            steps.make(name)
    made = [output / file for _, file in wanted]
    for path in made:
        console.print(f"Offline: {_shown(path.resolve())}, {path.stat().st_size / 1e6:,.1f} MB", soft_wrap=True)


@app.command()
@in_course
def lite(
    output: Annotated[Path, typer.Option(help="Folder to write to, seen from the folder of the course.")] = Path(
        "_build"
    )
    / "html"
    / "lite",
    pyodide: Annotated[
        Path | None, typer.Option(help="Folder of a Pyodide distribution to serve. Default: Pyodide's own address.")
    ] = None,
) -> None:
    """Build the JupyterLite site: exercises and lessons as notebooks that run in a browser."""
    with console.status("Building JupyterLite"):
        index = cli_steps.lite(Path.cwd(), output, pyodide)
    console.print(f"JupyterLite: {_shown(index.resolve())}", soft_wrap=True)


@app.command()
def grade(
    folder: Annotated[Path, typer.Argument(help="Folder or zip of submissions: <student>/<assignment>.ipynb.")],
    output: Annotated[Path | None, typer.Option(help="Where marks go. Default: the folder of the course.")] = None,
    seeds: Annotated[
        tuple[int, int] | None, typer.Option(help="Seeds of the two extracts to mark on. Default: fresh ones.")
    ] = None,
    gradebook: Annotated[
        str | None, typer.Option(help="URL of another gradebook, such as postgresql://user@host/name.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Submissions at a time. Default: one a core.", min=1)] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler whose cluster marks.")] = None,
    force: Annotated[bool, typer.Option(help="Mark again what was marked before and has not changed.")] = False,
    sandbox: Annotated[str, typer.Option(help="bubblewrap (default), podman or docker; or $LEO_SANDBOX.")] = "",
    image: Annotated[str, typer.Option(help="Image for podman or docker. Default: $LEO_SANDBOX_IMAGE.")] = "",
    unsafe: Annotated[bool, typer.Option(help="Mark without a sandbox: submissions run with your rights.")] = False,
) -> None:
    """Mark submissions in a sandbox, on two extracts that nobody has seen.

    A run that was interrupted goes on where it stopped when the same command is run again.
    Exit code 0: all were marked. 1: some could not be; they are listed, and the rest are marked.
    2: nothing could be marked.
    """
    if os.name != "posix":
        raise LeoError("Marking needs Linux or macOS: it limits what a submission may use in ways Windows has not.")
    from leocourse.grading.entering import UNSAFE
    from leocourse.grading.grade import grade as run
    from leocourse.grading.isolation.sandbox import isolation

    root = course_root()
    target = (output or root).resolve()
    how = isolation(sandbox, image, unsafe)
    with bar() as progress:
        task = progress.add_task("Making two unseen extracts", total=None)

        def show(student: str, done: int, total: int) -> None:
            progress.update(task, description=f"Marked {plain.one_line(student)}", completed=done, total=total)

        done = run(
            folder.resolve(), root, target, list(seeds) if seeds else None, how, workers=workers,
            progress=show, gradebook=gradebook, force=force, scheduler=scheduler,
        )  # fmt: skip
    console.print(_marks_table(done))
    if unsafe:
        errors.print(UNSAFE, style="red", soft_wrap=True)
    before = sum(each.again for each in done)
    if before:
        console.print(f"Marked before and unchanged: {before}. Mark them again with --force.")
    drawn = next((each.seeds for each in done if each.seeds and not each.again), None)
    if drawn:
        console.print(f"Seeds of the extracts: {' '.join(map(str, drawn))}")
    console.print(f"Marks: {_shown(target / 'marks' / 'marks.csv')}", soft_wrap=True)
    console.print(f"Every file and what became of it: {_shown(target / 'marks' / 'files.csv')}", soft_wrap=True)
    console.print(f"Feedback: {_shown(target / 'feedback')}", soft_wrap=True)
    if any(each.problem for each in done):
        raise typer.Exit(1)


@app.command()
def report(
    folder: Annotated[Path | None, typer.Argument(help="Where marks went. Default: the folder of the course.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where the report goes. Default: report/ beside the marks.")
    ] = None,
    gradebook: Annotated[str | None, typer.Option(help="URL of another gradebook.")] = None,
    pseudonymous: Annotated[bool, typer.Option(help="Codes instead of names, and no texts of submissions.")] = False,
) -> None:
    """Report on what was marked: a page with plots, and CSV for Canvas, Moodle, Blackboard and nbgrader.

    With --pseudonymous names become codes, the same ones each time, made with the course's secret.
    """
    from leocourse.grading.books.report import write_report

    root = course_root()
    marked = (folder or root).resolve()
    with console.status("Reading marks"):
        made = write_report(root, marked, (output or marked / "report").resolve(), gradebook, pseudonymous)
    for path in made:
        console.print(f"Report: {_shown(path)}", soft_wrap=True)


@app.command()
def srs(
    measure: Annotated[str | None, typer.Argument(help="A measure to write as T-SQL.")] = None,
    project: Annotated[str, typer.Option(help="Your project number, the schema of its views.")] = "2005003",
    param: Annotated[
        list[str] | None, typer.Option(help="A parameter of the measure: rule=5-of-6. Repeatable.")
    ] = None,
    check: Annotated[Path | None, typer.Option(help="Say what in this file SQL Server 2019 will refuse.")] = None,
    script: Annotated[Path | None, typer.Option("--from", help="Run this file of T-SQL on an extract.")] = None,
    extract: Annotated[Path | None, typer.Option(help="Folder of the extract for --from.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write here: .sql for a measure, .csv for --from.")] = None,
) -> None:
    """Write T-SQL for the Secure Research Service, check your own SQL for it, or run T-SQL from it here.

    Exit code of --check: 0 if nothing was found that fails there, 1 if something was. It says what it did not look at.
    """
    from leocourse.srs import command

    if sum(each is not None for each in (measure, check, script)) != 1:
        raise LeoError("Name a measure, or give --check FILE or --from FILE.")
    if check is not None:
        lines, fails = command.checked(check)
    elif script is not None:
        lines, fails = command.ran(script, extract, output), False
    else:
        lines, fails = command.written(measure, project, param or [], output), False
    for line in lines:
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if fails:
        raise typer.Exit(1)


@app.command()
def doctor(
    sandbox: Annotated[str, typer.Option(help="bubblewrap (default), podman or docker; or $LEO_SANDBOX.")] = "",
    image: Annotated[str, typer.Option(help="Image for podman or docker. Default: $LEO_SANDBOX_IMAGE.")] = "",
) -> None:
    """Say which sandbox marking uses, what it enforces, and prove it by trying to break out.

    Exit code 0: everything holds. 1: something does not. 2: there is no sandbox.
    """
    from leocourse.grading.isolation.doctor import examine
    from leocourse.grading.isolation.sandbox import isolation

    how = isolation(sandbox, image)
    with console.status("Trying the sandbox"):
        limits, probes = examine(how)
    console.print(f"Sandbox: {how.name}{f' ({how.image})' if how.image else ''}")
    for line in limits:
        console.print(f"  {line}")
    table = Table(title="What student code tried in it")
    for column in ("Tried", "Came out", ""):
        table.add_column(column, overflow="fold")
    for probe in probes:
        table.add_row(probe.tried, probe.outcome, "held" if probe.held else "DID NOT HOLD")
    console.print(table)
    if not all(probe.held for probe in probes):
        raise typer.Exit(1)


@app.command()
@in_course
def course() -> None:
    """Everything, in order: extract, release, book, and the marking of three sample submissions."""
    extract()
    release()
    book()
    samples(None)
    console.print()
    console.print(f"Open the book:       {_shown(Path.cwd() / '_build' / 'html' / 'index.html')}  (or: make serve)")
    console.print("Open JupyterLab:     make lab  (or: leo lab)")
    console.print("Mark a folder:       leo grade FOLDER")
    console.print("All data are simulated. They describe nobody and say nothing about England.")


@app.command()
@in_course
def samples(
    assignment: Annotated[
        str | None, typer.Argument(help=f"An assignment, as 02 or by its name. Default: {SAMPLE_ASSIGNMENT}.")
    ] = None,
) -> None:
    """Mark three sample submissions: a right one, one with slips, an empty one."""
    from leocourse.authoring.question import find_assignment
    from leocourse.grading.books.report import read_marks

    root = Path.cwd()
    chosen = find_assignment(root, assignment or SAMPLE_ASSIGNMENT).name
    marked = cli_steps.samples_of(chosen)[1]
    with console.status("Marking three samples"):
        made = cli_steps.course_steps(root, samples=chosen).make(cli_steps.samples_step(chosen), _plain)
    console.print(_marks_table(read_marks(marked / "marks" / "marks.csv")))
    if made:
        console.print(f"Feedback: {marked / 'feedback'}")


@app.command()
@in_course
def why(names: Annotated[list[str] | None, typer.Argument(help="Steps. Default: all of them.")] = None) -> None:
    """Say of each step of the course whether it is current, or why it would be done again. Does nothing."""
    steps = cli_steps.course_steps(Path.cwd())
    for name in names or steps.table:
        if name not in steps.table:
            raise LeoError(f"There is no step '{plain.one_line(name)}': choose from {', '.join(steps.table)}.")
        _plain(f"{name}: {steps.why(name) or 'current'}")


@app.command("check-question")
@in_course
def check_question(
    assignment: Annotated[str, typer.Argument(help="An assignment, as 02 or by its name.")],
    question: Annotated[str, typer.Argument(help="A question of it, as q5.")],
) -> None:
    """Try one question on the lesson extract: its answers, the messages of its slips, its hints.

    Exit code 1: something in the question is wrong; it is marked with a cross.
    """
    from leocourse.authoring import check_question as trial
    from leocourse.authoring.question import find_assignment

    root, started, wrong = Path.cwd(), perf_counter(), 0
    folder = find_assignment(root, assignment)
    name = trial.question_name(folder, question)
    try:
        for line in trial.check_question(root, root / LESSON_EXTRACT, folder, name):
            wrong += line.fine is False
            mark, style = {None: ("", None), True: ("✓ ", None), False: ("✗ ", "red")}[line.fine]
            console.print(f"{mark}{line.text}", style=style, soft_wrap=True, highlight=False)
    except LeoError as error:
        errors.print(f"leo: {folder.name} {name}: {error}", style="red", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from None
    verdict = f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong" if wrong else "all is right"
    console.print(f"{folder.name} {name}: {verdict}, in {perf_counter() - started:.1f} seconds.", highlight=False)
    if wrong:
        raise typer.Exit(1)


@app.command(context_settings={"ignore_unknown_options": True})
def lab(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for JupyterLab.")] = None,
    course: Annotated[
        bool, typer.Option("--course", help="Open the folder of the course: for teachers, and the formgrader.")
    ] = False,
) -> None:
    """Open JupyterLab in work/, on your own copies of lessons and assignments. Copies what is missing."""
    from leocourse import work as copies
    from leocourse.authoring.release import tool_environment

    root = course_root() if course else copies.course_folder()
    command = [sys.executable, "-m", "jupyterlab"]
    if not course:
        folder = copies.prepare(root, _plain)
        command += [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{copies.START}"]
    done = subprocess.run([*command, *(arguments or [])], cwd=root, env=tool_environment(), check=False)
    raise typer.Exit(done.returncode)


work_app = typer.Typer(help="Your own copies of lessons and assignments, in work/.", rich_markup_mode=None)
app.add_typer(work_app, name="work", invoke_without_command=True)


@work_app.callback()
def work(context: typer.Context) -> None:
    """Your own copies of lessons and assignments, in work/: copies what is missing, and replaces nothing."""
    from leocourse.work import START, prepare

    if context.invoked_subcommand is None:
        folder = prepare(say=_plain)
        _plain(f"Your copies: {_shown(folder)}. Begin with {_shown(folder / START)} (make lab, or leo lab).")


@work_app.command("update")
def work_update(
    notebooks: Annotated[list[Path] | None, typer.Argument(help="Copies elsewhere. Default: all in work/.")] = None,
) -> None:
    """Write what you wrote in copies of an older release into the new one. The old files are kept.

    Exit code 0: all are up to date. 1: a notebook could not be read; it is named, and left as it is.
    """
    from leocourse.work import update

    if not update(paths=notebooks or [], say=_plain):
        raise typer.Exit(1)


@work_app.command("status")
def work_status() -> None:
    """Say of each copy whether it is of the release that the course hands out now."""
    from leocourse.work import WORK, course_folder, status

    root = course_folder()
    table = Table(title=f"Copies in {WORK}")
    for column in ("Copy", ""):
        table.add_column(column, overflow="fold")
    for each in status(root):
        table.add_row(Text(each.path), each.state)
    console.print(table)


@app.command()
@in_course
def serve(port: Annotated[int, typer.Option(help="Port on this machine.", min=1024, max=65_535)] = 8000) -> None:
    """Serve the built book on this machine."""
    site = Path("_build") / "html"
    if not (site / "index.html").is_file():
        raise LeoError("There is no built book yet: run 'leo book' (or 'make course').")
    handler = functools.partial(SiteHandler, directory=str(site))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise LeoError(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from error
    console.print(f"The book is at http://127.0.0.1:{port}/ . Stop with Ctrl+C.")
    server.serve_forever()


@app.command()
@in_course
def test(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for pytest.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The slow tests too.")] = False,
) -> None:
    """Run the tests that continuous integration runs."""
    from leocourse.authoring.release import tool_environment

    command = [sys.executable, "-m", "pytest", *(["-m", "slow or not slow"] if everything else []), *(arguments or [])]
    raise typer.Exit(subprocess.run(command, env=tool_environment(), check=False).returncode)


@app.command()
@in_course
def check(
    since: Annotated[str, typer.Option(help="Commit that the change is measured from.")] = "HEAD",
    everything: Annotated[bool, typer.Option("--all", help="Without a limit of time.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only say what would run.")] = False,
) -> None:
    """Run what concerns a change, nearest first, in about a minute; says what is left for 'leo test'."""
    from leocourse.authoring.release import tool_environment

    words = ["--since", since, *(["--all"] if everything else []), *(["--list"] if listed else [])]
    command = [sys.executable, str(Path("tests") / "concerned.py"), *words]
    raise typer.Exit(subprocess.run(command, env=tool_environment(), check=False).returncode)


@app.command()
@in_course
def figures(
    names: Annotated[list[str] | None, typer.Argument(help="Benchmarks to run. Default: all but the longest.")] = None,
    fresh: Annotated[bool, typer.Option(help="Begin anew where a run was interrupted.")] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Measure nothing: only write the page from what is kept.")
    ] = False,
) -> None:
    """Measure how fast and how large everything is, and write docs/measured.md.

    Each result is kept as soon as it is there, in benchmarks/results: a run that was interrupted goes on with the
    rest when the same command is run again. Exit code 1: something could not be measured.
    """
    from leocourse.site.figures import chosen, measure, plan, write_page

    root, failed = Path.cwd(), []

    def say(line: str) -> None:
        console.print(line, soft_wrap=True, markup=False, highlight=False)

    if not page:
        asked = chosen(names or [])
        for line in plan(root, asked):
            say(line)
        failed = measure(root, asked, say, fresh)
    say(f"Figures: {_shown(write_page(root))}")
    if failed:
        raise typer.Exit(1)


@app.command()
@in_course
def clean(
    marks: Annotated[
        bool, typer.Option(help="Also move gradebook, submissions and feedback away, into a dated folder.")
    ] = False,
) -> None:
    """Remove what is generated: the extract, the built book, the samples. What somebody made or changed stays.

    With --marks, gradebook, submissions, feedback and reports are moved into a dated folder. None is deleted.
    """
    left = [str(Path(place, path)) for place in GENERATED for path in keep.remove_ours(Path(place))]
    console.print(f"Removed: what the course made in {', '.join(GENERATED)}", soft_wrap=True)
    if left:
        more = f" and {len(left) - LEFT_SHOWN:,} more" if len(left) > LEFT_SHOWN else ""
        line = f"Left, as somebody made or changed them: {', '.join(left[:LEFT_SHOWN])}{more}"
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if marks:
        there = [path for name in MARKS for path in sorted(Path().glob(name))]
        kept = keep.move_out(Path(), map(str, there), Path("marks"))
        line = f"Moved to {kept}, which you may delete when nobody needs it: {', '.join(map(str, there))}"
        console.print(line if kept else "There are no marks to move.", soft_wrap=True, markup=False, highlight=False)


def _marks_table(done: list[Any]) -> Table:
    table = Table(title="Marks")
    for column in ("Student", "Assignment", "Points", "What was found"):
        table.add_column(column, overflow="fold")
    for each in done:
        if each.problem:
            table.add_row(
                plain.one_line(each.student or each.name), plain.one_line(each.assignment), "not marked", each.problem
            )
            continue
        slips = [f"{r.question}: {r.misconception or r.status}" for r in each.results if r.status != "right"]
        found = ["; ".join(slips) or "all right"]
        found += [f"{', '.join(each.to_read)} to be marked by a person"] if each.to_read else []
        table.add_row(
            plain.one_line(each.student), each.assignment, f"{each.score:g} of {each.points:g}", "; ".join(found)
        )
    return table


def _rules_table(report: Any) -> Table:
    """Tables and kinds of rule: how many rules were tried, and the rows that break them."""
    table = Table(title="Rules")
    table.add_column("Table", overflow="fold")
    table.add_column("Kind of rule")
    for column in ("Rules", "Violations", "Planted", "Not explained"):
        table.add_column(column, justify="right")
    kinds: dict[tuple[str, str], list[Any]] = {}
    for outcome in report.outcomes:
        kinds.setdefault((outcome.table, outcome.kind), []).append(outcome)
    shown = ""
    for (name, kind), outcomes in kinds.items():
        rows, planted = (sum(getattr(each, figure) for each in outcomes) for figure in ("rows", "planted"))
        numbers = [f"{figure:,}" if figure else "" for figure in (rows, planted, rows - planted)]
        table.add_row("" if name == shown else name, kind, str(len(outcomes)), *numbers)
        shown = name
    return table


def _shown(path: Path) -> str:
    """A path as short as it is clear: relative to where the user stands, if it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
