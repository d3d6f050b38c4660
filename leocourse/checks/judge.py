"""Compares an answer with a key. Knows nothing of notebooks, files or gradebooks."""

from __future__ import annotations

from typing import Any

from leocourse.checks import result as outcome
from leocourse.checks.answer import Answer
from leocourse.checks.fingerprint import Hashes
from leocourse.checks.ladder import Attempt, climb, columns, families, same_rows
from leocourse.checks.result import Result
from leocourse.checks.words import say

Outcome = Answer | Result
"""What running an answer gave: a table, or a result that says why there is none."""


def not_attempted(specification: dict[str, Any], why: str = "") -> Result:
    """No answer yet."""
    words = say("not_attempted_because", why=why) if why else say("not_attempted")
    return _result(specification, outcome.NOT_ATTEMPTED, words)


def stopped(specification: dict[str, Any], message: str) -> Result:
    """An answer that could not be run."""
    return _result(specification, outcome.STOPPED, message)


def judge(
    specification: dict[str, Any],
    answers: list[Outcome],
    key: list[dict[str, Any]],
    candidates: list[Answer | None] | None = None,
) -> Result:
    """The result of a question: ``answers`` and ``key`` hold one entry a call, and the worst one speaks."""
    results = []
    for number, (answer, entry) in enumerate(zip(answers, key, strict=True)):
        found = candidates[number] if candidates else None
        one = answer if isinstance(answer, Result) else _judge_call(specification, answer, entry, number, found)
        results.append((one.credit, -number, one))
    worst = min(results, key=lambda item: (item[0], -item[1]))[2]
    number = next(-n for credit, n, one in results if one is worst)
    return worst if len(answers) == 1 or worst.status == outcome.RIGHT else _for_call(specification, worst, number)


def salt(specification: dict[str, Any], call: int) -> str:
    """What the hashes of a question and call are salted with, so that equal values look different."""
    return f"{specification['name']}/{call}"


def _judge_call(
    specification: dict[str, Any], answer: Answer, entry: dict[str, Any], call: int, candidates: Answer | None
) -> Result:
    attempt = Attempt(Hashes(answer, specification, salt(specification, call)), entry["right"], candidates)
    finding = climb(attempt)
    if finding is None:
        return _result(specification, outcome.RIGHT, "", credit=1.0)
    status = outcome.PARTLY if finding.credit else outcome.WRONG
    if answer.caution:
        return _result(
            specification, status, say("misconception", message=answer.caution, found=finding.message), finding.credit
        )
    name = _misconception(attempt, entry["misconceptions"])
    if name is None:
        return _result(specification, status, finding.message, finding.credit)
    known = specification["misconceptions"][name]
    return Result(
        question=specification["name"],
        title=specification["title"],
        status=status,
        credit=finding.credit,
        points=specification["points"],
        message=say("misconception", message=known["message"], found=finding.message),
        misconception=name,
        misconception_title=known["title"],
        lesson=known["lesson"],
    )


def _misconception(attempt: Attempt, fingerprints: dict[str, dict[str, Any]]) -> str | None:
    """The misconception whose answer this is; else the only one that is about the same people."""
    if columns(attempt) or families(attempt):
        return None
    others = {name: Attempt(attempt.hashes, other, labels_asked=False) for name, other in fingerprints.items()}
    exact = [name for name, other in others.items() if climb(other) is None]
    if exact:
        return exact[0]
    if not attempt.specification["identity"] or same_rows(attempt):
        return None
    alike = [name for name, other in others.items() if same_rows(other)]
    return alike[0] if len(alike) == 1 else None


def _result(specification: dict[str, Any], status: str, message: str, credit: float = 0.0) -> Result:
    return Result(
        question=specification["name"],
        title=specification["title"],
        status=status,
        credit=credit,
        points=specification["points"],
        message=message,
        lesson=specification["lesson"],
    )


def _for_call(specification: dict[str, Any], worst: Result, number: int) -> Result:
    arguments = ", ".join(f"{name} = {value!r}" for name, value in specification["calls"][number].items())
    if not arguments or worst.status == outcome.NOT_ATTEMPTED:
        return worst
    return Result(**{**worst.__dict__, "message": say("call", arguments=arguments, message=worst.message)})
