"""Cells matched by question: copied, split, moved, retyped and unnamed ones are put right and reported."""

from __future__ import annotations

import json

import pytest
from sample import POINTS, cell

from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.core.paths import course_root
from leocourse.grading.box.repair import defines, plan
from leocourse.grading.grade import grade
from leocourse.grading.notebook import read, released_cells

QUESTIONS = [{"name": "q1", "answer_name": "q1"}, {"name": "q2", "answer_name": "work"}]


def given(name, source, kind="code", locked=False, check=False):
    return {"name": name, "kind": kind, "source": source, "locked": locked, "check": check}


RELEASED = [
    given("setup", "import pandas as pd", locked=True),
    given("q1", "q1 = ..."),
    given("q1-check", "check('q1', q1)", locked=True, check=True),
    given("q2", "def work(con):\n    ..."),
]


def planned(*cells):
    steps, notes = plan([{"name": n, "kind": k, "source": s} for n, k, s in cells], RELEASED, QUESTIONS)
    return [code for _, code in steps], notes


WHOLE = (
    ("setup", "code", "import pandas as pd"),
    ("q1", "code", "q1 = 'SELECT 1'"),
    ("q1-check", "code", "check('q1', q1)"),
    ("q2", "code", "def work(con):\n    return 2"),
)


def test_an_untouched_notebook_runs_as_it_is_without_its_checks():
    steps, notes = planned(*WHOLE)
    assert steps == ["import pandas as pd", "q1 = 'SELECT 1'", "def work(con):\n    return 2"] and notes == []


@pytest.mark.parametrize(
    ("cells", "expected", "note"),
    [
        ([*WHOLE, WHOLE[1]], WHOLE[1][2], "The cell of q1 stands in the notebook 2 times; one of them counts."),
        ([*WHOLE, ("q1", "code", "q1 = ...")], WHOLE[1][2], "one of them counts"),
        ([*WHOLE, ("q1", "code", "q1 = 'SELECT 3'")], "q1 = 'SELECT 3'", "what the last one defines counts"),
        ([WHOLE[0], ("q1", "markdown", "q1 = 'SELECT 1'"), *WHOLE[2:]], WHOLE[1][2], "no longer a code cell; its text is code"),
        ([WHOLE[0], ("q1", "markdown", "I do not know."), *WHOLE[2:]], None, "its text is no answer"),
        ([WHOLE[0], ("", "code", "q1 = 'SELECT 1'"), *WHOLE[2:]], WHOLE[1][2], "has lost its name; it was found by 'q1'"),
        ([WHOLE[0], *WHOLE[2:]], None, "The cell of q1 is missing; nothing else is affected."),
        ([WHOLE[3], WHOLE[1], WHOLE[2], WHOLE[0]], WHOLE[1][2], "Cells were moved"),
        ([WHOLE[0], ("q1", "code", 'q1 = """'), ("", "code", 'SELECT 1"""'), *WHOLE[2:]], 'q1 = """\nSELECT 1"""', "split over 2"),
        ([("setup", "code", "import numpy"), *WHOLE[1:]], "import numpy", "The cell 'setup' was changed"),
        ([*WHOLE[1:]], WHOLE[1][2], "The cell 'setup' is missing"),
        ([*WHOLE[:2], ("q1-check", "code", "100"), WHOLE[3]], "100", "The check cell 'q1-check' was changed"),
        ([*WHOLE[:2], WHOLE[3]], WHOLE[1][2], "The check cell 'q1-check' is missing"),
    ],
)  # fmt: skip
def test_what_is_unambiguous_is_put_right_and_reported(cells, expected, note):
    steps, notes = planned(*cells)
    assert steps[0] == "import pandas as pd", "the course's own set-up runs first"
    assert expected is None or expected in steps
    assert any(note in each for each in notes), notes


@pytest.mark.parametrize("name", [folder.name for folder in assignment_folders(course_root())])
def test_no_check_is_run_of_any_notebook_that_was_handed_out(name, root):
    (path,) = (root / "exercises" / name).glob("*.ipynb")
    released = released_cells(path)
    questions = [{"name": each.name, "answer_name": each.answer_name}
                 for each in load_assignment(root / "solutions" / name).questions]  # fmt: skip
    steps, notes = plan(read(path.read_bytes(), [], released).cells, released, questions)
    assert not notes and len(steps) > len(questions)
    assert not [code for _, code in steps if code.startswith("check(")]


def test_cells_of_the_course_without_their_names_are_not_called_missing():
    steps, notes = planned(*(("", kind, source) for _, kind, source in WHOLE))
    assert steps[0] == "import pandas as pd" and len(steps) == 3
    assert [note for note in notes if "missing" in note] == []


def test_a_stub_below_the_answer_does_not_undo_it_and_a_note_in_text_is_not_run_in_place_of_an_answer():
    stub = ("q1", "code", "q1 = ...")
    steps, notes = planned(WHOLE[0], ("", "code", "q1 = 'SELECT 1'"), stub, *WHOLE[2:])
    assert "q1 = 'SELECT 1'" in steps and "q1 = ..." not in steps
    assert any("The answer to q1 was found in another cell: cell 2." in note for note in notes)
    steps, _ = planned(*WHOLE, ("", "raw", "q1 = 'SELECT 2'"))
    assert "q1 = 'SELECT 1'" in steps and "q1 = 'SELECT 2'" not in steps
    steps, notes = planned(WHOLE[0], stub, ("", "markdown", "My query:\n```python\nq1 = 'SELECT 2'\n```"), *WHOLE[2:])
    assert "q1 = 'SELECT 2'" in steps and "cell 3, which holds the answer to q1".capitalize() in " ".join(notes)


def test_code_with_prose_below_it_is_run_and_code_with_a_slip_is_not_cut():
    steps, _ = planned(*WHOLE[:3], ("q2", "code", "def work(con):\n    return 2\n\nThe rate falls because of it."))
    assert "def work(con):\n    return 2" in steps
    slip = "def work(con):\n    return 2\n\nx = (1,"
    assert slip in planned(*WHOLE[:3], ("q2", "code", slip))[0]


def test_two_cells_that_do_not_parse_alone_and_not_together_stay_apart():
    steps, notes = planned(*WHOLE[:2], ("", "code", "x = ("), ("", "code", "y = 5"), *WHOLE[2:])
    assert "x = (" in steps and "y = 5" in steps and notes == []


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [("q1 = 5", "q1", True), ("def q1(): pass", "q1", True), ("(q1, b) = 1, 2", "q1", True), ("x = q1", "q1", False),
     ("%matplotlib inline\nq1 = 5", "q1", True), ("q1 = (", "q1", False)],
)  # fmt: skip
def test_what_a_cell_defines(code, name, expected):
    assert defines(code, name) is expected


def test_a_notebook_in_disorder_gets_full_marks_and_the_report_says_what_was_done(root, edit, tmp_path, same_unseen):
    def change(data):
        data["cells"].append(json.loads(json.dumps(cell(data, "q1"))))
        cell(data, "q3")["cell_type"] = "raw"
        cell(data, "q4")["metadata"] = {}
        first, _, second = "".join(cell(data, "q2")["source"]).partition("FROM")
        at = data["cells"].index(cell(data, "q2"))
        cell(data, "q2")["source"] = first
        rest = {"cell_type": "code", "id": "rest", "metadata": {}, "source": "FROM" + second, "outputs": []}
        data["cells"].insert(at + 1, rest)
        data["cells"].insert(0, data["cells"].pop(data["cells"].index(cell(data, "q5"))))
        data["cells"].remove(cell(data, "setup"))

    (graded,) = grade(edit(change=change), root, tmp_path / "out")
    assert graded.score == POINTS, graded.results
    said = " ".join(graded.notes)
    for words in ("q1 stands in the notebook 2 times", "q3 was no longer a code cell", "q4 has lost its name",
                  "q2 was split over 2 cells", "Cells were moved", "'setup' is missing"):  # fmt: skip
        assert words in said
