"""Which assignment a notebook is for, when it was handed in, and what somebody says in a table."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from known import FIRST, LAST, NAMES, assignments, notebook, put, table
from typer.testing import CliRunner

from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.grading.intake.collect import Wanted, collect
from leocourse.grading.intake.signs import by_name
from leocourse.grading.intake.table import CHANGED, plan_csv, read_map
from leocourse.grading.intake.times import read_time, readable
from leocourse.grading.notebook import grade_id_of

NOTEBOOK = NAMES[LAST]
EMPTY = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
    {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}]})  # fmt: skip


@pytest.mark.parametrize("name", [
    "{}.ipynb", "{} (1).ipynb", "Copy of {}.ipynb", "{}-Copy1.ipynb", "{}_final.ipynb", "{} - Copy.ipynb", "{}.IPYNB",
    "{}_final_v2 (3).ipynb", "{}-1.ipynb", "ada_{}.ipynb", "My {} FINAL final.ipynb", "Kopie von {}.ipynb", "{}.ipynb.ipynb",
])  # fmt: skip
@pytest.mark.parametrize(
    "called", [NOTEBOOK, LAST, NOTEBOOK.upper(), NOTEBOOK.replace("-", "_"), NOTEBOOK.replace("-", " ")]
)
def test_the_name_of_a_file_is_read_loosely(name, called):
    assert by_name(name.format(called), assignments()).assignment == LAST


@pytest.mark.parametrize(
    "name",
    ["notebook.ipynb", "Untitled.ipynb", "for.ipynb", "table.ipynb", "07.ipynb", "2026.ipynb", "-.ipynb", ".ipynb"],
)
def test_a_name_that_says_nothing_is_not_guessed_at(name):
    assert by_name(name, assignments()).assignment == ""


@pytest.mark.parametrize("name", ["hw6.ipynb", "06.ipynb", "Assignment 6.ipynb", "homework_06_final.ipynb"])
def test_a_number_alone_is_a_name_in_doubt(name):
    sign = by_name(name, assignments())
    assert sign.assignment == LAST and sign.doubt


def drop(kind):
    """Take the signs of a kind out of a notebook."""

    def change(book):
        for cell in book["cells"]:
            if kind in ("call", "all") and "assignment(" in "".join(cell["source"]):
                cell["source"] = "con = 1"
            if kind in ("titles", "all") and cell["cell_type"] == "markdown":
                cell["source"] = "no title"
            if kind in ("ids", "all"):
                cell["metadata"] = {}

    return change


@pytest.mark.parametrize("kind", ["call", "titles", "ids"])
@pytest.mark.parametrize("place", ["ada/any.ipynb", f"ada/{FIRST}.ipynb", f"ada/{FIRST}/{NAMES[FIRST]}.ipynb"])
def test_content_comes_before_any_name(tmp_path, kind, place):
    put(tmp_path, {place: notebook("a", LAST, drop(kind))})
    intake = collect(tmp_path, assignments())
    assert table(intake) == {("ada", LAST): "to mark"}
    (line,) = intake.plan
    assert ("Its name says" in line.doubt) == ("any" not in place)


def test_where_content_says_nothing_the_name_does_and_a_folder_last(tmp_path):
    ids = drop("all")

    def keep_ids(book):
        names = [cell["metadata"] for cell in book["cells"]]
        ids(book)
        for cell, metadata in zip(book["cells"], names, strict=True):
            cell["metadata"] = metadata

    put(tmp_path, {f"ada/{FIRST}/{NOTEBOOK} (2).ipynb": notebook("a", LAST, drop("all")),
                   f"bob/{LAST}/mine.ipynb": notebook("b", LAST, keep_ids), f"cy/{LAST}/mine.ipynb": EMPTY})  # fmt: skip
    told = table(collect(tmp_path, assignments()))
    assert told == {("ada", LAST): "to mark", ("bob", LAST): "to mark", ("cy", LAST): f"Expected {NOTEBOOK}.ipynb."}


def test_a_notebook_that_says_two_things_is_for_a_person_to_settle(tmp_path):
    def lie(book):
        cell = next(cell for cell in book["cells"] if "assignment(" in "".join(cell["source"]))
        cell["source"] = f'check = leo.assignment("{FIRST}")'

    put(tmp_path / "in", {"ada/w.ipynb": notebook("a", LAST, lie)})
    intake = collect(tmp_path / "in", assignments())
    (found,) = intake.submissions
    assert "calls itself" in found.problem and "--map" in found.problem
    decided = corrected(tmp_path, intake, student="ada", assignment=LAST)
    assert table(collect(tmp_path / "in", assignments(), Wanted(decided=decided))) == {("ada", LAST): "to mark"}


def corrected(folder, intake, rows=None, **cells):
    """The plan with other cells in the lines whose file has ``rows`` in its name, read as a table."""
    lines = list(csv.DictReader(io.StringIO(plan_csv(intake.plan))))
    for line in lines:
        if rows is None or rows in line["file"]:
            line.update(cells)
    made = io.StringIO()
    writer = csv.DictWriter(made, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    put(folder, {"map.csv": made.getvalue()})
    return read_map(folder / "map.csv", NAMES)


def test_a_plan_that_comes_back_as_it_was_changes_nothing(tmp_path):
    put(tmp_path / "in", {"=cmd/w.ipynb": notebook("a"), "-x\t/w.ipynb": notebook("b"), "[b]\u202e/w.ipynb": notebook("c"),
                          "a\\nb/w.ipynb": notebook("d"), "Zoe\u0308/w.ipynb": notebook("e"), "'=q/w.ipynb": notebook("f")})  # fmt: skip
    before = collect(tmp_path / "in", assignments())
    after = collect(tmp_path / "in", assignments(), Wanted(decided=corrected(tmp_path, before)))
    fine = {each.student for each in before.submissions if not each.problem}
    assert len(fine) == 6 and {each.student for each in after.submissions if not each.problem} == fine
    rows = list(csv.reader(io.StringIO(plan_csv(before.plan))))
    assert all(not cell.startswith(("=", "-", "+", "@")) for row in rows for cell in row)


def test_a_table_settles_whose_and_which(tmp_path):
    put(tmp_path / "in", {"ada/one.ipynb": notebook("a"), "ada/two.ipynb": notebook("b"), "stray.ipynb": notebook("c")})
    intake = collect(tmp_path / "in", assignments())
    assert any("There are 2 notebooks" in each.problem for each in intake.submissions)
    decided = corrected(tmp_path, intake, "one", assignment="-")
    stray = corrected(tmp_path, intake, "stray", student="Bob Ré", assignment=LAST)["stray.ipynb"]
    intake = collect(tmp_path / "in", assignments(), Wanted(decided=decided | {"stray.ipynb": stray}))
    assert table(intake) == {("ada", LAST): "to mark", ("Bob Ré", LAST): "to mark"}


def test_a_file_that_changed_since_the_plan_is_not_marked_by_it(tmp_path):
    put(tmp_path / "in", {"ada/w.ipynb": notebook("a")})
    decided = corrected(tmp_path, collect(tmp_path / "in", assignments()), student="ada2")
    put(tmp_path / "in", {"ada/w.ipynb": notebook("another")})
    (found,) = collect(tmp_path / "in", assignments(), Wanted(decided=decided)).submissions
    assert (found.student, found.problem) == ("ada2", CHANGED)


@pytest.mark.parametrize(("text", "words"), [
    ("file,student\nw,a\n", "no column 'assignment'"), ("file,student,assignment\nw,a,07-no\n", "line 2: .*no assignment"),
    (f"file,student,assignment\nw,..,{LAST}\n", "line 2: .*that no name has"), ("", "no column"),
    (f"file,student,assignment\nw,a/b,{LAST}\n", "that no name has"), (b"\xff\xfe", "UTF-8"),
    (f"file,student,assignment\nw,a,{LAST}\nw,b,{LAST}\n", "line 3: 'w' is in line 2"),
])  # fmt: skip
def test_a_table_that_cannot_be_is_one_line(tmp_path, text, words):
    put(tmp_path, {"map.csv": text})
    with pytest.raises(LeoError, match=words) as raised:
        read_map(tmp_path / "map.csv", NAMES)
    assert "\n" not in str(raised.value)


def test_a_table_with_a_file_that_is_not_there_is_one_line(tmp_path):
    put(tmp_path, {"in/ada/w.ipynb": notebook("a"), "map.csv": f"file,student,assignment\nno.ipynb,a,{LAST}\n"})
    with pytest.raises(LeoError, match="not in .*: no.ipynb"):
        collect(tmp_path / "in", assignments(), Wanted(decided=read_map(tmp_path / "map.csv", NAMES)))


def test_an_untouched_copy_beside_a_worked_one_is_no_doubt(tmp_path):
    put(tmp_path, {f"ada/{NOTEBOOK}.ipynb": notebook(""), f"ada/{NOTEBOOK} (1).ipynb": notebook("mine"),
                   "bob/w.ipynb": notebook(""), f"cy/exercises/{LAST}/{NOTEBOOK}.ipynb": notebook(""),
                   f"cy/work/{LAST}/{NOTEBOOK}.ipynb": notebook("cy")})  # fmt: skip
    intake = collect(tmp_path, assignments())
    assert set(table(intake).values()) == {"to mark"} and len(intake.submissions) == 3
    loaded = {each.student: each.load() for each in intake.submissions}
    assert loaded == {"ada": notebook("mine"), "bob": notebook(""), "cy": notebook("cy")}


def test_two_worked_copies_without_times_are_not_chosen_between(tmp_path):
    put(tmp_path, {f"ada/{NOTEBOOK}.ipynb": notebook("a"), f"ada/{NOTEBOOK} (1).ipynb": notebook("b")})
    (found,) = collect(tmp_path, assignments()).submissions
    assert "There are 2 notebooks" in found.problem


TIMES = {
    "2026-11-20 09:30:00 UTC": "2026-11-20 09:30:00 UTC", "2026-11-20 09:30:00.123456 UTC": "2026-11-20 09:30:00 UTC",
    "2026-11-20T09:30:00+01:00": "2026-11-20 08:30:00 UTC", "2026-01-01-10-00-00": "2026-01-01 10:00:00 UTC",
    "Fri, 20 Nov 2026 09:30:00 +0100": "2026-11-20 08:30:00 UTC", "Nov 20, 2026 930 AM": "2026-11-20 09:30:00 UTC",
    "20 November, 2026 1015 PM": "2026-11-20 22:15:00 UTC", "Nov 20, 2026 12:05 AM": "2026-11-20 00:05:00 UTC",
    "Friday, 20 November 2026, 9:30 AM": "2026-11-20 09:30:00 UTC", "20.11.2026 09:30": "2026-11-20 09:30:00 UTC",
    "20/11/2026 21:30": "2026-11-20 21:30:00 UTC", "11/20/2026 9:30 PM": "2026-11-20 21:30:00 UTC",
    "Thursday, January 1, 2026 10:00:00 AM GMT": "2026-01-01 10:00:00 UTC", "20261120093000": "2026-11-20 09:30:00 UTC",
    "20. November 2026 09:30": "2026-11-20 09:30:00 UTC", "2026-11-20": "2026-11-20 00:00:00 UTC",
    "1-1-1 1:1 +23": "", "yesterday": "", "": "", "9999-12-31 23:59:59 -1400": "", "2026-02-30": "", "31/02/2026": "",
    "13/13/2026": "", "1e9": "", "nan": "", "2026-11-20 25:00:00": "", "Nov 20, 2026 13:00 PM": "", "0001-01-01 00:00:00 UTC": "",
    "2026-11-20 09:30:00 +99:00": "", "Blah 20, 2026 9:30 AM": "", "x" * 10_000: "", "٢٠٢٦-١١-٢٠": "2026-11-20 00:00:00 UTC",
}  # fmt: skip


@pytest.mark.parametrize("text", TIMES, ids=lambda text: ascii(text)[:40])
def test_a_time_is_read_or_is_none(text):
    time = read_time(text)
    assert time.text == TIMES[text] and not time.twice and time.found == text
    assert readable(time.text)


@pytest.mark.parametrize("text", ["10/01/2026", "1-2-2026 9:30", "01/10/2026 9:30 PM", "11/12/2026"])
def test_a_date_that_can_be_read_in_two_ways_is_said_to_be_so(text):
    time = read_time(text)
    assert time.twice and not time.text
    day, month = read_time(text, "day").text, read_time(text, "month").text
    assert day and month and day != month
    assert int(day[8:10]) == int(text.replace("-", "/").split("/")[0])


def test_the_run_says_how_to_settle_a_date_and_then_reads_it(tmp_path):
    put(
        tmp_path,
        {
            "1-2 - Ada - 10-01-2026 930 AM/w.ipynb": notebook("a"),
            "1-2 - Ada - 11-01-2026 930 AM/w.ipynb": notebook("b"),
        },
    )
    found = collect(tmp_path, assignments()).submissions
    assert len(found) == 1 and "There are 2 notebooks" in found[0].problem
    (last,) = collect(tmp_path, assignments(), Wanted(first="day")).submissions
    assert last.load() == notebook("b") and last.timestamp == "2026-01-11 09:30:00 UTC"
    (last,) = collect(tmp_path, assignments(), Wanted(first="month")).submissions
    assert last.timestamp == "2026-11-01 09:30:00 UTC"


@pytest.mark.parametrize("place", ["ada/timestamp.txt", f"ada/hw.zip/{LAST}/timestamp.txt", f"ada/x/{LAST}/timestamp.txt",
                                   f"Ada_1_assignsubmission_file/{LAST}/timestamp.txt"])  # fmt: skip
def test_a_time_among_somebodys_own_files_is_not_believed(tmp_path, place):
    folder = place.rpartition("/")[0]
    if ".zip" in place:
        from known import zipped

        put(
            tmp_path,
            {"ada/hw.zip": zipped({f"{LAST}/{NOTEBOOK}.ipynb": notebook("a"), f"{LAST}/timestamp.txt": "2000-01-01"})},
        )
    else:
        put(tmp_path, {f"{folder}/{NOTEBOOK}.ipynb": notebook("a"), place: "2000-01-01 00:00:00 UTC"})
    put(tmp_path, {"bob/w.ipynb" if "Ada" not in place else "Bob_2_assignsubmission_file/w.ipynb": notebook("b")})
    intake = collect(tmp_path, assignments())
    assert [each.timestamp for each in intake.submissions] == ["", ""]
    assert intake.files[place] == ("beside", "A time among somebody's own files is their word, and is not believed.")


def test_the_command_plans_without_marking_and_takes_the_table_back(root, tmp_path):
    put(tmp_path / "in", {"ada/one.ipynb": notebook("a"), "ada/two.ipynb": notebook("b"), "[b]/w.ipynb": notebook("c"),
                          "fay": None})  # fmt: skip
    run = CliRunner()
    done = run.invoke(app, ["grade", str(tmp_path / "in"), "--plan", "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "Nothing was marked" in done.output and "Notebooks to mark: 1" in done.output
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.csv")) == ["plan.csv"]
    assert not (tmp_path / "out" / "gradebook.db").exists()
    text = (tmp_path / "out" / "marks" / "plan.csv").read_text(encoding="utf-8")
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["fay"]["student"] == "fay" and rows["fay"]["doubt"]
    assert rows["ada/one.ipynb"]["what"] == "set aside" and rows["[b]/w.ipynb"]["student"] == "[b]"
    put(tmp_path, {"map.csv": f"file,student,assignment\nada/one.ipynb,ada,-\nada/two.ipynb,ada,{LAST}\n"})
    more = ["--map", str(tmp_path / "map.csv"), "--day-first"]
    done = run.invoke(app, ["grade", str(tmp_path / "in"), "--plan", "--output", str(tmp_path / "out"), *more])
    assert done.exit_code == 0 and "Notebooks to mark: 2" in done.output
    done = run.invoke(app, ["grade", str(tmp_path / "in"), "--plan", *more, "--month-first"])
    assert isinstance(done.exception, LeoError)


def test_a_notebook_that_was_released_is_known_by_everything_it_has():
    for name, each in assignments().items():
        assert len(each.titles) > 10 and len(each.ids) > 20, name
        other = assignments()[LAST if name == FIRST else FIRST]
        assert not each.titles & other.titles
    assert replace(assignments()[LAST], titles=frozenset()) != assignments()[LAST]
    assert grade_id_of({"metadata": None}) == ""
