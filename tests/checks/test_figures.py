"""Figures of every usual kind are read alike; error bars, stems and guides are no data."""

from __future__ import annotations

import matplotlib
import pandas as pd
import pytest

from leocourse.checks.answer import Stopped
from leocourse.checks.tables import figure_points

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import seaborn as sns

YEARS, HEIGHTS = list(range(2009, 2017)), [10.5, 11.0, 12.25, 9.0, 8.5, 8.0, 13.0, 14.75]
FRAME = pd.DataFrame({"year": YEARS, "percent": HEIGHTS})
MANY = pd.concat([FRAME.assign(percent=FRAME["percent"] + away) for away in (-1, 0, 1)])
DATES = pd.to_datetime([f"{year}-01-01" for year in YEARS])


def labelled(ax):
    ax.set_xticks(range(len(YEARS)), [str(year) for year in YEARS])
    ax.plot(range(len(YEARS)), HEIGHTS)


def spelled(ax):
    ax.plot(YEARS, HEIGHTS)
    ax.set_xticks(YEARS, [f"{year - 1}/{year % 100:02}" for year in YEARS])


def shaded(ax):
    ax.axvspan(2010, 2012, alpha=0.2)
    ax.axhline(10)
    ax.axvline(2011)
    ax.plot(YEARS, HEIGHTS)


DRAWN = {
    "line": lambda ax: ax.plot(YEARS, HEIGHTS),
    "bars": lambda ax: ax.bar(YEARS, HEIGHTS, yerr=1),
    "scatter": lambda ax: ax.scatter(YEARS, HEIGHTS),
    "stem": lambda ax: ax.stem(YEARS, HEIGHTS),
    "error bars": lambda ax: ax.errorbar(YEARS, HEIGHTS, yerr=1, capsize=3),
    "point plot": lambda ax: sns.pointplot(MANY, x="year", y="percent", ax=ax),
    "point plot with caps": lambda ax: sns.pointplot(MANY, x="year", y="percent", capsize=0.2, ax=ax),
    "point plot of one each": lambda ax: sns.pointplot(FRAME, x="year", y="percent", ax=ax),
    "strip plot": lambda ax: sns.stripplot(FRAME, x="year", y="percent", ax=ax),
    "bar plot": lambda ax: sns.barplot(MANY, x="year", y="percent", ax=ax),
    "line plot": lambda ax: sns.lineplot(MANY, x="year", y="percent", ax=ax),
    "dates": lambda ax: ax.plot(DATES, HEIGHTS),
    "Python's dates": lambda ax: ax.plot(list(DATES.date), HEIGHTS),
    "bars on dates": lambda ax: ax.bar(DATES, HEIGHTS, width=200),
    "scatter on dates": lambda ax: ax.scatter(DATES, HEIGHTS),
    "text": lambda ax: ax.plot([str(year) for year in YEARS], HEIGHTS),
    "bars of text": lambda ax: ax.bar([str(year) for year in YEARS], HEIGHTS),
    "labels at counted places": labelled,
    "years labelled as academic years": spelled,
    "guides": shaded,
}


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.mark.parametrize("kind", DRAWN)
def test_every_kind_of_figure_gives_the_same_points(kind, ax):
    DRAWN[kind](ax)
    read = figure_points(ax)
    assert sorted(read.columns["x"]) == YEARS
    found = dict(zip(read.columns["x"], read.columns["y"], strict=True))
    assert [found[year] for year in YEARS] == pytest.approx(HEIGHTS)


def test_words_as_labels_and_dates_within_a_year_are_read_as_they_are(ax):
    ax.bar(["girls", "boys"], [1, 2])
    assert figure_points(ax).columns == {"x": ["girls", "boys"], "y": [1, 2]}
    other = plt.figure().add_subplot()
    other.plot(pd.to_datetime(["2012-04-06", "2012-05-06"]), [1, 2])
    assert figure_points(other).columns["x"] == ["2012-04-06", "2012-05-06"]


def test_a_short_line_that_is_the_data_is_no_error_bar(ax):
    ax.plot([2009, 2010], [1, 2])
    ax.plot([2011, 2012], [3, 4])
    assert figure_points(ax).columns["x"] == [2009, 2010, 2011, 2012]


def test_a_missing_value_is_no_point_and_an_empty_figure_has_none(ax):
    assert figure_points(ax).rows == 0
    ax.plot([2009, 2010, 2011], [1, float("nan"), 3])
    assert figure_points(ax).columns["x"] == [2009, 2011]


def test_a_figure_that_cannot_be_read_gets_a_plain_sentence(ax, monkeypatch):
    ax.plot(YEARS, HEIGHTS)
    ax.lines[0].set_transform(None)
    monkeypatch.setattr(ax, "get_lines", lambda: [object()])
    with pytest.raises(Stopped, match="What the figure shows cannot be read: draw bars, a line or points"):
        figure_points(ax)
