"""Commands for who hands out and marks: the release, marks, reports, the sandbox."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from leocourse.cli import steps_table
from leocourse.cli.steps_table import SAMPLE_ASSIGNMENT
from leocourse.cli.terminal import bar, console, errors, in_course, say, shown
from leocourse.core import plain
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root

DOUBTS_SHOWN = 5
"""How many doubts are said before marking; all are in the plan."""


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
    steps = steps_table.course_steps(root)
    with console.status("Releasing notebooks"):
        made = steps.make("release", say)
        notebooks = put_in_place(root, root / MADE, say)  # also what was changed in exercises/ since
    with console.status("Computing keys"):
        made = steps.make("keys", say) or made
    what = ", ".join(shown(path) for path in notebooks) if made else "current, in exercises"
    console.print(f"Release: {what}")
    _release_to(root, learners)


def _release_to(root: Path, learners: list[Any]) -> None:
    """Make the folders of learners who get an extract of their own."""
    if not learners:
        return
    from leocourse.grading.learners import release_to
    from leocourse.grading.secret import secret_file

    with bar() as progress:
        task = progress.add_task("Making extracts", total=len(learners))
        folders = release_to(
            root,
            learners,
            progress=lambda name, done, total: progress.update(task, completed=done, description=name),
            say=say,
        )
    console.print(f"Learners: {len(folders)}, in {shown(folders[0].parent)}", soft_wrap=True, markup=False)
    console.print(f"Keep a copy of {shown(secret_file(root))}: without it these extracts cannot be made again.")


def grade(
    folder: Annotated[Path, typer.Argument(help="Folder or zip of submissions, as a system for courses gives it.")],
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
    plan: Annotated[
        bool, typer.Option("--plan", help="Say whose each file is and for what, and mark nothing.")
    ] = False,
    roster: Annotated[
        Path | None, typer.Option(help="CSV with id and name (or more) of the people: settles who is who.")
    ] = None,
    table: Annotated[Path | None, typer.Option("--map", help="The table of --plan, corrected.")] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help="10/01/2026 is the tenth of January.")] = False,
    month_first: Annotated[bool, typer.Option("--month-first", help="10/01/2026 is the first of October.")] = False,
) -> None:
    """Mark submissions in a sandbox, on two extracts that nobody has seen.

    Downloads of Moodle, Canvas, Blackboard and others are recognised. First it says what was found.

    A run that was interrupted goes on where it stopped when the same command is run again.
    Exit code 0: all were marked. 1: some could not be; they are listed, and the rest are marked.
    2: nothing could be marked.
    """
    if os.name != "posix":
        raise LeoError("Marking needs Linux or macOS: it limits what a submission may use in ways Windows has not.")
    from leocourse.grading.grade import grade as run
    from leocourse.grading.isolation.sandbox import isolation

    root = course_root()
    target = (output or root).resolve()
    wanted = _wanted(root, roster, table, day_first, month_first)
    if plan:
        _show_plan(folder.resolve(), root, target, wanted)
        return
    how = isolation(sandbox, image, unsafe)
    with bar() as progress:
        task = progress.add_task("Making two unseen extracts", total=None)

        def show(student: str, done: int, total: int) -> None:
            progress.update(task, description=f"Marked {plain.one_line(student)}", completed=done, total=total)

        done = run(
            folder.resolve(), root, target, list(seeds) if seeds else None, how, workers=workers,
            progress=show, gradebook=gradebook, force=force, scheduler=scheduler, wanted=wanted, found=_say_found,
        )  # fmt: skip
    _say_marked(done, target, unsafe)
    if any(each.problem for each in done):
        raise typer.Exit(1)


def _say_marked(done: list[Any], target: Path, unsafe: bool) -> None:
    """Show the marks, and say where they are."""
    from leocourse.grading.entering import UNSAFE

    console.print(_marks_table(done))
    if unsafe:
        errors.print(UNSAFE, style="red", soft_wrap=True)
    before = sum(each.again for each in done)
    if before:
        console.print(f"Marked before and unchanged: {before}. Mark them again with --force.")
    drawn = next((each.seeds for each in done if each.seeds and not each.again), None)
    if drawn:
        console.print(f"Seeds of the extracts: {' '.join(map(str, drawn))}")
    console.print(f"Marks: {shown(target / 'marks' / 'marks.csv')}", soft_wrap=True)
    console.print(f"Every file and what became of it: {shown(target / 'marks' / 'files.csv')}", soft_wrap=True)
    console.print(f"Feedback: {shown(target / 'feedback')}", soft_wrap=True)


def _wanted(root: Path, roster: Path | None, table: Path | None, day_first: bool, month_first: bool) -> Any:
    """What the options say of people, files and dates."""
    from leocourse.authoring.question import assignment_folders
    from leocourse.grading.intake.collect import Wanted
    from leocourse.grading.intake.table import read_map
    from leocourse.grading.roster import known_as

    if day_first and month_first:
        raise LeoError("--day-first and --month-first cannot both be meant.")
    names = {folder.name: folder.name for folder in assignment_folders(root)} if table else {}
    return Wanted(
        tuple(known_as(roster)) if roster else (),
        read_map(table, names) if table else {},
        "day" if day_first else "month" if month_first else "",
    )


def _show_plan(folder: Path, root: Path, target: Path, wanted: Any) -> None:
    """Show what each file is taken for, and write it as a table that can be corrected."""
    from leocourse.core import keep
    from leocourse.grading.grade import look_through
    from leocourse.grading.intake.table import plan_csv

    _, intake = look_through(folder, root, wanted)
    shown_plan = Table(title="Plan")
    for column in ("File", "What", "Student", "Assignment", "By", "In doubt"):
        shown_plan.add_column(column, overflow="fold")
    for each in intake.plan:
        shown_plan.add_row(
            *map(plain.one_line, (each.file, each.what, each.student, each.assignment, each.rule, each.doubt))
        )
    console.print(shown_plan)
    _say_found(intake)
    path = keep.put(target / "marks", "plan.csv", plan_csv(intake.plan))
    console.print(f"Nothing was marked. The same as a table: {shown(path)}", soft_wrap=True)
    console.print("Where it is wrong, correct a copy of it and mark with --map.", soft_wrap=True)


def _say_found(intake: Any) -> None:
    """Say in a few lines what was found, before anything is marked."""
    from leocourse.grading.intake.model import EARLIER, MARK

    to_mark = [each for each in intake.submissions if not each.problem]
    people = {each.student for each in intake.submissions if each.student}
    say(f"Layout: {', '.join(intake.layouts) or 'none that is known'}")
    say(f"People: {len(people)}. Notebooks to mark: {len(to_mark)}. Not to be marked: "
        f"{len(intake.submissions) - len(to_mark)}. Files in all: {len(intake.files)}.")  # fmt: skip
    if earlier := sum(each.what == EARLIER for each in intake.plan):
        say(f"Earlier attempts, of which the last counts: {earlier}.")
    doubts = dict.fromkeys(each.doubt for each in intake.plan if each.doubt and each.what == MARK)
    for doubt in list(doubts)[:DOUBTS_SHOWN]:
        say(f"In doubt: {plain.one_line(doubt)}")
    if len(doubts) > DOUBTS_SHOWN:
        say(f"In doubt are {len(doubts) - DOUBTS_SHOWN} more: see --plan.")
    if intake.missing:
        say(f"On the roster, with nothing handed in: {', '.join(map(plain.one_line, intake.missing))}.")


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
        console.print(f"Report: {shown(path)}", soft_wrap=True)


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
    marked = steps_table.samples_of(chosen)[1]
    with console.status("Marking three samples"):
        made = steps_table.course_steps(root, samples=chosen).make(steps_table.samples_step(chosen), say)
    console.print(_marks_table(read_marks(marked / "marks" / "marks.csv")))
    if made:
        console.print(f"Feedback: {marked / 'feedback'}")


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
