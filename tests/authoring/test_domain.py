"""A question says for what arguments it is asked, and slips what they change: alone, and two at once."""

from __future__ import annotations

import random

import duckdb
import pytest

from leocourse.authoring.keys import as_marked, question_key
from leocourse.authoring.question import Assignment, Misconception, Question, calls_of
from leocourse.authoring.shorthand import varied
from leocourse.checks.assignment import run_calls
from leocourse.checks.judge import judge

YEARS = range(2004, 2022)


def people(con, year, least=5, days=1, new=2014):
    """Some people with days that depend on the year, by a rule that changes."""
    times = 2 if year >= new else 3
    return con.sql(
        f"SELECT range AS ae_id, {days} * (range * {times} + {year}) AS days FROM range(60) WHERE range >= {least}"
    )


def slip(name, **changes):
    return Misconception(name, f"{name}.", f"You did {name}.", "Lesson", changes=changes)


def question(**more):
    given = {
        "name": "q1", "title": "Days", "answer_name": "days", "kind": "function", "points": 1, "unit": "person",
        "columns": {"ae_id": "number", "days": "number"}, "identity": ("ae_id",), "people": True, "lesson": "Lesson",
        "reference_sql": people, "reference_pandas": people, "make": varied(people), "domain": {"year": YEARS},
        "boundaries": {"year": (2014,)},
        "misconceptions": (slip("later", least=9), slip("earlier", least=2), slip("seven", days=7), slip("hours", days=24)),
    }  # fmt: skip
    return Question(**given | more)


def checked(asked, given, con):
    found = run_calls(asked.specification(), given, duckdb.connect)
    return judge(asked.specification(), found, question_key(asked, con))


def test_the_calls_are_the_ends_and_both_sides_of_each_boundary():
    assert [each["year"] for each in question().calls] == [2004, 2013, 2014, 2021]
    two = calls_of({"first": range(3), "last": range(5, 8)}, {"last": (6,)})
    assert two == ({"first": 0, "last": 5}, {"first": 2, "last": 5}, {"first": 0, "last": 6}, {"first": 0, "last": 7})


@pytest.mark.parametrize("new", [2013, 2015])
def test_a_threshold_one_year_off_is_refused(new):
    with duckdb.connect() as con:
        assert checked(question(), varied(people)(new=new), con).status != "right"
        assert checked(question(), people, con).status == "right"


def test_marking_calls_all_of_a_quick_domain_and_draws_from_another():
    quick = question(quick=True).marked(random.Random(1))
    assert sorted(each["year"] for each in quick.calls) == list(YEARS)
    drawn = {
        tuple(each["year"] for each in as_marked(Assignment("a", "A", (question(),)), seed).questions[0].calls)
        for seed in range(20)
    }
    assert len(drawn) > 5 and all(each[:4] == (2004, 2013, 2014, 2021) and len(set(each)) == 6 for each in drawn)


def test_slips_that_are_changes_are_named_alone_and_together():
    with duckdb.connect() as con:
        asked = question()
        assert [(one.name, other.name) for one, other in asked.pairs()] == [
            ("later", "seven"), ("later", "hours"), ("earlier", "seven"), ("earlier", "hours"),
        ]  # fmt: skip
        assert checked(asked, varied(people)(least=9), con).misconception == "later"
        both = checked(asked, varied(people)(least=2, days=24), con)
        assert "You did earlier." in both.message and "You did hours." in both.message


def test_a_question_says_what_its_records_say_of_people():
    words = {"are older than {year}": "SELECT range FROM range(60) WHERE range > 30"}
    asked = question(attributes=words, make=None, misconceptions=())

    def wrong(con, year):
        return con.sql(
            f"SELECT ae_id, CASE WHEN ae_id > 30 THEN 0 ELSE days END AS days FROM ({people(con, year).sql_query()})"
        )

    with duckdb.connect() as con:
        message = checked(asked, wrong, con).message
    assert "All 29 persons that are wrong are older than 2004; of 26 others none do." in message
