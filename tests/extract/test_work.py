"""Working lives and their outcome tables: structure, collection rules, faults, independence of N."""

import numpy as np
import pytest

from leocourse.extract import block
from leocourse.extract.base.columns import Coded, Nullable, text_of
from leocourse.extract.base.dates import OPEN_END, day
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.faults import work as faults_of_work
from leocourse.extract.lives import firms, pathways, pay, work
from leocourse.extract.lives.population import population
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.extract.records import benefits, earnings
from leocourse.schema import load_schema

SEED, PEOPLE = 7, 4_000
MINE = ["leo_employment", "leo_earnings", "leo_benefit", "leo_self_assessment", "leo_cjrs", "leo_seiss"]
FAULT_TABLE = {
    "employer_unmatched": "leo_earnings",
    "benefit_in_pay": "leo_earnings",
    "benefit_left_open": "leo_benefit",
    "return_missing": "leo_self_assessment",
}


@pytest.fixture(scope="session")
def extract():
    switches = Faults(SEED)
    tables, truth = block.block(SEED, np.arange(PEOPLE), switches)
    return tables, truth, switches


@pytest.fixture(scope="session")
def clean():
    tables, truth = block.block(SEED, np.arange(PEOPLE), Faults(SEED, tuple(FAULTS)))
    return tables, truth


@pytest.fixture(scope="session")
def frames(clean):
    schema = load_schema()
    return {name: to_table(stored(schema[name], clean[0][name])).to_pandas() for name in MINE}


@pytest.fixture(scope="session")
def register_frame():
    table = block.reference(SEED)[0]["leo_idbr_lookup"]
    return to_table(stored(load_schema()["leo_idbr_lookup"], table)).to_pandas()


# the register


def test_register_has_one_row_an_enterprise_and_source_year(register_frame):
    assert not register_frame.duplicated(["entkey", "sourceyear"]).any()
    assert register_frame.entkey.str.len().eq(11).all()
    assert set(register_frame.sourceyear) == {"2019", "2020"}
    assert register_frame.duplicated("entkey").mean() > 0.4  # a join on the enterprise alone doubles rows


def test_some_enterprises_change_between_the_copies(register_frame):
    both = register_frame.pivot(index="entkey", columns="sourceyear")
    for column, least, most in (
        ("sic2007", 0.02, 0.05),
        ("govt_region", 0.01, 0.05),
        ("employees", 0.08, 0.16),
    ):
        pair = both[column].dropna()
        assert least < (pair["2019"].astype(str) != pair["2020"].astype(str)).mean() < most


def test_enterprises_are_born_before_they_die(register_frame):
    dead = register_frame.dropna(subset=["death_month"])
    assert len(dead) and (dead.death_month > dead.birth_month).all()


def test_register_depends_on_the_seed_alone():
    again = firms.register.__wrapped__(SEED)
    assert again.labels == firms.register(SEED).labels and (again.pay == firms.register(SEED).pay).all()
    assert firms.register(SEED + 1).labels != again.labels


def test_successors_stay_in_the_section_and_are_alive():
    register = firms.register(SEED)
    first = register.section[0]
    for year in (2004, 2012, 2021):
        at = register.order[register.successors(year)]
        assert (first[at] == first[register.order]).all() and register.alive_in(year)[at].all()


# employers


def test_main_of_picks_the_largest_after_adding_up():
    key = np.array([[3, 5, 3], [4, 2, -1], [-1, -1, -1], [9, -1, -1]])
    amount = np.array([[40, 60, 30], [50, 50, 900], [10, 0, 0], [7, 0, 0]])
    main, pay, tied, distinct = earnings.main_of(key.T, amount.T)
    assert main.tolist() == [3, 2, -1, 9]
    assert pay.tolist() == [70, 50, 0, 7]
    assert tied.tolist() == [0, 1, 0, 0]
    assert distinct.tolist() == [2, 2, 0, 1]


def test_shares_of_pay_add_up_and_slots_agree():
    people = population(SEED, np.arange(1_000))
    life = work.work(people, pathways.pathways(people))
    works = life.days > 0
    assert (life.jobs.share.sum(axis=2)[works] == 1_000).all()
    assert (life.jobs.firm[works][:, 0] >= 0).all() and (life.jobs.firm[~works] == -1).all()
    assert ((life.jobs.share > 0) <= (life.jobs.firm >= 0)).all()


def test_employer_columns_are_consistent(frames):
    pay = frames["leo_earnings"]
    assert not pay.duplicated(["edukey", "taxyear"]).any()
    assert (pay.enterprise_earnings <= pay.earnings).all()
    assert (pay.sic_earnings <= pay.section_earnings).all() and (pay.section_earnings <= pay.earnings).all()
    assert (pay.enterprise_earnings <= pay.sic_earnings).all()
    assert pay.num_employments.between(1, 3).all()
    assert (pay.num_sections <= pay.num_sic).all() and (pay.num_sic <= pay.num_employments).all()
    one = pay[pay.num_employments == 1]
    assert (one.enterprise_earnings == one.earnings).all()
    assert (one.main_sic2007 == one.main_enterprise_linked_sic2007).all()
    assert (pay.main_sic2007 != pay.main_enterprise_linked_sic2007).any()  # chosen independently
    assert 0 < pay.tied_main_record_enterprise_sic_fg.mean() < 0.02


def test_join_on_enterprise_and_source_year_finds_the_same_industry(frames, register_frame):
    pay = frames["leo_earnings"].copy()
    pay["sourceyear"] = np.where(pay.taxyear >= 201718, "2020", "2019")
    register_frame = register_frame.astype({"entkey": str, "sourceyear": str})
    joined = pay.astype({"main_enterprise": str}).merge(
        register_frame,
        left_on=["main_enterprise", "sourceyear"],
        right_on=["entkey", "sourceyear"],
        how="left",
    )
    assert len(joined) == len(pay)
    found = joined.dropna(subset=["sic2007"])
    assert len(found) / len(pay) > 0.97
    assert (found.sic2007.astype(int) == found.main_enterprise_linked_sic2007).all()


def test_better_paying_people_are_in_better_paying_enterprises():
    people = population(SEED, np.arange(4_000))
    life = work.work(people, pathways.pathways(people))
    own = people.stream("work/pay").normal(people.person)
    register = firms.register(SEED)
    here = life.jobs.firm[:, 16, 0]
    chosen = here >= 0
    section = np.array([firms.FIRM_PAY[f"section {letter}"] for letter in firms.LETTERS])
    within = register.pay - section[register.section[0]]
    assert 0.2 < np.corrcoef(own[chosen], within[here[chosen]])[0, 1] < 0.6


# benefits


def test_benefit_spells_of_one_type_do_not_touch_and_types_overlap(clean):
    rows = clean[0]["leo_benefit"]
    kind = rows["benefit_type"]
    order = np.lexsort((rows["startdate"], kind.codes, rows["person"]))
    person, code = rows["person"][order], kind.codes[order]
    start, end = rows["startdate"][order], rows["enddate"][order]
    assert (start <= end).all()
    same = (person[1:] == person[:-1]) & (code[1:] == code[:-1])
    assert (start[1:][same] > end[:-1][same] + 1).all()
    order = np.lexsort((start, person))
    person, start, end = person[order], start[order], end[order]
    assert ((person[1:] == person[:-1]) & (start[1:] <= end[:-1])).any()


def test_types_fit_their_times_and_flags(frames):
    rows = frames["leo_benefit"]
    start = rows.startdate.astype(str)
    flags = rows.groupby("benefit_type", observed=True).out_of_work_benefit.agg(["min", "max"])
    assert (flags["min"] == flags["max"]).all()
    assert flags.loc["JSA", "max"] == 1 and flags.loc["PIP", "max"] == 0 and flags.loc["UAB", "max"] == 0
    assert (start[rows.benefit_type.astype(str).str.startswith("U")] >= "2013-04").all()
    assert (start[rows.benefit_type == "PIP"] >= "2013-06").all()
    assert (start[rows.benefit_type == "ESA"] >= "2008-10").all()
    assert (start[rows.benefit_type == "IB"] < "2008-10").all()


def test_nobody_is_in_work_and_claims_in_a_month():
    people = population(SEED, np.arange(2_000))
    life = work.work(people, pathways.pathways(people))
    assert not (life.activity.works & life.activity.claims).any()


# self-employment and the pandemic


def test_self_assessment_begins_in_2013_14_and_adds_up(frames):
    rows = frames["leo_self_assessment"]
    assert rows.taxyear.min() == 201314 and not rows.duplicated(["edukey", "taxyear"]).any()
    amounts = rows[["earnings_ptr", "earnings_sole"]].fillna(0).sum(axis=1)
    assert (amounts == rows.earnings_self_employment.fillna(0)).all()
    assert rows.earnings_self_employment.isna().any() and not (rows.earnings_self_employment == 0).any()
    assert rows.earnings_self_employment[rows.self_employed == 0].isna().all()
    both = rows.merge(frames["leo_earnings"], on=["edukey", "taxyear"])
    assert 0.1 < len(both) / len(rows) < 0.6


def test_furlough_strings_fit_weeks_and_work(frames):
    rows = frames["leo_cjrs"]
    any_time, at_end = rows.cjrs_dtm_ind.astype(str), rows.cjrs_eom_ind.astype(str)
    assert any_time.str.fullmatch("[01]{12}").all() and at_end.str.fullmatch("[01]{12}").all()
    assert (any_time[rows.taxyear == 201920] == "0" * 11 + "1").all()
    months = any_time.str.count("1")
    assert (months >= at_end.str.count("1")).all() and (months > 0).all()
    assert (rows.cjrs_tot_wks <= months * 13 / 3 + 1).all() and (rows.cjrs_tot_wks > 0).all()


def test_furlough_shares_follow_section_and_age():
    people = population(SEED, np.arange(12_000))
    life = work.work(people, pathways.pathways(people))
    eligible = life.activity.works[-13]
    off = life.furlough.any_time[:, :4].any(axis=1)  # March to June 2020
    letter = np.array(firms.LETTERS)[life.jobs.section[:, -2]]
    assert 0.25 < off[eligible].mean() < 0.45
    for section, published in (("I", 0.77), ("G", 0.40)):
        assert abs(off[eligible & (letter == section)].mean() - published) < 0.09
    young = people.cohort >= 2000
    assert off[eligible & young].mean() > off[eligible & ~young].mean() + 0.05


def test_grants_go_to_the_self_employed(frames):
    rows = frames["leo_seiss"]
    assert (rows.taxyear == 202021).all() and not rows.duplicated("edukey").any()
    assert set(rows.seiss_tot_wks) <= {13, 26, 39} and rows.seiss_tot_amt.between(1, 21_570).all()
    assert rows.edukey.isin(frames["leo_self_assessment"].edukey).all()


def test_furlough_scar_is_planted():
    people = population(SEED, np.arange(3_000))
    life = work.work(people, pathways.pathways(people))
    off = life.furlough.in_tax_year(2021) & (life.rate[:, -1] > 2_000)
    assert off.sum() > 100
    paths = pathways.pathways(people)
    none = work.Furlough(np.zeros_like(life.furlough.any_time), np.zeros_like(life.furlough.at_end))
    without = pay.rates(people, paths, life.jobs, none)
    ratio = life.rate[off, -1] / without[off, -1]
    months = life.furlough.months_in(2021)[off]
    assert np.allclose(ratio, 1.001 ** (pay.PAY_STEPS["furloughed in 2020/21, a month"] * months), atol=0.002)
    assert (life.rate[:, :-1] == without[:, :-1]).all()


# lives and records


def test_clean_earnings_are_those_of_the_lives(clean):
    tables, truth = clean
    rows, years = tables["leo_earnings"], truth["working_years"]
    paid = years["earnings"] > 0
    lives = set(
        zip(
            years["person"][paid].tolist(),
            years["tax_year"][paid].tolist(),
            years["earnings"][paid].tolist(),
            strict=True,
        )
    )
    assert set(zip(rows["person"].tolist(), rows["taxyear"].tolist(), rows["earnings"].tolist(), strict=True)) <= lives


def test_clean_spells_are_in_order_and_apart(clean):
    rows = clean[0]["leo_employment"]
    assert (rows["startdate"] <= rows["enddate"]).all()
    same = rows["person"][1:] == rows["person"][:-1]
    assert (rows["startdate"][1:][same] > rows["enddate"][:-1][same] + 1).all()
    assert rows["enddate"].max() == OPEN_END and rows["startdate"].min() >= day(2002, 8, 1)


# faults


@pytest.mark.parametrize("fault", FAULT_TABLE)
def test_switching_a_fault_off_changes_its_own_table_alone(extract, fault):
    tables, _, switches = extract
    without, _ = block.block(SEED, np.arange(PEOPLE), Faults(SEED, (fault,)))
    assert any(line[0] == fault for line in switches.ledger)
    for name in MINE:
        same = _same(tables[name], without[name])
        assert same != (name == FAULT_TABLE[fault]), name


def test_rates_of_the_faults_lie_within_binomial_bounds(extract, clean):
    tables, switches = clean[0], extract[2]
    struck = {name: sum(line[0] == name for line in switches.ledger) for name in FAULT_TABLE}
    for name, size in (
        ("employer_unmatched", int(tables["leo_earnings"]["num_employments"].sum())),
        ("return_missing", len(tables["leo_self_assessment"]["person"])),
        ("benefit_left_open", int((tables["leo_benefit"]["enddate"] != OPEN_END).sum())),
    ):
        rate = FAULTS[name].rate / 1e6
        assert abs(struck[name] - size * rate) < 5 * np.sqrt(size * rate) + 0.06 * size * rate, name
    assert struck["benefit_in_pay"] > 0


def test_unmatched_employers_count_nowhere(extract):
    rows = extract[0]["leo_earnings"]
    none = rows["num_employments"] == 0
    assert none.any() and (rows["main_enterprise"].codes[none] == -1).all()
    assert rows["enterprise_earnings"].missing[none].all() and (rows["num_sic"][none] == 0).all()


def test_benefit_among_the_pay_stops_in_2016_17(extract):
    keys = [line[2] for line in extract[2].ledger if line[0] == "benefit_in_pay"]
    assert max(int(key.rsplit("=", 1)[1]) for key in keys) <= 201617


def test_totals_set_to_nought_have_no_pay_by_employer(extract):
    rows = extract[0]["leo_earnings"]
    nought = rows["earnings"] == 0
    assert nought.any()
    for name in faults_of_work.STILL_COUNTED:
        assert (rows[name].values[nought & ~rows[name].missing] == 0).all()


def test_spells_across_the_boundary_stand_under_both_keys(extract):
    rows = extract[0]["leo_benefit"]
    line = list(
        zip(
            rows["person"].tolist(),
            rows["startdate"].tolist(),
            rows["benefit_type"].codes.tolist(),
            strict=True,
        )
    )
    twice = {each for each in line if line.count(each) == 2} if len(line) < 6_000 else set()
    assert twice


# independence of the number of people


def test_rows_do_not_depend_on_the_number_of_people():
    few, _ = block.block(SEED, np.arange(500), Faults(SEED))
    more, _ = block.block(SEED, np.arange(1_000), Faults(SEED))
    for name in MINE:
        first = {column: values[more[name]["person"] < 500] for column, values in more[name].items()}
        assert _same(_in_order(few[name]), _in_order(first)), name


def _in_order(rows):
    """Rows by person and content, because faults append rows at the end of a block."""
    columns = [text_of(column, np.ones(len(column), dtype=bool)) for column in rows.values()]
    order = sorted(range(len(columns[0])), key=lambda row: [str(column[row]) for column in columns])
    return {name: column[np.array(order)] for name, column in rows.items()}


def _same(one, other):
    if one.keys() != other.keys() or len(one["person"]) != len(other["person"]):
        return False
    return all(_equal(one[name], other[name]) for name in one)


def _equal(a, b):
    if isinstance(a, Coded):
        return a.labels == b.labels and bool((a.codes == b.codes).all())
    if isinstance(a, Nullable) or isinstance(b, Nullable):
        every = np.ones(len(a), dtype=bool)
        return text_of(a, every) == text_of(b, every)
    return bool((a == b).all())


def test_out_of_work_types_are_in_the_list():
    assert set(benefits.TYPES) >= benefits.OUT_OF_WORK
