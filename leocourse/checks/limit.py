"""A limit of time for running an answer, and a ■ that stops its SQL too.

While DuckDB works, Python's own handlers of signals wait until it is done. So a second thread watches: a signal
wakes it even then (``signal.set_wakeup_fd``), and it interrupts every connection that the answer may be using.
Python code is stopped by a timer (``signal.setitimer``), which Windows and the browser do not have.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import duckdb

from leocourse.checks.answer import Late
from leocourse.checks.errors import chain, place, too_long
from leocourse.core.connect import OPENED
from leocourse.core.errors import LeoError

SECONDS, VARIABLE = 60.0, "LEO_CHECK_SECONDS"
"""How long an answer may take in a notebook, and the environment variable that says otherwise."""
AGAIN_SECONDS = 0.1
"""How often connections are interrupted, until the answer has ended: between two queries it does nothing."""
SQL_SECONDS = 0.5
"""What SQL has to end by itself once it is interrupted. DuckDB does not tidy up after a handler that raises inside it,
so Python code is stopped only then."""
ALARM_SECONDS = 0.5
"""How often Python code is stopped again: it may have a bare ``except``."""
OWN = (str(Path(__file__).parents[1]), contextlib.__file__)
END = b"\0"
"""No signal has this number."""


class Interrupted(KeyboardInterrupt):
    """A person stopped a check (■). Shown as one line; the connection can be used again."""

    def __init__(self) -> None:
        super().__init__("You stopped the check. The connection can be used again.")

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


class _Alarm(BaseException):
    """Raised inside an answer whose time is up, past its ``except Exception``."""


def seconds_allowed(given: float | None = None) -> float:
    """How long a check lets an answer run: as ``given``, else ``$LEO_CHECK_SECONDS``, else a minute.

    Raises LeoError for what is no number above 0.
    """
    said = given if given is not None else os.environ.get(VARIABLE) or SECONDS
    name = f"${VARIABLE}" if given is None else "seconds"
    try:
        seconds = float(said)
    except (TypeError, ValueError):
        seconds = 0.0
    if not 0 < seconds <= threading.TIMEOUT_MAX:  # not true of nan either
        raise LeoError(f"{name} is how many seconds a check lets an answer run, a number above 0: got {said!r}.")
    return seconds


def not_limited(seconds: float) -> str:
    """What this machine cannot stop, in one line for the learner; empty if it can stop everything."""
    if not _threads():
        return (
            "A check has no limit of time here, and ■ may not stop it: if one does not end, restart the kernel. "
            "Your cells are kept."
        )
    if not hasattr(signal, "setitimer"):
        return (
            f"A check stops SQL after {seconds:g} seconds here, but no Python code: if a loop does not end, press ■, "
            "or restart the kernel. Your cells are kept."
        )
    return ""


def _threads() -> bool:
    return sys.platform not in ("emscripten", "wasi")


class limited:
    """``with limited(seconds, con):`` raises Late if the block takes longer, and Interrupted if a person stops it.

    ``allowed`` is what the message says, if ``seconds`` are what is left of it.

    ``con`` is the connection that is handed to the answer. Those that :func:`leocourse.core.connect` opened, and those
    that the code which is running has a name for, are interrupted as well. Every one can be used again.
    Where there are no threads, and outside the main thread, the block just runs.
    """

    def __init__(self, seconds: float, con: duckdb.DuckDBPyConnection, allowed: float | None = None) -> None:
        self._seconds, self._con = max(seconds, 0.001), con
        self._allowed = allowed or seconds
        self._late = self._stopped = False
        self._thread: threading.Thread | None = None
        self._handlers: dict[int, Any] = {}
        self._woken = -1

    def __enter__(self) -> None:
        if not _threads() or threading.current_thread() is not threading.main_thread():
            return
        self._main = threading.get_ident()
        self._until = time.monotonic() + self._seconds
        thread = threading.Thread(target=self._watch, daemon=True)
        try:
            self._reader, self._writer = socket.socketpair()
            thread.start()
        except (OSError, RuntimeError):  # the answer's cells have used up all files or processes there are
            return
        self._thread = thread
        self._writer.setblocking(False)
        self._woken = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._handlers[signal.SIGINT] = signal.signal(signal.SIGINT, self._on_stop)
        if hasattr(signal, "setitimer"):
            self._handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds + SQL_SECONDS, ALARM_SECONDS)

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._thread is None:
            return
        self._put_back()
        if self._stopped:
            raise Interrupted from None
        if self._late:
            where = place(error)
            words = f"Your answer {too_long(self._allowed)}{f' in {where}' if where else ''}."
            raise Late(words, sql=any(map(_from_sql, chain(error)))) from None

    def _put_back(self) -> None:
        """End the thread before anything else runs on a connection, and leave signals as they were."""
        if hasattr(signal, "setitimer"):
            left, interval = self._timer
            used = self._seconds - (self._until - time.monotonic())
            signal.setitimer(signal.ITIMER_REAL, max(left - used, 0.001) if left else 0.0, interval)
        self._writer.setblocking(True)
        self._writer.send(END)
        self._thread.join()
        signal.set_wakeup_fd(self._woken)
        for number, handler in self._handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._reader.close()
        self._writer.close()

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        """Stop the answer; inside the course's own code only a little later, so that all is put in order."""
        self._late |= not self._stopped
        if frame is None or not frame.f_code.co_filename.startswith(OWN):
            raise _Alarm

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped = True
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, SQL_SECONDS, ALARM_SECONDS)
        else:
            raise KeyboardInterrupt

    def _watch(self) -> None:
        """Until the block ends: interrupt its SQL once its time is up or a person has stopped it."""
        while True:
            over = self._late or self._stopped
            self._reader.settimeout(AGAIN_SECONDS if over else max(self._until - time.monotonic(), 0.001))
            try:
                came = self._reader.recv(4096)
            except TimeoutError:
                came = b""
            if END in came:
                return
            self._pass_on(came)
            self._stopped |= int(signal.SIGINT) in came
            self._late |= not self._stopped and time.monotonic() >= self._until
            if self._late or self._stopped:
                for con in _in_use(self._con, self._main):
                    with contextlib.suppress(Exception):  # closed meanwhile
                        con.interrupt()

    def _pass_on(self, signals: bytes) -> None:
        """Tell whoever was woken by signals before, such as an event loop."""
        others = bytes(number for number in signals if number not in self._handlers)
        if others and self._woken != -1:
            with contextlib.suppress(OSError):
                os.write(self._woken, others)


def stopped_inside(error: BaseException) -> bool:
    """Whether an error is what DuckDB makes of a signal that comes in the middle of a query."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def _from_sql(error: BaseException) -> bool:
    """Whether an error is that of a query which was stopped."""
    return stopped_inside(error) or isinstance(error, duckdb.InterruptException)


def _in_use(con: duckdb.DuckDBPyConnection, thread: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connections that an answer may be running SQL on."""
    yield con
    yield from list(OPENED)
    yield duckdb.default_connection()
    frame = sys._current_frames().get(thread)
    while frame is not None:
        for names in (frame.f_locals, frame.f_globals):
            yield from (each for each in list(names.values()) if isinstance(each, duckdb.DuckDBPyConnection))
        frame = frame.f_back
