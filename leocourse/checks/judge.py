"""Compares an answer with a key. Knows nothing of notebooks, files or gradebooks."""

from __future__ import annotations

from typing import Any

from leocourse.checks import result as outcome
from leocourse.checks.answer import Answer
from leocourse.checks.attributes import Attributes
from leocourse.checks.causes import causes, explained
from leocourse.checks.common import in_common
from leocourse.checks.fingerprint import Hashes
from leocourse.checks.ladder import Attempt
from leocourse.checks.result import Result
from leocourse.checks.sketch import Parts
from leocourse.checks.telling import told
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
    attributes: Attributes | None = None,
    unseen: bool = False,
) -> Result:
    """The result of a question: ``answers`` and ``key`` hold one entry a call, and the worst one speaks.

    ``attributes`` is what the records of the extract say of people, to find what wrong rows have in common.
    An ``unseen`` extract is one to mark on: nothing of it is shown that a message does not need.
    """
    calls, number = _calls(specification, answers, key, candidates)
    compared = [each for each in calls if isinstance(each, _Call)]

    def told_of(call: int) -> Result:
        each = calls[call]
        return each if isinstance(each, Result) else each.result(compared, attributes, unseen)

    result = told_of(number)
    if len(answers) == 1 or result.status == outcome.RIGHT:
        return result
    told_first = _for_call(specification, result, number)
    if result.status != outcome.STOPPED or not compared:
        return told_first
    ran = min((call for call, each in enumerate(calls) if isinstance(each, _Call)), key=lambda call: calls[call].credit)
    return _and_where_it_ran(told_first, _for_call(specification, told_of(ran), ran))


def worst_call(
    specification: dict[str, Any],
    answers: list[Outcome],
    key: list[dict[str, Any]],
    candidates: list[Answer | None] | None = None,
) -> tuple[int, Parts | Result]:
    """The call that speaks for an answer: its number, and its parts, or the result that says why there are none."""
    calls, number = _calls(specification, answers, key, candidates)
    worst = calls[number]
    return number, worst if isinstance(worst, Result) else worst.parts


def _calls(
    specification: dict[str, Any], answers: list[Outcome], key: list[dict[str, Any]],
    candidates: list[Answer | None] | None,
) -> tuple[list[_Call | Result], int]:  # fmt: skip
    """What each call gave, and the number of the worst one."""
    calls = [
        answer if isinstance(answer, Result)
        else _Call(specification, answer, entry, number, candidates[number] if candidates else None)
        for number, (answer, entry) in enumerate(zip(answers, key, strict=True))
    ]  # fmt: skip
    return calls, min(range(len(calls)), key=lambda each: calls[each].credit)


def salt(specification: dict[str, Any], call: int) -> str:
    """What the hashes of a question and call are salted with, so that equal values look different."""
    return f"{specification['name']}/{call}"


class _Call:
    """What an answer gave in one call, beside the key."""

    def __init__(
        self, specification: dict[str, Any], answer: Answer, entry: dict[str, Any], call: int, candidates: Answer | None
    ) -> None:
        self.specification, self.answer, self.entry = specification, answer, entry
        attempt = Attempt(Hashes(answer, specification, salt(specification, call)), entry["right"], candidates)
        self.parts = Parts.of(attempt)

    @property
    def credit(self) -> float:
        """The credit of the first finding; 1 if there is none."""
        return self.parts.found[0].credit if self.parts.found else 1.0

    def result(self, calls: list[_Call], attributes: Attributes | None, unseen: bool = False) -> Result:
        """What is said of this call. The others among ``calls`` decide between slips that explain it alike."""
        if not self.parts.found:
            return _result(self.specification, outcome.RIGHT, self.specification.get("because", ""), credit=1.0)
        others = [each for each in calls if each is not self]

        def elsewhere(name: str) -> int:
            return sum(explained(each.parts, each.entry["misconceptions"].get(name, {})) for each in others)

        found = [] if self.answer.caution else causes(self.parts, self.entry, elsewhere)
        own = self.entry.get("attributes", {})
        result = told(self.parts, found, lambda each: in_common(self.parts.attempt, each, attributes, own), unseen)
        return _prediction(self.specification, result) if self.specification.get("form") == "predict" else result


def _and_where_it_ran(stopped: Result, other: Result) -> Result:
    """What is said of an answer that stopped in one call, with what is wrong with it in another."""
    if other.status == outcome.RIGHT:
        right = say("ran_right")
        return Result(**{**stopped.__dict__, "message": f"{stopped.message}\n{right}"})
    kept = {name: getattr(stopped, name) for name in ("status", "credit")}
    return Result(**{**other.__dict__, **kept, "message": f"{stopped.message}\n{other.message}", "table": ()})


def _prediction(specification: dict[str, Any], result: Result) -> Result:
    """What is said of a wrong prediction: why, and never what is right."""
    known = specification["misconceptions"].get(result.misconception)
    message = known["message"] if known else specification["otherwise"]
    return Result(**{**result.__dict__, "message": message, "findings": (), "table": ()})


def _result(specification: dict[str, Any], status: str, message: str, credit: float = 0.0) -> Result:
    return Result(
        question=specification["name"],
        title=specification["title"],
        status=status,
        credit=credit,
        points=specification["points"],
        message=message,
        lesson=specification["lesson"],
        heading=specification.get("heading", ""),
    )


def arguments_of(specification: dict[str, Any], number: int) -> str:
    """The arguments of a call in words: ``year = 2010``."""
    return ", ".join(f"{name} = {value!r}" for name, value in specification["calls"][number].items())


def _for_call(specification: dict[str, Any], worst: Result, number: int) -> Result:
    arguments = arguments_of(specification, number)
    if not arguments or worst.status == outcome.NOT_ATTEMPTED:
        return worst
    return Result(**{**worst.__dict__, "message": say("call", arguments=arguments, message=worst.message)})
