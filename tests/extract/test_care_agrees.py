"""Care is drawn once in a life, and each table that sees it says the same by its own rules."""

import numpy as np
import pytest

from leocourse.extract.base.columns import Coded, Nullable
from leocourse.extract.base.dates import days_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.block import block
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives.care import OLDEST, birth, care, in_england_from
from leocourse.extract.lives.population import population
from leocourse.extract.records.care import CLA_YEARS
from leocourse.extract.records.pupils import Pupils

SEED, PEOPLE = 5, 12_000


@pytest.fixture(scope="module")
def people():
    """The people of a block."""
    return population(SEED, np.arange(PEOPLE))


@pytest.fixture(scope="module")
def life(people):
    """Their social care."""
    return care(people)


@pytest.fixture(scope="module")
def tables():
    """Their records, without faults."""
    return block(SEED, np.arange(PEOPLE), Faults(SEED, tuple(FAULTS)))[0]


def values(column):
    """Whatever a column holds, as an array of texts or numbers."""
    if isinstance(column, Coded):
        return np.array([*column.labels, None], dtype=object)[column.codes]
    return column.values if isinstance(column, Nullable) else column


def test_periods_of_a_child_are_apart_and_between_arrival_and_adulthood(people, life):
    periods = life.periods
    order = np.lexsort((periods.start, periods.i))
    i, start, end = periods.i[order], periods.start[order], periods.end[order]
    same = i[1:] == i[:-1]
    assert same.any() and (start[1:] > end[:-1])[same].all()
    month = periods.start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - 360
    assert (month >= in_england_from(people)[periods.i]).all()
    assert (month < birth(people)[periods.i] + 12 * OLDEST).all()


def test_episodes_fill_their_period_without_gap_or_overlap(life):
    periods, episodes = life.periods, life.episodes
    first, last = episodes.number == 1, np.append(episodes.period[1:] != episodes.period[:-1], True)
    assert (episodes.start[first] == periods.start[episodes.period[first]]).all()
    assert (episodes.end[last] == periods.end[episodes.period[last]]).all()
    inside = ~last[:-1]
    assert (episodes.start[1:][inside] == episodes.end[:-1][inside] + 1).all()
    assert set(episodes.period) == set(range(len(periods.i)))
    assert episodes.number.max() > 2 and len(np.unique(episodes.legal)) == 5


def test_a_row_is_a_child_and_year_with_the_latest_episode(tables, life):
    rows, periods, episodes = tables["cla"], life.periods, life.episodes
    who = periods.i[episodes.period]
    assert len(rows["person"]) == len(np.unique(rows["person"] * 10_000 + rows["collection_year"]))
    for person, year, begun in zip(rows["person"], rows["collection_year"], rows["cla_date_epi_comm"], strict=True):
        first, march = days_of(np.array([year - 1]), 4, 1)[0], days_of(np.array([year]), 3, 31)[0]
        touched = (who == person) & (episodes.start <= march) & (episodes.end >= first)
        assert begun == episodes.start[touched].max()
    seen = {(p, y) for p, y in zip(rows["person"], rows["collection_year"], strict=True)}
    for i, start, end in zip(periods.i, periods.start, periods.end, strict=True):
        for year in CLA_YEARS:
            inside = start <= days_of(np.array([year]), 3, 31)[0] and end >= days_of(np.array([year - 1]), 4, 1)[0]
            assert not inside or (i, year) in seen


def test_reasons_for_leaving_fit_age_and_year(tables, people):
    rows = tables["cla"]
    why, held = values(rows["cla_rec"]), rows["cla_cla_31_march"] == 1
    assert (why[held] == "-10").all() and (why[~held] != "-10").all()
    age = rows["collection_year"] - people.birth_year[rows["person"]]
    assert age[np.isin(why, ["E11", "E12"])].max() <= 8
    assert age[np.isin(why, ["E5", "E6"])].min() >= 17
    assert rows["collection_year"][why == "E4"].max() <= 2015 and rows["collection_year"][why == "E4A"].min() >= 2015


def test_foster_placements_change_their_code_and_are_never_lost(tables):
    rows = tables["cla"]
    code, later = values(rows["cla_placement"]), rows["collection_year"] > 2014
    assert not any(each is None for each in code)
    assert not set(code[later]) & {"Q1", "Q2"} and not set(code[~later]) & {"U3", "U4", "U6"}
    foster = np.isin(code, ["Q1", "Q2", "U3", "U4", "U6"])
    assert abs(foster[later].mean() - foster[~later].mean()) < 0.15


def test_those_who_came_alone_are_not_in_care_before_they_came(tables, people):
    rows = tables["cla"]
    alone = values(rows["cla_uasc_status"]) == 1
    assert alone.any() and (people.arrival[rows["person"][alone]] >= 9).all()
    arrived = people.arrival[rows["person"]] > 0
    reached = people.cohort + 5 + people.arrival
    assert (rows["collection_year"][arrived] >= reached[rows["person"][arrived]]).all()


def test_children_looked_after_are_in_need_at_that_time(tables):
    cla, cin = tables["cla"], tables["cin"]
    known = cla["collection_year"] >= 2009
    in_need = set((cin["person"] * 10_000 + cin["collection_year"]).tolist())
    assert set((cla["person"] * 10_000 + cla["collection_year"])[known].tolist()) <= in_need


def test_results_say_of_care_what_the_collection_says(tables):
    cla = tables["cla"]
    for table, prefix in (("ks4_pupil", "ks4"), ("ks2_pupil", "ks2")):
        rows = tables[table]
        year = rows["collection_year"] if "collection_year" in rows else values(rows[f"{prefix}_y11year"])
        of = {(p, y): n for n, (p, y) in enumerate(zip(cla["person"], cla["collection_year"], strict=True))}
        compared = 0
        for flag in ("6_months", "12_months"):
            column = rows[f"{prefix}_cla_{flag}"]
            for row in np.flatnonzero(~column.missing):
                at = of[rows["person"][row], year[row]]
                assert column.values[row] == cla[f"cla_cla_{flag}"][at] and cla["cla_cla_31_march"][at] == 1
                compared += 1
        assert compared > 10


def test_a_record_before_school_age_has_no_pupil_reference(tables, people):
    rows = tables["cla"]
    march = rows["collection_year"] - people.birth_year[rows["person"]] - (people.birth_month[rows["person"]] > 3)
    missing = rows["cla_pupilmatchingrefanonymous"].missing
    assert missing.any() and (missing == (march < 4)).all()


def test_a_referral_that_came_to_nothing_is_closed_within_days(tables):
    rows = tables["cin"]
    nothing = rows["cin_referralnfa"] == 1
    assert 0.02 < nothing.mean() < 0.3
    closed = rows["cin_cinclosuredate"]
    known = nothing & ~closed.missing
    assert (closed.values[known] - rows["cin_cinreferraldate"][known] <= 10).all()


def test_other_seeds_have_the_same_shape():
    for seed in (1, 2):
        few = Pupils(population(seed, np.arange(8_000)), Keys(seed))
        assert 0.01 < len(np.unique(few.care.periods.i)) / 8_000 < 0.05
        assert (few.care.periods.number > 1).any() and few.care.periods.adopted.any()
