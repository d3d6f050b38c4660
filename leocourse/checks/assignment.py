"""``check = leo.assignment("06-table-for-release")``, then ``check("q1", q1)``: feedback in a notebook."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb

from leocourse.checks import result as outcome
from leocourse.checks.answer import Answer, Late, NotAttempted, Stopped
from leocourse.checks.attributes import FILE, Attributes, read_attributes
from leocourse.checks.cells import notebook
from leocourse.checks.judge import Outcome, arguments_of, judge, not_attempted, stopped, worst_call
from leocourse.checks.limit import SECONDS, Interrupted, not_limited, seconds_allowed, stopped_inside
from leocourse.checks.plan import remember_queries
from leocourse.checks.result import Result
from leocourse.checks.sketch import Parts
from leocourse.checks.walk import Walk, walk
from leocourse.checks.words import say
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import extract_folder

OpenExtract = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
"""Opens a fresh connection to the extract in use."""
MARKING = "LEO_MARKING"
"""Set while a submission is run for marking, where no key is near: checks then say nothing."""


class Words(str):
    """Text that a notebook shows as it is, without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The text itself."""
        return str(self)


class Check:
    """Checks answers to the questions of one assignment on the extract in use."""

    def __init__(
        self, name: str, key: dict[str, Any] | None, seconds: float | None = None, beside: Path | None = None
    ) -> None:
        self.name = name
        self._seconds = seconds_allowed(seconds)
        entries = [*(key or {}).get("worked", []), *(key or {}).get("questions", [])]
        self._questions = {each["specification"]["name"]: each for each in entries}
        self._marking = key is None
        self._beside = beside
        self._hinted: dict[str, int] = {}
        self._known: dict[tuple[str, Path], Answer] = {}
        self._last: dict[str, tuple[list[Outcome], list[Answer | None]]] = {}
        """What the last answer to each question gave, and who could be missing from it."""
        self._worst: dict[str, tuple[int, Parts | Result]] = {}
        """What is wrong with it, once somebody asks why."""

    @cached_property
    def _attributes(self) -> Attributes | None:
        return read_attributes(self._beside / FILE) if self._beside else None

    def __call__(self, question: str, given: Any = ...) -> Result:
        """Run the answer on the extract and say what is right, or what is not and why.

        ``given`` is SQL text, a function of the connection, a table or a figure.
        Raises LeoError for an unknown question, and KeyboardInterrupt if it is stopped (■).
        """
        if self._marking:
            return Result(question, "", outcome.MARKED_LATER, 0.0, 0.0)
        try:
            return self._check(question, given)
        except KeyboardInterrupt:
            raise Interrupted from None
        except RuntimeError as error:  # ■ while an extract was being opened
            if not stopped_inside(error):
                raise
            raise Interrupted from None

    def _check(self, question: str, given: Any) -> Result:
        entry = self._entry(question)
        specification = entry["specification"]
        followed = notebook()
        self._worst.pop(question, None)
        why = followed.why(specification["answer_name"], given) if followed else ""
        if why:
            self._last[question] = [stopped(specification, why)] * len(entry["calls"]), []
            return self._last[question][0][0]
        answers = run_calls(specification, given, connect, self._seconds)
        found = self._candidates(specification, answers)
        self._last[question] = answers, found
        result = judge(specification, answers, entry["calls"], found, self._attributes)
        if result.status == outcome.RIGHT:
            _remember(self.name, question)
        return result

    def hint(self, question: str, number: int | None = None) -> Words:
        """The next hint: each time one further, up to the last, or the one of this ``number``.

        Hints point; they do not tell. Raises LeoError for an unknown question, or if there is no such hint.
        """
        hints = self._entry(question)["specification"]["hints"] if not self._marking else []
        if not hints:
            return Words("There is no hint for this question.")
        if number is None:
            number = min(self._hinted.get(question, 0) + 1, len(hints))
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(hints):
            raise LeoError(f"Question {question} has hints 1 to {len(hints)}: got {number}.")
        self._hinted[question] = number
        last = ", the last" if number == len(hints) > 1 else ""
        return Words(f"Hint {number} of {len(hints)}{last}: {hints[number - 1]}")

    def why(self, question: str, number: int = 1) -> Words | Walk:
        """Walk through one wrong person of the last answer that was checked, or the one of this ``number``.

        The records that the question reads, what the right rule makes of them, and what the answer made of them.
        Raises LeoError for an unknown question, or a number that is none.
        """
        if self._marking:
            return Words(say("walk_marked_later"))
        entry = self._entry(question)
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise LeoError(f"Give a number from 1 on, as in check.why({question!r}, 2): got {number!r}.")
        if question not in self._last:
            return Words(say("walk_not_checked", question=question))
        from leocourse.checks.evaluate import evaluate

        if question not in self._worst:
            answers, found = self._last[question]
            self._worst[question] = worst_call(entry["specification"], answers, entry["calls"], found)
        call, worst = self._worst[question]
        if isinstance(worst, Result):
            return Words(say("walk_not_compared", question=question, why=worst.message))
        if not worst.found:
            return Words(say("walk_is_right", question=question))
        with connect() as con:
            shown = walk(worst, entry["calls"][call], lambda sql: evaluate(sql, con), number)
        return shown.of_call(arguments_of(entry["specification"], call))

    def _entry(self, question: str) -> dict[str, Any]:
        if question not in self._questions:
            raise LeoError(f"Unknown question '{question}': {self.name} has {', '.join(self._questions)}.")
        return self._questions[question]

    def _candidates(self, specification: dict[str, Any], answers: list[Outcome]) -> list[Answer | None]:
        """Who could be missing, for each call. Opening an extract takes longer than all else, so they are kept."""
        asked = specification["universe"]
        if not asked or not any(isinstance(answer, Answer) for answer in answers):
            return [None] * len(answers)
        from leocourse.checks.evaluate import evaluate

        place = (asked, extract_folder())
        if place not in self._known:
            with connect() as con:
                self._known[place] = evaluate(asked, con)
        return [self._known[place]] * len(answers)


def _remember(assignment: str, question: str) -> None:
    """Add a right answer to the learner's progress, if they asked for it. Never in the way of the feedback."""
    from leocourse.core import progress

    try:
        progress.solved(assignment, question)
    except LeoError as error:
        print(f"Your progress was not recorded. {error}", file=sys.stderr)


def assignment(name: str, seconds: float | None = None) -> Check:
    """The check of an assignment, with the key that lies beside the extract in use.

    ``seconds`` is how long a check lets an answer run (default: ``$LEO_CHECK_SECONDS``, else 60).
    Raises LeoError if there is no extract, or no key for this assignment.
    """
    if os.environ.get(MARKING):
        return Check(name, None)
    path = extract_folder() / "keys" / f"{name}.json"
    if not path.is_file():
        known = sorted(other.stem for other in path.parent.glob("*.json")) if path.parent.is_dir() else []
        there = f"there are keys for {', '.join(known)}" if known else "make the keys with 'leo release'"
        raise LeoError(f"No key for the assignment '{name}' beside the extract: {there}.")
    check = Check(name, json.loads(path.read_text(encoding="utf-8")), seconds, path.parent)
    notebook()
    _say_what_is_not_limited(seconds_allowed(seconds))
    _say_if_old()
    return check


@cache
def _say_what_is_not_limited(seconds: float) -> None:
    """Once, and before the first check: what this machine cannot stop."""
    text = not_limited(seconds)
    if text:
        print(text)


def _say_if_old() -> None:
    """One line if the notebook is a copy of an older release. It goes on working."""
    from leocourse.core.copies import notice

    if line := notice():
        print(line)


def run_calls(
    specification: dict[str, Any], given: Any, open_extract: OpenExtract, seconds: float = SECONDS
) -> list[Outcome]:
    """Run an answer once for each call of the question. What cannot be run becomes a result.

    Each call gets a connection of its own, so that a table which the answer makes is not in its way.
    After ``seconds`` over all calls the answer is stopped, where that can be done.
    """
    from leocourse.checks.evaluate import Clock  # loads pandas, which not all that use this package need

    clock, late = Clock(seconds), ""
    answers: list[Outcome] = []
    for arguments in specification["calls"]:
        try:
            if late:
                raise Stopped(late)
            with open_extract() as con:
                remember_queries(con)
                answers.append(clock.evaluate(given, con, arguments))
        except NotAttempted as nothing:
            answers.append(not_attempted(specification, str(nothing)))
        except Stopped as error:
            late = str(error) if isinstance(error, Late) else late
            answers.append(stopped(specification, str(error)))
    return answers
