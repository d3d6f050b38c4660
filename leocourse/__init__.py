"""The LEO course: a synthetic extract with the real names, and checks that say what went wrong.

In a notebook: ``import leocourse as leo``, then ``con = leo.connect()``.
"""

from importlib import import_module
from typing import Any

from leocourse.checks import assignment
from leocourse.core.connect import attach_truth, connect
from leocourse.core.errors import LeoError
from leocourse.measures import measure, measures

__all__ = ["LeoError", "assignment", "attach_truth", "connect", "disclosure", "measure", "measures"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``leo.disclosure`` and ``leo.work``, once they are asked for: a notebook seldom needs them."""
    if name in ("disclosure", "work"):
        return import_module(f"leocourse.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
