"""What the files ``solutions/*/questions/qNN.py`` share: schemas, tax years, the form of a question about a figure.

Course side.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

from leocourse.authoring.question import Question, Reference

NPD, ILR, UCAS, LEO = (f'{database}."2005003"' for database in ("npd_i2", "lilr_i2", "ucas_i2", "leo_i2"))
"""Database and schema of each supplier, as they stand before the name of a view."""


def tax_year_bounds(label: int) -> tuple[date, date]:
    """First and last day of a tax year from its label: 201718 is 6 April 2017 to 5 April 2018."""
    return date(label // 100, 4, 6), date(label // 100 + 1, 4, 5)


def calendar_bounds(label: int) -> tuple[date, date]:
    """First and last day of the calendar year in which a tax year begins: a slip."""
    return date(label // 100, 1, 1), date(label // 100, 12, 31)


def april_bounds(label: int) -> tuple[date, date]:
    """1 April to 31 March, as of a financial year: a slip."""
    return date(label // 100, 4, 1), date(label // 100 + 1, 3, 31)


def academic_bounds(label: int) -> tuple[date, date]:
    """1 August to 31 July, from the calendar year in which a tax year begins: a slip."""
    return date(label // 100, 8, 1), date(label // 100 + 1, 7, 31)


def next_bounds(label: int) -> tuple[date, date]:
    """The tax year after: a slip."""
    return tax_year_bounds(label + 101)


def previous_bounds(label: int) -> tuple[date, date]:
    """The tax year before: a slip."""
    return tax_year_bounds(label - 101)


def labels(first: int, last: int) -> tuple[int, ...]:
    """The labels of the tax years that begin in these calendar years: 200809 to 202021 for 2008 and 2020."""
    return tuple(year * 100 + (year + 1) % 100 for year in range(first, last + 1))


def certain(spells: str) -> str:
    """Spells of both of whose dates one can be sure, as SQL in brackets: what is left after a slip."""
    return f"(SELECT * FROM {spells} WHERE uncertainstartdate = 0 AND uncertainenddate = 0)"


def ended(spells: str) -> str:
    """Spells that have an end, as SQL in brackets: what is left after a slip."""
    return f"(SELECT * FROM {spells} WHERE enddate < DATE '9999-12-31')"


def months_of(label: int, begins: int = 4, count: int = 12, shift: int = 0) -> list[tuple[date, date]]:
    """Calendar months of a tax year, from April on, as (first day, first day of the next month).

    ``begins`` and ``count`` choose others; ``shift`` moves them by so many years.
    """
    year = label // 100 + shift
    firsts = [date(year + (m - 1) // 12, (m - 1) % 12 + 1, 1) for m in range(begins, begins + count + 1)]
    return list(pairwise(firsts))


def winter(label: int, shift: int = 0) -> list[tuple[date, date]]:
    """The months October to March of a tax year, by which sustained employment is counted, as ``months_of``."""
    return months_of(label, begins=10, count=6, shift=shift)


def figure_question(x_label: str, y_label: str, tolerance: float = 0.02, **rest: Any) -> Question:
    """A question whose answer is a function ``draw(con)`` that returns a figure of points (x, y).

    ``x_label`` and ``y_label`` are words of which the labels of the axes must have one, with ``|`` between them;
    the title must say that the data are simulated. ``tolerance`` is that of y.
    """
    labels = {"title": "simulated|synthetic", "x label": x_label, "y label": y_label}
    return Question(
        answer_name="draw",
        kind="figure",
        columns={"x": "number", "y": "number"},
        identity=("x",),
        unit="point",
        tolerance={"y": tolerance},
        labels=labels,
        **rest,
    )


def varied(function: Callable[..., Any]) -> Callable[..., Reference]:
    """``make=varied(person_days)``: a function of the connection, the arguments of a call, and keywords to change."""
    return lambda **changes: lambda con, **arguments: function(con, **arguments, **changes)
