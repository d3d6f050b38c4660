"""Compares what a submission sent with the keys, in a sandbox of its own that never runs student code.

Every byte of it is taken for hostile: it is read in a fresh process with limits, which ends with the submission.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from leocourse.checks.answer import Answer
from leocourse.checks.attributes import MARKED, Attributes, read_attributes
from leocourse.checks.judge import Outcome, judge, not_attempted, stopped
from leocourse.checks.result import NOT_ATTEMPTED, RIGHT, STOPPED, Result
from leocourse.grading.box.transfer import ANSWER, ERROR, EXTRACT, NOTE, PRINTED, STATUS, BadAnswer, frames, read_answer

MESSAGE_LIMIT, NOTES_LIMIT, PRINTED_LIMIT = 600, 100, 20_000
CONSTANT = "Your answer is the same on two extracts whose right answers differ: it does not depend on the data."
_keys: dict[str, list[dict[str, Any]]] = {}
_attributes: dict[int, Attributes | None] = {}


def warm() -> None:
    """Everything is loaded already."""


def prepare(settings: dict[str, Any]) -> None:
    """Hold the keys of each assignment, one an extract, in their order."""
    for assignment, paths in settings["keys"].items():
        _keys[assignment] = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
        for number, path in enumerate(paths):
            if number not in _attributes:
                _attributes[number] = read_attributes(Path(path).with_name(MARKED.format(number=number)))


def handle(request: bytes, send: Callable[[bytes], None]) -> None:
    """Answer a submission's frames, after a line with its assignment, with JSON: results, notes, errors, output."""
    assignment, _, data = request.partition(b"\n")
    send(json.dumps(compare(data, _keys[assignment.decode()])).encode("utf-8", "replace"))


def compare(data: bytes, keys: list[dict[str, Any]]) -> dict[str, Any]:
    """The results of every question, the worst of the extracts, and what the notebook printed and raised."""
    sent = _Sent(data, len(keys))
    results = []
    for number, entry in enumerate(keys[0]["questions"]):
        specification = entry["specification"]
        calls = range(len(specification["calls"]))
        answers = [[sent.answer(each, number, call, specification) for call in calls] for each in range(len(keys))]
        judged = [_judge(key["questions"][number], given, _attributes.get(extract))
                  for extract, (key, given) in enumerate(zip(keys, answers, strict=True))]  # fmt: skip
        worst = min(judged, key=lambda result: result.credit)
        if worst.status != RIGHT and _constant(answers, [key["questions"][number] for key in keys]):
            worst = replace(worst, message=f"{worst.message} {CONSTANT}".strip())
        results.append(asdict(worst))
    return {"results": results, "notes": sent.notes, "errors": sent.errors, "printed": sent.printed}


def _judge(entry: dict[str, Any], answers: list[Outcome], attributes: Attributes | None) -> Result:
    universe = [Answer(call["universe"]) if call.get("universe") else None for call in entry["calls"]]
    return judge(entry["specification"], answers, entry["calls"], universe, attributes, unseen=True)


def _constant(answers: list[list[Outcome]], entries: list[dict[str, Any]]) -> bool:
    """Whether an answer with rows is the same on all extracts, although the right one is not."""
    first = answers[0]
    given = all(isinstance(each, Answer) and each.rows for each in first)
    same = all(other == first for other in answers[1:])
    differ = any([call["right"] for call in entry["calls"]] != [call["right"] for call in entries[0]["calls"]]
                 for entry in entries[1:])  # fmt: skip
    return len(answers) > 1 and given and same and differ


class _Sent:
    """What a submission sent, sorted. The first frame about a call counts."""

    def __init__(self, data: bytes, extracts: int) -> None:
        self.notes: list[str] = []
        self.errors: list[dict[str, str]] = []
        self.printed = ""
        self._told: dict[tuple[int, int, int], tuple[int, bytes]] = {}
        extract = 0
        for kind, number, call, content in frames(data):
            if kind == EXTRACT:
                extract = number
            elif kind in (ANSWER, STATUS) and extract < extracts:
                self._told.setdefault((extract, number, call), (kind, content))
            elif kind == NOTE and len(self.notes) < NOTES_LIMIT:
                self.notes.append(_text(content, MESSAGE_LIMIT))
            elif kind == ERROR and extract == 0 and len(self.errors) < NOTES_LIMIT:
                told = _object(content)
                self.errors.append({"cell": str(told.get("cell"))[:80], "error": str(told.get("error"))[:300]})
            elif kind == PRINTED and extract == 0:
                self.printed = (self.printed + _text(content, PRINTED_LIMIT))[:PRINTED_LIMIT]

    def answer(self, extract: int, number: int, call: int, specification: dict[str, Any]) -> Outcome:
        """What was sent for one call of a question."""
        if (extract, number, call) not in self._told:
            return stopped(specification, "No answer arrived: the notebook ended before this question could be run.")
        kind, content = self._told[extract, number, call]
        if kind == STATUS:
            told = _object(content)
            if told.get("status") == NOT_ATTEMPTED:
                return not_attempted(specification, str(told.get("message", ""))[:MESSAGE_LIMIT])
            return stopped(specification, str(told.get("message", STOPPED))[:MESSAGE_LIMIT])
        try:
            return read_answer(content, list(specification["columns"]))
        except BadAnswer as error:
            return stopped(specification, str(error))


def _text(content: bytes, limit: int) -> str:
    return content[: 4 * limit].decode("utf-8", "replace")[:limit]


def _object(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content[:100_000])
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
