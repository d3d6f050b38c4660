"""Compares exported answers with a key, in a process that never runs student code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leocourse.checks.answer import Answer
from leocourse.checks.judge import Outcome, judge, not_attempted, stopped
from leocourse.checks.result import NOT_ATTEMPTED, Result
from leocourse.grading.transfer import BadAnswer, read_answer

OUTCOME_LIMIT = 2**20
_key: dict[str, Any] = {}


def hold_key(key: dict[str, Any]) -> None:
    """Keep the key in this process."""
    _key.clear()
    _key.update(key)


def compare(folder: Path) -> tuple[list[Result], dict[str, Any]]:
    """The results of every question of a submission that has run, and what it printed and raised."""
    outcome = _outcome(folder)
    limit = "The time limit ended the run before this question." if (folder / "timed-out").exists() else ""
    ended = limit or "The notebook ended before this question could be run."
    results = []
    for entry in _key["questions"]:
        specification = entry["specification"]
        told = outcome["questions"].get(specification["name"])
        answers = [_answer(folder, specification, told, call, ended) for call in range(len(specification["calls"]))]
        candidates = [_candidates(call) for call in entry["calls"]]
        results.append(judge(specification, answers, entry["calls"], candidates))
    return results, outcome


def _answer(folder: Path, specification: dict[str, Any], told: Any, call: int, ended: str) -> Outcome:
    try:
        entry = told[call]
        status, message = entry["status"], str(entry.get("message", ""))[:600]
    except (TypeError, KeyError, IndexError, AttributeError):
        return stopped(specification, ended)
    if status == "answer":
        try:
            return read_answer(folder / f"{specification['name']}-{call}.arrow")
        except BadAnswer as error:
            return stopped(specification, str(error))
    return not_attempted(specification) if status == NOT_ATTEMPTED else stopped(specification, message)


def _candidates(entry: dict[str, Any]) -> Answer | None:
    universe = entry.get("universe")
    return Answer(universe) if universe else None


def _outcome(folder: Path) -> dict[str, Any]:
    """What the run told, with anything unexpected left out."""
    empty: dict[str, Any] = {"errors": [], "questions": {}, "printed": ""}
    path = folder / "outcome.json"
    try:
        if path.is_symlink() or path.stat().st_size > OUTCOME_LIMIT:
            return empty
        data = json.loads(path.read_text(encoding="utf-8"))
        errors = [{"cell": int(error["cell"]), "error": str(error["error"])[:300]} for error in data["errors"][:50]]
        return {"errors": errors, "questions": dict(data["questions"]), "printed": str(data["printed"])[:20_000]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return empty
