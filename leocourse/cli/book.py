"""Commands that make the book, and the copies of it that work without a network."""

from __future__ import annotations

import functools
import http.server
import os
from pathlib import Path
from typing import Annotated

import typer

from leocourse.cli import steps_table
from leocourse.cli.extracts import extract
from leocourse.cli.terminal import bar, console, in_course, say, shown
from leocourse.core.errors import LeoError
from leocourse.site.serve import SiteHandler


@in_course
def book(
    fresh: Annotated[bool, typer.Option(help="Run every notebook again.")] = False,
    web: Annotated[bool, typer.Option(help="SQL cells and questions run in the page (needs Node).")] = True,
) -> None:
    """Run the lessons and build the book. Does nothing if nothing changed."""
    with console.status("Building the book"):
        index = steps_table.build(Path.cwd(), fresh=fresh, web=web, say=say)
    console.print(f"Book: {shown(index)}")


@in_course
def advanced(
    names: Annotated[
        list[str] | None, typer.Argument(help="Lessons to run, by their file's name. Default: those that need it.")
    ] = None,
    fresh: Annotated[bool, typer.Option(help="Run them even if their outputs are current.")] = False,
) -> None:
    """Run the advanced lessons whose outputs are not current, and keep these in book/advanced/outputs.

    Makes the advanced extract first, if it is not there. The book shows what is kept, so it needs no such extract.
    """
    from leocourse.site import stored
    from leocourse.site.build import advanced_lessons, child_environment

    root = Path.cwd()
    pages = advanced_lessons(root)
    if unknown := sorted({*(names or ())} - {page.stem for page in pages}):
        raise LeoError(f"There is no advanced lesson '{unknown[0]}': there are {', '.join(p.stem for p in pages)}.")
    wanted = [page for page in pages if not names or page.stem in names]
    todo = list(stored.to_run(root, wanted, everything=fresh))
    if not todo:
        console.print("Advanced lessons: outputs are current.")
        return
    steps_table.course_steps(root).make("keys", say)  # exercises in the lessons are checked with them
    extract(advanced=True)
    for page, why in todo:
        say(f"{page.stem}: {why}")
        with console.status(f"Running {page.stem}"):
            slowest = stored.run(root, page, child_environment(os.environ))
        slow = f", more than {stored.SLOW:.0f}" if slowest > stored.SLOW else ""
        console.print(f"{page.stem}: done, its slowest cell took {slowest:.1f} s{slow}", soft_wrap=True)


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
        steps_table.build(root, say=say)
    with bar() as progress:
        task = progress.add_task("Packing", total=None)

        def show(what: str, done: int = 0, total: int | None = None) -> None:
            progress.update(task, description=what, completed=done, total=total)

        steps = steps_table.offline_steps(root, output, show, chromium)
        wanted = [("offline-site", pack.SITE_ZIP)]
        wanted += [("offline-csv", pack.CSV_ZIP)] * csv + [("offline-pdf", pack.PDF)] * pdf
        for name, _ in wanted:
            steps.make(name)
    made = [output / file for _, file in wanted]
    for path in made:
        console.print(f"Offline: {shown(path.resolve())}, {path.stat().st_size / 1e6:,.1f} MB", soft_wrap=True)


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
        index = steps_table.lite(Path.cwd(), output, pyodide)
    console.print(f"JupyterLite: {shown(index.resolve())}", soft_wrap=True)


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
    say(f"Figures: {shown(write_page(root))}")
    if failed:
        raise typer.Exit(1)
