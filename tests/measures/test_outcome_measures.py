"""Measures of work, pathways, benefits, employers and context against the simulated lives, on five seeds.

Without faults they agree exactly. With faults, only people whom the ledger names may differ.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from lives import COUNTED_FROM, FIRST, MONTHS, TAX_YEARS, Lives, covered_days, failing, label, longest_run

import leocourse as leo
from leocourse.extract import FAULTS, generate
from leocourse.extract.base import codes
from leocourse.extract.lives.firms import COPIES, SECTION_NAMES, SICS, register
from leocourse.extract.lives.pathways import month_of
from leocourse.extract.records import geography
from leocourse.extract.records.schools import area_codes
from leocourse.measures import load

SEEDS = (3, 14, 159, 2653, 58979)
PEOPLE = 1_000
DAY_0 = np.datetime64("1970-01-01")


@dataclass
class Clean:
    """An extract without faults, with its lives."""

    con: duckdb.DuckDBPyConnection
    lives: Lives

    def __post_init__(self) -> None:
        self.number = pd.Series(np.arange(self.lives.size), self.lives.keys.ae_id(np.arange(self.lives.size)))

    def rows(self, name: str, **parameters: object) -> pd.DataFrame:
        """A measure with the number of each person in place of the AE_ID."""
        frame = leo.measure(self.con, name, **parameters).df()
        frame["i"] = self.number[frame.pop("ae_id")].to_numpy()
        by = ["i", *(column for column in load(name).key if column in frame)]
        return frame.sort_values(by, ignore_index=True)  # a measure promises no order of rows

    def table(self, name: str, column: str, by: str = "tax_year", **parameters: object) -> pd.DataFrame:
        """One column of a measure: people down, years across, missing where there is no row."""
        return self.rows(name, **parameters).pivot(index="i", columns=by, values=column).reindex(range(self.lives.size))


@pytest.fixture(scope="module", params=SEEDS)
def clean(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("outcomes") / f"clean-{request.param}"
    generate(folder, PEOPLE, request.param, without=tuple(FAULTS), workers=1)
    with leo.connect(folder) as con:
        leo.attach_truth(con)
        yield Clean(con, Lives(request.param, PEOPLE))


def same(found: pd.DataFrame, expected: dict[int, np.ndarray]) -> None:
    """The same value for everybody in every year; 0 stands for no row."""
    assert set(found.columns) <= set(expected)
    assert sum((values > 0).sum() for values in expected.values()) > 50
    for year, values in expected.items():
        ours = found[year].fillna(0).to_numpy() if year in found else np.zeros(len(values))
        wrong = np.flatnonzero(ours != values)
        assert not len(wrong), f"{year}: person {wrong[0]} has {ours[wrong[0]]}, not {values[wrong[0]]}"


def in_work(clean: Clean) -> pd.DataFrame:
    """The truth of working years by person and tax year, which the generator writes beside the extract."""
    return clean.con.sql("FROM truth.working_years").df()


# Employment -----------------------------------------------------------------------------------------


def test_days_in_employment(clean):
    days = clean.lives.life.days  # tax years that end in 2003 to 2021
    same(clean.table("days_in_employment", "days"), {label(y): days[:, y - 2002] for y in TAX_YEARS})
    truth = in_work(clean).pivot(index="person_number", columns="tax_year", values="days_in_work")
    same(clean.table("days_in_employment", "days"), {y: truth[y].reindex(range(PEOPLE)).fillna(0) for y in truth})


def test_days_in_employment_by_academic_year(clean):
    spells = clean.con.sql("SELECT person_number AS i, start_date, end_date FROM truth.spells").df()
    for side in ("start", "end"):
        spells[side] = (spells[f"{side}_date"].to_numpy().astype("datetime64[D]") - DAY_0).astype(int)
    expected = {y: covered_days(spells, PEOPLE, f"{y - 1}-08-01", f"{y}-07-31") for y in range(2003, 2022)}
    same(clean.table("days_in_employment_academic", "days", by="academic_year"), expected)


def test_continuous_employment_is_a_spell_of_181_days_that_touches_the_year(clean):
    spells = clean.con.sql("SELECT person_number AS i, start_date, end_date FROM truth.spells").df()
    long = spells[(spells.end_date - spells.start_date).dt.days >= 180]
    assert len(long) < len(spells)
    expected = {}
    for y in TAX_YEARS:
        touches = (long.start_date < f"{y + 1}-04-06") & (long.end_date >= f"{y}-04-06")
        expected[label(y)] = np.isin(np.arange(PEOPLE), long[touches].i).astype(int)
    same(clean.table("days_in_employment", "continuous"), expected)


def test_months_in_employment(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    table = {name: clean.table("months_in_employment", name) for name in ("months", "longest_run", "march")}
    same(table["months"], {label(y): lives.tax_year(works, y).sum(axis=0) for y in TAX_YEARS})
    same(table["longest_run"], {label(y): longest_run(lives.tax_year(works, y)) for y in TAX_YEARS})
    same(table["march"], {label(y): lives.tax_year(works, y)[-1] for y in TAX_YEARS})
    winter = in_work(clean).pivot(
        index="person_number", columns="tax_year", values="months_in_work_october_to_march"
    )  # the generator's own count
    same(
        clean.table("months_in_employment", "october_to_march"),
        {year: winter.reindex(range(PEOPLE))[year].fillna(0).to_numpy() for year in winter},
    )
    later = {label(y): works[month_of(y + 1, 4) - FIRST] & lives.tax_year(works, y).any(axis=0) for y in TAX_YEARS}
    same(clean.table("months_in_employment", "april_after"), later)


def test_runs_of_months_are_the_months_in_work(clean):
    runs, months = clean.rows("employment_months"), np.zeros((MONTHS, PEOPLE), dtype=int)
    for i, first, last in runs[["i", "first_month", "last_month"]].itertuples(index=False):
        months[first - COUNTED_FROM - FIRST : last - COUNTED_FROM - FIRST + 1, i] += 1
    assert failing(months == clean.lives.months["employment"]) == []


def test_each_rule_of_sustained_employment(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    alone = lives.self_employed
    expected = {name: {} for name in ("five_of_six", "five_of_six_with_april", "twelve_of_twelve", "any_day",
                                      "six_of_six", "five_of_six_or_self_employed", "self_employed")}  # fmt: skip
    for at, y in enumerate(TAX_YEARS):
        year, april = lives.tax_year(works, y), works[month_of(y + 1, 4) - FIRST]
        five = year[6:].sum(axis=0) >= 5
        expected["five_of_six"][label(y)] = five
        expected["five_of_six_with_april"][label(y)] = five & (year[-1] | april)
        expected["six_of_six"][label(y)] = year[6:].all(axis=0)
        expected["twelve_of_twelve"][label(y)] = year.all(axis=0)
        expected["any_day"][label(y)] = year.any(axis=0)
        expected["self_employed"][label(y)] = alone[at]
        expected["five_of_six_or_self_employed"][label(y)] = five | alone[at]
    for name, values in expected.items():
        same(clean.table("employment_rules", name), values)


def test_earnings(clean):
    truth = in_work(clean)
    truth = truth[(truth.earnings > 0) & (truth.tax_year >= 200304)].set_index(["person_number", "tax_year"])
    found = clean.rows("earnings", prices_of=201516).set_index(["i", "tax_year"])
    assert set(found.index) == set(truth.index)
    truth = truth.loc[found.index]
    assert failing(found.earnings == truth.earnings) == []
    daily = truth.earnings / truth.days_in_work
    np.testing.assert_allclose(found.earnings_per_day, daily)
    np.testing.assert_allclose(found.annualised, 365 * daily)
    with (Path(__file__).parents[2] / "data/reference/consumer_prices.csv").open() as file:
        cpi = {int(row["year"]): float(row["cpi"]) for row in csv.DictReader(file)}
    prices = {label(y): 3 * cpi[y] + cpi[y + 1] for y in TAX_YEARS}
    factor = np.array([prices[201516] / prices[year] for year in found.index.get_level_values(1)])
    np.testing.assert_allclose(found.earnings_real, truth.earnings * factor)
    np.testing.assert_allclose(found.annualised_real, 365 * daily * factor)


def test_self_employment_and_combined_earnings(clean):
    lives = clean.lives
    same(clean.table("self_employment", "self_employed"), {label(y): lives.self_employed[y - 2002] for y in TAX_YEARS})
    profit = np.where(lives.self_employed.T, lives.profit, 0)
    same(clean.table("self_employment", "profit"), {label(y): profit[:, y - 2002] for y in TAX_YEARS})
    pay = lives.life.earnings * (np.array(TAX_YEARS) >= 2003)
    same(clean.table("combined_earnings", "combined"), {label(y): (pay + profit)[:, y - 2002] for y in TAX_YEARS})
    rows = clean.rows("combined_earnings")
    only = rows[rows.source == "self-employed"]
    assert len(only)
    assert failing(only.earnings == 0) == []
    assert failing(rows[rows.source == "employee"].profit == 0) == []


# Years after, and outcomes --------------------------------------------------------------------------


def graduates(clean: Clean) -> pd.Series:
    """Year of graduation of those whose degree the records cover."""
    paths = clean.lives.paths
    year = np.where(paths.graduated, paths.university_year + paths.university_years - 1, 0)
    return pd.Series(year)[(year >= 2005) & (year <= 2020)]


def test_years_after_graduation(clean):
    rows = clean.rows("years_after_graduation", years=[1, 3, 10])
    expected = {(i, k, label(year + k)) for i, year in graduates(clean).items() for k in (1, 3, 10) if year + k <= 2020}
    assert len(expected) > 100
    assert set(zip(rows.i, rows.years_after, rows.tax_year, strict=True)) == expected


def test_years_after_key_stage_4(clean):
    rows = clean.rows("years_after_ks4", years=[1, 15])
    first = rows[rows.years_after == 1].set_index("i").tax_year
    cohort = clean.lives.people.cohort  # born 1985/86: key stage 4 in 2001/02, and year 1 is 2003/04
    assert first.tolist() == [label(year + 18) for year in cohort[first.index]]
    assert label(2003) == 200304 and 200304 in set(first)
    assert rows[rows.years_after == 15].tax_year.max() == 202021


@pytest.mark.parametrize("rule", ["5-of-6", "12-of-12", "fe"])
def test_sustained_employment_after_graduation(clean, rule):
    lives, works, found = clean.lives, clean.lives.months["employment"], {}
    for i, graduated in graduates(clean).items():
        for k in (1, 3, 5):
            year = graduated + k
            if year <= 2020:
                months = lives.tax_year(works, year)[:, i]
                five = months[6:].sum() >= 5
                alone = lives.self_employed[year - 2002, i]
                found[i, k] = int({"5-of-6": five, "12-of-12": months.all(), "fe": five or alone}[rule])
    rows = clean.rows("sustained_employment", rule=rule).set_index(["i", "years_after"]).sustained
    assert rows.to_dict() == found
    assert 0 < sum(found.values()) < len(found)


def test_unverified_parts_of_the_rule_are_off_and_can_be_switched_on(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    plain = clean.rows("sustained_employment", years=[1, 2, 3, 4, 5]).set_index(["i", "years_after"])
    alone = clean.rows("sustained_employment", years=[1, 2, 3, 4, 5], self_assessed="yes")
    alone = alone.set_index(["i", "years_after"]).sustained
    april = clean.rows("sustained_employment", years=[1, 2, 3, 4, 5], april_if_not_march="yes")
    april = april.set_index(["i", "years_after"]).sustained
    gained = alone.index[alone > plain.sustained]
    assert len(gained)
    assert failing(alone >= plain.sustained) == []
    assert failing(april <= plain.sustained) == []
    for i, k in gained:
        assert lives.self_employed[plain.tax_year[i, k] // 100 - 2002, i]
    for i, k in april.index[april < plain.sustained]:
        year = plain.tax_year[i, k] // 100
        assert not works[month_of(year + 1, 3) - FIRST, i] and not works[month_of(year + 1, 4) - FIRST, i]


def test_sustained_employment_after_key_stage_4_counts_apprenticeships(clean):
    lives, works = clean.lives, clean.lives.months["employment"]
    kinds = [months for kind, months in lives.months.items() if kind.endswith("apprenticeship")]
    rows = clean.rows("sustained_employment", rule="16-18", after="ks4", years=[0, 1, 2])
    assert len(rows) > 1_000
    for row in rows.itertuples():
        year = lives.people.cohort[row.i] + 17 + row.years_after
        august = month_of(year, 8) - FIRST
        apprentice = any(longest_run(each[august : august + 12, row.i : row.i + 1])[0] >= 6 for each in kinds)
        five = lives.tax_year(works, year)[6:, row.i].sum() >= 5
        assert row.sustained == (five or apprentice), (row.i, year)
    assert 100 < rows.sustained.sum() < len(rows)


def test_achievers_are_followed_in_the_six_months_after_their_academic_year(clean):
    rows = clean.rows("sustained_employment", rule="fe", after="achievement", years=[0])
    assert len(rows) > 500
    assert failing(rows.tax_year == [label(year) for year in rows.counted_from]) == []
    lives, works = clean.lives, clean.lives.months["employment"]
    for row in rows.sample(300, random_state=1).itertuples():
        october = month_of(row.counted_from, 10) - FIRST
        five = works[october : october + 6, row.i].sum() >= 5
        assert row.sustained == (five or lives.self_employed[row.counted_from - 2002, row.i])


def test_graduate_outcome_categories(clean):
    lives, works, expected = clean.lives, clean.lives.months["employment"], {}
    pay = lives.life.earnings
    any_claim = {year: np.zeros(PEOPLE, bool) for year in TAX_YEARS}
    for y in TAX_YEARS:
        low, high = (
            (np.datetime64(f"{year}-04-{day}") - DAY_0).astype(int) for year, day in ((y, "06"), (y + 1, "05"))
        )
        touching = lives.claims[(lives.claims.start <= high) & (lives.claims.end >= low)]
        any_claim[y][touching.i] = True
    for i, graduated in graduates(clean).items():
        for k in (1, 3, 5):
            year = graduated + k
            if year > 2020:
                continue
            months = lives.tax_year(works, year)[:, i]
            study = lives.further_study(year)[i]
            alone = lives.self_employed[year - 2002, i]
            five = months[6:].sum() >= 5
            seen = months.any() or alone or any_claim[year][i] or study or pay[i, year - 2002] > 0
            seen = seen or lives.life.days[i, year - 2002] > 0
            expected[i, k] = (
                "sustained employment and further study" if five and study
                else "sustained employment only" if five
                else "further study only" if study
                else "no sustained destination" if seen
                else "activity not captured"
            )  # fmt: skip
    rows = clean.rows("graduate_outcomes").set_index(["i", "years_after"])
    assert rows.category.to_dict() == expected
    assert len(set(expected.values())) >= 4
    shown = rows.annualised.notna()
    assert failing(rows.category[shown] == "sustained employment only") == []
    assert shown.sum() > 50


# Pathways -------------------------------------------------------------------------------------------


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
    spells = clean.con.sql("SELECT person_number AS i, start_date, end_date FROM truth.spells").df()
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


# Benefits, furlough ---------------------------------------------------------------------------------


def test_days_on_benefits_count_once(clean):
    claims = clean.lives.claims
    chosen = claims[claims.out_of_work]
    expected = {label(y): covered_days(chosen, PEOPLE, f"{y}-04-06", f"{y + 1}-04-05") for y in TAX_YEARS}
    same(clean.table("days_on_benefits", "days"), expected)
    rows = clean.rows("days_on_benefits")
    added = sum(
        covered_days(chosen[chosen.type == kind], PEOPLE, "2010-04-06", "2011-04-05") for kind in chosen.type.unique()
    )
    same(clean.table("days_on_benefits", "days_added_up")[[201011]], {201011: added})
    assert failing(rows.days_added_up >= rows.days) == []
    assert (rows.days_added_up > rows.days).any()


def test_the_codes_of_published_scripts_are_those_of_the_flag(clean):
    flag, code = (clean.rows("benefit_spells", out_of_work=choice) for choice in ("flag", "codes"))
    pd.testing.assert_frame_equal(
        flag.sort_values(["i", "start_date"], ignore_index=True),
        code.sort_values(["i", "start_date"], ignore_index=True),
    )


def test_furlough(clean):
    any_time, at_end = clean.lives.life.furlough.any_time, clean.lives.life.furlough.at_end  # March 2020 to March 2021
    months = {201920: any_time[:, :1].sum(axis=1), 202021: any_time[:, 1:].sum(axis=1)}
    same(clean.table("furlough", "months"), months)
    ends = {201920: at_end[:, :1].sum(axis=1), 202021: at_end[:, 1:].sum(axis=1)}
    same(clean.table("furlough", "months_at_end"), ends)
    rows = clean.rows("furlough")
    for row in rows[rows.tax_year == 202021].itertuples():
        assert row.states == "".join("01"[int(month)] for month in any_time[row.i, 1:])
    assert failing(rows.weeks >= 1) == []
    assert failing(rows.weeks <= np.maximum(rows.months * 13 // 3, 2)) == []


def test_grants_went_to_the_self_employed(clean):
    rows = clean.rows("self_employment_grants")
    assert len(rows)
    alone = clean.lives.life.activity.self_employed  # tax years that end in 2003 to 2021
    assert failing(alone[-3:, rows.i]) == []
    assert failing(rows.weeks % 13 == 0) == []
    assert failing(rows.weeks > 0) == []
    assert failing(rows.months.between(2, 8)) == []
    assert failing(rows.amount > 0) == []


# Employers ------------------------------------------------------------------------------------------


def main_enterprises(clean: Clean) -> tuple[np.ndarray, np.ndarray]:
    """Number of the enterprise that pays most, shape (people, tax years); and where two pay alike."""
    jobs, pay = clean.lives.life.jobs, clean.lives.life.earnings
    amounts = pay[:, :, None] * jobs.share // 1000
    best = np.full(pay.shape, -1)
    for i, column in np.argwhere(pay > 0):
        totals: dict[int, int] = {}
        for firm, amount in zip(jobs.firm[i, column], amounts[i, column], strict=True):
            if firm >= 0:
                totals[firm] = totals.get(firm, 0) + amount
        best[i, column] = max(totals, key=totals.get)
        ranked = sorted(totals.values())
        if len(ranked) > 1 and ranked[-1] - ranked[-2] <= len(ranked):  # rounding decides
            best[i, column] = -2
    return best, jobs.even


def test_main_employer_comes_from_the_register_of_its_year(clean):
    best, even = main_enterprises(clean)
    firms = register(clean.lives.seed)
    rows = clean.rows("main_employer").set_index(["i", "tax_year"])
    assert COPIES == ("2019", "2020")
    checked = 0
    for y in range(2003, 2021):
        column, copy = y - 2002, int(y >= 2017)
        for i in np.flatnonzero((best[:, column] >= 0) & ~even[:, column]):
            row, firm = rows.loc[i, label(y)], best[i, column]
            assert row.enterprise == firms.labels[firm]
            assert row.source_year == COPIES[copy]
            if row.on_register:
                assert row.section == SECTION_NAMES[firms.section[copy, firm]]
                assert row.sic2007 == SICS[firms.sic[copy, firm]]
                assert row.region == codes.REGION_CODES[firms.region[copy, firm]]
                assert row.size_band == firms.band[copy, firm]
                assert (
                    row.firm_size
                    == ["0-9", "0-9", "10-49", "10-49", "50-249", "50-249", *["250+"] * 3][row.size_band - 1]
                )
                checked += 1
    assert checked > 3_000
    assert len(rows) == (clean.lives.life.earnings[:, 1:] > 0).sum()


def test_moves_between_employers(clean):
    best, even = main_enterprises(clean)
    rows = clean.rows("employer_moves").set_index(["i", "tax_year"])
    checked = 0
    for y in range(2004, 2021):
        now, before = best[:, y - 2002], best[:, y - 2003]
        known = (now >= 0) & (before >= 0) & ~even[:, y - 2002] & ~even[:, y - 2003]
        for i in np.flatnonzero(known):
            assert rows.loc[i, label(y)].moved == (now[i] != before[i])
            checked += 1
        gap = (now == -1) | (before == -1)
        assert not set(np.flatnonzero(gap)) & set(rows.xs(label(y), level=1).index)
    assert checked > 2_000 and 0.1 < rows.moved.mean() < 0.9
    assert failing(rows.changed_section.fillna(0) <= rows.moved) == []


# Context --------------------------------------------------------------------------------------------


def test_residence_and_its_area(clean):
    area = geography.area_by_year(clean.lives.people)
    labels, adult = area_codes("E00"), np.array(geography.TAX_YEARS) - clean.lives.people.cohort[:, None] >= 17
    rows = clean.rows("residence").set_index(["i", "tax_year"])
    assert len(rows) == adult.sum()
    with (Path(__file__).parents[2] / "data/reference/areas.csv").open() as file:
        known = {row["coa_2011"]: row for row in csv.DictReader(file)}
    context = clean.rows("area_of_residence").set_index(["i", "tax_year"])
    regions = list(codes.REGIONS)
    for i, column in np.argwhere(adult)[::17]:
        at = (i, label(2004 + column))
        assert rows.coa_2011[at] == labels[area[i, column]]
        assert rows.region_name[at] == regions[geography.REGION_OF[area[i, column] // 200]]
        of_area = known[labels[area[i, column]]]
        assert context.deprivation_decile[at] == int(of_area["deprivation_decile"])
        assert context.deprivation_quintile[at] == (int(of_area["deprivation_decile"]) + 1) // 2
        assert context.rurality[at] == of_area["rurality"]


def test_university_years_and_tariff_group(clean):
    paths = clean.lives.paths
    rows = clean.rows("university_tariff").set_index(["i", "academic_year"])
    groups = clean.con.sql("SELECT provider, tariff_group FROM truth.universities").df().set_index("provider")
    years = set()
    for i in np.flatnonzero(paths.university_years > 0):
        for year in range(paths.university_year[i], paths.university_year[i] + paths.university_years[i]):
            if 2005 <= year <= 2020:
                row = rows.loc[i, year]
                assert row.provider == str(10_000 + paths.provider[i])
                assert row.tariff_group == groups.tariff_group[10_000 + paths.provider[i]]
                assert row.level == (5 if paths.other_undergraduate[i] else 6)
                years.add(year)
    assert len(years) > 10


# With faults ----------------------------------------------------------------------------------------


def named(world, *faults: str) -> set[int]:
    """Numbers of the people whom the ledger names for these faults, by whatever key it uses."""
    lines = world.con.sql(
        "SELECT DISTINCT row_key FROM truth.ledger WHERE fault IN (" + ", ".join(f"'{f}'" for f in faults) + ")"
    ).fetchall()
    number = np.arange(len(world.people))
    by_key = {
        key.decode(): n for copy in (0, 1) for n, key in zip(number, world.keys.edukey(number, copy), strict=True)
    }
    by_key |= {key.decode(): n for n, key in zip(number, world.keys.pmr(number), strict=True)}
    found = set()
    for (text,) in lines:
        parts = dict(part.split("=", 1) for part in text.split(";"))
        if "person" in parts:
            found.add(int(parts["person"]))
        elif "external_id" in parts:
            found.add(_learner(world)[int(parts["external_id"])])
        else:
            found |= {by_key[value] for value in parts.values() if value in by_key}
    return found


def _learner(world) -> dict[int, int]:
    from leocourse.extract.base.keys import RECORDS

    number = np.repeat(np.arange(len(world.people)), RECORDS)
    record = np.tile(np.arange(RECORDS), len(world.people))
    return dict(zip(world.keys.external_id(number, record).tolist(), number.tolist(), strict=True))


def differing(found: pd.Series, expected: pd.Series) -> set[int]:
    """People for whom two series by person and year disagree; a missing row is 0."""
    both = pd.concat([found.rename("found"), expected.rename("expected")], axis=1).fillna(0)
    return set(both[both.found != both.expected].index.get_level_values(0))


def test_faults_of_days_are_explained_by_the_ledger(world):
    """Also: whoever has two EDUKEYs or two AE_IDs is whole, or this would fail."""
    lives = Lives(world.seed, len(world.people))
    days = pd.DataFrame(lives.life.days, columns=[label(y) for y in TAX_YEARS]).stack()
    rows = world.measure("days_in_employment").set_index("tax_year", append=True).days
    wrong = differing(rows, days[days > 0])
    explained = named(world, "uncertain_start", "uncertain_end", "spell_missing", "spell_broken", "no_edukey")
    assert wrong and wrong <= explained
    assert set(np.flatnonzero(world.links.two_keys)) - explained
    assert not set(rows.index.get_level_values(0)) & set(np.flatnonzero(world.links.no_edukey))


def test_dropping_uncertain_spells_loses_days(world):
    keep = world.measure("days_in_employment").days.sum()
    drop = world.measure("days_in_employment", uncertain="drop").days.sum()
    assert drop < keep
    years = list(range(1, 11))
    kept = world.measure("sustained_employment", years=years).sustained.sum()
    assert world.measure("sustained_employment", years=years, uncertain="drop").sustained.sum() < kept
    at_work = world.measure("main_activity", years=years).activity == "Employment"
    without = world.measure("main_activity", years=years, uncertain="drop").activity == "Employment"
    assert without.sum() < at_work.sum()


def test_faults_of_pay_are_explained_by_the_ledger(world):
    lives = Lives(world.seed, len(world.people))
    pay = pd.DataFrame(lives.life.earnings, columns=[label(y) for y in TAX_YEARS]).drop(columns=[200203]).stack()
    rows = world.measure("earnings").set_index("tax_year", append=True).earnings
    wrong = differing(rows, pay[pay > 0])
    explained = named(world, "pay_missing", "low_pay_missing", "negative_pay", "benefit_in_pay", "no_edukey")
    assert wrong and wrong <= explained
    assert rows.index.is_unique


def test_faults_of_benefits_are_explained_by_the_ledger(world):
    lives = Lives(world.seed, len(world.people))
    chosen = lives.claims[lives.claims.out_of_work]
    expected = pd.DataFrame(
        {label(y): covered_days(chosen, len(world.people), f"{y}-04-06", f"{y + 1}-04-05") for y in TAX_YEARS}
    ).stack()
    rows = world.measure("days_on_benefits").set_index("tax_year", append=True).days
    wrong = differing(rows, expected[expected > 0])
    assert wrong <= named(world, "benefit_left_open", "no_edukey") and wrong


def test_faults_of_states_are_explained_by_the_ledger(world):
    lives = Lives(world.seed, len(world.people))
    expected = [lives.states(after) for after in range(1, 6)]
    rows = world.measure("state_sequence").sequence
    wrong = set()
    for i, sequence in rows.items():
        reached = min(5, 2021 - lives.people.cohort[i] - 17)
        if sequence.replace("N", ".") != "".join(expected[after][i] for after in range(reached)):
            wrong.add(i)
    explained = named(world, "uncertain_start", "uncertain_end", "spell_missing", "spell_broken", "no_edukey", "benefit_left_open",
                      "aim_end_missing", "census_off_roll", "census_dual_registration", "nccis_contradicts")  # fmt: skip
    assert wrong and wrong <= explained


def test_an_unlinked_graduate_is_unmatched(world):
    rows = world.measure("graduate_outcomes", years=[1])
    without = set(np.flatnonzero(world.links.no_edukey))
    unmatched = set(rows[rows.category == "unmatched"].index)
    study = set(rows[rows.further_study == 1].index)
    assert unmatched == (without & set(rows.index)) - study
    linked = world.measure("sustained_employment", years=[1]).linked
    assert set(linked[linked == 0].index) == without & set(linked.index)
