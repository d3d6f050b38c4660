"""What may leave a secure setting: check a table or a figure, and prepare a table for release.

    leo.disclosure.check_release(table)   # what may leave, what not, and why
    leo.disclosure.prepare(table)         # suppressed and rounded, so that the check passes

ACRO, the field's own checker, is not used here because its release 1.0.2 asks for pandas 2.3.3 or older, and the
course runs on pandas 3; the settings in ``disclosure.toml`` have ACRO's names and values, so they carry over.

A table has one row a group. Its columns are groups (who a row is about), counts (of people) and statistics (of the
people in a count, their base). A missing value is a suppressed one. A row with the label "All" or "Total" in a group
column is the sum of the rows that agree with it in all other group columns.

What is not checked: bounds narrower than the threshold that follow from many suppressed cells together, models, and
tables that were released before, unless one is given as ``earlier``. A person decides in the end.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from leocourse.errors import LeoError

FILE = Path(__file__).with_name("disclosure.toml")

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
CLOSE = 1e-9


# Settings ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The rules, by ACRO's names. ``disclosure.toml`` says what each is."""

    safe_threshold: int
    safe_round_base: int
    safe_nk_n: int
    safe_nk_k: float
    safe_pratio_p: float
    zeros_are_disclosive: bool
    round_quantiles_to: float
    percentage_decimals: int
    total_labels: tuple[str, ...]


def settings(changes: Settings | Mapping[str, Any] | None = None) -> Settings:
    """The settings of the course, with changes by name. Raises LeoError for a name that there is not."""
    if isinstance(changes, Settings):
        return changes
    known = tomllib.loads(FILE.read_text(encoding="utf-8"))
    base = Settings(**{**known, "total_labels": tuple(known["total_labels"])})
    unknown = sorted(set(changes or {}) - {field.name for field in fields(Settings)})
    if unknown:
        names = ", ".join(field.name for field in fields(Settings))
        raise LeoError(f"There is no setting '{unknown[0]}'. Settings are {names}.")
    changed = replace(base, **(changes or {}))
    if changed.safe_threshold < 1 or changed.safe_round_base < 1:
        raise LeoError("safe_threshold and safe_round_base must be 1 or more.")
    return changed


# What a check says ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One reason why one cell may not leave."""

    rule: str
    row: int
    """Position of the row in the table, from 0."""
    column: str
    message: str
    mend: tuple[tuple[int, str], ...] = ()
    """The cells, as row and column, that :func:`prepare` blanks to mend it."""


@dataclass(frozen=True)
class Report:
    """What may leave, what not and why, row by row."""

    labels: tuple[str, ...]
    """What each row is about."""
    findings: tuple[Finding, ...]
    subject: str = "table"

    @property
    def safe(self) -> bool:
        """Whether nothing was found. That is no permission: an output checker gives it."""
        return not self.findings

    @property
    def table(self) -> pd.DataFrame:
        """One row for each row of the table: what it is about, whether it may leave, and why not."""
        why: dict[int, list[str]] = {}
        for finding in self.findings:
            why.setdefault(finding.row, []).append(f"{finding.column}: {finding.message}")
        rows = [
            (label, "no" if row in why else "yes", " ".join(dict.fromkeys(why.get(row, ()))))
            for row, label in enumerate(self.labels)
        ]
        return pd.DataFrame(rows, columns=["row", "may leave", "why"])

    @property
    def summary(self) -> str:
        """One line."""
        rows = len({finding.row for finding in self.findings})
        if self.safe:
            return f"Nothing found in this {self.subject}: it may be sent to the output checkers."
        noun = "rows" if self.subject == "table" else "bars or points"
        return f"This {self.subject} may not leave yet: {rows} of {len(self.labels)} {noun} have a problem."

    def __str__(self) -> str:
        lines = [f"{'✓' if self.safe else '✗'} {self.summary}"]
        for finding in self.findings:
            lines.append(f"  {self.labels[finding.row]}: {finding.column}: {finding.message} [{finding.rule}]")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The report as a block of HTML. Colour is never the only sign."""
        colour = "#2e7d32" if self.safe else "#b3261e"
        parts = [f"<p><strong>{'✓' if self.safe else '✗'} {escape(self.summary)}</strong></p>"]
        if self.findings:
            head = "<tr><th>row</th><th>may leave</th><th>why</th></tr>"
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>"
                for row in self.table.itertuples(index=False)
            )
            parts.append(f"<table><thead>{head}</thead><tbody>{body}</tbody></table>")
        style = f"border-left:6px solid {colour};padding:.2em 1em;margin:.5em 0"
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'


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


def _sheet(table: pd.DataFrame, plan: Layout, rules: Settings, **more: Any) -> Sheet:
    keys = [tuple(map(_plain, row)) for row in table[list(plan.groups)].itertuples(index=False, name=None)]
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
            along.setdefault(others, {True: [], False: []})[_is_total(key[place], rules)].append(row)
        for found in along.values():
            if found[True] and found[False]:
                lines.append((found[True][0], tuple(found[False])))
            if len(found[False]) > 1:
                series.append(tuple(found[False]))
    totals = frozenset(row for row, key in enumerate(keys) if any(_is_total(value, rules) for value in key))
    return Sheet(table, plan, rules, labels, totals, tuple(lines), tuple(series), **more)


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "missing" if pd.isna(value) else str(value)


def _label(groups: Sequence[str], key: Sequence[str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(groups, key, strict=True))


def _is_total(value: Any, rules: Settings) -> bool:
    return str(value).strip().lower() in rules.total_labels


def _behind(shares: np.ndarray, base: np.ndarray, scale: int, sheet: Sheet) -> np.ndarray:
    """The number of people that a percentage and its base give away: the nearest that gives this percentage."""
    step = 1 if sheet.exact else sheet.settings.safe_round_base
    found = shares * base / scale
    for row, (share, whole) in enumerate(zip(shares, base, strict=True)):
        if np.isnan(found[row]) or not whole:
            continue
        steps = (step, 1) if _consistent(share, whole, scale, step) else (1,)
        found[row] = _nearest(found[row], steps[0])
    return found


def _consistent(share: float, whole: float, scale: int, step: int) -> bool:
    """Whether a percentage, as precise as it is given, can come from a multiple of ``step``."""
    places = _decimals(share)
    number = _nearest(share * whole / scale, step)
    return (
        any(abs(round(scale * (number + change) / whole, places) - share) < CLOSE for change in (-step, 0, step))
        or abs(scale * number / whole - share) < CLOSE
    )


def _decimals(value: float) -> int:
    return next((places for places in range(7) if abs(round(value, places) - value) < CLOSE), 7)


def _nearest(value: float, step: float) -> float:
    """Rounded to a multiple of ``step``, halves up."""
    return float(np.floor(value / step + 0.5) * step)


# The rules, in the order in which they speak -------------------------------------------------------


def small_counts(sheet: Sheet) -> list[Finding]:
    """No number of people between 1 and the threshold, shown or easily worked out."""
    least, found = sheet.settings.safe_threshold, []
    for cells in sheet.cells:
        for row in np.flatnonzero((cells.values > CLOSE) & (cells.values < least - CLOSE)):
            number = f"{cells.values[row]:g}"
            text = f"is {number}" if cells.shown else f"gives away that {cells.says} is {number}"
            rule = "small count" if cells.shown else "percentage" if "behind" in cells.says else "difference"
            message = f"{text}, below the threshold of {least}: suppress it, or merge groups."
            found.append(Finding(rule, int(row), cells.column, message, ((int(row), cells.column),)))
    return found


def zeros(sheet: Sheet) -> list[Finding]:
    """No zeros, if the settings say that they tell something about everybody in a group."""
    if not sheet.settings.zeros_are_disclosive:
        return []
    return [
        Finding("zero", int(row), cells.column, "is 0, which says that nobody in the group is: suppress it.",
                ((int(row), cells.column),))
        for cells in sheet.cells if cells.shown
        for row in np.flatnonzero(np.abs(cells.values) < CLOSE)
    ]  # fmt: skip


def class_disclosure(sheet: Sheet) -> list[Finding]:
    """No group in which everybody falls in one category: who belongs to it is then known to be there."""
    found = []
    text = "everybody in this group falls in one category, so to be in the group is to be in it: suppress it."
    for cells in sheet.cells:
        if not cells.shown:
            for row in np.flatnonzero(np.abs(cells.values) < CLOSE):
                found.append(Finding("class disclosure", int(row), cells.column, text, ((int(row), cells.column),)))
            continue
        for rows in sheet.series:
            values = cells.values[list(rows)]
            if not np.isnan(values).any() and (values > CLOSE).sum() == 1:
                row = rows[int(np.argmax(values))]
                found.append(Finding("class disclosure", row, cells.column, text, ((row, cells.column),)))
    return found


def rounding(sheet: Sheet) -> list[Finding]:
    """Counts are rounded, and percentages come from rounded counts."""
    base, found = sheet.settings.safe_round_base, []
    for name in sheet.layout.counts:
        values = sheet.numbers(name)
        for row in np.flatnonzero(~np.isnan(values) & (np.abs(values / base - np.round(values / base)) > CLOSE)):
            message = f"{values[row]:g} is not rounded to {base}."
            found.append(Finding("not rounded", int(row), name, message, ((int(row), name),)))
    for name, whole in sheet.layout.statistics.items():
        if sheet.layout.kinds[name] not in ("percentage", "share"):
            continue
        scale = 100 if sheet.layout.kinds[name] == "percentage" else 1
        for row, (share, people) in enumerate(zip(sheet.numbers(name), sheet.numbers(whole), strict=True)):
            if not np.isnan(share) and people > 0 and not _consistent(share, people, scale, base):
                message = f"{share:g} does not come from numbers rounded to {base}, so it gives the exact ones away."
                found.append(Finding("not rounded", row, name, message, ((row, name),)))
    return found


def bases(sheet: Sheet) -> list[Finding]:
    """Every statistic has a base that is shown and reaches the threshold."""
    found, least = [], sheet.settings.safe_threshold
    for name, base in sheet.layout.statistics.items():
        people = sheet.numbers(base)
        for row in np.flatnonzero(~np.isnan(sheet.numbers(name)) & ~(people >= least - CLOSE)):
            few = "an unknown number of" if np.isnan(people[row]) else f"{people[row]:g}"
            message = f"rests on {few} people, and needs at least {least}: suppress it."
            found.append(Finding("base", int(row), name, message, ((int(row), name),)))
    return found


def one_persons_value(sheet: Sheet) -> list[Finding]:
    """No smallest or largest value, no exact quantile, and no quantile with few people beyond it."""
    found, rules = [], sheet.settings
    for name, base in sheet.layout.statistics.items():
        kind, values, people = sheet.layout.kinds[name], sheet.numbers(name), sheet.numbers(base)
        for row in np.flatnonzero(~np.isnan(values)):
            message = ""
            if kind == "extreme":
                message = "a smallest or largest value is one person's: leave it out."
            elif kind == "quantile":
                part = _quantile(name)
                beyond = people[row] * min(part, 1 - part)
                if part != 0.5 and beyond < rules.safe_threshold - CLOSE:
                    message = f"only about {beyond:.0f} people lie beyond it: leave it out."
                elif abs(values[row] - _nearest(values[row], rules.round_quantiles_to)) > CLOSE:
                    message = f"an exact quantile is one person's value: round it to {rules.round_quantiles_to:g}."
            if message:
                found.append(Finding("one person's value", int(row), name, message, ((int(row), name),)))
    return found


def _quantile(name: str) -> float:
    """The share of people below a quantile, from its name; a half if it does not say."""
    percentile = re.search(r"(?:^|[^a-z])p(\d{1,2})(?:[^a-z0-9]|$)|(\d{1,2})\D{0,3}_?percentile", name, re.IGNORECASE)
    if percentile:
        return int(percentile[1] or percentile[2]) / 100
    return 0.25 if re.search(r"quartile|(^|[^a-z])[lu]q", name, re.IGNORECASE) else 0.5


def dominance(sheet: Sheet) -> list[Finding]:
    """No sum or mean of which one or two people make up nearly all. Needs the contributions."""
    if sheet.contributions is None:
        return []
    found, rules = [], sheet.settings
    for name, column in (sheet.values or {}).items():
        for row in np.flatnonzero(~np.isnan(sheet.numbers(name))):
            given = np.sort(_members(sheet, int(row))[column].dropna().to_numpy(dtype=float))[::-1]
            total = given.sum()
            message = ""
            if not len(given):
                message = "there are no contributions of this group, so dominance cannot be judged: look at it."
            elif given[-1] < 0:
                message = "some contributions are negative, so dominance cannot be judged: look at it."
            elif total > 0 and given[: rules.safe_nk_n].sum() / total > rules.safe_nk_k:
                share = 100 * given[: rules.safe_nk_n].sum() / total
                message = f"the largest {rules.safe_nk_n} contributions make up {share:.0f}% of the total: suppress it."
            elif total > 0 and given[2:].sum() / given[0] < rules.safe_pratio_p:
                message = "the second largest contributor could tell the largest almost exactly: suppress it."
            if message:
                found.append(Finding("dominance", int(row), name, message, ((int(row), name),)))
    return found


def _members(sheet: Sheet, row: int) -> pd.DataFrame:
    """The contributions of the people in a row."""
    chosen = sheet.contributions
    for name in sheet.layout.groups:
        value = sheet.table[name].iloc[row]
        if not _is_total(value, sheet.settings):
            chosen = chosen[chosen[name].map(_plain) == _plain(value)]
    return chosen


def secondary_disclosure(sheet: Sheet) -> list[Finding]:
    """No suppressed cell that follows from a total and the cells beside it."""
    found = []
    for cells in sheet.cells:
        found += _follows(sheet, cells.column, cells.values, cells.says) + _few_together(sheet, cells)
    found += _across(sheet)
    for name, base in sheet.layout.statistics.items():
        if sheet.layout.kinds[name] in ("mean", "sum"):
            weights = sheet.numbers(base) if sheet.layout.kinds[name] == "mean" else 1.0
            found += _follows(sheet, name, sheet.numbers(name) * weights, name)
    return found


def _follows(sheet: Sheet, column: str, values: np.ndarray, says: str) -> list[Finding]:
    """Suppressed cells of one column that the totals determine."""
    equations = [((total, 1.0), *((row, -1.0) for row in rows)) for total, rows in sheet.lines]
    text = f"{says} was suppressed but follows from a total and the other rows: suppress a second cell beside it."
    found = []
    for row in _determined(values, equations):
        beside = _beside(sheet, row, values)
        mend = ((beside, column),) if beside is not None else ()
        found.append(Finding("secondary disclosure", row, column, text, mend))
    return found


def _determined(values: np.ndarray, equations: Iterable[tuple[tuple[int, float], ...]]) -> list[int]:
    """The unknowns that have one value only, by linear algebra: those that no solution of the rest can move."""
    unknown = [int(place) for place in np.flatnonzero(np.isnan(values))]
    at = {place: number for number, place in enumerate(unknown)}
    rows = []
    for equation in equations:
        row = np.zeros(len(unknown))
        for place, sign in equation:
            if place in at:
                row[at[place]] += sign
        if row.any():
            rows.append(row)
    if not rows:
        return []
    _, sizes, basis = np.linalg.svd(np.array(rows), full_matrices=True)
    free = basis[int((sizes > 1e-8).sum()) :]
    return [place for place, number in at.items() if not (np.abs(free[:, number]) > 1e-8).any()]


def _beside(sheet: Sheet, row: int, values: np.ndarray) -> int | None:
    """The cheapest cell to suppress with a row: the smallest on the line with fewest gaps, a total only if need be."""
    choices = []
    for total, rows in sheet.lines:
        line = (*rows, total)
        if row in line:
            gaps = int(np.isnan(values[list(line)]).sum())
            choices += [(gaps, each in sheet.totals, values[each], each) for each in line if not np.isnan(values[each])]
    return min(choices)[-1] if choices else None


def _few_together(sheet: Sheet, cells: Cells) -> list[Finding]:
    """Lines on which all suppressed cells together hold fewer people than the threshold."""
    found, least = [], sheet.settings.safe_threshold
    for total, rows in sheet.lines:
        values = cells.values[list(rows)]
        hidden = [row for row, value in zip(rows, values, strict=True) if np.isnan(value)]
        left = cells.values[total] - np.nansum(values)
        if not hidden or np.isnan(left) or left > least - CLOSE:
            continue
        shown = [(value, row) for row, value in zip(rows, values, strict=True) if not np.isnan(value)]
        mend = min(shown)[1] if shown else total
        message = (
            f"the cells suppressed beside it hold {max(left, 0):g} together for {cells.says}, "
            f"below the threshold of {least}: suppress one more."
        )
        found.append(Finding("secondary disclosure", total, cells.column, message, ((mend, cells.column),)))
    return found


def _across(sheet: Sheet) -> list[Finding]:
    """Suppressed counts that follow from the other counts of the row, where the parts make up the whole."""
    found = []
    for base in dict.fromkeys(sheet.layout.parts.values()):
        names = [name for name, whole in sheet.layout.parts.items() if whole == base]
        parts = np.array([sheet.numbers(name) for name in names])
        whole = sheet.numbers(base)
        if len(names) < 2 or not _make_up(parts, whole, sheet):
            continue
        for row in range(len(whole)):
            hidden = [name for name, value in zip(names, parts[:, row], strict=True) if np.isnan(value)]
            left = whole[row] - np.nansum(parts[:, row])
            alone = len(hidden) + bool(np.isnan(whole[row])) == 1
            few = hidden and not np.isnan(left) and left < sheet.settings.safe_threshold - CLOSE
            shown = [(value, name) for name, value in zip(names, parts[:, row], strict=True) if not np.isnan(value)]
            if alone or few:
                mend = min(shown)[1] if shown else base
                text = f"was suppressed but follows from the other columns: suppress {mend} too."
                found.append(Finding("secondary disclosure", row, (hidden or [base])[0], text, ((row, mend),)))
    return found


def _make_up(parts: np.ndarray, whole: np.ndarray, sheet: Sheet) -> bool:
    """Whether the parts add up to the whole wherever all are shown, up to rounding."""
    full = ~np.isnan(whole) & ~np.isnan(parts).any(axis=0)
    slack = 0 if sheet.exact else sheet.settings.safe_round_base * (len(parts) + 1) / 2
    return bool(full.any() and (np.abs(parts[:, full].sum(axis=0) - whole[full]) <= slack + CLOSE).all())


def earlier_output(sheet: Sheet) -> list[Finding]:
    """No cell that differs by a few people from one that has left before, and none that it gives away."""
    if sheet.earlier is None:
        return []
    groups, found = list(sheet.layout.groups), []
    before = {tuple(map(_plain, row)): n for n, row in enumerate(sheet.earlier[groups].itertuples(False, None))}
    for row, key in enumerate(map(lambda each: tuple(map(_plain, each)), sheet.table[groups].itertuples(False, None))):
        for name in sheet.layout.counts:
            if key not in before or name not in sheet.earlier.columns:
                continue
            old, new = sheet.earlier[name].iloc[before[key]], sheet.numbers(name)[row]
            if pd.isna(old):
                continue
            away = abs(float(old) - new)
            if CLOSE < away < sheet.settings.safe_threshold - CLOSE:
                message = (
                    f"{new:g} here and {float(old):g} in the earlier output differ by fewer people than the threshold."
                )
                found.append(Finding("differencing", row, name, message, ((row, name),)))
            elif np.isnan(new):
                message = f"is suppressed here, but stands in the earlier output as {float(old):g}."
                found.append(Finding("differencing", row, name, message))
    return found


RULES: tuple[Callable[[Sheet], list[Finding]], ...] = (
    small_counts,
    zeros,
    class_disclosure,
    bases,
    one_persons_value,
    rounding,
    dominance,
    secondary_disclosure,
    earlier_output,
)
EXACT_RULES = (small_counts, zeros, class_disclosure, secondary_disclosure)
"""Those that :func:`prepare` applies to the true numbers too, because rounding may hide what they find."""


# What is called ------------------------------------------------------------------------------------


def check_release(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    counts: Sequence[str] | None = None,
    statistics: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    contributions: pd.DataFrame | None = None,
    values: Mapping[str, str] | None = None,
    earlier: pd.DataFrame | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> Report:
    """What of a table of results may leave, what not and why, row by row.

    ``groups`` name the columns that say who a row is about, ``counts`` those that hold numbers of people;
    ``statistics`` gives the count column behind each statistic, and ``parts`` the count column of which another is
    a part. Each is inferred if it is not given. ``kinds`` says what a statistic is where its name does not:
    mean, sum, percentage (0 to 100), share (0 to 1), quantile or extreme.

    ``contributions`` holds one row a person with the group columns; sums and means are then checked for dominance.
    ``values`` gives the column of contributions behind each statistic; with one numeric column it is not needed.
    ``earlier`` is a table with the same groups that has left before. ``settings`` changes settings by name.

    Raises LeoError if it is not clear what a column is.
    """
    rules = _rules(settings)
    plan = layout(table, groups=groups, counts=counts, statistics=statistics, parts=parts, kinds=kinds)
    sheet = _sheet(table, plan, rules, **_material(plan, contributions, values, earlier))
    return Report(sheet.labels, _examine(sheet, RULES))


def prepare(
    table: pd.DataFrame,
    *,
    groups: Sequence[str] | None = None,
    counts: Sequence[str] | None = None,
    statistics: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    contributions: pd.DataFrame | None = None,
    values: Mapping[str, str] | None = None,
    earlier: pd.DataFrame | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """The table as it may leave: small numbers suppressed, others beside them too, and the rest rounded.

    A suppressed cell is missing (``<NA>``). Percentages are made again from rounded numbers, quantiles rounded,
    smallest and largest values left out. Takes what :func:`check_release` takes, and its result passes that check,
    except that nothing can take back what stands in an ``earlier`` output.
    """
    rules = _rules(settings)
    said = {"groups": groups, "counts": counts, "statistics": statistics, "parts": parts, "kinds": kinds}
    plan = layout(table, **said)
    more = _material(plan, contributions, values, earlier)
    exact = _exact(table, plan)
    sheet = _sheet(exact, plan, rules, exact=True)
    hidden: set[tuple[int, str]] = set()
    while True:
        blanked = _blank(exact, hidden)
        new = _next(_examine(replace(sheet, table=blanked), EXACT_RULES), blanked)
        if not new:
            made = _made(exact, plan, rules, hidden)
            new = _next(_examine(replace(sheet, table=made, exact=False, **more), RULES), made)
        if not new:
            new = _next(_unsaid(made, plan, rules, said, contributions, values, earlier), made)
        if not new:
            return made
        hidden |= new


def check_figure(
    axes: Any,
    counts: Sequence[float] | Mapping[Any, float] | pd.Series | None = None,
    *,
    settings: Settings | Mapping[str, Any] | None = None,
) -> Report:
    """Whether a figure (a matplotlib Axes) shows bars or points that rest on few people.

    ``counts`` holds the number of people behind each bar or point, in the order in which they were drawn, or by
    what stands on the x axis. Without it the heights are taken for numbers of people.
    Raises LeoError if there is not one number for each.
    """
    from leocourse.checks.evaluate import figure_points

    rules = _rules(settings)
    if not (hasattr(axes, "get_lines") and hasattr(axes, "patches")):
        raise LeoError(f"Expected the Axes of a figure, got {type(axes).__name__}.")
    points = figure_points(axes).columns
    bars = [bar for bar in axes.patches if hasattr(bar, "get_height") and not np.isnan(bar.get_height())]
    # A bar without width stands for a legend only.
    drawn = [bar.get_width() != 0 for bar in bars] if bars else [True] * len(points["x"])
    xs = [_tick(axes, x) for x, kept in zip(points["x"], drawn, strict=True) if kept]
    heights = [y for y, kept in zip(points["y"], drawn, strict=True) if kept]
    if not xs:
        raise LeoError("The figure shows no bars and no points.")
    if counts is None:
        people = list(heights)
    elif isinstance(counts, (Mapping, pd.Series)):
        known = {_plain(key): value for key, value in counts.items()}
        missing = [x for x in xs if _plain(x) not in known]
        if missing:
            raise LeoError(f"counts says nothing about {_plain(missing[0])} on the x axis.")
        people = [known[_plain(x)] for x in xs]
    else:
        people = list(counts)
        if len(people) != len(xs):
            raise LeoError(f"The figure shows {len(xs)} bars or points, but counts has {len(people)} numbers.")
    found = []
    for row, (number, height) in enumerate(zip(people, heights, strict=True)):
        low = 0 if rules.zeros_are_disclosive else CLOSE
        if height is None:
            continue
        if pd.isna(number) or low <= number < rules.safe_threshold - CLOSE:
            few = "an unknown number of" if pd.isna(number) else f"{number:g}"
            message = f"rests on {few} people, and needs at least {rules.safe_threshold}: take it out, or merge groups."
            found.append(Finding("small count", row, "height", message))
    return Report(tuple(f"x {_plain(x)}" for x in xs), tuple(found), "figure")


def _tick(axes: Any, x: Any) -> Any:
    """What stands on the x axis below a bar, which may be one of several beside each other."""
    labels = [label.get_text() for label in axes.get_xticklabels()]
    if isinstance(x, str) or not labels or all(re.fullmatch(r"[\d.,\s+\u2212-]*", label) for label in labels):
        return x
    places = np.abs(np.asarray(axes.get_xticks(), dtype=float) - float(x))
    return labels[int(places.argmin())] if places.min() < 0.5 else x


def _rules(changes: Settings | Mapping[str, Any] | None) -> Settings:
    return settings(changes)


def _material(plan: Layout, contributions: Any, values: Any, earlier: Any) -> dict[str, Any]:
    """Contributions, which column of them is behind which statistic, and an earlier table. Raises LeoError."""
    for word, given in (("contributions", contributions), ("earlier", earlier)):
        if given is not None:
            if not isinstance(given, pd.DataFrame):
                raise LeoError(f"{word} must be a DataFrame, got {type(given).__name__}.")
            missing = [name for name in plan.groups if name not in given.columns]
            if missing:
                raise LeoError(f"{word} has no column '{missing[0]}', by which the table is grouped.")
    if contributions is None:
        return {"earlier": earlier}
    pairs = dict(values or {})
    if not pairs:
        numeric = [name for name in contributions.select_dtypes("number") if name not in plan.groups]
        wanted = [name for name, kind in plan.kinds.items() if kind in ("mean", "sum")]
        if wanted and len(numeric) != 1:
            raise LeoError(
                f"Which column of contributions is behind '{wanted[0]}'? Say values={{'{wanted[0]}': COLUMN}}."
            )
        pairs = {name: numeric[0] for name in wanted}
    for name, column in pairs.items():
        if name not in plan.statistics or column not in contributions.columns:
            raise LeoError(
                f"values pairs a statistic with a column of contributions: '{name}', '{column}' is no such pair."
            )
    return {"contributions": contributions, "values": pairs, "earlier": earlier}


def _examine(sheet: Sheet, rules: Iterable[Callable[[Sheet], list[Finding]]]) -> tuple[Finding, ...]:
    return tuple(finding for rule in rules for finding in rule(sheet))


def _unsaid(
    made: pd.DataFrame, plan: Layout, rules: Settings, said: dict[str, Any], *material: Any
) -> tuple[Finding, ...]:
    """What would be found if the columns were inferred again: suppression changes what they hold."""
    try:
        inferred = layout(made, **said)
    except LeoError:
        return ()
    if inferred == plan:
        return ()
    return _examine(_sheet(made, inferred, rules, **_material(inferred, *material)), RULES)


def _next(found: Iterable[Finding], table: pd.DataFrame) -> set[tuple[int, str]]:
    """The cells to suppress next: all small ones first, then one a column, because each changes what else follows."""
    shown = {name: table[name].notna().to_numpy() for name in table.columns}
    open_ = [(each, [cell for cell in each.mend if shown[cell[1]][cell[0]]]) for each in found]
    first = {cell for each, cells in open_ if each.rule != "secondary disclosure" for cell in cells}
    beside = {column: (row, column) for _, cells in reversed(open_) for row, column in cells}
    return first or set(beside.values())


def _exact(table: pd.DataFrame, plan: Layout) -> pd.DataFrame:
    """The table with numbers as floats."""
    numbers = [*plan.counts, *plan.statistics]
    return table.reset_index(drop=True).astype(dict.fromkeys(numbers, "Float64"))


def _blank(table: pd.DataFrame, hidden: Iterable[tuple[int, str]]) -> pd.DataFrame:
    rows: dict[str, list[int]] = {}
    for row, column in hidden:
        rows.setdefault(column, []).append(row)
    return table.assign(**{name: table[name].mask(table.index.isin(each)) for name, each in rows.items()})


def _made(exact: pd.DataFrame, plan: Layout, rules: Settings, hidden: Iterable[tuple[int, str]]) -> pd.DataFrame:
    """The table as it would be released with these cells suppressed."""
    made = _blank(exact, hidden)
    step = rules.safe_round_base
    for name, base in plan.statistics.items():
        kind, people = plan.kinds[name], made[base]
        made.loc[people.isna(), name] = pd.NA
        if kind == "extreme":
            made[name] = pd.NA
        elif kind == "quantile":
            made[name] = _rounded(made[name], rules.round_quantiles_to)
        elif kind in ("percentage", "share"):
            scale = 100 if kind == "percentage" else 1
            part = _rounded((made[name] * people / scale).round(6), step)
            places = rules.percentage_decimals + (2 if scale == 1 else 0)
            whole = _rounded(people, step)
            made[name] = (scale * part / whole.where(whole > 0)).round(places)
    for name in plan.counts:
        made[name] = _rounded(made[name], step).astype("Int64")
    return made


def _rounded(column: pd.Series, step: float) -> pd.Series:
    """Rounded to multiples, halves up."""
    return ((column / step + 0.5) // 1 * step).astype("Float64")
