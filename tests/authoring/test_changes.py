"""Changes that nobody wrote down: read off the reference, recognised in an answer's own rows, and never a right one."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from leocourse.authoring.changes import changes, sql_of
from leocourse.authoring.keys import question_key
from leocourse.authoring.question import Misconception, Question
from leocourse.checks.evaluate import evaluate
from leocourse.checks.judge import judge

ROWS = """
    CREATE TABLE pay AS
    SELECT n AS ae_id, 2010 + n % 4 AS year, n % 7 AS status, n * 37 % 101 AS days, n % 5 = 0 AS twice
    FROM range(1, 401) AS r(n);
    CREATE TABLE homes AS SELECT n AS ae_id, CASE WHEN n % 9 > 0 THEN n % 3 END AS region FROM range(1, 401, 3) AS r(n)
"""
SQL = """
    SELECT p.ae_id, p.days, COALESCE(h.region, 0) AS region
    FROM pay AS p LEFT JOIN homes AS h ON h.ae_id = p.ae_id
    WHERE p.year = 2012 AND p.status IN (1, 2, 3) AND p.days >= 20
"""
QUESTION = Question(
    name="q1", title="Pay", answer_name="q1", kind="sql", points=2.0, lesson="L", unit="person", people=True,
    columns={"ae_id": "number", "days": "number", "region": "number"}, identity=("ae_id",),
    reference_sql=SQL, reference_pandas=SQL,
)  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    with duckdb.connect() as con:
        con.execute(ROWS)
        yield con


def said(sql, con, question=QUESTION, call=0):
    key = question_key(question, con, alike=set())
    given = [evaluate(sql, con, each) for each in question.calls]
    return judge(question.specification(), given, key)


@pytest.mark.parametrize(("old", "new", "words"), [
    ("p.status IN (1, 2, 3) AND ", "", "without the condition `status IN (1, 2, 3)`"),
    ("p.year = 2012 AND", "", "without the condition `year = 2012`"),
    ("2012", "2013", "with `2013` in place of `2012`"),
    ("LEFT JOIN", "JOIN", "who have no row in homes"),
    ("(1, 2, 3)", "(1, 2)", "if 3 is left out of the values of status"),
    ("p.days >= 20", "p.days < 20", "with `days < 20` in place of `days >= 20`"),
    ("COALESCE(h.region, 0)", "h.region", "region is missing in"),
])  # fmt: skip
def test_a_change_is_said_with_its_evidence(old, new, words, tables):
    result = said(SQL.replace(old, new), tables)
    assert words in result.message and result.findings[0].evidence, result.message
    assert result.misconception is None


@pytest.mark.parametrize(
    ("old", "new"), [("status = 2", "status = 3"), ("status = 2", "status <> 2"), ("< 60", "< 59")]
)
def test_a_small_number_one_off_and_the_opposite_of_a_condition_are_recognised(old, new, tables):
    sql = "SELECT ae_id, days, status AS region FROM pay WHERE status = 2 AND days < 60"
    result = said(sql.replace(old, new), tables, replace(QUESTION, reference_sql=sql, reference_pandas=sql))
    assert "What you have is what comes out with `" in result.message, result.message
    assert f"{new}` in place of `" in result.message and f"{old}`." in result.message, result.message


@pytest.mark.parametrize("near", ["days < 0", "days >= 0 AND status < 100"])
def test_an_empty_answer_and_one_value_for_all_prove_no_change(near, tables):
    """Nobody is in status 7: with it for 6 there is nobody, and 0 for everybody, as with many another condition."""
    nobody = "SELECT ae_id, days, status AS region FROM pay WHERE status = 6"
    flag = "SELECT ae_id, days, CASE WHEN status = 6 THEN 1 ELSE 0 END AS region FROM pay WHERE days < 100"
    for sql, new in ((nobody, "status = 60"), (flag, f"status = 6 AND NOT ({near})")):
        question = replace(QUESTION, reference_sql=sql, reference_pandas=sql)
        assert "What you have" not in said(sql.replace("status = 6", new), tables, question).message


def test_it_is_recognised_however_the_answer_was_written(tables):
    result = said("""
        WITH kept AS (FROM pay SELECT ae_id, days WHERE year = 2012 AND status BETWEEN 1 AND 3)
        SELECT days, k.ae_id, COALESCE((SELECT MAX(region) FROM homes AS h WHERE h.ae_id = k.ae_id), 0) AS region
        FROM kept AS k
    """, tables)  # fmt: skip
    assert "What you have is what comes out without the condition `days >= 20`." in result.message


@pytest.mark.parametrize("near", [
    SQL.replace("p.days >= 20", "p.days >= 45"),
    SQL.replace("p.year = 2012", "p.year = 2012 AND p.ae_id > 60"),
    SQL.replace("p.status IN (1, 2, 3)", "p.status IN (2, 6)"),
    SQL.replace("p.days,", "p.days * 3 + 7 AS days,"),
])  # fmt: skip
def test_what_is_only_near_gets_no_such_words(near, tables):
    assert "What you have is what comes out" not in said(near, tables).message


def test_a_right_answer_stays_right_and_a_slip_keeps_its_name(tables):
    assert said(SQL, tables).status == "right"
    slip = Misconception("late", "Late.", "You took the year after.", "L", SQL.replace("2012", "2013"))
    named = replace(QUESTION, misconceptions=(slip,))
    result = said(SQL.replace("2012", "2013"), tables, named)
    assert result.misconception == "late" and "comes out" not in result.message


def by_year(con, year):
    return con.sql(f"SELECT ae_id, days FROM pay WHERE year = {year} AND status < 5")


def test_a_function_is_asked_for_the_years_beside_its_own(tables):
    question = replace(
        QUESTION, kind="function", columns={"ae_id": "number", "days": "number"}, reference_sql=by_year,
        calls=({"year": 2011}, {"year": 2012}),
    )  # fmt: skip
    result = said(lambda con, year: by_year(con, year - 1), tables, question)
    assert "with year = 2010 in place of 2011" in result.message


def test_a_reference_that_is_not_one_query_has_only_other_arguments(tables):
    def two(con, year):
        con.sql("SELECT 1")
        return by_year(con, year)

    assert sql_of(two, tables, {"year": 2011}) == ""
    found = changes(replace(QUESTION, reference_sql=two), tables, {"year": 2011})
    assert [each.arguments for each in found] == [{"year": 2010}, {"year": 2012}]


def test_a_tax_year_and_an_academic_year_are_moved_as_they_are_written(tables):
    sql = "SELECT 1 AS ae_id WHERE '201718' = '2011/2012' AND 201920 > 12"
    words = " ".join(each.words for each in changes(replace(QUESTION, reference_sql=sql), tables, {}))
    assert all(each in words for each in ("201617", "201819", "2010/2011", "2012/2013", "202021"))


def test_what_stands_in_several_places_is_changed_in_all_of_them_or_in_one(tables):
    sql = """
        SELECT p.ae_id, COUNT(*) AS days, COUNT(*) AS region
        FROM pay AS p JOIN pay AS other ON other.ae_id = p.ae_id + 1
        WHERE p.year = 2012 AND p.days > 20 AND other.days > 20 GROUP BY p.ae_id
    """
    words = [each.words for each in changes(replace(QUESTION, reference_sql=sql), tables, {})]
    assert "with `days >= 20` in place of `days > 20`" in words and len(words) == len(set(words))
    both = "SELECT ae_id, days FROM pay WHERE year = 2012 UNION ALL SELECT ae_id, days FROM pay WHERE year = 2011"
    words = [each.words for each in changes(replace(QUESTION, reference_sql=both), tables, {})]
    assert {"with every year one earlier", "with every year one later"} <= set(words)


def test_the_same_thing_in_every_census_is_changed_in_all_of_them():
    sql = " UNION ALL ".join(
        f"SELECT {year} AS census, sex_spr{year % 100} AS sex FROM npd.spring_census_{year} WHERE age_spr{year % 100} > 11"
        for year in (2015, 2016)
    )
    found = {each.words: each.sql for each in changes(replace(QUESTION, reference_sql=sql), duckdb, {})}
    assert found["if only rows with `recordstatus < 100` are taken"].count("recordstatus_spr") == 2
    assert found["with `age >= 11` in place of `age > 11`"].count(">=") == 2
    assert "spring_census_2016" in found["with each view that of the year after"]
    assert "sex_spr14" in found["with each view that of the year before"]
