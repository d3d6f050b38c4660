"""Fingerprints of a right answer: enough to tell what is wrong with another one, not to read it off.

A fingerprint holds a 64-bit hash of whom each row is about, one of 32 bits of every value, and in plain only a
few example rows, so that a message can say what was expected.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import repeat
from typing import Any

from leocourse.checks.answer import Answer

EXAMPLES = 10
"""So many right rows a call are in a key in plain: with them a wrong person can be shown whole."""
WHO, VALUE = "Q", "I"
"""How hashes are packed. A value's is short: it is compared in one row only, so by chance nothing fits."""
LARGEST = 1e300
"""A number from here on has no step on a scale."""
BREAK, MISSING = "\x1f", "\x00"
"""What parts of a text are joined with, and what stands for a missing value."""


@dataclass(frozen=True)
class Hashes:
    """The hashes of an answer. They do not depend on what is right, so they are made once and compared with many."""

    answer: Answer
    specification: dict[str, Any]
    salt: str
    _columns: dict[str, list[int]] = field(default_factory=dict)
    _near: dict[tuple[str, int], set[int]] = field(default_factory=dict)

    @cached_property
    def who(self) -> list[int]:
        """Whom each row is about. Without an identity, rows are told apart by their order."""
        names = self.specification["identity"]
        parts = [self.answer.columns[name] for name in names] or [range(self.answer.rows)]
        texts = [[MISSING if value is None else str(value) for value in column] for column in parts]
        return _hashes(BREAK.join(row) for row in zip(repeat(self.salt), *texts))

    def column(self, name: str) -> list[int]:
        """The hash of each row's value: of its step on the scale of the tolerance, if the column has one."""
        if name not in self._columns:
            self._columns[name] = self._hashed(name)
        return self._columns[name]

    def beside(self, name: str, row: int) -> list[int]:
        """The hashes of a value that would lie one step lower or higher. None without a tolerance."""
        tolerance = self.specification["tolerance"].get(name)
        step = _step(self.answer.columns[name][row], tolerance) if tolerance else None
        if step is None:
            return []
        return self.steps(name, row, (step - 1, step + 1))

    def could_be(self, name: str, row: int) -> set[int]:
        """The hashes of all values that count as this one: its own, and those one step away."""
        if (name, row) not in self._near:
            self._near[name, row] = {self.column(name)[row], *self.beside(name, row)}
        return self._near[name, row]

    def steps(self, name: str, row: int, steps: Iterable[int]) -> list[int]:
        """The hashes that values on these steps of the tolerance would have in a row."""
        return _short(f"{self.who[row]}{BREAK}{name}{BREAK}step{BREAK}{step}" for step in steps)

    def of(self, name: str, rows: Sequence[int], values: Sequence[Any]) -> list[int]:
        """The hashes that these values would have in these rows."""
        tolerance = self.specification["tolerance"].get(name)
        if tolerance:
            steps = [_step(value, tolerance) for value in values]
            texts: Iterable[str] = [
                _text(value) if step is None else f"step{BREAK}{step}"
                for value, step in zip(values, steps, strict=True)
            ]
        else:
            texts = map(str, values) if set(map(type, values)) <= {int, str} else map(_text, values)
        return _short(f"{self.who[row]}{BREAK}{name}{BREAK}{text}" for row, text in zip(rows, texts, strict=True))

    def _hashed(self, name: str) -> list[int]:
        return self.of(name, range(self.answer.rows), self.answer.columns[name])


def fingerprint(hashes: Hashes, examples: int = EXAMPLES) -> dict[str, Any]:
    """The fingerprint of an answer, ready for JSON, with so many rows in plain (:func:`example_rows`).

    Its rows stand in one order, however the answer came: without ORDER BY, that of DuckDB changes from run to run.
    """
    answer, specification = hashes.answer, hashes.specification
    values = {name: hashes.column(name) for name in value_columns(specification)}
    settled = _settled(hashes)
    kept = specification["ordered"] or not specification["identity"]
    order = range(answer.rows) if kept else settled
    return {
        "rows": answer.rows,
        "who": pack([hashes.who[row] for row in order]),
        "values": {name: pack([each[row] for row in order], VALUE) for name, each in values.items()},
        "examples": example_rows(hashes, (), examples),
    }


def example_rows(hashes: Hashes, wanted: Sequence[int], number: int = EXAMPLES) -> list[dict[str, Any]]:
    """So many rows of an answer in plain: those about whom is ``wanted`` first, as hashes, then the first ones."""
    settled = _settled(hashes)
    places: dict[int, list[int]] = {}
    for row in settled:
        places.setdefault(hashes.who[row], []).append(row)
    first = [row for who in wanted for row in places.get(who, ())]
    return [
        {name: _nine_digits(hashes.answer.columns[name][row]) for name in hashes.specification["columns"]}
        for row in list(dict.fromkeys([*first, *settled]))[:number]
    ]


def _settled(hashes: Hashes) -> list[int]:
    """The rows in one order, however the answer came."""
    values = [hashes.column(name) for name in value_columns(hashes.specification)]
    return sorted(range(hashes.answer.rows), key=lambda row: (hashes.who[row], [each[row] for each in values]))


def value_columns(specification: dict[str, Any]) -> list[str]:
    """The columns that hold values, not identities."""
    return [name for name in specification["columns"] if name not in specification["identity"]]


def unpack(text: str, code: str = WHO) -> list[int]:
    """The numbers of a packed column: of 64 bits, or of 32 with ``VALUE``."""
    raw = base64.b64decode(text)
    return list(struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw))


def pack(numbers: Sequence[int], code: str = WHO) -> str:
    """Numbers as text, for JSON."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}{code}", *numbers)).decode()


def digest(who: Iterable[int]) -> str:
    """One hash of many, in their order."""
    return blake2b(BREAK.join(map(str, who)).encode(), digest_size=8).hexdigest()


def _step(value: Any, tolerance: float) -> int | None:
    """Where a number lies on the scale of the tolerance; None for what is no number."""
    number = isinstance(value, (int, float)) and abs(value) < LARGEST  # a whole number can be larger than any float
    return math.floor(value / tolerance) if number else None


def _text(value: Any) -> str:
    return MISSING if value is None else str(_nine_digits(value))


def _nine_digits(value: Any) -> Any:
    """A value, to nine digits if it is a fraction: the last ones depend on the order of a sum."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _hashes(texts: Iterable[str]) -> list[int]:
    """64-bit hashes of texts."""
    raw = b"".join([blake2b(text.encode(), digest_size=8).digest() for text in texts])
    return list(struct.unpack(f"<{len(raw) // 8}Q", raw))


def _short(texts: Iterable[str]) -> list[int]:
    """32-bit hashes of texts: the first half of what :func:`_hashes` gives."""
    raw = b"".join([blake2b(text.encode(), digest_size=8).digest()[:4] for text in texts])
    return list(struct.unpack(f"<{len(raw) // 4}I", raw))
