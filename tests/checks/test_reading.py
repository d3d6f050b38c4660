"""Where to read again: every lesson and heading that is named is there, and every link leads to it."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from leocourse.authoring.catalogue import FILE, read_catalogue
from leocourse.authoring.lessons import lesson_files, lessons, read_myst, title
from leocourse.authoring.question import assignments
from leocourse.checks import reading
from leocourse.checks.result import NOT_ATTEMPTED, RIGHT, WRONG, Result
from leocourse.core.paths import course_root
from leocourse.grading.books.feedback import feedback_mail, feedback_page

ROOT = course_root()
QUESTIONS = [each for course in assignments(ROOT) for each in course.with_worked]
NAMED = {(each.lesson, each.heading) for each in (*QUESTIONS, *read_catalogue(ROOT / "solutions" / FILE).values())}
WRONG_ONE = Result(
    "q1", "One", WRONG, 0.0, 2.0, "It is wrong.", None, "", "Who is who: linking people", "Two AE_IDs: one person twice"
)
ANCHOR = "#two-ae-ids-one-person-twice"


def headings():
    """The headings of each lesson, by its title."""
    found = {}
    for page in lessons(ROOT):
        cells = read_myst(page.read_text(encoding="utf-8")).cells
        text = "\n".join(each.source for each in cells if each.cell_type == "markdown")
        text = re.sub(r"^(`{3,}|:{3,}).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
        found[title(text, "")] = f"{page.parent.name}/{page.stem}", re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    return found


THERE = headings()


def test_every_lesson_that_is_named_is_there_with_its_page_and_heading():
    assert {name: page for name, (page, _) in THERE.items() if page.startswith(("intro/", "advanced/"))} == (
        reading.LESSONS
    )
    stems = [page.rsplit("/", 1)[-1] for page in reading.LESSONS.values()]
    assert len(set(stems)) == len(stems), "a learner's copies lie in one folder"
    lost = [(lesson, heading) for lesson, heading in NAMED
            if lesson not in THERE or (heading and THERE[lesson][1].count(heading) != 1)]  # fmt: skip
    assert lost == []


def test_most_questions_and_slips_name_a_heading_and_all_slips_carry_it():
    entries = read_catalogue(ROOT / "solutions" / FILE)
    assert sum(bool(each.heading) for each in entries.values()) >= 0.85 * len(entries)
    assert sum(bool(each.heading) for each in QUESTIONS) >= 0.85 * len(QUESTIONS)
    for question in QUESTIONS:
        told = question.specification()
        assert told["heading"] == question.heading
        for name, slip in told["misconceptions"].items():
            assert (slip["lesson"], slip["heading"]) == (entries[name].lesson, entries[name].heading)


def test_two_headings_of_a_lesson_have_different_anchors():
    for lesson, (_, found) in THERE.items():
        anchors = [reading.anchor(each) for each in (lesson, *found)]
        assert len(set(anchors)) == len(anchors)


@pytest.mark.skipif(not (ROOT / "_build/html/book/intro").is_dir(), reason="the book is not built here")
def test_the_built_book_has_every_anchor():
    for lesson in {lesson for lesson, _ in NAMED}:
        page = ROOT / "_build/html/book" / f"{reading.LESSONS[lesson]}.html"
        ids = {each["id"] for each in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select("[id]")}
        assert {reading.anchor(heading) for of, heading in NAMED if of == lesson and heading} <= ids


def test_a_notebook_links_to_the_learners_own_lesson_else_to_the_book_else_says_it(tmp_path, monkeypatch):
    monkeypatch.delenv(reading.BOOK, raising=False)
    here = tmp_path / "work" / "exercises" / "01-one"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    assert "<a " not in WRONG_ONE.html() and "Who is who: linking people: Two AE_IDs" in WRONG_ONE.html()
    monkeypatch.setenv(reading.BOOK, "https://leo.example/course/")
    assert f'href="https://leo.example/course/book/intro/linking-people.html{ANCHOR}"' in WRONG_ONE.html()
    (own := tmp_path / "work" / "lessons").mkdir()
    for name, content in lesson_files(ROOT).items():
        if name == "linking-people.ipynb":
            (own / name).write_bytes(content)
    assert f'href="../../lessons/linking-people.ipynb{ANCHOR}"' in WRONG_ONE.html()
    assert (here / "../../lessons/linking-people.ipynb").is_file()
    assert "Read again: Who is who: linking people: Two AE_IDs: one person twice" in str(WRONG_ONE)


@pytest.mark.parametrize("address", ["", "  ", "javascript:alert(1)", "file:///etc"])
def test_what_is_no_address_of_a_book_makes_no_link(address, monkeypatch):
    monkeypatch.setenv(reading.BOOK, address)
    assert reading.in_book("After 16") == ""


def test_a_lesson_that_nobody_knows_is_named_without_a_link(monkeypatch):
    monkeypatch.setenv(reading.BOOK, "https://leo.example")
    assert reading.beside("<b>Old lesson", "Gone") == reading.in_book("<b>Old lesson") == ""
    assert "&lt;b&gt;Old lesson" in Result("q1", "One", WRONG, 0.0, 2.0, lesson="<b>Old lesson").html()


@pytest.mark.parametrize("status", [RIGHT, NOT_ATTEMPTED])
def test_who_is_right_or_has_not_begun_reads_nothing_again(status):
    result = Result("q1", "One", status, 0.0, 2.0, lesson="After 16")
    assert "Read again" not in result.html() + str(result)


def test_feedback_links_to_the_heading_in_the_book_if_it_is_served(monkeypatch):
    what = ("One", "ada", [WRONG_ONE], [], [], {})
    monkeypatch.delenv(reading.BOOK, raising=False)
    assert "<a " not in feedback_page(*what) and "](" not in feedback_mail(*what)
    assert "Who is who: linking people: Two AE_IDs: one person twice" in feedback_page(*what)
    monkeypatch.setenv(reading.BOOK, "https://leo.example")
    address = f"https://leo.example/book/intro/linking-people.html{ANCHOR}"
    assert f'<a href="{address}">' in feedback_page(*what) and f"](<{address}>)" in feedback_mail(*what)
