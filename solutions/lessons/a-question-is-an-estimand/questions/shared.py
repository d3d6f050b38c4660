"""What the exercises of this lesson share."""

from __future__ import annotations

from typing import Any

import pandas as pd

from leocourse.authoring.question import Misconception

LESSON = "A question is an estimand"

LIVES = """(VALUES (1, 1, 22000, 20000), (2, 1, 30000, 26000), (3, 1, 25000, 25000),
             (4, 0, 24000, 19000), (5, 0, 28000, 21000), (6, 0, 31000, 30000))
     AS lives (person, completed, with_it, without_it)"""
"""Six people with both of their lives."""
CELLS = "(VALUES (1, 40, 0.10), (2, 35, 0.14), (3, 5, 0.30)) AS cells (cell, treated, gap)"


def wrong(name: str, title: str, message: str, answer: str, heading: str = "") -> Misconception:
    """A slip of this lesson alone, which the catalogue has not."""
    return Misconception(name, title, message, LESSON, answer, heading)


def lives(average: str, condition: str = "") -> str:
    """SQL for an average over the six."""
    return f"SELECT {average} AS effect\nFROM {LIVES}\n{condition}"


def lives_frame() -> pd.DataFrame:
    """The six people as a table."""
    rows = [(1, 1, 22000, 20000), (2, 1, 30000, 26000), (3, 1, 25000, 25000),
            (4, 0, 24000, 19000), (5, 0, 28000, 21000), (6, 0, 31000, 30000)]  # fmt: skip
    return pd.DataFrame(rows, columns=["person", "completed", "with_it", "without_it"])


def effect(value: Any) -> pd.DataFrame:
    """An answer with one number."""
    return pd.DataFrame({"effect": [float(value)]})
