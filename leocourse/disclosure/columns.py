"""What each column of a table is: a group, a count or a statistic, and whose base a count is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from leocourse.core.errors import LeoError

GROUP = re.compile(r"year|cohort|census|quintile|decile|(^|_)band($|_)", re.IGNORECASE)
"""Numeric columns of this name say who a row is about."""
PERCENTAGE = re.compile(
    r"%|percent|per_cent|(^|[^a-z])(pct|pc|share|proportion|fraction|rate)s?([^a-z]|$)", re.IGNORECASE
)
EXTREME = re.compile(r"(^|[^a-z])(min|max|minimum|maximum|lowest|largest|smallest)([^a-z]|$)", re.IGNORECASE)
QUANTILE = re.compile(r"median|quartile|percentile|(^|[^a-z])(lq|uq|p\d{1,2})([^a-z0-9]|$)", re.IGNORECASE)
TOTAL = re.compile(r"(^|[^a-z])(sum|total)([^a-z]|$)", re.IGNORECASE)
STATISTIC = re.compile(
    r"(^|[^a-z])(mean|average|avg|sum|sd|std|variance|earnings|pay|income|score|points)([^a-z]|$)", re.IGNORECASE
)
BASE = re.compile(
    r"(^|_)(people|persons|pupils|students|learners|graduates|leavers|all|total|base|n|counts?)($|_)", re.I
)
"""Count columns of this name may hold everybody of whom other counts are a part."""
KINDS = ("mean", "sum", "percentage", "share", "quantile", "extreme")


# What the columns are ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """What each column of a table is."""

    groups: tuple[str, ...]
    counts: tuple[str, ...]
    statistics: dict[str, str]
    """The count column that is the base of each statistic."""
    parts: dict[str, str]
    """Count columns that are part of another: people in work, of all people."""
    kinds: dict[str, str]
    """Of each statistic, one of KINDS."""


def layout(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    counts: Sequence[str] | None = None,
    statistics: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Layout:
    """What the columns are: as said, and otherwise by type and name. Raises LeoError where that is not clear."""
    _named_columns(table, groups, counts, statistics, parts, kinds)
    said = {*(groups or ()), *(counts or ()), *(statistics or {})}
    found: dict[str, list[str]] = {"group": list(groups or ()), "count": list(counts or ()), "statistic": []}
    for name in table.columns:
        if name not in said:
            found[_role(table[name], name)].append(name)
    order = list(table.columns)
    all_counts = tuple(sorted(found["count"], key=order.index))
    whole = _parts(table, all_counts) if parts is None else dict(parts)
    bases = dict(statistics or {})
    for name in found["statistic"]:
        bases[name] = _base_of(name, all_counts, whole)
    for name, base in [*bases.items(), *whole.items()]:
        if base not in all_counts:
            raise LeoError(f"The base of '{name}' must be a count column, and '{base}' is none.")
    return Layout(
        tuple(sorted(found["group"], key=order.index)),
        all_counts,
        bases,
        whole,
        {name: (kinds or {}).get(name) or _kind(name, table[name]) for name in bases},
    )


def _named_columns(table: pd.DataFrame, groups: Any, counts: Any, statistics: Any, parts: Any, kinds: Any) -> None:
    """Refuse what is no table, and names of columns that are not in it."""
    if not isinstance(table, pd.DataFrame):
        raise LeoError(f"Expected a DataFrame, got {type(table).__name__}: a query gives one with .df().")
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise LeoError(f"Two columns are called '{repeated[0]}': give each a name of its own.")
    given = {"groups": groups, "counts": counts}
    for word, value in given.items():
        if isinstance(value, str):
            raise LeoError(f"{word} takes a list: {word}=['{value}'].")
    pairs = {"statistics": statistics, "parts": parts}
    for word, value in pairs.items():
        if value is not None and not isinstance(value, Mapping):
            raise LeoError(f"{word} takes pairs of a column and its base: {word}={{'column': 'people'}}.")
    asked = [*(groups or ()), *(counts or ()), *(kinds or {})]
    for pair in [*(statistics or {}).items(), *(parts or {}).items()]:
        asked.extend(pair)
    for name in asked:
        if name not in table.columns:
            raise LeoError(
                f"There is no column '{name}'. The table has {', '.join(map(str, table.columns)) or 'none'}."
            )
    for name, kind in (kinds or {}).items():
        if kind not in KINDS:
            raise LeoError(f"'{kind}' is no kind of statistic ('{name}'). Kinds are {', '.join(KINDS)}.")
    for name in [*(counts or ()), *(statistics or {})]:
        if not pd.api.types.is_numeric_dtype(table[name]):
            raise LeoError(f"Column '{name}' does not hold numbers: write a suppressed number as missing, not as text.")


def _role(column: pd.Series, name: str) -> str:
    """Group, count or statistic. In doubt a count, for which most is checked."""
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column) or GROUP.search(name):
        return "group"
    if any(words.search(name) for words in (PERCENTAGE, EXTREME, QUANTILE, STATISTIC)):
        return "statistic"
    values = column.dropna().astype(float)
    if pd.api.types.is_float_dtype(column) and (values.empty or (values % 1 != 0).any()):
        return "statistic"
    if len(values) and set(values) <= {0.0, 1.0} and not BASE.search(name):
        raise LeoError(
            f"Column '{name}' holds only 0 and 1: is it a group or a count? Say groups=['{name}'] or counts=['{name}']."
        )
    return "count"


def _parts(table: pd.DataFrame, counts: tuple[str, ...]) -> dict[str, str]:
    """Which counts are part of which, where one is at least as large as every other in every row."""
    for base in sorted(counts, key=lambda name: not BASE.search(name)):
        others = [name for name in counts if name != base]
        if others and all(_never_more(table[name], table[base]) for name in others):
            return dict.fromkeys(others, base)
    return {}


def _never_more(part: pd.Series, base: pd.Series) -> bool:
    both = part.notna() & base.notna()
    return bool((part[both].astype(float) <= base[both].astype(float)).all())


def _base_of(name: str, counts: tuple[str, ...], parts: dict[str, str]) -> str:
    """The count column behind a statistic."""
    for own in (f"{name}_n", f"n_{name}", f"{name}_people", f"{name}_base"):
        if own in counts:
            return own
    bases = [count for count in counts if count not in parts]
    if len(bases) == 1:
        return bases[0]
    have = f"the counts are {', '.join(counts)}" if counts else "there is no count column"
    raise LeoError(f"How many people are behind '{name}'? Say statistics={{'{name}': COLUMN}}; {have}.")


def _kind(name: str, column: pd.Series) -> str:
    if PERCENTAGE.search(name):
        values = column.dropna().astype(float)
        said = re.search(r"%|percent|per_cent|pct", name, re.IGNORECASE)
        return "share" if not said and len(values) and values.max() <= 1 else "percentage"
    for words, kind in ((EXTREME, "extreme"), (QUANTILE, "quantile"), (TOTAL, "sum")):
        if words.search(name):
            return kind
    return "mean"
