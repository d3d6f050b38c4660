"""How long it takes to make the course from a fresh clone, to make it again, and to test it: ``python benchmarks/course.py``.

Clones what is committed here into a temporary folder, and runs ``make course`` twice and ``make test`` once there.
``--slow`` also runs the tests that ``make test`` leaves out. The packages come from uv's cache if they are in it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from leocourse.core.paths import course_root
from leocourse.site.figures import json_option, keep_rows

SLOW = (".venv/bin/python", "-m", "pytest", "-m", "slow")


def minutes(command: tuple[str, ...], folder: Path) -> float:
    """How long a command takes in a folder. Stops everything if it fails."""
    start = time.monotonic()
    if code := subprocess.run(command, cwd=folder, check=False).returncode:
        raise SystemExit(f"'{' '.join(command)}' ended with exit code {code}.")
    return round((time.monotonic() - start) / 60, 2)


def megabytes(folder: Path, *names: str) -> int:
    """What folders take on the disk, as ``du`` counts it."""
    out = subprocess.run(["du", "-sm", *names], cwd=folder, check=True, capture_output=True, text=True).stdout
    return sum(int(line.split()[0]) for line in out.splitlines())


def measured(source: Path, folder: Path, slow: bool = False) -> list[dict]:
    """Clone, make, make again and test; a row each."""
    subprocess.run(["git", "clone", "--quiet", str(source), str(folder)], check=True)
    first = minutes(("make", "course"), folder)
    rows = [
        {"": "`make course` from a fresh clone", "minutes": first, "environment, MB": megabytes(folder, ".venv"),
         "data and book, MB": megabytes(folder, "data", "_build")},
        {"": "`make course` again, nothing changed", "minutes": minutes(("make", "course"), folder)},
        {"": "`make test`", "minutes": minutes(("make", "test"), folder)},
    ]  # fmt: skip
    return rows + ([{"": f"`{' '.join(SLOW)}`", "minutes": minutes(SLOW, folder)}] if slow else [])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slow", action="store_true", help="also the tests that make test leaves out")
    json_option(parser)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leo-course-") as folder:
        rows = measured(course_root(), Path(folder) / "course", asked.slow)
    for row in rows:
        print(", ".join(f"{name}: {value}" if name else str(value) for name, value in row.items()))
    keep_rows(asked.json, rows)


if __name__ == "__main__":
    sys.exit(main())
