"""Computes keys: fingerprints of the right answers, and of each misconception, on one extract.

Course side: needs the reference answers, which learners and the sandbox never see.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb

from leocourse.authoring.changes import changes, run
from leocourse.authoring.question import Assignment, Question, Reference
from leocourse.authoring.records import queries, records_of
from leocourse.checks.answer import Answer, NotAttempted, Stopped
from leocourse.checks.attributes import short
from leocourse.checks.evaluate import evaluate
from leocourse.checks.fingerprint import EXAMPLES, Hashes, example_rows, fingerprint
from leocourse.checks.judge import salt
from leocourse.checks.ladder import Attempt
from leocourse.checks.sketch import KEPT_OF_PAIR, Parts, cut, sketch
from leocourse.core import keep
from leocourse.core.errors import LeoError

PAIRS, PAIRS_MARKED = 16, 3
"""How many pairs of slips the key of a question has about, over its calls, and of a call to mark on: time counts."""
CHANGES, CHANGES_MARKED = 24, 4
"""How many changes to the reference are tried for the first call of a key, and for a call to mark on."""
FEWEST = 3
"""How many of both another call has at least, if there are so many."""


class Indistinct(LeoError):
    """An extract on which a misconception happens to give the right answer, so it cannot be marked on."""


def run_reference(
    reference: Reference, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any], what: str = "A reference answer"
) -> Answer:
    """Run a reference answer or a misconception. Raises LeoError, saying ``what`` does not run: a fault of ours."""
    try:
        return evaluate(reference, con, arguments)
    except (NotAttempted, Stopped) as error:
        raise LeoError(f"{what} does not run: {error}") from error


def question_key(
    question: Question, con: duckdb.DuckDBPyConnection, name_rows: bool = False, alike: set[str] | None = None
) -> list[dict[str, Any]]:
    """One entry a call: the fingerprint of the right answer and of each misconception.

    ``name_rows`` adds the identities of the right rows in plain, so that messages can name who is missing.
    A misconception that on this extract gives the right answer in every call is added to ``alike``, as
    ``q1 inner-join``. Raises Indistinct for it if there is no such set.
    """
    unseen, entries = {slip.name for slip in question.misconceptions}, []
    for number, arguments in enumerate(question.calls):
        with queries(con, question.reference_sql) as asked:
            right = run_reference(question.reference_sql, con, arguments, f"{question.name}: reference_sql")
        wrong = {
            slip.name: run_reference(slip.answer, con, arguments, f"{question.name}: the slip {slip.name}")
            for slip in question.misconceptions
        }
        entry, told_apart = call_key(question.specification(), number, right, wrong)
        unseen -= told_apart
        pairs = PAIRS_MARKED if name_rows else max(FEWEST, PAIRS // len(question.calls))
        # what is wrong in every call alike is told of the first
        changed = CHANGES_MARKED if name_rows else CHANGES if number == 0 else FEWEST
        if question.guessed:
            pairs = changed = 0
            entry["right"]["examples"] = []  # its one row is the answer
        entry["pairs"] = pair_sketches(question, con, number, entry, pairs)
        entry["changes"] = change_sketches(question, con, number, entry, changed)
        if question.attributes:
            entry["attributes"] = own_attributes(question, con, arguments)
        if name_rows:
            columns = [right.columns[name] for name in question.identity]
            people = sorted(set(zip(*columns, strict=True)), key=str)
            entry["universe"] = {name: [each[at] for each in people] for at, name in enumerate(question.identity)}
        else:  # nobody is shown whole of an extract that is marked on
            entry["records"] = records_of(question.identity, asked, con)
        entries.append(entry)
    if unseen and alike is None:
        raise Indistinct(
            f"On this extract {question.name} cannot tell {', '.join(sorted(unseen))} from the right answer."
        )
    if alike is not None:
        alike |= {f"{question.name} {name}" for name in unseen}
    return entries


def call_key(
    specification: dict[str, Any], number: int, right: Answer, wrong: dict[str, Answer]
) -> tuple[dict[str, Any], set[str]]:
    """The entry of one call from its answers, and the names of the misconceptions that it tells from the right one."""
    for what, answer in {"reference_sql": right, **{f"the slip {name}": each for name, each in wrong.items()}}.items():
        lost = lost_columns(specification, answer)
        if lost:
            raise LeoError(f"{specification['name']}: {what} has no column {', '.join(lost)}.")
    mark = salt(specification, number)
    hashes = Hashes(right, specification, mark)
    print_of_right = fingerprint(hashes)
    entry: dict[str, Any] = {"right": print_of_right, "misconceptions": {}}
    told_apart, concerned = set(), []
    for name, answer in wrong.items():
        parts = Parts.of(Attempt(Hashes(answer, specification, mark), print_of_right, labels_asked=False))
        entry["misconceptions"][name] = sketch(parts)
        concerned.append(_concerned(parts))
        if parts.found:
            told_apart.add(name)
    turns = [who for turn in zip_longest(*concerned) for who in turn if who is not None]
    print_of_right["examples"] = example_rows(hashes, turns)
    return entry, told_apart


def _concerned(parts: Parts) -> list[int]:
    """Of whom a slip has wrong rows or none, a few: these are worth knowing in plain."""
    wrong = [*(parts.people.get(each, set()) for each in ("missing", "repeated")), *parts.columns.values()]
    each_first = [sorted(who)[:EXAMPLES] for who in wrong] if parts.comparable else []
    return list(dict.fromkeys(who for turn in zip_longest(*each_first) for who in turn if who is not None))


def pair_sketches(
    question: Question, con: duckdb.DuckDBPyConnection, number: int, entry: dict[str, Any], most: int
) -> list[dict[str, Any]]:
    """Small sketches of two slips made at once, where that differs from both and from the right answer."""
    specification, mark = question.specification(), salt(question.specification(), number)
    found: list[dict[str, Any]] = []
    for one, other in question.pairs()[:most]:
        reference = question.make(**one.changes, **other.changes)
        answer = run_reference(reference, con, question.calls[number], f"{question.name}: {one.name} and {other.name}")
        made = sketch(
            Parts.of(Attempt(Hashes(answer, specification, mark), entry["right"], labels_asked=False)), KEPT_OF_PAIR
        )
        alone = [entry["misconceptions"][each.name] for each in (one, other)]
        if made and not any(_alike(made, each) for each in alone):
            found.append({"of": [one.name, other.name], **made})
    return found


def _alike(pair: dict[str, Any], slip: dict[str, Any]) -> bool:
    """Whether a pair's sketch is what the slip's would be, were it as small."""
    return cut(slip, KEPT_OF_PAIR) == pair


def change_sketches(
    question: Question, con: duckdb.DuckDBPyConnection, number: int, entry: dict[str, Any], most: int
) -> dict[str, dict[str, Any]]:
    """Small sketches of what comes out if one thing in the reference is changed, by its words.

    Left out is what cannot be run, is right, says nothing, or gives what a slip or another change gives, too.
    """
    specification, mark = question.specification(), salt(question.specification(), number)
    known = [cut(each, KEPT_OF_PAIR) for each in entry["misconceptions"].values()]
    found: dict[str, dict[str, Any]] = {}
    for change in changes(question, con, question.calls[number])[:most]:
        try:
            answer = evaluate(run(question, con, change), con)
        except (NotAttempted, Stopped):
            continue
        if lost_columns(specification, answer):
            continue
        parts = Parts.of(Attempt(Hashes(answer, specification, mark), entry["right"], labels_asked=False))
        made = sketch(parts, KEPT_OF_PAIR) if parts.comparable and not _says_nothing(parts) else {}
        if made and made not in known:
            known.append(made)
            found[change.words] = made
    return found


def _says_nothing(parts: Parts) -> bool:
    """Whether an answer is empty, or one value for all where it is wrong: many other changes give the same."""
    attempt = parts.attempt
    columns = [attempt.answer.columns[name] for name in parts.columns]
    alike = not parts.people and bool(columns) and all(len(set(each)) == 1 for each in columns)
    return not attempt.answer.rows or (attempt.answer.rows > 1 and alike)


def own_attributes(
    question: Question, con: duckdb.DuckDBPyConnection, arguments: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Whom the question's own attributes are true of, as short hashes, by the words that describe them."""
    column = question.identity[0]
    return {
        words.format(**arguments): {
            "column": column,
            "who": sorted({short(row[0]) for row in con.sql(sql.format(**arguments)).fetchall()}),
        }
        for words, sql in question.attributes.items()
    }


def lost_columns(specification: dict[str, Any], answer: Answer) -> list[str]:
    """The columns of a question that an answer has not."""
    return [name for name in specification["columns"] if name not in answer.columns]


def question_entry(
    question: Question, con: duckdb.DuckDBPyConnection, name_rows: bool = False, alike: set[str] | None = None
) -> dict[str, Any]:
    """The part of a key that belongs to one question: its specification, and what :func:`question_key` gives."""
    return {"specification": question.specification(), "calls": question_key(question, con, name_rows, alike)}


def assembled(assignment: Assignment, entries: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The key of an assignment from the entries of its questions, by name."""
    worked = [assignment.worked] if assignment.worked else []
    return {
        "assignment": assignment.name,
        "title": assignment.title,
        "worked": [entries[question.name] for question in worked],
        "questions": [entries[question.name] for question in assignment.questions],
        "written": assignment.written,
    }


def as_marked(assignment: Assignment, fresh: int) -> Assignment:
    """The assignment with the calls by which it is marked; ``fresh`` is the seed of those that are drawn."""
    questions = tuple(each.marked(random.Random(f"{fresh}/{each.name}")) for each in assignment.questions)
    return replace(assignment, questions=questions)


def assignment_key(
    assignment: Assignment, con: duckdb.DuckDBPyConnection, name_rows: bool = False, alike: set[str] | None = None
) -> dict[str, Any]:
    """The key of an assignment on an extract: the questions' specifications and fingerprints.

    ``alike`` and what is raised without it: see :func:`question_key`. What is raised names assignment and question.
    """
    return assembled(assignment, question_entries(assignment, assignment.with_worked, con, name_rows, alike))


def question_entries(
    assignment: Assignment, questions: Iterable[Question], con: duckdb.DuckDBPyConnection,
    name_rows: bool = False, alike: set[str] | None = None,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """The entries of some questions of an assignment, by name."""
    try:
        return {each.name: question_entry(each, con, name_rows, alike) for each in questions}
    except LeoError as error:
        raise type(error)(f"{assignment.name}, {error}") from error


def write_key(key: dict[str, Any], folder: Path) -> Path:
    """Write a key beside an extract, as ``keys/<assignment>.json``. One that somebody changed is kept."""
    return keep.put(folder, f"keys/{key['assignment']}.json", json.dumps(key, separators=(",", ":")))
