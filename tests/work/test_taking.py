"""Answers in copies that were put aside are offered again, and written in where the present copy leaves them open."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_carry import answer, cell, put, release, texts
from test_learners_copies import FIRST, NOTEBOOKS, load, make_tree, new_release, said, write_answer
from typer.testing import CliRunner

from leocourse import work
from leocourse.authoring.handout import written
from leocourse.cli.commands import app
from leocourse.core.errors import LeoError
from leocourse.site.lite import for_browser


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "course")


@pytest.fixture
def both(tree):
    """Work in the right place and, after a release has put it aside, work that was typed into exercises/."""
    said(work.prepare, tree)
    write_answer(tree / "work" / FIRST, "q1", "q1 = 'in the right place'")
    for name, text in (("q1", "q1 = 'astray'"), ("q2", "q2 = 'zoë'"), ("w1", "In my words")):
        write_answer(tree / FIRST, name, text)
    assert "'leo work take' writes into it what it leaves open" in said(new_release, tree, 1)
    return tree


def files(root):
    return sorted(path.read_bytes() for path in root.rglob("*") if path.is_file() and ".leo" not in path.parts)


def kept_of(root):
    (kept,) = (root / "work" / "exercises" / "01-one").glob("one.kept-*")
    return kept


def test_what_was_put_aside_is_offered_and_written_in_where_nothing_is(both):
    kept, before = kept_of(both), files(both)
    offered = said(work.update, both)
    assert f"work/{FIRST} has no answer to q2, w1, and a copy that was put aside has: {kept.name}" in offered
    assert files(both) == before, "an offer changes nothing"
    told = said(work.take, both)
    made = load(both / "work" / FIRST)
    assert [answer(made, name) for name in ("q1", "q2", "w1")] == ["q1 = 'in the right place'", "q2 = 'zoë'",
                                                                 "In my words"]  # fmt: skip
    assert "has the answers to q2, w1" in told and "Both answer q1, and not alike: yours in one.ipynb stays" in told
    assert set(before) <= set(files(both)), "every file is kept, the present one too"
    assert "take" not in said(work.update, both) and "Nothing to take over" in said(work.take, both)
    after = files(both)
    said(work.take, both)
    assert files(both) == after


def test_an_old_copy_is_brought_up_to_date_before_it_is_offered_anything(both):
    new_release(both, 3)
    assert "Nothing to take over" in said(work.take, both), "an old copy stays as it is"
    kept = kept_of(both)
    assert "is of an older release: run 'leo work update' first" in said(work.take, both, paths=[kept])
    assert f"has no answer to q2, w1, and a copy that was put aside has: {kept.name}" in said(work.update, both)
    said(work.take, both)
    made = load(both / "work" / FIRST)
    assert answer(made, "q2") == "q2 = 'zoë'" and "release 3" in answer(made, "q2-text")
    assert answer(made, "q1") == "q1 = 'in the right place'"


def test_a_copy_that_lost_its_metadata_or_its_place_is_found_all_the_same(both):
    stripped = load(kept_of(both))
    stripped["metadata"] = {}
    for number, each in enumerate(stripped["cells"]):
        each["metadata"], each["id"] = {}, f"x{number}"
    kept_of(both).write_bytes(written(stripped))
    folder = both / "work" / "exercises.kept-20260102-030405" / "01-one"
    folder.mkdir(parents=True)
    aside = put(load(both / FIRST), "q3", "q3 = 'in a folder'")
    (folder / "one.ipynb").write_bytes(written(aside))
    said(work.take, both)
    made = load(both / "work" / FIRST)
    assert answer(made, "q2") == "q2 = 'zoë'" and answer(made, "q3") == "q3 = 'in a folder'"


def test_a_notebook_from_elsewhere_can_be_named_and_one_that_cannot_be_used_is_said(tree, tmp_path, monkeypatch):
    """A download from the browser: with a first cell that the release has not."""
    said(work.prepare, tree)
    monkeypatch.chdir(tree)
    book = put(load(tree / FIRST), "q1", "q1 = 'in the browser'")
    book["cells"].insert(0, cell("code", "%pip install duckdb", id="browser"))
    mine = tmp_path / "first (1) ü[b].ipynb"
    mine.write_bytes(written(book))
    done = CliRunner().invoke(app, ["work", "take", str(mine)])
    assert done.exit_code == 0 and "has the answers to q1 from" in done.output and "[b]" in done.output
    assert answer(load(tree / "work" / FIRST), "q1") == "q1 = 'in the browser'"
    before = files(tree)
    assert "has an answer already to everything" in CliRunner().invoke(app, ["work", "take", str(mine)]).output
    for name, content in (("broken.ipynb", b"{"), ("strange.ipynb", written(release())), ("a.txt", b"text")):
        (tmp_path / name).write_bytes(content)
        done = CliRunner().invoke(app, ["work", "take", str(tmp_path / name)])
        assert done.exit_code == 1 and name in done.output, done.output
    with pytest.raises(LeoError, match="There is no file"):
        work.take(tree, [tmp_path / "nowhere.ipynb"])
    assert files(tree) == before


def test_an_answer_that_stood_in_a_cell_of_its_own_goes_into_its_place(tree):
    said(work.prepare, tree)
    kept = load(tree / "work" / FIRST)
    kept["cells"].insert(2, cell("code", "q2 = 'early, in a cell of its own'", id="mine"))
    kept["cells"].append(cell("code", "helper = 1", id="helper"))
    (tree / "work" / "exercises" / "01-one" / "one.kept-20260102-030405.ipynb").write_bytes(written(kept))
    told = said(work.take, tree)
    assert answer(load(tree / "work" / FIRST), "q2") == "q2 = 'early, in a cell of its own'"
    assert "Cells that you added there, and that are not in one.ipynb: 1" in told


def test_what_was_kept_beside_the_folder_of_one_learner_is_offered_in_it(tree):
    """When a teacher releases again to each learner, what was changed outside work/ is kept beside the folder."""
    said(work.prepare, tree)
    aside = tree.with_name("course.kept-20260102-030405") / FIRST
    aside.parent.mkdir(parents=True)
    aside.write_bytes(written(put(load(tree / FIRST), "w1", "In ada's words")))
    assert "has no answer to w1, and a copy that was put aside has: one.ipynb" in said(work.update, tree)
    said(work.take, tree)
    assert answer(load(tree / "work" / FIRST), "w1") == "In ada's words"


def test_the_newest_of_many_copies_is_heard_and_what_is_broken_or_linked_is_left(tree):
    said(work.prepare, tree)
    folder = tree / "work" / "exercises" / "01-one"
    for when, text in (("20260102-030405", "older"), ("20260102-030406", "newer"), ("20260102-030406-2", "newest")):
        (folder / f"one.kept-{when}.ipynb").write_bytes(written(put(load(tree / FIRST), "q1", f"q1 = '{text}'")))
    (folder / "one.kept-20270101-000000.ipynb").write_bytes(b"{")
    (folder / "one.kept-20270101-000001.ipynb").symlink_to(tree / FIRST)
    shutil.copy(tree / FIRST, folder / "one.kept-20270101-000002.ipynb")
    said(work.take, tree)
    assert answer(load(tree / "work" / FIRST), "q1") == "q1 = 'newest'"


def test_a_link_in_the_place_of_the_present_copy_is_not_written_through(both, tmp_path):
    elsewhere = tmp_path / "elsewhere.ipynb"
    shutil.move(both / "work" / FIRST, elsewhere)
    (both / "work" / FIRST).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    said(work.take, both)
    assert elsewhere.read_bytes() == before


def test_in_the_browser_a_third_file_gets_what_was_written(tree, tmp_path):
    """Two files as JupyterLite has them, the one renamed, the other as the newer site gives it."""
    old = json.loads(for_browser((tree / FIRST).read_bytes()))
    put(put(old, "q1", "q1 = 'zoë'"), "w1", "In my words")["cells"].append(cell("code", "mine = 1", id="mine"))
    new_release(tree, 3)
    mine, new = tmp_path / "one (mine).ipynb", tmp_path / "one.ipynb"
    mine.write_bytes(written(old))
    new.write_bytes(for_browser((tree / FIRST).read_bytes()))
    before = [mine.read_bytes(), new.read_bytes()]
    lines = []
    made = work.bring_over(mine, new, lines.append)
    book = load(made)
    assert answer(book, "q1") == "q1 = 'zoë'" and answer(book, "w1") == "In my words" and "mine = 1" in texts(book)
    assert "release 3" in answer(book, "q1-text") and "Answers in their places: q1, w1" in "\n".join(lines)
    assert sum("pip install" in text for text in texts(book)) == 1, "one cell that fetches, the new release's"
    assert texts(book)[0] == texts(load(new))[0]
    again = work.bring_over(mine, new, lines.append)
    assert again != made and made.is_file() and [mine.read_bytes(), new.read_bytes()] == before
    other = tmp_path / "other.ipynb"
    other.write_bytes((tree / NOTEBOOKS[1]).read_bytes())
    for first, second, words in ((other, new, "is no release"), (tmp_path / "no.ipynb", new, "cannot be used: No such"),
                                 (mine, tree / "_toc.yml", "cannot be used")):  # fmt: skip
        with pytest.raises(LeoError, match=words):
            work.bring_over(first, second)


QUESTIONS = ("q1", "q2", "q3", "w1")
filled = st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(["a", "b ü", "# c"]))


@settings(max_examples=40, deadline=None)
@given(present=filled, aside=st.lists(filled, min_size=1, max_size=3))
def test_whatever_was_put_aside_no_present_answer_changes_and_no_open_one_stays_so(present, aside, tmp_path_factory):
    root = make_tree(tmp_path_factory.mktemp("take") / "course")
    said(work.prepare, root)

    def book(answers):
        made = load(root / NOTEBOOKS[0])
        for name, text in answers.items():
            put(made, name, text if name == "w1" else f"{name} = {json.dumps(text)}")
        return made

    (root / "work" / FIRST).write_bytes(written(book(present)))
    for number, answers in enumerate(aside):
        place = root / "work" / "exercises" / "01-one" / f"one.kept-20260101-00000{number}.ipynb"
        place.write_bytes(written(book(answers)))
    before = files(root)
    said(work.take, root)
    made = load(root / "work" / FIRST)
    wanted = present
    for answers in reversed(aside):
        wanted = {**answers, **wanted}
    assert [answer(made, name) for name in QUESTIONS] == [answer(book(wanted), name) for name in QUESTIONS]
    assert len(texts(made)) == len(texts(book(wanted)))
    assert set(before) <= set(files(root))
