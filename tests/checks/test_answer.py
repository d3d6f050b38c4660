"""What SQL gives becomes an answer: all of its rows, or words that say why there is none."""

from __future__ import annotations

import duckdb
import pytest

from leocourse.checks.answer import ROW_LIMIT, NotAttempted, Stopped
from leocourse.checks.evaluate import evaluate


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("SET threads = 1; CREATE TABLE pay AS SELECT range AS person, range % 3 AS band FROM range(9)")
        yield con


def test_no_row_is_lost_of_a_result_that_comes_in_thousands_of_small_parts(con):
    sql = (
        "SELECT range AS n, CASE WHEN range % 2 = 0 THEN range END AS even FROM range(6_000_000) WHERE range % 999 = 0"
    )
    answer = evaluate(sql, con)
    expected = list(range(0, 6_000_000, 999))
    assert answer.columns == {"n": expected, "even": [n if n % 2 == 0 else None for n in expected]}


def test_columns_of_the_same_name_are_told_apart_as_duckdb_does(con):
    answer = evaluate("SELECT 1 AS a, 2 AS A, 3 AS a, 4 AS b", con)
    assert answer.columns == {"a": [1], "a_1": [2], "a_2": [3], "b": [4]}


def test_every_type_becomes_a_plain_value(con):
    sql = """
        SELECT 7::HUGEINT AS big, 2.50::DECIMAL(5, 2) AS pounds, 3::DOUBLE AS whole, 'nan'::DOUBLE AS nothing,
               DATE '2020-04-06' AS day, TIMESTAMP '2020-04-06 00:00:00' AS midnight, true AS yes, 'x ' AS code,
               NULL AS missing, TIMESTAMP '2020-04-06 09:30:00' AS moment, 'a'::ENUM('a', 'b') AS kind
    """
    expected = {
        "big": 7, "pounds": 2.5, "whole": 3, "nothing": None, "day": "2020-04-06", "midnight": "2020-04-06",
        "yes": 1, "code": "x", "missing": None, "moment": "2020-04-06T09:30:00", "kind": "a",
    }  # fmt: skip
    answer, through_pandas = evaluate(sql, con), evaluate(lambda con: con.sql(sql).df(), con)
    assert {name: values[0] for name, values in answer.columns.items()} == expected
    assert answer.columns == through_pandas.columns
    assert {name: type(values[0]) for name, values in answer.columns.items()} == {
        name: type(value) for name, value in expected.items()
    }


@pytest.mark.parametrize("form", [lambda con: con.sql("FROM pay"), lambda con: con.execute("FROM pay")])
def test_a_relation_and_an_executed_query_give_all_their_rows(con, form):
    answer = evaluate(form, con)
    assert answer.columns == {"person": list(range(9)), "band": [n % 3 for n in range(9)]}


def test_a_relation_that_was_looked_into_gives_all_its_rows(con):
    relation = con.sql("SELECT person FROM pay ORDER BY person")
    assert (relation.fetchone() if duckdb.__version__ < "2" else relation.limit(1).fetchall()[0]) == (0,)
    assert evaluate(relation, con).columns == {"person": list(range(9))}


def test_a_time_with_a_zone_is_text(con):
    answer = evaluate("SELECT TIMESTAMPTZ '2020-01-01 00:00:00+00' AS made, person FROM pay", con)
    assert answer.rows == 9 and {type(value) for value in answer.columns["made"]} == {str}


def test_a_result_without_rows_keeps_its_columns(con):
    assert evaluate("SELECT person, band FROM pay WHERE band > 5;", con).columns == {"person": [], "band": []}


def test_a_result_that_is_far_too_large_is_refused_without_being_computed(con):
    with pytest.raises(Stopped, match="Is a join condition missing"):
        evaluate("SELECT a.range FROM range(1_000_000_000) AS a, range(1_000) AS b", con)
    assert evaluate(f"SELECT range FROM range({ROW_LIMIT})", con).rows == ROW_LIMIT


@pytest.mark.parametrize("sql, rows", [
    ("CREATE TABLE made AS SELECT 1 AS n; SELECT n FROM made", 1),
    ("FROM pay", 9), ("VALUES (1), (2)", 2), ("WITH a AS (FROM pay) SELECT band FROM a GROUP BY band", 3),
    ("PIVOT pay ON band USING count(*)", 9), ("INSERT INTO pay VALUES (9, 0), (10, 1) RETURNING person", 2),
    ("SELECT person FROM pay ORDER BY person DESC LIMIT 4; -- the last four", 4),
])  # fmt: skip
def test_the_last_statement_is_the_answer(con, sql, rows):
    assert evaluate(sql, con).rows == rows


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE made AS SELECT 1 AS n", "INSERT INTO pay VALUES (9, 0)", "SET threads = 1"]
)
def test_sql_that_gives_no_rows_is_told_to_end_with_a_select(con, sql):
    with pytest.raises(Stopped, match="end with a SELECT"):
        evaluate(sql, con)


@pytest.mark.parametrize("sql", [";", " ; ;", "-- later", "...  # YOUR ANSWER HERE"])
def test_sql_without_a_statement_is_not_attempted(con, sql):
    with pytest.raises(NotAttempted):
        evaluate(sql, con)


def test_what_goes_wrong_while_rows_are_fetched_is_told(con):
    with pytest.raises(Stopped, match="Your SQL stopped.*Could not convert"):
        evaluate("SELECT CAST(CASE WHEN person = 8 THEN 'x' ELSE '1' END AS INTEGER) AS n FROM pay", con)


def test_where_things_stand_in_a_figure_is_a_number_or_the_category_that_is_written_there():
    import matplotlib.pyplot as plt

    _, (numbers, words) = plt.subplots(1, 2)
    numbers.plot([1_000_000_000, 1_000_000_050, 1_000_000_100], [1, 2, 3])  # drawn as 0, 50 and 100 and an offset
    words.bar(["men", "women"], [4, 5])
    plt.gcf().canvas.draw()
    found = [evaluate(axes, None).columns for axes in (numbers, words)]
    plt.close("all")
    assert found[0] == {"x": [1_000_000_000, 1_000_000_050, 1_000_000_100], "y": [1, 2, 3]}
    assert found[1] == {"x": ["men", "women"], "y": [4, 5]}
