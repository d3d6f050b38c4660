"""The table beside a wrong answer: yours and expected, up to five rows, and nothing of an unseen extract."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import duckdb
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from leocourse.checks.assignment import run_calls
from leocourse.checks.fingerprint import EXAMPLES, Hashes, fingerprint
from leocourse.checks.judge import judge, salt
from leocourse.checks.result import Result
from leocourse.checks.tables import table_of
from leocourse.grading.books.feedback import feedback_mail, feedback_page
from leocourse.grading.marker import _result

PEOPLE = 60
SPECIFICATION = {
    "name": "q1", "title": "Days", "answer_name": "q1", "kind": "sql", "points": 4.0,
    "columns": {"ae_id": "number", "days": "number", "name": "text"}, "identity": ["ae_id"], "unit": "person",
    "people": True, "ordered": False, "tolerance": {"days": 0.01}, "calls": [{}], "universe": None, "labels": {},
    "lesson": "", "hints": [], "misconceptions": {},
}  # fmt: skip
RIGHT = pd.DataFrame({"ae_id": range(1, PEOPLE + 1), "days": [1000.25 + 7 * each for each in range(PEOPLE)],
                      "name": [f"name{each}" for each in range(PEOPLE)]})  # fmt: skip
PRINT = fingerprint(Hashes(table_of(RIGHT), SPECIFICATION, salt(SPECIFICATION, 0)))
KNOWN = {row["ae_id"]: row for row in PRINT["examples"]}


def check(frame, unseen=False):
    key = [{"right": PRINT, "misconceptions": {}}]
    return judge(SPECIFICATION, run_calls(SPECIFICATION, frame, duckdb.connect), key, unseen=unseen)


def wrong_days(people=PEOPLE):
    return RIGHT.assign(days=[d + 3.5 * (n < people) for n, d in enumerate(RIGHT["days"])])


def test_wrong_values_stand_beside_the_expected_ones_that_the_key_knows():
    head, *rows = check(wrong_days()).table
    assert head == ("ae_id", "days, yours", "days, expected") and len(rows) == min(5, EXAMPLES)
    for who, mine, right in rows:
        example = KNOWN[int(who)]
        assert mine == f"≠ {example['days'] + 3.5:,.2f}".rstrip("0").rstrip(".")
        assert right == f"{example['days']:,.2f}".rstrip("0").rstrip(".")


def test_only_the_cell_that_differs_is_marked():
    first, second = list(KNOWN)[:2]
    frame = RIGHT.copy()
    frame.loc[frame["ae_id"] == first, "days"] += 5
    frame.loc[frame["ae_id"] == second, "name"] = "other"
    head, *rows = check(frame).table
    assert head == ("ae_id", "days, yours", "days, expected", "name, yours", "name, expected")
    by_who = {row[0]: [cell.startswith("≠") for cell in row] for row in rows}
    assert by_who == {str(first): [False, True, False, False, False], str(second): [False, False, False, True, False]}


def test_who_should_not_be_there_and_who_is_missing_have_no_row_on_one_side():
    gone = next(iter(KNOWN))
    frame = pd.concat([RIGHT[RIGHT["ae_id"] != gone], RIGHT.iloc[:1].assign(ae_id=999)])
    rows = {row[0]: row for row in check(frame).table[1:]}
    assert rows["999"][2] == "no row" and rows["999"][1].startswith("≠ ")
    assert rows[str(gone)][1] == "≠ no row" and rows[str(gone)][2] != "no row"


def test_an_answer_without_rows_shows_who_is_expected():
    table = check(RIGHT.iloc[:0]).table
    assert len(table) == 1 + min(5, EXAMPLES) and all(row[1] == "≠ no row" for row in table[1:])


def test_a_person_twice_is_shown_twice():
    rows = check(pd.concat([RIGHT, RIGHT.iloc[[7]]])).table[1:]
    assert [row[0] for row in rows] == ["8", "8"] and {row[2] for row in rows} == {"one row"}


def test_a_value_that_the_key_does_not_know_is_not_shown():
    hidden = next(each for each in RIGHT["ae_id"] if each not in KNOWN)
    frame = RIGHT.copy()
    frame.loc[frame["ae_id"] == hidden, "days"] += 5
    ((who, _, expected),) = check(frame).table[1:]
    assert (who, expected) == (str(hidden), "not shown")


@pytest.mark.parametrize("frame", [RIGHT, pd.DataFrame({"other": [1]}), RIGHT.assign(days="text"), None])
def test_a_right_answer_or_one_that_cannot_be_compared_has_no_table(frame):
    assert check(frame).table == ()


CHANGES = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(["days", "name", "drop", "extra", "twice"])))


def changed(changes):
    frame = RIGHT.astype(object)
    for row, kind in changes:
        if kind == "days":
            frame.loc[row, "days"] = 11.5 + row
        elif kind == "name":
            frame.loc[row, "name"] = "<b>≠ x|y</b>\n`"
        elif kind == "extra":
            frame.loc[1000 + row] = [5000 + row, 1.0, "z"]
        elif kind == "twice":
            frame.loc[2000 + row] = list(RIGHT.iloc[row])
    return frame.drop(index=list({row for row, kind in changes if kind == "drop"}))


@settings(deadline=None, max_examples=60)
@given(CHANGES)
def test_a_table_has_a_head_at_most_five_rows_and_its_marks_are_true(changes):
    result = check(changed(changes))
    table = result.table
    assert len(table) <= 6 and len({len(row) for row in table}) <= 1 and len(table) != 1
    if {kind for _, kind in changes} & {"extra", "twice"}:
        assert table  # who is missing, and is not among those that the key names, cannot be shown
    for row in table[1:]:
        right = RIGHT[RIGHT["ae_id"] == int(row[0])]
        for at in range(1, len(row), 2):
            if row[at].startswith("≠") and row[at + 1] not in ("no row", "one row", "not shown"):
                assert row[at] != f"≠ {row[at + 1]}" and len(right) == 1


@settings(deadline=None, max_examples=60)
@given(CHANGES)
def test_in_marking_a_table_says_nothing_that_the_message_does_not(changes):
    result = check(changed(changes), unseen=True)
    message = " ".join(result.message.split())
    for row in result.table[1:]:
        for cell in row:
            text = " ".join(cell.removeprefix("≠ ").split())
            assert text in message or text == "not shown"


def test_a_notebook_shows_the_table_as_html_and_as_text_and_nothing_in_it_is_markup():
    result = check(changed([(row, "name") for row in range(PEOPLE)]))
    page = BeautifulSoup(result.html(), "html.parser")
    assert len(page.select("table tbody tr")) == 5 and page.select_one("caption") and page.select("th[scope=col]")
    assert page.select("td strong") and not page.select("b")
    lines = str(result).splitlines()
    assert any("name, yours" in line and "name, expected" in line for line in lines)
    assert sum("≠ <b>" in line for line in lines) == 5


def test_feedback_has_the_table_on_the_page_and_in_the_mail():
    result = check(changed([(row, "name") for row in range(PEOPLE)]), unseen=True)
    what = ("One", "ada", [result], [], [], {})
    page = BeautifulSoup(feedback_page(*what), "html.parser")
    assert len(page.select("article table tbody tr")) == 1 and page.select("td strong") and not page.select("b")
    mail = BeautifulSoup(MarkdownIt("commonmark", {"html": True}).render(feedback_mail(*what)), "html.parser")
    assert "name, expected" in mail.select_one("pre").text and not mail.select("b")
    kept = Result(**json.loads(json.dumps(asdict(result))))  # as a gradebook gives it back
    assert feedback_page("One", "ada", [kept], [], [], {}) == feedback_page(*what)


@pytest.mark.parametrize("table", [["abc"], [["a"]], [["a"], ["b", "c"]], [["a"] * 50, ["b"] * 50], 5, [[]]])
def test_marking_takes_no_table_that_is_none(table):
    said = asdict(replace(check(wrong_days(), unseen=True), table=table))
    with pytest.raises((ValueError, TypeError)):
        _result(said, SPECIFICATION)


def test_marking_reads_a_table_cut_to_its_size():
    said = json.loads(json.dumps(asdict(check(wrong_days(), unseen=True))))
    assert _result(said, SPECIFICATION).table == check(wrong_days(), unseen=True).table
    said["table"] = [["a"], *([["x" * 10_000]] * 1000)]
    read = _result(said, SPECIFICATION).table
    assert len(read) == 6 and max(map(len, (cell for row in read for cell in row))) <= 62
