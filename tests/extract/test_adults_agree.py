"""Adults without a school record: beside the school cohorts, whom they leave as they are, and the same in all tables."""

import itertools

import numpy as np
import pytest

from leocourse.extract.base import codes, numbers
from leocourse.extract.base.columns import Nullable
from leocourse.extract.base.keys import Keys
from leocourse.extract.block import block
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.lives import adults, work
from leocourse.extract.output.arrow_tables import stored, to_table, unit_hashes
from leocourse.extract.records import benefits_of_learners
from leocourse.schema import load_schema

PEOPLE = 1_800
LEARNING, LOOKUPS = {"learners", "aims"}, {"learner_ae_id_to_edukey_lookup", "education_records_lookup"}
OUTCOMES = {"leo_benefit", "leo_cjrs", "leo_earnings", "leo_employment", "leo_geography", "leo_seiss",
            "leo_self_assessment"}  # fmt: skip


@pytest.fixture(scope="module", params=[3, 20])
def made(request):
    """Tables and truth with adults, and of the school cohorts alone, without faults."""
    seed = request.param
    switches = [Faults(seed, tuple(FAULTS)) for _ in range(2)]
    return seed, block(seed, numbers.everybody(0, PEOPLE), switches[0]), block(seed, np.arange(PEOPLE), switches[1])


def _adult(rows):
    return rows["person"] >= numbers.ADULTS_FROM


def test_the_school_cohorts_have_the_same_rows_beside_adults_as_alone(made):
    _, (both, _), (alone, _) = made
    for name, rows in alone.items():
        kept = ~_adult(both[name])
        assert kept.sum() == len(rows["person"]), name
        for column in ("person", "ae_id", "edukey", "recordid"):
            if column in rows and not isinstance(rows[column], Nullable):
                assert (both[name][column][kept] == rows[column]).all()


def test_adults_are_in_the_tables_of_learning_and_outcomes_and_in_no_other(made):
    _, (tables, truth), _ = made
    holds = {name for name, rows in tables.items() if _adult(rows).any()}
    assert holds == LEARNING | LOOKUPS | OUTCOMES
    lives = truth["lives"]
    adult = _adult(lives)
    assert adult.sum() == PEOPLE // numbers.SCHOOL_PER_ADULT
    assert (lives["birth_cohort"][adult] < codes.FIRST_COHORT).all()
    assert (lives["birth_cohort"][~adult] >= codes.FIRST_COHORT).all()
    assert (lives["pupilmatchingrefanonymous"].missing == adult).all()


def test_every_adult_has_a_learning_record_and_leads_from_it_to_one_person(made):
    seed, (tables, truth), _ = made
    who = truth["lives"]["person"][_adult(truth["lives"])]
    learners, records = tables["learners"], tables["education_records_lookup"]
    assert set(who) == set(learners["person"][_adult(learners)])
    assert set(learners["recordid"]) == set(records["recordid"]) and len(set(records["recordid"])) == len(
        records["recordid"]
    )
    mine = _adult(records)
    assert (records["ae_id"][mine] == Keys(seed).ae_id(records["person"][mine])).all()
    age = learners["acage"][_adult(learners)]
    assert age.min() >= 17 and age.max() <= 63


def test_nobody_learns_after_they_have_left_every_record(made):
    seed, *_ = made
    people = adults.adults(seed, numbers.adults_beside(0, 9 * 2_000))
    paths = adults.pathways(people)
    life, taken = work.work(people, paths), paths.courses
    assert (life.activity.gone[taken.i] > taken.end).all()
    assert (np.bincount(taken.i, minlength=len(people)) > 0).all()
    april_2003 = life.activity.works[8].mean()
    assert abs(life.activity.works[80].mean() - april_2003) < 0.08  # in work before the records begin, too


def test_numbers_of_adults_are_the_same_however_people_are_cut_into_blocks():
    cuts = [0, 5, 9, 10, 26, 27, 100]
    parts = [numbers.adults_beside(*pair) for pair in itertools.pairwise(cuts)]
    assert (np.concatenate(parts) == numbers.adults_beside(0, 100)).all()
    last = numbers.adults_beside(0, numbers.MOST_PEOPLE - 1)[-1:]
    assert (last * 32 + 31 < 2**31).all() and (numbers.place(last) < numbers.MOST_PEOPLE).all()
    assert (numbers.place(numbers.adults_beside(0, 27)) == [8, 17, 26]).all()


def test_a_unit_has_the_same_rows_and_hash_in_one_block_and_in_two():
    schema, hashes = load_schema(), []
    for cuts in ([0, 400], [0, 200, 400]):
        found = {}
        for first, end in itertools.pairwise(cuts):
            tables, _ = block(4, numbers.everybody(first, end), Faults(4))
            for name in ("learners", "leo_earnings"):
                table = stored(schema[name], tables[name], 100)
                found |= {(name, unit): each for unit, each in unit_hashes(table, to_table(table)).items()}
        hashes.append(found)
    assert hashes[0] == hashes[1] and len(hashes[0]) == 8


def test_learners_on_benefits_have_a_benefit_spell_on_the_day_on_which_the_aim_begins():
    tables, _ = block(8, numbers.everybody(0, 1_800), Faults(8, tuple(FAULTS)))
    aims, claims = tables["aims"], tables["leo_benefit"]
    spells = {}
    kinds = np.array(claims["benefit_type"].labels)[claims["benefit_type"].codes]
    for person, first, last, kind in zip(claims["person"], claims["startdate"], claims["enddate"], kinds, strict=True):
        spells.setdefault(int(person), []).append((first, last, kind))
    for name, counts in benefits_of_learners.KINDS.items():
        for suffix, back in (("_atstart", 0), ("_6monthprior", benefits_of_learners.SIX_MONTHS)):
            column = aims[name + suffix]
            said = column.values if isinstance(column, Nullable) else column
            true = [any(first <= day - back <= last and kind in counts for first, last, kind in spells.get(int(who), ()))
                    for who, day in zip(aims["person"], aims["start_date"], strict=True)]  # fmt: skip
            assert (said == np.array(true)).all(), name
    assert 0.02 < aims["onbenefits_atstart"].mean() < 0.6
