"""What somebody handed over in place of a table or a figure, and what to hand over instead."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

LIBRARIES = {"_duckdb", "duckdb", "pandas", "polars", "pyarrow", "numpy", "matplotlib", "seaborn"}
LOOKED_AT = 1_000


def not_called(value: Any) -> bool:
    """Whether a value is a method of a table or a figure, such as ``relation.df`` without its brackets."""
    owner = getattr(value, "__self__", None)
    return callable(value) and owner is not None and type(owner).__module__.partition(".")[0] in LIBRARIES


def no_table(value: Any) -> str:
    """What a value is that is no table, and what to do: the first of these that has something to say."""
    known: tuple[Callable[[Any], str], ...] = (_code, _figure, _several_axes, _drawn, _groups, _rows, _later)
    said = next(filter(None, (each(value) for each in known)), "")
    return said or f"Expected a table (SQL, a DataFrame or a relation), got {type(value).__name__}."


def _code(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        rest = (
            "return Axes, such as `ax` after `fig, ax = plt.subplots()`"
            if "plot" in value.__name__
            else "it is no table"
        )
        return f"Your answer is the module {value.__name__}: {rest}."
    if not_called(value):
        name = value.__name__
        return f"Your answer is the method `{name}`, not what it gives: put brackets after it, `{name}()`."
    if inspect.isclass(value):
        return f"Your answer is the class {value.__name__}, not a table made with it."
    if callable(value) and hasattr(value, "__name__"):
        return f"Your function returned the function `{value.__name__}`, not what it gives: was it to be called?"
    return ""


def _figure(value: Any) -> str:
    if _is(value, "FigureBase"):
        number = len(value.axes)
        which = "this one has no Axes yet" if not number else f"this one has {number}: return the one with the answer"
        which = "here it is `fig.axes[0]`" if number == 1 else which
        what = "Your answer is a Figure, the whole page. Return the Axes on it, `ax` in `fig, ax = plt.subplots()`"
        return f"{what}: {which}."
    place = {"JointGrid": "ax_joint", "FacetGrid": "ax", "PairGrid": "axes[0, 0]"}
    for name, attribute in place.items():
        if _is(value, name):
            return (
                f"Your answer is seaborn's {name}, which holds the whole figure. Return its Axes: `grid.{attribute}`."
            )
    if _is(value, "Plot") and type(value).__module__.startswith("seaborn"):
        return "Your answer is seaborn's Plot. Draw it on Axes, `plot.on(ax).plot()`, and return `ax`."
    return ""


def _several_axes(value: Any) -> str:
    found = _inside(value)
    axes = [each for each in found if _is(each, "_AxesBase")]
    if not axes:
        return ""
    if any(_is(each, "FigureBase") for each in found):
        return "Your answer is both the Figure and its Axes. Return the Axes alone: `return ax`."
    number = f"{len(axes)} Axes" if len(axes) > 1 else "one Axes"
    return (
        f"Your answer is a {type(value).__name__} with {number} in it. Return one of them by itself, such as `axes[0]`."
    )


def _drawn(value: Any) -> str:
    for each in (value, *_inside(value)):
        if _is(each, "Artist"):
            return (
                f"Your answer is something drawn ({type(each).__name__}). Return the Axes that it was drawn on, `ax`."
            )
    return ""


def _rows(value: Any) -> str:
    tables = [each for each in _inside(value) if hasattr(each, "columns")]
    if tables:
        return f"Your answer is a {type(value).__name__} of {len(tables)} tables. Hand over one table: join them first."
    if isinstance(value, (list, tuple, set)) or hasattr(value, "ndim"):
        return (
            f"Your answer is a {type(value).__name__} of {len(value):,}, without names of columns (`fetchall()`, "
            "`fetchone()` and `.values` drop them). Hand over the table itself: `con.sql(...)`, or its `.df()`."
        )
    if isinstance(value, dict):
        return "Your answer is a dict that is no table: each column needs a list of values, all of the same length."
    return ""


def _groups(value: Any) -> str:
    if type(value).__name__.endswith(("GroupBy", "Rolling", "Resampler")):
        return f"Your answer is groups ({type(value).__name__}) of which nothing was computed yet, such as `.size()`."
    return ""


def _later(value: Any) -> str:
    if inspect.isgenerator(value):
        return "Your function returned a generator, because it has `yield`: use `return`."
    if inspect.iscoroutine(value):
        value.close()
        return "Your function returned a coroutine: leave `async` out."
    return ""


def _inside(value: Any) -> list[Any]:
    """The things in a list, a tuple, a set or an array of objects; nothing else is looked into."""
    if getattr(value, "dtype", None) == "object" and hasattr(value, "flat"):
        return list(value.flat)[:LOOKED_AT]
    return list(value)[:LOOKED_AT] if isinstance(value, (list, tuple, set)) else []


def _is(value: Any, name: str) -> bool:
    """Whether one of the classes of a value has this name: matplotlib need not be loaded to ask."""
    return any(each.__name__ == name for each in type(value).__mro__)
