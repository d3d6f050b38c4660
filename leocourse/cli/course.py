"""Commands for the course as a whole, and for who works on it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from leocourse.cli import steps_table
from leocourse.cli.book import book
from leocourse.cli.extracts import extract
from leocourse.cli.marking import release, samples
from leocourse.cli.terminal import console, errors, in_course, say, shown
from leocourse.core import keep, plain
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT

GENERATED = ("_build", "data/extract", "book/reference/generated")
MARKS = ("gradebook.db*", "submitted", "earlier", "autograded", "feedback", "marks", "report")
"""What marking writes: patterns of names."""
LEFT_SHOWN = 5
KEPT = re.compile(r"\.kept-\d{8}-\d{6}")
"""In the name of what :mod:`leocourse.core.keep` has put aside."""


@in_course
def course() -> None:
    """Everything, in order: extract, release, book, and the marking of three sample submissions."""
    extract()
    release()
    book()
    samples(None)
    console.print()
    console.print(f"Open the book:       {shown(Path.cwd() / '_build' / 'html' / 'index.html')}  (or: make serve)")
    console.print("Open JupyterLab:     make lab  (or: leo lab)")
    console.print("Mark a folder:       leo grade FOLDER")
    console.print("All data are simulated. They describe nobody and say nothing about England.")


@in_course
def why(names: Annotated[list[str] | None, typer.Argument(help="Steps. Default: all of them.")] = None) -> None:
    """Say of each step of the course whether it is current, or why it would be done again. Does nothing."""
    steps = steps_table.course_steps(Path.cwd())
    for name in names or steps.table:
        if name not in steps.table:
            raise LeoError(f"There is no step '{plain.one_line(name)}': choose from {', '.join(steps.table)}.")
        say(f"{name}: {steps.why(name) or 'current'}")


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
    aside = sorted({_kept_as(path) for path in left if _kept_as(path)})
    left = [path for path in left if not _kept_as(path)]
    if aside:
        line = f"Kept aside by earlier commands, and left for you to delete or to use: {', '.join(aside)}"
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if left:
        more = f" and {len(left) - LEFT_SHOWN:,} more" if len(left) > LEFT_SHOWN else ""
        line = f"Left, as somebody made or changed them: {', '.join(left[:LEFT_SHOWN])}{more}"
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if marks:
        there = [path for name in MARKS for path in sorted(Path().glob(name))]
        kept = keep.move_out(Path(), map(str, there), Path("marks"))
        line = f"Moved to {kept}, which you may delete when nobody needs it: {', '.join(map(str, there))}"
        console.print(line if kept else "There are no marks to move.", soft_wrap=True, markup=False, highlight=False)


def _kept_as(path: str) -> str:
    """The file or folder that a command had put aside in which a path is; empty if it is in none."""
    parts = Path(path).parts
    return next((str(Path(*parts[: number + 1])) for number, part in enumerate(parts) if KEPT.search(part)), "")


@in_course
def check_question(
    assignment: Annotated[str, typer.Argument(help="An assignment, as 02 or by its name, or a lesson with exercises.")],
    question: Annotated[str, typer.Argument(help="A question of it, as q5.")],
) -> None:
    """Try one question on the lesson extract: its answers, the messages of its slips, its hints.

    Exit code 1: something in the question is wrong; it is marked with a cross.
    """
    from leocourse.authoring import check_question as trial
    from leocourse.authoring.exercise import exercise_folders
    from leocourse.authoring.question import find_assignment

    root, started, wrong = Path.cwd(), perf_counter(), 0
    lessons = {each.name: each for each in exercise_folders(root)}
    folder = lessons.get(assignment) or find_assignment(root, assignment)
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


@in_course
def test(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for pytest.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The slow tests too.")] = False,
) -> None:
    """Run the tests that continuous integration runs."""
    from leocourse.authoring.release import tool_environment

    command = [sys.executable, "-m", "pytest", *(["-m", "slow or not slow"] if everything else []), *(arguments or [])]
    raise typer.Exit(subprocess.run(command, env=tool_environment(), check=False).returncode)


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
