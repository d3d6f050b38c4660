"""What the lessons use besides SQL and pandas: show a table, stop where two answers differ, check an exercise."""

from __future__ import annotations

import json
import os
import re
import textwrap
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from leocourse.checks.assignment import MARKING, Check, Words
from leocourse.core.paths import extract_folder

YEAR = re.compile("year|cohort|census", re.IGNORECASE)
"""Columns of this name hold years: 2012, not 2,012."""


def show(table: pd.DataFrame, decimals: int = 1) -> Styler:
    """A small table for reading: no index, ``decimals`` places, a word for what is missing, text escaped."""
    tidy = {"precision": decimals, "na_rep": "missing", "escape": "html"}
    years = [name for name in table.columns if YEAR.search(str(name))]
    others = [name for name in table.columns if name not in years]
    return table.style.hide(axis="index").format(subset=years, **tidy).format(subset=others, thousands=",", **tidy)


def agree(first: pd.DataFrame, second: pd.DataFrame) -> None:
    """Stop if two tables differ; the order of rows and columns does not matter. Raises AssertionError."""
    by = list(first.columns)
    tidy = [table[by].sort_values(by, ignore_index=True) for table in (first, second)]
    pd.testing.assert_frame_equal(*tidy, check_dtype=False)
    print("Both give the same answer.")


class Exercises(Check):
    """Checks the exercises of a lesson: an answer that is still as it was given is none, and nothing stops for it."""

    def __call__(self, question: str, given: Any = ...) -> Any:
        """Say what is right, or what is not and why. ``given`` is SQL, or a number or a choice for a prediction."""
        if not self._questions and not self._marking:
            return Words("There are no keys beside the extract, so nothing was checked: make them with 'leo release'.")
        if not self._marking:
            specification = self._entry(question)["specification"]
            if isinstance(given, str) and textwrap.dedent(given).strip() == specification["given"]:
                return Words(f"{question} is as it was given: change it, then run the cell again.")
            if specification["form"] == "predict" and given is not ...:
                given = pd.DataFrame({"answer": [given]})
            elif given is ...:
                return Words(f"{question} has no answer yet: write one in place of the dots, then run the cell again.")
        return super().__call__(question, given)


def exercises(lesson: str) -> Exercises:
    """The check of the exercises of a lesson, named as its page is: ``check = exercises("building-a-cohort")``.

    Without keys beside the extract it says so at the first check. Raises LeoError if there is no extract.
    """
    path = extract_folder() / "keys" / f"{lesson}.json"
    key = {} if not path.is_file() else json.loads(path.read_text(encoding="utf-8"))
    return Exercises(lesson, None if os.environ.get(MARKING) else key, beside=path.parent)
