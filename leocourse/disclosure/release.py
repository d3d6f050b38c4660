"""Check a table, and prepare one for release."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.disclosure.columns import Layout, layout
from leocourse.disclosure.limits import CLOSE, Settings, settings
from leocourse.disclosure.report import Report, Risk
from leocourse.disclosure.rules import EXACT_RULES, RULES, Sheet, make_sheet, plain, unnamed_totals

UNSEEN = (
    "models",
    "what many suppressed cells together say",
    "what is written in labels and in names of columns",
    "groups of which one lies within another, such as 16 and over beside 18 and over",
)
"""What no rule looks at."""


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
    a part (``{}`` if none is). ``kinds`` says what each statistic is: mean, sum, percentage (0 to 100), share (0 to
    1; the mean of a yes or no is one), median, p1 to p99 for another quantile, or extreme. Only text without digits
    needs no mention, and ``parts`` where it cannot be: what else is not said is guessed, the report gives the call
    that says it, and its verdict is "not judged" where nothing was found.

    ``contributions`` holds one row a person with the group columns; sums and means are then checked for dominance.
    ``values`` gives the column of contributions behind each statistic; with one numeric column it is not needed.
    ``earlier`` is a table with the same groups that has left before. ``settings`` changes settings by name.

    Raises LeoError if it is not clear what a column is, or if it cannot be what was said.
    """
    rules = _rules(settings)
    plan = layout(table, groups=groups, counts=counts, statistics=statistics, parts=parts, kinds=kinds)
    sheet = make_sheet(table, plan, rules, **_material(plan, contributions, values, earlier))
    more = _more(contributions, values, earlier, settings)
    return Report(
        sheet.labels,
        _examine(sheet, RULES),
        columns=plan.words,
        unclear=_unclear(table, plan, rules, settings),
        call=plan.call("check_release", more) if plan.guessed else "",
        unseen=_unseen(plan, contributions, earlier),
    )


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

    Raises LeoError, with the call to write, if the caller has not said what a column is: a number that is not known
    to count people would stay as it is.
    """
    rules = _rules(settings)
    plan = layout(table, groups=groups, counts=counts, statistics=statistics, parts=parts, kinds=kinds)
    unclear = _unclear(table, plan, rules, settings)
    if unclear:
        call = plan.call("prepare", _more(contributions, values, earlier, settings))
        how = f" Confirm what is right of this call, mend the rest, and run it: {call}" if plan.guessed else ""
        raise LeoError(f"The table was not prepared. {' '.join(unclear)}{how}")
    more = _material(plan, contributions, values, earlier)
    exact = _exact(table, plan)
    sheet = make_sheet(exact, plan, rules, exact=True)
    hidden: set[tuple[int, str]] = set()
    while True:
        blanked = _blank(exact, hidden)
        new = _next(_examine(replace(sheet, table=blanked), EXACT_RULES), blanked)
        if not new:
            made = _made(exact, plan, rules, hidden)
            new = _next(_examine(replace(sheet, table=made, exact=False, **more), RULES), made)
        if not new:
            return made
        hidden |= new


def _unclear(table: pd.DataFrame, plan: Layout, rules: Settings, changes: Any) -> tuple[str, ...]:
    """What keeps a table from being judged, a sentence each. ``changes`` are the settings that the caller gave."""
    found = []
    if plan.guessed:
        found.append(f"Guessed from types and names, which prove nothing: {', '.join(map(str, plan.guessed))}.")
    if not len(table):
        found.append("The table has no rows.")
    if not plan.counts:
        found.append("No column counts people, so nothing says how many are behind a row: add one.")
    for name in plan.groups:
        gaps = int(table[name].isna().sum())
        if gaps and len(table) > gaps:
            found.append(
                f"{name} is missing in {gaps} of {len(table)} rows: write '{rules.total_labels[0].title()}' where the "
                "row is a total, and what it is (such as 'not known') where it is none."
            )
    said = isinstance(changes, Settings) or "total_labels" in (changes or {})
    for label in [] if said else unnamed_totals(table, plan, rules):
        found.append(
            f"{label} may be the total of the rows beside it, as it holds as many people: a suppressed number would "
            "follow from it. Say which labels are totals, and include this one if it is: "
            f"settings={{'total_labels': {list(rules.total_labels)!r}}}."
        )
    return tuple(found)


def _unseen(plan: Layout, contributions: Any, earlier: Any) -> tuple[str, ...]:
    """What a check did not look at."""
    found = (
        ["what left before, as no earlier table was given"]
        if earlier is None
        else ["what left before, but for one table"]
    )
    if contributions is None and any(kind in ("mean", "sum") for kind in plan.kinds.values()):
        found.append("dominance, as no contributions were given")
    return (*found, *UNSEEN)


def _more(contributions: Any, values: Any, earlier: Any, changes: Any) -> dict[str, str]:
    """The other arguments of a call as they are written; a table goes by the name of its argument."""
    given = {
        "contributions": None if contributions is None else "contributions",
        "values": repr(dict(values)) if values else None,
        "earlier": None if earlier is None else "earlier",
        "settings": "settings" if isinstance(changes, Settings) else repr(dict(changes)) if changes else None,
    }
    return {word: text for word, text in given.items() if text}


def check_figure(
    axes: Any,
    counts: Sequence[float] | Mapping[Any, float] | pd.Series | Literal["heights"] | None = None,
    *,
    settings: Settings | Mapping[str, Any] | None = None,
) -> Report:
    """Whether a figure (a matplotlib Axes) shows bars or points that rest on few people.

    ``counts`` holds the number of people behind each bar or point, in the order in which they were drawn, or by
    what stands on the x axis; ``"heights"`` if each height is that number. Without it the heights are only guessed
    to be numbers of people, and a figure in which nothing is small is not judged.
    Raises LeoError if there is not one number for each.
    """
    from leocourse.checks.tables import figure_points

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
    if counts is None or (isinstance(counts, str) and counts == "heights"):
        people = list(heights)
    elif isinstance(counts, str):
        raise LeoError(f"counts is a number for each bar or point, or 'heights', not '{counts}'.")
    elif isinstance(counts, (Mapping, pd.Series)):
        known = {plain(key): value for key, value in counts.items()}
        missing = [x for x in xs if plain(x) not in known]
        if missing:
            raise LeoError(f"counts says nothing about {plain(missing[0])} on the x axis.")
        people = [known[plain(x)] for x in xs]
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
            found.append(Risk("small count", row, "height", message))
    return Report(
        tuple(f"x {plain(x)}" for x in xs),
        tuple(found),
        "figure",
        columns="heights that count people" if counts is None else "",
        unclear=("Nothing says how many people are behind each bar or point.",) if counts is None else (),
        call="check_figure(axes, counts='heights')" if counts is None else "",
        unseen=("whether heights are rounded", "the x axis and what is written in the figure", "what left before"),
    )


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


def _examine(sheet: Sheet, rules: Iterable[Callable[[Sheet], list[Risk]]]) -> tuple[Risk, ...]:
    return tuple(finding for rule in rules for finding in rule(sheet))


def _next(found: Iterable[Risk], table: pd.DataFrame) -> set[tuple[int, str]]:
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
            made[name] = pd.Series(pd.NA, index=made.index, dtype="Float64")
        elif plan.level(name) is not None:
            made[name] = _rounded(made[name], rules.round_quantiles_to)
        elif scale := plan.scale(name):
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
