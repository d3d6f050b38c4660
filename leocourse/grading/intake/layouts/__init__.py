"""The layouts in which work is downloaded: a file each, found by looking in this folder.

A layout has ``NAME``; ``EXAMPLE``, paths as they are downloaded, each with the person and the time that it must give;
``OWN``, names of files that the system itself puts beside them; and ``whose``, which reads one path.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

Node = dict[str, Any]
"""A folder or zip: what is in it by name, another such or None for a file."""


@dataclass(frozen=True)
class Whose:
    """Whose a file is, as its path says."""

    student: str
    rest: tuple[str, ...]
    """Its path below what is the person's own, ending in the name that the person gave it."""
    number: str = ""
    """What tells two people of one name apart, if the system gives it."""
    also: tuple[str, ...] = ()
    """Other names of the person, by which a roster may know them."""
    time: str = ""
    """When it was handed in, as the system wrote it."""
    attempt: int = 0
    """Which attempt it is, if the system counts them."""
    depth: int = 1
    """How many parts of the path belong to the system."""


@dataclass(frozen=True)
class Around:
    """What is round a path: what lies beside it, above it, and what the assignments are called."""

    beside: Node
    above: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    """Letters of the names of assignments and their notebooks."""


class Layout(Protocol):
    """A module of this folder."""

    NAME: str
    EXAMPLE: dict[str, tuple[str, str]]
    OWN: tuple[str, ...]

    def whose(self, parts: tuple[str, ...], around: Around) -> Whose | None:
        """Whose a path is; None if it is none of this layout."""


@cache
def layouts() -> tuple[Layout, ...]:
    """All layouts, by name of the file."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in found)
