"""A table ready to be examined, with the numbers that follow from those that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.disclosure.columns import Layout
from leocourse.disclosure.report import Settings

CLOSE = 1e-9


# A table ready to be examined ----------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """Numbers of people in one column, whether they stand in the table or follow from it."""

    column: str
    """The column that a finding is about, and that is blanked to mend it."""
    values: np.ndarray
    """NaN where nothing is known."""
    says: str
    """What the numbers are, in words: the column itself, or what follows from it."""
    shown: bool
    """Whether the numbers stand in the table."""


Line = tuple[int, tuple[int, ...]]
"""A row that is a total, and the rows that it is the total of."""


@dataclass(frozen=True)
class Sheet:
    """A table with everything that the rules look at."""

    table: pd.DataFrame
    layout: Layout
    settings: Settings
    labels: tuple[str, ...]
    totals: frozenset[int]
    """Rows that are a total of others in some group column."""
    lines: tuple[Line, ...]
    series: tuple[tuple[int, ...], ...]
    """Rows that differ in one group column only, totals left out."""
    contributions: pd.DataFrame | None = None
    values: dict[str, str] | None = None
    earlier: pd.DataFrame | None = None
    exact: bool = False
    """Whether the counts are the true ones, before rounding."""

    @cached_property
    def _numbers(self) -> dict[str, np.ndarray]:
        names = [*self.layout.counts, *self.layout.statistics]
        return {name: self.table[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for name in names}

    def numbers(self, column: str) -> np.ndarray:
        """A column as floats."""
        return self._numbers[column]

    @cached_property
    def cells(self) -> list[Cells]:
        """All numbers of people in the table: counts, what is left of a base, and what percentages say."""
        plan = self.layout
        found = [Cells(name, self.numbers(name), name, True) for name in plan.counts]
        for part, base in plan.parts.items():
            rest = self.numbers(base) - self.numbers(part)
            found.append(Cells(part, rest, f"{base} less {part}", False))
        for name, base in plan.statistics.items():
            if plan.kinds[name] in ("percentage", "share"):
                whole = self.numbers(base)
                part = _behind(self.numbers(name), whole, 100 if plan.kinds[name] == "percentage" else 1, self)
                found.append(Cells(name, part, f"the number behind {name}", False))
                found.append(Cells(name, whole - part, f"the number behind the rest of {name}", False))
        return found


def sheet_of(table: pd.DataFrame, plan: Layout, rules: Settings, **more: Any) -> Sheet:
    keys = [tuple(map(plain_number, row)) for row in table[list(plan.groups)].itertuples(index=False, name=None)]
    if plan.groups and len(set(keys)) < len(keys):
        again = next(key for number, key in enumerate(keys) if key in keys[:number])
        raise LeoError(
            f"Two rows are about the same group ({_label(plan.groups, again)}): a table has one row a group."
        )
    labels = tuple(_label(plan.groups, key) or f"row {number + 1}" for number, key in enumerate(keys))
    lines, series = [], []
    for place in range(len(plan.groups)):
        along: dict[tuple, dict[bool, list[int]]] = {}
        for row, key in enumerate(keys):
            others = key[:place] + key[place + 1 :]
            along.setdefault(others, {True: [], False: []})[is_total(key[place], rules)].append(row)
        for found in along.values():
            if found[True] and found[False]:
                lines.append((found[True][0], tuple(found[False])))
            if len(found[False]) > 1:
                series.append(tuple(found[False]))
    totals = frozenset(row for row, key in enumerate(keys) if any(is_total(value, rules) for value in key))
    return Sheet(table, plan, rules, labels, totals, tuple(lines), tuple(series), **more)


def plain_number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "missing" if pd.isna(value) else str(value)


def _label(groups: Sequence[str], key: Sequence[str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(groups, key, strict=True))


def is_total(value: Any, rules: Settings) -> bool:
    return str(value).strip().lower() in rules.total_labels


def _behind(shares: np.ndarray, base: np.ndarray, scale: int, sheet: Sheet) -> np.ndarray:
    """The number of people that a percentage and its base give away: the nearest that gives this percentage."""
    step = 1 if sheet.exact else sheet.settings.safe_round_base
    found = shares * base / scale
    for row, (share, whole) in enumerate(zip(shares, base, strict=True)):
        if np.isnan(found[row]) or not whole:
            continue
        steps = (step, 1) if consistent(share, whole, scale, step) else (1,)
        found[row] = nearest(found[row], steps[0])
    return found


def consistent(share: float, whole: float, scale: int, step: int) -> bool:
    """Whether a percentage, as precise as it is given, can come from a multiple of ``step``."""
    places = _decimals(share)
    number = nearest(share * whole / scale, step)
    return (
        any(abs(round(scale * (number + change) / whole, places) - share) < CLOSE for change in (-step, 0, step))
        or abs(scale * number / whole - share) < CLOSE
    )


def _decimals(value: float) -> int:
    return next((places for places in range(7) if abs(round(value, places) - value) < CLOSE), 7)


def nearest(value: float, step: float) -> float:
    """Rounded to a multiple of ``step``, halves up."""
    return float(np.floor(value / step + 0.5) * step)
