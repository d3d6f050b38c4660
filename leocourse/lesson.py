"""What the lessons use besides SQL and pandas: show a table, and stop where two answers differ."""

from __future__ import annotations

import re

import pandas as pd
from pandas.io.formats.style import Styler

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
