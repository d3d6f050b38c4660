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
from functools import partial
from typing import Any

from leocourse.checks.answer import Late, NotAttempted, Stopped
from leocourse.checks.cells import Cells, differs, failure, names, values_of
from leocourse.checks.errors import kind_and_words, sentence, too_long
from leocourse.checks.evaluate import Clock
from leocourse.checks.plan import remember_queries
from leocourse.checks.result import NOT_ATTEMPTED, STOPPED
from leocourse.checks.tables import held
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
GRACE_SECONDS = 3
"""What an answer has beyond its time, to stop by itself and say why; it may refuse, and is ended then."""
MESSAGE_LIMIT = 300
HELD = "held more than"
BUSY_SECONDS = 1
"""Processes that were left behind took the time of others if they had more than this, and more than the notebook."""
LEFT = "left processes behind. Together with what followed it"

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
    for con in opened[1::2]:
        remember_queries(con)
    _prepared.update(zip(settings["extracts"], zip(opened[::2], opened[1::2], strict=True), strict=True))


def handle(request: bytes, send: Callable[[bytes], None]) -> None:
    """Run a submission on every extract and send its frames."""
    job = json.loads(request)
    with contextlib.suppress(OSError, AttributeError):  # what loses its parent is ours to end; only Linux has it
        confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
    steps, notes = repair.plan(job["cells"], job["released"], job["questions"])
    send(b"".join(frame(NOTE, content=note) for note in notes))
    questions = [{**each, "undefined": repair.undefined(each, steps, job["released"])} for each in job["questions"]]
    lost: dict[int, str] = {}
    for number, extract in enumerate(_prepared["extracts"]):
        send(frame(EXTRACT, number))
        room = f"run-{number}"
        os.mkdir(room)
        _Watch(questions, steps, extract, lost, os.path.abspath(room)).run(send)


class _Watch:
    """Runs the notebook on one extract, as often as it takes, and passes on what comes."""

    def __init__(
        self, questions: list[dict], steps: list[repair.Step], extract: str, lost: dict[int, str], room: str
    ) -> None:
        self._questions, self._steps, self._extract, self._room = questions, steps, extract, room
        self._lost = lost
        """Steps that hung or died, and what became of them. Cells come first, then questions."""
        self._answered: set[tuple[int, int]] = set()
        self._left: dict[int, int] = {}
        """Processes that were there when a step began, each with the step that left it behind."""
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
                what = {"cell": self._steps[step][0], "error": f"{sentence(f'It {why}')} The rest was run without it."}
                send(frame(ERROR, content=what))
                continue
            number = step - len(self._steps)
            if number < len(self._questions):
                for call in range(len(self._questions[number]["calls"])):
                    if (number, call) not in self._answered:
                        told = {"status": STOPPED, "message": sentence(f"Your answer {why}")}
                        send(frame(STATUS, number, call, told))

    def _attempt(self) -> tuple[str, int, list[tuple[int, int, int, bytes]]]:
        """Run the notebook once: how it ended, the step that it was at, and its frames."""
        output = os.pipe()
        self._left = {}
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
            hoarding = self._left_by(confine.memory_held, _prepared["limits"]["memory_bytes"] / 2)
            running = self._left_by(confine.seconds_used, max(confine.seconds_used([child]), BUSY_SECONDS))
        finally:
            os.close(output[0])
            code = _kill(child)
        whole = list(frames(data))
        step = max((number for kind, number, _, _ in whole if kind == BEGIN), default=0)
        full = ended.startswith(HELD) or (not ended and code == -signal.SIGKILL)
        ends = {kind: content for kind, _, _, content in whole if kind in (DONE, AGAIN)}
        late = ends[AGAIN].decode("utf-8", "replace")[: 2 * MESSAGE_LIMIT] if ends.get(AGAIN) else ""
        late = late or (ended if ended == too_long(self._seconds) else "")
        if late and running is not None:  # they took the time of what ran when it was up
            return f"{LEFT} {late}", running, whole
        if ends.get(AGAIN):  # an answer whose time was up, in its own words
            return late, step, whole
        if ends:
            return "done" if DONE in ends else "again", step, whole
        if full and hoarding is not None:  # not the fault of what ran when memory was full
            return f"{LEFT} {ended or _ending(code)}", hoarding, whole
        return ended or _ending(code), step, whole

    def _left_by(self, measure: Callable[[list[int]], float], limit: float) -> int | None:
        """The step that left processes behind which use more of something than ``limit``; None if none did.

        Of several, the one whose processes use most.
        """
        used: dict[int, float] = {}
        there = set(confine.descendants(os.getpid()))
        for process, step in self._left.items():
            if process in there:
                used[step] = used.get(step, 0) + measure([process, *confine.descendants(process)])
        return max(used, key=used.__getitem__) if sum(used.values()) > limit else None

    def _note_left(self, content: bytes, step: int) -> None:
        """Note which processes a new step found there, that the one before it (``step``) left behind."""
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(content)
            for process in found if isinstance(found, list) else ():
                if isinstance(process, int):
                    self._left.setdefault(process, step)

    def _read(self, pipe: int) -> tuple[str, bytearray]:
        """Everything until the notebook's end. A step that takes too long ends it."""
        data, until, seen, before = bytearray(), time.monotonic() + self._seconds, 0, 0
        look, memory = time.monotonic() + LOOK_SECONDS, _prepared["limits"]["memory_bytes"]
        limit = _prepared["limits"]["answer_bytes"] // (2 * len(_prepared["extracts"]))
        while True:
            now = time.monotonic()
            if now >= until:
                return too_long(self._seconds), data
            if now >= look:  # not every machine has control groups that would see all processes together
                if confine.memory_held() > memory:
                    return f"{HELD} {memory // 2**20:,} MB of memory", data
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
                kind, step, _, length = HEADER.unpack_from(data, seen)
                if len(data) < seen + HEADER.size + length:
                    break
                seen += HEADER.size + length
                if kind == BEGIN:
                    self._note_left(bytes(data[seen - length : seen]), before)
                    before = step
                    grace = GRACE_SECONDS if step >= len(self._steps) else 0
                    until = time.monotonic() + self._seconds + grace
                if kind in (AGAIN, DONE):
                    return "", data


class _Notebook:
    """In a process of its own: the cells, then every call of every answer. Here student code runs."""

    def __init__(
        self, questions: list[dict], steps: list[repair.Step], extract: str,
        lost: dict[int, str], answered: set[tuple[int, int]], output: int,
    ) -> None:  # fmt: skip
        self._questions, self._steps, self._output = questions, steps, output
        self._lost, self._answered = dict(lost), answered
        self._own, self._watch = os.getpid(), os.getppid()
        self._for_notebook, self._for_calls = _prepared[extract]
        self._state = self._for_calls.execute(STATE).fetchall()
        self._called = False
        self._cells = Cells()
        self._held: dict[str, tuple[Any, Any]] = {}
        self._seconds = _prepared["limits"]["step_seconds"]
        os.environ["LEO_EXTRACT"] = extract

    def run(self) -> None:
        """Run everything that is not lost."""
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        run_cell = shell.run_cell
        _give_once(self._for_notebook)
        printed = _Printed(_prepared["limits"]["output_characters"])
        errors = 0
        meant_by = {repair.label_of(each["name"]): each["answer_name"] for each in self._questions}
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            for number, (label, code) in enumerate(self._steps):
                meant = meant_by.get(label, "")
                if number in self._lost:
                    self._cells.lost(code, sentence(f"It {self._lost[number]}"), meant)
                    continue
                self._begin(number)
                before = values_of(shell.user_ns, code)
                result = run_cell(code, store_history=False)
                error = result.error_before_exec or result.error_in_exec
                self._cells.ran(code, error, partial(differs, shell.user_ns, before), meant)
                before.clear()
                self._hold(code, shell.user_ns)
                if error is not None:
                    if errors < ERRORS_LIMIT:
                        self._send(frame(ERROR, content={"cell": label, "error": failure(code, error)[:MESSAGE_LIMIT]}))
                    errors += 1
                    traceback.clear_frames(error.__traceback__)  # what the cell held is not held any longer
                self._send(frame(PRINTED, content=printed.take()))
            for number, question in enumerate(self._questions):
                step = len(self._steps) + number
                if step not in self._lost:
                    self._begin(step)
                    self._question(number, question, shell.user_ns)
        self._send(frame(DONE))

    def _begin(self, step: int) -> None:
        """Say which step is next, and which processes the steps before it have left behind."""
        self._send(frame(BEGIN, step, content=[each for each in confine.descendants(self._watch) if each != self._own]))

    def _hold(self, code: str, there: dict[str, Any]) -> None:
        """Read an answer that can be read only once, and only until its connection runs something else."""
        for name in {each["answer_name"] for each in self._questions} & names(code):
            with contextlib.suppress(Exception):  # it cannot be read: its check will say so
                rows = held(there.get(name))
                if rows is not None:
                    if hasattr(there[name], "read_next_batch"):
                        there[name] = rows.to_reader()
                    self._held[name] = (there[name], rows)

    def _given(self, name: str, there: dict[str, Any]) -> Any:
        given = there.get(name, ...)
        once, rows = self._held.get(name, (None, None))
        return rows if once is not None and given is once else given

    def _question(self, number: int, question: dict[str, Any], there: dict[str, Any]) -> None:
        name = question["answer_name"]
        given = self._given(name, there)
        why = self._cells.why(name) if given is ... or given is None else ""
        if name not in there and not why:
            why = question["undefined"]
        clock = Clock(self._seconds)
        for call, arguments in enumerate(question["calls"]):
            if (number, call) in self._answered:
                continue
            if why:
                self._send(frame(STATUS, number, call, {"status": STOPPED, "message": why[: 2 * MESSAGE_LIMIT]}))
                continue
            with self._for_calls.cursor() as con:
                content = self._call(number, call, given, con, arguments, clock)
            if self._called and b"already exists" in content[:2_000]:  # by an earlier answer, perhaps
                self._again()
            self._called = True
            self._send(content)
            if not _only_reads(given, self._for_calls) and self._for_calls.execute(STATE).fetchall() != self._state:
                self._again()

    def _call(self, number: int, call: int, given: Any, con: Any, arguments: dict[str, Any], clock: Clock) -> bytes:
        """The frame that one call of an answer gives. Whatever it raises becomes words."""
        try:
            return frame(ANSWER, number, call, write_answer(clock.evaluate(given, con, arguments)))
        except NotAttempted as nothing:
            told = {"status": NOT_ATTEMPTED, "message": str(nothing)[:MESSAGE_LIMIT]}
        except Late as late:
            self._again(str(late).removeprefix("Your answer "))
        except Stopped as error:
            told = {"status": STOPPED, "message": str(error)[: 2 * MESSAGE_LIMIT]}
        except MemoryError:
            told = {"status": STOPPED, "message": "Your answer needs more memory than there is for it."}
        except BaseException as error:  # a value of theirs that no table can hold, or an exit
            told = {"status": STOPPED, "message": f"The answer cannot be read: {kind_and_words(error)[:MESSAGE_LIMIT]}"}
        return frame(STATUS, number, call, told)

    def _again(self, why: str = "") -> None:
        """End here: the answers that are left need an extract that nobody has touched, or one more try without this.

        ``why`` says what became of the answer that is left out then.
        """
        self._send(frame(AGAIN, content=why))
        os._exit(0)

    def _send(self, data: bytes) -> None:
        if os.getpid() != self._own:  # a process that a cell forked came back from it: there is one notebook only
            os._exit(0)
        view = memoryview(data)
        while view:
            view = view[os.write(self._output, view) :]


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
    """End the notebook's process and what it started. Its exit code, if it had ended by itself.

    Comes back when the last of them is gone, and with it the memory that they held: the next attempt starts free.
    """
    ended, status = os.waitpid(child, os.WNOHANG)
    deadline = time.monotonic() + 0.5
    while not ended and time.monotonic() < deadline:
        time.sleep(0.002)
        ended, status = os.waitpid(child, os.WNOHANG)
    while True:
        for each in (-1,) if os.getpid() == 1 else (-child, *confine.children(os.getpid())):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        try:
            gone, how = os.waitpid(-1, 0)
        except ChildProcessError:
            return os.waitstatus_to_exitcode(status)
        status = how if gone == child else status
