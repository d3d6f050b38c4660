"""What each column of a table is: a group, a count or a statistic, and whose base a count is."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.disclosure.limits import CLOSE

GROUP = re.compile(r"year|cohort|census|quintile|decile|(^|_)band($|_)", re.IGNORECASE)
"""Numeric columns of this name may say who a row is about."""
PERCENTAGE = re.compile(
    r"%|percent|per_cent|(^|[^a-z])(pct|pc|share|proportion|fraction|rate)s?([^a-z]|$)", re.IGNORECASE
)
EXTREME = re.compile(r"(^|[^a-z])(min|max|minimum|maximum|lowest|largest|smallest)([^a-z]|$)", re.IGNORECASE)
QUANTILE = re.compile(r"median|quartile|percentile|(^|[^a-z])(lq|uq|p[1-9]\d?)([^a-z0-9]|$)", re.IGNORECASE)
TOTAL = re.compile(r"(^|[^a-z])(sum|total)([^a-z]|$)", re.IGNORECASE)
STATISTIC = re.compile(
    r"(^|[^a-z])(mean|average|avg|sum|sd|std|variance|earnings|pay|income|score|points)([^a-z]|$)", re.IGNORECASE
)
BASE = re.compile(
    r"(^|_)(people|persons|pupils|students|learners|graduates|leavers|all|total|base|n|counts?)($|_)", re.I
)
"""Count columns of this name may hold everybody of whom other counts are a part."""
COUNTED = re.compile(rf"{BASE.pattern}|(^|[^a-z])(number|with|without|paid|who)([^a-z]|$)", re.IGNORECASE)
"""Columns of whole numbers of this name may count people, whatever else is in the name."""
NUMBER = re.compile(
    r"\b(zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|nought"
    r"|(thir|four|fif|six|seven|eigh|nine)(teen|ty)|twenty|thirty|forty|fifty|eighty)\b",
    re.IGNORECASE,
)
"""A number in words."""
KINDS = ("mean", "sum", "percentage", "share", "median", "extreme")
"""What a statistic may be; a quantile other than the median is ``p1`` to ``p99``."""
LEVEL = re.compile(r"p([1-9]\d?)")


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
    """Of each statistic, one of KINDS, or p1 to p99."""
    guessed: tuple[str, ...] = ()
    """Columns of which something was not said: what they are, their base, their kind, or what they are part of."""

    def level(self, name: str) -> float | None:
        """The share of people below a statistic that is a quantile; None for any other."""
        kind = self.kinds[name]
        found = LEVEL.fullmatch(kind)
        return 0.5 if kind == "median" else int(found[1]) / 100 if found else None

    def scale(self, name: str) -> int | None:
        """What everybody is: 100 for a percentage, 1 for a share; None for any other statistic."""
        return {"percentage": 100, "share": 1}.get(self.kinds[name])

    @property
    def words(self) -> str:
        """The roles of the columns in words."""
        counts = [f"{name} (part of {self.parts[name]})" if name in self.parts else name for name in self.counts]
        rest = [f"{name} ({self.kinds[name]}, of {base})" for name, base in self.statistics.items()]
        listed = {"groups": self.groups, "counts of people": counts, "statistics": rest}
        return "; ".join(f"{word}: {', '.join(map(str, names)) or 'none'}" for word, names in listed.items())

    def call(self, function: str, more: Mapping[str, str]) -> str:
        """The call of a function that says all of it. ``more`` holds other arguments as they are written."""
        given: dict[str, Any] = {"groups": list(self.groups), "counts": list(self.counts)}
        if len(self.counts) > 1:
            given["parts"] = self.parts
        if self.statistics:
            given |= {"statistics": self.statistics, "kinds": self.kinds}
        written = [f"{word}={_plain_repr(value)}" for word, value in given.items() if value or word == "parts"]
        written += [f"{word}={value}" for word, value in more.items()]
        return f"{function}({', '.join(['table', *written])})"


def _plain_repr(value: Any) -> str:
    """A list or dictionary of column names as it is written in Python."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_plain_repr(key)}: {_plain_repr(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_plain_repr, value)) + "]"
    return repr(value.item() if isinstance(value, np.generic) else value)


def layout(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    counts: Sequence[str] | None = None,
    statistics: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Layout:
    """What the columns are: as said, and otherwise guessed by type and name, which ``guessed`` then tells.

    Only text without a digit in it is certain to be a group. Which count is part of which is certain only if it is
    said, or if no count is at least as large as another in every row. Raises LeoError where nothing can be guessed,
    and where what was said cannot be.
    """
    _named_columns(table, groups, counts, statistics, parts, kinds)
    # What is said to be the base of something, or a part, is said to be a count.
    counts = list(
        dict.fromkeys([*(counts or ()), *(statistics or {}).values(), *(parts or {}), *(parts or {}).values()])
    )
    _one_role(table, groups, counts, statistics)
    said = {*(groups or ()), *(counts or ()), *(statistics or {})}
    found: dict[str, list[str]] = {"group": list(groups or ()), "count": counts, "statistic": []}
    guessed: list[str] = []
    for name in table.columns:
        if name not in said:
            role = _role(table[name], name)
            found[role].append(name)
            if not _certainly_group(table[name]):
                guessed.append(name)
    order = list(table.columns)
    all_counts = tuple(sorted(found["count"], key=order.index))
    whole = dict(parts) if parts is not None else _parts(table, all_counts)
    if parts is None and whole:
        guessed += whole
    kind_of = {
        name: (kinds or {}).get(name) or _kind(name, table[name]) for name in [*(statistics or {}), *found["statistic"]]
    }
    bases = dict(statistics or {})
    bases |= {name: _base_of(name, table, kind_of[name], all_counts, whole) for name in found["statistic"]}
    guessed += [name for name in kind_of if name not in (kinds or {})]
    made = Layout(
        tuple(sorted(found["group"], key=order.index)),
        all_counts,
        bases,
        whole,
        kind_of,
        tuple(name for name in order if name in guessed),
    )
    _possible(table, made)
    return made


def _named_columns(table: pd.DataFrame, groups: Any, counts: Any, statistics: Any, parts: Any, kinds: Any) -> None:
    """Refuse what is no table, and names of columns that are not in it."""
    if not isinstance(table, pd.DataFrame):
        raise LeoError(f"Expected a DataFrame, got {type(table).__name__}: a query gives one with .df().")
    _no_hidden_names(table)
    for word, value in {"groups": groups, "counts": counts}.items():
        if isinstance(value, str):
            raise LeoError(f"{word} takes a list: {word}=['{value}'].")
    for word, value in {"statistics": statistics, "parts": parts}.items():
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
        if kind not in KINDS and not LEVEL.fullmatch(str(kind)):
            raise LeoError(
                f"'{kind}' is no kind of statistic ('{name}'). Kinds are {', '.join(KINDS)}, or p1 to p99 for a "
                "quantile that is not the median."
            )


def _one_role(table: pd.DataFrame, groups: Any, counts: list[str], statistics: Any) -> None:
    """Refuse a column of two roles, and counts and statistics that are no numbers."""

    def text(name: str) -> bool:
        column = table[name]
        no_number = not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_complex_dtype(column)
        return bool(column.notna().any()) and no_number

    for name, base in (statistics or {}).items():
        if text(base) or base in (statistics or {}) or base in (groups or ()):
            raise LeoError(f"The base of '{name}' must be a count column, and '{base}' is none.")
    roles = [*(groups or ()), *counts, *(statistics or {})]
    twice = next((name for name in roles if roles.count(name) > 1), None)
    if twice is not None:
        raise LeoError(f"Column '{twice}' is named twice: it is a group, a count or a statistic, and only one of them.")
    for name in [*counts, *(statistics or {})]:
        if text(name):
            raise LeoError(f"Column '{name}' does not hold numbers: write a suppressed number as missing, not as text.")


def _no_hidden_names(table: pd.DataFrame) -> None:
    """Refuse columns of the same name, and an index that says something: it is no column, so no rule looks at it."""
    if isinstance(table.columns, pd.MultiIndex):
        raise LeoError("The columns have names in several levels: give each one name, with table.columns = [...].")
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise LeoError(f"Two columns are called '{repeated[0]}': give each a name of its own.")
    index = table.index
    named = [str(name) for name in index.names if name is not None]
    if named or isinstance(index, pd.MultiIndex) or not (pd.api.types.is_integer_dtype(index.dtype) or not len(index)):
        which = f" ({', '.join(named)})" if named else ""
        raise LeoError(f"The index of the table{which} is no column, so nothing looks at it: use table.reset_index().")


def _possible(table: pd.DataFrame, plan: Layout) -> None:
    """Refuse what the numbers contradict: people below 0, a part that is more than its whole, half of a share."""
    for name in plan.counts:
        values = _floats(table[name])
        for row in np.flatnonzero(np.isinf(values) | (values < 0)):
            raise LeoError(f"Column '{name}' is said to count people, and row {row + 1} has {values[row]:g}.")
    for name, base in plan.parts.items():
        more = np.flatnonzero(_floats(table[name]) > _floats(table[base]) + CLOSE)
        if len(more):
            raise LeoError(f"'{name}' is no part of '{base}': it is more in row {more[0] + 1}.")
        seen = [name]
        while seen[-1] in plan.parts:
            seen.append(plan.parts[seen[-1]])
            if seen[-1] in seen[:-1]:
                raise LeoError(f"'{name}' cannot be a part of itself: parts goes round in a circle.")
    for name in plan.statistics:
        scale, values = plan.scale(name), _floats(table[name])
        wrong = np.flatnonzero((values < -CLOSE) | (values > scale + CLOSE)) if scale else []
        if len(wrong):
            raise LeoError(
                f"'{name}' has {values[wrong[0]]:g} in row {wrong[0] + 1}: a {plan.kinds[name]} of people lies between "
                f"0 and {scale}. A change in per cent, or a rate of something else, is kinds={{'{name}': 'mean'}}."
            )


def _floats(column: pd.Series) -> np.ndarray:
    return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


# What is guessed -----------------------------------------------------------------------------------


def _numeric(column: pd.Series) -> bool:
    other = pd.api.types.is_bool_dtype(column) or pd.api.types.is_complex_dtype(column)
    return pd.api.types.is_numeric_dtype(column) and not other


def _certainly_group(column: pd.Series) -> bool:
    """Whether a column can hold no number of people: text without a number in it, or yes and no."""
    if pd.api.types.is_bool_dtype(column):
        return True
    if _numeric(column):
        return False
    values = column.dropna()
    return len(values) > 0 and all(
        isinstance(value, str) and not any(sign.isnumeric() for sign in value) and not NUMBER.search(value)
        for value in values
    )


def _labels_only(column: pd.Series, name: Any) -> None:
    """Refuse a column with a list or the like in a cell: nothing looks into it."""
    for value in column.dropna() if column.dtype == object else ():
        if not isinstance(value, Hashable):
            raise LeoError(f"Column '{name}' holds a {type(value).__name__} in a cell: a table has one value in each.")


def _role(column: pd.Series, name: Any) -> str:
    """Group, count or statistic, as it seems from type and name."""
    if not _numeric(column):
        _labels_only(column, name)
        if any(isinstance(value, Number) and not isinstance(value, bool) for value in column.dropna()):
            raise LeoError(f"Column '{name}' holds numbers as objects: make it a column of numbers with pd.to_numeric.")
        return "group"
    name, values = str(name), column.dropna().astype(float)
    if GROUP.search(name):
        return "group"
    if any(words.search(name) for words in (PERCENTAGE, EXTREME, QUANTILE)):
        return "statistic"
    whole = bool((values % 1 == 0).all()) and not (values.empty and pd.api.types.is_float_dtype(column))
    if (STATISTIC.search(name) and not (whole and COUNTED.search(name))) or not whole or (values < 0).any():
        return "statistic"
    if len(values) and set(values) <= {0.0, 1.0} and not BASE.search(name):
        raise LeoError(
            f"Column '{name}' holds only 0 and 1: is it a group or a count? Say groups=['{name}'] or counts=['{name}']."
        )
    return "count"


def _parts(table: pd.DataFrame, counts: tuple[str, ...]) -> dict[str, str]:
    """Which counts seem to be part of which: of the smallest that is never less, and that is not the rest of it."""
    values = {name: _floats(table[name]) for name in counts}
    order = sorted(counts, key=lambda name: (-np.nansum(values[name]), not BASE.search(str(name))))
    found: dict[str, str] = {}
    for place, name in enumerate(order):
        larger = [
            each
            for at, each in enumerate(order)
            if each != name
            and _never_more(values[name], values[each])
            and (at < place or not _never_more(values[each], values[name]))
            and name not in _wholes(each, found)
        ]
        wholes = [each for each in larger if not _rest(name, each, values)] or larger
        if wholes:
            found[name] = wholes[-1]
    return {name: found[name] for name in counts if name in found}


def _wholes(name: str, parts: Mapping[str, str]) -> list[str]:
    """What a count is part of, nearest first."""
    found = []
    while name in parts:
        name = parts[name]
        found.append(name)
    return found


def _never_more(part: np.ndarray, base: np.ndarray) -> bool:
    both = ~np.isnan(part) & ~np.isnan(base)
    return bool((part[both] <= base[both] + CLOSE).all())


def _rest(one: str, other: str, values: dict[str, np.ndarray]) -> bool:
    """Whether two counts add up to a third, up to rounding: girls and boys."""
    for name, whole in values.items():
        both = values[one] + values[other]
        full = ~np.isnan(both) & ~np.isnan(whole)
        slack = 7.5 if all((values[each][full] % 5 == 0).all() for each in (one, other, name)) else CLOSE
        if name not in (one, other) and full.any() and (np.abs(both - whole)[full] <= slack).all():
            return True
    return False


def _base_of(name: str, table: pd.DataFrame, kind: str, counts: tuple[str, ...], parts: dict[str, str]) -> str:
    """The count column that seems to be behind a statistic."""
    for own in (f"{name}_n", f"n_{name}", f"{name}_people", f"{name}_base"):
        if own in counts:
            return own
    if not counts:
        raise LeoError(
            f"How many people are behind '{name}'? There is no count column: add one, and say "
            f"statistics={{'{name}': COLUMN}}."
        )
    words = set(re.findall(r"[^\W\d_]+", str(name).lower()))
    alike = {each: len(words & set(re.findall(r"[^\W\d_]+", str(each).lower()))) for each in counts}
    nearest = max(counts, key=lambda each: (alike[each], each in parts, -np.nansum(_floats(table[each]))))
    if kind in ("percentage", "share"):
        wholes = [each for each in counts if each not in parts]
        return parts.get(nearest, nearest) if alike[nearest] else wholes[0]
    return nearest


def _kind(name: Any, column: pd.Series) -> str:
    """What a statistic seems to be, from its name."""
    name, values = str(name), _floats(column)
    values = values[~np.isnan(values)]
    if PERCENTAGE.search(name) and not ((values < 0) | (values > 100)).any():
        said = re.search(r"%|percent|per_cent|pct", name, re.IGNORECASE)
        return "share" if not said and len(values) and values.max() <= 1 else "percentage"
    if EXTREME.search(name):
        return "extreme"
    if QUANTILE.search(name):
        return _level(name)
    return "sum" if TOTAL.search(name) else "mean"


def _level(name: str) -> str:
    """The quantile that a name seems to mean."""
    found = re.search(r"(?:^|[^a-z])p([1-9]\d?)(?:[^a-z0-9]|$)|([1-9]\d?)\D{0,3}_?percentile", name, re.IGNORECASE)
    if found:
        return f"p{int(found[1] or found[2])}"
    if re.search(r"quartile|(^|[^a-z])[lu]q", name, re.IGNORECASE):
        return "p75" if re.search(r"upper|third|3|(^|[^a-z])uq", name, re.IGNORECASE) else "p25"
    return "median"
