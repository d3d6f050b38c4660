"""An answer is found wherever its text has got to: points are kept, or a person is asked, and no machine gives 0."""

from __future__ import annotations

import base64
import copy
import json
from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from sample import ASSIGNMENT, NOTEBOOK, POINTS, cell

from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.checks.result import NOT_ATTEMPTED, Result
from leocourse.core.paths import course_root
from leocourse.grading import grade as grading
from leocourse.grading.books.gradebook import Marks
from leocourse.grading.box.answers import ELSEWHERE, HERE, PERHAPS, empty, find, plain_code
from leocourse.grading.box.repair import defines, plan
from leocourse.grading.notebook import marked_copy, read, released_cells

ROOT = course_root()
WORDS = "People without a spell may be abroad, so the rate rises if only those with a spell are its base."
STUB = "YOUR ANSWER HERE"
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()


def new(kind, source):
    made = {"cell_type": kind, "id": "new", "metadata": {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def text(each):
    return "".join(each["source"])


def at(data, name):
    return data["cells"].index(cell(data, name))


def bare(data):
    """As an editor leaves it that keeps neither ids nor metadata."""
    for each in data["cells"]:
        each.pop("id", None)
        each["metadata"] = {}


def merge(data, first, last):
    """Join cells as Jupyter does: the kind and the metadata of the first, all texts with an empty line between."""
    one, other = sorted((first, last))
    joined = data["cells"][one : other + 1]
    data["cells"][one : other + 1] = [joined[0] | {"source": "\n\n".join(map(text, joined))}]


def stub_of(name):
    return "".join(
        cell(json.loads((ROOT / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text()), name)["source"]
    )


# How the cell of one question comes to be changed. Each takes the notebook and the question's name.


def no_metadata(data, name):
    cell(data, name).update(metadata={})


def new_cell_below(data, name):
    own = cell(data, name)
    data["cells"].insert(at(data, name) + 1, new(own["cell_type"], text(own)))
    own["source"] = stub_of(name)


def new_cell_above(data, name):
    own = cell(data, name)
    data["cells"].insert(at(data, name), new(own["cell_type"], text(own)))
    own["source"] = stub_of(name)


def in_place_of_its_cell(data, name):
    data["cells"][at(data, name)] = new(cell(data, name)["cell_type"], text(cell(data, name)))


def merged_with_its_text(data, name):
    merge(data, at(data, name), at(data, f"{name}-text"))


def merged_with_all_before(data, name):
    merge(data, at(data, name), max(at(data, f"{name}-text") - 2, 0))


def merged_with_all_after(data, name):
    merge(data, at(data, name), min(at(data, name) + 3, len(data["cells"]) - 1))


def moved_to_the_end(data, name):
    data["cells"].append(data["cells"].pop(at(data, name)))


def moved_to_the_top(data, name):
    data["cells"].insert(0, data["cells"].pop(at(data, name)))


def moved_without_metadata(data, name):
    moved_to_the_top(data, name)
    data["cells"][0]["metadata"] = {}


def raw(data, name):
    cell(data, name)["cell_type"] = "raw"


def other_kind(data, name):
    own = cell(data, name)
    own["cell_type"] = "code" if own["cell_type"] == "markdown" else "markdown"


def other_kind_without_metadata(data, name):
    other_kind(data, name)
    no_metadata(data, name)


def name_of_another(data, name):
    other = "q1" if name != "q1" else "q3"
    cell(data, name)["metadata"] = copy.deepcopy(cell(data, other)["metadata"])


def everything_bare(data, name):
    bare(data)


def everything_bare_and_merged(data, name):
    merged_with_its_text(data, name)
    bare(data)


def in_the_cell_of_its_text(data, name):
    own, prompt = cell(data, name), cell(data, f"{name}-text")
    prompt["source"] = f"{text(prompt)}\n\n{text(own)}"
    own["source"] = stub_of(name)


def its_text_deleted(data, name):
    del data["cells"][at(data, f"{name}-text")]
    no_metadata(data, name)


def windows_lines(data, name):
    no_metadata(data, name)
    for each in data["cells"]:
        each["source"] = text(each).replace("\n", "\r\n")


def twice(data, name):
    data["cells"].append(copy.deepcopy(cell(data, name)))


CHANGES = [
    no_metadata, new_cell_below, new_cell_above, in_place_of_its_cell, merged_with_its_text, merged_with_all_before,
    merged_with_all_after, moved_to_the_end, moved_to_the_top, moved_without_metadata, raw, other_kind,
    other_kind_without_metadata, name_of_another, everything_bare, everything_bare_and_merged,
    in_the_cell_of_its_text, its_text_deleted, windows_lines, twice,
]  # fmt: skip
ASKED = ("q8", "q1", "q4", "q12")
"""A written question, SQL, a function, and the code just before the written question."""


@pytest.fixture(scope="module")
def changed(root, samples, marker, tmp_path_factory):
    """A right notebook for each change of each kind of question, all marked in one run."""
    folder, output = tmp_path_factory.mktemp("changed"), tmp_path_factory.mktemp("changed-marked")
    for change in CHANGES:
        for name in ASKED:
            data = json.loads((samples / "right" / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
            cell(data, "q8")["source"] = WORDS
            change(data, name)
            path = folder / f"{change.__name__}-{name}" / f"{ASSIGNMENT}.ipynb"
            path.parent.mkdir()
            path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grading, "starting_marker", lambda *_: nullcontext(lambda *_: marker))
        done = {each.student: each for each in grading.grade(folder, root, output)}
    return done, output


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_points_are_kept_and_the_written_answer_goes_to_a_person(change, name, changed):
    done, output = changed
    graded = done[f"{change.__name__}-{name}"]
    assert not graded.problem
    assert [str(each) for each in graded.results if each.status != "right"] == []
    assert graded.score == POINTS and graded.to_read == ["q8"]
    made = json.loads((output / "autograded" / graded.student / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())
    assert WORDS in text(cell(made, "q8")), "the person who marks reads it in the question's own cell"
    with Gradebook(f"sqlite:///{output / 'gradebook.db'}", course_id="leo-course") as book:
        kept = book.find_grade("q8", NOTEBOOK, ASSIGNMENT, graded.student)
        assert (kept.auto_score, kept.needs_manual_grade) == (None, True)
    said = " ".join(graded.notes)
    if change in (no_metadata, new_cell_below, in_place_of_its_cell, moved_without_metadata) and name == "q8":
        assert "found in" in said and "to be marked by a person" in said
        assert "to be marked by a person" in graded.feedback.read_text(encoding="utf-8")


def given_notebook(assignment=ASSIGNMENT):
    (path,) = (ROOT / "exercises" / assignment).glob("*.ipynb")
    course = load_assignment(ROOT / "solutions" / assignment)
    answers = {each.name: each.answer_name for each in course.questions}
    return path, released_cells(path), list(course.written), answers


def book_of(data, assignment=ASSIGNMENT):
    _, released, written, answers = given_notebook(assignment)
    return read(json.dumps(data).encode(), written, released, answers)


@pytest.fixture
def blank():
    return json.loads(given_notebook()[0].read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "nothing",
    ["", "  \n\t", "YOUR ANSWER HERE", "**your answer here**", "*YOUR ANSWER HERE.*", "...  # YOUR ANSWER HERE",
     "> Your answer here…", "&nbsp;", "\u200b\ufeff", "# YOUR_ANSWER_HERE", "```\nYOUR ANSWER HERE\n```"],
)  # fmt: skip
@pytest.mark.parametrize("named", [True, False])
def test_a_blank_and_a_stub_in_any_form_are_no_answer(blank, nothing, named):
    cell(blank, "q8")["source"] = nothing
    if not named:
        bare(blank)
    assert empty(nothing) and book_of(blank).to_read([], {}) == []


@pytest.mark.parametrize(
    "something",
    ["No.", "0", "?", "✓", "👍", "<br>", "<img src='x.png'>", "<!-- see my letter -->", "$\\alpha$", "否", "YOUR ANSWER HERE no",
     f"{STUB}\n\n{WORDS}", f"{WORDS}\n\n{STUB}", "![](data:image/png;base64,AAAA)"],
)  # fmt: skip
def test_whatever_else_stands_there_goes_to_a_person(blank, something):
    cell(blank, "q8")["source"] = something
    assert book_of(blank).to_read([], {}) == ["q8"]


@pytest.mark.parametrize("change", [lambda data: None, bare])
def test_a_notebook_as_it_was_handed_out_has_no_answer_whatever_became_of_its_ids(change):
    for folder in assignment_folders(ROOT):
        path, released, written, answers = given_notebook(folder.name)
        data = json.loads(path.read_text(encoding="utf-8"))
        change(data)
        cells = [{"name": "", "kind": each["cell_type"], "source": text(each)} for each in data["cells"]]
        assert not any(each.pieces for each in find(cells, released, written, answers).values()), folder.name


def test_a_notebook_whose_texts_were_cut_into_a_cell_a_line_has_no_answer_either(blank):
    cells = []
    for each in blank["cells"]:
        lines = text(each).split("\n") if each["cell_type"] == "markdown" else [text(each)]
        cells += [new(each["cell_type"], line.replace("**", "")) for line in lines]
    blank["cells"] = cells
    assert book_of(blank).left == []
    stub = next(place for place, each in enumerate(cells) if text(each) == STUB)
    cells.insert(stub + 1, new("markdown", WORDS))
    assert book_of(blank).found["q8"].where == ELSEWHERE


def test_an_attached_picture_is_an_answer_and_the_person_who_marks_sees_it(blank):
    path = given_notebook()[0]
    cell(blank, "q8").update(source="", attachments={"x](javascript:y).png": {"image/png": PIXEL}})
    more = new("markdown", f"More: ![]({'data:image/png;base64,' + PIXEL})")
    blank["cells"].insert(
        at(blank, "q8") + 1, more | {"attachments": {"evil.svg": {"image/svg+xml": "<svg onload='x'/>"}}}
    )
    book = book_of(blank)
    assert book.to_read([], {}) == ["q8"]
    made = cell(marked_copy(book, path, []), "q8")
    assert [list(each) for each in made["attachments"].values()] == [["image/png"]] * 2
    assert all(f"(attachment:{name})" in made["source"] for name in made["attachments"])
    assert (
        "javascript" not in json.dumps(made) and "svg" not in json.dumps(made) and "cannot be shown" in made["source"]
    )


@pytest.mark.parametrize(
    ("kind", "source"),
    [("markdown", "Name: Ada"), ("raw", WORDS), ("code", WORDS), ("code", f"# {WORDS}"), ("code", f'print("{WORDS}")'),
     ("code", f'answer = """{WORDS}"""'), ("code", f"%%markdown\n{WORDS}")],
)  # fmt: skip
def test_text_that_is_nobodys_answer_goes_to_a_person_if_the_written_question_is_empty(blank, kind, source):
    blank["cells"].insert(1, new(kind, source))
    book = book_of(blank)
    assert book.found["q8"].where == PERHAPS and book.to_read([], {}) == ["q8"]
    assert "may be meant for it was found in cell 2: to be marked by a person" in book.where(["q8"])[0]
    cell(blank, "q8")["source"] = "My answer."
    book = book_of(blank)
    assert book.found["q8"].text == "My answer." and book.where(["q8"]) == []


@pytest.mark.parametrize("source", ["con.sql('SELECT pupils FROM t').df()", "import os\nx = 1", "df.head(10)  # look"])
def test_a_line_of_code_to_try_something_is_no_written_answer(blank, source):
    blank["cells"].insert(1, new("code", source))
    assert plain_code(source) and book_of(blank).to_read([], {}) == []


def test_a_query_without_its_name_is_a_try_at_an_answer_and_a_look_at_the_data_is_none(blank):
    answers = given_notebook()[3]
    none = [Result(name, "", NOT_ATTEMPTED, 0.0, 1.0) for name in answers]
    blank["cells"].insert(at(blank, "q2") + 1, new("code", "con.sql('SELECT * FROM pupils LIMIT 5').df()"))
    assert book_of(blank).to_read(none, answers) == []
    blank["cells"].insert(at(blank, "q3") + 1, new("code", "SELECT a\nFROM b"))
    assert "q3" in book_of(blank).to_read(none, answers)


def test_an_answer_in_two_cells_is_read_whole(blank):
    cell(blank, "q8")["source"] = "First half."
    second = at(blank, "q8") + 1
    blank["cells"][second:second] = [new("markdown", "Second half."), new("code", "con.close()")]
    book = book_of(blank)
    assert (book.found["q8"].text, book.found["q8"].where) == ("First half.\n\nSecond half.", HERE)
    assert book.where(["q8"]) == [
        f"A part of the answer to q8 was found in another cell (cell {second + 1}): to be marked by a person."
    ]


def test_a_try_at_code_that_cannot_be_run_goes_to_a_person(root, edit, tmp_path, same_unseen):
    def change(data):
        cell(data, "q1")["source"] = stub_of("q1")
        data["cells"].insert(at(data, "q1") + 1, new("markdown", "My query:\n\nSELECT a FROM b WHERE c"))
        cell(data, "q3")["source"] = stub_of("q3")

    (graded,) = grading.grade(edit(change=change), root, tmp_path / "out")
    assert graded.to_read == ["q1", "q8"] and "q1" not in {each.question for each in graded.results}
    assert {each.question: each.status for each in graded.results}["q3"] == "not attempted"
    with Marks(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}") as marks:
        kept = marks.gradebook.find_grade("q1-check", NOTEBOOK, ASSIGNMENT, "ada")
        assert (kept.auto_score, kept.needs_manual_grade) == (None, True)
    made = json.loads((tmp_path / "out" / "autograded" / "ada" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())
    assert "SELECT a FROM b" in text(cell(made, "q1"))
    marks_csv = (tmp_path / "out" / "marks" / "marks.csv").read_text(encoding="utf-8")
    assert f"ada,{ASSIGNMENT},q1,to be marked by a person,,," in marks_csv
    (again,) = grading.grade(edit(), root, tmp_path / "out")  # the next hand-in is right, and marked as usual
    assert again.score == POINTS and again.to_read == ["q8"]


def several():
    """A notebook with two written questions between two of code, as it was handed out."""
    made = []
    for name, kind, stub in (("q1", "code", "q1 = ..."), ("q2", "markdown", STUB), ("q3", "code", "q3 = ..."), ("q4", "markdown", STUB)):  # fmt: skip
        prompt = f"## Question {name}\n\nWhat is there to say of the {name} of these tables?"
        settings = {"grade": kind == "markdown", "solution": True, "locked": False}
        made.append({"name": f"{name}-text", "kind": "markdown", "source": prompt, "locked": True, "check": False})
        made.append({"name": name, "kind": kind, "source": stub, "locked": False, "check": False, "settings": settings})
    return made


def found_in(cells):
    return find(cells, several(), ["q2", "q4"], {"q1": "q1", "q3": "q3"})


def test_with_several_written_questions_each_keeps_its_own_text():
    cells = several()
    cells[3]["source"], cells[7]["source"] = "Two.", "Four."
    for strip in (False, True):
        found = found_in([each | ({"name": ""} if strip else {}) for each in cells])
        assert (found["q2"].text, found["q4"].text) == ("Two.", "Four.")
        assert {found["q2"].where, found["q4"].where} == {ELSEWHERE if strip else HERE}


def test_what_may_belong_to_several_questions_goes_to_a_person_with_all_of_them():
    cells = several()
    note = {"name": "", "kind": "markdown", "source": "It depends."}
    found = found_in([note, *cells])
    assert found["q2"].text == found["q4"].text == "It depends." and found["q2"].where == PERHAPS
    copied = [*cells[:3], cells[3] | {"source": "Two."}, *cells[4:7], cells[3] | {"source": "Four?"}]
    found = found_in(copied)  # the cell of q2 was copied for q4, with its name
    assert "Two." in found["q2"].text and "Four?" in found["q2"].text and "Four?" in found["q4"].text
    cells[3]["source"] = "Two."
    found = found_in(cells)  # what stands in the cell of q2 is for q2
    assert (found["q2"].text, found["q4"].pieces) == ("Two.", [])


EDITS = {
    "no metadata": lambda data, draw: pick(data, draw).update(metadata={}),
    "all bare": lambda data, draw: bare(data),
    "kind": lambda data, draw: pick(data, draw).update(cell_type=draw(st.sampled_from(["code", "markdown", "raw"]))),
    "moved": lambda data, draw: data["cells"].insert(
        draw(st.integers(0, len(data["cells"]))), data["cells"].pop(draw(st.integers(0, len(data["cells"]) - 1)))
    ),
    "merged": lambda data, draw: merge(data, (first := draw(st.integers(0, len(data["cells"]) - 1))),
                                       min(first + draw(st.integers(1, 3)), len(data["cells"]) - 1)),
    "copied": lambda data, draw: data["cells"].append(copy.deepcopy(pick(data, draw))),
    "name of another": lambda data, draw: pick(data, draw).update(
        metadata=copy.deepcopy(pick(data, draw).get("metadata", {}))
    ),
    "note": lambda data, draw: data["cells"].insert(
        draw(st.integers(0, len(data["cells"]))), new(draw(st.sampled_from(["markdown", "code"])), "My note.")
    ),
}  # fmt: skip


def pick(data, draw):
    return data["cells"][draw(st.integers(0, len(data["cells"]) - 1))]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_done_to_the_cells_no_written_answer_is_lost_and_no_code(data):
    folder = data.draw(st.sampled_from(assignment_folders(ROOT)))
    path, released, written, answers = given_notebook(folder.name)
    book = json.loads(path.read_text(encoding="utf-8"))
    for name in written:
        cell(book, name)["source"] = WORDS
    for name, defined in answers.items():
        cell(book, name)["source"] = f'{defined} = "the code of {name}"'
    for edit in data.draw(st.lists(st.sampled_from(list(EDITS)), min_size=1, max_size=5)):
        EDITS[edit](book, data.draw)
    submitted = read(json.dumps(book).encode(), written, released, answers)
    for name in written:
        assert WORDS in submitted.found[name].text, name
    made = marked_copy(submitted, path, [])
    assert all(WORDS in text(cell(made, name)) for name in written)
    specifications = [{"name": name, "answer_name": defined} for name, defined in answers.items()]
    steps, _ = plan(submitted.cells, released, specifications)
    lost = [name for name, defined in answers.items()
            if not any(defines(code, defined) and f"the code of {name}" in code for _, code in steps)]  # fmt: skip
    none = [Result(name, "", NOT_ATTEMPTED, 0.0, 1.0) for name in lost]
    assert set(lost) <= set(submitted.to_read(none, answers)), "what cannot be run is marked by a person"


def test_what_is_too_long_to_be_looked_at_is_somebodys_text(blank):
    blank["cells"].insert(1, new("markdown", "word " * 300_000))
    blank["cells"].insert(at(blank, "q8") + 1, new("markdown", WORDS))
    book = book_of(blank)
    assert book.found["q8"].text == WORDS, "what comes after it is found as ever"
    assert sum(piece.long for piece in book.left) == 1
