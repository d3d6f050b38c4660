"""The learner's own copies: made once, never replaced, brought up to date with everything that was written."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_carry import answer, cell, put, release
from typer import Exit
from typer.testing import CliRunner

from leocourse import work
from leocourse.authoring import lessons
from leocourse.authoring.handout import changed, pristine, stamped, written
from leocourse.authoring.release import put_in_place
from leocourse.cli.commands import app
from leocourse.cli.course import clean
from leocourse.cli.learner import lab
from leocourse.core import copies, keep
from leocourse.core.copies import RELEASE, release_of
from leocourse.core.errors import LeoError
from leocourse.grading import learners
from leocourse.site import bundle, lite, offline

NOTEBOOKS = ("exercises/01-one/one.ipynb", "exercises/02-two/two.ipynb")
FIRST = NOTEBOOKS[0]


def generated(folder, number):
    """What nbgrader would have generated as release ``number``, as ``leo release`` keeps it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in NOTEBOOKS[: 1 + (number != 2)]:  # the second release lacks an assignment
        path = folder / Path(name).relative_to("exercises")
        path.parent.mkdir(parents=True)
        path.write_bytes(stamped(written(release(words=f" of release {number}")), name))
    (folder / "01-one" / "data.csv").write_text(f"release,{number}\n")
    return folder


def new_release(root, number, say=lambda line: None):
    put_in_place(root, generated(root / "_build" / "release", number), say)


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "course")


def make_tree(root):
    (root / "data" / "schema").mkdir(parents=True)
    (root / "data" / "extract" / "lesson").mkdir(parents=True)
    (root / "data" / "reference").mkdir()
    (root / "data" / "extract" / "lesson" / "manifest.json").write_text("{}")
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    new_release(root, 1)
    return root


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write_answer(path, name, text):
    path.write_bytes(written(put(load(path), name, text)))


def said(call, *arguments, **more):
    lines: list[str] = []
    call(*arguments, say=lines.append, **more)
    return "\n".join(lines)


# Copies -------------------------------------------------------------------------------------------------


def test_copies_are_made_once_and_what_is_there_is_left(tree):
    assert "Copied 4 files into work" in said(work.prepare, tree)
    write_answer(tree / "work" / FIRST, "q1", "q1 = 'mine'")
    (tree / "work" / "start.ipynb").unlink()
    before = (tree / "work" / FIRST).read_bytes()
    said(work.prepare, tree)
    assert (tree / "work" / FIRST).read_bytes() == before and (tree / "work" / "start.ipynb").is_file()
    assert said(work.prepare, tree) == ""


def test_the_start_page_leads_to_everything_in_order_and_says_that_data_are_simulated(root):
    files = {name: path.read_bytes() for name, path in _real_handout(root).items()}
    from leocourse.authoring.handout import start_page, titles

    listed = titles(files)
    text = "\n".join("".join(each["source"]) for each in json.loads(start_page(listed))["cells"])
    assert all(f"({name})" in text for name in listed) and "All data are simulated" in text
    assert "leo work update" in text


def _real_handout(root):
    folder = root / "exercises"
    return {f"exercises/{path.relative_to(folder).as_posix()}": path for path in folder.glob("*/*.ipynb")}


def test_no_lesson_says_that_it_is_a_markdown_file(root):
    """JupyterLab, where jupytext is installed, opens no notebook that says so."""
    notebooks = {name: json.loads(text) for name, text in lessons.lesson_files(root).items() if name.endswith(".ipynb")}
    assert len(notebooks) > 5
    assert [name for name, book in notebooks.items() if "jupytext" in book["metadata"]] == []


def test_lessons_link_to_each_other_to_assignments_and_to_pictures(root):
    files = lessons.lesson_files(root)
    there = {f"lessons/{name}" for name in files} | set(_real_handout(root))
    for name, content in files.items():
        if not name.endswith(".ipynb"):
            continue
        text = "\n".join("".join(each["source"]) for each in json.loads(content)["cells"])
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)\s]+?)(?:#[\w-]+)?\)", text):
            assert os.path.normpath(f"lessons/{link}") in there, (name, link)
        for picture in re.findall(r"(?:image|figure)\} (\S+)", text):
            assert os.path.normpath(f"lessons/{picture}") in there, (name, picture)
        assert release_of(json.loads(content))[0] == f"lessons/{name}"


def test_what_is_handed_out_is_the_same_whatever_was_generated(root, tmp_path):
    """A lesson that was new whenever a page was generated, or cleaned away, would be an update for every learner."""
    for name in ("_toc.yml", "book/intro", "book/reference", "book/advanced", "book/start"):
        if (root / name).is_dir():
            shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("generated"))
        elif (root / name).is_file():
            shutil.copy(root / name, tmp_path / name)
    bare = lessons.lesson_files(tmp_path)
    linked = {name for page in (tmp_path / "book" / "intro").glob("*.md")
              for name in re.findall(r"\(\.\./(reference/generated/[\w/-]+\.md)", page.read_text())}  # fmt: skip
    assert len(linked) > 5
    for name in linked:
        (tmp_path / "book" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "book" / name).write_text("# Another heading\n")
    assert lessons.lesson_files(tmp_path) == bare
    text = "".join(content.decode() for name, content in bare.items() if name.endswith(".ipynb"))
    assert "The person behind an EDUKEY" in text, "a measure's page is called as the measure is"


def test_a_file_in_the_place_of_a_folder_is_moved_aside_and_said(tree):
    (tree / "work").mkdir()
    (tree / "work" / "exercises").write_text("my notes")
    assert "is kept under this name" in said(work.prepare, tree)
    assert (tree / "work" / FIRST).is_file()
    assert [each.read_text() for each in (tree / "work").glob("exercises.kept-*")] == ["my notes"]


# Releases ------------------------------------------------------------------------------------------------


def test_what_was_changed_in_exercises_is_moved_into_work_and_the_pristine_one_put_back(tree):
    write_answer(tree / FIRST, "q1", "q1 = 'in the wrong place'")
    (tree / "exercises" / "01-one" / "née.txt").write_text("added")
    told = said(new_release, tree, 1)
    assert told.count("is kept as work/exercises/01-one/") == 2
    assert answer(load(tree / "work" / FIRST), "q1") == "q1 = 'in the wrong place'"
    assert (tree / "work" / "exercises" / "01-one" / "née.txt").read_text() == "added"
    assert not changed(tree / "exercises") and "wrong place" not in (tree / FIRST).read_text()
    assert said(new_release, tree, 1) == ""


def test_an_unchanged_copy_gives_way_and_a_changed_one_does_not(tree):
    said(work.prepare, tree)
    write_answer(tree / FIRST, "q1", "q1 = 'first'")
    said(new_release, tree, 1)
    assert answer(load(tree / "work" / FIRST), "q1") == "q1 = 'first'"
    write_answer(tree / FIRST, "q1", "q1 = 'second'")
    assert ".kept-" in said(new_release, tree, 1)
    assert answer(load(tree / "work" / FIRST), "q1") == "q1 = 'first'"
    assert len(list((tree / "work" / "exercises" / "01-one").glob("one.kept-*"))) == 1


def test_what_nbgrader_alone_released_is_no_change_of_the_learner(tree):
    (tree / FIRST).write_bytes(written(release(words=" of release 1")))
    assert said(new_release, tree, 1) == "" and not (tree / "work").exists()
    assert release_of(load(tree / FIRST))[0] == FIRST


def test_marking_and_packing_refuse_exercises_that_somebody_changed(tree):
    assert pristine(tree, tree / FIRST) == tree / FIRST
    write_answer(tree / FIRST, "q1", "q1 = 'mine'")
    for call in (lambda: pristine(tree, tree / FIRST), lambda: bundle.course_files(tree)):
        with pytest.raises(LeoError, match="is not as it was handed out: put it right with 'leo release'"):
            call()


def test_work_that_was_typed_into_exercises_is_said_to_go_on_or_what_to_do_with_both(tree):
    write_answer(tree / FIRST, "q1", "q1 = 'first'")
    assert said(new_release, tree, 1).endswith("Go on there.")
    write_answer(tree / FIRST, "q2", "q2 = 'second'")
    told = said(new_release, tree, 1)
    assert f"work/{FIRST}, where other work is, stays as it is: 'leo work take' writes into it" in told
    (kept,) = (tree / "work" / "exercises" / "01-one").glob("one.kept-*")
    new_release(tree, 3)
    assert "q2" in said(work.update, tree, [kept]), "and what was kept can be brought into a newer release"
    assert answer(load(kept), "q2") == "q2 = 'second'" and "release 3" in kept.read_text()


# Updates ------------------------------------------------------------------------------------------------


def test_an_update_carries_answers_over_keeps_the_old_file_and_is_harmless_twice(tree):
    said(work.prepare, tree)
    write_answer(tree / "work" / FIRST, "q2", "q2 = 'mine'")
    write_answer(tree / "work" / FIRST, "w1", "In my words")
    old = (tree / "work" / FIRST).read_bytes()
    new_release(tree, 3)
    assert "work/exercises/01-one/one.ipynb" in said(work.prepare, tree), "an old copy is named"
    told = said(work.update, tree)
    made = load(tree / "work" / FIRST)
    assert answer(made, "q2") == "q2 = 'mine'" and answer(made, "w1") == "In my words"
    assert "release 3" in answer(made, "q1-text") and "Answers in their places: q2, w1" in told
    (kept,) = (tree / "work" / "exercises" / "01-one").glob("*.kept-*")
    assert kept.read_bytes() == old and kept.name in told
    assert "You had written nothing in the old one" in told, "of the second assignment"
    everything = {path: path.read_bytes() for path in (tree / "work").rglob("*") if path.is_file()}
    assert "Nothing to update" in said(work.update, tree)
    assert everything == {path: path.read_bytes() for path in (tree / "work").rglob("*") if path.is_file()}


def test_an_update_works_for_a_copy_that_lost_its_metadata_or_has_another_name(tree):
    said(work.prepare, tree)
    stripped = put(load(tree / "work" / FIRST), "q3", "q3 = 'mine'")
    stripped["metadata"] = {}
    for number, each in enumerate(stripped["cells"]):
        each["metadata"], each["id"] = {}, f"x{number}"
    (tree / "work" / FIRST).write_bytes(written(stripped))
    mine = tree / "work" / "meine Lösung.ipynb"
    mine.write_bytes(written(put(load(tree / NOTEBOOKS[1]), "q1", "q1 = 'renamed'")))
    new_release(tree, 3)
    said(work.update, tree)
    assert answer(load(tree / "work" / FIRST), "q3") == "q3 = 'mine'"
    assert answer(load(mine), "q1") == "q1 = 'renamed'" and "release 3" in mine.read_text()
    assert "Nothing to update" in said(work.update, tree)


def test_a_tab_that_stayed_open_and_saves_the_old_notebook_over_the_new_one_costs_nothing_but_another_update(tree):
    said(work.prepare, tree)
    path = tree / "work" / FIRST
    write_answer(path, "q1", "q1 = 'before'")
    tab = load(path)
    new_release(tree, 3)
    said(work.update, tree)
    path.write_bytes(written(put(put(tab, "q1", "q1 = 'in the tab'"), "q3", "q3 = 'zoë'")))
    assert [each.state for each in work.status(tree) if each.path == FIRST] == ["old"]
    saved = path.read_bytes()
    told = said(work.update, tree)
    made = load(path)
    assert (
        answer(made, "q1") == "q1 = 'in the tab'"
        and answer(made, "q3") == "q3 = 'zoë'"
        and "release 3" in path.read_text()
    )
    kept = {each.read_bytes() for each in path.parent.glob("one.kept-*")}
    assert saved in kept and len(kept) == 2 and "q1, q3" in told
    assert "Nothing to update" in said(work.update, tree)


@pytest.mark.parametrize("content", [b"", b"{", b"<<<<<<< HEAD\n{}", b'{"nbformat": 3, "worksheets": []}', b"\xff\xfe"])
def test_a_copy_that_cannot_be_read_is_left_and_said(tree, content):
    said(work.prepare, tree)
    (tree / "work" / FIRST).write_bytes(content)
    new_release(tree, 3)
    lines = []
    assert work.update(tree, say=lines.append) is False
    assert any("one.ipynb is left as it is:" in line for line in lines)
    assert (tree / "work" / FIRST).read_bytes() == content


@pytest.mark.parametrize(
    "cut", [lambda whole: whole[: len(whole) // 2], lambda _: b"", lambda _: b"[]", lambda _: b"\x00"]
)
@pytest.mark.parametrize("where", [FIRST, "mine.ipynb", "lessons/née.ipynb"])
def test_a_broken_copy_is_never_called_current(tree, cut, where, monkeypatch):
    """Of the current release, and of whatever name: by each command, with the exit code that its help promises."""
    said(work.prepare, tree)
    path = tree / "work" / where
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(cut((tree / FIRST).read_bytes()))
    content = path.read_bytes()
    assert f"work/{where} is left as it is: The file " in said(work.prepare, tree)
    assert [each.path for each in work.status(tree) if each.state == "broken"] == [where]
    monkeypatch.chdir(tree)
    for command in ("update", "status"):
        done = CliRunner().invoke(app, ["work", command])
        assert done.exit_code == 1 and f"work/{where} is left as it is: The file " in done.output
        assert "Nothing to update" not in done.output
    done = CliRunner().invoke(app, ["work", "update", f"work/{where}"])
    assert done.exit_code == 1 and "is left as it is: The file " in done.output
    assert path.read_bytes() == content
    path.rename(path.with_name("broken.txt"))
    said(work.prepare, tree)
    assert CliRunner().invoke(app, ["work", "update"]).exit_code == 0


def test_what_jupyterlab_saved_before_is_named_where_a_copy_is_broken(tree):
    said(work.prepare, tree)
    path = tree / "work" / FIRST
    earlier = path.parent / ".ipynb_checkpoints" / "one-checkpoint.ipynb"
    earlier.parent.mkdir()
    shutil.copy(path, earlier)
    path.write_bytes(b"{")
    assert f"saved of it before is in {earlier.relative_to(tree)}." in said(work.prepare, tree)
    earlier.write_bytes(b"{")
    assert "saved of it before" not in said(work.prepare, tree)


def test_lab_says_to_root_what_it_needs_before_it_copies_anything(tree, monkeypatch):
    monkeypatch.chdir(tree)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(LeoError, match="leo lab --allow-root"):
        lab([], course=False)
    assert not (tree / "work").exists()
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0))
    for who, words in ((0, ["--allow-root"]), (0, ["--ServerApp.allow_root=True"]), (1000, [])):
        monkeypatch.setattr(os, "geteuid", lambda who=who: who)
        with pytest.raises(Exit):
            lab(words, course=False)
    assert (tree / "work" / FIRST).is_file()


def test_a_copy_elsewhere_is_brought_up_to_date_when_it_is_named(tree, tmp_path):
    mine = tmp_path / "on my stick.ipynb"
    mine.write_bytes(written(put(load(tree / FIRST), "q1", "q1 = 'away'")))
    new_release(tree, 3)
    assert "q1" in said(work.update, tree, [mine])
    assert answer(load(mine), "q1") == "q1 = 'away'" and len(list(tmp_path.glob("on my stick.kept-*.ipynb"))) == 1
    with pytest.raises(LeoError, match="does not say of which notebook"):
        work.update(tree, [Path(__file__)], say=lambda line: None)


def test_an_old_copy_says_so_when_its_check_is_made_and_a_current_one_says_nothing(tree, monkeypatch):
    said(work.prepare, tree)
    shell = type("Shell", (), {"user_ns": {}})()
    monkeypatch.setitem(sys.modules, "IPython", type("Module", (), {"get_ipython": staticmethod(lambda: shell)}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tree / "work" / FIRST))
    assert copies.notice() == ""
    new_release(tree, 3)
    assert "older release" in copies.notice() and copies.notice().endswith("leo work update")
    lost = load(tree / "work" / FIRST)
    del lost["metadata"][RELEASE]
    (tree / "work" / FIRST).write_bytes(written(lost))
    assert "older release" in copies.notice(), "it is remembered where the file does not say it"
    for nowhere in ("", "/nowhere/x.ipynb", str(tree)):
        monkeypatch.setenv("JPY_SESSION_NAME", nowhere)
        assert copies.notice() == ""


def test_a_real_kernel_says_that_its_notebook_is_old(tree):
    """Jupyter's own kernel, started as Jupyter's server starts it: with the notebook's path in its environment."""
    client = pytest.importorskip("nbclient")
    import nbformat

    said(work.prepare, tree)
    new_release(tree, 3)
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("from leocourse.core.copies import notice\nnotice()")]
    )
    environment = {**os.environ, "JPY_SESSION_NAME": str(tree / "work" / FIRST)}
    client.NotebookClient(book).execute(env=environment, cwd=str(tree / "work"))
    assert "older release" in book.cells[0].outputs[0]["data"]["text/plain"]


def test_a_changed_notebook_in_the_browser_says_that_the_site_has_a_newer_one(tmp_path, monkeypatch, capsys):
    (tmp_path / "lessons").mkdir()
    (tmp_path / work.SITE_RELEASES).write_text(json.dumps({"lessons/a.ipynb": "new"}))
    monkeypatch.chdir(tmp_path / "lessons")
    copies.say_if_old("lessons/a.ipynb", "new")
    assert capsys.readouterr().out == ""
    copies.say_if_old("lessons/a.ipynb", "old")
    assert "older release" in (out := capsys.readouterr().out) and "Rename" in out and "\n" not in out.strip()


def test_clean_tells_what_was_put_aside_earlier_from_what_somebody_made(tree, monkeypatch):
    made = tree / "_build" / "web"
    for number in range(3):
        with keep.writing(made):
            made.mkdir(exist_ok=True)
            (made / "page.html").write_text("ours")
        for name in ("a.txt", "b ü.txt"):
            (made / name).write_text(str(number))
    monkeypatch.chdir(tree)
    lines = CliRunner().invoke(app, ["clean"]).output.splitlines()
    (aside,) = [line for line in lines if line.startswith("Kept aside by earlier commands")]
    assert aside.count("_build/web.kept-") == 2 and "a.txt" not in aside
    (left,) = [line for line in lines if line.startswith("Left, as somebody made or changed them")]
    assert "_build/web/a.txt, _build/web/b ü.txt" in left and ".kept-" not in left


# In whatever order --------------------------------------------------------------------------------------

PLACES = (
    *NOTEBOOKS, *(f"work/{name}" for name in NOTEBOOKS), "work/start.ipynb", "work/notes ü.md", "work/mine.ipynb",
    "exercises/01-one/mine.ipynb", "exercises/01-one/data.csv", "work/exercises/01-one/data.csv", "exercises/notes.txt",
    "exercises/01-one/.ipynb_checkpoints/one-checkpoint.ipynb", "work/exercises/01-one", "exercises/02-two",
    "work/.leo/copies.json", "exercises/03-own/x.ipynb", "_build/html/lite/index.html", "_build/html/lite/mine.txt",
    "out/index.html", "out/files/one.ipynb", "learners/ada/exercises/01-one/one.ipynb", "learners/ada/mine.txt",
    "learners/ada/work/exercises/01-one/one.ipynb", "_build/offline/a.zip",
)  # fmt: skip
"""Where a learner writes, right or wrong."""
HOW = ("answer", "bytes", "strip", "broken")


def learner_writes(root, where, how, number) -> bytes | None:
    """Write something of which there is no other copy, and give it."""
    path = root / where
    with suppress(OSError, ValueError, KeyError, TypeError):
        if path.is_dir():
            shutil.rmtree(path)  # their own doing
        path.parent.mkdir(parents=True, exist_ok=True)
        content = f"mine {number}".encode()
        if how in ("answer", "strip") and path.suffix == ".ipynb":
            book = load(path) if path.is_file() else release()
            put(book, "q1", f"q1 = 'mine {number}'")["cells"].append(cell("code", f"# {number}", id=f"n{number}"))
            if how == "strip":
                book["metadata"] = {}
                for each in book["cells"]:
                    each["metadata"] = {}
            content = written(book)
        path.write_bytes(content[:-3] if how == "broken" else content)
        return path.read_bytes()
    return None


def git_updates(root, number):
    """A checkout of another release: git writes over what is as it was, and leaves what somebody changed."""
    made = generated(root / "_build" / "git", number)
    theirs = set(keep.made_by_somebody(root / "exercises"))
    keep.record(made)
    for path in sorted(made.rglob("*")):
        name = path.relative_to(made).as_posix()
        if path.is_file() and name not in theirs:
            with suppress(OSError):
                (root / "exercises" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, root / "exercises" / name)


def run(command: Callable[..., object], root: Path, *arguments) -> None:
    """A command of the course in its folder. It may stop with its one clear line."""
    before = os.getcwd()
    os.chdir(root)
    try:
        with suppress(LeoError):
            command(*arguments)
    finally:
        os.chdir(before)


def packed(root):
    files = bundle.course_files(root)
    offline.write_zip(root / "_build" / "offline" / "a.zip", files, "", lambda *_: None)


def lite_site(root, number):
    """What JupyterLite builds is put in its place, in the course's own folder or in one that was named."""
    made = root / "_build" / "lite.new"
    shutil.rmtree(made, ignore_errors=True)
    (made / "files").mkdir(parents=True)
    for name in ("index.html", "files/one.ipynb")[: 1 + number % 2]:
        (made / name).write_text(f"site {number}")
    output = (root / "_build" / "html" / "lite", root / "out")[number // 2]
    run(lite.publish, root, root, made, output)


def per_learner(root, number):
    """What was made for a learner is put in its place: the notebooks, as they are handed out now."""
    made = root / "learners" / ".making"
    shutil.rmtree(made, ignore_errors=True)
    (made / "data").mkdir(parents=True)
    (made / "data" / "manifest.json").write_text(str(number))
    generated(made / "exercises", number % 4 + 1)
    keep.record(made / "exercises")
    run(learners.hand_over, root, root, made, root / "learners" / "ada", lambda line: None)


def in_their_folder(command):
    """A command that a learner runs in a folder of their own."""

    def do(root, number):
        folder = root / "learners" / "ada"
        if folder.is_dir():
            run(command, folder, folder, (), lambda line: None)

    return do


COMMANDS: dict[str, Callable[[Path, int], None]] = {
    "leo release": lambda root, number: run(new_release, root, root, number % 4 + 1),
    "git pull": lambda root, number: git_updates(root, number % 4 + 1),
    "leo lab": lambda root, number: run(work.prepare, root, root, lambda line: None),
    "leo work update": lambda root, number: run(work.update, root, root, (), lambda line: None),
    "leo work status": lambda root, number: run(work.status, root, root),
    "leo work take": lambda root, number: run(work.take, root, root, (), lambda line: None),
    "leo clean": lambda root, number: run(clean, root, False),
    "leo clean --marks": lambda root, number: run(clean, root, True),
    "leo lite": lite_site,
    "leo release --per-learner": per_learner,
    "leo work update, by ada": in_their_folder(work.update),
    "leo work take, by ada": in_their_folder(work.take),
    "leo offline": lambda root, number: run(packed, root, root),
}
"""Every command that writes, on a small course. A new one gets its line here."""
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(PLACES), st.sampled_from(HOW)),
    st.tuples(st.just("command"), st.sampled_from(list(COMMANDS)), st.integers(0, 3)),
)


def contents(root):
    """The hash of every file and where it is. Links are not followed."""
    found = [Path(here, name) for here, _, names in os.walk(root) for name in names]
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in found if not path.is_symlink()}


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, min_size=2, max_size=14))
def test_no_sequence_of_commands_loses_a_byte_that_a_learner_wrote(steps):
    with tempfile.TemporaryDirectory() as folder:
        root = make_tree(Path(folder) / "course")
        mine: set[str] = set()
        for number, (kind, what, how) in enumerate(steps):
            if kind == "write":
                content = learner_writes(root, what, how, number)
                mine |= {hashlib.sha256(content).hexdigest()} if content and "copies.json" not in what else set()
                continue
            before = mine & contents(root)
            COMMANDS[what](root, how)
            assert before <= contents(root), (what, steps)
        new_release(root, 3)
        assert not changed(root / "exercises"), "and what is handed out is pristine again"


# The real thing -----------------------------------------------------------------------------------------


def test_lab_opens_on_the_copies_where_no_solution_is_to_be_seen(tree, tmp_path):
    """JupyterLab itself, asked over HTTP for what it shows."""
    (tree / "solutions").mkdir()
    (tree / "solutions" / "secret.ipynb").write_text("{}")
    script = tmp_path / "ask.py"
    script.write_text(ASK, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tree, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    shown, opened, hidden = done.stdout.strip().splitlines()[-3:]
    assert shown == "['exercises', 'start.ipynb']" and opened == "/lab/tree/start.ipynb" and hidden == "404"


ASK = """
import json, os, signal, socket, subprocess, sys, time, urllib.error, urllib.request
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
command = [sys.executable, "-m", "leocourse.cli", "lab", "--no-browser", f"--port={port}", "--IdentityProvider.token=t",
           "--allow-root"]
lab = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
def ask(path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": "token t"})
    return urllib.request.urlopen(request, timeout=20)
try:
    for _ in range(400):
        try:
            listed = json.load(ask("/api/contents/"))
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    print(sorted(each["name"] for each in listed["content"]))
    print(ask("/").geturl().split(str(port))[1].split("?")[0])
    try:
        print(ask("/api/contents/../solutions/secret.ipynb").status)
    except urllib.error.HTTPError as error:
        print(error.code)
finally:
    os.killpg(lab.pid, signal.SIGTERM)
    lab.wait(20)
"""
