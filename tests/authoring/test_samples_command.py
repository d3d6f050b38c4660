"""``leo samples`` marks the samples of the assignment that it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys

from leocourse.authoring.release import tool_environment


def leo(root, *arguments):
    command = [sys.executable, "-m", "leocourse.cli", *arguments]
    environment = {**tool_environment(), "COLUMNS": "200"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_an_assignment_that_is_not_there_is_one_line_with_those_that_are(root):
    done = leo(root, "samples", "77")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "There is no assignment '77': there are 01-first-queries-and-linking, 02-" in done.stderr


def test_the_samples_of_the_assignment_asked_for_are_marked_and_shown(root, lesson, sandbox, course, tmp_path):
    for name in ("solutions", "exercises", "leocourse", "nbgrader_config.py", "_toc.yml", "pyproject.toml"):
        (tmp_path / name).symlink_to(root / name)
    (tmp_path / "data").mkdir()
    for name in ("schema", "extract", "reference"):
        os.symlink(root / "data" / name, tmp_path / "data" / name)
    done = leo(tmp_path, "samples", "02")
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [line.split("│") for line in done.stdout.splitlines() if "│" in line and "02-cohort-construction" in line]
    assert {row[1].strip() for row in rows} == {"right", "slips", "empty"}
    assert "06-table-for-release" not in done.stdout
    (right,) = [row for row in rows if row[1].strip() == "right"]
    whole = sum(question.points for question in course["02-cohort-construction"].questions)
    assert right[3].strip() == f"{whole} of {whole}"
    assert (tmp_path / "_build" / "samples-02-cohort-construction" / "slips" / "02-cohort-construction.ipynb").is_file()
    marks = tmp_path / "_build" / "samples-marked-02-cohort-construction" / "marks" / "marks.csv"
    made = marks.stat().st_mtime_ns
    again = leo(tmp_path, "samples", "02-cohort-construction")
    assert again.returncode == 0 and "02-cohort-construction" in again.stdout
    assert marks.stat().st_mtime_ns == made, "nothing changed, and they were marked again"
