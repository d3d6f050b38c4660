"""Text of strangers made fit to be shown: names, messages and whatever else a submission had a hand in."""

from __future__ import annotations

import re

CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Terminal colours, control characters, and marks that turn the direction of text round: no page needs them."""


def clean(text: str) -> str:
    """Text without terminal colours, control characters and halves of characters that cannot be written."""
    return CONTROL.sub("", text).encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Clean text on one line."""
    return " ".join(clean(text).split())
