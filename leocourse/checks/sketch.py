"""In what an answer differs from the right one, part by part: who is extra, missing or repeated, and which values.

Of a catalogued slip the key holds a *sketch* of these parts. Of a part that concerns many it has those whose hash is
smallest, and how many there are, so that a key stays small; the same part of an answer is then compared among these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leocourse.checks.fingerprint import VALUE, WHO, digest, pack, unpack
from leocourse.checks.ladder import Attempt, Finding, findings, gathered

KEPT, KEPT_OF_PAIR = 256, 64
"""How many of each part a sketch holds."""
NEARLY_ALL = 0.99
"""Parts are alike if so much of each is in the other."""
PEOPLE = ("extra", "missing", "repeated")


@dataclass(frozen=True)
class Parts:
    """The parts in which an answer is wrong."""

    attempt: Attempt
    found: list[Finding]

    @classmethod
    def of(cls, attempt: Attempt) -> Parts:
        """Take an answer apart."""
        return cls(attempt, findings(attempt))

    @property
    def comparable(self) -> bool:
        """Whether there are rows to compare: not if a column is missing, or holds another kind of value."""
        return not any(each.step in ("columns", "families") for each in self.found)

    @cached_property
    def people(self) -> dict[str, set[int]]:
        """Whom the answer has too many, too few or too often, by ``extra``, ``missing`` and ``repeated``."""
        who, sets = self.attempt.who if self.comparable else [], {}
        for each in self.found:
            if each.part in ("extra", "people"):
                sets["extra"] = {who[row] for row in each.rows}
            if each.absent:
                sets["missing"] = set(each.absent)
            if each.part == "repeated":
                sets["repeated"] = {who[row] for row in each.rows}
        return sets

    @cached_property
    def columns(self) -> dict[str, dict[int, list[int]]]:
        """The rows that are wrong in each column, by whom they are about."""
        return {each.part[1:]: gathered([self.attempt.who[row] for row in each.rows], list(each.rows))
                for each in self.found if each.step == "values"}  # fmt: skip

    @cached_property
    def names(self) -> set[str]:
        """The names of the parts: ``extra``, ``missing``, ``repeated``, ``order``, and ``=days`` for a column."""
        return {*self.people, *(f"={column}" for column in self.columns), *(["order"] if self.order else [])}

    @cached_property
    def present(self) -> set[int]:
        """Whom the answer has rows about."""
        return set(self.attempt.who) if self.comparable else set()

    @property
    def order(self) -> str | None:
        """One hash of all rows as they stand, if their order is wrong."""
        return digest(self.attempt.who) if any(each.part == "order" for each in self.found) else None


def sketch(parts: Parts, kept: int = KEPT) -> dict[str, Any]:
    """The parts of a slip's answer as they go into a key. Empty if the answer is right, or has nothing to compare."""
    made: dict[str, Any] = {
        name: {"number": len(who), "who": pack(sorted(who)[:kept], WHO)} for name, who in parts.people.items()
    }
    if parts.columns:
        made["values"] = {name: _column(parts, name, kept) for name in parts.columns}
    if parts.order:
        made["order"] = parts.order
    return made


def cut(made: dict[str, Any], kept: int) -> dict[str, Any]:
    """A sketch as it would be with fewer of each part."""
    smaller: dict[str, Any] = {}
    for name, part in made.items():
        if name in PEOPLE:
            smaller[name] = {**part, "who": pack(unpack(part["who"], WHO)[:kept], WHO)}
        elif name == "values":
            smaller[name] = {column: _cut_column(each, kept) for column, each in part.items()}
        else:
            smaller[name] = part
    return smaller


def _cut_column(given: dict[str, Any], kept: int) -> dict[str, Any]:
    who = unpack(given["who"], WHO)
    most = len([each for each in who if each in set(sorted(set(who))[:kept])])
    return {**given, "who": pack(who[:most], WHO), "is": pack(unpack(given["is"], VALUE)[:most], VALUE)}


def _column(parts: Parts, name: str, kept: int) -> dict[str, Any]:
    hashed, rows = parts.attempt.hashes.column(name), parts.columns[name]
    who = sorted(rows)[:kept]
    pairs = sorted({(each, hashed[row]) for each in who for row in rows[each]})
    return {
        "number": len(rows),
        "who": pack([each for each, _ in pairs], WHO),
        "is": pack([value for _, value in pairs], VALUE),
    }


@dataclass(frozen=True)
class Slip:
    """The parts in which a slip's answer is wrong, as a key has them."""

    name: str
    made: dict[str, Any]
    _sets: dict[str, set[int]] = field(default_factory=dict)
    _values: dict[str, dict[int, set[int]]] = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The names of its parts, as :attr:`Parts.names`."""
        columns = (f"={column}" for column in self.made.get("values", {}))
        return [*(each for each in PEOPLE if each in self.made), *columns, *(["order"] if "order" in self.made else [])]

    def explains(self, parts: Parts, part: str) -> bool:
        """Whether this part of an answer is wrong as the slip's answer is."""
        if part == "order":
            return parts.order == self.made["order"]
        if part in PEOPLE:
            mine = parts.people.get(part, set())
            known = self._known(part, self.made[part])
            return same(mine, known, self.made[part]["number"])
        return self._explains_values(parts, part[1:])

    def _explains_values(self, parts: Parts, column: str) -> bool:
        is_so = self.values(column)
        upto = self.upto(column)
        wrong = parts.columns.get(column, {})
        asked = {who: rows for who, rows in wrong.items() if upto is None or who <= upto}
        there = [who for who in is_so if who in parts.present]
        hashes, hits, missed = parts.attempt.hashes, set(), 0
        bearable = (1 - NEARLY_ALL) * sum(map(len, asked.values()))
        for who, rows in asked.items():
            for row in rows:
                if hashes.could_be(column, row) & is_so.get(who, set()):
                    hits.add(who)
                else:
                    missed += 1
                    if missed > bearable:
                        return False
        return len(hits) >= max(1, NEARLY_ALL * len(there))

    def upto(self, column: str) -> int | None:
        """The largest hash of whom the sketch of a column goes up to; None if it is whole."""
        is_so = self.values(column)
        return max(is_so) if len(is_so) < self.made["values"][column]["number"] else None

    def values(self, column: str) -> dict[int, set[int]]:
        """What the slip's values are in a column where they are wrong, as hashes by whom they are about."""
        if column not in self._values:
            given = self.made["values"][column]
            pairs = gathered(unpack(given["who"], WHO), unpack(given["is"], VALUE))
            self._values[column] = {who: set(each) for who, each in pairs.items()}
        return self._values[column]

    def _known(self, part: str, given: dict[str, Any]) -> set[int]:
        if part not in self._sets:
            self._sets[part] = set(unpack(given["who"], WHO))
        return self._sets[part]


def same(mine: set[int], known: set[int], number: int) -> bool:
    """Whether a set is (nearly) the one of which the smallest are known, and the number of all."""
    if not mine or not known or abs(len(mine) - number) > (1 - NEARLY_ALL) * max(len(mine), number):
        return False
    upto = max(known) if len(known) < number else None
    asked = {each for each in mine if upto is None or each <= upto}
    both = len(asked & known)
    return both >= NEARLY_ALL * len(known) and both >= NEARLY_ALL * len(asked)
