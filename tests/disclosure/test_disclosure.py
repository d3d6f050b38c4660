"""What may leave: every rule with a table that breaks it, and how columns are read."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from disclosed import check, found, made_ready, said, table

import leocourse as leo
from leocourse.core.errors import LeoError
from leocourse.disclosure.columns import KINDS, layout
from leocourse.disclosure.limits import settings as rules
from leocourse.disclosure.release import check_figure, check_release, prepare

SAFE = pd.DataFrame({"region": ["North", "South", "All"], "people": [40, 60, 100]})


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
    "a total under another name": table(region=["N", "S", "England"], people=[50, 60, 110]),
    "a total of what is suppressed": table(region=["England", "N", "S"], people=[55, 50, None]),
    "totals of several counts": table(nation=["UK", "E", "W"], people=[120, 60, 60]),
    "a number in words": table(region=["N"], paid=["seven"], people=[60]),
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


def test_a_total_is_one_if_it_is_said_to_be_and_none_if_it_is_not():
    asked = table(region=["N", "S", "England"], people=[50, 7, 57])
    with pytest.raises(LeoError, match="region England may be the total"):
        prepare(asked, counts=["people"])
    made = prepare(asked, counts=["people"], settings={"total_labels": ["England "]})
    assert made["people"].isna().tolist() == [True, True, False], "7 does not follow from 57 and 50"
    alone = table(region=["N", "S", "E"], people=[50, 60, 110])
    assert check_release(alone, counts=["people"], settings={"total_labels": ["All"]}).safe
    assert check_release(table(region=["N", "S", "E"], people=[50, 60, 200]), counts=["people"]).safe
    assert check_release(table(region=["N", "S"], people=[50, 50]), counts=["people"]).safe
    with pytest.raises(LeoError, match="total_labels takes a list"):
        check_release(alone, counts=["people"], settings={"total_labels": "England"})


WRONG = {
    "a list in a cell": (lambda: check_release(table(region=["N"], people=[60], paid=[["six"]])), "holds a list in a cell"),
    "numbers of another kind": (lambda: check_release(table(people=[60 + 0j]), counts=["people"]), "does not hold numbers"),
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


def test_kinds_are_the_words_of_the_manual():
    assert KINDS == ("mean", "sum", "percentage", "share", "median", "extreme")
