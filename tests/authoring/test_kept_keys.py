"""Keys are computed a question at a time: what is kept is used as long as nothing that decides it has changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leocourse.authoring import release
from leocourse.authoring.kept_keys import KEPT, KeptKeys, inputs
from leocourse.authoring.keys import assignment_key
from leocourse.authoring.question import load_assignment
from leocourse.authoring.release import write_keys
from leocourse.checks.attributes import FILE, read_attributes
from leocourse.core import keep
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "01-first-queries-and-linking"
QUICK = ("q00.py", "q01.py", "q03.py")
"""An assignment of a worked example and two questions is enough here."""


def course(root, lesson):
    """A course of one small assignment, with the lesson extract in its place."""
    folder = root / "solutions" / ASSIGNMENT
    (folder / "questions").mkdir(parents=True)
    for name in (*QUICK, "shared.py"):
        shutil.copy(ROOT / "solutions" / ASSIGNMENT / "questions" / name, folder / "questions")
    shutil.copy(ROOT / "solutions" / ASSIGNMENT / "assignment.toml", folder)
    shutil.copy(ROOT / "solutions" / "misconceptions.toml", root / "solutions")
    extract = root / LESSON_EXTRACT
    shutil.copytree(lesson, extract, copy_function=os.link, ignore=shutil.ignore_patterns("keys", keep.RECORD))
    return root


@pytest.fixture
def small(lesson, tmp_path):
    """Such a course, for which nothing was computed."""
    return course(tmp_path, lesson)


@pytest.fixture(scope="module")
def parts(lesson, tmp_path_factory):
    """What is kept of it once everything was computed."""
    root = course(tmp_path_factory.mktemp("parts"), lesson)
    write(root)
    return root / KEPT


@pytest.fixture
def written(small, parts):
    """Such a course, for which everything was computed."""
    shutil.copytree(parts, small / KEPT)
    return small


@pytest.fixture
def computed(monkeypatch):
    """The questions that are computed, as they are."""
    names = []

    def told(folder, asked, extract, every, before=release._entries):
        names.extend(asked)
        return before(folder, asked, extract, every)

    monkeypatch.setattr(release, "_entries", told)
    return names


def write(root):
    (path,) = write_keys(root, root / LESSON_EXTRACT)
    return path.read_bytes()


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_key_of_kept_parts_has_the_bytes_of_one_that_is_computed_at_once(small, computed):
    first = write(small)
    assert sorted(computed) == ["q0", "q1", "q3"]
    assert write(small) == first and len(computed) == 3
    with connect(small / LESSON_EXTRACT) as con:
        key = assignment_key(load_assignment(small / "solutions" / ASSIGNMENT), con)
    assert first == json.dumps(key, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("place", "old", "new", "again"),
    [
        ("questions/q03.py", "from __future__", "# a thought\nfrom __future__", ["q3"]),
        ("questions/shared.py", "from __future__", "# a thought\nfrom __future__", None),
        ("assignment.toml", "First queries", "Some queries", []),
        ("../misconceptions.toml", 'shows = "', 'shows = "Well: ', []),
    ],
)
def test_an_edit_computes_what_it_can_change_and_no_other(written, computed, place, old, new, again):
    write(written)
    assert computed == []
    edit(written / "solutions" / ASSIGNMENT / place, old, new)
    key = json.loads(write(written))
    users = [
        f"q{int(name[1:3])}"
        for name in QUICK
        if "from .shared" in (ROOT / "solutions" / ASSIGNMENT / "questions" / name).read_text()
    ]
    assert sorted(computed) == (users if again is None else again)
    assert key["title"].startswith("Some" if place == "assignment.toml" else "First")


def test_the_title_of_a_misconception_is_that_of_the_catalogue_as_it_is_now(written, computed):
    write(written)
    assert computed == []
    question = next(q for q in load_assignment(written / "solutions" / ASSIGNMENT).questions if q.name == "q1")
    edit(written / "solutions" / "misconceptions.toml", question.misconceptions[0].title, "Another title")
    assert b"Another title" in write(written) and "q1" in computed


def test_another_extract_or_a_kept_part_that_was_cut_or_changed_is_computed_again(written, computed):
    first = write(written)
    assert computed == []
    for spoil in (lambda text: text[:100], lambda text: text.replace('"rows":', '"rows":1', 1), lambda text: "[]"):
        path = written / KEPT / ASSIGNMENT / "q1.json"
        path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
        computed.clear()
        assert write(written) == first and computed == ["q1"]
    manifest = written / LESSON_EXTRACT / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.unlink()  # it is a link to that of the course
    manifest.write_text(text + "\n", encoding="utf-8")
    computed.clear()
    assert write(written) == first and sorted(computed) == ["q0", "q1", "q3"]


def test_what_is_true_of_people_is_computed_again_only_where_it_is_not_whole(written, monkeypatch):
    made, before = [], release.packed_attributes
    monkeypatch.setattr(release, "packed_attributes", lambda con: made.append(before(con)) or made[-1])
    write(written)
    table, path = written / LESSON_EXTRACT / "keys" / FILE, written / KEPT / FILE
    first = table.read_bytes()
    assert made == [] and read_attributes(table)
    path.write_bytes(path.read_bytes()[:-1])
    write(written)
    assert made == [first] and table.read_bytes() == first


def test_the_code_of_checks_decides_what_is_kept(small, monkeypatch):
    folder = small / "solutions" / ASSIGNMENT
    question = load_assignment(folder).questions[0]
    kept = KeptKeys(small, small / LESSON_EXTRACT)
    kept.put(folder, question, {"specification": {}, "calls": []})
    assert KeptKeys(small, small / LESSON_EXTRACT).get(folder, question)
    copy = small / "package"
    for room in ("core", "schema", "measures", "checks", "authoring"):
        shutil.copytree(ROOT / "leocourse" / room, copy / room)
    monkeypatch.setattr("leocourse.authoring.kept_keys.PACKAGE", copy)
    assert KeptKeys(small, small / LESSON_EXTRACT).get(folder, question)
    for path in ("checks/ladder.py", "core/connect.py", "authoring/shorthand.py", "measures/people/new.sql"):
        (copy / path).write_text("# changed", encoding="utf-8")
        assert KeptKeys(small, small / LESSON_EXTRACT).get(folder, question) is None
        kept = KeptKeys(small, small / LESSON_EXTRACT)
        kept.put(folder, question, {"specification": {}, "calls": []})
        assert kept.get(folder, question)


OPENED = """
import json, sys
from pathlib import Path
root, assignment, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
sys.dont_write_bytecode = True
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
from leocourse.authoring.keys import question_key
from leocourse.authoring.question import load_assignment, question_path, load_question
from leocourse.core.connect import connect
with connect(root / "data/extract/lesson") as con:
    question_key(load_question(question_path(root / "solutions" / assignment, name)), con)
print(json.dumps(sorted(opened)))
"""


@pytest.mark.parametrize("case", [("06-table-for-release", "q2"), ("03-attainment-and-pathways", "q12")])
def test_every_file_that_a_key_is_made_from_is_among_its_inputs(lesson, case):
    command = [sys.executable, "-c", OPENED, str(ROOT), *case]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    compiled = re.compile(r"__pycache__/(.+?)\.cpython-.*")
    opened = {Path(compiled.sub(r"\1.py", path)) for path in json.loads(done.stdout)}
    known = {path.resolve() for path in inputs(ROOT, lesson, *case)}
    known.add(ROOT / "solutions" / "misconceptions.toml")  # what a question takes from it is in its specification
    known.add(ROOT / "leocourse" / "__init__.py")  # it only gives names to what others hold
    sources = {path for path in opened if path.suffix in (".py", ".toml", ".json", ".sql", ".csv") and ROOT in path.parents
               and ".venv" not in path.parts and path.name != "views.sql"}  # fmt: skip
    assert any(path.name == "q01.py" for path in sources) == (case[1] == "q2")  # which q2 imports
    assert sources and sources <= known, sorted(map(str, sources - known))


def test_what_does_not_run_is_named_by_assignment_and_question(small):
    path = small / "solutions" / ASSIGNMENT / "questions" / "q03.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + "\nfrom dataclasses import replace\nQUESTION = replace(QUESTION, reference_sql='SELECT nothing')\n",
        "utf-8",
    )
    with pytest.raises(LeoError, match=rf"^{ASSIGNMENT}, q3: reference_sql does not run: .*nothing"):
        write(small)
    path.write_text(text + "\n1 / 0\n", "utf-8")
    with pytest.raises(
        LeoError, match=rf"^{ASSIGNMENT}/questions/q03\.py does not load: ZeroDivisionError.*q03\.py, line"
    ):
        write(small)
