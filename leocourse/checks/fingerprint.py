"""Fingerprints of a right answer: enough to tell what is wrong with another one, not to read it off.

A fingerprint holds a 64-bit hash of whom each row is about and of every value, and in plain only a
few example rows, so that a message can say what was expected.
"""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Iterator
from typing import Any

from leocourse.checks.answer import Answer

EXAMPLES = 12


def fingerprint(answer: Answer, specification: dict[str, Any], salt: str) -> dict[str, Any]:
    """The fingerprint of an answer, ready for JSON. Rows stand in the answer's order."""
    who = identities(answer, specification, salt)
    values = {}
    for column in value_columns(specification):
        cells = zip(who, answer.columns[column], strict=True)
        values[column] = _pack([next(_cell(*cell, column, specification)) for cell in cells])
    order = sorted(range(answer.rows), key=lambda row: who[row])[:EXAMPLES]
    return {
        "rows": answer.rows,
        "who": _pack(who),
        "values": values,
        "examples": [{name: answer.columns[name][row] for name in specification["columns"]} for row in order],
    }


def value_columns(specification: dict[str, Any]) -> list[str]:
    """The columns that hold values, not identities."""
    return [name for name in specification["columns"] if name not in specification["identity"]]


def identities(answer: Answer, specification: dict[str, Any], salt: str) -> list[int]:
    """A hash of whom each row is about. Without an identity, rows are told apart by their order."""
    names = specification["identity"]
    if not names:
        return [_hash(salt, row) for row in range(answer.rows)]
    parts = [answer.columns[name] for name in names]
    return [_hash(salt, *row) for row in zip(*parts, strict=True)]


def matches(who: int, value: Any, column: str, expected: int, specification: dict[str, Any]) -> bool:
    """Whether a value is the expected one, within the column's tolerance."""
    return expected in _cell(who, value, column, specification)


def unpack(text: str) -> list[int]:
    """The hashes of a packed column."""
    raw = base64.b64decode(text)
    return list(struct.unpack(f"<{len(raw) // 8}Q", raw))


def _cell(who: int, value: Any, column: str, specification: dict[str, Any]) -> Iterator[int]:
    """Hashes that stand for a value: of its step on the scale of the tolerance, then of the next steps."""
    tolerance = specification["tolerance"].get(column)
    if tolerance and isinstance(value, (int, float)) and math.isfinite(value):
        step = math.floor(value / tolerance)
        yield from (_hash(who, column, "step", each) for each in (step, step - 1, step + 1))
        return
    if isinstance(value, float):
        value = float(f"{value:.9g}")
    yield _hash(who, column, value)


def _hash(*parts: Any) -> int:
    text = "\x1f".join(["\x00" if part is None else str(part) for part in parts])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _pack(hashes: list[int]) -> str:
    return base64.b64encode(struct.pack(f"<{len(hashes)}Q", *hashes)).decode()
