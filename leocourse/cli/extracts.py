"""Commands about an extract: simulate it, check it, compare it with published figures, record what depends on it."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.table import Table

from leocourse.cli import steps_table
from leocourse.cli.steps_table import ADVANCED_PEOPLE, LESSON_PEOPLE, LESSON_SEED, tables_of_estimates
from leocourse.cli.terminal import bar, console, errors, in_course, shown
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import ADVANCED_EXTRACT, LESSON_EXTRACT, course_root, extract_folder, read_manifest


def extract(
    advanced: Annotated[
        bool, typer.Option("--advanced", help="The advanced extract: 400,000 people, the tables that estimates read.")
    ] = False,
    people: Annotated[
        int | None, typer.Option(help="How many lives of the school cohorts; beside nine is an adult. Default: 20,000.")
    ] = None,
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

    usual, place = (ADVANCED_PEOPLE, ADVANCED_EXTRACT) if advanced else (LESSON_PEOPLE, LESSON_EXTRACT)
    people = usual if people is None else people
    folder = (output or course_root() / place).resolve()
    left_out, only = tuple(without or ()), tables_of_estimates() if advanced else ()
    asked = (people, seed, left_out, mode, file_format, only)
    of_lessons = (LESSON_PEOPLE, LESSON_SEED, (), "teaching", "parquet", ())
    if record and asked != of_lessons:
        raise LeoError("--record is for the lesson extract: leave people, seed, mode, format and faults as they are.")

    def simulate(folder: Path) -> None:
        with bar() as progress:
            task = progress.add_task("Simulating lives")
            generate(
                folder, people, seed, left_out, lambda done, total: progress.update(task, completed=done, total=total),
                mode=mode, file_format=file_format, workers=workers, scheduler=scheduler, only=only,
            )  # fmt: skip

    if asked == of_lessons and _is_lesson_extract(folder):
        made = steps_table.course_steps(course_root(), simulate).make("extract", force=force or record)
    else:
        made = force or not is_current(folder, *asked)
        if made:
            simulate(folder)
    if not made:
        console.print(f"Extract: current, {people:,} people, seed {seed}, in {shown(folder)}")
        return
    rows = _made(folder, record)
    console.print(f"Extract: {people:,} people, {rows:,} rows, seed {seed}, in {shown(folder)}")


def _made(folder: Path, record: bool) -> int:
    """The number of rows of an extract that was made just now; what it holds is recorded if that was asked for."""
    manifest = read_manifest(folder)
    if record:
        from leocourse.fidelity.recorded import record_lesson

        record_lesson(course_root(), folder, manifest)
    return sum(table["rows"] for table in manifest["tables"].values())


def _is_lesson_extract(folder: Path) -> bool:
    """Whether a folder is that of the lesson extract, in the folder of a course."""
    try:
        return folder == (course_root() / LESSON_EXTRACT).resolve()
    except LeoError:
        return False


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
    console.print(f"Checked {shown(place)}: {len(report.outcomes):,} rules, {against}: {verdict}.", soft_wrap=True)
    if not report.explained:
        raise typer.Exit(1)


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


def package(folder: Annotated[Path, typer.Argument(help="Folder of an extract.")]) -> None:
    """Write datapackage.json into an extract, for tools that read Frictionless Data Packages."""
    from leocourse.validation.package import export

    console.print(f"Data package: {shown(export(extract_folder(folder).resolve()))}", soft_wrap=True)


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
    console.print(f"Fidelity: {total['within']} of {total['figures']} within tolerance, {shown(path)}")


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
