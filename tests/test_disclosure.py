"""What may leave: every rule with a table that breaks it, and what prepare promises, on tables of all kinds."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from hypothesis import given, settings
from hypothesis import strategies as st

import leocourse as leo
from leocourse.core.errors import LeoError
from leocourse.disclosure.columns import KINDS, layout
from leocourse.disclosure.figure import check_figure
from leocourse.disclosure.release import check_release, prepare
from leocourse.disclosure.report import settings as rules

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SAFE = pd.DataFrame({"region": ["North", "South", "All"], "people": [40, 60, 100]})


def table(**columns):
    return pd.DataFrame(columns)


def found(report):
    return {(finding.rule, finding.row, finding.column) for finding in report.findings}


# Each rule, and a table that breaks it --------------------------------------------------------------


def test_a_table_with_nothing_to_find_is_safe_and_says_so():
    report = check_release(SAFE)
    assert report.safe and "Nothing found" in str(report) and str(report).startswith("✓")
    assert list(report.table["may leave"]) == ["yes", "yes", "yes"]


BROKEN = {
    "small count": (table(region=["North", "South"], people=[4, 60]), ("small count", 0, "people")),
    "zero": (table(region=["North", "South", "East"], people=[0, 60, 20]), ("zero", 0, "people")),
    "not rounded": (table(region=["North", "South"], people=[43, 60]), ("not rounded", 0, "people")),
    "class": (table(sex=["F", "M"], people=[60, 0]), ("class disclosure", 0, "people")),
    "all of a base": (table(region=["N", "S"], people=[60, 40], in_work=[60, 20]), ("class disclosure", 0, "in_work")),
    "rest of a base": (table(region=["N", "S"], people=[60, 40], in_work=[55, 20]), ("difference", 0, "in_work")),
    "percentage": (table(region=["N", "S"], people=[60, 40], fsm_percent=[8.3, 50.0]), ("percentage", 0, "fsm_percent")),
    "100 per cent": (table(region=["N", "S"], people=[60, 40], fsm_percent=[100.0, 50]), ("class disclosure", 0, "fsm_percent")),
    "exact percentage": (table(region=["N", "S"], people=[60, 40], fsm_percent=[36.7, 50.0]), ("not rounded", 0, "fsm_percent")),
    "base": (table(region=["N", "S"], people=[5, 40], mean_pay=[21_000.0, 22_000.0]), ("base", 0, "mean_pay")),
    "base not shown": (table(region=["N", "S"], people=[None, 40.0], mean_pay=[21_000.0, 2.0]), ("base", 0, "mean_pay")),
    "median": (table(region=["N", "S"], people=[60, 40], median_pay=[21_043, 22_000]), ("one person's value", 0, "median_pay")),
    "maximum": (table(region=["N", "S"], people=[60, 40], max_pay=[90_000, 80_000]), ("one person's value", 1, "max_pay")),
    "percentile": (table(region=["N", "S"], people=[60, 400], pay_p10=[9_000, 9_000]), ("one person's value", 0, "pay_p10")),
    "one cell": (table(region=["N", "S", "E", "All"], people=[40, None, 30, 90.0]), ("secondary disclosure", 1, "people")),
    "few together": (
        table(region=["N", "S", "E", "W", "All"], people=[40, None, None, 30, 75.0]),
        ("secondary disclosure", 4, "people"),
    ),
    "total hidden": (table(region=["N", "S", "All"], people=[40, 30, None]), ("secondary disclosure", 2, "people")),
    "other columns": (
        table(region=["N", "S"], people=[60, 80], in_work=[None, 50], not_in_work=[20, 30]),
        ("secondary disclosure", 0, "in_work"),
    ),
    "mean": (
        table(region=["N", "S", "All"], people=[40, 60, 100], mean_pay=[None, 20_000.0, 21_000.0]),
        ("secondary disclosure", 0, "mean_pay"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_every_rule_speaks_of_the_cell_that_breaks_it(name):
    broken, expected = BROKEN[name]
    report = check_release(broken)
    assert not report.safe and expected in found(report), str(report)
    assert report.table["may leave"].iloc[expected[1]] == "no" and report.table["why"].iloc[expected[1]]


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_can_be_prepared(name):
    made = prepare(BROKEN[name][0])
    assert check_release(made).safe, str(check_release(made))


def test_zeros_may_stay_if_the_settings_say_so():
    zeros = table(region=["N", "S", "E"], people=[0, 60, 20])
    allowed = {"zeros_are_disclosive": False}
    assert check_release(zeros, settings=allowed).safe and not check_release(zeros).safe
    assert list(prepare(zeros, settings=allowed)["people"]) == [0, 60, 20]


def test_a_suppressed_cell_may_follow_only_from_many_lines_together():
    """A bridge between two loops: no line has one unknown, and yet one cell has one value only."""
    cells = np.full((6, 6), 50.0)
    hidden = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 3), (2, 4), (3, 3), (3, 4), (1, 3)]
    rows = [(f"r{i}", f"c{j}", np.nan if (i, j) in hidden else cells[i, j]) for i in range(6) for j in range(6)]
    rows += [(f"r{i}", "All", 300.0) for i in range(6)] + [("All", f"c{j}", 300.0) for j in range(6)]
    report = check_release(table(**dict(zip(("row", "column", "people"), zip(*rows, strict=True), strict=True))))
    assert {report.labels[each.row] for each in report.findings} == {"row r1, column c3"}
    assert {each.rule for each in report.findings} == {"secondary disclosure"}


def test_dominance_needs_contributions_and_uses_both_rules():
    result = table(sector=["A", "B", "C"], people=[20, 20, 20], mean_pay=[1.0, 2.0, 3.0])
    pay = {"A": [100.0] * 20, "B": [100_000.0, 50_000.0, *[10.0] * 18], "C": [1000.0, 1.0, *[3.0] * 18]}
    people = pd.DataFrame(
        [(sector, each) for sector, given in pay.items() for each in given], columns=["sector", "pay"]
    )
    assert check_release(result).safe
    report = check_release(result, contributions=people)
    assert {(each.row, each.rule) for each in report.findings} == {(1, "dominance"), (2, "dominance")}
    made = prepare(result, contributions=people)
    assert check_release(made, contributions=people).safe and made["mean_pay"].notna().tolist() == [True, False, False]
    with_total = table(sector=["A", "All"], people=[20, 60], mean_pay=[1.0, 2.0])
    assert "make up" in str(check_release(with_total, contributions=people))  # two people of 60
    negative = people.assign(pay=-people["pay"])
    assert "negative" in str(check_release(result, contributions=negative))


def test_two_outputs_are_compared():
    before = table(region=["N", "S"], people=[45, 60])
    after = table(region=["N", "S"], people=[40, 60])
    assert check_release(after).safe
    assert found(check_release(after, earlier=before)) == {("differencing", 0, "people")}
    hidden = table(region=["N", "S"], people=[None, 60])
    assert "stands in the earlier output as 45" in str(check_release(hidden, earlier=before))


def test_report_is_escaped_html_and_one_row_a_row():
    report = check_release(table(region=["<b>N</b>", "S"], people=[4, 60]))
    html = report._repr_html_()
    assert "<b>N" not in html and "&lt;b&gt;N" in html and html.count("<tr>") == 3 and "✗" in html
    assert list(report.table.columns) == ["row", "may leave", "why"]


# Columns ---------------------------------------------------------------------------------------------


def test_columns_are_inferred_and_can_be_said():
    given = table(tax_year=[201516], fsm=["1"], people=[100], in_work=[50], in_work_percent=[50.0], median_pay=[20_000])
    plan = layout(given)
    assert plan.groups == ("tax_year", "fsm") and plan.counts == ("people", "in_work")
    assert plan.parts == {"in_work": "people"}
    assert plan.statistics == {"in_work_percent": "people", "median_pay": "people"}
    assert plan.kinds == {"in_work_percent": "percentage", "median_pay": "quantile"}
    plan = layout(table(fsm=[0, 1], who=[50, 60], x=[1.5, 2.5]), groups=["fsm"], kinds={"x": "share"})
    assert plan.groups == ("fsm",) and plan.statistics == {"x": "who"} and plan.kinds == {"x": "share"}
    plan = layout(table(g=["a"], a_n=[50], b_n=[60], a=[1.5]), parts={})
    assert plan.statistics == {"a": "a_n"} and plan.parts == {}


WRONG = {
    "no table": (lambda: check_release([1, 2]), "Expected a DataFrame, got list"),
    "no such column": (lambda: check_release(SAFE, counts=["persons"]), "There is no column 'persons'"),
    "text": (lambda: check_release(SAFE, counts=["region"]), "does not hold numbers"),
    "stars": (lambda: check_release(table(people=["20", "*"]), counts=["people"]), "write a suppressed number as missing"),
    "not a list": (lambda: check_release(SAFE, counts="people"), "counts takes a list"),
    "not pairs": (lambda: check_release(SAFE, statistics=["people"]), "statistics takes pairs"),
    "flag": (lambda: check_release(table(fsm=[0, 1], people=[20, 30])), "is it a group or a count"),
    "no base": (lambda: check_release(table(g=["a"], pay=[1.5])), "How many people are behind 'pay'"),
    "base no count": (lambda: check_release(SAFE.assign(x=1.5), statistics={"x": "region"}), "must be a count column"),
    "kind": (lambda: check_release(SAFE.assign(x=1.5), kinds={"x": "mode"}), "'mode' is no kind"),
    "twice": (lambda: check_release(pd.concat([SAFE, SAFE])), "about the same group"),
    "two names": (lambda: check_release(pd.concat([SAFE, SAFE], axis=1)), "Two columns are called 'region'"),
    "setting": (lambda: check_release(SAFE, settings={"threshold": 5}), "There is no setting 'threshold'"),
    "size": (lambda: check_release(SAFE, settings={"safe_round_base": 0}), "must be 1 or more"),
    "contributions": (lambda: check_release(SAFE, contributions=pd.DataFrame({"pay": [1]})), "has no column 'region'"),
    "which": (
        lambda: check_release(SAFE.assign(mean_pay=1.5), contributions=pd.DataFrame({"region": ["N"], "a": [1], "b": [2]})),
        "Which column of contributions is behind 'mean_pay'",
    ),
    "no pair": (
        lambda: check_release(SAFE, contributions=pd.DataFrame({"region": ["N"], "a": [1]}), values={"people": "a"}),
        "is no such pair",
    ),
    "earlier": (lambda: check_release(SAFE, earlier=[1]), "earlier must be a DataFrame"),
    "no figure": (lambda: check_figure(SAFE), "Expected the Axes of a figure, got DataFrame"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_columns_are_one_clear_line(name):
    call, message = WRONG[name]
    with pytest.raises(LeoError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_settings_have_the_names_and_values_of_acro():
    now = rules()
    assert (now.safe_threshold, now.safe_round_base, now.zeros_are_disclosive) == (10, 5, True)
    assert (now.safe_nk_n, now.safe_nk_k, now.safe_pratio_p) == (2, 0.9, 0.1)
    assert rules({"safe_threshold": 30}).safe_threshold == 30 and rules(now) is now
    assert check_release(SAFE, settings={"safe_threshold": 50}).findings


def test_the_module_is_exported_and_light():
    assert leo.disclosure.check_release is check_release
    code = "import sys, leocourse; print([m for m in ('matplotlib', 'scipy', 'seaborn', 'hypothesis') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Figures ---------------------------------------------------------------------------------------------


@pytest.fixture
def bars():
    figure, axes = plt.subplots()
    sns.barplot(x=["a", "b", "c"], y=[50.0, 5.0, 20.0], ax=axes)
    yield axes
    plt.close(figure)


def test_figures_show_no_bar_or_point_that_rests_on_few(bars):
    assert {each.row for each in check_figure(bars).findings} == {1}  # heights as counts
    assert check_figure(bars, [50, 60, 70]).safe
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


# What prepare promises -------------------------------------------------------------------------------


def test_no_more_is_suppressed_than_the_lines_need():
    rows = {"A": (50, 10), "B": (270, 80), "C": (155, 52), "D": (12, 1), "E": (28, 3), "F": (150, 25)}
    frame = pd.DataFrame(
        [(row, *cells, sum(cells)) for row, cells in rows.items()], columns=["row", "no", "yes", "All"]
    )
    frame.loc[len(frame)] = ["All", *frame[["no", "yes", "All"]].sum()]
    made = prepare(frame.melt("row", var_name="meals", value_name="people"))
    gaps = made[made["people"].isna()]
    assert set(zip(gaps["row"], gaps["meals"], strict=True)) == {
        (row, meals) for row in "ADE" for meals in ("no", "yes")
    }


SIZES = st.one_of(st.integers(0, 14), st.integers(0, 400))


@st.composite
def two_way(draw):
    """A table of two groupings with all its margins, and in half of the cases a part and its percentage."""
    height, width = draw(st.integers(2, 5)), draw(st.integers(2, 4))
    cells = np.array(draw(st.lists(SIZES, min_size=height * width, max_size=height * width))).reshape(height, width)
    shares = np.array(draw(st.lists(st.floats(0, 1), min_size=height * width, max_size=height * width)))
    work = np.floor(cells * shares.reshape(height, width)).astype(int)
    rows = []
    for i in range(height + 1):
        for j in range(width + 1):
            pick = (slice(None) if i == height else i, slice(None) if j == width else j)
            people, working = int(cells[pick].sum()), int(work[pick].sum())
            names = ("All" if i == height else f"r{i}", "All" if j == width else f"c{j}")
            rows.append((*names, people, working, 100 * working / people if people else np.nan))
    made = pd.DataFrame(rows, columns=["region", "sex", "people", "in_work", "in_work_percent"])
    return made if draw(st.booleans()) else made[["region", "sex", "people"]]


def lines(frame):
    """Every total with the rows that it is the total of."""
    for own, other in (("region", "sex"), ("sex", "region")):
        for _, rows in frame.groupby(other):
            yield rows.index[rows[own] == "All"][0], list(rows.index[rows[own] != "All"])


def counts(frame):
    """Its columns of counts. One that holds only 0 and 1 is not taken for a count unless it is named."""
    return [name for name in ("people", "in_work") if name in frame]


@settings(max_examples=25, deadline=None)
@given(two_way())
def test_what_was_prepared_passes_the_check_and_is_rounded(frame):
    before = frame.copy()
    made = prepare(frame, counts=counts(frame))
    pd.testing.assert_frame_equal(frame, before)
    report = check_release(made, counts=counts(frame))
    assert report.safe, str(report)
    for name in ("people", "in_work"):
        if name in made:
            shown = made[name].dropna()
            assert (shown % 5 == 0).all() and (shown >= 10).all()
            assert ((shown - frame.loc[shown.index, name]).abs() <= 2.5).all()
            assert made.loc[frame[name] < 10, name].isna().all()
    assert list(made["region"]) == list(frame["region"]) and list(made.columns) == list(frame.columns)
    pd.testing.assert_frame_equal(prepare(made), made)  # nothing more to do


@settings(max_examples=25, deadline=None)
@given(two_way())
def test_after_prepare_no_small_number_is_found_by_subtraction(frame):
    """The true numbers of all that is shown are lent to the intruder, who subtracts until nothing more comes."""
    made = prepare(frame, counts=counts(frame))
    for name in counts(frame):
        known = {row: frame[name][row] for row in frame.index if pd.notna(made[name][row])}
        new = True
        while new:
            new = {}
            for total, rows in lines(frame):
                unknown = [row for row in (total, *rows) if row not in known]
                if len(unknown) == 1:
                    new[unknown[0]] = frame[name][unknown[0]]
            known |= new
        assert all(frame[name][row] >= 10 for row in known), name
        for total, rows in lines(frame):
            hidden = [row for row in rows if row not in known]
            if hidden and total in known:
                assert frame[name][hidden].sum() >= 10


@settings(max_examples=25, deadline=None)
@given(two_way().filter(lambda frame: "in_work" in frame))
def test_percentages_give_no_more_away_than_the_counts(frame):
    made = prepare(frame, counts=counts(frame))
    shown = made.dropna(subset=["in_work_percent"])
    behind = shown["in_work_percent"].astype(float) * shown["people"].astype(float) / 100
    assert made.loc[made["people"].isna(), "in_work_percent"].isna().all()
    assert (behind > 5).all() and (shown["people"].astype(float) - behind > 5).all()
    assert (shown["in_work_percent"].astype(float).round(1) == shown["in_work_percent"].astype(float)).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(SIZES, st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=8))
def test_statistics_rest_on_enough_people(rows):
    frame = pd.DataFrame(rows, columns=["people", "median_pay", "mean_pay"])
    frame.insert(0, "region", [f"r{number}" for number in range(len(frame))])
    made = prepare(frame)
    assert check_release(made).safe
    assert made.loc[frame["people"] < 10, ["median_pay", "mean_pay"]].isna().all(axis=None)
    assert (made["median_pay"].dropna() % 100 == 0).all()


@settings(max_examples=25, deadline=None)
@given(two_way(), st.integers(2, 40), st.sampled_from([1, 5, 10]), st.booleans())
def test_any_settings_are_kept(frame, threshold, base, zeros):
    wanted = {"safe_threshold": threshold, "safe_round_base": base, "zeros_are_disclosive": zeros}
    made = prepare(frame, counts=counts(frame), settings=wanted)
    report = check_release(made, counts=counts(frame), settings=wanted)
    assert report.safe, str(report)


def test_kinds_are_the_words_of_the_manual():
    assert KINDS == ("mean", "sum", "percentage", "share", "quantile", "extreme")
