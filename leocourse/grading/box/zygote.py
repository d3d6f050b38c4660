"""The process inside the box: loads the libraries once, then forks a child for every submission.

Its work is a role: ``child`` runs submissions, ``compare`` compares answers with the key. It reads a
message with what to prepare from standard input, says on standard output that it is ready, and forks one
server for each channel. A server takes a request, has a fresh child handle it, and sends back what came
out, unread. Requests are trusted; what a child writes is not.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import struct
import sys
import tempfile
import time
from types import ModuleType
from typing import Any, BinaryIO

from leocourse.grading.box import confine

LENGTH = struct.Struct("!Q")
CHUNK = 2**20
CONFINED = "confined"
"""What a child says once nothing of the sandbox is left to set up."""


def read_message(stream: BinaryIO) -> bytes | None:
    """One message: its length, then its bytes. None if the other side is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    data = stream.read(size)
    return data if len(data) == size else None


def write_message(stream: BinaryIO, data: bytes) -> None:
    """Send one message."""
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def main(role_name: str, channels: list[int]) -> None:
    """Serve on the channels (file descriptors of sockets); without any, answer on standard input and output."""
    replies, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no message
    role = importlib.import_module(f"leocourse.grading.box.{role_name}")
    role.warm()
    settings = json.loads(read_message(sys.stdin.buffer) or b"null")
    if settings is None:
        return
    role.prepare(settings)
    gc.freeze()  # so that a collection in a child does not copy every page
    gc.set_threshold(50_000)  # a child makes many objects in a short life
    gc.enable()
    write_message(replies, b"ready")
    if not channels:
        _Server(role, settings, 0).serve(sys.stdin.buffer, replies)
        return
    for slot, channel in enumerate(channels):
        if os.fork() == 0:
            for other in channels[:slot] + channels[slot + 1 :]:
                os.close(other)
            with open(channel, "rb", closefd=False) as requests, open(channel, "wb", closefd=False) as replies:
                _Server(role, settings, slot).serve(requests, replies)
            os._exit(0)
    for channel in channels:
        os.close(channel)
    sys.stdin.buffer.read()  # until the master closes it, or goes
    os._exit(0)


class _Server:
    """Answers the requests of one channel, one at a time, each in a child of its own."""

    def __init__(self, role: ModuleType, settings: dict[str, Any], slot: int) -> None:
        self._role, self._limits = role, settings["limits"]
        self._boxed = settings["namespaces"]
        self._user = None if settings["first_user"] is None else settings["first_user"] + slot
        self._seccomp = bytes.fromhex(settings["seccomp"])

    def serve(self, requests: BinaryIO, replies: BinaryIO) -> None:
        with contextlib.suppress(OSError, AttributeError):  # only Linux has it
            confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
        write_message(replies, b"here")
        while (request := read_message(requests)) is not None:
            status, output = self._handle(request)
            write_message(replies, json.dumps(status).encode())
            write_message(replies, output)

    def _handle(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        """What became of the child, and what it wrote."""
        before = time.monotonic()
        output, told = os.pipe(), os.pipe()
        room = tempfile.mkdtemp(prefix="run-") if not self._boxed else confine.writable()
        try:
            child = confine.fork_apart() if self._boxed else os.fork()
        except OSError as error:
            for end in (*output, *told):
                os.close(end)
            if not self._boxed:
                os.rmdir(room)
            return {"ended": "refused", "why": str(error)}, b""
        if child == 0:
            self._start(request, output[1], told[1], room)
        os.close(output[1])
        os.close(told[1])
        status: dict[str, Any] = {"ended": "refused"}
        try:
            with open(told[0], "rb") as words:
                said = words.read(4096).decode("utf-8", "replace")
            if said != CONFINED:
                status["why"] = said.strip() or "the child ended at once"
                return status, b""
            limit = self._limits["answer_bytes"]
            status["ended"], data = _collect(output[0], before + self._limits["seconds"], limit)
        finally:
            os.close(output[0])
            used = self._end(child)
            if not self._boxed:
                shutil.rmtree(room, ignore_errors=True)
        status |= {"seconds": time.monotonic() - before, **used}
        return status, data

    def _start(self, request: bytes, output: int, told: int, room: str) -> None:
        """In the child: go into a sandbox and handle the request."""
        try:
            if self._boxed:
                confine.unshare()
                confine.mount_private(self._limits["disk_bytes"], self._limits["files"])
            else:
                os.setsid()
            confine.limit(self._limits)
            if self._boxed:
                confine.drop_rights(self._user, self._seccomp)
            os.chdir(room)
        except BaseException as error:
            os.write(told, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        try:
            os.write(told, CONFINED.encode())
            output = _only(output)
            if request:  # an empty one only tries whether a sandbox can be had
                self._role.handle(request, lambda data: _write_all(output, data))
        except BaseException:  # what it has sent counts; nobody here may hear more
            os._exit(1)
        os._exit(0)

    def _end(self, child: int) -> dict[str, float]:
        """Kill the child and all that it left behind, and say what they used."""
        used = {"cpu_seconds": 0.0, "peak_bytes": 0}
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)  # process 1 of its namespace: everything in it goes too
        while True:
            if not self._boxed:
                for left in confine.children(os.getpid()):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(left, signal.SIGKILL)
            try:
                _, _, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return used
            used["cpu_seconds"] += usage.ru_utime + usage.ru_stime
            used["peak_bytes"] = max(used["peak_bytes"], usage.ru_maxrss * 1024)


def _collect(pipe: int, deadline: float, limit: int) -> tuple[str, bytes]:
    """All that comes through a pipe until its other end closes, time is up or it is too much."""
    data = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return "time", bytes(data)
        chunk = os.read(pipe, CHUNK)
        if not chunk:
            return "done", bytes(data)
        data += chunk
        if len(data) > limit:
            return "size", bytes(data[:limit])


def _only(output: int) -> int:
    """Close every file but one, which gets number 3; standard input and output lead nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.dup2(output, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX") if sys.platform != "linux" else 4096)
    return 3


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


if __name__ == "__main__":
    main(sys.argv[1], [int(each) for each in sys.argv[2:]])
