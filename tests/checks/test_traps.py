"""The traps spring: on extracts of five seeds each slip of the catalogue gives another answer than the right one.

A warning of which the data never make anything would teach that it can be left out.
"""

from __future__ import annotations

import pytest

from leocourse.authoring.keys import assignment_key
from leocourse.authoring.question import assignments
from leocourse.core.connect import connect
from leocourse.core.paths import course_root
from leocourse.extract import generate_bare

SEEDS = (11, 12, 13, 14, 15)
COURSE = {each.name: each for each in assignments(course_root())}


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    """Extracts of the size on which an assignment is marked, by seed and people, made when first asked for."""
    made = {}

    def extract(seed: int, people: int):
        if (seed, people) not in made:
            made[seed, people] = tmp_path_factory.mktemp(f"seed-{seed}") / f"people-{people}"
            generate_bare(made[seed, people], people, seed)
        return made[seed, people]

    return extract


def not_told_apart(extract, name: str) -> set[str]:
    """The slips of an assignment that on an extract give the right answer."""
    alike: set[str] = set()
    with connect(extract) as con:
        assignment_key(COURSE[name], con, alike=alike)
    return alike


@pytest.mark.parametrize("name", COURSE)
def test_every_slip_changes_the_answer(name, extracts):
    assert not_told_apart(extracts(SEEDS[0], COURSE[name].people), name) == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[1:])
@pytest.mark.parametrize("name", COURSE)
def test_every_slip_changes_the_answer_on_other_seeds(name, seed, extracts):
    assert not_told_apart(extracts(seed, COURSE[name].people), name) == set()


def test_the_traps_that_the_data_once_lacked_have_a_slip():
    """Each of these was only warned of; now that the records hold it, somebody who walks into it is told."""
    slips = {(name[:2], question.name): {slip.name for slip in question.misconceptions}
             for name, course in COURSE.items() for question in course.questions}  # fmt: skip
    for assignment, question, slip in (
        ("01", "q8", "inner-join"), ("01", "q8", "blank-as-key"), ("01", "q9", "age-of-another-record"),
        ("01", "q12", "larger-of-two-keys"), ("02", "q5", "not-national"), ("02", "q10", "highest-ae-id"),
        ("02", "q10", "blank-as-key"), ("04", "q3", "distinct-for-merged"), ("04", "q10", "missing-as-zero"),
        ("05", "q4", "larger-of-two-keys"), ("05", "q5", "larger-of-two-keys"), ("05", "q5", "distinct-for-merged"),
        ("05", "q6", "larger-of-two-keys"), ("05", "q9", "larger-of-two-keys"), ("05", "q10", "larger-of-two-keys"),
        ("06", "q1", "max-of-each-column"), ("06", "q5", "months-counted-twice"),
    ):  # fmt: skip
        assert slip in slips[assignment, question], f"{assignment} {question} has no slip {slip}."
