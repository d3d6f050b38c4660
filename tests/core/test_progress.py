"""Progress as a file: what is kept, merged, refused, and recorded by a check."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leocourse.authoring.release import tool_environment
from leocourse.checks import assignment as check_of
from leocourse.core import progress
from leocourse.core.errors import LeoError
from leocourse.site.sphinx import SCRIPTS

AT = "2026-01-01T00:00:00Z"
READ = {"read": True, "at": AT}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LEO_PROGRESS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def file(**more):
    whole = {"schema": "leo-progress", "version": 2, "saved": AT}
    parts = {part: {} for part in ("lessons", "questions", "drafts", "answers")}
    return json.dumps({**whole, **parts, **more})


def leo(*arguments, **variables):
    environment = {**tool_environment(), "COLUMNS": "200", **variables}
    command = [sys.executable, "-m", "leocourse.cli", "progress", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


CASES = json.loads((Path(__file__).parent / "progress_cases.json").read_text(encoding="utf-8"))


def text_of(case):
    """The text of a case; one that repeats as [piece, times]."""
    if "text" in case:
        return case["text"]
    if "file" in case:
        return json.dumps(case["file"])
    return file(**{part: case[part] for part in ("lessons", "questions", "drafts", "answers") if part in case})


def spelled_out(text):
    return text if isinstance(text, str) else text[0] * text[1]


@pytest.fixture(scope="module")
def in_the_page(root):
    """Read and merge progress files as the pages do."""
    node = shutil.which("node") or pytest.skip("This test needs Node.")

    def run(texts=(), pairs=()):
        given = json.dumps({"texts": list(texts), "pairs": list(pairs)})
        done = subprocess.run(
            [node, str(root / "web" / "test" / "progress.mjs")],
            input=given, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_what_is_no_progress_file_is_refused_in_one_line_and_nothing_is_lost(home, tmp_path, case):
    progress.write({"lessons": {"kept": READ}})
    bad = tmp_path / "bad.json"
    bad.write_text(spelled_out(text_of(case)), encoding="utf-8")
    with pytest.raises(LeoError, match=re.escape(case["words"])) as raised:
        progress.take_in(bad)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 400
    assert progress.read()["lessons"] == {"kept": READ}


@pytest.mark.parametrize("case", CASES["taken"], ids=lambda case: case["name"])
def test_what_is_taken_is_read_whole(case):
    assert progress.parse(text_of(case), "x") == case["state"]


def test_the_page_refuses_and_takes_the_same_files_in_the_same_words(in_the_page):
    found = in_the_page([text_of(case) for case in [*CASES["refused"], *CASES["taken"]]])["states"]
    for case, said in zip([*CASES["refused"], *CASES["taken"]], found, strict=True):
        if "words" in case:
            assert case["words"] in said.get("refused", ""), case["name"]
        else:
            assert said == {"state": case["state"]}, case["name"]


def test_bytes_that_are_no_text_and_a_file_that_is_too_large_are_refused(tmp_path):
    for content, words in ((b"\xff\xfe\x00", "not text"), (b" " * 20_000_001, "too large")):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(LeoError, match=words):
            progress.take_in(tmp_path / "bad.json")
    with pytest.raises(LeoError, match="Cannot read"):
        progress.read(tmp_path / "nowhere.json")


def marks(lessons, questions):
    return {**progress.empty(), "lessons": lessons, "questions": questions}


def test_the_newest_mark_wins_and_nothing_else_is_lost():
    old = {"lessons": {"a": READ, "b": READ}, "questions": {"x": {"q1": {"solved": True, "at": AT}}}}
    new = {"lessons": {"a": {"read": False, "at": "2026-02-01T00:00:00Z"}, "b": {"read": False, "at": AT}, "c": READ},
           "questions": {"x": {"q2": {"solved": True, "at": AT}}, "y": {}}}  # fmt: skip
    old, new = marks(**old), marks(**new)
    for merged in (progress.merge(old, new), progress.merge(new, old)):
        assert merged["lessons"]["a"]["read"] is False
        assert merged["lessons"]["b"]["read"] is True, "of the same second, yes"
        assert set(merged["lessons"]) == {"a", "b", "c"} and set(merged["questions"]["x"]) == {"q1", "q2"}


TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.strftime(progress.TIME))
FEW = st.sampled_from(["a", "b", "constructor"])
TYPED = st.one_of(st.sampled_from(["", "SELECT 1", "SELECT 1 -- more", "__proto__"]), st.text(max_size=8))
EARLIER = st.fixed_dictionaries({"text": TYPED, "at": TIMES, "why": st.sampled_from(progress.WHY)})
ENTRY = st.fixed_dictionaries(
    {"text": st.none() | TYPED, "at": TIMES, "place": st.none() | st.integers(0, 9999),
     "earlier": st.lists(EARLIER, max_size=3)}
)  # fmt: skip
PLACES = st.dictionaries(FEW, st.dictionaries(FEW, ENTRY, max_size=2), max_size=2)


def flags(name):
    return st.dictionaries(FEW, st.fixed_dictionaries({name: st.booleans(), "at": TIMES}), max_size=3)


FILES = st.fixed_dictionaries(
    {"lessons": flags("read"), "questions": st.dictionaries(FEW, flags("solved"), max_size=3),
     "drafts": PLACES, "answers": PLACES}
).map(lambda parts: file(**parts))  # fmt: skip


def typed(state):
    """Every text of a state with its place."""
    return {
        (part, page, name, text)
        for part in progress.TEXTS
        for page, entries in state[part].items()
        for name, entry in entries.items()
        for text in [entry["text"], *(each["text"] for each in entry["earlier"])]
        if text is not None
    }


def current(state):
    return {
        (part, page, name): entry["text"]
        for part in progress.TEXTS
        for page, entries in state[part].items()
        for name, entry in entries.items()
        if entry["text"] is not None
    }


@given(FILES, FILES, FILES)
@settings(max_examples=60, deadline=None)
def test_no_text_of_any_file_is_missing_from_the_merge_in_any_order(first, second, third):
    a, b, c = (progress.parse(text, "x") for text in (first, second, third))
    both = progress.merge(a, b)
    assert typed(both) == typed(a) | typed(b) == typed(progress.merge(b, a))
    assert typed(progress.merge(both, c)) == typed(progress.merge(a, progress.merge(b, c)))
    assert current(both) == current(b) | current(a), "what is in the box stays in the box"
    assert progress.merge(both, b) == both and progress.merge(a, a) == a, "once is as good as twice"
    for part in progress.MARKS:
        assert both[part] == progress.merge(b, a)[part]


@given(FILES)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(tmp_path, text):
    state = progress.parse(text, "x")
    assert progress.read(progress.write(state, tmp_path / "again.json")) == state


@given(st.lists(st.tuples(FILES, FILES), min_size=1, max_size=3))
@settings(max_examples=12, deadline=None)
def test_the_page_merges_as_the_command_does(in_the_page, pairs):
    wanted = [progress.merge(progress.parse(a, "x"), progress.parse(b, "x")) for a, b in pairs]
    assert in_the_page(pairs=pairs)["merged"] == wanted


def draft(text, at=AT, earlier=()):
    return {"text": text, "at": at, "place": 1, "earlier": list(earlier)}


def test_texts_from_the_book_come_in_stay_and_go_out_again(home, tmp_path):
    """The notebook's side has no texts of its own, and loses none of those that a file brought."""
    given, more, out = tmp_path / "given.json", tmp_path / "more.json", tmp_path / "out.json"
    given.write_text(file(drafts={"a": {"c": draft("SELECT 1")}}, answers={"b": {"q1": draft("é")}}), encoding="utf-8")
    more.write_text(file(drafts={"a": {"c": draft("SELECT 2")}}), encoding="utf-8")
    assert leo("--on", "--import", given)[0] == 0
    code, said, _ = leo("--import", more)
    assert code == 0 and "Both texts are kept" in said
    progress.solved("06-table-for-release", "q1")
    assert leo("--export", out)[0] == 0
    state = progress.read(out)
    assert state["drafts"]["a"]["c"]["text"] == "SELECT 1"
    assert [each["text"] for each in state["drafts"]["a"]["c"]["earlier"]] == ["SELECT 2"]
    assert state["answers"]["b"]["q1"]["text"] == "é"
    assert state["questions"]["06-table-for-release"]["q1"]["solved"]
    assert "Texts typed in the book: 3" in leo("--show")[1]


def test_what_would_be_too_large_to_read_again_is_not_written(home, tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    for path, letter in ((first, "a"), (second, "b")):
        path.write_text(file(drafts={"a": {"c": draft(letter * 11_000_000)}}), encoding="utf-8")
    progress.take_in(first)
    with pytest.raises(LeoError, match="Nothing was changed"):
        progress.take_in(second)
    assert progress.read()["drafts"]["a"]["c"]["text"][0] == "a"


def test_a_file_of_version_1_is_read_and_written_as_version_2(home):
    home.mkdir()
    (home / "progress.json").write_text(
        json.dumps({"schema": "leo-progress", "version": 1, "saved": AT, "lessons": {"a": READ}, "questions": {}})
    )
    progress.switch(True)
    progress.solved("06-table-for-release", "q1")
    written = json.loads((home / "progress.json").read_text())
    assert written["version"] == 2 and written["lessons"] == {"a": READ} and written["drafts"] == {}


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
    progress.write(progress.empty())
    assert os.listdir(home) == ["progress.json"]


def test_book_and_package_agree_on_the_format(root):
    script = (root / "book" / "_static" / "progress-file.js").read_text(encoding="utf-8")
    assert f'SCHEMA = "{progress.SCHEMA}", VERSION = {progress.VERSION}' in script
    assert f"/^{progress.NAME.pattern}$/" in script
    assert json.dumps(list(progress.WHY)) in script
    assert float(re.search(r"MAX_BYTES = (\w+)", script)[1]) == progress.MAX_BYTES
    scripts = [root / "book" / "_static" / name for name in SCRIPTS if name != "glossary.js"]
    assert sum(len(path.read_bytes()) for path in scripts) < 36_864, "every page loads them"
