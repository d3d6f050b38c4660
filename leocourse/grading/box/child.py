"""Runs one submission inside its sandbox. Knows how to run a question, and nothing of what is right.

A watching process forks another in which the notebook runs and the answers are called. What hangs or dies is
left out and the rest is run again, so that a slip in one question costs nothing else; so is an answer that
changed the extract for those after it. Answers leave as frames (see :mod:`leocourse.grading.box.transfer`).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from leocourse.checks.answer import NotAttempted, Stopped
from leocourse.checks.evaluate import evaluate
from leocourse.checks.result import NOT_ATTEMPTED, STOPPED
from leocourse.grading.box import confine, repair
from leocourse.grading.box.transfer import (
    AGAIN,
    ANSWER,
    BEGIN,
    DONE,
    ERROR,
    EXTRACT,
    HEADER,
    NOTE,
    PRINTED,
    STATUS,
    frame,
    frames,
    write_answer,
)

ATTEMPTS = 5
"""How often a notebook is run, each time without what hung or died."""
STATE = """
    SELECT (SELECT count(*) FROM duckdb_databases()), (SELECT count(*) FROM duckdb_schemas()),
           (SELECT sum(table_oid) FROM duckdb_tables()), (SELECT sum(view_oid) FROM duckdb_views())
"""
"""What an answer changes in a connection if it creates or drops something."""
ERRORS_LIMIT = 50
LOOK_SECONDS = 0.25
MESSAGE_LIMIT = 300

_prepared: dict[str, Any] = {}


def warm() -> None:
    """Load what notebooks load, and make one IPython shell."""
    import matplotlib

    matplotlib.use("Agg")
    import duckdb
    import matplotlib.pyplot as plt
    import pandas as pd
    import seaborn
    from IPython.core.interactiveshell import InteractiveShell

    import leocourse  # noqa: F401

    duckdb.execute("SET threads = 1")
    axes = seaborn.lineplot(pd.DataFrame({"x": [1, 2], "y": [1, 2]}), x="x", y="y", marker="o")
    axes.figure.canvas.draw()  # loads what is loaded late, the fonts above all
    plt.close("all")
    InteractiveShell._tee = lambda shell, channel: contextlib.nullcontext()  # it would keep all that is printed
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.ast_node_interactivity = "none"  # nobody looks at a cell's last value here
    shell.InteractiveTB.set_mode(mode="Minimal")


def prepare(settings: dict[str, Any]) -> None:
    """Open each extract twice: for the notebook, and untouched for the calls. One thread each, or no fork is safe."""
    from leocourse.core.connect import connect

    _prepared["limits"] = settings["limits"]
    _prepared["extracts"] = settings["extracts"]
    folders = [folder for folder in settings["extracts"] for _ in range(2)]
    with ThreadPoolExecutor(len(folders) or 1) as pool:
        opened = list(pool.map(connect, folders))
    for con in opened:
        con.execute("SET threads = 1")
        con.execute(STATE)
    _prepared.update(zip(settings["extracts"], zip(opened[::2], opened[1::2], strict=True), strict=True))


def handle(request: bytes, send: Callable[[bytes], None]) -> None:
    """Run a submission on every extract and send its frames."""
    job = json.loads(request)
    steps, notes = repair.plan(job["cells"], job["released"], job["questions"])
    send(b"".join(frame(NOTE, content=note) for note in notes))
    lost: dict[int, str] = {}
    for number, extract in enumerate(_prepared["extracts"]):
        send(frame(EXTRACT, number))
        room = f"run-{number}"
        os.mkdir(room)
        _Watch(job["questions"], steps, extract, lost, os.path.abspath(room)).run(send)


class _Watch:
    """Runs the notebook on one extract, as often as it takes, and passes on what comes."""

    def __init__(
        self, questions: list[dict], steps: list[repair.Step], extract: str, lost: dict[int, str], room: str
    ) -> None:
        self._questions, self._steps, self._extract, self._room = questions, steps, extract, room
        self._lost = lost
        """Steps that hung or died, and what became of them. Cells come first, then questions."""
        self._answered: set[tuple[int, int]] = set()
        self._seconds = _prepared["limits"]["step_seconds"]

    def run(self, send: Callable[[bytes], None]) -> None:
        """Run until the end is reached or nothing is left to leave out."""
        attempt = 0
        while attempt < ATTEMPTS:
            ended, step, passed = self._attempt()
            before = len(self._answered)
            kept = [each for each in passed if each[0] in (ANSWER, STATUS)]
            self._answered |= {(each[1], each[2]) for each in kept}
            send(b"".join(frame(kind, number, call, content) for kind, number, call, content in kept))
            if ended == "again" and len(self._answered) > before:
                continue
            attempt += 1
            if ended == "done" or attempt == ATTEMPTS:
                others = [each for each in passed if each[0] in (ERROR, PRINTED)]
                send(b"".join(frame(kind, number, call, content) for kind, number, call, content in others))
            if ended == "done":
                break
            self._lost.setdefault(step, ended)
        for step, why in self._lost.items():
            if step < len(self._steps):
                what = {"cell": self._steps[step][0], "error": f"It {why}; it was left out and the rest was run."}
                send(frame(ERROR, content=what))
                continue
            number = step - len(self._steps)
            if number < len(self._questions):
                for call in range(len(self._questions[number]["calls"])):
                    if (number, call) not in self._answered:
                        told = {"status": "stopped", "message": f"Your answer {why}."}
                        send(frame(STATUS, number, call, told))

    def _attempt(self) -> tuple[str, int, list[tuple[int, int, int, bytes]]]:
        """Run the notebook once: how it ended, the step that it was at, and its frames."""
        output = os.pipe()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                os.closerange(3, output[1])  # the notebook has one way out, and it ends here
                os.setsid()
                os.chdir(self._room)
                _Notebook(self._questions, self._steps, self._extract, self._lost, self._answered, output[1]).run()
            os._exit(0)
        os.close(output[1])
        try:
            ended, data = self._read(output[0])
        finally:
            os.close(output[0])
            code = _kill(child)
        whole = list(frames(data))
        step = max((number for kind, number, _, _ in whole if kind == BEGIN), default=0)
        kinds = {kind for kind, *_ in whole}
        if DONE in kinds or AGAIN in kinds:
            return "done" if DONE in kinds else "again", step, whole
        return ended or _ending(code), step, whole

    def _read(self, pipe: int) -> tuple[str, bytearray]:
        """Everything until the notebook's end. A step that takes too long ends it."""
        data, until, seen = bytearray(), time.monotonic() + self._seconds, 0
        look, memory = time.monotonic() + LOOK_SECONDS, _prepared["limits"]["memory_bytes"]
        limit = _prepared["limits"]["answer_bytes"] // (2 * len(_prepared["extracts"]))
        while True:
            now = time.monotonic()
            if now >= until:
                return f"took longer than {self._seconds} seconds", data
            if now >= look:  # not every machine has control groups that would see all processes together
                if confine.memory_held() > memory:
                    return f"held more than {memory // 2**20:,} MB of memory", data
                look = now + LOOK_SECONDS
            if not select.select([pipe], [], [], max(min(until, look) - now, 0))[0]:
                continue
            chunk = os.read(pipe, 2**20)
            if not chunk:
                return "", data
            data += chunk
            if len(data) > limit:
                return f"gave more than {limit // 2**20} MB", data
            while len(data) >= seen + HEADER.size:
                kind, _, _, length = HEADER.unpack_from(data, seen)
                if len(data) < seen + HEADER.size + length:
                    break
                seen += HEADER.size + length
                if kind == BEGIN:
                    until = time.monotonic() + self._seconds
                if kind in (AGAIN, DONE):
                    return "", data


class _Notebook:
    """In a process of its own: the cells, then every call of every answer. Here student code runs."""

    def __init__(
        self, questions: list[dict], steps: list[repair.Step], extract: str,
        lost: dict[int, str], answered: set[tuple[int, int]], output: int,
    ) -> None:  # fmt: skip
        self._questions, self._steps, self._output = questions, steps, output
        self._lost, self._answered = set(lost), answered
        self._for_notebook, self._for_calls = _prepared[extract]
        self._state = self._for_calls.execute(STATE).fetchall()
        self._called = False
        os.environ["LEO_EXTRACT"] = extract

    def run(self) -> None:
        """Run everything that is not lost."""
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        run_cell = shell.run_cell
        _give_once(self._for_notebook)
        printed = _Printed(_prepared["limits"]["output_characters"])
        errors = 0
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            for number, (label, code) in enumerate(self._steps):
                if number in self._lost:
                    continue
                self._send(frame(BEGIN, number))
                result = run_cell(code, store_history=False)
                failure = result.error_before_exec or result.error_in_exec
                if failure is not None:
                    if errors < ERRORS_LIMIT:
                        self._send(frame(ERROR, content={"cell": label, "error": _words(failure)}))
                    errors += 1
                    traceback.clear_frames(failure.__traceback__)  # what the cell held is not held any longer
                self._send(frame(PRINTED, content=printed.take()))
            for number, question in enumerate(self._questions):
                step = len(self._steps) + number
                if step not in self._lost:
                    self._send(frame(BEGIN, step))
                    self._question(number, question, shell.user_ns.get(question["answer_name"]))
        self._send(frame(DONE))

    def _question(self, number: int, question: dict[str, Any], given: Any) -> None:
        for call, arguments in enumerate(question["calls"]):
            if (number, call) in self._answered:
                continue
            with self._for_calls.cursor() as con:
                content = _call(number, call, given, con, arguments)
            if self._called and b"already exists" in content[:2_000]:  # by an earlier answer, perhaps
                self._again()
            self._called = True
            self._send(content)
            if not _only_reads(given, self._for_calls) and self._for_calls.execute(STATE).fetchall() != self._state:
                self._again()

    def _again(self) -> None:
        """End here: the answers that are left need an extract that nobody has touched."""
        self._send(frame(AGAIN))
        os._exit(0)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._output, view) :]


def _call(number: int, call: int, given: Any, con: Any, arguments: dict[str, Any]) -> bytes:
    """The frame that one call of an answer gives. Whatever it raises becomes words."""
    try:
        return frame(ANSWER, number, call, write_answer(evaluate(given, con, arguments)))
    except NotAttempted:
        told = {"status": NOT_ATTEMPTED, "message": ""}
    except Stopped as error:
        told = {"status": STOPPED, "message": str(error)[: 2 * MESSAGE_LIMIT]}
    except MemoryError:
        told = {"status": STOPPED, "message": "Your answer needs more memory than there is for it."}
    except BaseException as error:  # a value of theirs that no table can hold, or an exit
        told = {"status": STOPPED, "message": f"The answer cannot be read: {_words(error)}"}
    return frame(STATUS, number, call, told)


def _only_reads(given: Any, con: Any) -> bool:
    """Whether an answer is SQL that can change nothing, as most are."""
    import duckdb

    if not isinstance(given, str):
        return False
    try:
        return all(each.type == duckdb.StatementType.SELECT for each in con.extract_statements(given))
    except duckdb.Error:
        return False


def _give_once(con: Any) -> None:
    """Let the notebook's first ``connect()`` have the connection that is open already."""
    import leocourse

    module = sys.modules["leocourse.core.connect"]
    opened, waiting = module.connect, [con]

    def connect(path: Any = None, project: str = module.PROJECT) -> Any:
        """Open an extract: see leocourse.core.connect."""
        module._short_errors_in_notebooks()
        if path is None and project == module.PROJECT and waiting:
            return waiting.pop()
        return opened(path, project)

    leocourse.core.connect = module.connect = connect


class _Printed(io.TextIOBase):
    """Keeps the first characters of what is printed, and counts the rest."""

    def __init__(self, limit: int) -> None:
        self._left, self._parts, self._cut = limit, [], False

    def write(self, text: str) -> int:
        """Keep text as far as it fits."""
        if self._left > 0:
            self._parts.append(text[: self._left])
        elif not self._cut:
            self._cut = True
            self._parts.append("\n(the rest is cut off)")
        self._left -= len(text)
        return len(text)

    def take(self) -> str:
        """What was printed since the last time."""
        text, self._parts = "".join(self._parts), []
        return text


def _words(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # their own class may say nothing, or raise
        lines = []
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:MESSAGE_LIMIT]


def _ending(code: int) -> str:
    """How a process ended that should not have."""
    if code >= 0:
        return f"ended the process (exit code {code})"
    names = {signal.SIGKILL: "was killed: out of memory or out of CPU time", signal.SIGXCPU: "used up its CPU time"}
    try:
        return names.get(-code) or f"crashed ({signal.Signals(-code).name})"
    except ValueError:
        return f"crashed (signal {-code})"


def _kill(child: int) -> int:
    """End the notebook's process and what it started. Its exit code, if it had ended by itself."""
    everybody = -1 if os.getpid() == 1 else -child
    ended, status = os.waitpid(child, os.WNOHANG)
    deadline = time.monotonic() + 0.5
    while not ended and time.monotonic() < deadline:
        time.sleep(0.002)
        ended, status = os.waitpid(child, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(everybody, signal.SIGKILL)
    if not ended:
        _, status = os.waitpid(child, 0)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return os.waitstatus_to_exitcode(status)
