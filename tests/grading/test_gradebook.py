"""A mark is recorded once, in one step: after kill -9, with several runs at once, in SQLite and in PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import nbgrader.api
import pytest
from nbgrader.api import Gradebook
from needs import PATIENCE, need
from sample import ASSIGNMENT, COURSE, NOTEBOOK, POINTS, QUESTIONS

from leocourse.checks.result import Result
from leocourse.core.errors import LeoError
from leocourse.grading.books.gradebook import Marks, late_penalty
from leocourse.grading.books.record import Record
from leocourse.grading.box.confine import children
from leocourse.grading.grade import grade
from leocourse.grading.unseen import Making

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/usr/lib/postgresql"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a PostgreSQL server of our own, as a user without rights if we are root."""
    there = (PROGRAMS / "initdb").is_file()
    need(there, "A gradebook in PostgreSQL is tested on a server of the test's own: apt install postgresql.")
    folder = tmp_path_factory.mktemp("postgres", numbered=True)
    data, sockets = folder / "data", Path("/tmp") / f"leo-pg-{os.getpid()}"
    sockets.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = []
    if os.getuid() == 0:
        user = ["runuser", "-u", "postgres", "--"]
        for path in (folder, *folder.parents):
            if path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(path.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")
        shutil.chown(sockets, "postgres")

    def run(*command):
        subprocess.run([*user, *map(str, command)], check=True, capture_output=True, timeout=PATIENCE, cwd="/")

    run(PROGRAMS / "initdb", "-D", data, "-U", "leo", "--auth", "trust", "--no-sync")
    options = f"-F -p {port} -k {sockets} -c listen_addresses=127.0.0.1"
    run(PROGRAMS / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    yield (
        f"leo@127.0.0.1:{port}",
        lambda name: run(PROGRAMS / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "leo", name),
    )
    with contextlib.suppress(subprocess.CalledProcessError):  # a test may have ended the server
        run(PROGRAMS / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A fresh gradebook of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gradebook.db'}"
    address, create = request.getfixturevalue("server")
    name = f"marks_{random.getrandbits(40)}"
    create(name)
    return f"postgresql://{address}/{name}"


def define(marks, root):
    marks.define(ASSIGNMENT, NOTEBOOK, root / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")


def record(student, credit=1.0, sha="a" * 64, problem=""):
    results = [] if problem else [Result(name, name, "right", credit, points) for name, points in QUESTIONS.items()]
    return Record(student, ASSIGNMENT, sha, "v" * 64, [1, 2], "bubblewrap", problem, results)


def test_a_mark_and_how_it_came_about_are_recorded_together(root, url):
    with Marks(url) as marks:
        define(marks, root)
        marks.record(record("ada"), NOTEBOOK, {"q8": "text"})
        assert marks.gradebook.find_submission(ASSIGNMENT, "ada").score == POINTS
        kept = marks.recorded()["ada", ASSIGNMENT]
    assert (kept.seeds, kept.isolation, kept.notebook_sha256) == ([1, 2], "bubblewrap", "a" * 64)
    assert [result.credit for result in kept.results] == [1.0] * len(QUESTIONS) and kept.marked_at


def test_the_same_notebook_is_not_recorded_twice_unless_forced_and_another_one_is(root, url):
    with Marks(url) as marks:
        define(marks, root)
        marks.record(record("ada", 1.0), NOTEBOOK, {})
        assert marks.record(record("ada", 0.0), NOTEBOOK, {}).results[0].credit == 1.0
        assert marks.gradebook.find_submission(ASSIGNMENT, "ada").score == POINTS
        marks.record(record("ada", 0.0), NOTEBOOK, {}, force=True)
        assert marks.gradebook.find_submission(ASSIGNMENT, "ada").score == 0
        marks.record(record("ada", 0.5, sha="b" * 64), NOTEBOOK, {})
        assert marks.gradebook.find_submission(ASSIGNMENT, "ada").score == POINTS / 2


def test_what_cannot_be_marked_any_more_keeps_no_older_mark(root, url):
    with Marks(url) as marks:
        define(marks, root)
        marks.record(record("ada"), NOTEBOOK, {})
        marks.record(record("ada", problem="The file is empty.", sha="c" * 64), NOTEBOOK, {})
        submission = marks.gradebook.find_submission(ASSIGNMENT, "ada")
        assert submission.score == 0 and submission.needs_manual_grade
        assert marks.recorded()["ada", ASSIGNMENT].problem == "The file is empty."


def test_what_is_set_aside_is_kept_whatever_its_name_until_its_source_is_marked_again(url):
    """Names that are alike once they are text, that no text can hold, or that are longer than any index."""
    names = [os.fsdecode(b"\xff"), os.fsdecode(b"\xfe"), "nul\0", "x" * 50_000, "ada", "ada"]
    lost = [Record(name, "of no course", "", "", [], "", "It is of no assignment.") for name in names]
    with Marks(url) as marks:
        marks.set_aside("here", lost)
        marks.set_aside("there", lost[:1])
        assert [each.student for each in marks.stray()] == ["?", "?", "nul", "x" * 50_000, "ada", "ada", "?"]
        marks.set_aside("here", lost[4:5])
    with Marks(url) as marks:
        assert [(each.student, each.problem) for each in marks.stray()] == [
            ("ada", "It is of no assignment."), ("?", "It is of no assignment.")]  # fmt: skip
        assert marks.recorded() == {}


def test_a_failure_in_the_middle_records_nothing(root, url, monkeypatch):
    with Marks(url) as marks:
        define(marks, root)
        monkeypatch.setattr("leocourse.grading.books.gradebook._row", lambda record: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            marks.record(record("ada"), NOTEBOOK, {})
        assert marks.recorded() == {} and marks.gradebook.find_submission(ASSIGNMENT, "ada").score == 0


def test_a_question_that_the_gradebook_does_not_know_is_named_and_nothing_is_recorded(root, url):
    with Marks(url) as marks:
        define(marks, root)
        known = record("ada")
        more = replace(known, results=[*known.results, Result("q99", "q99", "right", 1.0, 1)])
        with pytest.raises(nbgrader.api.MissingEntry, match="q99-check"):
            marks.record(more, NOTEBOOK, {})
        assert marks.recorded() == {} and marks.gradebook.find_submission(ASSIGNMENT, "ada").score == 0


def test_late_work_loses_what_the_rule_of_nbgrader_says(root, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Half(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n"
        "c = get_config()\nc.AssignLatePenalties.plugin_class = Half\n"
    )
    with Marks(f"sqlite:///{tmp_path / 'gradebook.db'}") as marks:
        define(marks, root)
        marks.gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-20 12:00:00 UTC")
        for student, when in (("late", "2026-11-21 12:00:00 UTC"), ("early", "2026-11-19 12:00:00 UTC"), ("none", "")):
            marks.record(record(student), NOTEBOOK, {}, when, late_penalty(tmp_path))
        submissions = marks.gradebook.assignment_submissions(ASSIGNMENT)
        taken = {each.student_id: each.late_submission_penalty for each in submissions}
    assert taken == {"late": POINTS / 2, "early": 0, "none": 0}


def test_writers_at_the_same_time_lose_nothing(root, url):
    """Eight threads with a gradebook of their own each record all students, and each student once."""
    students, failures = [f"s{number:02}" for number in range(12)], []
    with Marks(url) as marks:
        define(marks, root)

    def write(number):
        try:
            with Marks(url) as marks:
                for student in random.Random(number).sample(students, len(students)):
                    marks.record(record(student), NOTEBOOK, {"q8": ""})
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Marks(url) as marks:
        assert {name for name, _ in marks.recorded()} == set(students)
        assert {student.id: student.score for student in marks.gradebook.students} == dict.fromkeys(students, POINTS)


def test_a_gradebook_that_cannot_be_opened_is_one_line_without_its_password():
    with (
        pytest.raises(LeoError, match="Cannot open the gradebook") as raised,
        Marks("postgresql://leo:geheim@127.0.0.1:1/x"),
    ):
        pass
    assert "geheim" not in str(raised.value) and "\n" not in str(raised.value)


SCRIPT = """
import sys
import os, signal, threading
from contextlib import nullcontext
from pathlib import Path
from leocourse.grading import grade as module
from leocourse.grading.books.gradebook import Marks
from leocourse.grading.marker import Outcome
from leocourse.authoring.question import About
from leocourse.checks.result import Result

QUESTIONS = {questions!r}
source, root, output, url, *kill = sys.argv[1:]
left, lock = (int(kill[1]) if kill else 0), threading.Lock()

def happens(event):  # kill -9 as the event happens that this run is to be killed at
    global left
    with lock:
        if kill and kill[0] == event:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

def watched(owner, name, before="", after=""):
    real = getattr(owner, name)
    def one(*given, **named):
        happens(before)
        made = real(*given, **named)
        happens(after)
        return made
    setattr(owner, name, one)

watched(module.keep, "put", before="a file is written", after="a file is there")
watched(Marks, "record", before="a mark is recorded", after="a mark is there")
watched(Marks, "_marks", before="a transaction begins", after="a transaction is open")

class Marker:  # as fast as marking can be, so that what takes time is recording
    workers = 2
    def about(self, assignment):
        return {about!r}
    def mark(self, slot, assignment, cells, released):
        print("marked", flush=True)
        happens("a submission is marked")
        return Outcome([Result(n, n, "right", 1.0, p) for n, p in QUESTIONS.items()])

module.starting_marker = lambda *_: nullcontext(lambda *_: (Marker(), [1, 2]))
module.grade(Path(source), Path(root), Path(output), gradebook=url, workers=2)
print("finished", flush=True)
"""


KILLS = [
    ("a submission is marked", 1), ("a mark is recorded", 1), ("a transaction begins", 2), ("a transaction is open", 1),
    ("a transaction is open", 3), ("a mark is there", 1), ("a mark is there", 4), ("a file is written", 1),
    ("a file is there", 2), ("a file is written", 6), ("a file is there", 9), ("a submission is marked", 5),
]  # fmt: skip
"""What happens in a run, and the how manyth time it is killed: no more than five are recorded before any of them."""


def test_after_kill_9_at_any_moment_the_rest_is_marked_and_nothing_twice(root, samples, sandbox, tmp_path, url):
    """Killed at one event after another, the runs together mark everybody, and each mark is recorded once."""
    source, output = tmp_path / "in", tmp_path / "out"
    text = (samples / "right" / f"{ASSIGNMENT}.ipynb").read_bytes()
    students = [f"s{number:02}" for number in range(40)]
    for student in students:
        (source / student).mkdir(parents=True)
        (source / student / f"{ASSIGNMENT}.ipynb").write_bytes(text)
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(questions=QUESTIONS, about=COURSE.about()))
    marked, seen = 0, {}
    for kill in [*KILLS, ()]:
        command = [sys.executable, script, source, root, output, url, *map(str, kill)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode == (-signal.SIGKILL if kill else 0), kill
        marked += done.stdout.count("marked")
        with Marks(url) as marks:
            now = {name: kept.marked_at for (name, _), kept in marks.recorded().items()}
            whole = [s.student_id for s in marks.gradebook.assignment_submissions(ASSIGNMENT) if s.score == POINTS]
        assert sorted(whole) == sorted(now), "a mark without its record, or a record without its mark"
        assert seen.items() <= now.items(), "a record was lost or written again"
        seen = now
    assert set(seen) == set(students)
    assert marked <= len(students) + 4 * len(KILLS), "no more was marked again than was under way when it was killed"
    with (output / "marks" / "marks.csv").open() as file:
        assert sum(1 for _ in file) == 1 + (len(QUESTIONS) + len(COURSE.written)) * len(students)
    assert all((output / "feedback" / name / ASSIGNMENT / "feedback.html").is_file() for name in students)


def test_two_runs_of_marking_at_once_mark_everybody_once(root, samples, sandbox, tmp_path, url):
    source, output = tmp_path / "in", tmp_path / "out"
    for number in range(12):
        (source / f"s{number:02}").mkdir(parents=True)
        shutil.copy(samples / "right" / f"{ASSIGNMENT}.ipynb", source / f"s{number:02}")
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(questions=QUESTIONS, about=COURSE.about()))
    command = [sys.executable, script, source, root, output, url]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], said
    with Marks(url) as marks:
        assert len(marks.recorded()) == 12
        assert {student.score for student in marks.gradebook.students} == {POINTS}


def test_manual_marks_survive_a_forced_marking_and_what_has_not_changed_is_left(root, edit, tmp_path, same_unseen, url):
    folder, output = edit(), tmp_path / "out"
    first = grade(folder, root, output, gradebook=url)
    with Marks(url) as marks:
        book = marks.gradebook
        book.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").manual_score = 3.0
        book.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").needs_manual_grade = False
        book.find_comment("q8", NOTEBOOK, ASSIGNMENT, "ada").manual_comment = "Well argued."
        book.db.commit()
    second = grade(folder, root, output, gradebook=url)
    third = grade(folder, root, output, gradebook=url, force=True)
    assert [run[0].again for run in (first, second, third)] == [False, True, False]
    assert [run[0].score for run in (first, second, third)] == [POINTS] * 3
    with Marks(url) as marks:
        assert marks.gradebook.find_submission(ASSIGNMENT, "ada").score == POINTS + 3
        assert not marks.gradebook.find_grade("q8", NOTEBOOK, ASSIGNMENT, "ada").needs_manual_grade
        assert marks.gradebook.find_comment("q8", NOTEBOOK, ASSIGNMENT, "ada").comment == "Well argued."


def test_nbgrader_reads_the_gradebook_as_its_own(root, url):
    with Marks(url) as marks:
        define(marks, root)
        marks.record(record("ada"), NOTEBOOK, {})
    with Gradebook(url.replace("postgresql:", "postgresql+psycopg:"), course_id="leo-course") as book:
        assert book.find_submission(ASSIGNMENT, "ada").score == POINTS


def test_a_new_gradebook_notes_the_version_that_alembic_gives():
    with nbgrader.api._temp_alembic_ini("sqlite://") as settings:
        command = [Path(sys.executable).with_name("alembic"), "-c", settings, "heads"]
        heads = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert heads.split() == [nbgrader.api.get_alembic_version(), "(head)"]


MAKING = """
import sys
from pathlib import Path
from leocourse.grading.unseen import Making, room
with room() as folder, Making(folder) as making:
    if sys.argv[1:]:
        making.begin([Path(sys.argv[1])])
    print(making.process.pid, flush=True)
    sys.stdin.read()  # until it is killed
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux ends a process with the one that started it.")
@pytest.mark.parametrize("begun", [False, True])
def test_the_processes_that_make_extracts_go_with_a_run_that_is_killed(root, begun):
    """Whether they load their libraries still or are at work."""
    order = [root / "solutions" / ASSIGNMENT] if begun else []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    run = subprocess.Popen([sys.executable, "-c", MAKING, *order], **pipes, text=True)
    making = [int(run.stdout.readline())]
    until = time.monotonic() + PATIENCE
    while begun and len(making) == 1:
        assert time.monotonic() < until, "it has not begun"
        making += children(making[0])
    run.kill()
    run.communicate()
    while any(map(alive, making)):
        assert time.monotonic() < until, "they go on alone"
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_is_left_to_the_run(tmp_path):
    with Making(tmp_path) as making:
        assert os.getsid(making.process.pid) != os.getsid(0), "the terminal would send it to both"


def test_what_goes_wrong_with_the_extracts_is_one_line(root, tmp_path):
    with Making(tmp_path) as making:  # no room for extracts and keys in it
        making.begin([root / "solutions" / "no-such-assignment"])
        with pytest.raises(LeoError, match="No questions for 'no-such-assignment'"):
            making.seeds()
    with Making(tmp_path) as making:
        making.process.kill()
        making.begin([root / "solutions" / ASSIGNMENT])
        with pytest.raises(LeoError, match="could not be made"):
            making.seeds()
