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
from leocourse.disclosure.limits import settings as rules
from leocourse.disclosure.release import check_figure, check_release, prepare

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SAFE = pd.DataFrame({"region": ["North", "South", "All"], "people": [40, 60, 100]})


def table(**columns):
    return pd.DataFrame(columns)


def said(frame, **given):
    """What a caller says who pastes the call of the report: everything that is guessed, confirmed."""
    plan = layout(frame, **given)
    words = ("groups", "counts", "statistics", "parts", "kinds")
    return {word: given.get(word, getattr(plan, word)) for word in words}


def check(frame, given=None, **more):
    """A check whose caller confirms what is guessed."""
    return check_release(frame, **said(frame, **(given or {})), **more)


def made_ready(frame, given=None, **more):
    """A preparation whose caller confirms what is guessed."""
    return prepare(frame, **said(frame, **(given or {})), **more)


def found(report):
    return {(finding.rule, finding.row, finding.column) for finding in report.findings}


# Each rule, and a table that breaks it --------------------------------------------------------------


def test_a_table_with_nothing_to_find_is_safe_and_says_so():
    report = check_release(SAFE, counts=["people"])
    assert report.safe and "Nothing found" in str(report) and str(report).startswith("✓")
    assert list(report.table["may leave"]) == ["yes", "yes", "yes"]
    assert "counts of people: people" in str(report) and "no earlier table was given" in str(report)


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
    frame = BROKEN[name][0]
    made, roles = made_ready(frame), said(frame)
    assert check_release(made, **roles).safe, str(check_release(made, **roles))
    pd.testing.assert_frame_equal(prepare(made, **roles), made)


def test_zeros_may_stay_if_the_settings_say_so():
    zeros = table(region=["N", "S", "E"], people=[0, 60, 20])
    allowed = {"zeros_are_disclosive": False}
    assert check(zeros, settings=allowed).safe and not check(zeros).safe
    assert list(made_ready(zeros, settings=allowed)["people"]) == [0, 60, 20]


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
    assert check(result).safe
    report = check(result, contributions=people)
    assert {(each.row, each.rule) for each in report.findings} == {(1, "dominance"), (2, "dominance")}
    made = made_ready(result, contributions=people)
    assert check_release(made, **said(result), contributions=people).safe and made["mean_pay"].notna().tolist() == [
        True,
        False,
        False,
    ]
    with_total = table(sector=["A", "All"], people=[20, 60], mean_pay=[1.0, 2.0])
    assert "make up" in str(check(with_total, contributions=people))  # two people of 60
    negative = people.assign(pay=-people["pay"])
    assert "negative" in str(check(result, contributions=negative))


def test_two_outputs_are_compared():
    before = table(region=["N", "S"], people=[45, 60])
    after = table(region=["N", "S"], people=[40, 60])
    assert check(after).safe
    assert found(check(after, earlier=before)) == {("differencing", 0, "people")}
    hidden = table(region=["N", "S"], people=[None, 60])
    assert "stands in the earlier output as 45" in str(check(hidden, earlier=before))


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
    assert plan.statistics == {"in_work_percent": "people", "median_pay": "in_work"}
    assert plan.kinds == {"in_work_percent": "percentage", "median_pay": "median"}
    plan = layout(table(fsm=[0, 1], who=[50, 60], x=[0.25, 0.5]), groups=["fsm"], kinds={"x": "share"})
    assert plan.groups == ("fsm",) and plan.statistics == {"x": "who"} and plan.kinds == {"x": "share"}
    plan = layout(table(g=["a"], a_n=[50], b_n=[60], a=[1.5]), parts={})
    assert plan.statistics == {"a": "a_n"} and plan.parts == {}


@pytest.mark.parametrize("name", ["with_pay", "n_pay", "people_with_earnings", "pay", "total_pay", "median pay"])
def test_a_count_is_suppressed_whatever_it_is_called(name):
    frame = pd.DataFrame(
        {"region": ["N", "S", "E"], "people": [60, 80, 90], name: [7, 6, 50], "median_pay": [20_143.0] * 3}
    )
    report = check_release(frame)
    assert not report.safe and "✓" not in str(report) and report.call in str(report)
    with pytest.raises(LeoError, match="Guessed from types and names") as refused:
        prepare(frame)
    assert "\n" not in str(refused.value) and "prepare(table, groups=['region']" in str(refused.value)
    roles = {
        "counts": ["people", name],
        "parts": {name: "people"},
        "statistics": {"median_pay": name},
        "kinds": {"median_pay": "median"},
    }
    made = prepare(frame, **roles)
    assert made[name].isna().tolist() == [True, True, False] and made["median_pay"].isna().tolist() == [
        True,
        True,
        False,
    ]
    assert check_release(made, **roles).safe


def test_the_call_of_a_report_says_all_that_was_guessed():
    frame = pd.DataFrame(
        {"year": [2018, 2019], 'o"dd\n✓ Nothing found': [60, 80], 3: [40, 50], "rate": [0.5, 0.25], "x'y": [5.5, 7.5]}
    )
    report = check_release(frame)
    assert "\n✓" not in str(report) and len(str(report).splitlines()) == len(report.findings) + 1 + len(report.notes)
    again = eval(report.call, {"check_release": check_release, "table": frame})
    assert not again.call and not again.unclear and again.columns == report.columns


def test_three_verdicts_in_words():
    guess = check_release(SAFE)
    assert guess.verdict == "not judged" and not guess.safe and str(guess).startswith("? This table was not judged")
    assert "Nothing found" not in str(guess) and "✓" not in guess._repr_html_()
    assert set(guess.table["may leave"]) == {"not judged"}
    assert "check_release(table, groups=['region'], counts=['people'])" in str(guess)
    small = check_release(table(region=["N", "S"], people=[4, 60]))
    assert small.verdict == "may not leave" and "if it holds what was guessed" in small.summary
    assert list(small.table["may leave"]) == ["no", "not judged"]
    assert check_release(SAFE, counts=["people"]).verdict == "may be sent"


UNCLEAR = {
    "a number as a group": table(year=[2018], people=[60]),
    "text with digits": table(region=["N 7"], people=[60]),
    "numbers as text": table(region=["N"], few=["7"], people=[60]),
    "a date": table(day=pd.to_datetime(["2018-01-07"]), people=[60]),
    "which part": table(region=["N"], people=[60], others=[40]),
    "which base": table(region=["N"], people=[60], mean_score=[40.0]),
    "a total without a name": table(region=["N", "S", None], people=[60, 60, 120]),
    "no rows": table(region=pd.Series([], dtype=str), people=pd.Series([], dtype=int)),
    "no counts": table(region=["N"]),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_not_known_is_not_judged(name):
    report = check_release(UNCLEAR[name], counts=["people"] if "people" in UNCLEAR[name] else None)
    assert report.verdict == "not judged" and report.unclear
    with pytest.raises(LeoError, match="was not prepared"):
        prepare(UNCLEAR[name], counts=["people"] if "people" in UNCLEAR[name] else None)


def test_what_hangs_on_a_suppressed_count_is_suppressed():
    """A part whose whole is suppressed, a statistic whose base is, and a percentage that gives a part back."""
    frame = table(
        region=["N", "S", "E", "All"],
        people=[8, 40, 90, 138],
        in_work=[7, 20, 60, 87],
        in_work_percent=[87.5, 50.0, 66.7, 63.0],
    )
    made = made_ready(frame)
    assert (
        made[["people", "in_work", "in_work_percent"]].isna().to_numpy().tolist()
        == [[True] * 3] * 2 + [[False] * 3] * 2
    )
    hidden = table(region=["N", "S"], people=[None, 60.0], in_work=[30, 20])
    assert ("base", 0, "in_work") in found(check(hidden))
    for part, percent in (([None, 20.0], [50.0, 33.3]), ([None, 20.0], [50.0, 66.7]), ([None, None], [50.0, 40.0])):
        told = table(region=["N", "S"], people=[60, 60], in_work=part, percent=percent)
        given = {"counts": ["people", "in_work"], "parts": {"in_work": "people"}}
        assert ("percentage", 0, "percent") in found(check(told, given)), percent
    other = table(region=["N", "S"], people=[60, 60], in_work=[None, 20.0], fsm_percent=[25.0, 50.0])
    assert check(other, {"counts": ["people", "in_work"], "parts": {"in_work": "people"}}).safe


WRONG = {
    "no table": (lambda: check_release([1, 2]), "Expected a DataFrame, got list"),
    "index": (lambda: check_release(SAFE.set_index("people")), "The index of the table .people. is no column"),
    "labels": (lambda: check_release(SAFE.set_axis(["a", "b", "c"])), "The index of the table is no column"),
    "levels": (lambda: check_release(pd.concat({"x": SAFE}, axis=1)), "names in several levels"),
    "two roles": (lambda: check_release(SAFE, groups=["people"], counts=["people"]), "is named twice"),
    "negative": (lambda: check_release(SAFE.assign(people=-6)), "said to count people|no column counts|How many"),
    "said negative": (lambda: check_release(SAFE.assign(people=-6), counts=["people"]), "row 1 has -6"),
    "no part": (
        lambda: check_release(SAFE.assign(x=50), counts=["people", "x"], parts={"x": "people"}), "'x' is no part of 'people'"
    ),
    "circle": (
        lambda: check_release(SAFE.assign(x=SAFE["people"]), counts=["people", "x"], parts={"x": "people", "people": "x"}),
        "round in a circle",
    ),
    "share": (
        lambda: check_release(SAFE.assign(x=8.3), counts=["people"], statistics={"x": "people"}, kinds={"x": "share"}),
        "lies between 0 and 1",
    ),
    "objects": (lambda: check_release(SAFE.assign(x=pd.Series([7, 8, None], dtype=object))), "numbers as objects"),
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
        lambda: check(SAFE.assign(mean_pay=1.5), contributions=pd.DataFrame({"region": ["N"], "a": [1], "b": [2]})),
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


# What prepare promises -------------------------------------------------------------------------------


def test_no_more_is_suppressed_than_the_lines_need():
    rows = {"A": (50, 10), "B": (270, 80), "C": (155, 52), "D": (12, 1), "E": (28, 3), "F": (150, 25)}
    frame = pd.DataFrame(
        [(row, *cells, sum(cells)) for row, cells in rows.items()], columns=["row", "no", "yes", "All"]
    )
    frame.loc[len(frame)] = ["All", *frame[["no", "yes", "All"]].sum()]
    made = prepare(frame.melt("row", var_name="meals", value_name="people"), counts=["people"])
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
    """Its columns of counts."""
    return [name for name in ("people", "in_work") if name in frame]


def roles(frame):
    """What its columns are."""
    if "in_work" not in frame:
        return {"groups": ["region", "sex"], "counts": ["people"]}
    return {
        "groups": ["region", "sex"],
        "counts": ["people", "in_work"],
        "parts": {"in_work": "people"},
        "statistics": {"in_work_percent": "people"},
        "kinds": {"in_work_percent": "percentage"},
    }


@settings(max_examples=25, deadline=None)
@given(two_way())
def test_what_was_prepared_passes_the_check_and_is_rounded(frame):
    before = frame.copy()
    made = prepare(frame, **roles(frame))
    pd.testing.assert_frame_equal(frame, before)
    report = check_release(made, **roles(frame))
    assert report.safe, str(report)
    for name in ("people", "in_work"):
        if name in made:
            shown = made[name].dropna()
            assert (shown % 5 == 0).all() and (shown >= 10).all()
            assert ((shown - frame.loc[shown.index, name]).abs() <= 2.5).all()
            assert made.loc[frame[name] < 10, name].isna().all()
    assert list(made["region"]) == list(frame["region"]) and list(made.columns) == list(frame.columns)
    pd.testing.assert_frame_equal(prepare(made, **roles(frame)), made)  # nothing more to do


@settings(max_examples=25, deadline=None)
@given(two_way())
def test_after_prepare_no_small_number_is_found_by_subtraction(frame):
    """The true numbers of all that is shown are lent to the intruder, who subtracts until nothing more comes."""
    made = prepare(frame, **roles(frame))
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
    made = prepare(frame, **roles(frame))
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
    plan = {
        "groups": ["region"],
        "counts": ["people"],
        "statistics": {"median_pay": "people", "mean_pay": "people"},
        "kinds": {"median_pay": "median", "mean_pay": "mean"},
    }
    made = prepare(frame, **plan)
    assert check_release(made, **plan).safe
    assert made.loc[frame["people"] < 10, ["median_pay", "mean_pay"]].isna().all(axis=None)
    assert (made["median_pay"].dropna() % 100 == 0).all()


@settings(max_examples=25, deadline=None)
@given(two_way(), st.integers(2, 40), st.sampled_from([1, 5, 10]), st.booleans())
def test_any_settings_are_kept(frame, threshold, base, zeros):
    wanted = {"safe_threshold": threshold, "safe_round_base": base, "zeros_are_disclosive": zeros}
    made = prepare(frame, **roles(frame), settings=wanted)
    report = check_release(made, **roles(frame), settings=wanted)
    assert report.safe, str(report)


NAMES = ["pay", "n", "with_pay", "total", "median", "share", "year", "n_pay", "people_with_earnings", "max_n", "cohort",
         "people", "mean score", "größe", "数", "p10", "%", "min", "region_n", "in work", "all", "", " ", "✓ Nothing found"]  # fmt: skip


@st.composite
def of_people(draw):
    """A table made from people, under any names; and what its columns really are."""
    names = iter(draw(st.permutations(NAMES)))
    groups = draw(st.integers(1, 4))
    rows = []
    for number in range(groups):
        everybody = draw(SIZES)
        working = draw(st.integers(0, everybody))
        paid = draw(st.integers(0, working))
        rows.append(
            ("NSEW"[number], everybody, working, paid, draw(st.integers(0, 99_999)), draw(st.floats(0, 50_000)))
        )
    exact = pd.DataFrame(rows, columns=["region", "everybody", "working", "paid", "median", "mean"])
    exact["rate"] = 100 * exact["working"] / exact["everybody"].where(exact["everybody"] > 0)
    exact.loc[exact["paid"] == 0, ["median", "mean"]] = np.nan
    if draw(st.booleans()):
        exact[["everybody", "working", "paid"]] = exact[["everybody", "working", "paid"]].astype(float)
    called = {name: next(names) for name in exact.columns[1:]} | {
        "region": draw(st.sampled_from(["region", "n_total"]))
    }
    kept = draw(st.sets(st.sampled_from(["working", "paid", "median", "mean", "rate"])))
    base = {"median": "paid", "mean": "paid", "rate": "everybody"}
    kinds = {"median": "median", "mean": "mean", "rate": "percentage"}
    kept -= {name for name in ("median", "mean") if "paid" not in kept}
    counts_ = ["everybody", *(name for name in ("working", "paid") if name in kept)]
    chain = dict(zip(counts_[1:], counts_, strict=False))
    statistics = [name for name in base if name in kept]
    exact = exact[["region", *counts_, *statistics]]
    truth = {
        "groups": [called["region"]],
        "counts": [called[name] for name in counts_],
        "parts": {called[name]: called[whole] for name, whole in chain.items()},
        "statistics": {called[name]: called[base[name]] for name in statistics},
        "kinds": {called[name]: kinds[name] for name in statistics},
    }
    small = {called[name]: exact[name] < 10 for name in counts_}
    small |= {called[name]: exact[base[name]] < 10 for name in statistics}
    return exact.rename(columns=called), truth, small


@settings(max_examples=150, deadline=None)
@given(of_people(), st.sets(st.sampled_from(["groups", "counts", "parts", "statistics", "kinds"]), max_size=4))
def test_no_table_with_few_people_behind_it_is_called_clean(made_up, left):
    frame, truth, small = made_up
    few = any(rows.any() for rows in small.values())
    whole = check_release(frame, **truth)
    assert not (few and whole.safe) and not whole.unclear
    partly = {word: value for word, value in truth.items() if word in left}
    for given_ in ({}, partly):
        try:
            report = check_release(frame, **given_)
        except LeoError as error:
            assert "Nothing found" not in str(error).replace("✓ Nothing found", "")
            continue
        assert not (few and report.safe), given_
        if few:
            assert "may be sent" not in str(report) and not str(report).startswith("✓")
        try:
            made = prepare(frame, **given_)
        except LeoError:
            continue
        assert check_release(made, **truth).safe


@settings(max_examples=100, deadline=None)
@given(of_people())
def test_prepared_from_the_truth_nothing_small_is_left(made_up):
    frame, truth, small = made_up
    made = prepare(frame, **truth)
    for name, rows in small.items():
        assert made.loc[rows, name].isna().all(), name
    assert check_release(made, **truth).safe
    for name, base in [*truth["parts"].items(), *truth["statistics"].items()]:
        assert made.loc[made[base].isna(), name].isna().all()


def test_kinds_are_the_words_of_the_manual():
    assert KINDS == ("mean", "sum", "percentage", "share", "median", "extreme")
