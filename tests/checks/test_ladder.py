"""Every message of the ladder, each with a wrong answer that triggers it, on a small question."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import duckdb
import matplotlib
import pandas as pd
import pytest

from leocourse.checks.answer import STUB, NotAttempted, Stopped
from leocourse.checks.assignment import Check, assignment, run_calls
from leocourse.checks.evaluate import evaluate
from leocourse.checks.fingerprint import Hashes, fingerprint
from leocourse.checks.judge import judge, salt
from leocourse.checks.tables import plain, table_of
from leocourse.core.errors import LeoError

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SPECIFICATION = {
    "name": "q", "title": "Days of three people", "answer_name": "q", "kind": "sql", "points": 4.0,
    "columns": {"ae_id": "number", "born": "date", "days": "number"}, "identity": ["ae_id"], "unit": "person",
    "people": True, "ordered": True, "tolerance": {"days": 0.5}, "calls": [{}], "universe": None, "labels": {},
    "lesson": "Measuring earnings", "hints": ["Count."], "misconceptions": {},
}  # fmt: skip
RIGHT = pd.DataFrame(
    {"ae_id": [1, 2, 3], "born": ["1990-01-01", "1991-02-02", "1992-03-03"], "days": [365.0, 20.5, None]}
)


def key(specification=SPECIFICATION, right=RIGHT):
    return [
        {"right": fingerprint(Hashes(table_of(right), specification, salt(specification, 0))), "misconceptions": {}}
    ]


def check(given, specification=SPECIFICATION, right=RIGHT):
    return judge(specification, run_calls(specification, given, duckdb.connect), key(specification, right))


def changed(column, row, value):
    frame = RIGHT.astype(object)
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("given", "status", "words", "credit"),
    [
        (None, "not attempted", "no answer yet", 0),
        (..., "not attempted", "no answer yet", 0),
        ("", "not attempted", "no answer yet", 0),
        (f"\n{STUB}\n", "not attempted", "no answer yet", 0),
        ("-- only a comment", "not attempted", "no answer yet", 0),
        (lambda con: None, "not attempted", "no answer yet", 0),
        (lambda con: NotImplemented, "stopped", "Expected a table", 0),
        ("SELEC 1", "stopped", "Your SQL stopped. Parser Error: syntax error", 0),
        ("SELECT * FROM nowhere", "stopped", "Table with name nowhere does not exist", 0),
        ("CREATE TABLE t(a INT)", "stopped", "end with a SELECT", 0),
        (lambda con: 1 / 0, "stopped", "ZeroDivisionError: division by zero (line", 0),
        (lambda con, more: None, "stopped", "TypeError", 0),
        (object(), "stopped", "got object", 0),
        ("SELECT 1 AS a, 2 AS a", "not right yet", "Missing columns: ae_id, born, days. Your answer has: a", 0),
        (RIGHT[["ae_id", "days"]], "not right yet", "Missing column: born. Your answer has: ae_id, days.", 0),
        (changed("days", 0, "many"), "not right yet", "Column days should hold numbers, but holds a mixture", 0),
        (RIGHT.assign(born="January"), "not right yet", "Column born should hold dates, but holds text", 0),
        (changed("ae_id", 2, 9), "not right yet", "1 person should not be there, such as ae_id 9, and one is missing in its place, such as ae_id 3.", 0),
        (RIGHT[:2], "not right yet", "1 person is missing, such as ae_id 3.", 0),
        (RIGHT[:1], "not right yet", "2 persons are missing, such as ae_id", 0),
        (pd.concat([RIGHT, RIGHT[:1]]), "partly right", "1 person has more than one row: ae_id 1 has 2.", 0.5),
        (changed("days", 1, 22), "partly right", "days is wrong for 1 person of 3. For ae_id 2 expected 20.5, got 22.", 0.5),
        (changed("days", 2, 0), "partly right", "expected a missing value, got 0.", 0.5),
        (RIGHT[::-1], "partly right", "not in the order asked for: ae_id 3 should not be in row 1", 0.9),
        (RIGHT, "right", "", 1),
        (changed("days", 1, 20.7), "right", "", 1),
        (RIGHT.assign(born=pd.to_datetime(RIGHT["born"])), "right", "", 1),
        (RIGHT.set_index("ae_id"), "right", "", 1),
    ],
)  # fmt: skip
def test_the_first_failure_speaks(given, status, words, credit):
    result = check(given)
    assert (result.status, result.credit) == (status, credit), str(result)
    assert words in result.message
    assert result.score == credit * 4


def test_a_single_value_is_an_answer():
    one = {**SPECIFICATION, "columns": {"value": "number"}, "identity": [], "people": False, "ordered": False,
           "tolerance": {}}  # fmt: skip
    right = pd.DataFrame({"value": [42]})
    assert check(lambda con: 42.0, one, right).status == "right"
    wrong = check(lambda con: 41, one, right)
    assert wrong.status == "not right yet" and wrong.credit == 0
    assert wrong.message == "value is wrong for 1 person of 1. For row 1 expected 42, got 41."


def test_each_call_is_checked_and_the_worst_speaks():
    twice = {**SPECIFICATION, "calls": [{"year": 1}, {"year": 2}], "ordered": False}
    keys = [
        {**key(twice)[0], "right": fingerprint(Hashes(table_of(RIGHT), twice, salt(twice, call)))} for call in (0, 1)
    ]
    answers = [table_of(RIGHT), table_of(RIGHT[:2])]
    result = judge(twice, answers, keys)
    assert result.message.startswith("With year = 2: 1 person is missing")


def test_a_figure_is_read_as_its_points_and_labels():
    specification = {
        **SPECIFICATION, "columns": {"x": "number", "y": "number"}, "identity": ["x"], "people": False, "unit": "point",
        "ordered": False, "tolerance": {"y": 0.01}, "labels": {"title": "simulated", "y label": "%|per cent"},
    }  # fmt: skip
    right = pd.DataFrame({"x": [2010, 2011], "y": [50.0, 60.0]})

    def figure(kind, y=(50, 60), title="Simulated", label="Share (%)"):
        _, axes = plt.subplots()
        {"line": lambda: axes.plot([2010, 2011], y), "bars": lambda: axes.bar(["2010", "2011"], y),
         "points": lambda: axes.scatter([2010, 2011], y)}[kind]()  # fmt: skip
        axes.set(title=title, ylabel=label)
        plt.close(axes.figure)
        return axes

    for kind in ("line", "bars", "points"):
        assert check(figure(kind), specification, right).status == "right", kind
    assert "no title" in check(figure("line", title=""), specification, right).message
    assert "say '%' or 'per cent' in it" in check(figure("line", label="Share"), specification, right).message
    assert "y is wrong for 1 point of 2" in check(figure("bars", y=(50, 61)), specification, right).message
    assert check(plt.figure().subplots(), specification, right).message.startswith("Your figure has no points")
    guided = figure("line")
    guided.axhline(55, color="grey")  # a guide is no point of the data
    assert check(guided, specification, right).status == "right"
    unlabelled = check(figure("line", title=""), specification, right)
    assert (unlabelled.status, unlabelled.credit) == ("partly right", 0.75)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3.0, 3), (True, 1), (float("nan"), None), (pd.NA, None), (pd.NaT, None), (float("inf"), float("inf")),
     (pd.Timestamp("2012-04-06"), "2012-04-06"), (b"ab", "ab"), ("ab  ", "ab"), (2.5, 2.5)],
)  # fmt: skip
def test_values_are_brought_to_one_form(value, expected):
    assert plain(value) == expected


def test_statements_before_the_last_are_run_and_stay_private(con):
    answer = evaluate("CREATE TEMP TABLE t AS SELECT 7 AS a; SELECT * FROM t", con)
    assert answer.columns == {"a": [7]}


def test_an_answer_may_make_tables_in_every_call():
    twice = {**SPECIFICATION, "calls": [{"year": 1}, {"year": 2}]}

    def given(con, year):
        con.execute("CREATE TABLE mine AS SELECT 1 AS ae_id")
        return con.sql("SELECT * FROM mine")

    assert [answer.columns for answer in run_calls(twice, given, duckdb.connect)] == [{"ae_id": [1]}] * 2


def test_a_runaway_answer_is_cut(con):
    with pytest.raises(Stopped, match="Is a join condition missing"):
        evaluate("SELECT * FROM range(2000000)", con)


def test_a_stub_in_a_function_is_not_attempted(con):
    def stub(con):
        raise NotImplementedError

    with pytest.raises(NotAttempted):
        evaluate(stub, con)


def test_unknown_questions_and_assignments_are_one_clear_line(con):
    with pytest.raises(LeoError, match="Unknown question 'q99': 06-table-for-release has q0, q1"):
        assignment("06-table-for-release")("q99", "SELECT 1")
    with pytest.raises(LeoError, match="No key for the assignment 'nope'.*there are keys for 01-first"):
        assignment("nope")
    with pytest.raises(LeoError, match="has hints 1 to 3"):
        assignment("06-table-for-release").hint("q1", 9)


def test_while_marking_a_check_says_nothing(monkeypatch):
    monkeypatch.setenv("LEO_MARKING", "1")
    result = assignment("06-table-for-release")("q1", "SELECT 1")
    assert isinstance(result.score, float) and result.score == 0 and result.status == "marked later"


def test_what_a_learner_wrote_is_escaped_in_the_notebook():
    page = check('SELECT 1 AS "<script>alert(1)</script>"').html()
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_errors_show_as_one_line_in_a_notebook():
    assert LeoError("Nothing there.")._render_traceback_() == ["LeoError: Nothing there."]


def test_an_unknown_table_is_one_line_in_a_notebook(lesson):
    """Run as a notebook does: the error reaches the reader without a traceback, and still counts as one."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell._showtraceback = lambda kind, value, lines: print('SHOWN', lines)\n"
        "shell.run_cell('import leocourse as leo; con = leo.connect()')\n"
        "result = shell.run_cell('con.sql(\"SELECT * FROM leo_i2.p.leo_pay\")')\n"
        "print('FAILED', result.error_in_exec is not None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "LEO_EXTRACT": str(lesson)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert "SHOWN ['CatalogException" in done.stdout and "FAILED True" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_key_is_plain_json():
    assert Check("a", json.loads(json.dumps({"questions": [{"specification": SPECIFICATION, "calls": key()}]})))


def test_one_of_several_rows_about_a_person_is_not_enough():
    """Trailing blanks do not count in a text, so two groups of the right answer can be about one."""
    several = pd.DataFrame({"ae_id": [1, 2, 2], "born": ["1990-01-01"] * 3, "days": [365.0, 20.5, None]})
    assert check(lambda con: several, right=several).status == "right"
    for left_out in (1, 2):
        result = check(lambda con, left_out=left_out: several.drop(left_out), right=several)
        assert result.status == "not right yet" and "missing" in result.message, left_out
