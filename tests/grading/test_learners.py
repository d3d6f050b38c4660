"""An extract of their own for each learner: from a roster and a secret, with keys that the notebook's checks use."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from sample import ASSIGNMENT, NOTEBOOK, POINTS
from typer.testing import CliRunner

from leocourse.authoring.handout import stamped, written
from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.checks.assignment import assignment
from leocourse.cli import app, marking
from leocourse.core import keep
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.grading.grade import grade
from leocourse.grading.learners import Learner, read_roster, release_to
from leocourse.grading.notebook import NOT_YOURS, TAG, note_of
from leocourse.grading.secret import SECRET, code_of, course_secret, read_secret, seed_of
from leocourse.work import course_folder, prepare, update

SECOND = "01-first-queries-and-linking"


def roster(folder, text):
    path = folder / "roster.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_a_roster_in_nbgraders_columns_and_in_ours(tmp_path):
    assert read_roster(roster(tmp_path, "id,name\nada,Ada Lovelace\nbob,\n")) == [
        Learner("ada", "Ada Lovelace"),
        Learner("bob"),
    ]
    theirs = "\ufeffid,last_name,first_name,email\nzo\u00eb.o'neil-2,O'Neil,Zo\u00eb,zoe@example.org\n"
    assert read_roster(roster(tmp_path, theirs)) == [Learner("zo\u00eb.o'neil-2", "Zo\u00eb O'Neil")]


HOSTILE = {
    "..": "begins", "../ada": "folder", "a/b": "folder", "a\\b": "folder", "/etc/passwd": "folder", "C:x": "folder",
    "a\0b": "not to be seen", "a\u202eb": "not to be seen", "\u200b": "not to be seen", ".hidden": "begins",
    "-rf": "begins", "~root": "begins", "ada.": "ends", "x" * 65: "longer", "\u4e00" * 63 + "a": "longer", "NUL": "Windows",
    "com1.txt": "Windows", "": "empty", "   ": "empty", "a*": "folder", "\uff0fetc": "folder", '"a\nb"': "not to be seen",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_refused_in_one_line(name, tmp_path):
    with pytest.raises(LeoError) as raised:
        read_roster(roster(tmp_path, f"id,name\nada,Ada\n{name},x\n"))
    text = str(raised.value)
    assert HOSTILE[name] in text and "line " in text
    assert "\n" not in text and text.isprintable() and len(text) < 200


@pytest.mark.parametrize("second", ["ADA", "ada", "Ada", "\uff41da"])
def test_ids_that_would_share_a_folder_are_refused(second, tmp_path):
    with pytest.raises(LeoError, match="line 3.*same folder as the one in line 2"):
        read_roster(roster(tmp_path, f"id,name\nada,a\n{second},b\n"))


@pytest.mark.parametrize(
    ("text", "words"),
    [("name\nada\n", "no column 'id'"), ("id,name\n", "names nobody"), ("", "no column"), (b"id\n\xff\xfe\n", "UTF-8")],
)
def test_what_is_no_roster_is_one_line(text, words, tmp_path):
    with pytest.raises(LeoError, match=words):
        read_roster(roster(tmp_path, text))
    with pytest.raises(LeoError, match="cannot be read"):
        read_roster(tmp_path / "nowhere.csv")


def test_the_secret_is_made_once_for_its_owner_only_and_never_in_git(root, tmp_path, monkeypatch):
    monkeypatch.delenv("LEO_SECRET", raising=False)
    one = course_secret(tmp_path)
    assert course_secret(tmp_path) == one and len(one) == 64
    assert (tmp_path / SECRET).stat().st_mode & 0o077 == 0
    assert subprocess.run(["git", "check-ignore", "-q", SECRET], cwd=root, check=False).returncode == 0
    (tmp_path / SECRET).write_text("short")
    with pytest.raises(LeoError, match="shorter"):
        read_secret(tmp_path)


def test_a_seed_needs_secret_and_id_and_codes_for_one_purpose_tell_nothing_of_another():
    one, other = b"a" * 32, b"b" * 32
    assert seed_of(one, "ada") == seed_of(one, "ada") < 2**62
    assert len({seed_of(one, "ada"), seed_of(one, "bob"), seed_of(other, "ada")}) == 3
    assert len({code_of(one, "report", "ada"), code_of(one, "released", "ada"), code_of(other, "report", "ada")}) == 3


@pytest.fixture(scope="module")
def handed_out(root, lesson, tmp_path_factory):
    """A course of two assignments and two learners with extracts of their own: keys take most of the time."""
    course = tmp_path_factory.mktemp("course")
    others = [each.name for each in assignment_folders(root) if each.name not in (ASSIGNMENT, SECOND)]
    for name in ("solutions", "exercises"):
        shutil.copytree(root / name, course / name, ignore=shutil.ignore_patterns("__pycache__", *others))
    keep.record(course / "exercises")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LEO_SECRET", raising=False)
        yield course, release_to(course, [Learner("ada"), Learner("bob")], people=5_000)


def counted(folder):
    with connect(folder / LESSON_EXTRACT) as con:
        return con.sql(
            "SELECT edukey, days FROM (SELECT edukey, sum(startdate - DATE '2000-01-01') AS days FROM leo_i2.\"2005003\".leo_employment GROUP BY 1) ORDER BY 1 LIMIT 50"
        ).fetchall()


def test_each_has_another_extract_without_its_truth_and_with_its_keys(handed_out):
    _, (ada, bob) = handed_out
    assert counted(ada) != counted(bob)
    for folder in (ada, bob):
        keys = {path.stem for path in (folder / LESSON_EXTRACT / "keys").glob("*.json")}
        assert {ASSIGNMENT, SECOND} == {each for each in keys if each[0].isdigit()}
        assert not list(folder.rglob("*truth*")) and not list(folder.rglob("questions"))
        assert not list(folder.rglob(SECRET))
    tags = [
        json.loads((each / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())["metadata"][TAG]
        for each in (ada, bob)
    ]
    assert tags[0] != tags[1]


def test_the_checks_of_the_notebook_work_on_it_and_a_neighbours_numbers_are_wrong(handed_out, root, monkeypatch):
    _, (ada, bob) = handed_out
    monkeypatch.delenv("LEO_EXTRACT", raising=False)
    first = load_assignment(root / "solutions" / ASSIGNMENT).questions[0]
    with connect(ada / LESSON_EXTRACT) as con:
        adas = con.sql(first.reference_sql).df()
    monkeypatch.chdir(ada / "exercises" / ASSIGNMENT)
    assert assignment(ASSIGNMENT)("q1", first.reference_sql).status == "right"
    assert assignment(ASSIGNMENT)("q1", adas).status == "right"
    monkeypatch.chdir(bob / "exercises" / ASSIGNMENT)
    assert assignment(ASSIGNMENT)("q1", first.reference_sql).status == "right"
    assert assignment(ASSIGNMENT)("q1", adas).status == "not right yet"


def test_a_learner_works_on_a_copy_and_a_newer_release_takes_the_answers_over(handed_out, tmp_path):
    _, (ada, _) = handed_out
    mine = shutil.copytree(ada, tmp_path / "ada")  # as it is handed out
    assert (mine / "start.ipynb").is_file() and course_folder(mine / "exercises" / ASSIGNMENT) == mine
    prepare(mine, say=lambda line: None)
    name = f"exercises/{ASSIGNMENT}/{NOTEBOOK}.ipynb"
    book = json.loads((mine / "work" / name).read_text(encoding="utf-8"))
    next(each for each in book["cells"] if each["id"] == "q1")["source"] = "q1 = 'mine'"
    (mine / "work" / name).write_bytes(written(book))
    newer = json.loads((mine / name).read_text(encoding="utf-8"))
    newer["cells"][0]["source"] = "# Another title"
    (mine / name).write_bytes(stamped(written(newer), name))
    keep.record(mine / "exercises")
    assert update(mine, say=lambda line: None)
    text = (mine / "work" / name).read_text(encoding="utf-8")
    assert "q1 = 'mine'" in text and "# Another title" in text and book["metadata"][TAG] in text
    assert [path.read_bytes() for path in (mine / "work").rglob("*.kept-*")] == [written(book)]


def test_what_is_current_is_left_and_another_secret_makes_another(handed_out, monkeypatch):
    course, (ada, _) = handed_out
    manifest = ada / LESSON_EXTRACT / "manifest.json"
    before = manifest.stat().st_mtime_ns
    lines = []
    release_to(course, [Learner("ada")], people=5_000, say=lines.append)
    assert manifest.stat().st_mtime_ns == before
    assert lines == ["Not on this roster, so left as it was in learners: bob."]


def test_a_second_release_keeps_what_learner_or_teacher_put_into_a_folder(handed_out, tmp_path, capsys):
    """The exercises changed, and bob is no longer on the roster."""
    course, (ada, bob) = tmp_path / "course", (tmp_path / "course" / "learners" / name for name in ("ada", "bob"))
    shutil.copytree(handed_out[0], course)
    notebook = Path("exercises") / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    released = (ada / notebook).read_bytes()
    (ada / notebook).write_bytes(released + b" answered by ada")
    (ada / "exercises" / "plan ü.txt").write_text("a plan")
    (bob / notebook).write_bytes(b"answered by bob")
    (course / "exercises" / ASSIGNMENT / "more.txt").write_text("a newer release")
    keep.record(course / "exercises")
    release_to(course, [Learner("ada")], people=400)
    (kept,) = ada.parent.glob("ada.kept-*")
    assert (kept / notebook).read_bytes() == released + b" answered by ada"
    assert (kept / "exercises" / "plan ü.txt").read_text() == "a plan"
    assert sorted(path.name for path in kept.iterdir()) == ["exercises"], "not the extract, which is made again"
    assert (ada / notebook).read_bytes() == released and (ada / "exercises" / ASSIGNMENT / "more.txt").is_file()
    assert (bob / notebook).read_bytes() == b"answered by bob"
    assert capsys.readouterr().err.splitlines() == [
        "learners/ada is made again. In it 2 files were not as the course had written them, and are kept in "
        f"learners/{kept.name}: {notebook.as_posix()}, exercises/plan ü.txt.",
        "Not on this roster, so left as it was in learners: bob (of an older release).",
    ]
    assert not list(ada.parent.glob(".making-*"))


def test_a_folder_that_somebody_else_made_is_kept_whole(handed_out, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(handed_out[0], course, ignore=shutil.ignore_patterns("learners"))
    (course / "learners" / "ada").mkdir(parents=True)
    (course / "learners" / "ada" / "thesis.txt").write_text("my only copy")
    (course / "learners" / "bob").write_text("mine")
    release_to(course, [Learner("ada")], people=400)
    (kept,) = (course / "learners").glob("ada.kept-*")
    assert (kept / "thesis.txt").read_text() == "my only copy"
    with pytest.raises(LeoError, match="bob is not a folder"):
        release_to(course, [Learner("bob")], people=400)
    assert (course / "learners" / "bob").read_text() == "mine"


def test_marking_knows_whose_notebook_it_was(handed_out, root, edit, tmp_path, same_unseen, monkeypatch):
    course, _ = handed_out
    tag = code_of(read_secret(course), "released", "ada")
    monkeypatch.setenv("LEO_SECRET", str(course / SECRET))
    folder = edit(student="ada", change=lambda data: data["metadata"].update({TAG: tag}))
    edit(student="bob", change=lambda data: data["metadata"].update({TAG: tag}), folder=folder)
    edit(student="cy", folder=folder)
    done = {each.student: each for each in grade(folder, root, tmp_path / "out")}
    assert [NOT_YOURS in done[name].notes for name in ("ada", "bob", "cy")] == [False, True, False]
    assert {each.score for each in done.values()} == {
        POINTS
    }  # a note is for a person to look at; marks are the answers'


@pytest.mark.parametrize("tag", [None, 1, [], {}, "", "\u00e4", "x" * 10**5])
def test_a_hostile_tag_is_a_note_at_most(handed_out, tag):
    course, _ = handed_out
    assert note_of(course, "ada", {"metadata": {TAG: tag}}) in ("", NOT_YOURS)
    assert note_of(course, "ada", {"metadata": tag}) == note_of(course, "ada", {}) == ""


def test_the_command_takes_a_roster_from_where_the_user_stands(root, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(marking, "_release_to", lambda root, learners: seen.append(learners))
    monkeypatch.setattr("leocourse.authoring.release.put_in_place", lambda root, made, say: [])
    monkeypatch.setattr("leocourse.steps.Steps.make", lambda self, name, say: False)
    roster(tmp_path, "id,name\nada,Ada\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["release", "--per-learner", "roster.csv"])
    assert done.exit_code == 0, done.output
    assert seen == [[Learner("ada", "Ada")]]
