"""Jobs, pay, self-employment and the pandemic schemes: tables that speak of the same event, and how far they agree."""

from functools import cache

import numpy as np
import pytest

from leocourse.extract import block
from leocourse.extract.base.dates import OPEN_END, TAX_YEARS, day, month_of
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import employers, firms, pathways, pay, work
from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH
from leocourse.extract.lives.population import population
from leocourse.extract.records import pandemic_support

PEOPLE, RECORDS = 12_000, 4_000
YEARS = np.array(TAX_YEARS)
YEAR_ZERO = 2000 * 12  # months of the register count from the year 0


@pytest.fixture(scope="module", params=(7, 23))
def seed(request):
    return request.param


@cache
def lived(seed):
    people = population(seed, np.arange(PEOPLE))
    return people, work.work(people, pathways.pathways(people))


@cache
def recorded(seed, clean=True):
    switches = Faults(seed, tuple(FAULTS)) if clean else Faults(seed)
    return block.block(seed, np.arange(RECORDS), switches)[0]


def months_in_work(life, column):
    first = month_of(YEARS[column] - 1, 4) - FIRST_MONTH
    return life.activity.works[max(first, 0) : first + 12].T


# moves


def test_a_move_is_whole(seed):
    """The enterprise before a move paid for months before it, in a year in which there were any."""
    _, life = lived(seed)
    jobs, paid = life.jobs, life.days > 0
    before = jobs.firm[:, :, 1] >= 0
    assert (jobs.began[before] >= 1).all()
    for column in range(1, len(YEARS)):
        i = np.flatnonzero(before[:, column])
        worked = months_in_work(life, column)[i]
        old = worked & (np.arange(12) < jobs.began[i, column][:, None])
        assert old.any(axis=1).all()
        share = 1000 * old.sum(axis=1) // worked.sum(axis=1)
        aside = jobs.share[i, column, 2]
        assert (jobs.share[i, column, 1] == share * (1000 - aside) // 1000).all()
    stays = paid & (jobs.began < 0)
    last = np.full(len(paid), -1)
    for column in range(len(YEARS)):
        i = np.flatnonzero(stays[:, column])
        assert (jobs.firm[i, column, 0] == last[i]).all()  # no job begins but where it says so
        last = np.where(paid[:, column], jobs.firm[:, column, 0], last)


def test_after_a_break_the_old_enterprise_pays_nothing_more(seed):
    """Who begins a job after a winter without work has one enterprise that year, but for second jobs and later moves."""
    _, life = lived(seed)
    jobs, works = life.jobs, life.activity.works
    column = 12
    april = month_of(YEARS[column] - 1, 4) - FIRST_MONTH
    back = ~works[april - 4 : april].any(axis=0) & works[april + 6] & ~works[april]
    back &= works[: april - 4].any(axis=0)
    old, new = jobs.firm[:, column - 1, 0], jobs.firm[:, column, 0]
    new = back & (new != old) & (new >= 0) & (old >= 0)
    assert new.sum() > 40
    assert (jobs.firm[new, column, 1] == jobs.firm[new, column - 1, 0]).mean() < 0.05


def test_people_change_enterprise_also_with_one_payer_in_both_years(seed):
    rows = recorded(seed)["leo_earnings"]
    order = np.lexsort((rows["taxyear"], rows["person"]))
    person, year = rows["person"][order], rows["taxyear"][order]
    firm, number = rows["main_enterprise"].codes[order], rows["num_employments"][order]
    pair = (person[1:] == person[:-1]) & (year[1:] == year[:-1] + 101) & (number[1:] == 1) & (number[:-1] == 1)
    changed = firm[1:][pair] != firm[:-1][pair]
    assert pair.sum() > 2_000 and 0.05 < changed.mean() < 0.30


def test_pay_of_movers_follows_what_their_enterprises_add(seed):
    """Between years with one payer, recorded pay a day grows by what the new enterprise adds over the old one.

    With a move inside the year the main enterprise paid for a part of it only, and with students in, jobs beside study
    are compared with jobs after it: both mislead a decomposition into people and enterprises.
    """
    people, tables = population(seed, np.arange(RECORDS)), recorded(seed)
    rows = tables["leo_earnings"]
    paths, register = pathways.pathways(people), firms.register(seed)
    person, year = rows["person"], rows["taxyear"] % 100 + 2000
    days = np.zeros((RECORDS, len(YEARS)), dtype=np.int64)
    spells = tables["leo_employment"]
    days = work.days_by_tax_year(
        work.Spells(spells["person"], spells["startdate"], spells["enddate"], None, None), RECORDS
    )
    daily = rows["earnings"] / np.maximum(days[person, year - YEARS[0]], 1)
    studies = np.stack([paths.studies(month_of(each - 1, 5)) | paths.studies(month_of(each - 1, 10)) for each in YEARS])
    use = (rows["num_employments"] == 1) & ~studies[year - YEARS[0], person] & (year < 2021) & (daily > 0)
    order = np.flatnonzero(use)[np.lexsort((year[use], person[use]))]
    old, new = order[:-1], order[1:]
    firm = rows["main_enterprise"].codes
    moved = (person[old] == person[new]) & (year[new] == year[old] + 1) & (firm[old] != firm[new])
    old, new = old[moved], new[moved]
    adds = register.pay[firm[new]] - register.pay[firm[old]]
    growth = np.log(daily[new] / daily[old]) / np.log(1.001)
    assert len(new) > 200
    assert 0.8 < np.polyfit(adds, growth, 1)[0] < 1.3


def test_who_must_work_in_a_section_does(seed, monkeypatch):
    people = population(seed, np.arange(3_000))
    paths = pathways.pathways(people)
    wanted = np.full((LAST_MONTH - FIRST_MONTH + 1, len(people)), -1, dtype=np.int8)
    monkeypatch.setattr(work, "_training_section", lambda _: wanted)
    plain = work.work(people, paths)
    since = month_of(2016, 9) - FIRST_MONTH
    wanted[since : since + 24, ::2] = firms.LETTERS.index("F")
    life = work.work(people, paths)
    section = firms.register(seed).section[0]
    assert (life.jobs.firm[1::2] == plain.jobs.firm[1::2]).all()
    column = 2018 - YEARS[0]
    here = (life.days[:, column] > 0) & life.activity.works[month_of(2018, 3) - FIRST_MONTH]
    assert here[::2].sum() > 200
    assert (section[life.jobs.firm[::2, column, 0][here[::2]]] == firms.LETTERS.index("F")).all()


# enterprises


def test_nobody_is_paid_by_an_enterprise_before_its_birth_or_after_its_death(seed):
    _, life = lived(seed)
    register, jobs = firms.register(seed), life.jobs
    in_first_year = 0
    for column, year in enumerate(YEARS):
        april = YEAR_ZERO + month_of(year - 1, 4)
        for slot in range(employers.SLOTS):
            firm = jobs.firm[:, column, slot]
            firm = firm[firm >= 0]
            assert (register.birth[firm] < april + 12).all() and (register.death[firm] >= april).all()
            in_first_year += (register.birth[firm] > april).sum()
        i = np.flatnonzero((jobs.firm[:, column, 0] >= 0) & (jobs.began[:, column] >= 0))
        assert (register.birth[jobs.firm[i, column, 0]] <= april + jobs.began[i, column]).all()
    assert in_first_year > 10
    assert (register.birth >= 2015 * 12).sum() > 1_000


def test_enterprises_hold_the_people_of_the_sample(seed):
    _, life = lived(seed)
    members = np.bincount(life.jobs.firm[:, -2][life.jobs.firm[:, -2] >= 0], minlength=firms.FIRMS)
    band = firms.register(seed).band[1]
    for each, most in enumerate((4, 9, 19, 49, 99), start=1):
        assert members[band == each].max() <= most + 2


def test_the_region_of_a_job_is_that_of_the_lookup(seed):
    _, life = lived(seed)
    register = firms.register(seed)
    region = employers.region_of_job(life.jobs, register)
    firm = life.jobs.firm[:, :, 0]
    assert ((region < 0) == (firm < 0)).all()
    for column, copy in ((2017 - YEARS[0], 0), (2018 - YEARS[0], 1)):
        here = firm[:, column] >= 0
        assert (region[here, column] == register.region[copy, firm[here, column]]).all()


# spells


def test_spells_follow_a_calendar(seed):
    rows = recorded(seed)["leo_employment"]
    start, end = rows["startdate"], rows["enddate"][rows["enddate"] < day(2021, 4, 5)]
    first, last = _day_of_month(start), _day_of_month(end + 1)
    assert 0.35 < ((start + 3) % 7 == 0).mean() < 0.60 and 0.12 < (first == 1).mean() < 0.3
    assert (first >= 29).any() and 0.12 < (last == 1).mean() < 0.3
    assert ((end + 3) % 7 == 4).mean() > 0.25


def _day_of_month(days):
    dates = days.astype("datetime64[D]")
    return (dates - dates.astype("datetime64[M]")).astype(int) + 1


def test_dates_are_unknown_less_often_from_april_2013(seed):
    rows = recorded(seed, clean=False)["leo_employment"]
    late = rows["startdate"] >= day(2013, 4, 6)
    before, after = (rows["uncertainstartdate"][each].mean() for each in (~late, late))
    assert 0 < after < 0.6 * before
    closed = rows["enddate"] != OPEN_END
    late = rows["enddate"] >= day(2013, 4, 6)
    before, after = (rows["uncertainenddate"][closed & each].mean() for each in (~late, late))
    assert 0 < after < 0.6 * before


# pay


def test_pay_gathers_at_the_full_time_minimum(seed):
    people, life = lived(seed)
    column = 2019 - YEARS[0]
    age = 2019 - 2 - people.cohort
    whole = (life.days[:, column] >= 365) & (age >= 25)
    minimum = [783 * hours // 100 for hours in pay.FULL_TIME_HOURS]
    rate = life.rate[whole, column]
    at = sum(np.abs(rate - each) <= 8 for each in minimum)
    beside = sum(np.abs(rate - each * 103 // 100) <= 8 for each in minimum)
    assert at.mean() > 0.015 and at.sum() > 2.5 * beside.sum()


# furlough


def test_furlough_is_of_people_in_work(seed):
    _, life = lived(seed)
    off = life.furlough.any_time
    assert not (off & ~life.activity.works[-13:].T).any()
    assert (life.furlough.at_end <= off).all()
    rows, pay_rows = recorded(seed)["leo_cjrs"], recorded(seed)["leo_earnings"]
    assert set(zip(rows["person"].tolist(), rows["taxyear"].tolist(), strict=True)) <= set(
        zip(pay_rows["person"].tolist(), pay_rows["taxyear"].tolist(), strict=True)
    )


def test_furlough_falls_over_the_summer_and_comes_back(seed):
    _, life = lived(seed)
    ends = life.furlough.at_end.sum(axis=0)  # March 2020 to March 2021
    share = ends / ends[1]
    assert share[2] > 0.85 and 0.2 < share[7] < 0.4 and 0.38 < share[10] < 0.62
    assert share[3] > share[4] > share[6]


def test_people_hired_since_are_furloughed_from_november_alone(seed):
    _, life = lived(seed)
    works, off = life.activity.works[-14:].T, life.furlough.any_time  # from February 2020, from March 2020
    hired = ~works[:, :2].any(axis=1) & works[:, 8]
    assert not off[hired][:, :8].any()
    assert 0.03 < off[hired][:, 8:].any(axis=1).mean() < 0.3


def test_furlough_follows_the_section_that_the_lookup_of_2020_names(seed):
    _, life = lived(seed)
    firm = life.jobs.firm[:, -2, 0]
    letter = firms.register(seed).section[1, np.maximum(firm, 0)]
    here = (firm >= 0) & life.activity.works[-13] & life.activity.works[-14]
    share = {
        each: life.furlough.any_time[here & (letter == firms.LETTERS.index(each)), :4].any(axis=1).mean()
        for each in "OI"
    }
    assert share["O"] < 0.04 and share["I"] > 0.6


def test_more_furlough_takes_more_pay(seed):
    people, life = lived(seed)
    months = life.furlough.months_in(2021)
    jobs = life.jobs
    same = (jobs.firm[:, -1] == jobs.firm[:, -2]).all(axis=1) & (jobs.firm[:, -1, 0] >= 0) & (people.cohort < 1996)
    growth = np.log(life.rate[:, -1] / np.maximum(life.rate[:, -2], 1))
    few, many = same & (months > 0) & (months < 4), same & (months > 7)
    assert growth[many].mean() < growth[few].mean() - 0.03
    spread = recorded(seed)["leo_cjrs"]
    assert len(set(spread["cjrs_tot_wks"][spread["taxyear"] == 201920].tolist())) >= 4


# self-employment


def test_returns_show_losses_and_some_no_self_employment(seed):
    rows = recorded(seed)["leo_self_assessment"]
    pounds, alone = rows["earnings_self_employment"], rows["self_employed"] == 1
    assert 0.02 < (pounds.values[alone] < 0).mean() < 0.1
    assert pounds.missing[~alone].all() and 0.03 < (~alone).mean() < 0.3
    assert (np.where(rows["earnings_sole"].missing, 0, rows["earnings_sole"].values)
            + np.where(rows["earnings_ptr"].missing, 0, rows["earnings_ptr"].values)
            == np.where(pounds.missing, 0, pounds.values)).all()  # fmt: skip


def test_profit_and_pay_of_a_person_go_together(seed):
    _, life = lived(seed)
    both = (life.trade.profit > 0) & (life.days > 180) & (YEARS >= 2014)
    assert both.sum() > 300
    assert 0.15 < np.corrcoef(np.log(life.trade.profit[both]), np.log(life.rate[both]))[0, 1] < 0.6


def test_the_self_employed_claim_about_as_often_as_others(seed):
    people, life = lived(seed)
    april = month_of(2018, 4) - FIRST_MONTH
    whole = life.activity.claims[april : april + 12].all(axis=0)
    here = (life.activity.gone > month_of(2019, 4)) & (people.cohort < 2000)
    alone = life.activity.self_employed[2019 - YEARS[0]]
    assert (here & alone).sum() > 200
    assert whole[here & alone].mean() < 1.6 * whole[here & ~alone].mean() + 0.02


def test_grants_follow_the_rules(seed):
    """Every grant is to somebody whose returns pass the test; thirteen weeks are three months."""
    _, life = lived(seed)
    able, basis = pandemic_support.eligible_for_grants(life)
    column = 2019 - YEARS[0]
    profit, income = life.trade.profit[:, column], life.earnings[:, column]
    alone = life.activity.self_employed.T
    assert not (able & ~alone[:, column:].all(axis=1)).any()
    assert (basis[able] > 0).all() and (basis[able] <= 50_000).mean() > 0.97
    low = alone[:, column:].all(axis=1) & ~alone[:, column - 1] & (profit < income)
    assert not able[low].any()
    rows = recorded(seed)["leo_seiss"]
    known = np.zeros(RECORDS, dtype=bool)
    known[rows["person"]] = True
    assert not (known & ~able[:RECORDS]).any()
    assert 0.5 < known.sum() / able[:RECORDS].sum() < 1
    months = np.array([text.count(b"1") for text in rows["seiss_dtm_ind"].tolist()])
    assert (13 * months == 3 * rows["seiss_tot_wks"]).all()
    assert set(rows["seiss_tot_wks"].tolist()) <= {13, 26, 39}
