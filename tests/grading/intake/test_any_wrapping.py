"""However work is wrapped, renamed, nested and packed, it is the same person's, for the same assignment."""

from __future__ import annotations

import shutil
import unicodedata
import zipfile
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from known import FIRST, LAST, NAMES, assignments, notebook, put, table, zipped

from leocourse.core.errors import LeoError
from leocourse.grading.intake.collect import Wanted, collect
from leocourse.grading.roster import Learner

PEOPLE = {"zluk": "Zoë Łukasiewicz", "aobr": "Ada O'Brien", "boli": "Bo Li", "cyp": "Cy Poe"}
ROSTER = tuple(Learner(login, name, (f"{name.split()[1]} {name.split()[0]}",)) for login, name in PEOPLE.items())
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def run_together(name):
    first, last = name.split()
    return "".join(each for each in (last + first).casefold() if each.isalnum())


LAYOUTS = {
    "plain": lambda login, name, number, file: f"{login}/{file}",
    "names": lambda login, name, number, file: f"{name}/{file}",
    "nbgrader": lambda login, name, number, file: f"submitted/{login}/{LAST}/{file}",
    "Moodle folders": lambda login, name, number, file: f"{name}_{number}_assignsubmission_file/{file}",
    "Moodle flat": lambda login, name, number, file: f"{name}_{number}_assignsubmission_file_{file}",
    "Canvas": lambda login, name, number, file: (
        f"{run_together(name)}{'_LATE' * (number % 2)}_{number}_9{number}_{file}"
    ),
    "Blackboard": lambda login, name, number, file: f"Table_{login}_attempt_2026-11-20-09-30-0{number % 10}_{file}",
    "Brightspace": lambda login, name, number, file: (
        f"55-{number} - {name} - 20 November, 2026 9{number % 5}0 AM/{file}".replace("940 AM", "945 AM")
    ),
    "Teams": lambda login, name, number, file: f"Submitted files/{name}/Table/Version 1/{file}",
    "ILIAS": lambda login, name, number, file: f"{name.split()[1]}_{name.split()[0]}_{login}_{number}/{file}",
    "GitHub": lambda login, name, number, file: f"leo-submissions/leo-{login}/exercises/{LAST}/{file}",
}
FILES = st.sampled_from([
    f"{NAMES[LAST]}.ipynb", f"{NAMES[LAST]} (1).ipynb", f"Copy of {LAST}.ipynb", "final_FINAL.IPYNB", "Untitled.ipynb",
    f"{NAMES[FIRST]}.ipynb", "hw.zip", "work (2).ZIP",
])  # fmt: skip
LITTER = ["__MACOSX/._x", ".DS_Store", "Thumbs.db"]


PACKING = st.tuples(
    FILES,
    st.integers(0, 2),
    st.sampled_from(["w.ipynb", "a/b/Any Name.ipynb"]),
    st.booleans(),
    st.sampled_from(METHODS),
)
WORK = st.dictionaries(st.sampled_from(sorted(PEOPLE)), PACKING, min_size=2)
"""Of each person the name of a file, in how many more zips it is, its name there, what lies beside it, and how."""


def packed(login, file, deep, inside, littered, method):
    """What somebody hands in, as it is packed."""
    if not file.lower().endswith(".zip"):
        return notebook(login)
    content = {inside: notebook(login)} | ({name: b"" for name in LITTER} if littered else {})
    for _ in range(deep):
        content = {"inner.zip": zipped(content, method)}
    return zipped(content, method)


WRAPS = st.lists(st.sampled_from(["folder", "zip", "litter"]), max_size=2)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(LAYOUTS)), WORK, WRAPS, st.sampled_from(["NFC", "NFD"]), st.booleans())
def test_the_same_work_is_the_same_persons_through_every_wrapping(
    tmp_path_factory, layout, people, wraps, form, as_zip
):
    files, room = {}, max(0, 3 - wraps.count("zip") - as_zip)
    for number, (login, (file, deep, *how)) in enumerate(people.items(), start=10):
        path = LAYOUTS[layout](login, PEOPLE[login], number, file)
        files[unicodedata.normalize(form, path)] = packed(login, file, min(deep, room), *how)
    for number, wrap in enumerate(wraps):
        if wrap == "folder":
            files = {f"autumn {number}/{name}": content for name, content in files.items()}
        elif wrap == "zip":
            files = {f"download {number}.zip": zipped(files)}
        else:
            files |= {name: b"" for name in LITTER}
    folder = tmp_path_factory.mktemp("in")
    source = put(folder / "source", files)
    if as_zip:
        put(folder, {"all.zip": zipped(files)})
        source = folder / "all.zip"
    intake = collect(source, assignments(), Wanted(ROSTER))
    assert set(table(intake)) == {(login, LAST) for login in people}, (layout, wraps)
    assert {each.student: each.load() for each in intake.submissions} == {login: notebook(login) for login in people}
    assert not any(each.problem for each in intake.submissions)
    assert set(intake.missing) == set(PEOPLE) - set(people)
    assert {line.file for line in intake.plan} == set(intake.files)
    without = collect(source, assignments())  # no roster: other names, but as many people, and the same work
    assert len({each.student for each in without.submissions}) == len(people)
    assert sorted(each.load() for each in without.submissions) == sorted(map(notebook, people))
    shutil.rmtree(folder)


PARTS = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=12).filter(
    lambda part: part not in (".", "..")
)
ENDS = st.sampled_from(["", ".ipynb", ".zip", ".ipynb.txt", "_1_2_w.ipynb", "_1_assignsubmission_file_w.ipynb", "/timestamp.txt",
                        f"/{LAST}.ipynb", "_a_attempt_2026-11-20-09-30-00_w.ipynb", " - w.ipynb"])  # fmt: skip
ANY = {
    "one": notebook("a"), "other": notebook("b", FIRST), "untouched": notebook(""), "empty": b"", "JSON": b"{}",
    "no text": b"\xff\xfe", "zip": zipped({"x/w.ipynb": notebook("z")}),
}  # fmt: skip
PATHS = st.builds(lambda parts, end: "/".join(parts) + end, st.lists(PARTS, min_size=1, max_size=3), ENDS)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(PATHS, st.sampled_from(sorted(ANY)), min_size=1, max_size=6))
def test_no_tree_of_any_names_stops_it_and_every_file_is_accounted_for(tmp_path_factory, tree):
    folder = tmp_path_factory.mktemp("any")
    for name, content in tree.items():
        with suppress(OSError):  # a file is there where this one needs a folder, or a name is too long
            put(folder, {name: ANY[content]})
    try:
        intake = collect(folder, assignments())
    except LeoError as error:
        assert str(error).startswith("No submissions")
    else:
        stored = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert stored <= set(intake.files) and all(what != "set aside" or why for what, why in intake.files.values())
        assert len({(each.student, each.assignment) for each in intake.submissions if each.assignment}) == sum(
            bool(each.assignment) for each in intake.submissions
        )
    shutil.rmtree(folder)
