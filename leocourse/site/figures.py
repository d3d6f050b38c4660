"""What was measured: runs the benchmarks, keeps the result of each, and makes ``docs/measured.md`` from what is kept.

A result is ``benchmarks/results/<name>.json``: ``command``, ``date``, ``cores`` of the machine, ``seconds`` that the
command took (null if nobody noted it), ``rows`` (a line of the table each, by heading) and ``notes`` (sentences).
``carried`` says where a result comes from that was measured before results were kept in this form; its seconds are
the sum of its figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from leocourse.authoring.release import tool_environment
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.files import write_whole

RESULTS = Path("benchmarks") / "results"
PAGE = Path("docs") / "measured.md"
RUN = Path("_build") / "figures.json"
"""A run that is not finished: what was asked for, and what of it is done."""
FIELDS = {"command": str, "date": str, "cores": int, "rows": list, "notes": list}
MILLION = ("-m", "leocourse.cli", "extract", "--people", "1000000", "--output", "_build/million")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One benchmark: what is run for it, and what the page says above its table."""

    name: str
    title: str
    about: tuple[str, ...]
    """Sentences, a line each."""
    command: tuple[str, ...]
    """Arguments for Python: the benchmark and its options."""
    before: tuple[str, ...] = ()
    """The same for what the benchmark needs. It does nothing if that is there, and its time is not counted."""
    alone: bool = False
    """So long that it is only measured when its name is given."""

    @property
    def typed(self) -> str:
        """The command as somebody types it."""
        return shlex.join(["python", *self.command])


FIGURES = (
    Figure(
        "course", "Setting up and testing",
        ("The course is cloned into an empty folder, made, made again and tested.",
         "The packages come from uv's cache."),
        ("benchmarks/course.py", "--slow"),
    ),
    Figure(
        "marking", "Marking",
        ("Honest submissions to assignment `01` are marked in every way, and all ways give equal marks.",
         "`leo grade` runs before and after nbgrader, and the mean counts.",
         "Setting up makes two extracts and their keys, once a run.",
         "Otter is measured where `$LEO_OTTER` names the Python of an environment that has it."),
        ("benchmarks/marking.py", "--submissions", "50"),
    ),
    Figure(
        "marking-2000", "Marking many submissions",
        ("Seconds a submission do not grow with the number of submissions.",),
        ("benchmarks/marking.py", "--only", "sandbox", "--submissions", "2000"),
    ),
    Figure(
        "extract", "Making an extract",
        ("Two workers make an extract of each size, in a process of its own.",
         "DuckDB's `dbgen` writes its tables as Parquet beside it, to compare with."),
        ("benchmarks/extract.py", "20000", "100000", "1000000", "2000000", "--tpch", "_build/tpch"),
    ),
    Figure(
        "extract-39-million", "An extract of the size of the real one",
        ("This takes an hour and tens of gigabytes of disk, so it is only measured when it is asked for: "
         "`leo figures extract-39-million`.",),
        ("benchmarks/extract.py", "39000000"),
        alone=True,
    ),
    Figure(
        "measures", "Measures on a million people",
        ("A measure is one query; what it reads are others, and they are computed once on a connection.",),
        ("benchmarks/measures.py", "1000000", "--folder", "_build/million"),
        before=MILLION,
    ),
    Figure(
        "lessons", "Lessons on a million people",
        ("Every lesson runs as a notebook on the same extract.",),
        ("benchmarks/lessons.py", "_build/million"),
        before=MILLION,
    ),
    Figure(
        "checks", "A check in a notebook",
        ("Every question is checked with the right answer, with each slip of its catalogue, and with `check.why`.",
         "Seconds are the processor's, over all threads."),
        ("benchmarks/checks.py",),
    ),
    Figure(
        "diagnosis", "What is said of a wrong answer",
        ("Wrong answers that were written from the exercises alone, without the solutions, are checked.",
         "A *slip* of the catalogue is named, a *change* to the question gives the same rows, or a simple *rule*,"
         " or what the wrong rows have *in common*, is said with its evidence; else there is a symptom, with rows.",
         "A *false cause* is the name of a slip that the author of the answer has ruled out;"
         " whether a message is the true cause is for a person to judge.",
         "One answer in ten of `tests/bank` is tried here; without `--one-in` all are."),
        ("benchmarks/diagnosis.py", "tests/bank", "--shares", "--one-in", "10"),
    ),
    Figure(
        "browser", "SQL in the page",
        ("Headless Chromium opens a lesson with an empty cache and runs its first query.",),
        ("benchmarks/browser.py", "--lesson", "book/intro/building-a-cohort"),
    ),
    Figure(
        "site", "How heavy the pages are",
        ("A page with all that it loads before anything is pressed, compressed as a server would.",
         "The command fails if a page is over its limit or asks another site."),
        ("benchmarks/site.py",),
    ),
)  # fmt: skip
BY_NAME = {figure.name: figure for figure in FIGURES}


# What a benchmark gives


def json_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--json FILE`` to the options of a benchmark."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to this file")


def keep_rows(path: Path | None, rows: Sequence[dict[str, Any]], notes: Sequence[str] = ()) -> None:
    """Write what a benchmark found to the file that ``--json`` named, if it did."""
    if path is not None:
        keep.write(path, json.dumps({"rows": list(rows), "notes": list(notes)}))


# What is kept


def stored(root: Path, name: str) -> dict[str, Any] | None:
    """The result of a benchmark; None if it was never measured. Raises LeoError if it is not whole."""
    path = root / RESULTS / f"{name}.json"
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        missing = [field for field, kind in FIELDS.items() if not isinstance(found.get(field), kind)]
    except (OSError, ValueError, AttributeError) as error:
        raise LeoError(f"{path} cannot be read ({error}): measure again with 'leo figures {name}'.") from error
    if missing:
        raise LeoError(f"{path} has no {', '.join(missing)}: measure again with 'leo figures {name}'.")
    return found


def chosen(names: Sequence[str]) -> list[Figure]:
    """The benchmarks of these names, or all that are not run alone. Raises LeoError for a name that there is not."""
    for name in names:
        if name not in BY_NAME:
            near = get_close_matches(name, BY_NAME, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise LeoError(f"There is no benchmark '{name}': choose from {', '.join(BY_NAME)}.{hint}")
    return [figure for figure in FIGURES if (figure.name in names if names else not figure.alone)]


def plan(root: Path, figures: Sequence[Figure]) -> list[str]:
    """A line for each benchmark, with how long it took when it was last measured, and one for all together."""
    results = {figure.name: stored(root, figure.name) for figure in figures}
    known = {name: found["seconds"] for name, found in results.items() if found and found.get("seconds")}
    lines = [
        f"  {figure.name:<20} {duration(known[figure.name])}, measured on {results[figure.name]['date']}"
        if figure.name in known
        else f"  {figure.name:<20} nobody has noted how long it takes"
        for figure in figures
    ]
    unknown = len(figures) - len(known)
    rest = f", and {unknown} of unknown length" if unknown else ""
    return [*lines, f"In all about {duration(sum(known.values()))}{rest}. Other work on the machine slows all."]


def duration(seconds: float) -> str:
    """Seconds in words, to the nearest unit that says enough."""
    for unit, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * unit or unit == 1:
            number = round(seconds / unit)
            return f"{number} {name}{'' if number == 1 else 's'}"
    raise AssertionError


# Running


def measure(root: Path, figures: Sequence[Figure], say: Say, fresh: bool = False) -> list[str]:
    """Run benchmarks, and keep the result of each as soon as it is there; return the names of those that failed.

    A run that was interrupted goes on with what it had not done, if the same benchmarks are asked for and not
    ``fresh``. What failed keeps its last result, and is run again next time.
    """
    asked = [figure.name for figure in figures]
    done = [] if fresh else _done(root, asked)
    if done:
        say(f"Going on with a run that was interrupted. Done before: {', '.join(done)}. Begin anew with --fresh.")
    failed = []
    for figure in figures:
        if figure.name in done:
            continue
        say(f"Measuring {figure.name}: {figure.typed}")
        try:
            problem = _measure(root, figure)
        except KeyboardInterrupt:
            say("Stopped. What is done is kept: run the same command again to go on.")
            raise
        if problem:
            say(f"{figure.name} was not measured: {problem}")
            failed.append(figure.name)
            continue
        done.append(figure.name)
        _note_done(root, asked, done)
    if not failed:
        (root / RUN).unlink(missing_ok=True)
    return failed


def _measure(root: Path, figure: Figure) -> str:
    """Run one benchmark and keep what it found. Returns what went wrong, or nothing."""
    (root / RUN).parent.mkdir(exist_ok=True)
    given = root / RUN.parent / f"figures-{figure.name}.json"
    given.unlink(missing_ok=True)
    if figure.before and _python(root, figure.before):
        return f"'{shlex.join(['python', *figure.before])}' failed."
    start = time.monotonic()
    code = _python(root, (*figure.command, "--json", str(given)))
    seconds = time.monotonic() - start
    if code or not given.is_file():
        return f"'{figure.typed}' ended with exit code {code}." if code else f"'{figure.typed}' wrote no rows."
    found = json.loads(given.read_text(encoding="utf-8"))
    given.unlink()
    result = {"command": figure.typed, "date": date.today().isoformat(), "cores": os.cpu_count() or 1,
              "seconds": round(seconds), **found}  # fmt: skip
    path = root / RESULTS / f"{figure.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    keep.write(path, (json.dumps(result, indent=1, ensure_ascii=False) + "\n"))
    return ""


def _python(root: Path, arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=root, env=tool_environment(), check=False).returncode


def _done(root: Path, asked: list[str]) -> list[str]:
    """What an interrupted run of the same benchmarks has done."""
    try:
        run = json.loads((root / RUN).read_text(encoding="utf-8"))
        return [name for name in run["done"] if name in asked] if run["asked"] == asked else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _note_done(root: Path, asked: list[str], done: list[str]) -> None:
    write_whole(root / RUN, json.dumps({"asked": asked, "done": done}))


# The page


def page(root: Path) -> str:
    """``docs/measured.md``, as the results that are kept give it."""
    lines = [
        "<!-- Made by 'make figures' from benchmarks/results. Do not edit it. -->",
        "",
        "# What was measured",
        "",
        "Each table was measured with the command below it.",
        "`make figures` measures all of them again and writes this page.",
        "It first says what it will run and how long each took the last time, and what is done stays done if you stop"
        " it: run the same command again to go on.",
        "`leo figures NAME` measures one, and `leo figures --page` only writes the page.",
        "",
        "How often confidence intervals cover the planted effects is recorded by `python benchmarks/coverage.py"
        " --record`, and the book's page on fidelity shows it.",
    ]
    for figure in FIGURES:
        lines += ["", f"## {figure.title}", "", *figure.about, "", *_section(figure, stored(root, figure.name))]
    return "\n".join(lines) + "\n"


def write_page(root: Path) -> Path:
    """Write the page, and return its path."""
    keep.write(root / PAGE, page(root))
    return root / PAGE


def _section(figure: Figure, result: dict[str, Any] | None) -> list[str]:
    """The table of a benchmark, its sentences, and how it was measured."""
    if result is None:
        return [f"Not measured yet: `leo figures {figure.name}`."]
    took = f", which took {duration(result['seconds'])}" if result.get("seconds") and "carried" not in result else ""
    cores = f"{result['cores']} core{'' if result['cores'] == 1 else 's'}"
    lines = [*_table(result["rows"]), "", *result["notes"], *([""] if result["notes"] else [])]
    lines.append(f"Measured on {result['date']}, {cores}: `{result['command']}`{took}.")
    return lines + ([result["carried"]] if "carried" in result else [])


def _table(rows: list[dict[str, Any]]) -> list[str]:
    headings = list(dict.fromkeys(name for row in rows for name in row))
    numbers = [all(not isinstance(row.get(name), str) for row in rows) for name in headings]
    rule = ["---:" if number else "---" for number in numbers]
    lines = [[row.get(name) for name in headings] for row in rows]
    return [f"| {' | '.join(map(_cell, line))} |" for line in [headings, rule, *lines]]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value).replace("|", "\\|")
