"""Nothing that somebody made is overwritten or deleted, whatever a command writes, and in whatever order."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.core import keep
from leocourse.core.errors import LeoError


def contents(folder: Path) -> list[bytes]:
    """What is in all files below a folder but records."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != keep.RECORD]


def kept(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.stem}.kept-*"))


# One file


def test_a_file_that_the_user_named_takes_the_place_of_another_which_is_kept(tmp_path, capsys):
    target = tmp_path / "rows.csv"
    assert keep.write(target, "one") == target and capsys.readouterr().err == ""
    keep.write(target, "one")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"], "the same again changes nothing"
    keep.write(target, "two")
    (old,) = kept(target)
    assert (target.read_text(), old.read_text(), old.suffix) == ("two", "one", ".csv")
    assert capsys.readouterr().err == f"{target} was there already: it is kept as {old.name}.\n"


def test_a_file_that_is_put_anew_says_nothing_and_gives_what_it_kept(tmp_path, capsys):
    target = tmp_path / "copy.ipynb"
    assert keep.put_new(target, b"one") is None
    assert keep.put_new(target, b"one") is None, "the same again changes nothing"
    old = keep.put_new(target, b"two")
    assert (target.read_bytes(), old.read_bytes(), kept(target)) == (b"two", b"one", [old])
    assert capsys.readouterr().err == ""
    assert sorted(tmp_path.iterdir()) == sorted([old, target]), "nothing is left beside it"


def test_what_came_there_while_a_file_was_made_is_kept(tmp_path, monkeypatch):
    target, link = tmp_path / "copy.ipynb", os.link

    def late(part, path):
        monkeypatch.setattr(os, "link", link)
        Path(path).write_bytes(b"theirs")
        link(part, path)

    monkeypatch.setattr(os, "link", late)
    old = keep.put_new(target, b"ours")
    assert (target.read_bytes(), old.read_bytes()) == (b"ours", b"theirs")


def test_several_in_one_second_get_names_of_their_own(tmp_path):
    for number in range(4):
        keep.write(tmp_path / "a.txt", str(number))
    assert sorted(contents(tmp_path)) == [b"0", b"1", b"2", b"3"]


def test_what_fails_in_the_middle_leaves_what_was_there(tmp_path):
    keep.write(tmp_path / "a.txt", "mine")
    with pytest.raises(LeoError, match=r"Cannot write .*a\.txt: No space"), keep.replacing(tmp_path / "a.txt") as part:
        part.write_text("half")
        raise OSError(28, "No space left on device")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"] and contents(tmp_path) == [b"mine"]


def test_a_folder_in_the_place_of_a_file_is_one_line_and_left(tmp_path):
    (tmp_path / "out.csv").mkdir()
    (tmp_path / "out.csv" / "thesis.txt").write_text("mine")
    with pytest.raises(LeoError, match=r"out\.csv is a folder: name a file") as raised:
        keep.write(tmp_path / "out.csv", "x")
    assert "\n" not in str(raised.value) and contents(tmp_path) == [b"mine"]


@pytest.mark.parametrize("place", ["file/x.csv", "x" * 300, "/proc/x/y.csv"])
def test_a_place_that_cannot_be_written_is_one_line(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(LeoError, match="Cannot write") as raised:
        keep.write(tmp_path / place, "x")
    assert "\n" not in str(raised.value) and contents(tmp_path) == [b"mine"]


def test_a_link_is_moved_itself_and_what_it_points_to_stays(tmp_path):
    (tmp_path / "real.txt").write_text("mine")
    (tmp_path / "link.txt").symlink_to("real.txt")
    keep.write(tmp_path / "link.txt", "new")
    assert (tmp_path / "real.txt").read_text() == "mine"
    assert not (tmp_path / "link.txt").is_symlink() and kept(tmp_path / "link.txt")[0].is_symlink()


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    keep.write(tmp_path / "pipe", "rows")
    reader.join()
    assert read == [b"rows"] and [path.name for path in tmp_path.iterdir()] == ["pipe"]
    with pytest.raises(LeoError, match="neither a file nor a folder"):
        keep.aside(tmp_path / "pipe")


def test_standard_output_can_be_named_and_is_not_moved(tmp_path):
    keep.write(Path("/dev/null"), "x")
    assert not list(Path("/dev").glob("null.kept*")) and not Path("/dev/null").is_file()


def test_a_name_as_long_as_a_name_can_be_is_kept_under_a_shorter_one(tmp_path):
    path = tmp_path / ("é" * 125 + ".txt")
    keep.write(path, "mine")
    keep.write(path, "new")
    assert sorted(contents(tmp_path)) == [b"mine", b"new"]


def test_the_line_shows_no_character_that_is_not_to_be_seen(tmp_path):
    line = keep.kept_line(tmp_path / "a\x1b[31m\n\u202e.txt", tmp_path / "b")
    assert line.isprintable() and "a?[31m??.txt" in line


def test_many_at_once_lose_nothing(tmp_path):
    """Threads that write one file, each something else: all that was written is there at the end."""

    def write(number):
        for turn in range(5):
            keep.write(tmp_path / "a.txt", f"{number}-{turn}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(contents(tmp_path)) == sorted(f"{n}-{t}".encode() for n in range(8) for t in range(5))


# A file that a command writes again and again


def test_ones_own_file_is_replaced_and_a_changed_one_is_kept(tmp_path):
    for text in ("one", "two", "three"):
        keep.put(tmp_path, "marks/marks.csv", text)
    assert contents(tmp_path) == [b"three"]
    (tmp_path / "marks" / "marks.csv").write_text("three, and a remark")
    keep.put(tmp_path, "marks/marks.csv", "four")
    assert sorted(contents(tmp_path)) == [b"four", b"three, and a remark"]


def test_a_file_that_was_there_before_the_first_time_is_kept(tmp_path):
    (tmp_path / "book.log").write_text("mine")
    keep.put(tmp_path, "book.log", "")
    assert sorted(contents(tmp_path)) == [b"", b"mine"]


def test_a_file_in_git_that_is_computed_again_is_replaced_unless_somebody_changed_it(tmp_path, capsys):
    """The table, its description, and another file without one: after a checkout, and again and again."""
    folder = tmp_path / "data" / "reference"
    folder.mkdir(parents=True)

    def record(text):
        keep.rewrite(folder / "zoë.csv", text)
        keep.rewrite(folder / "zoë.json", json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()}))
        keep.rewrite(folder / "hashes.json", json.dumps([text]))

    (folder / "zoë.csv").write_text("one")
    (folder / "zoë.json").write_text(json.dumps({"sha256": hashlib.sha256(b"one").hexdigest()}))
    (folder / "hashes.json").write_text("[]")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    for text in ("two", "three", "three"):
        record(text)
    assert sorted(path.name for path in folder.iterdir()) == ["hashes.json", "zoë.csv", "zoë.json"]
    assert capsys.readouterr().err == "" and (folder / "zoë.csv").read_text() == "three"
    for name in ("zoë.csv", "zoë.json", "hashes.json"):
        (folder / name).write_text('{"sha256": "by hand"}')
    record("four")
    assert len(list(folder.glob("*.kept-*"))) == 3 and capsys.readouterr().err.count("is kept as") == 3


@pytest.mark.parametrize("beside", ["a.json", "a.meta.json"])
def test_without_git_the_description_beside_a_file_vouches_for_it_alone(tmp_path, beside):
    (tmp_path / "in").mkdir()
    table = tmp_path / "in" / "a.csv"
    table.write_text("one")
    (tmp_path / "in" / beside).write_text(json.dumps({"sha256": hashlib.sha256(b"one").hexdigest()}))
    keep.rewrite(table, "two")
    assert not kept(table) and table.read_text() == "two"
    table.write_text("by hand")
    keep.rewrite(table, "three")
    assert [path.read_text() for path in kept(table)] == ["by hand"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sha256": 1}', "null"])
def test_a_description_that_says_nothing_vouches_for_nothing(tmp_path, text):
    (tmp_path / "a.csv").write_text("mine")
    (tmp_path / "a.json").write_text(text)
    keep.rewrite(tmp_path / "a.csv", "two")
    assert [path.read_text() for path in kept(tmp_path / "a.csv")] == ["mine"]


def test_several_runs_that_write_the_same_file_keep_none_of_their_own(tmp_path):
    threads = [
        threading.Thread(target=lambda n=n: [keep.put(tmp_path, "marks.csv", f"{n} {t}") for t in range(10)])
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.name for path in tmp_path.iterdir()) == [keep.RECORD, "marks.csv"]


# Folders


def made(tmp_path, **files):
    folder = tmp_path / "made"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.mkdir(exist_ok=True)
    return folder


def test_a_folder_is_replaced_and_what_somebody_made_in_it_is_kept_with_its_subfolders(tmp_path):
    folder = tmp_path / "out"
    assert keep.replace_folder(made(tmp_path, **{"a.txt": "a", "sub/b.txt": "b"}), folder) is None
    (folder / "sub" / "b.txt").write_text("b, answered")
    (folder / "sub" / "mine.txt").write_text("mine")
    where = keep.replace_folder(made(tmp_path, **{"a.txt": "new"}), folder)
    assert where.parent == tmp_path and where.name.startswith("out.kept-")
    assert (where / "sub" / "b.txt").read_text() == "b, answered" and (where / "sub" / "mine.txt").read_text() == "mine"
    assert sorted(contents(tmp_path)) == [b"b, answered", b"mine", b"new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", where.name]


@pytest.mark.parametrize("by", ["lite", "extract"])
def test_a_folder_of_another_command_or_of_nobody_is_left_alone(tmp_path, by):
    folder = tmp_path / "out"
    keep.replace_folder(made(tmp_path, **{"a.txt": "a"}), folder, by="learner")
    with pytest.raises(LeoError, match="already holds files that this command did not write"):
        keep.replace_folder(made(tmp_path, **{"a.txt": "b"}), folder, by=by)
    (folder / keep.RECORD).unlink()
    with pytest.raises(LeoError, match="already holds files"):
        keep.replace_folder(made(tmp_path, **{"a.txt": "b"}), folder, by="learner")
    assert (folder / "a.txt").read_text() == "a"
    keep.replace_folder(made(tmp_path, **{"a.txt": "b"}), folder, by=by, any_folder=True)
    assert (folder / "a.txt").read_text() == "b" and sorted(contents(tmp_path)) == [b"a", b"b"]


def test_a_file_in_the_place_of_a_folder_is_one_line(tmp_path):
    (tmp_path / "out").write_text("mine")
    for any_folder in (False, True):
        with pytest.raises(LeoError, match="out is (a file|not a folder)"):
            keep.replace_folder(made(tmp_path), tmp_path / "out", any_folder=any_folder)
    assert b"mine" in contents(tmp_path)


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to("disk")
    keep.replace_folder(made(tmp_path, **{"a.txt": "a"}), tmp_path / "out")
    assert (tmp_path / "out").is_symlink() and (tmp_path / "disk" / "a.txt").read_text() == "a"


def test_a_program_that_fills_a_folder_finds_nobodys_files_in_it(tmp_path, capsys):
    site = tmp_path / "html"
    with keep.writing(site):
        site.mkdir()
        (site / "index.html").write_text("page")
    (site / "index.html").write_text("page, edited")
    (site / "CNAME").write_text("mine")
    with pytest.raises(ZeroDivisionError), keep.writing(site):
        (site / "index.html").write_text("page 2")
        raise ZeroDivisionError
    assert contents(site) == [b"page 2"] and sorted(contents(tmp_path)) == [b"mine", b"page 2", b"page, edited"]
    assert "html.kept-" in capsys.readouterr().err
    assert keep.remove_ours(site) == [] and not site.exists(), "what a failed run wrote is its own"


def cut_off(folder, signal_name):
    """A run that has written one file and begun another when it is ended. Gives how it ended."""
    code = f"""
import os, signal
from pathlib import Path
from leocourse.core import keep
folder = Path({str(folder)!r})
with keep.writing(folder):
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text("whole")
    (folder / "data.bin").write_text("ha")
    os.kill(os.getpid(), signal.{signal_name})
"""
    return subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)


def test_what_a_run_wrote_before_it_was_told_to_end_is_not_taken_for_somebodys(tmp_path, capsys):
    folder = tmp_path / "made"
    assert cut_off(folder, "SIGTERM").returncode == 128 + signal.SIGTERM
    assert keep.made_by_somebody(folder) == []
    before = signal.getsignal(signal.SIGTERM)
    with keep.writing(folder):
        pass
    assert capsys.readouterr().err == "" and signal.getsignal(signal.SIGTERM) == before


def test_after_a_run_that_was_killed_all_that_is_new_is_kept_and_the_line_says_why(tmp_path, capsys):
    folder = tmp_path / "made ü"
    with keep.writing(folder):
        folder.mkdir()
        (folder / "page.html").write_text("old")
    assert cut_off(folder, "SIGKILL").returncode == -signal.SIGKILL
    with keep.writing(folder):
        pass
    (old,) = tmp_path.glob("made ü.kept-*")
    assert sorted(contents(old)) == [b"ha", b"whole"]
    said = capsys.readouterr().err
    assert (
        said.startswith("The last run was cut off while it wrote to ") and f"is kept as {old.name}: delete it" in said
    )
    (folder / "mine.txt").write_text("mine")
    with keep.writing(folder):
        pass
    assert "was there already" in capsys.readouterr().err, "and after a run that ended in order it says so no more"


def test_what_is_moved_in_counts_as_ones_own_from_the_first_file_on(tmp_path, monkeypatch):
    made, folder = tmp_path / "new", tmp_path / "folder"
    for name in ("a/ü.bin", "b.bin", "c/d/e.bin"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    folder.mkdir()
    moved = []

    def move(source, target, move=shutil.move):
        if len(moved) == 2:
            raise KeyboardInterrupt
        moved.append(move(source, target))

    monkeypatch.setattr(keep.shutil, "move", move)
    with pytest.raises(KeyboardInterrupt):
        keep.move_in(made, folder)
    assert len(moved) == 2 and keep.made_by_somebody(folder) == []


def test_a_record_within_a_folder_counts(tmp_path):
    keep.put(tmp_path / "_build" / "stamps", "a.txt", "a")
    keep.put(tmp_path / "_build", "log", "b")
    (tmp_path / "_build" / "notes.txt").write_text("mine")
    assert keep.made_by_somebody(tmp_path / "_build") == ["notes.txt"]
    assert keep.remove_ours(tmp_path / "_build") == ["notes.txt"]
    assert contents(tmp_path) == [b"mine"] and not (tmp_path / "_build" / "stamps").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 1}', '{"by": 1, "files": {}}', "[" * 10**5])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path, text):
    keep.put(tmp_path / "out", "a", "a")
    (tmp_path / "out" / keep.RECORD).write_text(text)
    assert keep.recorded(tmp_path / "out") is None
    keep.put(tmp_path / "out", "a", "b")
    assert sorted(contents(tmp_path)) == [b"a", b"b"]


# Any sequence

PLACES = ("out/a.txt", "out/sub/b.txt", "out/own.txt", "out/sub/own.txt", "out", "b.txt", "out/sub")
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["person", "person", "edit", "put", "write", "folder", "any folder", "program", "take", "clean"]
        ),
        st.sampled_from(PLACES),
        st.integers(0, 3),
    ),
    max_size=14,
)


def _by_person(path: Path, text: bytes, mine: set[bytes]) -> None:
    """A person writes a file, and may well overwrite her own."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mine.discard(path.read_bytes() if path.is_file() else b"")
        path.write_bytes(text)
        mine.add(text)
    except OSError:  # a folder is in the place of the file, or the other way round
        pass


def _by_command(root: Path, what: str, place: str, text: str) -> None:
    """One step of a command."""
    path, folder = root / place, root / "out"
    if what == "put":
        keep.put(folder, Path(place).name, text)
    elif what == "write":
        keep.write(path, text)
    elif what in ("folder", "any folder"):
        with tempfile.TemporaryDirectory() as scratch:
            new = made(Path(scratch), **{"a.txt": text, "sub/b.txt": text})
            keep.replace_folder(new, folder, any_folder=what == "any folder")
    elif what == "program":
        with suppress(FileExistsError), keep.writing(folder):
            (folder / "sub").mkdir(parents=True, exist_ok=True)
            (folder / "sub" / "b.txt").write_text(text)
    elif what == "take":
        keep.take_away(path)
    else:
        keep.remove_ours(folder)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_no_sequence_of_steps_loses_a_byte_that_a_person_wrote(sequence):
    with tempfile.TemporaryDirectory() as name:
        root, mine = Path(name), set()
        for number, (what, place, version) in enumerate(sequence):
            if what == "person":
                _by_person(root / place, f"person {number}".encode(), mine)
            elif what == "edit" and (root / place).is_file():
                _by_person(root / place, (root / place).read_bytes() + b" edited", mine)
            elif what not in ("person", "edit"):
                try:
                    _by_command(root, what, place, f"course {version}")
                except LeoError as error:
                    assert "\n" not in str(error)
            assert mine <= set(contents(root)), (number, what, place)
