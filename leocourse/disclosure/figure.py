"""A figure is a table that somebody drew: its bars and points are read back and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.disclosure.release import rules_with
from leocourse.disclosure.report import Finding, Report, Settings
from leocourse.disclosure.sheet import CLOSE, plain_number


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
    from leocourse.checks.tables import figure_points

    rules = rules_with(settings)
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
        known = {plain_number(key): value for key, value in counts.items()}
        missing = [x for x in xs if plain_number(x) not in known]
        if missing:
            raise LeoError(f"counts says nothing about {plain_number(missing[0])} on the x axis.")
        people = [known[plain_number(x)] for x in xs]
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
    return Report(tuple(f"x {plain_number(x)}" for x in xs), tuple(found), "figure")


def _tick(axes: Any, x: Any) -> Any:
    """What stands on the x axis below a bar, which may be one of several beside each other."""
    labels = [label.get_text() for label in axes.get_xticklabels()]
    if isinstance(x, str) or not labels or all(re.fullmatch(r"[\d.,\s+\u2212-]*", label) for label in labels):
        return x
    places = np.abs(np.asarray(axes.get_xticks(), dtype=float) - float(x))
    return labels[int(places.argmin())] if places.min() < 0.5 else x
