"""Computes keys: fingerprints of the right answers, and of each misconception, on one extract.

Course side: needs the reference answers, which learners and the sandbox never see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from leocourse.authoring.question import Assignment, Question, Reference
from leocourse.checks.answer import Answer, NotAttempted, Stopped
from leocourse.checks.evaluate import evaluate
from leocourse.checks.fingerprint import Hashes, fingerprint
from leocourse.checks.judge import salt
from leocourse.checks.ladder import Attempt, climb
from leocourse.core import keep
from leocourse.core.errors import LeoError


class Indistinct(LeoError):
    """An extract on which a misconception happens to give the right answer, so it cannot be marked on."""


def run_reference(reference: Reference, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any]) -> Answer:
    """Run a reference answer or a misconception. Raises LeoError if it does not run: a fault of ours."""
    try:
        return evaluate(reference, con, arguments)
    except (NotAttempted, Stopped) as error:
        raise LeoError(f"A reference answer does not run: {error}") from error


def question_key(
    question: Question, con: duckdb.DuckDBPyConnection, name_rows: bool = False, alike: set[str] | None = None
) -> list[dict[str, Any]]:
    """One entry a call: the fingerprint of the right answer and of each misconception.

    ``name_rows`` adds the identities of the right rows in plain, so that messages can name who is missing.
    A misconception that on this extract gives the right answer in every call is added to ``alike``, as
    ``q1 inner-join``. Raises Indistinct for it if there is no such set.
    """
    specification, entries = question.specification(), []
    unseen = {slip.name for slip in question.misconceptions}
    for number, arguments in enumerate(question.calls):
        right = run_reference(question.reference_sql, con, arguments)
        mark = salt(specification, number)
        print_of_right = fingerprint(Hashes(right, specification, mark))
        entry: dict[str, Any] = {"right": print_of_right, "misconceptions": {}}
        for slip in question.misconceptions:
            wrong = Hashes(run_reference(slip.answer, con, arguments), specification, mark)
            entry["misconceptions"][slip.name] = fingerprint(wrong, examples=0)
            if climb(Attempt(wrong, print_of_right, labels_asked=False)):
                unseen.discard(slip.name)
        if name_rows:
            columns = [right.columns[name] for name in question.identity]
            people = sorted(set(zip(*columns, strict=True)), key=str)
            entry["universe"] = {name: [each[at] for each in people] for at, name in enumerate(question.identity)}
        entries.append(entry)
    if unseen and alike is None:
        raise Indistinct(
            f"On this extract {question.name} cannot tell {', '.join(sorted(unseen))} from the right answer."
        )
    if alike is not None:
        alike |= {f"{question.name} {name}" for name in unseen}
    return entries


def assignment_key(
    assignment: Assignment, con: duckdb.DuckDBPyConnection, name_rows: bool = False, alike: set[str] | None = None
) -> dict[str, Any]:
    """The key of an assignment on an extract: the questions' specifications and fingerprints.

    ``alike`` and what is raised without it: see :func:`question_key`.
    """

    def entries(questions: Iterable[Question]) -> list[dict[str, Any]]:
        return [
            {"specification": question.specification(), "calls": question_key(question, con, name_rows, alike)}
            for question in questions
        ]

    return {
        "assignment": assignment.name,
        "title": assignment.title,
        "worked": entries([assignment.worked] if assignment.worked else []),
        "questions": entries(assignment.questions),
        "written": assignment.written,
    }


def write_key(key: dict[str, Any], folder: Path) -> Path:
    """Write a key beside an extract, as ``keys/<assignment>.json``. One that somebody changed is kept."""
    return keep.put(folder, f"keys/{key['assignment']}.json", json.dumps(key, separators=(",", ":")))
