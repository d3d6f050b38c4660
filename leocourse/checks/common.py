"""What the wrong rows of an answer have in common: the shortest statement that is true of nearly all of them and of few
others.

Statements are about the people, from the records (:mod:`leocourse.checks.attributes`), and about the answer's own
columns. The search counts bits of whole numbers, one bit a row, so that it needs no connection and is the same wherever
a check runs. What it finds is said as a description: it is evidence, and no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leocourse.checks.attributes import WORDS, Attributes, short
from leocourse.checks.ladder import Attempt, Finding, shown
from leocourse.checks.words import say

FEW, NEARLY_ALL, RARE, CHANCE = 3, 0.95, 0.1, 0.01
"""The fewest wrong rows; of how many of them a statement is true at least, of how many others at most; and how likely
it may be that one of all the statements fits by chance."""
WRONG_ROWS, OTHER_ROWS, VALUES = 600, 2000, 40
"""So many rows are looked at, evenly spread, and columns with so many different values at most."""


@dataclass(frozen=True)
class Statement:
    """Something that is true of some rows: its words after 'they', and a bit for each row."""

    words: str
    rows: int


@dataclass(frozen=True)
class _Rows:
    """The wrong rows and the others, as rows of one table of plain values."""

    columns: dict[str, list[Any]]
    wrong: int
    """The first so many rows are the wrong ones."""
    total: int
    """How many wrong rows there are, also beyond those looked at."""
    others: int


def in_common(attempt: Attempt, finding: Finding, attributes: Attributes | None, own: dict[str, Any]) -> str:
    """The sentences that say what the rows of a finding have in common; empty if there is nothing to say.

    ``own`` has the question's own attributes: words, the column they are about, and the short hashes of whom they fit.
    """
    told = []
    about = {attempt.who[row] for row in finding.rows}
    if finding.part in ("extra", "people"):
        others = attempt.who_is_right
        told.append(_sentence(attempt, "extra", _answers(attempt, list(finding.rows), others), attributes, own))
    if finding.absent:
        told.append(_sentence(attempt, "missing", _absent(attempt, finding.absent), attributes, own))
    if finding.part == "repeated" or finding.part.startswith("="):
        others = [row for row in attempt.who_is_right if attempt.who[row] not in about]
        kind = "repeated" if finding.part == "repeated" else "wrong"
        told.append(_sentence(attempt, kind, _answers(attempt, list(finding.rows), others), attributes, own,
                              finding.part.lstrip("=")))  # fmt: skip
    return " ".join(each for each in told if each)


def _spread(rows: list[int], most: int) -> list[int]:
    return rows if len(rows) <= most else [rows[at * len(rows) // most] for at in range(most)]


def _one_each(attempt: Attempt, rows: list[int]) -> list[int]:
    """The first of these rows about each: people are counted, as the other sentences count them, and not rows."""
    first: dict[int, int] = {}
    for row in rows:
        first.setdefault(attempt.who[row], row)
    return list(first.values())


def _answers(attempt: Attempt, wrong: list[int], others: list[int]) -> _Rows | None:
    wrong, others = _one_each(attempt, wrong), _one_each(attempt, others)
    if min(len(wrong), len(others)) < FEW:
        return None  # what all have but one or two says nothing of those who are wrong
    first, second = _spread(wrong, WRONG_ROWS), _spread(others, OTHER_ROWS)
    columns = {name: [attempt.answer.columns[name][row] for row in (*first, *second)]
               for name in attempt.specification["columns"]}  # fmt: skip
    return _Rows(columns, len(first), len(wrong), len(others))


def _absent(attempt: Attempt, absent: frozenset[int]) -> _Rows | None:
    """The missing people by their identities, as far as candidates name them, beside those who are there."""
    names = attempt.specification["identity"]
    if len(absent) < FEW or not attempt.candidates_who:
        return None
    found = list({each: row for row, each in enumerate(attempt.candidates_who) if each in absent}.values())
    others = _one_each(attempt, attempt.who_is_right)
    if len(found) < NEARLY_ALL * len(absent) or len(others) < FEW:
        return None
    first, second = _spread(found, WRONG_ROWS), _spread(others, OTHER_ROWS)
    columns = {name: [*(attempt.candidates.columns[name][row] for row in first),
                      *(attempt.answer.columns[name][row] for row in second)]
               for name in names}  # fmt: skip
    return _Rows(columns, len(first), len(absent), len(others))


def _sentence(
    attempt: Attempt, kind: str, rows: _Rows | None, attributes: Attributes | None, own: dict[str, Any],
    itself: str = "",
) -> str:  # fmt: skip
    if rows is None:
        return ""
    statements = [*_of_people(attempt, rows, attributes, own), *_of_columns(attempt, rows, itself)]
    found = search(statements, rows.wrong, len(next(iter(rows.columns.values()))) - rows.wrong)
    if found is None:
        return ""
    mask = (1 << rows.wrong) - 1
    hits, seen = (found.rows & mask).bit_count(), (found.rows >> rows.wrong).bit_count()
    looked = len(next(iter(rows.columns.values()))) - rows.wrong
    return say(
        "common",
        people=say("common_all" if hits == rows.wrong else "common_of", hits=f"{hits:,}",
                   people=attempt.units(rows.total if hits == rows.wrong else rows.wrong)),
        which=say(f"common_{kind}"), words=found.words, others=f"{looked:,}",
        few=say("common_none" if not seen else "common_some", seen, number=f"{seen:,}"),
    )  # fmt: skip


def search(statements: list[Statement], wrong: int, others: int) -> Statement | None:
    """The statement, or two together, true of nearly all of the first ``wrong`` rows and of few of the others."""
    mask = (1 << wrong) - 1
    true = [each for each in statements if (each.rows & mask).bit_count() >= NEARLY_ALL * wrong]
    tried = len(statements)
    found = _best(true, wrong, others, tried)
    if found:
        return found
    both = [Statement(say("common_and", first=first.words, second=second.words), first.rows & second.rows)
            for at, first in enumerate(true) for second in true[at + 1:]
            if 2 * ((first.rows & second.rows) >> wrong).bit_count()
            <= min((first.rows >> wrong).bit_count(), (second.rows >> wrong).bit_count())]  # fmt: skip
    return _best(both, wrong, others, tried * tried)


def _best(statements: list[Statement], wrong: int, others: int, tried: int) -> Statement | None:
    mask = (1 << wrong) - 1
    ranked = []
    for place, each in enumerate(statements):
        hits, seen = (each.rows & mask).bit_count(), (each.rows >> wrong).bit_count()
        chance = ((seen + 1) / (others + 2)) ** hits * tried
        if hits >= NEARLY_ALL * wrong and seen <= RARE * others and chance <= CHANCE:
            ranked.append((seen, -hits, place))
    return statements[min(ranked)[2]] if ranked else None


def _of_people(
    attempt: Attempt, rows: _Rows, attributes: Attributes | None, own: dict[str, Any]
) -> Iterator[Statement]:
    """Statements about the people that the rows are about, from the records."""
    column = next((name for name in attempt.specification["identity"] if name in WORDS["identities"]), None)
    if column is None:
        return
    for words, made in own.items():
        if made["column"] in rows.columns:
            fits = set(made["who"])
            yield Statement(words, _bits(short(each) in fits for each in rows.columns[made["column"]]))
    if attributes is None:
        return
    known = [attributes.of(column, each) for each in rows.columns[column]]
    for bit, name in enumerate(attributes.names):
        yield Statement(WORDS["is"][name], _bits(each is not None and each >> bit & 1 for each in known))
        if name in WORDS["is_not"]:
            yield Statement(WORDS["is_not"][name], _bits(each is not None and not each >> bit & 1 for each in known))
    yield Statement(say("common_unknown", column=column), _bits(each is None for each in known))


def _of_columns(attempt: Attempt, rows: _Rows, itself: str) -> Iterator[Statement]:
    """Statements about what the columns of the answer hold, but for the wrong one itself."""
    for name, values in rows.columns.items():
        if name == itself:
            continue
        if None in values:
            yield Statement(say("common_null", column=name), _bits(each is None for each in values))
        different = {each for each in values if each is not None}
        for each in sorted(different, key=str) if len(different) <= VALUES else {0} & different:
            yield Statement(say("common_value", column=name, value=shown(each)), _bits(v == each for v in values))
        if name in attempt.specification["identity"] and 2 < len(different) <= VALUES and _numbers(different):
            for each in sorted(different)[1:-1]:
                least = _bits(value is not None and value >= each for value in values)
                most = _bits(value is not None and value <= each for value in values)
                yield Statement(say("common_least", column=name, value=shown(each)), least)
                yield Statement(say("common_most", column=name, value=shown(each)), most)


def _numbers(values: set[Any]) -> bool:
    return all(isinstance(each, int | float) for each in values)


def _bits(truths: Iterator[Any]) -> int:
    return int("".join("1" if each else "0" for each in truths)[::-1] or "0", 2)
