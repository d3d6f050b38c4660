"""Whatever a command is asked to write, in whatever order, what somebody made is still there afterwards."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import chdir
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from leocourse.cli import app
from leocourse.core import keep, progress
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.extract import truth_folder

ROOT = Path(__file__).resolve().parents[2]
EXTRACT = ("extract", "--people", "20", "--output", str(LESSON_EXTRACT))


def a_course(folder: Path) -> Path:
    """A folder that is a course to the command, with a small extract in it."""
    (folder / "data").mkdir(parents=True)
    (folder / "_toc.yml").write_text("root: book/index\n")
    (folder / "data" / "schema").symlink_to(ROOT / "data" / "schema")
    (folder / "data" / "reference").symlink_to(ROOT / "data" / "reference")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A course with a small extract, to copy."""
    folder = a_course(tmp_path_factory.mktemp("made") / "course")
    with pytest.MonkeyPatch.context() as patch, chdir(folder):
        patch.delenv("LEO_EXTRACT", raising=False)
        assert leo(*EXTRACT).exit_code == 0
    return folder


@pytest.fixture
def course(made, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(made, tmp_path / "course", symlinks=True))
    monkeypatch.setenv("LEO_PROGRESS", str(tmp_path / "progress"))
    monkeypatch.delenv("LEO_EXTRACT", raising=False)
    return Path.cwd()


def leo(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def contents(folder: Path) -> set[bytes]:
    """What is in every file below a folder but records and what is linked to."""
    found = set()
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not os.path.islink(os.path.join(here, name))]
        found |= {Path(here, name).read_bytes() for name in names if name != keep.RECORD}
    return found


WRITERS = {
    "measure": ("measure", "sex", "--output", "OUT"),
    "srs": ("srs", "sex", "--output", "OUT"),
    "srs --from": ("srs", "--from", "rows.sql", "--output", "OUT"),
    "progress": ("progress", "--export", "OUT"),
}


@pytest.mark.parametrize("arguments", WRITERS.values(), ids=WRITERS)
def test_a_command_keeps_the_file_that_it_takes_the_place_of_and_says_so(course, arguments):
    (course / "rows.sql").write_text("SELECT 1 AS a")
    out = course / "my résumé [b].txt"
    out.write_text("my only copy")
    done = leo(*(out if each == "OUT" else each for each in arguments))
    assert done.exit_code == 0, done.output
    (kept,) = course.glob("my résumé ?b?.kept-*.txt")
    assert kept.read_text() == "my only copy" and out.stat().st_size > 0
    assert f"{out} was there already: it is kept as {kept.name}." in done.output.replace("\n", "")
    done = leo(*(course / "data" if each == "OUT" else each for each in arguments))
    assert isinstance(done.exception, LeoError) and "data is a folder: name a file" in str(done.exception)


@pytest.mark.parametrize("name", ["measure", "srs", "srs --from"])
def test_the_same_rows_again_change_nothing(course, name):
    (course / "rows.sql").write_text("SELECT 1 AS a")
    for _ in range(2):
        assert leo(*("out.csv" if each == "OUT" else each for each in WRITERS[name])).exit_code == 0
    assert not list(course.glob("*.kept-*"))


def test_a_device_can_be_named_and_is_not_moved(course):
    done = leo("progress", "--export", "/dev/null")
    assert done.exit_code == 0 and not Path("/dev/null").is_file()


def test_another_extract_in_a_folder_keeps_what_somebody_put_or_changed_there(course):
    extract = course / LESSON_EXTRACT
    (extract / "notes.txt").write_text("mine")
    (extract / "views.sql").write_text("-- my own views")
    (truth_folder(extract) / "mine.txt").write_text("also mine")
    done = leo(*EXTRACT, "--seed", "3")
    assert done.exit_code == 0 and "lesson.kept-" in done.output and "lesson-truth.kept-" in done.output
    (kept,) = extract.parent.glob("lesson.kept-*")
    assert sorted(path.name for path in kept.iterdir()) == ["notes.txt", "views.sql"]
    assert {b"mine", b"-- my own views", b"also mine"} <= contents(course)
    assert not (extract / "notes.txt").exists()
    done = leo(*EXTRACT, "--seed", "4")
    assert "kept-" not in done.output, "its own is replaced without a word"


def test_an_extract_without_a_truth_keeps_what_lies_in_the_place_of_the_truth(course):
    (truth_folder(course / LESSON_EXTRACT) / "mine.txt").write_text("mine")
    assert leo(*EXTRACT, "--mode", "low-fidelity").exit_code == 0
    assert b"mine" in contents(course)
    (course / "low-truth").mkdir()
    (course / "low-truth" / "thesis.txt").write_text("my only copy")
    assert leo("extract", "--people", 20, "--output", "low", "--mode", "low-fidelity").exit_code == 0
    assert b"my only copy" in contents(course)


def test_somebody_elses_manifest_makes_no_extract_of_a_folder_that_would_be_lost(course):
    (course / "app").mkdir()
    (course / "app" / "manifest.json").write_text('{"name": "my app"}')
    (course / "app" / "index.html").write_text("my only copy")
    leo("extract", "--people", 20, "--output", "app")
    assert {b'{"name": "my app"}', b"my only copy"} <= contents(course)


def test_what_lies_in_the_hidden_folder_beside_an_extract_is_left(course):
    (course / "data" / "extract" / ".lesson.partial").mkdir()
    (course / "data" / "extract" / ".lesson.partial" / "mine.txt").write_text("mine")
    assert leo(*EXTRACT, "--seed", "3").exit_code == 0
    assert b"mine" in contents(course)


def test_a_data_package_that_somebody_wrote_is_kept(course):
    package = course / LESSON_EXTRACT / "datapackage.json"
    package.write_text("mine")
    done = leo("package", LESSON_EXTRACT)
    assert done.exit_code == 0 and "is kept as" in done.output and "resources" in json.loads(package.read_text())
    assert b"mine" in contents(course)
    assert "is kept as" not in leo("package", LESSON_EXTRACT).output


def test_clean_removes_what_the_course_wrote_and_nothing_else(course):
    keep.put(course / "_build", "book-key.txt", "key")
    keep.put(course / "_build" / "stamps", "release.txt", "digest")
    with keep.writing(course / "_build" / "html"):
        (course / "_build" / "html" / "book").mkdir(parents=True)
        (course / "_build" / "html" / "book" / "index.html").write_text("page")
        (course / "_build" / "html" / "index.html").write_text("first")
    mine = ["_build/notes.txt", "_build/html/CNAME", "_build/html/index.html", "data/extract/lesson/notes.txt",
            "data/extract/own/manifest.json", "book/reference/generated/mine.md", "work/a.ipynb"]  # fmt: skip
    for name in mine:
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(f"mine: {name}")
    done = leo("clean")
    assert done.exit_code == 0 and "Left, as somebody made or changed them: _build/html/CNAME" in done.output
    assert "and 1 more" in done.output
    assert contents(course) == {f"mine: {name}".encode() for name in mine} | {b"root: book/index\n"}
    assert leo("clean").exit_code == 0 and all((course / name).is_file() for name in mine)


def test_clean_moves_marks_and_never_deletes_them(course):
    mine = ["gradebook.db", "submitted/ada/06-x/x.ipynb", "feedback/ada/feedback.html", "marks/marks.csv", "report/a",
            "autograded/ada/a", "earlier/ada/a", "course-secret.txt", "learners/ada/a", "exercises/01-x/x.ipynb"]  # fmt: skip
    for name in mine:
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(f"mine: {name}")
    assert leo("clean").exit_code == 0 and all((course / name).is_file() for name in mine)
    done = leo("clean", "--marks")
    (kept,) = course.glob("marks.kept-*")
    assert f"Moved to {kept.name}" in done.output.replace("\n", " ")
    assert all((kept / name).is_file() for name in mine[:7]) and all((course / name).is_file() for name in mine[7:])
    assert {f"mine: {name}".encode() for name in mine} <= contents(course)
    assert "no marks to move" in leo("clean", "--marks").output


PLACES = (
    "out.csv", "out", "other/out.csv", "_build/fidelity.csv", "_build/mine", "data/extract/lesson/views.sql",
    "data/extract/lesson/mine", "data/extract/lesson/datapackage.json", "data/extract/lesson-truth/manifest.json",
    "data/extract/mine", "gradebook.db", "marks/marks.csv",
)  # fmt: skip
COMMANDS = (
    EXTRACT, (*EXTRACT, "--seed", "3"), (*EXTRACT, "--mode", "low-fidelity"), (*EXTRACT, "--force"),
    ("extract", "--people", "20", "--output", "out"), ("measure", "sex", "--output", "out.csv"),
    ("measure", "sex", "--output", "data/extract/lesson/views.sql"), ("srs", "sex", "--output", "other/out.csv"),
    ("srs", "sex", "--output", "out"), ("progress", "--export", "out.csv"), ("progress", "--export", "gradebook.db"),
    ("package", str(LESSON_EXTRACT)), ("clean",), ("clean", "--marks"),
)  # fmt: skip
sequences = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(PLACES)),
        st.tuples(st.just("change"), st.sampled_from(PLACES)),
        st.tuples(st.just("leo"), st.sampled_from(COMMANDS)),
    ),
    min_size=4,
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(sequences)
def test_no_sequence_of_commands_loses_a_byte_that_somebody_wrote(sequence):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEO_PROGRESS", str(Path(name) / "progress"))
        patch.delenv("LEO_EXTRACT", raising=False)
        course, mine = a_course(Path(name) / "course"), set()
        for number, (what, which) in enumerate(sequence):
            if what == "leo":
                with chdir(course):
                    done = leo(*which)
                assert done.exception is None or isinstance(done.exception, (LeoError, SystemExit)), (
                    which,
                    done.exception,
                )
            else:
                _by_somebody(course / which, what, number, mine)
            assert mine <= contents(course), (number, what, which)


def _by_somebody(path: Path, what: str, number: int, mine: set[bytes]) -> None:
    """Somebody writes a file, or adds to one that is there; that may be her own."""
    if path.is_dir() or any(each.is_file() for each in path.parents):
        return
    there = path.read_bytes() if path.is_file() else b""
    text = (there if what == "change" else b"") + f" by somebody {number}".encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    mine.discard(there)
    mine.add(text)


def test_progress_that_is_exported_over_itself_is_still_there(course):
    own = progress.progress_file()
    progress.write({"lessons": {}, "questions": {}})
    before = own.read_bytes()
    assert leo("progress", "--export", own).exit_code == 0
    assert progress.read() == progress.empty() and before in contents(own.parent)
