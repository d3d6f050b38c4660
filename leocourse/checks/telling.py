"""Puts what was found into words: first the causes, each with its evidence, then what has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leocourse.checks import result as outcome
from leocourse.checks.causes import Cause
from leocourse.checks.comparison import compared
from leocourse.checks.ladder import Finding
from leocourse.checks.result import Result
from leocourse.checks.rules import Rule
from leocourse.checks.sketch import Parts
from leocourse.checks.words import LADDER, say

LINES: int = LADDER["lines"]
"""The most findings that a message has."""


def told(parts: Parts, causes: list[Cause], common: Callable[[Finding], str], unseen: bool = False) -> Result:
    """The result of an answer that is wrong. ``common`` says what the rows of a finding have in common, if anything.

    On an ``unseen`` extract its table shows no value that its messages do not say.
    """
    credit, specification, answer = parts.found[0].credit, parts.attempt.specification, parts.attempt.answer
    said = [_with_cause(specification, parts, cause, common) for cause in causes]
    known = [name for cause in causes for name in cause.slips]
    explained = {part for cause in causes for part in cause.parts}
    rest = [each for each in parts.found if not _parts_of(each) & explained]
    for each in rest[:LINES]:
        shared = common(each)
        words = (shared, each.message) if shared else (each.message, "")
        said.append(outcome.Told(each.part.lstrip("="), *words))
    said.sort(key=lambda each: not each.evidence)
    lines = [say("misconception", message=each.message, found=each.evidence) if each.evidence else each.message
             for each in said]  # fmt: skip
    if answer.caution:
        lines = [say("misconception", message=answer.caution, found=lines[0])]
    slip = specification["misconceptions"].get(known[0], {}) if known else {}
    return Result(
        question=specification["name"],
        title=specification["title"],
        status=outcome.PARTLY if credit else outcome.WRONG,
        credit=credit,
        points=specification["points"],
        message="\n".join(lines[:LINES]),
        misconception=known[0] if known else None,
        misconception_title=slip.get("title", ""),
        lesson=slip.get("lesson", specification["lesson"]),
        heading=(slip or specification).get("heading", ""),
        findings=tuple(said),
        table=compared(parts.attempt, _spoken(parts.found, lines[:LINES]) if unseen else parts.found, unseen)
        if parts.comparable
        else (),
    )


def _spoken(found: list[Finding], lines: list[str]) -> list[Finding]:
    """The findings whose own words are in the message."""
    return [each for each in found if any(each.message in line for line in lines)]


def _parts_of(found: Finding) -> set[str]:
    return {"extra", "missing"} if found.part == "people" else {found.part}


def _with_cause(
    specification: dict[str, Any], parts: Parts, cause: Cause, common: Callable[[Finding], str]
) -> outcome.Told:
    """A cause in words, with the finding that it explains first, and what its rows have in common."""
    first = next(each for each in parts.found if _parts_of(each) & cause.parts)
    words = [specification["misconceptions"][name]["message"] for name in cause.slips]
    words += [rule_words(parts, rule) for rule in cause.rules]
    words += [say("change", how=cause.change)] if cause.change else []
    evidence = f"{first.message} {common(first)}".strip()
    return outcome.Told(first.part.lstrip("="), " ".join(words), evidence)


def rule_words(parts: Parts, rule: Rule) -> str:
    """A rule in words, with how many rows prove it."""
    rows = say("all_rows" if rule.rows == rule.of else "most_rows", rule.of, rows=rule.rows, of=rule.of)
    names = {"column": rule.column, "other": rule.other, "rows": rows}
    if rule.name in ("rounded", "cut"):
        return say("rule_" + rule.name, **names, to=say("digits_" + rule.other.replace("-", "m")))
    return say("rule_" + (_of_flag(parts, rule) or rule.name), **names)


def _of_flag(parts: Parts, rule: Rule) -> str:
    """The sentence for one too many or too few where all wrong values are 1, or all 0: a flag is no number."""
    given = parts.attempt.answer.columns[rule.column]
    wrong = {given[row] for rows in parts.columns.get(rule.column, {}).values() for row in rows}
    return {("one_more", (1,)): "flag_1", ("one_less", (0,)): "flag_0"}.get((rule.name, tuple(wrong)), "")
