"""Credit follows what is right: the right people earn half only beside values that are right in part."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from leocourse.authoring.question import load_question
from leocourse.checks.assignment import run_calls
from leocourse.checks.fingerprint import Hashes, fingerprint
from leocourse.checks.judge import judge, salt
from leocourse.checks.tables import table_of
from leocourse.core.paths import course_root

PEOPLE = 100


def score(right, given, people=True):
    """The credit for a table of ``who`` and columns of values, beside the right one."""
    specification = {
        "name": "q", "title": "Q", "points": 2.0, "identity": ["who"], "unit": "person", "people": people,
        "columns": dict.fromkeys(right, "number"), "ordered": False, "tolerance": {"z": 1e-6}, "calls": [{}],
        "universe": None, "labels": {}, "lesson": "", "misconceptions": {},
    }  # fmt: skip
    mark = salt(specification, 0)
    key = [{"right": fingerprint(Hashes(table_of(pd.DataFrame(right)), specification, mark)), "misconceptions": {}}]
    answers = run_calls(specification, pd.DataFrame(given), duckdb.connect)
    return judge(specification, answers, key).credit


WHO = list(range(PEOPLE))
FLAG = [int(each % 4 == 0) for each in WHO]
Z = [each / 10 - 4.03 for each in WHO]


@pytest.mark.parametrize(
    ("right", "given", "credit"),
    [
        ({"flag": FLAG}, {"flag": FLAG}, 1),
        ({"flag": FLAG}, {"flag": [0] * PEOPLE}, 0),  # a constant knows nothing
        ({"flag": FLAG}, {"flag": [1] * PEOPLE}, 0),
        ({"flag": FLAG}, {"flag": [1 - each for each in FLAG]}, 0),  # the wrong way round
        ({"z": Z}, {"z": [-each for each in Z]}, 0),
        ({"z": Z}, {"z": [None] * PEOPLE}, 0),
        ({"z": Z}, {"z": [*Z[:50], *(each + 1 for each in Z[50:])]}, 0.5),
        ({"flag": FLAG}, {"flag": [*FLAG[:90], *(1 - each for each in FLAG[90:])]}, 0.5),
        ({"flag": FLAG, "z": Z}, {"flag": [0] * PEOPLE, "z": Z}, 0.5),  # the other column is right
        ({"flag": FLAG, "z": Z}, {"flag": [0] * PEOPLE, "z": [-each for each in Z]}, 0),
        ({"flag": [1] * PEOPLE, "z": Z}, {"flag": [1] * PEOPLE, "z": [-each for each in Z]}, 0.5),
    ],
)
def test_the_right_people_earn_half_only_beside_values_that_are_right_in_part(right, given, credit):
    assert score({"who": WHO, **right}, {"who": WHO, **given}) == credit
    if credit < 1:
        assert score({"who": WHO, **right}, {"who": WHO, **given}, people=False) == 0


def test_a_label_that_is_a_value_is_no_identity():
    question = load_question(course_root() / "solutions" / "02-cohort-construction" / "questions" / "q04.py")
    assert question.identity == ("pmr",) and "kept_because" not in question.universe
