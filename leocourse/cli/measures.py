"""Commands about measures, here and in SQL for the secure service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from leocourse.cli.terminal import console, shown
from leocourse.core import keep
from leocourse.core.errors import LeoError


def measures() -> None:
    """List the measures: derived variables, each one documented SQL file."""
    from leocourse.measures import measures as listed

    table = Table(title="Measures")
    for column in ("Name", "What it is", "Group"):
        table.add_column(column, overflow="fold")
    for row in listed().itertuples(index=False):
        table.add_row(*row)
    console.print(table)


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
    console.print(f"{of.title}: {of.grain}, in {shown(output.absolute())}", soft_wrap=True)


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
