"""What people hand in: any tree, any zip, anything broken. The rest is marked, and nothing is lost."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import shutil
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import ASSIGNMENT, NOTEBOOK, POINTS

from leocourse.cli.marking import _marks_table
from leocourse.cli.terminal import PlainConsole
from leocourse.core.errors import LeoError
from leocourse.grading.books.record import Graded
from leocourse.grading.books.report import gather, write_report
from leocourse.grading.grade import grade
from leocourse.grading.harmless import inside
from leocourse.grading.intake.collect import collect
from leocourse.grading.intake.model import wrong_name
from leocourse.grading.intake.snapshot import SIZE_LIMIT
from leocourse.grading.notebook import Unreadable, read

NOTEBOOKS = {ASSIGNMENT: NOTEBOOK}
MINIMAL = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
    {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}]})  # fmt: skip

PRETTY = json.dumps(json.loads(MINIMAL), indent=1)


def put(folder: Path, name: str, content: str | bytes = MINIMAL) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "name",
    [f"ada/{ASSIGNMENT}.ipynb", f"ada/{NOTEBOOK}.ipynb", f"ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb",
     f"submitted/ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb"],
)  # fmt: skip
def test_every_usual_tree_is_understood(tmp_path, name):
    put(tmp_path, name)
    (found,) = collect(tmp_path, NOTEBOOKS).submissions
    assert (found.student, found.assignment, found.problem) == ("ada", ASSIGNMENT, "")


def test_the_time_of_handing_in_is_read_and_is_not_taken_for_a_submission(tmp_path):
    put(tmp_path, f"ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb")
    put(tmp_path, f"ada/{ASSIGNMENT}/timestamp.txt", "2026-11-20 09:30:00 UTC")
    put(tmp_path, f"bob/{ASSIGNMENT}.ipynb")
    times = {each.student: each.timestamp for each in collect(tmp_path, NOTEBOOKS).submissions}
    assert times == {"ada": "2026-11-20 09:30:00 UTC", "bob": ""}


@pytest.mark.parametrize("student", ["Zoë Łukasiewicz", "O'Brien, Seán", "李小龍", "a b c", "=cmd", "x" * 200])
def test_any_name_is_a_name(tmp_path, student):
    put(tmp_path, f"{student}/{ASSIGNMENT}.ipynb")
    assert collect(tmp_path, NOTEBOOKS).submissions[0].student == student


def test_a_zip_is_read_without_unpacking(tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"ada/{ASSIGNMENT}.ipynb", MINIMAL)
        made.writestr(f"../../escape/{ASSIGNMENT}.ipynb", MINIMAL)
        made.writestr(f"bomb/{ASSIGNMENT}.ipynb", b"0" * (SIZE_LIMIT + 1))
        made.writestr("__MACOSX/ada/._01.ipynb", b"junk")
    before = sorted(tmp_path.rglob("*"))
    found = {each.student: each for each in collect(archive, NOTEBOOKS).submissions}
    assert found["ada"].problem == "" and found["bomb"].problem == "It is larger than 20 MB."
    assert found["escape"].problem == "Its path leaves the zip."
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ada/02-nothing.ipynb", "'02-nothing' is no assignment of this course: it has 06-table-for-release."),
        (f"ada/{ASSIGNMENT}/other.ipynb", "Expected table-for-release.ipynb."),
        (f"ada/{ASSIGNMENT}.pdf", "It is not a notebook: hand in the .ipynb file."),
        (f"ada/{NOTEBOOK}.ipynb.txt", "Its name does not end in .ipynb"),
        (f"ada/{NOTEBOOK}.ipynb.json", "Its name does not end in .ipynb"),
        (f"ada/{ASSIGNMENT}.ipynb (1)", "Its name does not end in .ipynb"),
        (f"ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb.crdownload", "Its name does not end in .ipynb"),
        ("ada/work.json", "It is a notebook under another name"),
        ("ada/work", "It is a notebook under another name"),
        ("ada/hw1.zip", "It is an archive, which marking does not open"),
        (f"ada/{ASSIGNMENT}/all.tar.gz", "It is an archive, which marking does not open"),
        ("ada_hw1.ZIP", "It is an archive outside a student's folder"),
        ("notes.docx", "It lies outside a student's folder"),
        ("ada/answers.py", "There is no notebook, only answers.py: hand in the .ipynb file."),
        (f"ada/{ASSIGNMENT}/answers.pdf", "There is no notebook, only answers.pdf"),
        (f"submitted/ada/{ASSIGNMENT}/answers.csv", "There is no notebook, only answers.csv"),
        (f"ada/{ASSIGNMENT}/timestamp.txt", "Nothing was handed in: it is empty."),
        ("ada/.DS_Store", "Nothing was handed in: it is empty."),
        (f"{ASSIGNMENT}.ipynb", "It lies outside a student's folder: put it in <student>/."),
    ],
)
def test_what_is_not_a_submission_is_reported_with_a_reason(tmp_path, name, reason):
    put(tmp_path, name)
    (found,) = collect(tmp_path, NOTEBOOKS).submissions
    assert found.problem.startswith(reason) and found.student == ("ada" if "ada/" in name else "")


@pytest.mark.parametrize("upper", [f"ada/{ASSIGNMENT}.IPYNB", f"ada/{ASSIGNMENT}/{NOTEBOOK}.Ipynb"])
def test_capitals_in_the_ending_do_not_matter(tmp_path, upper):
    put(tmp_path, upper)
    assert [each.problem for each in collect(tmp_path, NOTEBOOKS).submissions] == [""]


@pytest.mark.parametrize("folder", ["ada", f"ada/{ASSIGNMENT}", f"submitted/ada/{ASSIGNMENT}"])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_student_with_nothing_in_the_folder_is_named(tmp_path, folder, zipped):
    put(tmp_path / "in", f"bob/{ASSIGNMENT}.ipynb")
    (tmp_path / "in" / folder).mkdir(parents=True)
    source = tmp_path / "in"
    if zipped:
        source = tmp_path / "in.zip"
        with zipfile.ZipFile(source, "w") as made:
            for path in sorted((tmp_path / "in").rglob("*")):
                made.write(path, path.relative_to(tmp_path / "in"))
    found = {each.student: each.problem for each in collect(source, NOTEBOOKS).submissions}
    assert found == {"ada": "Nothing was handed in: it is empty.", "bob": ""}


def test_a_student_with_nothing_but_what_jupyterlab_saved_is_told_so(tmp_path):
    put(tmp_path, f"ada/.ipynb_checkpoints/{NOTEBOOK}-checkpoint.ipynb")
    put(tmp_path, f"bob/{ASSIGNMENT}.ipynb")
    found = {each.student: each.problem for each in collect(tmp_path, NOTEBOOKS).submissions}
    assert found["ada"].startswith("There is no notebook, only ada/.ipynb_checkpoints/") and found["bob"] == ""


def test_what_lies_beside_a_notebook_makes_no_noise_unless_it_may_be_the_one_that_was_meant(tmp_path):
    put(tmp_path, f"ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb")
    quiet = ["data.csv", "plot.png", "notes.txt", f"{NOTEBOOK}.pdf", "more/extra.parquet", "big.json", "helper.py"]
    for name in quiet:
        put(tmp_path, f"ada/{ASSIGNMENT}/{name}", "x,y\n1,2\n")
    for name in (".DS_Store", ".ipynb_checkpoints/a-checkpoint.ipynb", "__MACOSX/b", "desktop.ini", "._c.ipynb"):
        put(tmp_path, f"ada/{ASSIGNMENT}/{name}")
    found = collect(tmp_path, NOTEBOOKS)
    assert [each.problem for each in found.submissions] == [""]
    assert {found.files[f"ada/{ASSIGNMENT}/{name}"][0] for name in quiet} == {"beside"}
    copies = [f"{NOTEBOOK}-Copy1.ipynb", f"{NOTEBOOK} (1).ipynb", f"{NOTEBOOK}.ipynb.txt", "all.zip"]
    for name in copies:
        put(tmp_path, f"ada/{ASSIGNMENT}/{name}")
    found = collect(tmp_path, NOTEBOOKS)
    assert [each.problem for each in found.submissions if each.assignment] == [""]
    told = {each.name.rpartition("/")[2]: each.problem for each in found.submissions if each.problem}
    assert set(told) == set(copies) and all(f"{NOTEBOOK}.ipynb was taken" in why for why in told.values())


PARTS = st.sampled_from(
    [
        "ada",
        "Ada",
        "bob",
        "submitted",
        ASSIGNMENT,
        "sub",
        "..",
        "",
        ".",
        "C:",
        "//",
        "\\",
        "a\\b",
        "[/b]",
        "é",
        "e\u0301",
        "CON",
    ]
)
NAMES = st.sampled_from(
    [f"{ASSIGNMENT}.ipynb", f"{NOTEBOOK}.ipynb", f"{NOTEBOOK}.ipynb.txt", "x.ipynb", "a.zip", "a.csv", "a.py", "timestamp.txt",
     ".DS_Store", "x.json", f"{ASSIGNMENT}.pdf", "noext", "[red]x.ipynb", "\u202ex.ipynb"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(PARTS, max_size=4), NAMES), min_size=1, max_size=8, unique_by=str))
def test_every_file_of_any_zip_is_accounted_for_and_no_name_leads_out(tmp_path_factory, members):
    folder = tmp_path_factory.mktemp("zips")
    archive = folder / "all.zip"
    with zipfile.ZipFile(archive, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for parts, name in members:
            made.writestr("/".join([*parts, name]) or name, MINIMAL)
        stored = [member.filename for member in made.infolist()]
    try:
        found = collect(archive, NOTEBOOKS)
    except LeoError:  # nothing but what computers leave behind
        assert all(name.endswith(".DS_Store") for name in stored)
        return
    told = {each.name for each in found.submissions if each.problem}
    for name in stored:
        path = "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))
        what, why = found.files[path]
        assert what != "set aside" or why
        assert (
            what != "set aside"
            or path in told
            or any(path.rsplit("/", 1)[-1] in each.problem for each in found.submissions)
            or any(each.problem and each.student in path for each in found.submissions)
        )
    output = folder / "out"
    for each in found.submissions:
        if each.student and not each.problem:
            assert inside(output, each.student, each.assignment).parent.parent == output
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "//", "a/b", "/etc", "../x", "a\0b", "./a", "a/"])
def test_no_name_leads_out_of_a_folder(tmp_path, name):
    with pytest.raises(ValueError, match="no name of a folder"):
        inside(tmp_path, name, "x")
    with pytest.raises(ValueError, match="no name of a folder"):
        inside(tmp_path, "x", name)


@pytest.mark.parametrize(
    ("name", "words"),
    [("x" * 129, "longer than 128 characters"), ("語" * 100, "longer than 255 bytes"), ("a\nb", "that no name has"),
     ("..", "that no name has"), ("a/b", "that no name has"), (os.fsdecode(b"\xff"), "not UTF-8 text"), ("Seán [b] Ünï", ""),
     ("CON", ""), ("a\\b", ""), ("C:", "")],
)  # fmt: skip
def test_a_students_name_is_text_that_one_folder_can_have(name, words):
    assert words in wrong_name(name) and bool(words) == bool(wrong_name(name))


@pytest.mark.parametrize("number", [2, 3])
def test_several_notebooks_for_one_assignment_are_not_chosen_between(tmp_path, number):
    places = (f"ada/{ASSIGNMENT}.ipynb", f"ada/{ASSIGNMENT}/{NOTEBOOK}.ipynb", f"ada/{NOTEBOOK}.ipynb")
    for place in places[:number]:
        put(tmp_path, place, MINIMAL.replace("x = 1", f"x = {len(place)}"))
    put(tmp_path, f"ada/{ASSIGNMENT}.pdf")
    (found,) = collect(tmp_path, NOTEBOOKS).submissions
    assert f"There are {number} notebooks" in found.problem
    assert all(place in found.problem for place in places[:number])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_a_zip_does_not_stop_the_others(tmp_path, method):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w", method) as made:
        made.writestr(f"ada/{ASSIGNMENT}.ipynb", MINIMAL)
        made.writestr(f"bob/{ASSIGNMENT}.ipynb", MINIMAL + " " * 5_000 + os.urandom(500).hex())
        damaged = made.getinfo(f"bob/{ASSIGNMENT}.ipynb")
    data = bytearray(archive.read_bytes())
    start = damaged.header_offset + 30 + len(damaged.filename)
    data[start + 10 : start + damaged.compress_size] = os.urandom(damaged.compress_size - 10)
    archive.write_bytes(data)
    found = {each.student: each for each in collect(archive, NOTEBOOKS).submissions}
    assert found["ada"].problem == "" and found["bob"].problem.startswith("It cannot be unpacked")


def test_links_are_not_followed(tmp_path):
    secret = put(tmp_path / "elsewhere", "secret.ipynb")
    (tmp_path / "in" / "eve").mkdir(parents=True)
    (tmp_path / "in" / "eve" / f"{ASSIGNMENT}.ipynb").symlink_to(secret)
    assert "links are not followed" in collect(tmp_path / "in", NOTEBOOKS).submissions[0].problem


def test_a_fifo_does_not_hang(tmp_path):
    (tmp_path / "eve").mkdir()
    os.mkfifo(tmp_path / "eve" / f"{ASSIGNMENT}.ipynb")
    assert "not an ordinary file" in collect(tmp_path, NOTEBOOKS).submissions[0].problem


@pytest.mark.parametrize(("make", "words"), [
    (lambda folder: folder / "missing", "There is no folder or zip"),
    (lambda folder: put(folder, "notes.txt", "hello"), "neither a folder nor a zip"),
    (lambda folder: folder, "No submissions"),
])  # fmt: skip
def test_nothing_to_mark_is_one_clear_line(tmp_path, make, words):
    with pytest.raises(LeoError, match=words):
        collect(make(tmp_path), NOTEBOOKS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (MINIMAL.encode("utf-16"), "not UTF-8"),
        (b"\xff\xfe\x00broken", "not UTF-8"),
        (MINIMAL[:50].encode(), "looks cut off"),
        (PRETTY[: len(PRETTY) // 2].encode(), "looks cut off"),
        (PRETTY.encode() + b"\nSent from my phone", "line 16 holds more text after its end"),
        (PRETTY.encode() + b"}", "line 15 holds more text after its end"),
        (PRETTY.encode() + b"\n" + PRETTY.encode(), "line 16 holds more text after its end"),
        (
            PRETTY.replace(' "metadata"', '<<<<<<< HEAD\n "metadata"', 1).encode(),
            "line 4 is a mark of a merge conflict .<<<<<<<",
        ),
        (
            PRETTY.replace(' "metadata"', '=======\r\n "metadata"', 1).encode(),
            "line 4 is a mark of a merge conflict .=======",
        ),
        (PRETTY.replace(' "metadata"', ' "metadata",', 1).encode(), "no valid JSON from line 4 on"),
        (b"<!DOCTYPE html><html></html>", "a web page, not a notebook"),
        (b"print('hello')", "no valid JSON"),
        (b"[" * 100_000, "no valid JSON|nested too deeply"),
        (b'{"a": 1}', "JSON, but not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "has format 3"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": []}', "no cells"),
        (b'{"nbformat": 4, "cells": [1, 2]}', "no list of cells"),
        (json.dumps({"nbformat": 4, "cells": [{"cell_type": "raw"}] * 5000}).encode(), "more than 2,000 cells"),
    ],
)
def test_a_broken_file_has_a_plain_reason(content, words):
    with pytest.raises(Unreadable, match=words):
        read(content, ["q8"], [])


def test_a_byte_order_mark_and_lists_of_lines_are_fine():
    data = json.loads(MINIMAL)
    data["cells"][0]["source"] = ["x = 1\n", "y = 2"]
    assert read(b"\xef\xbb\xbf" + json.dumps(data).encode(), [], []).cells[0]["source"] == "x = 1\ny = 2"


def test_what_marking_itself_cannot_handle_is_reported_and_the_rest_is_marked(root, edit, tmp_path, same_unseen):
    """A name too long for a file system, and text with half a character in it."""
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.write(edit() / "ada" / f"{ASSIGNMENT}.ipynb", f"ada/{ASSIGNMENT}.ipynb")
        made.writestr(f"{'x' * 300}/{ASSIGNMENT}.ipynb", MINIMAL)
        half = MINIMAL.replace("x = 1", "q1 = [{'fsm': '\\\\ud800'}]; print(q1[0]['fsm'])")
        made.writestr(f"half/{ASSIGNMENT}.ipynb", half)
    done = {each.student: each for each in grade(archive, root, tmp_path / "out")}
    assert done["ada"].score == POINTS
    assert done["x" * 300].problem == "The student's name is longer than 128 characters."
    assert done["half"].problem == "" and done["half"].score == 0


def test_one_bad_submission_does_not_touch_the_others(root, edit, tmp_path, same_unseen):
    folder = edit(student="Zoë O'Neill")
    put(folder, f"broken/{ASSIGNMENT}.ipynb", MINIMAL[:60])
    put(folder, f"empty/{ASSIGNMENT}.ipynb", b"")
    put(folder, f"utf16/{ASSIGNMENT}.ipynb", MINIMAL.encode("utf-16"))
    put(folder, "wrong/02-other.ipynb")
    done = {each.student: each for each in grade(folder, root, tmp_path / "out")}
    assert done["Zoë O'Neill"].score == POINTS and done["Zoë O'Neill"].problem == ""
    assert all(done[name].problem for name in ("broken", "empty", "utf16", "wrong"))
    text = (tmp_path / "out" / "marks" / "marks.csv").read_text(encoding="utf-8")
    assert text.count("not marked") == 4 and "Zoë O'Neill" in text
    assert done["Zoë O'Neill"].feedback.is_file()


def test_what_no_gradebook_can_hold_is_in_the_report_until_it_is_mended(root, edit, tmp_path, same_unseen):
    """Of no assignment, under too long a name, or under a name that is no text: nothing that was handed in is lost."""
    folder, output = edit(student="ada"), tmp_path / "out"
    put(folder, "wrong/02-other.ipynb")
    put(folder, f"{'x' * 200}/{ASSIGNMENT}.ipynb")
    put(folder, os.fsdecode(b"no-text-\xff") + "/03-other.ipynb")
    put(folder, os.fsdecode(b"no-text-\xfe") + "/03-other.ipynb")
    grade(folder, root, output)

    def told():
        write_report(root, output, output / "report")
        with (output / "report" / "students.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        page = (output / "report" / "report.html").read_text(encoding="utf-8")
        for row in rows:
            assert row["student"] in page and row["problem"] in html.unescape(page)
            assert bool(row["problem"]) == (row["score"] == "")
        marks = (output / "marks" / "marks.csv").read_text(encoding="utf-8")
        assert marks.count("not marked") == sum(bool(row["problem"]) for row in rows)
        return sorted(row["student"] for row in rows)

    assert told() == ["ada", "no-text-?", "no-text-?", "wrong", "x" * 200]
    assert {each.student for each in gather(root, output).lines} == {"ada"}
    other = edit(student="bob", folder=tmp_path / "other")
    grade(other, root, output)
    assert set(told()) >= {"ada", "bob", "wrong"}  # the other folder's are still to be mended
    (folder / "wrong" / "02-other.ipynb").rename(folder / "wrong" / f"{ASSIGNMENT}.ipynb")
    assert {each.student: each.problem for each in grade(folder, root, output)}["wrong"] == ""
    write_report(root, output, output / "report", hide_names=True)
    page = (output / "report" / "report.html").read_text(encoding="utf-8")
    assert "x" * 200 not in page and "no-text" not in page


def test_what_can_no_longer_be_marked_loses_its_old_mark_everywhere_and_says_why(root, edit, tmp_path, same_unseen):
    """A second notebook beside the one that was marked: which of the two counts is not for marking to guess."""
    folder, output = edit(student="ada"), tmp_path / "out"
    edit(student="bob")
    assert all(each.score == POINTS for each in grade(folder, root, output))
    put(folder, f"ada/{NOTEBOOK}.ipynb")
    put(folder, f"cy/{ASSIGNMENT}.docx")
    done = {each.student: each for each in grade(folder, root, output)}
    assert "There are 2 notebooks" in done["ada"].problem and done["bob"].again and done["cy"].problem
    text = (output / "marks" / "marks.csv").read_text(encoding="utf-8")
    assert text.count("not marked") == 2 and text.count("\nada,") == 1
    write_report(root, output, output / "report")
    tables = {}
    for name in ("students", "canvas", "moodle", "blackboard"):
        with (output / "report" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.reader(file))
    scores = {row[0]: row[2] for row in tables["students"][1:]}
    assert scores == {"ada": "", "bob": f"{POINTS:.1f}", "cy": ""}
    for name, at in (("canvas", 3), ("moodle", 0), ("blackboard", 2)):
        uploaded = {row[at]: row[-1] for row in tables[name]}
        assert (uploaded["ada"], uploaded["bob"], uploaded["cy"]) == ("", f"{POINTS:.1f}", ""), name
    assert "There are 2 notebooks" in (output / "report" / "report.html").read_text(encoding="utf-8")
    page = (output / "feedback" / "ada" / ASSIGNMENT / "feedback.html").read_text(encoding="utf-8")
    assert "could not be marked" in page and "There are 2 notebooks" in page and "points" not in page
    (folder / "ada" / f"{NOTEBOOK}.ipynb").unlink()
    done = {each.student: each for each in grade(folder, root, output)}
    assert done["ada"].score == POINTS and not done["ada"].problem


def test_a_time_of_handing_in_that_cannot_be_read_costs_nothing(root, edit, tmp_path, same_unseen):
    folder = edit(student="ada", folder=tmp_path / "in" / "submitted")
    (folder / "ada" / ASSIGNMENT).mkdir()
    (folder / "ada" / f"{ASSIGNMENT}.ipynb").rename(folder / "ada" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
    put(folder, f"ada/{ASSIGNMENT}/timestamp.txt", "yesterday, I think")
    (graded,) = grade(folder.parent, root, tmp_path / "out")
    assert (graded.problem, graded.score) == ("", POINTS)
    assert graded.notes == ["The time of handing in cannot be read (yesterday, I think), so it is not taken for late."]


@pytest.mark.parametrize("seeds", [[7, 7], [-1, 5], [5, 2**63]])
def test_seeds_that_would_not_give_two_extracts_are_refused(root, edit, tmp_path, seeds):
    with pytest.raises(LeoError, match="two different whole numbers"):
        grade(edit(), root, tmp_path / "out", seeds=seeds)


def test_every_file_and_every_student_is_in_the_marks_and_in_the_report(root, edit, tmp_path, same_unseen):
    folder, output = edit(student="ada"), tmp_path / "out"
    lost = {f"bob/{NOTEBOOK}.ipynb.txt": "bob", "cy/hw1.zip": "cy", "dee/answers.py": "dee", "eve.zip": "eve.zip"}
    for name in lost:
        put(folder, name)
    put(folder, "ada/data.csv", "a,b\n")
    put(folder, "ada/.DS_Store")
    (folder / "fay").mkdir()
    done = grade(folder, root, output)
    assert {each.student or each.name for each in done if each.problem} == {*lost.values(), "fay"}
    marks = (output / "marks" / "marks.csv").read_text(encoding="utf-8")
    write_report(root, output, output / "report")
    page = html.unescape((output / "report" / "report.html").read_text(encoding="utf-8"))
    for who in [*lost.values(), "fay"]:
        assert f"\n{who}," in marks and f"<td>{who}</td>" in page, who
    with (output / "marks" / "files.csv").open(encoding="utf-8", newline="") as file:
        files = {row["file"]: row["what"] for row in csv.DictReader(file)}
    handed_in = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(files) == handed_in
    assert files[f"ada/{ASSIGNMENT}.ipynb"] == "marked" and files["ada/data.csv"] == "beside"
    assert all(files[name] in ("set aside", "not marked") for name in lost)


def test_names_that_differ_only_in_capitals_or_accents_are_both_marked_and_remarked_upon(
    root, edit, tmp_path, same_unseen
):
    for student in ("Zoe\u0308", "zo\u00eb", "ada"):
        folder = edit(student=student)
    done = {each.student: each for each in grade(folder, root, tmp_path / "out")}
    assert all(each.score == POINTS for each in done.values()) and done["ada"].notes == []
    assert "There is also a hand-in by 'zo\u00eb'" in done["Zo\u00eb"].notes[0]


@pytest.mark.parametrize(
    "name", ["[/b]", "[red]x[/red]", "[link=http://e.org]x", ":smile:", "[", "\\[b]", "[@click=x]y", "{x}"]
)
def test_no_name_is_read_as_markup_in_what_the_command_shows(name):
    shown = io.StringIO()
    console = PlainConsole(file=shown, width=200)
    console.print(_marks_table([Graded(name, name, name, f"It says {name}."), Graded(name, "a", name)]))
    console.print(f"Marked: {name}")
    assert shown.getvalue().count(name) == 5


def test_no_name_reaches_the_terminal_as_a_command():
    shown = io.StringIO()
    name = "\x1b]0;taken\x07\x1b[2Ja\r\u202eb\nMarks: all right"
    PlainConsole(file=shown, width=200).print(_marks_table([Graded(name, name, name, name)]))
    assert not set("\x1b\x07\r\u202e") & set(shown.getvalue())
    assert "\nMarks: all right" not in shown.getvalue()
