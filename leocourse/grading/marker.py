"""Marks one submission: runs it in one box, compares in another, and brings results back as values."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leocourse.authoring.question import About, about_key
from leocourse.checks.comparison import ROWS, WIDTH, Table
from leocourse.checks.judge import stopped
from leocourse.checks.result import MARKS, Result, Told
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import Box, Isolation

COMPARE_LIMITS = Limits(seconds=60, cpu_seconds=60, memory_bytes=2 * 2**30, answer_bytes=8 * 2**20)
RELEASED, QUESTION = ("name", "kind", "source", "locked", "check"), ("name", "answer_name", "calls")
"""All that the sandbox is told of a cell that was handed out, and of a question."""
COLUMNS = 20
"""The most columns of a table that is read."""
FINDING, FINDINGS = ("part", "message", "evidence"), 20
"""What is taken of a finding, and the most that a result may have."""
MACHINERY = ("gone", "refused")
"""How a child ends if a box failed, not the submission."""


class Failed(Exception):
    """Marking itself failed. The message is for the report."""


@dataclass(frozen=True)
class Outcome:
    """What became of a submission: one result a question, and what the report says."""

    results: list[Result]
    notes: list[str] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    printed: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0


class Marker:
    """The two boxes, ready for use by ``workers`` threads. Use as a context manager.

    ``folder`` holds ``extracts`` and ``keys`` (see :mod:`leocourse.grading.unseen`), which may still be empty
    until :meth:`prepare` is called: the boxes load their libraries meanwhile.
    """

    def __init__(self, folder: Path, how: Isolation, workers: int, limits: Limits | None = None) -> None:
        self._folder, self.how, self.workers = folder, how, workers
        limits = limits or Limits()
        alone = how.name in ("podman", "docker")  # one container a submission
        slots = [1] * workers if alone else [workers]
        extracts, keys = {folder / "extracts": "/extracts"}, {folder / "keys": "/keys"}
        inside = Isolation("bubblewrap") if alone else how  # answers are compared here, not in a container
        self._boxes: list[Box] = []
        try:
            self._running = [Box("child", how, limits, number, extracts) for number in slots]
            self._boxes += self._running
            self._comparing = Box("compare", inside, COMPARE_LIMITS, workers, keys)
            self._boxes.append(self._comparing)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Marker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End both boxes."""
        for box in self._boxes:
            box.close()

    def prepare(self) -> None:
        """Tell the boxes that extracts and keys are there. Raises LeoError if no sandbox can be had."""
        extracts = sorted((self._folder / "extracts").iterdir())
        for box in self._running:
            box.prepare(extracts=[box.place(path) for path in extracts])
        names = sorted({path.stem.rpartition("-")[0] for path in (self._folder / "keys").glob("*.json")})
        self._keys = {name: [self._folder / "keys" / f"{name}-{number}.json" for number in range(len(extracts))]
                      for name in names}  # fmt: skip
        places = {name: [self._comparing.place(path) for path in paths] for name, paths in self._keys.items()}
        self._comparing.prepare(keys=places)
        self._reader = Reader(self._folder / "keys", self._running[0].limits)

    def about(self, assignment: str) -> About:
        """See :meth:`Reader.about`. Only once it is prepared."""
        return self._reader.about(assignment)

    def mark(self, slot: int, assignment: str, cells: list[dict], released: list[dict]) -> Outcome:
        """Run a submission's cells and compare. Raises Failed if the machinery fails, not the submission."""
        job = self._reader.job(assignment, cells, released)
        return self._reader.outcome(assignment, *self.run(slot, assignment, job))

    def run(self, slot: int, assignment: str, job: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], bytes]:
        """Run and compare: what became of the child that ran, of the one that compared, and what that one said."""
        single = len(self._running) == 1
        box = self._running[0 if single else slot]
        status, sent = box.call(slot if single else 0, json.dumps(job).encode())
        if status["ended"] in MACHINERY:
            return status, {}, b""
        return status, *self._comparing.call(slot, f"{assignment}\n".encode() + sent)


class Reader:
    """Makes a job of a submission, and an outcome of what is said of it. Knows the questions; ``keys`` has them."""

    def __init__(self, keys: Path, limits: Limits) -> None:
        self._limits = limits
        self._specifications: dict[str, list[dict[str, Any]]] = {}
        self._about: dict[str, About] = {}
        for path in keys.glob("*-0.json"):
            key, name = json.loads(path.read_text(encoding="utf-8")), path.stem.removesuffix("-0")
            self._specifications[name] = [entry["specification"] for entry in key["questions"]]
            self._about[name] = about_key(key)

    def about(self, assignment: str) -> About:
        """What the assignment is called, what a person marks, and its hints."""
        return self._about[assignment]

    def job(self, assignment: str, cells: list[dict], released: list[dict]) -> dict[str, Any]:
        """All that the sandbox is told."""
        return {
            "cells": cells,
            "released": [{name: each[name] for name in RELEASED} for each in released],
            "questions": [{name: each[name] for name in QUESTION} for each in self._specifications[assignment]],
        }

    def outcome(self, assignment: str, status: dict[str, Any], told: dict[str, Any], words: bytes | str) -> Outcome:
        """What was said, read as hostile. Raises Failed if the machinery failed."""
        specifications = self._specifications[assignment]
        notes = _events(status, self._limits)
        used = {"seconds": status.get("seconds", 0.0), "peak_bytes": status.get("peak_bytes", 0)}
        try:
            said = json.loads(words)
            results = [_result(each, specification)
                       for each, specification in zip(said["results"], specifications, strict=True)]  # fmt: skip
            notes = [str(each) for each in said["notes"]] + notes
            return Outcome(results, notes, said["errors"], said["printed"], **used)
        except (ValueError, KeyError, TypeError) as error:
            if told["ended"] in MACHINERY:
                raise Failed(f"The answers could not be compared ({told.get('why', told['ended'])}).") from error
            words = "What the notebook sent cannot be read, so none of its answers counts."
            return Outcome([stopped(each, words) for each in specifications], [*notes, words], **used)


def _events(status: dict[str, Any], limits: Limits) -> list[str]:
    """What happened to a submission as a whole, in words. Raises Failed if it could not be run."""
    ended = status["ended"]
    if ended in MACHINERY:
        raise Failed(f"The sandbox did not run it ({status.get('why', 'it ended')}).")
    if ended == "time":
        return [f"The notebook took longer than {limits.seconds} seconds in all and was ended."]
    if ended == "size":
        return [f"The notebook sent more than {limits.answer_bytes // 2**20} MB and was ended."]
    return []


def _result(said: dict[str, Any], specification: dict[str, Any]) -> Result:
    """A result whose points, title and misconception are the course's, whatever the other side says."""
    credit = float(said["credit"])
    if not (math.isfinite(credit) and 0.0 <= credit <= 1.0) or said["status"] not in MARKS:
        raise ValueError("not a result")
    slip = said["misconception"] if said["misconception"] in specification["misconceptions"] else None
    known = specification["misconceptions"].get(slip, {})
    return Result(
        question=specification["name"],
        title=specification["title"],
        status=said["status"],
        credit=credit,
        points=specification["points"],
        message=str(said["message"])[:2_000],
        misconception=slip,
        misconception_title=known.get("title", ""),
        lesson=known.get("lesson", specification["lesson"]),
        heading=(known or specification).get("heading", ""),
        findings=tuple(_finding(each) for each in said.get("findings", [])[:FINDINGS]),
        table=_table(said.get("table", [])),
    )


def _finding(said: dict[str, Any]) -> Told:
    return Told(*(str(said[part])[:1_000] for part in FINDING))


def _table(said: Any) -> Table:
    """A table of text, all rows as wide as its head. Raises ValueError if it is none."""
    rows = tuple(tuple(str(cell)[: WIDTH + 2] for cell in row) for row in said[: ROWS + 1])
    if rows and (len(rows) < 2 or len(rows[0]) > COLUMNS or any(len(row) != len(rows[0]) for row in rows)):
        raise ValueError("not a table")
    return rows
