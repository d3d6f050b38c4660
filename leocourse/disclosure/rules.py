"""The rules, each a small function: what they find in a table, and which cells have to be blanked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.disclosure.columns import Layout
from leocourse.disclosure.limits import CLOSE, Settings
from leocourse.disclosure.report import Risk

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
            if scale := plan.scale(name):
                whole = self.numbers(base)
                part = _behind(self.numbers(name), whole, scale, self)
                found.append(Cells(name, part, f"the number behind {name}", False))
                found.append(Cells(name, whole - part, f"the number behind the rest of {name}", False))
        return found


def make_sheet(table: pd.DataFrame, plan: Layout, rules: Settings, **more: Any) -> Sheet:
    """A table ready for the rules. Raises LeoError if two rows are about the same group."""
    keys = [tuple(map(plain, row)) for row in table[list(plan.groups)].itertuples(index=False, name=None)]
    if plan.groups and len(set(keys)) < len(keys):
        again = next(key for number, key in enumerate(keys) if key in keys[:number])
        raise LeoError(
            f"Two rows are about the same group ({_label(plan.groups, again)}): a table has one row a group. "
            "If another column says who a row is about, name it in groups."
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


def unnamed_totals(table: pd.DataFrame, plan: Layout, rules: Settings) -> list[str]:
    """Rows that hold as many people as the others together but are not labelled as their total, as group and label.

    Nothing that is suppressed beside such a row is safe, and no rule knows it. What is suppressed may add up to little
    less than the threshold each; rounded numbers may miss their sum by the rounding.
    """
    found = []
    keys = [tuple(map(plain, row)) for row in table[list(plan.groups)].itertuples(index=False, name=None)]
    for place, group in enumerate(plan.groups):
        along: dict[tuple[str, ...], list[int]] = {}
        for row, key in enumerate(keys):
            along.setdefault(key[:place] + key[place + 1 :], []).append(row)
        for rows in along.values():
            if len(rows) > 2 and not any(is_total(keys[row][place], rules) for row in rows):
                found += [f"{group} {keys[row][place]}" for row in rows if _adds_up(table, plan, rules, row, rows)]
    return list(dict.fromkeys(found))


def _adds_up(table: pd.DataFrame, plan: Layout, rules: Settings, row: int, rows: Sequence[int]) -> bool:
    """Whether each count of a row may be the sum of those of the others, of which two or more are not 0."""
    compared = False
    for name in plan.counts:
        values = table[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        others = values[[each for each in rows if each != row]]
        if np.isnan(values[row]):
            continue
        base = rules.safe_round_base
        rounded = not (values[~np.isnan(values)] % base).any()
        slack = base * len(rows) / 2 if rounded else CLOSE
        over, hidden = values[row] - np.nansum(others), int(np.isnan(others).sum())
        if (others != 0).sum() < 2 or not -slack <= over <= slack + hidden * rules.safe_threshold:
            return False
        compared = True
    return compared


def plain(value: Any) -> str:
    """A label as text, by which rows are told apart: 11.0 is 11."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "missing" if pd.isna(value) else str(value)


def _label(groups: Sequence[str], key: Sequence[str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(groups, key, strict=True))


def is_total(value: Any, rules: Settings) -> bool:
    """Whether a label says that its row is the total of others."""
    return str(value).strip().lower() in rules.total_labels


def _behind(shares: np.ndarray, base: np.ndarray, scale: int, sheet: Sheet) -> np.ndarray:
    """The number of people that a percentage and its base give away: the nearest that gives this percentage."""
    step = 1 if sheet.exact else sheet.settings.safe_round_base
    found = shares * base / scale
    for row, (share, whole) in enumerate(zip(shares, base, strict=True)):
        if np.isnan(found[row]) or not whole:
            continue
        steps = (step, 1) if _consistent(share, whole, scale, step) else (1,)
        found[row] = nearest(found[row], steps[0])
    return found


def _consistent(share: float, whole: float, scale: int, step: int) -> bool:
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


# The rules, in the order in which they speak -------------------------------------------------------


def small_counts(sheet: Sheet) -> list[Risk]:
    """No number of people between 1 and the threshold, shown or easily worked out."""
    least, found = sheet.settings.safe_threshold, []
    for cells in sheet.cells:
        for row in np.flatnonzero((cells.values > CLOSE) & (cells.values < least - CLOSE)):
            number = f"{cells.values[row]:g}"
            text = f"is {number}" if cells.shown else f"gives away that {cells.says} is {number}"
            rule = "small count" if cells.shown else "percentage" if "behind" in cells.says else "difference"
            message = f"{text}, below the threshold of {least}: suppress it, or merge groups."
            found.append(Risk(rule, int(row), cells.column, message, ((int(row), cells.column),)))
    return found


def zeros(sheet: Sheet) -> list[Risk]:
    """No zeros, if the settings say that they tell something about everybody in a group."""
    if not sheet.settings.zeros_are_disclosive:
        return []
    return [
        Risk("zero", int(row), cells.column, "is 0, which says that nobody in the group is: suppress it.",
                ((int(row), cells.column),))
        for cells in sheet.cells if cells.shown
        for row in np.flatnonzero(np.abs(cells.values) < CLOSE)
    ]  # fmt: skip


def class_disclosure(sheet: Sheet) -> list[Risk]:
    """No group in which everybody falls in one category: who belongs to it is then known to be there."""
    found = []
    text = "everybody in this group falls in one category, so to be in the group is to be in it: suppress it."
    for cells in sheet.cells:
        if not cells.shown:
            for row in np.flatnonzero(np.abs(cells.values) < CLOSE):
                found.append(Risk("class disclosure", int(row), cells.column, text, ((int(row), cells.column),)))
            continue
        for rows in sheet.series:
            values = cells.values[list(rows)]
            if not np.isnan(values).any() and (values > CLOSE).sum() == 1:
                row = rows[int(np.argmax(values))]
                found.append(Risk("class disclosure", row, cells.column, text, ((row, cells.column),)))
    return found


def rounding(sheet: Sheet) -> list[Risk]:
    """Counts are rounded, and percentages come from rounded counts."""
    base, found = sheet.settings.safe_round_base, []
    for name in sheet.layout.counts:
        values = sheet.numbers(name)
        for row in np.flatnonzero(~np.isnan(values) & (np.abs(values / base - np.round(values / base)) > CLOSE)):
            message = f"{values[row]:g} is not rounded to {base}."
            found.append(Risk("not rounded", int(row), name, message, ((int(row), name),)))
    for name, whole in sheet.layout.statistics.items():
        scale = sheet.layout.scale(name)
        if not scale:
            continue
        for row, (share, people) in enumerate(zip(sheet.numbers(name), sheet.numbers(whole), strict=True)):
            if not np.isnan(share) and people > 0 and not _consistent(share, people, scale, base):
                message = f"{share:g} does not come from numbers rounded to {base}, so it gives the exact ones away."
                found.append(Risk("not rounded", row, name, message, ((row, name),)))
    return found


def bases(sheet: Sheet) -> list[Risk]:
    """Every statistic has a base that is shown and reaches the threshold."""
    found, least = [], sheet.settings.safe_threshold
    for name, base in sheet.layout.statistics.items():
        people = sheet.numbers(base)
        for row in np.flatnonzero(~np.isnan(sheet.numbers(name)) & ~(people >= least - CLOSE)):
            few = "an unknown number of" if np.isnan(people[row]) else f"{people[row]:g}"
            message = f"rests on {few} people, and needs at least {least}: suppress it."
            found.append(Risk("base", int(row), name, message, ((int(row), name),)))
    return found


def hanging(sheet: Sheet) -> list[Risk]:
    """No count that is part of a suppressed one: it says how many there are at least."""
    return [
        Risk("base", int(row), name, f"is part of {base}, which is suppressed: suppress it too.", ((int(row), name),))
        for name, base in sheet.layout.parts.items()
        for row in np.flatnonzero(~np.isnan(sheet.numbers(name)) & np.isnan(sheet.numbers(base)))
    ]


def told_by_percentage(sheet: Sheet) -> list[Risk]:
    """No suppressed count that a percentage and its base give back.

    Which count a percentage is of, or of which it is the rest, is seen from the rows that show both. A part of the
    base that no row contradicts is taken for it.
    """
    found, plan = [], sheet.layout
    for name, base in plan.statistics.items():
        scale = plan.scale(name)
        if not scale:
            continue
        shares, whole = sheet.numbers(name), sheet.numbers(base)
        # How far the number behind a percentage can be from the count beside it: rounding of both.
        slack = (0.5 if sheet.exact else sheet.settings.safe_round_base) + 0.05 * whole / scale
        for count in plan.counts:
            known = sheet.numbers(count)
            for part in (whole * shares / scale, whole - whole * shares / scale):
                both = ~np.isnan(part) & ~np.isnan(known)
                related = both.any() or plan.parts.get(count) == base
                if count == base or not related or (np.abs(part - known) > slack + CLOSE)[both].any():
                    continue
                for row in np.flatnonzero(~np.isnan(part) & np.isnan(known)):
                    message = f"gives back {count}, which is suppressed: suppress it too."
                    found.append(Risk("percentage", int(row), name, message, ((int(row), name),)))
    return list(dict.fromkeys(found))


def one_persons_value(sheet: Sheet) -> list[Risk]:
    """No smallest or largest value, no exact quantile, and no quantile with few people beyond it."""
    found, rules = [], sheet.settings
    for name, base in sheet.layout.statistics.items():
        kind, values, people = sheet.layout.kinds[name], sheet.numbers(name), sheet.numbers(base)
        for row in np.flatnonzero(~np.isnan(values)):
            message = ""
            if kind == "extreme":
                message = "a smallest or largest value is one person's: leave it out."
            elif (part := sheet.layout.level(name)) is not None:
                beyond = people[row] * min(part, 1 - part)
                if part != 0.5 and beyond < rules.safe_threshold - CLOSE:
                    message = f"only about {beyond:.0f} people lie beyond it: leave it out."
                elif abs(values[row] - nearest(values[row], rules.round_quantiles_to)) > CLOSE:
                    message = f"an exact quantile is one person's value: round it to {rules.round_quantiles_to:g}."
            if message:
                found.append(Risk("one person's value", int(row), name, message, ((int(row), name),)))
    return found


def dominance(sheet: Sheet) -> list[Risk]:
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
                found.append(Risk("dominance", int(row), name, message, ((int(row), name),)))
    return found


def _members(sheet: Sheet, row: int) -> pd.DataFrame:
    """The contributions of the people in a row."""
    chosen = sheet.contributions
    for name in sheet.layout.groups:
        value = sheet.table[name].iloc[row]
        if not is_total(value, sheet.settings):
            chosen = chosen[chosen[name].map(plain) == plain(value)]
    return chosen


def secondary_disclosure(sheet: Sheet) -> list[Risk]:
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


def _follows(sheet: Sheet, column: str, values: np.ndarray, says: str) -> list[Risk]:
    """Suppressed cells of one column that the totals determine."""
    equations = [((total, 1.0), *((row, -1.0) for row in rows)) for total, rows in sheet.lines]
    text = f"{says} was suppressed but follows from a total and the other rows: suppress a second cell beside it."
    found = []
    for row in _determined(values, equations):
        beside = _beside(sheet, row, values)
        mend = ((beside, column),) if beside is not None else ()
        found.append(Risk("secondary disclosure", row, column, text, mend))
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


def _few_together(sheet: Sheet, cells: Cells) -> list[Risk]:
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
        found.append(Risk("secondary disclosure", total, cells.column, message, ((mend, cells.column),)))
    return found


def _across(sheet: Sheet) -> list[Risk]:
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
                found.append(Risk("secondary disclosure", row, (hidden or [base])[0], text, ((row, mend),)))
    return found


def _make_up(parts: np.ndarray, whole: np.ndarray, sheet: Sheet) -> bool:
    """Whether the parts add up to the whole wherever all are shown, up to rounding."""
    full = ~np.isnan(whole) & ~np.isnan(parts).any(axis=0)
    slack = 0 if sheet.exact else sheet.settings.safe_round_base * (len(parts) + 1) / 2
    return bool(full.any() and (np.abs(parts[:, full].sum(axis=0) - whole[full]) <= slack + CLOSE).all())


def earlier_output(sheet: Sheet) -> list[Risk]:
    """No cell that differs by a few people from one that has left before, and none that it gives away."""
    if sheet.earlier is None:
        return []
    groups, found = list(sheet.layout.groups), []
    before = {tuple(map(plain, row)): n for n, row in enumerate(sheet.earlier[groups].itertuples(False, None))}
    for row, key in enumerate(map(lambda each: tuple(map(plain, each)), sheet.table[groups].itertuples(False, None))):
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
                found.append(Risk("differencing", row, name, message, ((row, name),)))
            elif np.isnan(new):
                message = f"is suppressed here, but stands in the earlier output as {float(old):g}."
                found.append(Risk("differencing", row, name, message))
    return found


RULES: tuple[Callable[[Sheet], list[Risk]], ...] = (
    small_counts,
    zeros,
    class_disclosure,
    bases,
    hanging,
    told_by_percentage,
    one_persons_value,
    rounding,
    dominance,
    secondary_disclosure,
    earlier_output,
)
EXACT_RULES = (small_counts, zeros, class_disclosure, hanging, told_by_percentage, secondary_disclosure)
"""Those that preparing a table applies to the true numbers too, because rounding may hide what they find."""
