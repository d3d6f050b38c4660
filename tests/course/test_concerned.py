"""``make check`` finds the tests that concern a change, the nearest first, and keeps to its minute."""

from __future__ import annotations

import json

import concerned
import pytest


def first(*changed: str) -> list[str]:
    return concerned.concerned(list(changed))[:4]


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ("leocourse/srs/words.py", "tests/srs/test_checking.py"),
        ("leocourse/core/keep.py", "tests/core/test_keep.py"),
        ("tests/core/test_keep.py", "tests/core/test_keep.py"),
        ("tests/measures/lives.py", "tests/measures/test_outcome_measures.py"),
    ],
)
def test_the_tests_of_a_module_come_first(changed, wanted):
    assert wanted in first(changed) or wanted in concerned.concerned([changed])[:8]


def test_a_file_that_no_test_knows_concerns_none():
    assert concerned.concerned(["-".join(["nobody", "knows", "this"])]) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("solutions/02-cohort-construction/questions/q05.py", ["check-question", "02", "q5"]),
        ("leocourse/measures/work/earnings.sql", ["-k", "earnings"]),
        ("leocourse/measures/work/earnings.example.md", ["-k", "earnings"]),
        ("book/intro/after-16.md", ["book/intro/after-16.md"]),
    ],
)
def test_a_question_a_measure_and_a_lesson_are_looked_at_by_themselves(changed, words):
    command = concerned.own_checks([changed])[0]
    assert [word for word in words if word not in command] == []


def test_what_does_not_fit_into_a_minute_is_left_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(concerned, "ROOT", tmp_path)
    (tmp_path / concerned.SECONDS).parent.mkdir(parents=True)
    (tmp_path / concerned.SECONDS).write_text(json.dumps({"a": 60.0, "b": 30.0, "c": 90.0}))
    assert concerned.within(["a", "b", "c"], 50) == (["a", "b"], ["c"])
    assert concerned.within(["c"], 5) == (["c"], [])
    assert concerned.within(["new", "a"], 5) == (["new"], ["a"])


def test_the_files_that_took_longest_are_begun_first_and_the_others_stay_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(concerned, "ROOT", tmp_path)
    (tmp_path / concerned.SECONDS).parent.mkdir(parents=True)
    (tmp_path / concerned.SECONDS).write_text(json.dumps({"b": 20.0, "c": 31.0, "d": 300.0, "e": 2.0}))
    known = concerned.seconds_known()
    assert sorted(["a", "b", "c", "d", "e"], key=lambda file: concerned.place(file, known)) == ["d", "c", "a", "b", "e"]


@pytest.mark.parametrize("text", ["", "[]", '{"a": null}', "{"])
def test_seconds_that_cannot_be_read_are_unknown(tmp_path, monkeypatch, text):
    monkeypatch.setattr(concerned, "ROOT", tmp_path)
    (tmp_path / concerned.SECONDS).parent.mkdir(parents=True)
    (tmp_path / concerned.SECONDS).write_text(text)
    assert concerned.seconds_known() == {}
