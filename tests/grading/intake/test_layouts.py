"""Downloads as systems for courses give them: whose each file is, for what, and the same through every layout."""

from __future__ import annotations

import pytest
from known import FIRST, LAST, assignments, notebook, put, table, zipped

from leocourse.grading.box.answers import letters
from leocourse.grading.intake.collect import Wanted, collect
from leocourse.grading.intake.layouts import layouts
from leocourse.grading.intake.places import WRAPPERS
from leocourse.grading.intake.times import read_time
from leocourse.grading.roster import known_as

LAYOUTS = {each.NAME: each for each in layouts()}


def contents(layout):
    """The files of a layout's example: every notebook is another one."""
    made = {}
    for number, path in enumerate(layout.EXAMPLE):
        work = notebook(f"work {number}")
        made[path] = zipped({"deep/any name.ipynb": work}) if path.endswith(".zip") else work
        if not path.endswith((".zip", ".ipynb")):
            made[path] = "2026-11-20 09:30:00 UTC" if path.endswith("timestamp.txt") else "text"
    return made


@pytest.mark.parametrize("wrapped", ["as it is", "zip", "wrapper", "zip in a folder", "itself"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_example_of_every_layout_is_read(tmp_path, name, wrapped):
    layout, files = LAYOUTS[name], contents(LAYOUTS[name])
    source = tmp_path / "download"
    if wrapped == "itself":  # the outermost folder of the download, named by whoever marks
        tops = {path.partition("/")[0] for path in files}
        source = put(source, files) / tops.pop() if len(tops) == 1 else put(source, files)
    elif wrapped == "zip":
        put(tmp_path, {"download.zip": zipped(files)})
        source = tmp_path / "download.zip"
    elif wrapped == "zip in a folder":
        put(source, {"gradebook export.zip": zipped({"inner/" + path: each for path, each in files.items()})})
    else:
        put(source, {("x y/" if wrapped == "wrapper" else "") + path: each for path, each in files.items()})
    intake = collect(source, assignments())
    expected = {}
    for path, (student, time) in layout.EXAMPLE.items():
        if not student:
            continue
        if path.endswith((".ipynb", ".zip")):
            expected[student] = (LAST, read_time(time).text)
        else:
            expected.setdefault(student, ("", ""))
    if name == "nbgrader":
        assert {each.student for each in intake.submissions if not each.problem} == set(expected)
        return
    assert layout.NAME in intake.layouts
    got = {each.student: (each.assignment, each.timestamp) for each in intake.submissions}
    assert got == expected
    assert {each.student for each in intake.submissions if not each.problem} == {
        student for student, (assignment, _) in expected.items() if assignment
    }
    assert all(what not in ("set aside",) or why for what, why in intake.files.values())


ATTEMPTS = {
    "Blackboard": ["T_zl_attempt_2026-11-20-09-30-00_w.ipynb", "T_zl_attempt_2026-11-21-09-30-00_w.ipynb"],
    "Brightspace": ["1-2 - Zl - Nov 20, 2026 930 PM/w.ipynb", "1-3 - Zl - Nov 21, 2026 930 AM/w.ipynb"],
    "Teams": ["Submitted files/Zl/T/Version 9/w.ipynb", "Submitted files/Zl/T/Version 10/w.ipynb"],
    "ILIAS": ["L_Z_zl_1/20261120093000_w.ipynb", "L_Z_zl_1/20261121093000_w.ipynb"],
}


@pytest.mark.parametrize("layout", ATTEMPTS)
def test_the_last_of_several_attempts_counts_where_the_system_has_times(tmp_path, layout):
    attempts = ATTEMPTS[layout]
    put(tmp_path, {attempts[0]: notebook("old"), attempts[1]: notebook("new")})
    (found,) = collect(tmp_path, assignments()).submissions
    assert found.load() == notebook("new") and found.problem == ""
    assert found.notes[0].startswith("Of 2 attempts the last one counts")
    assert collect(tmp_path, assignments()).files[attempts[0]][0] == "earlier attempt"


HOSTILE = {
    "victim_attempt_2026-11-20-09-30-00_w.ipynb": "Blackboard", "victim_12345_assignsubmission_file_w.ipynb": "Moodle",
    "victim_1_2_w.ipynb": "Canvas", "1-2 - victim - Nov 20, 2026 930 AM": "Brightspace", "a_victim_v_1": "ILIAS",
    "submitted": "nbgrader", "Submitted files": "Teams",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("layout", ["plain", "zip", "Moodle flat", "Moodle", "Canvas", "Blackboard"])
def test_no_name_that_somebody_gave_a_file_makes_it_somebody_elses(tmp_path, layout, name):
    before = {
        "plain": "mallory/{}", "zip": "mallory/work.zip/{}", "Moodle flat": "Mallory M_7_assignsubmission_file_{}",
        "Moodle": "Mallory M_7_assignsubmission_file/{}", "Canvas": "mallory_7_8_{}",
        "Blackboard": "T_mallory_attempt_2026-11-20-09-30-00_{}",
    }[layout]  # fmt: skip
    inside = name if name.endswith(".ipynb") else f"{name}/victim/w.ipynb"
    if layout == "zip":
        put(tmp_path, {"mallory/work.zip": zipped({inside: notebook("m")})})
    elif layout in ("plain", "Moodle") or name.endswith(".ipynb"):
        put(tmp_path, {before.format(inside): notebook("m")})
    else:
        put(tmp_path, {before.format("w.zip"): zipped({inside: notebook("m")})})
    other = {"plain": "bob/w.ipynb", "zip": "bob/w.ipynb", "Moodle flat": "Bob_8_assignsubmission_file_w.ipynb",
             "Moodle": "Bob_8_assignsubmission_file/w.ipynb", "Canvas": "bob_8_9_w.ipynb",
             "Blackboard": "T_bob_attempt_2026-11-20-09-30-00_w.ipynb"}[layout]  # fmt: skip
    put(tmp_path, {other: notebook("b")})
    students = {each.student.casefold().removesuffix(" m") for each in collect(tmp_path, assignments()).submissions}
    assert students == {"mallory", "bob"}


@pytest.mark.parametrize("name", HOSTILE)
def test_somebody_alone_in_a_folder_is_still_themselves(tmp_path, name):
    inside = name if name.endswith(".ipynb") else f"{name}/victim/w.ipynb"
    put(tmp_path, {f"mallory/{inside}": notebook("m")})
    if letters(name) not in WRAPPERS:  # those say of themselves that others are in them
        assert [each.student for each in collect(tmp_path, assignments()).submissions] == ["mallory"]
    put(tmp_path, {"roster.csv": "id,name\nmallory,M\nvictim,V\n"})
    roster = known_as(tmp_path / "roster.csv")
    (tmp_path / "roster.csv").unlink()
    assert [each.student for each in collect(tmp_path, assignments(), Wanted(roster)).submissions] == ["mallory"]


def test_a_title_that_looks_like_another_layout_is_no_person(tmp_path):
    put(tmp_path, {f"Week_3_4_{who}_attempt_2026-11-20-09-30-00_w.ipynb": notebook(who) for who in ("ab1", "cd2")})
    assert {each.student for each in collect(tmp_path, assignments()).submissions} == {"ab1", "cd2"}


def test_two_downloads_side_by_side_and_a_folder_for_each_assignment(tmp_path):
    put(tmp_path, {
        "one/Ada_1_assignsubmission_file/w.ipynb": notebook("a", FIRST),
        "two.zip": zipped({"Ada_77_assignsubmission_file_w.ipynb": notebook("a", LAST)}),
    })  # fmt: skip
    assert table(collect(tmp_path, assignments())) == {("Ada", FIRST): "to mark", ("Ada", LAST): "to mark"}
    put(tmp_path / "by", {f"{FIRST}/ada/w.ipynb": notebook("a", FIRST), f"{LAST}/ada/w.ipynb": notebook("b")})
    assert table(collect(tmp_path / "by", assignments())) == {("ada", FIRST): "to mark", ("ada", LAST): "to mark"}


def test_a_wrapper_is_no_person(tmp_path):
    put(tmp_path, {f"class of autumn/{who}/any.ipynb": notebook(who) for who in ("ada", "bob", "cy")})
    assert {each.student for each in collect(tmp_path, assignments()).submissions} == {"ada", "bob", "cy"}


def test_one_person_with_several_tries_is_one_person(tmp_path):
    put(tmp_path, {"ada/draft/w.ipynb": notebook("a"), "ada/final/w.ipynb": notebook("b")})
    (found,) = collect(tmp_path, assignments()).submissions
    assert found.student == "ada" and "There are 2 notebooks" in found.problem


def test_who_a_folder_round_one_person_is_remains_in_doubt_until_a_roster_says(tmp_path):
    put(tmp_path, {"in/spring/ada/w.ipynb": notebook("a"), "roster.csv": "id,name\nal1,Ada\nbo1,Bo\n"})
    (line,) = [each for each in collect(tmp_path / "in", assignments()).plan if each.what == "to mark"]
    assert line.student == "spring" and "--roster or --map" in line.doubt
    intake = collect(tmp_path / "in", assignments(), Wanted(known_as(tmp_path / "roster.csv")))
    assert table(intake) == {("al1", LAST): "to mark"} and intake.missing == ("bo1",)


ROSTER = """id;first_name;last_name;email;number
zluk;Zoë;Łukasiewicz;zoe.l@example.org;4711
ann1;Anna;Smith;anna.smith@example.org;102
ann2;Anna;Smith;anna.smith2@example.org;103
"""


@pytest.mark.parametrize("name", [
    "Zoë Łukasiewicz/w.ipynb", "Łukasiewicz, Zoë/w.ipynb", "zluk/w.ipynb", "ZLUK/w.ipynb", "zoe.l@example.org/w.ipynb",
    "lukasiewiczzoe_1_2_w.ipynb", "łukasiewiczzoë_LATE_1_2_w.ipynb", "Zoe\u0308 Łukasiewicz_9_assignsubmission_file/w.ipynb",
    "Łukasiewicz_Zoë_zluk_1/w.ipynb", "T_zluk_attempt_2026-11-20-09-30-00_w.ipynb", "zoe.l/w.ipynb", "zluk.zip",
    "someone_4711_2_w.ipynb",
])  # fmt: skip
def test_a_roster_knows_a_person_by_any_of_their_names(tmp_path, name):
    put(
        tmp_path,
        {
            "roster.csv": ROSTER,
            f"in/{name}": zipped({"w.ipynb": notebook("a")}) if name.endswith("zip") else notebook("a"),
        },
    )
    intake = collect(tmp_path / "in", assignments(), Wanted(known_as(tmp_path / "roster.csv")))
    assert list(table(intake)) == [("zluk", LAST)] and intake.missing == ("ann1", "ann2")
    assert all(not each.problem for each in intake.submissions)


def test_two_people_of_one_name_are_two_and_the_roster_says_which(tmp_path):
    put(tmp_path, {"in/Anna Smith_102_assignsubmission_file/w.ipynb": notebook("a"),
                   "in/Anna Smith_103_assignsubmission_file/w.ipynb": notebook("b"), "roster.csv": ROSTER})  # fmt: skip
    intake = collect(tmp_path / "in", assignments())
    assert table(intake) == {("Anna Smith (102)", LAST): "to mark", ("Anna Smith (103)", LAST): "to mark"}
    assert all("Several people" in each.doubt for each in intake.plan)
    intake = collect(tmp_path / "in", assignments(), Wanted(known_as(tmp_path / "roster.csv")))
    assert table(intake) == {("ann1", LAST): "to mark", ("ann2", LAST): "to mark"}


def test_one_name_written_in_two_ways_is_one_person(tmp_path):
    put(tmp_path, {"Zoe\u0308/w.ipynb": notebook("a", FIRST), "Zo\u00eb/w.ipynb": notebook("b", LAST)})
    intake = collect(tmp_path, assignments())
    assert table(intake) == {("Zo\u00eb", FIRST): "to mark", ("Zo\u00eb", LAST): "to mark"}
    assert all("written in two ways" in each.notes[0] for each in intake.submissions)
