"""Marking on a Dask cluster whose workers stand in network namespaces of their own, as on machines of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import pytest
from nbgrader.api import Gradebook
from needs import PATIENCE, need
from sample import POINTS

from leocourse.core.errors import LeoError
from leocourse.grading.grade import grade
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import isolation
from leocourse.grading.marker import Failed, Reader

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'leocourse[cluster]'.")
ASSIGNMENT = "06-table-for-release"
WORKERS, COPIES = 3, 4
SCORES = {"right": POINTS, "empty": 0}


@pytest.fixture
def namespaces(sandbox):
    """Three network namespaces, each linked to this one only: its name, our address and its own."""
    if os.getuid() != 0:
        pytest.skip("Only root may make network namespaces.")
    need(shutil.which("ip"), "Network namespaces need the program 'ip': install iproute2.")
    with ExitStack() as stack:

        def ip(*words):
            subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

        places = []
        for number in range(WORKERS):
            name, link = f"leo-{os.getpid()}-{number}", f"leo{os.getpid() % 10**6}v{number}"
            here, there = (f"198.18.{os.getpid() % 256}.{4 * number + side}" for side in (1, 2))
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)  # its links go with it
            ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("addr", "add", f"{here}/30", "dev", link)
            ip("link", "set", link, "up")
            ip("-n", name, "addr", "add", f"{there}/30", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
            places.append((name, here, there))
        yield places


@pytest.fixture
def cluster(namespaces, root, tmp_path):
    """A scheduler here and a worker in each namespace: the scheduler's cluster and the workers' processes."""
    workers = []
    with distributed.LocalCluster(n_workers=0, host="0.0.0.0", dashboard_address=None) as made:
        port = made.scheduler_address.rpartition(":")[2]
        try:
            for name, here, there in namespaces:
                command = ["ip", "netns", "exec", name, sys.executable, "-m", "distributed.cli.dask_worker"]
                command += [f"tcp://{here}:{port}", "--host", there, "--no-nanny", "--nthreads", "1", "--no-dashboard"]
                command += ["--local-directory", str(tmp_path / name)]
                environment = {**os.environ, "PYTHONPATH": str(root)}
                workers.append(subprocess.Popen(command, cwd=tmp_path, env=environment))
            deadline = time.monotonic() + PATIENCE
            while len(made.scheduler.workers) < WORKERS:
                assert time.monotonic() < deadline, "the workers did not come"
                time.sleep(0.2)
            yield made, f"tcp://127.0.0.1:{port}", dict(zip((there for *_, there in namespaces), workers, strict=True))
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()


def test_everything_is_marked_once_although_a_worker_is_killed(cluster, edit, root, tmp_path):
    made, address, workers = cluster
    for copy in range(COPIES):
        for sample in SCORES:
            folder = edit(f"{sample}-{copy}", sample)
    told, killed = [], threading.Event()

    def kill_one(student, done, total):
        told.append(student)
        if not killed.is_set():
            busy = [state for state in list(made.scheduler.workers.values()) if state.processing]
            workers[busy[0].host].kill()
            killed.set()

    limits = Limits(step_seconds=20)
    done = grade(folder, root, tmp_path / "out", limits=limits, progress=kill_one, scheduler=address)
    assert killed.is_set() and sum(worker.poll() is None for worker in workers.values()) == WORKERS - 1
    expected = {f"{sample}-{copy}": score for copy in range(COPIES) for sample, score in SCORES.items()}
    assert [each.problem for each in done] == [""] * len(expected)
    assert {each.student: each.score for each in done} == expected and sorted(told) == sorted(expected)
    assert {each.isolation for each in done} == {"bubblewrap"}
    with Gradebook(f"sqlite:///{tmp_path / 'out' / 'gradebook.db'}", course_id="leo-course") as book:
        assert {each.student_id: each.score for each in book.assignment_submissions(ASSIGNMENT)} == expected


def test_without_a_scheduler_there_is_one_clear_line(tmp_path, monkeypatch, sandbox):
    from leocourse.grading.cluster import Cluster

    monkeypatch.setattr("leocourse.grading.cluster.START_SECONDS", 1)
    with pytest.raises(LeoError, match="No Dask scheduler answers at tcp://127.0.0.1:9"):
        Cluster(tmp_path, isolation(), "tcp://127.0.0.1:9")


def test_what_a_worker_says_is_read_as_hostile(tmp_path):
    question = {"name": "q1", "title": "One", "answer_name": "q1", "points": 2, "lesson": "", "hints": []}
    question["misconceptions"] = {}
    key = {"title": "A", "written": {}, "questions": [{"specification": question}]}
    (tmp_path / "a-0.json").write_text(json.dumps(key))
    reader, done = Reader(tmp_path, Limits()), {"ended": "done"}

    def score(credit):
        result = {"credit": credit, "status": "right", "message": "", "misconception": None, "points": 99}
        said = {"notes": [], "errors": [], "printed": "", "results": [result]}
        return reader.outcome("a", done, done, json.dumps(said)).results[0].score

    assert score(1.0) == 2
    assert [score(credit) for credit in (float("nan"), 7, -1, "x")] == [0, 0, 0, 0]
    with pytest.raises(Failed):
        reader.outcome("a", {"ended": "gone"}, {}, "")
