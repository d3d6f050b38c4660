"""Benefit spells agree with homes, jobs and months of the same lives, and with each other.

How they agree: universal credit begins on the date of the authority in which a person lives, in the reference table;
nobody has it beside an older benefit that it replaced, nor in work and out of work at once; in work it lies within a
spell of employment. How far they may differ: some jobseekers claim it from the earlier date of the two, who has had it
once may have it after moving to where it came later, and in 2020/21 self-employed people have it without a job.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leocourse.extract.base.dates import OPEN_END, day, month_of
from leocourse.extract.lives import areas, pathways, work
from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH
from leocourse.extract.lives.population import population
from leocourse.extract.records import benefits

PEOPLE = 12_000
LAST_DAY = day(2021, 4, 5)
IN_WORK = ["UAB", "UBD"]


@pytest.fixture(scope="module", params=[7, 2024])
def lives(request):
    people = population(request.param, np.arange(PEOPLE))
    life = work.work(people, pathways.pathways(people))
    spells, kind = benefits.benefit_spells(people, life)
    frame = pd.DataFrame({"i": spells.i, "start": spells.start, "end": spells.end})
    frame["type"] = np.array(benefits.TYPES)[kind]
    frame["out"] = benefits.counts_as_out_of_work(kind)
    date = pd.to_datetime(frame.start, unit="D")
    frame["month"] = month_of(date.dt.year, date.dt.month)
    return people, life, frame


def overlaps(one: pd.DataFrame, other: pd.DataFrame) -> int:
    both = one.merge(other, on="i")
    return int(((both.start_x <= both.end_y) & (both.start_y <= both.end_x)).sum())


def test_universal_credit_excludes_what_it_replaced_and_itself(lives):
    _, _, spells = lives
    universal = spells[spells.type.str.startswith("U")]
    assert overlaps(universal, spells[spells.type.isin(benefits.REPLACED)]) == 0
    assert overlaps(spells[spells.type.isin(IN_WORK)], spells[spells.out & (spells.type != "ICA")]) == 0
    for kind in benefits.REPLACED:
        others = spells[spells.type.isin(benefits.REPLACED - {kind})]
        assert overlaps(spells[spells.type == kind], others) == 0
    assert overlaps(spells[spells.type == "PIP"], spells[spells.type == "DLA"]) == 0


def test_new_claims_follow_the_date_of_the_authority(lives):
    people, life, spells = lives
    live, full = areas.universal_credit()
    claims = spells[spells.out & ~spells.type.isin(["ICA"])]
    here = benefits.authority_in(life, claims.i.to_numpy(), claims.month.to_numpy())
    universal = claims.type.str.startswith("U").to_numpy()
    month = claims.month.to_numpy()
    # Claims that go on under another name (at 18, or from incapacity benefit in 2011 to 2013) are not new ones.
    eighteen = month_of(people.birth_year + 18, people.birth_month)[claims.i]
    new = (month != eighteen) & (month >= month_of(2014, 1))
    assert universal[new & (month >= full[here])].all()
    early = new & universal & (month < live[here])
    assert early.sum() <= 0.01 * universal.sum()  # had it once, and moved
    assert (claims.type[new & universal & (month < full[here])] == "UAA").mean() > 0.9
    between = new & (month >= live[here]) & (month < full[here]) & claims.type.isin(["UAA", "JSA"]).to_numpy()
    assert 0.2 < universal[between].mean() < 0.6


def test_place_decides_who_claims_universal_credit_in_2017_18(lives):
    _, life, spells = lives
    claims = spells[spells.out & (spells.type != "ICA") & spells.start.between(day(2017, 4, 6), LAST_DAY - 3 * 365)]
    here = benefits.authority_in(life, claims.i.to_numpy(), claims.month.to_numpy())
    universal = claims.type.str.startswith("U").groupby(here).agg(["mean", "size"])
    universal = universal[universal["size"] >= 5]
    share = claims.type.str.startswith("U").mean()
    by_chance = np.sqrt((share * (1 - share) / universal["size"]).mean())
    assert len(universal) > 20 and universal["mean"].std() > 1.6 * by_chance


def test_universal_credit_in_work_lies_within_employment(lives):
    _, life, spells = lives
    claims = spells[spells.type.isin(IN_WORK)].reset_index(names="row")
    jobs = pd.DataFrame({"i": life.spells.i, "start": life.spells.start, "end": life.spells.end})
    both = claims.merge(jobs, on="i", suffixes=("", "_job"))
    end = np.minimum(both.end, LAST_DAY)
    within = set(both.row[(both.start >= both.start_job) & (end <= both.end_job)])
    rest = claims[~claims.row.isin(within)]
    assert life.activity.self_employed[-1][rest.i].all() and (rest.start >= day(2020, 3, 20)).all()
    assert len(rest) < 0.06 * len(claims)


def test_claims_out_of_work_are_the_months_of_the_life(lives):
    _, life, spells = lives
    rows = spells[(spells.out | (spells.type == "UNA")) & (spells.type != "ICA")]
    for month in (month_of(2009, 3), month_of(2016, 7), month_of(2020, 5)):
        middle = day(2000 + month // 12, month % 12 + 1, 14)
        told = np.zeros(PEOPLE, dtype=bool)
        told[rows.i[(rows.start <= middle) & (rows.end >= middle)]] = True
        true = life.activity.claims[month - FIRST_MONTH]
        assert not (true & ~told).any()
        unknown = np.zeros(PEOPLE, dtype=bool)
        unknown[spells.i[spells.type == "UNA"]] = True  # a few of these are in work
        assert not (told & ~true & ~unknown).any()


def test_kinds_of_claims_have_their_times_and_lengths(lives):
    people, life, spells = lives
    payment = spells[spells.type == "PIP"]
    assert 0.6 < (payment.end == OPEN_END).mean() < 0.9
    jobseekers = spells[spells.type == "JSA"]
    months = jobseekers.month - month_of(people.birth_year, people.birth_month)[jobseekers.i]
    assert (months < 12 * 18).mean() < 0.01
    on = spells[(spells.start <= day(2020, 2, 1)) & (spells.end >= day(2020, 2, 1))]
    universal = on[on.type.str.startswith("U")]
    assert 0.25 < universal.type.isin(IN_WORK).mean() < 0.45
    assert not life.activity.claims[
        LAST_MONTH - FIRST_MONTH, spells.i[spells.type.isin(IN_WORK) & (spells.end == OPEN_END)]
    ].any()


def test_claims_rise_several_times_in_spring_2020(lives):
    _, _, spells = lives
    new = spells[~spells.type.isin(["DLA", "PIP", "ICA"])]
    spring = {year: new.start.between(day(year, 3, 1), day(year, 5, 31)).sum() for year in (2019, 2020)}
    assert 2.5 < spring[2020] / spring[2019] < 6
