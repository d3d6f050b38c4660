"""The same right notebook gets the same marks through every layout, and what is marked is what was read."""

from __future__ import annotations

import csv
import hashlib
import os

from known import LAST, put, zipped
from sample import POINTS

from leocourse.grading.grade import grade
from leocourse.grading.intake.layouts import layouts


def test_the_same_right_notebook_gets_the_same_marks_through_every_layout(root, edit, tmp_path, same_unseen):
    right = (edit() / "ada" / f"{LAST}.ipynb").read_bytes()
    source, people = tmp_path / "in", {}
    for layout in layouts():
        path = next(path for path in layout.EXAMPLE if path.endswith(".ipynb"))
        people[layout.EXAMPLE[path][0]] = layout.NAME
        put(source, {f"{layout.NAME}.zip": zipped({path: right})})
    told = []
    done = grade(source, root, tmp_path / "out", found=told.append)
    assert {each.student for each in done} == set(people) and len(told[0].layouts) == len(layouts())
    marked = [each for each in done if not each.problem]
    assert {each.score for each in marked} == {POINTS} and {each.student for each in marked} == set(people)
    # The examples of several layouts are of one person, whose file is marked once.
    assert all(each.problem.startswith("It is the same file as another: ") for each in done if each.problem)
    with (tmp_path / "out" / "marks" / "files.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row["what"] for row in csv.DictReader(file)}
    assert len(rows) == 2 * len(layouts()) and set(rows.values()) == {
        "marked",
        "opened",
        "set aside",
        "earlier attempt",
    }
    assert list(rows.values()).count("marked") == len(people)
    for each in marked:
        assert (tmp_path / "out" / "submitted" / each.student / LAST).is_dir()
    assert all(each.again for each in grade(source, root, tmp_path / "out") if not each.problem)


def test_what_is_marked_hashed_and_kept_is_what_was_read(root, edit, tmp_path, same_unseen):
    """A file is swapped for a link, a pipe and a newer one after it was looked at: none of that is ever read."""
    source = edit(student="ada")
    for student in ("bob", "cy"):
        edit(student=student, folder=source)
    first = {name: (source / name / f"{LAST}.ipynb").read_bytes() for name in ("ada", "bob", "cy")}
    secret = put(tmp_path, {"secret.ipynb": "somebody else's"}) / "secret.ipynb"

    def swap(intake):
        for name in first:
            (source / name / f"{LAST}.ipynb").unlink()
        (source / "ada" / f"{LAST}.ipynb").symlink_to(secret)
        os.mkfifo(source / "bob" / f"{LAST}.ipynb")
        put(source, {f"cy/{LAST}.ipynb": first["cy"] + b"\n"})

    done = grade(source, root, tmp_path / "out", found=swap)
    assert {each.score for each in done} == {POINTS}
    for name, content in first.items():
        (kept,) = (tmp_path / "out" / "submitted" / name).rglob("*.ipynb")
        assert kept.read_bytes() == content
    again = {each.student: each for each in grade(source, root, tmp_path / "out")}
    assert again["cy"].again is False and again["cy"].score == POINTS, "the newer file is another hand-in"
    assert again["ada"].problem and again["bob"].problem
    assert hashlib.sha256(first["cy"]).hexdigest() != hashlib.sha256(first["cy"] + b"\n").hexdigest()
