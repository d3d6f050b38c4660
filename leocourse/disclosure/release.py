"""Check a table, and prepare one for release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.disclosure.columns import Layout, layout
from leocourse.disclosure.report import Finding, Report, Settings, settings
from leocourse.disclosure.rules import EXACT_RULES, RULES
from leocourse.disclosure.sheet import Sheet, sheet_of

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
    rules = rules_with(settings)
    plan = layout(table, groups=groups, counts=counts, statistics=statistics, parts=parts, kinds=kinds)
    sheet = sheet_of(table, plan, rules, **_material(plan, contributions, values, earlier))
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
    rules = rules_with(settings)
    said = {"groups": groups, "counts": counts, "statistics": statistics, "parts": parts, "kinds": kinds}
    plan = layout(table, **said)
    more = _material(plan, contributions, values, earlier)
    exact = _exact(table, plan)
    sheet = sheet_of(exact, plan, rules, exact=True)
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


def rules_with(changes: Settings | Mapping[str, Any] | None) -> Settings:
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
    return _examine(sheet_of(made, inferred, rules, **_material(inferred, *material)), RULES)


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
