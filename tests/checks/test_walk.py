"""``check.why`` walks through one wrong person: the records, what the right rule makes of them, what the answer made."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

from leocourse.authoring.keys import question_key
from leocourse.authoring.question import assignments
from leocourse.authoring.records import queries, records_of
from leocourse.checks.assignment import Check, assignment
from leocourse.checks.evaluate import evaluate
from leocourse.checks.fingerprint import EXAMPLES
from leocourse.checks.result import Result
from leocourse.checks.walk import PEOPLE, ROWS, Walk, kind_of, records_sql
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.grading.books.feedback import feedback_mail, feedback_page

COURSE = {each.name: each for each in assignments(course_root())}
QUESTIONS = [(name, question) for name, course in COURSE.items() for question in course.with_worked]
LEO, NPD = 'leo_i2."2005003"', 'npd_i2."2005003"'
LONDON = f"SELECT edukey FROM {LEO}.leo_geography WHERE gornm = 'London' AND taxyear = 201617"
PAY = f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201617"
INNER = f"SELECT edukey, p.earnings FROM ({LONDON}) AS g JOIN ({PAY}) AS p USING (edukey)"
RIGHT = f"SELECT edukey, p.earnings FROM ({LONDON}) AS g LEFT JOIN ({PAY}) AS p USING (edukey)"


def asked(name, number):
    return next(each for each in COURSE[name].with_worked if each.name == number)


@pytest.fixture(scope="module")
def check(lesson):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course_root())
        yield assignment("01-first-queries-and-linking")


def sections(walk):
    return {each.heading: each for each in walk.sections}


def test_somebody_who_is_missing_is_shown_with_the_records_and_the_right_row(check, lesson):
    check("q5", INNER)
    walk = check.why("q5")
    (whom,) = re.findall(r"edukey (\w+)", walk.heading)
    parts = sections(walk)
    assert list(parts)[:1] == ["The records in leo_geography"]
    with connect(lesson) as con:
        places = evaluate(
            f"SELECT edukey, taxyear, gornm FROM {LEO}.leo_geography WHERE edukey = '{whom}' ORDER BY ALL", con
        )
    shown = parts["The records in leo_geography"].table
    assert shown[0] == ("edukey", "taxyear", "gornm")
    assert [row[1] for row in shown[1:]] == [str(each) for each in places.columns["taxyear"]][:ROWS]
    assert parts["What the right rule makes of it"].table == (("edukey", "earnings"), (whom, "a missing value"))
    assert parts["What yours makes of it"].text == "No row."


def test_somebody_who_should_not_be_there_and_a_wrong_value_are_told_as_what_they_are(check):
    check("q5", f"SELECT edukey, p.earnings + 1 AS earnings FROM ({LONDON}) AS g LEFT JOIN ({PAY}) AS p USING (edukey)")
    values = sections(check.why("q5"))
    (_, right), (_, mine) = values["What the right rule makes of it"].table, values["What yours makes of it"].table
    assert mine[1] == f"≠ {int(right[1]) + 1}" and mine[0] == right[0]
    check("q5", RIGHT.replace("gornm = 'London'", "gornm IN ('London', 'South East')"))
    extra = sections(check.why("q5"))
    assert extra["What the right rule makes of it"].text == "No row: it should not be there."
    assert len(extra["What yours makes of it"].table) == 2
    assert any("South East" in row for row in extra["The records in leo_geography"].table)


def test_each_number_is_another_person_and_after_the_last_comes_the_first(check):
    check("q5", INNER)
    seen = [check.why("q5", number).heading for number in range(1, PEOPLE + 2)]
    assert len(set(seen)) == PEOPLE and re.sub(r"\d+ of", "", seen[0]) == re.sub(r"\d+ of", "", seen[-1])
    for wrong in (0, -1, True, "2", 1.5):
        with pytest.raises(LeoError, match="Give a number from 1 on"):
            check.why("q5", wrong)
    with pytest.raises(LeoError, match="Unknown question 'q99'"):
        check.why("q99")


def test_where_there_is_nobody_to_show_a_line_says_why(check):
    fresh = assignment("01-first-queries-and-linking")
    assert "Check your answer to q5 first" in fresh.why("q5")
    for answer, words in [(RIGHT, "is right"), (..., "no answer yet"), ("SELEC", "Your SQL stopped"),
                          ("SELECT 1 AS one", "Missing columns")]:  # fmt: skip
        check("q5", answer)
        line = str(check.why("q5"))
        assert words in line and "\n" not in line, line
    check("q5", f"{RIGHT} LIMIT 0")
    assert sections(check.why("q5"))["What yours makes of it"].text == "No row."
    assert "a notebook of your own" in Check("01", None).why("q5")


def test_a_question_about_groups_and_one_about_a_figure_say_so(check):
    check("q12", asked("01-first-queries-and-linking", "q12").misconceptions[0].answer)
    assert "which many records make up" in sections(check.why("q12"))["The records"].text
    check("q11", asked("01-first-queries-and-linking", "q11").misconceptions[0].answer)
    assert "A figure shows no single person" in str(check.why("q11"))


def test_of_a_function_the_call_that_is_wrong_is_named(check):
    check("q9", asked("01-first-queries-and-linking", "q9").misconceptions[0].answer)
    walk = check.why("q9")
    assert walk.heading.startswith("With year = ") and "ae_id" in walk.heading
    assert any("learners" in each.heading for each in walk.sections)


def test_a_notebook_shows_tables_with_captions_and_heads_and_nothing_in_it_is_markup(check):
    check("q5", f"{RIGHT} UNION ALL SELECT '<b>it''s & me</b>', 5")
    walk = next(each for number in range(1, 11) if "<b>" in (each := check.why("q5", number)).heading)
    page = BeautifulSoup(walk._repr_html_(), "html.parser")
    assert not page.select("b") and len(page.select("table")) == len(page.select("table > caption")) >= 1
    assert all(each["scope"] == "col" for each in page.select("th"))
    assert page.div["role"] == "group" and "<b>it's" in page.div["aria-label"]
    assert "No record in" in str(walk)  # the apostrophe is no end of the text in SQL


def test_a_result_offers_the_walk_only_where_there_is_something_to_show(check):
    wrong, right = check("q5", INNER), check("q5", RIGHT)
    for shown in (str(wrong), wrong.html().replace("&quot;", '"')):
        assert 'check.why("q5")' in shown
    assert "check.why" not in str(right) + right.html() + str(check("q5", "SELECT 1 AS one"))


def test_feedback_says_how_to_see_one_person_and_shows_no_record_of_the_extract_that_was_marked_on():
    results = [Result("q1", "One", status, 0.0, 2.0, "Wrong.") for status in ("not right yet", "stopped")]
    for page in (feedback_page("One", "ada", results, [], [], {}), feedback_mail("One", "ada", results, [], [], {})):
        assert page.count("check.why(") == 1
    question = asked("01-first-queries-and-linking", "q1")
    with connect() as con:
        entries = question_key(question, con, name_rows=True, alike=set())
    assert all("records" not in each for each in entries)


@pytest.mark.parametrize(("column", "kind"), [
    ("AE_ID", "ae_id"), ("pupilmatchingrefanonymous_spr10", "pmr"), ("KS4_PupilMatchingRefAnonymous", "pmr"),
    ("edukey", "edukey"), ("recordid", "recordid"), ("spr10", None), ("edukeys", None),
])  # fmt: skip
def test_a_column_says_which_key_it_holds(column, kind):
    assert kind_of(column) == kind


def test_every_question_about_people_names_records_and_each_can_be_read(lesson):
    lost = []
    with connect(lesson) as con:
        for name, question in QUESTIONS:
            kind = next((each for column in question.identity if (each := kind_of(column))), None)
            with queries(con, question.reference_sql) as texts:
                if not isinstance(question.reference_sql, str) and kind:
                    evaluate(question.reference_sql, con, question.calls[0])
            found = records_of(question.identity, texts, con)
            if bool(found) != (kind is not None):
                lost.append(f"{name} {question.name}: {found}")
            for each in found:
                con.sql(records_sql(each, kind, "it's nobody")).fetchall()
        assert con.execute("SELECT COUNT(*) FROM duckdb_logs WHERE type = 'QueryLog'").fetchall() == [(0,)]
    assert lost == []


def test_a_key_shows_at_most_ten_right_rows_a_call_and_those_whom_slips_concern_come_first(lesson):
    assert EXAMPLES == 10
    key = json.loads((lesson / "keys" / "01-first-queries-and-linking.json").read_text(encoding="utf-8"))
    entry = next(each for each in key["questions"] if each["specification"]["name"] == "q5")
    for name in entry["specification"]["misconceptions"]:
        slip = next(each for each in asked("01-first-queries-and-linking", "q5").misconceptions if each.name == name)
        checked = Check("01", {"questions": [entry]})
        checked("q5", slip.answer)
        walk = checked.why("q5")
        assert isinstance(walk, Walk) and "not shown" not in str(walk), name
    assert all(len(call["right"]["examples"]) <= EXAMPLES for call in entry["calls"])
