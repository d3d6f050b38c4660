"""Reads what a matplotlib Axes shows: its points, without error bars, stems and guides, and where they stand on x."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

Point = tuple[float, float]
CAPS = 6
"""Points of an error bar that has caps; without, it has two."""


def points_of(axes: Any) -> list[Point]:
    """The bars if there are any, else the points of lines, else those of a scatter plot. In data coordinates."""
    bars = [(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in axes.patches
            if hasattr(bar, "get_height") and bar.get_data_transform() == axes.transData]  # fmt: skip
    return _seen(bars) or _seen(_of_lines(axes)) or _seen(_of_collections(axes))


def places_of(axes: Any, places: Sequence[float]) -> list[Any]:
    """What stands at these places of the x axis: numbers, the words of a label, or of dates the year or the date."""
    places = [float(each) for each in places]
    if _has_dates(axes):
        return _dates(places)
    if type(axes.xaxis.get_major_formatter()).__name__ == "ScalarFormatter":
        return places
    labels = {round(float(place), 6): label.get_text()
              for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)}  # fmt: skip
    labels = {place: text for place, text in labels.items() if text.strip()}
    counted = set(labels) <= set(range(len(labels)))  # categories stand at 0, 1, 2 and so on
    found: list[Any] = []
    for place in places:
        at = round(place) if counted and round(place) in labels else round(place, 6)  # jitter moves a point
        number = _number(labels.get(at, ""))
        found.append(number if number is not None else labels[at] if counted and at in labels else place)
    return found


def _seen(points: list[Point]) -> list[Point]:
    """Points that are drawn: a missing value is not."""
    pairs = [(float(x), float(y)) for x, y in points]
    return [(x, y) for x, y in pairs if math.isfinite(x) and math.isfinite(y)]


def _of_lines(axes: Any) -> list[Point]:
    guides = {id(line) for container in axes.containers for line in _no_data(container)}
    lines = [
        _seen(list(zip(line.get_xdata(orig=False), line.get_ydata(orig=False), strict=True)))
        for line in axes.get_lines()
        if id(line) not in guides and line.get_transform() == axes.transData  # a line such as axhline is a guide
    ]
    others = [[point for other in lines if other is not line for point in other] for line in lines]
    return [point for line, rest in zip(lines, others, strict=True) if not _is_error_bar(line, rest) for point in line]


def _no_data(container: Any) -> list[Any]:
    """The lines of a container that hold no data: the base of a stem plot, the caps of error bars."""
    kind = type(container).__name__
    if kind == "StemContainer":
        return [container.baseline]
    return list(container.lines[1]) if kind == "ErrorbarContainer" else []


def _is_error_bar(line: list[Point], others: list[Point]) -> bool:
    """Whether a line stands upright through a point of another line."""
    if len(line) not in (2, CAPS):
        return False
    xs, ys = [x for x, _ in line], [y for _, y in line]
    middle, half = (min(xs) + max(xs)) / 2, (max(xs) - min(xs)) / 2
    upright = half == 0 if len(line) == 2 else len({round(x - middle, 9) for x in xs}) == 3
    return upright and any(abs(x - middle) < 1e-9 and min(ys) <= y <= max(ys) for x, y in others)


def _of_collections(axes: Any) -> list[Point]:
    return [tuple(each) for collection in axes.collections if type(collection).__name__ == "PathCollection"
            for each in collection.get_offsets()]  # fmt: skip


def _has_dates(axes: Any) -> bool:
    get = getattr(axes.xaxis, "get_converter", None)
    converter = get() if get else axes.xaxis.converter
    return "date" in type(converter).__name__.lower() or "period" in type(converter).__name__.lower()


def _dates(places: list[float]) -> list[Any]:
    """The year of each date if all are the same day of different years, else the date itself."""
    from matplotlib.dates import num2date

    dates = [num2date(place).replace(tzinfo=None) for place in places]
    yearly = len({(each.month, each.day) for each in dates}) == 1 and len({each.year for each in dates}) == len(dates)
    return [each.year if yearly else each for each in dates]


def _number(label: str) -> float | None:
    try:
        return float(label.replace(",", "").replace("\u2212", "-"))
    except ValueError:
        return None
