"""Processes that a cell leaves behind cost no later question its marks: real processes, watched as in a box."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

QUESTIONS = [f"q{number}" for number in range(1, 5)]
RUN = """
import json, os, sys
from dataclasses import asdict
import duckdb
from leocourse.grading.box import child
from leocourse.grading.box.transfer import ANSWER, ERROR, STATUS, frames
from leocourse.grading.isolation.limits import Limits

names, attack = json.loads(sys.argv[1]), sys.argv[2]
child.warm()
child._prepared.update(
    limits=asdict(Limits(step_seconds=120, memory_bytes=300 * 2**20)), extracts=["x"], x=(duckdb.connect(), duckdb.connect())
)
cells = [{"name": "", "kind": "code", "source": attack, "attached": 0}]
cells += [{"name": name, "kind": "code", "source": f"import time; time.sleep(0.5); {name} = 'SELECT 1 AS a'", "attached": 0}
          for name in names]
released = [{"name": name, "kind": "code", "source": "", "locked": False, "check": False} for name in names]
questions = [{"name": name, "answer_name": name, "calls": [{}]} for name in names]
sent = []
child.handle(json.dumps({"cells": cells, "released": released, "questions": questions}).encode(), sent.append)
found = [each for each in frames(b"".join(sent)) if each[0] in (ANSWER, ERROR, STATUS)]
print(json.dumps([sorted(number for kind, number, _, _ in found if kind == ANSWER),
                  [content.decode() for kind, _, _, content in found if kind != ANSWER]]))
"""
LATER = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        time.sleep({seconds})
        held = bytearray(b"x" * 100_000_000)
        time.sleep(100_000)
{last}
"""
DOUBLE = """
import os
for _ in range(20):
    if os.fork() == 0:
        raise ValueError("back in the notebook")
"""
BUSY = """
import os
left = []
while len(left) < 10 and 0 not in left:
    left.append(os.fork())
while 0 in left:
    pass
with open("left", "w") as file:
    file.write(" ".join(map(str, left)))
"""
UNTIL_THEY_ARE_GONE = (
    "import os; [time.sleep(0.1) for _ in iter(lambda: any(os.path.exists('/proc/' + each) "
    "for each in (open('left').read().split() if os.path.exists('left') else ())), False)]"
)
"""What takes for ever beside them, and no time without, on any machine."""
DETACHED = """
import os, time
if os.fork() == 0:
    os.setsid()
    for _ in range(6):
        if os.fork() == 0:
            held = bytearray(b"x" * 100_000_000)
            time.sleep(100_000)
    os._exit(0)
time.sleep(1)
"""


def run(attack, tmp_path, seconds=120, work="time.sleep(0.5)"):
    code = RUN.replace("step_seconds=120", f"step_seconds={seconds}").replace("time.sleep(0.5)", work)
    command = [sys.executable, "-c", code, json.dumps(QUESTIONS), attack]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr[-2000:]
    answered, told = json.loads(done.stdout.splitlines()[-1])
    return answered, "\n".join(told)


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows which processes are left.")
@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (LATER.format(seconds=0, last="time.sleep(100_000)"), "It held more than 300 MB"),
        (LATER.format(seconds=0.7, last=""), "left processes behind. Together with what followed it held more than"),
        (DETACHED, "held more than 300 MB"),
        (DOUBLE, ""),
    ],
    ids=["at once", "later", "detached", "forked and came back"],
)
def test_only_the_cell_that_started_them_is_left_out(attack, words, tmp_path):
    answered, told = run(attack, tmp_path)
    assert answered == list(range(len(QUESTIONS))), told
    assert words in told and told.count("The rest was run without it") == bool(words), told


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows which processes are left.")
def test_the_time_that_they_take_is_laid_to_that_cell_too(tmp_path):
    answered, told = run(BUSY, tmp_path, seconds=20, work=UNTIL_THEY_ARE_GONE)
    assert answered == list(range(len(QUESTIONS))), told
    assert "left processes behind. Together with what followed it took longer than 20 seconds" in told


ENDED = """
import os, time
from leocourse.grading.box import child, confine
confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
notebook = os.fork()
if notebook == 0:
    os.setsid()
    for number in range(8):
        if os.fork() == 0:
            if number % 2:
                os.setsid()
            held = bytearray(b"x" * 50_000_000)
            time.sleep(1000)
    time.sleep(1000)
while len(confine.descendants(os.getpid())) < 9 or confine.memory_held() < 300_000_000:
    time.sleep(0.01)
assert child._kill(notebook) == -9
print(confine.descendants(os.getpid()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows which processes are left.")
def test_the_next_attempt_begins_when_all_of_the_last_is_gone():
    """Else what dies slowly on a busy machine still holds memory, and a question would be blamed for it."""
    done = subprocess.run([sys.executable, "-c", ENDED], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
