"""What the command ``leo srs`` prints."""

from __future__ import annotations

from pathlib import Path

import duckdb

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.once import Unread, read_once
from leocourse.srs.bounds import bounded
from leocourse.srs.checking import look
from leocourse.srs.run import run
from leocourse.srs.writing import measure_tsql

SHOWN = 20
SQL_LIMIT = 5 * 2**20
"""Bytes that a script may have."""


def written(measure: str, project: str, parameters: list[str], output: Path | None) -> list[str]:
    """A measure as T-SQL, or where it was written. ``parameters`` are ``name=value``."""
    from leocourse.measures import load

    known = {each.name: each for each in load(measure).parameters}
    values = {}
    for each in parameters:
        name, sign, value = each.partition("=")
        if not sign:
            raise LeoError(f"--param {each}: write name=value.")
        if name not in known:
            raise LeoError(f"Measure '{measure}' has no parameter '{name}': it has {', '.join(known) or 'none'}.")
        values[name] = known[name].parse(measure, value)
    sql = measure_tsql(measure, values, project)
    if output is None:
        return [sql.rstrip()]
    keep.write(output, sql)
    return [f"T-SQL: {output}"]


def checked(file: Path) -> tuple[list[str], bool]:
    """What will not run there, by line, then the verdict, with what was not looked at; and whether anything fails."""
    script = _read(file)
    with duckdb.connect(":memory:") as con, bounded(con):
        result = look(script)
    return [*(f"{file}:{each}" for each in result.findings), f"{file}: {result.verdict}"], result.fails


def ran(file: Path, extract: Path | None, output: Path | None) -> list[str]:
    """The rows that a T-SQL script gives on an extract, as text or as a CSV file, and notes on what they mean."""
    result = run(_read(file), extract)
    lines = list(result.printed)
    if result.frame is None:
        lines.append("The script ran, and made no rows to show.")
    elif output is not None:
        keep.write(output, result.frame.to_csv(index=False))
        lines.append(f"Rows: {len(result.frame):,} in {output}")
    else:
        name = f" of {result.table}, which the script filled" if result.table else ""
        lines += [result.frame.head(SHOWN).to_string(index=False), f"{len(result.frame):,} rows{name}"]
    lines += [f"Note: {each}" for each in result.notes]
    lines.append("The rows are simulated. They describe nobody and say nothing about England.")
    return lines


def _read(file: Path) -> str:
    try:
        return read_once(file, SQL_LIMIT, follow=True).decode("utf-8-sig")
    except Unread as error:
        cause = error.__cause__
        reason = cause.strerror if isinstance(cause, OSError) else f"{str(error)[:1].lower()}{str(error)[1:-1]}"
        raise LeoError(f"{file} cannot be read: {reason}.") from None
    except UnicodeDecodeError:
        raise LeoError(f"{file} cannot be read: it is not UTF-8 text.") from None
