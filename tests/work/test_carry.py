"""What a learner wrote in an old release is in the new one, means the same there, and nothing is lost."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.checks.answer import STUB
from leocourse.work.carry import carry

QUESTIONS = ("q1", "q2", "q3")


def cell(kind, text, name="", solution=False, grade=False, locked=False, **more):
    metadata = {"nbgrader": {"grade_id": name, "solution": solution, "grade": grade, "locked": locked}} if name else {}
    return {"cell_type": kind, "id": name or more.pop("id", "free"), "metadata": metadata, "source": text, **more}


def release(questions=QUESTIONS, words="", written=True):
    cells = [cell("code", f"setup = 1  # {words}", "setup", locked=True), cell("code", "q0 = 'worked'", id="q0")]
    for name in questions:
        cells += [
            cell("markdown", f"## {name}{words}", f"{name}-text", locked=True),
            cell("code", f"{name} = '''\n{STUB}\n'''", name, solution=True),
            cell("code", f'check("{name}", {name})', f"{name}-check", grade=True, locked=True),
        ]
    if written:
        cells += [
            cell("markdown", f"In words{words}", "w1-text", locked=True),
            cell("markdown", "YOUR ANSWER HERE", "w1", solution=True, grade=True),
        ]
    return {"cells": cells, "metadata": {"kernelspec": {}}, "nbformat": 4, "nbformat_minor": 5}


def put(notebook, name, text):
    for each in notebook["cells"]:
        if each["id"] == name:
            each["source"] = text
    return notebook


def texts(notebook):
    return ["".join(each["source"]) for each in notebook["cells"]]


def answer(notebook, name):
    return next("".join(each["source"]) for each in notebook["cells"] if each["id"] == name)


def strip_metadata(notebook, ids=False):
    for number, each in enumerate(notebook["cells"]):
        each["metadata"] = {}
        if ids:
            each["id"] = f"x{number}"
    return notebook


@pytest.mark.parametrize("lost", ["nothing", "metadata", "metadata and ids"])
@pytest.mark.parametrize("known", [True, False], ids=["with the old release", "without"])
def test_answers_are_found_by_question_whatever_the_file_lost(lost, known):
    old = put(put(release(), "q2", "q2 = 'SELECT 2'"), "w1", "Because people move.")
    old["cells"].insert(3, cell("code", "mine = 3", id="u1"))
    if lost != "nothing":
        strip_metadata(old, ids=lost == "metadata and ids")
    done = carry(old, release(words=" again"), release() if known else None)
    assert answer(done.notebook, "q2") == "q2 = 'SELECT 2'" and "q2" in done.answers
    assert "mine = 3" in texts(done.notebook)
    if known or lost != "metadata and ids":  # else nothing says that 'In words' is an older text of the course
        assert answer(done.notebook, "w1") == "Because people move."
    if known:
        assert len(done.notebook["cells"]) == len(release()["cells"]) + 1 and done.own == 1
    assert "Because people move." in texts(done.notebook)
    again = carry(done.notebook, release(words=" again"), release(words=" again"))
    assert texts(again.notebook) == texts(done.notebook)


def test_an_added_cell_stays_after_its_neighbour_and_a_changed_cell_of_the_course_is_kept_beside_it():
    old = put(put(release(), "q1", "q1 = helper"), "setup", "setup = 1\nimport mine")
    old["cells"].insert(3, cell("code", "helper = 'SELECT 1'", id="u1"))
    old["cells"].insert(9, cell("markdown", "A note to myself", id="u2"))
    done = carry(old, release(words=" new"), release())
    found = texts(done.notebook)
    assert found.index("setup = 1  #  new") + 1 == found.index("setup = 1\nimport mine")
    assert found.index("helper = 'SELECT 1'") + 1 == found.index("q1 = helper")
    assert found[found.index("A note to myself") - 1] == texts(old)[8]
    assert (done.answers, done.own, done.beside, done.reworded) == (["q1"], 2, ["setup"], ["q1"])


def test_a_question_that_is_gone_is_named_and_its_answer_kept():
    old = put(put(release(), "q3", "q3 = 'mine'"), "w1", "Mine too")
    done = carry(old, release(questions=("q1", "q2"), written=False), release())
    assert done.gone == ["q3", "w1"] and {"q3 = 'mine'", "Mine too"} <= set(texts(done.notebook))
    assert not any(
        "nbgrader" in each["metadata"] for each in done.notebook["cells"] if "mine" in "".join(each["source"])
    )


def test_pictures_in_a_written_answer_come_along():
    old = put(release(), "w1", "See ![a](attachment:a.png)")
    old["cells"][-1]["attachments"] = {"a.png": {"image/png": "AAAA"}}
    done = carry(old, release(words="x"), release())
    assert done.notebook["cells"][-1]["attachments"] == {"a.png": {"image/png": "AAAA"}}


def test_checksums_of_the_real_release_tell_what_was_changed_without_the_old_one(root):
    path = root / "exercises" / "01-first-queries-and-linking" / "first-queries-and-linking.ipynb"
    new = json.loads(path.read_text(encoding="utf-8"))
    old = copy.deepcopy(new)
    put(old, "q1", "q1 = 'SELECT 1'")
    for each in new["cells"]:  # the course has changed every word since
        if each["metadata"].get("nbgrader", {}).get("locked"):
            each["source"] = ["New: ", *each["source"]]
    done = carry(old, new)
    assert texts(done.notebook) == texts(put(new, "q1", "q1 = 'SELECT 1'"))


# Any way of working -------------------------------------------------------------------------------------

EDITS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(QUESTIONS), st.integers(0, 99)),
    st.tuples(st.just("written"), st.just("w1"), st.integers(0, 99)),
    st.tuples(st.just("add"), st.integers(0, 14), st.sampled_from(["code", "markdown", "answer-q1", "answer-q2", "uses"])),
    st.tuples(st.just("move"), st.integers(0, 14), st.integers(0, 14)),
    st.tuples(st.just("copy"), st.integers(0, 14), st.integers(0, 14)),
    st.tuples(st.just("delete"), st.sampled_from(QUESTIONS), st.just(0)),
    st.tuples(st.just("change"), st.sampled_from(["setup", "q0", "q2-text", "q3-check"]), st.integers(0, 99)),
    st.tuples(st.just("merge"), st.integers(0, 14), st.just(0)),
    st.tuples(st.just("forget"), st.sampled_from(["metadata", "all"]), st.just(0)),
)  # fmt: skip


def edited(notebook, edits):
    """A notebook after a learner worked in it, and all that they typed."""
    cells, typed = notebook["cells"], []
    for number, (what, where, how) in enumerate(edits):
        if what in ("answer", "written", "change"):
            text = f"{where} = 'typed-{number}-{how}'" if what == "answer" else f"# typed-{number}-{how}"
            for each in cells:
                if each["id"] == where:
                    each["source"] = text
        elif what == "add":
            kinds = {"answer-q1": f"q1 = 'typed-{number}'", "answer-q2": f"q2 = v = 'typed-{number}'",
                     "uses": f"q1 = v = str(globals().get('v')) + 'typed-{number}'"}  # fmt: skip
            kind = "markdown" if how == "markdown" else "code"
            cells.insert(where, cell(kind, kinds.get(how, f"# typed-{number}"), id=f"u{number}"))
        elif what == "move":
            cells.insert(how, cells.pop(where % len(cells)))
        elif what == "copy":
            cells.insert(how, {**copy.deepcopy(cells[where % len(cells)]), "id": f"u{number}"})
        elif what == "delete":
            cells[:] = [each for each in cells if each["id"] != where or "typed" in each["source"]]
        elif what == "merge" and where + 1 < len(cells) and cells[where]["cell_type"] == cells[where + 1]["cell_type"]:
            cells[where]["source"] += "\n" + cells.pop(where + 1)["source"]
        elif what == "forget":
            strip_metadata(notebook, ids=where == "all")
    typed = [line for each in cells for line in each["source"].splitlines() if "typed-" in line]
    return notebook, typed


def values(notebook):
    """What the questions are worth after all code has run, one cell after the other."""
    space = {"check": lambda *_: None}
    for each in notebook["cells"]:
        if each["cell_type"] == "code":
            try:
                exec("".join(each["source"]), space)
            except Exception:
                continue
    return {name: space.get(name) for name in QUESTIONS}


@settings(max_examples=150, deadline=None)
@given(st.lists(EDITS, max_size=8), st.booleans(), st.sampled_from([QUESTIONS, ("q1", "q9", "q2"), ("q3", "q2", "q1")]))
def test_nothing_typed_is_lost_and_every_answer_keeps_its_value(edits, known, questions):
    old, typed = edited(release(), edits)
    new = release(questions=questions, words=" anew")
    before = json.dumps([old, new])
    done = carry(old, new, release() if known else None)
    assert json.dumps([old, new]) == before, "what is given is not changed"
    lines = "\n".join(texts(done.notebook)).splitlines()
    assert not [line for line in typed if line not in lines]
    ids = [each["id"] for each in done.notebook["cells"]]
    assert len(ids) == len(set(ids))
    names = [each["metadata"]["nbgrader"]["grade_id"] for each in done.notebook["cells"] if each["metadata"]]
    assert names == [each["metadata"]["nbgrader"]["grade_id"] for each in new["cells"] if each["metadata"]]
    was, now = values(old), values(done.notebook)
    for name in QUESTIONS:
        if was[name] and "typed" in was[name]:
            assert now[name] == was[name], (name, texts(old), texts(done.notebook))
