"""Commands for who learns: JupyterLab, their own copies, their progress."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from leocourse.cli.terminal import console, say, shown
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root

AS_ROOT = ("--allow-root", "allow_root=", "--help", "--version")
"""What JupyterLab is told, in short and in long form, to start as root, or what it says as anybody."""


def lab(
    arguments: Annotated[list[str] | None, typer.Argument(help="Arguments for JupyterLab.")] = None,
    course: Annotated[
        bool, typer.Option("--course", help="Open the folder of the course: for teachers, and the formgrader.")
    ] = False,
) -> None:
    """Open JupyterLab in work/, on your own copies of lessons and assignments. Copies what is missing."""
    from leocourse import work as copies
    from leocourse.authoring.release import tool_environment

    given = arguments or []
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not any(word in each for each in given for word in AS_ROOT):
        raise LeoError(
            "You are root, as whom JupyterLab starts only if it is told that it may: "
            "run 'leo lab --allow-root', or be another user."
        )
    root = course_root() if course else copies.course_folder()
    command = [sys.executable, "-m", "jupyterlab"]
    if not course:
        folder = copies.prepare(root, say)
        command += [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{copies.START}"]
    done = subprocess.run([*command, *given], cwd=root, env=tool_environment(), check=False)
    raise typer.Exit(done.returncode)


def work(context: typer.Context) -> None:
    """Your own copies of lessons and assignments, in work/: copies what is missing, and replaces nothing."""
    from leocourse.work import START, prepare

    if context.invoked_subcommand is None:
        folder = prepare(say=say)
        say(f"Your copies: {shown(folder)}. Begin with {shown(folder / START)} (make lab, or leo lab).")


def work_update(
    notebooks: Annotated[list[Path] | None, typer.Argument(help="Copies elsewhere. Default: all in work/.")] = None,
) -> None:
    """Write what you wrote in copies of an older release into the new one. The old files are kept.

    Exit code 0: all are up to date. 1: a notebook cannot be read; it is named, and left as it is.
    """
    from leocourse.work import update

    if not update(paths=notebooks or [], say=say):
        raise typer.Exit(1)


def work_take(
    notebooks: Annotated[
        list[Path] | None, typer.Argument(help="Copies, wherever they are. Default: all in work/ that were put aside.")
    ] = None,
) -> None:
    """Write answers from copies that were put aside into your present ones, where these have none. All files are kept.

    Exit code 0: done, or there was nothing to do. 1: nothing can be taken over from a notebook that you named.
    """
    from leocourse.work import take

    if not take(paths=notebooks or [], say=say):
        raise typer.Exit(1)


def work_status() -> None:
    """Say of each copy whether it is of the current release, and what copies that were put aside answer beyond it.

    Exit code 0: all can be read. 1: a notebook cannot be; it is named, and left as it is.
    """
    from leocourse.work import WORK, broken_line, course_folder, kept_lines, status

    root = course_folder()
    found = status(root)
    table = Table(title=f"Copies in {WORK}")
    for column in ("Copy", ""):
        table.add_column(column, overflow="fold")
    for each in found:
        table.add_row(Text(each.path), each.state)
    console.print(table)
    broken = [each for each in found if each.state == "broken"]
    for each in broken:
        say(broken_line(root, each))
    for line in kept_lines(root):
        say(line)
    if broken:
        raise typer.Exit(1)


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
        console.print(f"Exported: {shown(export.absolute())}", soft_wrap=True, markup=False)
    if show or not (take_in or export or on is not None):
        for line in kept.summary(kept.read()):
            console.print(line, markup=False, highlight=False)
        if not kept.recording():
            console.print("Right answers in notebooks are not recorded. Switch it on with 'leo progress --on'.")
