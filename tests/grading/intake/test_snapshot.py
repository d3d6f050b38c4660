"""What was handed in is read once, is bounded, and is all accounted for."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zipfile

import pytest
from known import LAST, assignments, notebook, put, table, zipped

from leocourse.core.errors import LeoError
from leocourse.core.once import Unread, read_named, read_once
from leocourse.grading.intake import snapshot as snapshots
from leocourse.grading.intake.collect import collect
from leocourse.grading.intake.snapshot import SIZE_LIMIT, take
from leocourse.grading.intake.store import Store

PLACE = f"ada/{LAST}.ipynb"


def test_what_changes_after_it_was_read_changes_nothing(tmp_path):
    put(tmp_path, {PLACE: notebook("first"), "secret.ipynb": notebook("somebody else's")})
    (found,) = [each for each in collect(tmp_path, assignments()).submissions if each.student]
    for change in ("rewritten", "a link", "a pipe", "gone"):
        path = tmp_path / PLACE
        path.unlink()
        if change == "rewritten":
            path.write_bytes(notebook("second"))
        elif change == "a link":
            path.symlink_to(tmp_path / "secret.ipynb")
        elif change == "a pipe":
            os.mkfifo(path)
        assert found.load() == notebook("first"), change
        assert found.sha256 == hashlib.sha256(notebook("first")).hexdigest()
        if change == "gone":
            break


def test_a_swap_between_two_files_is_seen_whole_or_not_at_all(tmp_path):
    """A file is rewritten and replaced by links all the time while it is collected: bytes and hash go together."""
    put(tmp_path, {"in/" + PLACE: notebook("a" * 300_000), "other.ipynb": notebook("somebody else's")})
    stop = threading.Event()

    def swap():
        number = 0
        while not stop.is_set():
            number += 1
            fresh = tmp_path / f"new-{number}"
            if number % 2:
                fresh.symlink_to(tmp_path / "other.ipynb")
            else:
                fresh.write_bytes(notebook("b" * 300_000))
            os.replace(fresh, tmp_path / "in" / PLACE)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for _ in range(40):
            (found,) = collect(tmp_path / "in", assignments()).submissions
            if found.problem:
                assert found.problem == "It is a link, and links are not followed."
                continue
            assert hashlib.sha256(found.load()).hexdigest() == found.sha256
            assert b"somebody else" not in found.load()
    finally:
        stop.set()
        swapping.join()


@pytest.mark.parametrize("what", ["fifo", "link to a file", "link to a folder", "socket", "device", "dangling"])
def test_what_is_no_file_is_told_and_never_waited_for(tmp_path, what):
    place = tmp_path / "in" / PLACE
    put(tmp_path, {"in/bob/w.ipynb": notebook(), "elsewhere/w.ipynb": notebook("secret"), "in/ada": None})
    if what == "fifo":
        os.mkfifo(place)
    elif what == "socket":
        import socket

        here = os.getcwd()
        os.chdir(place.parent)
        socket.socket(socket.AF_UNIX).bind(place.name)
        os.chdir(here)
    elif what == "device":
        place.symlink_to("/dev/zero")
    else:
        place.symlink_to(
            tmp_path / {"link to a file": "elsewhere/w.ipynb", "link to a folder": "elsewhere"}.get(what, "no")
        )
    told = table(collect(tmp_path / "in", assignments()))
    assert told["bob", LAST] == "to mark"
    (why,) = [said for (student, _), said in told.items() if student == "ada"]
    assert why in ("It is a link, and links are not followed.", "It is not an ordinary file.")


def test_a_file_is_opened_once(tmp_path, monkeypatch):
    put(tmp_path, {PLACE: notebook(), "bob/work.zip": zipped({"w.ipynb": notebook("b")}), "bob/data.csv": "a,b"})
    opened = []
    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *more, **named: opened.append(os.fspath(path)) or real(path, *more, **named)
    )
    for each in collect(tmp_path, assignments()).submissions:
        assert each.problem == "" and each.load() and each.load()
    monkeypatch.undo()
    names = [name for name in opened if str(name).endswith((".ipynb", ".zip", ".csv"))]
    assert sorted(names) == sorted([f"{LAST}.ipynb", "data.csv", "work.zip"])


@pytest.mark.parametrize("depth", [1, 2, 4, 5, 7])
def test_zips_in_zips_are_opened_three_deep(tmp_path, depth):
    content = notebook("deep")
    inner = {"w.ipynb": content}
    for level in range(depth):
        inner = {f"level{level}.zip": zipped(inner)}
    put(tmp_path, {f"ada/{name}": each for name, each in inner.items()} | {"bob/w.ipynb": notebook("b")})
    intake = collect(tmp_path, assignments())
    told = {each.student: each for each in intake.submissions}
    assert told["bob"].problem == ""
    if depth <= 4:  # one in a folder, and three in it
        assert told["ada"].load() == content and told["ada"].problem == ""
    else:
        assert "more than 3 deep" in told["ada"].problem
    assert all(why for what, why in intake.files.values() if what == "set aside")


def test_a_zip_bomb_costs_only_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "UNPACKED_LIMIT", 3_000_000)
    bomb = zipped({f"{number}.csv": b"0" * 900_000 for number in range(5)})
    put(
        tmp_path,
        {"ada/a.zip": bomb, "bob/z.zip": zipped({"w.ipynb": notebook("b")}), "cy/c.zip": zipped({"d/e.zip": bomb})},
    )
    intake = collect(tmp_path, assignments())
    told = {each.student: each.problem for each in intake.submissions}
    assert told["bob"] == "" and "MB in all" in told["ada"] and "MB in all" in told["cy"]


def test_a_zip_cannot_say_that_it_is_smaller_than_it_is(tmp_path):
    data = bytearray(zipped({f"{LAST}.ipynb": b"0" * (SIZE_LIMIT + 10), "w.ipynb": notebook()}))
    for at in range(len(data) - 4):
        if data[at : at + 4] == (SIZE_LIMIT + 10).to_bytes(4, "little"):
            data[at : at + 4] = (5).to_bytes(4, "little")
    put(tmp_path, {"ada/a.zip": bytes(data), "bob/w.ipynb": notebook("b")})
    intake = collect(tmp_path, assignments())
    assert {each.student for each in intake.submissions} == {"ada", "bob"}
    assert all(each.problem or len(each.load()) <= SIZE_LIMIT for each in intake.submissions)


@pytest.mark.parametrize("make", [
    lambda: zipped({"a.ipynb": b"x"})[:-30], lambda: b"PK\x05\x06" + b"\0" * 18, lambda: b"PK\x03\x04" + os.urandom(200), lambda: b"",
    lambda: zipped({}), lambda: zipped({"../../w.ipynb": notebook()}), lambda: zipped({"/w.ipynb": notebook()}),
    lambda: zipped({"//06-table-for-release/w.ipynb": notebook()}), lambda: zipped({"C:\\w.ipynb": notebook()}),
])  # fmt: skip
def test_any_broken_or_hostile_zip_of_one_is_told_and_the_others_are_marked(tmp_path, make):
    put(tmp_path, {"ada/hw.zip": make(), "bob/w.ipynb": notebook("b")})
    told = {each.student: each.problem for each in collect(tmp_path, assignments()).submissions}
    assert told["bob"] == "" and told["ada"]


def test_links_and_passwords_in_zips_are_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        link = zipfile.ZipInfo("ada/w.ipynb")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("bob/w.ipynb", notebook("b"))
    data = bytearray((tmp_path / "all.zip").read_bytes())
    locked = zipped({"x.ipynb": notebook("c")}, zipfile.ZIP_STORED)
    locked = bytearray(locked)
    locked[6] |= 1
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    told = table(collect(tmp_path / "all.zip", assignments()))
    assert told[("ada", "")] if ("ada", "") in told else any("link" in why for why in told.values())
    assert told["bob", LAST] == "to mark" and data
    put(tmp_path / "in", {"cy/x.zip": bytes(locked), "bob/w.ipynb": notebook("b")})
    told = {each.student: each.problem for each in collect(tmp_path / "in", assignments()).submissions}
    assert "cannot be unpacked" in told["cy"] and told["bob"] == ""


def test_a_name_twice_in_a_zip_is_two_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        made.writestr("bob/w.ipynb", notebook("one"))
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("bob/w.ipynb", notebook("two"))
    intake = collect(tmp_path / "all.zip", assignments())
    assert "There are 2 notebooks" in table(intake)["bob", LAST] and len(intake.files) == 2


def test_a_name_in_a_zip_that_is_utf8_and_does_not_say_so_is_read_as_utf8(tmp_path):
    name = "Zoë Łukasiewicz".encode()
    data = zipped({"x" * len(name) + "/w.ipynb": notebook("z")}).replace(b"x" * len(name), name)  # as Finder writes it
    assert data.count(name) == 2
    put(tmp_path, {"all.zip": data})
    assert table(collect(tmp_path / "all.zip", assignments())) == {("Zoë Łukasiewicz", LAST): "to mark"}


def test_a_name_that_is_no_utf8_is_a_person_too(tmp_path):
    put(tmp_path, {os.fsdecode(b"ad\xe9") + "/w.ipynb": notebook("a"), "bob/w.ipynb": notebook("b")})
    told = {each.student: each.problem for each in collect(tmp_path, assignments()).submissions}
    assert told["bob"] == "" and "not UTF-8" in told[os.fsdecode(b"ad\xe9")]


def test_every_file_and_folder_of_a_wild_tree_is_in_the_plan(tmp_path):
    put(tmp_path, {
        "cy/first-queries-and-linking.ipynb.txt": notebook(), "cy/hw1.zip": b"no zip", "dee/table-for-release.ipynb.json": notebook(),
        "ed/onlinetext.html": "<p>", "flat.zip": b"no zip", "fay": None, "gus/.venv/lib/x.py": "x", "gus/.git/config": "",
        "gus/Thumbs.db": "", "gus/__MACOSX/._a": "", "gus/desktop.ini": "", "gus/.ipynb_checkpoints/a-checkpoint.ipynb": notebook(),
        "hal/timestamp.txt": "2020-01-01", "notes.txt": "x", "ida/deep/er/w.ipynb": notebook("i"), "ida/data.csv": "a",
    })  # fmt: skip
    intake = collect(tmp_path, assignments())
    listed = {line.file for line in intake.plan}
    for path in tmp_path.rglob("*"):
        name = path.relative_to(tmp_path).as_posix()
        if path.is_file():
            assert name in intake.files and name in listed
    assert "fay" in listed
    told = {each.student: each.problem for each in intake.submissions if each.student}
    assert set(told) == {"cy", "dee", "ed", "fay", "gus", "hal", "ida"}
    assert [name for name, why in told.items() if not why] == ["ida"]
    assert all(line.rule or line.doubt for line in intake.plan), [
        line for line in intake.plan if not (line.rule or line.doubt)
    ]


def test_the_store_gives_back_what_was_put_in_and_nothing_else(tmp_path):
    store = Store()
    contents = [os.urandom(size) for size in (0, 1, 5_000, 3_000_000)]
    names = [store.add(each) for each in (*contents, *contents)]
    assert [store.get(name) for name in names] == [*contents, *contents]
    with pytest.raises(KeyError):
        store.get("0" * 64)


def test_a_file_that_the_user_named_is_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(b"x" * 101)
    for path, why in ((tmp_path / "pipe", "not an ordinary"), ("/dev/zero", "not an ordinary"), (tmp_path, "not an ordinary"),
                      (tmp_path / "big", "larger than 100 bytes"), (tmp_path / "no", "No such file")):  # fmt: skip
        with pytest.raises(LeoError, match=why):
            read_named(path, 100, "The file")
    (tmp_path / "link").symlink_to(tmp_path / "big")
    assert len(read_named(tmp_path / "link", 101, "The file")) == 101
    with pytest.raises(Unread, match="links are not followed"):
        read_once(tmp_path / "link", 101)


def test_a_folder_swapped_for_a_link_while_it_is_walked_is_not_followed(tmp_path, monkeypatch):
    put(
        tmp_path,
        {"in/ada/w.ipynb": notebook("a"), "in/bob/w.ipynb": notebook("b"), "other/w.ipynb": notebook("secret")},
    )
    real = os.stat

    def swap(path, *more, **named):
        found = real(path, *more, **named)
        if path == "bob" and not (tmp_path / "in" / "bob").is_symlink():
            os.rename(tmp_path / "in" / "bob", tmp_path / "was-bob")
            os.symlink(tmp_path / "other", tmp_path / "in" / "bob")
        return found

    monkeypatch.setattr(os, "stat", swap)
    made = take(tmp_path / "in")
    monkeypatch.undo()
    contents = {file.path: made.content(file) for file in made.files}
    assert b"secret" not in b"".join(contents.values()) and contents["ada/w.ipynb"] == notebook("a")


def test_a_notebook_under_any_other_name_is_told(tmp_path):
    put(tmp_path, {"ada/work.docx": notebook("a"), "bob/w.ipynb": notebook("b")})
    told = {each.student: each.problem for each in collect(tmp_path, assignments()).submissions}
    assert told["ada"].startswith("It is a notebook under another name") and told["bob"] == ""
    assert json.loads(notebook("a"))["nbformat"] == 4
