"""Main activities, sequences and destinations: without faults they agree exactly with the simulated lives."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from lives import COUNTED_FROM, FIRST, covered_days, failing, longest_run
from outcomes import PEOPLE, true_spells

import leocourse as leo
from leocourse.extract.base.dates import month_of


@pytest.mark.parametrize("hierarchy", ["published", "employment first"])
def test_main_activity(clean, hierarchy):
    lives, months = clean.lives, clean.lives.months
    further = [months[kind] for kind in months if kind == "further education" or kind.endswith("apprenticeship")]
    together = np.any(further, axis=0)
    rows = clean.rows("main_activity", years=[1, 2, 3, 6, 10, 15], hierarchy=hierarchy)
    assert len(rows) > 3_000
    for (k, tax_year), group in rows.groupby(["years_after", "tax_year"]):
        y, i = tax_year // 100, group.i.to_numpy()
        runs = {kind: longest_run(lives.tax_year(months[kind], y)[:, i])
                for kind in ("higher education", "school", "benefits", "employment")}  # fmt: skip
        study = longest_run(lives.tax_year(together, y)[:, i])
        anything = np.any([lives.tax_year(each, y)[:, i].any(axis=0) for each in months.values()], axis=0)
        anything |= covered_days(lives.claims, PEOPLE, f"{y}-04-06", f"{y + 1}-04-05")[i] > 0
        anything |= lives.life.earnings[i, y - 2002] > 0
        anything |= lives.self_employed[y - 2002, i]
        anything |= lives.life.trade.other_return[i, y - 2002] & (y >= 2013)
        first = (hierarchy == "employment first") & (runs["employment"] == 12)
        expected = np.select(
            [first, runs["higher education"] >= 6, runs["school"] >= 6, study >= 6, runs["benefits"] >= 6,
             runs["employment"] == 12, anything],
            ["Employment", "Higher education", "KS5", "Other Education" if k <= 2 else "Adult FE",
             "Out of work benefits", "Employment", "No sustained activity"],
            "Activity not captured",
        )  # fmt: skip
        assert failing(lives.people.cohort[i] + 17 + k == y) == []
        wrong = np.flatnonzero(group.activity.to_numpy() != expected)
        assert not len(wrong), (i[wrong[0]], y, group.activity.to_numpy()[wrong[0]], expected[wrong[0]])
    assert rows.activity.nunique() == 8


def test_state_sequences(clean):
    expected = [clean.lives.states(after) for after in range(1, 6)]
    rows = clean.rows("state_sequence").set_index("i")
    assert len(rows) > 0.8 * PEOPLE
    for i, row in rows.iterrows():
        reached = min(5, 2021 - clean.lives.people.cohort[i] - 17)
        truth = "".join(expected[after][i] for after in range(reached))
        assert row.sequence.replace("N", ".") == truth, i
        counts = {"benefits": "B", "employment": "E", "neet": "N", "not_captured": "."}
        counted = {name: row.sequence.count(letter) for name, letter in counts.items()}
        assert {name: row[name] for name in counts} == counted, i
        assert row.education == sum(row.sequence.count(letter) for letter in "HS432F")
        assert row.months == len(row.sequence) - row.sequence.count("x")
    assert set("".join(rows.sequence)) >= set("HS32FBEN.x")


def test_activity_by_month_is_what_sequences_are_made_of(clean):
    by_year = clean.rows("activity_by_month", years=[2, 7]).set_index(["i", "years_after"]).states
    sequences = clean.rows("state_sequence").set_index("i").sequence
    later = clean.lives.states(7)
    short = clean.rows("state_sequence", years=[1, 2]).set_index("i").sequence
    assert [i for i, sequence in sequences.items() if sequence[:24] != short[i]] == []
    for i, sequence in sequences.items():
        if len(sequence) >= 24:
            assert by_year[i, 2] == sequence[12:24]
    seventh = by_year.xs(7, level=1)
    assert [states.replace("N", ".") for states in seventh] == [later[i] for i in seventh.index]


def test_nobody_is_neet_who_studies_or_works(clean):
    """The caseload is asked in September, December, March and June, so a month asked about must be right."""
    lives, runs = clean.lives, clean.rows("neet_months")
    assert len(runs) > 20
    for row in runs.itertuples():
        first = row.first_month - COUNTED_FROM
        assert first % 12 in (8, 11, 2, 5)
        assert first <= row.last_month - COUNTED_FROM
        assert not lives.paths.studies(first)[row.i]
        age = first // 12 - (lives.people.cohort[row.i] - 2000)
        assert 16 <= age <= 20
    spells = true_spells(clean)
    asked = runs.assign(day=[pd.Timestamp(m // 12, m % 12 + 1, 1) for m in runs.first_month]).merge(spells, on="i")
    assert not ((asked.start_date <= asked.day) & (asked.end_date >= asked.day)).any()


def test_destinations_after_key_stage_4(clean):
    months = clean.lives.months
    learning = np.any([months[kind] for kind in months if kind not in ("benefits", "employment")], axis=0)
    apprentice = [months[kind] for kind in months if kind.endswith("apprenticeship")]
    rows = clean.rows("ks4_destination")
    neet = {(i, m) for i, a, b in clean.rows("neet_months")[["i", "first_month", "last_month"]].itertuples(index=False)
            for m in range(a - COUNTED_FROM, b - COUNTED_FROM + 1)}  # fmt: skip
    for row in rows.itertuples():
        august = month_of(row.ks4_year, 8) - FIRST
        winter = slice(august + 2, august + 8)
        study, works = learning[winter, row.i], months["employment"][winter, row.i]
        year = slice(august, august + 12)
        seen = any(each[year, row.i].any() for each in months.values())
        seen = seen or any((row.i, m + FIRST) in neet for m in range(august, august + 12))
        training = any(longest_run(each[year, row.i : row.i + 1])[0] >= 6 for each in apprentice)
        expected = (
            "activity not captured" if not seen
            else "apprenticeship" if training
            else "education" if study.all()
            else "employment" if works.sum() >= 5
            else "combination" if (study | works).all()
            else "not sustained"
        )  # fmt: skip
        assert row.destination == expected, (row.i, row.ks4_year)
        assert (row.education_months, row.employment_months) == (study.sum(), works.sum())
        assert row.sustained == (expected not in ("activity not captured", "not sustained"))
    assert rows.destination.nunique() >= 5


def at_most_one_switch(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether every month is in one of two, changing from one to the other once at most. All orders are tried."""
    orders = [[first] * place + [1 - first] * (len(one) - place) for first in (0, 1) for place in range(len(one) + 1)]
    return any(all((one, other)[each][month] for month, each in enumerate(order)) for order in orders)


def test_destinations_after_further_education(clean):
    lives, months = clean.lives, clean.lives.months
    learning = np.any([months[kind] for kind in months if kind not in ("benefits", "employment")], axis=0)
    rows = clean.rows("further_education_destination")
    cohort = clean.rows("sustained_employment", rule="fe", after="achievement", years=[0])
    assert set(zip(rows.i, rows.achieved_in, strict=True)) == set(zip(cohort.i, cohort.counted_from, strict=True))
    combined = 0
    for row in rows.itertuples():
        october = month_of(row.achieved_in, 10) - FIRST
        winter = slice(october, october + 6)
        study, works = learning[winter, row.i], months["employment"][winter, row.i]
        employed = works.sum() >= 5 or lives.self_employed[row.achieved_in - 2002, row.i]
        switched = at_most_one_switch(study, works)
        assert (row.learning_months, row.employment_months) == (study.sum(), works.sum())
        assert (row.sustained_learning, row.sustained_employment) == (study.all(), employed)
        assert row.sustained_positive == (study.all() or employed or switched), (row.i, row.achieved_in)
        combined += switched and not study.all() and not employed
    without = clean.rows("further_education_destination", switches=0)
    assert rows.sustained_positive.sum() - without.sustained_positive.sum() == combined


def test_a_combination_after_further_education_has_one_switch_at_most():
    """Six letters from October to March: L learning, E employment, B both, a full stop neither."""
    cases = {"LLLEEE": 1, "EELLLL": 1, "LLBBEE": 1, "LLL.EE": 0, "LEELLL": 0, "ELLLLE": 0, "LLLLLE": 1, "BLLLLL": 1,
             "EEEEE.": 1, ".LLLLL": 0, "LEBLLL": 0, "LLBEEB": 1}  # fmt: skip
    october = 2010 * 12 + 9
    months = {letters: [(i, october + n) for i, case in enumerate(cases) for n, each in enumerate(case) if each in letters]
              for letters in ("LB", "EB")}  # fmt: skip
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA course")
        con.execute("CREATE TABLE course.extract AS SELECT '' AS folder, '2005003' AS project")
        con.execute("ATTACH ':memory:' AS lilr_i2")
        con.execute('CREATE SCHEMA lilr_i2."2005003"')
        people = f"FROM range({len(cases)}) AS r (i)"
        con.execute(f'CREATE TABLE lilr_i2."2005003".aims AS SELECT i AS recordid, 1 AS outcome, 1 AS achievement, '
                    f"2009 AS year {people}")  # fmt: skip
        con.execute("CREATE SCHEMA measures")
        con.execute(f"CREATE TABLE measures.record_person AS SELECT i AS recordid, i AS ae_id {people}")
        con.execute("CREATE TABLE measures.edukey_person (edukey VARCHAR, ae_id BIGINT)")
        con.execute("CREATE TABLE measures.self_employment (ae_id BIGINT, tax_year INT, self_employed INT)")
        for name, letters in (("learning_months", "LB"), ("employment_months", "EB")):
            con.execute(f"CREATE TABLE measures.{name} (ae_id BIGINT, first_month INT, last_month INT)")
            con.executemany(f"INSERT INTO measures.{name} VALUES (?, ?, ?)", [(i, m, m) for i, m in months[letters]])
        for switches in (0, 1):
            for name in ("same_person", "learning_spells", "university_years", "pmr_person", "employment_spells"):
                con.execute(f"CREATE TABLE IF NOT EXISTS measures.{name} (ae_id BIGINT)")
            rows = leo.measure(con, "further_education_destination", switches=switches).order("ae_id").df()
            expected = {case: sum(each in "EB" for each in case) >= 5 or set(case) <= set("LB") for case in cases}
            expected = {case: positive or switches * cases[case] for case, positive in expected.items()}
            assert dict(zip(cases, rows.sustained_positive, strict=True)) == expected
