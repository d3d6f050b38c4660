"""Reads marks back."""

from __future__ import annotations

import csv
from pathlib import Path

from leocourse.checks.result import Result
from leocourse.grading.grade import Graded


def read_marks(path: Path) -> list[Graded]:
    """The submissions in a ``marks.csv`` that :func:`leocourse.grading.grade.grade` wrote."""
    found: dict[tuple[str, str], Graded] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["student"], row["assignment"])
            if row["status"] == "not marked":
                found[key] = Graded(*key, row["student"], row["message"])
                continue
            found.setdefault(key, Graded(*key, row["student"])).results.append(
                Result(
                    row["question"], "", row["status"], float(row["score"]) / (float(row["points"]) or 1),
                    float(row["points"]), row["message"], row["misconception"] or None,
                )
            )  # fmt: skip
    return list(found.values())
