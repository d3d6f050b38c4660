"""What may leave of a figure: no bar and no point that rests on few people."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
import pytest
import seaborn as sns

from leocourse.core.errors import LeoError
from leocourse.disclosure.release import check_figure

matplotlib.use("Agg")
import matplotlib.pyplot as plt


@pytest.fixture
def bars():
    figure, axes = plt.subplots()
    sns.barplot(x=["a", "b", "c"], y=[50.0, 5.0, 20.0], ax=axes)
    yield axes
    plt.close(figure)


def test_figures_show_no_bar_or_point_that_rests_on_few(bars):
    assert {each.row for each in check_figure(bars).findings} == {1}  # heights as counts
    assert check_figure(bars, [50, 60, 70]).safe
    bars.patches[1].set_height(50.0)
    guess = check_figure(bars)
    assert guess.verdict == "not judged" and "✓" not in str(guess) and "counts='heights'" in str(guess)
    assert check_figure(bars, "heights").safe
    with pytest.raises(LeoError, match="not 'people'"):
        check_figure(bars, "people")
    bars.patches[1].set_height(5.0)
    assert check_figure(bars, {"a": 50, "b": 60, "c": 70}).safe
    report = check_figure(bars, pd.Series({"a": 50, "b": 60, "c": 9}))
    assert report.labels[report.findings[0].row] == "x c" and "9 people" in str(report)
    assert not check_figure(bars, [50, 60, np.nan]).safe
    assert not check_figure(bars, [50, 0, 20]).safe
    assert check_figure(bars, [50, 0, 20], settings={"zeros_are_disclosive": False}).safe
    with pytest.raises(LeoError, match="3 bars or points, but counts has 2"):
        check_figure(bars, [1, 2])
    with pytest.raises(LeoError, match="counts says nothing about c"):
        check_figure(bars, {"a": 50, "b": 60})
    figure, empty = plt.subplots()
    with pytest.raises(LeoError, match="no bars and no points"):
        check_figure(empty, [])
    plt.close(figure)


def test_bars_side_by_side_are_named_and_those_of_the_legend_are_none():
    frame = pd.DataFrame({"x": ["a", "a", "b", "b"], "people": [50, 3, 20, 30], "meals": ["yes", "no"] * 2})
    figure, axes = plt.subplots()
    sns.barplot(frame, x="x", y="people", hue="meals", ax=axes)
    report = check_figure(axes)
    assert len(report.labels) == 4 and [report.labels[each.row] for each in report.findings] == ["x a"]
    plt.close(figure)
