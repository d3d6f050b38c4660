"""Progress as a file: what is kept, merged, refused, and recorded by a check."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from leocourse.authoring.release import tool_environment
from leocourse.checks import assignment as check_of
from leocourse.core import progress
from leocourse.core.errors import LeoError

AT = "2026-01-01T00:00:00Z"
READ = {"read": True, "at": AT}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LEO_PROGRESS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def file(lessons=None, questions=None, **more):
    whole = {
        "schema": "leo-progress",
        "version": 1,
        "saved": AT,
        "lessons": lessons or {},
        "questions": questions or {},
    }
    return json.dumps({**whole, **more})


def leo(*arguments, **variables):
    environment = {**tool_environment(), "COLUMNS": "200", **variables}
    command = [sys.executable, "-m", "leocourse.cli", "progress", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        (file()[:40], "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a progress file"),
        ('{"cells": []}', "not a progress file"),
        (file(version=2), "has version 2; this course reads version 1"),
        (file(version="1"), "has version"),
        (file(version=True), "has version"),
        (json.dumps({"schema": "leo-progress", "version": 1}), "missing"),
        (file(lessons={"a": "yes"}), "The entry a in"),
        (file(lessons={"a": {"read": "yes", "at": AT}}), "The entry a in"),
        (file(lessons={"a": {"read": True, "at": "2026-02-30T00:00:00Z"}}), "not as it should be"),
        (file(lessons={"a": {"read": True, "at": "2026-1-1T00:00:00Z"}}), "not as it should be"),
        (file(lessons={"a": {"read": True, "at": "2999-01-01T00:00:00Z"}}), "future"),
        (file(lessons={"../a": READ}), "A name in"),
        (file(questions={"a": {"q1": 1}}), "The entry a q1 in"),
        (file(questions={"a": []}), "The entry a in"),
    ],
)  # fmt: skip
def test_what_is_no_progress_file_is_refused_in_one_line_and_nothing_is_lost(home, tmp_path, text, words):
    progress.write({"lessons": {"kept": READ}, "questions": {}})
    bad = tmp_path / "bad.json"
    bad.write_text(text, encoding="utf-8")
    with pytest.raises(LeoError, match=re.escape(words)) as raised:
        progress.take_in(bad)
    assert "\n" not in str(raised.value)
    assert progress.read()["lessons"] == {"kept": READ}


def test_bytes_that_are_no_text_and_a_file_that_is_too_large_are_refused(tmp_path):
    for content, words in ((b"\xff\xfe\x00", "not text"), (b" " * 1_100_000, "too large")):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(LeoError, match=words):
            progress.take_in(tmp_path / "bad.json")
    with pytest.raises(LeoError, match="Cannot read"):
        progress.read(tmp_path / "nowhere.json")


def test_the_newest_entry_wins_and_nothing_else_is_lost():
    old = {"lessons": {"a": READ, "b": READ}, "questions": {"x": {"q1": {"solved": True, "at": AT}}}}
    new = {"lessons": {"a": {"read": False, "at": "2026-02-01T00:00:00Z"}, "b": {"read": False, "at": AT}, "c": READ},
           "questions": {"x": {"q2": {"solved": True, "at": AT}}, "y": {}}}  # fmt: skip
    for merged in (progress.merge(old, new), progress.merge(new, old)):
        assert merged["lessons"]["a"]["read"] is False
        assert merged["lessons"]["b"]["read"] is True, "of the same second, yes"
        assert set(merged["lessons"]) == {"a", "b", "c"} and set(merged["questions"]["x"]) == {"q1", "q2"}


def test_unknown_keys_in_an_entry_are_left_out(tmp_path):
    parsed = progress.parse(file(lessons={"a": {**READ, "note": "<script>"}}), "x")
    assert parsed["lessons"] == {"a": READ}


def test_nothing_is_recorded_unless_it_was_asked_for(home):
    progress.solved("06-table-for-release", "q1")
    assert not home.exists()
    progress.switch(True)
    progress.solved("06-table-for-release", "q1")
    progress.solved("No such", "q 1")
    first = progress.read()
    assert list(first["questions"]["06-table-for-release"]) == ["q1"]
    progress.solved("06-table-for-release", "q1")
    assert progress.read() == first, "the first time stays"
    progress.switch(False)
    progress.solved("06-table-for-release", "q2")
    assert progress.read() == first


def test_a_right_answer_in_a_notebook_is_recorded_and_a_wrong_one_is_not(con, course, home):
    progress.switch(True)
    question = course["06-table-for-release"].questions[0]
    check = check_of("06-table-for-release")
    assert check(question.name, "SELECT 1 AS a").status != "right"
    assert progress.read()["questions"] == {}
    assert check(question.name, question.reference_sql).status == "right"
    assert list(progress.read()["questions"]["06-table-for-release"]) == [question.name]


def test_feedback_comes_even_if_progress_cannot_be_kept(con, course, home, capsys):
    progress.switch(True)
    (home / "progress.json").write_text("{ half", encoding="utf-8")
    question = course["06-table-for-release"].questions[0]
    assert check_of("06-table-for-release")(question.name, question.reference_sql).status == "right"
    assert "Your progress was not recorded." in capsys.readouterr().err
    assert (home / "progress.json").read_text() == "{ half"


def test_the_command_shows_exports_and_imports(home, tmp_path):
    assert leo("--on")[0] == 0 and progress.recording()
    progress.solved("06-table-for-release", "q1")
    out = tmp_path / "out.json"
    assert leo("--export", out)[0] == 0
    more = json.loads(out.read_text())
    more["lessons"]["building-a-cohort"] = READ
    out.write_text(json.dumps(more), encoding="utf-8")
    assert leo("--import", out)[0] == 0
    code, shown, _ = leo("--show")
    assert code == 0 and "Lessons read: 1" in shown and "06-table-for-release: 1" in shown
    assert leo("--off")[0] == 0 and not progress.recording()
    code, _, error = leo("--import", tmp_path / "nowhere.json")
    assert code == 2 and len(error.strip().splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    code, _, error = leo("--on", LEO_PROGRESS=str(blocked / "below"))
    assert code == 2 and "Cannot write" in error and len(error.strip().splitlines()) == 1


def test_a_write_leaves_no_pieces(home):
    progress.write({"lessons": {}, "questions": {}})
    assert os.listdir(home) == ["progress.json"]


def test_book_and_package_agree_on_the_format(root):
    script = (root / "book" / "_static" / "progress.js").read_text(encoding="utf-8")
    assert f'SCHEMA = "{progress.SCHEMA}", VERSION = {progress.VERSION}' in script
    assert f"/^{progress.NAME.pattern}$/" in script
    assert len(script.encode()) < 12_288
