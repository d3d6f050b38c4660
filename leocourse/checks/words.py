"""What checks say: the sentences of ``ladder.json``, which the pages of the book read as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LADDER: dict[str, Any] = json.loads(Path(__file__).with_name("ladder.json").read_text(encoding="utf-8"))
"""The sentences by name, the credit for what is right, and how many rows a message names."""


def say(name: str, count: int = 0, /, **values: object) -> str:
    """A sentence with its gaps filled in. Where it has two forms, ``count`` is the number that it speaks of.

    Raises KeyError if there is no such sentence, or if a value is missing.
    """
    sentence = LADDER["sentences"][name]
    if isinstance(sentence, dict):
        sentence = sentence["one" if count == 1 else "many"]
    return sentence.format_map(values)
