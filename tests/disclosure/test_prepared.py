"""What prepare promises, on tables of all kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.core.errors import LeoError
from leocourse.disclosure.release import check_release, prepare


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
        "settings": {"total_labels": ["All"]},  # a region that holds as many people as the others is none
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
        "settings": {"total_labels": ["All"]},  # a region that holds as many people as the others is none
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
