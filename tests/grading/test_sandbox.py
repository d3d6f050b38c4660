"""The sandbox proves that it holds, and marking refuses where there is none."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from needs import PATIENCE
from sample import POINTS, QUESTIONS

from leocourse.core.errors import LeoError
from leocourse.grading.entering import UNSAFE
from leocourse.grading.grade import grade
from leocourse.grading.isolation import sandbox
from leocourse.grading.isolation.doctor import PROBES, examine
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import FACE, PACKAGE, ROOMS, Box, Isolation, _copy_runtime, isolation


@pytest.mark.usefixtures("sandbox")
def test_nothing_that_is_tried_from_inside_succeeds():
    limits, probes = examine(isolation())
    assert [probe for probe in probes if not probe.held] == [] and len(probes) == len(PROBES)
    assert any("own processes, network, mounts" in line for line in limits)


@pytest.mark.usefixtures("sandbox")
def test_a_python_that_lies_in_tmp_can_be_marked_with(monkeypatch):
    lying = sandbox._python_paths()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setattr(sandbox, "_python_paths", lambda: [*lying, folder])
        monkeypatch.setattr(sandbox, "START", f"import os; assert os.path.isdir({folder!r})\n{sandbox.START}")
        _, probes = examine(isolation())
    assert [probe for probe in probes if not probe.held] == [] and len(probes) == len(PROBES)


@pytest.mark.parametrize("base", ["/usr", "/usr/local", "elsewhere"])
def test_every_link_on_the_way_to_python_goes_into_the_box_and_no_other_program(base, tmp_path, monkeypatch):
    """A virtual environment's Python leads over its own links to the system's, which may be links in turn."""
    system, venv = tmp_path / "system", tmp_path / "course" / ".venv"
    for folder in (system / "bin", system / "alternatives", venv / "bin"):
        folder.mkdir(parents=True)
    (system / "bin" / "python3.11").touch()
    (system / "alternatives" / "python").symlink_to("../bin/python3.11")
    (system / "bin" / "python3").symlink_to(system / "alternatives" / "python")
    (venv / "bin" / "python3").symlink_to(system / "bin" / "python3")
    (venv / "bin" / "python").symlink_to("python3")
    monkeypatch.setattr(sys, "executable", str(venv / "bin" / "python"))
    monkeypatch.setattr(sys, "prefix", str(venv))
    monkeypatch.setattr(sys, "base_prefix", str(system) if base == "elsewhere" else base)
    links = [str(system / each) for each in ("bin/python3", "alternatives/python", "bin/python3.11")]
    expected = [str(system)] if base == "elsewhere" else links
    assert set(sandbox._python_paths()) == {str(venv), *expected, *(["/usr/local/lib"] if base == "/usr/local" else [])}


def test_the_probes_tell_a_sandbox_from_none():
    _, probes = examine(Isolation("none"))
    fell = {probe.tried for probe in probes if not probe.held}
    assert {"read the course's repository", "see another process", "signal a process outside"} <= fell


def test_what_goes_into_the_box_is_whole_rooms_and_nothing_else(tmp_path):
    copy = _copy_runtime(tmp_path / "runtime")
    there = {path.relative_to(copy / "leocourse") for path in (copy / "leocourse").rglob("*") if path.suffix != ".pyc"}
    files = {path for path in there if (copy / "leocourse" / path).is_file()}
    wanted = {
        path.relative_to(PACKAGE) for room in ROOMS for path in (PACKAGE / room).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    } | {Path(name) for name in FACE}  # fmt: skip
    assert files == wanted
    assert not (copy / "solutions").exists() and not list(copy.rglob("keys*.json"))


def test_what_is_in_the_box_runs_by_itself_and_finds_nothing_that_knows_answers_or_makes_rows(tmp_path):
    copy = _copy_runtime(tmp_path / "runtime")
    code = """
import importlib, pkgutil, leocourse
for each in pkgutil.walk_packages(leocourse.__path__, "leocourse."):
    importlib.import_module(each.name)
for name in ("authoring", "extract", "fidelity", "site", "srs", "cli", "grading.books", "work"):
    try:
        importlib.import_module(f"leocourse.{name}")
    except ImportError:
        continue
    raise SystemExit(f"leocourse.{name} is in the box")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=False,
                          env={"PATH": "", "PYTHONPATH": str(copy), "MPLCONFIGDIR": str(tmp_path)})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def without_pyseccomp(patch):
    patch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    patch.setitem(sys.modules, "pyseccomp", None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda patch: patch.setattr(shutil, "which", lambda name: None), "bwrap is not installed"),
        (without_pyseccomp, "needs pyseccomp"),
        (lambda patch: patch.setenv("LEO_SANDBOX", "chroot"), "Unknown sandbox 'chroot'"),
        (lambda patch: patch.setenv("LEO_SANDBOX", "docker"), "image|not installed"),
    ],
)
def test_without_a_sandbox_marking_refuses_in_one_line(change, words, monkeypatch):
    change(monkeypatch)
    with pytest.raises(LeoError, match=words) as raised:
        isolation()
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("sandbox")
def test_a_sandbox_that_cannot_be_set_up_is_refused_too(monkeypatch, tmp_path):
    """bubblewrap is there, but the machine does not let it work: nothing is marked."""
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
    assert not sandbox.usable()
    refused = pytest.raises(LeoError, match="No permissions to create new namespace")
    with Box("child", isolation(), Limits(), 1, {}) as box, refused as raised:
        box.prepare(extracts=[])
    assert "\n" not in str(raised.value) and "leo doctor" in str(raised.value)


def test_unsafe_marking_is_said_in_every_report(root, edit, tmp_path):
    done = grade(edit(), root, tmp_path / "out", how=isolation(unsafe=True), workers=1)
    assert done[0].score == POINTS and done[0].isolation == "none" and UNSAFE in done[0].notes
    assert "Marked without a sandbox" in done[0].feedback.read_text()
    assert (tmp_path / "out" / "marks" / "marks.csv").read_text().count(",none\n") == len(QUESTIONS) + 1


def test_without_a_sandbox_nothing_is_left_of_a_submissions_folder():
    with Box("child", Isolation("none"), Limits(), 1, {}) as box:
        box.prepare(extracts=[])
        assert box.call(0, b"")[0]["ended"] == "done"
        assert list(box._folder.glob("run-*")) == []


def test_the_command_of_a_container(tmp_path):
    """What podman or docker would be told. No container runs here."""
    box = object.__new__(Box)
    box.how, box.limits, box._role = Isolation("podman", "course:1"), Limits(), "child"
    box._runtime, box._mounts = Path("/runtime"), {Path("/marking/extracts"): "/extracts"}
    command = box.command([])
    text = " ".join(command)
    assert command[:3] == ["podman", "run", "--rm"] and command.index("course:1") < command.index("python3")
    for part in ("--network none", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges", "--pids-limit 64",
                 "--user 65534:65534", f"--memory {3 * 2**30}", "--volume /marking/extracts:/extracts:ro",
                 "--volume /runtime:/opt/leo:ro", "size=134217728", "--ulimit nofile=256"):  # fmt: skip
        assert part in text
    assert "solutions" not in text and str(Path.home()) not in text


def test_measures_find_their_tables_in_the_box(tmp_path):
    """What goes into the box is enough for ``leo.measure``, and for everything that notebooks import."""
    runtime = sandbox._copy_runtime(tmp_path / "runtime")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from leocourse.measures import stack\n"
        "import leocourse.grading.box.child, leocourse.grading.box.compare; print(len(stack._views()), stack.__file__)"
    )
    command = [sys.executable, "-I", "-c", code, runtime]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) > 100 and said[1].startswith(str(runtime))


@pytest.fixture
def box(tmp_path, sandbox):
    extract = tmp_path / "extracts" / "0"
    extract.mkdir(parents=True)
    (extract / "manifest.json").write_text('{"format": 2}')
    (extract / "views.sql").write_text("SELECT 1")
    with Box("child", isolation(), Limits(), 1, {extract.parent: "/extracts"}) as made:
        made.prepare(extracts=["/extracts/0"])
        yield made


def test_a_box_that_is_killed_is_started_again(box):
    assert box.call(0, b"")[0]["ended"] == "done"
    box._process.send_signal(signal.SIGKILL)
    assert box.call(0, b"")[0]["ended"] == "done"


@pytest.mark.usefixtures("sandbox")
def test_everything_in_the_box_dies_with_the_process_that_marks(tmp_path):
    """kill -9 of the marking process leaves neither box nor submission behind."""
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom leocourse.grading.isolation.sandbox import *\n"
        "if __name__ == '__main__':\n"
        "    box = Box('compare', isolation(), Limits(), 1, {})\n    box.prepare(keys={})\n"
        "    print(box._process.pid, flush=True)\n    sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, script], **pipes, text=True)
    started = int(process.stdout.readline())
    assert Path(f"/proc/{started}").exists()
    process.kill()
    process.wait()
    until = time.monotonic() + PATIENCE
    while Path(f"/proc/{started}").exists():
        assert time.monotonic() < until, "it goes on alone"
        time.sleep(0.05)


def test_a_box_that_cannot_get_ready_says_why_in_one_line(tmp_path, sandbox):
    with (
        Box("child", isolation(), Limits(), 1, {tmp_path: "/extracts"}) as made,
        pytest.raises(LeoError, match=r"does not start.*/extracts/none is not an extract"),
    ):
        made.prepare(extracts=["/extracts/none"])


def test_no_module_has_to_be_compiled_again_in_a_box(tmp_path):
    runtime = sandbox._copy_runtime(tmp_path / "runtime")
    code = f"import sys; sys.path.insert(0, {str(runtime)!r}); import leocourse.grading.box.child, leocourse.grading.box.compare"
    done = subprocess.run([sys.executable, "-I", "-v", "-c", code], capture_output=True, text=True, check=True)
    by = {kind: set(re.findall(rf"code object from {quote}{runtime}/([\w/]+)[\w.-]*{quote}$", done.stderr, re.MULTILINE))
          for kind, quote in (("source", ""), ("bytecode", "'"))}  # fmt: skip
    assert "leocourse/grading/box/__pycache__/child" in by["bytecode"]
    assert by["source"] == set()
