"""Why there is no answer: what failed in a cell, what came in place of a table or a figure. Evidence only."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import matplotlib
import numpy as np
import pandas as pd
import pytest

from leocourse.checks.answer import ROW_LIMIT, NotAttempted, Stopped
from leocourse.checks.cells import Cells, names
from leocourse.checks.errors import describe, strange
from leocourse.checks.evaluate import evaluate

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import seaborn as sns

SQL = "SELECT range AS n, range * 2 AS twice FROM range(3)"
ROWS = {"n": [0, 1, 2], "twice": [0, 2, 4]}


@dataclass
class Row:
    n: int
    twice: int


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


@pytest.mark.parametrize("form", [
    lambda con: con.sql(SQL).arrow(),
    lambda con: con.sql(SQL).to_arrow_table(),
    lambda con: con.sql(SQL).to_arrow_table().combine_chunks().to_batches()[0],
    lambda con: con.sql(SQL).fetchnumpy(),
    lambda con: con.sql(SQL).pl(),
    lambda con: con.sql(SQL).df().to_dict("records"),
    lambda con: con.sql(SQL).df().to_records(index=False),
    lambda con: list(con.sql(SQL).df().itertuples(index=False)),
    lambda con: [Row(n, 2 * n) for n in range(3)],
    lambda con: con.sql(SQL).df().style,
    lambda con: con.execute(SQL),
    lambda con: SQL,
])  # fmt: skip
def test_a_right_answer_is_taken_in_whatever_form_a_person_hands_it_over(con, form):
    assert evaluate(form, con).columns == ROWS
    assert evaluate(form(con), con).columns == ROWS


@pytest.mark.parametrize(
    "value", [np.int64(5), np.float64(5), np.array(5), (5,), pd.Series([5], name="value"), {"value": 5}]
)
def test_a_single_number_is_an_answer_whatever_it_is_made_of(con, value):
    assert evaluate(lambda con: value, con).columns == {"value": [5]}


def test_what_can_be_read_only_once_is_there_for_a_second_check(con):
    for form in (lambda: con.sql(SQL).arrow(), lambda: con.execute(SQL)):
        once = form()
        assert [evaluate(once, con).columns for _ in range(3)] == [ROWS] * 3


def test_a_reader_that_was_read_says_so_and_one_that_is_too_large_stays_so(con):
    reader = con.sql(SQL).arrow()
    reader.read_all()
    assert "only once" in evaluate(reader, con).caution
    assert not evaluate(con.sql(SQL).arrow(), con).caution
    large = con.sql(f"SELECT * FROM range({3 * ROW_LIMIT})").arrow()
    for _ in range(2):
        with pytest.raises(Stopped, match="more than any question asks for"):
            evaluate(large, con)


def test_a_connection_is_no_answer_before_it_has_executed_something(con):
    with pytest.raises(Stopped, match="nothing was executed"):
        evaluate(con, con)


def forgot(con):
    con.sql(SQL)


def printed(con):
    print("3 rows")


def shown(con):
    con.sql(SQL).show()


def displayed(con):
    display(con.sql(SQL).df())  # noqa: F821


def drawn(con):
    plt.plot([1, 2])
    plt.show()


def one_way_only(con, wanted=False):
    if wanted:
        return con.sql(SQL)


def in_place(con):
    return con.sql(SQL).df().sort_values("n", inplace=True)


FORGOT, PRINTED = "did you forget `return`?", "It printed something"


@pytest.mark.parametrize(("function", "said", "not_said"), [
    (forgot, [FORGOT], [PRINTED, "display", "plt.show"]),
    (printed, [FORGOT, PRINTED], ["display", "plt.show"]),
    (shown, [FORGOT, PRINTED], ["plt.show"]),
    (displayed, [FORGOT, "`display`"], [PRINTED]),
    (drawn, [FORGOT, "plt.show()"], [PRINTED]),
    (one_way_only, ["without reaching its `return`"], [FORGOT]),
    (in_place, ["what stands after `return` is None"], [FORGOT, PRINTED]),
])  # fmt: skip
def test_a_function_that_returned_nothing_is_told_so(con, function, said, not_said, monkeypatch):
    monkeypatch.setattr("builtins.display", lambda *_: None, raising=False)
    with pytest.raises(Stopped, match="returned nothing") as error:
        evaluate(function, con)
    assert all(words in str(error.value) for words in said) and not any(w in str(error.value) for w in not_said)
    plt.close("all")


def stub(con):
    """Only what was handed out."""
    ...  # YOUR ANSWER HERE


@pytest.mark.parametrize("function", [stub, lambda con: None, lambda con: ...])
def test_a_function_as_it_was_handed_out_is_not_attempted(con, function):
    with pytest.raises(NotAttempted):
        evaluate(function, con)


def figures():
    fig, ax = plt.subplots()
    line = ax.plot([1, 2], [1, 2])
    two, several = plt.subplots(1, 2)
    frame = pd.DataFrame({"x": [1, 2], "y": [1, 2]})
    return {
        "a Figure": (fig, "here it is `fig.axes[0]`"),
        "a Figure of two": (two, "this one has 2"),
        "both": ((fig, ax), "return ax"),
        "an array": (several, "with 2 Axes in it"),
        "a list": ([ax], "with one Axes in it"),
        "lines": (line, "Line2D"),
        "bars": (ax.bar([1], [1]), "Return the Axes that it was drawn on"),
        "a title": (ax.set_title("x"), "Return the Axes that it was drawn on"),
        "the module": (plt, "the module matplotlib.pyplot: return Axes"),
        "a FacetGrid": (sns.relplot(frame, x="x", y="y"), "`grid.ax`"),
        "a JointGrid": (sns.jointplot(frame, x="x", y="y"), "`grid.ax_joint`"),
    }


def test_what_comes_in_place_of_axes_is_told_what_to_return(con):
    for name, (value, words) in figures().items():
        with pytest.raises(Stopped) as error:
            evaluate(lambda con, value=value: value, con)
        assert words in str(error.value), f"{name}: {error.value}"
    plt.close("all")


@pytest.mark.parametrize(("value", "words"), [
    (lambda con: con.sql(SQL).fetchall(), "without names of columns"),
    (lambda con: con.sql(SQL).fetchall()[0], "without names of columns"),
    (lambda con: con.sql(SQL).df().values, "without names of columns"),
    (lambda con: [con.sql(SQL).df()] * 2, "of 2 tables"),
    (lambda con: con.sql(SQL).df().groupby("n"), "nothing was computed yet"),
    (lambda con: con.sql(SQL).df, "method `df`"),
    (lambda con: (each for each in [1]), "generator"),
    (lambda con: forgot, "the function `forgot`"),
    (lambda con: {"n": [1, 2], "twice": [1]}, "the same length"),
    (lambda con: object(), "got object"),
])  # fmt: skip
def test_what_is_no_table_is_told_what_it_is(con, value, words):
    with pytest.raises(Stopped) as error:
        evaluate(value, con)
    assert words in str(error.value)


def test_a_method_that_was_not_called_is_not_called_by_the_check(con):
    with pytest.raises(Stopped, match="put brackets after it"):
        evaluate(con.sql(SQL).df().head, con)


@pytest.mark.parametrize(("code", "found"), [
    ('q1 = """\nSELECT', {"q1"}), ("def q1(con:\n    x = 1", {"q1"}), ("a, q1 = (", {"a", "q1"}), ("q1: str = (", {"q1"}),
    ("q1\u00a0= “x”", {"q1"}), ("%%sql q1 <<\nSELECT 1", {"q1"}), ("  q1 = (", {"q1"}), ("a = q1 = (", {"a", "q1"}),
    ("<<<<<<< a\nq1 = 1\n=======\nq1 = 2\n>>>>>>> b", {"q1"}), ("async def q1(", {"q1"}),
    ("q1 == (", set()), ("print(q1 = (", set()), ("# q1 = (\n)", set()), ("def f(:\n    q1 = 1", {"f"}), ("q1(", set()),
    ("q1 = 5", {"q1"}), ("print(q1)", set()), ("if a:\n    q1 = 1", {"a"} - {"a"} | {"q1"}),
])  # fmt: skip
def test_the_names_that_a_cell_would_define_are_seen_in_its_text(code, found):
    assert names(code) == found


def failed(code):
    """What running code as a cell raises."""
    try:
        exec(compile(code, "<cell>", "exec"), {})
    except BaseException as error:
        return error.with_traceback(error.__traceback__.tb_next)  # not through this file


def test_only_a_cell_that_would_define_a_name_says_why_it_is_not_there():
    cells = Cells()
    for code in ("q1 = (", "x = 1 / 0\nq2 = 1", "q3 = 1\nx = 1 / 0", "q4 = 1 / 0"):
        cells.ran(code, failed(code))
    assert "SyntaxError" in cells.why("q1") and "(line 1 of the cell, `q1 = (`)" in cells.why("q1")
    assert "ZeroDivisionError: division by zero (line 1 of the cell)" in cells.why("q2")
    assert "(line 1 of the cell)" in cells.why("q4")
    assert cells.why("q3") == cells.why("q5") == ""
    assert "is from before" in cells.why("q1", old=True) and "is from before" not in cells.why("q1")
    cells.ran("q1 = 5")
    cells.ran("q2 = q1 = (", SyntaxError("elsewhere"))
    assert cells.why("q1") and cells.why("q2")
    cells.ran("q1 = 5")
    assert not cells.why("q1")


@pytest.mark.parametrize(("text", "said", "words"), [
    ("a\n<<<<<<< HEAD\nb", "", "Line 2 (`<<<<<<<`)"), ("=======", "", ""), ("a <<<<<<< b", "", ""),
    ("it’s", "syntax error", ""), ("x", "invalid character '‘' (U+2018)", "type ' instead"),
    ("x", "invalid non-printable character U+00A0", "no-break space"), ("a\u00a0b", "something else", ""),
])  # fmt: skip
def test_odd_letters_are_named_only_if_the_error_is_about_them(text, said, words):
    found = strange(text, said)
    assert words in found if words else not found


def test_sql_with_curly_quotes_and_marks_of_a_merge_is_told(con):
    with pytest.raises(Stopped, match="curly quotation mark"):
        evaluate("SELECT 1 AS a WHERE ‘x’ = 'x'", con)
    with pytest.raises(Stopped, match="Line 2 .* mark that a merge left"):
        evaluate("SELECT 1\n<<<<<<< HEAD\n", con)


def test_the_line_of_an_error_is_one_of_their_own_and_not_of_a_library():
    try:
        exec(compile("import pandas as pd\n\npd.DataFrame({'a': [1]})['b']", "<cell>", "exec"), {})
    except KeyError as error:
        assert describe(error) == "KeyError: 'b' (line 3 of your cell or function)"
