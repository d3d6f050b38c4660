"""What leaves the sandbox is read as hostile: frames, Arrow files and what is said about them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.ipc
import pytest

from leocourse.checks.answer import Answer
from leocourse.checks.result import RIGHT, Result
from leocourse.grading.box.compare import _Sent
from leocourse.grading.box.transfer import (
    ANSWER,
    EXTRACT,
    NOTE,
    STATUS,
    BadAnswer,
    frame,
    frames,
    read_answer,
    write_answer,
)
from leocourse.grading.isolation.seccomp import program
from leocourse.grading.marker import _result

SPECIFICATION = {
    "name": "q1", "title": "A question", "points": 2, "lesson": "A lesson", "columns": {"a": "number"},
    "misconceptions": {"slip": {"title": "A slip", "message": "…", "lesson": "Another"}},
}  # fmt: skip


def arrow(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def test_an_answer_comes_out_as_it_went_in():
    answer = Answer({"a": [1, None, 3], "b": [1.5, 2, None], "c": ["x", None, "y"]}, {"title": "Simulated"})
    assert read_answer(write_answer(answer), ["a", "b", "c"]) == answer


@pytest.mark.parametrize("values", [[2**70, 1], [1, "x"], [b"x"], [float("inf"), 1]])
def test_values_that_no_column_holds_become_text_or_stay_numbers(values):
    read = read_answer(write_answer(Answer({"a": values})), ["a"]).columns["a"]
    assert all(type(value) in (float, str) for value in read)


@pytest.mark.parametrize(
    "data",
    [b"", b"ARROW1", b"\x80\x04cos\nsystem\n(S'true'\ntR.", arrow(pa.table({"a": [[1]]})),
     arrow(pa.table({"a": pa.array([1], pa.int8())})), arrow(pa.table({f"a{i}": [1] for i in range(101)})),
     arrow(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])),
     arrow(pa.table({"a": pa.nulls(1_000_001)})), arrow(pa.table({"a": pa.array(["x"]).dictionary_encode()})),
     arrow(pa.table({"a": [1, 2, 3]}))[:-40]],
)  # fmt: skip
def test_what_is_no_plain_answer_is_refused(data):
    with pytest.raises(BadAnswer):
        read_answer(data, ["a"])


def test_columns_that_nobody_asked_for_are_not_read_unless_one_is_missing():
    data = write_answer(Answer({"a": [1], "b": ["long"]}))
    assert read_answer(data, ["a"]).columns == {"a": [1]}
    assert list(read_answer(data, ["z"]).columns) == ["a", "b"]


def test_frames_that_are_cut_off_or_lie_about_their_length_end_the_reading():
    whole = frame(NOTE, content="one") + frame(NOTE, content="two")
    assert [content for *_, content in frames(whole)] == [b"one", b"two"]
    assert [content for *_, content in frames(whole[:-1])] == [b"one"]
    assert list(frames(b"\x01\x00\x00\x00\x00\xff\xff\xff\xff")) == []


def test_the_first_answer_to_a_call_counts_and_what_is_missing_is_said():
    data = frame(EXTRACT, 0) + frame(STATUS, 0, 0, {"status": "stopped", "message": "first"})
    data += frame(ANSWER, 0, 0, write_answer(Answer({"a": [1]}))) + frame(STATUS, 1, 0, b"[" * 90_000)
    data += frame(EXTRACT, 9) + frame(ANSWER, 2, 0, write_answer(Answer({"a": [1]})))
    sent = _Sent(data, 2)
    assert sent.answer(0, 0, 0, SPECIFICATION).message == "first"
    assert sent.answer(0, 1, 0, SPECIFICATION).status == "stopped"
    assert "No answer arrived" in sent.answer(1, 2, 0, SPECIFICATION).message


def said(**changes):
    return {"status": RIGHT, "credit": 1.0, "misconception": None, "message": "", "points": 1_000, **changes}


def test_points_and_misconceptions_are_the_courses_whatever_the_other_side_says():
    result = _result(said(misconception="slip", credit=0.5), SPECIFICATION)
    assert isinstance(result, Result) and result.points == 2 and result.misconception_title == "A slip"
    assert _result(said(misconception="made up"), SPECIFICATION).misconception is None


@pytest.mark.parametrize("changes", [{"credit": float("nan")}, {"credit": 1.01}, {"credit": -1}, {"status": "great"}])
def test_a_result_that_cannot_be_is_refused(changes):
    with pytest.raises(ValueError, match="not a result"):
        _result(said(**changes), SPECIFICATION)


def test_the_filter_for_student_code_denies_more_than_that_of_the_box():
    assert len(program(student=True)) > len(program(student=False)) > 100
    assert len(program(student=True)) % 8 == 0
